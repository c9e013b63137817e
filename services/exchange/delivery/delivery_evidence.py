"""Delivery evidence for a matter: statements that a party sent and the receipts it got, out of outbox and log.

They are loaded with the facts of a command, so that what is claimed is what stood when it was claimed. Read only.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from audit.formats.leaf import Kind
from audit.log.events import decode_leaf
from audit.tables import Leaf
from exchange.context import EntityStore, Fact, FactKey, Facts
from exchange.tables import Outbox
from storage.key_in import key_in, listed
from storage.together import Reading, Write
from storage.types import FoundRow, table

SENT, RECEIPTS = "sent", "receipts"


@dataclass(frozen=True)
class SentStatement:
    """A statement that the party sent; `custody` by the recipient's receipt (UTC), of which `receipt` is the SHA-256."""

    id: str
    type: str
    recipient: str
    time: datetime
    custody: datetime | None
    receipt: str


def sent_key(party: str, matter: str) -> FactKey:
    """The fact: all that the party sent on a matter, a tuple of `SentStatement`, oldest first."""
    return (SENT, party, matter)


def receipts_key(party: str, matter: str) -> FactKey:
    """The fact: receipts in the party's log on a matter, a mapping of SHA-256 (hex) to the statement's id."""
    return (RECEIPTS, party, matter)


_OUTBOX, _LEAVES = table(Outbox), table(Leaf)
_SENT_ON = select(_OUTBOX).where(key_in((_OUTBOX.c.party, _OUTBOX.c.matter))).order_by(_OUTBOX.c.id)
# The first receipt for a statement comes last: it says custody.
_RECEIPTS_ON = (
    select(_LEAVES.c.party, _LEAVES.c.matter, _LEAVES.c.ref, _LEAVES.c.body)
    .where(key_in((_LEAVES.c.party, _LEAVES.c.matter)), _LEAVES.c.kind == int(Kind.RECEIPT))
    .order_by(_LEAVES.c.id.desc())
)


def _load(keys: Collection[FactKey]) -> Reading[Facts]:
    matters = listed(sorted({(key[1], key[2]) for key in keys}))

    def facts(found: Sequence[Sequence[FoundRow]]) -> Facts:
        sent, received = found
        digests = [(row, decode_leaf(row.body).digest.hex()) for row in received]
        return _sent(keys, sent, digests) | _receipts(keys, digests)

    return Reading([(_SENT_ON, {"keys": matters}), (_RECEIPTS_ON, {"keys": matters})], facts)


def _sent(
    keys: Collection[FactKey], rows: Sequence[FoundRow], receipts: Sequence[tuple[FoundRow, str]]
) -> Facts:
    held = {(row.party, row.ref): digest for row, digest in receipts}
    found: dict[FactKey, tuple[SentStatement, ...]] = {key: () for key in keys if key[0] == SENT}
    for row in rows:
        if (key := sent_key(row.party, row.matter)) in found:
            receipt = held.get((row.party, row.id), "")
            found[key] += (SentStatement(row.id, row.type, row.recipient, row.created, row.custody, receipt),)
    return dict(found)


def _receipts(keys: Collection[FactKey], receipts: Sequence[tuple[FoundRow, str]]) -> Facts:
    found: dict[FactKey, dict[str, str]] = {key: {} for key in keys if key[0] == RECEIPTS}
    for row, digest in reversed(receipts):
        if (key := receipts_key(row.party, row.matter)) in found:
            found[key][digest] = row.ref
    return dict(found)


def _save(facts: Mapping[FactKey, Fact], new: Collection[FactKey]) -> Sequence[Write]:
    raise AssertionError("delivery evidence is read only")


STORE = EntityStore(_load, _save)

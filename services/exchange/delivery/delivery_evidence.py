"""Delivery evidence for a matter: statements that a party sent and the receipts it got, out of outbox and log.

They are loaded with the facts of a command, so that what is claimed is what stood when it was claimed. Read only.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from audit.formats.leaf import Kind
from audit.log.events import decode_leaf
from audit.tables import Leaf
from exchange.context import EntityStore, Fact, FactKey, Facts
from exchange.tables import Outbox
from storage.key_in import key_in
from storage.protocols import Connection
from storage.types import table

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


async def _load(connection: Connection, keys: Collection[FactKey]) -> Facts:
    found: Facts = {}
    if matters := {(key[1], key[2]) for key in keys if key[0] == SENT}:
        found |= await _sent(connection, matters)
    if matters := {(key[1], key[2]) for key in keys if key[0] == RECEIPTS}:
        found |= await _receipts(connection, matters)
    return found


async def _sent(connection: Connection, matters: Collection[tuple[str, str]]) -> Facts:
    outbox = table(Outbox)
    query = select(outbox).where(key_in((outbox.c.party, outbox.c.matter), matters)).order_by(outbox.c.id)
    rows = list(await connection.execute(query))
    held = await _digests(connection, {(row.party, row.id) for row in rows})
    found: dict[FactKey, tuple[SentStatement, ...]] = {sent_key(*matter): () for matter in matters}
    for row in rows:
        receipt = held.get((row.party, row.id), "")
        sent = SentStatement(row.id, row.type, row.recipient, row.created, row.custody, receipt)
        found[sent_key(row.party, row.matter)] += (sent,)
    return dict(found)


async def _digests(
    connection: Connection, statements: Collection[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """SHA-256 of the first receipt for each statement: the one that says custody."""
    if not statements:
        return {}
    leaves = table(Leaf)
    query = (
        select(leaves.c.party, leaves.c.ref, leaves.c.body)
        .where(key_in((leaves.c.party, leaves.c.ref), statements), leaves.c.kind == int(Kind.RECEIPT))
        .order_by(leaves.c.id.desc())
    )
    rows = await connection.execute(query)
    return {(row.party, row.ref): decode_leaf(row.body).digest.hex() for row in rows}


async def _receipts(connection: Connection, matters: Collection[tuple[str, str]]) -> Facts:
    leaves = table(Leaf)
    query = select(leaves.c.party, leaves.c.matter, leaves.c.ref, leaves.c.body).where(
        key_in((leaves.c.party, leaves.c.matter), matters), leaves.c.kind == int(Kind.RECEIPT)
    )
    found: dict[FactKey, dict[str, str]] = {receipts_key(*matter): {} for matter in matters}
    for row in await connection.execute(query):
        found[receipts_key(row.party, row.matter)][decode_leaf(row.body).digest.hex()] = row.ref
    return dict(found)


async def _save(connection: Connection, facts: Mapping[FactKey, Fact], new: Collection[FactKey]) -> None:
    raise AssertionError("delivery evidence is read only")


STORE = EntityStore(_load, _save)

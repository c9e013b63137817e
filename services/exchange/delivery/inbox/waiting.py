"""Statements in custody that are handled later: those that waited for an earlier one, and those an operator retries."""

from collections.abc import Collection, Sequence
from contextlib import suppress

from sqlalchemy import bindparam, select

from audit.formats.leaf import Kind
from audit.log.events import decode_leaf
from audit.tables import Leaf
from exchange.delivery.inbox.decide import facts_of, handle
from exchange.delivery.inbox.work import Incoming, Name, Work, add_receipt
from exchange.delivery.verification import VerifiedStatement
from exchange.personal_data import vault
from exchange.statements.protobuf_time import instant
from exchange.statements.receipts import PARKED, REFUSED, TAKEN_UP, WAITING
from exchange.tables import Inbox, PersonalPart
from refusals import NotFound, WrongState
from storage import together
from storage.key_in import key_in, listed
from storage.together import Reading
from storage.types import table

_LEAVES, _PARTS, _INBOX = table(Leaf), table(PersonalPart), table(Inbox)
# Locked before the facts, as by an operator who retries one: who comes second sees it decided. In no order that an index has,
# or SQLite would read all that ever came for it.
_WAITING_FOR = (
    select(_INBOX.c.party, _INBOX.c.id, _INBOX.c.after)
    .where(key_in((_INBOX.c.party, _INBOX.c.after)), _INBOX.c.state == WAITING)
    .order_by(_INBOX.c.after, _INBOX.c.id)
    .with_for_update()
)
_IN_CUSTODY = (
    select(_LEAVES.c.body, _LEAVES.c.party, _PARTS.c.sealed, _INBOX.c.received, _INBOX.c.digest)
    .join(_INBOX, (_INBOX.c.party == _LEAVES.c.party) & (_INBOX.c.id == _LEAVES.c.ref))
    .outerjoin(_PARTS, (_PARTS.c.party == _LEAVES.c.party) & (_PARTS.c.source == _LEAVES.c.ref))
    .where(key_in((_LEAVES.c.party, _LEAVES.c.ref)), _LEAVES.c.kind == int(Kind.STATEMENT))
    .order_by(_LEAVES.c.id)
)
_DECIDED = ("state", "reason", "detail", "decided")
_DECIDE = (
    _INBOX.update()
    .where(_INBOX.c.party == bindparam("of_party"), _INBOX.c.id == bindparam("of_id"))
    .values({name: bindparam(f"new_{name}") for name in _DECIDED})
)

Waiting = dict[Name, Name]
"""Statements in custody that wait, with what each of them waits for."""


def waiting_for(names: Collection[Name]) -> Reading[Waiting]:
    """Read what waits for these statements, locked for change."""
    return Reading(
        [(_WAITING_FOR, {"keys": listed(sorted(names))})],
        lambda found: {(row.party, row.id): (row.party, row.after) for row in found[0]},
    )


async def process_waiting(work: Work, incoming: Sequence[Incoming], waiting: Waiting) -> None:
    """Handle what waited for statements that are decided now, and what waited for those.

    What came in this batch is taken from it: its rows are not written yet.
    """
    decided = _decided(incoming)
    while decided:
        released = await _released(work, decided, incoming, waiting)
        if not (decided := _decided(released)):
            return
        waiting = await together.run(work.connection, waiting_for(decided))


def _decided(incoming: Sequence[Incoming]) -> set[Name]:
    return {each.name for each in incoming if each.state in (TAKEN_UP, REFUSED)}


async def _released(
    work: Work, decided: set[Name], incoming: Sequence[Incoming], waiting: Waiting
) -> list[Incoming]:
    """Handle what waited for these: of this batch, and in custody."""
    here = [each for each in incoming if each.state == WAITING and each.earlier in decided]
    for each in here:
        each.state = each.reason = ""
    before = await _reopen(work, [name for name, earlier in waiting.items() if earlier in decided])
    released = sorted([*here, *before], key=lambda each: each.number)
    _retry(work, released)
    _write_decisions(work, before)
    return released


async def _reopen(work: Work, names: Sequence[Name]) -> list[Incoming]:
    """Statements in custody, with their personal parts, as if they had just arrived; their facts are loaded."""
    if not names:
        return []
    rows = list(await work.connection.execute(_IN_CUSTODY, {"keys": listed(names)}))
    incoming = []
    for row in rows:
        leaf = decode_leaf(row.body)
        if leaf.digest != row.digest:
            continue  # the second bytes of a conflict
        statement = leaf.statement()
        plain = b""
        if row.sealed is not None:
            matter = (row.party, statement.subject)
            keys = await work.desk.vault.keys([matter], make=False)
            with suppress(KeyError, vault.Erased):  # it takes effect without its part
                plain = vault.decrypt(keys[matter], row.sealed, statement.id)
        incoming.append(
            Incoming(
                VerifiedStatement(leaf.envelope(), leaf.digest, statement, instant(statement.time), plain),
                received=row.received,
            )
        )
    await work.batch.load(facts_of(work, [each.arrival for each in incoming]))
    return incoming


async def retry_one(work: Work, party: str, id: str, give_back: bool) -> None:
    """Handle one parked or waiting statement again, or refuse it back to its sender; then what waited for it.

    Raises:
        NotFound: no such statement is held up at this party.
        WrongState: it failed again, and stays parked.
    """
    inbox = table(Inbox)
    query = select(inbox.c.id).where(
        inbox.c.party == party, inbox.c.id == id, inbox.c.state.in_((PARKED, WAITING))
    )
    found = await work.connection.scalar(query.with_for_update())
    incoming = await _reopen(work, [(party, id)]) if found else []
    if not incoming:
        raise NotFound("nothing of this name is held up at this party", field="name")
    if give_back:
        incoming[0].state, incoming[0].reason = REFUSED, "RETURNED"
    _retry(work, incoming)
    _write_decisions(work, incoming)
    if incoming[0].state == PARKED:
        raise WrongState("it failed again: {detail}", detail=incoming[0].detail, reason="STILL_PARKED")
    waiting = await together.run(work.connection, waiting_for([incoming[0].name]))
    await process_waiting(work, incoming, waiting)


def _retry(work: Work, incoming: Sequence[Incoming]) -> None:
    for each in incoming:
        if not each.state:
            handle(work, each)
        add_receipt(work, each)


def _write_decisions(work: Work, incoming: Sequence[Incoming]) -> None:
    rows = [
        {
            "of_party": each.name[0],
            "of_id": each.name[1],
            "new_state": each.state,
            "new_reason": each.reason,
            "new_detail": each.detail,
            "new_decided": work.now if each.state in (TAKEN_UP, REFUSED) else None,
        }
        for each in incoming
    ]
    work.batch.writes.append((_DECIDE, rows))

"""Statements in custody that are handled later: those that waited for an earlier one, and those an operator retries."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from sqlalchemy import select, update

from audit.formats.leaf import Kind
from audit.log.events import decode_leaf
from audit.tables import Leaf
from exchange.delivery.inbox.decide import handle, load_facts
from exchange.delivery.inbox.work import Incoming, Work, add_receipt, slices
from exchange.delivery.verification import VerifiedStatement
from exchange.personal_data import vault
from exchange.statements.protobuf_time import instant
from exchange.statements.receipts import PARKED, REFUSED, TAKEN_UP, WAITING
from exchange.tables import Inbox, PersonalPart
from refusals import NotFound, WrongState
from storage.key_in import key_in
from storage.types import table


async def process_waiting(work: Work, incoming: Sequence[Incoming]) -> None:
    """Handle what waited for statements that are decided now, and what waited for those.

    What came in this batch is taken from it: its leaf is not written yet.
    """
    here = {each.name: each for each in incoming}
    decided = {each.name for each in incoming if each.state in (TAKEN_UP, REFUSED)}
    while decided:
        released = await _waiting_for(work, decided, here)
        await _retry(work, released)
        decided = {each.name for each in released if each.state in (TAKEN_UP, REFUSED)}


async def _waiting_for(
    work: Work, names: set[tuple[str, str]], here: Mapping[tuple[str, str], Incoming]
) -> list[Incoming]:
    inbox = table(Inbox)
    query = (
        select(inbox.c.party, inbox.c.id)
        .where(key_in((inbox.c.party, inbox.c.after), names), inbox.c.state == WAITING)
        .order_by(inbox.c.party, inbox.c.sender, inbox.c.sequence)
    )
    waiting = [(row.party, row.id) for row in await work.connection.execute(query)]
    incoming = [
        *await _reopen(work, [name for name in waiting if name not in here]),
        *(replace(here[name], state="", reason="") for name in waiting if name in here),
    ]
    return sorted(incoming, key=lambda each: each.number)


async def _reopen(work: Work, names: Sequence[tuple[str, str]]) -> list[Incoming]:
    """Statements in custody, with their personal parts, as if they had just arrived."""
    return [each for some in slices(names) for each in await _reopen_some(work, some)]


async def _reopen_some(work: Work, names: Sequence[tuple[str, str]]) -> list[Incoming]:
    leaves, parts, inbox = table(Leaf), table(PersonalPart), table(Inbox)
    query = (
        select(leaves.c.body, leaves.c.party, parts.c.sealed, inbox.c.received, inbox.c.digest)
        .join(inbox, (inbox.c.party == leaves.c.party) & (inbox.c.id == leaves.c.ref))
        .outerjoin(parts, (parts.c.party == leaves.c.party) & (parts.c.source == leaves.c.ref))
        .where(key_in((leaves.c.party, leaves.c.ref), names), leaves.c.kind == int(Kind.STATEMENT))
        .order_by(leaves.c.id)
    )
    rows = list(await work.connection.execute(query))
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
    await _retry(work, incoming)
    if incoming[0].state == PARKED:
        raise WrongState("it failed again: {detail}", detail=incoming[0].detail, reason="STILL_PARKED")
    await process_waiting(work, incoming)


async def _retry(work: Work, incoming: Sequence[Incoming]) -> None:
    await load_facts(work, incoming)
    inbox = table(Inbox)
    for each in incoming:
        if not each.state:
            handle(work, each)
        add_receipt(work, each)
        await work.connection.execute(
            update(inbox)
            .where(inbox.c.party == each.name[0], inbox.c.id == each.name[1])
            .values(
                state=each.state,
                reason=each.reason,
                detail=each.detail,
                decided=work.now if each.state in (TAKEN_UP, REFUSED) else None,
            )
        )

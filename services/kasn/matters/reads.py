"""Plain queries for people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, union_all

from agreement.clocks.escalation import Next
from agreement.parties import institutions
from audit.formats.leaf import Kind
from audit.tables import Leaf
from exchange.delivery import entity_store
from exchange.personal_data.vault import Vault
from exchange.tables import Inbox, Outbox
from host import front_door
from kasn.escalation import domain
from kasn.escalation.domain import Ladder
from kasn.matters.domain.rules import State
from kasn.silence.domain import Claim
from kasn.succession.commands import TOOK_OVER, TRANSFERRED
from kasn.succession.domain import transfer
from kasn.tables import ClaimRow, LadderRow, MatterRow, PersonIndex
from storage.engines import Database
from storage.key_in import key_in
from storage.protocols import Connection
from storage.types import table

_NUMBERS = (
    "report_number",
    "referral_number",
    "register_number",
    "decision_number",
    "letter_number",
    "decree_number",
    "follow_up_number",
)


async def matter(database: Database, party: str, id: str) -> Any:
    """The row of a matter.

    Raises:
        NotFound: this party has no such matter.
    """
    async with database.read() as connection:
        row = await entity_store.one(connection, MatterRow, party, id)
    if row is None:
        raise front_door.missing("matter")
    return row


async def page(database: Database, party: str, request: Any) -> tuple[list[Any], str]:
    """A page of matters, oldest first, and the token of the next."""
    after, size = front_door.page_of(request)
    columns = table(MatterRow).c
    more = [or_(*(columns[name] == request.number for name in _NUMBERS))] if request.number else []
    async with database.read() as connection:
        rows = await entity_store.page(
            connection,
            MatterRow,
            party,
            after=after,
            size=size + 1,
            state=request.state,
            case_id=request.case_id,
            where=more,
        )
    return _cut(rows, size)


@dataclass(frozen=True)
class Handover:
    """A page of the handover list. The mappings give id, custody and outcome of the statements, by matter."""

    rows: Sequence[Any]
    transferred: Mapping[str, Any]
    took_over: Mapping[str, Any]
    next_page_token: str
    left: int


async def open_ids(database: Database, party: str, limit: int) -> list[str]:
    """The oldest open matters of a party that a rule passes on, up to `limit`."""
    rows = table(MatterRow)
    query = select(rows.c.id).where(*_to_pass(party)).order_by(rows.c.id).limit(limit)
    async with database.read() as connection:
        return [row.id for row in await connection.execute(query)]


async def handover(database: Database, party: str, request: Any) -> Handover:
    """A page of what a party handed over or took over, with the statements and receipts of both sides."""
    after, size = front_door.page_of(request)
    passed = or_(table(MatterRow).c.successor != "", table(MatterRow).c.predecessor != "")
    async with database.read() as connection:
        rows = await entity_store.page(
            connection, MatterRow, party, after=after, size=size + 1, where=[passed]
        )
        rows, token = _cut(rows, size)
        names = [(party, row.id) for row in rows]
        transferred = await _said(connection, names, TRANSFERRED)
        took_over = await _said(connection, names, TOOK_OVER)
        left = await _left(connection, party)
    return Handover(rows, transferred, took_over, token, left)


async def _left(connection: Connection, party: str) -> int:
    """Open matters that are still at a party that has handed over; 0 where matters came from another."""
    rows = table(MatterRow)
    mine = rows.c.party == party
    handed = select(rows.c.id).where(mine, rows.c.successor != "").limit(1)
    if await connection.scalar(handed) is None:
        return 0
    still = mine & rows.c.state.in_(sorted(transfer.OPEN))
    return await connection.scalar(select(func.count()).select_from(rows).where(still)) or 0


async def _said(connection: Connection, names: Sequence[tuple[str, str]], type: str) -> dict[str, Any]:
    """The statement of a type between the two examiners on each matter, and what became of it, whoever sent it."""
    sent, got, leaves, rows = table(Outbox), table(Inbox), table(Leaf), table(MatterRow)
    # The successor tells supervisor and addressee as well.
    other = or_(rows.c.successor == sent.c.recipient, rows.c.predecessor == sent.c.recipient)
    ours = (
        select(sent.c.matter, sent.c.id, sent.c.custody, sent.c.outcome)
        .join(rows, (rows.c.party == sent.c.party) & (rows.c.id == sent.c.matter))
        .where(key_in((sent.c.party, sent.c.matter), names), sent.c.type == type, other)
    )
    # By the leaf: the inbox has no index on matters.
    theirs = (
        select(got.c.matter, got.c.id, got.c.received, got.c.state)
        .join(leaves, (leaves.c.party == got.c.party) & (leaves.c.ref == got.c.id))
        .where(
            key_in((leaves.c.party, leaves.c.matter), names),
            leaves.c.kind == int(Kind.STATEMENT),
            leaves.c.type == type,
            leaves.c.author != leaves.c.party,
        )
    )
    return {row.matter: row for row in await connection.execute(union_all(ours, theirs))}


def _to_pass(party: str) -> list[Any]:
    rows = table(MatterRow)
    return [rows.c.party == party, rows.c.state.in_(sorted(transfer.PASSABLE))]


def _cut(rows: list[Any], size: int) -> tuple[list[Any], str]:
    return rows[:size], front_door.page_token(rows[size - 1].id) if len(rows) > size else ""


async def ladder(database: Database, party: str, id: str, now: datetime) -> tuple[Any, Ladder, Next | None]:
    """The row of a matter, its ladder, and what comes next; `now` is UTC.

    Raises:
        NotFound: this party has no such matter.
    """
    async with database.read() as connection:
        row = await entity_store.one(connection, MatterRow, party, id)
        kept = await entity_store.one(connection, LadderRow, party, id)
    if row is None:
        raise front_door.missing("matter")
    known = Ladder(**kept._mapping) if kept else None
    if known is not None:
        known = replace(known, reached=tuple(known.reached))
    current = domain.of(row, known)
    today = now.astimezone(institutions.zone(row.addressee)).date()
    return row, current, domain.next_step(row, current, today)


async def silence(database: Database, party: str, id: str) -> Claim:
    """Read what a supervisor claimed of this examiner's silence on a matter.

    Raises:
        NotFound: this party has no such matter.
    """
    async with database.read() as connection:
        row = await entity_store.one(connection, MatterRow, party, id)
        known = await entity_store.one(connection, ClaimRow, party, id)
    if row is None:
        raise front_door.missing("matter")
    return Claim(**known._mapping) if known else Claim(party, id)


async def earlier(database: Database, vault: Vault, party: str, matter: str) -> list[Any]:
    """The rows of the person's other matters in which a recommendation stands, oldest first: what a progressive sanction
    (sanksi progresif) may rest on. None once the person was erased.

    The index holds a keyed digest per matter and no name or number; other desks' recommendations are not known here.
    """
    index, rows = table(PersonIndex), table(MatterRow)
    async with database.read() as connection:
        digest = await connection.scalar(
            select(index.c.digest).where(index.c.party == party, index.c.matter == matter)
        )
        if digest is None:
            return []
        query = (
            select(rows)
            .join(index, (index.c.party == rows.c.party) & (index.c.matter == rows.c.id))
            .where(index.c.party == party, index.c.digest == digest, rows.c.id != matter)
            .where(rows.c.letter_number != "", rows.c.state != State.WITHDRAWN)
            .order_by(rows.c.id)
        )
        found = list(await connection.execute(query))
    readable = await vault.keys({(party, matter), *((party, row.id) for row in found)}, make=False)
    return [row for row in found if {(party, matter), (party, row.id)} <= readable.keys()]

"""Matters that pass, and the handover list with the statements and receipts of both sides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select, union_all

from audit.formats.leaf import Kind
from audit.tables import Leaf
from exchange.delivery import entity_store
from exchange.tables import Inbox, Outbox
from host import desk_requests
from host.command_rows import CallContext, Function
from kasn.matters.commands import TOOK_OVER
from kasn.matters.tables import MatterRow
from kasn.succession import wire
from kasn.succession.domain import transfer
from netral.kasn.v1 import service_pb2 as pb
from storage.engines import Database
from storage.key_in import key_in
from storage.protocols import Connection
from storage.types import table

TRANSFERRED = "netral.examiner.transferred.v1"


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


async def handover(database: Database, party: str, request: pb.ListHandoverRequest) -> Handover:
    """A page of what a party handed over or took over, with the statements and receipts of both sides."""
    after, size = desk_requests.page_of(request)
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
    return rows[:size], desk_requests.page_token(rows[size - 1].id) if len(rows) > size else ""


async def page(context: CallContext, request: pb.ListHandoverRequest) -> pb.ListHandoverResponse:
    """Show a page of the handover list."""
    party = desk_requests.parse_institution_name(request.parent)
    found = await handover(context.desk.database, party, request)
    listed = [wire.handed_over(row, found.transferred, found.took_over) for row in found.rows]
    return pb.ListHandoverResponse(matters=listed, next_page_token=found.next_page_token, left=found.left)


METHODS = (Function(pb.ListHandoverRequest, page),)

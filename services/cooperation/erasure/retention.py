"""Retention (retensi) of personal data at a desk: read from the tables of its rooms, judged by the agreement's classes.

A room's table has the columns party, id, state and updated. Nothing is erased from here: who orders sees what is due.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlmodel import SQLModel

from agreement.information import retention
from cooperation.erasure import reads, tables
from cooperation.erasure.tables import DEALINGS, ErasureRow
from exchange.context import HostContext
from exchange.statements import protobuf_mapping
from host import desk_requests
from host.command_rows import CallContext, Function
from netral.erasure.v1 import service_pb2 as pb
from storage import together
from storage.protocols import Connection
from storage.types import FoundRow, table


@dataclass(frozen=True)
class Retained:
    """Personal data kept on a matter. `last_date` is the legal date of its last act, `due_date` the first on which it may go."""

    party: str
    id: str
    state: str
    kind: str
    last_date: date
    due_date: date
    due: bool
    confirmed: bool
    collected_here: bool
    holds: tuple[str, ...]


async def retained(
    desk: HostContext, kept: Sequence[type[SQLModel]], party: str, *, after: str, size: int
) -> tuple[list[Retained], str]:
    """List what is kept in a retention class, of `size` matters after an id, and the last id that was looked at ("": it was all).

    Left out is what an order is on already.
    """
    async with desk.database.read() as connection:
        rows = await _rows(connection, kept, party, after, size + 1)
        last = rows[size - 1].id if len(rows) > size else ""
        rows = rows[:size]
        ordered = await _ordered(connection, party, [row.id for row in rows])
        rows = [row for row in rows if row.id not in ordered]
        found = await together.run(connection, tables.dealings([DEALINGS.key(party, row.id) for row in rows]))
        zone = desk.law.zone(party)
        today = desk.now().astimezone(zone).date()
        judged = [
            _judged(
                row,
                row.updated.astimezone(zone).date(),
                today,
                found[DEALINGS.key(party, row.id)].collected_here,
                tuple(await reads.stopping(connection, party, row.id)),
            )
            for row in rows
        ]
    return judged, last


def _judged(row: FoundRow, last: date, today: date, collected_here: bool, holds: tuple[str, ...]) -> Retained:
    kind = retention.class_of(row.state)
    assert kind is not None, "only states in a class are read"
    due = kind.due(last)
    return Retained(
        row.party,
        row.id,
        row.state,
        kind.code,
        last,
        due,
        due <= today,
        kind.confirmed,
        collected_here,
        holds,
    )


async def _rows(
    connection: Connection, kept: Sequence[type[SQLModel]], party: str, after: str, size: int
) -> list[FoundRow]:
    """The next rows of all rooms by id, of those whose state is in a class."""
    states = sorted(state for each in retention.classes().values() for state in each.states)
    found: list[FoundRow] = []
    for model in kept:
        rows = table(model)
        query = (
            select(rows.c.party, rows.c.id, rows.c.state, rows.c.updated)
            .where(rows.c.party == party, rows.c.id > after, rows.c.state.in_(states))
            .order_by(rows.c.id)
            .limit(size)
        )
        found += list(await connection.execute(query))
    return sorted(found, key=lambda row: str(row.id))[:size]


async def _ordered(connection: Connection, party: str, matters: Sequence[str]) -> set[str]:
    rows = table(ErasureRow)
    query = select(rows.c.id).where(rows.c.party == party, rows.c.id.in_(matters))
    return {row.id for row in await connection.execute(query)}


# --- calls -------------------------------------------------------------------------------------------------------


def _shown(known: Retained) -> pb.Retained:
    name = f"institutions/{known.party}/matters/{known.id}"
    return protobuf_mapping.to_message(known, pb.Retained, name=name, **{"class": known.kind})


def lists_retention(
    kept: Sequence[type[SQLModel]],
) -> Function[pb.ListRetentionRequest, pb.ListRetentionResponse]:
    """The method that lists what is kept on persons, or what of it is due, in the tables `kept`."""

    async def list_retention(
        context: CallContext, request: pb.ListRetentionRequest
    ) -> pb.ListRetentionResponse:
        party = desk_requests.parse_institution_name(request.parent)
        after, size = desk_requests.page_of(request)
        found, last = await retained(context.desk, kept, party, after=after, size=size)
        shown = [_shown(each) for each in found if each.due or request.show_all]
        token = desk_requests.page_token(last) if last else ""
        return pb.ListRetentionResponse(retained=shown, next_page_token=token)

    return Function(pb.ListRetentionRequest, list_retention)

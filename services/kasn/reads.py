"""Plain queries for people."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from agreement import institutions
from agreement.ladder import Next
from exchange import matters, rpc
from exchange.database import Database
from kasn.domain import ladder as domain
from kasn.domain.ladder import Ladder
from kasn.store import LadderRow, MatterRow


async def matter(database: Database, party: str, id: str) -> Any:
    """The row of a matter.

    Raises:
        NotFound: this party has no such matter.
    """
    async with database.read() as connection:
        row = await matters.one(connection, MatterRow, party, id)
    if row is None:
        raise rpc.missing("matter")
    return row


async def page(database: Database, party: str, request: Any) -> tuple[list[Any], str]:
    """A page of matters, oldest first, and the token of the next."""
    after, size = rpc.page_of(request)
    async with database.read() as connection:
        rows = await matters.page(
            connection,
            MatterRow,
            party,
            after=after,
            size=size + 1,
            state=request.state,
            case_id=request.case_id,
        )
    return rows[:size], rpc.page_token(rows[size - 1].id) if len(rows) > size else ""


async def ladder(database: Database, party: str, id: str, now: datetime) -> tuple[Any, Ladder, Next | None]:
    """The row of a matter, its ladder, and what comes next; `now` is UTC.

    Raises:
        NotFound: this party has no such matter.
    """
    async with database.read() as connection:
        row = await matters.one(connection, MatterRow, party, id)
        kept = await matters.one(connection, LadderRow, party, id)
    if row is None:
        raise rpc.missing("matter")
    known = Ladder(**kept._mapping) if kept else None
    if known is not None:
        known = replace(known, reached=tuple(known.reached))
    current = domain.of(row, known)
    today = now.astimezone(institutions.zone(row.addressee)).date()
    return row, current, domain.next_step(row.state, row.due_date, current, today)

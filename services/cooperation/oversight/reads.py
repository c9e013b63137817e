"""Plain queries for people."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from cooperation.oversight import domain
from cooperation.oversight.tables import WatchedRow
from exchange.delivery import entity_store
from host import front_door
from storage.engines import Database
from storage.types import table


async def watched(database: Database, party: str, id: str) -> Any:
    """The row of a watched matter.

    Raises:
        NotFound: this party watches no such matter.
    """
    async with database.read() as connection:
        row = await entity_store.one(connection, WatchedRow, party, id)
    if row is None:
        raise front_door.missing("watched matter")
    return row


async def page(database: Database, party: str, request: Any, now: datetime) -> tuple[list[Any], str]:
    """A page of watched matters, oldest first, and the token of the next. `now` (UTC) decides what is overdue."""
    after, size = front_door.page_of(request)
    rows = table(WatchedRow)
    query = select(rows).where(rows.c.party == party, rows.c.id > after).order_by(rows.c.id).limit(size + 1)
    for column, value in ((rows.c.state, request.state), (rows.c.case_id, request.case_id)):
        if value:
            query = query.where(column == value)
    if request.blocked_only:
        query = query.where(rows.c.data_blocked)
    if request.overdue_only:
        # No zone is ahead of UTC by a day; which day it is at the addressee is looked at below.
        tomorrow = now.date() + timedelta(days=1)
        query = query.where(rows.c.due_date < tomorrow, rows.c.state.in_(sorted(domain.PENDING)))
    async with database.read() as connection:
        found: list[Any] = list(await connection.execute(query))
    token = front_door.page_token(found[size - 1].id) if len(found) > size else ""
    shown = found[:size]
    return [each for each in shown if not request.overdue_only or domain.is_overdue(each, now)], token

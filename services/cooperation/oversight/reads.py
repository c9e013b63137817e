"""Plain queries for people."""

from datetime import datetime, timedelta

from sqlalchemy import select

from cooperation.oversight.domain import rules
from cooperation.oversight.tables import WatchedRow
from host import desk_requests, reads
from netral.oversight.v1 import service_pb2
from storage.engines import Database
from storage.types import FoundRow, table


async def watched(database: Database, party: str, id: str) -> FoundRow:
    """The row of a watched matter.

    Raises:
        NotFound: this party watches no such matter.
    """
    return await reads.one(database, WatchedRow, party, id, "watched matter")


async def page(
    database: Database, party: str, request: service_pb2.ListWatchedMattersRequest, now: datetime
) -> tuple[list[FoundRow], str]:
    """A page of watched matters, oldest first, and the token of the next. `now` (UTC) decides what is overdue."""
    after, size = desk_requests.page_of(request)
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
        query = query.where(rows.c.due_date < tomorrow, rows.c.state.in_(sorted(rules.PENDING)))
    async with database.read() as connection:
        found = list(await connection.execute(query))
    token = desk_requests.page_token(found[size - 1].id) if len(found) > size else ""
    shown = found[:size]
    return [
        each
        for each in shown
        if not request.overdue_only or rules.is_overdue(each.state, each.due_date, each.addressee, now)
    ], token

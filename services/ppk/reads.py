"""Plain queries for people."""

from typing import Any

from exchange import matters, rpc
from exchange.database import Database
from ppk.store import MatterRow, NoticeRow


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
    """A page of matters (of a ListMattersRequest), oldest first, and the token of the next."""
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


async def notice(database: Database, party: str, id: str) -> Any:
    """What was said of lateness on a matter.

    Raises:
        NotFound: nothing was.
    """
    async with database.read() as connection:
        row = await matters.one(connection, NoticeRow, party, id)
    if row is None:
        raise rpc.missing("notice")
    return row

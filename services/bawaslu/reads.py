"""Plain queries for people."""

from typing import Any

from bawaslu.domain.silence import Silence
from bawaslu.store import MatterRow, SilenceRow
from exchange import matters, rpc
from exchange.database import Database


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


async def silence(database: Database, party: str, id: str) -> Silence:
    """What was claimed of the examiner's silence on a matter.

    Raises:
        NotFound: this party has no such matter.
    """
    async with database.read() as connection:
        row = await matters.one(connection, MatterRow, party, id)
        known = await matters.one(connection, SilenceRow, party, id)
    if row is None:
        raise rpc.missing("matter")
    return Silence(**known._mapping) if known else Silence(party, id)


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

"""Plain queries for people."""

from typing import Any

from exchange.delivery import entity_store
from host import front_door
from ppk.discipline.domain.proceedings import Proceeding
from ppk.tables import MatterRow, NoticeRow, ProceedingRow
from storage.engines import Database


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


async def proceeding(database: Database, party: str, id: str) -> Any:
    """The discipline procedure of a matter; one without a step if nothing was done yet.

    Raises:
        NotFound: this party has no such matter.
    """
    async with database.read() as connection:
        if await entity_store.one(connection, MatterRow, party, id) is None:
            raise front_door.missing("matter")
        kept = await entity_store.one(connection, ProceedingRow, party, id)
    return kept or Proceeding(party, id)


async def page(database: Database, party: str, request: Any) -> tuple[list[Any], str]:
    """A page of matters (of a ListMattersRequest), oldest first, and the token of the next."""
    after, size = front_door.page_of(request)
    async with database.read() as connection:
        rows = await entity_store.page(
            connection,
            MatterRow,
            party,
            after=after,
            size=size + 1,
            state=request.state,
            case_id=request.case_id,
        )
    return rows[:size], front_door.page_token(rows[size - 1].id) if len(rows) > size else ""


async def notice(database: Database, party: str, id: str) -> Any:
    """What was said of lateness on a matter.

    Raises:
        NotFound: nothing was.
    """
    async with database.read() as connection:
        row = await entity_store.one(connection, NoticeRow, party, id)
    if row is None:
        raise front_door.missing("notice")
    return row

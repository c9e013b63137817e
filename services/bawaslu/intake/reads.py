"""Plain queries for people, before there is a matter."""

from typing import Any

from bawaslu.tables import IntakeRow
from exchange.delivery import entity_store
from host import front_door
from storage.engines import Database


async def intake(database: Database, party: str, id: str) -> Any:
    """The row of an intake.

    Raises:
        NotFound: this party has no such intake.
    """
    async with database.read() as connection:
        row = await entity_store.one(connection, IntakeRow, party, id)
    if row is None:
        raise front_door.missing("intake")
    return row


async def page(database: Database, party: str, request: Any) -> tuple[list[Any], str]:
    """A page of intakes, oldest first, and the token of the next."""
    after, size = front_door.page_of(request)
    async with database.read() as connection:
        rows = await entity_store.page(
            connection,
            IntakeRow,
            party,
            after=after,
            size=size + 1,
            state=request.state,
            case_id=request.case_id,
        )
    return rows[:size], front_door.page_token(rows[size - 1].id) if len(rows) > size else ""

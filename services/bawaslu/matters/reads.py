"""Plain queries for people."""

from typing import Any

from bawaslu.silence.domain import Silence
from bawaslu.tables import MatterRow, SilenceRow
from exchange.delivery import entity_store
from host import front_door
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


async def silence(database: Database, party: str, id: str) -> Silence:
    """Read what was claimed of the examiner's silence on a matter.

    Raises:
        NotFound: this party has no such matter.
    """
    async with database.read() as connection:
        row = await entity_store.one(connection, MatterRow, party, id)
        known = await entity_store.one(connection, SilenceRow, party, id)
    if row is None:
        raise front_door.missing("matter")
    return Silence(**known._mapping) if known else Silence(party, id)


async def page(database: Database, party: str, request: Any) -> tuple[list[Any], str]:
    """A page of matters, oldest first, and the token of the next."""
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

"""Plain queries for people."""

from typing import Any

from sqlalchemy import select

from cooperation.supervision.tables import IndicationRow, PlanRow
from exchange.delivery import entity_store
from host import front_door
from storage.engines import Database
from storage.types import table


async def indication(database: Database, party: str, id: str) -> Any:
    """The row of an indication.

    Raises:
        NotFound: this party has no such indication.
    """
    async with database.read() as connection:
        row = await entity_store.one(connection, IndicationRow, party, id)
    if row is None:
        raise front_door.missing("indication")
    return row


async def indications(database: Database, party: str, request: Any) -> tuple[list[Any], str]:
    """A page of a party's indications, oldest first, and the token of the next."""
    only = {"state": request.state, "stage": request.stage}
    return await _page(database, IndicationRow, party, request, only)


async def plan(database: Database, party: str, id: str) -> Any:
    """The row of a plan.

    Raises:
        NotFound: this party has no such plan.
    """
    async with database.read() as connection:
        row = await entity_store.one(connection, PlanRow, party, id)
    if row is None:
        raise front_door.missing("plan")
    return row


async def plans(database: Database, party: str, request: Any) -> tuple[list[Any], str]:
    """A page of a party's plans, oldest first, and the token of the next."""
    return await _page(database, PlanRow, party, request, {"state": request.state})


async def _page(
    database: Database, model: type[Any], party: str, request: Any, only: dict[str, str]
) -> tuple[list[Any], str]:
    after, size = front_door.page_of(request)
    rows = table(model)
    query = select(rows).where(rows.c.party == party, rows.c.id > after).order_by(rows.c.id).limit(size + 1)
    for column, value in only.items():
        if value:
            query = query.where(rows.c[column] == value)
    async with database.read() as connection:
        found: list[Any] = list(await connection.execute(query))
    return found[:size], front_door.page_token(found[size - 1].id) if len(found) > size else ""

"""All matters of a party that are on one person, found by opening files: a desk needs no index of persons for it.

An index would be one more thing to erase. Some thousand files are opened in a second, and a person asks seldom. What is opened
stays in memory.
"""

from collections.abc import Sequence

from sqlalchemy import select

from cooperation.erasure import wire
from exchange.context import HostContext
from exchange.personal_data import case_file
from exchange.tables import PersonalPart
from storage.types import table

_AT_ONCE = 200


async def same_person(desk: HostContext, party: str, matter: str) -> list[str]:
    """The other matters of a party whose files name the person of a matter's file, by id; none if that is erased."""
    wanted = (await _named(desk, party, [matter])).get(matter, set())
    found: list[str] = []
    after = ""
    while wanted and (matters := await _matters(desk, party, after)):
        named = await _named(desk, party, matters)
        found += [each for each in matters if each != matter and wanted & named.get(each, set())]
        after = matters[-1]
    return found


async def _matters(desk: HostContext, party: str, after: str) -> list[str]:
    rows = table(PersonalPart)
    query = (
        select(rows.c.matter)
        .distinct()
        .where(rows.c.party == party, rows.c.matter > after)
        .order_by(rows.c.matter)
        .limit(_AT_ONCE)
    )
    async with desk.database.read() as connection:
        return [row.matter for row in await connection.execute(query)]


async def _named(desk: HostContext, party: str, matters: Sequence[str]) -> dict[str, set[str]]:
    async with desk.database.read() as connection:
        opened = await case_file.opened(connection, desk.vault, [(party, matter) for matter in matters])
    return {
        matter: {name for entry in entries for name in wire.identities(entry.part)}
        for (_, matter), entries in opened.items()
    }

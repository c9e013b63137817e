"""A flipped bit in every table."""

from collections.abc import Sequence

from sqlalchemy import BLOB, ColumnElement, LargeBinary, Table, select, update

from operations.drills.world.databases import reflected_tables
from operations.drills.world.drill_world import DrillWorld, must
from operations.drills.world.officers import play_case, play_cooperation
from operations.local.installation import HOSTS
from operations.selfcheck.check import check_host
from operations.selfcheck.progress import Progress
from storage.engines import Database
from storage.types import Values

_NOT_COMPARED = {
    "alembic_version": "which migrations ran; a wrong one stops the start",
    "sequencer_lease": "who writes now; fenced by its epoch",
    "parked_bytes": "unauthenticated bytes, for an operator to look at",
    "dropped_bytes": "a counter of what was dropped",
    "monitor_position": "how far a projection has come; a wrong one is found by the rows it gives, or made anew",
    "cosigner_state": "how asking for cosignatures stands; asked again",
}
"""Tables that no leaf speaks for, and why a flipped bit there does no harm to the trail."""


async def run(world: DrillWorld) -> None:
    """One bit of one value of each binary and text column is flipped, table by table: each is found and located."""
    await world.start()
    for _ in range(2):
        await play_case(world)
    await play_cooperation(world)
    await world.settle()
    await world.check_whole()
    await world.stop()
    for host in HOSTS:
        missed = await _flip_all(world, host)
        must(not missed, f"{host}: flipped and not found: {', '.join(missed)}")
    await world.start()
    await world.check_whole()


async def _flip_all(world: DrillWorld, host: str) -> list[str]:
    missed, found = [], {}
    async with world.databases.open(host) as database:
        async with database.read() as connection:
            tables = await connection.run_sync(reflected_tables)
        for name in sorted(tables):
            if name in _NOT_COMPARED:
                continue
            harmed = await _flip(world, host, database, tables[name])
            if harmed is not None:
                column, findings = harmed
                found[f"{name}.{column}"] = findings[0] if findings else "NOT FOUND"
                missed += [] if findings else [f"{name}.{column}"]
    world.show("flipped and found", host=host, found=found, not_compared=_NOT_COMPARED)
    return missed


async def _flip(
    world: DrillWorld, host: str, database: Database, target: Table
) -> tuple[str, list[str]] | None:
    """Flip a bit in a table's most telling column, check the host, and put it back; None if there is no row."""
    async with database.read() as connection:
        row = (await connection.execute(select(target).limit(1))).mappings().first()
    column = None if row is None else _telling(target, row)
    if row is None or column is None:
        return None
    value: bytes | str = row[column]
    where = [key == row[key.name] for key in target.primary_key]
    await _set(database, target, where, column, _flipped(value))
    try:
        checked = await check_host(host, world.settings(host), Progress())
    finally:
        await _set(database, target, where, column, value)
    return column, [f"{each.party} {each.kind}: {each.message}" for each in checked.findings]


def _telling(target: Table, row: Values) -> str | None:
    """Name the column to harm: the last binary one that is filled, else the last text, that is no key."""
    rest = [
        column
        for column in target.columns
        if row[column.name]
        and not column.primary_key
        and column.name not in _FREE
        and f"{target.name}.{column.name}" not in _FREE
    ]
    binary = [column.name for column in rest if isinstance(column.type, LargeBinary | BLOB)]
    texts = [column.name for column in rest if column.type.python_type is str]
    found = binary or texts
    return found[-1] if found else None


# Words for people beside the facts, by which nothing is decided; and the keyed digest of a request's content, which is kept
# nowhere else: a wrong one makes a repeated call a conflict.
_FREE = {"detail", "reason", "request.digest"}


def _flipped(value: bytes | str) -> bytes | str:
    if isinstance(value, str):
        return value[:-1] + ("x" if value[-1] != "x" else "y")
    value = bytes(value)
    return value[:-1] + bytes([value[-1] ^ 1])


async def _set(
    database: Database,
    target: Table,
    where: Sequence[ColumnElement[bool]],
    column: str,
    value: bytes | str,
) -> None:
    async with database.write() as connection:
        await connection.execute(update(target).where(*where).values({column: value}))

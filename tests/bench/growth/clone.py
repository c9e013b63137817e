"""Copies of a matter's rows inside a database: what a desk wrote for one matter, a million times, by statements of the database.

Ids keep all but their first eight digits, which count the copies, so that what refers to one another still does, and all are older
than any id to come. Numbers and texts that must be used once get the copy's number, long bytes are cut. The tables are those that are there: a table
or column that comes later is copied too, and if its rows must differ in another way, the database refuses it loudly.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Integer, MetaData, String, Table, UniqueConstraint, text
from sqlalchemy.ext.asyncio import AsyncConnection

ALONE = frozenset(
    {
        *(
            "alembic_version",
            "sequencer_lease",
            "leaf",
            "leaf_index",
            "pending_leaf",
            "hash_tile",
            "chain_page",
            "heading",
        ),
        *(
            "checkpoint",
            "witnessed_head",
            "witnessed_before",
            "cosigned",
            "cosigner_state",
            "standing",
            "accusation",
        ),
        *("pair_in", "pair_out", "pairing", "pairing_alarm", "delivery", "dropped_bytes", "parked_bytes"),
        *("monitor_position", "monitor_tally", "monitor_feed"),
    }
)
"""Tables that do not grow with the matters, and those of the log, which `fill` writes."""
CHUNK = 20_000
STEP = 1_000
"""Distance of numbers that must be used once, from copy to copy."""
# A digest in hex as well: that of a person, who is another one in each copy.
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{16,64}")
_BYTES = 200
_SECONDARY = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = :name",
    "postgresql": (
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = :name AND indexname NOT IN"
        " (SELECT relname FROM pg_constraint JOIN pg_class ON pg_class.oid = conindid)"
    ),
}


def shortened(column: str) -> str:
    """The first bytes of long ones, which nobody reads in a copy: what is looked for is in the other columns."""
    return f"substr({column}, 1, {_BYTES})"


@dataclass(frozen=True)
class Copies:
    """Copies number 1 to `count` of what is there of one matter; ids begin with `base` and the number of the copy."""

    count: int
    base: int
    dialect: str

    def series(self, first: int, last: int) -> str:
        """A table `s` with the numbers `n` of some copies."""
        if self.dialect == "sqlite":
            return f"WITH RECURSIVE s(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM s WHERE n < {last})"
        return f"WITH s AS MATERIALIZED (SELECT generate_series({first}, {last}) AS n)"

    def id(self, column: str) -> str:
        """An id of the copy, or none where the original has none."""
        prefix = (
            f"printf('%08x', {self.base} + n)"
            if self.dialect == "sqlite"
            else f"lpad(to_hex({self.base} + n), 8, '0')"
        )
        return f"CASE WHEN {column} = '' THEN '' ELSE {prefix} || substr({column}, 9) END"

    def id_of(self, original: str, number: int) -> str:
        """The same, of one copy."""
        return f"{self.base + number:08x}{original[8:]}"

    def earlier(self, column: str) -> str:
        """An instant in `Micros`: the higher the copy's number, the later, and before the original's."""
        if self.dialect == "sqlite":
            return f"{column} - ({self.count} - n) * 1000000"
        return f"{column} - ({self.count} - n) * interval '1 second'"


async def clone_tables(connection: AsyncConnection, copies: Copies, only: Collection[str] = ()) -> None:
    """Copy the rows of every table that grows with the matters, or of these."""
    tables = await connection.run_sync(_reflected)
    for each in tables:
        if (each.name in only) if only else (each.name not in ALONE):
            rows = [dict(row) for row in (await connection.execute(each.select())).mappings()]
            if rows:
                await clone(connection, copies, each.name, _expressions(each, rows, copies))


def _reflected(connection: Connection) -> Sequence[Table]:
    found = MetaData()
    found.reflect(connection)
    return found.sorted_tables


def _expressions(of: Table, rows: Sequence[Mapping[str, Any]], copies: Copies) -> dict[str, str]:
    """The expression of each column of a copy."""
    made = {column.name: f'"{column.name}"' for column in of.columns}
    for name, itself in made.items():
        texts = [row[name] for row in rows if row[name] not in ("", None)]
        if texts and all(isinstance(value, str) and _ID.fullmatch(value) for value in texts):
            made[name] = copies.id(itself)
        if any(isinstance(row[name], bytes) and len(row[name]) > _BYTES for row in rows):
            made[name] = shortened(itself)
    keys = [of.primary_key, *(each for each in of.constraints if isinstance(each, UniqueConstraint))]
    for key in keys:
        names = [column.name for column in key.columns]
        if any(made[name] != f'"{name}"' for name in names):
            continue
        numbers = [column.name for column in key.columns if isinstance(column.type, Integer)]
        words = [column.name for column in key.columns if isinstance(column.type, String)]
        chosen = (numbers or words)[-1]
        itself = f'"{chosen}"'
        made[chosen] = f"{itself} + n * {STEP}" if numbers else f"{itself} || '-' || n"
    return made


async def clone(
    connection: AsyncConnection, copies: Copies, name: str, made: Mapping[str, str], original: str = ""
) -> None:
    """Add copies of a table's rows, or of those that a query gives, whose columns are these expressions; its secondary indexes are
    made again at the end.
    """
    indexes = (await connection.execute(text(_SECONDARY[copies.dialect]), {"name": name})).all()
    await connection.execute(text(f"CREATE TEMP TABLE original AS {original or f'SELECT * FROM {name}'}"))
    for index, _ in indexes:
        await connection.execute(text(f"DROP INDEX {index}"))
    columns, values = ", ".join(f'"{column}"' for column in made), ", ".join(made.values())
    for first in range(1, copies.count + 1, CHUNK):
        series = copies.series(first, min(first + CHUNK - 1, copies.count))
        insert, rows = (
            f"INSERT INTO {name} ({columns})",
            f"SELECT {values} FROM s CROSS JOIN original ORDER BY n",
        )
        statement = f"{insert} {series} {rows}" if copies.dialect == "sqlite" else f"{series} {insert} {rows}"
        await connection.execute(text(statement.replace(":", r"\:")))
        await connection.commit()
    for _, definition in indexes:
        await connection.execute(text(definition.replace(":", r"\:")))
    await connection.execute(text("DROP TABLE original"))
    await connection.commit()

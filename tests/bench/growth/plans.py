"""Plans of the statements that a recommendation needs, at desks with many matters.

Three desks in this process move step by step (`support.steps`) and tell which statements they run: on PostgreSQL by the wire to the
server, on SQLite by its own trace. Each is then explained, on PostgreSQL for any values (GENERIC_PLAN). A *scan* reads a table of
more than a thousand rows as a whole.
"""

import json
import re
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from audit.queries import search
from audit.queries.search import Question
from bench.growth.fill import FILLED
from bench.places import Databases
from support.nats import NatsServer
from support.round_trips import wire_to
from support.steps import Place, World
from support.story import Story

STORIES = 2
MANY = 1_000
_LITERAL = re.compile(r"'(?:[^']|'')*'|x'[0-9a-f]*'|\b\d+\b", re.IGNORECASE)
_ANY = re.compile(r"\?(?:, \?)+")
_EXPLAINED = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")


@dataclass
class Seen:
    """Statements with their plans, by which tables and indexes they use; and the scans among them."""

    plans: dict[str, frozenset[str]] = field(default_factory=dict)
    scans: list[str] = field(default_factory=list)

    def add(
        self, host: str, statement: str, steps: Sequence[tuple[str, str, bool]], rows: Mapping[str, float]
    ) -> None:
        """`steps`: table, index and whether all of it is read."""
        words = f"{host}: " + " ".join(_ANY.sub("?", _LITERAL.sub("?", statement)).split())
        large = [step for step in steps if rows.get(step[0], 0) > MANY]
        self.plans[words] = frozenset(f"{table} by {index or 'its rows'}" for table, index, _ in large)
        for table in sorted({table for table, _, whole in large if whole}):
            found = f"all of {table} is read by: {words[:200]}"
            if found not in self.scans:
                self.scans.append(found)


def changes(before: Seen, after: Seen) -> list[str]:
    """Statements that are planned otherwise now."""
    both = before.plans.keys() & after.plans.keys()
    return [
        f"{sorted(before.plans[words])} is now {sorted(after.plans[words])}: {words[:200]}"
        for words in sorted(both)
        # A table that has become large only now has no plan to compare with.
        if before.plans[words] and before.plans[words] - after.plans[words]
    ]


async def look(folder: Path, databases: Databases, first: int) -> Seen:
    """Tell stories at the desks, and explain what they run."""
    if databases.postgres is None:
        with _traced() as said:
            async with NatsServer(folder / "nats") as nats:
                await _tell(Place(folder, nats.url, databases.url), first)
        return _explained_by_sqlite(folder, said)
    with tempfile.TemporaryDirectory(prefix="netral-", dir="/tmp") as socket:
        async with (
            NatsServer(folder / "nats") as nats,
            wire_to(databases.postgres.folder, Path(socket)) as wire,
        ):
            await _tell(Place(folder, nats.url, lambda name: wire.url(databases.url(name))), first)
            statements = {(trip.database, text) for trip in wire.trips for text in trip.statements}
    return _explained_by_postgresql(databases, statements)


async def _tell(place: Place, first: int) -> None:
    async with World(place) as world:
        for number in range(first, first + STORIES):
            story = Story(number)
            await story.play(world.call, world.settle)
            for party in FILLED:
                async with world.desks[party].database.read() as connection:
                    await search.search(
                        connection, party, Question(matters=(story.matter,)), sys.maxsize, limit=100
                    )


# SQLite


@contextmanager
def _traced() -> Iterator[set[tuple[str, str]]]:
    """The statements of every SQLite database that this process opens meanwhile, each with the file's name."""
    statements: set[tuple[str, str]] = set()
    modules, connect = (sqlite3, sqlite3.dbapi2), sqlite3.connect

    def connect_and_listen(database: Any, *arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(database, *arguments, **options)
        name = Path(str(database)).name
        connection.set_trace_callback(lambda statement: statements.add((name, statement)))
        return connection

    for module in modules:
        module.connect = connect_and_listen  # type: ignore[assignment]
    try:
        yield statements
    finally:
        for module in modules:
            module.connect = connect


def _explained_by_sqlite(folder: Path, statements: set[tuple[str, str]]) -> Seen:
    seen = Seen()
    for host in FILLED:
        connection = sqlite3.connect(folder / f"{host}.sqlite")
        counts = connection.execute("SELECT tbl, max(CAST(stat AS INTEGER)) FROM sqlite_stat1 GROUP BY tbl")
        rows = dict(counts.fetchall())
        for name, statement in sorted(statements):
            if name == f"{host}.sqlite" and statement.lstrip().upper().startswith(_EXPLAINED):
                plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
                seen.add(host, statement, list(_sqlite_steps(row[3] for row in plan)), rows)
        connection.close()
    return seen


def _sqlite_steps(details: Iterator[str]) -> Iterator[tuple[str, str, bool]]:
    for detail in details:
        if found := re.match(r"(SCAN|SEARCH) (\w+?)(?:_\d+)?(?: USING (.*))?$", detail):
            how, table, using = found.groups()
            yield table, (using or "").partition(" (")[0], how == "SCAN"


# PostgreSQL


def _explained_by_postgresql(databases: Databases, statements: set[tuple[str, str]]) -> Seen:
    seen, server = Seen(), databases.postgres
    assert server is not None
    for host in FILLED:
        name = databases.made[host]
        counts = server.sql(
            "SELECT json_object_agg(relname, reltuples) FROM pg_class WHERE relkind = 'r'", name
        )
        for database, statement in sorted(statements):
            if database == name and statement.lstrip().upper().startswith(_EXPLAINED):
                # By psql: to what has no values yet, a driver would want to give some.
                plan = server.sql(f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {statement}", name)
                seen.add(
                    host, statement, list(_postgresql_steps(json.loads(plan)[0]["Plan"])), json.loads(counts)
                )
    return seen


def _postgresql_steps(node: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    if "Relation Name" in node and node["Node Type"] != "ModifyTable":
        yield node["Relation Name"], node.get("Index Name", ""), node["Node Type"] == "Seq Scan"
    for below in node.get("Plans", ()):
        yield from _postgresql_steps(below)

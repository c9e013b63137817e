"""How many round trips to PostgreSQL a commit takes: each costs more CPU than what it asks for."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from support.pair import Side, a_matter, open_sides, telling
from support.postgres import PostgresServer


@contextmanager
def round_trips(side: Side) -> Iterator[list[str]]:
    """The statements of a side to its database and its vault, with BEGIN and COMMIT of each transaction."""
    seen: list[str] = []
    engines = [*side.desk.database.engines, *side.desk.vault.database.engines]
    listeners = [
        (
            engine,
            name,
            lambda *given, name=name: seen.append(given[2] if name == "before_cursor_execute" else name),
        )
        for engine in engines
        for name in ("begin", "before_cursor_execute", "commit")
    ]
    for listener in listeners:
        event.listen(*listener)
    yield seen
    for listener in listeners:
        event.remove(*listener)


@pytest.fixture
def urls(postgres_server: PostgresServer) -> Iterator[dict[str, str]]:
    names = {party: postgres_server.create_database() for party in ("anna", "budi")}
    yield {party: postgres_server.url(name) for party, name in names.items()}
    for name in names.values():
        postgres_server.drop_database(name)


async def test_a_command_takes_five_round_trips_and_twenty_in_one_commit_take_no_more(
    tmp_path: Path, urls: dict[str, str]
) -> None:
    async with open_sides(tmp_path, urls) as (anna, budi):
        matter = a_matter()
        await anna.run(telling(anna, budi, matter))

        with round_trips(anna) as known:
            await anna.run(telling(anna, budi, matter))
        with round_trips(anna) as many:
            await anna.run(*(telling(anna, budi, matter) for _ in range(20)))

    # BEGIN; answered before and facts; numbers and what was said last; all rows; COMMIT.
    assert len(known) == 5, known
    assert len(many) == 5, many

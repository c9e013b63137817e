"""Two parties, each with a database of the kind that the test runs on."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from support.pair import Side, open_sides
from support.postgres import PostgresServer


@pytest.fixture
def another_database(
    request: pytest.FixtureRequest, database_url: str, tmp_path: Path
) -> Iterator[Callable[[], str]]:
    """Makes one more empty database of the same kind."""
    made: list[str] = []

    def make() -> str:
        if database_url.startswith("sqlite"):
            made.append("")
            return f"sqlite:///{tmp_path / f'other-{len(made)}.sqlite'}"
        server: PostgresServer = request.getfixturevalue("postgres_server")
        made.append(server.create_database())
        return server.url(made[-1])

    yield make
    for name in filter(None, made):
        request.getfixturevalue("postgres_server").drop_database(name)


@pytest.fixture
async def pair(
    database_url: str, another_database: Callable[[], str], tmp_path: Path
) -> AsyncIterator[tuple[Side, Side]]:
    """Two parties that may say everything to each other."""
    urls = {"anna": database_url, "budi": another_database()}
    async with open_sides(tmp_path, urls) as (anna, budi):
        yield anna, budi

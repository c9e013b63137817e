"""A place for a world of three desks: keys, a real NATS, and databases of either kind."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.keys import make_keys
from support.nats import NatsServer
from support.postgres import PostgresServer
from support.steps import Place

HERE = Path(__file__).parent
HOSTS = {
    "bawaslu": [("bawaslu", "supervisor")],
    "kasn": [("kasn", "examiner")],
    "ppk": [
        ("ppk-6202", "personnel_authority"),
        ("ppk-3204", "personnel_authority"),
        ("prov-62", "personnel_authority"),
        ("kemendagri", "personnel_authority", "warner"),
        ("bkn", "data_holder"),
    ],
}

# What is played on both databases in `make test`; the others are played on PostgreSQL in `make soak`. That the desks' own
# statements work on it, their tests show.
ON_BOTH = {"test_story", "test_faults"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.slow)
        given = getattr(item, "callspec", None)
        on_postgresql = given is not None and given.params.get("databases") == "postgresql"
        if on_postgresql and item.path.parent == HERE and item.path.stem not in ON_BOTH:
            item.add_marker(pytest.mark.soak)


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Gives the URL of a database by name, always the same one for the same name."""
    if request.param == "sqlite":
        yield lambda name: f"sqlite:///{tmp_path / name}.sqlite"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    made: dict[str, str] = {}

    def url(name: str) -> str:
        if name not in made:
            made[name] = server.create_database()
        return server.url(made[name])

    yield url
    for name in made.values():
        server.drop_database(name)


@pytest.fixture
def place(tmp_path: Path, nats_server: NatsServer, databases: Callable[[str], str]) -> Place:
    """A world's place, so that it can be closed and opened again."""
    make_keys(tmp_path, HOSTS)
    return Place(tmp_path, nats_server.url, databases)

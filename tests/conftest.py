"""Fixtures for all tests: fresh databases of both kinds, and a real nats-server."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import IO

import pytest
from hypothesis import HealthCheck, settings

from support import children, compiled, order
from support.nats import NatsServer
from support.postgres import PostgresServer, TestRun

# Set by the process that controls the run; its xdist workers inherit it.
RUN_FOLDER = "NETRAL_TEST_RUN"
# A busy machine is no fault of the code.
settings.register_profile("netral", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("netral")
compiled.share()
held = pytest.StashKey[tuple[TestRun, IO[str]]]()


def pytest_configure(config: pytest.Config) -> None:
    os.environ["NETRAL_CLOCK_SECONDS"] = (
        "0"  # of worlds of processes: stories of years ago are played in them
    )
    children.end_with_us()
    if not hasattr(config, "workerinput"):
        run = TestRun.make()
        config.stash[held] = run, run.hold()
        os.environ[RUN_FOLDER] = str(run.folder)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    if workers > 1:
        items[:] = order.long_first(items, workers)


def pytest_unconfigure(config: pytest.Config) -> None:
    if held in config.stash:
        run, lock = config.stash[held]
        run.let_go(lock)


@pytest.fixture(scope="session")
def postgres_server() -> PostgresServer:
    """The PostgreSQL of this run, started for the first test that needs it. Plain tests only: it does not fsync."""
    return TestRun(Path(os.environ[RUN_FOLDER])).server()


@pytest.fixture
def postgresql_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A fresh, empty PostgreSQL database, as a URL for SQLAlchemy."""
    name = postgres_server.create_database()
    yield postgres_server.url(name)
    postgres_server.drop_database(name)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A fresh SQLite database, as a URL for SQLAlchemy; the file is made by who connects first."""
    return f"sqlite:///{tmp_path / 'test.sqlite'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, empty database of either kind: the test runs once on each."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def nats_server(tmp_path: Path) -> AsyncIterator[NatsServer]:
    """A running nats-server with JetStream and no users; for others make a `NatsServer` with a configuration."""
    async with NatsServer(tmp_path / "nats") as server:
        yield server

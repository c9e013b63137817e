"""Health names the parts of a host apart: each is not serving when it does not work, and serves again by itself."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import nats
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from sqlalchemy import create_engine, text
from structlog.testing import capture_logs

from exchange.bus import provision, subjects
from netral.exchange.v1 import service_pb2
from support import desks
from support.desks import Caller, Served
from support.nats import NatsServer
from support.waiting import HANGS, until

PARTS = {"database", "bus", "relay", "inbox"}
HOSTS = {"kasn": ["kasn"]}


@pytest.fixture
async def served(tmp_path: Path, nats_server: NatsServer) -> AsyncIterator[Served]:
    """The examiner's desk on a provisioned bus, with its clock on."""
    desks.write_trust(tmp_path)
    await provision.provision(nats_server.url, None, HOSTS)
    settings = desks.settings(tmp_path, "kasn", nats_url=nats_server.url, clock_seconds=0.1)
    async with desks.serve("kasn", settings) as kasn:
        await until(lambda: healthy(kasn))
        yield kasn


async def status(served: Served, name: str) -> int:
    """The answer of the health service for a name."""
    request = health_pb2.HealthCheckRequest(service=name)
    answer = await health_pb2_grpc.HealthStub(served.channel).Check(request, timeout=HANGS)
    return int(answer.status)


async def serving(served: Served) -> Mapping[str, bool]:
    """Of each part whether health says that it serves."""
    names = [*PARTS, "clock"]
    answers = [await status(served, f"netral.{name}") for name in names]
    return dict(zip(names, (each == health_pb2.HealthCheckResponse.SERVING for each in answers), strict=True))


async def healthy(served: Served) -> bool:
    try:
        return all((await serving(served)).values())
    except Exception:  # not looked yet: the names are unknown
        return False


async def only(served: Served, *names: str) -> bool:
    """True if these parts do not work, and all others do."""
    return {name for name, well in (await serving(served)).items() if not well} == set(names)


async def reasons(served: Served) -> Mapping[str, str]:
    """The reasons why parts do not work, as the operator's call says."""
    answer = await served.call(
        "/netral.exchange.v1.ExchangeReadService/GetHostCondition",
        service_pb2.GetHostConditionRequest(parent="institutions/kasn"),
        Caller("kasn", "operator"),
    )
    assert isinstance(answer, bytes), answer
    found = service_pb2.HostCondition.FromString(answer)
    return {part.name: part.reason for part in found.parts if not part.works}


async def test_without_nats_the_bus_relay_and_inbox_do_not_work_and_do_again_when_it_is_back(
    served: Served, nats_server: NatsServer
) -> None:
    with capture_logs() as lines:
        await nats_server.stop()
        await until(lambda: only(served, "bus", "relay", "inbox"))
        assert set((await reasons(served)).values()) == {"NATS_AWAY"}

        await nats_server.start()
        await until(lambda: healthy(served))

    (back,) = [line for line in lines if line["event"] == "reconnected"]
    assert back["to"] == "NATS" and back["away_seconds"] > 0


async def test_a_deleted_consumer_stops_the_inbox_alone_until_it_is_made_again(
    served: Served, nats_server: NatsServer
) -> None:
    client = await nats.connect(nats_server.url)
    await client.jetstream().delete_consumer(subjects.STREAM, "kasn")
    await client.close()

    await until(lambda: only(served, "inbox"))
    assert await reasons(served) == {"inbox": "CONSUMER_GONE"}

    await provision.provision(nats_server.url, None, HOSTS)
    await until(lambda: healthy(served))


async def test_a_deleted_stream_stops_bus_relay_and_inbox_until_it_is_made_again(
    served: Served, nats_server: NatsServer
) -> None:
    client = await nats.connect(nats_server.url)
    await client.jetstream().delete_stream(subjects.STREAM)
    await client.close()

    await until(lambda: only(served, "bus", "relay", "inbox"))
    assert set((await reasons(served)).values()) == {"STREAM_GONE"}

    await provision.provision(nats_server.url, None, HOSTS)
    await until(lambda: healthy(served))


async def test_a_database_that_another_program_locks_stops_all_that_writes_but_not_the_bus(
    served: Served,
) -> None:
    lock = create_engine(served.desk.database.url)
    with capture_logs() as lines:
        with lock.connect() as other:
            other.execute(text("BEGIN EXCLUSIVE"))
            await until(lambda: only(served, "database", "relay", "inbox", "clock"))
            other.rollback()
        await until(lambda: healthy(served))

    (back,) = [line for line in lines if line["event"] == "reconnected"]
    assert (back["part"], back["was"]) == ("database", "DATABASE_AWAY")


async def test_a_clock_that_fails_is_not_serving_and_serves_again_when_it_works(served: Served) -> None:
    other = create_engine(served.desk.database.url)
    with other.begin() as connection:
        connection.execute(text("ALTER TABLE matter RENAME TO elsewhere"))
    served.desk.leaves_committed.set()
    await until(lambda: only(served, "clock"))
    assert (await reasons(served))["clock"] == "FAILS"

    with other.begin() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO matter"))
    await until(lambda: healthy(served))


async def test_a_clock_that_is_switched_off_is_not_serving_and_says_so(tmp_path: Path) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve("kasn", desks.settings(tmp_path, "kasn")) as kasn:
        await until(lambda: looked(kasn))

        assert await status(kasn, "netral.clock") == health_pb2.HealthCheckResponse.NOT_SERVING
        assert (await reasons(kasn))["clock"] == "STANDS_STILL"


async def looked(served: Served) -> bool:
    await asyncio.sleep(0)
    return "clock" in served.desk.parts.shown

"""A desk whose database takes no writes says so, goes on answering reads, and writes again when the database does."""

from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from sqlalchemy import make_url

from netral.bawaslu.v1 import service_pb2
from support import acts, desks
from support.desks import Caller, Refused, Served
from support.postgres import PostgresServer
from support.waiting import until

REGISTER = "/netral.bawaslu.v1.BawasluService/RegisterMatter"
LIST = "/netral.bawaslu.v1.BawasluReadService/ListMatters"
OFFICER = Caller("bawaslu")


@pytest.fixture
async def served(tmp_path: Path, postgresql_url: str) -> AsyncIterator[Served]:
    desks.write_trust(tmp_path)
    settings = desks.settings(tmp_path, "bawaslu", database_url=postgresql_url)
    async with desks.serve("bawaslu", settings) as bawaslu:
        yield bawaslu


async def matters(served: Served) -> int:
    """The number of matters; asserts that it answers."""
    answer = await served.call(LIST, service_pb2.ListMattersRequest(parent="institutions/bawaslu"), OFFICER)
    assert isinstance(answer, bytes), answer
    return len(service_pb2.ListMattersResponse.FromString(answer).matters)


async def test_a_database_that_takes_no_writes_is_unavailable_to_writers_only_and_nothing_half_is_left(
    served: Served, postgres_server: PostgresServer, postgresql_url: str
) -> None:
    name, request = make_url(postgresql_url).database, acts.a_registration()
    postgres_server.sql(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    postgres_server.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    async def is_refused_as_read_only() -> Refused | None:
        answer = await served.call(REGISTER, request, OFFICER)
        assert isinstance(answer, Refused)
        assert answer.code is grpc.StatusCode.UNAVAILABLE
        return answer if "takes no writes" in answer.message else None  # before: the sessions that were ended

    refused = await until(is_refused_as_read_only)
    assert 0 < refused.retry_after <= 5
    assert await matters(served) == 0

    postgres_server.sql(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
    await until(served.desk.database.can_write)

    async def is_taken() -> bool:  # a session of before may still be told so once
        return isinstance(await served.call(REGISTER, request, OFFICER), bytes)

    assert await until(is_taken)
    assert await matters(served) == 1


async def has(served: Served, count: int) -> bool:
    """True if it answers with so many matters; UNAVAILABLE is "not yet"."""
    return await matters(served) == count


async def test_ended_sessions_cost_callers_nothing_but_unavailable(
    served: Served, postgres_server: PostgresServer, postgresql_url: str
) -> None:
    name = make_url(postgresql_url).database
    for count in range(1, 6):
        postgres_server.sql(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        )
        request = acts.a_registration(number=f"00{count}/Reg/LP/PL/Kab/27.09/III/2024")

        async def is_taken(request: service_pb2.RegisterMatterRequest = request) -> bool:
            answer = await served.call(REGISTER, request, OFFICER)
            assert isinstance(answer, bytes) or answer.code is grpc.StatusCode.UNAVAILABLE, answer
            return isinstance(answer, bytes)

        await until(is_taken)
        await until(lambda count=count: has(served, count))

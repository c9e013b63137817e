"""The health check of a host says in its metadata which elections and offices it knows."""

from pathlib import Path

from grpc_health.v1 import health_pb2, health_pb2_grpc

from agreement.elections import known
from agreement.parties import offices
from host.lifecycle.health import ELECTIONS, OFFICES
from support import desks
from support.waiting import HANGS


async def test_the_health_check_has_the_digests_of_all_elections_and_offices_that_the_host_knows(
    tmp_path: Path,
) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve("kasn", desks.settings(tmp_path, "kasn")) as served:
        call = health_pb2_grpc.HealthStub(served.channel).Check(
            health_pb2.HealthCheckRequest(), timeout=HANGS
        )
        await call
        metadata = {str(key): value for key, value in await call.trailing_metadata()}

    assert metadata[ELECTIONS] == known.all_known().digest
    assert metadata[OFFICES] == offices.known().digest

"""Channels of gRPC reach this machine without the proxy of the network, and keep connections to others alive."""

from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from exchange import channels
from support import desks
from support.waiting import HANGS


@pytest.mark.parametrize("variable", ["http_proxy", "https_proxy", "grpc_proxy"])
async def test_a_desk_on_this_machine_is_reached_whatever_the_proxy_variables_say(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve("kasn", desks.settings(tmp_path, "kasn")) as served:
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
        monkeypatch.delenv("no_proxy", raising=False)
        address = served.running.address
        async with grpc.aio.insecure_channel(address, channels.options(address)) as channel:
            answer = await health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(), timeout=HANGS
            )
    assert answer.status != health_pb2.HealthCheckResponse.UNKNOWN


@pytest.mark.parametrize("address", ["127.0.0.1:50051", "127.8.9.10:1", "[::1]:50051", "localhost:443"])
def test_addresses_of_this_machine_go_past_the_proxy(address: str) -> None:
    assert ("grpc.enable_http_proxy", 0) in channels.options(address)


@pytest.mark.parametrize("address", ["10.0.0.7:50051", "[2001:db8::7]:443", "netral.bkn.example:443"])
def test_other_hosts_follow_the_usual_variables_and_are_kept_alive(address: str) -> None:
    found = dict(channels.options(address, [("grpc.service_config", "{}")]))
    assert "grpc.enable_http_proxy" not in found
    assert found["grpc.keepalive_time_ms"] < 5 * 60 * 1000
    assert found["grpc.service_config"] == "{}"

"""Channels of gRPC reach this machine without the proxy of the network, and keep connections to others alive."""

import asyncio
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from exchange import channels
from exchange.bus import connection
from support import desks
from support.proxy import proxy
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


async def test_a_connection_at_rest_is_pinged_from_both_ends_and_no_ping_ends_it() -> None:
    """With a hundredth of the usual times: some twenty pings of a client that pings twice as often, beside a quiet stream."""
    every = channels.PING_EVERY_MILLISECONDS // 100
    server = grpc.aio.server(options=channels.of_server(every))
    health_pb2_grpc.add_HealthServicer_to_server(health.aio.HealthServicer(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with (
        proxy(f"127.0.0.1:{port}") as between,
        grpc.aio.insecure_channel(between.address, channels.kept_alive(every // 2)) as channel,
    ):
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        await watch.read()
        carried = between.carried

        await asyncio.sleep(every / 1000 * 10)

        assert between.carried > carried, "nothing went over the connection"
        assert not watch.done()
        assert channel.get_state() is grpc.ChannelConnectivity.READY
        watch.cancel()
        await server.stop(None)


def test_every_ping_comes_before_a_translator_forgets() -> None:
    of_server = dict(channels.of_server())
    assert channels.PING_EVERY_MILLISECONDS < 5 * 60 * 1000
    assert of_server["grpc.http2.min_ping_interval_without_data_ms"] < channels.PING_EVERY_MILLISECONDS
    assert connection._PING_SECONDS < 5 * 60

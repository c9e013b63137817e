"""A desk on the networks that people have: IPv6 everywhere, and names that resolve late."""

import asyncio
from pathlib import Path

import aiohttp
import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from exchange import channels
from exchange.bus import provision
from exchange.bus.connection import Access, Bus
from support import desks
from support.desks import Served
from support.late_names import NAME, LateName
from support.nats import NatsServer
from support.proxy import proxy
from support.waiting import HANGS, until


async def test_a_desk_speaks_ipv6_over_grpc_http_and_nats(tmp_path: Path, nats_server: NatsServer) -> None:
    desks.write_trust(tmp_path)
    await provision.provision(nats_server.url, None, {"kasn": ["kasn"]})
    async with proxy(nats_server.url.removeprefix("nats://"), on="::1") as nats:
        settings = desks.settings(
            tmp_path,
            "kasn",
            nats_url=f"nats://{nats.address}",
            grpc_listen="[::1]:0",
            http_listen="[::1]:0",
        )
        async with desks.serve("kasn", settings) as kasn:
            await until(lambda: kasn.running.bus.connected)
            await until(lambda: well(kasn))
            http = kasn.running.witnessing.http
            assert http is not None and http.address.startswith("[::1]:")
            checkpoint = f"http://{http.address}/netral/kasn/checkpoint"
            async with aiohttp.ClientSession() as session, session.get(checkpoint) as answer:
                assert answer.status in (200, 404)


async def well(served: Served) -> bool:
    """True if the inbox is serving, asked over a channel as clients make it."""
    address = served.running.address
    async with grpc.aio.insecure_channel(address, channels.options(address)) as channel:
        try:
            answer = await health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(service="netral.inbox"), timeout=HANGS
            )
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.NOT_FOUND:  # it has not looked yet
                return False
            raise
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


async def test_nats_is_reached_when_its_name_resolves_at_last(nats_server: NatsServer, monkeypatch) -> None:
    name = LateName(monkeypatch)
    bus = Bus(Access(nats_server.url.replace("127.0.0.1", NAME), "", None), "desk")

    connecting = asyncio.create_task(bus.connect())
    await until(lambda: name.asked >= 2)
    assert not bus.connected

    name.known = True
    await asyncio.wait_for(connecting, 30)
    assert bus.connected
    await bus.close()

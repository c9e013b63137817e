"""A host that ends has statements in its memory: one that stops hands them over, what a killed one had is sent at the next start."""

from pathlib import Path

import nats

from exchange.bus import provision, subjects
from exchange.parts import OUTGOING, RELAY
from support import acts, desks
from support.desks import Served
from support.nats import NatsServer
from support.waiting import until

HOSTS = {"bawaslu": ["bawaslu"], "kasn": ["kasn"]}


async def attempts(server: NatsServer) -> list[str]:
    """The number of the attempt of each message of statements that the stream holds, oldest first."""
    client = await nats.connect(server.url)
    try:
        js, found = client.jetstream(), []
        for number in range(1, (await js.stream_info(subjects.STREAM)).state.last_seq + 1):
            message = await js.get_msg(subjects.STREAM, number)
            if (message.subject or "").endswith(subjects.STATEMENT):
                found.append((message.headers or {})["Nats-Msg-Id"].rpartition(".")[2])
    finally:
        await client.close()
    return found


async def has_a_statement_in_memory(served: Served) -> None:
    """A referral that was committed and is not handed over: the loop that would do it has ended."""
    await until(lambda: served.running.desk.outgoing.has_room())
    await served.running.end_loop(OUTGOING)
    await acts.is_sent(served)


async def test_a_host_that_stops_hands_over_what_waits_in_its_memory(
    tmp_path: Path, nats_server: NatsServer
) -> None:
    desks.write_trust(tmp_path)
    await provision.provision(nats_server.url, None, HOSTS)
    settings = desks.settings(tmp_path, "bawaslu", nats_url=nats_server.url, resend_seconds=600)
    async with desks.serve("bawaslu", settings) as bawaslu:
        await has_a_statement_in_memory(bawaslu)
        assert await attempts(nats_server) == []

    assert await attempts(nats_server) == ["0"]


async def test_what_a_host_lost_with_its_memory_goes_out_after_its_next_start(
    tmp_path: Path, nats_server: NatsServer
) -> None:
    desks.write_trust(tmp_path)
    await provision.provision(nats_server.url, None, HOSTS)
    settings = desks.settings(tmp_path, "bawaslu", nats_url=nats_server.url, resend_seconds=5)
    async with desks.serve("bawaslu", settings) as bawaslu:
        await has_a_statement_in_memory(bawaslu)
        assert bawaslu.running.desk.outgoing.take(100)  # as a kill would
        await bawaslu.running.end_loop(RELAY)

    async with desks.serve("bawaslu", settings):
        await until(lambda: attempts(nats_server))

    assert (await attempts(nats_server))[0] == "1"

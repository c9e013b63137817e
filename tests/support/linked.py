"""Desks inside the test's process that run as in life: loops, gRPC, and a real NATS between them."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import nats
from nats.js.api import AckPolicy, ConsumerConfig, StreamConfig

from exchange.bus import subjects
from host import peer_addresses
from support import desks
from support.desks import Served


@asynccontextmanager
async def linked(
    folder: Path, nats_url: str, database: Callable[[str], str], *names: str, **more: Any
) -> AsyncIterator[Mapping[str, Served]]:
    """These desks by name. Where they listen is written to `peers.json`; `move` changes it."""
    desks.write_trust(folder)
    client = await nats.connect(nats_url)
    stream = client.jetstream()
    await stream.add_stream(StreamConfig(name=subjects.STREAM, subjects=subjects.IN_STREAM))
    for name in names:
        filters = [subjects.to_party(party) for party in desks.PARTIES[name]]
        consumer = ConsumerConfig(
            durable_name=name, ack_policy=AckPolicy.EXPLICIT, filter_subjects=filters, ack_wait=30
        )
        await stream.add_consumer(subjects.STREAM, consumer)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(client.close)
        served = {}
        for name in names:
            settings = desks.settings(
                folder,
                name,
                nats_url=nats_url,
                database_url=database(name),
                peers_file=folder / "peers.json",
                resend_seconds=1.0,
                **more,
            )
            served[name] = await stack.enter_async_context(desks.serve(name, settings))
        listen(folder, {party: desk.running.address for desk in served.values() for party in desk.parties})
        yield served


def listen(folder: Path, addresses: Mapping[str, str]) -> None:
    """Say where parties' desks listen."""
    (folder / "peers.json").write_text(peer_addresses.document(addresses))

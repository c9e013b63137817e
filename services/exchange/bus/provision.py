"""The bus, made ready: one stream, a durable consumer per host, and NATS users that may do no more than they must.

An explicit step with the administrator's identity, repeatable: what exists is compared and brought up to date. Agencies'
users cannot create, change, purge or delete anything; what they may do is spelled in `exchange.bus.subjects`.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import nats
import structlog
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from exchange.bus import subjects

log = structlog.get_logger("exchange.bus.provision")

ADMIN = "admin"
MAX_AGE_SECONDS = 14 * 24 * 3600
DUPLICATE_SECONDS = 120
ACK_WAIT_SECONDS = 30
MAX_ACK_PENDING = 4096
MAX_PAYLOAD = 1024 * 1024


class CannotChange(Exception):
    """The stream exists with settings that cannot be changed in place; the message says which."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Settings of the stream: bytes kept at most, then the oldest go; and replicas (1, or 3 in a cluster)."""

    max_bytes: int = 8 * 1024**3
    replicas: int = 1


def users(hosts: Mapping[str, Sequence[str]], passwords: Mapping[str, str]) -> str:
    """The `authorization` block: the administrator, and a user per host with least permissions.

    `hosts` gives the parties of each host; `passwords` one for each host and for `admin`.
    """
    entries = [f"    {{ user: {ADMIN}, password: {json.dumps(passwords[ADMIN])} }}"]
    for host, parties in sorted(hosts.items()):
        publish = json.dumps(subjects.may_publish(host, sorted(parties)))
        subscribe = json.dumps(subjects.may_subscribe(host, sorted(parties)))
        entries.append(
            f"    {{ user: {host}, password: {json.dumps(passwords[host])}, permissions: {{\n"
            f"      publish: {{ allow: {publish} }}\n"
            f"      subscribe: {{ allow: {subscribe} }} }} }}"
        )
    return "authorization {\n  users: [\n" + "\n".join(entries) + "\n  ]\n}\n"


def server_config(
    hosts: Mapping[str, Sequence[str]], passwords: Mapping[str, str], *, listen: str, store_folder: str
) -> str:
    """The configuration of one embedded nats-server: every publish is fsynced before it is acknowledged."""
    return (
        f"listen: {json.dumps(listen)}\n"
        "server_name: netral\n"
        f"max_payload: {MAX_PAYLOAD}\n"
        f"jetstream {{ store_dir: {json.dumps(store_folder)}, sync_interval: always }}\n"
        + users(hosts, passwords)
    )


async def provision(
    url: str, password: str | None, hosts: Mapping[str, Sequence[str]], settings: Stream | None = None
) -> None:
    """Create the stream and the hosts' consumers, or bring them up to date. Repeatable.

    Raises:
        CannotChange: the stream exists with other storage or retention.
    """
    client = await nats.connect(
        url, user=ADMIN if password else None, password=password, connect_timeout=5, allow_reconnect=False
    )
    try:
        await _make(client.jetstream(timeout=30), hosts, settings or Stream())
    finally:
        await client.close()


async def keep(
    url: str, password: str | None, hosts: Mapping[str, Sequence[str]], settings: Stream | None = None
) -> None:
    """Make the stream and the consumers again when they are deleted, or when the server comes back without them.

    Until cancelled. It waits for what the server tells of itself, and asks nothing meanwhile.
    """
    again = asyncio.Event()

    async def told(_message: Msg | None = None) -> None:
        again.set()

    client = await nats.connect(
        url,
        user=ADMIN if password else None,
        password=password,
        max_reconnect_attempts=-1,
        ping_interval=60,
        reconnected_cb=told,
        error_cb=_quiet,
    )
    try:
        for subject in subjects.deletions():
            await client.subscribe(subject, cb=told)
        js = client.jetstream(timeout=30)
        while True:
            await again.wait()
            again.clear()
            try:
                await _make(js, hosts, settings or Stream())
            except Exception as error:
                log.warning("not provisioned", error=type(error).__name__, detail=str(error)[:200])
                await asyncio.sleep(1)
                again.set()
            else:
                log.info("provisioned again")
    finally:
        await client.close()


async def _quiet(error: Exception) -> None:
    """An interruption; it mends itself, and the desks log it."""


async def _make(js: JetStreamContext, hosts: Mapping[str, Sequence[str]], settings: Stream) -> None:
    await _stream(js, settings)
    for host, parties in sorted(hosts.items()):
        await _consumer(js, host, parties)


async def _stream(js: JetStreamContext, settings: Stream) -> None:
    wanted = StreamConfig(
        name=subjects.STREAM,
        subjects=subjects.IN_STREAM,
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.OLD,  # the outbox is the record: what is lost here is sent again
        max_age=MAX_AGE_SECONDS,
        max_bytes=settings.max_bytes,
        num_replicas=settings.replicas,
        duplicate_window=DUPLICATE_SECONDS,
    )
    try:
        found = (await js.stream_info(subjects.STREAM)).config
    except NotFoundError:
        await js.add_stream(wanted)
        return
    if (found.storage, found.retention) != (wanted.storage, wanted.retention):
        raise CannotChange("the stream exists with another storage or retention; it has to be made anew")
    await js.update_stream(wanted)


async def _consumer(js: JetStreamContext, host: str, parties: Sequence[str]) -> None:
    wanted = ConsumerConfig(
        durable_name=subjects.consumer(host),
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ACK_WAIT_SECONDS,
        max_deliver=-1,
        max_ack_pending=MAX_ACK_PENDING,
        num_replicas=1,
        filter_subjects=[subjects.to_party(party) for party in sorted(parties)],
    )
    await js.add_consumer(subjects.STREAM, wanted)

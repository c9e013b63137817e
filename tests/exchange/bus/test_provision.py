"""The bus as it is provisioned: repeatable, and NATS users that may do no more than they must. On a real server."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import nats
import pytest
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.api import DiscardPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from exchange.bus import provision, subjects
from exchange.bus.connection import Access, Bus, Reply
from support.nats import NatsServer
from support.waiting import HANGS, until

HOSTS = {"desk": ["anna", "asih"], "other": ["budi"]}
PASSWORDS = {"admin": 'ad"min', "desk": "desk secret", "other": "other-secret"}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[NatsServer]:
    """A provisioned server with users."""
    text = provision.server_config(
        HOSTS, PASSWORDS, listen="127.0.0.1:-1", store_folder=str(tmp_path / "nats" / "store")
    )
    async with NatsServer(tmp_path / "nats", text) as running:
        await provision.provision(running.url, PASSWORDS["admin"], HOSTS)
        yield running


class User:
    """A connection, and what the server says it may not do."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.refused: list[str] = []
        self.client = Client()

    async def connect(self, url: str) -> None:
        await self.client.connect(
            url,
            user=self.name,
            password=PASSWORDS[self.name],
            inbox_prefix=subjects.inbox_prefix(self.name).encode(),
            allow_reconnect=False,
            error_cb=self._heard,
        )

    async def _heard(self, error: Exception) -> None:
        self.refused.append(str(error).lower())

    async def _answered(self) -> None:
        """Wait until the server has said what it has to say: it answers in order."""
        # Twice: nats-py writes its ping ahead of what it has buffered.
        await self.client.flush(timeout=HANGS)
        await self.client.flush(timeout=HANGS)

    async def may_publish(self, subject: str, data: bytes = b"", reply: str = "") -> bool:
        """True if the server takes a message on this subject."""
        count = len(self.refused)
        await self.client.publish(subject, data, reply=reply)
        await self._answered()
        return not any(
            "publish" in error and f'"{subject.lower()}"' in error for error in self.refused[count:]
        )

    async def may_subscribe(self, subject: str) -> bool:
        count = len(self.refused)
        subscription = await self.client.subscribe(subject)
        await self._answered()
        allowed = len(self.refused) == count
        if allowed:
            await subscription.unsubscribe()
        return allowed


@asynccontextmanager
async def as_user(server: NatsServer, name: str) -> AsyncIterator[User]:
    user = User(name)
    await user.connect(server.url)
    try:
        yield user
    finally:
        await user.client.close()


async def state(server: NatsServer) -> dict[str, Any]:
    """The stream and its consumers, as the administrator sees them."""
    async with as_user(server, "admin") as admin:
        js = admin.client.jetstream()
        stream = await js.stream_info(subjects.STREAM)
        consumers = await js.consumers_info(subjects.STREAM)
        return {
            "stream": stream.config,
            "messages": stream.state.messages,
            "first": stream.state.first_seq,
            "consumers": {info.name: info.config for info in consumers},
            "streams": [info.config.name for info in await js.streams_info()],
        }


def message(sender: str, recipient: str, kind: str = subjects.STATEMENT) -> str:
    return str(subjects.Subject(sender, recipient, kind))


async def filled(server: NatsServer, count: int = 3) -> None:
    """Messages to every party, by the administrator."""
    async with as_user(server, "admin") as admin:
        js = admin.client.jetstream()
        for n in range(count):
            for sender, recipient in (("anna", "budi"), ("budi", "anna")):
                await js.publish(message(sender, recipient), b"message %d" % n)


# --- the stream ----------------------------------------------------------------------------------------------------


async def test_the_stream_keeps_what_it_has_room_for_and_then_lets_the_oldest_go(server: NatsServer) -> None:
    found = (await state(server))["stream"]

    assert found.subjects == subjects.IN_STREAM
    assert (found.retention, found.discard, found.storage) == ("limits", "old", "file")
    assert (found.max_age, found.max_bytes) == (14 * 24 * 3600, 8 * 1024**3)
    assert found.duplicate_window == 120


async def test_a_stream_that_refused_what_is_new_is_changed_in_place_and_keeps_what_it_holds(
    server: NatsServer,
) -> None:
    await filled(server)
    async with as_user(server, "admin") as admin:
        js = admin.client.jetstream()
        running = (await js.stream_info(subjects.STREAM)).config
        await js.update_stream(replace(running, discard=DiscardPolicy.NEW))

    await provision.provision(server.url, PASSWORDS["admin"], HOSTS)

    found = await state(server)
    assert (found["stream"].discard, found["messages"]) == ("old", 6)


async def test_each_host_has_a_consumer_for_what_is_addressed_to_its_parties(server: NatsServer) -> None:
    consumers = (await state(server))["consumers"]

    assert {
        name: config.filter_subjects or [config.filter_subject] for name, config in consumers.items()
    } == {
        "desk": ["netral.v1.*.anna.*", "netral.v1.*.asih.*"],
        "other": ["netral.v1.*.budi.*"],
    }
    assert {config.ack_policy for config in consumers.values()} == {"explicit"}
    assert {config.max_deliver for config in consumers.values()} == {-1}


async def test_to_provision_again_changes_nothing_and_loses_no_message(server: NatsServer) -> None:
    await filled(server)
    before = await state(server)

    await provision.provision(server.url, PASSWORDS["admin"], HOSTS)

    assert await state(server) == before
    assert before["messages"] == 6


async def test_to_provision_again_keeps_what_a_consumer_has_acknowledged(server: NatsServer) -> None:
    await filled(server, 2)
    async with as_desk(server) as bus:
        assert await pulled(bus) == [b"message 0", b"message 1"]

    await provision.provision(server.url, PASSWORDS["admin"], HOSTS)

    await filled(server, 1)
    async with as_desk(server) as bus:
        assert await pulled(bus) == [b"message 0"]


async def test_what_is_asked_for_otherwise_is_brought_up_to_date(server: NatsServer) -> None:
    await filled(server)
    more = {"desk": ["anna", "asih", "agus"], "other": ["budi"], "third": ["citra"]}

    await provision.provision(server.url, PASSWORDS["admin"], more, provision.Stream(max_bytes=1024**3))

    found = await state(server)
    assert found["stream"].max_bytes == 1024**3
    assert found["messages"] == 6
    assert "netral.v1.*.agus.*" in found["consumers"]["desk"].filter_subjects
    assert set(found["consumers"]) == {"desk", "other", "third"}


async def test_a_stream_with_other_storage_cannot_be_changed_and_is_left_alone(
    nats_server: NatsServer,
) -> None:
    client = await nats.connect(nats_server.url)
    wrong = StreamConfig(name=subjects.STREAM, subjects=subjects.IN_STREAM, storage=StorageType.MEMORY)
    await client.jetstream().add_stream(wrong)

    with pytest.raises(provision.CannotChange):
        await provision.provision(nats_server.url, None, HOSTS)

    info = await client.jetstream().stream_info(subjects.STREAM)
    assert info.config.storage == StorageType.MEMORY
    await client.close()


async def test_a_stream_with_other_retention_cannot_be_changed(nats_server: NatsServer) -> None:
    client = await nats.connect(nats_server.url)
    wrong = StreamConfig(name=subjects.STREAM, subjects=subjects.IN_STREAM, retention="workqueue")
    await client.jetstream().add_stream(wrong)
    await client.close()

    with pytest.raises(provision.CannotChange):
        await provision.provision(nats_server.url, None, HOSTS)


# --- who may come in -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "who",
    [{}, {"user": "desk"}, {"user": "desk", "password": "other-secret"}, {"user": "nobody", "password": ""}],
)
async def test_nobody_comes_in_without_a_password(server: NatsServer, who: dict[str, str]) -> None:
    async def quiet(error: Exception) -> None:
        pass

    with pytest.raises(NatsError, match=r"(?i)authorization|connect"):
        await nats.connect(server.url, **who, allow_reconnect=False, connect_timeout=HANGS, error_cb=quiet)


# --- what a host may do --------------------------------------------------------------------------------------------


@asynccontextmanager
async def as_desk(server: NatsServer, host: str = "desk") -> AsyncIterator[Bus]:
    secret = server.folder / f"{host}.password"
    secret.write_text(PASSWORDS[host] + "\n")
    bus = Bus(Access(server.url, host, secret), host)
    await bus.connect()
    try:
        yield bus
    finally:
        await bus.close()


async def pulled(bus: Bus) -> list[bytes]:
    """Messages of the host's consumer, acknowledged."""
    puller = bus.puller()
    await puller.open()
    found: list[bytes] = []
    async with asyncio.timeout(HANGS):
        messages = await puller.batch(100)
        while messages:
            for message in messages:
                await message.ack_sync()
                found.append(message.data)
            messages = [] if puller._arrived.empty() else await puller.batch(100)
    await puller.close()
    return found


@pytest.mark.parametrize("kind", subjects.KINDS)
@pytest.mark.parametrize("party", HOSTS["desk"])
async def test_a_host_publishes_what_its_own_parties_say(server: NatsServer, party: str, kind: str) -> None:
    async with as_desk(server) as bus:
        await bus.publish(subjects.Subject(party, "budi", kind), b"said", {})

    assert (await state(server))["messages"] == 1
    async with as_desk(server, "other") as bus:
        assert await pulled(bus) == [b"said"]


@pytest.mark.parametrize(
    "subject",
    [
        "netral.v1.budi.anna.statement",
        "netral.v1.budi.anna.receipt",
        "netral.v1.desk.budi.statement",
        "netral.v1.anna.budi.poke",
        "netral.v1.budi.anna.witness",
        "netral.v1.budi.desk.answer.x",
        "netral.v1.anna.desk.answer",
        "netral.v1.anna.desk.answer.x.y",
        "netral.v1.anna.budi.statement.more",
        "netral.v1.anna",
        "netral.v2.anna.budi.statement",
        "_INBOX_other.x",
        "_INBOX.x",
        "anything",
    ],
)
async def test_a_host_publishes_nothing_else(server: NatsServer, subject: str) -> None:
    async with as_user(server, "desk") as desk:
        assert not await desk.may_publish(subject, b"false")

    assert (await state(server))["messages"] == 0


API = "$JS.API"
FORBIDDEN: dict[str, tuple[str, Any]] = {
    "delete the stream": (f"{API}.STREAM.DELETE.NETRAL", None),
    "purge it": (f"{API}.STREAM.PURGE.NETRAL", None),
    "change it": (f"{API}.STREAM.UPDATE.NETRAL", {"name": "NETRAL", "subjects": ["x"]}),
    "make another": (f"{API}.STREAM.CREATE.MINE", {"name": "MINE", "subjects": ["mine.>"]}),
    "make a mirror": (f"{API}.STREAM.CREATE.COPY", {"name": "COPY", "mirror": {"name": "NETRAL"}}),
    "restore one": (f"{API}.STREAM.RESTORE.NETRAL", {}),
    "copy all of it": (f"{API}.STREAM.SNAPSHOT.NETRAL", {"deliver_subject": "_INBOX_desk.all"}),
    "delete a message": (f"{API}.STREAM.MSG.DELETE.NETRAL", {"seq": 1}),
    "read a message": (f"{API}.STREAM.MSG.GET.NETRAL", {"seq": 1}),
    "read a message directly": (f"{API}.DIRECT.GET.NETRAL", {"seq": 1}),
    "list streams": (f"{API}.STREAM.NAMES", None),
    "make a consumer": (
        f"{API}.CONSUMER.CREATE.NETRAL.mine.netral.v1.>",
        {"stream_name": "NETRAL", "config": {"name": "mine", "filter_subject": "netral.v1.>"}},
    ),
    "make an unnamed consumer": (
        f"{API}.CONSUMER.CREATE.NETRAL",
        {"stream_name": "NETRAL", "config": {"deliver_subject": "_INBOX_desk.all", "ack_policy": "none"}},
    ),
    "make a durable consumer": (
        f"{API}.CONSUMER.DURABLE.CREATE.NETRAL.mine",
        {"stream_name": "NETRAL", "config": {"durable_name": "mine", "ack_policy": "explicit"}},
    ),
    "change its own consumer": (
        f"{API}.CONSUMER.CREATE.NETRAL.desk",
        {"stream_name": "NETRAL", "config": {"durable_name": "desk", "filter_subject": "netral.v1.>"}},
    ),
    "delete its own consumer": (f"{API}.CONSUMER.DELETE.NETRAL.desk", None),
    "delete another's consumer": (f"{API}.CONSUMER.DELETE.NETRAL.other", None),
    "pause another's consumer": (f"{API}.CONSUMER.PAUSE.NETRAL.other", {}),
    "see another's consumer": (f"{API}.CONSUMER.INFO.NETRAL.other", None),
    "pull from another's consumer": (f"{API}.CONSUMER.MSG.NEXT.NETRAL.other", {"batch": 10}),
    "acknowledge for another": ("$JS.ACK.NETRAL.other.1.1.1.1.0", None),
    "ask the system": ("$SYS.REQ.SERVER.PING", None),
}


@pytest.mark.parametrize(("subject", "request_"), FORBIDDEN.values(), ids=FORBIDDEN.keys())
async def test_a_host_cannot(server: NatsServer, subject: str, request_: Any) -> None:
    await filled(server)
    before = await state(server)

    async with as_user(server, "desk") as desk:
        data = json.dumps(request_).encode() if request_ is not None else b""
        assert not await desk.may_publish(subject, data, reply="_INBOX_desk.answer")

    assert await state(server) == before


@pytest.mark.parametrize(
    "subject",
    [
        "netral.v1.>",
        "netral.v1.*.anna.*",
        "netral.v1.*.budi.witness",
        "netral.v1.*.other.answer.*",
        "netral.v1.*.*.answer.*",
        "_INBOX_other.>",
        "_INBOX.>",
        ">",
        "*.>",
        "$JS.>",
        "$JS.EVENT.>",
        "$SYS.>",
    ],
)
async def test_a_host_listens_to_nothing_but_its_own_inbox_and_its_witnesses(
    server: NatsServer, subject: str
) -> None:
    async with as_user(server, "desk") as desk:
        for own in ("_INBOX_desk.x", "netral.v1.*.anna.witness", "netral.v1.*.desk.answer.*"):
            assert await desk.may_subscribe(own)
        assert not await desk.may_subscribe(subject)


@pytest.mark.parametrize(
    "target", ["STREAM.PURGE.NETRAL", "STREAM.DELETE.NETRAL", "CONSUMER.DELETE.NETRAL.other"]
)
async def test_the_server_does_not_do_for_a_host_what_it_may_not_do_itself(
    server: NatsServer, target: str
) -> None:
    """A reply subject is the sender's choice, and the server publishes its answer there, with its own rights."""
    await filled(server)
    before = await state(server)

    async with as_user(server, "desk") as desk:
        reply = f"{API}.{target}"
        await desk.may_publish(message("anna", "asih"), b"{}", reply=reply)
        pull = json.dumps({"batch": 10, "expires": 1_000_000_000}).encode()
        await desk.may_publish(f"{API}.CONSUMER.MSG.NEXT.NETRAL.desk", pull, reply=reply)
        await desk.may_publish(f"{API}.CONSUMER.INFO.NETRAL.desk", b"", reply=reply)
        info = json.loads((await desk.client.request(f"{API}.CONSUMER.INFO.NETRAL.desk", timeout=HANGS)).data)

    after = await state(server)
    assert info["delivered"]["consumer_seq"] >= 0
    assert (after["first"], set(after["consumers"])) == (before["first"], set(before["consumers"]))
    assert after["messages"] >= before["messages"]


@pytest.mark.parametrize("header", [{"Nats-Rollup": "all"}, {"Nats-Rollup": "sub"}, {"Nats-TTL": "1s"}])
async def test_a_header_of_a_message_removes_nothing(server: NatsServer, header: dict[str, str]) -> None:
    await filled(server)
    async with as_desk(server) as bus:
        with pytest.raises(NatsError):
            await bus.publish(subjects.Subject("anna", "budi", subjects.STATEMENT), b"only", header)

    found = await state(server)
    assert (found["messages"], found["first"]) == (6, 1)


async def test_a_host_pulls_what_is_for_its_parties_and_nothing_else(server: NatsServer) -> None:
    await filled(server)

    async with as_desk(server) as desk, as_desk(server, "other") as other:
        assert await pulled(desk) == [b"message 0", b"message 1", b"message 2"]
        assert len(await pulled(other)) == 3


async def test_a_host_that_was_refused_something_stays_connected(server: NatsServer) -> None:
    async with as_user(server, "desk") as desk:
        assert not await desk.may_publish("netral.v1.budi.anna.statement")
        assert await desk.may_publish(message("anna", "budi"))

    async def stored() -> bool:
        return (await state(server))["messages"] == 1

    await until(stored)


# --- what the administrator may do ---------------------------------------------------------------------------------


async def test_the_administrator_purges_and_deletes_and_provisions_anew(server: NatsServer) -> None:
    await filled(server)
    async with as_user(server, "admin") as admin:
        js = admin.client.jetstream()
        await js.purge_stream(subjects.STREAM)
        assert (await js.stream_info(subjects.STREAM)).state.messages == 0
        await js.delete_consumer(subjects.STREAM, "other")
        await js.delete_stream(subjects.STREAM)
        with pytest.raises(NotFoundError):
            await js.stream_info(subjects.STREAM)

    await provision.provision(server.url, PASSWORDS["admin"], HOSTS)

    assert set((await state(server))["consumers"]) == {"desk", "other"}


async def test_a_host_cannot_provision(server: NatsServer) -> None:
    async with as_user(server, "desk") as desk:
        with pytest.raises(NatsError):
            await desk.client.jetstream(timeout=1).stream_info(subjects.STREAM)


async def test_what_was_acknowledged_survives_a_kill(server: NatsServer) -> None:
    async with as_desk(server) as bus:
        for n in range(20):
            await bus.publish(subjects.Subject("anna", "budi", subjects.STATEMENT), b"%d" % n, {})

    await server.kill()
    await server.start()

    assert (await state(server))["messages"] == 20


# --- witnesses -------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def answering(server: NatsServer, host: str, party: str) -> AsyncIterator[list[bytes]]:
    """A host whose party's witness says `409` to whatever it is asked; gives what it was asked."""
    asked: list[bytes] = []

    async def answer(data: bytes) -> Reply:
        asked.append(data)
        return Reply(409, b"7\n", "text/x.tlog.size")

    secret = server.folder / f"{host}.password"
    secret.write_text(PASSWORDS[host] + "\n")
    bus = Bus(Access(server.url, host, secret), host)
    bus.answer(party, answer)
    await bus.connect()
    try:
        yield asked
    finally:
        await bus.close()


async def test_a_witness_answers_who_asks_and_the_stream_keeps_nothing_of_it(server: NatsServer) -> None:
    async with answering(server, "other", "budi") as asked, as_desk(server) as desk:
        reply = await desk.request(subjects.Subject("anna", "budi", subjects.WITNESS), b"old 0", HANGS)

    assert (reply.status, reply.data, reply.content_type) == (409, b"7\n", "text/x.tlog.size")
    assert asked == [b"old 0"]
    assert (await state(server))["messages"] == 0


async def test_many_requests_at_once_get_each_its_own_answer(server: NatsServer) -> None:
    async with answering(server, "other", "budi") as asked, as_desk(server) as desk:
        subject = subjects.Subject("anna", "budi", subjects.WITNESS)
        replies = await asyncio.gather(*(desk.request(subject, b"%d" % n, HANGS) for n in range(50)))

    assert [reply.status for reply in replies] == [409] * 50
    assert sorted(asked) == sorted(b"%d" % n for n in range(50))


async def test_nobody_there_is_told_at_once(server: NatsServer) -> None:
    async with as_desk(server) as desk:
        with pytest.raises(ConnectionError, match="nobody answers"):
            await desk.request(subjects.Subject("anna", "budi", subjects.WITNESS), b"old 0", 10)


@pytest.mark.parametrize(
    "target", ["$JS.API.STREAM.DELETE.NETRAL", "_INBOX_desk.x", "netral.v1.anna.desk.answer.x"]
)
async def test_a_witness_answers_nowhere_but_where_its_party_answers(server: NatsServer, target: str) -> None:
    """The asker chooses the reply subject: it must not be able to make a witness say things in strange places."""
    await filled(server)
    before = await state(server)
    async with answering(server, "other", "budi") as asked, as_user(server, "desk") as desk:
        await desk.client.publish(message("anna", "budi", subjects.WITNESS), b"old 0", reply=target)
        # The answer to this one shows that the one before was seen.
        heard = await desk.client.subscribe("netral.v1.*.desk.answer.*")
        await desk.client.publish(
            message("anna", "budi", subjects.WITNESS), b"old 1", reply=subjects.answer("budi", "desk", "y")
        )
        answered = await heard.next_msg(10)

    assert answered.subject == "netral.v1.budi.desk.answer.y"
    assert asked == [b"old 1"]
    assert await state(server) == before

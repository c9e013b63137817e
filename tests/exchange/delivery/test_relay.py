"""The relay: statements are sent again until their recipient has them, over a real stream."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import nats
import pytest
from nats.js.errors import APIError, NotFoundError

from exchange.bus import provision, subjects
from exchange.bus.connection import Access, Bus
from exchange.delivery import relay, verification
from exchange.delivery.inbox.process import process_messages
from exchange.reconciliation import reports
from exchange.statements import envelope
from exchange.tables import Delivery, Inbox, Outbox, PairIn
from netral.exchange.v1 import receipt_pb2, statement_pb2
from support.nats import NatsServer
from support.pair import (
    BROKEN,
    PATIENCE,
    TODAY,
    Mail,
    Side,
    a_matter,
    collector,
    open_sides,
    receipts_in,
    settle,
    signed_in,
    statements_in,
)
from support.waiting import until

Pair = tuple[Side, Side]
HOSTS = {"anna": ["anna"], "budi": ["budi"]}


@dataclass
class Wire:
    """The provisioned stream, and anna's connection to it."""

    server: NatsServer
    bus: Bus

    async def relay(self, side: Side) -> int:
        return await relay.relay_once(side.desk, self.bus.publish, PATIENCE)

    async def held(self, kind: str = "") -> list[Mail]:
        """Messages that the stream holds, oldest first."""
        client = await nats.connect(self.server.url)
        try:
            js, found = client.jetstream(), []
            state = (await js.stream_info(subjects.STREAM)).state
            for number in range(state.first_seq, state.last_seq + 1):
                try:
                    message = await js.get_msg(subjects.STREAM, number)
                except NotFoundError:
                    continue
                assert message.subject is not None
                found.append(Mail(message.subject, message.data or b"", dict(message.headers or {})))
        finally:
            await client.close()
        return [mail for mail in found if mail.subject.endswith(kind)]


@pytest.fixture
async def wire(nats_server: NatsServer) -> AsyncIterator[Wire]:
    await provision.provision(nats_server.url, None, HOSTS)
    bus = Bus(Access(nats_server.url, "", None), "anna")
    await bus.connect()
    yield Wire(nats_server, bus)
    await bus.close()


async def delivery(side: Side) -> Any:
    (row,) = await side.rows(Delivery)
    return row


# --- until custody -------------------------------------------------------------------------------------------------


async def test_a_statement_is_sent_again_on_growing_delays_and_no_repeat_is_swallowed(
    pair: Pair, wire: Wire
) -> None:
    anna, budi = pair
    await anna.send(budi)
    seconds = []
    for second in range(0, 200, 5):
        if await wire.relay(anna):
            seconds.append(second)
        anna.clock.forward(5)

    held = await wire.held()
    assert seconds == [0, 5, 15, 35, 75, 135, 195]
    assert [mail.headers["Nats-Msg-Id"].split(".")[1] for mail in held] == list("0123456")
    assert len({data for mail in held for data in signed_in([mail])}) == 1


async def test_a_message_id_is_bound_to_the_content_and_the_attempt(pair: Pair, wire: Wire) -> None:
    """So the stream removes a repeat of this very attempt, and never swallows anything else."""
    anna, budi = pair
    await anna.send(budi, part=b"sealed anew each time")
    await wire.relay(anna)
    anna.clock.forward(5)
    await wire.relay(anna)

    first, second = await wire.held()

    assert first.headers["Nats-Msg-Id"] == f"{sha256(first.data).hexdigest()}.0"
    assert second.headers["Nats-Msg-Id"] == f"{sha256(second.data).hexdigest()}.1"
    assert first.data != second.data


async def test_a_lost_answer_of_the_stream_stores_the_attempt_once(pair: Pair, wire: Wire) -> None:
    anna, budi = pair
    await anna.send(budi)

    async def taken_but_unheard(subject: subjects.Subject, data: bytes, headers: dict[str, str]) -> None:
        await wire.bus.publish(subject, data, headers)
        raise TimeoutError

    with pytest.raises(ConnectionError):
        await relay.relay_once(anna.desk, taken_but_unheard, PATIENCE)
    assert await wire.relay(anna) == 1

    assert len(await wire.held()) == 1
    assert (await delivery(anna)).attempts == 1


async def test_what_the_stream_does_not_take_stays_due(pair: Pair, wire: Wire) -> None:
    anna, budi = pair
    await anna.send(budi)
    before = await delivery(anna)
    await wire.server.kill()
    await until(lambda: not wire.bus.connected)

    with pytest.raises(ConnectionError, match="1 of 1"):
        await wire.relay(anna)

    assert await delivery(anna) == before
    await wire.server.start()
    await until(lambda: wire.bus.connected)
    assert await wire.relay(anna) == 1
    assert len(await wire.held()) == 1


async def test_who_was_away_for_longer_than_the_stream_holds_gets_everything(pair: Pair, wire: Wire) -> None:
    anna, budi = pair
    await provision.provision(wire.server.url, None, HOSTS, provision.Stream(max_bytes=4096))
    for _ in range(12):
        await anna.send(budi)
        await wire.relay(anna)
    held = [each.sequence for each in statements_in(await wire.held())]
    assert 1 not in held
    assert 12 in held

    for _ in range(10):
        await anna.take(*await budi.take(*await wire.held()))
        anna.clock.forward(60)
        await wire.relay(anna)

    assert {row.outcome for row in await anna.rows(Outbox)} == {"TAKEN_UP"}
    assert len(await budi.rows(Inbox)) == 12


async def test_a_pair_that_the_stream_refuses_waits_and_holds_up_no_other(pair: Pair, wire: Wire) -> None:
    anna, budi = pair
    await anna.send(budi)

    async def refuse(*_: object) -> None:
        raise APIError(code=503, description="maximum messages per subject exceeded")

    with pytest.raises(ConnectionError, match="1 of 1"):
        await relay.relay_once(anna.desk, refuse, PATIENCE)

    assert await wire.relay(anna) == 0  # not due: others have their turn
    anna.clock.forward(5)
    assert await wire.relay(anna) == 1
    assert (await delivery(anna)).attempts == 1


async def test_a_wiped_stream_is_filled_again_from_the_outbox(pair: Pair, wire: Wire) -> None:
    anna, budi = pair
    await anna.send(budi)
    await wire.relay(anna)
    client = await nats.connect(wire.server.url)
    await client.jetstream().purge_stream(subjects.STREAM)
    await client.close()
    assert await wire.held() == []
    anna.clock.forward(5)

    await wire.relay(anna)

    await anna.take(*await budi.take(*await wire.held()))
    assert [row.outcome for row in await anna.rows(Outbox)] == ["TAKEN_UP"]


async def test_custody_ends_the_sending(pair: Pair, wire: Wire) -> None:
    anna, budi = pair
    await anna.send(budi, type=BROKEN)
    await wire.relay(anna)
    await anna.take(*await budi.take(*await wire.held()))

    for _ in range(20):
        anna.clock.forward(60)
        await wire.relay(anna)

    assert len(await wire.held(subjects.STATEMENT)) == 1
    assert len(await wire.held(subjects.ASK)) == 20


async def test_custody_that_comes_while_it_is_being_sent_again_stands(pair: Pair) -> None:
    """The relay has read the row as due and must not overwrite what the receipt says."""
    anna, budi = pair
    await anna.send(budi, type=BROKEN)
    (mail,) = await anna.mail()
    replies = await budi.take(mail)
    anna.clock.forward(5)

    async def overtaken(subject: subjects.Subject, data: bytes, headers: dict[str, str]) -> None:
        await anna.take(*replies)

    await relay.relay_once(anna.desk, overtaken, PATIENCE)

    row = await delivery(anna)
    assert (row.awaits, row.attempts) == ("outcome", 0)
    assert row.due == anna.clock() + timedelta(seconds=5)


async def test_an_outcome_settles(pair: Pair, wire: Wire) -> None:
    anna, budi = pair
    await anna.send(budi)
    await wire.relay(anna)

    await anna.take(*await budi.take(*await wire.held()))

    assert await anna.rows(Delivery) == []
    (row,) = await anna.rows(Outbox)
    assert (row.outcome, row.custody, row.decided) == ("TAKEN_UP", TODAY, TODAY)
    anna.clock.forward(10_000_000)
    assert await wire.relay(anna) == 0
    assert len(await wire.held()) == 1


# --- asking --------------------------------------------------------------------------------------------------------


def asks_in(mails: Sequence[Mail]) -> list[receipt_pb2.Ask]:
    return [receipt_pb2.Ask.FromString(envelope.read(data).payload) for data in signed_in(mails)]


async def test_outcomes_are_asked_for_on_growing_delays_in_one_ask_per_peer(pair: Pair, wire: Wire) -> None:
    anna, budi = pair
    ids = {await anna.send(budi, type=BROKEN) for _ in range(3)}
    await wire.relay(anna)
    await anna.take(*await budi.take(*await wire.held()))
    seconds = []
    for second in range(5, 100, 5):
        anna.clock.forward(5)
        if await wire.relay(anna):
            seconds.append(second)

    asks = asks_in(await wire.held(subjects.ASK))
    assert seconds == [5, 10, 20, 40, 80]
    assert [set(ask.undecided) for ask in asks] == [ids] * 5


async def test_an_ask_is_signed_by_the_asker(pair: Pair, wire: Wire) -> None:
    anna, budi = pair
    await budi.take(anna.by_hand(budi, 3))
    budi.clock.forward(5)

    assert await relay.ask_for_gaps(budi.desk, wire.bus.publish, PATIENCE) == 1

    (mail,) = await wire.held()
    (found,) = verification.verify_message(anna.desk, *mail.pair, anna.clock())
    assert isinstance(found, verification.AskArrival)
    assert list(found.ask.missing) == [1, 2]


async def test_a_gap_is_closed_over_the_stream(pair: Pair, wire: Wire) -> None:
    anna, budi = pair
    for _ in range(4):
        await anna.send(budi)
        await wire.relay(anna)
    lost, *arrived = await wire.held()
    await anna.take(*await budi.take(*arrived))
    budi.clock.forward(10)
    await relay.ask_for_gaps(budi.desk, wire.bus.publish, PATIENCE)

    await anna.take(*await wire.held(subjects.ASK))
    await wire.relay(anna)

    *_, again = await wire.held(subjects.STATEMENT)
    assert signed_in([again]) == signed_in([lost])
    await anna.take(*await budi.take(again))
    assert [(row.complete, row.ask_due) for row in await budi.rows(PairIn)] == [(4, None)]
    assert await anna.rows(Delivery) == []


async def test_an_ask_that_the_stream_does_not_take_is_asked_again(pair: Pair, wire: Wire) -> None:
    anna, budi = pair
    await budi.take(anna.by_hand(budi, 3))
    budi.clock.forward(5)
    await wire.server.kill()
    await until(lambda: not wire.bus.connected)

    with pytest.raises(ConnectionError):
        await relay.ask_for_gaps(budi.desk, wire.bus.publish, PATIENCE)

    await wire.server.start()
    await until(lambda: wire.bus.connected)
    assert await relay.ask_for_gaps(budi.desk, wire.bus.publish, PATIENCE) == 1
    assert [list(ask.missing) for ask in asks_in(await wire.held())] == [[1, 2]]


# --- bundles -------------------------------------------------------------------------------------------------------


async def test_many_statements_of_a_pair_travel_in_few_messages(pair: Pair, wire: Wire) -> None:
    anna, budi = pair
    for _ in range(70):
        await anna.send(budi)

    assert await wire.relay(anna) == 70

    held = await wire.held()
    assert sorted(len(signed_in([mail])) for mail in held) == [6, 64]
    assert sorted(mail.headers["Netral-Parcels"] for mail in held) == ["6", "64"]


async def test_large_personal_parts_travel_below_the_servers_limit(pair: Pair, wire: Wire) -> None:
    anna, budi = pair
    for _ in range(3):
        await anna.send(budi, part=bytes(512 * 1024))

    assert await wire.relay(anna) == 3

    held = await wire.held()
    assert len(held) == 3
    assert all(len(mail.data) < provision.MAX_PAYLOAD for mail in held)
    await anna.take(*await budi.take(*held))
    assert await anna.rows(Delivery) == []


async def test_a_statement_alone_carries_the_headers_that_tools_read(pair: Pair, wire: Wire) -> None:
    anna, budi = pair
    id = await anna.send(budi)
    await wire.relay(anna)

    (mail,) = await wire.held()

    assert mail.headers["ce-id"] == id
    assert mail.headers["ce-type"] == "netral.teller.counted.v1"
    assert mail.headers["ce-source"] == "netral://anna"
    assert mail.headers["ce-time"] == "2026-03-02T03:00:00.123456Z"


# --- one that cannot be sent ---------------------------------------------------------------------------------------


async def test_a_recipient_without_a_sealing_key_holds_up_nobody_else(
    database_url: str, another_database: Callable[[], str], tmp_path: Path
) -> None:
    end = TODAY + timedelta(hours=1)

    def expire(document: dict[str, Any]) -> None:
        document["parties"][1]["sealing"][0]["until"] = end.isoformat()

    urls = {"anna": database_url, "budi": another_database(), "citra": another_database()}
    async with open_sides(tmp_path, urls, edit=expire) as (anna, budi, citra):
        anna.clock.at = end
        stuck = [await anna.send(budi, part=b"part") for _ in range(3)]
        await anna.send(citra, part=b"part")
        await anna.send(budi)  # with nothing to seal
        collected, publish = collector()

        # Three at a time: those that cannot go are not first in every batch.
        few = relay.RetryPolicy(first=5.0, batch=3)
        while await relay.relay_once(anna.desk, publish, few):
            pass

        assert sorted(mail.subject for mail in collected) == [
            "netral.v1.anna.budi.statement",
            "netral.v1.anna.citra.statement",
        ]
        waiting = {row.id: (row.attempts, row.due) for row in await anna.rows(Delivery) if not row.relayed}
        assert waiting == dict.fromkeys(stuck, (0, end + timedelta(seconds=5)))


async def test_whatever_is_lost_on_the_way_everything_is_settled_once(pair: Pair) -> None:
    anna, budi = pair
    matter = a_matter()
    for n in range(6):
        await anna.send(budi, str(n), matter=matter)
        await anna.mail()  # and it is lost
    anna.clock.forward(60)

    await settle(anna, budi)

    assert (await budi.tally(matter)).heard == tuple("012345")
    assert await anna.rows(Delivery) == []
    assert {row.outcome for row in await anna.rows(Outbox)} == {"TAKEN_UP"}


async def test_receipts_of_a_large_batch_are_bundled(pair: Pair) -> None:
    anna, budi = pair
    mails = [anna.by_hand(budi, n) for n in range(1, 301)]
    result = await process_messages(budi.desk, budi.handlers, [mail.pair for mail in mails], reports.compare)
    collected, publish = collector()

    await relay.publish_replies(publish, result.replies)

    sizes = [len(statement_pb2.Envelopes.FromString(mail.data).envelopes) for mail in collected]
    assert sizes == [256, 44]
    assert len(receipts_in(collected)) == 300
    assert max(len(mail.data) for mail in collected) < provision.MAX_PAYLOAD

"""The relay from memory: statements go out right after their commit, and whatever is lost on the way the relay sends again."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.wrappers_pb2 import StringValue
from nats.js.errors import APIError

from audit.formats.leaf import Kind
from exchange import outgoing
from exchange.bus import subjects
from exchange.delivery import relay
from exchange.delivery.bundles import Publish
from exchange.delivery.commands import commit
from exchange.delivery.transaction import Transaction
from exchange.tables import Delivery, Outbox
from netral.exchange.v1 import record_pb2, statement_pb2
from support.pair import (
    ASKED,
    COUNTED,
    TODAY,
    Mail,
    Side,
    a_command,
    a_matter,
    collector,
    open_sides,
    settle,
    signed_in,
    statements_in,
)

Pair = tuple[Side, Side]
LATER = timedelta(seconds=5)


class Killed(BaseException):
    """The end of the process, at this very point."""


@pytest.fixture
async def quick(pair: Pair) -> Pair:
    """Two parties whose statements go out from memory: the stream is there, and the relay has caught up."""
    for side in pair:
        side.desk.outgoing.stream_takes = lambda: True
        await side.mail()
    return pair


async def from_memory(side: Side, publish: Publish | None = None) -> list[Mail]:
    """Messages that go out from memory now."""
    collected, into = collector()
    await relay.relay_from_memory(side.desk, publish or into)
    return collected


async def fate(side: Side) -> list[tuple[int, Any, timedelta]]:
    """Attempts, the mark and the time until it is due, of each delivery."""
    return [(row.attempts, row.relayed, row.due - side.clock()) for row in await side.rows(Delivery)]


def parcels_in(mails: list[Mail]) -> list[statement_pb2.Parcel]:
    return [one for mail in mails for one in statement_pb2.Parcels.FromString(mail.data).parcels]


# --- as it goes ----------------------------------------------------------------------------------------------------


async def test_a_statement_goes_out_after_its_commit_and_its_row_stays_as_it_was_written(quick: Pair):
    anna, budi = quick
    id = await anna.send(budi, part=b"part")
    written = await anna.rows(Delivery)

    (mail,) = await from_memory(anna)

    assert [each.id for each in statements_in([mail])] == [id]
    assert await anna.rows(Delivery) == written
    assert await fate(anna) == [(1, None, LATER)]
    assert await anna.mail() == []  # nothing is left to the relay
    await anna.take(*await budi.take(mail))
    assert await anna.rows(Delivery) == []


async def test_its_bytes_are_those_of_its_leaf(quick: Pair):
    anna, budi = quick
    await anna.send(budi)

    assert signed_in(await from_memory(anna)) == await anna.leaves(Kind.STATEMENT)


async def test_what_a_handler_sends_goes_out_from_memory_too(quick: Pair):
    anna, budi = quick
    await anna.send(budi, type=ASKED)
    await anna.take(*await budi.take(*await from_memory(anna)))

    (answer,) = statements_in(await from_memory(budi))

    assert answer.recipient == "anna"


async def test_statements_of_a_pair_travel_in_their_order_and_in_few_messages(quick: Pair):
    anna, budi = quick
    for _ in range(70):
        await anna.send(budi)

    mails = await from_memory(anna) + await from_memory(anna)

    assert [len(signed_in([mail])) for mail in mails] == [64, 6]
    assert [each.sequence for each in statements_in(mails)] == list(range(1, 71))


async def test_a_commit_that_fails_leaves_nothing_in_memory(quick: Pair):
    anna, budi = quick

    def fail(tx: Transaction) -> record_pb2.Record:
        tx.send(COUNTED, budi.party, a_matter(), "", StringValue(value="one"))
        return tx.record("test.twice", a_matter(), "", "")

    twice = a_command(anna, a_matter(), handler=fail)
    await commit(anna.desk, [twice])
    await from_memory(anna)
    anna.desk.new_id = lambda: "00000000-0000-7000-8000-000000000000"
    await commit(anna.desk, [a_command(anna, a_matter(), handler=fail)])
    await from_memory(anna)

    with pytest.raises(Exception, match=r"(?i)unique"):
        await commit(anna.desk, [a_command(anna, a_matter(), handler=fail)])

    assert await from_memory(anna) == []


# --- a crash at each step --------------------------------------------------------------------------------------------


async def lost_with_the_process(anna: Side) -> None:
    anna.desk.outgoing.take(100)


async def not_taken(anna: Side) -> None:
    async def away(*_: object) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError, match="1 of 1"):
        await from_memory(anna, away)


async def refused(anna: Side) -> None:
    async def refuse(*_: object) -> None:
        raise APIError(code=503, description="maximum messages per subject exceeded")

    with pytest.raises(ConnectionError, match="1 of 1"):
        await from_memory(anna, refuse)


async def purged(anna: Side) -> None:
    await from_memory(anna)


@pytest.mark.parametrize("happens", [lost_with_the_process, not_taken, refused, purged])
async def test_what_did_not_arrive_the_relay_sends_when_it_is_due(
    quick: Pair, happens: Callable[[Side], Any]
):
    anna, budi = quick
    id = await anna.send(budi, part=b"part")
    await happens(anna)

    assert await anna.mail() == []
    anna.clock.forward(5)
    (mail,) = await anna.mail()

    assert [each.id for each in statements_in([mail])] == [id]
    assert mail.headers["Nats-Msg-Id"].endswith(".1")
    await anna.take(*await budi.take(mail))
    assert [row.outcome for row in await anna.rows(Outbox)] == ["TAKEN_UP"]


@pytest.mark.parametrize("kill", [True, False], ids=["process-killed", "ack-lost"])
async def test_what_arrived_unheard_is_sent_again_and_kept_once(quick: Pair, kill: bool):
    """Its second message has an id of its own, so that the stream does not take it for the first."""
    anna, budi = quick
    await anna.send(budi)
    taken: list[Mail] = []

    async def taken_but_unheard(subject: subjects.Subject, data: bytes, headers: dict[str, str]) -> None:
        taken.append(Mail(str(subject), data, headers))
        raise Killed if kill else TimeoutError

    with pytest.raises(Killed if kill else ConnectionError):
        await from_memory(anna, taken_but_unheard)
    anna.clock.forward(5)
    taken += await anna.mail()

    assert [mail.headers["Nats-Msg-Id"][-2:] for mail in taken] == [".0", ".1"]
    await anna.take(*[reply for mail in taken for reply in await budi.take(mail)])
    assert [row.outcome for row in await anna.rows(Outbox)] == ["TAKEN_UP"]


# --- what is left to the relay ---------------------------------------------------------------------------------------


async def test_while_the_stream_is_away_all_is_left_to_the_relay(quick: Pair):
    anna, budi = quick
    anna.desk.outgoing.stream_takes = lambda: False

    await anna.send(budi)

    assert await from_memory(anna) == []
    assert await fate(anna) == [(0, None, timedelta(0))]
    assert len(await anna.mail()) == 1


async def test_what_is_new_does_not_overtake_what_the_relay_has(quick: Pair):
    anna, budi = quick
    anna.desk.outgoing.stream_takes = lambda: False
    await anna.send(budi, "old")
    anna.desk.outgoing.stream_takes = lambda: True
    await anna.send(budi, "new")

    assert await from_memory(anna) == []
    assert [each.sequence for each in statements_in(await anna.mail())] == [1, 2]

    await anna.send(budi, "newest")
    assert [each.sequence for each in statements_in(await from_memory(anna))] == [3]


async def test_after_what_the_stream_did_not_take_the_relay_has_its_turn(quick: Pair):
    anna, budi = quick
    await anna.send(budi)
    await not_taken(anna)

    await anna.send(budi)

    assert [attempts for attempts, _, _ in await fate(anna)] == [1, 0]


async def test_a_full_memory_takes_no_more(quick: Pair, monkeypatch: pytest.MonkeyPatch):
    anna, budi = quick
    monkeypatch.setattr(outgoing, "_MOST_BYTES", 2000)
    for _ in range(10):
        await anna.send(budi, part=bytes(500))

    numbers = [each.sequence for each in statements_in(await from_memory(anna))]
    left = [each.sequence for each in statements_in(await anna.mail())]

    assert len(numbers) < 5
    assert numbers + left == list(range(1, 11))


async def test_a_relay_that_has_more_than_a_batch_to_send_goes_first(quick: Pair):
    anna, budi = quick
    anna.desk.outgoing.stream_takes = lambda: False
    for _ in range(3):
        await anna.send(budi)
    anna.desk.outgoing.stream_takes = lambda: True
    _, publish = collector()
    two = relay.RetryPolicy(first=5.0, batch=2)

    await relay.relay_once(anna.desk, publish, two)
    assert not anna.desk.outgoing.has_room()
    await relay.relay_once(anna.desk, publish, two)
    assert anna.desk.outgoing.has_room()


# --- personal parts --------------------------------------------------------------------------------------------------


async def test_what_is_erased_between_the_commit_and_the_sending_does_not_go_out(quick: Pair):
    anna, budi = quick
    erased, kept = a_matter(), a_matter()
    await anna.send(budi, matter=erased, part=b"to be erased")
    await anna.send(budi, matter=kept, part=b"kept")
    await anna.desk.vault.destroy((anna.party, erased))

    without, whole = parcels_in(await from_memory(anna))

    assert not without.HasField("personal")
    assert whole.HasField("personal")


async def test_a_recipient_without_a_sealing_key_is_left_to_the_relay_and_holds_up_nobody(
    database_url: str, another_database: Callable[[], str], tmp_path: Path
):
    end = TODAY + timedelta(hours=1)

    def expire(document: dict[str, Any]) -> None:
        document["parties"][1]["sealing"][0]["until"] = end.isoformat()

    urls = {"anna": database_url, "budi": another_database(), "citra": another_database()}
    async with open_sides(tmp_path, urls, edit=expire) as (anna, budi, citra):
        anna.desk.outgoing.stream_takes = lambda: True
        await anna.mail()
        anna.clock.at = end
        await anna.send(budi, part=b"part")
        await anna.send(citra, part=b"part")

        mails = await from_memory(anna)

        assert [mail.subject for mail in mails] == ["netral.v1.anna.citra.statement"]
        assert len(await anna.rows(Delivery)) == 2


async def test_whatever_is_lost_from_memory_everything_is_settled_once(quick: Pair):
    anna, budi = quick
    matter = a_matter()
    for n in range(6):
        await anna.send(budi, str(n), matter=matter)
        await lost_with_the_process(anna)
    anna.clock.forward(60)

    await settle(anna, budi)

    assert (await budi.tally(matter)).heard == tuple("012345")
    assert {row.outcome for row in await anna.rows(Outbox)} == {"TAKEN_UP"}

"""The inbox: statements take effect exactly once, and their sender is told so."""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import Int64Value
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from audit.formats.leaf import Kind
from audit.tables import Leaf
from exchange.bus import subjects
from exchange.delivery import parked, relay
from exchange.delivery.inbox import unverifiable
from exchange.delivery.inbox.process import park_failed, process_messages
from exchange.reconciliation import reports
from exchange.statements import envelope, private_keys
from exchange.statements.protobuf_time import timestamp
from exchange.tables import (
    ConflictSeen,
    DroppedBytes,
    Inbox,
    Outbox,
    PairIn,
    ParkedBytes,
    PersonalPart,
)
from netral.exchange.v1 import receipt_pb2, statement_pb2
from refusals import Malformed, NotFound, WrongState
from support.pair import (
    ANSWER,
    ASKED,
    BASIS,
    BOTH_ROLES,
    BROKEN,
    COUNTED,
    KEYS_SINCE,
    PATIENCE,
    REFUSED,
    TODAY,
    Mail,
    Side,
    a_command,
    a_law,
    a_matter,
    collector,
    open_sides,
    receipts_in,
    said,
    signed_in,
    statements_in,
)

Pair = tuple[Side, Side]
Receipt = receipt_pb2.Receipt
OUTCOME, CUSTODY = Receipt.STAGE_OUTCOME, Receipt.STAGE_CUSTODY


def outcomes(mails: list[Mail]) -> list[tuple[Any, Any, str]]:
    return [(receipt.stage, receipt.outcome, receipt.reason) for receipt in receipts_in(mails)]


TAKEN_UP = (OUTCOME, Receipt.OUTCOME_TAKEN_UP, "")


def refused(reason: str) -> tuple[Any, Any, str]:
    return (OUTCOME, Receipt.OUTCOME_REFUSED, reason)


def kept(reason: str) -> tuple[Any, Any, str]:
    return (CUSTODY, Receipt.OUTCOME_UNSPECIFIED, reason)


# --- once ----------------------------------------------------------------------------------------------------------


async def test_a_statement_takes_effect_and_is_answered(pair: Pair) -> None:
    anna, budi = pair
    matter = a_matter()
    mail = await anna.mailed(budi, "hello", matter=matter, part=b"secret")

    replies = await budi.take(mail)

    (receipt,) = receipts_in(replies)
    (statement,) = statements_in([mail])
    assert (await budi.tally(matter)).heard == ("hello",)
    assert outcomes(replies) == [TAKEN_UP]
    assert receipt.statement_id == statement.id
    assert receipt.envelope_digest == envelope.read(signed_in([mail])[0]).digest
    assert (receipt.sender, receipt.recipient, receipt.sequence) == ("anna", "budi", 1)
    assert receipt.custody_time == receipt.time == timestamp(TODAY)
    assert [row.kind for row in await budi.rows(Leaf)] == [Kind.STATEMENT, Kind.RECEIPT]
    assert await budi.leaves(Kind.STATEMENT) == await anna.leaves(Kind.STATEMENT)
    assert await budi.leaves(Kind.RECEIPT) == signed_in(replies)


async def test_the_same_bytes_twice_in_one_batch_take_effect_once(pair: Pair) -> None:
    anna, budi = pair
    matter = a_matter()
    mail = await anna.mailed(budi, matter=matter)

    replies = await budi.take(mail, mail, mail)

    assert (await budi.tally(matter)).count == 1
    assert len(await budi.rows(Leaf)) == 2
    assert set(signed_in(replies)) == set(await budi.leaves(Kind.RECEIPT))


async def test_a_repeat_is_answered_by_the_kept_receipt_bytes_and_writes_nothing(pair: Pair) -> None:
    anna, budi = pair
    matter = a_matter()
    mail = await anna.mailed(budi, matter=matter)
    first = await budi.take(mail)
    before = [await budi.rows(model) for model in (Leaf, Inbox, PairIn)]
    budi.clock.forward(3600)

    again = await budi.take(mail)

    assert signed_in(again) == signed_in(first)
    assert (await budi.tally(matter)).count == 1
    assert [await budi.rows(model) for model in (Leaf, Inbox, PairIn)] == before


async def test_a_repeat_sealed_anew_is_the_same_statement(pair: Pair) -> None:
    anna, budi = pair
    matter = a_matter()
    first = await anna.mailed(budi, matter=matter, part=b"part")
    anna.clock.forward(60)
    (again,) = await anna.mail()
    assert again.data != first.data

    await budi.take(first, again)

    assert (await budi.tally(matter)).count == 1


async def test_the_same_bytes_at_once_take_effect_once(pair: Pair) -> None:
    anna, budi = pair
    matter = a_matter()
    mail = await anna.mailed(budi, matter=matter)

    replies = await asyncio.gather(*(budi.take(mail) for _ in range(5)))

    assert (await budi.tally(matter)).count == 1
    assert len(await budi.rows(Leaf)) == 2
    assert {data for reply in replies for data in signed_in(reply)} == set(await budi.leaves(Kind.RECEIPT))


async def test_first_batches_at_once_leave_no_gap(pair: Pair) -> None:
    """There is no row yet that they could lock."""
    anna, budi = pair
    mails = [anna.by_hand(budi, n) for n in range(1, 9)]

    await asyncio.gather(*(budi.take(mail) for mail in mails))

    (row,) = await budi.rows(PairIn)
    assert (row.complete, row.highest, row.ask_due) == (8, 8, None)


async def test_batches_at_once_lose_no_statement_and_leave_no_gap(pair: Pair) -> None:
    anna, budi = pair
    matter = a_matter()
    mails = [await anna.mailed(budi, str(n), matter=a_matter()) for n in range(10)]
    mails += [anna.by_hand(budi, n, subject=matter) for n in range(11, 21)]

    await asyncio.gather(*(budi.take(mail) for mail in mails))

    (row,) = await budi.rows(PairIn)
    assert (row.complete, row.highest, row.ask_due) == (20, 20, None)
    assert (await budi.tally(matter)).count == 10
    assert len(await budi.leaves(Kind.STATEMENT)) == 20


async def test_an_answer_names_the_statement_that_led_to_it(pair: Pair) -> None:
    anna, budi = pair
    matter = a_matter()
    mail = await anna.mailed(budi, matter=matter, type=ASKED)
    await budi.take(mail)

    (statement,) = statements_in(await budi.mail())

    assert statement.type == ANSWER
    assert statement.causation == statements_in([mail])[0].id


AMBIGUOUS = {
    "an id twice": b"\x0a\x01x",
    "a number as a text": b"\x42\x01x",
    "a time with seconds twice": b"\x2a\x02\x08\x01",
}


@pytest.mark.parametrize("more", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
async def test_a_statement_that_can_be_read_in_two_ways_is_parked_and_is_no_leaf(
    pair: Pair, more: bytes
) -> None:
    """In the log it would spoil every verification of this party's log and packs, whoever signed it."""
    anna, budi = pair
    payload = anna.statement(budi).SerializeToString(deterministic=True) + more
    mail = anna.parcels(budi, statement_pb2.Parcel(envelope=anna.sign(payload)))

    await budi.take(mail)

    assert [row.reason for row in await budi.rows(ParkedBytes)] == ["UNREADABLE"]
    assert await budi.rows(Leaf) == []


# --- conflicts -----------------------------------------------------------------------------------------------------


async def test_the_same_id_with_other_bytes_is_a_signed_conflict(pair: Pair) -> None:
    anna, budi = pair
    matter, id = a_matter(), a_matter()
    first = anna.by_hand(budi, 1, id=id, subject=matter)
    second = anna.by_hand(budi, 2, id=id, subject=matter)
    await budi.take(first)

    replies = await budi.take(second)

    (receipt,) = receipts_in(replies)
    (first_bytes,), (second_bytes,) = signed_in([first]), signed_in([second])
    assert outcomes(replies) == [refused("CONFLICT_ID")]
    assert receipt.first_digest == envelope.read(first_bytes).digest
    assert receipt.envelope_digest == envelope.read(second_bytes).digest
    assert (await budi.tally(matter)).count == 1
    assert await budi.leaves(Kind.STATEMENT) == [first_bytes, second_bytes]


async def test_a_conflict_that_comes_again_is_kept_once_and_answered_by_the_kept_receipts(pair: Pair) -> None:
    anna, budi = pair
    id = a_matter()
    await budi.take(anna.by_hand(budi, 1, id=id))
    second = anna.by_hand(budi, 2, id=id)
    first_replies = await budi.take(second)
    before = await budi.rows(Leaf)

    again = await budi.take(second, second)

    assert set(signed_in(first_replies)) <= set(signed_in(again))
    assert await budi.rows(Leaf) == before
    assert len(await budi.rows(ConflictSeen)) == 1


async def test_the_same_sequence_with_another_id_is_a_signed_conflict(pair: Pair) -> None:
    anna, budi = pair
    matter = a_matter()
    first, second = (anna.by_hand(budi, 1, subject=matter) for _ in range(2))
    await budi.take(first)

    replies = await budi.take(second)

    assert outcomes(replies) == [refused("CONFLICT_SEQUENCE")]
    assert receipts_in(replies)[0].first_digest == envelope.read(signed_in([first])[0]).digest
    assert (await budi.tally(matter)).count == 1
    assert await budi.leaves(Kind.STATEMENT) == signed_in([first, second])


@pytest.mark.parametrize("same", ["id", "sequence"])
async def test_a_conflict_within_one_batch_is_signed_too(pair: Pair, same: str) -> None:
    anna, budi = pair
    matter = a_matter()
    ids = {"id": a_matter()} if same == "id" else {}
    mails = [anna.by_hand(budi, n if same == "id" else 1, subject=matter, **ids) for n in (1, 2)]

    replies = await budi.take(*mails)

    assert sorted(reason for _, _, reason in outcomes(replies)) == ["", f"CONFLICT_{same.upper()}"]
    assert (await budi.tally(matter)).count == 1
    assert len(await budi.leaves(Kind.STATEMENT)) == 2


async def test_an_id_of_ours_that_a_peer_uses_is_a_conflict_and_blocks_nothing(pair: Pair) -> None:
    """The peer knows the id from our statement. Its bytes must not take the place of ours in the outbox."""
    anna, budi = pair
    mine = await anna.mailed(budi, part=b"part")
    id = statements_in([mine])[0].id

    replies = await anna.take(budi.by_hand(anna, 1, id=id, part=b"another part"))

    assert outcomes(replies) == [refused("CONFLICT_ID")]
    anna.clock.forward(60)
    (again,) = await anna.mail()
    assert signed_in([again]) == signed_in([mine])
    assert len(await anna.rows(PersonalPart)) == 1


# --- what nobody signed --------------------------------------------------------------------------------------------


async def no_trace(side: Side) -> bool:
    return not any([await side.rows(Leaf), await side.rows(Inbox), await side.rows(PersonalPart)])


def by_a_stranger(anna: Side, budi: Side) -> bytes:
    keys = private_keys.new_keys()
    payload = anna.statement(budi).SerializeToString()
    return envelope.sign(payload, envelope.STATEMENT, keys.signing, keys.keyid)


def by_the_recipient(anna: Side, budi: Side) -> bytes:
    return budi.sign(anna.statement(budi).SerializeToString())


def with_a_false_signature(anna: Side, budi: Side) -> bytes:
    keys, stranger = anna.desk.keys[anna.party], private_keys.new_keys()
    payload = anna.statement(budi).SerializeToString()
    return envelope.sign(payload, envelope.STATEMENT, stranger.signing, keys.keyid)


def as_a_receipt(anna: Side, budi: Side) -> bytes:
    return anna.sign(anna.statement(budi).SerializeToString(), envelope.RECEIPT)


def to_another(anna: Side, budi: Side) -> bytes:
    return anna.sign(anna.statement(budi, recipient="citra").SerializeToString())


def from_before_its_key(anna: Side, budi: Side) -> bytes:
    at = timestamp(KEYS_SINCE - timedelta(seconds=1))
    return anna.sign(anna.statement(budi, time=at).SerializeToString())


def at_no_time(anna: Side, budi: Side) -> bytes:
    return anna.sign(anna.statement(budi, time=Timestamp(seconds=1 << 62)).SerializeToString())


def of_no_statement(anna: Side, budi: Side) -> bytes:
    return anna.sign(b"\xff\xff\xff")


def random_bytes(anna: Side, budi: Side) -> bytes:
    return b"\x00random"


UNSIGNED = {
    by_a_stranger: "UNKNOWN_KEY",
    by_the_recipient: "UNKNOWN_KEY",
    with_a_false_signature: "BAD_SIGNATURE",
    as_a_receipt: "UNREADABLE",
    to_another: "MISROUTED",
    from_before_its_key: "KEY_NOT_VALID",
    at_no_time: "UNREADABLE",
    of_no_statement: "UNREADABLE",
    random_bytes: "UNREADABLE",
}


@pytest.mark.parametrize(("make", "reason"), UNSIGNED.items(), ids=[make.__name__ for make in UNSIGNED])
async def test_bytes_that_cannot_be_trusted_are_parked_and_are_no_leaf(
    pair: Pair, make: Callable[[Side, Side], bytes], reason: str
) -> None:
    anna, budi = pair
    data = make(anna, budi)

    replies = await budi.take(anna.parcels(budi, statement_pb2.Parcel(envelope=data)))

    (parked,) = await budi.rows(ParkedBytes)
    assert (parked.reason, parked.body, parked.party) == (reason, data, "budi")
    assert replies == []
    assert await no_trace(budi)


@pytest.mark.parametrize("kind", subjects.KINDS)
async def test_a_message_that_cannot_be_read_is_parked_whole(pair: Pair, kind: str) -> None:
    _, budi = pair

    assert await budi.take(Mail(f"netral.v1.anna.budi.{kind}", b"\xff\x01")) == []

    (parked,) = await budi.rows(ParkedBytes)
    assert (parked.reason, parked.body) == ("UNREADABLE", b"\xff\x01")


@pytest.mark.parametrize(
    "subject", ["netral.v1.anna.citra.statement", "netral.v1.anna.budi.poke", "a.b", "", "a\0b", "x" * 300]
)
async def test_a_message_for_somebody_else_is_parked_for_the_host(pair: Pair, subject: str) -> None:
    anna, budi = pair

    assert await budi.take(Mail(subject, anna.by_hand(budi).data)) == []

    (parked,) = await budi.rows(ParkedBytes)
    assert (parked.reason, parked.party) == ("MISROUTED", "")
    assert await no_trace(budi)


async def test_a_bad_parcel_leaves_the_good_ones_of_its_message_alone(pair: Pair) -> None:
    anna, budi = pair
    matter = a_matter()
    (good,) = signed_in([anna.by_hand(budi, subject=matter)])
    parcels = [statement_pb2.Parcel(envelope=data) for data in (b"bad", good, by_a_stranger(anna, budi))]

    replies = await budi.take(anna.parcels(budi, *parcels))

    assert outcomes(replies) == [TAKEN_UP]
    assert len(await budi.rows(ParkedBytes)) == 2


async def test_parked_bytes_are_kept_once_and_under_a_quota(pair: Pair, monkeypatch: Any) -> None:
    _, budi = pair
    monkeypatch.setattr(unverifiable, "STRAY_QUOTA", 3)
    noise = [Mail("netral.v1.anna.budi.statement", bytes([255, n])) for n in range(5)]

    await budi.take(noise[0], noise[0])
    await budi.take(*noise)
    await budi.take(noise[0])

    assert len(await budi.rows(ParkedBytes)) == 3
    (row,) = await budi.rows(DroppedBytes)
    assert (row.party, row.dropped) == ("budi", 2)


async def test_a_damaged_sealed_part_is_parked_and_the_senders_repeat_mends_it(pair: Pair) -> None:
    anna, budi = pair
    matter = a_matter()
    good = await anna.mailed(budi, matter=matter, part=b"part")
    parcels = statement_pb2.Parcels.FromString(good.data)
    personal = parcels.parcels[0].personal
    personal.sealed = personal.sealed[:-1] + bytes([personal.sealed[-1] ^ 1])

    replies = await budi.take(Mail(good.subject, parcels.SerializeToString()))
    assert replies == []
    assert [row.reason for row in await budi.rows(ParkedBytes)] == ["DAMAGED"]
    assert await no_trace(budi)

    anna.clock.forward(60)
    replies = await budi.take(*await anna.mail())
    assert outcomes(replies) == [TAKEN_UP]
    assert (await budi.tally(matter)).count == 1


@pytest.mark.parametrize("fault", ["missing", "another key", "another suite", "of another statement"])
async def test_a_statement_without_its_own_personal_part_is_parked(pair: Pair, fault: str) -> None:
    anna, budi = pair
    good = await anna.mailed(budi, part=b"part")
    (parcel,) = statement_pb2.Parcels.FromString(good.data).parcels
    if fault == "missing":
        parcel.ClearField("personal")
    elif fault == "another key":
        parcel.personal.key_id = "0" * 64
    elif fault == "another suite":
        parcel.personal.suite = "none"
    else:
        other = await anna.mailed(budi, part=b"part")
        parcel.personal.CopyFrom(statement_pb2.Parcels.FromString(other.data).parcels[0].personal)

    assert await budi.take(anna.parcels(budi, parcel)) == []

    assert await no_trace(budi)


MALFORMED = {
    "id too long": {"id": "x" * 37},
    "id empty": {"id": ""},
    "id in capitals": {"id": "018F0000-0000-7000-8000-000000000001"},
    "id with a nul": {"id": "018f0000-0000-7000-8000-00000000000\0"},
    "subject no uuid": {"subject": "matter"},
    "after no uuid": {"after": "x" * 37},
    "case no uuid": {"case_id": "x" * 300},
    "causation no uuid": {"causation": "\0"},
    "copy_of no uuid": {"copy_of": "\0"},
    "sequence zero": {"sequence": 0},
    "sequence beyond the database": {"sequence": 1 << 63},
    "type too long": {"type": "netral.teller." + "x" * 200 + ".v1"},
    "type with a nul": {"type": "netral.teller.\0.v1"},
    "actor too long": {"actor": statement_pb2.Actor(id="x" * 101)},
    "actor with a nul": {"actor": statement_pb2.Actor(id="\0")},
    "another source": {"source": "netral://citra"},
    "commitment too short": {"commitment": b"x"},
}


@pytest.mark.parametrize("other", MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_signed_statement_with_impossible_attributes_is_parked_and_blocks_nothing(
    pair: Pair, other: dict[str, Any]
) -> None:
    """It cannot be kept in the tables; before, it came again for ever and everything behind it waited."""
    anna, budi = pair
    matter = a_matter()

    replies = await budi.take(
        anna.by_hand(budi, **{"sequence": 1} | other), anna.by_hand(budi, 9, subject=matter)
    )

    assert outcomes(replies) == [TAKEN_UP]
    assert [row.reason for row in await budi.rows(ParkedBytes)] == ["MALFORMED"]
    assert (await budi.tally(matter)).count == 1


# --- the right to send ---------------------------------------------------------------------------------------------


UNLAWFUL: dict[str, tuple[dict[str, Any], str]] = {
    "unknown type": ({"type": "netral.teller.sang.v1"}, "UNKNOWN_TYPE"),
    "type of another role": ({"type": ANSWER}, "TYPE_NOT_ALLOWED"),
    "role not held": ({"type": "netral.judge.counted.v1", "role": "judge"}, "UNKNOWN_TYPE"),
    "another basis": ({"legal_basis": "agreement-2"}, "NO_LEGAL_BASIS"),
    "no basis": ({"legal_basis": ""}, "NO_LEGAL_BASIS"),
    "from the future": ({"time": timestamp(TODAY + timedelta(minutes=6))}, "TIME_IN_FUTURE"),
}


@pytest.mark.parametrize(("other", "reason"), UNLAWFUL.values(), ids=UNLAWFUL.keys())
async def test_what_its_sender_may_not_send_is_kept_and_refused(
    pair: Pair, other: dict[str, Any], reason: str
) -> None:
    anna, budi = pair
    matter = a_matter()
    mail = anna.by_hand(budi, subject=matter, part=b"on a person", **other)

    replies = await budi.take(mail)

    assert outcomes(replies) == [refused(reason)]
    assert await budi.leaves(Kind.STATEMENT) == signed_in([mail])
    assert await budi.file(matter) == []
    assert [(row.state, row.reason) for row in await budi.rows(Inbox)] == [("REFUSED", reason)]
    assert (await budi.tally(matter)).count == 0


async def test_a_clock_that_runs_a_little_ahead_is_forgiven(pair: Pair) -> None:
    anna, budi = pair

    replies = await budi.take(anna.by_hand(budi, time=timestamp(TODAY + timedelta(minutes=5))))

    assert outcomes(replies) == [TAKEN_UP]


async def test_a_role_counts_at_the_time_of_the_statement(
    database_url: str, another_database: Callable[[], str], tmp_path: Path
) -> None:
    end = TODAY - timedelta(days=1)
    roles = {"anna": [("teller", KEYS_SINCE, end)], "budi": BOTH_ROLES}
    urls = {"anna": database_url, "budi": another_database()}
    async with open_sides(tmp_path, urls, roles=roles) as (anna, budi):
        replies = await budi.take(
            anna.by_hand(budi, 1, time=timestamp(end - timedelta(microseconds=1))),
            anna.by_hand(budi, 2, time=timestamp(end)),
        )

    assert outcomes(replies) == [TAKEN_UP, refused("ROLE_NOT_HELD")]


async def test_whose_role_has_ended_may_send_what_hands_over_and_nothing_else(
    database_url: str, another_database: Callable[[], str], tmp_path: Path
) -> None:
    end = TODAY - timedelta(days=1)
    roles = {"anna": [("teller", KEYS_SINCE, end), ("former", end, None)], "budi": BOTH_ROLES}
    urls = {"anna": database_url, "budi": another_database()}
    law = replace(a_law(), former=lambda type: "former" if type == COUNTED else "")
    async with open_sides(tmp_path, urls, roles=roles, law=law) as (anna, budi):
        replies = await budi.take(anna.by_hand(budi, 1, type=COUNTED), anna.by_hand(budi, 2, type=REFUSED))

    assert outcomes(replies) == [TAKEN_UP, refused("ROLE_NOT_HELD")]


async def test_a_basis_permits_some_types_only(
    database_url: str, another_database: Callable[[], str], tmp_path: Path
) -> None:
    urls = {"anna": database_url, "budi": another_database()}
    async with open_sides(tmp_path, urls, law=a_law([(BASIS, COUNTED, "teller")])) as (anna, budi):
        replies = await budi.take(anna.by_hand(budi, 1, type=COUNTED), anna.by_hand(budi, 2, type=ASKED))

        details = [row.detail for row in await budi.rows(Inbox)]

    assert outcomes(replies) == [TAKEN_UP, refused("NO_LEGAL_BASIS")]
    assert sorted(details) == ["", f"{BASIS} does not permit {ASKED}"]


async def test_a_key_that_is_no_longer_valid_signs_nothing(
    database_url: str, another_database: Callable[[], str], tmp_path: Path
) -> None:
    end = TODAY + timedelta(hours=1)

    def expire(document: dict[str, Any]) -> None:
        document["parties"][0]["signing"][0]["until"] = end.isoformat()

    urls = {"anna": database_url, "budi": another_database()}
    async with open_sides(tmp_path, urls, edit=expire) as (anna, budi):
        mail = anna.by_hand(budi)
        budi.clock.at = end
        assert await budi.take(mail) == []
        assert [row.reason for row in await budi.rows(ParkedBytes)] == ["KEY_NOT_VALID"]


# --- handlers ------------------------------------------------------------------------------------------------------


async def test_a_handler_that_refuses_leaves_custody_and_nothing_else(pair: Pair) -> None:
    anna, budi = pair
    matter, other = a_matter(), a_matter()
    mails = [await anna.mailed(budi, matter=matter, type=REFUSED), await anna.mailed(budi, matter=other)]

    replies = await budi.take(*mails)

    assert outcomes(replies) == [refused("WRONG_STATE"), TAKEN_UP]
    assert (await budi.tally(matter)).count == 0
    assert (await budi.tally(other)).count == 1
    assert await budi.rows(Outbox) == []
    assert len(await budi.leaves(Kind.STATEMENT)) == 2


async def test_a_handler_that_raises_parks_its_statement_and_the_others_stand(pair: Pair) -> None:
    anna, budi = pair
    matter, other = a_matter(), a_matter()
    mails = [await anna.mailed(budi, matter=matter, type=BROKEN), await anna.mailed(budi, matter=other)]

    replies = await budi.take(*mails)

    assert outcomes(replies) == [kept("HANDLER_FAILED"), TAKEN_UP]
    assert (await budi.tally(matter)).count == 0
    assert (await budi.tally(other)).count == 1
    parked = await budi.rows(Inbox, state="PARKED")
    assert [(row.reason, row.detail) for row in parked] == [("HANDLER_FAILED", "RuntimeError")]


async def test_a_statement_whose_handler_reads_what_it_does_not_need_is_parked(pair: Pair) -> None:
    anna, budi = pair
    matter = a_matter()
    forgetful = {COUNTED: replace(budi.handlers[COUNTED], loads=())}

    replies = await budi.take(await anna.mailed(budi, matter=matter), handlers=forgetful)

    assert outcomes(replies) == [kept("HANDLER_FAILED")]
    assert [row.detail for row in await budi.rows(Inbox, state="PARKED")] == ["NotLoaded"]
    assert (await budi.tally(matter)).count == 0


async def test_facts_of_another_type_are_refused(pair: Pair) -> None:
    anna, budi = pair
    wrong, broken = AnyMessage(), AnyMessage()
    wrong.Pack(Int64Value(value=7))
    broken.type_url, broken.value = "type.googleapis.com/google.protobuf.StringValue", b"\xff"

    replies = await budi.take(
        anna.by_hand(budi, 1, facts=wrong),
        anna.by_hand(budi, 2, facts=broken),
        anna.by_hand(budi, 3, facts=None),
    )

    assert outcomes(replies) == [refused("WRONG_FACTS"), kept("HANDLER_FAILED"), refused("WRONG_FACTS")]


async def test_what_cannot_be_written_is_parked_with_custody(pair: Pair) -> None:
    """The host parks a message that fails alone."""
    anna, budi = pair
    matter = a_matter()
    mail = await anna.mailed(budi, matter=matter)

    result = await park_failed(budi.desk, *mail.pair, ValueError("cannot be flushed"), reports.compare)

    assert outcomes(await said(result)) == [kept("HANDLER_FAILED")]
    assert [row.detail for row in await budi.rows(Inbox)] == ["RuntimeError"]
    assert await budi.leaves(Kind.STATEMENT) == signed_in([mail])


REFUSE_ROWS = {
    "sqlite": ["CREATE TRIGGER full BEFORE INSERT ON inbox BEGIN SELECT RAISE(ABORT, 'no'); END"],
    "postgresql": [
        "CREATE FUNCTION no() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'no'; END $$ LANGUAGE plpgsql",
        "CREATE TRIGGER full_up BEFORE INSERT ON inbox FOR EACH ROW EXECUTE FUNCTION no()",
    ],
}


async def test_what_cannot_even_be_kept_is_set_aside_and_its_senders_repeat_mends_it(pair: Pair) -> None:
    """It must not come again for ever, with everything behind it."""
    anna, budi = pair
    mail = await anna.mailed(budi)
    kind = "sqlite" if budi.desk.database.sqlite else "postgresql"
    async with budi.desk.database.write() as connection:
        for statement in REFUSE_ROWS[kind]:
            await connection.execute(text(statement))

    result = await park_failed(budi.desk, *mail.pair, ValueError("cannot be flushed"), reports.compare)

    assert await said(result) == []
    assert await no_trace(budi)
    (parked,) = await budi.rows(ParkedBytes)
    assert (parked.party, parked.reason, parked.body) == ("budi", "CANNOT_BE_KEPT", mail.data)
    async with budi.desk.database.write() as connection:
        trigger = REFUSE_ROWS[kind][-1].split()[2]
        await connection.execute(text(f"DROP TRIGGER {trigger}" + (" ON inbox" if kind != "sqlite" else "")))
    assert outcomes(await budi.take(mail)) == [TAKEN_UP]


async def decide(side: Side, id: str, *, give_back: bool, request_id: str = "") -> tuple[Any, list[Mail]]:
    command = a_command(side, "", request_id=request_id, content=f"{id} {give_back}".encode())
    record, result = await parked.decide(
        side.desk,
        side.handlers,
        command,
        id,
        "exchange.return" if give_back else "exchange.retry",
        give_back=give_back,
    )
    return record, await said(result)


async def parked_at(anna: Side, budi: Side, matter: str) -> str:
    mail = await anna.mailed(budi, "parked", matter=matter, type=BROKEN, part=b"part")
    await budi.take(mail)
    return statements_in([mail])[0].id


async def test_a_parked_statement_is_run_again_when_the_handler_is_mended(pair: Pair) -> None:
    anna, budi = pair
    matter = a_matter()
    id = await parked_at(anna, budi, matter)
    later = await budi.take(await anna.mailed(budi, "waits", matter=matter))
    assert outcomes(later) == [kept("WAITS_FOR_EARLIER")]

    with pytest.raises(WrongState, match="failed again"):
        await decide(budi, id, give_back=False)
    assert [row.state for row in await budi.rows(Inbox, id=id)] == ["PARKED"]
    budi.mended = True
    budi.clock.forward(60)
    record, replies = await decide(budi, id, give_back=False)

    assert outcomes(replies) == [TAKEN_UP, TAKEN_UP]
    assert receipts_in(replies)[0].custody_time == timestamp(TODAY)
    assert (await budi.tally(matter)).heard == ("parked", "waits")
    assert record.action == "exchange.retry"
    assert len(await budi.leaves(Kind.RECORD)) == 1


async def test_a_parked_statement_that_is_given_back_is_refused(pair: Pair) -> None:
    anna, budi = pair
    matter = a_matter()
    id = await parked_at(anna, budi, matter)
    await budi.take(await anna.mailed(budi, "waits", matter=matter))

    _, replies = await decide(budi, id, give_back=True)

    assert outcomes(replies) == [refused("RETURNED"), TAKEN_UP]
    assert (await budi.tally(matter)).heard == ("waits",)
    await anna.take(*replies)
    (row,) = await anna.rows(Outbox, id=id)
    assert (row.outcome, row.reason) == ("REFUSED", "RETURNED")


async def test_a_decision_on_what_is_held_up_is_made_once_per_request_id(pair: Pair) -> None:
    anna, budi = pair
    matter, request_id = a_matter(), str(uuid4())
    id = await parked_at(anna, budi, matter)
    budi.mended = True
    first, _ = await decide(budi, id, give_back=False, request_id=request_id)
    before = await budi.rows(Leaf)

    again, replies = await decide(budi, id, give_back=False, request_id=request_id)

    assert again == first
    assert replies == []
    assert await budi.rows(Leaf) == before
    with pytest.raises(NotFound):
        await decide(budi, id, give_back=False)


async def test_parked_bytes_can_be_dropped_and_not_run(pair: Pair) -> None:
    _, budi = pair
    await budi.take(Mail("netral.v1.anna.budi.statement", b"\xff"))
    (parked,) = await budi.rows(ParkedBytes)

    with pytest.raises(Malformed):
        await decide(budi, str(parked.id), give_back=False)
    await decide(budi, str(parked.id), give_back=True)

    assert await budi.rows(ParkedBytes) == []
    for gone in (str(parked.id), "9" * 36):
        with pytest.raises(NotFound):
            await decide(budi, gone, give_back=True)


# --- order and completeness ----------------------------------------------------------------------------------------


async def test_a_statement_waits_for_the_one_before_it(pair: Pair) -> None:
    anna, budi = pair
    matter = a_matter()
    first = await anna.mailed(budi, "first", matter=matter)
    second = await anna.mailed(budi, "second", matter=matter, part=b"part")

    replies = await budi.take(second)
    assert outcomes(replies) == [kept("WAITS_FOR_EARLIER")]
    assert (await budi.tally(matter)).heard == ()

    replies = await budi.take(first)
    assert outcomes(replies) == [TAKEN_UP, TAKEN_UP]
    assert (await budi.tally(matter)).heard == ("first", "second")


async def test_statements_on_other_matters_do_not_wait(pair: Pair) -> None:
    anna, budi = pair
    await anna.mailed(budi)

    replies = await budi.take(await anna.mailed(budi))

    assert outcomes(replies) == [TAKEN_UP]


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(
    order=st.permutations(range(5)),
    cuts=st.sets(st.integers(1, 4)),
    repeats=st.lists(st.integers(0, 4), max_size=3),
)
async def test_a_chain_in_any_order_and_any_batches_gives_the_same(
    pair: Pair, order: list[int], cuts: set[int], repeats: list[int]
) -> None:
    anna, budi = pair
    matter = a_matter()
    chain = [await anna.mailed(budi, str(n), matter=matter, part=b"part" * (n % 2)) for n in range(5)]
    arriving = [chain[n] for n in order]
    for start, end in itertools.pairwise([0, *sorted(cuts), 5]):
        await budi.take(*arriving[start:end], *(chain[n] for n in repeats if n in order[:end]))

    assert (await budi.tally(matter)).heard == ("0", "1", "2", "3", "4")
    ids = [statement.id for statement in statements_in(chain)]
    states = {row.id: row.state for row in await budi.rows(Inbox) if row.matter == matter}
    assert states == dict.fromkeys(ids, "TAKEN_UP")
    (row,) = await budi.rows(PairIn)
    assert row.complete == row.highest and row.ask_due is None


async def test_a_gap_is_noted_asked_for_and_closed(pair: Pair) -> None:
    anna, budi = pair
    matters = [a_matter() for _ in range(7)]
    mails = [await anna.mailed(budi, matter=matter) for matter in matters]
    await budi.take(mails[0], mails[1], mails[3], mails[5])

    (row,) = await budi.rows(PairIn)
    assert (row.complete, row.highest) == (2, 6)
    assert await asked(budi) == []
    budi.clock.forward(10)
    (ask,) = await asked(budi)
    assert list(read_ask(ask).missing) == [3, 5]

    await anna.take(ask)
    again = await anna.mail()
    numbers = {statement.sequence for statement in statements_in(again) if statement.sequence in (3, 5)}
    assert numbers == {3, 5}
    await budi.take(mails[2])
    assert [(row.complete, row.highest) for row in await budi.rows(PairIn)] == [(4, 6)]
    await budi.take(*again)
    (row,) = await budi.rows(PairIn)
    assert row.complete == row.highest == 7
    assert row.ask_due is None


async def asked(side: Side) -> list[Mail]:
    """The asks for missing numbers that go out now."""
    collected, publish = collector()
    await relay.ask_for_gaps(side.desk, publish, PATIENCE)
    return collected


def read_ask(mail: Mail) -> receipt_pb2.Ask:
    (data,) = signed_in([mail])
    return receipt_pb2.Ask.FromString(envelope.read(data).payload)


async def test_a_gap_is_asked_for_on_growing_delays(pair: Pair) -> None:
    anna, budi = pair
    await budi.take(anna.by_hand(budi, 2))
    times = []
    for second in range(60):
        if await asked(budi):
            times.append(second)
        budi.clock.forward(1)

    assert times == [5, 10, 20, 40]


async def test_an_absurd_number_is_a_gap_that_is_asked_for_in_pieces(pair: Pair) -> None:
    anna, budi = pair
    await budi.take(anna.by_hand(budi, (1 << 63) - 1), anna.by_hand(budi, 3))
    budi.clock.forward(10)

    (ask,) = await asked(budi)

    missing = list(read_ask(ask).missing)
    assert missing[:4] == [1, 2, 4, 5]
    assert len(missing) == 1000


async def test_what_a_restored_peer_lost_is_sent_again(pair: Pair) -> None:
    """It gave receipts for it, then went back to an old backup."""
    anna, budi = pair
    settled, in_custody = await anna.mailed(budi), await anna.mailed(budi, type=BROKEN)
    await anna.take(*await budi.take(settled, in_custody))
    assert await anna.mail() == []
    ask = receipt_pb2.Ask(sender="budi", recipient="anna", time=timestamp(budi.clock()), missing=[1, 2, 3])

    await anna.take(budi.envelopes(anna, subjects.ASK, budi.sign(ask.SerializeToString(), envelope.ASK)))

    assert {s.sequence for s in statements_in(await anna.mail())} == {1, 2}


async def test_the_delay_of_a_statement_s_first_receipt_is_told_once(pair: Pair) -> None:
    anna, budi = pair
    (receipts,) = await budi.take(await anna.mailed(budi))
    anna.clock.forward(7)

    first = await process_messages(anna.desk, anna.handlers, [receipts.pair], reports.compare)
    again = await process_messages(anna.desk, anna.handlers, [receipts.pair], reports.compare)

    assert (first.receipt_delays, again.receipt_delays) == ([7.0], [])


async def test_an_ask_for_outcomes_is_answered_with_kept_receipts(pair: Pair) -> None:
    anna, budi = pair
    mail = await anna.mailed(budi, type=BROKEN)
    custody = await budi.take(mail)
    await anna.take(*custody)
    budi.mended = True
    _, outcome = await decide(budi, statements_in([mail])[0].id, give_back=False)
    assert outcome  # and it is lost
    anna.clock.forward(60)

    (ask,) = await anna.mail()
    assert ask.subject == "netral.v1.anna.budi.ask"
    answer = await budi.take(ask)

    assert signed_in(answer) == signed_in(custody) + signed_in(outcome)
    await anna.take(*answer)
    assert [row.outcome for row in await anna.rows(Outbox)] == ["TAKEN_UP"]


async def test_an_ask_signed_by_somebody_else_is_not_answered(pair: Pair) -> None:
    anna, budi = pair
    await anna.take(*await budi.take(await anna.mailed(budi)))
    ask = receipt_pb2.Ask(sender="budi", recipient="anna", time=timestamp(budi.clock()), missing=[1])
    forged = anna.sign(ask.SerializeToString(), envelope.ASK)

    assert await anna.take(budi.envelopes(anna, subjects.ASK, forged)) == []

    assert await anna.mail() == []

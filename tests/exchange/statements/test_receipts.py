"""A receipt is the same bytes on both sides; nobody but the recipient can make one, and nobody can change one."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.formats.leaf import Kind
from audit.log.events import RECEIPT_TYPES, read_receipt
from audit.tables import Leaf
from exchange.bus import subjects
from exchange.delivery import verification
from exchange.statements import envelope, private_keys
from exchange.statements.protobuf_time import timestamp
from exchange.tables import Delivery, Outbox, ParkedBytes
from netral.exchange.v1 import receipt_pb2, statement_pb2
from support.pair import (
    BROKEN,
    KEYS_SINCE,
    REFUSED,
    TODAY,
    Mail,
    Side,
    a_matter,
    open_sides,
    receipts_in,
    signed_in,
    statements_in,
)

Pair = tuple[Side, Side]
Receipt = receipt_pb2.Receipt


# --- both sides ----------------------------------------------------------------------------------------------------


async def test_both_sides_keep_the_same_bytes_of_every_receipt(pair: Pair) -> None:
    anna, budi = pair
    matter = a_matter()
    mails = [
        await anna.mailed(budi, matter=matter, part=b"part"),
        await anna.mailed(budi, type=REFUSED),
        await anna.mailed(budi, type=BROKEN),
        await anna.mailed(budi, matter=matter),
    ]

    for mail in reversed(mails):
        await anna.take(*await budi.take(mail))

    assert len(await budi.leaves(Kind.RECEIPT)) == 5  # one of them waited first
    assert await anna.leaves(Kind.RECEIPT) == await budi.leaves(Kind.RECEIPT)


async def test_a_kept_receipt_verifies_and_names_the_bytes_it_is_about(pair: Pair) -> None:
    anna, budi = pair
    await anna.take(*await budi.take(await anna.mailed(budi)))

    (kept,) = await anna.leaves(Kind.RECEIPT)
    (sent,) = await anna.leaves(Kind.STATEMENT)

    opened = envelope.read(kept)
    signer = anna.desk.trust.signer(opened.keyid)
    assert signer is not None and signer[0].id == "budi"
    assert opened.verified_by(signer[1].public)
    assert read_receipt(opened).envelope_digest == envelope.read(sent).digest


async def test_a_receipt_that_comes_again_is_kept_once(pair: Pair) -> None:
    anna, budi = pair
    replies = await budi.take(await anna.mailed(budi))
    await anna.take(*replies, *replies)
    before = [await anna.rows(model) for model in (Leaf, Outbox, Delivery)]

    await anna.take(*replies)

    assert [await anna.rows(model) for model in (Leaf, Outbox, Delivery)] == before
    assert len(await anna.leaves(Kind.RECEIPT)) == 1


async def test_custody_after_the_outcome_takes_nothing_back(pair: Pair) -> None:
    """The bus may turn them around."""
    anna, budi = pair
    matter = a_matter()
    first, second = await anna.mailed(budi, matter=matter), await anna.mailed(budi, matter=matter)
    custody = await budi.take(second)
    outcomes = await budi.take(first)

    await anna.take(*outcomes)
    await anna.take(*custody)

    assert [row.outcome for row in await anna.rows(Outbox)] == ["TAKEN_UP", "TAKEN_UP"]
    assert await anna.rows(Delivery) == []
    assert len(await anna.leaves(Kind.RECEIPT)) == 3


async def test_the_first_outcome_stands(pair: Pair) -> None:
    """A peer that says two things is shown by its own signatures; it does not change what was taken for settled."""
    anna, budi = pair
    mail = await anna.mailed(budi)
    await anna.take(*await budi.take(mail))
    later = a_receipt(budi, mail, outcome=Receipt.OUTCOME_REFUSED, reason="NOT_ALLOWED")

    await anna.take(later)

    assert [(row.outcome, row.reason) for row in await anna.rows(Outbox)] == [("TAKEN_UP", "")]
    assert (await anna.leaves(Kind.RECEIPT))[1:] == signed_in([later])


# --- what is refused -----------------------------------------------------------------------------------------------


def a_receipt(by: Side, about: Mail, *, sign: Callable[[bytes], bytes] | None = None, **other: Any) -> Mail:
    """An outcome receipt made by hand for the statement in a message."""
    (data,) = signed_in([about])
    (statement,) = statements_in([about])
    values = {
        "statement_id": statement.id,
        "envelope_digest": envelope.read(data).digest,
        "sender": statement.sender,
        "recipient": statement.recipient,
        "sequence": statement.sequence,
        "stage": Receipt.STAGE_OUTCOME,
        "outcome": Receipt.OUTCOME_TAKEN_UP,
        "custody_time": timestamp(by.clock()),
        "time": timestamp(by.clock()),
    }
    payload = Receipt(**(values | other)).SerializeToString()
    signed = sign(payload) if sign else by.sign(payload, envelope.RECEIPT)
    subject = subjects.Subject(statement.recipient, statement.sender, subjects.RECEIPT)
    return Mail(str(subject), statement_pb2.Envelopes(envelopes=[signed]).SerializeToString())


async def unsettled(side: Side) -> bool:
    """True if its only statement is still without any receipt."""
    (row,) = await side.rows(Outbox)
    (delivery,) = await side.rows(Delivery)
    no_leaf = await side.leaves(Kind.RECEIPT) == []
    return row.custody is None and row.outcome == "" and delivery.awaits == "custody" and no_leaf


async def test_a_receipt_made_by_hand_settles(pair: Pair) -> None:
    """So that the refusals below are about what they say."""
    anna, budi = pair
    mail = await anna.mailed(budi)

    await anna.take(a_receipt(budi, mail))

    assert [row.outcome for row in await anna.rows(Outbox)] == ["TAKEN_UP"]


async def test_the_sender_cannot_write_its_own_receipt(pair: Pair) -> None:
    anna, budi = pair
    mail = await anna.mailed(budi)

    await anna.take(a_receipt(anna, mail))

    assert [row.reason for row in await anna.rows(ParkedBytes)] == ["UNKNOWN_KEY"]
    assert await unsettled(anna)


async def test_a_receipt_of_a_third_party_settles_nothing(
    database_url: str, another_database: Callable[[], str], tmp_path: Path
) -> None:
    urls = {"anna": database_url, "budi": another_database(), "citra": another_database()}
    async with open_sides(tmp_path, urls) as (anna, budi, citra):
        mail = await anna.mailed(budi)
        as_budi, as_itself = a_receipt(citra, mail), a_receipt(citra, mail, recipient="citra")
        in_its_own_name = Mail("netral.v1.citra.anna.receipt", as_itself.data)
        as_itself = a_receipt(citra, mail, recipient="citra", reason="LATER")

        await anna.take(as_budi, as_itself, in_its_own_name)

        reasons = {row.reason for row in await anna.rows(ParkedBytes)}
        assert reasons == {"UNKNOWN_KEY", "MISROUTED", "UNKNOWN_STATEMENT"}
        assert await unsettled(anna)


async def test_a_receipt_with_a_false_signature_settles_nothing(pair: Pair) -> None:
    anna, budi = pair
    mail = await anna.mailed(budi)
    stranger, keys = private_keys.new_keys(), budi.desk.keys["budi"]

    def sign(payload: bytes) -> bytes:
        return envelope.sign(payload, envelope.RECEIPT, stranger.signing, keys.keyid)

    await anna.take(a_receipt(budi, mail, sign=sign))

    assert [row.reason for row in await anna.rows(ParkedBytes)] == ["BAD_SIGNATURE"]
    assert await unsettled(anna)


async def test_a_signature_over_another_kind_of_document_is_none_of_a_receipt(pair: Pair) -> None:
    anna, budi = pair
    mail = await anna.mailed(budi)

    await anna.take(a_receipt(budi, mail, sign=lambda payload: budi.sign(payload, envelope.STATEMENT)))

    assert [row.reason for row in await anna.rows(ParkedBytes)] == ["UNREADABLE"]
    assert await unsettled(anna)


async def test_a_receipt_from_before_its_key_settles_nothing(pair: Pair) -> None:
    anna, budi = pair
    mail = await anna.mailed(budi)

    await anna.take(a_receipt(budi, mail, time=timestamp(KEYS_SINCE - timedelta(seconds=1))))

    assert [row.reason for row in await anna.rows(ParkedBytes)] == ["KEY_NOT_VALID"]
    assert await unsettled(anna)


async def test_a_receipt_for_other_bytes_is_kept_and_settles_nothing(pair: Pair) -> None:
    """It is signed evidence that the peer was given something else under our id."""
    anna, budi = pair
    mail = await anna.mailed(budi)

    await anna.take(a_receipt(budi, mail, envelope_digest=bytes(32)))

    (row,) = await anna.rows(Outbox)
    assert (row.custody, row.outcome) == (None, "")
    assert len(await anna.leaves(Kind.RECEIPT)) == 1
    assert len(await anna.rows(Delivery, awaits="custody")) == 1


async def test_a_receipt_that_says_another_number_than_its_statement_is_parked_and_is_no_leaf(
    pair: Pair,
) -> None:
    """In the log it would spoil every verification of this party's log and packs."""
    anna, budi = pair
    mail = await anna.mailed(budi)

    await anna.take(a_receipt(budi, mail, sequence=77))

    assert [row.reason for row in await anna.rows(ParkedBytes)] == ["UNKNOWN_STATEMENT"]
    assert await anna.leaves(Kind.RECEIPT) == []
    assert await unsettled(anna)


async def test_a_receipt_for_nothing_we_sent_is_parked_and_is_no_leaf(pair: Pair) -> None:
    anna, budi = pair

    await anna.take(a_receipt(budi, anna.by_hand(budi)))

    assert [row.reason for row in await anna.rows(ParkedBytes)] == ["UNKNOWN_STATEMENT"]
    assert await anna.rows(Leaf) == []


IMPOSSIBLE: dict[str, tuple[dict[str, Any], str]] = {
    "id with a nul": ({"statement_id": "018f0000-0000-7000-8000-00000000000\0"}, "MALFORMED"),
    "id too long": ({"statement_id": "x" * 3000}, "MALFORMED"),
    "reason in prose": ({"reason": "because of Budi"}, "MALFORMED"),
    "reason with a nul": ({"reason": "\0"}, "MALFORMED"),
    "reason too long": ({"reason": "X" * 61}, "MALFORMED"),
    "outcome with custody only": ({"stage": Receipt.STAGE_CUSTODY}, "MALFORMED"),
    "no outcome": ({"outcome": Receipt.OUTCOME_UNSPECIFIED}, "MALFORMED"),
    "unknown outcome": ({"outcome": 77}, "MALFORMED"),
    "no stage": ({"stage": Receipt.STAGE_UNSPECIFIED}, "UNREADABLE"),
    "unknown stage": ({"stage": 77}, "UNREADABLE"),
    "no digest": ({"envelope_digest": b""}, "UNREADABLE"),
    "no time": ({"time": Timestamp(seconds=1 << 62)}, "UNREADABLE"),
    "no custody time": ({"custody_time": Timestamp(seconds=1 << 62)}, "UNREADABLE"),
}


@pytest.mark.parametrize(("other", "reason"), IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
async def test_a_signed_receipt_with_impossible_attributes_is_parked_and_blocks_nothing(
    pair: Pair, other: dict[str, Any], reason: str
) -> None:
    anna, budi = pair
    bad, good = await anna.mailed(budi), await anna.mailed(budi)

    await anna.take(a_receipt(budi, bad, **other), a_receipt(budi, good))

    assert [row.reason for row in await anna.rows(ParkedBytes)] == [reason]
    assert [row.outcome for row in await anna.rows(Outbox)] == ["", "TAKEN_UP"]
    assert len(await anna.leaves(Kind.RECEIPT)) == 1


ABSURD: dict[str, dict[str, Any]] = {
    "a number beyond the database": {"missing": [1, (1 << 64) - 1]},
    "an id with a nul": {"undecided": ["\0"]},
    "an id too long": {"undecided": ["x" * 3000]},
}


@pytest.mark.parametrize("other", ABSURD.values(), ids=ABSURD.keys())
async def test_a_signed_ask_for_what_cannot_be_is_parked_and_blocks_nothing(
    pair: Pair, other: dict[str, Any]
) -> None:
    anna, budi = pair
    mail = await anna.mailed(budi)
    ask = receipt_pb2.Ask(sender="budi", recipient="anna", time=timestamp(budi.clock()), **other)
    asked = budi.envelopes(anna, subjects.ASK, budi.sign(ask.SerializeToString(), envelope.ASK))

    await anna.take(asked, a_receipt(budi, mail))

    assert [row.reason for row in await anna.rows(ParkedBytes)] == ["MALFORMED"]
    assert [row.outcome for row in await anna.rows(Outbox)] == ["TAKEN_UP"]


async def test_every_flipped_byte_of_a_receipt_is_seen(sqlite_url: str, tmp_path: Path) -> None:
    urls = {"anna": sqlite_url, "budi": f"sqlite:///{tmp_path / 'budi.sqlite'}"}
    async with open_sides(tmp_path, urls) as (anna, budi):
        (mail,) = await budi.take(await anna.mailed(budi))
        (data,) = signed_in([mail])

        for at in range(len(data)):
            for bit in (1, 128):
                flipped = data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]
                bundle = statement_pb2.Envelopes(envelopes=[flipped]).SerializeToString()
                (found,) = verification.verify_message(anna.desk, mail.subject, bundle, TODAY)
                assert isinstance(found, verification.UnverifiableBytes), f"byte {at}"
                assert found.body == flipped


# --- bundles -------------------------------------------------------------------------------------------------------


async def test_many_receipts_travel_in_one_message(pair: Pair) -> None:
    anna, budi = pair
    mails = [await anna.mailed(budi) for _ in range(5)]

    replies = await budi.take(*mails)

    assert [mail.subject for mail in replies] == ["netral.v1.budi.anna.receipt"]
    assert sorted(receipt.sequence for receipt in receipts_in(replies)) == [1, 2, 3, 4, 5]


async def test_a_bad_receipt_leaves_the_others_of_its_bundle_alone(pair: Pair) -> None:
    anna, budi = pair
    mails = [await anna.mailed(budi) for _ in range(3)]
    good = signed_in(await budi.take(*mails))
    flipped = good[1][:-1] + bytes([good[1][-1] ^ 1])

    await anna.take(budi.envelopes(anna, subjects.RECEIPT, good[0], flipped, b"", good[2]))

    assert [row.outcome for row in await anna.rows(Outbox)] == ["TAKEN_UP", "", "TAKEN_UP"]
    assert len(await anna.leaves(Kind.RECEIPT)) == 2
    assert len(await anna.rows(ParkedBytes)) == 2


async def test_receipts_that_come_together_are_settled_and_each_kept_once(pair: Pair) -> None:
    anna, budi = pair
    mails = [await anna.mailed(budi) for _ in range(5)]
    replies = await budi.take(*mails)

    await anna.take(*replies, *replies)

    assert {row.outcome for row in await anna.rows(Outbox)} == {"TAKEN_UP"}
    assert len(await anna.leaves(Kind.RECEIPT)) == 5


@pytest.mark.parametrize("kind", subjects.KINDS)
async def test_too_many_in_one_message_are_parked_as_one(pair: Pair, kind: str) -> None:
    """Half a million empty envelopes fit into a message; each would be looked up."""
    anna, budi = pair
    many = b"\x0a\x00" * 100_000
    good = await budi.take(await anna.mailed(budi))

    await anna.take(Mail(f"netral.v1.budi.anna.{kind}", many), *good)

    (parked,) = await anna.rows(ParkedBytes)
    assert (parked.reason, parked.body) == ("UNREADABLE", many)
    assert verification.split(f"netral.v1.budi.anna.{kind}", many) == [many]
    assert [row.outcome for row in await anna.rows(Outbox)] == ["TAKEN_UP"]


async def test_a_bundle_that_is_cut_off_is_parked_whole_and_settles_nothing(pair: Pair) -> None:
    anna, budi = pair
    (mail,) = await budi.take(await anna.mailed(budi))

    await anna.take(Mail(mail.subject, mail.data[:-1]))

    (parked,) = await anna.rows(ParkedBytes)
    assert (parked.reason, parked.body) == ("UNREADABLE", mail.data[:-1])
    assert await unsettled(anna)


@pytest.mark.parametrize("more", ["signature", "unknown field", "field twice"])
async def test_another_encoding_of_a_receipt_is_no_receipt(pair: Pair, more: str) -> None:
    """Or there would be two sets of bytes for one receipt, and logs that differ."""
    anna, budi = pair
    (mail,) = await budi.take(await anna.mailed(budi))
    (data,) = signed_in([mail])
    message = statement_pb2.Envelope.FromString(data)
    if more == "signature":
        message.signatures.append(message.signatures[0])
        other = message.SerializeToString()
    elif more == "unknown field":
        other = data + b"\x78\x01"  # field 15, varint 1
    else:
        other = data + statement_pb2.Envelope(payload_type=message.payload_type).SerializeToString()

    await anna.take(budi.envelopes(anna, subjects.RECEIPT, other))

    assert [row.reason for row in await anna.rows(ParkedBytes)] == ["UNREADABLE"]
    assert await unsettled(anna)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(data=st.binary(max_size=400))
def test_any_bytes_are_a_receipt_or_are_refused_in_words(data: bytes) -> None:
    opened = envelope.Envelope(b"", data, envelope.RECEIPT, "", b"")
    try:
        receipt = read_receipt(opened)
    except envelope.Unreadable:
        return
    assert receipt.stage in RECEIPT_TYPES

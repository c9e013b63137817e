"""Verifies messages from the bus: who signed, for whom, and whether the statement is complete. No I/O.

Only what passes here can become a leaf, and fits the tables: what a peer signed and is no statement by its attributes is
parked like bytes that nobody signed, or it would come again for ever.

The seal of a personal part is not signed: a part that does not open is parked without a receipt, and the sender's
repeat mends it. A refusal would let anybody who reaches the stream refuse statements in the recipient's name.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from audit.log.events import complete_receipt
from audit.log.unambiguous import read_unambiguous
from exchange.bus import subjects
from exchange.context import HostContext
from exchange.statements import envelope, personal_part, receipts
from exchange.statements.envelope import Envelope, Unreadable
from exchange.statements.protobuf_time import instant
from netral.exchange.v1 import pairing_pb2, receipt_pb2, statement_pb2


@dataclass(frozen=True, slots=True)
class VerifiedStatement:
    """A statement whose signature is its sender's. `plain` is salt and personal part, or empty."""

    envelope: Envelope
    digest: bytes
    statement: statement_pb2.Statement
    time: datetime
    plain: bytes


@dataclass(frozen=True, slots=True)
class ReceiptArrival:
    """A receipt whose signature is its statement's recipient's."""

    envelope: Envelope
    digest: bytes
    receipt: receipt_pb2.Receipt
    time: datetime


@dataclass(frozen=True, slots=True)
class AskArrival:
    """A request for what the asker misses, signed by the asker."""

    ask: receipt_pb2.Ask


@dataclass(frozen=True, slots=True)
class PairingArrival:
    """Pairing report of a peer, signed by the peer."""

    envelope: Envelope
    report: pairing_pb2.PairingReport


@dataclass(frozen=True, slots=True)
class UnverifiableBytes:
    """Bytes that nobody signed, or that are not whole: no leaf, no receipt."""

    party: str
    subject: str
    reason: str
    detail: str
    body: bytes


# In one NATS message, and so in a batch: the databases take some 32,000 values in one query.
MOST_ITEMS = {subjects.STATEMENT: 64, subjects.RECEIPT: 256, subjects.ASK: 16, subjects.PAIRING: 16}

M = TypeVar("M", bound=Message)

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TYPE = re.compile(r"[!-~]{1,100}")
_REASON = re.compile(r"[A-Z0-9_]{0,60}")
_OFFICER = re.compile(r"[^\x00-\x1f\x7f]{0,100}")
_LARGEST = (1 << 63) - 1  # that a BIGINT holds


class _Rejected(Exception):
    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


Arrived = VerifiedStatement | ReceiptArrival | AskArrival | PairingArrival | UnverifiableBytes


def verify_message(desk: HostContext, subject_text: str, data: bytes, now: datetime) -> Iterator[Arrived]:
    """Everything in one NATS message. `now` is when it is logged: keys must be valid then too."""
    subject = subjects.parse(subject_text)
    if subject is None or subject.recipient not in desk.parties:
        yield UnverifiableBytes("", subject_text, "MISROUTED", "not for a party of this host", data)
        return
    try:
        items = list(_items(subject, data))
    except Exception:  # hostile bytes: protobuf raises more than DecodeError
        yield UnverifiableBytes(
            subject.recipient, subject_text, "UNREADABLE", "not a message of this kind", data
        )
        return
    if len(items) > MOST_ITEMS[subject.kind]:
        yield UnverifiableBytes(
            subject.recipient, subject_text, "UNREADABLE", "too many in one message", data
        )
        return
    for body, sealed in items:
        try:
            yield _verified(desk, subject, body, sealed, now)
        except _Rejected as error:
            yield UnverifiableBytes(subject.recipient, subject_text, error.reason, error.detail, body)
        except Unreadable as error:
            yield UnverifiableBytes(subject.recipient, subject_text, "UNREADABLE", str(error), body)


def split(subject_text: str, data: bytes) -> list[bytes]:
    """One message per item of a bundle, so that a bad one can be handled alone."""
    subject = subjects.parse(subject_text)
    if subject is None:
        return [data]
    try:
        if subject.kind == subjects.STATEMENT:
            parcels = statement_pb2.Parcels.FromString(data).parcels
            if len(parcels) > MOST_ITEMS[subject.kind]:
                return [data]
            return [statement_pb2.Parcels(parcels=[parcel]).SerializeToString() for parcel in parcels]
        envelopes = statement_pb2.Envelopes.FromString(data).envelopes
        if len(envelopes) > MOST_ITEMS[subject.kind]:
            return [data]
        return [statement_pb2.Envelopes(envelopes=[item]).SerializeToString() for item in envelopes]
    except Exception:
        return [data]


def _items(subject: subjects.Subject, data: bytes) -> Iterable[tuple[bytes, statement_pb2.SealedPart | None]]:
    if subject.kind == subjects.STATEMENT:
        for parcel in statement_pb2.Parcels.FromString(data).parcels:
            yield parcel.envelope, parcel.personal if parcel.HasField("personal") else None
    else:
        for item in statement_pb2.Envelopes.FromString(data).envelopes:
            yield item, None


def _verified(
    desk: HostContext,
    subject: subjects.Subject,
    body: bytes,
    sealed: statement_pb2.SealedPart | None,
    now: datetime,
) -> Arrived:
    opened = envelope.read(body)
    if subject.kind == subjects.STATEMENT:
        statement = _parsed(statement_pb2.Statement, opened, envelope.STATEMENT)
        _check_route(subject, statement.sender, statement.recipient)
        time, digest = _instant(statement.time), opened.digest
        _check_signature(desk, opened, statement.sender, time, now)
        _check_attributes(statement)
        return VerifiedStatement(opened, digest, statement, time, _unsealed(desk, digest, statement, sealed))
    if subject.kind == subjects.RECEIPT:
        receipt = complete_receipt(_parsed(receipt_pb2.Receipt, opened, envelope.RECEIPT))
        _check_route(subject, receipt.recipient, receipt.sender)
        time = _instant(receipt.time)
        _check_signature(desk, opened, receipt.recipient, time, now)
        _check_receipt(receipt)
        return ReceiptArrival(opened, opened.digest, receipt, time)
    if subject.kind == subjects.PAIRING:
        report = _parsed(pairing_pb2.PairingReport, opened, envelope.PAIRING)
        _check_route(subject, report.sender, report.recipient)
        _check_signature(desk, opened, report.sender, _instant(report.time), now)
        _check_pairing(report)
        return PairingArrival(opened, report)
    ask = _parsed(receipt_pb2.Ask, opened, envelope.ASK)
    _check_route(subject, ask.sender, ask.recipient)
    _check_signature(desk, opened, ask.sender, _instant(ask.time), now)
    if not all(map(_UUID.fullmatch, ask.undecided)) or any(n > _LARGEST for n in ask.missing):
        raise _Rejected("MALFORMED", "an ask for what cannot be")
    return AskArrival(ask)


def _parsed(kind: type[M], opened: Envelope, payload_type: str) -> M:
    if opened.payload_type != payload_type:
        raise Unreadable("another payload type than the subject says")
    return read_unambiguous(kind, opened.payload)


def _instant(stamp: Timestamp) -> datetime:
    try:
        return instant(stamp)
    except (ValueError, OverflowError) as error:
        raise Unreadable("a time that is none") from error


def _check_attributes(statement: statement_pb2.Statement) -> None:
    """Check the attributes of a statement, and that the tables can hold them."""
    optional = (statement.after, statement.case_id, statement.causation, statement.copy_of)
    well = {
        "id": _UUID.fullmatch(statement.id),
        "subject": _UUID.fullmatch(statement.subject),
        "after, case, causation or copy_of": all(not id or _UUID.fullmatch(id) for id in optional),
        "sequence": 1 <= statement.sequence <= _LARGEST,
        "type": _TYPE.fullmatch(statement.type),
        "actor": _OFFICER.fullmatch(statement.actor.id),
        "source": statement.source == f"netral://{statement.sender}",
        "commitment": len(statement.commitment) in (0, 32),
    }
    wrong = [name for name, fits in well.items() if not fits]
    if wrong:
        raise _Rejected("MALFORMED", f"not as in a statement: {', '.join(wrong)}")


def _check_receipt(receipt: receipt_pb2.Receipt) -> None:
    _instant(receipt.custody_time)
    decided = bool(receipts.outcome_word(receipt))
    if (
        not _UUID.fullmatch(receipt.statement_id)
        or not _REASON.fullmatch(receipt.reason)
        or decided != (receipt.stage == receipts.OUTCOME)
    ):
        raise _Rejected("MALFORMED", "not as in a receipt: id, reason or outcome")


def _check_pairing(report: pairing_pb2.PairingReport) -> None:
    for side in (report.received, report.sent):
        numbers = (side.through, side.first, *side.indexes)
        if len(side.digest) != 32 or any(number > _LARGEST for number in numbers):
            raise _Rejected("MALFORMED", "not as in a pairing report: digest or numbers")


def _check_route(subject: subjects.Subject, sender: str, recipient: str) -> None:
    if (sender, recipient) != (subject.sender, subject.recipient):
        raise _Rejected("MISROUTED", "sender or recipient are not those of the subject")


def _check_signature(
    desk: HostContext, opened: Envelope, author: str, signed_at: datetime, now: datetime
) -> None:
    known = desk.trust.signer(opened.keyid)
    if known is None or known[0].id != author:
        raise _Rejected("UNKNOWN_KEY", "the key is not one of the author's")
    key = known[1]
    if not key.period.covers(signed_at) or not key.period.covers(now):
        raise _Rejected("KEY_NOT_VALID", "the key is not valid at the time of signing or now")
    if not opened.verified_by(key.public):
        raise _Rejected("BAD_SIGNATURE", "the signature does not verify")


def _unsealed(
    desk: HostContext,
    digest: bytes,
    statement: statement_pb2.Statement,
    sealed: statement_pb2.SealedPart | None,
) -> bytes:
    """Salt and personal part; the seal is not signed, so what fails here says nothing about the sender."""
    if not statement.commitment or desk.vault.is_erased(statement.recipient, statement.subject):
        return b""  # what comes late for a matter that was erased is not opened
    if sealed is None:
        raise _Rejected("PERSONAL_PART_MISSING", "the statement commits to a personal part that is not here")
    key = desk.keys[statement.recipient].sealing.get(sealed.key_id)
    if key is None or sealed.suite != personal_part.SUITE:
        raise _Rejected("UNKNOWN_SEAL", "sealed to another key or with another suite")
    try:
        return personal_part.unseal(sealed.sealed, key, digest, statement.commitment)
    except personal_part.Damaged as error:
        raise _Rejected("DAMAGED", str(error)) from error

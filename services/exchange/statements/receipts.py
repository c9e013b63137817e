"""Receipts: what the recipient of a statement says of it, signed. No I/O.

*Custody* says "kept"; *outcome* says taken up, or refused with its reason, and includes custody. A receipt is signed
once; a repeat of the statement is answered with the kept bytes.

A statement that is decided in the commit that takes it into custody gets one receipt for both, with both times: it
halves the signatures on the usual path and loses no evidence. Waiting and parked statements get a custody receipt
first.
"""

from dataclasses import dataclass
from datetime import datetime

from audit.log.events import OUTCOME_WORDS
from exchange.statements import envelope
from exchange.statements.private_keys import PrivateKeys
from exchange.statements.protobuf_time import timestamp
from netral.exchange.v1 import receipt_pb2

CUSTODY = receipt_pb2.Receipt.STAGE_CUSTODY
OUTCOME = receipt_pb2.Receipt.STAGE_OUTCOME

TAKEN_UP = "TAKEN_UP"
REFUSED = "REFUSED"
WAITING = "WAITING"
PARKED = "PARKED"


@dataclass(frozen=True, slots=True)
class Subject:
    """The statement that a receipt is about."""

    id: str
    digest: bytes
    sender: str
    recipient: str
    sequence: int
    matter: str
    received: datetime


def make(
    about: Subject, state: str, reason: str, now: datetime, keys: PrivateKeys, first_digest: bytes = b""
) -> tuple[receipt_pb2.Receipt, bytes]:
    """Sign a receipt for a statement in this inbox state; gives it, and the bytes of its envelope."""
    stage = OUTCOME if state in (TAKEN_UP, REFUSED) else CUSTODY
    outcome = {
        TAKEN_UP: receipt_pb2.Receipt.OUTCOME_TAKEN_UP,
        REFUSED: receipt_pb2.Receipt.OUTCOME_REFUSED,
    }.get(state, receipt_pb2.Receipt.OUTCOME_UNSPECIFIED)
    receipt = receipt_pb2.Receipt(
        statement_id=about.id,
        envelope_digest=about.digest,
        sender=about.sender,
        recipient=about.recipient,
        sequence=about.sequence,
        stage=stage,
        outcome=outcome,
        reason=reason,
        custody_time=timestamp(about.received),
        time=timestamp(now),
        first_digest=first_digest,
    )
    payload = receipt.SerializeToString(deterministic=True)
    return receipt, envelope.sign(payload, envelope.RECEIPT, keys.signing, keys.keyid)


def outcome_word(receipt: receipt_pb2.Receipt) -> str:
    """TAKEN_UP, REFUSED or empty."""
    return OUTCOME_WORDS.get(receipt.outcome, "")

"""Silence of the examiner (diam): what Bawaslu holds of it, claimed and signed; the examiner can refute it with a receipt.

Claim and refutation both stand (PKS, monitoring of follow-up). Days are legal dates at the supervisor; instants UTC.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from agreement.lengths import Code, Digest, Id, Party
from bawaslu.matters.domain.matter import Matter, State
from refusals import Malformed, NotAllowed, WrongState

AWAITED = frozenset({State.REFERRED, State.UNDER_EXAMINATION, State.RECOMMENDED})
"""Something is awaited from the examiner: its acceptance, its decision, the outcome."""


@dataclass(frozen=True)
class Silence:
    """Last claim of the examiner's silence; `refuted_by` is the SHA-256 (hex) of a receipt."""

    party: Party
    id: Id
    silence: Code = ""
    silence_date: date | None = None
    claim: Id = ""
    refuted_by: Digest = ""


@dataclass(frozen=True)
class ReferralEvidence:
    """Evidence that this desk holds of the referral that it sent; the receipt's SHA-256 is hex."""

    statement_id: str
    sent_time: datetime
    custody_time: datetime | None
    receipt_digest: str


@dataclass(frozen=True)
class ClaimSilence:
    """Claim that the examiner is silent."""


@dataclass(frozen=True)
class SilenceClaimed:
    """The examiner is silent, and this is what Bawaslu holds."""

    silence: str
    letter_number: str
    statement_id: str
    sent_time: datetime
    custody_time: datetime | None
    receipt_digest: str
    due_date: date | None
    day: date


@dataclass(frozen=True)
class SilenceRefuted:
    """The examiner refutes a claim with a receipt that it holds."""

    claim: str
    receipt_digest: str
    statement_id: str


Event = SilenceClaimed | SilenceRefuted


def claim(matter: Matter, evidence: ReferralEvidence, today: date) -> SilenceClaimed:
    """Say what this desk holds of an examiner that is silent: no custody receipt; in custody, not accepted; not acted on.

    Raises:
        WrongState: nothing is awaited from the examiner, or the follow-up that it is to verify is not overdue.
    """
    if matter.state not in AWAITED:
        raise WrongState(
            "nothing is awaited from the examiner; the matter stands at: {state}", state=matter.state
        )
    if matter.state == State.RECOMMENDED and matter.due_date is not None and today <= matter.due_date:
        raise WrongState("the follow-up is not overdue", reason="NOT_DUE_YET")
    return SilenceClaimed(
        silence=_silence_of(matter, evidence),
        letter_number=matter.referral_number,
        statement_id=evidence.statement_id,
        sent_time=evidence.sent_time,
        custody_time=evidence.custody_time,
        receipt_digest=evidence.receipt_digest,
        due_date=matter.due_date,
        day=today,
    )


def hear(matter: Matter, silence: Silence, event: SilenceRefuted, sender: str) -> Silence:
    """Return what is known of the silence after a refutation.

    Raises:
        NotAllowed: the sender is not the examiner of the matter.
        Malformed: it refutes another claim than the last, or cites no receipt.
    """
    if sender != matter.examiner:
        raise NotAllowed("the matter was not referred to the sender", reason="NOT_THE_EXAMINER")
    if not silence.claim or event.claim != silence.claim:
        raise Malformed("not the last claim of silence", field="claim", reason="OTHER_CLAIM")
    if len(event.receipt_digest) != 64:
        raise Malformed("no receipt is cited", field="receipt_digest")
    return apply(silence, event)


def apply(silence: Silence, event: Event, claim: str = "") -> Silence:
    """Return what is known after an event; `claim` is the statement that a claim went out with."""
    match event:
        case SilenceClaimed():
            return replace(silence, silence=event.silence, silence_date=event.day, claim=claim, refuted_by="")
        case SilenceRefuted():
            return replace(silence, refuted_by=event.receipt_digest)


def _silence_of(matter: Matter, evidence: ReferralEvidence) -> str:
    if evidence.custody_time is None:
        return "NO_CUSTODY_RECEIPT"
    return "NOT_ACCEPTED" if matter.state == State.REFERRED else "NOT_ACTED_ON"

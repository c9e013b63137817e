"""Claims of a supervisor on this examiner's silence (diam), and their refutation with a receipt; both stand. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from agreement.entities import replace
from agreement.lengths import Code, Digest, Id, Party
from kasn.matters.domain.matter import Matter
from refusals import Malformed, NotAllowed, NotFound, WrongState


@dataclass(frozen=True)
class Claim:
    """The last claim of silence on a matter; `refuted_by` is the SHA-256 (hex) of a receipt."""

    party: Party
    id: Id
    supervisor: Party = ""
    silence: Code = ""
    silence_date: date | None = None
    claim: Id = ""
    refuted_by: Digest = ""


@dataclass(frozen=True)
class RefuteSilence:
    """Refute the last claim of silence with a receipt."""

    receipt_digest: str


@dataclass(frozen=True)
class SilenceClaimed:
    """The supervisor claims that this examiner is silent."""

    silence: str
    letter_number: str
    day: date | None


@dataclass(frozen=True)
class SilenceRefuted:
    """A claim was refuted with a receipt."""

    claim: str
    receipt_digest: str
    statement_id: str


Event = SilenceClaimed | SilenceRefuted


def hear(matter: Matter, claim: Claim, event: SilenceClaimed, sender: str, statement: str) -> Claim:
    """The claim after what the supervisor says; `statement` is the id of what was heard.

    Raises:
        NotAllowed: another supervisor referred the matter.
        Malformed: it makes no claim, or is of another referral.
    """
    if sender != matter.supervisor:
        raise NotAllowed("another supervisor referred it", reason="NOT_THE_SUPERVISOR")
    if not event.silence:
        raise Malformed("no claim", field="silence")
    if event.letter_number != matter.referral_number:
        raise Malformed("another referral than the one received", field="letter_number")
    return apply(replace(claim, supervisor=sender), event, statement)


def refute(claim: Claim, command: RefuteSilence, receipts: Mapping[str, str]) -> SilenceRefuted:
    """Refute the last claim. `receipts` are those in this examiner's log on the matter: digest to statement id.

    Raises:
        WrongState: nothing was claimed, or it was refuted with this receipt before.
        NotFound: the log has no such receipt on this matter.
    """
    if not claim.claim:
        raise WrongState("silence was not claimed")
    if claim.refuted_by == command.receipt_digest:
        raise WrongState("it was refuted with this receipt before")
    if command.receipt_digest not in receipts:
        raise NotFound(
            "this log has no such receipt on the matter", field="receipt_digest", reason="NO_RECEIPT"
        )
    return SilenceRefuted(claim.claim, command.receipt_digest, receipts[command.receipt_digest])


def apply(claim: Claim, event: Event, statement: str = "") -> Claim:
    """The claim after an event; `statement` is what carried it."""
    match event:
        case SilenceClaimed():
            return replace(
                claim, silence=event.silence, silence_date=event.day, claim=statement, refuted_by=""
            )
        case SilenceRefuted():
            return replace(claim, refuted_by=event.receipt_digest)

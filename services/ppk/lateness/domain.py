"""Notices of lateness to an authority: reminders, reprimands, claims of its silence, and escalations to it as superior (atasan).

A claim is refuted with a receipt out of the authority's own log; claim and refutation both stand.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from agreement.lengths import Code, Digest, Id, Number, Party
from refusals import Malformed, NotAllowed, NotFound, WrongState


@dataclass(frozen=True)
class Notice:
    """Notices of lateness on a matter; instants are UTC, digests SHA-256 in hex."""

    party: Party
    id: Id
    case_id: Id
    updated: datetime
    examiner: Party = ""
    letter_number: Number = ""
    due_date: date | None = None
    reminded_date: date | None = None
    silence: Code = ""
    silence_date: date | None = None
    claim: Id = ""
    refuted_by: Digest = ""
    escalation_number: Number = ""
    authority: Party = ""
    reprimand_number: Number = ""
    reprimand_date: date | None = None
    inaction: Code = ""  # as superior: who should have acted there and is to be punished


@dataclass(frozen=True)
class RefuteSilence:
    """Refute the last claim of silence with a receipt."""

    receipt_digest: str


@dataclass(frozen=True)
class Reminded:
    """The examiner's clock reminds this authority (diingatkan)."""

    letter_number: str
    due_date: date | None
    day: date | None


@dataclass(frozen=True)
class Reprimanded:
    """The examiner reprimands this authority (ditegur)."""

    letter_number: str
    letter_date: date | None
    recommendation: str
    due_date: date | None


@dataclass(frozen=True)
class SilenceClaimed:
    """The examiner claims that this authority is silent."""

    silence: str
    letter_number: str
    due_date: date | None
    day: date | None


@dataclass(frozen=True)
class Escalated:
    """The examiner puts another authority's delay before this one, its superior."""

    letter_number: str
    superior: str
    authority: str
    recommendation: str
    due_date: date | None
    inaction: str = ""


@dataclass(frozen=True)
class SilenceRefuted:
    """A claim was refuted with a receipt."""

    claim: str
    receipt_digest: str
    statement_id: str


HeardEvent = Reminded | Reprimanded | SilenceClaimed | Escalated
Event = HeardEvent | SilenceRefuted


def hear(notice: Notice, event: HeardEvent, sender: str, statement: str, known: tuple[str, str]) -> Notice:
    """The notice after what an examiner says. `known` are examiner and recommendation of the authority's matter, empty
    if it has none; `statement` is the id of what was heard.

    Raises:
        NotAllowed: the sender is not the examiner of the matter, or of the earlier notice.
        Malformed: it is of another recommendation, for another superior, or makes no claim.
    """
    if isinstance(event, Escalated):
        if event.superior != notice.party:
            raise Malformed("put before another superior", field="superior", reason="WRONG_ADDRESSEE")
        if notice.examiner not in ("", sender):
            raise NotAllowed("another examiner spoke of this matter", reason="NOT_THE_EXAMINER")
    else:
        examiner, letter = known
        if sender != examiner:
            raise NotAllowed("the sender did not recommend in this matter", reason="NOT_THE_EXAMINER")
        if isinstance(event, Reprimanded):
            told, field = event.recommendation, "recommendation"
        else:
            told, field = event.letter_number, "letter_number"
        if told != letter:
            raise Malformed("another recommendation than the one received", field=field)
        if isinstance(event, SilenceClaimed) and not event.silence:
            raise Malformed("no claim", field="silence")
    return apply(replace(notice, examiner=sender), event, statement)


def refute(notice: Notice, command: RefuteSilence, receipts: Mapping[str, str]) -> SilenceRefuted:
    """Refute the last claim. `receipts` are those in this authority's log on the matter: digest to statement id.

    Raises:
        WrongState: nothing was claimed, or it was refuted with this receipt before.
        NotFound: the log has no such receipt on this matter.
    """
    if not notice.claim:
        raise WrongState("silence was not claimed")
    if notice.refuted_by == command.receipt_digest:
        raise WrongState("it was refuted with this receipt before")
    if command.receipt_digest not in receipts:
        raise NotFound(
            "this log has no such receipt on the matter", field="receipt_digest", reason="NO_RECEIPT"
        )
    return SilenceRefuted(notice.claim, command.receipt_digest, receipts[command.receipt_digest])


def apply(notice: Notice, event: Event, statement: str = "") -> Notice:
    """The notice after an event; `statement` is what carried it."""
    match event:
        case Reminded():
            return replace(
                notice, letter_number=event.letter_number, due_date=event.due_date, reminded_date=event.day
            )
        case Reprimanded():
            return replace(
                notice,
                letter_number=event.recommendation,
                due_date=event.due_date,
                reprimand_number=event.letter_number,
                reprimand_date=event.letter_date,
            )
        case SilenceClaimed():
            return replace(
                notice,
                letter_number=event.letter_number,
                due_date=event.due_date,
                silence=event.silence,
                silence_date=event.day,
                claim=statement,
                refuted_by="",
            )
        case Escalated():
            return replace(
                notice,
                letter_number=event.recommendation,
                due_date=event.due_date,
                escalation_number=event.letter_number,
                authority=event.authority,
                inaction=event.inaction,
            )
        case SilenceRefuted():
            return replace(notice, refuted_by=event.receipt_digest)

"""Explains the due date of a recommendation: from the leaves of one party's log and the agreement's rules. No I/O."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from google.type.date_pb2 import Date

from agreement.clocks import calendar, deadlines, explanation
from agreement.clocks.calendar import Calendar
from agreement.clocks.deadlines import Deadline, Pause, Start
from agreement.parties import institutions
from agreement.wording import Worded, worded
from audit.formats.leaf import Kind
from audit.log.events import decode_leaf
from netral.audit.v1.service_pb2 import Leaf
from netral.exchange.v1 import receipt_pb2, statement_pb2
from netral.kasn.v1.events_pb2 import Corrected, DueDateMoved, ObjectionAnswered, Recommended
from netral.oversight.v1.events_pb2 import DecreeAnnulled

RECOMMENDED = "netral.examiner.recommended.v1"
ANNULLED = "netral.data_holder.decree_annulled.v1"
Change = Corrected | ObjectionAnswered | DueDateMoved | DecreeAnnulled
_CHANGES: Mapping[str, type[Change]] = {
    "netral.examiner.corrected.v1": Corrected,
    "netral.examiner.objection_answered.v1": ObjectionAnswered,
    "netral.examiner.due_date_moved.v1": DueDateMoved,
    ANNULLED: DecreeAnnulled,
}


@dataclass(frozen=True)
class Sent:
    """A recommendation as one log has it: statement, facts, the recipient's receipt, if the log has one, and what changed
    its due date since: corrections, answered objections, amended decrees on days off, annulled decrees of the authority."""

    statement: statement_pb2.Statement
    facts: Recommended
    custody: datetime | None
    receipt: str
    since: tuple[tuple[statement_pb2.Statement, Change], ...] = ()

    @property
    def time(self) -> datetime:
        return self.statement.time.ToDatetime(tzinfo=UTC)


@dataclass(frozen=True)
class Reason:
    """Reason of a due date: the date as stated last, the rule's count on the calendar of then, and what later decrees change.

    `by_rule` is None if the examiner set the date. `history` says in words what moved it so far, `changes` what decrees that
    are known now make of the count.
    """

    sent: Sent
    stated: date
    by_rule: Deadline | None
    history: tuple[Worded, ...]
    changes: tuple[Worded, ...]


def recommendation_of(leaves: Iterable[Leaf]) -> Sent | None:
    """The last recommendation among the leaves: the statement to the addressee rather than a copy; None if none is."""
    statements: dict[str, statement_pb2.Statement] = {}
    answers: dict[str, tuple[receipt_pb2.Receipt, str]] = {}
    for leaf in leaves:
        decoded = decode_leaf(leaf.body)
        if decoded.kind is Kind.STATEMENT and leaf.type in (RECOMMENDED, *_CHANGES):
            statement = decoded.statement()
            statements[statement.id] = statement
        elif decoded.kind is Kind.RECEIPT:
            receipt = decoded.receipt()
            answers[receipt.statement_id] = receipt, f"sha256:{decoded.digest.hex()}"
    recommended = [each for each in statements.values() if each.type == RECOMMENDED]
    if not recommended:
        return None
    newest = max(recommended, key=lambda each: each.time.ToNanoseconds())
    facts = _facts_of(newest)
    of_one_letter = [each for each in recommended if _facts_of(each).letter_number == facts.letter_number]
    last = next((each for each in of_one_letter if not each.copy_of), newest)
    since = tuple(_since(last, statements.values()))
    if last.id not in answers:
        return Sent(last, facts, None, "", since)
    receipt, digest = answers[last.id]
    return Sent(last, facts, receipt.custody_time.ToDatetime(tzinfo=UTC), digest, since)


def _facts_of(statement: statement_pb2.Statement) -> Recommended:
    facts = Recommended()
    statement.facts.Unpack(facts)
    return facts


def reason_of(sent: Sent, now_known: Calendar | None = None) -> Reason:
    """The rule's count for a recommendation, as it stands, and on a calendar that is known now (None: the latest there)."""
    facts, told = sent.facts, []
    region = institutions.region_of(facts.addressee)
    stated, rule, known = _day(facts.due_date), facts.due_rule, facts.due_calendar
    pauses: list[Pause] = []
    for statement, event in sent.since:
        before, stated = stated, _day(event.due_date)
        match event:
            case Corrected():
                if stated != before:
                    rule, known, pauses = "", "", []
                    told.append(
                        _moved(worded("correction {number}", number=event.letter_number), stated, before)
                    )
            case ObjectionAnswered():
                known = event.due_calendar or known
                if event.HasField("paused_since"):
                    since, until = _day(event.paused_since), _day(event.paused_until)
                    answered = worded("objection, answered by {number}", number=event.letter_number)
                    pauses.append(Pause(since, until, answered))
                    told.append(_moved(answered, stated, before))
            case DueDateMoved():
                known = event.calendar
                told.append(
                    worded(
                        "moved from {before} to {day} by {decree} (statement {statement})",
                        before=before,
                        day=stated,
                        decree=_decree(known),
                        statement=statement.id,
                    )
                )
            case DecreeAnnulled():
                if stated != before:
                    rule, known, pauses = "", "", []
                    told.append(_moved(worded("annulment {number}", number=event.act_number), stated, before))
    if not rule:
        return Reason(sent, stated, None, tuple(told), ())
    found = deadlines.due(
        deadlines.rule(rule),
        Start(
            worded("{event} by {number}", event=deadlines.rule(rule).starts, number=facts.letter_number),
            _day(facts.letter_date),
            sent.receipt,
        ),
        institutions.zone(facts.addressee),
        calendar.version(known, region) if known else calendar.known_on(_made(sent), region),
        pauses=pauses,
    )
    now_known = now_known or calendar.latest(region)
    return Reason(sent, stated, found, tuple(told), explanation.recompute(found, now_known).changes)


def _moved(by: Worded, day: date, before: date) -> Worded:
    return worded("set to {day} by {by}; it was {before}", day=day, by=by, before=before)


def _since(
    last: statement_pb2.Statement, statements: Iterable[statement_pb2.Statement]
) -> Iterator[tuple[statement_pb2.Statement, Change]]:
    """List what the sender of a recommendation said of it since to the same recipient, and annulments, oldest first; only what has
    a due date. An annulment is said to several, and stands in the log of who made it more than once; one of a decree upon a
    former recommendation, before the matter was addressed anew, is left out.
    """
    letter = _facts_of(last).letter_number
    later = [
        each
        for each in statements
        if ((each.sender, each.recipient) == (last.sender, last.recipient) and each.sequence > last.sequence)
        or each.type == ANNULLED
    ]
    for statement in sorted(later, key=lambda each: (each.time.ToNanoseconds(), each.sequence)):
        event = _CHANGES[statement.type]() if statement.type in _CHANGES else None
        if event is None or not statement.facts.Unpack(event) or not event.HasField("due_date"):
            continue
        if not isinstance(event, DecreeAnnulled) or event.recommendation == letter:
            yield statement, event


def _decree(version: str) -> str:
    return next((each.title for each in calendar.decrees() if each.id == version), version)


def _made(sent: Sent) -> date:
    """The legal date at the examiner of a recommendation that does not name its calendar."""
    return sent.time.astimezone(institutions.zone(sent.statement.sender)).date()


def _day(of: Date) -> date:
    return date(of.year, of.month, of.day)

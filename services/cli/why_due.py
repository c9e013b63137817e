"""Why a recommendation is due when it is: from the leaves of one party's log and the agreement's rules. No I/O."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256

from google.type.date_pb2 import Date

from agreement import calendar, deadlines, institutions
from agreement.calendar import Calendar
from agreement.deadlines import Deadline, Start
from audit.leaf import Kind
from exchange import envelope, receipts
from netral.audit.v1.service_pb2 import Leaf
from netral.exchange.v1 import receipt_pb2, statement_pb2
from netral.kasn.v1.events_pb2 import Recommended

RECOMMENDED = "netral.examiner.recommended.v1"


@dataclass(frozen=True)
class Sent:
    """A recommendation as one log has it: statement, facts, and the recipient's receipt, if the log has one."""

    statement: statement_pb2.Statement
    facts: Recommended
    custody: datetime | None
    receipt: str

    @property
    def time(self) -> datetime:
        return self.statement.time.ToDatetime(tzinfo=UTC)


@dataclass(frozen=True)
class Reason:
    """Why it is due: the date as stated, the rule's count on the calendar known then, and what later decrees change.

    `by_rule` is None if the examiner set the date; `changes` are those of the rule's count.
    """

    sent: Sent
    stated: date
    by_rule: Deadline | None
    changes: tuple[str, ...]


def recommendation_of(leaves: Iterable[Leaf]) -> Sent | None:
    """The last recommendation among the leaves: the statement to the addressee rather than a copy; None if none is."""
    statements: dict[str, statement_pb2.Statement] = {}
    answers: dict[str, tuple[receipt_pb2.Receipt, str]] = {}
    for leaf in leaves:
        kind, kept = Kind(leaf.body[0]), leaf.body[1:]
        if kind is Kind.STATEMENT and leaf.type == RECOMMENDED:
            statement = statement_pb2.Statement.FromString(envelope.read(kept).payload)
            statements[statement.id] = statement
        elif kind is Kind.RECEIPT:
            receipt = receipts.read(envelope.read(kept))
            answers[receipt.statement_id] = receipt, f"sha256:{sha256(kept).hexdigest()}"
    if not statements:
        return None
    last = max(statements.values(), key=lambda each: (each.time.ToNanoseconds(), not each.copy_of))
    facts = Recommended()
    last.facts.Unpack(facts)
    if last.id not in answers:
        return Sent(last, facts, None, "")
    receipt, digest = answers[last.id]
    return Sent(last, facts, receipt.custody_time.ToDatetime(tzinfo=UTC), digest)


def reason_of(sent: Sent, now_known: Calendar) -> Reason:
    """The rule's count for a recommendation, as it was made and on the calendar that is known now."""
    facts = sent.facts
    stated = _day(facts.due_date)
    if not facts.due_rule:
        return Reason(sent, stated, None, ())
    rule = deadlines.rule(facts.due_rule)
    made = sent.time.astimezone(institutions.zone(sent.statement.sender)).date()
    start = Start(f"{rule.starts} by {facts.letter_number}", _day(facts.letter_date), sent.receipt)
    found = deadlines.due(rule, start, institutions.zone(facts.addressee), calendar.known_on(made))
    return Reason(sent, stated, found, deadlines.recompute(found, now_known).changes)


def _day(of: Date) -> date:
    return date(of.year, of.month, of.day)

"""The rules of an examination beside its decision: completion, clarification, conflict, correction, withdrawal.

Pure: each command gives back the event that happened or raises a refusal. Source: UU 5/2014 art. 31-32 (to ask for information
and clarification); practice as the domain's figures and letters show it (referrals without post and grade were held back,
recommendations corrected, PPKs with a conflict of interest delayed).

Missing parts of a referral are a state (INCOMPLETE) and not a flag, because a list then shows whose turn it is. A
declared conflict of interest binds the next addressee: only the superior is accepted, and a recommendation that stands
with the conflicted authority is withdrawn at once. REPETITION is refused where this desk knows no earlier
recommendation that stands; whether repetition aggravates is the officer's choice.
"""

from datetime import date

from agreement.parties import identifiers, institutions
from kasn.matters.domain.commands import (
    CorrectRecommendation,
    DeclareConflict,
    RecordClarification,
    RequestClarification,
    RequestCompletion,
    WithdrawRecommendation,
)
from kasn.matters.domain.events import (
    ClarificationHeld,
    ClarificationRequested,
    CompletionRequested,
    ConflictDeclared,
    Corrected,
    Withdrawn,
)
from kasn.matters.domain.matter import Matter
from kasn.matters.domain.rules import check_choice, letter_number, not_future
from kasn.matters.domain.states import require
from refusals import Malformed

# What an officer may give as a reason; the others follow from an answered objection and a declared conflict.
_REASONS_TO_WITHDRAW = frozenset(
    {"NOT_ADDRESSEES_EMPLOYEE", "ISSUED_IN_ERROR", "DUPLICATE", "NEW_EVIDENCE", "COURT_DECISION"}
)


def request_completion(matter: Matter, command: RequestCompletion, today: date) -> CompletionRequested:
    """Ask the supervisor for what a referral lacks. `today` is the legal date at the desk.

    Raises:
        Malformed: number or date cannot be right.
    """
    require(matter, command)
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    not_future(command.letter_date, today, "letter_date")
    return CompletionRequested(number, command.letter_date, command.missing)


def request_clarification(
    matter: Matter, command: RequestClarification, today: date
) -> ClarificationRequested:
    """Ask a personnel authority for clarification (UU 5/2014 art. 32(1)); a new request takes the place of an open one.

    Raises:
        Malformed: number, date or addressee cannot be right.
    """
    require(matter, command)
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    not_future(command.letter_date, today, "letter_date")
    if command.addressee not in institutions.personnel_authorities():
        raise Malformed("not a personnel authority", field="addressee")
    return ClarificationRequested(
        letter_number=number,
        letter_date=command.letter_date,
        addressee=command.addressee,
        report_number=matter.report_number,
        region=matter.region,
    )


def record_clarification(matter: Matter, command: RecordClarification, today: date) -> ClarificationHeld:
    """Record a clarification with the person.

    Raises:
        Malformed: minutes without the person, or the person without minutes; a date in the future.
    """
    require(matter, command)
    not_future(command.held_date, today, "held_date")
    if (command.attendance == "ATTENDED") != bool(command.minutes_digest):
        raise Malformed("minutes are given if, and only if, the person came", field="minutes_digest")
    if command.minutes_digest:
        identifiers.sha256_hex(command.minutes_digest, field="minutes_digest")
    return ClarificationHeld(command.held_date, command.attendance, command.minutes_digest)


def declare_conflict(matter: Matter, command: DeclareConflict) -> ConflictDeclared:
    """Declare that a personnel authority is itself the reported person, or has an interest: its superior decides.

    After a recommendation it is declared of the addressee only.

    Raises:
        Malformed: not an authority, or not the addressee.
    """
    require(matter, command)
    if command.institution not in institutions.personnel_authorities():
        raise Malformed("not a personnel authority", field="institution")
    if matter.addressee and command.institution != matter.addressee:
        raise Malformed("the recommendation is not addressed to it", field="institution")
    return ConflictDeclared(command.institution, command.ground)


def correct(matter: Matter, command: CorrectRecommendation, today: date) -> Corrected:
    """Correct act, family, class or due date of a recommendation that nobody decided on yet (ralat).

    Raises:
        Malformed: nothing changes; number, act, family, class or dates cannot be right.
    """
    require(matter, command)
    letter_number(matter.party, command.letter_number)
    _after_the_recommendation(matter, command.letter_date, today)
    check_choice(matter, command.act, command.family, command.sanction_class, command.letter_date)
    if matter.letter_date is not None and command.due_date <= matter.letter_date:
        raise Malformed("not after the recommendation", field="due_date")
    right = (command.act, command.family, command.sanction_class, command.due_date)
    if right == (matter.act, matter.family, matter.sanction_class, matter.due_date):
        raise Malformed("nothing is corrected", field="act", reason="NOTHING_CORRECTED")
    return Corrected(command.letter_number, command.letter_date, matter.letter_number, *right)


def withdraw(matter: Matter, command: WithdrawRecommendation, today: date) -> Withdrawn:
    """Withdraw a recommendation; the matter ends.

    Raises:
        Malformed: a reason that is not an officer's to give; number or date cannot be right.
    """
    require(matter, command)
    if command.reason not in _REASONS_TO_WITHDRAW:
        raise Malformed("a reason that another act gives", field="reason")
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    _after_the_recommendation(matter, command.letter_date, today)
    return Withdrawn(matter.letter_number, matter.addressee, command.reason, number, command.letter_date)


def _after_the_recommendation(matter: Matter, day: date, today: date) -> None:
    not_future(day, today, "letter_date")
    if matter.letter_date is not None and day < matter.letter_date:
        raise Malformed("before the recommendation", field="letter_date")

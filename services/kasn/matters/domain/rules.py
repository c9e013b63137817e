"""Rules of the examiner's decisions: accepting, recommending, answering, verifying.

Commands, and what supervisor and addressee say, go through one table of states (`states`; UU 5/2014 art. 30-33; SKB 2022; the four
follow-up statuses as in BPK's SIPTL). Each command gives back the event that happened or raises a refusal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from agreement.clocks import objections
from agreement.elections import rules as elections
from agreement.enforcement import sanctions, violations
from agreement.information import legal_bases
from agreement.parties import identifiers, institutions, regions
from kasn.matters.domain import due_dates
from kasn.matters.domain.commands import (
    AcceptReferral,
    AnswerObjection,
    DecideNotProven,
    Recommend,
    ReturnReferral,
    VerifyFollowUp,
)
from kasn.matters.domain.events import (
    Accepted,
    NotProven,
    ObjectionAnswered,
    OwnEvent,
    Recommended,
    Returned,
    Verified,
    Withdrawn,
)
from kasn.matters.domain.matter import Matter
from kasn.matters.domain.states import VERIFIABLE, require
from refusals import ActWarning, Malformed, WrongState


@dataclass(frozen=True)
class Before:
    """Earlier facts on the person of a matter, from other matters of this desk: a recommendation, and decrees by day and sanction."""

    recommended: bool = False
    imposed: tuple[tuple[date | None, str], ...] = ()


def accept(matter: Matter, command: AcceptReferral) -> Accepted:
    """Accept a referral.

    Raises:
        Malformed: the register number cannot be one.
    """
    require(matter, command)
    return Accepted(identifiers.decree_number(command.register_number, field="register_number"))


def return_referral(matter: Matter, command: ReturnReferral) -> Returned:
    """Return a referral with the reason."""
    require(matter, command)
    return Returned(command.reason)


def decide_not_proven(matter: Matter, command: DecideNotProven, today: date) -> NotProven:
    """Decide that nothing is proven. `today` is the legal date at the desk.

    Raises:
        Malformed: number or date cannot be right.
    """
    require(matter, command)
    number = identifiers.decree_number(command.decision_number, field="decision_number")
    not_future(command.decision_date, today, "decision_date")
    return NotProven(number, command.decision_date)


def recommend(matter: Matter, command: Recommend, today: date, *, repeated: bool = False) -> Recommended:
    """Recommend a sanction to the right personnel authority; a rejected one is addressed anew.

    Act, family and class are the examiner's choice; the class is never derived from the act. The day of the event gives
    the catalogue and, with the employment, the sanctions that there are. Without a due date a rule of the agreement gives it,
    on the calendar that is known today. `repeated`: the person was recommended on before, so that repetition may be named
    as a reason.

    Raises:
        Malformed: number, addressee, act, family, class, dates or reasons cannot be right; an authority that cannot decide
            (CONFLICT_OF_INTEREST), or another than its superior; one that did not exist on the day of the letter.
    """
    require(matter, command)
    letter_number(matter.party, command.letter_number)
    not_future(command.letter_date, today, "letter_date")
    _check_addressee(matter, command.addressee, command.letter_date)
    check_choice(matter, command.act, command.family, command.sanction_class, command.letter_date)
    set_or_counted = due_dates.chosen(
        matter.party, command.letter_date, command.addressee, command.due_date, command.due_rule, today
    )
    return Recommended(
        letter_number=command.letter_number,
        letter_date=command.letter_date,
        addressee=command.addressee,
        act=command.act,
        family=command.family,
        sanction_class=command.sanction_class,
        due_date=set_or_counted.day,
        readdressed_from=matter.addressee,
        report_number=matter.report_number,
        region=matter.region,
        event_date=matter.event_date,
        employment=matter.employment,
        due_rule=set_or_counted.rule,
        reason_codes=_reason_codes(matter, command, repeated),
        due_calendar=set_or_counted.calendar,
    )


def _check_addressee(matter: Matter, addressee: str, letter: date) -> None:
    superior = institutions.superior_of(matter.conflicted) if matter.conflicted else None
    if addressee not in (*institutions.personnel_authorities(), superior):
        raise Malformed("not a personnel authority", field="addressee")
    institutions.require_existing(addressee, letter, field="addressee")
    if matter.conflicted:
        if addressee == matter.conflicted:
            raise Malformed(
                "this authority cannot decide in the matter", field="addressee", reason="CONFLICT_OF_INTEREST"
            )
        if addressee != superior:
            raise Malformed(
                "it goes to the superior of the authority that cannot decide",
                field="addressee",
                reason="NOT_THE_SUPERIOR",
            )
    if addressee in (matter.addressee, *matter.former_addressees):
        raise Malformed("it was addressed there before", field="addressee")


def _reason_codes(matter: Matter, command: Recommend, repeated: bool) -> tuple[str, ...]:
    if "CONFLICT_OF_INTEREST" in command.reason_codes:
        raise Malformed("a conflict is declared of its own", field="reason_codes")
    if "REPETITION" in command.reason_codes and not repeated:
        raise Malformed(
            "no earlier recommendation for this person is known here",
            field="reason_codes",
            reason="NOTHING_EARLIER",
        )
    return command.reason_codes + (("CONFLICT_OF_INTEREST",) if matter.conflicted else ())


def answer_objection(matter: Matter, command: AnswerObjection, today: date) -> ObjectionAnswered | Withdrawn:
    """Maintain the recommendation against an objection, or withdraw it.

    Whether the objection stopped the clock is the agreement's (`agreement.clocks.objections`): then the days between the two letters
    do not count.

    Raises:
        Malformed: number or date cannot be right.
    """
    require(matter, command)
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    not_future(command.letter_date, today, "letter_date")
    if command.answer == "WITHDRAW":
        return Withdrawn(
            matter.letter_number, matter.addressee, "OBJECTION_UPHELD", number, command.letter_date
        )
    return _maintained(matter, number, command.letter_date, today)


def _maintained(matter: Matter, number: str, answered: date, today: date) -> ObjectionAnswered:
    stops_clock = objections.rule(answered).stops_clock
    stood = due_dates.pause(matter.objection_date, answered, stops_clock=stops_clock)
    if not stood or matter.due_date is None or matter.letter_date is None:
        return ObjectionAnswered(number, answered, matter.due_date, matter.due_calendar)
    since, until = map(date.fromisoformat, stood.split("/"))
    if matter.due_rule:
        pauses = (*matter.pauses, stood)
        later = due_dates.by_rule(matter.due_rule, matter.letter_date, matter.addressee, pauses, today)
    else:
        later = due_dates.Due(due_dates.after_pause(matter.due_date, stood))
    return ObjectionAnswered(number, answered, later.day, later.calendar, since, until)


def verify(matter: Matter, command: VerifyFollowUp, today: date) -> Verified:
    """Verify the follow-up, or that there is none after the due date.

    Raises:
        Malformed: a reason without CANNOT_BE_FOLLOWED_UP or the reverse; a date in the future.
        WrongState: the status does not fit what was reported, or nothing is due yet.
    """
    require(matter, command)
    if (command.status == "CANNOT_BE_FOLLOWED_UP") != bool(command.reason):
        raise Malformed("a reason is given if, and only if, it cannot be followed up", field="reason")
    not_future(command.verified_date, today, "verified_date")
    if matter.state not in VERIFIABLE[command.status]:
        raise WrongState(
            "not possible now; the matter stands at: {state}",
            state=matter.state,
            field="status",
        )
    if command.status == "NOT_YET_FOLLOWED_UP" and matter.due_date is not None and today <= matter.due_date:
        raise WrongState("the follow-up is not due yet", field="status", reason="NOT_DUE_YET")
    return Verified(command.status, command.reason, command.verified_date, matter.decree_number)


def unlike_recommended(matter: Matter, event: OwnEvent) -> Sequence[ActWarning]:
    """Warn of a follow-up that is said to conform though the sanction is of another class than was recommended.

    It is lawful, because the sanction is the authority's to decide; but whoever reads the trail will ask why the examiner is
    content.
    """
    imposed = sanctions.sanctions().get(matter.sanction)
    if not isinstance(event, Verified) or event.status != "CONFORMS" or imposed is None:
        return ()
    if matter.sanction_class in ("", imposed.sanction_class):
        return ()
    return [
        ActWarning(
            "the sanction is {imposed}, and {recommended} was recommended",
            reason="OTHER_CLASS_THAN_RECOMMENDED",
            imposed=imposed.sanction_class,
            recommended=matter.sanction_class,
        )
    ]


def unusual(matter: Matter, event: OwnEvent, before: Before = Before()) -> Sequence[ActWarning]:
    """Warn of a recommendation on an act of the other stage, or in a class that is too light for who does it again."""
    return [*of_other_stage(matter, event), *too_light_again(matter, event, before)]


def too_light_again(matter: Matter, event: OwnEvent, before: Before) -> Sequence[ActWarning]:
    """Warn of a class in which no sanction is heavier than the last one that the person got before the act (PP 94/2021 art. 35(2)).

    It has to be a breach of the same kind; all acts that this desk examines are taken as that, and the officer says if not.
    """
    if not isinstance(event, Recommended) or not legal_bases.basis("pp-94-2021").on(event.letter_date):
        return ()
    employment, happened = matter.employment or "PNS", matter.event_date or event.letter_date
    last = _last_discipline(before, happened)
    if not last or employment not in ("PNS", "CPNS") or event.sanction_class == "DISMISSAL":
        return ()
    heavier = sanctions.heavier(last, employment, happened, event.letter_date)
    # PTDH has grounds of its own, so that nothing is heavier than the heaviest of the list.
    classes = {each.sanction_class for each in heavier} - {"DISMISSAL"}
    if not classes or event.sanction_class in classes:
        return ()
    return [
        ActWarning(
            "the person got {last} before the act, and {recommended} has nothing heavier",
            reason="NOT_HEAVIER_THAN_LAST",
            last=last,
            recommended=event.sanction_class,
        )
    ]


def _last_discipline(before: Before, happened: date) -> str:
    """The last sanction of discipline that was imposed before the day of an act; empty if there is none."""
    found = [
        (day, code)
        for day, code in before.imposed
        if day is not None and day < happened and _is_discipline(code)
    ]
    return max(found)[1] if found else ""


def _is_discipline(code: str) -> bool:
    listed = sanctions.sanctions().get(code)
    return listed is not None and sanctions.family_of(listed.sanction_class) == sanctions.DISCIPLINE


def of_other_stage(matter: Matter, event: OwnEvent) -> Sequence[ActWarning]:
    """Warn of an act that the joint decree lists for the other stage: before candidates were fixed (A), or after (B).

    The stage is derived from region, day and number of the case; where it is open, or no election is known, nothing is said.
    """
    if not isinstance(event, Recommended) or matter.event_date is None:
        return ()
    listed = violations.violation(event.act).stage
    region = regions.code_now(matter.region) or matter.region
    if listed is None or region not in regions.regions():
        return ()
    found = elections.of_case(region, matter.event_date, matter.report_number).election
    stage = elections.stage_of(found, matter.event_date, region=region) if found else None
    if found is None or stage is None or stage.certainty == "open" or stage.stage == listed:
        return ()
    return [
        ActWarning(
            "{act} is of the stage {listed}, but candidates of {election} were fixed on {fixed}",
            reason="ACT_OF_OTHER_STAGE",
            act=event.act,
            listed=listed,
            election=found.id,
            fixed=stage.fixed.isoformat(),
        )
    ]


def letter_number(party: str, number: str) -> None:
    """KASN's numbers have a known form; those of other examiners only have to be printable."""
    if party == "kasn":
        identifiers.kasn_letter(number, field="letter_number")
    else:
        identifiers.decree_number(number, field="letter_number")


def check_choice(matter: Matter, act: str, family: str, sanction_class: str, letter_date: date) -> None:
    """Refuse what the catalogue and the sanctions of the day of the act do not have; that of the letter if it is not known.

    Raises:
        Malformed: naming the field.
    """
    happened = matter.event_date or letter_date
    violations.check_choice(act, family, sanction_class, happened)
    if matter.employment:
        sanctions.check_class(sanction_class, matter.employment, happened)


def not_future(day: date, today: date, field: str) -> None:
    if day > today:
        raise Malformed("in the future", field=field)

"""Rules of an authority's commands on a recommendation (PP 94/2021, Peraturan BKN 6/2022, SKB).

Each command gives back the event that happened or raises a refusal; which is possible when is a table (`states`).

After "not yet conforms" (belum sesuai) or a partial follow-up the matter is ACKNOWLEDGED again: the decree that was
decided allows the next report, and not the state. A clarification begins a matter before any recommendation, under the
same id, so that the recommendation finds the answer and the file. A correction is taken in every state that is not an
end.
"""

from collections.abc import Sequence
from datetime import date

from agreement.enforcement import amounts, deciding, procedures, sanctions
from agreement.parties import identifiers, institutions
from ppk.recommendations.domain.commands import (
    AcknowledgeRecommendation,
    AnswerClarification,
    ImposeSanction,
    ObjectToRecommendation,
    OpenRecommendation,
    RejectRecommendation,
    ReportFollowUp,
)
from ppk.recommendations.domain.events import (
    Acknowledged,
    Clarified,
    Decided,
    FollowedUp,
    Objected,
    Opened,
    Rejected,
)
from ppk.recommendations.domain.matter import Matter
from ppk.recommendations.domain.states import require
from refusals import ActWarning, Malformed, WrongState


def answer_clarification(matter: Matter, command: AnswerClarification, today: date) -> Clarified:
    """Answer the examiner's request. `today` is the legal date at the authority.

    Raises:
        Malformed: number or date cannot be right.
    """
    require(matter, command)
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    between(matter.clarification_date, command.letter_date, today, "letter_date")
    return Clarified(number, command.letter_date)


def open_recommendation(matter: Matter, command: OpenRecommendation) -> Opened:
    """Open what arrived; the examiner is told."""
    require(matter, command)
    return Opened()


def acknowledge(matter: Matter, command: AcknowledgeRecommendation) -> Acknowledged:
    """Confirm receipt.

    Raises:
        Malformed: the register number cannot be one.
    """
    require(matter, command)
    return Acknowledged(identifiers.decree_number(command.register_number, field="register_number"))


def reject(matter: Matter, command: RejectRecommendation) -> Rejected:
    """Reject it: the person is another authority's, or moved to one.

    Raises:
        Malformed: MOVED without the new authority, one without having moved, or one that is none.
    """
    require(matter, command)
    if command.reason == "MOVED" and not command.moved_to:
        raise Malformed("MOVED names the new authority", field="moved_to")
    if command.reason == "NOT_OUR_EMPLOYEE" and command.moved_to:
        raise Malformed("goes with a person who moved only", field="moved_to")
    if command.moved_to:
        other_authority(matter, command.moved_to)
    return Rejected(command.reason, command.moved_to)


def object_to(matter: Matter, command: ObjectToRecommendation, today: date) -> Objected:
    """Object. `today` is the legal date at the authority.

    Raises:
        Malformed: number or date cannot be right.
    """
    require(matter, command)
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    between(matter.letter_date, command.letter_date, today, "letter_date")
    return Objected(number, command.letter_date)


def impose_sanction(matter: Matter, command: ImposeSanction, today: date) -> Decided:
    """Impose a sanction. Which one is the authority's to decide; its class lets the examiner compare.

    It is one of those that there are for the person's employment, the day of the event and that of the decree (PP 53/2010 or
    PP 94/2021 and PP 42/2004 for PNS, PP 49/2018 for PPPK, SE MenPANRB 1/2023 for PPNPN), where the recommendation says both.

    Raises:
        Malformed: the sanction is not in the list or of another regime, number or date cannot be right.
    """
    require(matter, command)
    number = identifiers.decree_number(command.decree_number, field="decree_number")
    between(matter.letter_date, command.decree_date, today, "decree_date")
    sanction = sanctions.sanction(command.sanction, field="sanction")
    if matter.employment and matter.event_date is not None:
        sanctions.check(
            sanction.code, matter.employment, matter.event_date, command.decree_date, field="sanction"
        )
    _check_measure(sanction, command)
    _check_council(command)
    if command.decided_by:
        _check_decider(matter, sanction, command)
    return Decided(
        number,
        command.decree_date,
        sanction.code,
        sanction.sanction_class,
        measure=command.measure,
        measure_basis=command.measure_basis,
        measure_amount=command.measure_amount,
        measure_months=command.measure_months,
        decided_by=command.decided_by,
        council_number=command.council_number,
        council_date=command.council_date,
    )


def _check_measure(sanction: sanctions.Sanction, command: ImposeSanction) -> None:
    """Refuse a sanction or a measure whose decree does not say what it has to, and words that belong to neither."""
    needed = set(sanction.states)
    if command.measure:
        needed |= set(sanctions.measure(command.measure, field="measure").states)
    given = {
        "basis": command.measure_basis,
        "amount": command.measure_amount,
        "months": command.measure_months,
    }
    if command.measure_amount:
        amounts.check(command.measure_amount, field="measure_amount")
    for what, value in given.items():
        if what in needed and not value:
            raise Malformed("the decree has to say it", field=f"measure_{what}")
        if value and not needed:
            raise Malformed("goes with a measure, or with a sanction of an own rule", field=f"measure_{what}")


def _check_council(command: ImposeSanction) -> None:
    """Refuse a decision of the council that cannot be right; a sanction of discipline may rest on one too (PP 42/2004 art. 20)."""
    if bool(command.council_number) != (command.council_date is not None):
        raise Malformed("number and date of the council's decision go together", field="council_number")
    if command.council_date is None:
        return
    identifiers.decree_number(command.council_number, field="council_number")
    if command.council_date > command.decree_date:
        raise Malformed("after the decree", field="council_date")


def _check_decider(matter: Matter, sanction: sanctions.Sanction, command: ImposeSanction) -> None:
    """Refuse an official who may not impose such a sanction on anybody there (PP 94/2021 art. 16 to 23).

    Decrees of before went by PP 53/2010, whose officials are not listed: any level that there is may have decided.
    """
    official = command.decided_by
    if official not in deciding.officials():
        raise Malformed("not a level of deciding official", field="decided_by")
    if command.decree_date < deciding.since():
        return
    kind = deciding.level(sanction.code)
    place = deciding.place(institutions.institution(matter.party).kind)
    if kind is not None and not deciding.may_impose(official, place, kind):
        raise Malformed("this official may not impose such a sanction", field="decided_by")


def other_than_expected(matter: Matter, event: Decided) -> Sequence[ActWarning]:
    """Warn of a decree in another class than was recommended, by a reading of the law that is not the chosen one, or of a
    moral sanction that names no decision of the council.

    It is recorded all the same; whoever reads the trail will ask why.
    """
    found: list[ActWarning] = []
    if matter.sanction_class and matter.sanction_class != event.sanction_class:
        found.append(
            ActWarning(
                "the sanction is {imposed}, and {recommended} was recommended",
                reason="OTHER_CLASS_THAN_RECOMMENDED",
                imposed=event.sanction_class,
                recommended=matter.sanction_class,
            )
        )
    for way in sanctions.readings(event.sanction, event.decree_date):
        if not way.chosen:
            found.append(
                ActWarning(
                    "this sanction rests on a reading of the law that is not the chosen one: {reading}",
                    reason="READING_NOT_CHOSEN",
                    reading=way.reading,
                )
            )
    if not event.council_number and _needs_council(matter, event):
        found.append(
            ActWarning(
                "this sanction rests on a decision of the council (Majelis Kode Etik), and none is named",
                reason="COUNCIL_NOT_NAMED",
            )
        )
    return found


def _needs_council(matter: Matter, event: Decided) -> bool:
    """Say whether a council decides before such a decree; who a recommendation does not describe is mostly a PNS."""
    needed = procedures.procedure(event.sanction_class, event.decree_date, matter.employment or "PNS")
    return needed is not None and needed.requires("council")


def report_follow_up(matter: Matter, command: ReportFollowUp, today: date) -> FollowedUp:
    """Report a sanction with the digest of its decree, wholly or in part, or a lawful reason why there is none.

    PARTIAL (sebagian) names the classes of the measures that are still open; the matter goes on.

    After a report that does not yet conform (belum sesuai) the decree still stands: it may be reported again, in a new
    letter, or another sanction be imposed first.

    Raises:
        WrongState: a sanction is reported that was not decided.
        Malformed: digest, reason or measures do not go with the kind; number or date cannot be right.
    """
    require(matter, command)
    _open_measures(command)
    if command.kind in ("SANCTION_IMPOSED", "PARTIAL"):
        if not matter.decree_number:
            raise WrongState("a sanction is reported before it was decided")
        identifiers.sha256_hex(command.decree_digest, field="decree_digest")
        if command.reason:
            raise Malformed("goes with CANNOT_BE_FOLLOWED_UP only", field="reason")
        decree_number, earliest = matter.decree_number, matter.decree_date
    elif command.kind == "CANNOT_BE_FOLLOWED_UP":
        if not command.reason:
            raise Malformed("CANNOT_BE_FOLLOWED_UP needs a lawful reason", field="reason")
        if command.decree_digest:
            raise Malformed("goes with a sanction only", field="decree_digest")
        decree_number, earliest = "", matter.letter_date
    else:
        raise Malformed("not a kind of follow-up", field="kind")
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    between(earliest, command.letter_date, today, "letter_date")
    return FollowedUp(
        kind=command.kind,
        letter_number=number,
        letter_date=command.letter_date,
        decree_number=decree_number,
        decree_digest=command.decree_digest,
        reason=command.reason,
        open_measures=command.open_measures,
    )


def _open_measures(command: ReportFollowUp) -> None:
    if (command.kind == "PARTIAL") != bool(command.open_measures):
        raise Malformed("given if, and only if, the follow-up is partial", field="open_measures")
    for number, measure in enumerate(command.open_measures):
        sanctions.family_of(measure, field=f"open_measures[{number}]")


def other_authority(matter: Matter, authority: str) -> None:
    """Refuse as the new authority of a person who moved what is none, or the matter's own.

    Raises:
        Malformed: naming `moved_to`.
    """
    if authority == matter.party or authority not in institutions.personnel_authorities():
        raise Malformed("not another personnel authority", field="moved_to")


def between(earliest: date | None, day: date, today: date, field: str) -> None:
    """Refuse a date after `today`, or before what it follows from.

    Raises:
        Malformed: naming the field.
    """
    if day > today:
        raise Malformed("in the future", field=field)
    if earliest is not None and day < earliest:
        raise Malformed("before what it follows from", field=field)

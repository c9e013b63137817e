"""Rules of the supervisor's commands on a matter.

Commands and what the examiner says go through one table of states (`states`; domain notes: UU 7/2017 art. 454-455, PKS, SKB).
Each command gives back the event that happened or raises a refusal; `apply` is the only thing that changes a matter.

The origin of a matter (authority, first information, place) is part of its registration: a later step knows whom to
tell without loading more, and replaying the log gives it again.
"""

from datetime import date

from agreement.enforcement import violations
from agreement.parties import bawaslu_numbers, identifiers, institutions, posts, regions
from bawaslu.matters.domain.commands import (
    CompleteReferral,
    ConcludeStudy,
    RecordPlenary,
    ReferMatter,
    RegisterMatter,
)
from bawaslu.matters.domain.events import Completed, PlenaryHeld, Referred, Registered, StudyConcluded
from bawaslu.matters.domain.matter import Matter
from bawaslu.matters.domain.reported_person import Person
from bawaslu.matters.domain.states import require
from refusals import Malformed, WrongState


def register(matter: Matter, command: RegisterMatter, employment: str, today: date) -> Registered:
    """Register a matter. `today` is the legal date at the desk.

    Raises:
        Malformed: number, region, employer or dates cannot be right.
    """
    require(matter, command)
    number = bawaslu_numbers.number(command.number, field="number")
    if number.origin not in ("", command.origin):
        raise Malformed("a report has an LP number and a finding a TM number", field="origin")
    regions.region(command.region, field="region")
    if command.employer not in institutions.personnel_authorities():
        raise Malformed("not a personnel authority", field="employer")
    _not_future(command.known_date, today, "known_date")
    if command.event_date > command.known_date:
        raise Malformed("known before it happened", field="event_date")
    return Registered(
        origin=command.origin,
        number=number.text,
        region=command.region,
        event_date=command.event_date,
        known_date=command.known_date,
        employer=command.employer,
        employment=employment,
        office=number.office,
    )


def conclude_study(matter: Matter, command: ConcludeStudy, today: date) -> StudyConcluded:
    """Conclude the study; again after the examiner returned it.

    Raises:
        Malformed: number, date or acts cannot be right.
    """
    require(matter, command)
    number = identifiers.decree_number(command.study_number, field="study_number")
    _not_future(command.study_date, today, "study_date")
    if matter.known_date and command.study_date < matter.known_date:
        raise Malformed("before the report or finding", field="study_date")
    if (command.conclusion == "OTHER_LAW_VIOLATION") != bool(command.suspected_acts):
        raise Malformed("acts are named if, and only if, there is a violation", field="suspected_acts")
    for index, act in enumerate(command.suspected_acts):
        violations.act_of(act, matter.event_date or today, field=f"suspected_acts[{index}]")
    _recorded_plenary(matter, command.plenary_number)
    return StudyConcluded(
        study_number=number,
        study_date=command.study_date,
        conclusion=command.conclusion,
        suspected_acts=command.suspected_acts,
        study_digest=command.study_digest,
        plenary_number=command.plenary_number,
    )


def record_plenary(matter: Matter, command: RecordPlenary, today: date) -> PlenaryHeld:
    """Record what a plenary decided on the matter. That study and referral need one was not read, so it is asked of none.

    Raises:
        Malformed: number or date cannot be right.
    """
    require(matter, command)
    number = identifiers.decree_number(command.minutes_number, field="minutes_number")
    _not_future(command.plenary_date, today, "plenary_date")
    if matter.known_date and command.plenary_date < matter.known_date:
        raise Malformed("before the report or finding", field="plenary_date")
    return PlenaryHeld(number, command.plenary_date, command.minutes_digest, command.decisions)


def refer(matter: Matter, command: ReferMatter, examiner: str, today: date) -> Referred:
    """Refer the matter to whoever holds the examiner role, with the digests of study and evidence.

    Raises:
        Malformed: number or date cannot be right; a category of post that there is not, or that would tell who it is.
    """
    require(matter, command)
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    _not_future(command.letter_date, today, "letter_date")
    if matter.study_date is None or matter.event_date is None:
        raise WrongState("there is no study")
    if command.letter_date < matter.study_date:
        raise Malformed("before the study", field="letter_date")
    posts.check(command.post_category, matter.employer, field="post_category")
    _recorded_plenary(matter, command.plenary_number)
    return Referred(
        letter_number=number,
        letter_date=command.letter_date,
        report_number=matter.number,
        origin=matter.origin,
        region=matter.region,
        event_date=matter.event_date,
        employer=matter.employer,
        employment=matter.employment,
        study_number=matter.study_number,
        study_digest=matter.study_digest,
        evidence_digests=command.evidence_digests,
        suspected_acts=matter.suspected_acts,
        examiner=examiner,
        post_category=command.post_category,
        office=matter.office or bawaslu_numbers.office_of(matter.number),
        plenary_number=command.plenary_number,
    )


def complete(matter: Matter, command: CompleteReferral, person: Person | None, today: date) -> Completed:
    """Complete a referral: everything that the examiner asked for, in one letter. `person` is the person as it should be.

    Raises:
        Malformed: what was asked for is not given; number, digest, date or category of post cannot be right.
    """
    require(matter, command)
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    _not_future(command.letter_date, today, "letter_date")
    if matter.referral_date and command.letter_date < matter.referral_date:
        raise Malformed("before the referral", field="letter_date")
    if {"POST", "GRADE", "IDENTITY"} & set(matter.missing) and person is None:
        raise Malformed("the examiner asked for it", field="person")
    if "GRADE" in matter.missing and not (person and person.grade):
        raise Malformed("the examiner asked for it", field="person.grade")
    if "EVIDENCE" in matter.missing and not command.evidence_digests:
        raise Malformed("the examiner asked for it", field="evidence_digests")
    if "STUDY" in matter.missing and not command.study_number:
        raise Malformed("the examiner asked for it", field="study_number")
    if bool(command.study_number) != bool(command.study_digest):
        raise Malformed("a study has a number and a digest", field="study_digest")
    if command.study_number:
        identifiers.decree_number(command.study_number, field="study_number")
        identifiers.sha256_hex(command.study_digest, field="study_digest")
    posts.check(command.post_category, matter.employer, field="post_category")
    return Completed(
        letter_number=number,
        letter_date=command.letter_date,
        study_number=command.study_number,
        study_digest=command.study_digest,
        evidence_digests=command.evidence_digests,
        post_category=command.post_category,
    )


def _recorded_plenary(matter: Matter, number: str) -> None:
    if number and number != matter.plenary_number:
        raise Malformed("not the last plenary that was recorded on it", field="plenary_number")


def _not_future(day: date, today: date, field: str) -> None:
    if day > today:
        raise Malformed("in the future", field=field)

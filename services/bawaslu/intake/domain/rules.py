"""Before there is a matter: reports, findings and first information, up to registration, clarification and study.

One intake (laporan, temuan or informasi awal) may concern several persons; registering it makes a matter of each. As in
`matters`: a command gives back the event that happened or raises a refusal, and `state.apply` alone changes an intake. What a
report must have and the reasons that may be given are data (`agreement.enforcement.intake`); time limits are left to `clocks`.

A gap in a confirmed requirement bars registration; of a gap in an unconfirmed one (two witnesses, form B.1) the officer
decides, since offices do ask for them.
"""

from collections.abc import Sequence
from datetime import date

from agreement.enforcement import intake
from agreement.parties import bawaslu_offices, identifiers, institutions, regions
from bawaslu.intake.domain import checks, clocks
from bawaslu.intake.domain.commands import (
    AssessReport,
    CloseInformation,
    CompleteReport,
    ConcludeIntake,
    DeclineRegistration,
    DelegateIntake,
    ExtendStudy,
    InviteToClarification,
    ReceiveInformation,
    ReceiveReport,
    RecordClarification,
    RegisterIntake,
    StartTracing,
)
from bawaslu.intake.domain.events import (
    ClarificationInvited,
    ClarificationRecorded,
    InformationClosed,
    InformationReceived,
    IntakeConcluded,
    IntakeDelegated,
    IntakeRegistered,
    RegistrationDeclined,
    ReportAssessed,
    ReportCompleted,
    ReportReceived,
    StudyExtended,
    TracingStarted,
)
from bawaslu.intake.domain.state import Intake
from bawaslu.intake.domain.states import require
from refusals import Conflict, Malformed, NotFound, WrongState

# --- coming in ---------------------------------------------------------------------------------------------------


def receive_report(subject: Intake, command: ReceiveReport, reporter: str, today: date) -> ReportReceived:
    """Take in a report (laporan); election and office are those of its number. `reporter` is the pseudonym.

    Raises:
        Malformed: number, region or dates cannot be right.
    """
    require(subject, command)
    number = checks.number(command.number, "REPORT", registered=False)
    regions.region(command.region, field="region")
    checks.not_future(command.received_date, today, "received_date")
    if command.known_date > command.received_date:
        raise Malformed("reported before it was known", field="known_date")
    if command.event_date > command.known_date:
        raise Malformed("known before it happened", field="event_date")
    return ReportReceived(
        number=number.text,
        election=number.election,
        office=number.office,
        reporter=reporter,
        region=command.region,
        event_date=command.event_date,
        known_date=command.known_date,
        received_date=command.received_date,
    )


def receive_information(
    subject: Intake, command: ReceiveInformation, informant: str, today: date
) -> InformationReceived:
    """Take in first information (informasi awal): of people who will not report, or of a PPK's own team (article 003).

    `informant` is the pseudonym of a person who gave it; a personnel authority's team is named by its authority.

    Raises:
        Malformed: number, source, authority, office, region or date cannot be right.
    """
    require(subject, command)
    source = intake.information_source(command.source)
    known = command.authority in institutions.personnel_authorities()
    if command.authority and not known:
        raise Malformed("not a personnel authority", field="authority")
    if source.of_authority != known:
        raise Malformed("the authority is named if, and only if, its team informs", field="authority")
    regions.region(command.region, field="region")
    checks.not_future(command.received_date, today, "received_date")
    return InformationReceived(
        number=identifiers.decree_number(command.number, field="number"),
        election=command.election,
        office=bawaslu_offices.office(command.office),
        source=source.code,
        authority=command.authority,
        reporter=informant,
        region=command.region,
        received_date=command.received_date,
    )


def start_tracing(subject: Intake, command: StartTracing, today: date) -> TracingStarted:
    """Trace first information (penelusuran) under a letter of assignment (surat tugas).

    Raises:
        Malformed: number or date cannot be right.
    """
    require(subject, command)
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    checks.between(command.letter_date, subject.received_date, today, "letter_date", "before the information")
    return TracingStarted(number, command.letter_date)


def close_information(subject: Intake, command: CloseInformation, today: date) -> InformationClosed:
    """Close first information without a finding, for a listed reason.

    Raises:
        Malformed: reason or date cannot be right.
    """
    require(subject, command)
    reason = intake.information_closed(command.reason)
    checks.between(command.closed_date, subject.received_date, today, "closed_date", "before the information")
    return InformationClosed(reason.code, command.closed_date)


# --- preliminary study ---------------------------------------------------------------------------------------------


def assess(subject: Intake, command: AssessReport, today: date) -> ReportAssessed:
    """The preliminary study (kajian awal): which requirements are not met, and the category that follows.

    Registration needs every confirmed requirement; completion is asked for what the reporter can mend. Whether the
    report came in time is counted, where the rule was read, and must agree with F-TIME (UU 7/2017 art. 454(6)).

    Raises:
        Malformed: category, requirements, notice or date cannot be right, or contradict each other.
    """
    require(subject, command)
    category = intake.category(command.category)
    missing = [
        intake.requirement(code, subject.election, field=f"missing[{index}]")
        for index, code in enumerate(command.missing)
    ]
    start = subject.completed_date or subject.received_date
    checks.between(command.assessed_date, start, today, "assessed_date", "before the report")
    _in_time(subject, command.missing, today)
    if category.code == "REGISTER" and any(each.confirmed for each in missing):
        raise Malformed("a requirement is not met", field="category")
    if category.code in ("COMPLETE", "DO_NOT_REGISTER") and not missing:
        raise Malformed("no requirement is missing", field="missing")
    if category.code == "COMPLETE" and not all(each.curable for each in missing):
        raise Malformed("something is missing that cannot be mended", field="category")
    return ReportAssessed(
        category=category.code,
        missing=command.missing,
        assessed_date=command.assessed_date,
        assessment_digest=command.assessment_digest,
        notice_number=_notice(command, category.code),
        notice_date=command.notice_date,
    )


def _in_time(subject: Intake, missing: Sequence[str], today: date) -> None:
    in_time = clocks.came_in_time(subject, today)
    if in_time is not None and in_time == (intake.LATE in missing):
        raise Malformed("whether it came in time is not what its dates say", field="missing")


def _notice(command: AssessReport, category: str) -> str:
    """The notice that asks the reporter to complete the report."""
    asked = category == "COMPLETE"
    if asked != bool(command.notice_number):
        raise Malformed("a notice goes with a request for completion, and only then", field="notice_number")
    if asked != (command.notice_date is not None):
        raise Malformed("a notice goes with a request for completion, and only then", field="notice_date")
    if command.notice_date is None:
        return ""
    if command.notice_date < command.assessed_date:
        raise Malformed("before the preliminary study", field="notice_date")
    return identifiers.decree_number(command.notice_number, field="notice_number")


def complete(subject: Intake, command: CompleteReport, today: date) -> ReportCompleted:
    """The reporter completed the report; it is assessed again.

    Raises:
        Malformed: a requirement that was not missing, or the date cannot be right.
    """
    require(subject, command)
    for index, code in enumerate(command.completed):
        if code not in subject.missing:
            raise Malformed("was not missing", field=f"completed[{index}]")
    checks.between(command.completed_date, subject.notice_date, today, "completed_date", "before the notice")
    return ReportCompleted(command.completed, command.completed_date, command.evidence_digests)


def delegate(subject: Intake, command: DelegateIntake, today: date) -> IntakeDelegated:
    """Hand over to another office of Bawaslu (pelimpahan); what was assessed there is assessed again.

    Raises:
        Malformed: number, date or office cannot be right.
    """
    require(subject, command)
    office = bawaslu_offices.office(command.office)
    if office == subject.office:
        raise Malformed("this office has it", field="office")
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    start = subject.assessed_date or subject.received_date
    checks.between(command.letter_date, start, today, "letter_date", "before it came in")
    return IntakeDelegated(number, command.letter_date, subject.office, office)


# --- registered or not ---------------------------------------------------------------------------------------------


def register(
    subject: Intake, command: RegisterIntake, matters: Sequence[str], today: date
) -> IntakeRegistered:
    """Register a report that meets the requirements, or a finding; `matters` are made, one for each reported person.

    Raises:
        Malformed: number, date or persons cannot be right.
    """
    require(subject, command)
    number = checks.number(
        command.registration_number, subject.origin, registered=True, field="registration_number"
    )
    checks.same_election_and_office(number, subject, "registration_number")
    start = subject.assessed_date or subject.received_date
    checks.between(command.registered_date, start, today, "registered_date", "before the preliminary study")
    if not matters:
        raise Malformed("there is no reported person", field="persons")
    return IntakeRegistered(number.text, command.registered_date, tuple(matters))


def decline(subject: Intake, command: DeclineRegistration, today: date) -> RegistrationDeclined:
    """Do not register, for a listed reason that rests on a gap that was found.

    Raises:
        Malformed: reason, number or date cannot be right, or no such gap was found.
    """
    require(subject, command)
    reason = intake.not_registered(command.reason)
    found = [intake.requirement(code, subject.election) for code in subject.missing]
    if not any(reason.requires in (each.code, each.kind) for each in found):
        raise Malformed("the preliminary study found no such gap", field="reason")
    number = identifiers.decree_number(command.notice_number, field="notice_number")
    start = subject.notice_date or subject.assessed_date
    checks.between(command.notice_date, start, today, "notice_date", "before the preliminary study")
    return RegistrationDeclined(reason.code, number, command.notice_date)


# --- clarification and study ---------------------------------------------------------------------------------------


def invite(subject: Intake, command: InviteToClarification, today: date) -> ClarificationInvited:
    """Invite somebody to a clarification (undangan klarifikasi).

    Raises:
        Malformed: number, dates or reported person cannot be right.
        Conflict: an invitation of this number was sent before.
    """
    require(subject, command)
    number = identifiers.decree_number(command.invitation_number, field="invitation_number")
    if any(each.invitation_number == number for each in subject.clarifications):
        raise Conflict(
            "this number was used before: {other_matter} has it",
            other_matter=subject.id,
            field="invitation_number",
            reason="NUMBER_USED",
        )
    start = subject.registered_date
    checks.between(command.invitation_date, start, today, "invitation_date", "before the registration")
    if command.session_date < command.invitation_date:
        raise Malformed("before the invitation", field="session_date")
    if (command.whom == "REPORTED") != bool(command.matter):
        raise Malformed("the matter is named if, and only if, the reported person is invited", field="matter")
    if command.matter and command.matter not in subject.matters:
        raise Malformed("not a matter of this intake", field="matter")
    return ClarificationInvited(
        number, command.invitation_date, command.session_date, command.whom, command.matter
    )


def record_clarification(subject: Intake, command: RecordClarification, today: date) -> ClarificationRecorded:
    """Enter that a clarification was held, with the digest of its minutes (berita acara), or that nobody came.

    Raises:
        NotFound: nobody was invited under this number.
        WrongState: what came of it was entered before.
        Malformed: date or minutes cannot be right.
    """
    require(subject, command)
    number = command.invitation_number
    invited = [each for each in subject.clarifications if each.invitation_number == number]
    if not invited:
        raise NotFound("there is no such invitation", field="invitation_number")
    if invited[0].outcome:
        raise WrongState("the outcome of this clarification was entered before")
    checks.between(command.held_date, invited[0].invitation_date, today, "held_date", "before the invitation")
    if (command.outcome == "HELD") != bool(command.minutes_digest):
        raise Malformed("there are minutes if, and only if, it was held", field="minutes_digest")
    return ClarificationRecorded(number, command.outcome, command.held_date, command.minutes_digest)


def extend_study(subject: Intake, command: ExtendStudy, today: date) -> StudyExtended:
    """Take the longer limit for more information (keterangan tambahan; UU 7/2017 art. 454(8), Perppu 1/2014 art. 134).

    Raises:
        WrongState: it was extended before.
        Malformed: number or date cannot be right.
    """
    require(subject, command)
    if subject.extension_number:
        raise WrongState("the study was extended before", reason="EXTENDED_BEFORE")
    number = identifiers.decree_number(command.letter_number, field="letter_number")
    checks.between(
        command.letter_date, subject.registered_date, today, "letter_date", "before the registration"
    )
    return StudyExtended(number, command.letter_date)


def conclude(subject: Intake, command: ConcludeIntake, today: date) -> IntakeConcluded:
    """Conclude the study (kajian) of the whole: where it goes (UU 7/2017 art. 455(1)), and what of each person.

    No route: not a violation. OTHER_LAW is the way to the examiner, and needs a person with suspected acts. A person who is
    not named is left to a study of the matter.

    Raises:
        Malformed: number, date, routes or persons cannot be right, or contradict each other.
    """
    require(subject, command)
    number = identifiers.decree_number(command.study_number, field="study_number")
    if command.plenary_number and command.plenary_number != subject.plenary_number:
        raise Malformed("not the last plenary that was recorded on it", field="plenary_number")
    checks.between(
        command.study_date, subject.registered_date, today, "study_date", "before the registration"
    )
    for index, code in enumerate(command.routes):
        intake.route(code, field=f"routes[{index}]")
    named = [each.matter for each in command.conclusions]
    for index, matter in enumerate(named):
        if matter not in subject.matters or matter in named[:index]:
            raise Malformed(
                "not a matter of this intake, or named twice", field=f"conclusions[{index}].matter"
            )
    suspected = any(each.suspected_acts for each in command.conclusions)
    elsewhere = intake.OTHER_LAW in command.routes
    if suspected and not elsewhere:
        raise Malformed("suspected acts are a violation of other law", field="routes")
    if elsewhere and not suspected and set(named) == set(subject.matters):
        raise Malformed("nobody is suspected of a violation of other law", field="routes")
    return IntakeConcluded(
        number, command.study_date, command.study_digest, command.routes, command.plenary_number
    )

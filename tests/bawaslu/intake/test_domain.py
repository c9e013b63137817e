"""The rules before there is a matter, case by case."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement.parties import offices
from bawaslu.intake.domain import clocks, commands, events, findings, states
from bawaslu.intake.domain import rules as domain
from bawaslu.intake.domain.clarifications import Clarification
from bawaslu.intake.domain.state import Intake, State, apply, blank
from refusals import Malformed, NotFound, Refusal, WrongState
from support import machines

HAPPENED, KNOWN, RECEIVED = date(2024, 3, 1), date(2024, 3, 4), date(2024, 3, 6)
ASSESSED, REGISTERED, TODAY, TOMORROW = (
    date(2024, 3, 7),
    date(2024, 3, 8),
    date(2024, 3, 20),
    date(2024, 3, 21),
)
DIGEST, OFFICE, ELSEWHERE = "ab" * 32, "Kab/27.09", "Kab/14.11"
REPORT, FINDING = "002/LP/PL/Kab/27.09/III/2024", "006/TM/PL/Kab/27.09/III/2024"
REGISTERED_REPORT, REGISTERED_FINDING = (
    "002/Reg/LP/PL/Kab/27.09/III/2024",
    "006/Reg/TM/PL/Kab/27.09/III/2024",
)
MATTERS = ("m-1", "m-2")
INFORMED = (State.INFORMATION_RECEIVED, State.TRACING, State.CLOSED)


def an_intake(state: State = State.RECEIVED, **fields: Any) -> Intake:
    """An intake in this state, with the least that it has."""
    intake = blank("bawaslu", "i-1", "case", datetime(2024, 3, 6, tzinfo=UTC))
    if state == State.NEW:
        return replace(intake, **fields)
    intake = replace(
        intake, state=state, election="PEMILU", office=OFFICE, region="62.02", received_date=RECEIVED
    )
    if state in INFORMED:
        return replace(intake, information_number="17/IA", **fields)
    intake = replace(intake, origin="REPORT", number=REPORT, event_date=HAPPENED, known_date=KNOWN)
    if state == State.FOUND:
        intake = replace(intake, origin="FINDING", number=FINDING)
    if state not in (State.RECEIVED, State.FOUND):
        intake = replace(intake, assessed_date=ASSESSED)
    if state in (State.COMPLETION_REQUESTED, State.NOT_FIT):
        intake = replace(intake, missing=("M-EVIDENCE",))
    if state == State.COMPLETION_REQUESTED:
        intake = replace(intake, notice_date=ASSESSED)
    if state in (State.REGISTERED, State.CONCLUDED):
        invited = Clarification("7/UND", REGISTERED, REGISTERED, "WITNESS")
        intake = replace(intake, registered_date=REGISTERED, matters=MATTERS, clarifications=(invited,))
    return replace(intake, **fields)


def a_report(**fields: Any) -> commands.ReceiveReport:
    return replace(commands.ReceiveReport(REPORT, "62.02", HAPPENED, KNOWN, RECEIVED), **fields)


def an_information(**fields: Any) -> commands.ReceiveInformation:
    information = commands.ReceiveInformation(
        "17/IA", "PEMILU", OFFICE, "PPK_TEAM", "ppk-1602", "16.02", RECEIVED
    )
    return replace(information, **fields)


def a_supervision(**fields: Any) -> commands.RecordSupervision:
    supervision = commands.RecordSupervision(
        "012/LHP/PM.01.02/III/2024", "PEMILU", OFFICE, "62.02", RECEIVED, ("ASN_NEUTRALITY",), DIGEST
    )
    return replace(supervision, **fields)


def a_finding(**fields: Any) -> commands.RecordFinding:
    return replace(commands.RecordFinding(FINDING, "62.02", HAPPENED, KNOWN, RECEIVED), **fields)


def an_established(**fields: Any) -> commands.EstablishFinding:
    return replace(commands.EstablishFinding(FINDING, HAPPENED, KNOWN, RECEIVED), **fields)


def an_assessment(category: str = "REGISTER", **fields: Any) -> commands.AssessReport:
    assessment = commands.AssessReport(category, (), ASSESSED, DIGEST, "", None)
    if category == "COMPLETE":
        assessment = replace(assessment, missing=("M-EVIDENCE",), notice_number="3/PB", notice_date=ASSESSED)
    if category == "DO_NOT_REGISTER":
        assessment = replace(assessment, missing=("M-EVIDENCE",))
    return replace(assessment, **fields)


def a_completion(**fields: Any) -> commands.CompleteReport:
    return replace(commands.CompleteReport(("M-EVIDENCE",), REGISTERED, (DIGEST,)), **fields)


def a_delegation(**fields: Any) -> commands.DelegateIntake:
    return replace(commands.DelegateIntake("9/PL", REGISTERED, ELSEWHERE), **fields)


def a_registration(**fields: Any) -> commands.RegisterIntake:
    return replace(commands.RegisterIntake(REGISTERED_REPORT, REGISTERED), **fields)


def a_refusal(**fields: Any) -> commands.DeclineRegistration:
    return replace(commands.DeclineRegistration("MATERIAL_NOT_MET", "4/PS", TODAY), **fields)


def an_invitation(**fields: Any) -> commands.InviteToClarification:
    invitation = commands.InviteToClarification("8/UND", REGISTERED, TODAY, "REPORTED", "m-1")
    return replace(invitation, **fields)


def a_session(**fields: Any) -> commands.RecordClarification:
    return replace(commands.RecordClarification("7/UND", "HELD", REGISTERED, DIGEST), **fields)


def a_conclusion(**fields: Any) -> commands.ConcludeIntake:
    conclusion = commands.ConcludeIntake(
        "1/KAJIAN",
        TODAY,
        DIGEST,
        ("CRIME", "OTHER_LAW"),
        (commands.MatterConclusion("m-1", ("2022-DSA7",)), commands.MatterConclusion("m-2", ())),
    )
    return replace(conclusion, **fields)


def happens(intake: Intake, what: commands.Command) -> events.Event:
    """The event that a command makes."""
    match what:
        case commands.ReceiveReport():
            return domain.receive_report(intake, what, "pseudonym", TODAY)
        case commands.ReceiveInformation():
            return domain.receive_information(intake, what, "", TODAY)
        case commands.RecordSupervision():
            return findings.record_supervision(intake, what, TODAY)
        case commands.RecordIntakePlenary():
            return findings.record_plenary(intake, what, TODAY)
        case commands.RecordFinding():
            return findings.record_finding(intake, what, TODAY)
        case commands.StartTracing():
            return domain.start_tracing(intake, what, TODAY)
        case commands.EstablishFinding():
            return findings.establish_finding(intake, what, TODAY)
        case commands.CloseInformation():
            return domain.close_information(intake, what, TODAY)
        case commands.AssessReport():
            return domain.assess(intake, what, TODAY)
        case commands.CompleteReport():
            return domain.complete(intake, what, TODAY)
        case commands.DelegateIntake():
            return domain.delegate(intake, what, TODAY)
        case commands.RegisterIntake():
            number = REGISTERED_FINDING if intake.origin == "FINDING" else what.registration_number
            return domain.register(intake, replace(what, registration_number=number), MATTERS, TODAY)
        case commands.DeclineRegistration():
            return domain.decline(intake, what, TODAY)
        case commands.InviteToClarification():
            return domain.invite(intake, what, TODAY)
        case commands.RecordClarification():
            return domain.record_clarification(intake, what, TODAY)
        case commands.ExtendStudy():
            return domain.extend_study(intake, what, TODAY)
        case commands.ConcludeIntake():
            return domain.conclude(intake, what, TODAY)


# --- every state × every command -----------------------------------------------------------------------------------

ATTEMPTS: dict[str, commands.Command] = {
    "report": a_report(),
    "information": an_information(),
    "finding": a_finding(),
    "supervise": a_supervision(),
    "plenary": commands.RecordIntakePlenary("21/BA", TODAY, DIGEST, ("FINDING",)),
    "trace": commands.StartTracing("5/ST", ASSESSED),
    "establish": an_established(),
    "close": commands.CloseInformation("NO_INDICATION", TODAY),
    "assess": an_assessment(),
    "assess-gap": an_assessment("COMPLETE"),
    "assess-other": an_assessment("DELEGATE"),
    "assess-late": an_assessment("DO_NOT_REGISTER"),
    "complete": a_completion(),
    "delegate": a_delegation(),
    "register": a_registration(),
    "decline": a_refusal(),
    "invite": an_invitation(),
    "session": a_session(),
    "extend": commands.ExtendStudy("14/PP", TODAY),
    "conclude": a_conclusion(),
}
STATES = {
    "NEW": State.NEW,
    "REC": State.RECEIVED,
    "COM": State.COMPLETION_REQUESTED,
    "ELS": State.FOR_ANOTHER_OFFICE,
    "RDY": State.READY,
    "UNF": State.NOT_FIT,
    "INF": State.INFORMATION_RECEIVED,
    "TRA": State.TRACING,
    "SUP": State.SUPERVISED,
    "FND": State.FOUND,
    "REG": State.REGISTERED,
    "CON": State.CONCLUDED,
    "NRG": State.NOT_REGISTERED,
    "CLO": State.CLOSED,
}
TABLE = machines.read(
    """
    act           event                  NEW REC COM ELS RDY UNF INF TRA SUP FND REG CON NRG CLO
    report        ReportReceived         REC  -   -   -   -   -   -   -   -   -   -   -   -   -
    information   InformationReceived    INF  -   -   -   -   -   -   -   -   -   -   -   -   -
    finding       FindingRecorded        FND  -   -   -   -   -   -   -   -   -   -   -   -   -
    supervise     SupervisionRecorded    SUP  -   -   -   -   -   -   -   -   -   -   -   -   -
    plenary       IntakePlenaryHeld       -  REC COM ELS RDY UNF INF TRA SUP FND REG CON NRG CLO
    trace         TracingStarted          -   -   -   -   -   -  TRA  -   -   -   -   -   -   -
    establish     FindingRecorded         -   -   -   -   -   -   -  FND FND  -   -   -   -   -
    close         InformationClosed       -   -   -   -   -   -  CLO CLO CLO  -   -   -   -   -
    assess        ReportAssessed          -  RDY  -   -   -   -   -   -   -   -   -   -   -   -
    assess-gap    ReportAssessed          -  COM  -   -   -   -   -   -   -   -   -   -   -   -
    assess-other  ReportAssessed          -  ELS  -   -   -   -   -   -   -   -   -   -   -   -
    assess-late   ReportAssessed          -  UNF  -   -   -   -   -   -   -   -   -   -   -   -
    complete      ReportCompleted         -   -  REC  -   -   -   -   -   -   -   -   -   -   -
    delegate      IntakeDelegated         -  REC  -  REC  -   -  INF TRA SUP FND  -   -   -   -
    register      IntakeRegistered        -   -   -   -  REG  -   -   -   -  REG  -   -   -   -
    decline       RegistrationDeclined    -   -  NRG  -   -  NRG  -   -   -   -   -   -   -   -
    invite        ClarificationInvited    -   -   -   -   -   -   -   -   -   -  REG  -   -   -
    session       ClarificationRecorded   -   -   -   -   -   -   -   -   -   -  REG  -   -   -
    extend        StudyExtended           -   -   -   -   -   -   -   -   -   -  REG  -   -   -
    conclude      IntakeConcluded         -   -   -   -   -   -   -   -   -   -  CON  -   -   -
    """,
    STATES,
    {"-": "WRONG_STATE"},
)


def test_the_table_has_every_state_and_every_command() -> None:
    assert set(TABLE) == {(attempt, state) for attempt in ATTEMPTS for state in State}
    assert {type(what) for what in ATTEMPTS.values()} == set(states.POSSIBLE)
    assert set(states.POSSIBLE) == set(get_args(commands.Command))


@pytest.mark.parametrize("attempt", ATTEMPTS)
@pytest.mark.parametrize("state", State)
def test_a_state_becomes_what_the_table_says_or_refuses(state: State, attempt: str) -> None:
    cell, intake = TABLE[attempt, state], an_intake(state)

    if cell.refused:
        with pytest.raises(Refusal) as refused:
            happens(intake, ATTEMPTS[attempt])
        assert refused.value.reason == cell.refused
    else:
        event = happens(intake, ATTEMPTS[attempt])
        assert (type(event).__name__, apply(intake, event).state) == (cell.event, cell.after)


@given(st.data())
def test_what_happened_gives_the_same_intake_again(data: st.DataObject) -> None:
    first = intake = an_intake(State.NEW)
    trail: list[events.Event] = []
    for _ in range(data.draw(st.integers(1, 10))):
        event = None
        for name in data.draw(st.permutations(sorted(ATTEMPTS))):
            if TABLE[name, intake.state].refused:
                continue
            try:
                event = happens(intake, ATTEMPTS[name])
            except Refusal:  # a second delegation to the same office, say
                continue
            break
        if event is None:
            break
        intake = apply(intake, event)
        trail.append(event)

    assert reduce(apply, trail, first) == intake


# --- what cannot be right ------------------------------------------------------------------------------------------

# The state in which it is tried, what is tried, and the field at fault.
RULES: dict[str, tuple[State, commands.Command, str]] = {
    "a number that is not Bawaslu's": (State.NEW, a_report(number="2/LP"), "number"),
    "a report with the number of a finding": (State.NEW, a_report(number=FINDING), "number"),
    "a finding with the number of a report": (State.NEW, a_finding(number=REPORT), "number"),
    "a report that says it is registered": (State.NEW, a_report(number=REGISTERED_REPORT), "number"),
    "an unknown region": (State.NEW, a_report(region="62.99"), "region"),
    "a report of tomorrow": (State.NEW, a_report(received_date=TOMORROW), "received_date"),
    "reported before it was known": (State.NEW, a_report(known_date=REGISTERED), "known_date"),
    "known before it happened": (State.NEW, a_report(event_date=KNOWN + timedelta(1)), "event_date"),
    "a team without its authority": (State.NEW, an_information(authority=""), "authority"),
    "the public with an authority": (State.NEW, an_information(source="PUBLIC"), "authority"),
    "an authority that is none": (State.NEW, an_information(authority="ppk-9999"), "authority"),
    "information of an unknown source": (State.NEW, an_information(source="RUMOUR"), "source"),
    "information for no office": (State.NEW, an_information(office="27.09"), "office"),
    "information under a NIK": (State.NEW, an_information(number="6202014107900001"), "number"),
    "found before it was discovered": (State.NEW, a_finding(known_date=REGISTERED), "known_date"),
    "discovered before it happened": (State.NEW, a_finding(event_date=RECEIVED), "event_date"),
    "a finding of tomorrow": (State.NEW, a_finding(found_date=TOMORROW), "found_date"),
    "traced before it came in": (
        State.INFORMATION_RECEIVED,
        commands.StartTracing("5/ST", KNOWN),
        "letter_date",
    ),
    "a finding of the other election": (
        State.TRACING,
        an_established(number="006/TM/PB/Kab/27.09/III/2024"),
        "number",
    ),
    "a finding of another office": (
        State.TRACING,
        an_established(number="006/TM/PL/Kab/14.11/III/2024"),
        "number",
    ),
    "closed for no listed reason": (State.TRACING, commands.CloseInformation("TIRED", TODAY), "reason"),
    "closed tomorrow": (State.TRACING, commands.CloseInformation("NO_INDICATION", TOMORROW), "closed_date"),
    "a category that is not listed": (State.RECEIVED, an_assessment("MAYBE"), "category"),
    "a requirement that is not listed": (State.RECEIVED, an_assessment(missing=("X",)), "missing[0]"),
    "a requirement of the other election": (
        State.RECEIVED,
        an_assessment(missing=("F-TIME", "M-WITNESSES")),
        "missing[1]",
    ),
    "assessed before it came in": (State.RECEIVED, an_assessment(assessed_date=KNOWN), "assessed_date"),
    "registered with a gap": (State.RECEIVED, an_assessment(missing=("M-PLACE-TIME",)), "category"),
    "a completion of nothing": (State.RECEIVED, an_assessment("COMPLETE", missing=()), "missing"),
    "a completion of lost time": (
        State.RECEIVED,
        an_assessment("COMPLETE", missing=("F-TIME", "M-EVIDENCE")),
        "missing",
    ),
    "a completion without a notice": (
        State.RECEIVED,
        an_assessment("COMPLETE", notice_number=""),
        "notice_number",
    ),
    "a completion without a date": (
        State.RECEIVED,
        an_assessment("COMPLETE", notice_date=None),
        "notice_date",
    ),
    "a notice before the study": (
        State.RECEIVED,
        an_assessment("COMPLETE", notice_date=KNOWN),
        "notice_date",
    ),
    "a notice without a gap": (State.RECEIVED, an_assessment(notice_number="3/PB"), "notice_number"),
    "not fit without a gap": (State.RECEIVED, an_assessment("DO_NOT_REGISTER", missing=()), "missing"),
    "completed what was there": (
        State.COMPLETION_REQUESTED,
        a_completion(completed=("M-EVIDENCE", "F-REPORTER")),
        "completed[1]",
    ),
    "completed before it was asked": (
        State.COMPLETION_REQUESTED,
        a_completion(completed_date=RECEIVED),
        "completed_date",
    ),
    "delegated to itself": (State.RECEIVED, a_delegation(office=OFFICE), "office"),
    "delegated nowhere": (State.RECEIVED, a_delegation(office="Kabupaten"), "office"),
    "delegated tomorrow": (State.RECEIVED, a_delegation(letter_date=TOMORROW), "letter_date"),
    "registered without Reg": (
        State.READY,
        a_registration(registration_number=REPORT),
        "registration_number",
    ),
    "registered by another office": (
        State.READY,
        a_registration(registration_number="002/Reg/LP/PL/Kab/14.11/III/2024"),
        "registration_number",
    ),
    "registered in the other election": (
        State.READY,
        a_registration(registration_number="002/Reg/LP/PG/Kab/27.09/III/2024"),
        "registration_number",
    ),
    "registered before the study": (State.READY, a_registration(registered_date=RECEIVED), "registered_date"),
    "declined for no listed reason": (State.NOT_FIT, a_refusal(reason="BUSY"), "reason"),
    "declined for a gap that was not found": (State.NOT_FIT, a_refusal(reason="LATE"), "reason"),
    "declined before the study": (State.NOT_FIT, a_refusal(notice_date=RECEIVED), "notice_date"),
    "invited before the registration": (
        State.REGISTERED,
        an_invitation(invitation_date=ASSESSED),
        "invitation_date",
    ),
    "a session before its invitation": (
        State.REGISTERED,
        an_invitation(invitation_date=TODAY, session_date=REGISTERED),
        "session_date",
    ),
    "a reported person of another case": (State.REGISTERED, an_invitation(matter="m-9"), "matter"),
    "a reported person who is not named": (State.REGISTERED, an_invitation(matter=""), "matter"),
    "a witness with a matter": (State.REGISTERED, an_invitation(whom="WITNESS"), "matter"),
    "an invitation of a used number": (
        State.REGISTERED,
        an_invitation(invitation_number="7/UND"),
        "invitation_number",
    ),
    "held without minutes": (State.REGISTERED, a_session(minutes_digest=""), "minutes_digest"),
    "absent with minutes": (State.REGISTERED, a_session(outcome="ABSENT"), "minutes_digest"),
    "held tomorrow": (State.REGISTERED, a_session(held_date=TOMORROW), "held_date"),
    "an outcome of no invitation": (
        State.REGISTERED,
        a_session(invitation_number="9/UND"),
        "invitation_number",
    ),
    "a route that is not listed": (State.REGISTERED, a_conclusion(routes=("OTHER_LAW", "X")), "routes[1]"),
    "acts without the way to the examiner": (State.REGISTERED, a_conclusion(routes=("CRIME",)), "routes"),
    "the way to the examiner for nobody": (
        State.REGISTERED,
        a_conclusion(conclusions=tuple(commands.MatterConclusion(each, ()) for each in MATTERS)),
        "routes",
    ),
    "a person of another case": (
        State.REGISTERED,
        a_conclusion(conclusions=(commands.MatterConclusion("m-9", ("2022-DSA7",)),)),
        "conclusions[0].matter",
    ),
    "a person twice": (
        State.REGISTERED,
        a_conclusion(conclusions=(commands.MatterConclusion("m-1", ("2022-DSA7",)),) * 2),
        "conclusions[1].matter",
    ),
    "studied before the registration": (
        State.REGISTERED,
        a_conclusion(study_date=ASSESSED),
        "study_date",
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_what_cannot_be_right_is_refused_with_its_field(rule: str) -> None:
    state, what, field = RULES[rule]

    with pytest.raises(Refusal) as refused:
        happens(an_intake(state), what)

    assert not isinstance(refused.value, WrongState)
    assert refused.value.field == field


def test_nobody_is_registered_without_a_reported_person() -> None:
    with pytest.raises(Malformed) as refused:
        domain.register(an_intake(State.READY), a_registration(), (), TODAY)

    assert refused.value.field == "persons"


def test_a_clarification_has_one_outcome() -> None:
    intake = apply(an_intake(State.REGISTERED), happens(an_intake(State.REGISTERED), a_session()))

    with pytest.raises(WrongState):
        happens(intake, a_session(outcome="ABSENT", minutes_digest=""))


def test_an_outcome_of_an_invitation_that_nobody_sent_is_not_found() -> None:
    with pytest.raises(NotFound):
        happens(an_intake(State.REGISTERED, clarifications=()), a_session())


# --- what follows --------------------------------------------------------------------------------------------------


def test_a_number_says_election_and_office() -> None:
    received = happens(an_intake(State.NEW), a_report(number="021/LP/PG/Prov/14.00/III/2024"))

    assert isinstance(received, events.ReportReceived)
    assert (received.election, received.office) == ("PILKADA", "Prov/14.00")


def test_a_gap_that_no_source_confirms_holds_up_no_registration() -> None:
    intake = an_intake(State.RECEIVED, election="PILKADA")

    assessed = happens(intake, an_assessment(missing=("M-WITNESSES",)))

    assert apply(intake, assessed).state == State.READY
    assert apply(intake, assessed).missing == ("M-WITNESSES",)


def test_what_the_reporter_completed_is_no_longer_missing_and_is_assessed_again() -> None:
    intake = an_intake(State.COMPLETION_REQUESTED, missing=("M-EVIDENCE", "F-REPORTED"))

    completed = apply(intake, happens(intake, a_completion()))

    assert (completed.state, completed.missing) == (State.RECEIVED, ("F-REPORTED",))
    with pytest.raises(Malformed):  # not before it was completed
        happens(completed, an_assessment(assessed_date=ASSESSED))


def test_a_gap_that_was_not_closed_is_a_reason_not_to_register() -> None:
    declined = happens(an_intake(State.COMPLETION_REQUESTED), a_refusal())

    assert isinstance(declined, events.RegistrationDeclined)
    assert declined.reason == "MATERIAL_NOT_MET"


def test_another_office_registers_under_its_own_number() -> None:
    intake = an_intake(State.FOR_ANOTHER_OFFICE)
    delegated = apply(intake, happens(intake, a_delegation()))
    assessed = apply(delegated, happens(delegated, an_assessment(assessed_date=REGISTERED)))

    registered = happens(assessed, a_registration(registration_number="004/Reg/LP/PL/Kab/14.11/III/2024"))

    assert (delegated.office, delegated.former_offices) == (ELSEWHERE, (OFFICE,))
    assert apply(assessed, registered).state == State.REGISTERED


def test_a_finding_of_first_information_keeps_where_it_came_from() -> None:
    intake = an_intake(State.TRACING, information_source="PPK_TEAM", informant="ppk-1602", region="16.02")

    found = apply(intake, happens(intake, an_established()))

    assert (found.origin, found.information_source, found.informant) == ("FINDING", "PPK_TEAM", "ppk-1602")
    assert (found.number, found.region) == (FINDING, "16.02")


def test_a_study_may_leave_a_person_to_a_study_of_the_matter() -> None:
    only_one = (commands.MatterConclusion("m-1", ()),)

    concluded = happens(an_intake(State.REGISTERED), a_conclusion(conclusions=only_one))

    assert isinstance(concluded, events.IntakeConcluded)
    assert concluded.routes == ("CRIME", "OTHER_LAW")


def test_no_route_is_no_violation() -> None:
    nobody = tuple(commands.MatterConclusion(each, ()) for each in MATTERS)

    concluded = happens(an_intake(State.REGISTERED), a_conclusion(routes=(), conclusions=nobody))

    assert apply(an_intake(State.REGISTERED), concluded).routes == ()


# --- clocks --------------------------------------------------------------------------------------------------------


LAST = date(2024, 3, 15)  # seven working days after 4 March: the 11th was Nyepi, the 12th collective leave


def test_a_completion_is_not_asked_for_what_cannot_be_mended() -> None:
    late = an_intake(State.RECEIVED, received_date=LAST + timedelta(3))
    asked = an_assessment(
        "COMPLETE", missing=("F-TIME", "M-EVIDENCE"), assessed_date=TODAY, notice_date=TODAY
    )

    with pytest.raises(Malformed) as refused:
        domain.assess(late, asked, TODAY)

    assert refused.value.field == "category"


@pytest.mark.parametrize(
    ("received", "missing", "agrees"),
    [
        (LAST, (), True),
        (LAST + timedelta(3), (), False),
        (LAST + timedelta(3), ("F-TIME",), True),
        (LAST, ("F-TIME",), False),
    ],
    ids=["on the last day", "late and not said", "late and said", "called late in time"],
)
def test_whether_a_report_came_in_time_is_what_its_dates_say(
    received: date, missing: tuple[str, ...], agrees: bool
) -> None:
    intake = an_intake(State.RECEIVED, received_date=received)
    category = "DO_NOT_REGISTER" if missing else "REGISTER"
    assessment = an_assessment(category, missing=missing, assessed_date=TODAY)

    if agrees:
        assert domain.assess(intake, assessment, TODAY).missing == missing
    else:
        with pytest.raises(Malformed) as refused:
            domain.assess(intake, assessment, TODAY)
        assert refused.value.field == "missing"


def test_a_report_of_a_local_election_comes_within_seven_calendar_days() -> None:
    late = an_intake(State.RECEIVED, election="PILKADA", received_date=TODAY)

    with pytest.raises(Malformed, match="in time"):
        domain.assess(late, an_assessment(assessed_date=TODAY), TODAY)


@pytest.mark.parametrize(
    ("state", "election", "rule", "start", "last"),
    [
        (State.RECEIVED, "PEMILU", "preliminary-study", RECEIVED, date(2024, 3, 8)),
        (State.COMPLETION_REQUESTED, "PILKADA", "completion-pilkada", ASSESSED, date(2024, 3, 10)),
        (State.TRACING, "PEMILU", "finding", RECEIVED, date(2024, 3, 13)),
        (State.REGISTERED, "PEMILU", "study-pemilu", REGISTERED, date(2024, 3, 15)),
        (State.REGISTERED, "PILKADA", "study-pilkada", RECEIVED, date(2024, 3, 9)),
    ],
)
def test_the_limit_that_runs_is_that_of_the_step_and_the_election(
    state: State, election: str, rule: str, start: date, last: date
) -> None:
    running = clocks.running(an_intake(state, election=election), TODAY)

    assert running is not None
    assert (running.rule.id, running.start.day, running.due) == (rule, start, last)


@pytest.mark.parametrize(
    ("election", "rule", "start", "last"),
    [
        ("PEMILU", "study-pemilu-extended", REGISTERED, date(2024, 4, 2)),  # Good Friday is on 29 March
        ("PILKADA", "study-pilkada-extended", RECEIVED, date(2024, 3, 11)),
    ],
)
def test_a_study_that_needs_more_information_takes_the_longer_limit_once(
    election: str, rule: str, start: date, last: date
) -> None:
    intake = an_intake(State.REGISTERED, election=election)

    extended = apply(intake, happens(intake, commands.ExtendStudy("14/PP", REGISTERED)))

    running = clocks.running(extended, TODAY)
    assert running is not None
    assert (running.rule.id, running.start.day, running.due) == (rule, start, last)
    with pytest.raises(WrongState) as refused:
        happens(extended, commands.ExtendStudy("15/PP", REGISTERED))
    assert refused.value.reason == "EXTENDED_BEFORE"


def test_an_amended_decree_moves_a_running_limit() -> None:
    registered = date(2024, 2, 1)
    intake = an_intake(State.REGISTERED, registered_date=registered, extension_number="14/PP")

    before, after = (clocks.running(intake, day) for day in (registered, date(2024, 2, 7)))

    assert before is not None and after is not None
    assert (before.due, after.due) == (date(2024, 2, 23), date(2024, 2, 26))  # 14 February became a day off


@pytest.mark.parametrize("state", [State.READY, State.CONCLUDED, State.NOT_REGISTERED, State.CLOSED])
def test_what_waits_for_nothing_has_no_limit(state: State) -> None:
    assert clocks.running(an_intake(state), TODAY) is None


@pytest.mark.parametrize(
    ("office", "region", "in_time"),
    [("Kab/98.01", "19.01", True), ("Kab/98.03", "19.03", False), ("Prov/98.00", "19.01", False)],
)
def test_a_limit_leaves_out_the_voting_day_of_the_place_of_an_office_whose_code_is_not_known_yet(
    office: str, region: str, in_time: bool
) -> None:
    """Seven working days from 20 August 2025 end on 1 September in Bangka, which votes on the 27th, and on 29 August next door."""
    intake = an_intake(
        State.READY,
        election="PEMILU",
        office=office,
        region=region,
        known_date=date(2025, 8, 20),
        received_date=date(2025, 9, 1),
    )

    assert clocks.came_in_time(intake, date(2025, 9, 2)) is in_time


@pytest.fixture
def bangka() -> Iterator[str]:
    """An office of an operator's table, which is forgotten again after the test."""
    offices.add(
        [
            offices.Line(
                institution="bawaslu", code="Kab/98.01", region="19.01", certainty="open", source="invented"
            )
        ]
    )
    yield "Kab/98.01"
    offices._added = ()
    offices.known.cache_clear()
    offices.authorities_of.cache_clear()


def test_a_limit_runs_by_the_days_off_of_the_office_that_has_it_wherever_it_happened(bangka: str) -> None:
    intake = an_intake(
        State.READY,
        election="PEMILU",
        office=bangka,
        region="19.03",
        known_date=date(2025, 8, 20),
        received_date=date(2025, 9, 1),
    )

    assert clocks.came_in_time(intake, date(2025, 9, 2)) is True

"""The supervisor's rules, case by case."""

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import reduce
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bawaslu.matters.domain import changes, commands, events, offences, reported_person, states
from bawaslu.matters.domain import rules as domain
from bawaslu.matters.domain.matter import Matter, State, blank
from refusals import Malformed, Refusal
from support import machines

PARTY, EXAMINER, EMPLOYER = "bawaslu", "kasn", "ppk-6202"
HAPPENED, KNOWN, STUDIED = date(2025, 2, 1), date(2025, 2, 3), date(2025, 2, 7)
TODAY, TOMORROW = date(2025, 2, 20), date(2025, 2, 21)
DIGEST = "ab" * 32
NIP, NIK = "199001012015031001", "6202014107900001"


def a_matter(state: State = State.RECOMMENDED, **fields: Any) -> Matter:
    now = datetime(2025, 2, 3, tzinfo=UTC)
    matter = blank(PARTY, "01958000-0000-7000-8000-000000000001", "case", now)
    if state != State.NEW:
        matter = replace(
            matter,
            state=state,
            number="002/LP/PL/Kab/27.09/III/2024",
            region="62.02",
            event_date=HAPPENED,
            known_date=KNOWN,
        )
    if state not in (State.NEW, State.REGISTERED):
        matter = replace(matter, study_number="1/KAJIAN", study_date=STUDIED, study_digest=DIGEST)
    return replace(matter, **fields)


def a_registration(**fields: Any) -> commands.RegisterMatter:
    register = commands.RegisterMatter(
        origin="REPORT",
        number="002/LP/PL/Kab/27.09/III/2024",
        region="62.02",
        event_date=HAPPENED,
        known_date=KNOWN,
        employer=EMPLOYER,
    )
    return replace(register, **fields)


def a_study(**fields: Any) -> commands.ConcludeStudy:
    study = commands.ConcludeStudy(
        study_number="1/KAJIAN",
        study_date=STUDIED,
        conclusion="OTHER_LAW_VIOLATION",
        suspected_acts=("2022-DSA7",),
        study_digest=DIGEST,
    )
    return replace(study, **fields)


def a_referral(**fields: Any) -> commands.ReferMatter:
    return replace(commands.ReferMatter("12/PM.00.02/K.KH-05", TODAY, (DIGEST,)), **fields)


def a_completion(**fields: Any) -> commands.CompleteReferral:
    return replace(commands.CompleteReferral("13/PM.00.02/K.KH-05", TODAY, "", "", ()), **fields)


def a_recommendation(**fields: Any) -> events.Recommended:
    recommended = events.Recommended(
        letter_number="R-1943/KASN/7/2020",
        addressee=EMPLOYER,
        act="2022-DSA7",
        family="DISCIPLINE",
        sanction_class="DISCIPLINE_SEVERE",
        due_date=date(2025, 3, 17),
    )
    return replace(recommended, **fields)


def an_offence(**fields: Any) -> commands.ForwardOffence:
    offence = commands.ForwardOffence(
        letter_number="77/PP.00.02/K.KH-05",
        letter_date=STUDIED,
        police_number="LP/B/12/II/2025",
        received_date=STUDIED,
        offences=("UU7-2017-494",),
        minutes_digest="",
    )
    return replace(offence, **fields)


def a_person(**fields: Any) -> reported_person.Person:
    person = reported_person.Person(
        full_name="Sri Wahyuni", employment="PNS", nip=NIP, nik="", position="Camat", grade="", unit=""
    )
    return replace(person, **fields)


def attempted(matter: Matter, what: commands.Command | events.Event) -> tuple[events.Event, Matter]:
    """The event of a command, and the matter after it. A statement of the examiner is an event as it stands."""
    event: events.Event
    match what:
        case commands.RegisterMatter():
            event = domain.register(matter, what, "PNS", TODAY)
        case commands.ConcludeStudy():
            event = domain.conclude_study(matter, what, TODAY)
        case commands.ReferMatter():
            event = domain.refer(matter, what, EXAMINER, TODAY)
        case commands.CompleteReferral():
            event = domain.complete(matter, what, a_person(grade="III/c"), TODAY)
        case commands.RecordPlenary():
            event = domain.record_plenary(matter, what, TODAY)
        case commands.ForwardOffence():
            event = offences.forward(matter, what, TODAY)
        case commands.RecordOffenceStep():
            event = offences.record_step(matter, what, TODAY)
        case _:
            event = what
    return event, changes.apply(matter, event)


def test_the_category_of_a_post_goes_along_where_it_tells_nobody():
    studied = a_matter(State.STUDIED, employer=EMPLOYER)
    incomplete = a_matter(State.INCOMPLETE, employer=EMPLOYER, missing=("POST",))

    referred = domain.refer(studied, a_referral(post_category="HIGH_LEADERSHIP"), EXAMINER, TODAY)
    completed = domain.complete(incomplete, a_completion(post_category="FUNCTIONAL"), a_person(), TODAY)

    assert (referred.post_category, completed.post_category) == ("HIGH_LEADERSHIP", "FUNCTIONAL")
    with pytest.raises(Malformed, match="tell who it is"):
        domain.refer(
            replace(studied, employer="bkn"), a_referral(post_category="HIGH_LEADERSHIP"), EXAMINER, TODAY
        )
    with pytest.raises(Malformed, match="not a category"):
        domain.complete(incomplete, a_completion(post_category="SEKDA"), a_person(), TODAY)


# --- every state × every command and event -------------------------------------------------------------------------

ATTEMPTS: dict[str, commands.Command | events.Event] = {
    "register": a_registration(),
    "conclude": a_study(),
    "conclude-none": a_study(conclusion="NOT_A_VIOLATION", suspected_acts=()),
    "refer": a_referral(),
    "complete": a_completion(),
    "plenary": commands.RecordPlenary("22/BA", TODAY, DIGEST, ("VIOLATION", "REFERRED")),
    "forward-offence": an_offence(),
    "offence-step": commands.RecordOffenceStep("PROSECUTED", "B-412/L.3.15", TODAY),
    "accepted": events.Accepted("17/REG"),
    "asked": events.CompletionRequested("R-1900/KASN/2/2025", ("GRADE",)),
    "returned": events.Returned("NO_STUDY"),
    "not-proven": events.NotProven("B-1444/JP.01/04/2025", TODAY),
    "recommended": a_recommendation(),
    "corrected": events.Corrected("2022-DSA7", "DISCIPLINE", "DISCIPLINE_MEDIUM", date(2025, 3, 20)),
    "moved": events.DueDateMoved("R-1943/KASN/7/2020", date(2025, 3, 18)),
    "withdrawn": events.Withdrawn("R-1943/KASN/7/2020", "OBJECTION_UPHELD"),
    "conforms": events.Verified("CONFORMS", ""),
    "not-yet-conforms": events.Verified("NOT_YET_CONFORMS", ""),
    "not-yet-followed-up": events.Verified("NOT_YET_FOLLOWED_UP", ""),
    "cannot-be": events.Verified("CANNOT_BE_FOLLOWED_UP", "RETIRED"),
    "annulled": events.DecreeAnnulled("9/BATAL", TODAY),
    "took-over": events.TookOver("kasn", "bkn"),
}
STATES = {
    "NEW": State.NEW,
    "REG": State.REGISTERED,
    "STU": State.STUDIED,
    "NOT": State.NOT_A_VIOLATION,
    "REF": State.REFERRED,
    "INC": State.INCOMPLETE,
    "EXA": State.UNDER_EXAMINATION,
    "RET": State.RETURNED,
    "NPR": State.NOT_PROVEN,
    "REC": State.RECOMMENDED,
    "WIT": State.WITHDRAWN,
    "COM": State.COMPLETED,
    "CAN": State.CANNOT_BE_FOLLOWED_UP,
}
TABLE = machines.read(
    """
    act                  event               NEW REG STU NOT REF INC EXA RET NPR REC WIT COM CAN
    register             Registered          REG  -   -   -   -   -   -   -   -   -   -   -   -
    conclude             StudyConcluded       -  STU  -   -   -   -   -  STU  -   -   -   -   -
    conclude-none        StudyConcluded       -  NOT  -   -   -   -   -  NOT  -   -   -   -   -
    refer                Referred             -   -  REF  -   -   -   -   -   -   -   -   -   -
    complete             Completed            -   -   -   -   -  REF  -   -   -   -   -   -   -
    plenary              PlenaryHeld          -  REG STU NOT REF INC EXA RET NPR REC WIT COM CAN
    forward-offence      OffenceForwarded     -  REG STU NOT REF INC EXA RET NPR REC WIT COM CAN
    offence-step         OffenceProgressed    -  REG STU NOT REF INC EXA RET NPR REC WIT COM CAN
    accepted             Accepted             -   -   -   -  EXA  -   -   -   -   -   -   -   -
    returned             Returned             -   -   -   -  RET RET  -   -   -   -   -   -   -
    asked                CompletionRequested  -   -   -   -  INC  -   -   -   -   -   -   -   -
    not-proven           NotProven            -   -   -   -   -   -  NPR  -   -   -   -   -   -
    recommended          Recommended          -   -   -   -   -   -  REC  -   -  REC  -   -   -
    corrected            Corrected            -   -   -   -   -   -   -   -   -  REC  -   -   -
    moved                DueDateMoved         -   -   -   -   -   -   -   -   -  REC  -   -   -
    withdrawn            Withdrawn            -   -   -   -   -   -   -   -   -  WIT  -   -   -
    conforms             Verified             -   -   -   -   -   -   -   -   -  COM  -  COM  -
    not-yet-conforms     Verified             -   -   -   -   -   -   -   -   -  REC  -  REC  -
    not-yet-followed-up  Verified             -   -   -   -   -   -   -   -   -  REC  -  REC  -
    cannot-be            Verified             -   -   -   -   -   -   -   -   -  CAN  -  CAN  -
    annulled             DecreeAnnulled       -   -   -   -   -   -   -   -   -  REC  -  REC  -
    took-over            TookOver             -   -  STU NOT REF INC EXA RET NPR REC WIT COM CAN
    """,
    STATES,
    {"-": "WRONG_STATE"},
)


def test_the_table_has_every_state_and_every_command_and_event() -> None:
    own = {events.Registered, events.StudyConcluded, events.Referred, events.Completed}
    own |= {events.PlenaryHeld, events.OffenceForwarded, events.OffenceProgressed}

    assert set(TABLE) == {(attempt, state) for attempt in ATTEMPTS for state in State}
    assert {type(what) for what in ATTEMPTS.values()} == set(states.POSSIBLE)
    assert set(states.POSSIBLE) == {*get_args(commands.Command), *get_args(events.Event)} - own


@pytest.mark.parametrize("attempt", ATTEMPTS)
@pytest.mark.parametrize("state", State)
def test_a_state_becomes_what_the_table_says_or_refuses(state: State, attempt: str) -> None:
    cell, matter = TABLE[attempt, state], a_matter(state)
    if (
        attempt == "offence-step" and state != State.NEW
    ):  # what comes after a step depends on the step, not on the state
        matter = replace(matter, offence_step="FORWARDED", offence_step_date=STUDIED)

    if cell.refused:
        with pytest.raises(Refusal) as refused:
            attempted(matter, ATTEMPTS[attempt])
        assert refused.value.reason == cell.refused
    else:
        event, after = attempted(matter, ATTEMPTS[attempt])
        assert (type(event).__name__, after.state) == (cell.event, cell.after)


@given(st.data())
def test_what_happened_and_was_heard_gives_the_same_matter_again(data: st.DataObject) -> None:
    blank = matter = a_matter(State.NEW)
    trail: list[events.Event] = []
    for _ in range(data.draw(st.integers(1, 12))):
        possible = [name for name in ATTEMPTS if not TABLE[name, matter.state].refused]
        possible = [name for name in possible if "offence" not in name]  # these are tried in test_offences
        if not possible:
            break
        event, matter = attempted(matter, ATTEMPTS[data.draw(st.sampled_from(possible))])
        trail.append(event)

    assert reduce(changes.apply, trail, blank) == matter


# --- what the supervisor does --------------------------------------------------------------------------------------


def test_a_registered_matter_keeps_what_was_entered() -> None:
    _, matter = attempted(a_matter(State.NEW), a_registration())

    kept = commands.RegisterMatter(
        **{name: getattr(matter, name) for name in commands.RegisterMatter.__dataclass_fields__}
    )
    assert kept == a_registration()
    assert matter.employment == "PNS"


def test_study_and_referral_name_the_plenary_that_was_recorded_and_no_other() -> None:
    registered = a_matter(State.REGISTERED)
    _, decided = attempted(registered, commands.RecordPlenary("22/BA", STUDIED, DIGEST, ("VIOLATION",)))
    study, studied = attempted(decided, a_study(plenary_number="22/BA"))
    referral, _ = attempted(studied, a_referral(plenary_number="22/BA"))

    assert isinstance(study, events.StudyConcluded) and isinstance(referral, events.Referred)
    assert (study.plenary_number, referral.plenary_number) == ("22/BA", "22/BA")
    assert (decided.plenary_date, decided.plenary_decisions) == (STUDIED, ("VIOLATION",))
    with pytest.raises(Malformed) as refused:
        attempted(registered, a_study(plenary_number="22/BA"))
    assert refused.value.field == "plenary_number"


def test_a_finding_has_a_tm_number() -> None:
    finding = a_registration(origin="FINDING", number="002/TM/PL/Kab/27.09/III/2024")

    assert domain.register(a_matter(State.NEW), finding, "PNS", TODAY).origin == "FINDING"


def test_what_was_found_on_the_day_it_happened_and_is_entered_that_day_is_registered() -> None:
    same_day = a_registration(event_date=TODAY, known_date=TODAY)

    assert domain.register(a_matter(State.NEW), same_day, "PNS", TODAY).known_date == TODAY


def test_a_study_may_be_of_the_day_of_the_report_and_its_referral_of_the_day_of_the_study() -> None:
    study = a_study(study_date=KNOWN)
    _, studied = attempted(a_matter(State.REGISTERED), study)

    referred = domain.refer(studied, a_referral(letter_date=KNOWN), EXAMINER, TODAY)

    assert (studied.study_date, referred.letter_date) == (KNOWN, KNOWN)


def test_a_referral_carries_report_study_and_evidence_to_the_examiner() -> None:
    matter = a_matter(State.STUDIED, origin="REPORT", region="62.02", suspected_acts=("2022-DSA7",))

    referred = domain.refer(matter, a_referral(evidence_digests=(DIGEST, "cd" * 32)), EXAMINER, TODAY)

    assert (referred.report_number, referred.origin, referred.region) == (matter.number, "REPORT", "62.02")
    assert (referred.study_number, referred.study_digest) == ("1/KAJIAN", DIGEST)
    assert (referred.evidence_digests, referred.suspected_acts) == ((DIGEST, "cd" * 32), ("2022-DSA7",))
    assert changes.apply(matter, referred).examiner == EXAMINER


def test_a_returned_matter_is_studied_and_referred_again_perhaps_to_another_examiner() -> None:
    matter = a_matter(State.RETURNED, examiner="kasn", return_reason="NO_STUDY")

    _, studied = attempted(matter, a_study(study_number="2/KAJIAN"))
    again = changes.apply(studied, domain.refer(studied, a_referral(), "bkn", TODAY))

    assert (again.state, again.study_number, again.examiner) == (State.REFERRED, "2/KAJIAN", "bkn")
    assert again.return_reason == ""


# The state in which it is tried, what is tried, and the field at fault.
RULES: dict[str, tuple[State, commands.Command, str]] = {
    "a number that is not Bawaslu's": (State.NEW, a_registration(number="2/LP"), "number"),
    "a finding with the number of a report": (State.NEW, a_registration(origin="FINDING"), "origin"),
    "a report with the number of a finding": (
        State.NEW,
        a_registration(number="002/TM/PL/Kab/27.09/III/2024"),
        "origin",
    ),
    "a region that is none": (State.NEW, a_registration(region="99.99"), "region"),
    "an employer that is nobody": (State.NEW, a_registration(employer="ppk-9999"), "employer"),
    "an employer that is no personnel authority": (
        State.NEW,
        a_registration(employer="bawaslu"),
        "employer",
    ),
    "known in the future": (State.NEW, a_registration(known_date=TOMORROW), "known_date"),
    "known before it happened": (State.NEW, a_registration(event_date=date(2025, 2, 4)), "event_date"),
    "a study whose number is a NIP": (State.REGISTERED, a_study(study_number=NIP), "study_number"),
    "a study in the future": (State.REGISTERED, a_study(study_date=TOMORROW), "study_date"),
    "a study before the report": (State.REGISTERED, a_study(study_date=date(2025, 2, 2)), "study_date"),
    "a violation without an act": (State.REGISTERED, a_study(suspected_acts=()), "suspected_acts"),
    "an act without a violation": (
        State.REGISTERED,
        a_study(conclusion="NOT_A_VIOLATION"),
        "suspected_acts",
    ),
    "an act that is not listed": (
        State.REGISTERED,
        a_study(suspected_acts=("2022-DSA7", "2022-DSA99")),
        "suspected_acts[1]",
    ),
    "an act of another time's catalogue": (
        State.REGISTERED,
        a_study(suspected_acts=("2022-DSA7", "2020-03")),
        "suspected_acts[1]",
    ),
    "a referral whose number is a NIK": (State.STUDIED, a_referral(letter_number=NIK), "letter_number"),
    "a referral in the future": (State.STUDIED, a_referral(letter_date=TOMORROW), "letter_date"),
    "a referral before the study": (State.STUDIED, a_referral(letter_date=date(2025, 2, 6)), "letter_date"),
}


@pytest.mark.parametrize("rule", RULES)
def test_what_can_never_be_right_is_refused_and_its_field_named(rule: str) -> None:
    state, command, field = RULES[rule]

    with pytest.raises(Malformed) as refused:
        attempted(a_matter(state), command)

    assert refused.value.field == field
    assert NIP not in refused.value.message
    assert NIK not in refused.value.message


# --- who is reported -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "person",
    [
        a_person(),
        a_person(nik=NIK),
        a_person(employment="PPPK", nip="199001012023211001"),
        a_person(employment="PPNPN", nip="", nik=NIK),
    ],
)
def test_a_person_has_the_numbers_of_the_employment(person: reported_person.Person) -> None:
    reported_person.check(person)


@pytest.mark.parametrize(
    ("person", "field"),
    [
        (a_person(nip=""), "person.nip"),
        (a_person(nip="199013012015031001"), "person.nip"),
        (a_person(employment=""), "person.nip"),
        (a_person(nik="6202"), "person.nik"),
        (a_person(employment="PPNPN", nik=NIK), "person.nip"),
        (a_person(employment="PPNPN", nip=""), "person.nik"),
    ],
)
def test_a_person_with_other_numbers_is_refused_and_none_is_repeated(
    person: reported_person.Person, field: str
) -> None:
    with pytest.raises(Malformed) as refused:
        reported_person.check(person)

    assert refused.value.field == field
    assert not any(number and number in refused.value.message for number in (person.nip, person.nik))


# --- what the examiner says ----------------------------------------------------------------------------------------


def test_a_return_keeps_its_reason() -> None:
    assert changes.apply(a_matter(State.REFERRED), events.Returned("NOT_ASN")).return_reason == "NOT_ASN"


def test_the_copy_of_a_recommendation_is_kept() -> None:
    matter = changes.apply(a_matter(State.UNDER_EXAMINATION), a_recommendation())

    assert (matter.recommendation_number, matter.addressee) == ("R-1943/KASN/7/2020", EMPLOYER)
    assert (matter.sanction_class, matter.due_date) == ("DISCIPLINE_SEVERE", date(2025, 3, 17))


def test_a_recommendation_that_is_addressed_anew_replaces_the_first_and_its_verification() -> None:
    matter = a_matter(addressee=EMPLOYER, verification="NOT_YET_FOLLOWED_UP")

    again = changes.apply(matter, a_recommendation(letter_number="R-2/KASN/8/2020", addressee="ppk-3204"))

    assert (again.recommendation_number, again.addressee) == ("R-2/KASN/8/2020", "ppk-3204")
    assert again.verification == ""


def test_a_follow_up_may_be_verified_again_until_it_conforms() -> None:
    once = changes.apply(a_matter(), events.Verified("NOT_YET_CONFORMS", ""))
    twice = changes.apply(once, events.Verified("CONFORMS", ""))

    assert (once.state, once.verification) == (State.RECOMMENDED, "NOT_YET_CONFORMS")
    assert (twice.state, twice.verification) == (State.COMPLETED, "CONFORMS")


def test_what_was_verified_of_an_annulled_decree_counts_no_more() -> None:
    completed = a_matter(State.COMPLETED, verification="CONFORMS", due_date=date(2025, 3, 17))

    annulled = changes.apply(completed, events.DecreeAnnulled("9/BATAL", TODAY, date(2025, 4, 20)))
    silent = changes.apply(completed, events.DecreeAnnulled("9/BATAL", TODAY))

    assert (annulled.state, annulled.verification) == (State.RECOMMENDED, "")
    assert (annulled.annulment_number, annulled.due_date) == ("9/BATAL", date(2025, 4, 20))
    assert silent.due_date == date(2025, 3, 17)


def test_a_verified_impossibility_keeps_its_reason() -> None:
    ended = changes.apply(a_matter(), events.Verified("CANNOT_BE_FOLLOWED_UP", "DIED"))

    assert ended.impossibility == "DIED"


def test_a_verification_without_a_status_is_refused() -> None:
    with pytest.raises(Malformed) as refused:
        changes.apply(a_matter(), events.Verified("", ""))

    assert refused.value.field == "status"


# --- completion ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("missing", "person", "fields", "field"),
    [
        ("POST", None, {}, "person"),
        ("IDENTITY", None, {}, "person"),
        ("GRADE", a_person(grade=""), {}, "person.grade"),
        ("EVIDENCE", None, {}, "evidence_digests"),
        ("STUDY", None, {}, "study_number"),
        ("STUDY", None, {"study_number": "2/KAJIAN"}, "study_digest"),
    ],
)
def test_everything_that_the_examiner_asked_for_has_to_be_given(
    missing: str, person: reported_person.Person | None, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(Malformed) as refused:
        domain.complete(a_matter(State.INCOMPLETE, missing=(missing,)), a_completion(**fields), person, TODAY)

    assert refused.value.field == field


def test_a_completed_referral_lacks_nothing_and_has_the_new_study() -> None:
    matter = a_matter(State.INCOMPLETE, missing=("STUDY",))
    given = a_completion(study_number="2/KAJIAN", study_digest="cd" * 32)

    after = changes.apply(matter, domain.complete(matter, given, None, TODAY))

    assert (after.missing, after.study_number, after.study_digest) == ((), "2/KAJIAN", "cd" * 32)

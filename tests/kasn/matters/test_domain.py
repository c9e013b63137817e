"""The examiner's rules, case by case."""

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import reduce
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cooperation.oversight import overseers
from kasn.matters.domain import assignment, changes, commands, events, examination, states
from kasn.matters.domain import rules as domain
from kasn.matters.domain.matter import Matter, State, blank
from refusals import Malformed, NotAllowed, Refusal, WrongState
from support import machines

PARTY, SUPERVISOR, ADDRESSEE, OTHER = "kasn", "bawaslu", "ppk-6202", "ppk-3204"
LETTER, LETTER_DATE, DUE = "R-1943/KASN/7/2020", date(2025, 3, 3), date(2025, 3, 17)
DECREE_DATE, TODAY, TOMORROW = date(2025, 3, 10), date(2025, 3, 24), date(2025, 3, 25)
DIGEST = "ab" * 32
BEFORE_A_RECOMMENDATION = (
    State.NEW,
    State.REFERRED,
    State.INCOMPLETE,
    State.EXAMINING,
    State.RETURNED,
    State.NOT_PROVEN,
)
PROVINCE = "prov-62"
NUMBER_OF_A_PERSON = "199001012015031001"


def a_matter(state: State = State.FOLLOWED_UP, **fields: Any) -> Matter:
    now = datetime(2025, 3, 3, tzinfo=UTC)
    matter = blank(PARTY, "01958000-0000-7000-8000-000000000001", "case", now)
    if state != State.NEW:
        matter = replace(matter, state=state, supervisor=SUPERVISOR, report_number="002/LP", region="62.02")
    if state not in BEFORE_A_RECOMMENDATION:
        matter = replace(
            matter, addressee=ADDRESSEE, letter_number=LETTER, letter_date=LETTER_DATE, due_date=DUE
        )
    if state == State.CONFLICTED:
        matter = replace(matter, conflicted=ADDRESSEE, conflict_ground="INTEREST")
    if state in (State.DECIDED, State.FOLLOWED_UP, State.COMPLETED):
        matter = replace(matter, decree_number="800/1/SK", decree_date=DECREE_DATE, sanction="PP94-8-4-A")
    return replace(matter, **fields)


def a_referral(**fields: Any) -> events.Referred:
    referred = events.Referred(
        letter_number="12/PM.00.02/K.KH-05",
        letter_date=date(2025, 2, 20),
        report_number="002/LP/PL/Kab/27.09/III/2024",
        region="62.02",
        event_date=date(2025, 2, 1),
        employer=ADDRESSEE,
        employment="PNS",
        study_number="1/KAJIAN",
        study_digest=DIGEST,
        evidence_digests=(DIGEST,),
        suspected_acts=("2022-DSA7",),
        examiner=PARTY,
    )
    return replace(referred, **fields)


def a_decision(**fields: Any) -> commands.DecideNotProven:
    return replace(commands.DecideNotProven("B-1444/JP.01/04/2025", TODAY), **fields)


def a_recommendation(**fields: Any) -> commands.Recommend:
    recommend = commands.Recommend(
        letter_number="R-1944/KASN/3/2025",
        letter_date=LETTER_DATE,
        addressee=OTHER,
        act="2022-DSA7",
        family="DISCIPLINE",
        sanction_class="DISCIPLINE_SEVERE",
        due_date=DUE,
    )
    return replace(recommend, **fields)


def an_answer(**fields: Any) -> commands.AnswerObjection:
    return replace(commands.AnswerObjection("B-1445/JP.01/04/2025", TODAY, "MAINTAIN"), **fields)


def a_verification(**fields: Any) -> commands.VerifyFollowUp:
    return replace(commands.VerifyFollowUp("CONFORMS", "", TODAY), **fields)


def a_report(**fields: Any) -> events.FollowedUp:
    return replace(events.FollowedUp("SANCTION_IMPOSED", "800/3/SET", date(2025, 3, 12)), **fields)


def a_correction(**fields: Any) -> commands.CorrectRecommendation:
    correct = commands.CorrectRecommendation(
        letter_number="R-1950/KASN/3/2025",
        letter_date=TODAY,
        act="2022-DSA7",
        family="DISCIPLINE",
        sanction_class="DISCIPLINE_MEDIUM",
        due_date=DUE,
    )
    return replace(correct, **fields)


def a_withdrawal(**fields: Any) -> commands.WithdrawRecommendation:
    return replace(commands.WithdrawRecommendation("R-1951/KASN/3/2025", TODAY, "NEW_EVIDENCE"), **fields)


def a_completion(**fields: Any) -> events.Completed:
    return replace(events.Completed("13/PM", TODAY, "", "", ()), **fields)


def done(matter: Matter, command: commands.Command) -> events.OwnEvent:
    match command:
        case commands.RequestCompletion():
            return examination.request_completion(matter, command, TODAY)
        case commands.RequestClarification():
            return examination.request_clarification(matter, command, TODAY)
        case commands.RecordClarification():
            return examination.record_clarification(matter, command, TODAY)
        case commands.DeclareConflict():
            return examination.declare_conflict(matter, command)
        case commands.CorrectRecommendation():
            return examination.correct(matter, command, TODAY)
        case commands.WithdrawRecommendation():
            return examination.withdraw(matter, command, TODAY)
        case commands.AcceptReferral():
            return domain.accept(matter, command)
        case commands.ReturnReferral():
            return domain.return_referral(matter, command)
        case commands.AssignMatter():  # BKN has offices, KASN had none
            return assignment.assign(replace(matter, party="bkn"), command)
        case commands.DecideNotProven():
            return domain.decide_not_proven(matter, command, TODAY)
        case commands.Recommend():
            if matter.conflicted:  # then only the superior is possible
                command = replace(command, addressee=PROVINCE)
            return domain.recommend(matter, command, TODAY)
        case commands.AnswerObjection():
            return domain.answer_objection(matter, command, TODAY)
        case commands.VerifyFollowUp():
            return domain.verify(matter, command, TODAY)


def speaker(matter: Matter, event: events.HeardEvent) -> str:
    """The party that may say this in this matter; before there is an addressee, one that is not."""
    if isinstance(event, overseers.OverseerEvent):
        return "kemendagri"
    if isinstance(event, events.Clarified):
        return matter.clarification_addressee or ADDRESSEE
    if isinstance(event, events.Referred | events.Completed | events.OffenceEvent):
        return SUPERVISOR
    return matter.addressee or ADDRESSEE


def attempted(matter: Matter, what: commands.Command | events.HeardEvent) -> tuple[events.Event, Matter]:
    if isinstance(what, commands.Command):
        event = done(matter, what)
        return event, changes.apply(matter, event)
    return what, changes.hear(matter, what, speaker(matter, what))


# --- every state × every command and event -------------------------------------------------------------------------

ATTEMPTS: dict[str, commands.Command | events.HeardEvent] = {
    "accept": commands.AcceptReferral("17/REG"),
    "return": commands.ReturnReferral("NO_STUDY"),
    "assign": commands.AssignMatter("KANREG-VIII"),
    "ask-completion": commands.RequestCompletion("R-1900/KASN/3/2025", TODAY, ("GRADE",)),
    "ask-authority": commands.RequestClarification("R-1901/KASN/3/2025", TODAY, ADDRESSEE),
    "hear-person": commands.RecordClarification(TODAY, "ATTENDED", DIGEST),
    "conflict": commands.DeclareConflict(ADDRESSEE, "INTEREST"),
    "correct": a_correction(),
    "call-off": a_withdrawal(),
    "completed": a_completion(),
    "clarified": events.Clarified("800/9/SET", TODAY),
    "offence": events.OffenceForwarded("77/PP", TODAY, TODAY, ("UU7-2017-494",), TODAY),
    "offence-step": events.OffenceProgressed("PROSECUTED", TODAY, TODAY),
    "not-proven": a_decision(),
    "recommend": a_recommendation(),
    "maintain": an_answer(),
    "withdraw": an_answer(answer="WITHDRAW"),
    "conforms": a_verification(),
    "not-yet-conforms": a_verification(status="NOT_YET_CONFORMS"),
    "not-yet-followed-up": a_verification(status="NOT_YET_FOLLOWED_UP"),
    "cannot-be": a_verification(status="CANNOT_BE_FOLLOWED_UP", reason="RETIRED"),
    "referred": a_referral(),
    "opened": events.Opened(),
    "acknowledged": events.Acknowledged(),
    "rejected": events.Rejected("NOT_OUR_EMPLOYEE"),
    "objected": events.Objected("800/2/SET"),
    "decided": events.Decided("800/1/SK", DECREE_DATE, "PP94-8-4-A"),
    "reported": a_report(),
    "reported-none": a_report(kind="CANNOT_BE_FOLLOWED_UP"),
    "blocked": overseers.Blocked("26/BLK", TODAY),
    "unblocked": overseers.Unblocked("8/BKA", TODAY),
    "warned": overseers.Warned("800/2344/IJ", TODAY, TODAY),
    "annulled": overseers.DecreeAnnulled("9/BATAL", TODAY, "800/1/SK"),
    "reported-partial": a_report(kind="PARTIAL", open_measures=("MORAL_OPEN",)),
    "progressed": events.Progressed("SUMMONED", DECREE_DATE),
    "decree-corrected": events.DecreeCorrected("800/1/SK", "800/11/SK", TODAY),
    "appealed": events.Appealed("", TODAY),
    "appeal-changed": events.Appealed("CHANGED", TODAY, "800/9/SK", TODAY, "PP94-8-3-A"),
    "appeal-annulled": events.Appealed("ANNULLED", TODAY),
}
STATES = {
    "NEW": State.NEW,
    "REF": State.REFERRED,
    "INC": State.INCOMPLETE,
    "EXA": State.EXAMINING,
    "RET": State.RETURNED,
    "NPR": State.NOT_PROVEN,
    "REC": State.RECOMMENDED,
    "OPE": State.OPENED,
    "ACK": State.ACKNOWLEDGED,
    "REJ": State.REJECTED,
    "CON": State.CONFLICTED,
    "OBJ": State.OBJECTED,
    "DEC": State.DECIDED,
    "FUP": State.FOLLOWED_UP,
    "WIT": State.WITHDRAWN,
    "COM": State.COMPLETED,
    "CAN": State.CANNOT_BE_FOLLOWED_UP,
    "TRA": State.TRANSFERRED,
    "HAN": State.HANDED_OVER,
}
# Before a recommendation nobody is its addressee. ACK is here without a decree; with one, see further down.
TABLE = machines.read(
    """
    act                  event                  NEW REF INC EXA RET NPR REC OPE ACK REJ CON OBJ DEC FUP WIT COM CAN TRA HAN
    accept               Accepted                -  EXA  -   -   -   -   -   -   -   -   -   -   -   -   -   -   -   -   -
    return               Returned                -  RET RET  -   -   -   -   -   -   -   -   -   -   -   -   -   -   -   -
    assign               Assigned                -  REF INC EXA  -   -  REC OPE ACK REJ CON OBJ DEC FUP  -   -   -   -   -
    ask-completion       CompletionRequested     -  INC  -   -   -   -   -   -   -   -   -   -   -   -   -   -   -   -   -
    ask-authority        ClarificationRequested  -   -   -  EXA  -   -   -   -   -   -   -   -   -   -   -   -   -   -   -
    hear-person          ClarificationHeld       -   -   -  EXA  -   -   -   -   -   -   -   -   -   -   -   -   -   -   -
    conflict             ConflictDeclared        -   -   -  EXA  -   -  CON CON CON  -   -  CON  -   -   -   -   -   -   -
    not-proven           NotProven               -   -   -  NPR  -   -   -   -   -   -   -   -   -   -   -   -   -   -   -
    recommend            Recommended             -   -   -  REC  -   -   -   -   -  REC REC  -   -   -   -   -   -   -   -
    correct              Corrected               -   -   -   -   -   -  REC OPE ACK  -   -  OBJ  -   -   -   -   -   -   -
    call-off             Withdrawn               -   -   -   -   -   -  WIT WIT WIT WIT  -  WIT WIT WIT  -   -   -   -   -
    maintain             ObjectionAnswered       -   -   -   -   -   -   -   -   -   -   -  ACK  -   -   -   -   -   -   -
    withdraw             Withdrawn               -   -   -   -   -   -   -   -   -   -   -  WIT  -   -   -   -   -   -   -
    conforms             Verified                -   -   -   -   -   -   -   -   -   -   -   -   -  COM  -   -   -   -   -
    not-yet-conforms     Verified                -   -   -   -   -   -   -   -   -   -   -   -   -  ACK  -   -   -   -   -
    not-yet-followed-up  Verified                -   -   -   -   -   -  REC OPE ACK  -   -  OBJ DEC  -   -   -   -   -   -
    cannot-be            Verified                -   -   -   -   -   -   -   -   -   -   -   -   -  CAN  -   -   -   -   -
    referred             Referred               REF  -   -   -  REF  -   -   -   -   -   -   -   -   -   -   -   -   -   -
    completed            Completed               s   -  REF  -   -   -   -   -   -   -   -   -   -   -   -   -   -   -   -
    offence              OffenceForwarded        s  REF INC EXA RET NPR REC OPE ACK REJ CON OBJ DEC FUP WIT COM CAN  -   -
    offence-step         OffenceProgressed       s  REF INC EXA RET NPR REC OPE ACK REJ CON OBJ DEC FUP WIT COM CAN  -   -
    clarified            Clarified               q   q   q   q   q   q   q   q   q   q   q   q   q   q   q   q   q   q   q
    opened               Opened                  x   x   x   x   x   x  OPE  -   -   -   -   -   -   -   -   -   -   -   -
    acknowledged         Acknowledged            x   x   x   x   x   x   -  ACK  -   -   -   -   -   -   -   -   -   -   -
    rejected             Rejected                x   x   x   x   x   x   -  REJ REJ  -   -   -   -   -   -   -   -   -   -
    objected             Objected                x   x   x   x   x   x   -  OBJ OBJ  -   -   -   -   -   -   -   -   -   -
    decided              Decided                 x   x   x   x   x   x   -   -  DEC  -   -   -   -   -   -   -   -   -   -
    reported             FollowedUp              x   x   x   x   x   x   -   -   -   -   -   -  FUP  -   -   -   -   -   -
    reported-none        FollowedUp              x   x   x   x   x   x   -   -  FUP  -   -   -  FUP  -   -   -   -   -   -
    blocked              Blocked                  -   -   -   -   -   -  REC OPE ACK REJ CON OBJ DEC FUP WIT COM CAN  -   -
    unblocked            Unblocked                -   -   -   -   -   -  REC OPE ACK REJ CON OBJ DEC FUP WIT COM CAN  -   -
    warned               Warned                   -   -   -   -   -   -  REC OPE ACK REJ CON OBJ DEC FUP WIT COM CAN  -   -
    annulled             DecreeAnnulled           -   -   -   -   -   -   -   -   d   -   -   -  ACK ACK  -  ACK  -   -   -
    reported-partial     FollowedUp              x   x   x   x   x   x   -   -   -   -   -   -  ACK  -   -   -   -   -   -
    progressed           Progressed              x   x   x   x   x   x   -   -  ACK  -   -   -  DEC FUP  -  COM  -   -   -
    decree-corrected     DecreeCorrected         x   x   x   x   x   x   -   -   -   -   -   -  DEC FUP  -  COM  -   -   -
    appealed             Appealed                x   x   x   x   x   x   -   -   -   -   -   -  DEC FUP  -  COM  -   -   -
    appeal-changed       Appealed                x   x   x   x   x   x   -   -   -   -   -   -  DEC DEC  -  DEC  -   -   -
    appeal-annulled      Appealed                x   x   x   x   x   x   -   -   -   -   -   -  ACK ACK  -  ACK  -   -   -
    """,
    STATES,
    {
        "-": "WRONG_STATE",
        "x": "NOT_THE_ADDRESSEE",
        "q": "NOT_ASKED",
        "s": "NOT_THE_SUPERVISOR",
        "d": "OTHER_DECREE",
    },
)


def test_the_table_has_every_state_and_every_command_and_event() -> None:
    assert set(TABLE) == {(attempt, state) for attempt in ATTEMPTS for state in State}
    assert {type(what) for what in ATTEMPTS.values()} == set(states.POSSIBLE)
    assert set(states.POSSIBLE) == {*get_args(commands.Command), *get_args(events.HeardEvent)}


@pytest.mark.parametrize("attempt", ATTEMPTS)
@pytest.mark.parametrize("state", State)
def test_a_state_becomes_what_the_table_says_or_refuses(state: State, attempt: str) -> None:
    cell, matter = TABLE[attempt, state], a_matter(state)

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
    trail: list[tuple[events.Event, str]] = []
    for _ in range(data.draw(st.integers(1, 15))):
        possible = [name for name in ATTEMPTS if not TABLE[name, matter.state].refused]
        if not possible:
            break
        what = ATTEMPTS[data.draw(st.sampled_from(possible))]
        if isinstance(what, commands.Recommend) and matter.addressee:
            what = replace(what, addressee=ADDRESSEE)
        if isinstance(what, commands.DeclareConflict) and matter.addressee:
            what = replace(what, institution=matter.addressee)
        sender = "" if isinstance(what, commands.Command) else speaker(matter, what)
        try:
            event, matter = attempted(matter, what)
        except (Malformed, WrongState):
            break  # no authority is left to address, nothing to correct, or no decree to appeal against
        trail.append((event, sender))

    def again(before: Matter, entry: tuple[Any, str]) -> Matter:
        event, sender = entry
        return changes.hear(before, event, sender) if sender else changes.apply(before, event)

    assert reduce(again, trail, blank) == matter


# --- what the examiner does ----------------------------------------------------------------------------------------


def test_a_recommendation_says_where_it_was_reported_and_where_it_happened() -> None:
    event = domain.recommend(a_matter(State.EXAMINING), a_recommendation(), TODAY)

    assert (event.report_number, event.region, event.readdressed_from) == ("002/LP", "62.02", "")


def test_a_recommendation_carries_the_day_of_the_event_and_the_employment() -> None:
    matter = a_matter(State.EXAMINING, event_date=date(2025, 2, 1), employment="PPPK")

    event = domain.recommend(matter, a_recommendation(), TODAY)

    assert (event.event_date, event.employment) == (date(2025, 2, 1), "PPPK")


@pytest.mark.parametrize(
    ("act", "family", "sanction_class"),
    [
        ("2020-08", "DISCIPLINE", "DISCIPLINE_MEDIUM"),
        ("2020-01", "ETHICS", "MORAL_OPEN"),
        ("2020-01", "DISCIPLINE", "DISMISSAL"),
    ],
)
def test_an_act_of_2020_is_recommended_by_the_catalogue_of_its_day(
    act: str, family: str, sanction_class: str
) -> None:
    matter = a_matter(State.EXAMINING, event_date=date(2020, 9, 30), employment="PNS")
    command = a_recommendation(act=act, family=family, sanction_class=sanction_class)

    assert domain.recommend(matter, command, TODAY).act == act


@pytest.mark.parametrize(
    ("event_date", "employment", "command", "field"),
    [
        (date(2020, 9, 30), "PNS", a_recommendation(), "act"),
        (date(2025, 2, 1), "PNS", a_recommendation(act="2020-08"), "act"),
        (None, "", a_recommendation(act="2020-08"), "act"),
        (
            date(2025, 2, 1),
            "PPNPN",
            a_recommendation(act="2022-KEA5", family="ETHICS", sanction_class="MORAL_OPEN"),
            "sanction_class",
        ),
        (
            date(2022, 12, 31),
            "PPNPN",
            a_recommendation(),
            "sanction_class",
        ),
    ],
)
def test_what_is_not_of_the_day_of_the_event_or_for_the_employment_is_refused(
    event_date: date | None, employment: str, command: commands.Recommend, field: str
) -> None:
    matter = a_matter(State.EXAMINING, event_date=event_date, employment=employment)

    with pytest.raises(Malformed) as refused:
        domain.recommend(matter, command, TODAY)

    assert refused.value.field == field


def test_a_rejected_recommendation_is_addressed_to_another_and_remembers_the_first() -> None:
    matter = a_matter(State.REJECTED, rejection_reason="NOT_OUR_EMPLOYEE")

    event = domain.recommend(matter, a_recommendation(addressee=OTHER), TODAY)
    after = changes.apply(matter, event)

    assert event.readdressed_from == ADDRESSEE
    assert (after.addressee, after.former_addressees, after.rejection_reason) == (OTHER, (ADDRESSEE,), "")


def test_nothing_that_the_former_addressee_did_is_counted_as_the_new_ones() -> None:
    did = {
        "objection_number": "800/2/SET",
        "decree_number": "800/1/SK",
        "decree_date": DECREE_DATE,
        "sanction": "PP94-8-4-A",
        "follow_up_number": "800/3/SET",
        "follow_up_date": TODAY,
        "verification": "NOT_YET_CONFORMS",
        "moved_to": OTHER,
        "last_step": "SUMMONED",
        "last_step_date": TODAY,
        "appeal": "FILED",
        "appeal_date": TODAY,
        "follow_up_kind": "PARTIAL",
        "open_measures": ("MORAL_OPEN",),
    }
    matter = a_matter(State.REJECTED, **did)

    after = changes.apply(matter, domain.recommend(matter, a_recommendation(), TODAY))

    assert not any(getattr(after, field) for field in did)


@pytest.mark.parametrize("addressee", [ADDRESSEE, OTHER])
def test_a_recommendation_goes_to_nobody_twice(addressee: str) -> None:
    matter = a_matter(State.REJECTED, former_addressees=(OTHER,))

    with pytest.raises(Malformed) as refused:
        domain.recommend(matter, a_recommendation(addressee=addressee), TODAY)

    assert refused.value.field == "addressee"


def test_another_class_than_the_listed_one_is_the_examiners_judgement() -> None:
    event = domain.recommend(
        a_matter(State.EXAMINING), a_recommendation(sanction_class="DISCIPLINE_LIGHT"), TODAY
    )

    assert event.sanction_class == "DISCIPLINE_LIGHT"


def test_letters_of_an_examiner_that_is_not_kasn_may_be_numbered_otherwise() -> None:
    matter = a_matter(State.EXAMINING, party="bkn")

    event = domain.recommend(matter, a_recommendation(letter_number="12/B-AK.02.02/SD/2025"), TODAY)

    assert event.letter_number == "12/B-AK.02.02/SD/2025"


def test_an_objection_that_is_right_withdraws_the_recommendation_it_is_about() -> None:
    event = domain.answer_objection(a_matter(State.OBJECTED), an_answer(answer="WITHDRAW"), TODAY)

    assert event == events.Withdrawn(LETTER, ADDRESSEE, "OBJECTION_UPHELD", "B-1445/JP.01/04/2025", TODAY)


@pytest.mark.parametrize(
    ("addressee", "letter_date", "due_date"),
    [("ppk-3204", date(2025, 3, 3), date(2025, 3, 17)), ("prov-91", date(2025, 3, 24), date(2025, 4, 7))],
)
def test_a_due_date_that_nobody_set_is_given_by_the_agreements_rule(
    addressee: str, letter_date: date, due_date: date
) -> None:
    command = a_recommendation(addressee=addressee, letter_date=letter_date, due_date=None)

    event = domain.recommend(a_matter(State.EXAMINING), command, TODAY)

    assert (event.due_date, event.due_rule) == (due_date, "follow-up")
    assert changes.apply(a_matter(State.EXAMINING), event).due_rule == "follow-up"


def test_a_due_date_that_the_examiner_set_names_no_rule() -> None:
    event = domain.recommend(a_matter(State.EXAMINING), a_recommendation(), TODAY)

    assert (event.due_date, event.due_rule) == (DUE, "")


def test_silence_is_stated_from_the_day_after_the_due_date() -> None:
    silence = a_verification(status="NOT_YET_FOLLOWED_UP", verified_date=DUE)

    with pytest.raises(WrongState) as refused:
        domain.verify(a_matter(State.OPENED), silence, DUE)

    assert refused.value.reason == "NOT_DUE_YET"
    assert domain.verify(a_matter(State.OPENED), silence, date(2025, 3, 18)).status == "NOT_YET_FOLLOWED_UP"


@pytest.mark.parametrize(
    ("status", "recommended", "warned"),
    [
        ("CONFORMS", "DISCIPLINE_MEDIUM", ["OTHER_CLASS_THAN_RECOMMENDED"]),
        ("CONFORMS", "DISCIPLINE_SEVERE", []),
        ("NOT_YET_CONFORMS", "DISCIPLINE_MEDIUM", []),
    ],
)
def test_who_says_that_another_class_of_sanction_conforms_than_was_recommended_is_warned(
    status: str, recommended: str, warned: list[str]
) -> None:
    matter = a_matter(sanction="PP94-8-4-A", sanction_class=recommended)

    verified = domain.verify(matter, a_verification(status=status), TODAY)

    assert [each.reason for each in domain.unlike_recommended(matter, verified)] == warned


def test_a_verified_impossibility_keeps_its_reason() -> None:
    matter = a_matter()

    ended = changes.apply(
        matter, domain.verify(matter, a_verification(status="CANNOT_BE_FOLLOWED_UP", reason="DIED"), TODAY)
    )

    assert (ended.verification, ended.impossibility) == ("CANNOT_BE_FOLLOWED_UP", "DIED")


def test_dates_may_be_of_today() -> None:
    examining, objected = a_matter(State.EXAMINING), a_matter(State.OBJECTED)

    assert domain.decide_not_proven(examining, a_decision(decision_date=TODAY), TODAY).decision_date == TODAY
    assert (
        domain.recommend(examining, a_recommendation(letter_date=TODAY, due_date=TOMORROW), TODAY).letter_date
        == TODAY
    )
    assert isinstance(
        domain.answer_objection(objected, an_answer(letter_date=TODAY), TODAY), events.ObjectionAnswered
    )
    assert domain.verify(a_matter(), a_verification(verified_date=TODAY), TODAY).verified_date == TODAY


# The state in which it is tried, what is tried, and the field at fault.
RULES: dict[str, tuple[State, commands.Command, str]] = {
    "a register number that is a NIP": (
        State.REFERRED,
        commands.AcceptReferral(NUMBER_OF_A_PERSON),
        "register_number",
    ),
    "a blank register number": (State.REFERRED, commands.AcceptReferral(" "), "register_number"),
    "a decision whose number is a NIP": (
        State.EXAMINING,
        a_decision(decision_number=NUMBER_OF_A_PERSON),
        "decision_number",
    ),
    "a decision in the future": (State.EXAMINING, a_decision(decision_date=TOMORROW), "decision_date"),
    "a letter that is not numbered as KASN numbers": (
        State.EXAMINING,
        a_recommendation(letter_number="800/1/SK"),
        "letter_number",
    ),
    "a recommendation in the future": (
        State.EXAMINING,
        a_recommendation(letter_date=TOMORROW, due_date=date(2025, 4, 24)),
        "letter_date",
    ),
    "an addressee that is nobody": (State.EXAMINING, a_recommendation(addressee="ppk-9999"), "addressee"),
    "an addressee that is no personnel authority": (
        State.EXAMINING,
        a_recommendation(addressee="bawaslu"),
        "addressee",
    ),
    "an act that is not listed": (State.EXAMINING, a_recommendation(act="2022-DSA99"), "act"),
    "the other list's family": (State.EXAMINING, a_recommendation(family="ETHICS"), "family"),
    "the other family's class": (
        State.EXAMINING,
        a_recommendation(sanction_class="MORAL_OPEN"),
        "sanction_class",
    ),
    "due on the day of the letter": (State.EXAMINING, a_recommendation(due_date=LETTER_DATE), "due_date"),
    "an answer whose number is a NIP": (
        State.OBJECTED,
        an_answer(letter_number=NUMBER_OF_A_PERSON),
        "letter_number",
    ),
    "a withdrawal whose number is a NIP": (
        State.OBJECTED,
        an_answer(letter_number=NUMBER_OF_A_PERSON, answer="WITHDRAW"),
        "letter_number",
    ),
    "an answer in the future": (State.OBJECTED, an_answer(letter_date=TOMORROW), "letter_date"),
    "a verification in the future": (
        State.FOLLOWED_UP,
        a_verification(verified_date=TOMORROW),
        "verified_date",
    ),
    "an impossibility without a reason": (
        State.FOLLOWED_UP,
        a_verification(status="CANNOT_BE_FOLLOWED_UP"),
        "reason",
    ),
    "a reason for what conforms": (State.FOLLOWED_UP, a_verification(reason="DIED"), "reason"),
}


@pytest.mark.parametrize("rule", RULES)
def test_what_can_never_be_right_is_refused_and_its_field_named(rule: str) -> None:
    state, command, field = RULES[rule]

    with pytest.raises(Malformed) as refused:
        done(a_matter(state), command)

    assert refused.value.field == field
    assert NUMBER_OF_A_PERSON not in refused.value.message


# --- what supervisor and addressee say -----------------------------------------------------------------------------


def test_whoever_refers_is_the_supervisor_of_the_matter() -> None:
    referred = changes.hear(a_matter(State.NEW), a_referral(), SUPERVISOR)

    assert (referred.supervisor, referred.referral_number) == (SUPERVISOR, "12/PM.00.02/K.KH-05")
    assert (referred.evidence_digests, referred.suspected_acts) == ((DIGEST,), ("2022-DSA7",))


def test_a_referral_to_another_examiner_is_refused() -> None:
    with pytest.raises(NotAllowed) as refused:
        changes.hear(a_matter(State.NEW), a_referral(examiner="bkn"), SUPERVISOR)

    assert refused.value.reason == "NOT_THE_EXAMINER"


@pytest.mark.parametrize("state", [state for state in State if state != State.NEW])
def test_only_the_supervisor_who_referred_a_matter_may_refer_it_again(state: State) -> None:
    with pytest.raises(NotAllowed) as refused:
        changes.hear(a_matter(state), a_referral(), "bawaslu-62")

    assert refused.value.reason == "NOT_THE_SUPERVISOR"


def test_a_returned_matter_that_is_referred_again_has_the_new_letter_and_no_reason() -> None:
    matter = a_matter(State.RETURNED, return_reason="NO_STUDY", referral_number="11")

    again = changes.hear(matter, a_referral(letter_number="13/PM"), SUPERVISOR)

    assert (again.referral_number, again.return_reason) == ("13/PM", "")


@pytest.mark.parametrize("event", get_args(events.AddresseeEvent), ids=lambda event: event.__name__)
@pytest.mark.parametrize("state", State)
def test_only_the_addressee_is_heard_and_others_learn_no_state(state: State, event: type[Any]) -> None:
    said = next(what for what in ATTEMPTS.values() if type(what) is event)
    matter = a_matter(state, former_addressees=(OTHER,))

    for sender in (OTHER, SUPERVISOR):
        with pytest.raises(NotAllowed) as refused:
            changes.hear(matter, said, sender)
        assert refused.value.reason == "NOT_THE_ADDRESSEE"


def test_a_block_is_a_flag_beside_the_state_until_it_is_lifted() -> None:
    matter = a_matter(State.ACKNOWLEDGED)

    blocked = changes.hear(matter, overseers.Blocked("26/BLK", TODAY), "bkn")
    opened = changes.hear(blocked, overseers.Unblocked("8/BKA", TODAY), "bkn")
    again = changes.hear(opened, overseers.Blocked("30/BLK", TODAY), "bkn")

    assert (blocked.state, blocked.data_blocked, blocked.block_date) == (State.ACKNOWLEDGED, True, TODAY)
    assert (opened.data_blocked, opened.block_number, opened.unblock_number) == (False, "26/BLK", "8/BKA")
    assert (again.data_blocked, again.block_number, again.unblock_number) == (True, "30/BLK", "")


def test_a_warning_keeps_its_letter_and_the_day_to_comply_by() -> None:
    warned = changes.hear(
        a_matter(State.OPENED), overseers.Warned("800/2344/IJ", DECREE_DATE, TODAY), "kemendagri"
    )

    assert (warned.state, warned.warning_number) == (State.OPENED, "800/2344/IJ")
    assert (warned.warning_date, warned.warning_due_date) == (DECREE_DATE, TODAY)


OVERSEERS_WITHOUT_DATES = {
    "act_date": [overseers.Blocked("26/BLK", None), overseers.Unblocked("8/BKA", None)],
    "letter_date": [overseers.Warned("800/2344/IJ", None, TODAY)],
    "comply_by": [overseers.Warned("800/2344/IJ", TODAY, None)],
}


@pytest.mark.parametrize("field", OVERSEERS_WITHOUT_DATES)
def test_an_act_of_an_overseer_without_its_date_is_refused(field: str) -> None:
    for event in OVERSEERS_WITHOUT_DATES[field]:
        with pytest.raises(Malformed) as refused:
            changes.hear(a_matter(State.OPENED), event, "bkn")
        assert refused.value.field == field


def test_a_rejection_and_an_objection_keep_what_they_say() -> None:
    opened = a_matter(State.OPENED)

    assert changes.hear(opened, events.Rejected("MOVED_BEFORE"), ADDRESSEE).rejection_reason == "MOVED_BEFORE"
    assert changes.hear(opened, events.Objected("800/2/SET"), ADDRESSEE).objection_number == "800/2/SET"


def test_a_report_that_does_not_say_of_what_is_refused() -> None:
    with pytest.raises(Malformed) as refused:
        changes.hear(a_matter(State.DECIDED), a_report(kind=""), ADDRESSEE)

    assert refused.value.field == "kind"


# --- a follow-up that does not yet conform -------------------------------------------------------------------------


def not_yet_conforming() -> Matter:
    matter = a_matter()
    return changes.apply(matter, domain.verify(matter, a_verification(status="NOT_YET_CONFORMS"), TODAY))


def test_the_same_decree_may_be_reported_again() -> None:
    again = changes.hear(not_yet_conforming(), a_report(letter_number="800/5/SET"), ADDRESSEE)

    assert (again.state, again.decree_number, again.follow_up_number) == (
        State.FOLLOWED_UP,
        "800/1/SK",
        "800/5/SET",
    )


def test_another_sanction_may_be_imposed() -> None:
    decided = changes.hear(not_yet_conforming(), events.Decided("800/9/SK", TODAY, "PP94-8-4-C"), ADDRESSEE)

    assert (decided.state, decided.decree_number) == (State.DECIDED, "800/9/SK")


def test_a_lawful_reason_that_was_not_accepted_leaves_no_sanction_to_report() -> None:
    matter = a_matter(State.ACKNOWLEDGED, verification="NOT_YET_CONFORMS")

    with pytest.raises(WrongState):
        changes.hear(matter, a_report(), ADDRESSEE)


def test_a_new_report_is_not_yet_verified() -> None:
    assert not_yet_conforming().verification == "NOT_YET_CONFORMS"
    assert changes.hear(not_yet_conforming(), a_report(), ADDRESSEE).verification == ""


# --- the addressee's procedure, and an appeal -----------------------------------------------------------------------


def test_the_last_step_of_the_procedure_is_shown_with_its_date() -> None:
    matter = a_matter(State.ACKNOWLEDGED)

    after = changes.hear(matter, events.Progressed("EXAMINED", DECREE_DATE), ADDRESSEE)

    assert (after.last_step, after.last_step_date, after.state) == ("EXAMINED", DECREE_DATE, "ACKNOWLEDGED")


def test_a_step_without_its_kind_is_refused() -> None:
    with pytest.raises(Malformed) as refused:
        changes.hear(a_matter(State.ACKNOWLEDGED), events.Progressed("", DECREE_DATE), ADDRESSEE)

    assert refused.value.field == "kind"


def test_a_corrected_decree_has_another_number_and_date_and_nothing_else_changes() -> None:
    matter = a_matter(State.COMPLETED, verification="CONFORMS")

    corrected = changes.hear(matter, events.DecreeCorrected("800/1/SK", "800/11/SK", TODAY), ADDRESSEE)

    assert corrected == replace(matter, decree_number="800/11/SK", decree_date=TODAY)


def test_a_correction_of_a_decree_that_does_not_stand_is_refused() -> None:
    with pytest.raises(WrongState, match="another decree"):
        changes.hear(
            a_matter(State.DECIDED), events.DecreeCorrected("800/9/SK", "800/11/SK", TODAY), ADDRESSEE
        )


def test_a_decree_that_bkn_annulled_is_gone_with_what_was_verified_and_the_former_due_date_stands() -> None:
    matter = a_matter(State.COMPLETED, verification="CONFORMS", follow_up_number="800/3/SET", appeal="FILED")

    annulled = changes.hear(matter, overseers.DecreeAnnulled("9/BATAL", TODAY, "800/1/SK"), "bkn")

    assert (annulled.state, annulled.decree_number, annulled.sanction) == (State.ACKNOWLEDGED, "", "")
    assert (annulled.verification, annulled.follow_up_number, annulled.appeal) == ("", "", "")
    assert (annulled.annulment_number, annulled.annulment_date) == ("9/BATAL", TODAY)
    assert (annulled.due_date, annulled.due_rule) == (matter.due_date, matter.due_rule)


def test_the_day_that_an_annulment_sets_follows_no_rule() -> None:
    until = date(2025, 4, 20)
    matter = a_matter(State.DECIDED, due_rule="follow-up-kasn", due_calendar="x", pauses=("a/b",))

    annulled = changes.hear(matter, overseers.DecreeAnnulled("9/BATAL", TODAY, "800/1/SK", until), "bkn")

    assert (annulled.due_date, annulled.due_rule, annulled.due_calendar, annulled.pauses) == (
        until,
        "",
        "",
        (),
    )


def test_the_annulment_of_a_decree_that_does_not_stand_is_refused() -> None:
    with pytest.raises(WrongState) as refused:
        changes.hear(a_matter(State.DECIDED), overseers.DecreeAnnulled("9/BATAL", TODAY, "800/9/SK"), "bkn")
    assert refused.value.reason == "OTHER_DECREE"


def test_an_appeal_that_annuls_the_decree_takes_a_completed_matter_back() -> None:
    matter = a_matter(State.COMPLETED, verification="CONFORMS", follow_up_number="800/3/SET")

    back = changes.hear(matter, events.Appealed("ANNULLED", TODAY), ADDRESSEE)

    assert (back.state, back.appeal) == ("ACKNOWLEDGED", "ANNULLED")
    assert (back.decree_number, back.decree_date, back.follow_up_number, back.verification) == (
        "",
        None,
        "",
        "",
    )


def test_an_appeal_that_changes_the_sanction_asks_for_a_new_report() -> None:
    matter = a_matter(State.FOLLOWED_UP, follow_up_number="800/3/SET")

    changed = changes.hear(
        matter, events.Appealed("CHANGED", TODAY, "800/9/SK", TODAY, "PP94-8-3-A"), ADDRESSEE
    )

    assert (changed.state, changed.decree_number, changed.follow_up_number) == ("DECIDED", "800/9/SK", "")


def test_a_changed_sanction_without_a_decree_is_refused() -> None:
    with pytest.raises(Malformed) as refused:
        changes.hear(a_matter(State.DECIDED), events.Appealed("CHANGED", TODAY), ADDRESSEE)

    assert refused.value.field == "decree_number"


def test_a_moved_persons_new_authority_is_shown_until_it_is_addressed() -> None:
    rejected = changes.hear(a_matter(State.OPENED), events.Rejected("MOVED", OTHER), ADDRESSEE)

    again = changes.apply(rejected, domain.recommend(rejected, a_recommendation(addressee=OTHER), TODAY))

    assert (rejected.moved_to, again.moved_to) == (OTHER, "")


def test_a_partial_follow_up_says_what_is_open_and_the_decree_stands() -> None:
    partial = changes.hear(
        a_matter(State.DECIDED), a_report(kind="PARTIAL", open_measures=("MORAL_OPEN",)), ADDRESSEE
    )

    assert (partial.state, partial.follow_up_kind, partial.open_measures) == (
        "ACKNOWLEDGED",
        "PARTIAL",
        ("MORAL_OPEN",),
    )
    assert changes.hear(partial, a_report(), ADDRESSEE).state == "FOLLOWED_UP"


@pytest.mark.parametrize(
    ("region", "happened", "number", "act", "warned"),
    [
        ("62.02", date(2024, 9, 10), "", "2022-DSB7", ["ACT_OF_OTHER_STAGE"]),
        ("62.02", date(2024, 9, 10), "", "2022-DSA7", []),
        ("62.02", date(2024, 10, 10), "", "2022-DSA7", ["ACT_OF_OTHER_STAGE"]),
        ("62.02", date(2024, 9, 22), "", "2022-DSA7", []),  # the day of fixing is open
        ("62.02", date(2023, 11, 10), "", "2022-DSA7", []),  # fixed for DPR, not yet for the President
        ("19.01", date(2025, 7, 10), "", "2022-DSB7", ["ACT_OF_OTHER_STAGE"]),  # fixed on 22 July 2025 there
        ("62.02", date(2024, 2, 10), "002/LP/PB/Kab/27.09/II/2024", "2022-DSB7", ["ACT_OF_OTHER_STAGE"]),
        ("62.02", date(2024, 2, 10), "002/LP/PL/Kab/27.09/II/2024", "2022-DSB7", []),
        ("62.02", date(2021, 6, 1), "", "2020-01", []),  # no election is known, and SKB 2020 names no stage
    ],
)
def test_an_act_that_is_listed_for_the_other_stage_is_warned_of(
    region: str, happened: date, number: str, act: str, warned: list[str]
) -> None:
    recommended = domain.recommend(a_matter(State.EXAMINING), a_recommendation(), TODAY)
    matter = a_matter(State.EXAMINING, region=region, event_date=happened, report_number=number)

    found = domain.of_other_stage(matter, replace(recommended, act=act))

    assert [each.reason for each in found] == warned


ACT, YEARS_BEFORE = date(2024, 10, 10), date(2022, 3, 1)


@pytest.mark.parametrize(
    ("imposed", "recommended", "warned"),
    [
        ([(YEARS_BEFORE, "PP94-8-4-A")], "DISCIPLINE_LIGHT", True),
        ([(YEARS_BEFORE, "PP94-8-4-A")], "MORAL_OPEN", True),
        ([(YEARS_BEFORE, "PP94-8-4-A")], "DISCIPLINE_SEVERE", False),  # 8(4) b and c are heavier
        ([(YEARS_BEFORE, "PP94-8-4-C")], "DISCIPLINE_SEVERE", False),  # nothing of the list is heavier
        ([(YEARS_BEFORE, "PP94-8-2-A")], "DISCIPLINE_LIGHT", False),  # a written reprimand is heavier
        ([(YEARS_BEFORE, "PP94-8-2-C")], "DISCIPLINE_LIGHT", True),
        (
            [(YEARS_BEFORE, "PP94-8-4-A"), (date(2023, 1, 1), "PP94-8-2-A")],
            "DISCIPLINE_LIGHT",
            False,
        ),  # the last one
        ([(ACT, "PP94-8-4-A")], "DISCIPLINE_LIGHT", False),  # imposed after the act
        ([(None, "PP94-8-4-A")], "DISCIPLINE_LIGHT", False),
        ([(YEARS_BEFORE, "an old list's")], "DISCIPLINE_LIGHT", False),
        ([], "DISCIPLINE_LIGHT", False),
    ],
)
def test_a_class_that_is_too_light_for_who_does_it_again_is_warned_of(
    imposed: list[tuple[date | None, str]], recommended: str, warned: bool
) -> None:
    matter = a_matter(State.EXAMINING, event_date=ACT, employment="PNS")
    event = replace(
        domain.recommend(a_matter(State.EXAMINING), a_recommendation(), TODAY), sanction_class=recommended
    )

    found = domain.too_light_again(matter, event, domain.Before(True, tuple(imposed)))

    assert [each.reason for each in found] == ["NOT_HEAVIER_THAN_LAST"] * warned


@pytest.mark.parametrize(
    ("matter", "letter_date"),
    [({"employment": "PPPK"}, TODAY), ({"employment": "PNS"}, date(2021, 8, 30))],
    ids=["a PPPK has the rules of the authority", "PP 94/2021 was not in force"],
)
def test_nothing_heavier_is_asked_for_where_the_clause_does_not_hold(
    matter: dict[str, Any], letter_date: date
) -> None:
    recommended = domain.recommend(a_matter(State.EXAMINING), a_recommendation(), TODAY)
    event = replace(recommended, sanction_class="DISCIPLINE_LIGHT", letter_date=letter_date)
    before = domain.Before(True, ((date(2020, 1, 1), "PP94-8-4-A"),))

    assert not domain.too_light_again(
        a_matter(State.EXAMINING, event_date=date(2021, 1, 1), **matter), event, before
    )

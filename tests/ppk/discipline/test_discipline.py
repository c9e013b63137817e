"""The discipline procedure, stage by stage and step by step."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from agreement.clocks import calendar
from agreement.enforcement import appeals, procedures
from cooperation.oversight.overseers import DecreeAnnulled
from ppk.discipline.domain import council, due_dates, on_recommendation, proceedings
from ppk.discipline.domain import rules as domain
from ppk.discipline.domain.proceedings import Procedure, Proceeding, Stage
from ppk.recommendations.domain import changes, commands, rules
from ppk.recommendations.domain.matter import Matter, State, blank
from refusals import Malformed, WrongState

PARTY, OTHER = "ppk-6202", "ppk-3204"
LETTER_DATE, TODAY = date(2025, 3, 3), date(2025, 3, 21)
TEAM_DATE, SUMMONS_DATE, SUMMONED_FOR = date(2025, 3, 4), date(2025, 3, 4), date(2025, 3, 11)
REPORT_DATE, DECREE_DATE, DELIVERED, APPEALED = (
    date(2025, 3, 12),
    date(2025, 3, 13),
    date(2025, 3, 14),
    date(2025, 3, 17),
)
DIGEST = "ab" * 32
TEAM = ("SUPERIOR", "OVERSIGHT", "PERSONNEL")


def a_matter(state: State = State.ACKNOWLEDGED, **fields: Any) -> Matter:
    now = datetime(2025, 3, 3, tzinfo=UTC)
    new = blank(PARTY, "01958000-0000-7000-8000-000000000001", "case", now)
    return replace(new, state=state, examiner="bkn", letter_number="R-1", letter_date=LETTER_DATE, **fields)


def a_proceeding(stage: Stage = Stage.OPEN, **fields: Any) -> Proceeding:
    """One that came to this stage in the usual way."""
    reached = Proceeding(PARTY, "01958000-0000-7000-8000-000000000001", stage)
    order = list(Stage)
    if stage in (Stage.ABSENT_TWICE, *order[order.index(Stage.EXAMINED) :]):
        council = {"council_number": "800/1/MKE", "council_date": TEAM_DATE, "council_members": 3}
        reached = replace(reached, **council, defence="SPOKEN", defence_date=SUMMONED_FOR)
    if stage != Stage.OPEN:
        absences = {Stage.ABSENT: 1, Stage.SUMMONED_AGAIN: 1, Stage.ABSENT_TWICE: 2}.get(stage, 0)
        reached = replace(
            reached,
            team_number="800/1/TIM",
            summons_number="800/1/PGL",
            summons_date=SUMMONS_DATE,
            summoned_for=SUMMONED_FOR,
            absences=absences,
        )
    if order.index(stage) >= order.index(Stage.EXAMINED):
        reached = replace(reached, examined_date=SUMMONED_FOR, minutes_digest=DIGEST)
    if order.index(stage) >= order.index(Stage.CONCLUDED):
        reached = replace(reached, report_number="800/1/LHP", report_date=REPORT_DATE)
    if order.index(stage) >= order.index(Stage.DECIDED):
        reached = replace(
            reached,
            decree_number="800/1/SK",
            decree_date=DECREE_DATE,
            sanction_class="DISCIPLINE_SEVERE",
        )
    if order.index(stage) >= order.index(Stage.DELIVERED):
        reached = replace(reached, delivered_date=DELIVERED, delivery_way="IN_PERSON")
    if order.index(stage) >= order.index(Stage.APPEALED):
        reached = replace(reached, appeal_kind="OBJECTION", appeal_number="1/KEB", appeal_date=APPEALED)
    return replace(reached, **fields)


def a_check(**fields: Any) -> proceedings.EmployeeChecked:
    return replace(proceedings.EmployeeChecked("OURS", TODAY, ""), **fields)


def a_team(**fields: Any) -> proceedings.TeamFormed:
    return replace(proceedings.TeamFormed("800/2/TIM", TEAM_DATE, DIGEST, TEAM), **fields)


def a_summons(**fields: Any) -> domain.Summon:
    return replace(domain.Summon("800/2/PGL", date(2025, 3, 12), date(2025, 3, 19)), **fields)


def an_examination(**fields: Any) -> proceedings.Examined:
    return replace(proceedings.Examined(SUMMONED_FOR, DIGEST, "SIGNED", "IN_PERSON"), **fields)


def a_conclusion(**fields: Any) -> proceedings.ExaminationConcluded:
    return replace(proceedings.ExaminationConcluded("800/2/LHP", REPORT_DATE, DIGEST), **fields)


def a_council(**fields: Any) -> proceedings.CouncilFormed:
    return replace(proceedings.CouncilFormed("800/2/MKE", TEAM_DATE, DIGEST, 3), **fields)


def a_defence(**fields: Any) -> proceedings.DefenceGiven:
    return replace(proceedings.DefenceGiven(SUMMONED_FOR, "SPOKEN"), **fields)


def a_council_decision(**fields: Any) -> proceedings.CouncilDecided:
    return replace(proceedings.CouncilDecided("3/MKE", REPORT_DATE, DIGEST, "MORAL_OPEN"), **fields)


def a_release(**fields: Any) -> proceedings.ReleasedFromDuty:
    return replace(proceedings.ReleasedFromDuty("800/2/BEBAS", REPORT_DATE, REPORT_DATE), **fields)


def a_sanction(**fields: Any) -> commands.ImposeSanction:
    return replace(commands.ImposeSanction("800/2/SK", DECREE_DATE, "PP94-8-4-A"), **fields)


def a_delivery(**fields: Any) -> proceedings.Delivered:
    return replace(proceedings.Delivered(DELIVERED, "IN_PERSON"), **fields)


def an_appeal(**fields: Any) -> domain.FileAppeal:
    return replace(domain.FileAppeal("OBJECTION", "1/KEB", APPEALED), **fields)


def a_decision(outcome: str = "UPHELD", **fields: Any) -> domain.DecideAppeal:
    decided = domain.DecideAppeal(outcome, "2/KEB", date(2025, 3, 20), "", None, "")
    if outcome == "CHANGED":
        decided = replace(decided, decree_number="800/9/SK", decree_date=TODAY, sanction="PP94-8-3-A")
    return replace(decided, **fields)


RULES: dict[type[Any], Callable[..., Any]] = {
    proceedings.EmployeeChecked: domain.check_employee,
    proceedings.TeamFormed: domain.form_team,
    domain.Summon: domain.summon,
    domain.RecordAbsence: domain.record_absence,
    proceedings.Examined: domain.record_examination,
    proceedings.ExaminationConcluded: domain.conclude_examination,
    proceedings.CouncilFormed: council.form,
    proceedings.DefenceGiven: council.record_defence,
    proceedings.CouncilDecided: council.record_decision,
    proceedings.ReleasedFromDuty: domain.release_from_duty,
    proceedings.Delivered: domain.deliver,
    domain.CorrectDecree: domain.correct_decree,
    domain.FileAppeal: domain.file_appeal,
    domain.DecideAppeal: domain.decide_appeal,
}


def done(matter: Matter, proceeding: Proceeding, command: Any) -> Any:
    """The event of a step, or of the sanction if the procedure allows it."""
    known = Procedure(matter, proceeding)
    if isinstance(command, commands.ImposeSanction):
        decided = rules.impose_sanction(matter, command, TODAY)
        on_recommendation.allow_sanction(known, command, decided)
        return decided
    return RULES[type(command)](known, command, TODAY)


def after(matter: Matter, proceeding: Proceeding, *commands: Any) -> Proceeding:
    for command in commands:
        proceeding = proceedings.apply(proceeding, done(matter, proceeding, command))
    return proceeding


# --- every stage × every step ---------------------------------------------------------------------------------------

ATTEMPTS: dict[str, Any] = {
    "check": a_check(),
    "team": a_team(),
    "summon": a_summons(),
    "absent": domain.RecordAbsence(SUMMONED_FOR),
    "examine": an_examination(),
    "conclude": a_conclusion(),
    "council": a_council(),
    "defence": a_defence(),
    "council decides": a_council_decision(),
    "release": a_release(),
    "light": a_sanction(sanction="PP94-8-2-A"),
    "severe": a_sanction(),
    "correct": domain.CorrectDecree("800/11/SK", None),
    "deliver": a_delivery(),
    "appeal": an_appeal(),
    "upheld": a_decision(),
    "changed": a_decision("CHANGED"),
    "annulled": a_decision("ANNULLED"),
}
# In which state the matter has to be for the attempt; ACKNOWLEDGED otherwise.
IN_STATE = dict.fromkeys(("correct", "deliver", "appeal", "upheld", "changed", "annulled"), State.DECIDED)

# What each stage becomes; whatever is not written here is refused.
BECOMES: dict[str, dict[str, str]] = {
    "OPEN": {"check": "OPEN", "team": "OPEN", "council": "OPEN", "summon": "SUMMONED"},
    "SUMMONED": {
        "check": "SUMMONED",
        "team": "SUMMONED",
        "council": "SUMMONED",
        "absent": "ABSENT",
        "examine": "EXAMINED",
    },
    "ABSENT": {"check": "ABSENT", "team": "ABSENT", "council": "ABSENT", "summon": "SUMMONED_AGAIN"},
    "SUMMONED_AGAIN": {
        "check": "SUMMONED_AGAIN",
        "team": "SUMMONED_AGAIN",
        "council": "SUMMONED_AGAIN",
        "absent": "ABSENT_TWICE",
        "examine": "EXAMINED",
    },
    "ABSENT_TWICE": {
        "check": "ABSENT_TWICE",
        "defence": "ABSENT_TWICE",
        "council decides": "ABSENT_TWICE",
        "conclude": "CONCLUDED",
        "light": "DECIDED",
        "severe": "DECIDED",
    },
    "EXAMINED": {
        "check": "EXAMINED",
        "defence": "EXAMINED",
        "council decides": "EXAMINED",
        "conclude": "CONCLUDED",
        "release": "EXAMINED",
        "light": "DECIDED",
        "severe": "DECIDED",
    },
    "CONCLUDED": {
        "check": "CONCLUDED",
        "defence": "CONCLUDED",
        "council decides": "CONCLUDED",
        "release": "CONCLUDED",
        "light": "DECIDED",
        "severe": "DECIDED",
    },
    "DECIDED": {
        "check": "DECIDED",
        "light": "DECIDED",
        "severe": "DECIDED",
        "correct": "DECIDED",
        "deliver": "DELIVERED",
    },
    "DELIVERED": {
        "check": "DELIVERED",
        "light": "DECIDED",
        "severe": "DECIDED",
        "correct": "DELIVERED",
        "appeal": "APPEALED",
    },
    "APPEALED": {
        "check": "APPEALED",
        "correct": "APPEALED",
        "upheld": "APPEAL_DECIDED",
        "changed": "DECIDED",
        "annulled": "CONCLUDED",
    },
    "APPEAL_DECIDED": {
        "check": "APPEAL_DECIDED",
        "light": "DECIDED",
        "severe": "DECIDED",
        "correct": "APPEAL_DECIDED",
        "appeal": "APPEALED",
    },
}


def test_the_table_names_every_stage_and_step() -> None:
    assert set(BECOMES) == set(Stage)
    assert set(domain.POSSIBLE) == {*RULES, commands.ImposeSanction}
    assert {type(command) for command in ATTEMPTS.values()} == set(domain.POSSIBLE)
    assert {attempt for row in BECOMES.values() for attempt in row} == set(ATTEMPTS)


@pytest.mark.parametrize("attempt", ATTEMPTS)
@pytest.mark.parametrize("stage", Stage)
def test_a_stage_becomes_what_the_table_says_or_refuses(stage: Stage, attempt: str) -> None:
    matter = a_matter(IN_STATE.get(attempt, State.ACKNOWLEDGED))
    becomes = BECOMES[stage].get(attempt)

    if becomes is None:
        with pytest.raises(WrongState):
            done(matter, a_proceeding(stage), ATTEMPTS[attempt])
    else:
        assert after(matter, a_proceeding(stage), ATTEMPTS[attempt]).stage == becomes


@pytest.mark.parametrize("attempt", ATTEMPTS)
@pytest.mark.parametrize("state", State)
def test_a_step_is_possible_in_the_states_of_the_matter_that_the_table_says(
    state: State, attempt: str
) -> None:
    command = ATTEMPTS[attempt]
    stage = next(stage for stage in Stage if attempt in BECOMES[stage])

    if state in domain.POSSIBLE[type(command)].states:
        assert done(a_matter(state), a_proceeding(stage), command)
    else:
        with pytest.raises(WrongState):
            done(a_matter(state), a_proceeding(stage), command)


# --- what a decree needs ---------------------------------------------------------------------------------------------


def test_severe_discipline_needs_a_team_and_medium_may_have_one() -> None:
    examined = a_proceeding(Stage.EXAMINED, team_number="")

    with pytest.raises(WrongState) as refused:
        done(a_matter(), examined, a_sanction(sanction="PP94-8-4-A"))

    assert (refused.value.reason, refused.value.field) == ("TEAM_REQUIRED", "sanction")
    for medium in ("PP53-7-3-A", "PP94-8-3-A"):
        assert done(a_matter(), examined, a_sanction(sanction=medium)).sanction_class == "DISCIPLINE_MEDIUM"


@pytest.mark.parametrize("stage", [Stage.OPEN, Stage.SUMMONED, Stage.ABSENT, Stage.SUMMONED_AGAIN])
@pytest.mark.parametrize(
    "sanction", ["PP94-8-2-A", "PP53-7-3-A", "PP94-8-4-A", "PP42-15-OPEN", "PP42-15-CLOSED"]
)
def test_every_class_needs_minutes_or_two_absences(stage: Stage, sanction: str) -> None:
    with pytest.raises(WrongState) as refused:
        done(a_matter(), a_proceeding(stage, team_number="800/1/TIM"), a_sanction(sanction=sanction))

    assert refused.value.reason == "HEARING_REQUIRED"


def test_who_stayed_away_twice_is_decided_on_without_minutes_and_without_a_team() -> None:
    absent = a_proceeding(Stage.ABSENT_TWICE, team_number="")

    assert done(a_matter(), absent, a_sanction()).sanction_class == "DISCIPLINE_SEVERE"


@pytest.mark.parametrize(("employment", "sanction"), [("PPPK", "PP49-SEVERE"), ("PPNPN", "SE1-LIGHT")])
def test_the_procedure_of_civil_servants_is_not_asked_of_contract_staff(
    employment: str, sanction: str
) -> None:
    matter = a_matter(employment=employment, event_date=date(2025, 2, 1))

    decree = a_sanction(
        sanction=sanction, measure_basis="Peraturan Bupati 12/2024" if employment == "PPPK" else ""
    )
    assert done(matter, a_proceeding(), decree).sanction == sanction


def test_what_no_source_confirms_refuses_nothing() -> None:
    needed = procedures.procedure("DISMISSAL", DECREE_DATE)
    assert needed is not None
    assert "team" in needed.unconfirmed
    assert done(a_matter(), a_proceeding(), a_sanction(sanction="PTDH")).sanction_class == "DISMISSAL"


def test_a_decree_from_before_the_regulation_needs_what_was_in_force_then() -> None:
    matter = replace(a_matter(), letter_date=date(2021, 8, 1))
    examined = a_proceeding(Stage.EXAMINED, team_number="", examined_date=date(2021, 8, 10))

    with pytest.raises(WrongState):
        done(matter, examined, a_sanction(decree_date=date(2021, 8, 31)))
    assert done(matter, examined, a_sanction(decree_date=date(2021, 8, 30), sanction="PP53-7-4-A"))


def test_a_decree_is_not_older_than_the_minutes() -> None:
    with pytest.raises(Malformed) as refused:
        done(a_matter(), a_proceeding(Stage.EXAMINED), a_sanction(decree_date=date(2025, 3, 10)))

    assert refused.value.field == "decree_date"


# --- the steps -------------------------------------------------------------------------------------------------------


def test_who_stays_away_twice_is_decided_on_without_minutes() -> None:
    stages = after(
        a_matter(),
        a_proceeding(),
        a_team(),
        a_summons(letter_date=SUMMONS_DATE, examination_date=SUMMONED_FOR),
        domain.RecordAbsence(SUMMONED_FOR),
        a_summons(),
        domain.RecordAbsence(date(2025, 3, 19)),
        a_sanction(decree_date=TODAY),
    )

    assert (stages.stage, stages.absences, stages.minutes_digest) == ("DECIDED", 2, "")


def test_a_refusal_to_sign_the_minutes_is_noted_and_stops_nothing() -> None:
    examined = after(a_matter(), a_proceeding(Stage.SUMMONED), an_examination(signature="REFUSED"))

    assert (examined.stage, examined.signature) == ("EXAMINED", "REFUSED")


def test_the_examiner_hears_of_a_step_its_kind_and_date_and_nothing_else() -> None:
    again = proceedings.Summoned(2, "800/2/PGL", date(2025, 3, 12), date(2025, 3, 19))

    assert proceedings.progress(again) == proceedings.Progressed("SUMMONED_AGAIN", date(2025, 3, 12))
    assert proceedings.progress(proceedings.Absent(2, TODAY)) == proceedings.Progressed("ABSENT_TWICE", TODAY)


@pytest.mark.parametrize(
    ("sanction_class", "way"), [("MORAL_OPEN", "OPEN_STATEMENT"), ("MORAL_CLOSED", "CLOSED_STATEMENT")]
)
def test_a_moral_sanction_is_declared_as_it_was_decided(sanction_class: str, way: str) -> None:
    decided = a_proceeding(Stage.DECIDED, sanction_class=sanction_class)

    assert after(a_matter(), decided, a_delivery(way=way)).delivery_way == way
    for other in {"OPEN_STATEMENT", "CLOSED_STATEMENT", "IN_PERSON", "LAST_KNOWN_ADDRESS"} - {way}:
        with pytest.raises(Malformed) as refused:
            done(a_matter(), decided, a_delivery(way=other))
        assert refused.value.field == "way"


def test_an_annulled_decree_leaves_what_was_examined() -> None:
    annulled = after(a_matter(), a_proceeding(Stage.APPEALED), a_decision("ANNULLED"))

    assert (annulled.decree_number, annulled.delivered_date) == ("", None)
    assert (annulled.stage, annulled.appeal_outcome) == ("CONCLUDED", "ANNULLED")
    assert after(a_matter(), annulled, a_sanction()).stage == "DECIDED"


def test_a_decree_annulled_before_any_examination_begins_anew() -> None:
    short = a_proceeding(
        Stage.APPEALED, report_number="", report_date=None, examined_date=None, minutes_digest=""
    )

    assert after(a_matter(), short, a_decision("ANNULLED")).stage == "OPEN"


ALONE: dict[str, Any] = {"team_number": "", "team_date": None, "team_units": ()}


def test_after_a_light_decree_was_annulled_a_team_examines_anew_for_a_severe_one() -> None:
    light = a_proceeding(Stage.DELIVERED, sanction_class="DISCIPLINE_LIGHT", **ALONE)
    annulled = proceedings.apply(light, DecreeAnnulled("9/BATAL", TODAY, light.decree_number))
    with pytest.raises(WrongState, match="team"):
        done(a_matter(), annulled, a_sanction())

    with_team = after(a_matter(), annulled, a_team())
    with pytest.raises(WrongState, match="minutes"):
        done(a_matter(), with_team, a_sanction())
    day = a_summons().examination_date
    examined = after(a_matter(), with_team, a_summons(), an_examination(examination_date=day))

    assert (with_team.stage, with_team.examined_date, with_team.report_number) == ("OPEN", None, "")
    assert after(a_matter(), examined, a_sanction(decree_date=day)).stage == "DECIDED"


def test_a_team_that_has_examined_is_not_formed_anew() -> None:
    with pytest.raises(WrongState, match="not possible now"):
        done(a_matter(), a_proceeding(Stage.EXAMINED), a_team())


def test_an_appeal_follows_an_objection_that_was_turned_down() -> None:
    upheld = after(a_matter(), a_proceeding(Stage.APPEALED), a_decision())

    again = after(a_matter(), upheld, an_appeal(kind="APPEAL", letter_date=date(2025, 3, 20)))

    assert (again.stage, again.appeal_kind, again.appeal_outcome) == ("APPEALED", "APPEAL", "")


WRONG: dict[str, tuple[Stage, Any, str]] = {
    "a check in the future": (Stage.OPEN, a_check(status_date=date(2025, 3, 22)), "status_date"),
    "a new authority of a person who stayed": (Stage.OPEN, a_check(moved_to=OTHER), "moved_to"),
    "a move to nowhere": (Stage.OPEN, a_check(status="MOVED"), "moved_to"),
    "a move to where the person was": (Stage.OPEN, a_check(status="MOVED", moved_to=PARTY), "moved_to"),
    "a move to no authority": (Stage.OPEN, a_check(status="MOVED", moved_to="bawaslu"), "moved_to"),
    "a team before the recommendation": (
        Stage.OPEN,
        a_team(decree_date=date(2025, 3, 2)),
        "decree_date",
    ),
    "a team whose decree is a NIP": (
        Stage.OPEN,
        a_team(decree_number="199001012015031001"),
        "decree_number",
    ),
    "a team without oversight": (Stage.OPEN, a_team(units=("SUPERIOR", "PERSONNEL")), "units"),
    "a team without its decree": (Stage.OPEN, a_team(decree_digest="ab"), "decree_digest"),
    "a summons in the future": (Stage.OPEN, a_summons(letter_date=date(2025, 3, 22)), "letter_date"),
    "a summons for its own day": (
        Stage.OPEN,
        a_summons(examination_date=date(2025, 3, 12)),
        "examination_date",
    ),
    "a second summons before the first day": (
        Stage.ABSENT,
        a_summons(letter_date=date(2025, 3, 10)),
        "letter_date",
    ),
    "an absence on another day": (Stage.SUMMONED, domain.RecordAbsence(TODAY), "examination_date"),
    "an examination before the summons": (
        Stage.SUMMONED,
        an_examination(examination_date=date(2025, 3, 3)),
        "examination_date",
    ),
    "minutes without a digest": (Stage.SUMMONED, an_examination(minutes_digest=""), "minutes_digest"),
    "a report before the examination": (
        Stage.EXAMINED,
        a_conclusion(report_date=date(2025, 3, 10)),
        "report_date",
    ),
    "a report without a digest": (Stage.EXAMINED, a_conclusion(report_digest=""), "report_digest"),
    "a release before the examination": (
        Stage.EXAMINED,
        a_release(start_date=date(2025, 3, 10)),
        "start_date",
    ),
    "a release decided in the future": (
        Stage.EXAMINED,
        a_release(decree_date=date(2025, 3, 22)),
        "decree_date",
    ),
    "a correction of nothing": (
        Stage.DECIDED,
        domain.CorrectDecree("800/1/SK", DECREE_DATE),
        "decree_number",
    ),
    "a correction without a word": (Stage.DECIDED, domain.CorrectDecree("", None), "decree_number"),
    "a corrected date in the future": (
        Stage.DECIDED,
        domain.CorrectDecree("", date(2025, 3, 22)),
        "decree_date",
    ),
    "a corrected date before the examination": (
        Stage.DECIDED,
        domain.CorrectDecree("", date(2025, 3, 10)),
        "decree_date",
    ),
    "a corrected date after the delivery": (
        Stage.DELIVERED,
        domain.CorrectDecree("", date(2025, 3, 15)),
        "decree_date",
    ),
    "a delivery before the decree": (
        Stage.DECIDED,
        a_delivery(delivered_date=date(2025, 3, 12)),
        "delivered_date",
    ),
    "a statement of a reduced post": (Stage.DECIDED, a_delivery(way="OPEN_STATEMENT"), "way"),
    "an appeal before the delivery": (
        Stage.DELIVERED,
        an_appeal(letter_date=date(2025, 3, 13)),
        "letter_date",
    ),
    "a decision before the appeal": (
        Stage.APPEALED,
        a_decision(letter_date=date(2025, 3, 16)),
        "letter_date",
    ),
    "a change without a decree": (Stage.APPEALED, a_decision("CHANGED", decree_number=""), "decree_number"),
    "a change without its date": (Stage.APPEALED, a_decision("CHANGED", decree_date=None), "decree_date"),
    "a change to no listed sanction": (Stage.APPEALED, a_decision("CHANGED", sanction="X"), "sanction"),
    "a decree that was upheld and changed": (Stage.APPEALED, a_decision(sanction="PP94-8-3-A"), "sanction"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_right_is_refused_and_its_field_named(wrong: str) -> None:
    stage, command, field = WRONG[wrong]

    with pytest.raises(Malformed) as refused:
        done(a_matter(), a_proceeding(stage), command)

    assert refused.value.field == field


def test_an_absence_is_not_recorded_before_its_day() -> None:
    tomorrow = date(2025, 3, 22)

    with pytest.raises(Malformed) as refused:
        done(
            a_matter(),
            a_proceeding(Stage.SUMMONED, summoned_for=tomorrow),
            domain.RecordAbsence(tomorrow),
        )

    assert refused.value.field == "examination_date"


# --- the release from duty -------------------------------------------------------------------------------------------


def test_a_release_from_duty_ends_with_the_decree_of_discipline_and_not_with_another() -> None:
    released = after(a_matter(), a_proceeding(Stage.CONCLUDED), a_release())
    assert (released.release_number, released.release_date) == ("800/2/BEBAS", REPORT_DATE)
    assert released.release_end_date is None

    decided = after(a_matter(), released, a_sanction())
    again = after(a_matter(), decided, a_sanction(decree_number="800/3/SK", decree_date=TODAY))

    assert decided.release_end_date == again.release_end_date == DECREE_DATE


def test_a_release_that_ended_with_the_decree_ends_on_its_corrected_date() -> None:
    released = after(a_matter(), a_proceeding(Stage.CONCLUDED), a_release(), a_sanction())

    corrected = after(a_matter(State.DECIDED), released, domain.CorrectDecree("", TODAY))

    assert corrected.release_end_date == corrected.decree_date == TODAY


def test_a_decree_without_a_release_ends_none() -> None:
    assert after(a_matter(), a_proceeding(Stage.CONCLUDED), a_sanction()).release_end_date is None


def test_nobody_is_released_twice_but_anew_after_the_decree_was_annulled() -> None:
    released = after(a_matter(), a_proceeding(Stage.CONCLUDED), a_release())
    ended = replace(released, release_end_date=DECREE_DATE)

    with pytest.raises(WrongState, match="already"):
        done(a_matter(), released, a_release(decree_number="800/3/BEBAS"))
    assert after(a_matter(), ended, a_release()).release_end_date is None


@pytest.mark.parametrize(
    ("employment", "may"),
    [("PNS", True), ("CPNS", True), ("", True), ("PPPK", False), ("PPNPN", False)],
)
def test_only_a_pns_is_released_as_far_as_the_recommendation_says(employment: str, may: bool) -> None:
    matter = a_matter(employment=employment)

    if may:
        assert done(matter, a_proceeding(Stage.EXAMINED), a_release())
    else:
        with pytest.raises(WrongState, match="PNS"):
            done(matter, a_proceeding(Stage.EXAMINED), a_release())


@pytest.mark.parametrize(
    ("missing", "reason"),
    [({"team_number": ""}, "TEAM_REQUIRED"), ({"examined_date": None}, "HEARING_REQUIRED")],
)
def test_a_release_needs_the_team_and_the_examination(missing: dict[str, Any], reason: str) -> None:
    with pytest.raises(WrongState) as refused:
        done(a_matter(), a_proceeding(Stage.CONCLUDED, **missing), a_release())

    assert refused.value.reason == reason


# --- a typing error in the decree ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "number", "day"),
    [
        (domain.CorrectDecree("800/11/SK", None), "800/11/SK", DECREE_DATE),
        (domain.CorrectDecree("", REPORT_DATE), "800/1/SK", REPORT_DATE),
        (domain.CorrectDecree("800/11/SK", REPORT_DATE), "800/11/SK", REPORT_DATE),
    ],
)
def test_a_correction_says_both_what_was_said_and_what_is_right(
    command: domain.CorrectDecree, number: str, day: date
) -> None:
    matter = a_matter(
        State.COMPLETED, decree_number="800/1/SK", decree_date=DECREE_DATE, sanction="PP94-8-4-A"
    )
    proceeding = a_proceeding(Stage.DELIVERED)

    event = done(matter, proceeding, command)

    assert (event.former_number, event.former_date) == ("800/1/SK", DECREE_DATE)
    assert changes.apply(matter, event) == replace(matter, decree_number=number, decree_date=day)
    assert proceedings.apply(proceeding, event) == replace(proceeding, decree_number=number, decree_date=day)


def test_a_date_on_which_the_rule_had_no_such_sanction_is_no_correction() -> None:
    decided = a_matter(State.DECIDED, sanction="PP94-8-2-A", employment="PNS", event_date=date(2021, 8, 1))
    matter = replace(decided, letter_date=date(2021, 8, 20))
    early = a_proceeding(Stage.DECIDED, decree_date=date(2021, 9, 10), examined_date=date(2021, 8, 25))

    with pytest.raises(Malformed) as refused:
        done(matter, early, domain.CorrectDecree("", date(2021, 8, 26)))

    assert refused.value.field == "decree_date"


# --- the check of the employment -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "reason", "fits"),
    [
        ("", "NOT_OUR_EMPLOYEE", True),
        ("NOT_OURS", "NOT_OUR_EMPLOYEE", True),
        ("OURS", "NOT_OUR_EMPLOYEE", False),
        ("MOVED", "MOVED", True),
        ("OURS", "MOVED", False),
        ("RETIRED", "MOVED_BEFORE", False),
    ],
)
def test_nobody_is_rejected_against_the_check(found: str, reason: str, fits: bool) -> None:
    proceeding, command = a_proceeding(employee_status=found), commands.RejectRecommendation(reason, OTHER)

    if fits:
        on_recommendation.agree_with_check(proceeding, command)
    else:
        with pytest.raises(WrongState) as refused:
            on_recommendation.agree_with_check(proceeding, command)
        assert refused.value.reason == "CHECK_SAYS_OTHERWISE"


@pytest.mark.parametrize(
    ("found", "reason", "fits"),
    [
        ("", "DIED", True),
        ("DIED", "DIED", True),
        ("OURS", "DIED", False),
        ("RETIRED", "RESIGNED", False),
        ("OURS", "COURT_DECISION", True),
    ],
)
def test_no_lawful_reason_is_reported_against_the_check(found: str, reason: str, fits: bool) -> None:
    command = commands.ReportFollowUp("CANNOT_BE_FOLLOWED_UP", "800/3/SET", TODAY, "", reason)

    if fits:
        on_recommendation.agree_with_check(a_proceeding(employee_status=found), command)
    else:
        with pytest.raises(WrongState):
            on_recommendation.agree_with_check(a_proceeding(employee_status=found), command)


# --- limits ----------------------------------------------------------------------------------------------------------


def test_limits_count_working_days_from_the_day_after() -> None:
    latest = calendar.latest()
    remedy = appeals.remedy("PPK", "PP94-8-4-A", "PNS", DECREE_DATE)
    delivered = due_dates.due_dates(a_proceeding(Stage.DELIVERED), latest, remedy)
    absent = due_dates.due_dates(a_proceeding(Stage.ABSENT), latest)

    assert delivered.summons_gap_date == date(2025, 3, 13)  # 4 March is a Tuesday
    assert delivered.delivery_due == date(
        2025, 4, 11
    )  # 28 March to 7 April are Nyepi, Idul Fitri and collective leave
    assert delivered.effect_date == date(2025, 4, 15)
    assert delivered.appeal_due == date(2025, 4, 14)
    assert delivered.second_summons_due is None
    assert absent.second_summons_due == date(2025, 3, 20)
    assert absent.delivery_due is None


@pytest.mark.parametrize(
    ("sanction", "kind", "filed", "reasons"),
    [
        ("PP94-8-4-A", "OBJECTION", APPEALED, []),
        ("PP94-8-4-A", "APPEAL", APPEALED, ["ANOTHER_REMEDY"]),
        ("PP94-8-4-C", "APPEAL", APPEALED, []),
        ("PP94-8-4-C", "OBJECTION", APPEALED, ["ANOTHER_REMEDY"]),
        ("PP94-8-4-A", "OBJECTION", date(2025, 4, 14), []),  # the 14th working day, Idul Fitri in between
        ("PP94-8-4-A", "OBJECTION", date(2025, 4, 15), ["AFTER_THE_LIMIT"]),
    ],
)
def test_a_remedy_of_the_wrong_kind_or_too_late_is_recorded_with_a_reason_only(
    sanction: str, kind: str, filed: date, reasons: list[str]
) -> None:
    known = Procedure(a_matter(State.DECIDED, sanction=sanction), a_proceeding(Stage.DELIVERED))

    event = domain.file_appeal(known, an_appeal(kind=kind, letter_date=filed), date(2025, 4, 20))

    assert [each.reason for each in domain.unusual_appeal(known, event)] == reasons


@pytest.mark.parametrize(
    ("day", "off"),
    [
        (date(2025, 3, 19), ""),
        (date(2025, 3, 16), "Minggu"),
        (date(2025, 3, 31), "Hari Raya Idul Fitri"),
        (date(2025, 4, 2), "Cuti bersama"),
    ],
)
def test_an_examination_on_a_day_off_is_warned_of(day: date, off: str) -> None:
    known = Procedure(a_matter(), a_proceeding(Stage.OPEN))

    event = domain.summon(known, a_summons(examination_date=day), date(2025, 3, 12))
    warnings = domain.on_a_day_off(known, event)

    assert [each.reason for each in warnings] == (["ON_A_DAY_OFF"] if off else [])
    assert all(off in each.message for each in warnings)


@pytest.mark.parametrize(("party", "reasons"), [("ppk-1901", []), ("ppk-6202", ["AFTER_THE_LIMIT"])])
def test_the_voting_day_of_a_region_is_no_day_of_the_limit_for_an_objection_there(
    party: str, reasons: list[str]
) -> None:
    delivered = replace(a_proceeding(Stage.DELIVERED), party=party, delivered_date=date(2025, 8, 20))
    known = Procedure(a_matter(State.DECIDED, sanction="PP94-8-4-A"), delivered)
    filed = an_appeal(kind="OBJECTION", letter_date=date(2025, 9, 11))

    event = domain.file_appeal(known, filed, date(2025, 9, 12))

    assert [each.reason for each in domain.unusual_appeal(known, event)] == reasons


@pytest.mark.parametrize(
    ("sanction", "sanction_class", "decided", "effect", "appeal"),
    [
        ("PP53-7-3-A", "DISCIPLINE_MEDIUM", date(2020, 11, 2), date(2020, 11, 2), None),  # art. 33 b, 43 b
        (
            "PP53-7-4-D",
            "DISCIPLINE_SEVERE",
            date(2020, 11, 2),
            date(2020, 11, 19),
            None,
        ),  # BAPEK, limit not read
        ("PP53-7-3-A", "DISCIPLINE_MEDIUM", date(2025, 3, 13), date(2025, 4, 15), date(2025, 4, 14)),
        ("PP42-15-OPEN", "MORAL_OPEN", date(2025, 3, 13), None, date(2025, 4, 14)),
    ],
)
def test_effect_and_remedy_are_those_of_the_rule_in_force_when_it_was_decided(
    sanction: str, sanction_class: str, decided: date, effect: date | None, appeal: date | None
) -> None:
    delivered = date(2020, 11, 4) if decided.year == 2020 else DELIVERED
    known = replace(
        a_proceeding(Stage.DELIVERED),
        decree_date=decided,
        delivered_date=delivered,
        sanction_class=sanction_class,
    )

    found = due_dates.due_dates(known, calendar.latest(), appeals.remedy("PPK", sanction, "PNS", decided))

    assert (found.effect_date, found.appeal_due) == (effect, appeal)


def test_a_summons_of_before_pp_94_2021_gives_the_first_day_of_the_examination() -> None:
    summoned = replace(a_proceeding(Stage.SUMMONED), summons_date=date(2020, 11, 2))

    found = due_dates.due_dates(summoned, calendar.latest())

    assert found.summons_gap_date == date(2020, 11, 11)  # not before it: PP 53/2010 art. 23(2)


def test_a_decree_that_was_appealed_has_no_day_of_effect_by_itself() -> None:
    assert due_dates.due_dates(a_proceeding(Stage.APPEALED), calendar.latest()).effect_date is None


def test_a_version_of_the_calendar_that_is_handed_in_counts_instead() -> None:
    blank = calendar.Calendar(())
    due = due_dates.due_dates(a_proceeding(Stage.DECIDED), blank)

    assert due.delivery_due == date(2025, 4, 4)  # public holidays only: no decree on collective leave


def test_the_voting_day_of_the_authoritys_region_is_no_working_day_of_its_limits() -> None:
    delivered = replace(a_proceeding(Stage.DELIVERED), delivered_date=date(2025, 8, 20))

    country = due_dates.due_dates(delivered, calendar.latest()).effect_date
    bangka = due_dates.due_dates(delivered, calendar.latest("19.01")).effect_date

    assert country is not None
    assert bangka is not None
    assert (bangka - country).days == 1

"""The personnel authority's rules, case by case."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import pytest

from cooperation.oversight import overseers
from ppk.recommendations.domain import changes, commands, events, states
from ppk.recommendations.domain import rules as domain
from ppk.recommendations.domain.matter import Matter, State, blank
from refusals import Malformed, NotAllowed, WrongState

PARTY, EXAMINER = "ppk-6202", "bkn"
LETTER, LETTER_DATE, DECREE_DATE, TODAY = "R-12/BKN", date(2025, 3, 3), date(2025, 3, 10), date(2025, 3, 14)
DIGEST = "ab" * 32


def a_matter(state: State = State.ACKNOWLEDGED, **fields: Any) -> Matter:
    now = datetime(2025, 3, 3, tzinfo=UTC)
    matter = blank(PARTY, "01958000-0000-7000-8000-000000000001", "case", now)
    if state == State.NEW:
        return matter
    received = replace(matter, state=state, examiner=EXAMINER, letter_number=LETTER, letter_date=LETTER_DATE)
    if state in (State.DECIDED, State.REPORTED, State.COMPLETED):
        received = replace(received, decree_number="800/1/SK", decree_date=DECREE_DATE)
    return replace(received, **fields)


def a_recommendation(**fields: Any) -> events.Recommended:
    recommended = events.Recommended(
        letter_number=LETTER,
        letter_date=LETTER_DATE,
        addressee=PARTY,
        act="2022-DSA7",
        family="DISCIPLINE",
        sanction_class="DISCIPLINE_SEVERE",
        due_date=date(2025, 3, 17),
        report_number="002/LP/PL/Kab/27.09/III/2024",
        region="62.02",
        event_date=date(2025, 2, 1),
        employment="PNS",
    )
    return replace(recommended, **fields)


def a_correction(**fields: Any) -> events.Corrected:
    corrected = events.Corrected(
        letter_number="R-14/BKN",
        corrects=LETTER,
        act="2022-DSA7",
        family="DISCIPLINE",
        sanction_class="DISCIPLINE_MEDIUM",
        due_date=date(2025, 3, 20),
    )
    return replace(corrected, **fields)


def an_objection(**fields: Any) -> commands.ObjectToRecommendation:
    return replace(commands.ObjectToRecommendation("800/2/SET", TODAY), **fields)


def a_sanction(**fields: Any) -> commands.ImposeSanction:
    return replace(commands.ImposeSanction("800/1/SK", DECREE_DATE, "PP94-8-4-A"), **fields)


def a_report_of_a_sanction(**fields: Any) -> commands.ReportFollowUp:
    return replace(commands.ReportFollowUp("SANCTION_IMPOSED", "800/3/SET", TODAY, DIGEST, ""), **fields)


def a_partial_report(**fields: Any) -> commands.ReportFollowUp:
    return replace(a_report_of_a_sanction(kind="PARTIAL", open_measures=("MORAL_OPEN",)), **fields)


def a_report_of_a_lawful_reason(**fields: Any) -> commands.ReportFollowUp:
    return replace(
        commands.ReportFollowUp("CANNOT_BE_FOLLOWED_UP", "800/3/SET", TODAY, "", "RETIRED"), **fields
    )


# --- every state × every command and event -------------------------------------------------------------------------

Attempt = Callable[[Matter], Matter]


def _do(rule: Callable[..., events.OwnEvent], *arguments: Any) -> Attempt:
    return lambda matter: changes.apply(matter, rule(matter, *arguments))


def _hear(event: events.HeardEvent, sender: str = EXAMINER) -> Attempt:
    return lambda matter: changes.hear(matter, event, sender)


ATTEMPTS: dict[str, Attempt] = {
    "clarify": _do(domain.answer_clarification, commands.AnswerClarification("800/9/SET", TODAY), TODAY),
    "open": _do(domain.open_recommendation, commands.OpenRecommendation()),
    "acknowledge": _do(domain.acknowledge, commands.AcknowledgeRecommendation("17/2025")),
    "reject": _do(domain.reject, commands.RejectRecommendation("NOT_OUR_EMPLOYEE")),
    "object": _do(domain.object_to, an_objection(), TODAY),
    "sanction": _do(domain.impose_sanction, a_sanction(), TODAY),
    "report": _do(domain.report_follow_up, a_report_of_a_sanction(), TODAY),
    "report partly": _do(domain.report_follow_up, a_partial_report(), TODAY),
    "report none": _do(domain.report_follow_up, a_report_of_a_lawful_reason(), TODAY),
    "asked": _hear(
        events.ClarificationRequested("R-11/BKN", LETTER_DATE, PARTY, "002/LP/PL/Kab/27.09/III/2024", "62.02")
    ),
    "corrected": _hear(a_correction()),
    "moved": _hear(events.DueDateMoved(LETTER, date(2025, 3, 18))),
    "recommended": _hear(a_recommendation()),
    "withdrawn": _hear(events.Withdrawn(LETTER, "NOT_ADDRESSEES_EMPLOYEE")),
    "answered": _hear(events.ObjectionAnswered("R-13/BKN", TODAY)),
    "conforms": _hear(events.Verified("CONFORMS", "")),
    "not yet conforms": _hear(events.Verified("NOT_YET_CONFORMS", "")),
    "not yet followed up": _hear(events.Verified("NOT_YET_FOLLOWED_UP", "")),
    "cannot be": _hear(events.Verified("CANNOT_BE_FOLLOWED_UP", "RETIRED")),
    "blocked": _hear(overseers.Blocked("26/BLK", TODAY), "bkn"),
    "unblocked": _hear(overseers.Unblocked("8/BKA", TODAY), "bkn"),
    "warned": _hear(overseers.Warned("800/2344/IJ", TODAY, TODAY), "kemendagri"),
    "annulled": _hear(overseers.DecreeAnnulled("9/BATAL", TODAY, "800/1/SK"), "bkn"),
    "took over": _hear(events.TookOver("kasn", EXAMINER, "kemenpanrb")),
}
OVERSEEN = ("blocked", "unblocked", "warned")

# What each state becomes; whatever is not written here is refused. ACKNOWLEDGED is here without a decree; with one that
# does not yet conform, see the end.
BECOMES: dict[str, dict[str, str]] = {
    "NEW": {"asked": "CLARIFICATION_REQUESTED", "recommended": "RECEIVED"},
    "CLARIFICATION_REQUESTED": {
        "took over": "CLARIFICATION_REQUESTED",
        "asked": "CLARIFICATION_REQUESTED",
        "clarify": "CLARIFIED",
        "recommended": "RECEIVED",
    },
    "CLARIFIED": {
        "took over": "CLARIFIED",
        "asked": "CLARIFICATION_REQUESTED",
        "recommended": "RECEIVED",
    },
    "RECEIVED": {
        "took over": "RECEIVED",
        "open": "OPENED",
        "corrected": "RECEIVED",
        "moved": "RECEIVED",
        "withdrawn": "WITHDRAWN",
        "not yet followed up": "RECEIVED",
    },
    "OPENED": {
        "took over": "OPENED",
        "acknowledge": "ACKNOWLEDGED",
        "reject": "REJECTED",
        "object": "OBJECTED",
        "corrected": "OPENED",
        "moved": "OPENED",
        "withdrawn": "WITHDRAWN",
        "not yet followed up": "OPENED",
    },
    "ACKNOWLEDGED": {
        "took over": "ACKNOWLEDGED",
        "reject": "REJECTED",
        "object": "OBJECTED",
        "sanction": "DECIDED",
        "report none": "REPORTED",
        "corrected": "ACKNOWLEDGED",
        "moved": "ACKNOWLEDGED",
        "withdrawn": "WITHDRAWN",
        "not yet followed up": "ACKNOWLEDGED",
    },
    "REJECTED": {
        "took over": "REJECTED",
        "corrected": "REJECTED",
        "moved": "REJECTED",
        "withdrawn": "WITHDRAWN",
    },
    "OBJECTED": {
        "took over": "OBJECTED",
        "answered": "ACKNOWLEDGED",
        "corrected": "OBJECTED",
        "moved": "OBJECTED",
        "withdrawn": "WITHDRAWN",
        "not yet followed up": "OBJECTED",
    },
    "DECIDED": {
        "took over": "DECIDED",
        "report": "REPORTED",
        "report partly": "ACKNOWLEDGED",
        "annulled": "ACKNOWLEDGED",
        "report none": "REPORTED",
        "corrected": "DECIDED",
        "moved": "DECIDED",
        "withdrawn": "WITHDRAWN",
        "not yet followed up": "DECIDED",
    },
    "REPORTED": {
        "took over": "REPORTED",
        "conforms": "COMPLETED",
        "annulled": "ACKNOWLEDGED",
        "not yet conforms": "ACKNOWLEDGED",
        "cannot be": "CANNOT_BE_FOLLOWED_UP",
        "corrected": "REPORTED",
        "moved": "REPORTED",
        "withdrawn": "WITHDRAWN",
    },
    "WITHDRAWN": {"took over": "WITHDRAWN"},
    "COMPLETED": {"took over": "COMPLETED", "annulled": "ACKNOWLEDGED"},
    "CANNOT_BE_FOLLOWED_UP": {"took over": "CANNOT_BE_FOLLOWED_UP"},
}


# Flags beside the state: they change none, and are possible once there is a recommendation.
for known, row in BECOMES.items():
    if known not in ("NEW", "CLARIFICATION_REQUESTED", "CLARIFIED"):
        row |= dict.fromkeys(OVERSEEN, known)


def test_the_table_names_every_state_command_and_event() -> None:
    assert set(BECOMES) == set(State)
    assert set(states.POSSIBLE) == {*get_args(commands.Command), *get_args(events.HeardEvent)}
    assert {attempt for row in BECOMES.values() for attempt in row} == set(ATTEMPTS)


@pytest.mark.parametrize("attempt", ATTEMPTS)
@pytest.mark.parametrize("state", State)
def test_a_state_becomes_what_the_table_says_or_refuses(state: State, attempt: str) -> None:
    matter = a_matter(state)
    after = BECOMES[state].get(attempt)

    if after is None:
        with pytest.raises(WrongState):
            ATTEMPTS[attempt](matter)
    else:
        assert ATTEMPTS[attempt](matter).state == after


# --- what the authority does ---------------------------------------------------------------------------------------


def test_acknowledging_keeps_the_register_number() -> None:
    event = domain.acknowledge(a_matter(State.OPENED), commands.AcknowledgeRecommendation("17/2025"))

    assert changes.apply(a_matter(State.OPENED), event).register_number == "17/2025"


def test_an_objection_keeps_its_number_and_date() -> None:
    matter = a_matter(State.OPENED)

    objected = changes.apply(matter, domain.object_to(matter, an_objection(), TODAY))

    assert (objected.objection_number, objected.objection_date) == ("800/2/SET", TODAY)


def test_a_decision_carries_the_class_of_its_sanction() -> None:
    decided = domain.impose_sanction(a_matter(), a_sanction(sanction="PP94-8-4-A"), TODAY)

    assert decided.sanction_class == "DISCIPLINE_SEVERE"


def test_an_authority_may_impose_another_class_than_the_recommended_one() -> None:
    matter = a_matter(sanction_class="DISCIPLINE_SEVERE")

    decided = domain.impose_sanction(matter, a_sanction(sanction="PP94-8-2-A"), TODAY)

    assert decided.sanction_class == "DISCIPLINE_LIGHT"
    assert changes.apply(matter, decided).sanction_class == "DISCIPLINE_SEVERE"


@pytest.mark.parametrize(
    ("employment", "event_date", "sanction"),
    [
        ("PNS", date(2025, 2, 1), "PP94-8-4-A"),
        ("PNS", date(2025, 2, 1), "PP42-15-OPEN"),
        ("PNS", date(2020, 9, 30), "PP94-8-4-A"),
        ("PNS", date(2025, 2, 1), "PP53-7-3-C"),
        ("PPPK", date(2025, 2, 1), "PP49-DISMISSAL"),
        ("PPNPN", date(2025, 2, 1), "SE1-DISMISSAL"),
    ],
)
def test_the_day_of_the_event_and_the_employment_give_the_sanctions_to_choose_from(
    employment: str, event_date: date, sanction: str
) -> None:
    matter = a_matter(employment=employment, event_date=event_date)

    decided = domain.impose_sanction(matter, a_sanction(sanction=sanction), TODAY)

    assert decided.sanction == sanction


# --- what a decree says beside its sanction ----------------------------------------------------------------------------


def a_cut(**fields: Any) -> commands.ImposeSanction:
    """A cut of a PPPK's pay for eight months, by the authority's own rule."""
    cut = a_sanction(
        sanction="PP49-MEDIUM",
        measure_basis="Peraturan Bupati Kotawaringin Timur 12/2024",
        measure_amount="Rp500.000",
        measure_months=8,
    )
    return replace(cut, **fields)


def test_the_decree_on_a_pppk_says_rule_amount_and_months() -> None:
    matter = a_matter(employment="PPPK", event_date=date(2025, 2, 1))

    decided = domain.impose_sanction(matter, a_cut(), TODAY)

    assert (decided.measure_amount, decided.measure_months) == ("Rp500.000", 8)
    for field, nothing in (("measure_basis", ""), ("measure_amount", ""), ("measure_months", 0)):
        with pytest.raises(Malformed) as refused:
            domain.impose_sanction(matter, a_cut(**{field: nothing}), TODAY)
        assert refused.value.field == field


def test_the_loss_of_allowances_by_a_local_rule_stands_beside_the_sanction() -> None:
    beside = {"measure": "TPP_LOCAL", "measure_basis": "Perbup 3/2024", "measure_amount": "50 %"}

    decided = domain.impose_sanction(a_matter(), a_sanction(**beside, measure_months=3), TODAY)

    assert (decided.sanction_class, decided.measure) == ("DISCIPLINE_SEVERE", "TPP_LOCAL")
    with pytest.raises(Malformed) as refused:
        domain.impose_sanction(a_matter(), a_sanction(**beside), TODAY)
    assert refused.value.field == "measure_months"
    with pytest.raises(Malformed):
        domain.impose_sanction(a_matter(), a_sanction(measure_months=3), TODAY)
    with pytest.raises(Malformed):
        domain.impose_sanction(a_matter(), a_sanction(measure="FINE"), TODAY)


@pytest.mark.parametrize(
    ("official", "sanction", "may"),
    [
        ("PPK", "PP94-8-4-A", True),
        ("JPT_PRATAMA", "PP94-8-2-B", True),
        ("JPT_PRATAMA", "PP94-8-4-A", False),
        ("JPT_MADYA", "PP94-8-2-B", False),
        ("KING", "PP94-8-4-A", False),
    ],
)
def test_in_a_regency_an_official_imposes_what_the_clauses_let_him(
    official: str, sanction: str, may: bool
) -> None:
    decree = a_sanction(sanction=sanction, decided_by=official)

    if may:
        assert domain.impose_sanction(a_matter(), decree, TODAY).decided_by == official
    else:
        with pytest.raises(Malformed) as refused:
            domain.impose_sanction(a_matter(), decree, TODAY)
        assert refused.value.field == "decided_by"


@pytest.mark.parametrize(
    ("recommended", "sanction", "reasons"),
    [
        ("DISCIPLINE_SEVERE", "PP94-8-4-A", []),
        ("DISCIPLINE_SEVERE", "PP94-8-2-A", ["OTHER_CLASS_THAN_RECOMMENDED"]),
        ("MORAL_OPEN", "PP94-8-2-A", ["OTHER_CLASS_THAN_RECOMMENDED"]),
        ("MORAL_OPEN", "PP42-15-OPEN", ["COUNCIL_NOT_NAMED"]),
        ("DISCIPLINE_MEDIUM", "PP53-7-3-A", []),
        ("DISCIPLINE_MEDIUM", "PP94-8-3-A", ["READING_NOT_CHOSEN"]),
        ("DISCIPLINE_SEVERE", "PP94-8-3-A", ["OTHER_CLASS_THAN_RECOMMENDED", "READING_NOT_CHOSEN"]),
    ],
)
def test_another_class_and_another_reading_are_lawful_and_are_warned_of(
    recommended: str, sanction: str, reasons: list[str]
) -> None:
    matter = replace(a_matter(), sanction_class=recommended)
    decided = domain.impose_sanction(matter, a_sanction(sanction=sanction), TODAY)

    assert [each.reason for each in domain.other_than_expected(matter, decided)] == reasons


def test_a_moral_sanction_that_names_the_councils_decision_is_not_warned_of() -> None:
    matter = replace(a_matter(), sanction_class="MORAL_OPEN")
    command = a_sanction(sanction="PP42-15-OPEN", council_number="800/1/MKE", council_date=DECREE_DATE)

    decided = domain.impose_sanction(matter, command, TODAY)

    assert (decided.council_number, decided.council_date) == ("800/1/MKE", DECREE_DATE)
    assert not domain.other_than_expected(matter, decided)


@pytest.mark.parametrize(
    ("council", "field"),
    [
        ({"council_number": "800/1/MKE"}, "council_number"),
        ({"council_date": DECREE_DATE}, "council_number"),
        ({"council_number": "199001012015031001", "council_date": DECREE_DATE}, "council_number"),
        ({"council_number": "800/1/MKE", "council_date": DECREE_DATE + timedelta(1)}, "council_date"),
    ],
)
def test_a_decision_of_a_council_that_cannot_be_right_is_refused(council: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed) as refused:
        domain.impose_sanction(a_matter(), a_sanction(sanction="PP42-15-OPEN", **council), TODAY)

    assert refused.value.field == field


@pytest.mark.parametrize(
    ("employment", "event_date", "sanction"),
    [
        ("PNS", date(2020, 9, 30), "PP53-7-4-A"),
        ("PNS", date(2025, 2, 1), "PP53-7-4-A"),
        ("PPPK", date(2025, 2, 1), "PP94-8-4-A"),
        ("PPNPN", date(2025, 2, 1), "PP42-15-OPEN"),
        ("PPNPN", date(2022, 12, 31), "SE1-DISMISSAL"),
    ],
)
def test_a_sanction_that_is_not_of_the_regime_is_refused(
    employment: str, event_date: date, sanction: str
) -> None:
    matter = a_matter(employment=employment, event_date=event_date)

    with pytest.raises(Malformed) as refused:
        domain.impose_sanction(matter, a_sanction(sanction=sanction), TODAY)

    assert refused.value.field == "sanction"


def test_what_was_recommended_without_day_and_employment_may_get_any_listed_sanction() -> None:
    for sanction in ("PP94-8-4-A", "PP53-7-3-C"):
        assert domain.impose_sanction(a_matter(), a_sanction(sanction=sanction), TODAY).sanction == sanction


def test_a_sanction_may_be_of_the_day_of_the_recommendation_and_of_today() -> None:
    for day in (LETTER_DATE, TODAY):
        assert domain.impose_sanction(a_matter(), a_sanction(decree_date=day), TODAY).decree_date == day


def test_a_report_of_a_sanction_names_the_decree_that_was_decided() -> None:
    reported = domain.report_follow_up(a_matter(State.DECIDED), a_report_of_a_sanction(), TODAY)

    assert (reported.decree_number, reported.decree_digest) == ("800/1/SK", DIGEST)


def test_a_report_of_a_lawful_reason_names_no_decree() -> None:
    reported = domain.report_follow_up(a_matter(State.DECIDED), a_report_of_a_lawful_reason(), TODAY)

    assert (reported.decree_number, reported.reason) == ("", "RETIRED")


def test_a_new_report_is_not_yet_verified() -> None:
    matter = a_matter(State.DECIDED, verification="NOT_YET_CONFORMS")

    reported = changes.apply(matter, domain.report_follow_up(matter, a_report_of_a_sanction(), TODAY))

    assert reported.verification == ""


RULES = {
    "a register number that is a NIK": ("acknowledge", "register_number", "6202014107900001"),
    "an objection whose number is blank": ("object", "letter_number", " "),
    "an objection in the future": ("object", "letter_date", date(2025, 3, 15)),
    "an objection before the recommendation": ("object", "letter_date", date(2025, 3, 2)),
    "a decree whose number is a NIP": ("sanction", "decree_number", "199001012015031001"),
    "a decree in the future": ("sanction", "decree_date", date(2025, 3, 15)),
    "a decree before the recommendation": ("sanction", "decree_date", date(2025, 3, 2)),
    "an unknown sanction": ("sanction", "sanction", "PP94-99"),
    "a sanction in lower case": ("sanction", "sanction", "pp94-8-4-a"),
    "a report in the future": ("report", "letter_date", date(2025, 3, 15)),
    "a report before the decree": ("report", "letter_date", date(2025, 3, 9)),
    "a report with a number that does not print": ("report", "letter_number", "800\n3"),
    "a report of a sanction without a digest": ("report", "decree_digest", ""),
    "a report of a sanction with a short digest": ("report", "decree_digest", "ab" * 31),
    "a report of a sanction with a reason": ("report", "reason", "RETIRED"),
    "a report of nothing": ("report", "kind", ""),
    "a whole report with something open": ("report", "open_measures", ("MORAL_OPEN",)),
    "a rejection of a person who moved to nowhere": ("reject", "moved_to", ""),
    "a rejection of a person who moved to no authority": ("reject", "moved_to", "bawaslu"),
    "a rejection of a person who moved to where they were": ("reject", "moved_to", PARTY),
    "a lawful reason that is not given": ("report none", "reason", ""),
    "a lawful reason with a decree": ("report none", "decree_digest", DIGEST),
    "a lawful reason before the recommendation": ("report none", "letter_date", date(2025, 3, 2)),
}


@pytest.mark.parametrize("rule", RULES)
def test_what_can_never_be_right_is_refused_and_its_field_named(rule: str) -> None:
    what, field, value = RULES[rule]

    with pytest.raises(Malformed) as refused:
        _try(what, {field: value})

    assert refused.value.field == field
    assert len(str(value)) < 2 or str(value) not in refused.value.message


def _try(what: str, fields: dict[str, Any]) -> None:
    match what:
        case "acknowledge":
            domain.acknowledge(a_matter(State.OPENED), commands.AcknowledgeRecommendation(**fields))
        case "object":
            domain.object_to(a_matter(State.OPENED), an_objection(**fields), TODAY)
        case "sanction":
            domain.impose_sanction(a_matter(), a_sanction(**fields), TODAY)
        case "report":
            domain.report_follow_up(a_matter(State.DECIDED), a_report_of_a_sanction(**fields), TODAY)
        case "reject":
            moved = replace(commands.RejectRecommendation("MOVED", "ppk-3204"), **fields)
            domain.reject(a_matter(State.OPENED), moved)
        case "report none":
            domain.report_follow_up(a_matter(), a_report_of_a_lawful_reason(**fields), TODAY)


# --- what the examiner says ----------------------------------------------------------------------------------------


def test_whoever_recommends_is_the_examiner_of_the_matter() -> None:
    received = changes.hear(a_matter(State.NEW), a_recommendation(), "kasn")

    assert (received.examiner, received.letter_number) == ("kasn", LETTER)


def test_a_recommendation_brings_the_day_of_the_event_and_the_employment() -> None:
    received = changes.hear(a_matter(State.NEW), a_recommendation(), EXAMINER)

    assert (received.event_date, received.employment) == (date(2025, 2, 1), "PNS")


def test_a_recommendation_to_another_authority_is_refused() -> None:
    with pytest.raises(Malformed) as refused:
        changes.hear(a_matter(State.NEW), a_recommendation(addressee="ppk-3204"), EXAMINER)

    assert (refused.value.reason, refused.value.field) == ("WRONG_ADDRESSEE", "addressee")


@pytest.mark.parametrize("field", ["letter_date", "due_date"])
def test_a_recommendation_without_its_dates_is_refused(field: str) -> None:
    with pytest.raises(Malformed) as refused:
        changes.hear(a_matter(State.NEW), a_recommendation(**{field: None}), EXAMINER)

    assert refused.value.field == field


@pytest.mark.parametrize(
    "event",
    [
        a_recommendation(),
        events.Withdrawn(LETTER, "OBJECTION_UPHELD"),
        events.ObjectionAnswered("R-13/BKN", TODAY),
        events.Verified("CONFORMS", ""),
    ],
    ids=lambda event: type(event).__name__,
)
@pytest.mark.parametrize("state", [state for state in State if state != State.NEW])
def test_only_the_examiner_of_the_matter_is_heard(state: State, event: events.HeardEvent) -> None:
    with pytest.raises(NotAllowed) as refused:
        changes.hear(a_matter(state), event, "kasn")

    assert refused.value.reason == "NOT_THE_EXAMINER"


def test_the_withdrawal_of_another_letter_is_refused() -> None:
    with pytest.raises(Malformed) as refused:
        changes.hear(a_matter(State.REJECTED), events.Withdrawn("R-99/BKN", "OBJECTION_UPHELD"), EXAMINER)

    assert (refused.value.reason, refused.value.field) == ("OTHER_RECOMMENDATION", "letter_number")


def test_a_withdrawal_keeps_its_reason() -> None:
    withdrawn = changes.hear(
        a_matter(State.REJECTED), events.Withdrawn(LETTER, "NOT_ADDRESSEES_EMPLOYEE"), EXAMINER
    )

    assert withdrawn.withdrawal_reason == "NOT_ADDRESSEES_EMPLOYEE"


def test_silence_that_the_examiner_states_is_noted() -> None:
    noted = changes.hear(a_matter(State.OPENED), events.Verified("NOT_YET_FOLLOWED_UP", ""), EXAMINER)

    assert (noted.state, noted.verification) == (State.OPENED, "NOT_YET_FOLLOWED_UP")


def test_a_verification_without_a_status_is_refused() -> None:
    with pytest.raises(Malformed) as refused:
        changes.hear(a_matter(State.REPORTED), events.Verified("", ""), EXAMINER)

    assert refused.value.field == "status"


def test_a_verified_impossibility_keeps_its_reason() -> None:
    ended = changes.hear(a_matter(State.REPORTED), events.Verified("CANNOT_BE_FOLLOWED_UP", "DIED"), EXAMINER)

    assert ended.impossibility == "DIED"


def test_a_block_is_a_flag_beside_the_state_until_it_is_lifted() -> None:
    blocked = ATTEMPTS["blocked"](a_matter())
    opened = ATTEMPTS["unblocked"](blocked)
    again = changes.hear(opened, overseers.Blocked("30/BLK", TODAY), "bkn")

    assert (blocked.data_blocked, blocked.block_number, blocked.block_date) == (True, "26/BLK", TODAY)
    assert (opened.data_blocked, opened.block_number, opened.unblock_number) == (False, "26/BLK", "8/BKA")
    assert (again.data_blocked, again.block_number, again.unblock_number) == (True, "30/BLK", "")


def test_what_an_overseer_says_leaves_the_examiner_who_he_is() -> None:
    warned = ATTEMPTS["warned"](a_matter())

    assert (warned.examiner, warned.warning_number, warned.warning_due_date) == (
        EXAMINER,
        "800/2344/IJ",
        TODAY,
    )


OVERSEERS_WITHOUT_DATES = {
    "act_date": [overseers.Blocked("26/BLK", None), overseers.Unblocked("8/BKA", None)],
    "letter_date": [overseers.Warned("800/2344/IJ", None, TODAY)],
    "comply_by": [overseers.Warned("800/2344/IJ", TODAY, None)],
}


@pytest.mark.parametrize("field", OVERSEERS_WITHOUT_DATES)
def test_an_act_of_an_overseer_without_its_date_is_refused(field: str) -> None:
    for event in OVERSEERS_WITHOUT_DATES[field]:
        with pytest.raises(Malformed) as refused:
            changes.hear(a_matter(), event, "bkn")
        assert refused.value.field == field


# --- a follow-up that does not yet conform -------------------------------------------------------------------------


def not_yet_conforming() -> Matter:
    return changes.hear(a_matter(State.REPORTED), events.Verified("NOT_YET_CONFORMS", ""), EXAMINER)


def test_another_sanction_may_be_imposed() -> None:
    matter = not_yet_conforming()

    again = changes.apply(matter, domain.impose_sanction(matter, a_sanction(decree_number="800/9/SK"), TODAY))

    assert (again.state, again.decree_number) == (State.DECIDED, "800/9/SK")


def test_the_same_decree_may_be_reported_again_in_a_new_letter() -> None:
    matter = not_yet_conforming()

    event = domain.report_follow_up(matter, a_report_of_a_sanction(letter_number="800/5/SET"), TODAY)
    again = changes.apply(matter, event)

    assert (event.letter_number, event.decree_number) == ("800/5/SET", "800/1/SK")
    assert (again.state, again.verification) == (State.REPORTED, "")


def test_a_report_again_is_not_before_the_decree_that_still_stands() -> None:
    with pytest.raises(Malformed) as refused:
        domain.report_follow_up(
            not_yet_conforming(), a_report_of_a_sanction(letter_date=date(2025, 3, 9)), TODAY
        )

    assert refused.value.field == "letter_date"


def test_a_lawful_reason_may_be_reported_after_a_sanction() -> None:
    event = domain.report_follow_up(not_yet_conforming(), a_report_of_a_lawful_reason(), TODAY)

    assert (event.decree_number, event.reason) == ("", "RETIRED")


def test_a_lawful_reason_that_was_not_accepted_leaves_no_sanction_to_report() -> None:
    matter = a_matter(State.ACKNOWLEDGED, verification="NOT_YET_CONFORMS", impossibility="RETIRED")

    with pytest.raises(WrongState):
        domain.report_follow_up(matter, a_report_of_a_sanction(), TODAY)


# --- clarification, correction -------------------------------------------------------------------------------------


def test_a_request_to_clarify_that_is_for_another_authority_or_undated_is_refused() -> None:
    asked = events.ClarificationRequested("R-11/BKN", LETTER_DATE, "ppk-3204", "002/LP", "62.02")
    undated = events.ClarificationRequested("R-11/BKN", None, PARTY, "002/LP", "62.02")

    for event, field in ((asked, "addressee"), (undated, "letter_date")):
        with pytest.raises(Malformed) as refused:
            changes.hear(a_matter(State.NEW), event, EXAMINER)
        assert refused.value.field == field


def test_an_answer_is_not_from_before_the_request() -> None:
    matter = a_matter(State.CLARIFICATION_REQUESTED, clarification_date=TODAY)

    with pytest.raises(Malformed) as refused:
        domain.answer_clarification(matter, commands.AnswerClarification("800/9/SET", LETTER_DATE), TODAY)

    assert refused.value.field == "letter_date"


def test_a_correction_changes_class_and_due_date_and_not_the_letter() -> None:
    after = changes.hear(a_matter(State.OPENED), a_correction(), EXAMINER)

    assert (after.sanction_class, after.due_date) == ("DISCIPLINE_MEDIUM", date(2025, 3, 20))
    assert (after.letter_number, after.correction_number) == (LETTER, "R-14/BKN")


def test_a_correction_of_another_recommendation_is_refused() -> None:
    with pytest.raises(Malformed) as refused:
        changes.hear(a_matter(State.OPENED), a_correction(corrects="R-99/BKN"), EXAMINER)

    assert refused.value.reason == "OTHER_RECOMMENDATION"


def test_an_answered_objection_that_stopped_the_clock_is_due_later() -> None:
    later = events.ObjectionAnswered("R-13/BKN", TODAY, date(2025, 4, 1))

    assert changes.hear(a_matter(State.OBJECTED), later, EXAMINER).due_date == date(2025, 4, 1)


def test_a_rejection_of_a_person_who_moved_names_the_new_authority() -> None:
    matter = a_matter(State.OPENED)

    rejected = changes.apply(
        matter, domain.reject(matter, commands.RejectRecommendation("MOVED", "ppk-3204"))
    )

    assert (rejected.state, rejected.rejection_reason, rejected.moved_to) == (
        "REJECTED",
        "MOVED",
        "ppk-3204",
    )


def test_a_person_who_never_was_ours_moved_nowhere() -> None:
    with pytest.raises(Malformed) as refused:
        domain.reject(a_matter(State.OPENED), commands.RejectRecommendation("NOT_OUR_EMPLOYEE", "ppk-3204"))

    assert refused.value.field == "moved_to"


# --- a partial follow-up, and an appeal -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measures", "field"), [((), "open_measures"), (("MORAL_OPEN", "X"), "open_measures[1]")]
)
def test_a_partial_report_names_the_classes_of_what_is_open(measures: tuple[str, ...], field: str) -> None:
    with pytest.raises(Malformed) as refused:
        domain.report_follow_up(a_matter(State.DECIDED), a_partial_report(open_measures=measures), TODAY)

    assert refused.value.field == field


def test_the_rest_of_a_partial_follow_up_is_decided_and_reported_later() -> None:
    matter = a_matter(State.DECIDED)
    partly = changes.apply(matter, domain.report_follow_up(matter, a_partial_report(), TODAY))

    decree = a_sanction(decree_number="800/9/SK", sanction="PP42-15-OPEN")
    decided = changes.apply(partly, domain.impose_sanction(partly, decree, TODAY))
    report = a_report_of_a_sanction(letter_number="800/5/SET")
    whole = changes.apply(decided, domain.report_follow_up(decided, report, TODAY))

    assert (partly.decree_number, partly.open_measures) == ("800/1/SK", ("MORAL_OPEN",))
    assert (whole.state, whole.open_measures) == ("REPORTED", ())


@pytest.mark.parametrize("state", [State.DECIDED, State.REPORTED, State.COMPLETED])
def test_an_appeal_takes_the_matter_back_or_leaves_it(state: State) -> None:
    matter = a_matter(state, decree_number="800/1/SK", verification="CONFORMS", follow_up_number="800/3/SET")

    filed = changes.apply(matter, events.Appealed("OBJECTION", "", "1/KEB", TODAY))
    upheld = changes.apply(matter, events.Appealed("OBJECTION", "UPHELD", "2/KEB", TODAY))
    annulled = changes.apply(matter, events.Appealed("OBJECTION", "ANNULLED", "2/KEB", TODAY))
    changed = changes.apply(
        matter,
        events.Appealed("OBJECTION", "CHANGED", "2/KEB", TODAY, "800/9/SK", TODAY, "PP94-8-3-A", "X"),
    )

    assert filed == upheld == matter
    assert (annulled.state, annulled.decree_number, annulled.follow_up_number) == ("ACKNOWLEDGED", "", "")
    assert (changed.state, changed.decree_number, changed.verification) == ("DECIDED", "800/9/SK", "")


# --- the examiner's role passes on -----------------------------------------------------------------------------------


def test_after_the_next_examiner_took_over_only_that_one_is_heard() -> None:
    matter = a_matter(State.OPENED)

    passed = changes.hear(matter, events.TookOver(matter.examiner, "next", "kemenpanrb"), "next")

    assert (passed.examiner, passed.reports_to, passed.state) == ("next", "kemenpanrb", State.OPENED)
    with pytest.raises(NotAllowed):
        changes.hear(passed, events.Withdrawn(LETTER, "OBJECTION_UPHELD"), matter.examiner)


@pytest.mark.parametrize(("predecessor", "successor"), [("other", "next"), (None, "other")])
def test_nobody_takes_over_from_another_than_the_matters_examiner_or_for_another(
    predecessor: str | None, successor: str
) -> None:
    matter = a_matter(State.OPENED)

    with pytest.raises(NotAllowed) as refused:
        changes.hear(matter, events.TookOver(predecessor or matter.examiner, successor, "bkn"), "next")

    assert refused.value.reason == "NOT_THE_EXAMINER"


def test_who_decided_under_the_former_rule_is_not_held_against_the_officials_of_todays() -> None:
    matter = replace(a_matter(), letter_date=date(2020, 10, 15))
    decree = a_sanction(decree_date=date(2020, 11, 9), sanction="PP53-7-3-A", decided_by="HEAD_OF_MISSION")

    assert domain.impose_sanction(matter, decree, TODAY).decided_by == "HEAD_OF_MISSION"
    with pytest.raises(Malformed) as refused:
        domain.impose_sanction(matter, replace(decree, decree_date=date(2021, 9, 1)), TODAY)
    assert refused.value.field == "decided_by"

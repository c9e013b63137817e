"""Status of a case after each fact: a table of facts, and rules for any order of them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cooperation.monitoring.figures import case_status, definitions
from cooperation.monitoring.figures.case_status import CaseStatus, LogFact
from cooperation.monitoring.figures.fold_facts import fold

START = datetime(2023, 11, 14, 2, tzinfo=UTC)
LETTER, DUE = date(2023, 11, 20), date(2023, 12, 4)
REFERRED: dict[str, Any] = {
    "region": "62.02",
    "employer": "ppk-6202",
    "employment": "PNS",
    "examiner": "kasn",
}
RECOMMENDED: dict[str, Any] = {
    "addressee": "ppk-6202",
    "act": "2022-DSB7",
    "letter_date": LETTER,
    "due_date": DUE,
    "region": "62.02",
}
SANCTIONED: dict[str, Any] = {"kind": "SANCTION_IMPOSED", "letter_date": date(2023, 12, 1)}
Said = tuple[str, str, str, dict[str, Any]]

REFER: Said = ("referred", "bawaslu", "kasn", REFERRED)
ACCEPT: Said = ("accepted", "kasn", "bawaslu", {})
RECOMMEND: Said = ("recommended", "kasn", "ppk-6202", RECOMMENDED)
OPEN: Said = ("opened", "ppk-6202", "kasn", {})
REPORT: Said = ("followed_up", "ppk-6202", "kasn", SANCTIONED)


def verify(status: str) -> Said:
    return "verified", "kasn", "ppk-6202", {"status": status, "verified_date": date(2023, 12, 15)}


def after(*said: Said, party: str = "kasn") -> CaseStatus:
    """The case after these facts, a day apart."""
    happenings = [
        LogFact(index, START + timedelta(days=index), "m", "c", fact, by, to, values)
        for index, (fact, by, to, values) in enumerate(said)
    ]
    return fold(party, happenings)["m"]


@pytest.mark.parametrize(
    ("said", "stage", "holder", "since_day"),
    [
        ([("registered", "bawaslu", "", REFERRED)], "REGISTERED", "bawaslu", 0),
        ([REFER], "REFERRED", "kasn", 0),
        ([REFER, ACCEPT], "EXAMINED", "kasn", 0),
        ([REFER, ("returned", "kasn", "bawaslu", {})], "RETURNED", "bawaslu", 1),
        ([REFER, ACCEPT, ("not_proven", "kasn", "bawaslu", {})], "NOT_PROVEN", "", 2),
        ([REFER, RECOMMEND], "RECOMMENDED", "ppk-6202", 1),
        ([REFER, RECOMMEND, OPEN], "OPENED", "ppk-6202", 1),
        ([REFER, RECOMMEND, ("rejected", "ppk-6202", "kasn", {})], "REJECTED", "kasn", 2),
        ([REFER, RECOMMEND, ("objected", "ppk-6202", "kasn", {})], "OBJECTED", "kasn", 2),
        ([REFER, RECOMMEND, ("decided", "ppk-6202", "kasn", {})], "DECIDED", "ppk-6202", 1),
        ([REFER, RECOMMEND, REPORT], "REPORTED", "kasn", 2),
        ([REFER, RECOMMEND, REPORT, verify("CONFORMS")], "CONFORMS", "", 3),
        ([REFER, RECOMMEND, REPORT, verify("NOT_YET_CONFORMS")], "NOT_YET_CONFORMS", "ppk-6202", 3),
        ([REFER, RECOMMEND, verify("NOT_YET_FOLLOWED_UP")], "NOT_YET_FOLLOWED_UP", "ppk-6202", 1),
        ([REFER, RECOMMEND, verify("CANNOT_BE_FOLLOWED_UP")], "CANNOT_BE_FOLLOWED_UP", "", 2),
        (
            [REFER, RECOMMEND, ("clarification_requested", "kasn", "ppk-6202", {})],
            "RECOMMENDED",
            "ppk-6202",
            1,
        ),
        ([REFER, ACCEPT, ("took_over", "bkn", "bawaslu", {})], "EXAMINED", "bkn", 2),
    ],
)
def test_a_fact_says_where_the_case_is_and_whose_turn_it_is_since_when(
    said: list[Said], stage: str, holder: str, since_day: int
):
    case = after(*said)

    assert (case.stage, case.holder, (case.since - START).days) == (stage, holder, since_day)


def test_a_follow_up_on_its_due_date_is_on_time_and_a_day_later_is_not():
    due, late = dict(SANCTIONED, letter_date=DUE), dict(SANCTIONED, letter_date=DUE + timedelta(days=1))

    assert after(REFER, RECOMMEND, ("followed_up", "ppk-6202", "kasn", due)).on_time is True
    assert after(REFER, RECOMMEND, ("followed_up", "ppk-6202", "kasn", late)).on_time is False


def test_a_follow_up_that_does_not_conform_is_none():
    case = after(REFER, RECOMMEND, REPORT, verify("NOT_YET_CONFORMS"))

    assert (case.followed_up_date, case.on_time, case.status) == (None, None, "NOT_YET_CONFORMS")


def test_of_a_re_addressed_recommendation_nothing_of_the_former_addressee_counts():
    again = ("recommended", "kasn", "ppk-3204", RECOMMENDED | {"addressee": "ppk-3204"})
    gone = ("withdrawn", "kasn", "ppk-6202", {"reason": "NOT_ADDRESSEES_EMPLOYEE"})

    case = after(REFER, RECOMMEND, ("reminded", "kasn", "ppk-6202", {}), OPEN, gone, again)

    assert (case.agency, case.tier, case.stage, case.answered) == (
        "ppk-3204",
        "REGENCY",
        "RECOMMENDED",
        False,
    )
    assert case.step == ""


def test_a_lower_step_that_comes_later_takes_no_step_back():
    blocked, reminded = ("blocked", "bkn", "kasn", {}), ("reminded", "kasn", "ppk-6202", {})
    escalated = ("escalated", "kasn", "prov-62", {})

    case = after(REFER, RECOMMEND, blocked, reminded)

    assert (case.step, case.step_time) == ("BLOCKED", START + timedelta(days=2))
    assert after(REFER, RECOMMEND, blocked, reminded, escalated).step == "ESCALATED"


def test_the_category_of_the_post_is_the_last_that_the_supervisor_stated_and_stays_through_what_follows():
    referred = ("referred", "bawaslu", "kasn", REFERRED | {"post_category": "FUNCTIONAL"})
    completed = ("completed", "bawaslu", "kasn", {"post_category": "TERRITORIAL_HEAD"})

    assert after(referred, RECOMMEND).post == "FUNCTIONAL"
    assert after(referred, ("completed", "bawaslu", "kasn", {}), RECOMMEND, REPORT).post == "FUNCTIONAL"
    assert after(referred, completed, RECOMMEND, verify("CONFORMS")).post == "TERRITORIAL_HEAD"
    assert after(("referred", "bawaslu", "kasn", REFERRED | {"post_category": "SEKDA"})).post == ""


def test_an_authority_that_is_asked_before_there_is_a_recommendation_has_the_turn_until_it_answers():
    asked = ("clarification_requested", "kasn", "ppk-6202", {"addressee": "ppk-6202", "region": "62.02"})
    answered = ("clarified", "ppk-6202", "kasn", {})

    case = after(asked, party="ppk-6202")

    assert (case.stage, case.holder, case.agency, case.province) == ("EXAMINED", "ppk-6202", "ppk-6202", "62")
    assert after(asked, answered, party="ppk-6202").holder == "kasn"


def test_a_block_is_a_state_with_a_way_out():
    blocked = ("blocked", "bkn", "kasn", {})

    assert after(REFER, RECOMMEND, blocked).blocked
    assert not after(REFER, RECOMMEND, blocked, ("unblocked", "bkn", "kasn", {})).blocked


def test_who_hears_the_verification_only_learns_the_follow_up_from_it():
    case = after(REFER, RECOMMEND, verify("CONFORMS"), party="bawaslu")

    assert case.followed_up_date == date(2023, 12, 15)


DECREED: Said = ("decided", "ppk-6202", "kasn", {"sanction_class": "DISCIPLINE_LIGHT"})


def test_an_annulled_decree_is_followed_up_no_more_and_another_is_awaited():
    until = date(2024, 2, 1)

    closed = after(REFER, RECOMMEND, DECREED, REPORT, verify("CONFORMS"))
    annulled = after(
        REFER,
        RECOMMEND,
        DECREED,
        REPORT,
        verify("CONFORMS"),
        ("decree_annulled", "bkn", "kasn", {"due_date": until}),
    )

    assert (closed.stage, closed.imposed_class) == ("CONFORMS", "DISCIPLINE_LIGHT")
    assert (annulled.stage, annulled.holder, annulled.status) == ("ACKNOWLEDGED", "ppk-6202", "")
    assert (annulled.followed_up_date, annulled.on_time, annulled.imposed_class) == (None, None, "")
    assert (annulled.due_date, annulled.verified_date) == (until, None)


def test_an_annulment_begins_the_ladder_again_and_a_block_stands():
    annulled: Said = ("decree_annulled", "bkn", "kasn", {})

    reminded = after(REFER, RECOMMEND, ("reminded", "kasn", "ppk-6202", {}), DECREED, annulled)
    blocked = after(REFER, RECOMMEND, ("blocked", "bkn", "kasn", {}), DECREED, annulled)

    assert (reminded.step, reminded.due_date) == ("", DUE)
    assert (blocked.step, blocked.blocked) == ("BLOCKED", True)


def test_an_annulment_that_the_old_examiner_forwards_takes_the_case_back():
    annulled = LogFact(9, START + timedelta(days=9), "m", "c", "decree_annulled", "bkn", "bkn", {}, late=True)

    case = fold("bkn", [annulled], {"m": after(REFER, RECOMMEND, DECREED, REPORT, party="bkn")})["m"]

    assert (case.stage, case.holder, case.followed_up_date) == ("ACKNOWLEDGED", "ppk-6202", None)


def test_an_annulment_that_comes_after_a_withdrawal_opens_nothing():
    withdrawn: Said = ("withdrawn", "kasn", "ppk-6202", {"reason": "OBJECTION_UPHELD"})

    assert (
        after(REFER, RECOMMEND, DECREED, withdrawn, ("decree_annulled", "bkn", "kasn", {})).stage
        == "WITHDRAWN"
    )


@pytest.mark.parametrize(
    ("outcome", "stage", "imposed"),
    [
        ("", "CONFORMS", "DISCIPLINE_LIGHT"),
        ("UPHELD", "CONFORMS", "DISCIPLINE_LIGHT"),
        ("CHANGED", "DECIDED", "DISCIPLINE_MEDIUM"),
        ("ANNULLED", "ACKNOWLEDGED", ""),
    ],
)
def test_an_appeal_that_was_decided_takes_the_follow_up_back_unless_the_sanction_stands(
    outcome: str, stage: str, imposed: str
):
    values = {"outcome": outcome, "sanction_class": "DISCIPLINE_MEDIUM" if outcome == "CHANGED" else ""}

    case = after(
        REFER, RECOMMEND, DECREED, REPORT, verify("CONFORMS"), ("appealed", "ppk-6202", "kasn", values)
    )

    assert (case.stage, case.imposed_class) == (stage, imposed)
    assert (case.followed_up_date is None) == (outcome in ("CHANGED", "ANNULLED"))


def test_a_fact_that_is_not_known_changes_nothing():
    assert after(REFER, ("invented_later", "ppk-6202", "kasn", {})) == after(REFER)
    assert fold("kasn", [LogFact(0, START, "m", "c", "opened", "ppk-6202", "kasn", {})]) == {}


ANY = st.lists(
    st.one_of(
        st.sampled_from(
            [
                REFER,
                ACCEPT,
                RECOMMEND,
                OPEN,
                REPORT,
                ("followed_up", "ppk-6202", "kasn", {"kind": "CANNOT_BE_FOLLOWED_UP"}),
                *(
                    (fact, "ppk-6202", "kasn", {})
                    for fact in (
                        "acknowledged",
                        "rejected",
                        "objected",
                        "decided",
                        "progressed",
                        "released_from_duty",
                        "decree_corrected",
                    )
                ),
                *(
                    (fact, "bkn", "kasn", {})
                    for fact in ("blocked", "unblocked", "warned", "took_over", "decree_annulled")
                ),
                *(
                    ("appealed", "ppk-6202", "kasn", {"outcome": outcome})
                    for outcome in ("", "CHANGED", "ANNULLED")
                ),
                ("withdrawn", "kasn", "ppk-6202", {"reason": "OBJECTION_UPHELD"}),
            ]
        ),
        st.sampled_from(["CONFORMS", "NOT_YET_CONFORMS", "NOT_YET_FOLLOWED_UP", "CANNOT_BE_FOLLOWED_UP"]).map(
            verify
        ),
    ),
    max_size=12,
)


@given(ANY)
def test_whatever_is_said_a_closed_case_is_held_by_nobody_and_an_open_one_by_somebody(said: list[Said]):
    case = after(REFER, RECOMMEND, *said)

    assert case.stage in case_status.FLOW
    assert (case.holder == "") == (case.stage in case_status.CLOSED)
    assert (case.on_time is not None) == (case.followed_up_date is not None)


@given(ANY, st.integers(0, 12))
def test_folding_in_two_parts_gives_what_folding_at_once_gives(said: list[Said], cut: int):
    happenings = [
        LogFact(index, START + timedelta(days=index), "m", "c", fact, by, to, values)
        for index, (fact, by, to, values) in enumerate([REFER, *said])
    ]

    first = fold("kasn", happenings[:cut])
    assert first | fold("kasn", happenings[cut:], first) == fold("kasn", happenings)


@given(ANY)
def test_the_four_statuses_and_what_has_none_are_all_there_is(said: list[Said]):
    cell = definitions.measure(after(REFER, RECOMMEND, *said))
    counted = [
        d.counts(cell, DUE) for d in definitions.DEFINITIONS if d.id in ("conforming-rate", "cannot-rate")
    ]

    assert counted.count(True) <= 1
    assert replace(cell, stage=case_status.WITHDRAWN).stands is False


@pytest.mark.parametrize(
    ("passed", "stage", "holder"),
    [
        ({"state": "REFERRED"}, "REFERRED", "bkn"),
        ({"state": "INCOMPLETE"}, "RETURNED", "bawaslu"),
        ({"state": "EXAMINING", "clarification_addressee": "ppk-6202"}, "EXAMINED", "ppk-6202"),
        (
            {
                "state": "EXAMINING",
                "clarification_addressee": "ppk-6202",
                "clarification_answer": "800/1/SET",
            },
            "EXAMINED",
            "bkn",
        ),
        ({"state": "ACKNOWLEDGED", "verification": "NOT_YET_CONFORMS"}, "NOT_YET_CONFORMS", "ppk-6202"),
        ({"state": "FOLLOWED_UP", "follow_up_kind": "CANNOT_BE_FOLLOWED_UP"}, "REPORTED_IMPOSSIBLE", "bkn"),
    ],
)
def test_a_case_that_passed_on_is_whose_turn_it_was(passed: dict[str, Any], stage: str, holder: str) -> None:
    values = REFERRED | {"supervisor": "bawaslu"} | passed

    case = after(("transferred", "kasn", "bkn", values), party="bkn")

    assert (case.stage, case.holder, case.examiner) == (stage, holder, "bkn")


def test_a_case_that_was_referred_to_the_successor_anew_is_not_put_back() -> None:
    anew: Said = ("referred", "bawaslu", "bkn", REFERRED)
    passed: Said = ("transferred", "kasn", "bkn", {"state": "RETURNED", "supervisor": "bawaslu"})

    assert after(anew, passed, party="bkn").stage == "REFERRED"


@pytest.mark.parametrize(
    ("more", "step"),
    [
        ({"reached": ("DUE_SOON 2023-12-01", "REMINDED 2023-12-05")}, "REMINDED"),
        ({"reached": ("REMINDED 2024-10-05", "REPRIMANDED 2024-10-12")}, "REPRIMANDED"),
        ({"warning_number": "1/T"}, "WARNED"),
        ({"block_number": "1/BLK"}, "BLOCKED"),
        ({"block_number": "1/BLK", "unblock_number": "1/BKA"}, ""),
        ({"escalation_number": "1/E", "block_number": "1/BLK"}, "ESCALATED"),
    ],
)
def test_the_ladder_of_a_case_that_passed_on_is_as_far_as_it_came(more: dict[str, Any], step: str) -> None:
    values = REFERRED | {"state": "OPENED"} | more

    assert after(("transferred", "kasn", "bkn", values), party="bkn").step == step


@pytest.mark.parametrize(
    ("more", "step"),
    [
        ({"reached": ("REMINDED 2024-07-05", "ESCALATED 2024-07-20"), "escalation_number": "1/E"}, ""),
        ({"reached": ("REMINDED 2024-07-05", "REMINDED 2024-08-20")}, "REMINDED"),
        ({"reached": ("ESCALATED 2024-08-25",), "escalation_number": "2/E"}, "ESCALATED"),
        ({"warning_number": "1/T", "warning_date": date(2024, 7, 25)}, ""),
        ({"warning_number": "1/T", "warning_date": date(2024, 8, 25)}, "WARNED"),
        ({"block_number": "1/BLK"}, "BLOCKED"),
    ],
)
def test_a_case_that_passes_on_after_an_annulment_is_as_far_as_it_came_since(
    more: dict[str, Any], step: str
) -> None:
    annulled = {"state": "ACKNOWLEDGED", "annulment_number": "9/BATAL", "annulment_date": date(2024, 8, 1)}

    assert after(("transferred", "kasn", "bkn", REFERRED | annulled | more), party="bkn").step == step


@pytest.mark.parametrize(
    ("region", "day", "kind", "election"),
    [
        ("62.02", date(2020, 10, 20), "", "PILKADA-2020"),
        ("62.02", date(2024, 1, 10), "", "PEMILU-2024"),
        ("62.02", date(2024, 2, 10), "PILKADA", "PILKADA-2024"),
        ("62.02", date(2024, 2, 20), "PEMILU", "PEMILU-2024"),
        ("19.01", date(2025, 8, 1), "", "PILKADA-ULANG-2025"),
        ("19.03", date(2025, 8, 1), "", ""),
        ("91.01", date(2020, 10, 20), "", "PILKADA-2020"),
        ("", date(2020, 10, 20), "", ""),
        ("62.02", None, "", ""),
    ],
)
def test_the_election_of_a_case_is_derived_from_its_region_day_and_kind(
    region: str, day: date | None, kind: str, election: str
) -> None:
    assert case_status.election_of(region, day, kind) == election


def test_the_day_of_the_act_and_the_form_of_the_number_tell_the_election_rather_than_the_day_of_the_report():
    late = REFERRED | {"letter_date": date(2024, 3, 1), "event_date": date(2024, 2, 12)}
    numbered = late | {"event_date": date(2024, 2, 20), "report_number": "002/LP/PL/Kab/27.09/III/2024"}

    assert after(("referred", "bawaslu", "kasn", late)).election == "PEMILU-2024"
    assert after(("referred", "bawaslu", "kasn", numbered)).election == "PEMILU-2024"
    assert (
        after(("referred", "bawaslu", "kasn", late | {"event_date": date(2024, 2, 20)})).election
        == "PILKADA-2024"
    )


# --- offices -------------------------------------------------------------------------------------------------------


BY_BKN: Said = ("referred", "bawaslu", "bkn", REFERRED | {"examiner": "bkn", "office": "Kab/27.09"})
ASSIGNED: Said = ("assigned", "bkn", "", {"office": "KANREG-IV"})


def test_a_case_falls_to_the_examiners_office_of_its_agency_until_it_is_assigned():
    before, assigned = after(BY_BKN, party="bkn"), after(BY_BKN, ASSIGNED, party="bkn")

    assert (before.office, before.derived_office, before.examiner_office) == (
        "KANREG-VIII",
        "KANREG-VIII",
        "",
    )
    assert (assigned.office, assigned.derived_office) == ("KANREG-IV", "")
    assert (assigned.stage, assigned.holder, assigned.since) == (before.stage, before.holder, before.since)


def test_at_the_supervisor_a_case_is_of_the_office_of_its_number():
    number = {"number": "001/LP/PL/Kab/14.09/XI/2023"}

    assert after(("registered", "bawaslu", "", REFERRED | number), party="bawaslu").office == "Kab/14.09"
    assert after(BY_BKN, party="bawaslu").office == "Kab/27.09"


def test_what_was_said_before_offices_were_told_has_the_office_of_the_reports_number():
    before = ("referred", "bawaslu", "bkn", REFERRED | {"report_number": "001/LP/PL/Kab/14.09/XI/2023"})

    assert after(before, party="bkn").supervisor_office == "Kab/14.09"


def test_an_examiner_without_offices_has_none_and_the_next_one_assigns_anew():
    took_over = ("took_over", "kasn", "bawaslu", {})

    assert after(REFER).office == ""
    assert after(BY_BKN, ASSIGNED, took_over, party="bkn").examiner_office == ""

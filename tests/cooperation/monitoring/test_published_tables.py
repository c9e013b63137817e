"""Published tables: every cell is the one counted by hand, and rows add up to the whole; periods as people write them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from agreement.parties import institutions
from cooperation.monitoring import names, recompute
from cooperation.monitoring.figures import fold_facts, periods
from cooperation.monitoring.figures.agreed_figures import Period
from cooperation.monitoring.figures.case_status import LogFact
from cooperation.monitoring.figures.published_columns import Column
from cooperation.monitoring.figures.published_tables import TABLES
from cooperation.monitoring.recompute import Only, Recomputed
from refusals import Malformed

START = datetime(2024, 9, 28, 2, tzinfo=UTC)
TODAY = date(2024, 11, 1)
LETTER, DUE = date(2024, 9, 30), date(2024, 10, 14)
Said = tuple[str, str, str, dict[str, object]]


def refer(region: str, origin: str, employer: str) -> Said:
    return (
        "referred",
        "bawaslu",
        "kasn",
        {
            "region": region,
            "origin": origin,
            "employer": employer,
            "employment": "PNS",
            "letter_date": LETTER,
        },
    )


def recommend(to: str, sanction_class: str, letter: date = LETTER) -> Said:
    facts: dict[str, object] = {"addressee": to, "act": "2022-DSB7", "sanction_class": sanction_class}
    return "recommended", "kasn", to, facts | {"letter_date": letter, "due_date": letter + timedelta(days=14)}


def decide(by: str, sanction_class: str) -> Said:
    return "decided", by, "kasn", {"sanction": "of that class", "sanction_class": sanction_class}


def report(by: str, day: date) -> Said:
    return "followed_up", by, "kasn", {"kind": "SANCTION_IMPOSED", "letter_date": day}


KOTIM, GARUT = "ppk-6202", "ppk-3205"
SEVERE, MEDIUM = "DISCIPLINE_SEVERE", "DISCIPLINE_MEDIUM"
PLAYED: dict[str, list[Said]] = {
    "referred": [refer("62.02", "REPORT", KOTIM)],
    "not proven": [
        refer("62.02", "FINDING", KOTIM),
        ("offence_forwarded", "bawaslu", "kasn", {}),
        ("not_proven", "kasn", "bawaslu", {}),
    ],
    "late": [refer("62.02", "REPORT", KOTIM), recommend(KOTIM, SEVERE)],
    "on time": [
        refer("62.02", "REPORT", KOTIM),
        recommend(KOTIM, SEVERE),
        decide(KOTIM, SEVERE),
        report(KOTIM, DUE),
    ],
    "below": [
        refer("32.05", "FINDING", GARUT),
        recommend(GARUT, SEVERE, date(2024, 10, 2)),
        decide(GARUT, MEDIUM),
        report(GARUT, date(2024, 10, 30)),
        ("verified", "kasn", GARUT, {"status": "CONFORMS", "verified_date": date(2024, 10, 31)}),
    ],
    "withdrawn": [
        refer("32.05", "REPORT", GARUT),
        recommend(GARUT, MEDIUM),
        decide(GARUT, MEDIUM),
        ("withdrawn", "kasn", GARUT, {"reason": "EXAMINED_ANEW"}),
    ],
}


def played() -> Recomputed:
    happenings = [
        LogFact(index, START + timedelta(days=index), matter, "c", fact, by, to, values)  # type: ignore[arg-type]
        for matter, said in PLAYED.items()
        for index, (fact, by, to, values) in enumerate(said)
    ]
    return Recomputed(fold_facts.fold("kasn", happenings), {})


def cells(name: str, by: str, row: str = "", world: Recomputed | None = None) -> dict[str, tuple[int, int]]:
    """The cells of a row that are not empty, by column."""
    found = recompute.counted_table(world or played(), TABLES[name], TODAY, [by.upper()])
    head = f"{name} {by} {row} " if row else f"{name} "
    columns = [column.id for column in TABLES[name].columns]
    return {column: found[head + column] for column in columns if found[head + column][0]}


def test_handling_of_a_province_is_the_one_counted_by_hand():
    assert cells("handling", "province", "62") == {
        "cases": (4, 4),
        "reports": (3, 4),
        "findings": (1, 4),
        "referred": (4, 4),
        "not-proven": (1, 4),
        "recommended": (2, 4),
        "followed-up": (1, 4),
        "open": (3, 4),
        "criminal-track": (1, 4),
        "proven-rate": (2, 3),
        "follow-up-rate": (1, 2),
    }
    assert cells("handling", "province")["withdrawn"] == (1, 6)


def test_follow_up_of_an_authority_is_the_one_counted_by_hand():
    assert cells("follow-up", "agency", KOTIM) == {
        "recommended": (2, 4),
        "followed-up": (1, 4),
        "on-time": (1, 4),
        "overdue": (1, 4),
        "follow-up-rate": (1, 2),
        "on-time-rate": (1, 2),
    }
    assert cells("follow-up", "agency", GARUT) == {
        "recommended": (1, 2),
        "followed-up": (1, 2),
        "conforms": (1, 2),
        "follow-up-rate": (1, 1),
    }


def test_sanctions_are_those_of_the_last_decree_and_say_where_the_class_is_another():
    assert cells("sanctions", "act", "2022-DSB7") == {
        "recommended": (3, 4),
        "discipline_severe": (1, 4),
        "discipline_medium": (1, 4),
        "no-decree": (1, 4),
        "other-class": (1, 4),
    }
    assert cells("recommended-sanctions", "act", "2022-DSB7") == {
        "recommended": (3, 4),
        "discipline_severe": (3, 4),
    }


def test_a_decree_after_another_and_a_recommendation_to_another_authority_count_once():
    again = [*PLAYED["on time"], decide(KOTIM, MEDIUM)]
    anew = [*PLAYED["on time"], recommend(GARUT, MEDIUM)]
    folded = [
        fold_facts.fold(
            "kasn",
            [
                LogFact(index, START, "m", "c", fact, by, to, values)  # type: ignore[arg-type]
                for index, (fact, by, to, values) in enumerate(said)
            ],
        )["m"]
        for said in (again, anew)
    ]

    assert [(one.recommended_class, one.imposed_class) for one in folded] == [(SEVERE, MEDIUM), (MEDIUM, "")]


def sums(found: dict[str, tuple[int, int]], column: Column, depth: int) -> dict[str, tuple[int, int]]:
    """Add up a column over the rows that are told apart by so many keys, by the keys before the last; N only where it is a share."""
    added: dict[str, tuple[int, int]] = {}
    for cell, (n, of) in found.items():
        words = cell.split(" ")
        if words[-1] == column.id and len(words) == 2 + 2 * depth:
            group = " ".join([*words[: 2 * depth - 1], column.id])
            before = added.get(group, (0, 0))
            added[group] = (before[0] + n, before[1] + of * column.share)
    return added


def as_said(
    found: dict[str, tuple[int, int]], cells: Iterable[str], column: Column
) -> dict[str, tuple[int, int]]:
    return {cell: (found[cell][0], found[cell][1] * column.share) for cell in cells}


BY = ["province", "quarter", "agency", "employment", "tier", "post", "origin", "recommended_class"]


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize("name", [name for name in TABLES if name != "intake"])
def test_the_rows_of_a_table_add_up_to_the_whole(name: str, by: str):
    found = recompute.counted_table(played(), TABLES[name], TODAY, [by.upper()])
    for column in TABLES[name].columns:
        assert sums(found, column, 1) == as_said(found, [f"{name} {column.id}"], column)


@pytest.mark.parametrize("name", [name for name in TABLES if name != "intake"])
def test_subtotals_of_a_crossed_table_add_up_at_every_depth(name: str):
    by = ["RECOMMENDED_CLASS", "REGION", "ACT", "EMPLOYMENT", "QUARTER"]
    found = recompute.counted_table(played(), TABLES[name], TODAY, by)
    for column in TABLES[name].columns:
        for depth in range(1, len(by) + 1):
            added = sums(found, column, depth)
            assert added == as_said(found, added, column) and added


def test_a_crossed_table_has_the_rows_counted_by_hand_and_each_group_before_its_subtotal():
    found = recompute.counted_table(played(), TABLES["sanctions"], TODAY, ["PROVINCE", "IMPOSED_CLASS"])

    rows = [cell.removesuffix(" recommended") for cell in found if cell.endswith(" recommended")]
    assert rows == [
        f"sanctions province 32 imposed_class {MEDIUM}",
        "sanctions province 32",
        "sanctions province 62 imposed_class -",
        f"sanctions province 62 imposed_class {SEVERE}",
        "sanctions province 62",
        "sanctions",
    ]
    assert [found[f"{row} recommended"][0] for row in rows] == [1, 1, 1, 1, 2, 3]


def test_a_case_without_a_recommendation_has_no_row_in_a_table_of_recommendations():
    found = recompute.counted_table(played(), TABLES["sanctions"], TODAY, ["RECOMMENDED_CLASS"])

    assert {cell.rpartition(" ")[0] for cell in found} == {
        "sanctions",
        f"sanctions recommended_class {SEVERE}",
    }


def test_the_form_of_auditors_has_a_status_for_each_recommendation_and_an_age_for_what_is_open():
    found = cells("siptl", "agency")

    assert found["recommended"][0] == 3  # the one that was withdrawn is none
    assert (found["status-1"][0], found["status-2"][0], found["status-3"][0]) == (1, 1, 1)
    assert found["status-1-rate"] == (1, 3) and "status-4" not in found
    assert found["age-60"][0] == 2 and not {"age-365", "age-more"} & set(found)


def test_a_quarter_and_a_region_have_the_cases_of_their_period_and_place():
    def counted(only: Only) -> int:
        return recompute.counted_table(played(), TABLES["handling"], TODAY, ["TIER"], only)["handling cases"][
            0
        ]

    assert cells("follow-up", "quarter", "2024-Q4")["recommended"] == (1, 1)
    assert counted(Only(periods.period_of("2024-Q3"))) == len(PLAYED) - 1
    assert counted(Only(region="32")) == counted(Only(region="32.05")) == counted(Only(agency=GARUT)) == 2
    assert counted(Only(tier="CITY")) == 0


def test_every_table_has_two_languages_a_question_and_somebody_who_may_see_it():
    for table in TABLES.values():
        columns = [
            text
            for column in table.columns
            for text in (
                column.title_id,
                column.title_en,
                column.definition.indonesian,
                column.definition.english,
            )
        ]
        assert all([table.title_id, table.title_en, table.question_id, table.question_en, *columns])
        assert len({column.id for column in table.columns}) == len(table.columns)
        assert table.seen_by <= institutions.ROLES and table.seen_by


def test_who_must_act_next_is_named_by_the_role_and_the_authority():
    day, local = date(2024, 8, 1), played().cases["late"]
    central = replace(local, agency="kemenkeu")

    assert names.actor_name(local, "examiner", day) == institutions.institution("kasn").name
    assert names.actor_name(local, "warner", day) == institutions.institution("kemendagri").name
    assert names.actor_name(central, "warner", day) == institutions.institution("kemenpanrb").name
    assert names.actor_name(local, "clock", day) == ""


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024", date(2024, 1, 1), date(2025, 1, 1)),
        ("2024-S1", date(2024, 1, 1), date(2024, 7, 1)),
        ("2024-S2", date(2024, 7, 1), date(2025, 1, 1)),
        ("2024-q1", date(2024, 1, 1), date(2024, 4, 1)),
        ("2024-Q4", date(2024, 10, 1), date(2025, 1, 1)),
    ],
)
def test_a_period_is_a_year_a_half_year_or_a_quarter(text: str, start: date, end: date):
    assert periods.period_of(text) == Period(start, end)


@pytest.mark.parametrize(
    "text", ["", "24", "2024-S3", "2024-Q5", "2024-Q", "2024-10", "Q4-2024", "1999", "2024-Q4 "]
)
def test_what_is_no_period_is_refused_with_what_to_write(text: str):
    with pytest.raises(Malformed, match="2024-S2, 2024-Q4"):
        periods.period_of(text)

"""Reports and findings before there is a matter: each is counted once, where it stands, with what became of its persons."""

from datetime import UTC, date, datetime, timedelta

import pytest

from agreement.enforcement import intake
from cooperation.monitoring import recompute
from cooperation.monitoring.figures import fold_facts, periods, report_status
from cooperation.monitoring.figures.case_status import LogFact
from cooperation.monitoring.figures.published_tables import TABLES
from cooperation.monitoring.recompute import Only, Recomputed

START = datetime(2024, 9, 2, 2, tzinfo=UTC)
TODAY = date(2024, 11, 1)
Facts = dict[str, str | date]
Said = tuple[str, str, Facts]
"""An intake or matter, the fact, its values."""

PLACE: Facts = {
    "region": "62.02",
    "office": "Kab/27.09",
    "election": "PILKADA",
    "event_date": date(2024, 9, 1),
}
REPORT: Said = ("intake", "report_received", PLACE | {"received_date": date(2024, 9, 30)})
FINDING: Said = ("intake", "finding_recorded", PLACE | {"found_date": date(2024, 10, 1)})
INFORMATION: Said = ("intake", "information_received", PLACE | {"received_date": date(2024, 9, 3)})


def assessed(category: str) -> Said:
    return "intake", "report_assessed", {"category": category}


def declined(reason: str) -> Said:
    return "intake", "registration_declined", {"reason": reason}


def matter(name: str, origin: str = "REPORT") -> Said:
    return name, "registered", {"region": "62.02", "origin": origin, "known_date": date(2024, 9, 2)}


REGISTERED: Said = ("intake", "intake_registered", {})
CONCLUDED: Said = ("intake", "intake_concluded", {})
REFERRED: Facts = {"region": "62.02", "employer": "ppk-6202"}
PLAYED: dict[str, list[Said]] = {
    "in study": [REPORT, assessed("REGISTER"), matter("first"), matter("second"), REGISTERED],
    "to complete": [REPORT, assessed("COMPLETE")],
    "completed": [REPORT, assessed("COMPLETE"), ("intake", "report_completed", {})],
    "late": [REPORT, assessed("DO_NOT_REGISTER"), declined("LATE")],
    "formal": [REPORT, assessed("COMPLETE"), declined("FORMAL_NOT_MET")],
    "informed": [INFORMATION, ("intake", "tracing_started", {})],
    "closed": [INFORMATION, ("intake", "information_closed", {"reason": "NO_INDICATION"})],
    "found": [INFORMATION, FINDING, matter("third", "FINDING"), REGISTERED, CONCLUDED],
    "not a violation": [
        REPORT,
        matter("fourth"),
        REGISTERED,
        ("fourth", "study_concluded", {"conclusion": "NOT_A_VIOLATION"}),
        CONCLUDED,
    ],
    "referred": [
        FINDING,
        matter("fifth", "FINDING"),
        matter("sixth", "FINDING"),
        REGISTERED,
        CONCLUDED,
        ("fifth", "referred", REFERRED),
    ],
    "without an intake": [matter("seventh"), ("seventh", "study_concluded", {"conclusion": "X"})],
}


def folded(*names: str) -> Recomputed:
    """Fold these reports, all if none is named, out of a log."""
    facts = [
        LogFact(index, START + timedelta(days=index), f"{case} {id}", case, fact, "bawaslu", "", values)
        for case in names or PLAYED
        for index, (id, fact, values) in enumerate(PLAYED[case])
    ]
    return Recomputed(fold_facts.fold("bawaslu", facts), {}, report_status.fold("bawaslu", facts))


def counted(by: str = "PROVINCE", row: str = "", only: Only = recompute.EVERY_CASE) -> dict[str, int]:
    """The cells of the table that are not zero, by column."""
    found = recompute.counted_table(folded(), TABLES["intake"], TODAY, [by], only)
    head = f"intake {by.lower()} {row} " if row else "intake "
    columns = [column.id for column in TABLES["intake"].columns if not column.share]
    return {column: found[head + column][0] for column in columns if found[head + column][0]}


def test_every_report_is_counted_once_where_it_stands_with_what_became_of_its_persons():
    assert counted() == {
        "reports-received": 7,
        "findings-set": 2,
        "first-information": 2,
        "preliminary-study": 2,
        "to-complete": 1,
        "registered": 5,
        "not-registered": 2,
        "not-registered-late": 1,
        "not-registered-formal-not-met": 1,
        "concluded": 4,
        "cases": 7,
        "not-a-violation": 1,
        "referred": 1,
    }


def test_reports_and_findings_stand_apart_each_with_its_own_cases():
    reports, findings = counted("ORIGIN", "REPORT"), counted("ORIGIN", "FINDING")

    assert (reports["reports-received"], reports["cases"], reports["registered"]) == (7, 4, 3)
    assert (findings["findings-set"], findings["cases"], findings["referred"]) == (2, 3, 1)
    assert "findings-set" not in reports and "not-registered" not in findings
    assert counted("ORIGIN", "INFORMATION") == {"first-information": 2}


def test_a_report_and_its_cases_are_of_the_period_in_which_it_came_in():
    fourth = Only(periods.period_of("2024-Q4"))

    assert counted("QUARTER", "2024-Q4") == counted(only=fourth)
    assert counted(only=fourth)["cases"] == 3  # of the two findings of October
    assert counted(only=Only(region="62.02")) == counted() and not counted(only=Only(region="32"))


def test_a_report_is_of_the_office_that_has_it_now():
    delegated = LogFact(1, START, "i", "c", "intake_delegated", "bawaslu", "", {"office": "Prov/27.00"})
    came_in = LogFact(0, START, "i", "c", "report_received", "bawaslu", "", REPORT[2])

    assert counted(only=Only(office="Kab/27.09"))["reports-received"] == 6
    assert counted("OFFICE", "Kab/27.09")["findings-set"] == 2
    assert report_status.fold("bawaslu", [came_in, delegated])["c"].office == "Prov/27.00"


def test_a_matter_that_was_registered_without_an_intake_is_a_report_of_its_own():
    (found,) = folded("without an intake").reports.values()

    assert (found.origin, found.state, found.period_date) == ("REPORT", "CONCLUDED", date(2024, 9, 2))


@pytest.mark.parametrize("reason", intake.terms("not_registered"))
def test_every_reason_not_to_register_has_a_column(reason: str):
    column = f"not-registered-{reason.lower().replace('_', '-')}"

    assert column in {each.id for each in TABLES["intake"].columns}


def test_a_reason_that_is_not_known_is_as_good_as_none():
    facts = [
        LogFact(index, START, "i", "c", fact, "bawaslu", "", values)
        for index, (_, fact, values) in enumerate([REPORT, declined("SOMETHING_ELSE")])
    ]

    assert report_status.fold("bawaslu", facts)["c"].reason == ""


def test_what_another_party_said_makes_no_report_here():
    said = LogFact(0, START, "m", "c", "registered", "kasn", "bawaslu", {})

    assert report_status.fold("bawaslu", [said]) == {}


def test_a_fold_in_batches_gives_the_same():
    facts = [
        LogFact(index, START, f"{case} {id}", case, fact, "bawaslu", "", values)
        for case, said in PLAYED.items()
        for index, (id, fact, values) in enumerate(said)
    ]
    known: dict[str, report_status.ReportStatus] = {}
    for fact in facts:
        known |= report_status.fold("bawaslu", [fact], known)

    assert known == report_status.fold("bawaslu", facts)

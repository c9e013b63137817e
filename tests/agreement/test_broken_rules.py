"""A rule that is broken on purpose turns at least one case of the lawyer's table red."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agreement import data_files
from agreement.clocks import deadlines
from agreement.enforcement import appeals, deciding, procedures, prohibitions, sanctions, violations
from agreement.information import clauses, legal_bases, privacy
from support.law_cases import ALL, ASKED, plain

KEPT: tuple[Callable[[], Any], ...] = (
    deadlines._data,
    sanctions._data,
    procedures._data,
    deciding._data,
    appeals.remedies,
    privacy._data,
    clauses.clauses,
    prohibitions.prohibitions,
    violations.catalogues,
    violations.violations,
    legal_bases.bases,
    legal_bases._permissions,
)

BROKEN = {
    "medium discipline without PP 53": (
        "sanctions.toml",
        'sanctions = ["PP53-7-3-A", "PP53-7-3-B", "PP53-7-3-C"]',
        'sanctions = ["PP53-7-3-A"]',
    ),
    "the day of the act gives the rule": (
        "sanctions.toml",
        'basis = "pp-53-2010"\nemployments = ["PNS", "CPNS"]\nday = "decree"',
        'basis = "pp-53-2010"\nemployments = ["PNS", "CPNS"]',
    ),
    "an act before the new rule is never under it": (
        "sanctions.toml",
        'basis = "pp-94-2021"\nemployments = ["PNS", "CPNS"]\nday = "decree"',
        'basis = "pp-94-2021"\nemployments = ["PNS", "CPNS"]',
    ),
    "medium needs a team": (
        "procedures.toml",
        'team = "OPTIONAL"\nhearing = true\nbasis = "PP 94/2021 art. 27(1), 29(1)"',
        'team = "REQUIRED"\nhearing = true\nbasis = "PP 94/2021 art. 27(1), 29(1)"',
    ),
    "moral sanctions without a council": ("procedures.toml", "council = true", "council = false"),
    "BKN's letters by calendar days": ("deadlines.toml", 'rule = "follow-up-bkn"', 'rule = "follow-up"'),
    "an objection takes longer": (
        "deadlines.toml",
        'source = "PP 79/2021 art. 4(2)"\nunit = "working"\ncount = 14',
        'source = "PP 79/2021 art. 4(2)"\nunit = "working"\ncount = 21',
    ),
    "a local election counts from registration": ("deadlines.toml", 'starts = "received"', 'starts = "registered"'),
    "an official below a regent decides alone": (
        "deciding.toml",
        'levels = ["8(3)", "8(4)a", "8(4)b", "8(4)c"]\nbasis = "PP 94/2021 art. 18(3) c"',
        'levels = ["8(4)a", "8(4)b", "8(4)c"]\nbasis = "PP 94/2021 art. 18(3) c"',
    ),
    "everything may be appealed to BPASN": (
        "appeals.toml",
        'sanctions = ["PP94-8-4-C", "PTDH"',
        'sanctions = ["PP94-8-4", "PTDH"',
    ),
    "attributes in a campaign are severe": (
        "prohibitions.toml",
        'sanction_class = "DISCIPLINE_MEDIUM"\nbasis = "PP 94/2021 art. 5 n number 2, 13 g"',
        'sanction_class = "DISCIPLINE_SEVERE"\nbasis = "PP 94/2021 art. 5 n number 2, 13 g"',
    ),
    "a breach is told within four days": ("privacy.toml", 'hours = 72\nstarts = "it was known"', 'hours = 96\nstarts = "it was known"'),
    "PTDH by the new law from January 2024": (
        "sanctions.toml",
        'basis = "UU 20/2023 art. 52(3) j, (4)"\nsince = 2023-10-31',
        'basis = "UU 20/2023 art. 52(3) j, (4)"\nsince = 2024-01-01',
    ),
}  # fmt: skip


@pytest.fixture
def afresh() -> Iterator[Callable[[], None]]:
    def forget() -> None:
        for each in KEPT:
            each.cache_clear()  # type: ignore[attr-defined]

    yield forget
    forget()


def wrong() -> set[str]:
    """Ids of the cases that the rules answer otherwise, or not at all."""
    found = set()
    for case in ALL:
        try:
            said = ASKED[case.ask](case.facts)
        except Exception:
            found.add(case.id)
            continue
        readings = [plain(each) for each in (said.value, *said.others)]
        answers = readings if case.certainty == "open" else readings[:1]
        if (case.expected if case.answer is None else case.answer) not in answers:
            found.add(case.id)
    return found


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_rule_turns_a_case_red(
    monkeypatch: pytest.MonkeyPatch, afresh: Callable[[], None], rule: str
) -> None:
    file, old, new = BROKEN[rule]
    read = data_files.read
    assert old in read(file)
    monkeypatch.setattr(
        data_files, "read", lambda name: read(name).replace(old, new, 1) if name == file else read(name)
    )
    afresh()

    assert wrong()


def test_no_case_is_red_as_the_rules_are(afresh: Callable[[], None]) -> None:
    afresh()

    assert wrong() == set()

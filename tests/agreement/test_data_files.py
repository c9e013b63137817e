"""A broken data file is refused at its first use, and the error names the file, the line or code, and the field."""

import importlib.util
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from pydantic import ValidationError

from agreement import data_files
from agreement.enforcement import sanctions, violations
from agreement.information import legal_bases
from agreement.parties import institutions, regions

MODULE_OF = {
    "regions.csv": "parties.regions",
    "zones.toml": "parties.regions",
    "institutions.toml": "parties.institutions",
    "roles.toml": "parties.institutions",
    "legal_bases.toml": "information.legal_bases",
    "statements.toml": "information.legal_bases",
    "sanctions.toml": "enforcement.sanctions",
    "violations_skb2020.toml": "enforcement.violations",
    "procedures.toml": "enforcement.procedures",
    "violations_skb2022.toml": "enforcement.violations",
    "calendar.toml": "clocks.calendar",
    "deadlines.toml": "clocks.deadlines",
    "ladder.toml": "clocks.escalation",
    "prohibitions.toml": "enforcement.prohibitions",
    "deciding.toml": "enforcement.deciding",
    "appeals.toml": "enforcement.appeals",
    "privacy.toml": "information.privacy",
    "clauses.toml": "information.clauses",
    "elections/pilkada-2020.csv": "elections.known",
    "elections/psu-2025.toml": "elections.known",
}

LOADS: dict[str, Callable[[ModuleType], Any]] = {
    "parties.regions": lambda module: module.regions(),
    "parties.institutions": lambda module: module.default_roles("bawaslu"),
    "information.legal_bases": lambda module: module.statement_types(),
    "enforcement.sanctions": lambda module: module.sanctions(),
    "enforcement.procedures": lambda module: module.procedures(),
    "enforcement.violations": lambda module: module.violations(),
    "clocks.calendar": lambda module: module.decrees(),
    "clocks.deadlines": lambda module: module.rules(),
    "clocks.escalation": lambda module: module.every_step(),
    "enforcement.prohibitions": lambda module: module.prohibitions(),
    "enforcement.deciding": lambda module: module.lines(),
    "enforcement.appeals": lambda module: module.remedies(),
    "information.privacy": lambda module: module.duties(),
    "information.clauses": lambda module: module.clauses(),
    "elections.known": lambda module: module.all_known().newest,
}


def imported_afresh(module: str) -> ModuleType:
    """A second copy of the module, so that the one that other tests hold stays as it is."""
    spec = importlib.util.find_spec(f"agreement.{module}")
    assert spec is not None
    assert spec.loader is not None
    fresh = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fresh)
    return fresh


def import_with(monkeypatch: pytest.MonkeyPatch, file: str, old: str, new: str) -> None:
    read = data_files.read
    assert old in read(file)
    monkeypatch.setattr(
        data_files, "read", lambda name: read(name).replace(old, new, 1) if name == file else read(name)
    )
    LOADS[MODULE_OF[file]](imported_afresh(MODULE_OF[file]))


@pytest.mark.parametrize("module", sorted(set(MODULE_OF.values())))
def test_the_packaged_files_load(module: str) -> None:
    assert LOADS[module](imported_afresh(module))


@pytest.mark.parametrize("module", sorted(set(MODULE_OF.values())))
def test_no_file_is_read_before_it_is_asked_for(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    def read(file: str) -> str:
        raise AssertionError(file)

    monkeypatch.setattr(data_files, "read", read)

    imported_afresh(module)


@pytest.mark.parametrize(
    ("file", "old", "new", "where", "problem"),
    [
        ("regions.csv", "code,name", "name,code", "line 1", "header"),
        ("regions.csv", "11.02,", "11.2,", "line 4", "neither PP nor PP.KK"),
        ("regions.csv", "11.02,", "11.01,", "11.01", "stands twice"),
        ("regions.csv", "11.02,Kabupaten Aceh Tenggara", "11.02", "line 4", "not 2 cells"),
        (
            "regions.csv",
            "11.02,Kabupaten Aceh Tenggara",
            "11.02,Aceh Tenggara",
            "line 4",
            "neither Kabupaten nor Kota",
        ),
        ("regions.csv", "11,Aceh\n", "", "line 2", "its province does not stand above it"),
        ("regions.csv", "31.01,Kabupaten Administrasi ", "31.01,Kabupaten ", "line ", "administrative"),
        ("regions.csv", "11,Aceh", "97,Papua Baru\n11,Aceh", "97", "the province has no zone"),
        ("zones.toml", '"96"', '"97"', "96", "has no zone"),
        ("zones.toml", '"96"', '"96", "97"', "97", "not a province"),
        ("zones.toml", '"96"', '"96", "62"', "62", "stands twice"),
        ("zones.toml", "Asia/Jayapura", "Asia/Tokyo", "top level", "Asia/Jayapura"),
        ("institutions.toml", 'id = "kasn"', 'id = "bawaslu"', "bawaslu", "stands twice"),
        ("institutions.toml", 'id = "kasn"', 'id = "KASN"', "KASN", "lower-case"),
        ("institutions.toml", 'id = "kasn"', 'id = "ppk-kasn"', "ppk-kasn", "kept for regions"),
        ("institutions.toml", 'kind = "agency"', 'kind = "club"', "bawaslu", "kind"),
        (
            "institutions.toml",
            "personnel_authority = false",
            'personnel_authority = "no"',
            "bawaslu",
            "neither true nor false",
        ),
        ("institutions.toml", "personnel_authority = false", "", "bawaslu", "personnel_authority: missing"),
        ("institutions.toml", "name = ", "nama = ", "bawaslu", "name: missing"),
        ("institutions.toml", 'id = "kasn"', 'id = "kasn"\nseat = "Jakarta"', "kasn", "unknown: seat"),
        ("institutions.toml", 'kinds = ["secretariat"]', 'kinds = ["agency"]', "superior", "stands twice"),
        ("institutions.toml", 'institution = "presiden"', 'institution = "raja"', "superior", "unknown"),
        ("institutions.toml", 'became = ["kemensetneg"]', 'became = ["setneg"]', "setkab", "became: unknown"),
        ("institutions.toml", "until = 2024-10-21", "", "setkab", "became: of one that did not end"),
        ("institutions.toml", "renamed = 2024-10-21", "", "bp2mi", "renamed"),
        ("roles.toml", 'institution = "kasn"', 'institution = "knas"', "examiner", "institution: unknown"),
        ("roles.toml", "until = 2024-09-04", "until = 2024-09-05", "examiner", "held by two from 2024-09-04"),
        ("roles.toml", "until = 2024-09-04", "", "examiner", "held by two"),
        ("roles.toml", "until = 2024-09-04", "until = 2014-01-15", "examiner", "until: not after since"),
        ("roles.toml", "until = 2024-09-04", 'until = "2024-09-04"', "examiner", "not a date"),
        ("roles.toml", "until = 2024-09-04", "until = 2024-09-04T00:00:00Z", "examiner", "not a date"),
        ("roles.toml", 'role = "warner"', 'role = "worrier"', "worrier", "role: unknown"),
        ("roles.toml", 'role = "warner"', 'role = "personnel_authority"', "personnel_authority", "holders"),
        ("legal_bases.toml", 'id = "pks-2023"', 'id = "pks-2020"', "pks-2020", "stands twice"),
        (
            "legal_bases.toml",
            'id = "pks-2023"',
            'id = "pks-2033"',
            "item number 6",
            "not one that has parties",
        ),
        ("legal_bases.toml", 'id = "pp-12-2017"', 'id = "pp-12-2018"', "warned", "pp-12-2017 is not in"),
        (
            "legal_bases.toml",
            '"bawaslu", "kasn"]',
            '"bawaslu", "kpk"]',
            "pks-2020",
            "parties: not an institution",
        ),
        ("legal_bases.toml", 'field = "prevention"', 'field = "praise"', "item", "field: not of"),
        (
            "legal_bases.toml",
            'field = "prevention"',
            'field = "supervision"',
            "pks-2020/supervision",
            "twice",
        ),
        (
            "legal_bases.toml",
            "until = 2023-01-31",
            "until = 2020-06-17",
            "pks-2020",
            "until: not after since",
        ),
        ("legal_bases.toml", '["supervisor"]', '["supervisor", "king"]', "uu-7-2017-art-455", "roles"),
        ("legal_bases.toml", '["supervisor"]', '["examiner"]', "referred", "not one of its role"),
        ("legal_bases.toml", 'note = "Its numbers', '# "Its numbers', "pks-2020", "note: missing"),
        ("statements.toml", '"pks-2023/enforcement"', '"pks-2032/enforcement"', "referred", "is not in"),
        ("statements.toml", '"pks-2023/enforcement"', '"pks-2023"', "referred", "has items"),
        (
            "statements.toml",
            '"perbawaslu-8-2020"',
            '"perbawaslu-9-2024"',
            "referred",
            "bases: not a list of different",
        ),
        ("statements.toml", '    "uu-5-2014-art-33",\n', "", "uu-5-2014-art-33", "leans on it"),
        ("statements.toml", 'of = "supervisor"', 'of = "examiner"', "data", "not two different roles"),
        ("statements.toml", 'data = "evidence"', 'data = "study"', "study examiner supervisor", "twice"),
        ("statements.toml", 'role = "supervisor"', 'role = "examiner"', "referred", "not netral.<role>"),
        ("statements.toml", "supervisor.referred.v1", "supervisor.Referred", "Referred", "not netral.<role>"),
        (
            "statements.toml",
            '"uu-7-2017-art-455",',
            '"uu-7-2017-art-455", "pp-94-2021",',
            "referred",
            "not one of its role",
        ),
        (
            "statements.toml",
            'opened.v1"\nrole = "personnel_authority"\nbases = ["skb-2022", ',
            'opened.v1"\nrole = "personnel_authority"\nbases = [',
            "opened",
            "no basis is in force from 2024-09-04 on",
        ),
        (
            "legal_bases.toml",
            "since = 2017-08-16",
            "since = 2017-08-16\nuntil = 2018-01-01",
            "referred",
            "2018-01-01",
        ),
        ("elections/pilkada-2020.csv", "\n12.03,", "\n12.04,", "12.04", "stands twice"),
        (
            "elections/pilkada-2020.csv",
            "12.03,,KAB. TAPANULI SELATAN,,,press",
            "12.03",
            "line 2",
            "not 7 cells",
        ),
        ("elections/psu-2025.toml", '"PILKADA-2024"', '"PILKADA-2023"', "PSU-2025", "repeats: unknown"),
        ("calendar.toml", 'id = "skb-2020"', 'id = "skb-2019"', "skb-2019", "stands twice"),
        ("calendar.toml", '"2019-06-03 Hari', '"2020-06-03 Hari', "skb-2019", "not a day of its year"),
        ("calendar.toml", '"2019-06-03 Hari', '"2019-02-30 Hari', "skb-2019", "not a day of the calendar"),
        ("calendar.toml", '"2019-06-03 Hari', '"3 June Hari', "skb-2019", "YYYY-MM-DD"),
        ("calendar.toml", '"2019-06-03 Hari', '"2019-06-05 Hari', "skb-2019", "a public holiday"),
        ("calendar.toml", "[2019-04-17]", "[2019-04-18]", "skb-2019", "not a public holiday"),
        ("calendar.toml", 'note = "The days of June', '# "The days of June', "skb-2019", "note: missing"),
        ("deadlines.toml", 'unit = "working"', 'unit = "weeks"', "report-pemilu", "unit: not of"),
        ("deadlines.toml", "count = 7", "count = 0", "report-pemilu", "not above zero"),
        ("deadlines.toml", 'extends = "study-pemilu"', 'extends = "finding"', "study-pemilu-", "extends"),
        ("deadlines.toml", 'rule = "follow-up"', 'rule = "never"', "default", "rule: unknown"),
        ("deadlines.toml", 'note = "Neither number', '# "Neither', "completion", "note: missing"),
        ("deadlines.toml", 'reading = "calendar days"', 'reading = ""', "finding", "reading: missing"),
        ("sanctions.toml", 'sanctions = ["PTDH"]', 'sanctions = ["PTHD"]', "admitted", "unknown"),
        ("sanctions.toml", 'day = "decree"', 'day = "moon"', "regime number 2", "day"),
        ("procedures.toml", 'team = "OPTIONAL"', 'team = "PERHAPS"', "procedure", "team"),
        ("prohibitions.toml", 'rule = "pp-94-2021"', 'rule = "skb-2022"', "PP94-5-N-1", "rule: not a regime"),
        ("prohibitions.toml", 'note = "In no class', '# "In no class', "PP94-5-N-1", "note: missing"),
        ("deciding.toml", 'posts = ["JPT_UTAMA"]', 'posts = ["KING"]', "PRESIDENT", "posts: unknown"),
        ("deciding.toml", "below = 1\n", "", "decider", "posts, below: exactly one"),
        ("appeals.toml", 'limit = "objection"', 'limit = "never"', "remedy", "not a rule of deadlines"),
        ("appeals.toml", '"PP94-8-4-C"', '"PP94-9"', "remedy", "PP94-9 unknown"),
        ("privacy.toml", "hours = 72", "hours = 0", "CORRECTION", "not above zero"),
        ("clauses.toml", 'certainty = "quoted"', 'certainty = "sure"', "other-law-pemilu", "certainty"),
        ("ladder.toml", 'by = "warner"', 'by = "king"', "WARNED", "neither clock nor a role"),
        ("ladder.toml", 'from = "OVERDUE"', 'from = "WARNED"', "REMINDED", "does not stand above"),
        ("ladder.toml", 'id = "REPRIMANDED"', 'id = "REMINDED"', "REMINDED", "stands twice"),
        ("ladder.toml", 'note = "No rule', '# "No rule', "DUE_SOON", "note: missing"),
        ("sanctions.toml", 'family = "ETHICS"', 'family = "MORALS"', "MORAL_CLOSED", "family"),
        ("sanctions.toml", 'code = "PP94-8-2-B"', 'code = "PP94-8-2-A"', "PP94-8-2-A", "stands twice"),
        ("sanctions.toml", 'class = "DISCIPLINE_LIGHT"', 'class = "LIGHT"', "PP94-8-2-A", "class: unknown"),
        ("sanctions.toml", "duration_months = 6", "duration_months = 0", "PP94-8-3-A", "not above zero"),
        (
            "sanctions.toml",
            "duration_months = 6",
            "duration_months = true",
            "PP94-8-3-A",
            "not a whole number",
        ),
        (
            "sanctions.toml",
            'class = "MORAL_OPEN"',
            'class = "MORAL_CLOSED"',
            "MORAL_OPEN",
            "without a sanction",
        ),
        ("sanctions.toml", 'regime = "pp-42-2004"', 'regime = "pp-42-2005"', "PP42-15-CLOSED", "regime"),
        ("sanctions.toml", 'basis = "pp-53-2010"', 'basis = "pp-53-2011"', "regime", "not a legal basis"),
        ("sanctions.toml", '["PPPK"]', '["PPNPN"]', "regime", "unconfirmed"),
        ("sanctions.toml", '["PPNPN"]', '["HONORER"]', "regime", "employments"),
        ("sanctions.toml", "confirmed = true", "confirmed = false", "PP42-15-CLOSED", "note: missing"),
        (
            "sanctions.toml",
            'code_id = "PTDH"',
            'code_id = "DISIPLIN_BERAT"',
            "DISIPLIN_BERAT",
            "stands twice",
        ),
        ("procedures.toml", "DISCIPLINE_LIGHT", "DISCIPLINE_MEDIUM", "DISCIPLINE_MEDIUM", "stands twice"),
        ("procedures.toml", '"DISMISSAL"', '"PTDH"', "procedure", "sanction_class: unknown"),
        ("procedures.toml", '["team", "hearing"]', '["colour"]', "procedure", "unconfirmed"),
        ("violations_skb2022.toml", "2022-KEA2", "2022-KEA1", "2022-KEA1", "stands twice"),
        ("violations_skb2022.toml", 'stage = "PROSPECTIVE"', 'stage = "A"', "2022-KEA1", "stage"),
        (
            "violations_skb2022.toml",
            'families = ["ETHICS"]',
            'families = ["DISCIPLINE"]',
            "2022-KEA1",
            "sanction_class",
        ),
        ("violations_skb2022.toml", '"DISCIPLINE_SEVERE"', '"BERAT"', "2022-DSA1", "sanction_class: unknown"),
        (
            "violations_skb2022.toml",
            '"DISCIPLINE_SEVERE"',
            '"MORAL_OPEN"',
            "2022-DSA1",
            "of the other family",
        ),
        ("violations_skb2022.toml", '["basis"]', '["colour"]', "2022-DSA3", "unconfirmed"),
        ("violations_skb2022.toml", '["basis"]', '["number"]', "2022-DSA3", "ends in U"),
        (
            "violations_skb2022.toml",
            '["basis"]',
            '["basis", "basis"]',
            "2022-DSA3",
            "unconfirmed: not a list of different values",
        ),
        ("violations_skb2022.toml", 'families = ["ETHICS"]', "families = []", "2022-KEA1", "families"),
        ("violations_skb2022.toml", 'basis = "skb-2022"', 'basis = "skb-2032"', "catalogue", "legal basis"),
        ("violations_skb2020.toml", 'code = "2020-01"', 'code = "2022-01"', "2022-01", "year of its decree"),
        ("violations_skb2022.toml", "2022-DSB9U", "2022-DSB9", "2022-DSB9", "ends in U"),
        (
            "violations_skb2022.toml",
            "[[violation]]",
            "[[violations]]",
            "top level",
            "unknown: violations",
        ),
        ("violations_skb2022.toml", 'code = "2022-KEA1"', 'code = "2022-KEA1', "syntax", "line 20"),
    ],
)
def test_a_broken_data_file_is_refused_at_first_use_with_its_place(
    monkeypatch: pytest.MonkeyPatch, file: str, old: str, new: str, where: str, problem: str
) -> None:
    with pytest.raises(data_files.BrokenData) as broken:
        import_with(monkeypatch, file, old, new)

    error = broken.value
    assert MODULE_OF[error.file] == MODULE_OF[file]
    assert where in error.where
    assert problem in error.problem


@pytest.mark.parametrize(
    "words",
    [
        regions.regions,
        institutions.institutions,
        legal_bases.bases,
        legal_bases.statement_types,
        violations.violations,
        sanctions.sanctions,
        sanctions.classes,
    ],
)
def test_nobody_can_change_the_words_once_they_are_loaded(words: Callable[[], Any]) -> None:
    with pytest.raises(TypeError):
        words()["new"] = None
    with pytest.raises((AttributeError, ValidationError)):
        next(iter(words().values())).code = "changed"

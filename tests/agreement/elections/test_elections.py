"""Elections as data: files are refused loudly, and the rules read nothing else."""

from datetime import date
from pathlib import Path

import pytest

from agreement import data_files
from agreement.data_files import BrokenData
from agreement.elections import known, rules
from agreement.elections.election import parse
from agreement.parties import institutions, regions

MINE = """
id = "PILKADA-2099"
version = 1
kind = "PILKADA"
title = "Pemilihan 2099"
since = 2099-01-01
days_after = 10
voting_day = 2099-06-10
day_off = "local"
scheduled = 2099-01-01
certainty = "press"
source = "an operator's file"

[[fixing]]
day = 2099-04-01
certainty = "press"
source = "an operator's file"

[[region]]
region = "62.02"
certainty = "press"
source = "an operator's file"
"""


def nothing_beside(file: str) -> str:
    raise AssertionError(file)


def test_the_270_regions_of_2020_are_270_authorities_by_name() -> None:
    found = known.election("PILKADA-2020")
    authorities = {institutions.ppk_of(code) for code in found.regions}

    assert len(authorities) == 270
    assert {"prov-62", "ppk-6202", "ppk-9301"} <= authorities
    assert "ppk-1901" not in authorities


def test_a_region_of_2020_keeps_the_code_that_it_had_then() -> None:
    line = known.election("PILKADA-2020").regions["93.01"]

    assert (line.code_then, line.name_then) == ("91.01", "KAB. MERAUKE")


def test_every_line_says_where_it_is_from_and_how_sure_it_is() -> None:
    for election in known.all_known().newest.values():
        for line in (*election.regions.values(), *election.fixings.values(), *election.stages):
            assert line.source
            assert line.certainty


def test_the_lines_of_2020_that_no_page_named_say_so() -> None:
    lines = known.election("PILKADA-2020").regions.values()

    assert {each.certainty for each in lines} == {"press", "count"}
    assert sum(each.certainty == "count" for each in lines) == 41


def test_a_frame_derives_nothing() -> None:
    assert known.election("PEMILU-2029").voting_day is None
    assert rules.of_act("62.02", date(2029, 2, 1)).election is None
    assert rules.stage_of(known.election("PILKADA-2031"), date(2031, 10, 1)) is None


def test_an_unknown_election_is_refused_without_repeating_it() -> None:
    with pytest.raises(known.Unknown) as refused:
        known.election("3201011708450001")

    assert refused.value.field == "election"
    assert "3201011708450001" not in str(refused.value)


def test_of_two_elections_that_run_the_one_that_votes_next_is_derived_and_the_other_is_named() -> None:
    found = rules.of_act("62.02", date(2024, 2, 1))

    assert (found.id, found.others, found.after_vote) == ("PEMILU-2024", ("PILKADA-2024",), False)
    assert rules.of_act("62.02", date(2024, 2, 1), kind="PILKADA").id == "PILKADA-2024"


def test_an_act_after_the_vote_belongs_to_it_until_the_count_is_over() -> None:
    found = rules.of_act("62.02", date(2020, 12, 20))

    assert (found.id, found.after_vote) == ("PILKADA-2020", True)
    assert rules.of_act("62.02", date(2020, 12, 27)).id == ""


def test_a_province_does_not_vote_because_a_regency_of_it_does() -> None:
    assert rules.vote_of(known.election("PILKADA-ULANG-2025"), "19") == "none"
    assert rules.vote_of(known.election("PSU-2025"), "91.03") == "province"


@pytest.mark.parametrize(
    ("old", "new", "where", "problem"),
    [
        ('kind = "PILKADA"', 'kind = "PILKADES"', "top level", "kind: not of"),
        ("version = 1\n", "", "top level", "version: missing"),
        ("since = 2099-01-01\n", "", "top level", "since: either it or"),
        ("scheduled = 2099-01-01\n", "", "top level", "scheduled: missing"),
        ("voting_day = 2099-06-10", "voting_day = 2098-06-10", "top level", "voting_day: before since"),
        ("voting_day = 2099-06-10\n", "", "62.02", "voting_day: neither"),
        ('region = "62.02"', 'region = "91.01"', "region number 1", "91.01 is 93.01 now"),
        ('region = "62.02"', 'region = "9401"', "region number 1", "not a region code"),
        ("day = 2099-04-01", 'day = "April"', "fixing number 1", "day: not a date"),
        (
            "day = 2099-04-01",
            'day = 2099-04-01\noffices = ["PRESIDENT"]',
            "top level",
            "an office that is not",
        ),
        ("[[fixing]]", "[[fixings]]", "top level", "unknown: fixings"),
        ("days_after = 10", "counts = {province = 1, regency = 0, city = 0}", "PILKADA-2099", "0 + 1 + 0"),
        ("days_after = 10", "everywhere = true", "top level", "everywhere: either"),
    ],
)
def test_a_wrong_file_is_refused_by_file_entry_and_field(
    old: str, new: str, where: str, problem: str
) -> None:
    assert old in MINE
    with pytest.raises(BrokenData) as broken:
        parse("mine.toml", MINE.replace(old, new, 1), nothing_beside)

    assert broken.value.file == "mine.toml"
    assert where in broken.value.where
    assert problem in broken.value.problem


@pytest.mark.parametrize(
    ("table", "where", "problem"),
    [
        ("region,certainty,source\n62.02,press\n", "line 2", "not 3 cells"),
        ("region,certainty,source\n62.02,press,page,more\n", "line 2", "not 3 cells"),
        ("region,certainty,source,seats\n62.02,press,page,45\n", "line 2", "unknown: seats"),
        ("region,certainty,source\n62.02,rumour,page\n", "line 2", "certainty: not of"),
        ("region,certainty,source,voting_day\n62.02,press,page,June\n", "line 2", "voting_day"),
        ("region,certainty,source\n92.01,press,page\n", "line 2", "region: 92.01 is 96.01 now"),
        ("region,certainty,source\n62.02,press,page\n62.02,press,page\n", "62.02", "stands twice"),
    ],
)
def test_a_wrong_table_of_regions_is_refused_by_its_own_file_and_line(
    table: str, where: str, problem: str
) -> None:
    file = MINE[: MINE.index("[[region]]")].replace("version = 1", 'version = 1\nregions_file = "mine.csv"')
    with pytest.raises(BrokenData) as broken:
        parse("folder/mine.toml", file, lambda name: table if name == "mine.csv" else nothing_beside(name))

    assert broken.value.file == "folder/mine.csv"
    assert where in broken.value.where
    assert problem in broken.value.problem


def test_a_later_version_stands_and_the_earlier_one_stays_readable() -> None:
    first = parse("mine.toml", MINE, nothing_beside)
    second = parse("mine.toml", MINE.replace("version = 1", "version = 2"), nothing_beside)
    both = known.Elections((first, second))

    assert both.newest["PILKADA-2099"] == second
    assert both.versions["PILKADA-2099", 1] == first
    assert both.digest != known.Elections((first,)).digest
    with pytest.raises(BrokenData, match="version 1 stands twice"):
        known.Elections((first, first))


def test_the_digest_of_an_election_covers_its_table_of_regions() -> None:
    folder = Path(str(data_files.__file__)).parent / "data/elections"
    text = (folder / "pilkada-2020.toml").read_text()
    table = (folder / "pilkada-2020.csv").read_text()

    changed = table.replace("papuakini.co", "papuakini.com", 1)

    assert parse("x", text, lambda _: table).digest != parse("x", text, lambda _: changed).digest


def test_former_codes_are_none_of_today_and_all_26_lead_to_one() -> None:
    changes = regions.code_changes()

    assert len(changes) == 26
    assert not changes.keys() & regions.regions().keys()
    assert {each.new_code for each in changes.values()} <= regions.regions().keys()


def test_a_code_of_before_is_refused_by_name_of_the_one_of_today() -> None:
    with pytest.raises(regions.Unknown) as refused:
        regions.region("91.01", field="event.region")

    assert refused.value.field == "event.region"
    assert "93.01" in refused.value.message
    assert "Kepmendagri 100.1.1-6117/2022" in refused.value.message

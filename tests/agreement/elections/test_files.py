"""An operator's elections: a folder of files, each checked; what is wrong is named by file, entry and field."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from agreement.clocks import calendar
from agreement.data_files import BrokenData
from agreement.elections import files, known, rules
from agreement.prevention import campaigns

FILE = """
id = "PILKADA-ULANG-2027"
version = 1
kind = "PILKADA"
title = "Pemilihan ulang 2027 (rekaan)"
repeats = "PILKADA-2024"
since = 2027-01-04
days_after = 7
voting_day = 2027-06-09
day_off = "local"
scheduled = 2027-01-04
regions_file = "pilkada-ulang-2027.csv"
certainty = "open"
source = "invented for a test"
"""
TABLE = "region,certainty,source\n62.02,open,invented\n62.71,open,invented\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pilkada-ulang-2027.toml").write_text(FILE)
    (tmp_path / "pilkada-ulang-2027.csv").write_text(TABLE)
    return tmp_path


@pytest.fixture
def added(folder: Path) -> Iterator[None]:
    """The folder's elections are known, as after the start of a host, and forgotten again."""
    files.add_folder(folder)
    calendar._versions.cache_clear()
    calendar._upto.cache_clear()
    yield
    known._added = ()
    for cache in (known._known, calendar._versions, calendar._upto):
        cache.cache_clear()


def test_an_operators_election_gives_addressees_days_off_and_the_election_of_an_act(added: None) -> None:
    assert campaigns.addressees_of("PILKADA-ULANG-2027") == ("ppk-6202", "ppk-6271")
    assert calendar.latest("62.02").off(date(2027, 6, 9)) is not None
    assert calendar.latest("62.01").off(date(2027, 6, 9)) is None
    assert rules.of_act("62.02", date(2027, 5, 1)).id == "PILKADA-ULANG-2027"


def test_an_operators_election_changes_the_digest_of_what_is_known(folder: Path) -> None:
    ours = known.Elections(known.shipped())
    both = known.Elections((*known.shipped(), *files.read_folder(folder)))

    assert ours.digest != both.digest
    assert both.newest["PILKADA-ULANG-2027"].digest == files.read_folder(folder)[0].digest


def test_an_election_that_is_known_is_not_added_again(folder: Path, added: None) -> None:
    with pytest.raises(BrokenData, match="version 1 stands twice"):
        files.add_folder(folder)


@pytest.mark.parametrize(
    ("name", "old", "new", "problem"),
    [
        (
            "pilkada-ulang-2027.csv",
            "62.71",
            "62.99",
            "pilkada-ulang-2027.csv: line 3: region: not a region code",
        ),
        (
            "pilkada-ulang-2027.toml",
            "version = 1",
            "version = 0",
            "pilkada-ulang-2027.toml: top level: version",
        ),
        (
            "pilkada-ulang-2027.toml",
            "ulang-2027.csv",
            "ulang-2028.csv",
            "pilkada-ulang-2028.csv: file: cannot be read",
        ),
        ("pilkada-ulang-2027.toml", '"pilkada-ulang-2027.csv"', '"../x.csv"', "regions_file: not the name"),
    ],
)
def test_a_wrong_file_of_an_operator_is_refused_by_name(
    folder: Path, name: str, old: str, new: str, problem: str
) -> None:
    path = folder / name
    path.write_text(path.read_text().replace(old, new, 1))

    with pytest.raises(BrokenData) as broken:
        files.read_folder(folder)

    assert problem in str(broken.value)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenData, match="not a folder"):
        files.read_folder(tmp_path / "nowhere")

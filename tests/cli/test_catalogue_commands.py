"""`netral catalogue …` and dates as people write them: nothing has to run."""

from pathlib import Path

import pytest

from support.netral import Netral


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (("regions", "kotim"), "62.02"),
        (("authorities", "kotawaringin", "timur"), "ppk-6202"),
        (("institutions", "BKN"), "bkn"),
        (("sanctions", "PP94-8-2-A"), "PP94-8-2-A"),
        (("acts", "media", "sosial", "--date", "28 November 2023"), "2022-DSB2"),
    ],
)
def test_a_code_is_found_by_a_word(asked: tuple[str, ...], code: str, tmp_path: Path) -> None:
    netral = Netral(tmp_path)

    assert code in netral.here("catalogue", *asked).out
    assert code in {next(iter(row.values())) for row in netral.here("catalogue", *asked, "--json").json}


def test_an_authority_that_ended_is_listed_with_its_days_and_those_that_have_its_tasks(
    tmp_path: Path,
) -> None:
    (found,) = Netral(tmp_path).here("catalogue", "authorities", "klhk", "--json").json

    assert found["letters dated"] == "… to before 2025-01-01, then kemenhut, kemenlh"


def test_what_nothing_fits_is_answered_with_what_is_written_alike(tmp_path: Path) -> None:
    ran = Netral(tmp_path).here("catalogue", "regions", "kotawaringim timur")

    assert ran.code == 1
    assert "did you mean Kabupaten Kotawaringin Timur" in ran.err


@pytest.mark.parametrize("day", ["2023-11-28", "28-11-2023", "28 November 2023", "28 nov 2023"])
def test_a_date_is_taken_as_people_write_it(day: str, tmp_path: Path) -> None:
    calculated = Netral(tmp_path).here("deadline", "calc", "follow-up", "--start", day, "--for", "ppk-6202")

    assert calculated.out.strip() == "2023-12-12"


@pytest.mark.parametrize(("language", "mark"), [("id", "(perkiraan)"), ("en", "(estimate)")])
def test_a_day_that_may_move_is_marked_in_the_chosen_language(
    language: str, mark: str, tmp_path: Path
) -> None:
    asked = ("deadline", "calc", "follow-up-bkn", "--start", "2029-11-28", "--lang", language)

    assert Netral(tmp_path).here(*asked).out.strip().endswith(mark)


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "yesterday", "30-02-2023"])
def test_a_date_that_cannot_be_right_is_refused_in_words(day: str, tmp_path: Path) -> None:
    ran = Netral(tmp_path).here("deadline", "calc", "follow-up", "--start", day)

    assert ran.code == 2
    assert "Traceback" not in ran.err
    assert "date" in ran.err or "no such day" in ran.err


@pytest.mark.parametrize(
    ("authority", "said"),
    [
        ("kukar", "2023-12-12"),
        ("kotim", "2023-12-12"),
        ("mura", "mura can be ppk-1605 (Pemerintah Kabupaten Musi Rawas), ppk-6212"),
        ("kotawaringin timur", "2023-12-12"),
        ("kotawaringin", "kotawaringin can be ppk-6201"),
        ("ppk-62020", "did you mean ppk-6202 (Pemerintah Kabupaten Kotawaringin Timur)"),
        ("nowhere", "not an institution of the agreement"),
    ],
)
def test_an_authority_is_taken_by_its_name_and_of_several_all_are_named(
    authority: str, said: str, tmp_path: Path
) -> None:
    ran = Netral(tmp_path).here("deadline", "calc", "follow-up", "--start", "2023-11-28", "--for", authority)

    assert said in " ".join((ran.out + ran.err).split())


def test_without_a_parties_file_the_verification_says_how_to_name_one(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"")

    ran = Netral(tmp_path).here("audit", "verify", str(tmp_path / "log"))

    assert ran.code == 1
    assert "--parties names the file" in ran.err

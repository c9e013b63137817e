"""An authority is known by what lists name it by, where one alone can be meant."""

import pytest

from agreement.lists.places import authority_of


@pytest.mark.parametrize(
    "words",
    [
        "ppk-6202",
        "PPK-6202",
        "62.02",
        "'62.02",
        "Kab. Kotawaringin Timur",
        "KABUPATEN KOTAWARINGIN TIMUR",
        "Pemkab Kotawaringin Timur",
        "Pemerintah Kabupaten Kotawaringin Timur",
        "Kotawaringin Timur",
    ],
)
def test_an_authority_is_known_by_id_region_or_name(words: str) -> None:
    assert authority_of(words) == "ppk-6202"


@pytest.mark.parametrize(
    ("words", "id"),
    [
        ("Kementerian Agama", "kemenag"),
        ("Provinsi Kalimantan Tengah", "prov-62"),
        ("62", "prov-62"),
        ("31.71", "prov-31"),
    ],
)
def test_provinces_and_ministries_are_known_too(words: str, id: str) -> None:
    assert authority_of(words) == id


@pytest.mark.parametrize("words", ["", "Bogor", "Gorontalo", "6202", "bawaslu", "Kementerian"])
def test_what_is_none_or_could_be_several_is_none(words: str) -> None:
    assert authority_of(words) == ""

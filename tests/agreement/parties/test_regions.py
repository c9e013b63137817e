from zoneinfo import ZoneInfo

import pytest

from agreement.parties import regions
from refusals import Malformed


def test_there_are_38_provinces_416_regencies_and_98_cities() -> None:
    kinds = [region.kind for region in regions.regions().values()]

    assert (kinds.count("province"), kinds.count("kabupaten"), kinds.count("kota")) == (38, 416, 98)
    assert len(kinds) == 552


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("16.09", "Kabupaten Ogan Komering Ulu Selatan"),
        ("64.07", "Kabupaten Kutai Barat"),
        ("15.03", "Kabupaten Sarolangun"),
        ("16.02", "Kabupaten Ogan Komering Ilir"),
        ("62.02", "Kabupaten Kotawaringin Timur"),
        ("32.75", "Kota Bekasi"),
        ("35.78", "Kota Surabaya"),
    ],
)
def test_a_region_is_found_by_its_kemendagri_code(code: str, name: str) -> None:
    assert regions.region(code).name == name


@pytest.mark.parametrize("code", ["", "6", "6202", "62.99", "99", "62.02.01", "Kotawaringin Timur", "٦٢"])
def test_what_is_no_region_code_is_refused_on_the_callers_field(code: str) -> None:
    with pytest.raises(regions.Unknown) as refused:
        regions.region(code, field="event.region")

    assert isinstance(refused.value, Malformed)
    assert refused.value.field == "event.region"


def test_jakartas_six_are_the_only_administrative_regions() -> None:
    administrative = [region.code for region in regions.regions().values() if region.administrative]

    assert administrative == ["31.01", "31.71", "31.72", "31.73", "31.74", "31.75"]


def test_each_region_has_the_zone_of_its_province_and_python_knows_it() -> None:
    for region in regions.regions().values():
        assert region.zone == regions.zone(region.province)
        assert ZoneInfo(region.zone).key == region.zone


@pytest.mark.parametrize(
    ("zone", "provinces"),
    [
        ("Asia/Jakarta", "11 12 13 14 15 16 17 18 19 21 31 32 33 34 35 36 61 62"),
        ("Asia/Makassar", "51 52 53 63 64 65 71 72 73 74 75 76"),
        ("Asia/Jayapura", "81 82 91 92 93 94 95 96"),
    ],
)
def test_the_three_time_zones_divide_the_provinces(zone: str, provinces: str) -> None:
    assert [
        code for code in regions.regions() if len(code) == 2 and regions.zone(code) == zone
    ] == provinces.split()

import re
from datetime import date, timedelta

import pytest

from agreement.parties import institutions, regions
from refusals import Malformed

LAST_DAY_OF_KASN = date(2024, 9, 3)
FIRST_DAY_OF_BKN = date(2024, 9, 4)


def test_every_province_and_autonomous_regency_or_city_is_a_personnel_authority() -> None:
    authorities = institutions.personnel_authorities()
    local = [each for each in authorities if institutions.institution(each).region is not None]

    assert (len([each for each in local if each.startswith("prov-")]), len(local)) == (38, 38 + 508)
    assert len(set(authorities)) == len(authorities)


def test_central_ministries_and_agencies_are_personnel_authorities_too() -> None:
    central = {
        each for each in institutions.personnel_authorities() if institutions.institution(each).region is None
    }

    assert {"kemendagri", "kemenpanrb", "kemenkes", "lan"} <= central
    assert not {"bawaslu", "kasn", "bkn"} & central


@pytest.mark.parametrize(("region", "ppk"), [("62", "prov-62"), ("62.02", "ppk-6202"), ("32.75", "ppk-3275")])
def test_the_personnel_authority_of_a_region_is_its_own_government(region: str, ppk: str) -> None:
    assert institutions.ppk_of(region) == ppk
    assert institutions.institution(ppk).region == region


def test_jakartas_six_belong_to_the_governor() -> None:
    assert {institutions.ppk_of(code) for code in regions.regions() if code.startswith("31")} == {"prov-31"}
    assert "ppk-3171" not in institutions.institutions()


def test_each_region_has_a_personnel_authority_that_exists() -> None:
    assert {institutions.ppk_of(code) for code in regions.regions()} <= set(
        institutions.personnel_authorities()
    )


def test_ids_can_stand_in_subjects_and_resource_names() -> None:
    for identifier in institutions.institutions():
        assert re.fullmatch(r"[a-z][a-z0-9-]{1,38}", identifier)


@pytest.mark.parametrize("identifier", ["", "BKN", "ppk-9999", "ppk-62.02", "prov-6202"])
def test_an_unknown_institution_is_refused_on_the_callers_field(identifier: str) -> None:
    with pytest.raises(institutions.Unknown) as refused:
        institutions.institution(identifier, field="employer")

    assert refused.value.field == "employer"


def test_the_examiner_was_kasn_until_the_day_on_which_bkn_took_over() -> None:
    assert institutions.role_holder("examiner", LAST_DAY_OF_KASN) == "kasn"
    assert institutions.role_holder("examiner", FIRST_DAY_OF_BKN) == "bkn"


def test_there_is_exactly_one_examiner_on_every_day_since_2015() -> None:
    day = date(2015, 1, 1)
    while day < date(2028, 1, 1):
        assert institutions.role_holder("examiner", day) in ("kasn", "bkn")
        day += timedelta(days=1)


def test_kasn_holds_the_role_for_a_period_that_ended() -> None:
    held, former = institutions.default_roles("kasn")

    assert (held.role, held.until) == ("examiner", FIRST_DAY_OF_BKN)
    assert (former.role, former.since, former.until) == ("former_examiner", FIRST_DAY_OF_BKN, None)
    assert held.on(LAST_DAY_OF_KASN)
    assert not held.on(FIRST_DAY_OF_BKN)


@pytest.mark.parametrize(
    ("institution", "roles"),
    [
        ("bawaslu", {"supervisor"}),
        ("bkn", {"examiner", "data_holder"}),
        ("kemendagri", {"warner", "personnel_authority"}),
        ("kemenpanrb", {"warner", "personnel_authority"}),
        ("ppk-6202", {"personnel_authority"}),
        ("prov-62", {"personnel_authority"}),
    ],
)
def test_an_institution_has_the_roles_of_the_agreement(institution: str, roles: set[str]) -> None:
    assert {held.role for held in institutions.default_roles(institution)} == roles


@pytest.mark.parametrize(
    ("authority", "warner"),
    [
        ("ppk-6202", "kemendagri"),
        ("prov-62", "kemendagri"),
        ("kemenag", "kemenpanrb"),
        ("kemendagri", "kemenpanrb"),
    ],
)
def test_kemendagri_warns_regional_authorities_and_kemenpanrb_central_ones(
    authority: str, warner: str
) -> None:
    other = "kemendagri" if warner == "kemenpanrb" else "kemenpanrb"

    assert institutions.role_holder("warner", FIRST_DAY_OF_BKN, authority) == warner
    assert institutions.is_over(warner, "warner", authority, FIRST_DAY_OF_BKN)
    assert not institutions.is_over(other, "warner", authority, FIRST_DAY_OF_BKN)


@pytest.mark.parametrize("role", ["personnel_authority", "president", ""])
def test_no_single_institution_holds_a_role_of_many_or_of_nobody(role: str) -> None:
    with pytest.raises(Malformed):
        institutions.role_holder(role, FIRST_DAY_OF_BKN)


def test_before_the_law_nobody_is_examiner() -> None:
    with pytest.raises(Malformed):
        institutions.role_holder("examiner", date(2013, 12, 31))


def test_an_authority_by_its_regions_code_of_before_is_refused_by_name_of_the_one_of_today() -> None:
    with pytest.raises(institutions.Unknown) as refused:
        institutions.institution("ppk-9101", field="employer")

    assert refused.value.field == "employer"
    assert "ppk-9301" in refused.value.message
    assert institutions.id_now("ppk-6202") == institutions.id_now("bkn") == ""

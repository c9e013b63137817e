import re
from datetime import date, timedelta

import pytest

from agreement import law
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
        ("bpk", {"auditor"}),
        ("insp-ppk-6202", {"auditor"}),
        ("kpu", {"organiser"}),
        ("insp-kemenkeu", {"auditor"}),
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


def test_an_inspectorate_is_that_of_an_authority_and_no_party_of_its_own_making() -> None:
    found = institutions.institution(institutions.inspectorate_of("ppk-9401"))

    assert (found.name, found.region) == ("Inspektorat Pemerintah Kabupaten Nabire", "94.01")
    assert str(institutions.zone(found.id)) == "Asia/Jayapura"
    assert found.id not in institutions.institutions()
    for other in ("insp-bkn", "insp-ppk-9999", "insp-"):
        with pytest.raises(institutions.Unknown):
            institutions.default_roles(other)


@pytest.mark.parametrize("role", ["personnel_authority", "auditor", "president", ""])
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


# --- central authorities -------------------------------------------------------------------------------------------

CABINET_OF_2024 = date(2024, 10, 21)


def central_on(day: date, *kinds: str) -> set[str]:
    known = map(institutions.institution, institutions.personnel_authorities())
    return {each.id for each in known if each.kind in kinds and each.on(day)}


def test_the_cabinet_of_2024_has_the_48_ministries_that_its_regulation_lists() -> None:
    listed = {
        each.id
        for each in institutions.institutions().values()
        if each.source.startswith("Perpres 139/2024 art. 1 no.")
    }

    assert len(listed) == 48
    assert listed <= central_on(CABINET_OF_2024, "ministry", "agency")
    assert listed - {"bumn"} <= central_on(date(2026, 1, 1), "ministry")
    assert central_on(date(2026, 1, 1), "ministry") - listed == {"kemenhaj"}


@pytest.mark.parametrize(
    ("authority", "day", "successors"),
    [
        ("klhk", date(2025, 1, 1), "kemenhut, kemenlh"),
        ("kemenkumham", date(2025, 1, 1), "kemenkum, kemenham, kemenimipas"),
        ("bp-haji", date(2025, 9, 8), "kemenhaj"),
    ],
)
def test_an_authority_that_ended_is_refused_by_name_of_those_that_have_its_tasks(
    authority: str, day: date, successors: str
) -> None:
    with pytest.raises(institutions.Unknown) as refused:
        institutions.require_existing(authority, day, field="addressee")

    assert refused.value.field == "addressee"
    assert successors in refused.value.message
    institutions.require_existing(authority, day - timedelta(days=1))


def test_until_its_organisation_is_made_anew_a_letter_may_go_to_the_old_ministry_or_the_new() -> None:
    for authority in ("klhk", "kemenhut", "kemenlh"):
        institutions.require_existing(authority, date(2024, 12, 31))
    with pytest.raises(institutions.Unknown, match="exists since 2024-10-21"):
        institutions.require_existing("kemenhut", date(2024, 10, 20))


def test_a_ministry_that_was_renamed_keeps_its_id_and_its_letters_of_before_are_valid() -> None:
    found = institutions.institution("komdigi")

    assert (found.former_name, found.renamed) == ("Kementerian Komunikasi dan Informatika", CABINET_OF_2024)
    institutions.require_existing("komdigi", date(2020, 11, 1))
    assert "Kementerian Komunikasi dan Informatika until 2024-10-21" in law.rule("komdigi").says


def test_the_president_is_above_every_central_authority_and_nobody_above_him() -> None:
    central = central_on(date(2026, 1, 1), "ministry", "agency", "secretariat")

    assert len(central) > 90
    assert {institutions.superior_of(each) for each in central} == {"presiden"}
    assert institutions.superior_of("presiden") is None
    assert "presiden" not in institutions.personnel_authorities()
    assert {held.role for held in institutions.default_roles("presiden")} == {"personnel_authority"}


def test_what_no_clause_says_of_a_superior_is_not_confirmed_and_says_so() -> None:
    of_minister, of_secretary = (institutions.superior_line(kind) for kind in ("ministry", "secretariat"))

    assert of_minister is not None and of_secretary is not None
    assert (of_minister.confirmed, of_secretary.confirmed) == (False, True)
    assert "No clause says superior in words" in of_minister.note


def test_every_central_authority_names_its_source_and_what_was_not_read_of_it() -> None:
    central = [each for each in institutions.institutions().values() if each.region is None]

    assert all(each.source for each in central)
    assert all(each.note for each in central if not each.confirmed)
    assert sum(each.confirmed for each in central) > 60

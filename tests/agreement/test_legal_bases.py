from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement import legal_bases
from exchange.refusals import Malformed, NotAllowed

PATH = (
    "netral.supervisor.referred.v1",
    "netral.examiner.accepted.v1",
    "netral.examiner.returned.v1",
    "netral.examiner.not_proven.v1",
    "netral.examiner.recommended.v1",
    "netral.examiner.withdrawn.v1",
    "netral.examiner.objection_answered.v1",
    "netral.examiner.verified.v1",
    "netral.personnel_authority.opened.v1",
    "netral.personnel_authority.acknowledged.v1",
    "netral.personnel_authority.rejected.v1",
    "netral.personnel_authority.objected.v1",
    "netral.personnel_authority.decided.v1",
    "netral.personnel_authority.followed_up.v1",
)
# Under the circular by which the role passed, and not before it.
SUCCESSION = {f"netral.examiner.{fact}.v1" for fact in ("transferred", "took_over", "forwarded")}
REFERRED, ACCEPTED, RECOMMENDED, DECIDED = PATH[0], PATH[1], PATH[4], PATH[12]
IN_2023 = date(2023, 11, 15)
AFTER_KASN = date(2024, 9, 4)


def test_the_statement_types_are_those_of_the_path() -> None:
    assert tuple(each for each in legal_bases.statement_types() if each not in SUCCESSION) == PATH
    assert set(legal_bases.statement_types()) > SUCCESSION


@given(st.sampled_from(PATH), st.dates(date(2017, 8, 16), date(2040, 1, 1)))
def test_on_every_day_each_statement_has_a_default_basis_that_permits_it(statement: str, day: date) -> None:
    basis = legal_bases.default_basis(statement, day)

    assert legal_bases.permits(basis, statement, legal_bases.statement_types()[statement].role, day)


@pytest.mark.parametrize(
    ("statement", "day", "basis"),
    [
        (REFERRED, date(2019, 4, 1), "uu-7-2017-art-455"),
        (REFERRED, date(2020, 7, 1), "pks-2020"),
        (REFERRED, date(2023, 1, 30), "pks-2020"),
        (REFERRED, date(2023, 1, 31), "pks-2023"),
        (REFERRED, AFTER_KASN, "skb-2022"),
        (ACCEPTED, IN_2023, "pks-2023"),
        (RECOMMENDED, IN_2023, "uu-5-2014-art-32"),
        (RECOMMENDED, AFTER_KASN, "perpres-92-2024"),
        (DECIDED, date(2020, 7, 1), "pp-53-2010"),
        (DECIDED, IN_2023, "pp-94-2021"),
    ],
)
def test_the_default_basis_follows_the_date(statement: str, day: date, basis: str) -> None:
    assert legal_bases.default_basis(statement, day) == basis


def test_no_cooperation_agreement_permits_anything_once_kasn_is_gone() -> None:
    for statement in legal_bases.statement_types().values():
        for basis in ("pks-2020", "pks-2023"):
            assert not legal_bases.permits(basis, statement.type, statement.role, AFTER_KASN)


def test_a_personnel_authority_is_no_party_of_the_cooperation_agreement() -> None:
    for basis in ("pks-2020", "pks-2023"):
        assert legal_bases.basis(basis).roles == {"supervisor", "examiner"}
        assert not {
            each for each in legal_bases.basis(basis).statement_types if "personnel_authority" in each
        }


def test_a_basis_permits_the_role_of_the_statement_and_no_other() -> None:
    assert legal_bases.permits("skb-2022", RECOMMENDED, "examiner", IN_2023)
    assert not legal_bases.permits("skb-2022", RECOMMENDED, "supervisor", IN_2023)
    assert not legal_bases.permits("skb-2022", RECOMMENDED, "personnel_authority", IN_2023)


def test_a_basis_permits_from_its_first_day_until_before_its_last() -> None:
    assert not legal_bases.permits("pks-2023", REFERRED, "supervisor", date(2023, 1, 30))
    assert legal_bases.permits("pks-2023", REFERRED, "supervisor", date(2023, 1, 31))
    assert legal_bases.permits("pks-2023", REFERRED, "supervisor", date(2024, 9, 3))
    assert not legal_bases.permits("pks-2023", REFERRED, "supervisor", AFTER_KASN)


@pytest.mark.parametrize(
    ("basis", "statement", "role"),
    [
        ("uu-7-2017-art-455", RECOMMENDED, "examiner"),
        ("pp-94-2021", REFERRED, "supervisor"),
        ("no-such-law", REFERRED, "supervisor"),
        ("skb-2022", "netral.supervisor.praised.v1", "supervisor"),
        ("skb-2022", REFERRED, "president"),
    ],
)
def test_what_is_not_listed_is_not_permitted(basis: str, statement: str, role: str) -> None:
    assert not legal_bases.permits(basis, statement, role, IN_2023)


def test_a_basis_whose_clauses_could_not_be_read_says_so() -> None:
    for basis in ("pks-2020", "pks-2023", "skb-2020", "skb-2022", "uu-7-2017-art-455", "uu-5-2014-art-32"):
        assert not legal_bases.basis(basis).confirmed
        assert legal_bases.basis(basis).note


def test_every_basis_names_where_it_was_read() -> None:
    for basis in legal_bases.bases().values():
        assert basis.source
        assert basis.title_id
        assert basis.title_en


def test_an_unknown_basis_is_refused_on_the_callers_field() -> None:
    with pytest.raises(legal_bases.Unknown) as refused:
        legal_bases.basis("no-such-law", field="basis")

    assert isinstance(refused.value, Malformed)
    assert refused.value.field == "basis"


def test_there_is_no_default_basis_for_an_unknown_type_or_before_the_first_one() -> None:
    with pytest.raises(Malformed):
        legal_bases.default_basis("netral.supervisor.praised.v1", IN_2023)
    with pytest.raises(NotAllowed):
        legal_bases.default_basis(REFERRED, date(2017, 8, 15))

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement.information import legal_bases
from agreement.parties import institutions
from refusals import Malformed, NotAllowed

SAYS = {
    "supervisor": "referred completed offence_forwarded offence_progressed silence_claimed figures_stated figures_agreed campaign_issued "
    "plan_proposed plan_agreed plan_noted information_answered",
    "examiner": "accepted returned completion_requested not_proven clarification_requested recommended corrected due_date_moved withdrawn "
    "objection_answered verified reminded reprimanded escalated silence_claimed silence_refuted transferred took_over forwarded "
    "figures_stated figures_agreed campaign_issued plan_proposed plan_agreed plan_noted",
    "personnel_authority": "opened acknowledged rejected clarified objected progressed released_from_duty decided decree_corrected appealed followed_up "
    "silence_refuted campaign_opened prevention_reported pledges_listed information_passed",
    "data_holder": "blocked unblocked decree_annulled",
    "warner": "warned",
}
ERASURES = ("erasure_ordered", "erasure_answered", "hold_placed", "hold_lifted")
for _role in SAYS:  # each may ask for something under a basis; all but the warner hold something
    SAYS[_role] += " disclosure_requested disclosure_received"
    SAYS[_role] += " " + " ".join(ERASURES)
    SAYS[_role] += "" if _role == "warner" else " disclosure_granted disclosure_refused"
TYPES = {f"netral.{role}.{fact}.v1": role for role, facts in SAYS.items() for fact in facts.split()}
PARTIES = {
    "supervisor": ["bawaslu"],
    "examiner": ["kasn", "bkn"],
    "personnel_authority": ["ppk-6202", "kemendagri"],
    "data_holder": ["bkn"],
    "warner": ["kemendagri"],
}
REFERRED, ACCEPTED = "netral.supervisor.referred.v1", "netral.examiner.accepted.v1"
RECOMMENDED, REMINDED = "netral.examiner.recommended.v1", "netral.examiner.reminded.v1"
DECIDED, BLOCKED = "netral.personnel_authority.decided.v1", "netral.data_holder.blocked.v1"
WARNED, TRANSFERRED = "netral.warner.warned.v1", "netral.examiner.transferred.v1"
FIGURES, ESCALATED = "netral.supervisor.figures_stated.v1", "netral.examiner.escalated.v1"
CIRCULAR = "netral.examiner.campaign_issued.v1"
PLEDGES = "netral.personnel_authority.pledges_listed.v1"
IN_2023 = date(2023, 11, 15)
LAST_OF_KASN, AFTER_KASN = date(2024, 9, 3), date(2024, 9, 4)
ITEMS = ["data-exchange", "prevention", "supervision", "enforcement", "monitoring"]


def first_day(statement: str) -> date:
    found = legal_bases.statement_types()[statement]
    return min(legal_bases.basis(basis).since for basis in found.bases)


def test_every_role_may_say_what_its_part_needs_and_nothing_else_is_listed() -> None:
    assert {each.type: each.role for each in legal_bases.statement_types().values()} == TYPES


@given(st.data())
def test_from_its_first_basis_on_each_statement_has_a_default_basis_that_permits_it(
    data: st.DataObject,
) -> None:
    statement = data.draw(st.sampled_from(sorted(TYPES)))
    sender = data.draw(st.sampled_from(PARTIES[TYPES[statement]]))
    day = data.draw(st.dates(first_day(statement), date(2040, 1, 1)))
    if sender == "bkn" and TYPES[statement] == "examiner" and day < AFTER_KASN:
        return  # it was no examiner then

    basis = legal_bases.default_basis(statement, day, sender)

    assert legal_bases.objection(basis, statement, TYPES[statement], sender, day) == ""


@pytest.mark.parametrize(
    ("statement", "sender", "day", "basis"),
    [
        (REFERRED, "bawaslu", date(2019, 4, 1), "uu-7-2017-art-455"),
        (REFERRED, "bawaslu", date(2020, 7, 1), "pks-2020/enforcement"),
        (REFERRED, "bawaslu", date(2023, 1, 30), "pks-2020/enforcement"),
        (REFERRED, "bawaslu", date(2023, 1, 31), "pks-2023/enforcement"),
        (REFERRED, "bawaslu", AFTER_KASN, "skb-2022"),
        (ACCEPTED, "kasn", IN_2023, "pks-2023/enforcement"),
        (ACCEPTED, "bkn", IN_2023, "uu-5-2014-art-31"),
        (RECOMMENDED, "kasn", LAST_OF_KASN, "uu-5-2014-art-32"),
        (RECOMMENDED, "bkn", AFTER_KASN, "perpres-92-2024"),
        (ESCALATED, "kasn", IN_2023, "uu-5-2014-art-33"),
        (FIGURES, "bawaslu", date(2020, 11, 26), "pks-2020/data-exchange"),
        (TRANSFERRED, "kasn", LAST_OF_KASN, "uu-20-2023"),
        (TRANSFERRED, "kasn", AFTER_KASN, "se-menpanrb-4-2024"),
        (DECIDED, "ppk-6202", date(2020, 7, 1), "pp-53-2010"),
        (DECIDED, "ppk-6202", IN_2023, "pp-94-2021"),
        (BLOCKED, "bkn", date(2020, 11, 26), "skb-2020"),
        (BLOCKED, "bkn", IN_2023, "peraturan-bkn-1-2023"),
        (WARNED, "kemendagri", date(2020, 10, 27), "pp-12-2017"),
        (WARNED, "kemenpanrb", date(2020, 10, 27), "skb-2020"),
        (WARNED, "kemenpanrb", AFTER_KASN, "skb-2022"),
        (CIRCULAR, "kasn", date(2020, 9, 14), "pks-2020/prevention"),
        (CIRCULAR, "kasn", IN_2023, "pks-2023/prevention"),
        (CIRCULAR, "bkn", AFTER_KASN, "perpres-92-2024"),
        (PLEDGES, "ppk-6202", date(2020, 10, 7), "skb-2020"),
        (PLEDGES, "ppk-6202", IN_2023, "skb-2022"),
    ],
)
def test_the_default_basis_follows_the_date_and_the_sender(
    statement: str, sender: str, day: date, basis: str
) -> None:
    assert legal_bases.default_basis(statement, day, sender) == basis


@pytest.mark.parametrize("agreement", ["pks-2020", "pks-2023"])
def test_an_agreement_has_its_five_items_and_binds_bawaslu_and_kasn(agreement: str) -> None:
    items = [each for each in legal_bases.bases().values() if each.agreement == agreement]
    whole = legal_bases.basis(agreement)

    assert [each.id for each in items] == [f"{agreement}/{item}" for item in ITEMS]
    for item in items:
        assert (item.parties, item.since, item.until) == ({"bawaslu", "kasn"}, whole.since, whole.until)
        assert [each for each in institutions.institutions() if item.binds(each)] == ["bawaslu", "kasn"]
        assert not item.confirmed


def test_bawaslu_and_bkn_may_lean_on_their_agreement_whose_text_is_unread_and_never_do_so_by_default() -> (
    None
):
    basis, day = "pks-bkn-2024/unread", AFTER_KASN
    found = legal_bases.basis(basis)

    assert (found.confirmed, found.parties) == (False, {"bkn", "bawaslu"})
    assert "unread" in found.note
    assert legal_bases.permits(basis, FIGURES, "supervisor", "bawaslu", day)
    assert legal_bases.permits(basis, "netral.examiner.figures_stated.v1", "examiner", "bkn", day)
    assert not legal_bases.permits(basis, "netral.examiner.figures_stated.v1", "examiner", "kasn", day)
    assert not legal_bases.permits(basis, FIGURES, "supervisor", "bawaslu", date(2024, 1, 16))
    for statement, role in TYPES.items():
        for sender in PARTIES[role]:
            if first_day(statement) <= day:
                assert legal_bases.default_basis(statement, day, sender) != basis


def test_the_two_agreements_name_the_fourth_field_differently() -> None:
    assert legal_bases.basis("pks-2020/enforcement").title_id.endswith(": Penindakan")
    assert legal_bases.basis("pks-2023/enforcement").title_id.endswith(
        ": Penanganan pelanggaran pemilu/pemilihan"
    )


def test_no_cooperation_agreement_permits_anything_once_kasn_is_gone() -> None:
    for statement, role in TYPES.items():
        for basis in (f"{agreement}/{item}" for agreement in ("pks-2020", "pks-2023") for item in ITEMS):
            for sender in PARTIES[role]:
                assert legal_bases.objection(basis, statement, role, sender, AFTER_KASN)


def test_only_supervisor_and_examiner_lean_on_a_cooperation_agreement() -> None:
    leaning = {
        each.role
        for each in (*legal_bases.statement_types().values(), *legal_bases.data_requests())
        if any(basis.startswith("pks-") for basis in each.bases)
    }

    assert leaning == {"supervisor", "examiner"}


def test_the_examiners_bases_change_on_the_day_on_which_the_role_passes() -> None:
    for statement, role in TYPES.items():
        of_the_law = statement.split(".")[2] in ERASURES  # it binds whoever holds the role
        if role == "examiner" and statement != TRANSFERRED and not of_the_law:
            before = legal_bases.default_basis(statement, LAST_OF_KASN, "kasn")
            after = legal_bases.default_basis(statement, AFTER_KASN, "bkn")
            assert before != after
            assert not after.startswith(("pks-", "uu-5-2014"))


@pytest.mark.parametrize(
    ("basis", "statement", "sender", "day", "objection"),
    [
        (
            "pks-2023/enforcement",
            REFERRED,
            "bawaslu",
            date(2023, 1, 30),
            "pks-2023/enforcement was not in force before 2023-01-31",
        ),
        (
            "pks-2020/enforcement",
            REFERRED,
            "bawaslu",
            date(2023, 1, 31),
            "pks-2020/enforcement lapsed on 2023-01-31",
        ),
        (
            "pks-2023/enforcement",
            REFERRED,
            "bawaslu",
            AFTER_KASN,
            "pks-2023/enforcement lapsed on 2024-09-04",
        ),
        (
            "pks-2023/prevention",
            REFERRED,
            "bawaslu",
            IN_2023,
            f"pks-2023/prevention does not permit {REFERRED}",
        ),
        ("pks-2023", REFERRED, "bawaslu", IN_2023, f"pks-2023 does not permit {REFERRED}"),
        (
            "pks-2023/enforcement",
            RECOMMENDED,
            "bkn",
            IN_2023,
            "pks-2023/enforcement binds its parties only, and the sender is none",
        ),
        (
            "pks-2023/monitoring",
            DECIDED,
            "ppk-6202",
            IN_2023,
            f"pks-2023/monitoring does not permit {DECIDED}",
        ),
        ("uu-5-2014-art-32", RECOMMENDED, "kasn", AFTER_KASN, "uu-5-2014-art-32 lapsed on 2024-09-04"),
        (
            "perpres-92-2024",
            RECOMMENDED,
            "bkn",
            LAST_OF_KASN,
            "perpres-92-2024 was not in force before 2024-09-04",
        ),
        (
            "uu-7-2017-art-455",
            RECOMMENDED,
            "kasn",
            IN_2023,
            f"uu-7-2017-art-455 does not permit {RECOMMENDED}",
        ),
        ("no-such-law", REFERRED, "bawaslu", IN_2023, "what is cited is not a legal basis of the agreement"),
        ("", REFERRED, "bawaslu", IN_2023, "no legal basis is cited"),
        (
            "skb-2022",
            "netral.supervisor.praised.v1",
            "bawaslu",
            IN_2023,
            "the type is not one of the agreement",
        ),
    ],
)
def test_an_objection_names_the_basis_and_what_speaks_against_it(
    basis: str, statement: str, sender: str, day: date, objection: str
) -> None:
    role = statement.split(".")[1]

    assert legal_bases.objection(basis, statement, role, sender, day) == objection


def test_a_basis_permits_the_role_of_the_statement_and_no_other() -> None:
    assert legal_bases.permits("skb-2022", RECOMMENDED, "examiner", "kasn", IN_2023)
    for role in ("supervisor", "personnel_authority", "president", ""):
        assert not legal_bases.permits("skb-2022", RECOMMENDED, role, "kasn", IN_2023)


@given(st.text(), st.text(), st.text(), st.dates())
def test_nothing_that_a_sender_made_up_is_repeated_or_permitted(
    basis: str, statement: str, sender: str, day: date
) -> None:
    objections = {
        legal_bases.objection(basis, statement, "examiner", sender, day),
        legal_bases.objection(basis, RECOMMENDED, "examiner", sender, day),
        legal_bases.asking_objection(basis, statement, "examiner", "supervisor", sender, day),
    }

    assert objections <= {
        "no legal basis is cited",
        "what is cited is not a legal basis of the agreement",
        "the type is not one of the agreement",
        "this is not asked for by that role of that one",
    }


@pytest.mark.parametrize(
    ("basis", "data", "role", "of", "sender", "day", "permitted"),
    [
        ("pks-2023/monitoring", "follow_up_status", "supervisor", "examiner", "bawaslu", IN_2023, True),
        ("pks-2023/monitoring", "follow_up_status", "supervisor", "examiner", "bawaslu", AFTER_KASN, False),
        ("skb-2022", "follow_up_status", "supervisor", "examiner", "bawaslu", AFTER_KASN, True),
        ("uu-5-2014-art-32", "personnel_record", "examiner", "personnel_authority", "kasn", IN_2023, True),
        ("pks-2023/enforcement", "evidence", "examiner", "supervisor", "kasn", IN_2023, True),
        ("pks-2023/enforcement", "evidence", "examiner", "supervisor", "bkn", IN_2023, False),
        ("pks-2023/data-exchange", "evidence", "examiner", "supervisor", "kasn", IN_2023, False),
        ("skb-2022", "evidence", "personnel_authority", "supervisor", "ppk-6202", IN_2023, False),
        ("skb-2022", "personnel_record", "supervisor", "data_holder", "bawaslu", IN_2023, False),
        ("pp-12-2017", "follow_up_status", "warner", "examiner", "kemendagri", IN_2023, True),
    ],
)
def test_data_is_asked_for_by_the_listed_role_of_the_listed_one_under_a_basis_in_force(
    basis: str, data: str, role: str, of: str, sender: str, day: date, permitted: bool
) -> None:
    assert (legal_bases.asking_objection(basis, data, role, of, sender, day) == "") == permitted


def test_nobody_asks_for_who_reported() -> None:
    assert not [each for each in legal_bases.data_requests() if "report" in each.data]


def test_a_basis_whose_clause_was_not_read_in_full_says_so() -> None:
    unread = {each.id for each in legal_bases.bases().values() if not each.confirmed and not each.agreement}

    assert unread == {
        "pks-2020",
        "pks-2023",
        "pks-bkn-2024",
        "skb-2020",
        "skb-2022",
        "uu-7-2017-art-455",
        "se-menpanrb-4-2024",
        "se-menpanrb-1-2023",
        "kepmenpanrb-16-2025",
        "perbawaslu-7-2022",
        "perbawaslu-8-2020",
        "perbawaslu-9-2024",
        "pp-94-2021-art-39",
        "peraturan-bkn-6-2022",
        "peraturan-bkn-1-2023",
        "pp-12-2017",
    }
    assert all(legal_bases.basis(each).note for each in unread)


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
        legal_bases.default_basis(REFERRED, date(2017, 8, 15), "bawaslu")

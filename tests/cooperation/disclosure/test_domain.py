"""The rules of disclosures, case by case: what may be asked, what the holder's policy says, every state × every act."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from agreement.information import disclosure as rules
from cooperation.disclosure.domain import decisions
from cooperation.disclosure.domain import requests as domain
from cooperation.disclosure.domain.documents import Described, Document
from cooperation.disclosure.domain.requests import Disclosure, State
from refusals import Malformed, NotAllowed, Refusal, WrongState
from support import machines

NOW = datetime(2023, 11, 20, 3, tzinfo=UTC)
TODAY = date(2023, 11, 20)
LAST_OF_THE_PKS, AFTER_THE_PKS = date(2024, 9, 3), date(2024, 9, 4)
ONE, TWO, THREE = "a" * 64, "b" * 64, "c" * 64


def a_command(**fields: Any) -> domain.RequestDisclosure:
    command = domain.RequestDisclosure(
        holder="bawaslu",
        data="evidence",
        purpose="EXAMINATION",
        legal_basis="pks-2023/enforcement",
        authority="head-1",
        fields=(),
        documents=(),
        role="",
    )
    return replace(command, **fields)


def ask(
    today: date = TODAY,
    asker: str = "kasn",
    roles: tuple[str, ...] = ("examiner",),
    holder_roles: tuple[str, ...] = ("supervisor",),
    **fields: Any,
) -> domain.DisclosureRequested:
    return domain.request(a_command(**fields), asker, roles, holder_roles, today)[1]


def a_disclosure(state: State = State.REQUESTED, **fields: Any) -> Disclosure:
    made = Disclosure(
        party="bawaslu",
        id="disclosure",
        matter="matter",
        case_id="case",
        state=state,
        created=NOW,
        updated=NOW,
        asker="kasn",
        role="examiner",
        holder="bawaslu",
        of="supervisor",
        data="evidence",
        purpose="EXAMINATION",
        legal_basis="pks-2023/enforcement",
        authority="head-1",
        request_date=TODAY,
    )
    if state in (State.GRANTED, State.FETCHING, State.RECEIVED):
        made = replace(made, granted=(described(ONE),), expires=NOW + timedelta(days=14))
    return replace(made, **fields)


def described(digest: str, kind: str = "EVIDENCE") -> Described:
    return Described(digest, 10, "application/pdf", kind)


def held(digest: str, kind: str = "EVIDENCE", disclosure: str = "") -> Document:
    return Document("bawaslu", "matter", digest, 10, "application/pdf", kind, NOW, disclosure)


def judged(today: date = TODAY, parties: tuple[str, ...] = ("kasn",), **fields: Any) -> decisions.Judgement:
    return decisions.judge(a_disclosure(**fields), parties, today)


def grant(
    disclosure: Disclosure, *documents: Document, command: domain.Grant | None = None
) -> domain.DisclosureGranted:
    judgement = decisions.judge(disclosure, ("kasn",), TODAY)
    return decisions.grant(disclosure, command or domain.Grant(), judgement, documents, "OFFICER", NOW)


# --- every state × every act ---------------------------------------------------------------------------------------

STATES = {state.name[:3]: state for state in State}
REFUSALS = {"-": "WRONG_STATE", "n": "NOT_GRANTED", "r": "ALREADY_RECEIVED"}
TABLE = machines.read(
    """
    act       event                REQ REF GRA FET REC
    grant     DisclosureGranted    GRA -   -   -   -
    refuse    DisclosureRefused    REF -   -   -   -
    order     FetchOrdered         -   -   FET -   -
    stop      FetchStopped         -   -   -   GRA -
    receive   DisclosureReceived   -   -   REC REC -
    confirm   DisclosureReceived   -   -   REC -   -
    hand_over Described            n   n   GRA n   r
    """,
    STATES,
    REFUSALS,
)
RECEIVED = domain.DisclosureReceived("disclosure", (ONE,), ())


def _confirm(disclosure: Disclosure) -> domain.DisclosureReceived:
    domain.check_confirmed(disclosure, RECEIVED)
    return RECEIVED


ACTS: dict[str, Callable[[Disclosure], Any]] = {
    "grant": lambda it: grant(it, held(ONE)),
    "refuse": lambda it: decisions.refuse(it, "OTHER", "OFFICER"),
    "order": lambda it: domain.order_fetch(it, NOW),
    "stop": lambda it: domain.stop_fetch(it, "GRANT_EXPIRED"),
    "receive": lambda it: domain.receive(it, {ONE}),
    "confirm": _confirm,
    "hand_over": lambda it: decisions.check_handover(it, ONE, 0, TODAY, NOW),
}


@pytest.mark.parametrize(("act", "state"), TABLE, ids=lambda value: str(value))
def test_an_act_is_possible_where_the_table_says_so(act: str, state: State) -> None:
    cell, before = TABLE[act, state], a_disclosure(state)

    if cell.refused:
        with pytest.raises(Refusal) as refused:
            ACTS[act](before)
        assert refused.value.reason == cell.refused
        return
    event = ACTS[act](before)
    assert type(event).__name__ == cell.event
    after = before if isinstance(event, Described) else domain.apply(before, event)
    assert after.state == cell.after


def test_the_table_has_every_act_in_every_state() -> None:
    assert set(TABLE) == {(act, state) for act in ACTS for state in State}


# --- asking ----------------------------------------------------------------------------------------------------------


def test_a_request_carries_its_day_and_the_role_that_holds_the_data() -> None:
    asked = ask()

    assert (asked.of, asked.request_date, asked.purpose) == ("supervisor", TODAY, "EXAMINATION")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"purpose": "CURIOSITY"}, "purpose"),
        ({"data": "reporter"}, "data"),
        ({"authority": "199001012015031001"}, "authority"),
        ({"fields": ("grade",)}, "fields"),
        ({"fields": ("reporter",)}, "fields[0]"),
    ],
    ids=["purpose", "data", "a NIP", "facts of documents", "unknown fact"],
)
def test_what_is_wrong_in_itself_is_refused_by_field(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed) as refused:
        ask(**fields)

    assert refused.value.field == field
    assert "199001012015031001" not in str(refused.value)


@pytest.mark.parametrize(
    ("basis", "today", "reason"),
    [
        ("pks-2023/enforcement", AFTER_THE_PKS, "AGREEMENT_CLOSED"),
        ("pks-2023/enforcement", date(2023, 1, 30), "AGREEMENT_CLOSED"),
        ("pks-2023/prevention", TODAY, "NO_LEGAL_BASIS"),
        ("perpres-92-2024", TODAY, "NO_LEGAL_BASIS"),
        ("made-up", TODAY, "NO_LEGAL_BASIS"),
    ],
)
def test_what_the_agreement_does_not_permit_is_not_asked(basis: str, today: date, reason: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        ask(today, legal_basis=basis)

    assert (refused.value.reason, refused.value.field) == (reason, "legal_basis")
    assert "made-up" not in refused.value.message


def test_who_is_no_party_of_the_agreement_cannot_ask_under_it() -> None:
    with pytest.raises(NotAllowed) as refused:
        ask(asker="bkn")

    assert refused.value.reason == "NO_LEGAL_BASIS"


def test_a_role_that_is_given_nothing_cannot_ask() -> None:
    with pytest.raises(NotAllowed) as refused:
        ask(roles=("personnel_authority",))

    assert (refused.value.reason, refused.value.field) == ("NOT_ASKED_FOR", "holder")


def test_who_may_ask_in_two_roles_names_one() -> None:
    both = {"data": "recommendation", "purpose": "BLOCKING", "legal_basis": "skb-2022"}
    roles, of = ("data_holder", "warner"), ("examiner",)

    with pytest.raises(Malformed) as refused:
        ask(asker="bkn", roles=roles, holder_roles=of, **both)
    assert refused.value.field == "role"
    assert ask(asker="bkn", roles=roles, holder_roles=of, role="data_holder", **both).of == "examiner"


def test_facts_are_asked_for_by_name() -> None:
    with pytest.raises(Malformed) as refused:
        ask(data="personnel_record", legal_basis="uu-5-2014-art-32", holder_roles=("personnel_authority",))

    assert refused.value.field == "fields"


# --- the holder's policy ---------------------------------------------------------------------------------------------


def test_the_policy_permits_what_a_rule_gives_to_a_party_of_the_case() -> None:
    judgement = judged()

    assert judgement.rule is not None and judgement.rule.automatic
    assert judgement.refusal == ""


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"purpose": "MONITORING"}, "PURPOSE_NOT_COVERED"),
        ({"legal_basis": "pks-2023/monitoring"}, "BASIS_NOT_VALID"),
        ({"legal_basis": "perpres-92-2024"}, "BASIS_NOT_VALID"),
        ({"asker": "bkn", "legal_basis": "pks-2023/enforcement"}, "BASIS_NOT_VALID"),
        ({"parties": ("ppk-6202",)}, "NOT_A_PARTY"),
        ({"role": "personnel_authority", "legal_basis": "skb-2022"}, "NOT_ASKED_FOR"),
        ({"request_date": AFTER_THE_PKS}, "AGREEMENT_CLOSED"),
        ({"today": AFTER_THE_PKS}, "AGREEMENT_CLOSED"),
        ({"today": LAST_OF_THE_PKS}, ""),
        (
            {
                "data": "personnel_record",
                "of": "personnel_authority",
                "legal_basis": "uu-5-2014-art-32",
                "fields": ("nik",),
            },
            "NOTHING_TO_GIVE",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_the_policy_names_why_it_refuses(fields: dict[str, Any], reason: str) -> None:
    assert judged(**fields).refusal == reason


def test_only_the_facts_that_the_rule_gives_are_given() -> None:
    asked = a_disclosure(
        data="personnel_record",
        of="personnel_authority",
        legal_basis="uu-5-2014-art-32",
        fields=("grade", "nik", "unit", "position"),
    )

    granted = grant(asked, command=domain.Grant(("position", "grade")))

    assert granted.fields == ("grade", "position")
    with pytest.raises(Malformed) as refused:
        grant(asked, command=domain.Grant(("grade", "nik")))
    assert refused.value.field == "facts[1].field"
    with pytest.raises(Malformed):
        grant(asked, command=domain.Grant(("grade", "grade")))


def test_documents_of_other_kinds_and_those_of_others_are_not_given() -> None:
    granted = grant(a_disclosure(), held(ONE), held(TWO, "MINUTES"), held(THREE, disclosure="another"))

    assert granted.documents == (described(ONE),)
    assert granted.expire_time == NOW + timedelta(days=14)


def test_only_the_documents_that_were_asked_for_are_given() -> None:
    asked = a_disclosure(documents=(TWO,))

    assert grant(asked, held(ONE), held(TWO)).documents == (described(TWO),)
    with pytest.raises(Malformed) as refused:
        grant(asked, held(ONE), held(TWO), command=domain.Grant(documents=(ONE,)))
    assert refused.value.field == "documents[0]"


def test_an_officer_gives_some_of_what_was_asked_for() -> None:
    granted = grant(a_disclosure(), held(ONE), held(TWO), command=domain.Grant(documents=(TWO,)))

    assert granted.documents == (described(TWO),)


def test_an_officer_cannot_give_what_the_policy_refuses() -> None:
    with pytest.raises(WrongState) as refused:
        grant(a_disclosure(purpose="MONITORING"), held(ONE))

    assert refused.value.reason == "PURPOSE_NOT_COVERED"


def test_nothing_that_is_held_is_nothing_to_grant_and_too_much_is_refused() -> None:
    with pytest.raises(WrongState) as nothing:
        grant(a_disclosure())
    with pytest.raises(WrongState) as much:
        grant(a_disclosure(), *(held(f"{n:064x}") for n in range(domain.MAX_DOCUMENTS + 1)))

    assert (nothing.value.reason, much.value.reason) == ("NOTHING_TO_GIVE", "TOO_MANY_DOCUMENTS")


# --- handing over ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "digest", "offset", "reason"),
    [
        ({}, TWO, 0, "NOT_GRANTED"),
        ({"expires": NOW}, ONE, 0, "GRANT_EXPIRED"),
        ({"legal_basis": "pks-2020/enforcement"}, ONE, 0, "AGREEMENT_CLOSED"),
        ({}, ONE, 11, "MALFORMED"),
        ({}, ONE, -1, "MALFORMED"),
    ],
)
def test_a_document_is_handed_over_only_under_a_grant_that_stands(
    fields: dict[str, Any], digest: str, offset: int, reason: str
) -> None:
    with pytest.raises(Refusal) as refused:
        decisions.check_handover(a_disclosure(State.GRANTED, **fields), digest, offset, TODAY, NOW)

    assert refused.value.reason == reason


def test_an_expired_grant_is_not_fetched() -> None:
    with pytest.raises(WrongState) as refused:
        domain.order_fetch(a_disclosure(State.GRANTED, expires=NOW), NOW)

    assert refused.value.reason == "GRANT_EXPIRED"


def test_it_is_received_when_every_document_is_here() -> None:
    both = a_disclosure(State.FETCHING, granted=(described(ONE), described(TWO)))

    with pytest.raises(WrongState) as refused:
        domain.receive(both, {ONE})
    assert refused.value.reason == "NOT_COMPLETE"
    assert domain.receive(both, {ONE, TWO, THREE}).documents == (ONE, TWO)


def test_a_confirmation_of_other_documents_is_refused() -> None:
    with pytest.raises(Malformed) as refused:
        domain.check_confirmed(a_disclosure(State.GRANTED), replace(RECEIVED, documents=(TWO,)))

    assert refused.value.reason == "NOT_WHAT_WAS_GRANTED"


# --- what another desk's software may send ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"data": "x" * 41}, "data"),
        ({"purpose": "Sri Wahyuni"}, "purpose"),
        ({"legal_basis": ""}, "legal_basis"),
        ({"authority": "199001012015031001"}, "authority"),
        ({"fields": ("a b",)}, "fields"),
        ({"fields": tuple(f"f{n}" for n in range(21))}, "fields"),
        ({"fields": ("grade", "grade")}, "fields"),
        ({"documents": (ONE, ONE)}, "documents"),
        ({"documents": ("zz",)}, "documents"),
        ({"documents": tuple(f"{n:064x}" for n in range(401))}, "documents"),
    ],
)
def test_a_request_that_cannot_be_one_is_refused_by_field(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed) as refused:
        domain.check_arrived(replace(ask(), **fields))

    assert refused.value.field == field


def test_every_rule_can_be_asked_for_under_some_basis() -> None:
    assert {rule.of for rule in rules.rules()} == {
        "supervisor",
        "examiner",
        "personnel_authority",
        "data_holder",
    }
    for rule in rules.rules():
        assert rule.unconfirmed or rule.source

"""Statements that a desk takes and sends are those that the agreement permits somebody to make."""

import importlib
from types import ModuleType
from typing import get_args

import pytest

from agreement.information import legal_bases
from exchange.statements.event_messages import statement_type
from ppk.recommendations.domain import events
from support.desks import BUILT

# What each desk hears from whom: a type of another role could never pass the inbox.
HEARD_FROM = {
    "bawaslu": {"examiner", "personnel_authority", "data_holder"},  # a decree that BKN annulled
    "kasn": {"supervisor", "personnel_authority", "examiner", "data_holder", "warner"},
    "ppk": {"examiner", "data_holder", "warner", "personnel_authority"},
}

SENT_IN = {"bawaslu": "bawaslu.matters.commands", "kasn": "kasn.matters.commands"}


@pytest.mark.parametrize("name", sorted(BUILT))
def test_a_desk_hears_only_what_the_agreement_lists_from_the_roles_it_deals_with(name: str) -> None:
    handlers = importlib.import_module(f"{name}.feature").FEATURE.received
    listed = legal_bases.statement_types()

    assert set(handlers) <= set(listed)
    assert {listed[type].role for type in handlers} <= HEARD_FROM[name]


@pytest.mark.parametrize("name", sorted(SENT_IN))
def test_a_desk_sends_only_what_the_agreement_lists(name: str) -> None:
    sent = set(types_in(importlib.import_module(SENT_IN[name])))

    assert sent
    assert sent <= set(legal_bases.statement_types())


def test_an_authority_announces_each_of_its_events_by_a_type_of_the_agreement() -> None:
    announced = {statement_type("personnel_authority", event) for event in get_args(events.OwnEvent)}

    assert announced <= set(legal_bases.statement_types())


def test_prevention_says_and_hears_what_the_agreement_lists() -> None:
    prevention = importlib.import_module("cooperation.prevention.feature")
    from_authorities = prevention.sender("examiner").received
    to_authorities = prevention.authority(lambda party, id: []).received
    listed = legal_bases.statement_types()
    said = {
        type
        for room in ("campaigns.commands", "pledges.wire")
        for type in types_in(importlib.import_module(f"cooperation.prevention.{room}"))
    }

    assert {listed[type].role for type in to_authorities} == {"supervisor", "examiner"}
    assert {listed[type].role for type in from_authorities} == {"personnel_authority"}
    assert said == set(from_authorities)


def test_supervision_says_and_hears_what_the_agreement_lists() -> None:
    listed = legal_bases.statement_types()
    hears = importlib.import_module("cooperation.supervision.indications.received").TO_AUTHORITIES
    bawaslu_says = types_in(importlib.import_module("bawaslu.matters.commands"))
    team_says = types_in(importlib.import_module("cooperation.supervision.indications.commands"))

    assert set(hears) <= set(bawaslu_says) <= set(listed)
    assert set(team_says) <= set(importlib.import_module("bawaslu.feature").FEATURE.received)
    plans = importlib.import_module("cooperation.supervision.plans.commands")
    for role in ("supervisor", "examiner"):
        said = {plans.proposed(role), plans.agreed(role), plans.noted(role)}
        assert (
            said
            == set(importlib.import_module("cooperation.supervision.plans.received").heard_from(role))
            <= set(listed)
        )


def types_in(module: ModuleType) -> list[str]:
    """The statement types that a module names."""
    values = [value for value in vars(module).values() if isinstance(value, str)]
    return [value for value in values if value.startswith("netral.") and value.endswith(".v1")]


def test_every_desk_hears_of_disclosures_what_the_agreement_lists_and_nothing_else() -> None:
    handlers = importlib.import_module("cooperation.disclosure.received").RECEIVED
    listed = {type for type in legal_bases.statement_types() if ".disclosure_" in type}

    assert set(handlers) == listed
    for name in BUILT:
        assert listed <= set(importlib.import_module(f"{name}.__main__").HOST.handlers)

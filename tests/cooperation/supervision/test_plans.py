"""Joint supervision: the rules of a plan, and what each of the two desks says and hears of it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from cooperation.supervision.plans import domain
from cooperation.supervision.plans.domain import State
from netral.supervision.v1 import plans_pb2 as pb
from refusals import Conflict, Malformed, NotAllowed, WrongState
from support import acts, desks
from support.basics import DIGEST, day, done
from support.desks import Caller, Refused, Served
from support.supervisions import (
    PARTNERS,
    PLAN_READS,
    PLANS,
    a_note,
    a_plan,
    an_agreement,
    is_agreed,
    is_proposed,
)

TODAY, NOW = date(2023, 11, 20), datetime(2023, 11, 20, 3, tzinfo=UTC)
HEX = "ab" * 32


def proposed(**other: Any) -> domain.Proposed:
    values: dict[str, Any] = {
        "number": "3/PWB/2023",
        "start_date": date(2023, 11, 1),
        "end_date": date(2023, 12, 31),
        "regions": ("62", "32.04"),
        "acts": ("2022-DSB7",),
        "document_digest": HEX,
    }
    return domain.Proposed(**(values | other))


def plan(state: State = State.PROPOSED) -> domain.Plan:
    return replace(domain.begin("kasn", "p", proposed(), "bawaslu", "kasn", NOW), state=state)


def agreed(**other: Any) -> domain.Agreed:
    return domain.Agreed(**({"letter_number": "4/PWB/2023", "agreed_date": TODAY} | other))


def noted(**other: Any) -> domain.Noted:
    values: dict[str, Any] = {
        "note_date": TODAY,
        "region": "62.02",
        "act": "2022-DSB7",
        "document_digest": HEX,
        "matter": "m",
    }
    return domain.Noted(**(values | other))


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("number", "", "number"),
        ("start_date", None, "start_date"),
        ("end_date", date(2023, 10, 31), "end_date"),
        ("regions", (), "regions"),
        ("regions", ("62", "62.99"), "regions[1]"),
        ("acts", (), "acts"),
        ("acts", ("2020-03",), "acts[0]"),
        ("document_digest", "ab", "document_digest"),
    ],
)
def test_a_plan_that_cannot_be_right_is_refused(field: str, value: Any, named: str) -> None:
    with pytest.raises(Malformed) as refused:
        domain.propose(proposed(**{field: value}))

    assert refused.value.field == named


@pytest.mark.parametrize("state", State)
def test_a_plan_is_agreed_once_and_noted_only_then(state: State) -> None:
    if state == State.PROPOSED:
        assert domain.agree(plan(state), agreed(), "kasn", TODAY).state == State.AGREED
        with pytest.raises(WrongState):
            domain.note(plan(state), noted(), "kasn", "s", TODAY)
    else:
        assert domain.note(plan(state), noted(), "bawaslu", "s", TODAY).notes[0].author == "bawaslu"
        with pytest.raises(WrongState):
            domain.agree(plan(state), agreed(), "kasn", TODAY)


def test_only_who_was_asked_agrees_and_nobody_else_notes() -> None:
    with pytest.raises(NotAllowed):
        domain.agree(plan(), agreed(), "bawaslu", TODAY)
    with pytest.raises(NotAllowed):
        domain.note(plan(State.AGREED), noted(), "ppk-6202", "s", TODAY)


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("note_date", date(2023, 11, 21), "note_date"),
        ("note_date", date(2023, 10, 31), "note_date"),
        ("note_date", None, "note_date"),
        ("region", "32.05", "region"),  # the plan has one regency of that province
        ("region", "62.99", "region"),
        ("act", "2020-03", "act"),
        ("act", "", "act"),  # a matter without an act
        ("document_digest", "ab", "document_digest"),
    ],
)
def test_a_note_that_is_not_of_the_plan_is_refused(field: str, value: Any, named: str) -> None:
    with pytest.raises(Malformed) as refused:
        domain.note(plan(State.AGREED), noted(**{field: value}), "kasn", "s", TODAY)

    assert refused.value.field == named


def test_a_note_is_taken_once() -> None:
    after = domain.note(plan(State.AGREED), noted(), "kasn", "s", TODAY)
    with pytest.raises(Conflict):
        domain.note(after, noted(), "kasn", "s", TODAY)


@pytest.fixture(params=PARTNERS)
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Served]:
    desks.write_trust(tmp_path)
    async with desks.serve(request.param, desks.settings(tmp_path, request.param)) as served:
        yield served


async def shown(served: Served, name: str) -> pb.Plan:
    answer = await served.call(
        PLAN_READS + "GetPlan", pb.GetPlanRequest(name=name), Caller(served.parties[0])
    )
    assert isinstance(answer, bytes), answer
    return pb.Plan.FromString(answer)


async def test_a_plan_goes_to_the_other_which_agrees_and_notes(desk: Served) -> None:
    other, role = PARTNERS[desk.name]
    act = await done(desk, PLANS + "ProposePlan", a_plan(f"institutions/{desk.parties[0]}"))
    id = act.matter.rpartition("/")[2]
    (told,) = await acts.sent(desk, act)
    facts = pb.PlanAgreed(letter_number="9/PWB", agreed_date=day())
    await acts.says(desk, other, f"netral.{role}.plan_agreed.v1", facts, matter=id)
    note = pb.PlanNoted(note_date=day(), region="62.02", document_digest=DIGEST)
    statement = await acts.says(desk, other, f"netral.{role}.plan_noted.v1", note, matter=id)
    found = await shown(desk, act.matter)

    assert (told.recipient, told.subject) == (other, id)
    assert (found.state, found.letter_number) == ("AGREED", "9/PWB")
    assert [(one.author, one.region, one.statement) for one in found.notes] == [(other, "62.02", statement)]


async def test_what_the_other_proposed_is_agreed_and_noted_here(desk: Served) -> None:
    other, _ = PARTNERS[desk.name]
    name = await is_proposed(desk)
    agreement = await done(desk, PLANS + "AgreePlan", an_agreement(name))
    note = await done(desk, PLANS + "AddFieldNote", a_note(name))
    told = [*await acts.sent(desk, agreement), *await acts.sent(desk, note)]

    assert {one.recipient for one in told} == {other}
    assert [one.author for one in (await shown(desk, name)).notes] == [desk.parties[0]]


async def test_who_proposed_does_not_agree(desk: Served) -> None:
    act = await done(desk, PLANS + "ProposePlan", a_plan(f"institutions/{desk.parties[0]}"))
    answer = await desk.call(PLANS + "AgreePlan", an_agreement(act.matter), Caller(desk.parties[0]))

    assert isinstance(answer, Refused)
    assert answer.reason == "NOT_OURS_TO_AGREE"


async def test_a_finding_is_linked_to_a_matter_of_this_desk_only(desk: Served) -> None:
    name = await is_agreed(desk)
    matter = f"institutions/{desk.parties[0]}/matters/0199aaaa-0000-7000-8000-000000000000"
    answer = await desk.call(PLANS + "AddFieldNote", a_note(name, matter=matter), Caller(desk.parties[0]))

    assert isinstance(answer, Refused)
    assert answer.fields == ("matter",)
    assert not (await shown(desk, name)).notes


async def test_a_finding_names_the_matter_that_it_led_to(tmp_path: Path) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve("bawaslu", desks.settings(tmp_path, "bawaslu")) as bawaslu:
        name, matter = await is_agreed(bawaslu), await acts.is_registered(bawaslu)
        note = await done(bawaslu, PLANS + "AddFieldNote", a_note(name, matter=matter))
        (told,) = await acts.sent(bawaslu, note)
        facts = pb.PlanNoted()
        told.facts.Unpack(facts)

        assert facts.matter == matter.rpartition("/")[2]
        assert [one.matter for one in (await shown(bawaslu, name)).notes] == [facts.matter]

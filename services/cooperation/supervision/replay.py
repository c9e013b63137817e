"""Replays indications of an authority's team and joint plans of supervision."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from google.protobuf.any_pb2 import Any as AnyMessage

from cooperation.supervision.indications import domain as indications
from cooperation.supervision.indications import wire as indications_wire
from cooperation.supervision.indications.domain import Indication
from cooperation.supervision.indications.tables import IndicationRow
from cooperation.supervision.plans import domain as plans
from cooperation.supervision.plans import wire as plans_wire
from cooperation.supervision.plans.domain import Plan
from cooperation.supervision.plans.tables import PlanRow
from cooperation.supervision.shared_tables import SupervisionNumber
from host.replay import (
    Comparison,
    Id,
    KeptTables,
    Recorded,
    Replay,
    TakenUp,
    Trail,
    compare,
    compare_numbers,
)


@dataclass
class _Replayed:
    indicated: dict[Id, Indication] = field(default_factory=dict)
    planned: dict[Id, Plan] = field(default_factory=dict)
    numbers: dict[tuple[str, str, str], str] = field(default_factory=dict)


def _compare(trail: Trail, tables: KeptTables) -> Iterator[Comparison]:
    found = _Replayed()
    for act in trail.acts:
        if isinstance(act, Recorded):
            first = act.record.statements[0] if act.record.statements else ""
            # What an act told stands in its statements, whose leaf may be on either side of its record.
            _did(found, act, first, trail.statements[first].recipient if first else "")
        elif isinstance(act, TakenUp):
            _heard(found, act)
    yield compare(IndicationRow, Indication, tables.rows(IndicationRow), found.indicated)
    yield compare(PlanRow, Plan, tables.rows(PlanRow), found.planned)
    yield compare_numbers(SupervisionNumber, tables.rows(SupervisionNumber), found.numbers)


def _did(found: _Replayed, act: Recorded, statement: str, to: str) -> None:
    party, matter = key = act.party, act.record.matter
    match _event_of(act.record.facts):
        case indications.Recorded() as event:
            found.indicated[key] = indications.begin(*key, event, act.at)
        case indications.Settled() as event:
            settled = indications.apply(found.indicated[key], event)
            found.indicated[key] = replace(settled, updated=act.at)
        case indications.Passed() as event:
            passed = indications.apply(found.indicated[key], event)
            found.indicated[key] = replace(passed, supervisor=to, statement=statement, updated=act.at)
            found.numbers[party, "letter", event.letter_number] = matter
        case plans.Proposed() as event:
            found.planned[key] = plans.begin(*key, event, party, to, act.at)
            found.numbers[party, "plan", event.number] = matter
        case plans.Agreed() as event:
            agreed = plans.agree(found.planned[key], event, party, None)
            found.planned[key] = replace(agreed, updated=act.at)
            found.numbers[party, "plan", event.letter_number] = matter
        case plans.Noted() as event:
            noted = plans.note(found.planned[key], event, party, statement, None)
            found.planned[key] = replace(noted, updated=act.at)


def _heard(found: _Replayed, act: TakenUp) -> None:
    said, key = act.statement, (act.party, act.statement.subject)
    match _event_of(said.facts):
        case indications.Passed() as event if said.copy_of:
            found.indicated[key] = indications.informed(*key, event, said.copy_of, act.at)
        case indications.Answered() as event:
            after = indications.hear(found.indicated[key], event, said.sender, said.case_id, said.id)
            found.indicated[key] = replace(after, updated=act.at)
        case plans.Proposed() as event:
            plan = plans.begin(*key, event, said.sender, act.party, act.at)
            found.planned[key] = replace(plan, heard=said.id)
        case plans.Agreed() as event:
            agreed = plans.agree(found.planned[key], event, said.sender, None)
            found.planned[key] = replace(agreed, updated=act.at, heard=said.id)
        case plans.Noted() as event:
            noted = plans.note(found.planned[key], event, said.sender, said.id, None)
            found.planned[key] = replace(noted, updated=act.at, heard=said.id)


def _event_of(facts: AnyMessage) -> indications.Event | plans.Event | None:
    return indications_wire.EVENTS.from_any(facts) or plans_wire.EVENTS.from_any(facts)


REPLAY = Replay((IndicationRow, PlanRow, SupervisionNumber), _compare)

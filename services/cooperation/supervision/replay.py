"""Replays indications of an authority's team and joint plans of supervision."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

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
    facts_of,
)
from netral.supervision.v1 import events_pb2, plans_pb2


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
    facts = facts_of(act.record.facts)
    match facts:
        case events_pb2.IndicationRecorded():
            found.indicated[key] = indications.begin(
                *key, indications_wire.event(facts, indications.Recorded), act.at
            )
        case events_pb2.IndicationSettled():
            after = indications.apply(
                found.indicated[key], indications_wire.event(facts, indications.Settled)
            )
            found.indicated[key] = replace(after, updated=act.at)
        case events_pb2.InformationPassed():
            after = indications.apply(found.indicated[key], indications_wire.event(facts, indications.Passed))
            after = replace(after, supervisor=to, statement=statement, updated=act.at)
            found.indicated[key] = after
            found.numbers[party, "letter", facts.letter_number] = matter
        case plans_pb2.PlanProposed():
            found.planned[key] = plans.begin(*key, plans_wire.event(facts, plans.Proposed), party, to, act.at)
            found.numbers[party, "plan", facts.number] = matter
        case plans_pb2.PlanAgreed():
            agreed = plans.agree(found.planned[key], plans_wire.event(facts, plans.Agreed), party, None)
            found.planned[key] = replace(agreed, updated=act.at)
            found.numbers[party, "plan", facts.letter_number] = matter
        case plans_pb2.PlanNoted():
            noted = plans.note(
                found.planned[key], plans_wire.event(facts, plans.Noted), party, statement, None
            )
            found.planned[key] = replace(noted, updated=act.at)


def _heard(found: _Replayed, act: TakenUp) -> None:
    said, key = act.statement, (act.party, act.statement.subject)
    facts = facts_of(said.facts)
    match facts:
        case events_pb2.InformationAnswered():
            event = indications_wire.event(facts, indications.Answered)
            after = indications.hear(found.indicated[key], event, said.sender, said.case_id, said.id)
            found.indicated[key] = replace(after, updated=act.at)
        case plans_pb2.PlanProposed():
            plan = plans.begin(*key, plans_wire.event(facts, plans.Proposed), said.sender, act.party, act.at)
            found.planned[key] = replace(plan, heard=said.id)
        case plans_pb2.PlanAgreed():
            agreed = plans.agree(found.planned[key], plans_wire.event(facts, plans.Agreed), said.sender, None)
            found.planned[key] = replace(agreed, updated=act.at, heard=said.id)
        case plans_pb2.PlanNoted():
            noted = plans.note(
                found.planned[key], plans_wire.event(facts, plans.Noted), said.sender, said.id, None
            )
            found.planned[key] = replace(noted, updated=act.at, heard=said.id)


REPLAY = Replay((IndicationRow, PlanRow, SupervisionNumber), _compare)

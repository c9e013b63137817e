"""Replays the supervisor's matters."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from bawaslu import wire
from bawaslu.matters.domain import rules as domain
from bawaslu.tables import MatterRow, UsedNumber
from host.replay import Comparison, Folding, KeptTables, Replay, TakenUp, Trail, compare, fold


def _compare(trail: Trail, tables: KeptTables) -> Iterator[Comparison]:
    found = fold(trail, Folding[domain.Matter, domain.Event](domain.blank, wire.event_of, _did, _heard))
    yield compare(MatterRow, domain.Matter, tables.rows(MatterRow), found)


def _did(matter: domain.Matter, event: domain.Event, at: datetime) -> domain.Matter:
    return replace(domain.apply(matter, event), updated=at)


def _heard(matter: domain.Matter, event: domain.Event, act: TakenUp) -> domain.Matter:
    return replace(domain.apply(matter, event), updated=act.at, heard=act.statement.id)


REPLAY = Replay((MatterRow,), _compare, numbers=(UsedNumber,))

"""Replays the supervisor's matters."""

from collections.abc import Iterator
from datetime import datetime

from agreement.entities import replace
from agreement.parties import bawaslu_numbers
from bawaslu.matters.domain.changes import apply
from bawaslu.matters.domain.events import Event
from bawaslu.matters.domain.matter import Matter, blank
from bawaslu.matters.tables import MatterRow
from bawaslu.matters.wire import EVENTS
from bawaslu.registry import UsedNumber
from host.replay import Comparison, Folding, KeptTables, Replay, TakenUp, Trail, compare, fold


def _compare(trail: Trail, tables: KeptTables) -> Iterator[Comparison]:
    found = fold(trail, Folding[Matter, Event](blank, EVENTS.from_any, _did, _heard))
    yield compare(MatterRow, Matter, tables.rows(MatterRow), found)


def _did(matter: Matter, event: Event, at: datetime) -> Matter:
    return replace(apply(matter, event), updated=at)


def _heard(matter: Matter, event: Event, act: TakenUp) -> Matter:
    return replace(apply(matter, event), updated=act.at, heard=act.statement.id)


REPLAY = Replay((MatterRow,), _compare, numbers=(UsedNumber,), spelled=bawaslu_numbers.canonical)

"""Replays the matters of personnel authorities."""

from collections.abc import Iterator
from datetime import datetime

from agreement.entities import replace
from cooperation.oversight.replay import is_of_desk
from host.replay import Comparison, Folding, KeptTables, Replay, TakenUp, Trail, compare, fold
from ppk.recommendations.domain import changes, events
from ppk.recommendations.domain.matter import Matter, blank
from ppk.recommendations.tables import MatterRow
from ppk.recommendations.wire import EVENTS
from ppk.registry import UsedNumber


def _compare(trail: Trail, tables: KeptTables) -> Iterator[Comparison]:
    found = fold(trail, Folding[Matter, events.Event](blank, EVENTS.from_any, _did, _heard, is_of_desk))
    yield compare(MatterRow, Matter, tables.rows(MatterRow), found)


def _did(matter: Matter, event: events.Event, at: datetime) -> Matter:
    return replace(changes.apply(matter, event), updated=at)


def _heard(matter: Matter, event: events.Event, act: TakenUp) -> Matter:
    if not isinstance(event, events.HeardEvent):
        raise ValueError("an authority is told no such thing")
    after = changes.hear(matter, event, act.statement.sender)
    return replace(after, updated=act.at, heard=act.statement.id)


REPLAY = Replay((MatterRow,), _compare, numbers=(UsedNumber,))

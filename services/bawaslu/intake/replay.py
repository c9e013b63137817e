"""Replays the supervisor's intakes from its records alone."""

from collections.abc import Iterator
from datetime import datetime

from agreement.entities import replace
from bawaslu.intake.domain import events, state
from bawaslu.intake.domain.state import Intake
from bawaslu.intake.tables import IntakeRow
from bawaslu.intake.wire import EVENTS
from host.replay import Comparison, Folding, KeptTables, Replay, Trail, compare, fold


def _compare(trail: Trail, tables: KeptTables) -> Iterator[Comparison]:
    found = fold(trail, Folding[Intake, events.Event](state.blank, EVENTS.from_any, _did))
    yield compare(IntakeRow, Intake, tables.rows(IntakeRow), found)


def _did(intake: Intake, event: events.Event, at: datetime) -> Intake:
    return replace(state.apply(intake, event), updated=at)


REPLAY = Replay((IntakeRow,), _compare)

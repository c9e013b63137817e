"""Replays discipline procedures from the records of the authorities alone."""

from collections.abc import Iterator
from datetime import datetime

from host.replay import Comparison, Folding, KeptTables, Replay, Trail, compare, fold
from ppk.discipline.domain import proceedings
from ppk.discipline.domain.proceedings import Proceeding
from ppk.discipline.tables import ProceedingRow
from ppk.discipline.wire import STEPS


def _compare(trail: Trail, tables: KeptTables) -> Iterator[Comparison]:
    found = fold(trail, Folding[Proceeding, proceedings.Event](_blank, STEPS.from_any, _did))
    yield compare(ProceedingRow, Proceeding, tables.rows(ProceedingRow), found)


def _blank(party: str, id: str, case_id: str, at: datetime) -> Proceeding:
    return Proceeding(party, id)


def _did(proceeding: Proceeding, event: proceedings.Event, at: datetime) -> Proceeding:
    return proceedings.apply(proceeding, event)


REPLAY = Replay((ProceedingRow,), _compare)

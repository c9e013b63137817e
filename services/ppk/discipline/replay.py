"""Replays discipline procedures from the records of the authorities, and from the annulments that they were told of."""

from collections.abc import Iterator
from datetime import datetime

from cooperation.oversight.replay import is_of_desk
from host.replay import Comparison, Folding, KeptTables, Replay, TakenUp, Trail, compare, fold
from ppk.discipline.domain import proceedings
from ppk.discipline.domain.proceedings import Proceeding
from ppk.discipline.tables import ProceedingRow
from ppk.discipline.wire import STEPS


def _compare(trail: Trail, tables: KeptTables) -> Iterator[Comparison]:
    found = fold(
        trail, Folding[Proceeding, proceedings.Event](_blank, STEPS.from_any, _did, _heard, is_of_desk)
    )
    yield compare(ProceedingRow, Proceeding, tables.rows(ProceedingRow), found)


def _blank(party: str, id: str, case_id: str, at: datetime) -> Proceeding:
    return Proceeding(party, id)


def _did(proceeding: Proceeding, event: proceedings.Event, at: datetime) -> Proceeding:
    return proceedings.apply(proceeding, event)


def _heard(proceeding: Proceeding, event: proceedings.Event, act: TakenUp) -> Proceeding:
    return proceedings.apply(proceeding, event)


REPLAY = Replay((ProceedingRow,), _compare)

"""Replays the matters that those who oversee got copies of."""

from collections.abc import Iterator
from datetime import datetime

from agreement.entities import replace
from cooperation.oversight import wire
from cooperation.oversight.commands import WARNED
from cooperation.oversight.domain import matters, rules
from cooperation.oversight.received import RECEIVED
from cooperation.oversight.tables import WatchedNumber, WatchedRow
from host.replay import Comparison, Folding, KeptTables, Recorded, Replay, TakenUp, Trail, compare, fold


def _compare(trail: Trail, tables: KeptTables) -> Iterator[Comparison]:
    found = fold(
        trail,
        Folding[matters.Watched, matters.Event](
            rules.blank, wire.EVENTS.from_any, _did, _heard, _is_of_oversight
        ),
    )
    yield compare(WatchedRow, matters.Watched, tables.rows(WatchedRow), found)


REPLAY = Replay((WatchedRow,), _compare, numbers=(WatchedNumber,))


def is_of_desk(act: Recorded | TakenUp, is_known: bool) -> bool:
    """Return true for what a desk beside the overseers' takes: all but their acts and copies.

    A warning goes to each of the two that has the matter (`is_known`).
    """
    if isinstance(act, Recorded):
        return not act.record.action.startswith("oversight.")
    return not _is_copy(act) or (act.statement.type == WARNED and is_known)


def _is_of_oversight(act: Recorded | TakenUp, is_known: bool) -> bool:
    if isinstance(act, Recorded):
        return act.record.action.startswith("oversight.")
    return _is_copy(act) and (act.statement.type != WARNED or is_known)


def _is_copy(act: TakenUp) -> bool:
    return bool(act.statement.copy_of) and act.statement.type in RECEIVED


def _did(watched: matters.Watched, event: matters.Event, at: datetime) -> matters.Watched:
    return replace(rules.apply(watched, event), updated=at)


def _heard(watched: matters.Watched, event: matters.Event, act: TakenUp) -> matters.Watched:
    said = act.statement
    if not isinstance(event, matters.HeardEvent):
        raise ValueError("an overseer is told no such thing")
    after = rules.hear(watched, event, said.sender, said.copy_of)
    return replace(after, updated=act.at, heard=said.id)

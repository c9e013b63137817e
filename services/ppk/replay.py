"""Replay of authorities' matters: the names that the self-check asks of every desk."""

from ppk.recommendations.domain import changes, events
from ppk.recommendations.domain.changes import apply as apply
from ppk.recommendations.domain.matter import Matter as Matter
from ppk.recommendations.domain.matter import blank as blank
from ppk.recommendations.tables import MatterRow as MatterRow
from ppk.recommendations.wire import EVENTS
from ppk.registry import UsedNumber as UsedNumber

event_of = EVENTS.from_any


def hear(matter: Matter, event: events.HeardEvent, sender: str, statement: str) -> Matter:
    """The matter after a statement of another party."""
    return changes.hear(matter, event, sender)

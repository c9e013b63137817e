"""Way in 2: statement type → handler, for every role."""

from cooperation.erasure import commands, tables
from exchange.delivery.inbox.handlers import Handler
from netral.erasure.v1 import events_pb2

_ORDERS = (tables.ERASURE, tables.DEALINGS)
_HOLDS = (tables.HOLDS, tables.DEALINGS)
# None waits for what was said before: that may be what is to be erased.
_FACTS = {
    "erasure_ordered": Handler(events_pb2.ErasureOrdered, commands.hear_ordered, _ORDERS, ordered=False),
    "erasure_answered": Handler(
        events_pb2.ErasureAnswered, commands.hear_answered, (tables.ERASURE,), ordered=False
    ),
    "hold_placed": Handler(events_pb2.HoldPlaced, commands.hear_placed, _HOLDS, ordered=False),
    "hold_lifted": Handler(events_pb2.HoldLifted, commands.hear_lifted, _HOLDS, ordered=False),
}

HANDLERS = {
    f"netral.{role}.{fact}.v1": handler for role in commands.ROLES for fact, handler in _FACTS.items()
}

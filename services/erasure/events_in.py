"""Way in 2: statement type → handler, for every role."""

from erasure import handlers, store
from exchange.inbox import Handler
from netral.erasure.v1 import events_pb2

_ORDERS = (store.ERASURE, store.DEALINGS)
_HOLDS = (store.HOLDS, store.DEALINGS)
# None waits for what was said before: that may be what is to be erased.
_FACTS = {
    "erasure_ordered": Handler(events_pb2.ErasureOrdered, handlers.hear_ordered, _ORDERS, waits=False),
    "erasure_answered": Handler(
        events_pb2.ErasureAnswered, handlers.hear_answered, (store.ERASURE,), waits=False
    ),
    "hold_placed": Handler(events_pb2.HoldPlaced, handlers.hear_placed, _HOLDS, waits=False),
    "hold_lifted": Handler(events_pb2.HoldLifted, handlers.hear_lifted, _HOLDS, waits=False),
}

HANDLERS = {
    f"netral.{role}.{fact}.v1": handler for role in handlers.ROLES for fact, handler in _FACTS.items()
}

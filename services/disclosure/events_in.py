"""Way in 2: statement type → handler, for every role that asks or holds."""

from agreement import disclosure as rules
from disclosure import handlers, store
from exchange.inbox import Handler
from netral.disclosure.v1 import events_pb2

_ASKERS = sorted({rule.role for rule in rules.rules()})
_HOLDERS = sorted({rule.of for rule in rules.rules()})
_NEEDS = (store.DISCLOSURES,)

HANDLERS = {
    f"netral.{role}.disclosure_requested.v1": Handler(
        events_pb2.DisclosureRequested, handlers.hear_requested, (*_NEEDS, store.CASE_PARTIES)
    )
    for role in _ASKERS
}
HANDLERS |= {
    f"netral.{role}.disclosure_received.v1": Handler(
        events_pb2.DisclosureReceived, handlers.hear_received, _NEEDS
    )
    for role in _ASKERS
}
for _role in _HOLDERS:
    HANDLERS[f"netral.{_role}.disclosure_granted.v1"] = Handler(
        events_pb2.DisclosureGranted, handlers.hear_granted, _NEEDS
    )
    HANDLERS[f"netral.{_role}.disclosure_refused.v1"] = Handler(
        events_pb2.DisclosureRefused, handlers.hear_refused, _NEEDS
    )

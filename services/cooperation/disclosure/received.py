"""Way in 2: statement type → handler, for every role that asks or holds."""

from agreement.information import disclosure as rules
from cooperation.disclosure import commands, tables
from exchange.delivery.inbox.handlers import Handler
from netral.disclosure.v1 import events_pb2

_ASKERS = sorted({rule.role for rule in rules.rules()})
_HOLDERS = sorted({rule.of for rule in rules.rules()})
_NEEDS = (tables.DISCLOSURES,)

HANDLERS = {
    f"netral.{role}.disclosure_requested.v1": Handler(
        events_pb2.DisclosureRequested, commands.hear_requested, (*_NEEDS, tables.CASE_PARTIES)
    )
    for role in _ASKERS
}
HANDLERS |= {
    f"netral.{role}.disclosure_received.v1": Handler(
        events_pb2.DisclosureReceived, commands.hear_received, _NEEDS
    )
    for role in _ASKERS
}
for _role in _HOLDERS:
    HANDLERS[f"netral.{_role}.disclosure_granted.v1"] = Handler(
        events_pb2.DisclosureGranted, commands.hear_granted, _NEEDS
    )
    HANDLERS[f"netral.{_role}.disclosure_refused.v1"] = Handler(
        events_pb2.DisclosureRefused, commands.hear_refused, _NEEDS
    )

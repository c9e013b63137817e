"""Way in 2: statement type → handler."""

from collections.abc import Mapping

from exchange.inbox import Handler
from netral.supervision.v1 import events_pb2, plans_pb2
from supervision import handlers, plan_handlers, store

# At an authority: what Bawaslu tells of first information.
TO_AUTHORITIES: Mapping[str, Handler] = {
    "netral.supervisor.information_answered.v1": Handler(
        events_pb2.InformationAnswered, handlers.hear, (store.INDICATION,)
    ),
}


def heard_from(role: str) -> Mapping[str, Handler]:
    """At a supervisor or examiner: what the other, `role`, says of plans."""
    needs = (store.PLAN,)
    return {
        plan_handlers.proposed(role): Handler(plans_pb2.PlanProposed, plan_handlers.hear_proposed, needs),
        plan_handlers.agreed(role): Handler(plans_pb2.PlanAgreed, plan_handlers.hear_agreed, needs),
        plan_handlers.noted(role): Handler(plans_pb2.PlanNoted, plan_handlers.hear_noted, needs),
    }

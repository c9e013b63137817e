"""Way in 2: statement type → handler."""

from collections.abc import Mapping

from cooperation.supervision import tables
from cooperation.supervision.indications import commands
from cooperation.supervision.plans import commands as plan_handlers
from exchange.delivery.inbox.handlers import Handler
from netral.supervision.v1 import events_pb2, plans_pb2

# At an authority: what Bawaslu tells of first information.
TO_AUTHORITIES: Mapping[str, Handler] = {
    "netral.supervisor.information_answered.v1": Handler(
        events_pb2.InformationAnswered, commands.hear, (tables.INDICATION,)
    ),
}


def heard_from(role: str) -> Mapping[str, Handler]:
    """At a supervisor or examiner: what the other, `role`, says of plans."""
    needs = (tables.PLAN,)
    return {
        plan_handlers.proposed(role): Handler(plans_pb2.PlanProposed, plan_handlers.hear_proposed, needs),
        plan_handlers.agreed(role): Handler(plans_pb2.PlanAgreed, plan_handlers.hear_agreed, needs),
        plan_handlers.noted(role): Handler(plans_pb2.PlanNoted, plan_handlers.hear_noted, needs),
    }

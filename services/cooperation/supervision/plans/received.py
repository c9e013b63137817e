"""Way in 2, at a supervisor or examiner: statements of the other one on plans."""

from collections.abc import Mapping

from cooperation.supervision.plans import commands, tables
from exchange.delivery.inbox.handlers import Handler
from netral.supervision.v1 import plans_pb2


def heard_from(role: str) -> Mapping[str, Handler]:
    """Handlers of the statements of the other one, `role`."""
    loads = (tables.PLAN,)
    return {
        commands.proposed(role): Handler(plans_pb2.PlanProposed, commands.receive_proposed, loads),
        commands.agreed(role): Handler(plans_pb2.PlanAgreed, commands.receive_agreed, loads),
        commands.noted(role): Handler(plans_pb2.PlanNoted, commands.receive_noted, loads),
    }

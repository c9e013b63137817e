"""Way in 2: what a desk that monitors takes up besides its own. Statement type → handler."""

from collections.abc import Mapping

from cooperation.monitoring import commands
from exchange.delivery.inbox.handlers import Handler
from netral.monitoring.v1 import events_pb2


def heard_from(role: str) -> Mapping[str, Handler]:
    """The handlers for figures that the holder of a role (`supervisor`, `examiner`) states and agrees."""
    return {
        f"netral.{role}.figures_stated.v1": Handler(events_pb2.FiguresStated, commands.hear_stated),
        f"netral.{role}.figures_agreed.v1": Handler(events_pb2.FiguresAgreed, commands.hear_agreed),
    }

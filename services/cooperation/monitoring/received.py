"""Figures that the holder of the other role states or agrees, one row per type."""

from cooperation.monitoring import commands, wire
from exchange.delivery.inbox.handlers import Handlers, IncomingStatement
from exchange.delivery.transaction import Transaction
from host.received_rows import receives_as
from netral.monitoring.v1 import events_pb2 as pb


def receive_stated(tx: Transaction, received: IncomingStatement, facts: pb.FiguresStated) -> None:
    """Keep a figure that was stated to this party."""
    _keep(tx, received, facts, "")


def receive_agreed(tx: Transaction, received: IncomingStatement, facts: pb.FiguresAgreed) -> None:
    """Keep the answer to a figure that this party stated."""
    _keep(tx, received, facts, facts.stated)


def _keep(
    tx: Transaction,
    received: IncomingStatement,
    facts: pb.FiguresStated | pb.FiguresAgreed,
    answers: str,
) -> None:
    commands.keep(tx, received.id, received.matter, received.sender, received.recipient, answers, facts)


def heard_from(role: str) -> Handlers:
    """The rows of figures from the holder of a role: `supervisor` or `examiner`."""
    return {
        f"netral.{role}.figures_stated.v1": receives_as(pb.FiguresStated, wire.check_stated, receive_stated),
        f"netral.{role}.figures_agreed.v1": receives_as(
            pb.FiguresAgreed, lambda facts: facts, receive_agreed
        ),
    }

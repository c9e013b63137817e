"""Statements of the other one on plans, as they arrive at a supervisor or examiner: one row per type."""

from dataclasses import replace

from cooperation.supervision.plans import commands, domain
from cooperation.supervision.plans.domain import Plan
from cooperation.supervision.plans.tables import PLANS
from exchange.delivery.inbox.handlers import Handlers, IncomingStatement
from exchange.delivery.transaction import Transaction
from host.received_rows import receives
from netral.supervision.v1 import plans_pb2 as pb
from refusals import Conflict


def receive_proposed(tx: Transaction, received: IncomingStatement, event: domain.Proposed) -> None:
    """Take up what the other proposes."""
    if PLANS.find(tx, received.matter) is not None:
        raise Conflict("a plan of this id is there already", reason="PLAN_KNOWN")
    event = domain.propose(event)
    plan = domain.begin(tx.party, received.matter, event, received.sender, tx.party, tx.now)
    _save(tx, plan, received)


def receive_agreed(tx: Transaction, received: IncomingStatement, event: domain.Agreed) -> None:
    """Take up that the other agrees."""
    plan = PLANS.existing(tx, received.matter)
    _save(tx, domain.agree(plan, event, received.sender, None), received)


def receive_noted(tx: Transaction, received: IncomingStatement, event: domain.Noted) -> None:
    """Take up a field note of the other."""
    plan = PLANS.existing(tx, received.matter)
    _save(tx, domain.note(plan, event, received.sender, received.id, None), received)


def _save(tx: Transaction, plan: Plan, received: IncomingStatement) -> None:
    PLANS.save(tx, plan.id, replace(plan, updated=tx.now, heard=received.id))


def heard_from(role: str) -> Handlers:
    """The rows of what the other one, who holds `role`, says."""
    return {
        commands.proposed(role): receives(pb.PlanProposed, domain.Proposed, receive_proposed, PLANS.word),
        commands.agreed(role): receives(pb.PlanAgreed, domain.Agreed, receive_agreed, PLANS.word),
        commands.noted(role): receives(pb.PlanNoted, domain.Noted, receive_noted, PLANS.word),
    }

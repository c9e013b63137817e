"""Facts in, decision, buffered writes and statements out: joint supervision, the same at supervisor and examiner."""

from dataclasses import replace

from cooperation.supervision.plans import domain, tables, wire
from cooperation.supervision.plans.wire import Message, Record
from cooperation.supervision.shared_tables import NUMBER
from exchange.delivery.entity_store import matter_key, use_number
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from refusals import Conflict, NotAllowed, NotFound, Unavailable

OTHER = {"supervisor": "examiner", "examiner": "supervisor"}


def proposed(role: str) -> str:
    """The type of the statement by which a role proposes a plan."""
    return f"netral.{role}.plan_proposed.v1"


def agreed(role: str) -> str:
    """The type of the statement by which a role agrees to one."""
    return f"netral.{role}.plan_agreed.v1"


def noted(role: str) -> str:
    """The type of the statement that is a role's field note."""
    return f"netral.{role}.plan_noted.v1"


def propose(tx: Transaction, role: str, command: domain.Proposed) -> Record:
    """Propose a plan to whoever holds the other role now."""
    _require_role(tx, role)
    event = domain.propose(command)
    partners = tx.desk.trust.holders(OTHER[role], tx.now)
    if len(partners) != 1:
        raise Unavailable(
            "nobody, or more than one, holds the role {role} now", role=OTHER[role], reason="NO_PARTNER"
        )
    id = tx.desk.new_id()
    use_number(tx, "plan", event.number, id, field="number", word=NUMBER)
    facts = wire.facts(event)
    tx.send(proposed(role), partners[0], id, id, facts)
    plan = domain.begin(tx.party, id, event, tx.party, partners[0], tx.now)
    return _keep(tx, "supervision.propose_plan", plan, facts)


def agree(tx: Transaction, role: str, id: str, command: domain.Agreed) -> Record:
    """Agree to what the other proposed."""
    plan = _plan(tx, id)
    _require_role(tx, role)
    after = domain.agree(plan, command, tx.party, tx.today)
    use_number(tx, "plan", command.letter_number, id, field="letter_number", word=NUMBER)
    facts = wire.facts(command)
    tx.send(agreed(role), plan.other, id, id, facts, cause=plan.heard)
    return _keep(tx, "supervision.agree_plan", after, facts)


def add_note(tx: Transaction, role: str, id: str, command: domain.Noted) -> Record:
    """Add a field note; a finding names its matter, which this party must have."""
    plan = _plan(tx, id)
    _require_role(tx, role)
    if command.matter and tx.get(matter_key(tx.party, command.matter)) is None:
        raise NotFound("there is no such matter at this party", field="matter")
    facts = wire.facts(command)
    statement = tx.send(noted(role), plan.other, id, id, facts, cause=plan.heard)
    after = domain.note(plan, command, tx.party, statement, tx.today)
    return _keep(tx, "supervision.note", after, facts)


def receive_proposed(tx: Transaction, received: IncomingStatement) -> None:
    """The other proposes a plan."""
    key = tables.plan_key(tx.party, received.matter)
    if tx.get(key) is not None:
        raise Conflict("a plan of this id is there already", reason="PLAN_KNOWN")
    event = domain.propose(wire.event(received.facts, domain.Proposed))
    plan = domain.begin(tx.party, received.matter, event, received.sender, tx.party, tx.now)
    tx.save(key, replace(plan, heard=received.id))


def receive_agreed(tx: Transaction, received: IncomingStatement) -> None:
    """The other agrees."""
    event = wire.event(received.facts, domain.Agreed)
    plan = domain.agree(_plan(tx, received.matter), event, received.sender, None)
    _heard(tx, plan, received)


def receive_noted(tx: Transaction, received: IncomingStatement) -> None:
    """A field note of the other."""
    event = wire.event(received.facts, domain.Noted)
    plan = domain.note(_plan(tx, received.matter), event, received.sender, received.id, None)
    _heard(tx, plan, received)


def _heard(tx: Transaction, plan: domain.Plan, received: IncomingStatement) -> None:
    tx.save(tables.plan_key(tx.party, plan.id), replace(plan, updated=tx.now, heard=received.id))


def _plan(tx: Transaction, id: str) -> domain.Plan:
    plan: domain.Plan | None = tx.get(tables.plan_key(tx.party, id))
    if plan is None:
        raise NotFound("there is no such plan at this party", field="name")
    return plan


def _require_role(tx: Transaction, role: str) -> None:
    party = tx.desk.trust.get(tx.party)
    if party is None or not party.holds(role, tx.now):
        raise NotAllowed("this party does not hold the role {role}", role=role, reason="ROLE_NOT_HELD")


def _keep(tx: Transaction, action: str, plan: domain.Plan, facts: Message) -> Record:
    tx.save(tables.plan_key(tx.party, plan.id), replace(plan, updated=tx.now))
    return tx.record(action, plan.id, plan.id, plan.state, facts)

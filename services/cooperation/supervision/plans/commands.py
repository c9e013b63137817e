"""Commands of joint supervision, the same at supervisor and examiner: plain functions of the role that the host's parties hold."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from cooperation.supervision.plans import domain, wire
from cooperation.supervision.plans.domain import Event, Plan, State
from cooperation.supervision.plans.tables import PLANS
from cooperation.supervision.shared_tables import NUMBER
from exchange.context import FactKey
from exchange.delivery.entity_store import matter_key, use_number
from exchange.delivery.transaction import Transaction
from exchange.statements import protobuf_mapping
from host import desk_requests
from host.command_rows import CallContext, Function, Method, Possibility, Sending, Subject, carry_out
from netral.exchange.v1.record_pb2 import Record
from netral.exchange.v1.service_pb2 import Act
from netral.supervision.v1 import plans_pb2 as pb
from refusals import NotFound, Unavailable

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


def keep(tx: Transaction, plan: Plan, event: Event) -> Plan:
    """Save a plan as it is after an event."""
    changed = replace(plan, updated=tx.now)
    PLANS.save(tx, plan.id, changed)
    return changed


def _possible(plan: Plan, command: type[object]) -> bool:
    if command is domain.Agreed:
        return plan.state == State.PROPOSED and plan.party == plan.partner
    return plan.state == State.AGREED


PLAN: Subject[Plan, Event] = Subject(
    PLANS.keys, PLANS.existing, keep, wire.EVENTS.to_message, "plans", possible=_possible
)


async def propose(role: str, context: CallContext, request: pb.ProposePlanRequest) -> Act:
    """Propose a plan to whoever holds the other role now."""
    party = desk_requests.parse_institution_name(request.parent)
    command = protobuf_mapping.to_dataclass(request, domain.Proposed)

    def handle(tx: Transaction) -> Record:
        tx.require_role(role)
        event = domain.propose(command)
        partners = tx.desk.trust.holders(OTHER[role], tx.now)
        if len(partners) != 1:
            raise Unavailable(
                "nobody, or more than one, holds the role {role} now", role=OTHER[role], reason="NO_PARTNER"
            )
        plan = domain.begin(party, tx.desk.new_id(), event, party, partners[0], tx.now)
        use_number(tx, "plan", event.number, plan.id, field="number", word=NUMBER)
        sending = Sending(proposed(role), plan.partner)
        return carry_out(PLAN, "supervision.propose_plan", tx, plan, event, [sending])

    return await _run(context, request, party, [(NUMBER, party, "plan", request.number)], handle)


async def agree(role: str, context: CallContext, request: pb.AgreePlanRequest) -> Act:
    """Agree to what the other proposed."""
    party, id = desk_requests.parse_resource_name(request.name)
    command = protobuf_mapping.to_dataclass(request, domain.Agreed)

    def handle(tx: Transaction) -> Record:
        plan = PLANS.existing(tx, id)
        tx.require_role(role)
        after = domain.agree(plan, command, party, tx.today)
        use_number(tx, "plan", command.letter_number, id, field="letter_number", word=NUMBER)
        sending = Sending(agreed(role), plan.other, plan.heard)
        return carry_out(PLAN, "supervision.agree_plan", tx, after, command, [sending])

    keys = [PLANS.key(party, id), (NUMBER, party, "plan", request.letter_number)]
    return await _run(context, request, party, keys, handle)


async def add_note(role: str, context: CallContext, request: pb.AddFieldNoteRequest) -> Act:
    """Add a field note; a finding names its matter, which this party must have."""
    party, id = desk_requests.parse_resource_name(request.name)
    matter = desk_requests.parse_resource_name(request.matter, "matter")[1] if request.matter else ""
    command = protobuf_mapping.to_dataclass(request, domain.Noted, matter=matter)

    def handle(tx: Transaction) -> Record:
        plan = PLANS.existing(tx, id)
        tx.require_role(role)
        if matter and tx.get(matter_key(party, matter)) is None:
            raise NotFound("there is no such matter at this party", field="matter")
        facts = wire.EVENTS.to_message(command)
        statement = tx.send(noted(role), plan.other, id, id, facts, cause=plan.heard)
        after = domain.note(plan, command, party, statement, tx.today)
        return carry_out(PLAN, "supervision.note", tx, after, command, ())

    keys = [PLANS.key(party, id), *([matter_key(party, matter)] if matter else [])]
    return await _run(context, request, party, keys, handle)


async def _run(
    context: CallContext,
    request: pb.ProposePlanRequest | pb.AgreePlanRequest | pb.AddFieldNoteRequest,
    party: str,
    keys: Sequence[FactKey],
    handle: Callable[[Transaction], Record],
) -> Act:
    return await desk_requests.run_command(
        context.commands, request, party, keys, handle, collection=PLAN.collection
    )


def methods(role: str) -> tuple[Method, ...]:
    """The acts of a host whose parties hold a role: `supervisor` or `examiner`."""
    return (
        Function(pb.ProposePlanRequest, partial(propose, role)),
        Function(
            pb.AgreePlanRequest,
            partial(agree, role),
            Possibility("supervision.agree_plan", PLAN, domain.Agreed, role),
        ),
        Function(
            pb.AddFieldNoteRequest,
            partial(add_note, role),
            Possibility("supervision.note", PLAN, domain.Noted, role),
        ),
    )

"""Commands on figures that are stated and agreed: plain functions of the role that the host's parties hold."""

from contextlib import suppress
from functools import partial

from google.protobuf.message import Message

from cooperation.monitoring import reads, wire
from cooperation.monitoring.figures import agreed_figures
from cooperation.monitoring.figures.agreed_figures import Period, StatedFigure
from cooperation.monitoring.projection import reads as projection
from cooperation.monitoring.projection.store import STATED
from exchange.delivery.transaction import Transaction
from exchange.statements import protobuf_mapping
from host import desk_requests
from host.command_rows import CallContext, Function, Method
from netral.exchange.v1.record_pb2 import Record
from netral.exchange.v1.service_pb2 import Act
from netral.monitoring.v1 import events_pb2
from netral.monitoring.v1 import service_pb2 as pb
from refusals import Malformed, NotFound, WrongState

MAX_CASES = 3000
"""A statement has 60 KiB."""
OTHER_SIDE = {"supervisor": "examiner", "examiner": "supervisor"}


async def state(role: str, context: CallContext, request: pb.StateFiguresRequest) -> Act:
    """State a figure to another party.

    Raises:
        Malformed: there is nobody of that name to state it to.
        WrongState: more cases than a statement can carry.
    """
    party = desk_requests.parse_institution_name(request.parent)
    period = Period(
        protobuf_mapping.to_date(request.start_date, "start_date"),
        protobuf_mapping.to_date(request.end_date, "end_date"),
    )
    if period.start >= period.end:
        raise Malformed("the period has no days", field="end_date")
    definition = reads.definition_of(request.figure)
    today = context.desk.now().astimezone(context.desk.law.zone(party)).date()
    async with context.desk.database.read() as connection:
        index, _ = await projection.position(connection, party)
        cases = await projection.everything(connection, party, period)
    counted = agreed_figures.counted(definition, cases.values(), period, today)
    facts = wire.stated(definition.id, period, today, index, counted)

    def handle(tx: Transaction) -> Record:
        other = tx.desk.trust.get(request.recipient)
        if other is None or request.recipient == party or not other.holds(OTHER_SIDE[role], tx.now):
            raise Malformed("not a party that reconciles figures with this one", field="recipient")
        if counted.of > MAX_CASES:
            raise WrongState(
                "over {limit} cases: state a shorter period",
                limit=MAX_CASES,
                field="end_date",
                reason="TOO_MANY_CASES",
            )
        type = f"netral.{role}.figures_stated.v1"
        return _tell(tx, type, "monitoring.state_figures", request.recipient, facts, None)

    return await desk_requests.run_command(context.commands, request, party, [], handle)


async def agree(role: str, context: CallContext, request: pb.AgreeFiguresRequest) -> Act:
    """Answer a figure that was stated to this party.

    Raises:
        NotFound: nothing was stated under this id.
        WrongState: it is one's own, or an answer itself.
    """
    party, id = desk_requests.parse_resource_name(request.name)
    # An unknown name is refused by the handler: a request id that was used before comes first.
    facts = events_pb2.FiguresAgreed()
    with suppress(NotFound):
        async with context.desk.database.read() as connection:
            index, _ = await projection.position(connection, party)
            _, _, own, compared = await reads.compared_with_own(connection, party, id)
        facts = wire.agreed(id, own, index, compared)

    def handle(tx: Transaction) -> Record:
        figure = STATED.find(tx, id)
        if figure is None:
            raise NotFound("no such figure was stated to this party", field="name")
        if figure.recipient != party or figure.answers:
            raise WrongState("only a figure stated by the other side is answered", reason="NOT_OURS_TO_AGREE")
        type = f"netral.{role}.figures_agreed.v1"
        return _tell(tx, type, "monitoring.agree_figures", figure.sender, facts, figure)

    return await desk_requests.run_command(context.commands, request, party, [STATED.key(party, id)], handle)


def _tell(
    tx: Transaction, type: str, action: str, recipient: str, facts: Message, answered: StatedFigure | None
) -> Record:
    # A reconciliation is about many matters, so it has an id of its own in the place of one.
    id = answered.reconciliation if answered else tx.desk.new_id()
    statement = tx.send(type, recipient, id, id, facts, cause=answered.id if answered else "")
    keep(tx, statement, id, tx.party, recipient, answered.id if answered else "", facts)
    return tx.record(action, id, id, "AGREED" if answered else "STATED", facts)


def keep(
    tx: Transaction, id: str, reconciliation: str, sender: str, recipient: str, answers: str, facts: Message
) -> None:
    """Keep a figure that was stated, or the answer to one."""
    kept = facts.SerializeToString(deterministic=True)
    STATED.save(tx, id, StatedFigure(tx.party, id, reconciliation, sender, recipient, tx.now, answers, kept))


def methods(role: str) -> tuple[Method, ...]:
    """The acts of a host whose parties hold a role: `supervisor` or `examiner`."""
    return (
        Function(pb.StateFiguresRequest, partial(state, role)),
        Function(pb.AgreeFiguresRequest, partial(agree, role)),
    )

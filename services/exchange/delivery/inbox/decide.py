"""Decision on a statement: the right of its sender to send it, and the handler that takes it up."""

from collections.abc import Iterable, Mapping, Sequence

import structlog

from exchange.context import FactKey
from exchange.delivery.inbox.handlers import Failing, Handler, IncomingStatement
from exchange.delivery.inbox.work import SERVICE, Incoming, Name, Work
from exchange.delivery.transaction import INBOX
from exchange.delivery.verification import VerifiedStatement
from exchange.peer_clocks import CLOCK_SKEW
from exchange.statements.personal_part import without_salt
from exchange.statements.receipts import PARKED, REFUSED, TAKEN_UP, WAITING
from refusals import Refusal

log = structlog.get_logger("exchange.delivery.inbox")


def decide(work: Work, incoming: Sequence[Incoming], earlier: Mapping[Name, str]) -> None:
    """Refuse what its sender may not send, let wait what needs an earlier statement first, handle the rest.

    `earlier` are the states of statements that are here.
    """
    states = dict(earlier)
    for each in incoming:
        each.received = work.now
        try:
            _check_right(work, each.arrival)
        except Refusal as refusal:
            each.state, each.reason, each.detail = REFUSED, refusal.reason, refusal.message
            each.lawful = False
        else:
            waits = each.arrival.statement.after and _waits(work, each.arrival.statement.type)
            if waits and states.get(each.earlier, WAITING) in (WAITING, PARKED):
                each.state, each.reason = WAITING, "WAITS_FOR_EARLIER"
            else:
                handle(work, each)
        states[each.name] = each.state


def _waits(work: Work, type: str) -> bool:
    return type not in work.handlers or work.handlers[type].ordered


def _check_right(work: Work, arrival: VerifiedStatement) -> None:
    """Require that the sender may send this type at that time, under a basis that permits it.

    A refusal names the basis, and never repeats what a sender made up.
    """
    statement, at = arrival.statement, arrival.time
    work.desk.peer_clocks.signed(statement.sender, at, work.now)
    if at > work.now + CLOCK_SKEW:
        raise Refusal("the statement is dated in the future", reason="TIME_IN_FUTURE")
    words = statement.type.split(".")
    if len(words) != 4 or words[0] != "netral" or words[1] != statement.role:
        raise Refusal("the type is not one of the role", reason="TYPE_NOT_ALLOWED")
    if not isinstance(work.handlers, Failing) and statement.type not in work.handlers:
        raise Refusal("this desk takes no statements of this type", reason="UNKNOWN_TYPE")
    law = work.desk.law
    on = at.astimezone(law.zone(statement.sender)).date()
    objection = law.objection(statement.legal_basis, statement.type, statement.role, statement.sender, on)
    if not work.desk.may_send(statement.sender, statement.type, statement.role, at):
        basis = objection or f"{statement.legal_basis} is the basis of the role, not of the sender"
        raise Refusal(
            "the sender did not hold the role on {day}; {basis}",
            day=on.isoformat(),
            basis=basis,
            reason="ROLE_NOT_HELD",
        )
    if objection:
        raise Refusal(objection, reason="NO_LEGAL_BASIS")


def facts_of(work: Work, arrived: Iterable[VerifiedStatement]) -> set[FactKey]:
    """The facts that the handlers of these statements read."""
    return {key for each in arrived for key in _keys(work, each)}


def _keys(work: Work, arrival: VerifiedStatement) -> list[FactKey]:
    statement = arrival.statement
    handler = work.handlers.get(statement.type)
    return [(word, statement.recipient, statement.subject) for word in handler.loads] if handler else []


def handle(work: Work, incoming: Incoming) -> None:
    """Run the handler; it only buffers, so a refusal or failure of one leaves the others alone."""
    statement = incoming.arrival.statement
    tx = work.batch.transaction(
        statement.recipient, SERVICE, source=INBOX, cause=statement.id, keys=_keys(work, incoming.arrival)
    )
    try:
        if isinstance(work.handlers, Failing):
            raise RuntimeError(work.handlers.error)
        handler = work.handlers[statement.type]
        handler.handle(tx, _statement_for(incoming.arrival, handler))
    except Refusal as refusal:
        incoming.state, incoming.reason, incoming.detail = REFUSED, refusal.reason, refusal.message
    except Exception as error:
        log.error("parked", statement=statement.id, type=statement.type, error=type(error).__name__)
        incoming.state, incoming.reason, incoming.detail = PARKED, "HANDLER_FAILED", type(error).__name__
    else:
        incoming.state = TAKEN_UP
        work.batch.accept(tx)


def _statement_for(arrival: VerifiedStatement, handler: Handler) -> IncomingStatement:
    statement = arrival.statement
    facts = handler.facts()
    if not statement.facts.Unpack(facts):
        raise Refusal("the facts are not those of the type", reason="WRONG_FACTS")
    return IncomingStatement(
        id=statement.id,
        type=statement.type,
        sender=statement.sender,
        recipient=statement.recipient,
        matter=statement.subject,
        case_id=statement.case_id,
        time=arrival.time,
        facts=facts,
        part=without_salt(arrival.plain),
        causation=statement.causation,
        copy_of=statement.copy_of,
        envelope=arrival.envelope.data,
    )

"""Statements on erasures and holds, one row per type, for every role; what was passed on comes with its warrant."""

from dataclasses import replace

from cooperation.erasure import commands, wire
from cooperation.erasure.domain import holds, orders
from cooperation.erasure.domain.holds import Hold
from cooperation.erasure.tables import DEALINGS, ERASURES, HOLDS
from cooperation.erasure.wire import Claimed
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from host.received_rows import receives
from netral.erasure.v1 import events_pb2 as pb
from refusals import Malformed, NotAllowed


def receive_ordered(tx: Transaction, received: IncomingStatement, event: orders.ErasureOrdered) -> None:
    """Take up an order: from who collected the data, or passed on with its warrant."""
    _require_warrant(tx, received, event, event.ordered_by)
    dealings = commands.dealings_of(tx, received.matter)
    known = ERASURES.find(tx, received.matter)
    if not orders.hear(known, dealings, event, received.sender, tx.party):
        return
    warranted = replace(event, warrant=event.warrant or received.envelope.hex())
    begun = orders.begin(
        warranted,
        party=tx.party,
        matter=received.matter,
        case_id=received.case_id,
        heard_from=received.sender,
        now=tx.now,
    )
    commands.pass_on(tx, begun, dealings)


def receive_answered(tx: Transaction, received: IncomingStatement, event: orders.ErasureAnswered) -> None:
    """Take up what a holder did about an order of this party."""
    known = ERASURES.find(tx, received.matter)
    answered = orders.answer(known, event, received.sender, tx.party, tx.now)
    ERASURES.save(tx, received.matter, answered)


def receive_placed(tx: Transaction, received: IncomingStatement, event: holds.HoldPlaced) -> None:
    """Take up a hold of another party on a matter."""
    _require_warrant(tx, received, event, event.placed_by)
    if not holds.hear_placed(commands.holds_on(tx, received.matter), event):
        return
    hold = Hold(tx.party, event.hold, received.matter, event.placed_by, event.reason, event.place_date)
    warranted = replace(event, warrant=event.warrant or received.envelope.hex())
    commands.share_hold(tx, hold, "hold_placed", warranted, received.case_id, received.sender)


def receive_lifted(tx: Transaction, received: IncomingStatement, event: holds.HoldLifted) -> None:
    """Take up the end of a hold, from the party that placed it."""
    _require_warrant(tx, received, event, event.placed_by)
    held = commands.holds_on(tx, received.matter)
    if any(each.id == event.hold and not each.stands for each in held):
        return  # it came on another way
    lifted = holds.lift(held, event.hold, event.placed_by, event.lift_date)
    warranted = replace(event, warrant=event.warrant or received.envelope.hex())
    commands.share_hold(
        tx, replace(lifted, told=()), "hold_lifted", warranted, received.case_id, received.sender, lifted.told
    )


# --- warrants ----------------------------------------------------------------------------------------------------


def _require_warrant(
    tx: Transaction,
    received: IncomingStatement,
    event: orders.ErasureOrdered | holds.HoldPlaced | holds.HoldLifted,
    author: str,
) -> None:
    """Refuse to pass on what its author did not say, of this matter, under a key that was the author's then.

    Raises:
        Malformed: the warrant is none, or says something else.
        NotAllowed: its author did not sign it.
    """
    if received.sender == author:
        return
    try:
        opened, statement, first = wire.warrant(bytes.fromhex(event.warrant))
    except Claimed as error:
        raise Malformed("the warrant is {problem}", problem=str(error), reason="NO_WARRANT") from error
    if first != replace(event, warrant="") or (statement.sender, statement.subject) != (
        author,
        received.matter,
    ):
        raise Malformed("the warrant says something else", reason="NO_WARRANT")
    signer = tx.desk.trust.signer(opened.keyid)
    at = wire.time_of(statement)
    if signer is None or signer[0].id != author or not signer[1].period.covers(at):
        raise NotAllowed("the warrant is not signed by its author", reason="BAD_WARRANT")
    if not opened.verified_by(signer[1].public):
        raise NotAllowed("the warrant's signature does not verify", reason="BAD_WARRANT")


# --- rows --------------------------------------------------------------------------------------------------------

_HOLDS = (HOLDS, DEALINGS.word)
# None waits for what was said before: that may be what is to be erased.
_FACTS = {
    "erasure_ordered": receives(
        pb.ErasureOrdered,
        orders.ErasureOrdered,
        receive_ordered,
        ERASURES.word,
        DEALINGS.word,
        ordered=False,
    ),
    "erasure_answered": receives(
        pb.ErasureAnswered, orders.ErasureAnswered, receive_answered, ERASURES.word, ordered=False
    ),
    "hold_placed": receives(pb.HoldPlaced, holds.HoldPlaced, receive_placed, *_HOLDS, ordered=False),
    "hold_lifted": receives(pb.HoldLifted, holds.HoldLifted, receive_lifted, *_HOLDS, ordered=False),
}

RECEIVED = {f"netral.{role}.{fact}.v1": row for role in commands.ROLES for fact, row in _FACTS.items()}

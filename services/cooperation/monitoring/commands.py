"""Figures that are stated and agreed: facts in, decision, buffered writes and statements out."""

from google.protobuf.message import Message

from cooperation.monitoring.figures.agreed_figures import Said
from cooperation.monitoring.projection.store import said_key
from cooperation.monitoring.wire import Record, check_stated
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from refusals import Malformed, NotFound, WrongState

MAX_CASES = 3000
"""A statement has 60 KiB."""


def state(tx: Transaction, role: str, recipient: str, facts: Message, cases: int) -> Record:
    """State a figure to another party.

    Raises:
        Malformed: there is nobody of that name to state it to.
        WrongState: more cases than a statement can carry.
    """
    other = tx.desk.trust.get(recipient)
    if other is None or recipient == tx.party or not other.holds(_other_side(role), tx.now):
        raise Malformed("not a party that reconciles figures with this one", field="recipient")
    if cases > MAX_CASES:
        raise WrongState(
            "over {limit} cases: state a shorter period",
            limit=MAX_CASES,
            field="end_date",
            reason="TOO_MANY_CASES",
        )
    return _say(tx, f"netral.{role}.figures_stated.v1", "monitoring.state_figures", recipient, facts, None)


def agree(tx: Transaction, role: str, id: str, facts: Message) -> Record:
    """Answer a figure that was stated to this party.

    Raises:
        NotFound: nothing was stated under this id.
        WrongState: it is one's own, or an answer itself.
    """
    said: Said | None = tx.get(said_key(tx.party, id))
    if said is None:
        raise NotFound("no such figure was stated to this party", field="name")
    if said.recipient != tx.party or said.answers:
        raise WrongState("only a figure stated by the other side is answered", reason="NOT_OURS_TO_AGREE")
    return _say(tx, f"netral.{role}.figures_agreed.v1", "monitoring.agree_figures", said.sender, facts, said)


def hear_stated(tx: Transaction, received: IncomingStatement) -> None:
    """Keep a figure that was stated to this party."""
    check_stated(received.facts)
    _keep(tx, received.id, received.matter, received.sender, received.recipient, "", received.facts)


def hear_agreed(tx: Transaction, received: IncomingStatement) -> None:
    """Keep the answer to a figure that this party stated."""
    answers: str = received.facts.stated  # type: ignore[attr-defined]
    _keep(tx, received.id, received.matter, received.sender, received.recipient, answers, received.facts)


def _other_side(role: str) -> str:
    return {"supervisor": "examiner", "examiner": "supervisor"}[role]


def _say(
    tx: Transaction, type: str, action: str, recipient: str, facts: Message, answered: Said | None
) -> Record:
    # A reconciliation is about many matters, so it has an id of its own in the place of one.
    id = answered.reconciliation if answered else tx.desk.new_id()
    statement = tx.send(type, recipient, id, id, facts, cause=answered.id if answered else "")
    _keep(tx, statement, id, tx.party, recipient, answered.id if answered else "", facts)
    return tx.record(action, id, id, "AGREED" if answered else "STATED", facts)


def _keep(
    tx: Transaction, id: str, reconciliation: str, sender: str, recipient: str, answers: str, facts: Message
) -> None:
    kept = facts.SerializeToString(deterministic=True)
    tx.save(
        said_key(tx.party, id),
        Said(tx.party, id, reconciliation, sender, recipient, tx.now, answers, kept),
    )

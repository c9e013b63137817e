"""Copies (tembusan) that arrive at an overseer, one row per type. An original goes to the host's own desk."""

from agreement.entities import replace
from agreement.parties import institutions
from cooperation.oversight.domain import matters, rules
from cooperation.oversight.tables import WATCHED
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from host.received_rows import receives
from netral.kasn.v1 import events_pb2 as kasn
from netral.kasn.v1 import succession_pb2
from netral.oversight.v1 import events_pb2
from refusals import NotAllowed, NotFound


def receive(tx: Transaction, received: IncomingStatement, event: matters.HeardEvent) -> None:
    """Take up a copy; that of a recommendation begins the watched matter."""
    if not received.copy_of:
        raise NotAllowed("an overseer is sent copies only", reason="NOT_A_COPY")
    if not _oversees(tx):
        raise NotAllowed("this party oversees nobody", reason="NOT_AN_OVERSEER")
    watched = WATCHED.find(tx, received.matter)
    if watched is None:
        if not isinstance(event, matters.Recommended):
            raise NotFound("there is no such watched matter at this party", field="name")
        watched = rules.blank(tx.party, received.matter, received.case_id, tx.now)
    changed = rules.hear(watched, event, received.sender, received.copy_of)
    WATCHED.save(tx, received.matter, replace(changed, updated=tx.now, heard=received.id))


def _oversees(tx: Transaction) -> bool:
    overseers = (institutions.DATA_HOLDER, institutions.WARNER, institutions.AUDITOR)
    return rules.is_superior(tx.party) or any(tx.holds(role) for role in overseers)


_LOADS = WATCHED.word

RECEIVED = {
    "netral.examiner.recommended.v1": receives(kasn.Recommended, matters.Recommended, receive, _LOADS),
    "netral.examiner.corrected.v1": receives(kasn.Corrected, matters.Corrected, receive, _LOADS),
    "netral.examiner.due_date_moved.v1": receives(kasn.DueDateMoved, matters.DueDateMoved, receive, _LOADS),
    "netral.examiner.withdrawn.v1": receives(kasn.Withdrawn, matters.Withdrawn, receive, _LOADS),
    "netral.examiner.verified.v1": receives(kasn.Verified, matters.Verified, receive, _LOADS),
    "netral.examiner.took_over.v1": receives(succession_pb2.TookOver, matters.TookOver, receive, _LOADS),
    "netral.data_holder.decree_annulled.v1": receives(
        events_pb2.DecreeAnnulled, matters.DecreeAnnulled, receive, _LOADS
    ),
    "netral.warner.warned.v1": receives(events_pb2.Warned, matters.Warned, receive, _LOADS),
}

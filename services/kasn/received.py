"""Statements that arrive at the examiner's desk, one row per type.

They are heard by the succession's rules: what comes after a matter passed to the next examiner is forwarded.
"""

from agreement.entities import replace
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from host.received_rows import receives, receives_as
from kasn.escalation import domain as ladders
from kasn.escalation.tables import LADDERS
from kasn.matters import person_index
from kasn.matters.domain import events
from kasn.matters.domain.matter import blank
from kasn.matters.tables import MATTERS
from kasn.matters.wire import EVENTS
from kasn.silence import domain as silence
from kasn.silence.tables import CLAIMS
from kasn.succession import commands as succession
from kasn.succession import wire
from kasn.succession.domain import transfer
from netral.bawaslu.v1 import events_pb2 as bawaslu_pb
from netral.kasn.v1 import succession_pb2
from netral.oversight.v1 import events_pb2 as oversight_pb
from netral.ppk.v1 import discipline_events_pb2 as discipline_pb
from netral.ppk.v1 import events_pb2 as ppk_pb
from refusals import NotFound


def receive(tx: Transaction, received: IncomingStatement, event: transfer.Event) -> None:
    """Take up what supervisor, addressee, an overseer or another examiner says; a referral begins the matter here."""
    matter = MATTERS.find(tx, received.matter)
    if matter is None:
        if not isinstance(event, events.Referred):
            raise NotFound("there is no such matter at this party", field="name")
        matter = blank(tx.party, received.matter, received.case_id, tx.now)
    changed = transfer.hear(matter, event, received.sender, received.id)
    said = event.said if isinstance(event, transfer.Forwarded) else event
    if isinstance(said, events.Referred | events.Completed):
        person_index.index(tx, received)
    MATTERS.save(tx, matter.id, replace(changed, updated=tx.now, heard=received.id))
    if matter.successor and not isinstance(event, transfer.TookOver):
        succession.forward(tx, matter, received)


def receive_claim(tx: Transaction, received: IncomingStatement, event: silence.SilenceClaimed) -> None:
    """Take up a supervisor's claim of this examiner's silence."""
    matter = MATTERS.existing(tx, received.matter)
    known = CLAIMS.find(tx, received.matter) or silence.Claim(tx.party, received.matter)
    heard = silence.hear(matter, known, event, received.sender, received.id)
    CLAIMS.save(tx, received.matter, heard)


def receive_refutation(tx: Transaction, received: IncomingStatement, event: ladders.SilenceRefuted) -> None:
    """Take up the addressee's refutation of a claim of its silence."""
    matter = MATTERS.existing(tx, received.matter)
    ladder = ladders.of(matter, LADDERS.find(tx, received.matter))
    LADDERS.save(tx, received.matter, ladders.hear(matter, ladder, event, received.sender))


_WITH_LADDER = (MATTERS.word, LADDERS.word)

# The facts of each type as `wire` reads them: an event of the same name, or what is said there.
_SAID = {
    "netral.supervisor.referred.v1": bawaslu_pb.Referred,
    "netral.supervisor.completed.v1": bawaslu_pb.Completed,
    "netral.supervisor.offence_forwarded.v1": bawaslu_pb.OffenceForwarded,
    "netral.supervisor.offence_progressed.v1": bawaslu_pb.OffenceProgressed,
    "netral.personnel_authority.clarified.v1": ppk_pb.Clarified,
    "netral.personnel_authority.opened.v1": ppk_pb.Opened,
    "netral.personnel_authority.acknowledged.v1": ppk_pb.Acknowledged,
    "netral.personnel_authority.rejected.v1": ppk_pb.Rejected,
    "netral.personnel_authority.objected.v1": ppk_pb.Objected,
    "netral.personnel_authority.decided.v1": ppk_pb.Decided,
    "netral.personnel_authority.decree_corrected.v1": discipline_pb.DecreeCorrected,
    "netral.personnel_authority.followed_up.v1": ppk_pb.FollowedUp,
    "netral.personnel_authority.progressed.v1": discipline_pb.Progressed,
    "netral.personnel_authority.released_from_duty.v1": discipline_pb.ReleasedFromDuty,
    "netral.personnel_authority.appealed.v1": discipline_pb.Appealed,
    "netral.data_holder.blocked.v1": oversight_pb.Blocked,
    "netral.data_holder.unblocked.v1": oversight_pb.Unblocked,
    "netral.data_holder.decree_annulled.v1": oversight_pb.DecreeAnnulled,
    "netral.warner.warned.v1": oversight_pb.Warned,
}
RECEIVED = {
    **{type: receives_as(facts, EVENTS.from_message, receive) for type, facts in _SAID.items()},
    "netral.supervisor.silence_claimed.v1": receives(
        bawaslu_pb.SilenceClaimed, silence.SilenceClaimed, receive_claim, MATTERS.word, CLAIMS.word
    ),
    "netral.personnel_authority.silence_refuted.v1": receives(
        ppk_pb.SilenceRefuted, ladders.SilenceRefuted, receive_refutation, *_WITH_LADDER
    ),
    "netral.examiner.transferred.v1": receives_as(
        succession_pb2.Transferred, wire.read_transferred, succession.take_over, *_WITH_LADDER
    ),
    "netral.examiner.took_over.v1": receives(succession_pb2.TookOver, transfer.TookOver, receive),
    "netral.examiner.forwarded.v1": receives_as(succession_pb2.Forwarded, wire.read_forwarded, receive),
}

"""A succession at this desk: matters handed over, taken over, and what comes too late forwarded. Facts in, statements out."""

from collections.abc import Sequence
from dataclasses import replace

from agreement.enforcement import copies
from exchange.delivery.entity_store import matter_key
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from host import case_files
from kasn import wire
from kasn.escalation import domain as ladders
from kasn.matters import person_index
from kasn.matters.domain.rules import Matter, blank
from kasn.succession.domain import transfer as domain
from kasn.tables import ladder_key
from kasn.wire import Record

TRANSFERRED = "netral.examiner.transferred.v1"
TOOK_OVER = "netral.examiner.took_over.v1"
FORWARDED = "netral.examiner.forwarded.v1"


def transfer(tx: Transaction, ids: Sequence[str], command: domain.TransferMatters) -> Record:
    """Hand over those of these matters that are still open here, each with the person's file, and a record for each."""
    domain.check(command, tx.party, tx.today)
    sent = []
    for id in ids:
        matter: Matter | None = tx.get(matter_key(tx.party, id))
        if matter is None or matter.state not in domain.OPEN:
            continue  # another call was first, or it has ended
        ladder = ladders.of(matter, tx.get(ladder_key(tx.party, id)))
        event = replace(
            domain.transfer(matter, command, tx.last_statement_to(id)),
            reached=ladder.reached,
            escalation_number=ladder.escalation_number,
        )
        part = case_files.passed_on(tx, id)
        facts = wire.facts(event)
        statement = tx.send(
            TRANSFERRED, event.successor, id, matter.case_id, facts, part=part, cause=matter.heard
        )
        changed = replace(domain.apply(matter, event), updated=tx.now)
        tx.save(matter_key(tx.party, id), changed)
        tx.record("kasn.transfer", id, matter.case_id, changed.state, facts, statements=[statement])
        sent.append(statement)
    done = wire.transferred(command.successor, len(sent))
    return tx.record("kasn.transfer_matters", "", "", "", done, statements=sent)


def take_over(tx: Transaction, received: IncomingStatement) -> None:
    """Take a matter over; the old examiner and those whom the matter concerns are told, and turn to this party."""
    event: domain.Transferred = wire.event(received.facts)
    key = matter_key(tx.party, received.matter)
    known: Matter | None = tx.get(key)
    before = known or blank(tx.party, received.matter, received.case_id, tx.now)
    domain.check_passing(received.sender, event, tx.today)
    matter = replace(
        domain.hear(before, event, received.sender, received.id), updated=tx.now, heard=received.id
    )
    tx.save(key, matter)
    if event.reached:
        ladder = replace(
            ladders.of(event.matter, None),
            party=tx.party,
            reached=event.reached,
            escalation_number=event.escalation_number,
        )
        tx.save(ladder_key(tx.party, matter.id), ladder)
    person_index.index(tx, received)
    _tell(tx, matter, event)
    tx.record("kasn.take_over", matter.id, matter.case_id, matter.state)


def _tell(tx: Transaction, matter: Matter, event: domain.Transferred) -> None:
    """The old examiner, supervisor, addressee and an authority that was asked to clarify; copies to those that had some.

    An overseer that had none watches nothing, so there is nothing in which it could turn to this party.
    """
    last = {told.party: told.statement for told in event.last_told}
    there = event.matter
    facts = wire.facts(domain.took_over(matter))
    original = tx.send(TOOK_OVER, matter.predecessor, matter.id, matter.case_id, facts)
    concerned = dict.fromkeys((there.supervisor, there.addressee, there.clarification_addressee))
    copied = (
        copies.recipients(TOOK_OVER, there.addressee, there.supervisor, tx.today) if there.addressee else ()
    )
    overseers = {copy.recipient for copy in copied} & last.keys() - concerned.keys()
    for recipient in filter(None, concerned):
        tx.send(TOOK_OVER, recipient, matter.id, matter.case_id, facts, after=last.get(recipient, ""))
    for recipient in sorted(overseers):
        after = last[recipient]
        tx.send(TOOK_OVER, recipient, matter.id, matter.case_id, facts, copy_of=original, after=after)


def forward(tx: Transaction, matter: Matter, received: IncomingStatement) -> None:
    """Pass on what came for a matter that is the successor's, with its personal part."""
    facts = wire.forwarded(received.id, received.sender, received.type, received.facts)
    tx.send(FORWARDED, matter.successor, matter.id, matter.case_id, facts, part=received.part)
    tx.record("kasn.forward", matter.id, matter.case_id, matter.state)

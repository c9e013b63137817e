"""Matters handed over, taken over, and what comes too late forwarded."""

from agreement.enforcement import copies
from agreement.entities import replace
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from exchange.statements import protobuf_mapping
from host import case_files, desk_requests
from host.command_rows import CallContext, Function
from kasn.escalation import domain as ladders
from kasn.escalation.tables import LADDERS
from kasn.matters import person_index
from kasn.matters.commands import TOOK_OVER
from kasn.matters.domain.matter import Matter, blank
from kasn.matters.tables import MATTERS
from kasn.succession import reads, wire
from kasn.succession.domain import transfer as domain
from kasn.succession.reads import TRANSFERRED
from netral.exchange.v1.record_pb2 import Record
from netral.exchange.v1.service_pb2 import Act
from netral.kasn.v1 import service_pb2 as pb

FORWARDED = "netral.examiner.forwarded.v1"


async def transfer_matters(context: CallContext, request: pb.TransferMattersRequest) -> Act:
    """Hand over those of the oldest open matters that are still here, each with the person's file, and a record for each."""
    party = desk_requests.parse_institution_name(request.parent)
    ids = await reads.open_ids(context.desk.database, party, request.limit or 50)
    command = protobuf_mapping.to_dataclass(request, domain.TransferMatters)

    def handle(tx: Transaction) -> Record:
        domain.check(command, tx.party, tx.today)
        sent = [statement for id in ids if (statement := _transfer(tx, id, command))]
        done = wire.transferred(command.successor, len(sent))
        return tx.record("kasn.transfer_matters", "", "", "", done, statements=sent)

    keys = [key for id in ids for key in (MATTERS.key(party, id), LADDERS.key(party, id))]
    files = [(party, id) for id in ids]
    return await desk_requests.run_command(context.commands, request, party, keys, handle, files=files)


METHODS = (Function(pb.TransferMattersRequest, transfer_matters),)


def _transfer(tx: Transaction, id: str, command: domain.TransferMatters) -> str:
    """Hand a matter over; gives the statement, or nothing if another call was first or it has ended."""
    matter = MATTERS.find(tx, id)
    if matter is None or matter.state not in domain.OPEN:
        return ""
    ladder = ladders.of(matter, LADDERS.find(tx, id))
    event = replace(
        domain.transfer(matter, command, tx.last_statement_to(id)),
        reached=ladder.reached,
        escalation_number=ladder.escalation_number,
    )
    part, facts = case_files.passed_on(tx, id), wire.facts(event)
    statement = tx.send(
        TRANSFERRED, event.successor, id, matter.case_id, facts, part=part, cause=matter.heard
    )
    changed = replace(domain.apply(matter, event), updated=tx.now)
    MATTERS.save(tx, id, changed)
    tx.record("kasn.transfer", id, matter.case_id, changed.state, facts, statements=[statement])
    return statement


def take_over(tx: Transaction, received: IncomingStatement, event: domain.Transferred) -> None:
    """Take a matter over; the old examiner and those whom the matter concerns are told, and turn to this party."""
    known = MATTERS.find(tx, received.matter)
    before = known or blank(tx.party, received.matter, received.case_id, tx.now)
    domain.check_passing(received.sender, event, tx.today)
    heard = domain.hear(before, event, received.sender, received.id)
    matter = replace(heard, updated=tx.now, heard=received.id)
    MATTERS.save(tx, matter.id, matter)
    if event.reached:
        ladder = replace(
            ladders.of(event.matter, None),
            party=tx.party,
            reached=event.reached,
            escalation_number=event.escalation_number,
        )
        LADDERS.save(tx, matter.id, ladder)
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

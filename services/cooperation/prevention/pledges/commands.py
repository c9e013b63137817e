"""Commands on lists of pledges: plain functions that close a list, ask it for a proof, and erase it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from agreement.prevention import campaigns as prevention
from cooperation.prevention.campaigns import domain, readings
from cooperation.prevention.campaigns.commands import record_act_done, send_to_all_concerned
from cooperation.prevention.campaigns.tables import RECEIVED, REPORTS
from cooperation.prevention.pledges import reads, store, wire
from cooperation.prevention.pledges.domain import lists, rows
from cooperation.prevention.pledges.tables import LISTS
from exchange.context import FactKey
from exchange.delivery.transaction import Transaction
from host import desk_requests
from host.command_rows import CallContext, Function, Method
from netral.exchange.v1.record_pb2 import Record
from netral.exchange.v1.service_pb2 import Act
from netral.prevention.v1 import pledges_pb2 as pb
from refusals import WrongState

Holds = Callable[[str, str], Sequence[FactKey]]
"""The facts that are the legal holds on a party's list; the value of each is a tuple of what has `stands`."""


def close_list(tx: Transaction, id: str, campaign_id: str, closed: lists.Closed, read_by: str) -> Record:
    """Close a list whose file is taken whole: state its counts, its root and which text was read, by which post."""
    readings.require_reader(read_by)
    known = LISTS.existing(tx, id)
    campaign = RECEIVED.existing(tx, campaign_id, field="campaign") if campaign_id else None
    if campaign is not None:
        domain.require_opened(campaign.state)
    after = replace(lists.close(known, closed), updated=tx.now)
    facts, matter = wire.listed(after, read_by), campaign_id or id
    if after.size:
        statements = send_to_all_concerned(tx, wire.LISTED, matter, campaign, facts)
        after = replace(after, statement=statements[0] if statements else "")
        record_act_done(tx, campaign, prevention.PLEDGE)
        REPORTS.save(tx, id, lists.report_of(after, tx.party, id, tx.party, campaign_id, tx.now, read_by))
    LISTS.save(tx, id, after)
    return tx.record("prevention.list_pledges", matter, matter, after.state, facts)


async def prove(context: CallContext, request: pb.ProvePledgeRequest) -> pb.ProvePledgeResponse:
    """Record that somebody asks whether a person stands in a list, then answer. The record does not say of whom."""
    party, id = desk_requests.parse_resource_name(request.name)
    facts, person, database = wire.asked_for(id, request), request.number, context.desk.database

    def handle(tx: Transaction) -> Record:
        known = LISTS.existing(tx, id)
        rows.person(person)
        lists.require_listed(known)
        return tx.record("prevention.prove_pledge", id, id, known.state, facts)

    act = await desk_requests.run_command(context.commands, request, party, [LISTS.key(party, id)], handle)
    known = await reads.pledge_list(database, party, id)
    lists.require_listed(known)  # it was when this was asked first
    found = await store.find(context.desk, known, person)
    if found is None:
        return pb.ProvePledgeResponse(record=act.record, in_list=False)
    index, entry = found
    proof = pb.PledgeProof(
        entry=entry.encode("ascii"),
        salt=await store.salt(context.desk, known, index),
        index=index,
        hashes=await store.proof(context.desk, known, index),
        statement=await reads.statement_of(database, party, known.statement),
        authority=party,
    )
    return pb.ProvePledgeResponse(record=act.record, in_list=True, proof=proof)


async def erase(holds: Holds, context: CallContext, request: pb.ErasePledgeListRequest) -> Act:
    """Erase a list, unless a legal hold stops it: its key is destroyed after the commit."""
    party, id = desk_requests.parse_resource_name(request.name)
    held = holds(party, id)

    def handle(tx: Transaction) -> Record:
        known = LISTS.existing(tx, id)
        if any(hold.stands for key in held for hold in tx.get(key) or ()):
            raise WrongState("a legal hold stops the erasure of this list", reason="HELD")
        LISTS.save(tx, id, replace(lists.erase(known), updated=tx.now))
        return tx.record("prevention.erase_list", id, id, lists.State.ERASED, wire.erased(id))

    act = await desk_requests.run_command(
        context.commands, request, party, [LISTS.key(party, id), *held], handle
    )
    await store.destroy(context.desk, party, id)
    return act


def methods(holds: Holds) -> tuple[Method, ...]:
    """The acts of a host on lists, whose erasure these holds may stop."""
    return (
        Function(pb.ProvePledgeRequest, prove),
        Function(pb.ErasePledgeListRequest, partial(erase, holds)),
    )

"""Facts in, decision, buffered writes and statements out: lists of pledges at their authority and at those who are told."""

from collections.abc import Sequence
from dataclasses import replace

from agreement.prevention import campaigns as prevention
from cooperation.prevention.campaigns import domain
from cooperation.prevention.campaigns.commands import (
    keep_report,
    received_for_change,
    record_act_done,
    send_to_all_concerned,
)
from cooperation.prevention.campaigns.tables import report_key
from cooperation.prevention.pledges import tables, wire
from cooperation.prevention.pledges.domain import lists, rows
from cooperation.prevention.pledges.wire import Message, Record
from exchange.context import FactKey
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from refusals import NotFound, WrongState


def close_list(tx: Transaction, id: str, campaign_id: str, closed: lists.Closed) -> Record:
    """The file of a list is taken whole: state its counts and its root."""
    known = list_for_change(tx, id)
    campaign = received_for_change(tx, campaign_id, "campaign") if campaign_id else None
    if campaign is not None:
        domain.require_opened(campaign.state)
    after = replace(lists.close(known, closed), updated=tx.now)
    facts, matter = wire.listed(after), campaign_id or id
    if after.size:
        statements = send_to_all_concerned(tx, wire.LISTED, matter, campaign, facts)
        after = replace(after, statement=statements[0] if statements else "")
        record_act_done(tx, campaign, prevention.PLEDGE)
        tx.save(
            report_key(tx.party, id),
            domain.Report(
                tx.party,
                id,
                tx.party,
                campaign_id,
                prevention.PLEDGE,
                tx.now,
                people=after.size,
                units=after.units,
                pledge_list=id,
                root=after.root,
            ),
        )
    tx.save(tables.list_key(tx.party, id), after)
    return tx.record("prevention.list_pledges", matter, matter, after.state, facts)


def erase_list(tx: Transaction, id: str, holds: Sequence[FactKey] = ()) -> Record:
    """Erase a list, unless a legal hold stops it; whoever calls this destroys its key after the commit.

    Raises:
        WrongState: a hold stands, or it is erased already.
    """
    known = list_for_change(tx, id)
    if any(hold.stands for key in holds for hold in tx.get(key) or ()):
        raise WrongState("a legal hold stops the erasure of this list", reason="HELD")
    tx.save(tables.list_key(tx.party, id), replace(lists.erase(known), updated=tx.now))
    return tx.record("prevention.erase_list", id, id, lists.State.ERASED, wire.erased(id))


def ask_for(tx: Transaction, id: str, person: str, facts: Message) -> Record:
    """Somebody asks whether a person stands in a list: a record, before it is answered. It does not say of whom."""
    known = list_for_change(tx, id)
    rows.person(person)
    lists.require_listed(known)
    return tx.record("prevention.prove_pledge", id, id, known.state, facts)


def list_for_change(tx: Transaction, id: str) -> lists.PledgeList:
    """The list of pledges.

    Raises:
        NotFound: this party has no such list.
    """
    found: lists.PledgeList | None = tx.get(tables.list_key(tx.party, id))
    if found is None:
        raise NotFound("there is no such list at this party", field="name")
    return found


def receive_listed(tx: Transaction, received: IncomingStatement) -> None:
    """An authority states a list of pledges: its counts and its root.

    Raises:
        Malformed: the counts are not those of the size, or the root is none.
    """
    stated = wire.stated(received.facts)
    keep_report(
        tx,
        received.id,
        received.sender,
        received.matter,
        domain.Report(
            tx.party,
            received.id,
            received.sender,
            "",
            prevention.PLEDGE,
            tx.now,
            people=stated.size,
            units=stated.units,
            pledge_list=stated.id,
            root=stated.root,
        ),
    )

"""Facts in, decision, buffered writes and statements out: one function per command, one per statement that arrives."""

from collections.abc import Sequence
from dataclasses import replace

from agreement.parties import institutions
from agreement.prevention import campaigns as prevention
from cooperation.prevention import tables, wire
from cooperation.prevention.campaigns import domain
from cooperation.prevention.pledges.domain import lists, rows
from cooperation.prevention.wire import Message, Record
from exchange.context import FactKey
from exchange.delivery.entity_store import use_number
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from refusals import Conflict, NotAllowed, NotFound, WrongState

OPENED = "netral.personnel_authority.campaign_opened.v1"
REPORTED = "netral.personnel_authority.prevention_reported.v1"


def issued(role: str) -> str:
    """The type of the statement by which a supervisor or examiner addresses a campaign."""
    return f"netral.{role}.campaign_issued.v1"


# --- at the sender of a campaign ---------------------------------------------------------------------------------------


def issue(tx: Transaction, role: str, command: domain.IssueCampaign) -> Record:
    """Address a circular or campaign to many in one act: one statement each, one record for all.

    Raises:
        NotAllowed: this party does not hold the role.
    """
    party = tx.desk.trust.get(tx.party)
    if party is None or not party.holds(role, tx.now):
        raise NotAllowed("this party does not hold the role {role}", role=role, reason="ROLE_NOT_HELD")
    reachable = set(tx.desk.trust.holders(institutions.PERSONNEL_AUTHORITY, tx.now)) - {tx.party}
    event, addressees = domain.issue(command, tx.today, reachable)
    id = tx.desk.new_id()
    use_number(tx, "letter", event.number, id, field="number", word=tables.CAMPAIGN_NUMBER)
    facts = wire.facts(event)
    for addressee in addressees:
        tx.send(issued(role), addressee, id, id, facts)
    assert event.letter_date is not None
    tx.save(
        tables.campaign_key(tx.party, id),
        domain.Campaign(
            tx.party,
            id,
            event.kind,
            event.number,
            event.letter_date,
            event.due_date,
            event.asks,
            event.pledge,
            event.document_digest,
            addressees,
            tx.now,
            tx.now,
        ),
    )
    return tx.record("prevention.issue", id, id, "ISSUED", wire.made(event, addressees))


def hear_opened(tx: Transaction, received: IncomingStatement) -> None:
    """An addressee says that it opened a campaign. The statement is the evidence; nothing else is kept of it."""
    domain.require_addressee(_campaign(tx, received.matter), received.sender)


def hear_reported(tx: Transaction, received: IncomingStatement) -> None:
    """An authority reports an act, in answer to a campaign of this party, of another, or on its own."""
    event = domain.heard(wire.event(received.facts))
    _keep_report(
        tx,
        received.id,
        received.sender,
        received.matter,
        domain.Report(
            tx.party,
            received.id,
            received.sender,
            "",
            event.act,
            tx.now,
            event.number,
            event.act_date,
            event.document_digest,
            event.people,
            event.units,
        ),
    )


def hear_listed(tx: Transaction, received: IncomingStatement) -> None:
    """An authority states a list of pledges: its counts and its root.

    Raises:
        Malformed: the counts are not those of the size, or the root is none.
    """
    stated = wire.stated(received.facts)
    _keep_report(
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


def _keep_report(tx: Transaction, id: str, sender: str, matter: str, report: domain.Report) -> None:
    """Keep what was told. A campaign of this party is answered by those only whom it was addressed to."""
    campaign = _campaign(tx, matter)
    if campaign is not None:
        domain.require_addressee(campaign, sender)
        report = replace(report, campaign=campaign.id)
    tx.save(tables.report_key(tx.party, id), report)


def _campaign(tx: Transaction, id: str) -> domain.Campaign | None:
    found: domain.Campaign | None = tx.get(tables.campaign_key(tx.party, id))
    return found


# --- at an addressee ------------------------------------------------------------------------------------------------------


def hear_issued(tx: Transaction, received: IncomingStatement) -> None:
    """A campaign arrives."""
    party = tx.desk.trust.get(tx.party)
    if party is None or not party.holds(institutions.PERSONNEL_AUTHORITY, tx.now):
        raise NotAllowed("only a personnel authority is addressed", reason="NOT_AN_AUTHORITY")
    key = tables.received_key(tx.party, received.matter)
    if tx.get(key) is not None:
        raise Conflict("a campaign of this id arrived before", reason="CAMPAIGN_KNOWN")
    event: domain.Issued = wire.event(received.facts)
    campaign = domain.receive(tx.party, received.matter, received.sender, event, received.id, tx.now)
    tx.save(key, campaign)


def open_campaign(tx: Transaction, id: str) -> Record:
    """An officer opens a campaign; its sender is told."""
    campaign = received_for_change(tx, id, "name")
    event = domain.open_campaign(campaign)
    facts = wire.facts(event)
    tx.send(OPENED, campaign.sender, id, id, facts, cause=campaign.heard)
    opened = replace(campaign, state=domain.State.OPENED, updated=tx.now)
    tx.save(tables.received_key(tx.party, id), opened)
    return tx.record("prevention.open", id, id, opened.state, facts)


def report_act(tx: Transaction, campaign_id: str, command: domain.ReportAct) -> Record:
    """Report an act, or register a body; those who are to know are told."""
    campaign = received_for_change(tx, campaign_id, "campaign") if campaign_id else None
    event = domain.report(command, campaign, tx.today)
    id = tx.desk.new_id()
    if event.number:
        use_number(tx, "report", event.number, id, field="number", word=tables.REPORT_NUMBER)
    facts = wire.facts(event)
    matter = campaign_id or id
    _tell(tx, REPORTED, matter, campaign, facts)
    tx.save(
        tables.report_key(tx.party, id),
        domain.Report(
            tx.party,
            id,
            tx.party,
            campaign_id,
            event.act,
            tx.now,
            event.number,
            event.act_date,
            event.document_digest,
            event.people,
            event.units,
        ),
    )
    state = _has_acted(tx, campaign, event.act)
    return tx.record("prevention.report", matter, matter, state, facts)


def close_list(tx: Transaction, id: str, campaign_id: str, closed: lists.Closed) -> Record:
    """The file of a list is taken whole: state its counts and its root."""
    known = list_for_change(tx, id)
    campaign = received_for_change(tx, campaign_id, "campaign") if campaign_id else None
    if campaign is not None:
        domain.require_opened(campaign)
    after = replace(lists.close(known, closed), updated=tx.now)
    facts, matter = wire.listed(after), campaign_id or id
    if after.size:
        statements = _tell(tx, wire.LISTED, matter, campaign, facts)
        after = replace(after, statement=statements[0] if statements else "")
        _has_acted(tx, campaign, prevention.PLEDGE)
        tx.save(
            tables.report_key(tx.party, id),
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


def received_for_change(tx: Transaction, id: str, field: str) -> domain.Received:
    """The campaign at an addressee.

    Raises:
        NotFound: no such campaign arrived at this party.
    """
    found: domain.Received | None = tx.get(tables.received_key(tx.party, id))
    if found is None:
        raise NotFound("no such campaign arrived at this party", field=field)
    return found


def list_for_change(tx: Transaction, id: str) -> lists.PledgeList:
    """The list of pledges.

    Raises:
        NotFound: this party has no such list.
    """
    found: lists.PledgeList | None = tx.get(tables.list_key(tx.party, id))
    if found is None:
        raise NotFound("there is no such list at this party", field="name")
    return found


def _has_acted(tx: Transaction, campaign: domain.Received | None, act: str) -> str:
    """The state of a campaign after an act; of an act on one's own there is none."""
    if campaign is None:
        return "REPORTED"
    after = replace(domain.acted(campaign, act), updated=tx.now)
    tx.save(tables.received_key(tx.party, campaign.id), after)
    return after.state


def _tell(
    tx: Transaction, type: str, matter: str, campaign: domain.Received | None, facts: Message
) -> list[str]:
    """Tell the sender of the campaign, and those that the agreement names; never oneself."""
    recipients = [campaign.sender] if campaign else []
    recipients += [each for role in prevention.recipients() for each in tx.desk.trust.holders(role, tx.now)]
    cause = campaign.heard if campaign else ""
    others = [each for each in dict.fromkeys(recipients) if each != tx.party]
    return [tx.send(type, each, matter, matter, facts, cause=cause) for each in others]

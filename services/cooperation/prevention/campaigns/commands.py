"""Facts in, decision, buffered writes and statements out: campaigns at their sender and at an addressee, and reported acts."""

from dataclasses import replace

from agreement.parties import institutions
from agreement.prevention import campaigns as prevention
from cooperation.prevention.campaigns import domain, tables, wire
from cooperation.prevention.campaigns.wire import Message, Record
from exchange.delivery.entity_store import use_number
from exchange.delivery.inbox.handlers import IncomingStatement
from exchange.delivery.transaction import Transaction
from refusals import Conflict, NotAllowed, NotFound

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
    facts = wire.issued(event)
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


def receive_opened(tx: Transaction, received: IncomingStatement) -> None:
    """An addressee says that it opened a campaign. The statement is the evidence; nothing else is kept of it."""
    domain.require_addressee(_campaign(tx, received.matter), received.sender)


def receive_reported(tx: Transaction, received: IncomingStatement) -> None:
    """An authority reports an act, in answer to a campaign of this party, of another, or on its own."""
    event = domain.heard(wire.event(received.facts, domain.Reported))
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
            event.act,
            tx.now,
            event.number,
            event.act_date,
            event.document_digest,
            event.people,
            event.units,
        ),
    )


def keep_report(tx: Transaction, id: str, sender: str, matter: str, report: domain.Report) -> None:
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


def receive_issued(tx: Transaction, received: IncomingStatement) -> None:
    """A campaign arrives."""
    party = tx.desk.trust.get(tx.party)
    if party is None or not party.holds(institutions.PERSONNEL_AUTHORITY, tx.now):
        raise NotAllowed("only a personnel authority is addressed", reason="NOT_AN_AUTHORITY")
    key = tables.received_key(tx.party, received.matter)
    if tx.get(key) is not None:
        raise Conflict("a campaign of this id arrived before", reason="CAMPAIGN_KNOWN")
    event = wire.event(received.facts, domain.Issued)
    campaign = domain.receive(tx.party, received.matter, received.sender, event, received.id, tx.now)
    tx.save(key, campaign)


def open_campaign(tx: Transaction, id: str) -> Record:
    """An officer opens a campaign; its sender is told."""
    campaign = received_for_change(tx, id, "name")
    event = domain.open_campaign(campaign)
    facts = wire.opened(event)
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
    facts = wire.reported(event)
    matter = campaign_id or id
    send_to_all_concerned(tx, REPORTED, matter, campaign, facts)
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
    state = record_act_done(tx, campaign, event.act)
    return tx.record("prevention.report", matter, matter, state, facts)


def received_for_change(tx: Transaction, id: str, field: str) -> domain.Received:
    """The campaign at an addressee.

    Raises:
        NotFound: no such campaign arrived at this party.
    """
    found: domain.Received | None = tx.get(tables.received_key(tx.party, id))
    if found is None:
        raise NotFound("no such campaign arrived at this party", field=field)
    return found


def record_act_done(tx: Transaction, campaign: domain.Received | None, act: str) -> str:
    """The state of a campaign after an act; of an act on one's own there is none."""
    if campaign is None:
        return "REPORTED"
    after = replace(domain.acted(campaign, act), updated=tx.now)
    tx.save(tables.received_key(tx.party, campaign.id), after)
    return after.state


def send_to_all_concerned(
    tx: Transaction, type: str, matter: str, campaign: domain.Received | None, facts: Message
) -> list[str]:
    """Send to the sender of the campaign, and those that the agreement names; never oneself."""
    recipients = [campaign.sender] if campaign else []
    recipients += [each for role in prevention.recipients() for each in tx.desk.trust.holders(role, tx.now)]
    cause = campaign.heard if campaign else ""
    others = [each for each in dict.fromkeys(recipients) if each != tx.party]
    return [tx.send(type, each, matter, matter, facts, cause=cause) for each in others]

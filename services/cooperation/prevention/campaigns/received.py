"""Statements on campaigns and reported acts, one row per type, for each of the two sides."""

from dataclasses import replace

from agreement.parties import institutions
from cooperation.prevention.campaigns import commands, domain
from cooperation.prevention.campaigns.tables import CAMPAIGNS, RECEIVED, REPORTS
from exchange.delivery.inbox.handlers import Handlers, IncomingStatement
from exchange.delivery.transaction import Transaction
from host.received_rows import receives
from netral.prevention.v1 import events_pb2 as pb
from refusals import Conflict, NotAllowed


def receive_opened(tx: Transaction, received: IncomingStatement, event: domain.Opened) -> None:
    """Take up that an addressee opened a campaign. The statement is the evidence; nothing else is kept of it."""
    domain.require_addressee(CAMPAIGNS.find(tx, received.matter), received.sender)


def receive_reported(tx: Transaction, received: IncomingStatement, event: domain.Reported) -> None:
    """Take up an act, in answer to a campaign of this party, of another, or on the authority's own initiative."""
    event = domain.heard(event)
    report = domain.report_of(event, tx.party, received.id, received.sender, "", tx.now)
    keep_report(tx, received, report)


def keep_report(tx: Transaction, received: IncomingStatement, report: domain.Report) -> None:
    """Keep what was told. A campaign of this party is answered by those only whom it was addressed to."""
    campaign = CAMPAIGNS.find(tx, received.matter)
    if campaign is not None:
        domain.require_addressee(campaign, received.sender)
        report = replace(report, campaign=campaign.id)
    REPORTS.save(tx, report.id, report)


def receive_issued(tx: Transaction, received: IncomingStatement, event: domain.Issued) -> None:
    """Take up a campaign."""
    if not tx.holds(institutions.PERSONNEL_AUTHORITY):
        raise NotAllowed("only a personnel authority is addressed", reason="NOT_AN_AUTHORITY")
    if RECEIVED.find(tx, received.matter) is not None:
        raise Conflict("a campaign of this id arrived before", reason="CAMPAIGN_KNOWN")
    campaign = domain.receive(tx.party, received.matter, received.sender, event, received.id, tx.now)
    RECEIVED.save(tx, campaign.id, campaign)


# At a supervisor or examiner: statements of authorities.
FROM_AUTHORITIES: Handlers = {
    commands.OPENED: receives(pb.CampaignOpened, domain.Opened, receive_opened, CAMPAIGNS.word),
    commands.REPORTED: receives(pb.PreventionReported, domain.Reported, receive_reported, CAMPAIGNS.word),
}

# At an authority: statements of supervisor and examiner.
TO_AUTHORITIES: Handlers = {
    commands.issued(role): receives(pb.CampaignIssued, domain.Issued, receive_issued, RECEIVED.word)
    for role in ("supervisor", "examiner")
}

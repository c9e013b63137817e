"""Commands on campaigns: plain functions for what is addressed to many, opened by an addressee, and reported on one's own."""

from dataclasses import replace
from functools import partial

from google.protobuf.message import Message

from agreement.parties import institutions
from agreement.prevention import campaigns as prevention
from cooperation.prevention.campaigns import domain, wire
from cooperation.prevention.campaigns.domain import Received
from cooperation.prevention.campaigns.tables import (
    CAMPAIGN_NUMBER,
    CAMPAIGNS,
    RECEIVED,
    REPORT_NUMBER,
    REPORTS,
)
from exchange.context import FactKey
from exchange.delivery.entity_store import use_number
from exchange.delivery.transaction import Transaction
from exchange.statements import protobuf_mapping
from host import desk_requests
from host.command_rows import CallContext, Function, Method, Possibility, Sending, Subject, carry_out
from netral.exchange.v1.record_pb2 import Record
from netral.exchange.v1.service_pb2 import Act
from netral.prevention.v1 import service_pb2 as pb

OPENED = "netral.personnel_authority.campaign_opened.v1"
REPORTED = "netral.personnel_authority.prevention_reported.v1"


def issued(role: str) -> str:
    """The type of the statement by which a supervisor or examiner addresses a campaign."""
    return f"netral.{role}.campaign_issued.v1"


# --- at the sender of a campaign ---------------------------------------------------------------------------------------


async def issue(role: str, context: CallContext, request: pb.IssueCampaignRequest) -> Act:
    """Address a circular or campaign to many in one act: one statement each, one record for all."""
    party = desk_requests.parse_institution_name(request.parent)
    command = protobuf_mapping.to_dataclass(request, domain.IssueCampaign)

    def handle(tx: Transaction) -> Record:
        tx.require_role(role)
        reachable = set(tx.desk.trust.holders(institutions.PERSONNEL_AUTHORITY, tx.now)) - {party}
        event, addressees = domain.issue(command, tx.today, reachable)
        campaign = domain.begin(party, tx.desk.new_id(), event, addressees, tx.now)
        id = campaign.id
        use_number(tx, "letter", event.number, id, field="number", word=CAMPAIGN_NUMBER)
        facts = wire.EVENTS.to_message(event)
        for addressee in addressees:
            tx.send(issued(role), addressee, id, id, facts)
        CAMPAIGNS.save(tx, id, campaign)
        return tx.record("prevention.issue", id, id, "ISSUED", wire.made(event, addressees))

    keys = [(CAMPAIGN_NUMBER, party, "letter", request.number)]
    return await desk_requests.run_command(context.commands, request, party, keys, handle)


def sender_methods(role: str) -> tuple[Method, ...]:
    """The acts of a host whose parties hold a role: `supervisor` or `examiner`."""
    return (Function(pb.IssueCampaignRequest, partial(issue, role)),)


# --- at an addressee ------------------------------------------------------------------------------------------------------


def keep(tx: Transaction, campaign: Received, event: domain.Opened) -> Received:
    """Save a campaign that an officer opened."""
    opened = replace(campaign, state=domain.State.OPENED, updated=tx.now)
    RECEIVED.save(tx, campaign.id, opened)
    return opened


def _possible(campaign: Received, command: type[object]) -> bool:
    return (campaign.state == domain.State.RECEIVED) == (command is domain.Opened)


CAMPAIGN: Subject[Received, domain.Opened] = Subject(
    RECEIVED.keys, RECEIVED.existing, keep, wire.EVENTS.to_message, "campaigns", possible=_possible
)


async def open_campaign(context: CallContext, request: pb.OpenCampaignRequest) -> Act:
    """Open a campaign as an officer of the addressee; its sender is told."""
    party, id = desk_requests.parse_resource_name(request.name)

    def handle(tx: Transaction) -> Record:
        campaign = RECEIVED.existing(tx, id)
        event = domain.open_campaign(campaign)
        sending = Sending(OPENED, campaign.sender, campaign.heard)
        return carry_out(CAMPAIGN, "prevention.open", tx, campaign, event, [sending])

    return await desk_requests.run_command(context.commands, request, party, RECEIVED.keys(party, id), handle)


async def report_act(context: CallContext, request: pb.ReportActRequest) -> Act:
    """Report an act, or register a body; those who are to know are told."""
    party = desk_requests.parse_institution_name(request.parent)
    answered = desk_requests.parse_resource_name(request.campaign, "campaign")[1] if request.campaign else ""
    command = protobuf_mapping.to_dataclass(request, domain.ReportAct)

    def handle(tx: Transaction) -> Record:
        campaign = RECEIVED.existing(tx, answered, field="campaign") if answered else None
        event = domain.report(command, campaign, tx.today)
        id = tx.desk.new_id()
        if event.number:
            use_number(tx, "report", event.number, id, field="number", word=REPORT_NUMBER)
        facts, matter = wire.EVENTS.to_message(event), answered or id
        send_to_all_concerned(tx, REPORTED, matter, campaign, facts)
        REPORTS.save(tx, id, domain.report_of(event, party, id, party, answered, tx.now))
        return tx.record("prevention.report", matter, matter, record_act_done(tx, campaign, event.act), facts)

    number: FactKey = (REPORT_NUMBER, party, "report", request.number)
    keys = [number, *(RECEIVED.keys(party, answered) if answered else [])]
    return await desk_requests.run_command(context.commands, request, party, keys, handle)


def record_act_done(tx: Transaction, campaign: Received | None, act: str) -> str:
    """The state of a campaign after an act; of an act on one's own there is none."""
    if campaign is None:
        return "REPORTED"
    after = replace(domain.acted(campaign, act), updated=tx.now)
    RECEIVED.save(tx, campaign.id, after)
    return after.state


def send_to_all_concerned(
    tx: Transaction, type: str, matter: str, campaign: Received | None, facts: Message
) -> list[str]:
    """Send to the sender of the campaign, and those that the agreement names; never oneself."""
    recipients = [campaign.sender] if campaign else []
    recipients += [each for role in prevention.recipients() for each in tx.desk.trust.holders(role, tx.now)]
    cause = campaign.heard if campaign else ""
    others = [each for each in dict.fromkeys(recipients) if each != tx.party]
    return [tx.send(type, each, matter, matter, facts, cause=cause) for each in others]


METHODS = (
    Function(pb.OpenCampaignRequest, open_campaign, Possibility("prevention.open", CAMPAIGN, domain.Opened)),
    Function(pb.ReportActRequest, report_act, Possibility("prevention.report", CAMPAIGN, domain.ReportAct)),
)

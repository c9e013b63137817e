"""Way in 1, campaigns: those who issue them and count, and the authorities that answer. No rule is here."""

from collections.abc import Sequence

import grpc

from cooperation.prevention.campaigns import commands, coverage, reads, tables, wire
from cooperation.prevention.campaigns.tables import received_key
from exchange.context import HostContext
from exchange.delivery.commands import Commands
from host import desk_requests, front_door
from host.front_door import READERS, WRITERS, Context
from netral.exchange.v1.service_pb2 import Act
from netral.prevention.v1 import service_pb2 as pb
from netral.prevention.v1 import service_pb2_grpc
from storage.engines import Database
from storage.types import FoundRow

_PACKAGE = "netral.prevention.v1."
CAMPAIGNS, CAMPAIGNS_READ = _PACKAGE + "CampaignService", _PACKAGE + "CampaignReadService"
WRITE, READ = _PACKAGE + "PreventionService", _PACKAGE + "PreventionReadService"

# At a supervisor or examiner, and at an authority.
SENDERS_PERMISSIONS = front_door.permissions({CAMPAIGNS: WRITERS, CAMPAIGNS_READ: READERS}, pb.DESCRIPTOR)
PERMISSIONS = front_door.permissions({WRITE: WRITERS, READ: READERS}, pb.DESCRIPTOR)


class Campaigns(service_pb2_grpc.CampaignServiceServicer):
    """Writing calls of a sender. `role` is what this desk's parties hold: `supervisor` or `examiner`."""

    def __init__(self, desk: HostContext, queue: Commands, role: str) -> None:
        self._desk, self._queue, self._role = desk, queue, role

    async def IssueCampaign(self, request: pb.IssueCampaignRequest, context: Context) -> Act:
        party = desk_requests.parse_institution_name(request.parent)
        command = wire.issue(request)
        keys = [(tables.CAMPAIGN_NUMBER, party, "letter", request.number)]
        return await desk_requests.run_command(
            self._queue, request, party, keys, lambda tx: commands.issue(tx, self._role, command)
        )


class CampaignsRead(service_pb2_grpc.CampaignReadServiceServicer):
    """Reading calls of a sender."""

    def __init__(self, desk: HostContext) -> None:
        self._database = desk.database

    async def GetCampaign(self, request: pb.GetCampaignRequest, context: Context) -> pb.Campaign:
        return wire.campaign(await self._campaign(request.name))

    async def ListCampaigns(
        self, request: pb.ListCampaignsRequest, context: Context
    ) -> pb.ListCampaignsResponse:
        party = desk_requests.parse_institution_name(request.parent)
        rows, token = await reads.campaigns(self._database, party, request)
        return pb.ListCampaignsResponse(campaigns=map(wire.campaign, rows), next_page_token=token)

    async def GetCoverage(self, request: pb.GetCoverageRequest, context: Context) -> pb.Coverage:
        campaign = await self._campaign(request.name)
        return wire.covered(*await reads.covered(self._database, campaign.party, campaign.id))

    async def ListAddressees(
        self, request: pb.ListAddresseesRequest, context: Context
    ) -> pb.ListAddresseesResponse:
        campaign = await self._campaign(request.name)
        found, last, _ = await reads.covered(self._database, campaign.party, campaign.id)
        after, size = desk_requests.page_of(request)
        wanted = [
            standing
            for name, standing in sorted(found.standings.items())
            if name > after
            and (not request.province or coverage.province(name) == request.province)
            and (not request.without or not coverage.has(standing, request.without, found.asks))
        ]
        return pb.ListAddresseesResponse(
            addressees=[wire.addressee(standing, found.asks) for standing in wanted[:size]],
            next_page_token=desk_requests.page_token(wanted[size - 1].addressee)
            if len(wanted) > size
            else "",
            log_index=last,
        )

    async def ListReports(self, request: pb.ListReportsRequest, context: Context) -> pb.ListReportsResponse:
        return await _reports(self._database, request, request.authority)

    async def _campaign(self, name: str) -> FoundRow:
        party, id = desk_requests.parse_resource_name(name)
        return await reads.campaign(self._database, party, id)


class Prevention(service_pb2_grpc.PreventionServiceServicer):
    """Writing calls of an authority; each is committed when it returns."""

    def __init__(self, desk: HostContext, queue: Commands) -> None:
        self._desk, self._queue = desk, queue

    async def OpenCampaign(self, request: pb.OpenCampaignRequest, context: Context) -> Act:
        party, id = desk_requests.parse_resource_name(request.name)
        keys = [received_key(party, id)]
        return await desk_requests.run_command(
            self._queue, request, party, keys, lambda tx: commands.open_campaign(tx, id)
        )

    async def ReportAct(self, request: pb.ReportActRequest, context: Context) -> Act:
        party = desk_requests.parse_institution_name(request.parent)
        campaign = (
            desk_requests.parse_resource_name(request.campaign, "campaign")[1] if request.campaign else ""
        )
        command = wire.report_act(request)
        keys = [
            *([received_key(party, campaign)] if campaign else []),
            (tables.REPORT_NUMBER, party, "report", request.number),
        ]
        return await desk_requests.run_command(
            self._queue, request, party, keys, lambda tx: commands.report_act(tx, campaign, command)
        )


class PreventionRead(service_pb2_grpc.PreventionReadServiceServicer):
    """Reading calls of an authority."""

    def __init__(self, desk: HostContext) -> None:
        self._database = desk.database

    async def GetReceivedCampaign(
        self, request: pb.GetReceivedCampaignRequest, context: Context
    ) -> pb.ReceivedCampaign:
        party, id = desk_requests.parse_resource_name(request.name)
        return wire.received(await reads.received_campaign(self._database, party, id))

    async def ListReceivedCampaigns(
        self, request: pb.ListReceivedCampaignsRequest, context: Context
    ) -> pb.ListReceivedCampaignsResponse:
        party = desk_requests.parse_institution_name(request.parent)
        rows, token = await reads.received(self._database, party, request)
        return pb.ListReceivedCampaignsResponse(campaigns=map(wire.received, rows), next_page_token=token)

    async def ListOwnReports(
        self, request: pb.ListOwnReportsRequest, context: Context
    ) -> pb.ListReportsResponse:
        return await _reports(self._database, request)


async def _reports(
    database: Database, request: pb.ListReportsRequest | pb.ListOwnReportsRequest, authority: str = ""
) -> pb.ListReportsResponse:
    party = desk_requests.parse_institution_name(request.parent)
    rows, token = await reads.reports(database, party, request, authority)
    return pb.ListReportsResponse(reports=map(wire.report, rows), next_page_token=token)


def register_sender(server: grpc.aio.Server, desk: HostContext, queue: Commands, role: str) -> Sequence[str]:
    """Add what a supervisor or examiner does to a server; `role` is what its parties hold."""
    service_pb2_grpc.add_CampaignServiceServicer_to_server(Campaigns(desk, queue, role), server)
    service_pb2_grpc.add_CampaignReadServiceServicer_to_server(CampaignsRead(desk), server)
    return CAMPAIGNS, CAMPAIGNS_READ


def register(server: grpc.aio.Server, desk: HostContext, queue: Commands) -> Sequence[str]:
    """Add what an authority does about campaigns to a server."""
    service_pb2_grpc.add_PreventionServiceServicer_to_server(Prevention(desk, queue), server)
    service_pb2_grpc.add_PreventionReadServiceServicer_to_server(PreventionRead(desk), server)
    return WRITE, READ

"""Reading calls on campaigns and reported acts, and the plain queries that they ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from agreement.prevention import campaigns as prevention
from audit.tables import Leaf, LeafIndex
from cooperation.prevention.campaigns import coverage, read_log, wire
from cooperation.prevention.campaigns.coverage import Coverage
from cooperation.prevention.campaigns.domain import State
from cooperation.prevention.campaigns.tables import CAMPAIGNS, RECEIVED, CampaignRow, ReceivedRow, ReportRow
from host import desk_requests, reads
from host.command_rows import CallContext, Function
from netral.prevention.v1 import service_pb2 as pb
from storage.engines import Database
from storage.protocols import Connection
from storage.types import FoundRow, table


@dataclass(frozen=True, slots=True)
class Placed:
    """A leaf with its place in the log."""

    index: int
    body: bytes


async def internal_teams(database: Database, party: str) -> frozenset[str]:
    """The numbers of the decrees by which a party formed internal supervision teams (regu pengawasan internal)."""
    rows = table(ReportRow)
    query = select(rows.c.number).where(
        rows.c.party == party, rows.c.authority == party, rows.c.act == prevention.INTERNAL_TEAM
    )
    async with database.read() as connection:
        return frozenset(row.number for row in await connection.execute(query))


async def covered(database: Database, party: str, campaign: str) -> tuple[Coverage, int, datetime | None]:
    """Fold the coverage of a campaign from the party's log: up to which entry of it, and its time (UTC)."""
    async with database.read() as connection:
        last, at = await _end_of_log(connection, party)
        leaves = await _leaves(connection, party, campaign, last)
    return coverage.fold(read_log.happenings(party, campaign, leaves)), last, at


async def _end_of_log(connection: Connection, party: str) -> tuple[int, datetime | None]:
    leaf, index = table(Leaf), table(LeafIndex)
    query = (
        select(index.c.index.label("place"), leaf.c.time)
        .join(leaf, leaf.c.id == index.c.leaf_id)
        .where(index.c.party == party)
        .order_by(index.c.index.desc())
        .limit(1)
    )
    row = (await connection.execute(query)).one_or_none()
    return (row.place, row.time) if row is not None else (-1, None)


async def _leaves(connection: Connection, party: str, matter: str, last: int) -> Sequence[Placed]:
    leaf, index = table(Leaf), table(LeafIndex)
    query = (
        select(index.c.index.label("place"), leaf.c.body)
        .join(index, leaf.c.id == index.c.leaf_id)
        .where(leaf.c.party == party, leaf.c.matter == matter, index.c.index <= last)
        .order_by(index.c.index)
    )
    return [Placed(row.place, row.body) for row in await connection.execute(query)]


# --- calls at a sender -------------------------------------------------------------------------------------------------


def _campaigns(rows: Sequence[FoundRow], token: str) -> pb.ListCampaignsResponse:
    return pb.ListCampaignsResponse(campaigns=map(wire.campaign, rows), next_page_token=token)


async def get_coverage(context: CallContext, request: pb.GetCoverageRequest) -> pb.Coverage:
    """Show the coverage of a campaign."""
    party, id = desk_requests.parse_resource_name(request.name)
    await reads.one(context.desk.database, CampaignRow, party, id, CAMPAIGNS.word)
    return wire.covered(*await covered(context.desk.database, party, id))


async def list_addressees(
    context: CallContext, request: pb.ListAddresseesRequest
) -> pb.ListAddresseesResponse:
    """List the addressees of a campaign with their evidence, by name."""
    party, id = desk_requests.parse_resource_name(request.name)
    await reads.one(context.desk.database, CampaignRow, party, id, CAMPAIGNS.word)
    found, last, _ = await covered(context.desk.database, party, id)
    after, size = desk_requests.page_of(request)
    wanted = [
        status
        for name, status in sorted(found.addressees.items())
        if name > after
        and (not request.province or coverage.province(name) == request.province)
        and (not request.without or not coverage.has(status, request.without, found.asks))
    ]
    return pb.ListAddresseesResponse(
        addressees=[wire.addressee(status, found.asks) for status in wanted[:size]],
        next_page_token=desk_requests.page_token(wanted[size - 1].addressee) if len(wanted) > size else "",
        log_index=last,
    )


SENDER_METHODS = (
    reads.shows(pb.GetCampaignRequest, CampaignRow, wire.campaign, CAMPAIGNS.word),
    reads.lists(pb.ListCampaignsRequest, CampaignRow, _campaigns),
    Function(pb.GetCoverageRequest, get_coverage),
    Function(pb.ListAddresseesRequest, list_addressees),
    reads.lists(pb.ListReportsRequest, ReportRow, wire.reports, "act", "authority"),
)


# --- calls at an authority ---------------------------------------------------------------------------------------------


def _received(rows: Sequence[FoundRow], token: str) -> pb.ListReceivedCampaignsResponse:
    return pb.ListReceivedCampaignsResponse(campaigns=map(wire.received, rows), next_page_token=token)


METHODS = (
    reads.shows(pb.GetReceivedCampaignRequest, ReceivedRow, wire.received, RECEIVED.name),
    reads.lists(pb.ListReceivedCampaignsRequest, ReceivedRow, _received, "state", states=State),
    reads.lists(pb.ListOwnReportsRequest, ReportRow, wire.reports, "act"),
)

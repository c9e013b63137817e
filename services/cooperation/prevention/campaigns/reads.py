"""Plain queries on campaigns and reported acts, for people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from agreement.prevention import campaigns as prevention
from audit.tables import Leaf, LeafIndex
from cooperation.prevention.campaigns import coverage, read_log
from cooperation.prevention.campaigns.coverage import Coverage
from cooperation.prevention.campaigns.tables import CampaignRow, ReceivedRow, ReportRow
from host import reads
from host.desk_requests import Page
from netral.prevention.v1 import service_pb2
from storage.engines import Database
from storage.protocols import Connection
from storage.types import FoundRow, table


@dataclass(frozen=True, slots=True)
class Placed:
    """A leaf with its place in the log."""

    index: int
    body: bytes


async def campaign(database: Database, party: str, id: str) -> FoundRow:
    """The row of a campaign at its sender.

    Raises:
        NotFound: the party has none of this id.
    """
    return await reads.one(database, CampaignRow, party, id, "campaign")


async def received_campaign(database: Database, party: str, id: str) -> FoundRow:
    """The row of a campaign at an addressee.

    Raises:
        NotFound: none of this id arrived at the party.
    """
    return await reads.one(database, ReceivedRow, party, id, "campaign")


async def campaigns(database: Database, party: str, request: Page) -> tuple[Sequence[FoundRow], str]:
    """A page of a party's campaigns, oldest first, and the token of the next."""
    return await reads.matching(database, CampaignRow, party, request, {})


async def received(
    database: Database, party: str, request: service_pb2.ListReceivedCampaignsRequest
) -> tuple[Sequence[FoundRow], str]:
    """A page of the campaigns that arrived at a party."""
    return await reads.matching(database, ReceivedRow, party, request, {"state": request.state})


async def reports(
    database: Database,
    party: str,
    request: service_pb2.ListReportsRequest | service_pb2.ListOwnReportsRequest,
    authority: str,
) -> tuple[Sequence[FoundRow], str]:
    """A page of reported acts, of one authority if it is named."""
    only = {"act": request.act, "authority": authority}
    return await reads.matching(database, ReportRow, party, request, only)


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

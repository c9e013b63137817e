"""Reading calls on lists of pledges, and the plain queries that they ask."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence

from sqlalchemy import select

from audit.formats.leaf import Kind
from audit.log.events import decode_leaf
from audit.tables import Leaf
from cooperation.prevention.pledges import store, wire
from cooperation.prevention.pledges.domain.lists import PledgeList
from cooperation.prevention.pledges.tables import LISTS, PieceRow, PledgeListRow
from host import desk_requests, front_door, reads
from host.command_rows import CallContext, Function
from host.desk_requests import Page
from netral.prevention.v1 import pledges_pb2 as pb
from refusals import Malformed
from storage.engines import Database
from storage.types import FoundRow, table

_PIECES_AT_ONCE = 32


async def pledge_list(database: Database, party: str, id: str) -> PledgeList:
    """A list of pledges.

    Raises:
        NotFound: the party has no such list.
    """
    return store.list_of(await reads.one(database, PledgeListRow, party, id, LISTS.name))


async def broken_rows(
    database: Database, known: PledgeList, request: Page
) -> tuple[list[tuple[int, str]], str]:
    """A page of the rows that were not taken, by line, and the token of the next.

    Raises:
        Malformed: the page token is not one of this list.
    """
    after, size = desk_requests.page_of(request)
    if not (after or "0").isdecimal():
        raise Malformed("not a page token of this list", field="page_token")
    found: list[tuple[int, str]] = []
    async for line, reason in _broken(database, known):
        if line > int(after or "0"):
            if len(found) == size:
                return found, desk_requests.page_token(str(found[-1][0]))
            found.append((line, reason))
    return found, ""


async def reasons(
    database: Database, known: PledgeList, first: int
) -> tuple[dict[str, int], list[tuple[int, str]]]:
    """Counts of the rows that were not taken, by reason, and the first of them."""
    counts = Counter[str]()
    shown: list[tuple[int, str]] = []
    async for line, reason in _broken(database, known):
        counts[reason] += 1
        if len(shown) < first:
            shown.append((line, reason))
    return dict(sorted(counts.items())), shown


async def _broken(database: Database, known: PledgeList) -> AsyncIterator[tuple[int, str]]:
    """The rows that were not taken, by line."""
    rows, after = table(PieceRow), -1
    while True:
        query = (
            select(rows.c.number, rows.c.broken)
            .where(rows.c.party == known.party, rows.c.pledge_list == known.id, rows.c.number > after)
            .order_by(rows.c.number)
            .limit(_PIECES_AT_ONCE)
        )
        async with database.read() as connection:
            pieces = list(await connection.execute(query))
        if not pieces:
            return
        for piece in pieces:
            for line, reason in piece.broken:
                yield line, reason
        after = pieces[-1].number


async def statement_of(database: Database, party: str, id: str) -> bytes:
    """The kept envelope of a statement of a party; empty if there is none."""
    leaf = table(Leaf)
    query = select(leaf.c.body).where(
        leaf.c.party == party, leaf.c.ref == id, leaf.c.kind == int(Kind.STATEMENT), leaf.c.author == party
    )
    async with database.read() as connection:
        row = (await connection.execute(query)).first()
    return decode_leaf(row.body).kept if row is not None else b""


# --- calls -------------------------------------------------------------------------------------------------------------


def _shown(row: FoundRow) -> pb.PledgeList:
    return wire.pledge_list(store.list_of(row))


def _listed(rows: Sequence[FoundRow], token: str) -> pb.ListPledgeListsResponse:
    return pb.ListPledgeListsResponse(lists=map(_shown, rows), next_page_token=token)


async def list_broken_rows(
    context: CallContext, request: pb.ListBrokenRowsRequest
) -> pb.ListBrokenRowsResponse:
    """List the rows of a list's file that were not taken."""
    party, id = desk_requests.parse_resource_name(request.name)
    known = await pledge_list(context.desk.database, party, id)
    found, token = await broken_rows(context.desk.database, known, request)
    return pb.ListBrokenRowsResponse(
        rows=[wire.broken_row(line, reason, front_door.caller().language) for line, reason in found],
        next_page_token=token,
    )


METHODS = (
    reads.shows(pb.GetPledgeListRequest, PledgeListRow, _shown, LISTS.name),
    reads.lists(pb.ListPledgeListsRequest, PledgeListRow, _listed),
    Function(pb.ListBrokenRowsRequest, list_broken_rows),
)

"""Plain queries for people."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from agreement.prevention import campaigns as prevention
from audit.formats.leaf import Kind
from audit.log.events import decode_leaf
from audit.tables import Leaf, LeafIndex
from cooperation.prevention.campaigns import coverage, read_log
from cooperation.prevention.campaigns.coverage import Coverage
from cooperation.prevention.pledges import store
from cooperation.prevention.pledges.domain.lists import PledgeList
from cooperation.prevention.tables import CampaignRow, PieceRow, PledgeListRow, ReceivedRow, ReportRow
from exchange.delivery import entity_store
from host import front_door
from refusals import Malformed
from storage.engines import Database
from storage.protocols import Connection
from storage.types import table

_PIECES_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Placed:
    """A leaf with its place in the log."""

    index: int
    body: bytes


async def one(database: Database, model: type[Any], party: str, id: str, what: str) -> Any:
    """A row of a party.

    Raises:
        NotFound: the party has none of this id.
    """
    async with database.read() as connection:
        row = await entity_store.one(connection, model, party, id)
    if row is None:
        raise front_door.missing(what)
    return row


async def campaigns(database: Database, party: str, request: Any) -> tuple[list[Any], str]:
    """A page of a party's campaigns, oldest first, and the token of the next."""
    return await _page(database, CampaignRow, party, request, {})


async def received(database: Database, party: str, request: Any) -> tuple[list[Any], str]:
    """A page of the campaigns that arrived at a party."""
    return await _page(database, ReceivedRow, party, request, {"state": request.state})


async def reports(database: Database, party: str, request: Any, authority: str) -> tuple[list[Any], str]:
    """A page of reported acts, of one authority if it is named."""
    only = {"act": request.act, "authority": authority}
    return await _page(database, ReportRow, party, request, only)


async def internal_teams(database: Database, party: str) -> frozenset[str]:
    """The numbers of the decrees by which a party formed internal supervision teams (regu pengawasan internal)."""
    rows = table(ReportRow)
    query = select(rows.c.number).where(
        rows.c.party == party, rows.c.authority == party, rows.c.act == prevention.INTERNAL_TEAM
    )
    async with database.read() as connection:
        return frozenset(row.number for row in await connection.execute(query))


async def lists(database: Database, party: str, request: Any) -> tuple[list[PledgeList], str]:
    """A page of a party's lists of pledges."""
    rows, token = await _page(database, PledgeListRow, party, request, {})
    return [store.list_of(row) for row in rows], token


async def pledge_list(database: Database, party: str, id: str) -> PledgeList:
    """A list of pledges.

    Raises:
        NotFound: the party has no such list.
    """
    return store.list_of(await one(database, PledgeListRow, party, id, "list"))


async def broken_rows(
    database: Database, known: PledgeList, request: Any
) -> tuple[list[tuple[int, str]], str]:
    """A page of the rows that were not taken, by line, and the token of the next.

    Raises:
        Malformed: the page token is not one of this list.
    """
    after, size = front_door.page_of(request)
    if not (after or "0").isdecimal():
        raise Malformed("not a page token of this list", field="page_token")
    found: list[tuple[int, str]] = []
    async for line, reason in _broken(database, known):
        if line > int(after or "0"):
            if len(found) == size:
                return found, front_door.page_token(str(found[-1][0]))
            found.append((line, reason))
    return found, ""


async def reasons(
    database: Database, known: PledgeList, first: int
) -> tuple[dict[str, int], list[tuple[int, str]]]:
    """How many rows were not taken, by reason, and the first of them."""
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


async def covered(database: Database, party: str, campaign: str) -> tuple[Coverage, int, datetime | None]:
    """What became of a campaign, folded from the party's log, up to which entry of it, and its time (UTC)."""
    async with database.read() as connection:
        last, at = await _end_of_log(connection, party)
        leaves = await _leaves(connection, party, campaign, last)
    return coverage.fold(read_log.happenings(party, campaign, leaves)), last, at


async def statement_of(database: Database, party: str, id: str) -> bytes:
    """The kept envelope of a statement of a party; empty if there is none."""
    leaf = table(Leaf)
    query = select(leaf.c.body).where(
        leaf.c.party == party, leaf.c.ref == id, leaf.c.kind == int(Kind.STATEMENT), leaf.c.author == party
    )
    async with database.read() as connection:
        row = (await connection.execute(query)).first()
    return decode_leaf(row.body).kept if row is not None else b""


async def _end_of_log(connection: Connection, party: str) -> tuple[int, datetime | None]:
    leaf, index = table(Leaf), table(LeafIndex)
    query = (
        select(index.c.index, leaf.c.time)
        .join(leaf, leaf.c.id == index.c.leaf_id)
        .where(index.c.party == party)
        .order_by(index.c.index.desc())
        .limit(1)
    )
    # By attribute a row's own `index` would be a method of tuples.
    row: Any = (await connection.execute(query)).one_or_none()
    return (row[0], row[1]) if row is not None else (-1, None)


async def _leaves(connection: Connection, party: str, matter: str, last: int) -> Sequence[Placed]:
    leaf, index = table(Leaf), table(LeafIndex)
    query = (
        select(index.c.index, leaf.c.body)
        .join(index, leaf.c.id == index.c.leaf_id)
        .where(leaf.c.party == party, leaf.c.matter == matter, index.c.index <= last)
        .order_by(index.c.index)
    )
    rows: list[Any] = list(await connection.execute(query))
    return [Placed(row[0], row[1]) for row in rows]


async def _page(
    database: Database, model: type[Any], party: str, request: Any, only: dict[str, str]
) -> tuple[list[Any], str]:
    after, size = front_door.page_of(request)
    rows = table(model)
    query = select(rows).where(rows.c.party == party, rows.c.id > after).order_by(rows.c.id).limit(size + 1)
    for column, value in only.items():
        if value:
            query = query.where(rows.c[column] == value)
    async with database.read() as connection:
        found: list[Any] = list(await connection.execute(query))
    return found[:size], front_door.page_token(found[size - 1].id) if len(found) > size else ""

"""Checks what is made from the leaves of a log for searching: pages of its chains, facet rows and case rows."""

from sqlalchemy import select

from audit.completeness import pages
from audit.formats.leaf import Kind
from audit.log import reads
from audit.log.events import audit_event
from audit.log.search_index import PendingIndexRows
from audit.tables import CaseIndexRow, ChainPage, FacetRow, Leaf
from audit.verification.findings import Finding
from storage.protocols import Connection, Database
from storage.types import table

_CHUNK = 16384


async def check_chains(database: Database, party: str) -> list[Finding]:
    """Find the pages of a log's chains that its leaves do not give (see `audit.completeness.sparse_map`)."""
    stored_pages = table(ChainPage)
    async with database.read() as connection:
        newest = (await reads.newest_heads(connection, [party])).get(party)
        if newest is None:
            return []
        rebuilt = await pages.rebuild(connection, party, newest.size)
        expected = {row["prefix"]: row["body"] for row in pages.rows(party, rebuilt, rebuilt)}
        rows = await connection.execute(select(stored_pages).where(stored_pages.c.party == party))
        stored = {row.prefix: row.body for row in rows}
    return [
        Finding(party, -1, "", "chains", f"page {prefix or 'root'} of the chains is not what the leaves give")
        for prefix in sorted(expected.keys() | stored.keys())
        if expected.get(prefix) != stored.get(prefix)
    ]


async def check_search_rows(database: Database, party: str) -> list[Finding]:
    """Check the search-index rows of a log against its leaves (see `audit.log.search_index`)."""
    beside, found, last = PendingIndexRows(), list[Finding](), 0
    leaves = table(Leaf)
    while True:
        query_ = (
            select(leaves.c.id, leaves.c.heading, leaves.c.body, leaves.c.matter, leaves.c.kind)
            .where(leaves.c.party == party, leaves.c.id > last)
            .order_by(leaves.c.id)
            .limit(_CHUNK)
        )
        async with database.read() as connection:
            rows = (await connection.execute(query_)).all()
            if not rows:
                return found + await _differing_rows(connection, party, beside)
        last = rows[-1].id
        for row in rows:
            number = 0 if row.kind == Kind.CHAINS else beside.add(party, audit_event(row.body))
            if number != row.heading:
                found.append(
                    Finding(party, -1, row.matter, "index", f"leaf {row.id} is found under other words")
                )


async def _differing_rows(connection: Connection, party: str, beside: PendingIndexRows) -> list[Finding]:
    """Find headings and case entries that are missing, changed or too many. What was just written may be one more."""
    headings, entries = table(FacetRow), table(CaseIndexRow)
    kept = {
        row.id: dict(row._mapping)
        for row in await connection.execute(select(headings).where(headings.c.party == party))
    }
    wrong = [id for id, words in beside.headings.items() if kept.get(id) != words]
    found = [Finding(party, -1, "", "index", f"heading {id} is not what its leaves say") for id in wrong]
    rows = await connection.execute(
        select(entries.c.party, entries.c.case_id, entries.c.matter, entries.c.ref).where(
            entries.c.party == party
        )
    )
    lost = beside.entries - {tuple(row) for row in rows}
    return found + [
        Finding(party, -1, matter, "index", "a case does not name this matter any more")
        for _, _, matter, _ in sorted(lost)
    ]

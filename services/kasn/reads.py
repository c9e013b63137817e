"""Plain queries for people."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from agreement import institutions
from agreement.ladder import Next
from audit.tables import table
from exchange import matters, rpc
from exchange.database import Database
from exchange.vault import Vault
from kasn.domain import ladder as domain
from kasn.domain.claims import Claim
from kasn.domain.ladder import Ladder
from kasn.domain.matters import State
from kasn.store import ClaimRow, LadderRow, MatterRow, PersonIndex


async def matter(database: Database, party: str, id: str) -> Any:
    """The row of a matter.

    Raises:
        NotFound: this party has no such matter.
    """
    async with database.read() as connection:
        row = await matters.one(connection, MatterRow, party, id)
    if row is None:
        raise rpc.missing("matter")
    return row


async def page(database: Database, party: str, request: Any) -> tuple[list[Any], str]:
    """A page of matters, oldest first, and the token of the next."""
    after, size = rpc.page_of(request)
    async with database.read() as connection:
        rows = await matters.page(
            connection,
            MatterRow,
            party,
            after=after,
            size=size + 1,
            state=request.state,
            case_id=request.case_id,
        )
    return rows[:size], rpc.page_token(rows[size - 1].id) if len(rows) > size else ""


async def ladder(database: Database, party: str, id: str, now: datetime) -> tuple[Any, Ladder, Next | None]:
    """The row of a matter, its ladder, and what comes next; `now` is UTC.

    Raises:
        NotFound: this party has no such matter.
    """
    async with database.read() as connection:
        row = await matters.one(connection, MatterRow, party, id)
        kept = await matters.one(connection, LadderRow, party, id)
    if row is None:
        raise rpc.missing("matter")
    known = Ladder(**kept._mapping) if kept else None
    if known is not None:
        known = replace(known, reached=tuple(known.reached))
    current = domain.of(row, known)
    today = now.astimezone(institutions.zone(row.addressee)).date()
    return row, current, domain.next_step(row, current, today)


async def silence(database: Database, party: str, id: str) -> Claim:
    """What a supervisor claimed of this examiner's silence on a matter.

    Raises:
        NotFound: this party has no such matter.
    """
    async with database.read() as connection:
        row = await matters.one(connection, MatterRow, party, id)
        known = await matters.one(connection, ClaimRow, party, id)
    if row is None:
        raise rpc.missing("matter")
    return Claim(**known._mapping) if known else Claim(party, id)


async def earlier(database: Database, vault: Vault, party: str, matter: str) -> list[Any]:
    """The rows of the person's other matters in which a recommendation stands, oldest first: what a progressive sanction
    (sanksi progresif) may rest on. None once the person was erased.

    The index holds a keyed digest per matter and no name or number; other desks' recommendations are not known here.
    """
    index, rows = table(PersonIndex), table(MatterRow)
    async with database.read() as connection:
        digest = await connection.scalar(
            select(index.c.digest).where(index.c.party == party, index.c.matter == matter)
        )
        if digest is None:
            return []
        query = (
            select(rows)
            .join(index, (index.c.party == rows.c.party) & (index.c.matter == rows.c.id))
            .where(index.c.party == party, index.c.digest == digest, rows.c.id != matter)
            .where(rows.c.letter_number != "", rows.c.state != State.WITHDRAWN)
            .order_by(rows.c.id)
        )
        found = list(await connection.execute(query))
    readable = await vault.keys({(party, matter), *((party, row.id) for row in found)}, make=False)
    return [row for row in found if {(party, matter), (party, row.id)} <= readable.keys()]

"""Earlier recommendations for the same person at this desk: what a progressive sanction (sanksi progresif) may rest on.

The index holds a keyed digest per matter and no name or number. A search by person is a record in the trail before it is
answered. Other desks' recommendations are not known here.
"""

from typing import Any

from sqlalchemy import select

from audit.tables import table
from exchange import mapping, rpc
from exchange.commands import Commands
from exchange.matters import matter_key
from exchange.refusals import NotFound
from exchange.transaction import Desk, Transaction
from kasn.domain.matters import State
from kasn.store import MatterRow, PersonIndex
from netral.exchange.v1 import record_pb2
from netral.kasn.v1 import service_pb2


async def find(
    desk: Desk, commands: Commands, request: service_pb2.FindEarlierRequest
) -> service_pb2.FindEarlierResponse:
    """Record the search, then give the earlier recommendations, oldest matter first."""
    party, matter = rpc.matter_of(request.name)

    def record(tx: Transaction) -> record_pb2.Record:
        known = tx.get(matter_key(party, matter))
        if known is None:
            raise NotFound("there is no such matter at this party", field="name")
        return tx.record("kasn.find_earlier", matter, known.case_id, known.state)

    act = await rpc.act(commands, request, party, [matter_key(party, matter)], record)
    found = [_earlier(row) for row in await recommendations(desk, party, matter)]
    return service_pb2.FindEarlierResponse(earlier=found, record=act.record)


async def recommendations(desk: Desk, party: str, matter: str) -> list[Any]:
    """The rows of the other matters of the person in which a recommendation stands; none once the person was erased."""
    index, rows = table(PersonIndex), table(MatterRow)
    async with desk.database.read() as connection:
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
    readable = await desk.vault.keys({(party, matter), *((party, row.id) for row in found)}, make=False)
    return [row for row in found if {(party, matter), (party, row.id)} <= readable.keys()]


def _earlier(row: Any) -> service_pb2.EarlierRecommendation:
    name = f"institutions/{row.party}/matters/{row.id}"
    return mapping.to_message(row, service_pb2.EarlierRecommendation, matter=name)

"""Plain queries on indications for people."""

from collections.abc import Sequence

from cooperation.supervision.indications.tables import IndicationRow
from host import reads
from netral.supervision.v1 import indications_pb2
from storage.engines import Database
from storage.types import FoundRow


async def indication(database: Database, party: str, id: str) -> FoundRow:
    """The row of an indication.

    Raises:
        NotFound: this party has no such indication.
    """
    return await reads.one(database, IndicationRow, party, id, "indication")


async def indications(
    database: Database, party: str, request: indications_pb2.ListIndicationsRequest
) -> tuple[Sequence[FoundRow], str]:
    """A page of a party's indications, oldest first, and the token of the next."""
    only = {"state": request.state, "stage": request.stage}
    return await reads.matching(database, IndicationRow, party, request, only)

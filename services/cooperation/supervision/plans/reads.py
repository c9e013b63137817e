"""Plain queries on plans for people."""

from collections.abc import Sequence

from cooperation.supervision.plans.tables import PlanRow
from host import reads
from netral.supervision.v1 import plans_pb2
from storage.engines import Database
from storage.types import FoundRow


async def plan(database: Database, party: str, id: str) -> FoundRow:
    """The row of a plan.

    Raises:
        NotFound: this party has no such plan.
    """
    return await reads.one(database, PlanRow, party, id, "plan")


async def plans(
    database: Database, party: str, request: plans_pb2.ListPlansRequest
) -> tuple[Sequence[FoundRow], str]:
    """A page of a party's plans, oldest first, and the token of the next."""
    return await reads.matching(database, PlanRow, party, request, {"state": request.state})

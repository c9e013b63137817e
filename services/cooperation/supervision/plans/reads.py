"""Reading calls on plans."""

from collections.abc import Sequence

from cooperation.supervision.plans import wire
from cooperation.supervision.plans.domain import State
from cooperation.supervision.plans.tables import PLANS, PlanRow
from host import reads
from netral.supervision.v1 import plans_pb2 as pb
from storage.types import FoundRow


def _listed(rows: Sequence[FoundRow], token: str) -> pb.ListPlansResponse:
    return pb.ListPlansResponse(plans=map(wire.plan, rows), next_page_token=token)


METHODS = (
    reads.shows(pb.GetPlanRequest, PlanRow, wire.plan, PLANS.name),
    reads.lists(pb.ListPlansRequest, PlanRow, _listed, "state", states=State),
)

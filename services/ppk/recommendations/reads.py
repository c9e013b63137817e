"""Reading calls on recommendations."""

from collections.abc import Sequence

from host import reads
from netral.ppk.v1 import service_pb2 as pb
from ppk.recommendations import wire
from ppk.recommendations.domain.matter import State
from ppk.recommendations.tables import MatterRow
from storage.types import FoundRow


def _listed(rows: Sequence[FoundRow], token: str) -> pb.ListMattersResponse:
    return pb.ListMattersResponse(matters=map(wire.matter, rows), next_page_token=token)


METHODS = (
    reads.shows(pb.GetMatterRequest, MatterRow, wire.matter),
    reads.lists(
        pb.ListMattersRequest, MatterRow, _listed, "state", "case_id", states=State, numbered="report_number"
    ),
)

"""Reading calls on matters."""

from collections.abc import Sequence

from bawaslu.matters import wire
from bawaslu.matters.domain.matter import State
from bawaslu.matters.tables import MatterRow
from host import reads
from netral.bawaslu.v1 import service_pb2 as pb
from storage.types import FoundRow


def _listed(rows: Sequence[FoundRow], token: str) -> pb.ListMattersResponse:
    return pb.ListMattersResponse(matters=map(wire.matter, rows), next_page_token=token)


METHODS = (
    reads.shows(pb.GetMatterRequest, MatterRow, wire.matter),
    reads.lists(
        pb.ListMattersRequest, MatterRow, _listed, "state", "case_id", states=State, numbered="number"
    ),
)

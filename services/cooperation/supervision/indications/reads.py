"""Reading calls on indications."""

from collections.abc import Sequence

from cooperation.supervision.indications import wire
from cooperation.supervision.indications.domain import State
from cooperation.supervision.indications.tables import INDICATIONS, IndicationRow
from host import reads
from netral.supervision.v1 import indications_pb2 as pb
from storage.types import FoundRow


def _listed(rows: Sequence[FoundRow], token: str) -> pb.ListIndicationsResponse:
    return pb.ListIndicationsResponse(indications=map(wire.indication, rows), next_page_token=token)


METHODS = (
    reads.shows(pb.GetIndicationRequest, IndicationRow, wire.indication, INDICATIONS.word),
    reads.lists(pb.ListIndicationsRequest, IndicationRow, _listed, "state", "stage", states=State),
)

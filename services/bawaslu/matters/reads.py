"""Reading calls on matters."""

from sqlalchemy import ColumnElement, and_, or_

from agreement.parties import bawaslu_offices
from bawaslu.matters import wire
from bawaslu.matters.domain.matter import State
from bawaslu.matters.tables import MatterRow
from host import reads
from host.command_rows import CallContext, Function
from netral.bawaslu.v1 import service_pb2 as pb
from storage.types import table


async def page(context: CallContext, request: pb.ListMattersRequest) -> pb.ListMattersResponse:
    """Show a page of matters, oldest first; those of an office, if one is given."""
    where = [_of_office(request.office)] if request.office else []
    rows, token = await reads.page(
        context.desk, MatterRow, request, states=State, where=where, numbered="number"
    )
    return pb.ListMattersResponse(matters=map(wire.matter, rows), next_page_token=token)


def _of_office(office: str) -> ColumnElement[bool]:
    """Matters whose number names an office; what was registered before offices were kept says it in its number."""
    code, columns = bawaslu_offices.office(office, field="office"), table(MatterRow).c
    return or_(columns.office == code, and_(columns.office == "", columns.number.contains(f"/{code}/")))


METHODS = (
    reads.shows(pb.GetMatterRequest, MatterRow, wire.matter),
    Function(pb.ListMattersRequest, page),
)

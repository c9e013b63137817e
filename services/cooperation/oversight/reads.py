"""Reading calls on watched matters."""

from datetime import timedelta

from sqlalchemy import ColumnElement

from cooperation.oversight import wire
from cooperation.oversight.domain import rules
from cooperation.oversight.domain.matters import State
from cooperation.oversight.tables import WATCHED, WatchedRow
from host import desk_requests, reads
from host.command_rows import CallContext, Function
from netral.oversight.v1 import service_pb2 as pb
from storage.types import table


async def get(context: CallContext, request: pb.GetWatchedMatterRequest) -> pb.WatchedMatter:
    """Show a watched matter."""
    party, id = desk_requests.parse_resource_name(request.name)
    row = await reads.one(context.desk.database, WatchedRow, party, id, WATCHED.name)
    return wire.watched(row, context.desk.now())


async def list_matters(
    context: CallContext, request: pb.ListWatchedMattersRequest
) -> pb.ListWatchedMattersResponse:
    """List watched matters, oldest first."""
    rows, now = table(WatchedRow).c, context.desk.now()
    where: list[ColumnElement[bool]] = [rows.data_blocked] if request.blocked_only else []
    if request.overdue_only:
        # No zone is ahead of UTC by a day; which day it is at the addressee is looked at below.
        tomorrow = now.date() + timedelta(days=1)
        where += [rows.due_date < tomorrow, rows.state.in_(sorted(rules.PENDING))]
    found, token = await reads.page(context.desk, WatchedRow, request, states=State, where=where)
    shown = [wire.watched(row, now) for row in found]
    shown = [each for each in shown if each.overdue or not request.overdue_only]
    return pb.ListWatchedMattersResponse(matters=shown, next_page_token=token)


METHODS = (
    Function(pb.GetWatchedMatterRequest, get),
    Function(pb.ListWatchedMattersRequest, list_matters),
)

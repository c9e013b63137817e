"""Reading calls, before there is a matter."""

from datetime import date

from bawaslu.intake import wire
from bawaslu.intake.domain.state import State
from bawaslu.intake.tables import IntakeRow
from host import desk_requests, front_door, reads
from host.command_rows import CallContext, Function
from netral.bawaslu.v1 import intake_pb2 as pb


async def get(context: CallContext, request: pb.GetIntakeRequest) -> pb.Intake:
    """Show an intake, with its time limit as it is known today."""
    party, id = desk_requests.parse_resource_name(request.name)
    row = await reads.one(context.desk.database, IntakeRow, party, id, "intake")
    return wire.intake(row, _today(context, party))


async def page(context: CallContext, request: pb.ListIntakesRequest) -> pb.ListIntakesResponse:
    """Show a page of a party's intakes, oldest first."""
    rows, token = await reads.page(
        context.desk, IntakeRow, request, filters=("state", "case_id", "office"), states=State
    )
    today = _today(context, front_door.caller().party)
    return pb.ListIntakesResponse(intakes=[wire.intake(row, today) for row in rows], next_page_token=token)


METHODS = (Function(pb.GetIntakeRequest, get), Function(pb.ListIntakesRequest, page))


def _today(context: CallContext, party: str) -> date:
    return context.desk.now().astimezone(context.desk.law.zone(party)).date()

"""Way in 1: an authority's own officers and systems. Translates the request and runs the handler; no rule is here."""

from collections.abc import Sequence
from typing import Any

import grpc

from exchange.context import HostContext
from exchange.delivery.commands import Commands
from exchange.delivery.entity_store import matter_key, number_key
from host import case_files, front_door
from host.front_door import READERS, WRITERS
from netral.exchange.v1 import person_pb2
from netral.exchange.v1.service_pb2 import Act
from netral.ppk.v1 import service_pb2, service_pb2_grpc
from ppk import wire
from ppk.discipline import grpc_api
from ppk.lateness import commands as notices
from ppk.lateness.domain import RefuteSilence
from ppk.recommendations import commands as handlers
from ppk.recommendations import reads
from ppk.recommendations.domain import rules as domain
from ppk.tables import proceeding_key

WRITE, READ = "netral.ppk.v1.PpkService", "netral.ppk.v1.PpkReadService"
PERMISSIONS = (
    front_door.permissions({WRITE: WRITERS, READ: READERS}, service_pb2.DESCRIPTOR) | grpc_api.PERMISSIONS
)


class Ppk(service_pb2_grpc.PpkServiceServicer):
    """Writing calls; each is committed when it returns."""

    def __init__(self, desk: HostContext, commands: Commands) -> None:
        self._desk, self._commands = desk, commands

    async def AnswerClarification(self, request: service_pb2.AnswerClarificationRequest, context: Any) -> Act:
        party, matter = front_door.parse_matter_name(request.name)
        command = wire.command(request, domain.AnswerClarification)
        part = wire.remarks(request.answer)
        keys = [matter_key(party, matter), number_key(party, "letter", request.letter_number)]
        return await front_door.run_command(
            self._commands,
            request,
            party,
            keys,
            lambda tx: handlers.answer_clarification(tx, matter, command, part),
        )

    async def OpenRecommendation(self, request: service_pb2.OpenRecommendationRequest, context: Any) -> Act:
        party, matter = front_door.parse_matter_name(request.name)
        command = wire.command(request, domain.OpenRecommendation)
        return await front_door.run_command(
            self._commands,
            request,
            party,
            [matter_key(party, matter)],
            lambda tx: handlers.open_recommendation(tx, matter, command),
        )

    async def AcknowledgeRecommendation(
        self, request: service_pb2.AcknowledgeRecommendationRequest, context: Any
    ) -> Act:
        party, matter = front_door.parse_matter_name(request.name)
        command = wire.command(request, domain.AcknowledgeRecommendation)
        keys = [matter_key(party, matter), number_key(party, "register", request.register_number)]
        return await front_door.run_command(
            self._commands, request, party, keys, lambda tx: handlers.acknowledge(tx, matter, command)
        )

    async def RejectRecommendation(
        self, request: service_pb2.RejectRecommendationRequest, context: Any
    ) -> Act:
        party, matter = front_door.parse_matter_name(request.name)
        command = wire.command(request, domain.RejectRecommendation)
        part = wire.remarks(request.remarks)
        return await front_door.run_command(
            self._commands,
            request,
            party,
            [matter_key(party, matter), proceeding_key(party, matter)],
            lambda tx: handlers.reject(tx, matter, command, part),
        )

    async def ObjectToRecommendation(
        self, request: service_pb2.ObjectToRecommendationRequest, context: Any
    ) -> Act:
        party, matter = front_door.parse_matter_name(request.name)
        command = wire.command(request, domain.ObjectToRecommendation)
        part = wire.remarks(request.reasons)
        keys = [matter_key(party, matter), number_key(party, "letter", request.letter_number)]
        return await front_door.run_command(
            self._commands, request, party, keys, lambda tx: handlers.object_to(tx, matter, command, part)
        )

    async def ImposeSanction(self, request: service_pb2.ImposeSanctionRequest, context: Any) -> Act:
        party, matter = front_door.parse_matter_name(request.name)
        command = wire.command(request, domain.ImposeSanction)
        keys = [
            matter_key(party, matter),
            proceeding_key(party, matter),
            number_key(party, "decree", request.decree_number),
        ]
        return await front_door.run_command(
            self._commands, request, party, keys, lambda tx: handlers.impose_sanction(tx, matter, command)
        )

    async def ReportFollowUp(self, request: service_pb2.ReportFollowUpRequest, context: Any) -> Act:
        party, matter = front_door.parse_matter_name(request.name)
        command = wire.command(request, domain.ReportFollowUp)
        part = wire.remarks(request.remarks)
        keys = [
            matter_key(party, matter),
            proceeding_key(party, matter),
            number_key(party, "letter", request.letter_number),
        ]
        return await front_door.run_command(
            self._commands,
            request,
            party,
            keys,
            lambda tx: handlers.report_follow_up(tx, matter, command, part),
        )

    async def RefuteSilence(self, request: service_pb2.RefuteSilenceRequest, context: Any) -> Act:
        party, matter = front_door.parse_matter_name(request.name)
        command = wire.command(request, RefuteSilence)
        keys = notices.keys_of(party, matter)
        return await front_door.run_command(
            self._commands, request, party, keys, lambda tx: notices.refute_silence(tx, matter, command)
        )

    async def ReadFile(
        self, request: person_pb2.ReadFileRequest, context: Any
    ) -> person_pb2.ReadFileResponse:
        return await case_files.read_file(self._desk, self._commands, request)


class PpkRead(service_pb2_grpc.PpkReadServiceServicer):
    """Reading calls."""

    def __init__(self, desk: HostContext) -> None:
        self._desk = desk

    async def GetMatter(self, request: service_pb2.GetMatterRequest, context: Any) -> service_pb2.Matter:
        party, matter = front_door.parse_matter_name(request.name)
        return wire.matter(await reads.matter(self._desk.database, party, matter))

    async def ListMatters(
        self, request: service_pb2.ListMattersRequest, context: Any
    ) -> service_pb2.ListMattersResponse:
        party = front_door.parse_institution_name(request.parent)
        rows, token = await reads.page(self._desk.database, party, request)
        return service_pb2.ListMattersResponse(matters=map(wire.matter, rows), next_page_token=token)

    async def GetNotice(self, request: service_pb2.GetNoticeRequest, context: Any) -> service_pb2.Notice:
        party, matter = front_door.parse_matter_name(request.name)
        return wire.notice(await reads.notice(self._desk.database, party, matter))


def register(server: grpc.aio.Server, desk: HostContext, commands: Commands) -> Sequence[str]:
    """Add this desk's services to a server."""
    service_pb2_grpc.add_PpkServiceServicer_to_server(Ppk(desk, commands), server)
    service_pb2_grpc.add_PpkReadServiceServicer_to_server(PpkRead(desk), server)
    return WRITE, READ, *grpc_api.register(server, desk, commands)

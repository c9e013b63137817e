"""Way in 1: Bawaslu's own officers and systems. Translates the request and runs the handler; no rule is here."""

from collections.abc import Sequence
from typing import Any

import grpc

from bawaslu import wire
from bawaslu.matters import commands as handlers
from bawaslu.matters import reads
from bawaslu.matters.domain import rules as domain
from bawaslu.silence import commands as silence
from bawaslu.silence.domain import ClaimSilence
from exchange.context import HostContext
from exchange.delivery.commands import Commands
from exchange.delivery.entity_store import matter_key, number_key
from exchange.delivery.transaction import Transaction
from host import case_files, front_door
from host.front_door import READERS, WRITERS
from netral.bawaslu.v1 import service_pb2, service_pb2_grpc
from netral.exchange.v1 import person_pb2
from netral.exchange.v1.service_pb2 import Act

WRITE, READ = "netral.bawaslu.v1.BawasluService", "netral.bawaslu.v1.BawasluReadService"
PERMISSIONS = front_door.permissions({WRITE: WRITERS, READ: READERS}, service_pb2.DESCRIPTOR)


class Bawaslu(service_pb2_grpc.BawasluServiceServicer):
    """Writing calls; each is committed when it returns."""

    def __init__(self, desk: HostContext, commands: Commands) -> None:
        self._desk, self._commands = desk, commands

    async def RegisterMatter(self, request: service_pb2.RegisterMatterRequest, context: Any) -> Act:
        party = front_door.parse_institution_name(request.parent)
        command = wire.command(request, domain.RegisterMatter)
        person = wire.person(request.person)
        file = person_pb2.PersonalPart(person=request.person, text=request.description)
        reporter = person_pb2.PersonalPart(text=request.reporter) if request.reporter else None
        keys = [number_key(party, "report", request.number), number_key(party, "case", request.case_id)]
        return await front_door.run_command(
            self._commands,
            request,
            party,
            keys,
            lambda tx: handlers.register(
                tx,
                command,
                person,
                request.case_id,
                file.SerializeToString(),
                reporter.SerializeToString() if reporter else b"",
            ),
        )

    async def ConcludeStudy(self, request: service_pb2.ConcludeStudyRequest, context: Any) -> Act:
        party, matter = front_door.parse_matter_name(request.name)
        command = wire.command(request, domain.ConcludeStudy)
        keys = [matter_key(party, matter), number_key(party, "study", request.study_number)]
        return await front_door.run_command(
            self._commands, request, party, keys, lambda tx: handlers.conclude_study(tx, matter, command)
        )

    async def ReferMatter(self, request: service_pb2.ReferMatterRequest, context: Any) -> Act:
        party, matter = front_door.parse_matter_name(request.name)
        command = wire.command(request, domain.ReferMatter)
        keys = [matter_key(party, matter), number_key(party, "letter", request.letter_number)]

        def refer(tx: Transaction) -> wire.Record:
            part = person_pb2.PersonalPart(person=case_files.person_of(tx, matter))
            return handlers.refer(tx, matter, command, part.SerializeToString())

        return await front_door.run_command(
            self._commands, request, party, keys, refer, files=[(party, matter)]
        )

    async def CompleteReferral(self, request: service_pb2.CompleteReferralRequest, context: Any) -> Act:
        party, matter = front_door.parse_matter_name(request.name)
        command = wire.command(request, domain.CompleteReferral)
        named = request.HasField("person")
        person = wire.person(request.person) if named else None
        part = person_pb2.PersonalPart(person=request.person if named else None, text=request.remarks)
        keys = [
            matter_key(party, matter),
            number_key(party, "letter", request.letter_number),
            number_key(party, "study", request.study_number),
        ]
        return await front_door.run_command(
            self._commands,
            request,
            party,
            keys,
            lambda tx: handlers.complete(tx, matter, command, person, part.SerializeToString()),
        )

    async def ClaimSilence(self, request: service_pb2.ClaimSilenceRequest, context: Any) -> Act:
        party, matter = front_door.parse_matter_name(request.name)
        command, keys = wire.command(request, ClaimSilence), silence.keys_of(party, matter)
        return await front_door.run_command(
            self._commands, request, party, keys, lambda tx: silence.claim(tx, matter, command)
        )

    async def ReadFile(
        self, request: person_pb2.ReadFileRequest, context: Any
    ) -> person_pb2.ReadFileResponse:
        return await case_files.read_file(self._desk, self._commands, request)


class BawasluRead(service_pb2_grpc.BawasluReadServiceServicer):
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

    async def GetSilence(
        self, request: service_pb2.GetSilenceRequest, context: Any
    ) -> service_pb2.SilenceClaim:
        party, matter = front_door.parse_matter_name(request.name)
        return wire.silence_claim(await reads.silence(self._desk.database, party, matter))


def register(server: grpc.aio.Server, desk: HostContext, commands: Commands) -> Sequence[str]:
    """Add this desk's services to a server."""
    service_pb2_grpc.add_BawasluServiceServicer_to_server(Bawaslu(desk, commands), server)
    service_pb2_grpc.add_BawasluReadServiceServicer_to_server(BawasluRead(desk), server)
    return WRITE, READ

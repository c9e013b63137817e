"""Way in 1: the examiner's own officers and systems. Translates the request and runs the handler; no rule is here."""

from collections.abc import Sequence
from typing import Any

import grpc

from exchange import files, rpc
from exchange.commands import Commands
from exchange.matters import matter_key, number_key
from exchange.rpc import READERS, WRITERS
from exchange.transaction import Desk, Transaction
from kasn import handlers, handover, reads, wire
from kasn.domain import matters as domain
from kasn.domain import succession
from netral.exchange.v1 import person_pb2
from netral.exchange.v1.service_pb2 import Act
from netral.kasn.v1 import service_pb2, service_pb2_grpc

WRITE, READ = "netral.kasn.v1.KasnService", "netral.kasn.v1.KasnReadService"
PERMISSIONS = rpc.permissions({WRITE: WRITERS, READ: READERS}, service_pb2.DESCRIPTOR)


class Kasn(service_pb2_grpc.KasnServiceServicer):
    """Writing calls; each is committed when it returns."""

    def __init__(self, desk: Desk, commands: Commands) -> None:
        self._desk, self._commands = desk, commands

    async def AcceptReferral(self, request: service_pb2.AcceptReferralRequest, context: Any) -> Act:
        return await self._act(
            request, domain.AcceptReferral, handlers.accept, number=("register", request.register_number)
        )

    async def ReturnReferral(self, request: service_pb2.ReturnReferralRequest, context: Any) -> Act:
        return await self._act(
            request, domain.ReturnReferral, handlers.return_referral, part=wire.part(None, request.remarks)
        )

    async def DecideNotProven(self, request: service_pb2.DecideNotProvenRequest, context: Any) -> Act:
        return await self._act(
            request,
            domain.DecideNotProven,
            handlers.decide_not_proven,
            number=("decision", request.decision_number),
            part=wire.part(None, request.reasons),
        )

    async def Recommend(self, request: service_pb2.RecommendRequest, context: Any) -> Act:
        def recommend(tx: Transaction, matter: str, command: domain.Recommend) -> wire.Record:
            part = wire.part(files.person_of(tx, matter), request.reasons)
            return handlers.recommend(tx, matter, command, part)

        number = ("letter", request.letter_number)
        return await self._act(request, domain.Recommend, recommend, number=number, passes_on=True)

    async def AnswerObjection(self, request: service_pb2.AnswerObjectionRequest, context: Any) -> Act:
        return await self._act(
            request,
            domain.AnswerObjection,
            handlers.answer_objection,
            number=("letter", request.letter_number),
            part=wire.part(None, request.reasons),
        )

    async def VerifyFollowUp(self, request: service_pb2.VerifyFollowUpRequest, context: Any) -> Act:
        return await self._act(
            request, domain.VerifyFollowUp, handlers.verify, part=wire.part(None, request.remarks)
        )

    async def TransferMatters(self, request: service_pb2.TransferMattersRequest, context: Any) -> Act:
        party = rpc.institution_of(request.parent)
        ids = await reads.open_ids(self._desk.database, party, request.limit or 50)
        command = wire.command(request, succession.TransferMatters)
        return await rpc.act(
            self._commands,
            request,
            party,
            [matter_key(party, id) for id in ids],
            lambda tx: handover.transfer(tx, ids, command),
            files=[(party, id) for id in ids],
        )

    async def ReadFile(
        self, request: person_pb2.ReadFileRequest, context: Any
    ) -> person_pb2.ReadFileResponse:
        return await files.read_file(self._desk, self._commands, request)

    async def _act(
        self,
        request: Any,
        kind: type[Any],
        handler: Any,
        *,
        number: tuple[str, str] | None = None,
        passes_on: bool = False,
        **more: bytes,
    ) -> Act:
        """Run a command on the request's matter, on the number that it uses, and with the file that it passes on."""
        party, matter = rpc.matter_of(request.name)
        command = wire.command(request, kind)
        keys = [matter_key(party, matter), *([number_key(party, *number)] if number else [])]
        return await rpc.act(
            self._commands,
            request,
            party,
            keys,
            lambda tx: handler(tx, matter, command, **more),
            files=[(party, matter)] if passes_on else (),
        )


class KasnRead(service_pb2_grpc.KasnReadServiceServicer):
    """Reading calls."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def GetMatter(self, request: service_pb2.GetMatterRequest, context: Any) -> service_pb2.Matter:
        party, matter = rpc.matter_of(request.name)
        return wire.matter(await reads.matter(self._desk.database, party, matter))

    async def ListMatters(
        self, request: service_pb2.ListMattersRequest, context: Any
    ) -> service_pb2.ListMattersResponse:
        party = rpc.institution_of(request.parent)
        rows, token = await reads.page(self._desk.database, party, request)
        return service_pb2.ListMattersResponse(matters=map(wire.matter, rows), next_page_token=token)

    async def ListHandover(
        self, request: service_pb2.ListHandoverRequest, context: Any
    ) -> service_pb2.ListHandoverResponse:
        party = rpc.institution_of(request.parent)
        found = await reads.handover(self._desk.database, party, request)
        listed = [wire.handed_over(row, found.transferred, found.took_over) for row in found.rows]
        return service_pb2.ListHandoverResponse(
            matters=listed, next_page_token=found.next_page_token, left=found.left
        )


def register(server: grpc.aio.Server, desk: Desk, commands: Commands) -> Sequence[str]:
    """Add this desk's services to a server."""
    service_pb2_grpc.add_KasnServiceServicer_to_server(Kasn(desk, commands), server)
    service_pb2_grpc.add_KasnReadServiceServicer_to_server(KasnRead(desk), server)
    return WRITE, READ

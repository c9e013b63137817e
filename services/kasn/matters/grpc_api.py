"""Way in 1: the examiner's own officers and systems. Translates the request and runs the handler; no rule is here."""

from collections.abc import Iterable, Sequence
from typing import Any

import grpc

from exchange.context import HostContext
from exchange.delivery.commands import Commands
from exchange.delivery.entity_store import matter_key, number_key
from exchange.delivery.transaction import Transaction
from host import case_files, front_door
from host.front_door import READERS, WRITERS
from kasn import wire
from kasn.escalation import commands as ladder
from kasn.escalation import domain as ladder_domain
from kasn.matters import commands as handlers
from kasn.matters import reads
from kasn.matters.domain import rules as domain
from kasn.matters.domain import steps
from kasn.silence import commands as claims
from kasn.silence.domain import RefuteSilence
from kasn.succession import commands as handover
from kasn.succession.domain import transfer
from kasn.tables import ladder_key
from netral.exchange.v1 import person_pb2
from netral.exchange.v1.service_pb2 import Act
from netral.kasn.v1 import events_pb2, service_pb2, service_pb2_grpc

WRITE, READ = "netral.kasn.v1.KasnService", "netral.kasn.v1.KasnReadService"
PERMISSIONS = front_door.permissions({WRITE: WRITERS, READ: READERS}, service_pb2.DESCRIPTOR)


class Kasn(service_pb2_grpc.KasnServiceServicer):
    """Writing calls; each is committed when it returns."""

    def __init__(self, desk: HostContext, commands: Commands) -> None:
        self._desk, self._commands = desk, commands

    async def AcceptReferral(self, request: service_pb2.AcceptReferralRequest, context: Any) -> Act:
        return await self._act(
            request, domain.AcceptReferral, handlers.accept, number=("register", request.register_number)
        )

    async def ReturnReferral(self, request: service_pb2.ReturnReferralRequest, context: Any) -> Act:
        return await self._act(
            request, domain.ReturnReferral, handlers.return_referral, part=wire.part(None, request.remarks)
        )

    async def RequestCompletion(self, request: service_pb2.RequestCompletionRequest, context: Any) -> Act:
        return await self._act(
            request,
            steps.RequestCompletion,
            handlers.request_completion,
            number=("letter", request.letter_number),
            part=wire.part(None, request.remarks),
        )

    async def RequestClarification(
        self, request: service_pb2.RequestClarificationRequest, context: Any
    ) -> Act:
        def ask(tx: Transaction, matter: str, command: steps.RequestClarification) -> wire.Record:
            part = wire.part(case_files.person_of(tx, matter), request.questions)
            return handlers.request_clarification(tx, matter, command, part)

        number = ("letter", request.letter_number)
        return await self._act(request, steps.RequestClarification, ask, number=number, passes_on=True)

    async def RecordClarification(self, request: service_pb2.RecordClarificationRequest, context: Any) -> Act:
        return await self._act(
            request,
            steps.RecordClarification,
            handlers.record_clarification,
            part=wire.part(None, request.remarks),
        )

    async def DeclareConflict(self, request: service_pb2.DeclareConflictRequest, context: Any) -> Act:
        return await self._act(
            request, steps.DeclareConflict, handlers.declare_conflict, part=wire.part(None, request.remarks)
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
        repeated = await self._repeated([request])

        def recommend(tx: Transaction, matter: str, command: domain.Recommend) -> wire.Record:
            part = wire.part(case_files.person_of(tx, matter), request.reasons)
            return handlers.recommend(tx, matter, command, part, repeated=matter in repeated)

        number = ("letter", request.letter_number)
        return await self._act(request, domain.Recommend, recommend, number=number, passes_on=True)

    async def RecommendLetter(self, request: service_pb2.RecommendLetterRequest, context: Any) -> Act:
        party = front_door.parse_institution_name(request.parent)
        matters = [
            front_door.parse_matter_name(item.name, f"items[{n}].name")[1]
            for n, item in enumerate(request.items)
        ]
        letter = {
            "letter_number": request.letter_number,
            "addressee": request.addressee,
            **wire.dates(request),
        }
        commands = [wire.command(item, domain.Recommend, **letter) for item in request.items]
        repeated = await self._repeated(request.items)

        def recommend(tx: Transaction) -> wire.Record:
            parts = [
                wire.part(case_files.person_of(tx, matter), item.reasons)
                for matter, item in zip(matters, request.items, strict=True)
            ]
            return handlers.recommend_letter(tx, list(zip(matters, commands, parts, strict=True)), repeated)

        of = [(party, matter) for matter in matters]
        keys = [number_key(party, "letter", request.letter_number), *(matter_key(*each) for each in of)]
        return await front_door.run_command(self._commands, request, party, keys, recommend, files=of)

    async def CorrectRecommendation(
        self, request: service_pb2.CorrectRecommendationRequest, context: Any
    ) -> Act:
        return await self._act(
            request,
            steps.CorrectRecommendation,
            handlers.correct,
            number=("letter", request.letter_number),
            part=wire.part(None, request.reasons),
        )

    async def WithdrawRecommendation(
        self, request: service_pb2.WithdrawRecommendationRequest, context: Any
    ) -> Act:
        return await self._act(
            request,
            steps.WithdrawRecommendation,
            handlers.withdraw,
            number=("letter", request.letter_number),
            part=wire.part(None, request.reasons),
        )

    async def FindEarlier(
        self, request: service_pb2.FindEarlierRequest, context: Any
    ) -> service_pb2.FindEarlierResponse:
        party, matter = front_door.parse_matter_name(request.name)
        keys = [matter_key(party, matter)]
        act = await front_door.run_command(
            self._commands, request, party, keys, lambda tx: handlers.find_earlier(tx, matter)
        )
        rows = await self._earlier(party, matter)
        return service_pb2.FindEarlierResponse(earlier=map(wire.earlier, rows), record=act.record)

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
        party = front_door.parse_institution_name(request.parent)
        ids = await reads.open_ids(self._desk.database, party, request.limit or 50)
        command = wire.command(request, transfer.TransferMatters)
        return await front_door.run_command(
            self._commands,
            request,
            party,
            [key for id in ids for key in (matter_key(party, id), ladder_key(party, id))],
            lambda tx: handover.transfer(tx, ids, command),
            files=[(party, id) for id in ids],
        )

    async def Escalate(self, request: service_pb2.EscalateRequest, context: Any) -> Act:
        number = ("letter", request.letter_number)
        return await self._late(request, ladder_domain.Escalate, ladder.escalate, number)

    async def ClaimSilence(self, request: service_pb2.ClaimSilenceRequest, context: Any) -> Act:
        return await self._late(request, ladder_domain.ClaimSilence, ladder.claim_silence)

    async def RefuteSilence(self, request: service_pb2.RefuteSilenceRequest, context: Any) -> Act:
        party, matter = front_door.parse_matter_name(request.name)
        command, keys = wire.command(request, RefuteSilence), claims.keys_of(party, matter)
        return await front_door.run_command(
            self._commands, request, party, keys, lambda tx: claims.refute_silence(tx, matter, command)
        )

    async def ReadFile(
        self, request: person_pb2.ReadFileRequest, context: Any
    ) -> person_pb2.ReadFileResponse:
        return await case_files.read_file(self._desk, self._commands, request)

    async def _late(
        self, request: Any, kind: type[Any], handler: Any, number: tuple[str, str] | None = None
    ) -> Act:
        """Run a command of the ladder, on the number that it uses."""
        party, matter = front_door.parse_matter_name(request.name)
        command = wire.command(request, kind)
        keys = [*ladder.keys_of(party, matter), *([number_key(party, *number)] if number else [])]
        return await front_door.run_command(
            self._commands, request, party, keys, lambda tx: handler(tx, matter, command)
        )

    async def _repeated(self, items: Iterable[Any]) -> set[str]:
        """Of the matters whose recommendation names repetition as a reason: those whose person was recommended on before."""
        asked = [
            item.name for item in items if events_pb2.RECOMMENDATION_REASON_REPETITION in item.reason_codes
        ]
        return {
            name.rpartition("/")[2]
            for name in asked
            if await self._earlier(*front_door.parse_matter_name(name))
        }

    async def _earlier(self, party: str, matter: str) -> list[Any]:
        return await reads.earlier(self._desk.database, self._desk.vault, party, matter)

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
        party, matter = front_door.parse_matter_name(request.name)
        command = wire.command(request, kind)
        keys = [matter_key(party, matter), *([number_key(party, *number)] if number else [])]
        return await front_door.run_command(
            self._commands,
            request,
            party,
            keys,
            lambda tx: handler(tx, matter, command, **more),
            files=[(party, matter)] if passes_on else (),
        )


class KasnRead(service_pb2_grpc.KasnReadServiceServicer):
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

    async def ListHandover(
        self, request: service_pb2.ListHandoverRequest, context: Any
    ) -> service_pb2.ListHandoverResponse:
        party = front_door.parse_institution_name(request.parent)
        found = await reads.handover(self._desk.database, party, request)
        listed = [wire.handed_over(row, found.transferred, found.took_over) for row in found.rows]
        return service_pb2.ListHandoverResponse(
            matters=listed, next_page_token=found.next_page_token, left=found.left
        )

    async def GetLadder(self, request: service_pb2.GetLadderRequest, context: Any) -> service_pb2.Ladder:
        party, matter = front_door.parse_matter_name(request.name)
        found = await reads.ladder(self._desk.database, party, matter, self._desk.now())
        return wire.standing(*found)

    async def GetSilence(
        self, request: service_pb2.GetSilenceRequest, context: Any
    ) -> service_pb2.SilenceClaim:
        party, matter = front_door.parse_matter_name(request.name)
        return wire.silence_claim(await reads.silence(self._desk.database, party, matter))


def register(server: grpc.aio.Server, desk: HostContext, commands: Commands) -> Sequence[str]:
    """Add this desk's services to a server."""
    service_pb2_grpc.add_KasnServiceServicer_to_server(Kasn(desk, commands), server)
    service_pb2_grpc.add_KasnReadServiceServicer_to_server(KasnRead(desk), server)
    return WRITE, READ

"""The exchange's own front door, the same at every desk: what is on its way, what is held up, and the trail."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import grpc
from sqlalchemy import func, select

from audit.grpc_api import AuditServicer
from audit.log.reads import BadQuery, NoSuchLog
from audit.packs.export import CannotExport
from audit.witnessing.quorum import Cosigner
from exchange.context import HostContext
from exchange.delivery import parked
from exchange.delivery.commands import Commands
from exchange.delivery.inbox.handlers import Handlers
from exchange.delivery.inbox.work import Result
from exchange.reconciliation.view import signed_view
from exchange.statements.protobuf_time import timestamp
from exchange.statements.receipts import PARKED, REFUSED, WAITING
from exchange.tables import (
    ConflictSeen,
    Delivery,
    DroppedBytes,
    Inbox,
    Outbox,
    PairIn,
    PairingAlarm,
    PairingState,
    PairOut,
    ParkedBytes,
)
from host import desk_requests, front_door
from host.front_door import OPERATORS, READERS, Context
from host.services.condition import condition
from host.services.export_records import export_recorder
from host.worker_processes.pool import WorkerPool
from netral.audit.v1 import service_pb2 as audit_pb2
from netral.audit.v1 import service_pb2_grpc as audit_pb2_grpc
from netral.exchange.v1 import service_pb2, service_pb2_grpc
from refusals import Malformed, NotAllowed, NotFound, WrongState
from storage.types import FoundRow, table

WRITE, READ = "netral.exchange.v1.ExchangeService", "netral.exchange.v1.ExchangeReadService"
AUDIT = "netral.audit.v1.AuditService"
PERMISSIONS = (
    front_door.permissions({WRITE: OPERATORS, READ: READERS}, service_pb2.DESCRIPTOR)
    | {f"/{READ}/GetHostCondition": OPERATORS}  # it tells of all parties of the host
    | front_door.permissions({AUDIT: READERS}, audit_pb2.DESCRIPTOR)
)

_PIECE_BYTES = 1024 * 1024

SendReceipts = Callable[[Result], Awaitable[None]]
"""Sends the receipts of a result."""


class ExchangeRead(service_pb2_grpc.ExchangeReadServiceServicer):
    """Reading calls."""

    def __init__(self, desk: HostContext) -> None:
        self._desk = desk

    async def ListOutbox(
        self, request: service_pb2.ListOutboxRequest, context: Context
    ) -> service_pb2.ListOutboxResponse:
        party = desk_requests.parse_institution_name(request.parent)
        after, size = desk_requests.page_of(request)
        outbox, delivery = table(Outbox), table(Delivery)
        query = (
            select(outbox, delivery.c.attempts, delivery.c.relayed, delivery.c.due)
            .outerjoin(delivery, delivery.c.id == outbox.c.id)
            .where(outbox.c.party == party, outbox.c.id > after)
            .order_by(outbox.c.id)
            .limit(size + 1)
        )
        if not request.show_settled:
            query = query.where(outbox.c.outcome == "")
        async with self._desk.database.read() as connection:
            rows = list(await connection.execute(query))
        token = desk_requests.page_token(rows[size - 1].id) if len(rows) > size else ""
        return service_pb2.ListOutboxResponse(statements=map(_outgoing, rows[:size]), next_page_token=token)

    async def ListParked(
        self, request: service_pb2.ListParkedRequest, context: Context
    ) -> service_pb2.ListParkedResponse:
        party = desk_requests.parse_institution_name(request.parent)
        after, size = desk_requests.page_of(request)
        inboxes, conflicts, stray, dropped = (
            table(Inbox),
            table(ConflictSeen),
            table(ParkedBytes),
            table(DroppedBytes),
        )
        async with self._desk.database.read() as connection:
            waiting = select(inboxes).where(
                inboxes.c.party == party,
                inboxes.c.state.in_((PARKED, WAITING, REFUSED)),
                inboxes.c.id > after,
            )
            rows = list(await connection.execute(waiting.order_by(inboxes.c.id).limit(size + 1)))
            token = desk_requests.page_token(rows[size - 1].id) if len(rows) > size else ""
            found = [_parked(party, row.id, row, authentic=True, state=row.state) for row in rows[:size]]
            if not after:  # conflicts and strays are few by design; they come with the first page
                query = (
                    select(conflicts)
                    .where(conflicts.c.party == party)
                    .order_by(conflicts.c.received)
                    .limit(1000)
                )
                others = await connection.execute(query)
                found += [_parked(party, row.id, row, authentic=True, state=REFUSED) for row in others]
                query = select(stray).where(stray.c.party == party).order_by(stray.c.id).limit(1000)
                others = await connection.execute(query)
                found += [_parked(party, str(row.id), row, authentic=False, state=PARKED) for row in others]
            lost = await connection.scalar(select(dropped.c.dropped).where(dropped.c.party == party))
        return service_pb2.ListParkedResponse(parked=found, next_page_token=token, dropped=lost or 0)

    async def ListPairs(
        self, request: service_pb2.ListPairsRequest, context: Context
    ) -> service_pb2.ListPairsResponse:
        party = desk_requests.parse_institution_name(request.parent)
        outgoing, incoming, outbox, inboxes = table(PairOut), table(PairIn), table(Outbox), table(Inbox)
        pairs: dict[str, service_pb2.Pair] = {}
        async with self._desk.database.read() as connection:
            for row in await connection.execute(select(outgoing).where(outgoing.c.party == party)):
                pairs[row.peer] = service_pb2.Pair(peer=row.peer, sent=row.last)
            held = (
                select(outbox.c.recipient, func.count().label("statements"))
                .where(outbox.c.party == party, outbox.c.custody.is_not(None))
                .group_by(outbox.c.recipient)
            )
            for row in await connection.execute(held):
                pairs[row.recipient].in_custody = row.statements
            for row in await connection.execute(select(incoming).where(incoming.c.party == party)):
                pair = pairs.setdefault(row.peer, service_pb2.Pair(peer=row.peer))
                pair.received_complete, pair.received_highest = row.complete, row.highest
                if row.complete < row.highest:
                    query = select(inboxes.c.sequence).where(
                        inboxes.c.party == party,
                        inboxes.c.sender == row.peer,
                        inboxes.c.sequence > row.complete,
                    )
                    here = {item.sequence for item in await connection.execute(query)}
                    lacking = (n for n in range(row.complete + 1, row.highest + 1) if n not in here)
                    pair.missing.extend(n for n, _ in zip(lacking, range(100), strict=False))
        return service_pb2.ListPairsResponse(pairs=[pairs[peer] for peer in sorted(pairs)])

    async def GetPairView(
        self, request: service_pb2.GetPairViewRequest, context: Context
    ) -> AsyncIterator[service_pb2.GetPairViewResponse]:
        party = desk_requests.parse_institution_name(request.parent)
        if self._desk.trust.get(request.peer) is None:
            raise NotFound("there is no such institution", field="peer")
        data = await signed_view(self._desk, party, request.peer)
        for start in range(0, len(data), _PIECE_BYTES):
            yield service_pb2.GetPairViewResponse(data=data[start : start + _PIECE_BYTES])

    async def ListPairings(
        self, request: service_pb2.ListPairingsRequest, context: Context
    ) -> service_pb2.ListPairingsResponse:
        party = desk_requests.parse_institution_name(request.parent)
        states, alarms = table(PairingState), table(PairingAlarm)
        async with self._desk.database.read() as connection:
            query = select(states).where(states.c.party == party).order_by(states.c.peer)
            pairings = {row.peer: _pairing(row) for row in await connection.execute(query)}
            query = select(alarms).where(alarms.c.party == party).order_by(alarms.c.peer, alarms.c.sequence)
            for row in await connection.execute(query.limit(1000)):
                pairings[row.peer].gaps.add(
                    kind=row.kind,
                    ours=row.ours,
                    sequence=row.sequence,
                    statement=row.statement,
                    matter=row.matter,
                )
        return service_pb2.ListPairingsResponse(pairings=pairings.values())

    async def GetHostCondition(
        self, request: service_pb2.GetHostConditionRequest, context: Context
    ) -> service_pb2.HostCondition:
        desk_requests.parse_institution_name(request.parent)
        return await condition(self._desk)


class Exchange(service_pb2_grpc.ExchangeServiceServicer):
    """Operator's calls for parked statements."""

    def __init__(
        self, desk: HostContext, commands: Commands, handlers: Handlers, send_receipts: SendReceipts
    ) -> None:
        self._desk, self._commands, self._handlers, self._send_receipts = (
            desk,
            commands,
            handlers,
            send_receipts,
        )

    async def RetryParked(self, request: service_pb2.RetryParkedRequest, context: Context) -> service_pb2.Act:
        return await self._do(request, "exchange.retry", give_back=False)

    async def ReturnParked(
        self, request: service_pb2.ReturnParkedRequest, context: Context
    ) -> service_pb2.Act:
        return await self._do(request, "exchange.return", give_back=True)

    async def _do(
        self,
        request: service_pb2.RetryParkedRequest | service_pb2.ReturnParkedRequest,
        action: str,
        *,
        give_back: bool,
    ) -> service_pb2.Act:
        party, id = desk_requests.parse_resource_name(request.name)
        command = desk_requests.command(request, party)
        record, result = await parked.decide(
            self._desk, self._handlers, command, id, action, give_back=give_back
        )
        await self._send_receipts(result)
        return desk_requests.result_from_record(record)


def _outgoing(row: FoundRow) -> service_pb2.Outgoing:
    message = service_pb2.Outgoing(
        id=row.id,
        type=row.type,
        recipient=row.recipient,
        matter=row.matter,
        sequence=row.sequence,
        create_time=timestamp(row.created),
        attempts=row.attempts or 0,
        outcome=row.outcome,
        reason=row.reason,
    )
    for field, at in (
        ("relay_time", row.relayed),
        ("custody_time", row.custody),
        ("next_attempt_time", row.due),
    ):
        if at is not None:
            getattr(message, field).CopyFrom(timestamp(at))
    return message


def _pairing(row: FoundRow) -> service_pb2.Pairing:
    message = service_pb2.Pairing(
        peer=row.peer,
        sent=row.reported_sent,
        sent_heard=row.heard_received,
        received=row.reported_received,
        received_heard=row.heard_sent,
    )
    for field, at in (("report_time", row.reported), ("heard_time", row.heard)):
        if at is not None:
            getattr(message, field).CopyFrom(timestamp(at))
    return message


def _parked(party: str, id: str, row: FoundRow, *, authentic: bool, state: str) -> service_pb2.Parked:
    return service_pb2.Parked(
        name=f"institutions/{party}/parked/{id}",
        reason=row.reason,
        detail=getattr(row, "detail", ""),
        time=timestamp(row.received),
        authentic=authentic,
        sender=getattr(row, "sender", ""),
        type=getattr(row, "type", ""),
        matter=getattr(row, "matter", ""),
        state=state,
    )


def _own_log_only(context: Context, party: str, method: str) -> None:
    """A caller reads the log of its own party; the heads of all logs are open to every caller of the host."""
    if party and party != front_door.caller().party:
        raise NotAllowed("a caller reads the log of its own party only", field="parent", reason="OTHER_PARTY")


def _refusal(error: NoSuchLog | BadQuery | CannotExport) -> Exception:
    if isinstance(error, CannotExport):
        return WrongState(str(error), reason=error.reason)
    field = getattr(error, "field", None) or "parent"
    if isinstance(error, BadQuery):
        return Malformed(str(error), field=field)
    return NotFound(str(error), field=field)


def register(
    server: grpc.aio.Server,
    desk: HostContext,
    commands: Commands,
    handlers: Handlers,
    send_receipts: SendReceipts,
    workers: WorkerPool,
) -> Sequence[str]:
    """Add the exchange's and the trail's services to a server."""
    service_pb2_grpc.add_ExchangeReadServiceServicer_to_server(ExchangeRead(desk), server)
    service_pb2_grpc.add_ExchangeServiceServicer_to_server(
        Exchange(desk, commands, handlers, send_receipts), server
    )
    exports = None if desk.settings.read_only else export_recorder(desk, commands, workers)

    def cosigners_of(party: str) -> Sequence[Cosigner]:
        return desk.watching.cosigners_of(party, desk.now())

    trail = AuditServicer(desk.database, desk.parties, _own_log_only, _refusal, exports, cosigners_of)
    audit_pb2_grpc.add_AuditServiceServicer_to_server(trail, server)
    return READ, WRITE, AUDIT

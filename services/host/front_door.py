"""The desk's front door: who calls, what they may do, is the request well formed; refusals become gRPC statuses.

Every call carries its caller context as metadata: `netral-party`, `netral-officer`, `netral-role`. It is trusted input for
now (loopback by default); `permit` is the one place that decides what it may do. Requests are checked against the rules
declared in the contracts (protovalidate); violations name the field and never repeat its value.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

import grpc
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.message import Message
from grpc_status import rpc_status

from agreement.parties.identifiers import holds_personal_number
from exchange import channels
from exchange.context import Actor, HostContext
from host.calls import call_log
from host.calls.pages import page_that_fits
from host.calls.refusal_status import code_name, language_of, status_of
from host.calls.validation import validate
from netral.exchange.v1 import statement_pb2
from refusals import Malformed, NotAllowed, Unavailable, catalogue

Context = grpc.aio.ServicerContext[Any, Any]
Answer = Callable[[Message, Context], Awaitable[Message]]
Stream = Callable[[Message, Context], AsyncIterator[Message]]
Take = Callable[[AsyncIterator[Message], Context], Awaitable[Message]]


class RpcMethod(Protocol):
    """A handler of grpc: of its functions, the one that its streaming says is set."""

    request_streaming: bool
    response_streaming: bool
    request_deserializer: Callable[[bytes], Message]
    response_serializer: Callable[[Message], bytes]
    unary_unary: Answer
    unary_stream: Stream
    stream_unary: Take


_MAX_MESSAGE = 4 * 1024 * 1024
_OPEN = ("/grpc.health.v1.Health/", "/grpc.reflection.")
PEER = "peer"
"""The role of another party's desk. It is served only by methods that make it prove itself (see `permit`)."""
_ROLES = ("officer", "operator", "auditor", PEER)


@dataclass(frozen=True, slots=True)
class Caller:
    """Caller of a request: the party it acts for, an opaque officer id, what the officer may do, and in which language it reads."""

    party: str
    officer: str
    role: str
    language: str = catalogue.ENGLISH

    @property
    def actor(self) -> Actor:
        return Actor(statement_pb2.Actor.KIND_OFFICER, self.officer, self.role)


_caller: ContextVar[Caller] = ContextVar("caller")

CallEnded = Callable[[str, str, float], None]
"""Hears of a call that ended: its full method name, the code, and how long it took (seconds)."""

Permissions = dict[str, frozenset[str]]
"""Full method name (`/netral.kasn.v1.KasnService/Recommend`) to the officer roles that may call it."""


def caller() -> Caller:
    """The caller of the current call."""
    return _caller.get()


def set_caller(who: Caller) -> None:
    """Make the calls of the running task those of a caller, as the front door does for each call."""
    _caller.set(who)


def permit(permissions: Permissions, desk: HostContext, method: str, who: Caller) -> None:
    """Decide whether a caller may call a method. The one place that does.

    Another party's desk (`PEER`) is not served here. What it says of itself is trusted no further than that there is such a
    party: a method that permits it demands a signature.

    Raises:
        NotAllowed: the party is not served here, or the role may not.
        Unavailable: the host serves reads only, by its settings or while it recovers.
    """
    if who.role == PEER:
        if desk.trust.get(who.party) is None:
            raise NotAllowed("there is no such party", reason="PARTY_UNKNOWN")
    elif who.party not in desk.parties:
        raise NotAllowed("this desk does not serve the caller's party", reason="PARTY_NOT_SERVED")
    if who.role not in permissions.get(method, frozenset()):
        raise NotAllowed("the caller's role may not call this method", reason="ROLE_NOT_PERMITTED")
    if desk.settings.read_only and not method.rpartition("/")[0].endswith(READS_ONLY):
        raise Unavailable("this host serves reads only now", reason="READS_ONLY")


class FrontDoor(grpc.aio.ServerInterceptor):
    """Deadline, caller, permission, validation, pages that fit, refusals and the access log, around every call."""

    def __init__(
        self, desk: HostContext, permissions: Permissions, default_deadline: float, ended: CallEnded | None
    ) -> None:
        self._desk, self._ended = desk, ended
        self._permissions = permissions
        self._deadline = default_deadline

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        details: grpc.HandlerCallDetails,
    ) -> Any:
        # grpc declares a handler without its functions.
        handler: RpcMethod | None = await continuation(details)
        method = details.method
        if handler is None or method.startswith(_OPEN):
            return handler
        metadata = dict(details.invocation_metadata)
        if handler.request_streaming:
            assert not handler.response_streaming, "teach the front door to stream both ways"
            taking = handler.stream_unary

            async def take(requests: AsyncIterator[Message], context: Context) -> Message:
                return await self._take(method, metadata, taking, requests, context)

            return grpc.stream_unary_rpc_method_handler(
                take, handler.request_deserializer, handler.response_serializer
            )
        if handler.response_streaming:
            inner = handler.unary_stream

            async def stream(request: Message, context: Context) -> AsyncIterator[Message]:
                async for answer in self._stream(method, metadata, inner, request, context):
                    yield answer

            return grpc.unary_stream_rpc_method_handler(
                stream, handler.request_deserializer, handler.response_serializer
            )
        unary = handler.unary_unary

        async def call(request: Message, context: Context) -> Message:
            return await self._call(method, metadata, unary, request, context)

        return grpc.unary_unary_rpc_method_handler(
            call, handler.request_deserializer, handler.response_serializer
        )

    async def _call(
        self,
        method: str,
        metadata: Mapping[str, str],
        inner: Answer,
        request: Message,
        context: Context,
    ) -> Message:
        async with self._answering(method, metadata, context):
            self._enter(method, metadata, request)
            left = context.time_remaining()
            async with asyncio.timeout(self._deadline if left is None else min(left, self._deadline)):
                answer = await page_that_fits(lambda asked: inner(asked, context), request)
            call_log.note_answer(answer)
        return answer

    async def _stream(
        self,
        method: str,
        metadata: Mapping[str, str],
        inner: Stream,
        request: Message,
        context: Context,
    ) -> AsyncIterator[Message]:
        async with self._answering(method, metadata, context):
            self._enter(method, metadata, request)
            async for answer in inner(request, context):
                yield answer

    async def _take(
        self,
        method: str,
        metadata: Mapping[str, str],
        inner: Take,
        requests: AsyncIterator[Message],
        context: Context,
    ) -> Message:
        """A stream of requests: as long as its caller's deadline allows, and never silent for longer than the default one."""
        async with self._answering(method, metadata, context):
            self._admit(method, metadata)
            async with asyncio.timeout(context.time_remaining()):
                answer = await inner(self._checked(requests), context)
            call_log.note_answer(answer)
        return answer

    async def _checked(self, requests: AsyncIterator[Message]) -> AsyncIterator[Message]:
        while True:
            try:
                async with asyncio.timeout(self._deadline):
                    request = await anext(requests)
            except StopAsyncIteration:
                return
            call_log.note_request(request)
            validate(request)
            yield request

    def _enter(self, method: str, metadata: Mapping[str, str], request: Message) -> None:
        call_log.note_request(request)
        self._admit(method, metadata)
        validate(request)

    def _admit(self, method: str, metadata: Mapping[str, str]) -> None:
        who = _caller_of(metadata)
        call_log.note_caller(who.party if self._desk.trust.get(who.party) else "", who.role, who.officer)
        permit(self._permissions, self._desk, method, who)
        set_caller(who)

    @asynccontextmanager
    async def _answering(
        self, method: str, metadata: Mapping[str, str], context: Context
    ) -> AsyncIterator[None]:
        """Answer what is raised inside with its status, and log the call."""
        began = call_log.begin(method)
        try:
            yield
        except Exception as error:
            wait = max(self._desk.database.retry_after, self._desk.vault.database.retry_after)
            status = status_of(error, method, metadata, wait)
            call_log.end(began, code_name(status), status)
            self._count(method, code_name(status), began)
            await context.abort_with_status(rpc_status.to_status(status))
        call_log.end(began, "OK")
        self._count(method, "OK", began)

    def _count(self, method: str, code: str, began: float) -> None:
        if self._ended is not None:
            self._ended(method, code, time.monotonic() - began)


def _caller_of(metadata: Mapping[str, str]) -> Caller:
    values = [metadata.get(f"netral-{name}", "") for name in ("party", "officer", "role")]
    for name, value in zip(("party", "officer", "role"), values, strict=True):
        if (
            not isinstance(value, str)
            or not value
            or len(value) > 60
            or not value.isascii()
            or not value.isprintable()
        ):
            raise Malformed(
                "metadata netral-{name} is missing or not plain text", name=name, field=f"netral-{name}"
            )
    party, officer, role = values
    if role not in _ROLES:
        raise Malformed(
            "metadata netral-role is not one of {choices}", choices=", ".join(_ROLES), field="netral-role"
        )
    if holds_personal_number(officer):
        # An officer id is opaque and stands in the trail for good.
        raise Malformed(
            "metadata netral-officer must be an opaque id, not a NIP or NIK", field="netral-officer"
        )
    return Caller(party, officer, role, language_of(metadata))


READS_ONLY = ("ReadService", "AuditService", "MonitoringService")
"""How the names of services end that only read."""
WRITERS = frozenset({"officer"})
READERS = frozenset({"officer", "operator", "auditor"})
OPERATORS = frozenset({"operator"})
PEERS = frozenset({PEER})


def permissions(roles: Mapping[str, frozenset[str]], contract: FileDescriptor) -> Permissions:
    """The same roles for every method of a service, by full method name. Whatever is not named is not permitted."""
    return {
        f"/{service}/{method.name}": allowed
        for service, allowed in roles.items()
        for method in contract.services_by_name[service.rpartition(".")[2]].methods
    }


def server(
    desk: HostContext, permissions: Permissions, default_deadline: float, ended: CallEnded | None = None
) -> grpc.aio.Server:
    """A gRPC server with the front door in place, which tells `ended` of each call."""
    options = [
        ("grpc.max_receive_message_length", _MAX_MESSAGE),
        ("grpc.max_send_message_length", _MAX_MESSAGE),
        *channels.of_server(),
        ("grpc.so_reuseport", 0),
    ]
    door = FrontDoor(desk, permissions, default_deadline, ended)
    made: grpc.aio.Server = grpc.aio.server(interceptors=[door], options=options)
    return made

"""Methods whose request comes, or whose answer goes, in pieces. `Check` does not try them out."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import grpc
from google.protobuf.message import Message

from host.command_rows import CallContext
from host.front_door import Context

R = TypeVar("R", bound=Message)
A = TypeVar("A", bound=Message)


@dataclass(frozen=True)
class TakesStream(Generic[R, A]):
    """A method whose request comes in pieces."""

    request: type[R]
    function: Callable[[CallContext, AsyncIterator[R]], Awaitable[A]]

    def handler(self, context: CallContext, answer: type[Message]) -> grpc.RpcMethodHandler:
        """Make the handler of grpc."""

        async def call(requests: AsyncIterator[R], _: Context) -> A:
            return await self.function(context, requests)

        made: grpc.RpcMethodHandler = grpc.stream_unary_rpc_method_handler(
            call, self.request.FromString, answer.SerializeToString
        )
        return made


@dataclass(frozen=True)
class GivesStream(Generic[R, A]):
    """A method whose answer goes in pieces; the third argument of the function says how long the caller waits."""

    request: type[R]
    function: Callable[[CallContext, R, Context], AsyncIterator[A]]

    def handler(self, context: CallContext, answer: type[Message]) -> grpc.RpcMethodHandler:
        """Make the handler of grpc."""

        async def call(request: R, caller: Context) -> AsyncIterator[A]:
            async for piece in self.function(context, request, caller):
                yield piece

        made: grpc.RpcMethodHandler = grpc.unary_stream_rpc_method_handler(
            call, self.request.FromString, answer.SerializeToString
        )
        return made

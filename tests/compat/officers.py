"""Officers of all parties of a world, who call its hosts as integrators do: gRPC, one request each, until all has arrived.

The service is found by the type of the request, so that nothing here knows how our code is arranged.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import grpc
from google.protobuf import message_factory
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.message import Message

from netral.audit.v1 import service_pb2 as audit
from netral.exchange.v1 import service_pb2 as exchange
from support.waiting import HANGS


class Officers:
    """`addresses` says where the host of each party listens."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self.parties = sorted(addresses)
        channels = {address: grpc.insecure_channel(address) for address in set(addresses.values())}
        self._channels = {party: channels[address] for party, address in addresses.items()}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for channel in self._channels.values():
            channel.close()

    def act(self, party: str, request: Any) -> Any:
        """Do one writing act for a party, and wait until everything that it sent has its outcome; gives the answer."""
        request.request_id = request.request_id or str(uuid4())
        answer = self.ask(party, request)
        self.settle()
        return answer

    def ask(
        self, party: str, request: Message, role: str = "officer", contract: FileDescriptor | None = None
    ) -> Any:
        """One call, answered at once; `contract` is the file of the service, if it is not that of the request.

        Raises:
            grpc.RpcError: it was refused.
        """
        path, answer = _method(request, contract)
        call: Any = self._channels[party].unary_unary(
            path, type(request).SerializeToString, answer.FromString
        )
        return call(request, metadata=_metadata(party, role), timeout=HANGS)

    def send(self, party: str, requests: Iterable[Message]) -> Any:
        """One call whose request is a stream; waits like `act`."""
        first, *_ = sent = list(requests)
        path, answer = _method(first)
        call: Any = self._channels[party].stream_unary(path, type(first).SerializeToString, answer.FromString)
        answered = call(iter(sent), metadata=_metadata(party, "officer"), timeout=HANGS)
        self.settle()
        return answered

    def download(self, party: str, request: Message) -> bytes:
        """The content of a document."""
        path, chunk = _method(request)
        call: Any = self._channels[party].unary_stream(
            path, type(request).SerializeToString, chunk.FromString
        )
        return b"".join(
            each.data for each in call(request, metadata=_metadata(party, "officer"), timeout=HANGS)
        )

    def settle(self) -> None:
        """Wait until nothing is on its way and every leaf has its place in its log."""
        self.until(self._is_settled, "everything has arrived")

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until a condition holds; a refusal is "not yet"."""
        deadline = time.monotonic() + HANGS
        while True:
            try:
                if condition():
                    return
            except grpc.RpcError:
                pass
            assert time.monotonic() < deadline, f"not so after {HANGS:.0f} s: {what}"
            time.sleep(0.05)

    def _is_settled(self) -> bool:
        for party in self.parties:
            waiting = exchange.ListOutboxRequest(parent=f"institutions/{party}", page_size=1)
            if self.ask(party, waiting, role="operator").statements:
                return False
        hosts = {id(channel): party for party, channel in self._channels.items()}
        return not any(
            log.pending
            for party in hosts.values()
            for log in self.ask(party, audit.ListLogsRequest(page_size=1000), role="auditor").checkpoints
        )


def _method(request: Message, contract: FileDescriptor | None = None) -> tuple[str, Any]:
    """The path of the method that takes this request, and the class of its answer."""
    (found,) = [
        method
        for service in (contract or request.DESCRIPTOR.file).services_by_name.values()
        for method in service.methods
        if method.input_type is request.DESCRIPTOR
    ]
    service = found.containing_service.full_name
    return f"/{service}/{found.name}", message_factory.GetMessageClass(found.output_type)


def _metadata(party: str, role: str) -> list[tuple[str, str]]:
    return [("netral-party", party), ("netral-officer", "officer-1"), ("netral-role", role)]

"""Speaks gRPC to the desks: who calls, where a party is served, what a refusal says. No terminal, no files of a desk."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from agreement.wording import worded
from exchange import channels
from operations.local.installation import Installation
from operations.local.patience import patience

SUPERVISOR = "bawaslu"
_DEADLINE = 20.0
_LONG = 3600.0
# Repeating is safe: every writing call carries a request id.
_RETRY = (
    '{"methodConfig": [{"name": [{}], "retryPolicy": {"maxAttempts": 5, "initialBackoff": "0.2s", "maxBackoff": "2s",'
    ' "backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]}}]}'
)


class NotRunning(Exception):
    """There is no world to speak to; the message says what to do."""


class Refused(Exception):
    """A desk refused a call, or could not be reached.

    `code` is the name of the gRPC status, `reason` the stable word of ErrorInfo and `metadata` what else it says; `fields` name what
    is at fault. `options` (by parameter of a command) and `possible` (actions that are possible instead) are added by a command.
    """

    options: Mapping[str, str] = MappingProxyType({})
    possible: Sequence[str] = ()

    def __init__(
        self,
        code: str,
        message: str,
        reason: str = "",
        fields: Mapping[str, str] | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.reason = code, message, reason
        self.fields, self.metadata = dict(fields or {}), dict(metadata or {})


@dataclass(frozen=True)
class Caller:
    """For whom a call is made, by which officer (opaque id), in which role; in which language refusals are read."""

    party: str
    officer: str
    role: str = "officer"
    language: str = ""

    def metadata(self) -> list[tuple[str, str]]:
        return [
            ("netral-party", self.party),
            ("netral-officer", self.officer),
            ("netral-role", self.role),
            *([("accept-language", self.language)] if self.language else []),
        ]


@dataclass
class Desks:
    """The desks of one world: an address for each, and which party is at which.

    `examiner` holds the role now; `examiners` are all that the examiner's desk serves, those before and after it too.
    """

    addresses: Mapping[str, str]
    examiner: str
    examiners: Sequence[str] = ()
    _channels: dict[str, grpc.Channel] = field(default_factory=dict)

    @classmethod
    def of(cls, state: Installation) -> "Desks":
        """The desks of a world that runs.

        Raises:
            NotRunning: nothing runs there.
        """
        running = state.running()
        if running is None:
            raise NotRunning(
                worded("{folder} is not running; start it with `netral up`", folder=str(state.folder))
            )
        return cls(running["addresses"], running["examiner"], running.get("examiners", ()))

    def desk_of(self, party: str) -> str:
        """The name of the desk that serves a party."""
        if party == SUPERVISOR:
            return "bawaslu"
        return "kasn" if party == self.examiner or party in self.examiners else "ppk"

    def call(self, stub: Any, method: str, request: Any, caller: Caller) -> Any:
        """One call of `stub`'s service at the desk of the caller's party.

        Raises:
            Refused: with what the desk said.
        """
        try:
            return getattr(stub(self._channel(caller.party)), method)(
                request, metadata=caller.metadata(), timeout=patience(_DEADLINE)
            )
        except grpc.RpcError as error:
            raise self._refused(error, caller.party) from None

    def stream(self, stub: Any, method: str, request: Any, caller: Caller) -> Iterator[Any]:
        """A call that answers with a stream.

        Raises:
            Refused: with what the desk said.
        """
        try:
            yield from getattr(stub(self._channel(caller.party)), method)(
                request, metadata=caller.metadata(), timeout=_LONG
            )
        except grpc.RpcError as error:
            raise self._refused(error, caller.party) from None

    def send(self, stub: Any, method: str, requests: Iterator[Any], caller: Caller) -> Any:
        """A call whose request is a stream.

        Raises:
            Refused: with what the desk said.
        """
        try:
            return getattr(stub(self._channel(caller.party)), method)(
                requests, metadata=caller.metadata(), timeout=_LONG
            )
        except grpc.RpcError as error:
            raise self._refused(error, caller.party) from None

    def pages(self, stub: Any, method: str, request: Any, caller: Caller) -> Iterator[Any]:
        """All answers of a paged list, one after the other."""
        while True:
            answer = self.call(stub, method, request, caller)
            yield answer
            if not answer.next_page_token:
                return
            request.page_token = answer.next_page_token

    def close(self) -> None:
        """Let go of all connections."""
        for channel in self._channels.values():
            channel.close()

    def _refused(self, error: Any, party: str) -> Refused:
        """The refusal of a desk; of one that does not answer, or has no such call, in words that name the desk."""
        refused, desk = refused_by(error), self.desk_of(party)
        refused.metadata |= {"desk": desk, "party": party}
        if refused.code == "UNIMPLEMENTED":
            refused.message = (
                f"the desk {desk} of {party} has no such call: it is an act of another party (--as)"
            )
        elif refused.code == "UNAVAILABLE" and not refused.reason:
            refused.message = f"the desk {desk} does not answer; see `netral status`"
        return refused

    def _channel(self, party: str) -> grpc.Channel:
        address = self.addresses[self.desk_of(party)]
        if address not in self._channels:
            options = channels.options(address, [("grpc.service_config", _RETRY)])
            self._channels[address] = grpc.insecure_channel(address, options)
        return self._channels[address]


def refused_by(error: Any) -> Refused:
    """A status with its details, taken apart."""
    reason = ""
    fields: dict[str, str] = {}
    metadata: dict[str, str] = {}
    status = rpc_status.from_call(error)
    for packed in status.details if status else ():
        info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        if packed.Unpack(info):
            reason, metadata = info.reason, dict(info.metadata)
        elif packed.Unpack(bad):
            for violation in bad.field_violations:
                before = f"{fields[violation.field]}; " if violation.field in fields else ""
                fields[violation.field] = before + violation.description
    return Refused(error.code().name, error.details() or "", reason, fields, metadata)

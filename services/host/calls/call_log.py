"""Log of calls: who asked for what, and how it ended. The refusal that an officer reads out is found by its request id.

What is noted stands in every line that is logged while the call is answered. Of a request only UUIDs are noted, and of its caller
what was checked, so that nothing personal gets here, whatever was written into a wrong field.
"""

import re
import time

import structlog
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from structlog.contextvars import bind_contextvars, clear_contextvars

log = structlog.get_logger("host.calls.call_log")

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_REQUEST_ID = re.compile(_UUID, re.IGNORECASE)
_NAME = re.compile(rf"institutions/[a-z0-9-]+/([a-z-]+)/({_UUID})")


def begin(method: str) -> float:
    """Begin with a call; gives when it began, for `end`."""
    clear_contextvars()
    bind_contextvars(method=method)
    return time.monotonic()


def note_caller(party: str, role: str, officer: str) -> None:
    """Note who calls; the party is empty if it is none that we know."""
    bind_contextvars(party=party, role=role, officer=officer)


def note_request(request: Message) -> None:
    """Note the request id, and the matter (or what else has a name) that a request is about."""
    if _REQUEST_ID.fullmatch(id := _text(request, "request_id")):
        bind_contextvars(request_id=id.lower())
    _note_matter(_text(request, "name"))


def note_answer(answer: Message) -> None:
    """Note the matter that an act began."""
    _note_matter(_text(answer, "matter"))


def _note_matter(name: str) -> None:
    if found := _NAME.fullmatch(name):
        collection, id = found.groups()
        bind_contextvars(matter=id if collection == "matters" else f"{collection}/{id}")


def _text(message: Message, field: str) -> str:
    value = getattr(message, field, "")
    return value if isinstance(value, str) else ""


def end(began: float, code: str, status: status_pb2.Status | None = None) -> None:
    """Write the line of a call: how it ended, with the reason of a refusal, and how long it took (milliseconds)."""
    reason = {"reason": found} if status is not None and (found := _reason(status)) else {}
    log.info("call", code=code, **reason, ms=round((time.monotonic() - began) * 1000, 1))


def _reason(status: status_pb2.Status) -> str:
    info = error_details_pb2.ErrorInfo()
    return next((info.reason for packed in status.details if packed.Unpack(info)), "")

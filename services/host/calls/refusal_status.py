"""Statuses of gRPC for refusals and failures, with `ErrorInfo` and `BadRequest` details."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import grpc
import structlog
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

import refusals
from host.calls.parameter_words import in_words
from host.calls.validation import Violations
from refusals import ReasonNeeded, Refusal, catalogue
from storage import faults
from storage.faults import Fault

log = structlog.get_logger("host.front_door")

DOMAIN = "netral"
_STATUS: Mapping[type[Exception], grpc.StatusCode] = {
    refusals.Malformed: grpc.StatusCode.INVALID_ARGUMENT,
    refusals.NotFound: grpc.StatusCode.NOT_FOUND,
    refusals.WrongState: grpc.StatusCode.FAILED_PRECONDITION,
    refusals.NotAllowed: grpc.StatusCode.PERMISSION_DENIED,
    refusals.Conflict: grpc.StatusCode.ALREADY_EXISTS,
    refusals.Unavailable: grpc.StatusCode.UNAVAILABLE,
    refusals.Refusal: grpc.StatusCode.FAILED_PRECONDITION,
}
# English and Indonesian.
_AWAY = ("the database is away; try again", "basis data tidak terjangkau; coba lagi")
_SAYS = {
    Fault.FULL: (
        "the database's disk is full: nothing can be written, reading works; try again later",
        "diska basis data penuh: tidak dapat ditulis, masih dapat dibaca; coba lagi nanti",
    ),
    Fault.READ_ONLY: (
        "the database takes no writes just now, reading works; try again later",
        "basis data sedang tidak dapat ditulis, masih dapat dibaca; coba lagi nanti",
    ),
    Fault.DENIED: (
        "the database denies this desk a right that it needs; tell its operator, and try again later",
        "basis data menolak hak yang diperlukan meja ini; beri tahu operatornya, lalu coba lagi nanti",
    ),
    Fault.OUTSIDE: (
        "a file or connection that this desk needs cannot be used just now; try again later",
        "berkas atau sambungan yang diperlukan meja ini sedang tidak dapat dipakai; coba lagi nanti",
    ),
    Fault.AGAIN: (
        "other changes got in the way; try again",
        "ada perubahan lain pada saat yang sama; coba lagi",
    ),
}


def status_of(
    error: Exception, method: str, metadata: Mapping[str, str], retry_after: float = 1.0
) -> status_pb2.Status:
    """The status that answers a call which raised; the metadata say the caller's language.

    `retry_after`: seconds after which a caller is to try again what the database could not do; a refusal says its own.
    """
    if isinstance(error, Refusal):
        code = next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)
        language = language_of(metadata)
        text = _text(error, language)
        known = {**error.standing, **_known(error)}
        return _status(code, text, error.reason, _fields(error, text, language), error.retry_after, known)
    if isinstance(error, TimeoutError):
        return _status(grpc.StatusCode.DEADLINE_EXCEEDED, "not answered within the deadline", "DEADLINE", [])
    # Ours. The message may hold personal values (of a database driver, say): only the type is logged.
    fault = faults.sort(error)
    log.error("failed", method=method, error=type(error).__name__, fault=fault, where=_where(error))
    if fault in faults.PASSING:
        text = _SAYS.get(fault, _AWAY)[language_of(metadata) == "id"]
        return _status(grpc.StatusCode.UNAVAILABLE, text, "UNAVAILABLE", [], retry_after)
    return _status(grpc.StatusCode.INTERNAL, "internal error", "INTERNAL", [])


def language_of(metadata: Mapping[str, str]) -> str:
    """The language that a caller reads, by its metadata."""
    return catalogue.language_of(metadata.get("accept-language", ""))


def _text(refusal: Refusal, language: str) -> str:
    """The sentence of a refusal; of a request that breaks its contract, that of the first field at fault."""
    if isinstance(refusal, Violations):
        field, expected = refusal.found[0]
        return f"{field}: {in_words(expected, language)}"
    return in_words(refusal, language)


def _fields(refusal: Refusal, text: str, language: str) -> list[tuple[str, str, str]]:
    """The fields at fault, each with its description and reason."""
    if isinstance(refusal, Violations):
        return [(field, in_words(expected, language), refusal.reason) for field, expected in refusal.found]
    if isinstance(refusal, ReasonNeeded):
        return [(refusal.field or "", in_words(each, language), each.reason) for each in refusal.warnings]
    return [(refusal.field, text, refusal.reason)] if refusal.field else []


def _known(refusal: Refusal) -> dict[str, str]:
    """Metadata of a refusal, for programs: its parameters as they are, and the reasons of the rules that warn."""
    known = {name: str(value) for name, value in refusal.parameters.items()}
    if isinstance(refusal, ReasonNeeded):
        known = {"rules": ",".join(each.reason for each in refusal.warnings)}
        for each in refusal.warnings:
            known |= {name: str(value) for name, value in each.parameters.items()}
    return known


def _status(
    code: grpc.StatusCode,
    message: str,
    reason: str,
    fields: Sequence[tuple[str, str, str]],
    retry_after: float = 0.0,
    known: Mapping[str, str] = MappingProxyType({}),
) -> status_pb2.Status:
    status = status_pb2.Status(code=code.value[0], message=message)
    details: list[Message] = [error_details_pb2.ErrorInfo(reason=reason, domain=DOMAIN, metadata=known)]
    if fields:
        violations = [
            error_details_pb2.BadRequest.FieldViolation(field=field, description=text, reason=why)
            for field, text, why in fields
        ]
        details.append(error_details_pb2.BadRequest(field_violations=violations))
    if retry_after:
        delay = Duration()
        delay.FromMilliseconds(int(retry_after * 1000))
        details.append(error_details_pb2.RetryInfo(retry_delay=delay))
    for detail in details:
        packed = AnyMessage()
        packed.Pack(detail)
        status.details.append(packed)
    return status


def code_name(status: status_pb2.Status) -> str:
    """The name of a status's code, for the access log."""
    return next(code.name for code in grpc.StatusCode if code.value[0] == status.code)


def _where(error: BaseException) -> str:
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return f"{place.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{place.tb_lineno}" if place else ""

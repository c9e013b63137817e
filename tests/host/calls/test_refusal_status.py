"""Statuses for what a desk could not do: away is said of what is away, and a fault of ours stays one."""

import errno

import grpc
import pytest
from google.rpc import error_details_pb2

from host.calls.refusal_status import code_name, status_of
from storage.faults import Unreachable


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (Unreachable("refused"), "the database is away"),
        (OSError(errno.ENOSPC, "No space left on device"), "a file or connection"),
        (ConnectionResetError(errno.ECONNRESET, "reset"), "a file or connection"),
    ],
)
def test_what_passes_is_unavailable_by_its_name_and_says_when_to_come_again(
    error: Exception, says: str
) -> None:
    status = status_of(error, "/netral.test/Call", {}, retry_after=2)

    assert code_name(status) == grpc.StatusCode.UNAVAILABLE.name
    assert says in status.message
    waits = error_details_pb2.RetryInfo()
    assert any(detail.Unpack(waits) for detail in status.details)
    assert waits.retry_delay.seconds == 2


@pytest.mark.parametrize(
    "error", [FileNotFoundError(errno.ENOENT, "no such file"), PermissionError(13, "denied")]
)
def test_a_file_that_is_not_there_is_a_fault_of_ours(error: Exception) -> None:
    assert code_name(status_of(error, "/netral.test/Call", {})) == grpc.StatusCode.INTERNAL.name

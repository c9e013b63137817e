"""Refusals of a desk are printed in words: the reason, the field at fault, and what an officer can do about it."""

import grpc
import pytest

from cli.refusal_output import print_refusal
from host.calls import refusal_status
from operations.local import client
from refusals import ActWarning, Malformed, ReasonNeeded, Refusal

VERIFY = "/netral.kasn.v1.KasnService/VerifyFollowUp"


class Answered:
    """A call that a desk refused, as grpc gives it to the caller."""

    def __init__(self, refusal: Refusal) -> None:
        self._status = refusal_status.status_of(refusal, VERIFY, {})

    def code(self) -> grpc.StatusCode:
        return next(code for code in grpc.StatusCode if code.value[0] == self._status.code)

    def details(self) -> str:
        return self._status.message

    def trailing_metadata(self) -> list[tuple[str, bytes]]:
        return [("grpc-status-details-bin", self._status.SerializeToString())]


def printed(refusal: Refusal, capsys: pytest.CaptureFixture[str]) -> list[str]:
    print_refusal(client.refused_by(Answered(refusal)))
    return capsys.readouterr().err.splitlines()


def test_warnings_are_shown_with_the_option_that_answers_them(capsys: pytest.CaptureFixture[str]) -> None:
    warnings = [ActWarning("it is late", reason="LATE"), ActWarning("it is long", reason="LONG")]

    lines = printed(ReasonNeeded("state a reason: {warnings}", warnings=warnings), capsys)

    assert lines == [
        "refused: FAILED_PRECONDITION (REASON_NEEDED): state a reason: it is late; it is long",
        "  field stated_reason",
        "  if you do it all the same, say why with --stated-reason",
    ]


def test_another_refusal_names_its_field_and_no_option(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(Malformed("in the future", field="letter_date"), capsys)

    assert lines == ["refused: INVALID_ARGUMENT (MALFORMED): in the future", "  field letter_date"]


def test_the_option_that_gives_the_field_and_the_acts_that_are_possible_instead_are_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    refused = client.refused_by(Answered(Malformed("in the future", field="letter_date")))
    refused.options = {"date": "--date", "number": "--number"}
    refused.possible = ["ppk.acknowledge", "ppk.reject"]

    print_refusal(refused)

    assert capsys.readouterr().err.splitlines() == [
        "refused: INVALID_ARGUMENT (MALFORMED): in the future",
        "  field letter_date (--date)",
        "  possible now: acknowledges the recommendation (ppk.acknowledge); rejects the recommendation as wrongly addressed (ppk.reject)",
    ]

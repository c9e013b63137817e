"""Refusals of a desk are printed in words: the reason, the field at fault, and what an officer can do about it."""

import grpc
import pytest

from cli.refusal_output import print_refusal
from host.calls import refusal_status
from operations.local import client
from refusals import ActWarning, Malformed, NotFound, ReasonNeeded, Refusal, WrongState

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
        "refused: it is late; it is long",
        "  if you do it all the same, say why with --stated-reason",
    ]


def test_a_refusal_of_which_no_option_is_known_says_what_is_meant(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(Malformed("in the future", field="letter_date"), capsys) == [
        "refused: letter date: in the future"
    ]
    assert printed(NotFound("there is no such plan", field="name"), capsys) == [
        "refused: there is no such plan"
    ]


def test_the_names_of_fields_and_what_the_desk_knows_are_for_programs() -> None:
    refused = client.refused_by(
        Answered(WrongState("not possible now; the matter stands at: {state}", state="REFERRED"))
    )

    assert refused.message == "not possible now; the matter stands at: referred to the examiner"
    assert refused.metadata == {"state": "REFERRED"}


def test_the_option_that_gives_the_field_and_the_acts_that_are_possible_instead_are_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    refused = client.refused_by(Answered(Malformed("in the future", field="letter_date")))
    refused.options = {"date": "--date", "number": "--number"}
    refused.possible = ["ppk.acknowledge", "ppk.reject"]

    print_refusal(refused)

    assert capsys.readouterr().err.splitlines() == [
        "refused: --date: in the future",
        "  possible now:",
        "    acknowledges the recommendation (ppk.acknowledge)",
        "    rejects the recommendation as wrongly addressed (ppk.reject)",
    ]

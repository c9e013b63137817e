"""A row that forgets something, and a service that forgets a method, are refused before anything is served."""

from dataclasses import replace

import pytest

from bawaslu import feature
from bawaslu.intake import commands
from host.command_rows import Number, Row
from kasn.matters import commands as matters
from netral.kasn.v1 import service_pb2 as kasn


def test_a_method_without_a_row_or_function_is_refused() -> None:
    with pytest.raises(TypeError, match="ReadReporterRequest"):
        replace(feature.INTAKE, methods=commands.METHODS[:-1])


def test_a_row_without_a_method_is_refused() -> None:
    with pytest.raises(TypeError, match="StartTracingRequest"):
        replace(feature.INTAKE_READ, methods=(*feature.INTAKE_READ.methods, commands.ROWS[0]))


def test_two_rows_of_one_method_are_refused() -> None:
    with pytest.raises(TypeError, match="two methods"):
        replace(feature.INTAKE, methods=(*commands.METHODS, commands.ROWS[0]))


def test_a_row_that_leaves_out_prose_is_refused() -> None:
    row = next(row for row in commands.ROWS if row.action == "bawaslu.close_information")

    with pytest.raises(TypeError, match="remarks"):
        replace(row, filed="")


def test_a_row_whose_number_is_no_field_of_the_request_is_refused() -> None:
    with pytest.raises(TypeError, match="decree_number"):
        replace(commands.ROWS[0], numbers=(Number("decree", "decree_number"),))


async def test_a_method_is_not_given_the_request_of_another() -> None:
    with pytest.raises(TypeError, match="is not netral"):
        await commands.ROWS[0].answer(None, commands.ROWS[1].request())  # type: ignore[arg-type]


def test_a_row_that_warns_without_a_field_for_the_reason_and_a_field_without_warnings_are_refused() -> None:
    verify = next(method for method in matters.METHODS if method.request is kasn.VerifyFollowUpRequest)
    assert isinstance(verify, Row)

    with pytest.raises(TypeError, match="stated_reason"):
        replace(verify, warns=None)
    with pytest.raises(TypeError, match="stated_reason"):
        replace(commands.ROWS[0], warns=lambda known, event: ())

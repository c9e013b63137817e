"""Requests that break their contract are refused in words: what is expected, with an example, in the caller's language."""

import re
from pathlib import Path

import grpc
import pytest
from google.rpc import status_pb2

from host.calls.contract_words import ID, example_of, in_words
from host.calls.refusal_status import status_of
from host.calls.validation import Violations, validate
from netral.kasn.v1 import service_pb2 as kasn
from netral.ppk.v1 import service_pb2 as ppk

PROTO = Path(__file__).parents[3] / "proto" / "netral"
PATTERNS = sorted(
    {
        match.replace("\\\\", "\\")
        for path in PROTO.rglob("*.proto")
        for match in re.findall(r'pattern[:=]? ?=? ?"(\^[^"]*\$)"', path.read_text())
    }
    | {
        match.replace("\\\\", "\\")
        for match in re.findall(r"matches\('(\^[^']*\$)'\)", (PROTO / "exchange/v1/rules.proto").read_text())
    }
)


def test_the_contracts_have_patterns() -> None:
    assert len(PATTERNS) > 15


@pytest.mark.parametrize("pattern", PATTERNS)
def test_no_refusal_shows_a_regular_expression_and_the_example_is_one_that_would_be_taken(
    pattern: str,
) -> None:
    said = in_words("string.pattern", f"does not match regex pattern `{pattern}`").message

    assert "^" not in said and "[" not in said
    if "look like" in said:
        assert re.fullmatch(pattern, example_of(pattern))
        assert said.endswith(example_of(pattern))


@pytest.mark.parametrize(
    ("rule", "message", "said"),
    [
        ("required", "value is required", "is missing"),
        ("string.min_len", "must be at least 1 characters", "is missing"),
        ("string.min_len", "must be at least 16 characters", "has to have 16 characters or more"),
        ("string.max_len", "must be at most 60 characters", "has to have 60 characters or fewer"),
        ("string.uuid", "must be a valid UUID", f"has to be an id (UUID), such as {ID}"),
        ("string.in", "must be in list [, TOLD, DONE]", "has to be one of: TOLD, DONE"),
        ("bytes.len", "must be 32 bytes", "has to have 32 bytes"),
        (
            "int32.gte_lte",
            "must be greater than or equal to 0 and less than or equal to 120",
            "has to be from 0 to 120",
        ),
        ("enum.not_in", "must not be in list [0]", "is missing: a value of the closed list"),
        ("a.rule.of.its.own", "the end is after the start", "the end is after the start"),
    ],
)
def test_a_rule_is_said_in_words_with_its_limits(rule: str, message: str, said: str) -> None:
    assert in_words(rule, message).message == said


def refused(request: kasn.VerifyFollowUpRequest | ppk.GetMatterRequest, language: str) -> status_pb2.Status:
    with pytest.raises(Violations) as raised:
        validate(request)
    return status_of(raised.value, "/a/Method", {"accept-language": language})


def test_an_id_where_a_name_is_asked_for_is_refused_with_a_name_as_example() -> None:
    asked = ppk.GetMatterRequest(name="0199")
    example = f"institutions/ppk-6202/matters/{ID}"

    english, indonesian = refused(asked, ""), refused(asked, "id")

    assert english.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    assert english.message == f"name: has to look like {example}"
    assert indonesian.message == f"name: harus ditulis seperti {example}"


def test_every_field_at_fault_is_described_in_the_callers_language() -> None:
    status = refused(kasn.VerifyFollowUpRequest(), "id")

    packed = status.details[1].value
    assert "belum diisi" in packed.decode(errors="replace")
    assert "is missing" not in packed.decode(errors="replace")

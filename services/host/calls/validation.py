"""Validation of requests against the rules that their contracts declare (protovalidate); values are never repeated."""

from collections.abc import Sequence
from typing import Any

import protovalidate
from google.protobuf.message import Message

from refusals import Malformed


def validate(request: Message) -> None:
    """Check a request against the rules of its contract.

    Raises:
        Violations: all fields at fault.
    """
    violations = protovalidate.collect_violations(request)
    if violations:
        raise Violations([(_path(v.proto.field), v.proto.rule_id, v.proto.message) for v in violations])


class Violations(Malformed):
    """A request breaks declared rules; each with field, rule and message."""

    reason = "INVALID_REQUEST"

    def __init__(self, found: Sequence[tuple[str, str, str]]) -> None:
        self.found = found
        super().__init__(f"{found[0][0]}: {found[0][2] or found[0][1]}", field=found[0][0])


def _path(field: Any) -> str:
    words = []
    for element in field.elements:
        at = element.subscript
        words.append(element.field_name + (f"[{at.value}]" if at is not None and at.field == "index" else ""))
    return ".".join(words)

"""Validation of requests: the rules that their contracts declare (protovalidate), and no NIP or NIK in what travels in the open.

No value is repeated. A number of a person has fields of its own, which travel sealed. All other texts of a writing request end in
statements, records and logs for good, so that they are looked through, but for those that `PROSE` and `SEALED` name.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import protovalidate
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from agreement.parties.identifiers import holds_personal_number
from host.calls.contract_words import in_words
from refusals import Malformed


def validate(request: Message) -> None:
    """Check a request against the rules of its contract.

    Raises:
        Violations: all fields at fault.
        Malformed: a NIP or NIK stands in a text of a writing request that travels in the open.
    """
    violations = protovalidate.collect_violations(request)
    if violations:
        raise Violations(
            [(_path(v.proto.field), in_words(v.proto.rule_id, v.proto.message)) for v in violations]
        )
    if is_writing(request):
        for path, text in open_texts(request):
            if holds_personal_number(text):
                raise Malformed(
                    "a NIP or NIK does not belong into a text that travels in the open", field=path
                )


PROSE = frozenset({"answer", "description", "questions", "reasons", "remarks", "reporter", "stated_reason"})
"""Names of the fields of prose: it goes into personal parts and the party's own files only."""
SEALED = frozenset(
    {
        "netral.disclosure.v1.UploadHeader.file_name",
        "netral.exchange.v1.Person",
        "netral.exchange.v1.PersonnelFact.value",
        "netral.prevention.v1.ProvePledgeRequest.number",
        "netral.supervision.v1.Material.link",
    }
)
"""Other fields, and whole messages, that may hold what identifies a person: sealed, or not kept at all."""


def is_writing(request: Message) -> bool:
    """True if a request of this kind changes something: it has a request id, in a header if it comes in pieces."""
    return _is_writing(request.DESCRIPTOR)


@cache
def _is_writing(described: Descriptor) -> bool:
    headers = (
        field.message_type for oneof in described.oneofs for field in oneof.fields if field.message_type
    )
    return any("request_id" in each.fields_by_name for each in (described, *headers))


def open_texts(request: Message, before: str = "") -> Iterator[tuple[str, str]]:
    """The texts of a request that travel in the open, each with its path."""
    for field in _open_fields(request.DESCRIPTOR):
        if field.repeated:
            values = [(f"[{place}]", each) for place, each in enumerate(getattr(request, field.name))]
        elif field.is_text or request.HasField(field.name):
            values = [("", getattr(request, field.name))]
        else:
            continue
        for place, value in values:
            if field.is_text:
                yield f"{before}{field.name}{place}", value
            else:
                yield from open_texts(value, f"{before}{field.name}{place}.")


class _OpenField(NamedTuple):
    name: str
    repeated: bool
    is_text: bool


@cache
def _open_fields(described: Descriptor) -> Sequence[_OpenField]:
    """The fields that may hold a text in the open, in the order of their numbers."""
    kinds = (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_MESSAGE)
    return [
        _OpenField(field.name, field.is_repeated, field.type == FieldDescriptor.TYPE_STRING)
        for field in sorted(described.fields, key=lambda field: field.number)
        if field.type in kinds and not is_sealed(field)
    ]


def is_sealed(field: FieldDescriptor) -> bool:
    """True if a field may hold what identifies a person."""
    whole = field.message_type.full_name if field.message_type else field.full_name
    return field.name in PROSE or whole in SEALED


class Violations(Malformed):
    """A request breaks declared rules: each field at fault with what is expected of it."""

    reason = "INVALID_REQUEST"

    def __init__(self, found: Sequence[tuple[str, Malformed]]) -> None:
        self.found = found
        field, expected = found[0]
        super().__init__(f"{field}: {expected.message}", field=field)


def _path(field: Any) -> str:
    words = []
    for element in field.elements:
        at = element.subscript
        words.append(element.field_name + (f"[{at.value}]" if at is not None and at.field == "index" else ""))
    return ".".join(words)

"""Validation of requests: the rules that their contracts declare (protovalidate), and no NIP or NIK in what travels in the open.

No value is repeated. A number of a person has fields of its own, which travel sealed. All other texts of a writing request end in
statements, records and logs for good, so that they are looked through, but for those that `PROSE` and `SEALED` name.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import protovalidate
from google.protobuf.descriptor import FieldDescriptor
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
    described = request.DESCRIPTOR
    headers = (
        field.message_type for oneof in described.oneofs for field in oneof.fields if field.message_type
    )
    return any("request_id" in each.fields_by_name for each in (described, *headers))


def open_texts(request: Message, before: str = "") -> Iterator[tuple[str, str]]:
    """The texts of a request that travel in the open, each with its path."""
    for field, value in request.ListFields():
        if is_sealed(field):
            continue
        path = f"{before}{field.name}"
        values = value if field.is_repeated else (value,)
        paths = [f"{path}[{place}]" for place in range(len(values))] if field.is_repeated else [path]
        if field.type == FieldDescriptor.TYPE_STRING:
            yield from zip(paths, values, strict=True)
        elif field.type == FieldDescriptor.TYPE_MESSAGE:
            for at, item in zip(paths, values, strict=True):
                yield from open_texts(item, f"{at}.")


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

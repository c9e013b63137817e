"""Protobuf ↔ the words of disclosures, and nothing else."""

from collections.abc import Iterable, Mapping, Sequence

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import DecodeError, Message
from google.protobuf.timestamp_pb2 import Timestamp as Timestamp

from cooperation.disclosure.domain import documents, requests
from cooperation.disclosure.domain.documents import Described, Document
from exchange.personal_data.case_file import FileEntry
from exchange.statements import protobuf_mapping
from exchange.statements.protobuf_time import timestamp
from netral.disclosure.v1 import events_pb2, service_pb2
from netral.exchange.v1 import person_pb2, statement_pb2
from netral.exchange.v1.person_pb2 import PersonnelFact
from refusals import Malformed

Event = (
    requests.DisclosureRequested
    | requests.DisclosureGranted
    | requests.DisclosureRefused
    | requests.DisclosureReceived
    | requests.FetchOrdered
    | requests.FetchStopped
    | documents.DocumentAttached
    | documents.DocumentRead
    | documents.DocumentDisclosed
)
_EVENTS: dict[type[Event], type[Message]] = protobuf_mapping.pairs(
    {
        requests.DisclosureRequested: events_pb2.DisclosureRequested,
        requests.DisclosureGranted: events_pb2.DisclosureGranted,
        requests.DisclosureRefused: events_pb2.DisclosureRefused,
        requests.DisclosureReceived: events_pb2.DisclosureReceived,
        requests.FetchOrdered: events_pb2.FetchOrdered,
        requests.FetchStopped: events_pb2.FetchStopped,
        documents.DocumentAttached: events_pb2.DocumentAttached,
        documents.DocumentRead: events_pb2.DocumentRead,
        documents.DocumentDisclosed: events_pb2.DocumentDisclosed,
    }
)
protobuf_mapping.pair(documents.Upload, service_pb2.UploadHeader, leaves_out=("name", "offset", "request_id"))
_BY_NAME = {message.DESCRIPTOR.full_name: (event, message) for event, message in _EVENTS.items()}
Ticket = service_pb2.FetchTicket
KIND_SERVICE = statement_pb2.Actor.KIND_SERVICE
TICKET = "application/vnd.netral.ticket.v1+protobuf"


def facts(event: Event) -> Message:
    """An event as the message that travels or is recorded."""
    kind = _EVENTS[type(event)]
    if isinstance(event, requests.DisclosureGranted):
        return protobuf_mapping.to_message(event, kind, documents=list(map(_granted, event.documents)))
    return protobuf_mapping.to_message(event, kind)


def granted(message: events_pb2.DisclosureGranted) -> requests.DisclosureGranted:
    """A grant, with the documents that it describes."""
    documents = tuple(protobuf_mapping.to_dataclass(each, Described) for each in message.documents)
    return protobuf_mapping.to_dataclass(message, requests.DisclosureGranted, documents=documents)


def event_of(packed: AnyMessage) -> Event | None:
    """The event in the facts of a leaf; None if they are of something else."""
    name = packed.type_url.rpartition("/")[2]
    if name not in _BY_NAME:
        return None
    kind, message_type = _BY_NAME[name]
    message = message_type.FromString(packed.value)
    if isinstance(message, events_pb2.DisclosureGranted):
        return granted(message)
    return protobuf_mapping.to_dataclass(message, kind)


def ticket(payload: bytes) -> Ticket:
    """A ticket out of its envelope. Raises `ValueError` if it is none."""
    try:
        return Ticket.FromString(payload)
    except DecodeError as error:
        raise ValueError("not a ticket") from error


def refusal_reason(request: service_pb2.RefuseDisclosureRequest) -> str:
    """The reason to refuse, in the domain's word."""
    return protobuf_mapping.enum_word(request.DESCRIPTOR.fields_by_name["reason"], request.reason)


def read_purpose(request: service_pb2.DownloadDocumentRequest) -> str:
    """Read the purpose of reading a document, in the domain's word."""
    return protobuf_mapping.enum_word(request.DESCRIPTOR.fields_by_name["purpose"], request.purpose)


def _granted(document: Described) -> events_pb2.GrantedDocument:
    return protobuf_mapping.to_message(document, events_pb2.GrantedDocument)


# --- personal parts ----------------------------------------------------------------------------------------------


def part(
    *,
    person: person_pb2.Person | None = None,
    text: str = "",
    given: Sequence[PersonnelFact] = (),
    names: Mapping[str, str] | None = None,
) -> bytes:
    """A personal part; empty if there is nothing in it. `names` of files stand under their documents' digests."""
    message = person_pb2.PersonalPart(person=person, text=text, facts=given)
    for digest, name in sorted((names or {}).items()):
        message.file_names.add(digest=bytes.fromhex(digest), name=name)
    return message.SerializeToString(deterministic=True)


def file_names(file: Iterable[FileEntry], digests: Iterable[str]) -> dict[str, str]:
    """The names of these documents' files, as far as the person's file has them."""
    found: dict[str, str] = {}
    for entry in file:
        for each in person_pb2.PersonalPart.FromString(entry.part).file_names:
            found[each.digest.hex()] = each.name
    return {digest: found[digest] for digest in digests if digest in found}


def given_fields(data: bytes) -> tuple[str, ...]:
    """The codes of the facts in a personal part that arrived.

    Raises:
        Malformed: it is not a personal part.
    """
    try:
        return tuple(each.field for each in person_pb2.PersonalPart.FromString(data).facts)
    except DecodeError as error:
        raise Malformed("not a personal part") from error


# --- for people --------------------------------------------------------------------------------------------------


def disclosure(
    found: requests.Disclosure, here: int, bytes_here: int, trouble: str
) -> service_pb2.Disclosure:
    """A disclosure for people."""
    return protobuf_mapping.to_message(
        found,
        service_pb2.Disclosure,
        name=f"institutions/{found.party}/disclosures/{found.id}",
        matter=f"institutions/{found.party}/matters/{found.matter}",
        create_time=timestamp(found.created),
        update_time=timestamp(found.updated),
        granted_documents=list(map(_granted, found.granted)),
        expire_time=timestamp(found.expires) if found.expires else None,
        documents_here=here,
        bytes_here=bytes_here,
        trouble=trouble,
    )


def document(found: Document) -> service_pb2.Document:
    """A document for people."""
    of = f"institutions/{found.party}/disclosures/{found.disclosure}" if found.disclosure else ""
    return protobuf_mapping.to_message(
        found,
        service_pb2.Document,
        name=f"institutions/{found.party}/matters/{found.matter}/documents/{found.digest}",
        create_time=timestamp(found.created),
        disclosure=of,
    )

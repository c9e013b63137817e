"""Documents and requests for them: what an officer uploads, what another desk asks for and says. Invented content."""

import random
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from hashlib import sha256
from typing import Any

import grpc
from google.protobuf.message import Message

from exchange.statements.protobuf_time import timestamp
from netral.disclosure.v1 import events_pb2
from netral.disclosure.v1 import service_pb2 as pb
from netral.disclosure.v1.service_pb2_grpc import (
    DisclosureReadServiceStub,
    DocumentServiceStub,
    TransferServiceStub,
)
from netral.exchange.v1.person_pb2 import PersonnelFact
from support import acts, waiting
from support.basics import new_id
from support.desks import OVERSEER, Caller, Refused, Served, refused
from support.waiting import HANGS

PIECE = 256 * 1024
# Stands in every document, and must stand nowhere else.
MARK = b"ISI DOKUMEN RAHASIA"
SERVICE, DOCUMENTS = "/netral.disclosure.v1.DisclosureService/", "/netral.disclosure.v1.DocumentService/"
READS = "/netral.disclosure.v1.DisclosureReadService/"
TRANSFER = "/netral.disclosure.v1.TransferService/FetchDocument"


def a_document(size: int = 1000, seed: int = 1) -> bytes:
    """A PDF as far as its first bytes go, with the mark in it."""
    body = b"%PDF-1.7\n" + MARK
    return body + random.Random(seed).randbytes(max(0, size - len(body)))


def a_header(name: str, content: bytes, **other: Any) -> pb.UploadHeader:
    """The header of a document's upload."""
    values: dict[str, Any] = {
        "name": name,
        "kind": "EVIDENCE",
        "size": len(content),
        "media_type": "application/pdf",
        "digest": sha256(content).digest(),
        "file_name": "Foto Sri Wahyuni.pdf",
        "request_id": new_id(),
    }
    return pb.UploadHeader(**(values | other))


async def upload(
    served: Served, header: pb.UploadHeader, content: bytes, *, until: int | None = None
) -> bytes | Refused:
    """Upload a document; with `until`, the link breaks after so many bytes."""
    metadata = Caller(header.name.split("/")[1]).metadata
    requests = [pb.UploadDocumentRequest(header=header)]
    requests += [pb.UploadDocumentRequest(data=piece) for piece in _pieces(content[header.offset : until])]
    if until is None:
        sent = [each.SerializeToString() for each in requests]
        try:
            return await served.send(DOCUMENTS + "UploadDocument", sent, metadata)
        except grpc.RpcError as error:
            return refused(error)
    call = DocumentServiceStub(served.channel).UploadDocument(metadata=metadata, timeout=HANGS)
    for request in requests:
        await call.write(request)
    await arrived(served, header, until)
    call.cancel()
    return b""


def _pieces(content: bytes) -> Iterable[bytes]:
    return (content[at : at + PIECE] for at in range(0, len(content), PIECE))


async def attached(served: Served, name: str, content: bytes, **other: Any) -> bytes:
    """A document that is attached to a matter; gives its SHA-256."""
    header = a_header(name, content, **other)
    answer = await upload(served, header, content)
    assert not isinstance(answer, Refused), answer
    return header.digest


async def held_offset(served: Served, header: pb.UploadHeader) -> int:
    stub = DisclosureReadServiceStub(served.channel)
    name = f"{header.name}/documents/{header.digest.hex()}"
    caller = Caller(header.name.split("/")[1])
    upload: pb.Upload = await stub.GetUpload(pb.GetUploadRequest(name=name), metadata=caller.metadata)
    return int(upload.offset)


async def arrived(served: Served, header: pb.UploadHeader, count: int) -> None:
    """Wait until the desk has taken so many bytes, as far as it keeps them: in whole pieces."""

    async def kept() -> bool:
        return await held_offset(served, header) == count // PIECE * PIECE

    await waiting.until(kept)


async def download(served: Served, name: str, digest: bytes, offset: int = 0) -> bytes | Refused:
    """The content of a document, as its officer gets it."""
    request = pb.DownloadDocumentRequest(
        name=f"{name}/documents/{digest.hex()}", purpose=1, offset=offset, request_id=new_id()
    )
    found = b""
    stub = DocumentServiceStub(served.channel)
    try:
        metadata = Caller(name.split("/")[1]).metadata
        async for chunk in stub.DownloadDocument(request, metadata=metadata, timeout=HANGS):
            assert len(chunk.data) <= PIECE
            found += chunk.data
    except grpc.aio.AioRpcError as error:
        return refused(error)
    return found


# --- what another desk says ---------------------------------------------------------------------------------------


def a_request(**other: Any) -> events_pb2.DisclosureRequested:
    """The examiner's request to the supervisor, today."""
    values: dict[str, Any] = {
        "data": "evidence",
        "of": "supervisor",
        "purpose": "EXAMINATION",
        "legal_basis": "perpres-92-2024",
        "authority": "head-1",
        "request_date": acts.day(),
    }
    return events_pb2.DisclosureRequested(**(values | other))


async def refers(served: Served) -> str:
    """The supervisor's desk refers a matter to the examiner; gives the matter's name there."""
    name = await acts.is_studied(served)
    await acts.done(served, "/netral.bawaslu.v1.BawasluService/ReferMatter", acts.a_referral(name))
    return name


async def is_asked(served: Served, name: str = "", **other: Any) -> str:
    """The examiner asks the supervisor's desk on a matter that was referred to it; gives the disclosure's name."""
    name = name or await refers(served)
    id = await acts.says(
        served,
        "bkn",
        "netral.examiner.disclosure_requested.v1",
        a_request(**other),
        matter=name.rpartition("/")[2],
    )
    return f"institutions/bawaslu/disclosures/{id}"


async def disclosure(served: Served, name: str) -> pb.Disclosure:
    """A disclosure as a desk shows it."""
    stub = DisclosureReadServiceStub(served.channel)
    caller = Caller(name.split("/")[1])
    found: pb.Disclosure = await stub.GetDisclosure(
        pb.GetDisclosureRequest(name=name), metadata=caller.metadata
    )
    return found


async def fetched(served: Served, ticket: bytes, party: str = "bkn") -> bytes | Refused:
    """Content that a ticket gets, as the desk of a party presents it."""
    stub = TransferServiceStub(served.channel)
    metadata = Caller(party, role="peer", officer="disclosure-fetch").metadata
    try:
        call = stub.FetchDocument(pb.FetchDocumentRequest(ticket=ticket), metadata=metadata, timeout=HANGS)
        return b"".join([chunk.data async for chunk in call])
    except grpc.aio.AioRpcError as error:
        return refused(error)


# --- a writing call that succeeds, at each desk ------------------------------------------------------------------


async def _to_request(served: Served) -> Message:
    """Each desk asks whom it may ask."""
    values: dict[str, Any]
    if served.name == "bawaslu":
        name = await refers(served)
        values = {
            "holder": "bkn",
            "data": "recommendation",
            "purpose": "MONITORING",
            "legal_basis": "skb-2022",
        }
    elif served.name == "kasn":
        name = await acts.is_referred(served)
        values = {
            "holder": "bawaslu",
            "data": "evidence",
            "purpose": "EXAMINATION",
            "legal_basis": "perpres-92-2024",
        }
    else:
        name = await acts.is_recommended(served)
        values = {
            "holder": OVERSEER,
            "data": "personnel_record",
            "purpose": "DISCIPLINE",
            "legal_basis": "skb-2022",
            "fields": ["grade", "discipline_history"],
        }
    return pb.RequestDisclosureRequest(name=name, authority="head-1", request_id=new_id(), **values)


async def waits_for_an_officer(served: Served) -> str:
    """Each desk is asked for something that its officers decide on, and holds it; gives the disclosure's name."""
    if served.name == "bawaslu":
        name = await refers(served)
        await attached(served, name, a_document())
        return await is_asked(served, name, data="case_file")
    if served.name == "kasn":
        name = await acts.hears_the_authority(served)
        await attached(served, name, a_document(), kind="RECOMMENDATION")
        facts = a_request(data="recommendation", of="examiner", purpose="WARNING", legal_basis="pp-12-2017")
        sender, type = OVERSEER, "netral.warner.disclosure_requested.v1"
    else:
        name = await acts.is_recommended(served)
        facts = a_request(data="personnel_record", of="personnel_authority", fields=["grade"])
        sender, type = "bkn", "netral.examiner.disclosure_requested.v1"
    party, matter = name.split("/")[1], name.rpartition("/")[2]
    id = await acts.says(served, sender, type, facts, matter=matter, recipient=party)
    return f"institutions/{party}/disclosures/{id}"


async def is_granted(served: Served) -> str:
    """Each desk asked for documents, and its request is granted; gives the disclosure's name."""
    request: Any = await _to_request(served)
    of = {"bawaslu": "examiner", "kasn": "supervisor"}.get(served.name, "personnel_authority")
    if served.name == "ppk":
        request = pb.RequestDisclosureRequest(
            name=await acts.is_copied(served),
            holder=acts.EMPLOYER,
            data="decree",
            purpose="BLOCKING",
            legal_basis="pp-94-2021-art-39",
            authority="head-1",
            request_id=new_id(),
        )
    act = await acts.done(served, SERVICE + "RequestDisclosure", request)
    party, id = act.matter.split("/")[1], act.statements[0]
    content = a_document()
    granted = events_pb2.DisclosureGranted(
        disclosure=id,
        documents=[
            events_pb2.GrantedDocument(
                digest=sha256(content).digest(),
                size=len(content),
                media_type="application/pdf",
                kind="EVIDENCE",
            )
        ],
        expire_time=timestamp(served.desk.now() + timedelta(days=1)),
        decided_by=events_pb2.DECIDER_POLICY,
    )
    await acts.says(
        served,
        request.holder,
        f"netral.{of}.disclosure_granted.v1",
        granted,
        matter=act.matter.rpartition("/")[2],
        recipient=party,
    )
    return f"institutions/{party}/disclosures/{id}"


async def _to_grant(served: Served) -> Message:
    name = await waits_for_an_officer(served)
    facts = [PersonnelFact(field="grade", value="III/c")] if served.name == "ppk" else []
    return pb.GrantDisclosureRequest(name=name, facts=facts, request_id=new_id())


async def _to_refuse(served: Served) -> Message:
    return pb.RefuseDisclosureRequest(
        name=await waits_for_an_officer(served),
        reason=events_pb2.REFUSAL_REASON_OTHER,
        remarks="Belum",
        request_id=new_id(),
    )


async def _to_fetch(served: Served) -> Message:
    return pb.FetchDisclosureRequest(name=await is_granted(served), request_id=new_id())


async def _to_download(served: Served) -> Message:
    own = {"bawaslu": acts.is_registered, "kasn": acts.is_referred, "ppk": acts.is_recommended}
    name = await own[served.name](served)
    digest = await attached(served, name, a_document())
    return pb.DownloadDocumentRequest(name=f"{name}/documents/{digest.hex()}", purpose=1, request_id=new_id())


WRITES: dict[str, Callable[[Served], Awaitable[Message]]] = {
    SERVICE + "RequestDisclosure": _to_request,
    SERVICE + "GrantDisclosure": _to_grant,
    SERVICE + "RefuseDisclosure": _to_refuse,
    SERVICE + "FetchDisclosure": _to_fetch,
    DOCUMENTS + "DownloadDocument": _to_download,
}

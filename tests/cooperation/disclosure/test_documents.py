"""Documents at a desk, over its front door: what is taken, what is not, and that nothing half done stays."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from netral.disclosure.v1 import service_pb2 as pb
from netral.exchange.v1 import person_pb2
from support import acts, desks
from support import disclosures as support
from support.basics import new_id
from support.desks import Caller, Refused, Served
from support.disclosures import MARK, PIECE, a_document, a_header, attached, download, held_offset, upload
from support.waiting import until

INVALID, WRONG_STATE = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """Bawaslu's desk; its largest document has a megabyte."""
    desks.write_trust(tmp_path)
    async with desks.serve(
        "bawaslu", desks.settings(tmp_path, "bawaslu", document_max_bytes=2**20)
    ) as served:
        yield served


def files_of(served: Served) -> list[Path]:
    """Every file of documents on disk."""
    state = served.running.settings.state_folder
    return [path for name in ("documents", "drafts") for path in (state / name).rglob("*") if path.is_file()]


async def assert_refused(
    served: Served, header: pb.UploadHeader, content: bytes, reason: str, field: str
) -> None:
    """The upload is refused, naming the field, and neither a row nor a file of it stays."""
    before = await served.rows()
    answer = await upload(served, header, content)

    assert isinstance(answer, Refused), answer
    assert (answer.code, answer.reason) == (INVALID, reason)
    assert answer.fields == (field,)
    assert header.file_name not in answer.seen
    assert {name for name, rows in (await served.rows()).items() if rows != before[name]} <= {"data_key"}
    assert files_of(served) == []


async def test_a_document_is_attached_and_got_back_from_any_offset(served: Served) -> None:
    name, content = await acts.is_registered(served), a_document(3 * PIECE + 77)
    digest = await attached(served, name, content)

    assert await download(served, name, digest) == content
    assert await download(served, name, digest, offset=PIECE + 5) == content[PIECE + 5 :]
    assert await download(served, name, digest, offset=len(content)) == b""
    beyond = await download(served, name, digest, offset=len(content) + 1)
    assert isinstance(beyond, Refused) and beyond.reason == "OFFSET"


async def test_what_lies_on_disk_shows_nothing_of_a_document(served: Served) -> None:
    name, content = await acts.is_registered(served), a_document(PIECE)
    await attached(served, name, content)

    (kept,) = files_of(served)
    assert kept.stat().st_mode & 0o077 == 0
    whole = b"".join(
        path.read_bytes() for path in served.running.settings.state_folder.rglob("*") if path.is_file()
    )
    assert MARK not in whole
    assert b"Foto Sri Wahyuni" not in whole


async def test_the_name_of_a_file_stands_in_the_persons_file_only(served: Served) -> None:
    name = await acts.is_registered(served)
    digest = await attached(served, name, a_document())
    request = person_pb2.ReadFileRequest(name=name, purpose=1, request_id=new_id())

    answer = await served.call("/netral.bawaslu.v1.BawasluService/ReadFile", request, Caller("bawaslu"))

    assert not isinstance(answer, Refused)
    names = [
        (each.digest, each.name)
        for entry in person_pb2.ReadFileResponse.FromString(answer).entries
        for each in entry.part.file_names
    ]
    assert names == [(digest, "Foto Sri Wahyuni.pdf")]
    assert "Foto Sri" not in str(await served.rows())


async def test_an_upload_that_broke_off_goes_on_where_it_broke(served: Served) -> None:
    name, content = await acts.is_registered(served), a_document(3 * PIECE + 77)
    header = a_header(name, content)
    await upload(served, header, content, until=2 * PIECE + 100)
    header.offset = await held_offset(served, header)

    async def goes_on() -> bool:
        answer = await upload(served, header, content)
        # It may not have noticed yet that the link is broken.
        assert not isinstance(answer, Refused) or answer.code == grpc.StatusCode.UNAVAILABLE
        return not isinstance(answer, Refused)

    await until(goes_on)

    assert header.offset == 2 * PIECE
    assert await download(served, name, header.digest) == content


async def test_a_stream_that_ends_early_keeps_what_came_and_attaches_nothing(served: Served) -> None:
    name, content = await acts.is_registered(served), a_document(2 * PIECE)
    header = a_header(name, content)

    answer = await upload(served, header, content[:PIECE])

    assert isinstance(answer, Refused)
    assert (answer.code, answer.reason) == (WRONG_STATE, "INCOMPLETE")
    assert await held_offset(served, header) == PIECE
    assert (await served.rows())["document"] == []


async def test_an_offset_that_is_not_where_it_broke_is_refused_and_the_right_one_named(
    served: Served,
) -> None:
    name, content = await acts.is_registered(served), a_document(2 * PIECE)

    answer = await upload(served, a_header(name, content, offset=PIECE), content)

    assert isinstance(answer, Refused)
    assert (answer.code, answer.reason, answer.fields) == (WRONG_STATE, "OFFSET", ("header.offset",))
    assert "byte 0" in answer.message


async def test_another_digest_than_declared_is_refused_with_nothing_kept(served: Served) -> None:
    name, content = await acts.is_registered(served), a_document(PIECE + 5)
    header = a_header(name, content, digest=b"\1" * 32)

    await assert_refused(served, header, content, "DIGEST_DIFFERS", "header.digest")


async def test_more_bytes_than_declared_are_refused_with_nothing_kept(served: Served) -> None:
    name, content = await acts.is_registered(served), a_document(PIECE + 5)

    await assert_refused(served, a_header(name, content, size=PIECE), content, "SIZE_DIFFERS", "header.size")


async def test_an_oversized_document_is_refused_before_it_comes(served: Served) -> None:
    name, content = await acts.is_registered(served), a_document()

    await assert_refused(served, a_header(name, content, size=2**20 + 1), content, "TOO_LARGE", "header.size")


@pytest.mark.parametrize("content", [b"MZ\x90\x00" + bytes(100), b"%PD"], ids=["a program", "cut off"])
async def test_a_document_that_is_not_of_its_media_type_is_refused(served: Served, content: bytes) -> None:
    header = a_header(await acts.is_registered(served), content)

    await assert_refused(served, header, content, "MEDIA_TYPE_DIFFERS", "header.media_type")


@pytest.mark.parametrize(
    "file_name",
    [
        "../../etc/passwd.pdf",
        "C:\\bukti.pdf",
        "..",
        ".pdf",
        "bukti.exe",
        " bukti.pdf",
        "bukti\u202efdp.exe.pdf",
        "bukti\u2028.pdf",
    ],
)
async def test_a_file_name_with_a_path_or_that_hides_what_it_is_is_refused(
    served: Served, file_name: str
) -> None:
    header = a_header(await acts.is_registered(served), a_document(), file_name=file_name)

    await assert_refused(served, header, a_document(), "FILE_NAME", "header.file_name")


@pytest.mark.parametrize(
    ("field", "other"),
    [("header.kind", {"kind": "GOSSIP"}), ("header.media_type", {"media_type": "text/html"})],
)
async def test_a_code_that_is_not_listed_is_refused(
    served: Served, field: str, other: dict[str, str]
) -> None:
    header = a_header(await acts.is_registered(served), a_document(), **other)

    await assert_refused(served, header, a_document(), "MALFORMED", field)


async def test_no_byte_is_taken_for_a_matter_that_nobody_has(served: Served) -> None:
    header = a_header(f"institutions/bawaslu/matters/{new_id()}", a_document())

    answer = await upload(served, header, a_document())

    assert isinstance(answer, Refused)
    assert (answer.code, answer.fields) == (grpc.StatusCode.NOT_FOUND, ("header.name",))
    assert files_of(served) == []


async def test_a_repeated_upload_answers_the_same_without_its_bytes_and_a_new_one_is_refused(
    served: Served,
) -> None:
    name, content = await acts.is_registered(served), a_document()
    header = a_header(name, content)
    first = await upload(served, header, content)
    before = await served.rows()

    assert await upload(served, header, b"") == first
    header.request_id = new_id()
    again = await upload(served, header, content)

    assert isinstance(again, Refused) and (again.code, again.reason) == (WRONG_STATE, "ALREADY_ATTACHED")
    assert await served.rows() == before


async def test_a_used_request_id_is_refused_for_another_document_with_nothing_kept(served: Served) -> None:
    name, content = await acts.is_registered(served), a_document()
    header = a_header(name, content)
    await upload(served, header, content)
    before, files = await served.rows(), files_of(served)

    other = a_document(seed=2)
    answer = await upload(served, a_header(name, other, request_id=header.request_id), other)

    assert isinstance(answer, Refused)
    assert (answer.code, answer.reason) == (grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")
    assert (await served.rows(), files_of(served)) == (before, files)


async def test_data_without_a_header_and_a_second_header_are_refused(served: Served) -> None:
    name, content = await acts.is_registered(served), a_document()
    caller = Caller("bawaslu")

    without = await served.call(
        support.DOCUMENTS + "UploadDocument", pb.UploadDocumentRequest(data=b"x"), caller
    )

    assert isinstance(without, Refused) and (without.code, without.fields) == (INVALID, ("header",))
    stub = support.DocumentServiceStub(served.channel)
    header = pb.UploadDocumentRequest(header=a_header(name, content))
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await stub.UploadDocument(iter([header, header]), metadata=caller.metadata)
    assert error.value.code() == INVALID


async def test_two_uploads_of_one_document_at_once_do_not_mix(served: Served) -> None:
    name, content = await acts.is_registered(served), a_document(2 * PIECE)
    stub = support.DocumentServiceStub(served.channel)
    first = stub.UploadDocument(metadata=Caller("bawaslu").metadata)
    await first.write(pb.UploadDocumentRequest(header=a_header(name, content)))
    await first.write(pb.UploadDocumentRequest(data=content[:PIECE]))
    draft = served.running.settings.state_folder / "drafts"
    await until(lambda: [path for path in draft.rglob("*") if path.is_file()])
    second = await upload(served, a_header(name, content), content)
    await first.write(pb.UploadDocumentRequest(data=content[PIECE:]))
    await first.done_writing()
    await first

    assert isinstance(second, Refused) and second.code == grpc.StatusCode.UNAVAILABLE
    assert await download(served, name, a_header(name, content).digest) == content


async def test_a_stream_that_stands_still_is_ended_and_what_came_is_kept(tmp_path: Path) -> None:
    desks.write_trust(tmp_path)
    settings = desks.settings(tmp_path, "bawaslu", default_deadline=5.0)
    async with desks.serve("bawaslu", settings) as served:
        name, content = await acts.is_registered(served), a_document(2 * PIECE)
        header = a_header(name, content)
        call = support.DocumentServiceStub(served.channel).UploadDocument(metadata=Caller("bawaslu").metadata)
        await call.write(pb.UploadDocumentRequest(header=header))
        await call.write(pb.UploadDocumentRequest(data=content[:PIECE]))

        with pytest.raises(grpc.aio.AioRpcError) as error:
            await call

        assert error.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
        assert await held_offset(served, header) == PIECE


async def test_destroying_the_matters_key_erases_its_documents(served: Served) -> None:
    name = await acts.is_registered(served)
    digest = await attached(served, name, a_document())
    await served.desk.vault.destroy(("bawaslu", name.rpartition("/")[2]))

    gone = await download(served, name, digest)

    assert isinstance(gone, Refused) and (gone.code, gone.reason) == (WRONG_STATE, "ERASED")
    assert MARK.decode() not in gone.seen


async def test_a_changed_byte_on_the_shelf_is_noticed(served: Served) -> None:
    name = await acts.is_registered(served)
    digest = await attached(served, name, a_document(PIECE))
    (path,) = files_of(served)
    with path.open("r+b") as file:
        file.seek(1000)
        byte = file.read(1)
        file.seek(1000)
        file.write(bytes([byte[0] ^ 1]))
        os.fsync(file.fileno())

    answer = await download(served, name, digest)

    assert isinstance(answer, Refused) and answer.reason == "ERASED"


async def test_reading_a_document_is_a_record_before_any_byte_is_given(served: Served) -> None:
    name = await acts.is_registered(served)
    digest = await attached(served, name, a_document())
    leaves = len((await served.rows())["leaf"])

    await download(served, name, digest)

    assert len((await served.rows())["leaf"]) == leaves + 1

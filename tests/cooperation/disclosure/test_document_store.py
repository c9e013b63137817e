"""The shelf on a local folder and on another file system of fsspec: drafts that survive, documents that are whole or not there."""

import os
import time
import tracemalloc
from hashlib import sha256
from pathlib import Path

import pytest

from cooperation.disclosure.documents import receive
from cooperation.disclosure.documents.encryption import CHUNK, DocumentRef
from cooperation.disclosure.documents.store import MAX_DRAFTS, DocumentStore
from refusals import Malformed, Unavailable, WrongState
from support.disclosures import MARK, a_document

KEY = bytes(32)
PDF = "application/pdf"


@pytest.fixture(params=["folder", "memory"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> DocumentStore:
    """A shelf in a folder, and one that is not on this disk (as S3 is not), fresh."""
    url = str(tmp_path / "documents") if request.param == "folder" else f"memory://{tmp_path.name}"
    return DocumentStore(url, tmp_path / "drafts")


def name_of(content: bytes, matter: str = "matter") -> DocumentRef:
    return DocumentRef("bawaslu", matter, sha256(content).hexdigest(), len(content))


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def pieces(content: bytes, size: int = 100_000):
    for at in range(0, len(content), size):
        yield content[at : at + size]


async def put(shelf: DocumentStore, content: bytes, key: bytes = KEY) -> DocumentRef:
    name = name_of(content)
    async with shelf.draft(name, key) as draft:
        await receive.receive_upload(draft, pieces(content), PDF)
        await shelf.keep(draft)
    return name


async def got(shelf: DocumentStore, name: DocumentRef, offset: int = 0, key: bytes = KEY) -> bytes:
    return b"".join([piece async for piece in shelf.read(name, key, offset)])


@pytest.mark.parametrize("size", [40, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
async def test_what_is_put_on_the_shelf_is_read_from_any_offset(shelf: DocumentStore, size: int) -> None:
    content = a_document(size)
    name = await put(shelf, content)

    for offset in (0, 1, size // 2, size - 1, size):
        assert await got(shelf, name, offset) == content[offset:]
    assert await shelf.kept(name.party, name.matter, name.digest) == 0


async def test_a_draft_goes_on_after_a_restart_with_every_chunk_that_was_whole(
    shelf: DocumentStore, tmp_path: Path
) -> None:
    content = a_document(3 * CHUNK + 10)
    name = name_of(content)
    async with shelf.draft(name, KEY) as draft:
        await draft.write(content[: CHUNK + 1000])

    assert await shelf.kept(name.party, name.matter, name.digest) == CHUNK
    again = DocumentStore(f"memory://{tmp_path.name}", tmp_path / "drafts")
    async with again.draft(name, KEY) as draft:
        assert draft.received == CHUNK
        await receive.receive_upload(draft, pieces(content[CHUNK:]), PDF)
        await again.keep(draft)
    assert await got(again, name) == content


async def test_a_draft_begins_anew_under_another_key_or_if_it_was_damaged(
    shelf: DocumentStore, tmp_path: Path
) -> None:
    content = a_document(3 * CHUNK)
    name = name_of(content)
    async with shelf.draft(name, KEY) as draft:
        await draft.write(content[: 2 * CHUNK])

    (path,) = files_in(tmp_path / "drafts")
    whole = bytearray(path.read_bytes())
    whole[CHUNK + 500] ^= 1
    path.write_bytes(whole)
    async with shelf.draft(name, KEY) as draft:
        assert draft.received == CHUNK
    async with shelf.draft(name, os.urandom(32)) as draft:
        assert draft.received == 0


async def test_a_draft_has_one_writer(shelf: DocumentStore) -> None:
    name = name_of(a_document())
    async with shelf.draft(name, KEY):
        with pytest.raises(Unavailable):
            async with shelf.draft(name, KEY):
                raise AssertionError("two writers")


@pytest.mark.parametrize("wrong", ["type", "digest", "longer"])
async def test_what_proves_wrong_is_dropped_whole(shelf: DocumentStore, tmp_path: Path, wrong: str) -> None:
    content = a_document(2 * CHUNK)
    name = name_of(b"other" if wrong == "digest" else content)
    name = DocumentRef(name.party, name.matter, name.digest, len(content))
    sent = {"type": b"GIF89a" + content[6:], "digest": content, "longer": content + b"x"}[wrong]

    async with shelf.draft(name, KEY) as draft:
        with pytest.raises(Malformed):
            await receive.receive_upload(draft, pieces(sent), PDF)

    assert files_in(tmp_path / "drafts") == []
    with pytest.raises(WrongState):
        await got(shelf, name)


async def test_nothing_readable_lies_on_disk(tmp_path: Path) -> None:
    shelf = DocumentStore(str(tmp_path / "documents"), tmp_path / "drafts")
    content = a_document(CHUNK + 7)
    await put(shelf, content)
    async with shelf.draft(name_of(a_document(2 * CHUNK, seed=2)), KEY) as draft:
        await draft.write(a_document(2 * CHUNK, seed=2)[: CHUNK + 5])

    files = files_in(tmp_path)
    assert len(files) == 2
    assert not any(MARK in path.read_bytes() for path in files)


async def test_a_document_under_a_destroyed_key_is_gone(shelf: DocumentStore) -> None:
    name = await put(shelf, a_document())

    with pytest.raises(WrongState) as refused:
        await got(shelf, name, key=os.urandom(32))
    assert refused.value.reason == "ERASED"


async def test_a_party_cannot_fill_the_disk_with_drafts(shelf: DocumentStore, tmp_path: Path) -> None:
    for number in range(MAX_DRAFTS):
        folder = tmp_path / "drafts" / "bawaslu" / f"matter-{number}"
        folder.mkdir(parents=True)
        (folder / "draft").touch()

    with pytest.raises(Unavailable):
        async with shelf.draft(name_of(a_document()), KEY):
            raise AssertionError("one more")


async def test_a_draft_that_nobody_goes_on_with_is_cleared_away(shelf: DocumentStore, tmp_path: Path) -> None:
    old, new = name_of(a_document(seed=1), "old"), name_of(a_document(seed=2), "new")
    for name in (old, new):
        async with shelf.draft(name, KEY):
            pass
    path = tmp_path / "drafts" / old.path
    os.utime(path, (time.time() - 1000, time.time() - 1000))

    assert shelf.tidy(older_than=500) == 1
    assert not path.exists() and (tmp_path / "drafts" / new.path).exists()


async def test_a_large_document_passes_through_little_memory(tmp_path: Path) -> None:
    shelf = DocumentStore(str(tmp_path / "documents"), tmp_path / "drafts")
    piece, count, found = b"%PDF-" + os.urandom(CHUNK - 5), 128, sha256()
    for _ in range(count):
        found.update(piece)
    name = DocumentRef("bawaslu", "matter", found.hexdigest(), count * CHUNK)

    async def coming():
        for _ in range(count):
            yield piece

    tracemalloc.start()
    async with shelf.draft(name, KEY) as draft:
        await receive.receive_upload(draft, coming(), PDF)
        await shelf.keep(draft)
    async for _ in shelf.read(name, KEY):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 16 * CHUNK, f"{peak} bytes for {name.size}"

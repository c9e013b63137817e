"""Bytes of documents: content-addressed, encrypted, in a folder or wherever fsspec reaches (S3 by URL).

A document on its way in is a *draft* on the host's own disk: encrypted too, kept over a broken link and a restart as far as
it came, and put on the shelf whole or not at all. Which document belongs to what stands in the database.
"""

import asyncio
import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from cooperation.disclosure.documents.encryption import (
    CHUNK,
    CHUNK_OVERHEAD,
    HEADER,
    Damaged,
    DocumentRef,
    Sealer,
    new_header,
    place_of,
)
from exchange.context import HostContext
from exchange.settings import Settings
from host.lifecycle.loops import Loop
from refusals import Unavailable, WrongState

MAX_DRAFTS = 200
"""Per party; who uploads and goes away again must not fill the disk."""
_HEAD = 64
_KEPT = timedelta(days=7)  # a draft that nobody goes on with


class Upload:
    """A document on its way in. What was written in whole chunks survives; the rest comes again."""

    def __init__(self, name: DocumentRef, path: Path, key: bytes) -> None:
        self.name, self._path, self._key = name, path, key
        self._first = b""
        self._hash = sha256()
        self._rest = bytearray()
        self._number = 0
        self._file: IO[bytes]
        self._sealer: Sealer

    @property
    def received(self) -> int:
        """Bytes of the document that are here."""
        return min(self._number * CHUNK, self.name.size) + len(self._rest)

    @property
    def digest(self) -> str:
        """SHA-256 of what is here, lower-case hex."""
        found = self._hash.copy()
        found.update(self._rest)
        return found.hexdigest()

    @property
    def head(self) -> bytes:
        """The first bytes, at most 64."""
        return self._first or bytes(self._rest[:_HEAD])

    async def write(self, data: bytes) -> None:
        """Add the next bytes; no more than the document has."""
        self._rest += data
        assert self.received <= self.name.size
        while self._rest and len(self._rest) >= self.name.length(self._number):
            plain = bytes(self._rest[: self.name.length(self._number)])
            del self._rest[: len(plain)]
            await asyncio.to_thread(self._add, plain)

    def _add(self, plain: bytes) -> None:
        self._file.write(self._sealer.seal(self._number, plain))
        self._file.flush()
        self._note(plain)

    def _note(self, plain: bytes) -> None:
        self._hash.update(plain)
        if self._number == 0:
            self._first = plain[:_HEAD]
        self._number += 1

    # --- in a thread -----------------------------------------------------------------------------------------------

    def open(self, upto: int | None) -> None:
        """Go on with what was kept: every chunk that opens, at most so many bytes (None: all). Else begin."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = _locked(self._path)
        header = self._file.read(HEADER)
        if len(header) < HEADER:
            self._begin()
            return
        try:
            self._sealer = Sealer(self.name, self._key, header)
        except Damaged:
            self._begin()
            return
        with contextlib.suppress(Damaged):
            # The last chunk comes again, so that whoever sends it sees the end.
            while self._number < self.name.chunks - 1 and (upto is None or self._number * CHUNK < upto):
                sealed = self._file.read(CHUNK + CHUNK_OVERHEAD)
                if len(sealed) < CHUNK + CHUNK_OVERHEAD:
                    break
                self._note(self._sealer.open(self._number, sealed))
        self._file.seek(place_of(self._number))
        self._file.truncate()

    def _begin(self) -> None:
        header = new_header()
        self._sealer = Sealer(self.name, self._key, header)
        self._file.seek(0)
        self._file.truncate()
        self._file.write(header)

    def finish(self) -> Path:
        """Write everything to the disk; gives the file."""
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._path

    def close(self) -> None:
        self._file.close()

    def drop(self) -> None:
        """Delete the draft."""
        self._file.close()
        self._path.unlink(missing_ok=True)


class DocumentStore:
    """The documents of a host."""

    def __init__(self, url: str, drafts: Path) -> None:
        self._url, self._drafts = url, drafts

    @cached_property
    def _place_of_all(self) -> tuple[Any, str]:
        """The file system, and the folder in it. Whoever only looks at drafts does without."""
        from fsspec.core import url_to_fs

        found: tuple[Any, str] = url_to_fs(self._url)
        return found

    @property
    def _files(self) -> Any:
        return self._place_of_all[0]

    @property
    def _root(self) -> str:
        return self._place_of_all[1].rstrip("/")

    @classmethod
    def of(cls, settings: Settings) -> "DocumentStore":
        """The shelf that the settings name: by default a folder in the state folder."""
        url = settings.documents_url or str(settings.state_folder.absolute() / "documents")
        return cls(url, settings.state_folder / "drafts")

    @contextlib.asynccontextmanager
    async def draft(self, name: DocumentRef, key: bytes, upto: int | None = None) -> AsyncIterator[Upload]:
        """A document on its way in; `key` is its matter's data key. It begins with what was kept, at most `upto` bytes.

        Raises:
            Unavailable: it is on its way in already, or too many others of the party are.
        """
        draft = Upload(name, self._draft_path(name), key)
        await asyncio.to_thread(self._check_room, name)
        await asyncio.to_thread(draft.open, upto)
        try:
            yield draft
        finally:
            await asyncio.to_thread(draft.close)

    async def kept(self, party: str, matter: str, digest: str) -> int:
        """Bytes that a draft keeps, a multiple of the chunk's; 0 if there is none."""
        path = self._draft_path(DocumentRef(party, matter, digest, 1))
        try:
            length = (await asyncio.to_thread(path.stat)).st_size
        except FileNotFoundError:
            return 0
        return max(0, (length - HEADER) // (CHUNK + CHUNK_OVERHEAD)) * CHUNK

    async def keep(self, draft: Upload) -> None:
        """Put a complete draft on the shelf; durable when it returns. Once more is harmless."""
        await asyncio.to_thread(self._keep, draft)

    async def read(self, name: DocumentRef, key: bytes, offset: int = 0) -> AsyncGenerator[bytes, None]:
        """The content from an offset on, in pieces of at most 256 KiB.

        Raises:
            WrongState: it was erased: its matter's data key is another than it was.
        """
        number, skip = divmod(offset, CHUNK)
        file = await asyncio.to_thread(self._open, name)
        try:
            header = await asyncio.to_thread(file.read, HEADER)
            sealer = Sealer(name, key, header)
            await asyncio.to_thread(file.seek, place_of(number))
            for at in range(number, name.chunks):
                plain = await asyncio.to_thread(_next, file, sealer, at, name.length(at))
                yield plain[skip:]
                skip = 0
        except Damaged as error:
            raise WrongState("the document was erased, or is damaged", reason="ERASED") from error
        finally:
            await asyncio.to_thread(file.close)

    async def check(self, name: DocumentRef, key: bytes) -> None:
        """Check that a document is here and opens under this key.

        Raises:
            WrongState: it was erased.
        """
        pieces = self.read(name, key)
        try:
            await anext(pieces)
        finally:
            await pieces.aclose()

    def remove(self, party: str, matter: str) -> int:
        """Remove all documents and drafts of a matter; how many documents. Repeatable. Runs in a thread."""
        shutil.rmtree(self._drafts / party / matter, ignore_errors=True)
        place = f"{self._root}/{party}/{matter}"
        if not self._files.exists(place):
            return 0
        count = len(self._files.find(place))
        self._files.rm(place, recursive=True)
        return count

    def tidy(self, older_than: float) -> int:
        """Drop drafts that nobody went on with for so many seconds; how many. Runs in a thread."""
        limit, dropped = time.time() - older_than, 0
        for path in list(self._drafts.glob("*/*/*")):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < limit:
                    path.unlink()
                    dropped += 1
        return dropped

    # --- in a thread -----------------------------------------------------------------------------------------------

    def _check_room(self, name: DocumentRef) -> None:
        path = self._draft_path(name)
        if path.exists():
            return
        if sum(1 for _ in (self._drafts / name.party).glob("*/*")) >= MAX_DRAFTS:
            raise Unavailable("too many documents of this party have begun to come and not ended")

    def _draft_path(self, name: DocumentRef) -> Path:
        return self._drafts / name.path

    def _place(self, name: DocumentRef) -> str:
        return f"{self._root}/{name.path}"

    def _open(self, name: DocumentRef) -> Any:
        try:
            return self._files.open(self._place(name), "rb", block_size=CHUNK)
        except FileNotFoundError as error:
            raise WrongState("the document is not on the shelf", reason="ERASED") from error

    def _keep(self, draft: Upload) -> None:
        path, place = draft.finish(), self._place(draft.name)
        self._files.makedirs(place.rpartition("/")[0], exist_ok=True)
        if "file" in self._files.protocol:
            _move(path, Path(place))
        else:
            self._files.put_file(str(path), place)
            path.unlink()


async def remove(desk: HostContext, party: str, matter: str) -> int:
    """Remove all documents of a matter from a desk's shelf, as part of an erasure: their key is destroyed; how many."""
    return await asyncio.to_thread(DocumentStore.of(desk.settings).remove, party, matter)


def _locked(path: Path) -> IO[bytes]:
    """The file, made if need be, for one writer at a time in any process.

    Raises:
        Unavailable: somebody else writes it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    file = os.fdopen(descriptor, "r+b")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(descriptor).st_ino == path.stat().st_ino:
            return file
    except OSError:
        pass  # locked, or put on the shelf just now
    file.close()
    raise Unavailable("this document is being received; try again")


def _next(file: IO[bytes], sealer: Sealer, number: int, length: int) -> bytes:
    return sealer.open(number, file.read(length + CHUNK_OVERHEAD))


def _move(path: Path, place: Path) -> None:
    """Move a file so that it is there whole after a crash, or not at all."""
    try:
        os.replace(path, place)
    except OSError:  # another disk
        coming = place.with_suffix(".coming")
        with path.open("rb") as source, coming.open("wb") as target:
            shutil.copyfileobj(source, target, CHUNK)
            target.flush()
            os.fsync(target.fileno())
        os.replace(coming, place)
        path.unlink()
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


async def tidy_once(desk: HostContext) -> int:
    """Drop what began to come and was not gone on with for a week."""
    return await asyncio.to_thread(DocumentStore.of(desk.settings).tidy, _KEPT.total_seconds())


LOOP = Loop("disclosure-tidy", tidy_once, pace=3600.0, look=3600.0)

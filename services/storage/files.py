"""Files that are replaced whole, so that nobody reads half of one; those of keys durably, and their old bytes are destroyed."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def whole_file(path: Path, *, mode: int = 0o666) -> Iterator[IO[bytes]]:
    """A file to write that stands under its name when it is whole; what stood there before stays until then.

    A device or a pipe is written as it comes. `mode` are the permissions of a new file, as far as the process's mask lets them.

    Raises:
        OSError: naming the file or its folder; it cannot be written, before anything is asked for it.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "a folder, and not a file to write", str(path))
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(path.parent))
    draft = path.with_name(path.name + ".draft")
    try:
        with _draft(draft, path, mode) as file:
            yield file
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _draft(draft: Path, path: Path, mode: int) -> IO[bytes]:
    try:
        draft.unlink(missing_ok=True)
        return os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def write_whole(path: Path, text: str) -> None:
    """Write a file so that nobody ever reads half of it."""
    with whole_file(path) as file:
        file.write(text.encode())


def replace(path: Path, content: bytes) -> None:
    """Replace a file of keys, durably, readable by its owner only; the bytes of the file that was are overwritten.

    Overwriting reaches the disk's block where the file system writes in place; a copy-on-write file system, or a disk that
    moves its blocks, needs an encrypted volume below it (`deploy/README.md`).
    """
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        old = path.open("r+b")
    except FileNotFoundError:
        old = None
    os.replace(draft, path)
    _sync_folder(path.parent)
    if old is not None:
        with old:
            overwrite(old.fileno())


def overwrite(descriptor: int) -> None:
    """Put zeros over every byte of an open file, down to the disk."""
    size = os.fstat(descriptor).st_size
    os.pwrite(descriptor, bytes(size), 0)
    os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

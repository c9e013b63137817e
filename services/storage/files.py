"""Files that are replaced whole, so that nobody reads half of one; those of keys durably, and their old bytes are destroyed."""

import os
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write a file so that nobody ever reads half of it."""
    draft = path.with_suffix(".draft")
    draft.write_text(text)
    os.replace(draft, path)


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

"""The wrapping keys of a vault, in a file beside the storage key: replaced after an erasure, and the old one destroyed.

    netral-wrapping-keys/1
    <generation> <64 hex digits>

Data keys rest wrapped under the newest generation. What still holds the wrapped key of an erased matter (a write-ahead
log, a dead row, a backup of the vault) holds it under a generation that no longer exists. Two lines stand there only
while one replaces the other. Whoever keeps copies of this file keeps the newest one only, or undoes every erasure.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from storage import files

_FORMAT = "netral-wrapping-keys/1"
_LINE = re.compile(r"([1-9][0-9]{0,8}) ([0-9a-f]{64})")
Generations = Mapping[int, bytes]


class BadWrappingKeys(ValueError):
    """The file of wrapping keys cannot be used; the message says why and what to do."""


def read(path: Path) -> Generations:
    """The generations in the file, each 32 bytes; none if there is no file.

    Raises:
        BadWrappingKeys: others can read it, or it is not of this format.
    """
    try:
        if path.stat().st_mode & 0o077:
            raise BadWrappingKeys(f"{path} can be read by others; make it 0600")
        first, *lines = path.read_text("ascii").split("\n")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise BadWrappingKeys(f"{path} cannot be read") from error
    found = [_LINE.fullmatch(line) for line in lines[:-1]]
    if first != _FORMAT or not 1 <= len(found) <= 2 or lines[-1] or None in found:
        raise BadWrappingKeys(f"{path} is not a file of wrapping keys")
    return {int(line[1]): bytes.fromhex(line[2]) for line in found if line is not None}


def write(path: Path, generations: Generations) -> None:
    """Replace the file, durably, and overwrite what was in it."""
    text = "".join(f"{number} {key.hex()}\n" for number, key in sorted(generations.items()))
    files.replace(path, f"{_FORMAT}\n{text}".encode("ascii"))

"""A log as static files, C2SP tlog-tiles: what is at which path. No I/O.

    checkpoint                      the newest published checkpoint, with its cosignatures
    tile/<level>/<number>           256 hashes; `.p/<width>` after it: the first `width` of a tile that was not full
    tile/entries/<number>           256 entries, each after its length in two bytes; `.p/<width>` as well

A number is written in groups of three digits, all but the last with an `x`: 1234067 is `x001/x234/067`.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from audit.formats.tlog import TILE_HEIGHT, TILE_WIDTH

ENTRIES = -1
"""The level of entry bundles, which are no tiles of hashes."""

MAX_ENTRY_BYTES = 65_535

_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


class TilePath(NamedTuple):
    """A tile of hashes, or with the level `ENTRIES` a bundle of entries, and how many of them: 1 to 256."""

    level: int
    number: int
    width: int


def path_of(tile: TilePath) -> str:
    """Path of a tile."""
    level = "entries" if tile.level == ENTRIES else str(tile.level)
    partial = "" if tile.width == TILE_WIDTH else f".p/{tile.width}"
    return f"tile/{level}/{_number(tile.number)}{partial}"


def parse(path: str) -> TilePath | None:
    """The tile at a path; None if it is no path of one. Each tile has one path."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    level = ENTRIES if found[1] == "entries" else int(found[1])
    number = int(found[2].replace("/", "").replace("x", ""))
    tile = TilePath(level, number, int(found[3] or TILE_WIDTH))
    fits = level < 64 and number < 2**63 and tile.width <= TILE_WIDTH
    return tile if fits and path_of(tile) == path else None


def tiles_of(size: int) -> Iterator[TilePath]:
    """All tiles of hashes of a tree of this size."""
    level, count = 0, size
    while count:
        yield from _row(level, count)
        level, count = level + 1, count >> TILE_HEIGHT


def bundles_of(size: int) -> Iterator[TilePath]:
    """All bundles of entries of a tree of this size."""
    return _row(ENTRIES, size)


def bundle(entries: Iterable[bytes]) -> bytes:
    """A bundle of entries.

    Raises:
        ValueError: an entry is longer than 65,535 bytes.
    """
    parts = []
    for entry in entries:
        if len(entry) > MAX_ENTRY_BYTES:
            raise ValueError(f"An entry of {len(entry)} bytes does not fit a bundle.")
        parts += [len(entry).to_bytes(2, "big"), entry]
    return b"".join(parts)


def entries_in(content: bytes) -> list[bytes]:
    """The entries of a bundle; the inverse of `bundle`.

    Raises:
        ValueError: the bytes end within an entry.
    """
    found, place = [], 0
    while place < len(content):
        length = int.from_bytes(content[place : place + 2], "big")
        entry = content[place + 2 : place + 2 + length]
        if len(content) - place < 2 or len(entry) != length:
            raise ValueError("A bundle ends within an entry.")
        found.append(entry)
        place += 2 + length
    return found


def _row(level: int, count: int) -> Iterator[TilePath]:
    full, rest = divmod(count, TILE_WIDTH)
    for number in range(full):
        yield TilePath(level, number, TILE_WIDTH)
    if rest:
        yield TilePath(level, full, rest)


def _number(number: int) -> str:
    groups = []
    while True:
        number, group = divmod(number, 1000)
        groups.append(f"{group:03}")
        if not number:
            break
    last, *before = groups
    return "/".join([*(f"x{group}" for group in reversed(before)), last])

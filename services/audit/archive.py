"""A zip file in the one form that these names and contents have, so that a pack can be made again byte for byte. No I/O.

Nothing is compressed (what a compressor gives changes with its version), no entry has a time, attributes or comments of
its own. `read` takes nothing else: whatever byte of the file is changed, it is no longer the file that `write` would
make of its entries, and the entry at that place is named. What the entries mean is left to `evidence`.
"""

from collections.abc import Mapping
from struct import Struct
from zlib import crc32

MOST_ENTRIES = 0xFFFF
MOST_BYTES = 0xFFFF_FFFF

_LOCAL = Struct("<4sHHHHHIIIHH")
_CENTRAL = Struct("<4sHHHHHHIIIHHHHHII")
_END = Struct("<4sHHHHIIH")
_LOCAL_MARK, _CENTRAL_MARK, _END_MARK = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_VERSION = 20
_MADE_BY = 3 << 8 | _VERSION  # Unix, so that the attributes below are understood
_DAY = 1 << 5 | 1  # 1 January 1980, where the format begins
_ATTRIBUTES = 0o100644 << 16


class BadArchive(ValueError):
    """Not an archive as `write` makes it; `name` is the entry at fault, as far as one can be told."""

    def __init__(self, message: str, name: str = "") -> None:
        super().__init__(message)
        self.name = name


def write(entries: Mapping[str, bytes]) -> bytes:
    """The archive of these entries, in their order. Names are ASCII.

    Raises:
        BadArchive: too many or too large for a plain zip file.
    """
    if len(entries) > MOST_ENTRIES or sum(map(len, entries.values())) > MOST_BYTES // 2:
        raise BadArchive("a pack has at most 65,535 files and 2 GiB")
    body, directory = bytearray(), bytearray()
    for name, content in entries.items():
        encoded = name.encode("ascii")
        common = (0, 0, 0, _DAY, crc32(content), len(content), len(content), len(encoded), 0)
        directory += _CENTRAL.pack(
            _CENTRAL_MARK, _MADE_BY, _VERSION, *common, 0, 0, 0, _ATTRIBUTES, len(body)
        )
        directory += encoded
        body += _LOCAL.pack(_LOCAL_MARK, _VERSION, *common) + encoded + content
    end = _END.pack(_END_MARK, 0, 0, len(entries), len(entries), len(directory), len(body), 0)
    return bytes(body + directory + end)


def read(data: bytes) -> dict[str, bytes]:
    """The entries of an archive, in order.

    Raises:
        BadArchive: it is not the archive that `write` makes of its entries.
    """
    entries: dict[str, bytes] = {}
    place, starts = 0, []
    while data[place : place + 4] == _LOCAL_MARK:
        name, content, after = _entry(data, place, next(reversed(entries), ""))
        if name in entries:
            raise BadArchive(f"{name} stands twice", name)
        entries[name] = content
        starts.append((place, name))
        place = after
    _compare(data, write(entries), starts, place)
    return entries


def _entry(data: bytes, start: int, before: str) -> tuple[str, bytes, int]:
    where = f"the entry after {before or 'the beginning'}"
    if start + _LOCAL.size > len(data):
        raise BadArchive(f"{where} is cut off", before)
    size, name_size = _LOCAL.unpack_from(data, start)[8:10]
    first = start + _LOCAL.size + name_size
    try:
        name = data[start + _LOCAL.size : first].decode("ascii")
    except UnicodeDecodeError:
        raise BadArchive(f"{where} has no ASCII name", before) from None
    if first + size > len(data):
        raise BadArchive(f"{name} is cut off", name)
    return name, data[first : first + size], first + size


def _compare(data: bytes, canonical: bytes, starts: list[tuple[int, str]], directory: int) -> None:
    if data == canonical:
        return
    at = next(
        (place for place, pair in enumerate(zip(data, canonical, strict=False)) if pair[0] != pair[1]),
        min(len(data), len(canonical)),
    )
    name = next((name for start, name in reversed(starts) if start <= at), "") if at < directory else ""
    raise BadArchive(f"byte {at} of the archive is not what its entries give", name or "the directory")

"""A zip file in the one form that these names and contents have, so that a pack can be made again byte for byte. No I/O.

Nothing is compressed (what a compressor gives changes with its version), no entry has a time, attributes or comments of
its own. `read` takes nothing else: whatever byte of the file is changed, it is no longer the file that `write` would
make of its entries, and the entry at that place is named. What the entries mean is left to `layout`.
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
    """The archive of these entries, in their order. Names are printable ASCII.

    Raises:
        BadArchive: too many or too large for a plain zip file.
    """
    if len(entries) > MOST_ENTRIES or sum(map(len, entries.values())) > MOST_BYTES // 2:
        raise BadArchive("a pack has at most 65,535 files and 2 GiB")
    body, directory = bytearray(), bytearray()
    for name, content in entries.items():
        encoded = name.encode("ascii")
        common = _common(name, content)
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
    place = 0
    while data[place : place + 4] == _LOCAL_MARK:
        name, content, after = _entry(data, place, next(reversed(entries), ""))
        if name in entries:
            raise BadArchive(f"{name} stands twice", name)
        entries[name] = content
        place = after
    whole = write(entries)
    if len(data) != len(whole) and data[place : place + 4] not in (_CENTRAL_MARK, _END_MARK):
        _unmarked(data, place, next(reversed(entries), ""))
    _compare(data, whole, entries)
    return entries


def _unmarked(data: bytes, place: int, before: str) -> None:
    """Refuse what begins neither as an entry nor as the directory, by the name that an entry there would have."""
    try:
        name, _, _ = _entry(data, place, before)
    except BadArchive as error:
        name = error.name
    raise BadArchive(f"byte {place} begins neither an entry nor the directory", name)


def _entry(data: bytes, start: int, before: str) -> tuple[str, bytes, int]:
    where = f"the entry after {before or 'the beginning'}"
    if start + _LOCAL.size > len(data):
        raise BadArchive(f"{where} is cut off", where)
    size, name_size = _LOCAL.unpack_from(data, start)[8:10]
    first = start + _LOCAL.size + name_size
    name = data[start + _LOCAL.size : first].decode("ascii", "replace")
    if not name or not name.isascii() or not name.isprintable():
        raise BadArchive(f"{where} has no name in printable ASCII", where)
    content = data[first : first + size]
    if first + size > len(data):
        raise BadArchive(f"{name} is cut off", name)
    if data[start : start + _LOCAL.size] != _LOCAL.pack(_LOCAL_MARK, _VERSION, *_common(name, content)):
        raise BadArchive(f"the header of {name} is not the one of its content", name)
    return name, content, first + size


def _common(name: str, content: bytes) -> tuple[int, ...]:
    """Fields that both headers of an entry have."""
    return 0, 0, 0, _DAY, crc32(content), len(content), len(content), len(name), 0


def _compare(data: bytes, canonical: bytes, entries: Mapping[str, bytes]) -> None:
    if data == canonical:
        return
    at = next(
        (place for place, pair in enumerate(zip(data, canonical, strict=False)) if pair[0] != pair[1]),
        min(len(data), len(canonical)),
    )
    raise BadArchive(f"byte {at} of the archive is not what its entries give", _at(at, entries))


def _at(place: int, entries: Mapping[str, bytes]) -> str:
    """The entry to which a byte of the canonical archive belongs, in the body or in the directory."""
    sizes = [(name, _LOCAL.size + len(name) + len(content)) for name, content in entries.items()]
    sizes += [(name, _CENTRAL.size + len(name)) for name in entries]
    for name, size in sizes:
        if place < size:
            return name
        place -= size
    return "the end of the archive"

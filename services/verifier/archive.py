"""The one zip archive of given files: nothing compressed, no times, attributes or comments of its own."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from struct import Struct
from zlib import crc32

LOCAL_HEADER, CENTRAL_HEADER, END_RECORD = (
    Struct("<4sHHHHHIIIHH"),
    Struct("<4sHHHHHHIIIHHHHHII"),
    Struct("<4sHHHHIIH"),
)


def zipped(entries: Mapping[str, bytes]) -> bytes:
    """Make the one archive of these entries."""
    body, directory = bytearray(), bytearray()
    for name, content in entries.items():
        encoded = name.encode()
        common = (0, 0, 0, 33, crc32(content), len(content), len(content), len(encoded), 0)
        directory += CENTRAL_HEADER.pack(b"PK\x01\x02", 788, 20, *common, 0, 0, 0, 0o100644 << 16, len(body))
        directory += encoded
        body += LOCAL_HEADER.pack(b"PK\x03\x04", 20, *common) + encoded + content
    count = len(entries)
    end = END_RECORD.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), len(body), 0)
    return bytes(body + directory + end)


def unzipped(data: bytes, report: Callable[[str, str], None]) -> dict[str, bytes]:
    """Read the entries as far as possible; `report(file, message)` hears whatever is not the one archive of them.

    The one archive begins with the manifest and its signature; the rest is in the order of the names.
    """
    entries: dict[str, bytes] = {}
    places: list[tuple[int, str]] = []
    place = 0
    while data[place : place + 4] == b"PK\x03\x04" and place + LOCAL_HEADER.size <= len(data):
        name, first, size = _header(data, place)
        if not name or first + size > len(data) or name in entries:
            report(
                name or _after(entries),
                "it stands twice" if name in entries else "the archive cannot be read on from here",
            )
            return entries
        places.append((place, name))
        entries[name], place = data[first : first + size], first + size
    whole = zipped(entries) if len(entries) <= 0xFFFF and place < 1 << 32 else b""
    if data != whole:
        differs = (at for at, pair in enumerate(zip(data, whole, strict=False)) if pair[0] != pair[1])
        at = next(differs, min(len(data), len(whole)))
        report(
            _name_at(data, at, place, places, entries, len(whole)),
            f"byte {at} of the archive is not what its entries give",
        )
    for name, due in zip(entries, in_order(entries), strict=True):
        if name != due:
            report(name, f"it stands where {due} belongs")
            break
    return entries


def in_order(names: Iterable[str]) -> list[str]:
    """Sort the names of a pack's files: the manifest, its signature, and the rest by name."""
    return sorted(names, key=lambda name: (name != "manifest.json", name != "manifest.dsse.json", name))


def _header(data: bytes, place: int) -> tuple[str, int, int]:
    """Read a local header: the name, empty if it is not printable ASCII; where the content begins, and its size."""
    size, name_size = LOCAL_HEADER.unpack_from(data, place)[8:10]
    first = place + LOCAL_HEADER.size + name_size
    name = data[place + LOCAL_HEADER.size : first].decode("ascii", "replace")
    return name if name.isascii() and name.isprintable() else "", first, size


def _after(entries: Mapping[str, bytes]) -> str:
    return f"the entry after {next(reversed(list(entries)), 'the beginning')}"


def _name_at(
    data: bytes,
    at: int,
    directory: int,
    places: Sequence[tuple[int, str]],
    entries: Mapping[str, bytes],
    due: int,
) -> str:
    """Name the entry that a byte of the archive belongs to, in the body or in the directory behind it."""
    if at < directory:
        return next(name for start, name in reversed(places) if start <= at)
    if len(data) != due and data[directory : directory + 4] not in (b"PK\x01\x02", b"PK\x05\x06"):
        there = directory + LOCAL_HEADER.size <= len(data)
        return (there and _header(data, directory)[0]) or _after(entries)
    end = directory
    for name in entries:
        end += CENTRAL_HEADER.size + len(name)
        if at < end:
            return name
    return "the end of the archive"

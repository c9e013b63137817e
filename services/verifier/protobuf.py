"""Protobuf messages as fields by number, read without any contract: enough for envelopes, statements, receipts and records."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from verifier.strict import Bad

Fields: TypeAlias = dict[int, list[int | bytes]]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_message(data: bytes) -> Fields:
    """Read the fields of a message by number; varints as numbers, the rest as bytes.

    Raises:
        Bad: it is none.
    """
    found: Fields = {}
    place = 0
    while place < len(data):
        tag, place = _varint(data, place)
        number, wire = tag >> 3, tag & 7
        value: int | bytes
        if wire == 0:
            value, place = _varint(data, place)
        else:
            if wire == 2:
                size, place = _varint(data, place)
            elif wire in (1, 5):
                size = 8 if wire == 1 else 4
            else:
                raise Bad("a field of an unknown kind")
            value, place = data[place : place + size], place + size
        if place > len(data) or not number:
            raise Bad("a field is cut off")
        found.setdefault(number, []).append(value)
    return found


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while place < len(data) and shift < 70:
        byte = data[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80 and value < 1 << 64:
            return value, place
    raise Bad("a number is cut off, or longer than 64 bits")


def check_once(fields: Fields, numbers: Collection[int]) -> None:
    """Refuse a message in which one of these fields stands twice: some readers take the first, and some the last."""
    if any(len(fields[number]) > 1 for number in fields.keys() & set(numbers)):
        raise Bad("a field stands twice")


def bytes_in(fields: Fields, number: int) -> bytes:
    """Take the bytes of a field that stands at most once; empty if it is absent.

    Raises:
        Bad: it stands twice, or is a number.
    """
    match fields.get(number, [b""]):
        case [bytes(value)]:
            return value
    raise Bad(f"field {number} is of another kind, or stands twice")


def number_in(fields: Fields, number: int) -> int:
    """Take the number of a field that stands at most once; 0 if it is absent.

    Raises:
        Bad: it stands twice, or is no number.
    """
    match fields.get(number, [0]):
        case [int(value)]:
            return value
    raise Bad(f"field {number} is of another kind, or stands twice")


def text_in(fields: Fields, number: int) -> str:
    """Take the text of a field; empty if it is absent. Raises `Bad` if it is no UTF-8."""
    try:
        return bytes_in(fields, number).decode()
    except UnicodeDecodeError:
        raise Bad(f"field {number} is no text") from None


def time_in(fields: Fields, number: int) -> datetime:
    """Take the instant (UTC) of a `google.protobuf.Timestamp`. Raises `Bad` outside of the years 1 to 9999."""
    stamp = read_message(bytes_in(fields, number))
    seconds, nanos = number_in(stamp, 1), number_in(stamp, 2)
    try:
        if nanos >= 1_000_000_000:
            raise OverflowError
        return EPOCH + timedelta(seconds=seconds - (seconds >> 63 << 64), microseconds=nanos // 1000)
    except OverflowError:
        raise Bad("a time is not one of the years 1 to 9999") from None


def print_field(number: int, value: bytes) -> bytes:
    """Print a field of bytes; an empty one is not written."""
    size, length = b"", len(value)
    while length > 0x7F:
        size, length = size + bytes([length & 0x7F | 0x80]), length >> 7
    return bytes([number << 3 | 2]) + size + bytes([length]) + value if value else b""

"""Protobuf messages as fields by number, read strictly: enough for envelopes, statements, receipts and records."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from verifier.strict import Bad

Fields: TypeAlias = dict[int, list[int | bytes | None]]

# The kinds of fields in a contract; a message in a message is a contract by itself.
NUMBER, BYTES, TEXT = "number", "bytes", "text"
Contract: TypeAlias = "Mapping[int, str | Contract]"

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Bytes of a tag or a length, and of a number.
_SHORT, _LONG = 5, 10


def read_message(data: bytes) -> Fields:
    """Read the fields of a message by number: numbers, bytes, and None for eight or four bytes, which no contract here has.

    Raises:
        Bad: it is none.
    """
    found: Fields = {}
    place = 0
    while place < len(data):
        tag, place = _varint(data, place, _SHORT)
        number, wire = tag >> 3, tag & 7
        value: int | bytes | None = None
        if wire == 0:
            value, place = _varint(data, place, _LONG)
        elif wire == 2:
            size, place = _varint(data, place, _SHORT)
            value, place = data[place : place + size], place + size
        elif wire in (1, 5):
            place += 8 if wire == 1 else 4
        else:
            raise Bad("a field of an unknown kind")
        if place > len(data) or not number or tag >> 32:
            raise Bad("a field is cut off, or has no number")
        found.setdefault(number, []).append(value)
    return found


def _varint(data: bytes, place: int, longest: int) -> tuple[int, int]:
    value = 0
    for at, byte in enumerate(data[place : place + longest]):
        value |= (byte & 0x7F) << 7 * at
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, place + at + 1
    raise Bad("a number is cut off, or too long")


def check_contract(fields: Fields, contract: Contract, repeated: Collection[int] = ()) -> None:
    """Refuse what readers could read in two ways: a field of the contract that stands twice, or is of another kind.

    Of a field that stands twice some readers take the first, and some the last; one of another kind some leave out.
    """
    for number in fields.keys() & contract.keys():
        if len(fields[number]) > 1 and number not in repeated:
            raise Bad("a field stands twice")
        for value in fields[number]:
            _check_value(number, value, contract[number])


def _check_value(number: int, value: int | bytes | None, kind: "str | Contract") -> None:
    if kind == NUMBER and isinstance(value, int):
        return
    if kind == NUMBER or not isinstance(value, bytes):
        raise Bad(f"field {number} is of another kind")
    if kind == TEXT:
        _text(number, value)
    elif not isinstance(kind, str):
        check_contract(read_message(value), kind)


def _text(number: int, value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise Bad(f"field {number} is no text") from None


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


def code_in(fields: Fields, number: int) -> int:
    """Take the number of a field of 32 bits, of which every reader takes the lower ones; a negative one is over 2^31."""
    return number_in(fields, number) & 0xFFFF_FFFF


def text_in(fields: Fields, number: int) -> str:
    """Take the text of a field; empty if it is absent. Raises `Bad` if it is no UTF-8."""
    return _text(number, bytes_in(fields, number))


def time_in(fields: Fields, number: int) -> datetime:
    """Take the instant (UTC) of a `google.protobuf.Timestamp`. Raises `Bad` outside of the years 1 to 9999."""
    stamp = read_message(bytes_in(fields, number))
    seconds, nanos = number_in(stamp, 1), code_in(stamp, 2)
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

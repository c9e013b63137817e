"""Numbers and base64 as the trail's formats write them: one text for each value, so that printing gives back what was read.

Python's own readers are lenient: `int()` takes `+3`, `03`, `1_0` and digits of other scripts; `b64decode` stray characters,
spare bits and some padding. No I/O; what the number or the bytes mean is left to the format that holds them.
"""

import re
from base64 import b64decode, b64encode

MAX_NUMBER = 2**63 - 1
"""What a BIGINT column and other implementations' signed sizes can hold."""

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


def read_number(text: str) -> int:
    """A decimal number of ASCII digits without leading zero, 0 to 2^63 - 1. Raises `ValueError` for anything else."""
    if not _DECIMAL.fullmatch(text):
        raise ValueError("not a decimal number without leading zero")
    number = int(text)
    if number > MAX_NUMBER:
        raise ValueError("a number larger than 2^63 - 1")
    return number


def read_base64(text: str) -> bytes:
    """RFC 4648 §4 with padding, at least one byte. Raises `ValueError` for anything else."""
    try:
        content = b64decode(text, validate=True)
    except ValueError:
        raise ValueError("malformed base64") from None
    if not content or b64encode(content).decode() != text:
        raise ValueError("empty or not canonical base64")
    return content


def read_hash(text: str) -> bytes:
    """The base64 of exactly 32 bytes. Raises `ValueError` for anything else."""
    content = read_base64(text)
    if len(content) != 32:
        raise ValueError("not a hash of 32 bytes")
    return content


def print_base64(content: bytes) -> str:
    """The one text that `read_base64` takes for these bytes."""
    return b64encode(content).decode()

"""Strict readers of JSON, base64 and instants: one text for each value, and hostile bytes end in `Bad`, never in a traceback."""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

LARGEST_NUMBER = 2**63 - 1
# Nothing that is read here has more levels; Python's own reader ends in a RecursionError at some thousand.
MOST_LEVELS = 20


class Bad(ValueError):
    """Something is not as its format has it."""


def parse_json(data: bytes) -> Json:
    """Read JSON in UTF-8, of at most 20 levels, without a member that stands twice.

    Raises:
        Bad: it is none.
    """
    try:
        text = data.decode()
        _check_levels(text)
        document: Json = json.loads(text, object_pairs_hook=_members_once)
    except (ValueError, RecursionError):
        raise Bad("not JSON") from None
    return document


def read_json(data: bytes) -> Json:
    """Read JSON in the one form that packs have it: sorted members, one space of indent, ASCII, a line feed at the end.

    Raises:
        Bad: another form, or a member that stands twice.
    """
    document = parse_json(data)
    if print_json(document) != data:
        raise Bad("not in the one form that a pack's JSON has")
    return document


def print_json(document: Json) -> bytes:
    """Print JSON in the one form that packs have it."""
    return (json.dumps(document, sort_keys=True, indent=1) + "\n").encode()


def _check_levels(text: str) -> None:
    level = 0
    for found in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', text, re.DOTALL):
        level += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
        if level > MOST_LEVELS:
            raise Bad("too many levels")


def _members_once(pairs: Sequence[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Bad("a member stands twice")
    return members


def members_of(value: Json, wanted: str, optional: str = "") -> dict[str, Json]:
    """Take an object with exactly these members (names between spaces), some of them optional.

    Raises:
        Bad: it is none.
    """
    if not isinstance(value, dict) or set(value) - set(optional.split()) != set(wanted.split()):
        raise Bad(f"its members are not {wanted}")
    return value


def list_of(value: Json) -> list[Json]:
    """Take a list. Raises `Bad` for anything else."""
    if not isinstance(value, list):
        raise Bad("not a list")
    return value


def text_of(value: Json) -> str:
    """Take a text. Raises `Bad` for anything else, or half a surrogate pair, which is no UTF-8."""
    if not isinstance(value, str) or re.search("[\ud800-\udfff]", value):
        raise Bad("not a text")
    return value


def number_of(value: Json) -> int:
    """Take a whole number from 0 to 2^63 - 1. Raises `Bad` for anything else."""
    if type(value) is not int or not 0 <= value <= LARGEST_NUMBER:  # True is an int, too
        raise Bad("not a number from 0 to 2^63 - 1")
    return value


def read_number(text: str) -> int:
    """Read a decimal number without leading zero, 0 to 2^63 - 1. Raises `Bad` for anything else."""
    if not re.fullmatch("0|[1-9][0-9]{0,18}", text) or int(text) > LARGEST_NUMBER:
        raise Bad("not a decimal number from 0 to 2^63 - 1")
    return int(text)


def read_base64(text: str) -> bytes:
    """Read RFC 4648 §4 base64 with padding, at least one byte. Raises `Bad` for anything else."""
    try:
        content = b64decode(text, validate=True)
    except ValueError:
        raise Bad("malformed base64") from None
    if not content or b64encode(content).decode() != text:
        raise Bad("base64 that is empty or not canonical")
    return content


def print_base64(content: bytes) -> str:
    """Print the one text that `read_base64` takes for these bytes."""
    return b64encode(content).decode()


def read_hex(text: str, size: int) -> bytes:
    """Read lower-case hexadecimal of so many bytes. Raises `Bad` for anything else."""
    if not re.fullmatch("[0-9a-f]*", text) or len(text) != 2 * size:
        raise Bad(f"not {size} bytes in hexadecimal")
    return bytes.fromhex(text)


def read_instant(text: str) -> datetime:
    """Read an ISO 8601 instant with a zone, as UTC. Raises `Bad` for anything else."""
    try:
        at = datetime.fromisoformat(text)
        if at.utcoffset() is None:
            raise Bad("an instant without a zone")
        return at.astimezone(UTC)
    except OverflowError:
        raise Bad("an instant that is none in UTC") from None
    except ValueError as error:
        raise Bad(f"not an instant: {error}") from None

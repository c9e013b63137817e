#!/usr/bin/env python3
# Built by `make verifier` out of the modules in services/verifier: change those, not this file.
"""Verifies an evidence pack with this one file, Python 3.11 and `cryptography`: no network, no service, nothing of Netral.

    python3 verify_standalone.py pack.zip --parties parties.json [--policy policy.txt …] [--json]

Keys and policy come from outside, never from the pack: the parties file as it was handed out to the parties, and a
C2SP tlog-policy that says which logs and witnesses count; every policy that has a log must be met for it. With policies alone
their log keys stand for the parties, without their periods. Exit code 0: sound; 1: something is wrong, each finding names file
and matter; 2: it could not be tried.

Checked are: the archive is the one that its files give, the files are those of the format, each file has the digest that the
signed manifest states, each log's checkpoint is signed by the log with a key valid then and cosigned as the policy wants, each
leaf is in the tree of that checkpoint (RFC 6962), each statement and receipt is signed by its author with a key valid then
(DSSE), receipts fit their statements, of each matter no leaf was left out, and what one log proves to be in another is there.
This is a second implementation on purpose: `audit.packs.verify` is the first, and they must agree. Timeline and PROV are for
reading; that they say what the leaves say, the project's own `netral audit verify` checks by making them again.
"""

import argparse
import json
import re
import sys
from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from struct import Struct
from typing import NamedTuple, TypeAlias
from zlib import crc32

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key


# --- strict --------------------------------------------------------------------------------------------------------
# Strict readers of JSON, base64 and instants: one text for each value, and hostile bytes end in `Bad`, never in a traceback.


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


# --- protobuf ------------------------------------------------------------------------------------------------------
# Protobuf messages as fields by number, read strictly: enough for envelopes, statements, receipts and records.


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


# --- archive -------------------------------------------------------------------------------------------------------
# The one zip archive of given files: nothing compressed, no times, attributes or comments of its own.


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


# --- notes ---------------------------------------------------------------------------------------------------------
# Signed notes (C2SP signed-note), checkpoints (tlog-checkpoint), their keys and cosignatures (tlog-cosignature).


# Types of keys: a log's Ed25519, a cosigner's Ed25519, and ML-DSA-44 of either.
LOG_KEY, COSIGNER_KEY, ML_DSA_KEY = 0x01, 0x04, 0x06
ML_DSA_KEY_BYTES, ML_DSA_SIGNATURE_BYTES = 1312, 2420
MOST_SIGNATURES = 100
LONGEST_NAME = 255

PRIME = 2**255 - 19
_ORDER_EIGHT_Y = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
# To a key at one of these points nearly any signature fits: whoever wants then signs for it.
_LOW_ORDER_YS = {0, 1, PRIME - 1, _ORDER_EIGHT_Y, PRIME - _ORDER_EIGHT_Y}


@dataclass(frozen=True)
class NoteKey:
    """A key that signs notes: its name, its type (0x01, 0x04, 0x06) and its raw public key."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]


class SignatureLine(NamedTuple):
    """A signature line of a note; which key it is of, name and key id only hint."""

    name: str
    key_id: bytes
    signature: bytes

    def is_of(self, key: NoteKey) -> bool:
        return (self.name, self.key_id) == (key.name, key.id)


class Note(NamedTuple):
    """The text of a note and its signature lines."""

    text: str
    signatures: list[SignatureLine]


class Checkpoint(NamedTuple):
    """The head of a log: its first `size` entries have this root."""

    origin: str
    size: int
    root: bytes
    extensions: list[str]
    text: str


# Keys


def read_vkey(text: str, kinds: Collection[int]) -> NoteKey:
    """Read a verifier key `name+id+base64` of one of these types.

    Raises:
        Bad: it is none, or a point that anybody can sign for.
    """
    found = re.fullmatch(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)", text)
    if not found:
        raise Bad("a key of the policy is not name+id+base64")
    check_name(found[1])
    content = read_base64(found[3])
    key = NoteKey(found[1], content[0], content[1:])
    if key.id.hex() != found[2] or key.kind not in kinds:
        raise Bad(f"the key of {key.name} has another id, or is of a type that does not belong there")
    if key.kind != ML_DSA_KEY:
        check_point(key.public)
    elif len(key.public) != ML_DSA_KEY_BYTES or len(key.name.encode()) > LONGEST_NAME:
        raise Bad("an ML-DSA-44 key is 1,312 bytes, and its name at most 255")
    return key


def check_name(name: str) -> None:
    """Refuse a key name that is empty, or would break a signature line."""
    if not name or "+" in name or any(letter.isspace() for letter in name):
        raise Bad("a key name is empty, or has a space or a '+'")
    check_characters(name)


def check_characters(text: str) -> None:
    """Refuse control characters but line feeds, and what is no UTF-8."""
    if re.search(r"[\x00-\x09\x0b-\x1f]", text):
        raise Bad("a control character")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Bad("not UTF-8") from None


def check_point(public: bytes) -> None:
    """Refuse an Ed25519 public key that is not 32 bytes, or a low-order or non-canonical point."""
    y = int.from_bytes(public, "little") & (1 << 255) - 1
    if len(public) != 32 or y >= PRIME or y in _LOW_ORDER_YS:
        raise Bad("an Ed25519 key is a point that anybody can sign for, or none")


# Notes


def read_note(data: bytes) -> Note:
    """Take a signed note apart.

    Raises:
        Bad: it is none.
    """
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise Bad("a note is UTF-8") from None
    check_characters(whole)
    text, empty, lines = whole.rpartition("\n\n")
    if not empty or not lines.endswith("\n"):
        raise Bad("a note is text, an empty line and whole signature lines")
    if lines.count("\n") > MOST_SIGNATURES:
        raise Bad("a note has at most 100 signatures")
    return Note(text + "\n", [_signature_line(line) for line in lines[:-1].split("\n")])


def _signature_line(line: str) -> SignatureLine:
    words = line.split(" ")
    if len(words) != 3 or words[0] != "\u2014":
        raise Bad("a signature line is a dash, a name and base64")
    check_name(words[1])
    content = read_base64(words[2])
    if len(content) < 5:
        raise Bad("a signature is too short")
    return SignatureLine(words[1], content[:4], content[4:])


def read_checkpoint(text: str) -> Checkpoint:
    """Read origin, size and root, and the extension lines behind them.

    Raises:
        Bad: it is none.
    """
    lines = text.split("\n")
    if len(lines) < 4 or not all(lines[:-1]) or lines[-1]:
        raise Bad("a checkpoint is origin, size and root")
    if re.search(r"[\x00-\x09\x0b-\x1f]", text):
        raise Bad("a checkpoint has no control characters")
    root = read_base64(lines[2])
    if len(root) != 32:
        raise Bad("a root is 32 bytes")
    return Checkpoint(lines[0], read_number(lines[1]), root, lines[3:-1], text)


# Signatures


def is_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    """Check an Ed25519 signature by a raw public key."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_signed_ml_dsa(public: bytes, signature: bytes, message: bytes) -> bool:
    """Check an ML-DSA-44 signature by a raw public key."""
    try:
        MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_signed_by_log(key: NoteKey, signature: bytes, head: Checkpoint) -> bool:
    """Check a log's own signature under its checkpoint: Ed25519 (0x01), or ML-DSA-44 (0x06) with or without a time."""
    if key.kind == LOG_KEY:
        return is_signed(key.public, signature, head.text.encode())
    return _is_cosigned_ml_dsa(key, signature, head, untimed=True)


def is_cosigned(key: NoteKey, signature: bytes, head: Checkpoint) -> bool:
    """Check a cosignature of a checkpoint, of type 0x04 or 0x06."""
    if key.kind == ML_DSA_KEY:
        return _is_cosigned_ml_dsa(key, signature, head, untimed=False)
    seconds = cosigned_at(signature)
    if not 0 < seconds <= LARGEST_NUMBER:
        return False
    message = f"cosignature/v1\ntime {seconds}\n{head.text}".encode()
    return is_signed(key.public, signature[8:], message)


def cosigned_at(signature: bytes) -> int:
    """Give the time within a cosignature, in POSIX seconds."""
    return int.from_bytes(signature[:8], "big")


def _is_cosigned_ml_dsa(key: NoteKey, signature: bytes, head: Checkpoint, *, untimed: bool) -> bool:
    name, origin, seconds = key.name.encode(), head.origin.encode(), cosigned_at(signature)
    if seconds > LARGEST_NUMBER or not (seconds or untimed) or len(signature) != 8 + ML_DSA_SIGNATURE_BYTES:
        return False
    if head.extensions or len(origin) > LONGEST_NAME:  # what is signed has no place for them
        return False
    message = b"subtree/v1\n\0" + bytes([len(name)]) + name + signature[:8]
    message += bytes([len(origin)]) + origin + (0).to_bytes(8, "big") + head.size.to_bytes(8, "big")
    return is_signed_ml_dsa(key.public, signature[8:], message + head.root)


# --- policy --------------------------------------------------------------------------------------------------------
# Policies (C2SP tlog-policy): which logs count, and whose cosignatures make their checkpoints valid.


MOST_LINES = 10_000
NO_QUORUM = "none"


@dataclass(frozen=True)
class Group:
    """Witnesses and groups of which so many must have cosigned."""

    wanted: int
    members: Sequence[str]


@dataclass(frozen=True)
class Policy:
    """The logs that count, witnesses by name, groups by name in the order of their lines, and the quorum's name."""

    logs: Sequence[NoteKey]
    witnesses: Mapping[str, NoteKey]
    groups: Mapping[str, Group]
    quorum: str

    def is_met(self, cosigned: Collection[str]) -> bool:
        """Check that the witnesses that cosigned are a quorum. A group stands behind its members: one pass is enough."""
        done = set(cosigned)
        for name, group in self.groups.items():
            if sum(member in done for member in group.members) >= group.wanted:
                done.add(name)
        return self.quorum == NO_QUORUM or self.quorum in done


def read_policy(data: bytes) -> Policy:
    """Read a policy: `log`, `witness`, `group` and one `quorum` line, each name defined before it is used.

    Octets above 0x7F are opaque: in names and comments they need not be UTF-8.

    Raises:
        Bad: with the line.
    """
    if re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", data):
        raise Bad("the policy has a control character other than tab and line feed")
    lines = data.decode(errors="surrogateescape").split("\n")
    if lines.pop():
        raise Bad("the policy's last line does not end in a line feed")
    if len(lines) > MOST_LINES:
        raise Bad(f"the policy has more than {MOST_LINES} lines")
    reading = _PolicyLines()
    for number, line in enumerate(lines, 1):
        try:
            reading.take([word for word in re.split(r"[ \t]+", line) if word])
        except Bad as error:
            raise Bad(f"line {number} of the policy: {error}") from None
    return reading.policy()


@dataclass
class _PolicyLines:
    """A policy, line by line."""

    logs: list[NoteKey] = field(default_factory=list)
    witnesses: dict[str, NoteKey] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    members: set[str] = field(default_factory=set)
    quorum: str = ""

    def take(self, words: Sequence[str]) -> None:
        if not words or words[0].startswith("#"):
            return
        match words:
            case ["log", vkey] | ["log", vkey, _]:
                self.logs.append(_new_key(read_vkey(vkey, (LOG_KEY, ML_DSA_KEY)), self.logs))
            case ["witness", name, vkey] | ["witness", name, vkey, _]:
                key = read_vkey(vkey, (COSIGNER_KEY, ML_DSA_KEY))
                self.witnesses[self._new_name(name)] = _new_key(key, self.witnesses.values())
            case ["group", name, count, *members] if members:
                self.groups[name] = self._group(name, count, members)
            case ["quorum", name] if not self.quorum and (name == NO_QUORUM or self._is_known(name)):
                self.quorum = name
            case _:
                raise Bad("it is no line of a policy, or names something unknown or twice")

    def policy(self) -> Policy:
        if not self.quorum:
            raise Bad("the policy has no quorum line")
        return Policy(self.logs, self.witnesses, self.groups, self.quorum)

    def _group(self, name: str, count: str, members: Sequence[str]) -> Group:
        words = {"any": 1, "all": len(members)}
        wanted = words[count] if count in words else read_number(count)
        if not 1 <= wanted <= len(members):
            raise Bad("it wants a number of members that there are not")
        for member in members:
            if not self._is_known(member) or member in self.members:
                raise Bad("it has an unknown member, or one that is in a group already")
            self.members.add(member)
        self._new_name(name)
        return Group(wanted, members)

    def _is_known(self, name: str) -> bool:
        return name in self.witnesses or name in self.groups

    def _new_name(self, name: str) -> str:
        if name == NO_QUORUM or self._is_known(name):
            raise Bad("its name is taken")
        return name


def _new_key(key: NoteKey, others: Collection[NoteKey]) -> NoteKey:
    if any(key.public == other.public for other in others):
        raise Bad("a key stands twice")
    return key


# --- trust ---------------------------------------------------------------------------------------------------------
# Trust from outside the pack: the parties file with everybody's keys, and policies that say who must have cosigned.


LOG_PREFIX = "netral/"


@dataclass(frozen=True)
class Period:
    """When a key may sign: from `since` until, without, `until` (UTC; None: open)."""

    since: datetime | None = None
    until: datetime | None = None

    def covers(self, at: datetime) -> bool:
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)

    def is_over(self, at: datetime) -> bool:
        return self.until is not None and self.until <= at


@dataclass(frozen=True)
class AuthorKey:
    """A party's raw Ed25519 key for statements, receipts and manifests."""

    party: str
    public: bytes
    period: Period

    @property
    def spki(self) -> bytes:
        """The key as SubjectPublicKeyInfo, whose SHA-256 is its keyid."""
        public = Ed25519PublicKey.from_public_bytes(self.public)
        return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def keyid(self) -> str:
        return sha256(self.spki).hexdigest()


@dataclass(frozen=True)
class LogKey:
    """A key that signs the checkpoints of a party's log."""

    key: NoteKey
    period: Period


@dataclass(frozen=True)
class Trust:
    """Authors' keys by keyid, each party's log keys, and the policies: every one that has a log must be met for it."""

    authors: Mapping[str, AuthorKey]
    logs: Mapping[str, Sequence[LogKey]]
    policies: Sequence[Policy]


def load_trust(parties: bytes | None, *policies: bytes) -> Trust:
    """Read trust from a parties file, policies, or both. With policies alone their log keys stand for the parties.

    Raises:
        Bad: one cannot be read, or both are missing.
    """
    if parties is None and not policies:
        raise Bad("name the parties file, the policy, or both: a pack proves nothing by its own keys")
    read = [read_policy(policy) for policy in policies]
    logs: dict[str, list[LogKey]] = {}
    if parties is not None:
        authors = {key.keyid: key for key in read_parties(parties)}
        for key in authors.values():
            log_key = NoteKey(LOG_PREFIX + key.party, LOG_KEY, key.public)
            logs.setdefault(key.party, []).append(LogKey(log_key, key.period))
    else:
        named = dict.fromkeys(key for policy in read for key in policy.logs)
        for log_key in named:
            party = log_key.name.removeprefix(LOG_PREFIX)
            logs.setdefault(party, []).append(LogKey(log_key, Period()))
        authors = {key.keyid: key for key in _authors_of_logs(named)}
    return Trust(authors, logs, read)


def _authors_of_logs(keys: Iterable[NoteKey]) -> Iterator[AuthorKey]:
    for key in keys:
        if key.kind == LOG_KEY:
            yield AuthorKey(key.name.removeprefix(LOG_PREFIX), key.public, Period())


# The parties file


def read_parties(data: bytes) -> list[AuthorKey]:
    """Read the signing keys of all parties from a parties file, and check the whole of it.

    Raises:
        Bad: a member too many or too few, a party or a key that stands twice, a key that is none.
    """
    try:
        document = members_of(parse_json(data), "format serial issued parties")
        if document["format"] != "netral-parties/1" or number_of(document["serial"]) < 1:
            raise Bad("its format or serial is another one")
        read_instant(text_of(document["issued"]))
        entries = [
            members_of(entry, "id name roles signing sealing", optional="cosigning")
            for entry in list_of(document["parties"])
        ]
        keys = [key for entry in entries for key in _party(entry)]
        _check_once([text_of(entry["id"]) for entry in entries])
        _check_once([key.public for key in keys])
        for list_name in ("sealing", "cosigning"):
            _check_once([raw for entry in entries for raw in _raw_keys(entry, list_name)])
    except Bad as error:
        raise Bad(f"the parties file cannot be read: {error}") from None
    return keys


def _party(entry: Mapping[str, Json]) -> Iterator[AuthorKey]:
    party = text_of(entry["id"])
    text_of(entry["name"])
    if not re.fullmatch("[a-z][a-z0-9-]{1,38}", party):
        raise Bad("an id is not of small letters, digits and dashes")
    for role in list_of(entry["roles"]):
        said = members_of(role, "role since until")
        text_of(said["role"])
        _period(said)
    for signing in list_of(entry["signing"]):
        said = members_of(signing, "keyid spki since until")
        yield AuthorKey(party, _public_key(party, said), _period(said))


def _public_key(party: str, said: Mapping[str, Json]) -> bytes:
    der = _base64_of(said["spki"])
    try:
        public = load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        raise Bad(f"{party}: a signing key is unreadable") from None
    if not isinstance(public, Ed25519PublicKey):
        raise Bad(f"{party}: a signing key is no Ed25519 key")
    raw = public.public_bytes_raw()
    check_point(raw)
    if AuthorKey(party, raw, Period()).keyid != said["keyid"]:
        raise Bad(f"{party}: a signing key is not the key of its keyid")
    return raw


def _raw_keys(entry: Mapping[str, Json], list_name: str) -> Iterator[bytes]:
    """Read the keys of a party that this file needs for nothing: a file that is wrong there is wrong."""
    wanted = "key_id raw since until" if list_name == "sealing" else "kind raw since until"
    for each in list_of(entry.get(list_name, [])):
        said = members_of(each, wanted)
        raw = _base64_of(said["raw"])
        _period(said)
        if list_name == "sealing" and (len(raw) != 32 or sha256(raw).hexdigest() != said["key_id"]):
            raise Bad("a sealing key is not the X25519 key of its key_id")
        if list_name == "cosigning" and (len(raw) != ML_DSA_KEY_BYTES or said["kind"] != "ml-dsa-44"):
            raise Bad("a cosigning key is no ML-DSA-44 key")
        yield raw


def _period(said: Mapping[str, Json]) -> Period:
    since = read_instant(text_of(said["since"]))
    until = None if said["until"] is None else read_instant(text_of(said["until"]))
    if until is not None and until <= since:
        raise Bad("a period ends before it begins")
    return Period(since, until)


def _base64_of(value: Json) -> bytes:
    try:
        content = b64decode(text_of(value), validate=True)
    except ValueError:
        raise Bad("malformed base64") from None
    if b64encode(content).decode() != value:
        raise Bad("base64 that is not canonical")
    return content


def _check_once(values: Sequence[str] | Sequence[bytes]) -> None:
    if len(set(values)) != len(values):
        raise Bad("a party or a key stands twice")


# --- trees ---------------------------------------------------------------------------------------------------------
# Merkle trees (RFC 6962), inclusion proofs (C2SP tlog-proof) and chains, which prove that of a matter nothing was left out.


_NOTHING = bytes(32)
_ENTRY_BYTES = 104
MOST_HASHES = 63


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry as a leaf of the tree."""
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees."""
    return sha256(b"\1" + left + right).digest()


def root_of(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Compute the root that an audit path leads to, from the definition in RFC 6962 2.1.1.

    Raises:
        Bad: the path has another length than it must.
    """
    if size == 1:
        if index or path:
            raise Bad("the inclusion proof has the wrong length")
        return leaf
    if not path or not 0 <= index < size:
        raise Bad("the inclusion proof has the wrong length")
    half = 1 << (size - 1).bit_length() - 1
    if index < half:
        return node_hash(root_of(leaf, index, half, path[:-1]), path[-1])
    return node_hash(path[-1], root_of(leaf, index - half, size - half, path[:-1]))


@dataclass(frozen=True)
class Proof:
    """An inclusion proof: the leaf's index, its audit path, and the note of the checkpoint that the path leads to."""

    index: int
    path: list[bytes]
    note: bytes


def read_proof(data: bytes) -> Proof:
    """Read a `.tlog-proof` (C2SP tlog-proof@v1) without extra data.

    Raises:
        Bad: it is none.
    """
    head, empty, note = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise Bad("a proof is ASCII") from None
    if len(lines) < 2 or lines[0] != "c2sp.org/tlog-proof@v1" or not empty:
        raise Bad("not a tlog-proof")
    word, _, index = lines[1].partition(" ")
    path = [read_base64(line) for line in lines[2:]]
    if word != "index" or len(path) > MOST_HASHES or any(len(each) != 32 for each in path):
        raise Bad("a proof is an index and at most 63 hashes")
    return Proof(read_number(index), path, note)


def check_chain(document: Json, key: str, leaves: Sequence[tuple[int, bytes]], root: bytes) -> None:
    """Check that these leaves (index, leaf hash) are all that the log chained under a key, as the map's `root` commits to it.

    The map: leaf SHA-256(0 || path || length || head || case), node SHA-256(1 || left || right), an empty subtree 32 zero
    bytes, a subtree of one key that key's leaf; the path of a key is SHA-256("netral chain v1\\n" || key).

    Raises:
        Bad: a leaf is left out, added or exchanged, or the chain is not the one that the log commits to.
    """
    said = members_of(document, "key length head case siblings other")
    if said["key"] != key:
        raise Bad("the chain is of another key")
    length = number_of(said["length"])
    head, case = read_hex(text_of(said["head"]), 32), read_hex(text_of(said["case"]), 32)
    siblings = [read_hex(text_of(each), 32) for each in list_of(said["siblings"])]
    path = sha256(b"netral chain v1\n" + key.encode()).digest()
    if len(siblings) > 256 or (not length and case != _NOTHING):
        raise Bad("the chain's proof is malformed")
    if len(leaves) != length:
        raise Bad(f"{len(leaves)} of {length} leaves are here: the log chained another number")
    found = _NOTHING
    for index, hashed in leaves:
        found = sha256(found + index.to_bytes(8, "big") + hashed).digest()
    if found != head:
        raise Bad("the leaves here are not those that the log chained")
    node = _beside(said["other"], path, len(siblings))
    if length:
        if said["other"] is not None:
            raise Bad("the chain's proof shows another chain at its place")
        node = sha256(b"\0" + path + length.to_bytes(8, "big") + head + case).digest()
    for depth, sibling in reversed(list(enumerate(siblings))):
        node = node_hash(sibling, node) if _bit(path, depth) else node_hash(node, sibling)
    if node != root:
        raise Bad("the chain is not the one that the log commits to")


def _beside(other: Json, path: bytes, depth: int) -> bytes:
    """Hash what stands at the place of a key that has no chain: nothing, or another key's leaf."""
    if other is None:
        return _NOTHING
    entry = read_hex(text_of(other), _ENTRY_BYTES)
    if entry[:32] == path or any(_bit(entry, at) != _bit(path, at) for at in range(depth)):
        raise Bad("the chain's proof is of another place")
    return sha256(b"\0" + entry).digest()


def _bit(path: bytes, at: int) -> int:
    return path[at >> 3] >> (7 - (at & 7)) & 1


# --- leaves --------------------------------------------------------------------------------------------------------
# The contents of leaves: statements and receipts in their signed envelopes (DSSE), records, and chain leaves.


STATEMENT_TYPE = "application/vnd.netral.statement.v1+protobuf"
RECEIPT_TYPE = "application/vnd.netral.receipt.v1+protobuf"
MOST_PAYLOAD_BYTES = 60 * 1024
# The contracts of what is signed or recorded, by the numbers of their fields.
_TIMESTAMP: Contract = {1: NUMBER, 2: NUMBER}
_ACTOR: Contract = {1: NUMBER, 2: TEXT, 3: TEXT}
_FACTS: Contract = {1: TEXT, 2: BYTES}
_POSITION: Contract = {1: TEXT, 2: NUMBER, 3: NUMBER, 4: BYTES}
STATEMENT: Contract = {
    **dict.fromkeys((1, 2, 3, 4, 6, 7, 9, 10, 11, 12, 13, 15), TEXT),
    **{5: _TIMESTAMP, 8: NUMBER, 14: _ACTOR, 16: BYTES, 17: _FACTS},
}
RECEIPT: Contract = {
    **dict.fromkeys((1, 3, 4, 8), TEXT),
    **{2: BYTES, 5: NUMBER, 6: NUMBER, 7: NUMBER, 9: _TIMESTAMP, 10: _TIMESTAMP, 11: BYTES, 12: _POSITION},
}
RECORD: Contract = {
    **dict.fromkeys((1, 2, 5, 6, 7, 8, 9, 10, 13, 14), TEXT),
    **{3: _TIMESTAMP, 4: _ACTOR, 11: _FACTS, 12: BYTES},
}
# The statements that an act sent, and the warnings that it went over.
MANY_IN_RECORD = (10, 14)
KINDS = {1: "statement", 2: "receipt", 3: "record", 4: "chains"}


@dataclass
class Leaf:
    """A leaf, read: `digest` is SHA-256 of the bytes kept, `about` what a receipt says of its statement.

    `matter` is None for a receipt, which names none. `problems`: what is wrong with its signature or place.
    """

    kind: str
    digest: bytes
    id: str
    matter: str | None
    author: str
    time: datetime
    sender: str = ""
    recipient: str = ""
    sequence: int = 0
    about: bytes = b""
    keyid: str = ""
    problems: list[str] = field(default_factory=list)
    file: str = ""
    index: int = 0


def read_leaf(party: str, body: bytes, authors: Mapping[str, AuthorKey]) -> Leaf:
    """Read the bytes of a leaf in the log of `party`.

    Raises:
        Bad: they are no leaf of ours.
    """
    kept = body[1:]
    kind = KINDS.get(body[0] if body else 0, "")
    if kind == "record":
        leaf = _record(kept)
        if leaf.author != party:
            leaf.problems.append("it is a record of another party")
        return leaf
    if kind == "statement":
        return _signed(party, kept, STATEMENT_TYPE, _statement, authors)
    if kind == "receipt":
        return _signed(party, kept, RECEIPT_TYPE, _receipt, authors)
    if kind == "chains" and len(body) == 34 and body[1] == 1:
        return Leaf(kind, sha256(kept).digest(), "", "", party, EPOCH, about=body[2:])
    raise Bad("the leaf is neither statement, receipt, record nor chains")


def pae(payload_type: str, payload: bytes) -> bytes:
    """Encode what a DSSE signature is over."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def _record(kept: bytes) -> Leaf:
    said = read_message(kept)
    check_contract(said, RECORD, MANY_IN_RECORD)
    return Leaf(
        kind="record",
        digest=sha256(kept).digest(),
        id=text_in(said, 1),
        matter=text_in(said, 6),
        author=text_in(said, 2),
        time=time_in(said, 3),
    )


def _signed(
    party: str,
    kept: bytes,
    payload_type: str,
    read: Callable[[Fields, bytes], Leaf],
    authors: Mapping[str, AuthorKey],
) -> Leaf:
    payload, keyid, signature = _envelope(kept, payload_type)
    leaf = read(read_message(payload), sha256(kept).digest())
    leaf.keyid = keyid
    key = authors.get(keyid)
    if key is None or key.party != leaf.author:
        leaf.problems.append("it is not signed with a key of its author")
    elif not key.period.covers(leaf.time):
        leaf.problems.append("its key was not valid when it was signed")
    elif not is_signed(key.public, signature, pae(payload_type, payload)):
        leaf.problems.append("its signature does not verify")
    if party not in (leaf.sender, leaf.recipient):
        leaf.problems.append("it is neither from nor to this party")
    return leaf


def _envelope(kept: bytes, payload_type: str) -> tuple[bytes, str, bytes]:
    """Take payload, keyid and signature out of an envelope in the one encoding that is signed."""
    outer = read_message(kept)
    payload, kind = bytes_in(outer, 1), text_in(outer, 2)
    if len(payload) > MOST_PAYLOAD_BYTES:
        raise Bad("what is signed is over 60 KiB")
    inner = read_message(bytes_in(outer, 3))
    signature, keyid = bytes_in(inner, 1), text_in(inner, 2)
    again = print_field(1, payload) + print_field(2, kind.encode())
    again += print_field(3, print_field(1, signature) + print_field(2, keyid.encode()))
    if kind != payload_type or again != kept:
        raise Bad("the envelope is not in the encoding that was signed")
    return payload, keyid, signature


def _statement(said: Fields, digest: bytes) -> Leaf:
    check_contract(said, STATEMENT)
    sender = text_in(said, 6)
    return Leaf(
        kind="statement",
        digest=digest,
        id=text_in(said, 1),
        matter=text_in(said, 4),
        author=sender,
        time=time_in(said, 5),
        sender=sender,
        recipient=text_in(said, 7),
        sequence=number_in(said, 8),
        problems=[] if text_in(said, 2) == f"netral://{sender}" else ["its source is not its sender"],
    )


def _receipt(said: Fields, digest: bytes) -> Leaf:
    check_contract(said, RECEIPT)
    if code_in(said, 6) not in (1, 2):
        raise Bad("the receipt has no stage")
    time_in(said, 9)
    return Leaf(
        kind="receipt",
        digest=digest,
        id=text_in(said, 1),
        matter=None,
        author=text_in(said, 4),
        time=time_in(said, 10),
        sender=text_in(said, 3),
        recipient=text_in(said, 4),
        sequence=number_in(said, 5),
        about=bytes_in(said, 2),
    )


# --- manifests -----------------------------------------------------------------------------------------------------
# The manifests of a pack (formats 2 and 3): what its maker states of all files, and each party of its own log.


PART_FORMAT = "netral-evidence-part/2"
PART_TYPE = "application/vnd.netral.evidence-part.v2+json"
# Formats of packs by name. Their parts and files are alike; timeline and VERIFY.md are not.
PACK_TYPES = {
    "netral-evidence-pack/2": "application/vnd.netral.evidence-pack.v2+json",
    "netral-evidence-pack/3": "application/vnd.netral.evidence-pack.v3+json",
}
# SHA-256 of the text VERIFY.md, which is the same in every pack of a format.
VERIFY_DIGESTS = {
    "netral-evidence-pack/2": "4134d6f3f014d9112ac5458336b20cdcbc6337c73f00184072758045a365ea46",
    "netral-evidence-pack/3": "a5f07283d8ad96eeea3077813b1801d81bb6d083db1b57e672a2e1ba72699495",
}
MANIFEST_FILES = frozenset({"manifest.json", "manifest.dsse.json"})
# Beside manifests and logs a pack has these files, and no others.
READABLE_FILES = frozenset(
    {
        "VERIFY.md",
        "documents.json",
        "parties-excerpt.json",
        "prov.json",
        "timeline.en.html",
        "timeline.en.pdf",
        "timeline.id.html",
        "timeline.id.pdf",
    }
)


@dataclass(frozen=True)
class Listed:
    """A leaf as a part lists it."""

    index: int
    kind: str
    matter: str


@dataclass(frozen=True)
class Scope:
    """The subject of a pack: matters, of a case if it is named, or a range of indexes (first, and one behind the last)."""

    case: str
    matters: Sequence[str]
    range: tuple[int, int] | None

    def plain(self) -> dict[str, Json]:
        """Give it as it stands in a manifest."""
        limits: Json = None if self.range is None else list(self.range)
        return {"case": self.case, "matters": list(self.matters), "range": limits}


@dataclass(frozen=True)
class Manifest:
    """Statements of both kinds of manifest: who signs, the scope, and SHA-256 (hex) and size of each file by its name."""

    signer: str
    scope: Scope
    files: Mapping[str, tuple[str, int]]


@dataclass(frozen=True)
class PackManifest(Manifest):
    """Manifest of a pack: its format, whose logs are in it, and what its maker could not read when it made the timeline."""

    format: str
    parts: Sequence[str]
    unread: Sequence[str]


@dataclass(frozen=True)
class PartManifest(Manifest):
    """Manifest of a part: size and root of a party's log, when that was its head (UTC), and the leaves in the scope."""

    size: int
    root: bytes
    as_of: datetime
    leaves: Sequence[Listed]


def read_pack_manifest(data: bytes) -> PackManifest:
    """Read the manifest above the parts.

    Raises:
        Bad: it is none.
    """
    said = members_of(read_json(data), "format maker scope parts files unread")
    format = text_of(said["format"])
    if format not in PACK_TYPES:
        raise Bad(f"its format is none of {', '.join(PACK_TYPES)}")
    parts = _sorted_once([_name(each) for each in list_of(said["parts"])])
    if not parts:
        raise Bad("it names no parts: a pack without a log proves nothing")
    unread = _sorted_once([_name(each) for each in list_of(said["unread"])])
    maker, scope, files = text_of(said["maker"]), _scope(said["scope"]), _files(said["files"])
    return PackManifest(maker, scope, files, format, parts, unread)


def read_part_manifest(data: bytes) -> PartManifest:
    """Read the manifest of a party's part.

    Raises:
        Bad: it is none.
    """
    said = members_of(read_json(data), "format party origin size root as_of scope leaves files")
    party = text_of(said["party"])
    if said["format"] != PART_FORMAT or said["origin"] != f"netral/{party}":
        raise Bad(f"its format is not {PART_FORMAT}, or its origin not that of its party")
    as_of = read_instant(text_of(said["as_of"]))
    if as_of.isoformat(timespec="microseconds") != said["as_of"]:
        raise Bad("its instant is not in UTC with microseconds")
    leaves = [_listed(each) for each in list_of(said["leaves"])]
    indexes = [each.index for each in leaves]
    if sorted(set(indexes)) != indexes:
        raise Bad("its leaves are not in order of index, each once")
    size, root = number_of(said["size"]), read_base64(text_of(said["root"]))
    return PartManifest(party, _scope(said["scope"]), _files(said["files"]), size, root, as_of, leaves)


def files_of(folder: str, index: int, kind: str) -> tuple[str, str]:
    """Name the files of a leaf and of its proof."""
    return f"{folder}leaves/{index:012d}.{kind}", f"{folder}proofs/{index:012d}.tlog-proof"


def _scope(value: Json) -> Scope:
    said = members_of(value, "case matters range")
    matters = _sorted_once([_name(each) for each in list_of(said["matters"])])
    limits = None if said["range"] is None else [number_of(each) for each in list_of(said["range"])]
    if (limits is None) == (not matters):
        raise Bad("its scope is neither matters nor a range")
    if limits is None:
        return Scope(text_of(said["case"]), matters, None)
    if len(limits) != 2 or limits[0] >= limits[1] or said["case"]:
        raise Bad("its range is not two numbers, or one of a case")
    return Scope(text_of(said["case"]), (), (limits[0], limits[1]))


def _files(value: Json) -> dict[str, tuple[str, int]]:
    listed = [members_of(each, "name sha256 size") for each in list_of(value)]
    names = _sorted_once([_name(each["name"]) for each in listed])
    digests = [read_hex(text_of(each["sha256"]), 32).hex() for each in listed]
    sizes = [number_of(each["size"]) for each in listed]
    return dict(zip(names, zip(digests, sizes, strict=True), strict=True))


def _listed(value: Json) -> Listed:
    said = members_of(value, "index kind matter")
    if said["kind"] not in KINDS.values():
        raise Bad("a leaf of its listing is of no kind")
    return Listed(number_of(said["index"]), text_of(said["kind"]), text_of(said["matter"]))


def _name(value: Json) -> str:
    name = text_of(value)
    if not re.fullmatch("[!-~]+", name):
        raise Bad("a name is not printable ASCII without spaces")
    return name


def _sorted_once(names: list[str]) -> list[str]:
    if sorted(set(names)) != names:
        raise Bad("its names are not in order, each once")
    return names


# --- findings ------------------------------------------------------------------------------------------------------
# Findings of a verification, by file and matter, and the checks that every manifest needs: its signature and its files.


# By how much the clocks of two machines may differ.
CLOCK_SKEW = timedelta(minutes=5)


class Finding(NamedTuple):
    """Something that is not as it must be: in which file, about which matters, of what kind, and what."""

    file: str
    matter: str
    kind: str
    message: str


class Findings:
    """The findings so far; which file is about which matter; and the keys that signed something here."""

    def __init__(self, trust: Trust, now: datetime) -> None:
        self.trust, self.now = trust, now
        self.found: list[Finding] = []
        self.keyids: set[str] = set()
        self._matters: dict[str, str] = {}
        self._all_matters = ""

    def find(self, file: str, kind: str, message: str, matter: str | None = None) -> None:
        """Add a finding; without a matter it is about that of the file, or all of the scope."""
        named = self._matters.get(file, self._all_matters) if matter is None else matter
        self.found.append(Finding(file, named, kind, message))

    def learn_matters(self, entries: Mapping[str, bytes], data: bytes) -> None:
        """Learn which file is about which matter, from whatever can be read, sound or not."""
        for name, content in entries.items():
            if not name.endswith("manifest.json"):
                continue
            try:
                scope, listed = _matters_in(parse_json(content))
            except Bad:
                continue
            known = scope or sorted({each.matter for each in listed})
            self._all_matters = self._all_matters or " ".join(each for each in known if each)
            for each in listed:
                folder = name.removesuffix("manifest.json")
                for file in files_of(folder, each.index, each.kind) if each.matter else ():
                    self._matters[file] = each.matter
        if (
            not self._all_matters
        ):  # not even a manifest can be told apart: whatever still looks like one names them
            named = re.findall(rb'"matters?": (?:\[\s*)?"([0-9a-f-]{36})"', data)
            self._all_matters = " ".join(sorted({each.decode() for each in named}))

    def check_signature(
        self, entries: Mapping[str, bytes], folder: str, type: str, said: Manifest, not_before: datetime
    ) -> None:
        """The manifest is signed by its party, with a key that was valid at some time from `not_before` until now."""
        file = folder + "manifest.dsse.json"
        try:
            envelope = members_of(read_json(entry_of(entries, file)), "payload payloadType signatures")
            signatures = list_of(envelope["signatures"])
            if len(signatures) != 1:
                raise Bad("it has not exactly one signature")
            signature = members_of(signatures[0], "keyid sig")
            payload = read_base64(text_of(envelope["payload"]))
            if envelope["payloadType"] != type:
                raise Bad("it is over something else than a manifest")
            if payload != entries[folder + "manifest.json"]:
                self.find(folder + "manifest.json", "signature", "it is not what was signed")
                raise Bad("it signs something else than the manifest")
            key = self._author(text_of(signature["keyid"]), said.signer)
            if not is_signed(key.public, read_base64(text_of(signature["sig"])), pae(type, payload)):
                raise Bad("its signature does not verify")
            if key.period.is_over(not_before) or (key.period.since or self.now) > self.now + CLOCK_SKEW:
                raise Bad("its key was not valid when it was signed")
        except Bad as error:
            self.find(file, "signature", f"{error}")

    def _author(self, keyid: str, party: str) -> AuthorKey:
        self.keyids.add(keyid)
        key = self.trust.authors.get(keyid)
        if key is None or key.party != party:
            raise Bad(f"it is not signed with a key of {party}")
        return key

    def check_files(self, here: set[str], entries: Mapping[str, bytes], said: Manifest) -> None:
        for name in sorted(here - said.files.keys()):
            self.find(name, "manifest", "the manifest does not list it")
        for name in sorted(said.files.keys() - here):
            self.find(name, "manifest", "it is listed and missing")
        for name in sorted(here & said.files.keys()):
            if (sha256(entries[name]).hexdigest(), len(entries[name])) != said.files[name]:
                self.find(name, "digest", "it is not the file that the manifest lists")


def entry_of(entries: Mapping[str, bytes], name: str) -> bytes:
    """Take a file of a pack. Raises `Bad` if it is missing."""
    if name not in entries:
        raise Bad("it is missing")
    return entries[name]


def _matters_in(document: Json) -> tuple[list[str], list[Listed]]:
    """Take the matters of the scope and the leaves of what may be a manifest."""
    match document:
        case {"scope": {"matters": list(matters)}, "leaves": list(leaves)}:
            pass
        case {"scope": {"matters": list(matters)}}:
            leaves = []
        case _:
            return [], []
    listed = []
    for each in leaves:
        match each:
            case {"index": int(index), "kind": str(kind), "matter": str(matter)}:
                listed.append(Listed(index, kind, matter))
    return [each for each in matters if isinstance(each, str)], listed


# --- parts ---------------------------------------------------------------------------------------------------------
# Verification of one party's part of a pack: its manifest, its checkpoint, its leaves, and that no leaf was left out.


# A receipt this much older than the recipient's checkpoint must be in the recipient's tree, and so must its statement.
SETTLED = timedelta(seconds=10)


@dataclass
class Part:
    """One party's view: its signed manifest, its checkpoint and its leaves."""

    party: str
    said: PartManifest
    head: Checkpoint | None = None
    cosigned: list[str] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)


def verify_part(files: Mapping[str, bytes], party: str, scope: Scope, findings: Findings) -> Part | None:
    """Verify the files of a party's folder; gives what could be read of them."""
    folder = f"logs/{party}/"
    file = folder + "manifest.json"
    try:
        said = read_part_manifest(entry_of(files, file))
    except Bad as error:
        findings.find(file, "manifest", f"it cannot be read: {error}")
        return None
    part = Part(party, said)
    findings.check_signature(files, folder, PART_TYPE, said, said.as_of)
    findings.check_files(files.keys() - {folder + name for name in MANIFEST_FILES}, files, said)
    try:
        if said.signer != party or said.scope != scope:
            raise Bad("it is about something else than the pack")
        _PartVerification(files, part, findings).run()
    except Bad as error:
        findings.find(file, "manifest", f"it cannot be used: {error}")
    return part


class _PartVerification:
    """The verification of one part whose manifest could be read."""

    def __init__(self, files: Mapping[str, bytes], part: Part, findings: Findings) -> None:
        self.files, self.part, self.said, self.findings = files, part, part.said, findings
        self.trust = findings.trust
        self.folder = f"logs/{part.party}/"
        self.manifest, self.checkpoint = self.folder + "manifest.json", self.folder + "checkpoint"
        self.find = findings.find

    def run(self) -> None:
        """Verify the checkpoint and then all that it covers. Raises `Bad` if there is no checkpoint to go by."""
        note = read_note(entry_of(self.files, self.checkpoint))
        head = self.part.head = read_checkpoint(note.text)
        self._check_log(note, head)
        if self.trust.policies:
            self._check_policies(note, head)
        if (self.said.size, self.said.root) != (head.size, head.root):
            raise Bad("its size and root are not those of the checkpoint")
        self._check_listing()
        for listed in self.said.leaves:
            self._check_leaf(listed, head)
        self._check_time()
        self._check_receipts()
        self._check_completeness(head)

    # The checkpoint

    def _check_log(self, note: Note, head: Checkpoint) -> None:
        """The checkpoint is signed by the party's log, with a key that was valid then."""
        if head.origin != LOG_PREFIX + self.part.party:
            self.find(self.checkpoint, "checkpoint", "it is one of another log")
        known = self.trust.logs.get(self.part.party, ())
        own = [(log, line) for line in note.signatures for log in known if line.is_of(log.key)]
        if not own or not all(is_signed_by_log(log.key, line.signature, head) for log, line in own):
            self.find(self.checkpoint, "checkpoint", "it is not signed by the log")
        if not all(log.period.covers(self.said.as_of) for log, _ in own):
            self.find(self.checkpoint, "checkpoint", "a key of the log was not valid when it was signed")
        publics = {log.key.public for log, _ in own}
        authors = self.trust.authors.items()
        self.findings.keyids |= {keyid for keyid, key in authors if key.public in publics}

    def _check_policies(self, note: Note, head: Checkpoint) -> None:
        """Every policy that has this log must be met: of two, the milder one does not count alone."""
        applying = [policy for policy in self.trust.policies if _has_log(policy, note, head)]
        if not applying:
            self.find(self.checkpoint, "policy", "no policy has this log with this key")
        for policy in applying:
            cosigned = self._cosigned(policy, note, head)
            if not policy.is_met(cosigned):
                text = f"the quorum {policy.quorum} is not met: cosigned by {few_of(cosigned)}"
                self.find(self.checkpoint, "policy", text)
            self.part.cosigned += [name for name in cosigned if name not in self.part.cosigned]

    def _cosigned(self, policy: Policy, note: Note, head: Checkpoint) -> list[str]:
        """Name the witnesses of a policy that cosigned; a signature by a known key that does not verify is found."""
        cosigned = []
        for log in policy.logs:
            lines = [line.signature for line in note.signatures if line.is_of(log)]
            if not all(is_signed_by_log(log, signature, head) for signature in lines):
                self.find(self.checkpoint, "checkpoint", f"a signature of {log.name} does not verify")
        for name, key in policy.witnesses.items():
            lines = [line.signature for line in note.signatures if line.is_of(key)]
            if not all(is_cosigned(key, signature, head) for signature in lines):
                self.find(self.checkpoint, "cosignature", f"the cosignature of {name} does not verify")
            elif lines:
                cosigned.append(name)
                self._check_not_after(name, min(map(cosigned_at, lines)))
        return cosigned

    def _check_not_after(self, witness: str, seconds: int) -> None:
        if self.said.as_of.timestamp() - seconds > CLOCK_SKEW.total_seconds():
            text = f"it says that it was of after the cosignature of {witness}"
            self.find(self.manifest, "manifest", text)

    # The leaves

    def _check_listing(self) -> None:
        said, folder = self.said, self.folder
        if said.scope.range is not None and not _are_all_of(said.leaves, *said.scope.range):
            self.find(self.manifest, "manifest", "its leaves are not those of the range")
        matters = {each.matter for each in said.leaves if each.kind != "chains"}
        if said.scope.matters and not matters <= set(said.scope.matters):
            self.find(self.manifest, "manifest", "it has leaves of other matters")
        wanted = {name for each in said.leaves for name in files_of(folder, each.index, each.kind)}
        wanted |= {folder + name for name in ("checkpoint", *MANIFEST_FILES)}
        wanted |= {f"{folder}chains/{matter}.json" for matter in said.scope.matters}
        for name in sorted(self.files.keys() - wanted):
            self.find(name, "manifest", "it belongs to no leaf of the listing")

    def _check_leaf(self, listed: Listed, head: Checkpoint) -> None:
        """A leaf is in the tree, and signed by its author; what can be read of it is kept."""
        file, proof_file = files_of(self.folder, listed.index, listed.kind)
        body, proof = self.files.get(file), self.files.get(proof_file)
        if body is None or proof is None:
            self.find(file, "leaf", "the leaf or its proof is missing")
            return
        try:
            given = read_proof(proof)
            if given.index != listed.index or given.note != self.files[self.checkpoint]:
                raise Bad("the proof is of another leaf or checkpoint")
            if root_of(leaf_hash(body), listed.index, head.size, given.path) != head.root:
                raise Bad("the leaf is not in the tree of the checkpoint")
        except Bad as error:
            self.find(proof_file, "proof", str(error))
        try:
            leaf = read_leaf(self.part.party, body, self.trust.authors)
        except Bad as error:
            self.find(file, "unreadable", str(error))
            return
        if leaf.kind != listed.kind or (leaf.matter is not None and leaf.matter != listed.matter):
            leaf.problems.append("kind or matter is not what the manifest says")
        for problem in leaf.problems:
            self.find(file, "signature", problem)
        leaf.file, leaf.index, leaf.matter = file, listed.index, listed.matter
        self.findings.keyids |= {leaf.keyid} - {""}
        self.part.leaves.append(leaf)

    def _check_time(self) -> None:
        """A part is not of before its own leaves, nor of a time to come."""
        party, as_of = self.part.party, self.said.as_of
        own = [leaf.time for leaf in self.part.leaves if leaf.author == party and leaf.kind != "chains"]
        if own and max(own) - as_of > SETTLED:
            self.find(self.manifest, "manifest", "it says that it was of before its own leaves")
        if as_of - self.findings.now > CLOCK_SKEW:
            self.find(self.manifest, "manifest", "it says that it was of a time that has not come")

    def _check_receipts(self) -> None:
        """Each receipt is for a statement of the same bytes, parties and number, as far as the scope has it."""
        statements = {leaf.digest: leaf for leaf in self.part.leaves if leaf.kind == "statement"}
        ids = {leaf.id for leaf in statements.values()}
        for receipt in self.part.leaves:
            if receipt.kind != "receipt":
                continue
            about = statements.get(receipt.about)
            if about is None:
                if receipt.id in ids or self.said.scope.range is None:
                    self.find(receipt.file, "receipt", "its statement is not in the pack with these bytes")
            elif _route(receipt) != _route(about):
                text = "it says other parties, number or matter than its statement"
                self.find(receipt.file, "receipt", text)

    def _check_completeness(self, head: Checkpoint) -> None:
        """Nothing of a matter was left out: its chain has these leaves, and the log's last leaf commits to the chain."""
        leaves = self.part.leaves
        roots = [leaf.about for leaf in leaves if leaf.kind == "chains" and leaf.index == head.size - 1]
        by_matter: dict[str, list[tuple[int, bytes]]] = defaultdict(list)
        for leaf in leaves:
            if leaf.kind != "chains":
                by_matter[leaf.matter or ""].append((leaf.index, leaf_hash(self.files[leaf.file])))
        for matter in self.said.scope.matters:
            file = f"{self.folder}chains/{matter}.json"
            try:
                if not roots:
                    raise Bad("the log's last leaf is no chain leaf: that nothing was left out is not proved")
                document = read_json(entry_of(self.files, file))
                check_chain(document, f"matter/{matter}", by_matter[matter], roots[0])
            except Bad as error:
                self.find(file, "completeness", str(error), matter)


def _has_log(policy: Policy, note: Note, head: Checkpoint) -> bool:
    return any(
        log.name == head.origin and line.is_of(log) and is_signed_by_log(log, line.signature, head)
        for log in policy.logs
        for line in note.signatures
    )


def _are_all_of(leaves: Sequence[Listed], first: int, end: int) -> bool:
    """Check that these are the indexes from `first` up to, without, `end`; the range may claim to be of any length."""
    return len(leaves) == end - first and all(first + at == leaf.index for at, leaf in enumerate(leaves))


def _route(leaf: Leaf) -> tuple[str, str, str, int, str | None]:
    return leaf.id, leaf.sender, leaf.recipient, leaf.sequence, leaf.matter


def few_of(witnesses: Sequence[str]) -> str:
    """Name the first few witnesses, and how many more there are."""
    few = ", ".join(witnesses[:4]) or "nobody"
    return few if len(witnesses) < 5 else f"{few} and {len(witnesses) - 4} more"


# --- packs ---------------------------------------------------------------------------------------------------------
# Verification of an evidence pack: its archive, its maker's manifest, each part, and log against log.


@dataclass
class Result:
    """The outcome of the verification of a pack, which is sound if there are no findings."""

    findings: list[Finding]
    maker: str
    scope: dict[str, Json]
    parts: list[Part]
    digest: str


def verify(data: bytes, trust: Trust, now: datetime | None = None) -> Result:
    """Verify a pack (the bytes of the zip file) with keys and policy from outside; `now` (UTC) is this machine's clock."""
    return _Verification(data, trust, now or datetime.now(UTC)).run()


class _Verification:
    """The verification of one pack, under way."""

    def __init__(self, data: bytes, trust: Trust, now: datetime) -> None:
        self.data, self.trust, self.now = data, trust, now
        self.findings = Findings(trust, now)
        self.find = self.findings.find
        self.parts: list[Part] = []

    def run(self) -> Result:
        broken: list[tuple[str, str]] = []
        entries = unzipped(self.data, lambda file, message: broken.append((file, message)))
        self.findings.learn_matters(entries, self.data)
        for file, message in broken:
            self.find(file, "archive", message)
        maker, scope = "", dict[str, Json]()
        try:
            pack = read_pack_manifest(entry_of(entries, "manifest.json"))
            maker, scope = pack.signer, pack.scope.plain()
            self._check(entries, pack)
        except Bad as error:
            self.find("manifest.json", "manifest", f"it cannot be read: {error}")
        digest = sha256(self.data).hexdigest()
        return Result(self.findings.found, maker, scope, self.parts, digest)

    def _check(self, entries: Mapping[str, bytes], pack: PackManifest) -> None:
        folders = _folders(entries)
        for party in pack.parts:
            part = verify_part(folders.pop(party, {}), party, pack.scope, self.findings)
            self.parts += [part] if part else []
        for name in (name for files in folders.values() for name in files):
            self.find(name, "manifest", "it is of no part that the manifest names")
        latest = max((part.said.as_of for part in self.parts), default=self.now)
        self.findings.check_signature(entries, "", PACK_TYPES[pack.format], pack, latest)
        self.findings.check_files(entries.keys() - MANIFEST_FILES, entries, pack)
        self._check_readable(entries, pack.format)
        self._cross_check()

    def _check_readable(self, entries: Mapping[str, bytes], format: str) -> None:
        """The files above the parts are those of the format, and what can be told without contracts is as it must be."""
        above = {name for name in entries if not name.startswith("logs/")} - MANIFEST_FILES
        for name in sorted(above - READABLE_FILES):
            self.find(name, "manifest", "a pack of this format has no such file")
        for name in sorted(READABLE_FILES - above):
            self.find(name, "manifest", "it is missing")
        if sha256(entries.get("VERIFY.md", b"")).hexdigest() != VERIFY_DIGESTS[format]:
            self.find("VERIFY.md", "manifest", "it is not the text of this format")
        if entries.get("parties-excerpt.json") != self._excerpt():
            self.find("parties-excerpt.json", "manifest", "it is not of the keys that this pack uses")

    def _excerpt(self) -> bytes:
        """Make the parties excerpt again: the keys that signed something here, by party."""
        by_party: dict[str, list[Json]] = {}
        authors = self.trust.authors
        for key in (authors[keyid] for keyid in sorted(self.findings.keyids & authors.keys())):
            said: Json = {"keyid": key.keyid, "spki": print_base64(key.spki)}
            by_party.setdefault(key.party, []).append(said)
        parties: list[Json] = [{"id": party, "signing": by_party[party]} for party in sorted(by_party)]
        return print_json({"format": "netral-parties-excerpt/2", "parties": parties})

    def _cross_check(self) -> None:
        """Check that what one view proves to be in another log of the pack is there, if it is of before that checkpoint."""
        by_party = {part.party: part for part in self.parts if part.head is not None}
        held = {party: {leaf.digest for leaf in part.leaves} for party, part in by_party.items()}
        for part in by_party.values():
            for leaf in part.leaves:
                for party, digest, what in _owed(leaf):
                    other = by_party.get(party)
                    if other is None or other is part or other.said.scope.range is not None:
                        continue
                    if other.said.as_of - leaf.time > SETTLED and digest not in held[party]:
                        text = f"{part.party} holds {what}, and it is not here ({leaf.file})"
                        self.find(f"logs/{party}/manifest.json", "other log", text, leaf.matter)


def _folders(entries: Mapping[str, bytes]) -> dict[str, dict[str, bytes]]:
    """Sort the files below `logs/` by the folder that they are in."""
    folders: dict[str, dict[str, bytes]] = {}
    for name, content in entries.items():
        words = name.split("/")
        if words[0] == "logs" and len(words) > 1:
            folders.setdefault(words[1] if len(words) > 2 else "", {})[name] = content
    return folders


def _owed(leaf: Leaf) -> Iterator[tuple[str, bytes, str]]:
    """Give what another log must have because of this leaf: whose log, which digest, and in words."""
    if leaf.kind == "statement":
        yield leaf.sender, leaf.digest, f"statement {leaf.id} of this party"
    elif leaf.kind == "receipt":
        receipt = f"a receipt by this party for statement {leaf.id}"
        yield leaf.recipient, leaf.digest, receipt
        yield leaf.recipient, leaf.about, f"{receipt}, whose bytes it owes"
        yield leaf.sender, leaf.about, f"a receipt for statement {leaf.id} of this party"


# --- command -------------------------------------------------------------------------------------------------------
# Verifies an evidence pack with this one file, Python 3.11 and `cryptography`: no network, no service, nothing of Netral.


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify a pack named on the command line; gives the exit code."""
    parser = argparse.ArgumentParser(description="Verify an evidence pack with keys and policy from outside.")
    parser.add_argument("pack", type=Path)
    parser.add_argument("--parties", type=Path, help="the parties file to trust")
    parser.add_argument(
        "--policy",
        type=Path,
        action="append",
        default=[],
        help="a tlog-policy to trust; one for each log, or for all",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args(arguments)
    try:
        trust = load_trust(
            given.parties.read_bytes() if given.parties else None,
            *(path.read_bytes() for path in given.policy),
        )
        result = verify(given.pack.read_bytes(), trust)
    except (OSError, Bad) as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(as_json(result), indent=2) if given.json else as_text(result))
    return 1 if result.findings else 0


def as_json(result: Result) -> dict[str, Json]:
    """Give a result as plain data."""
    logs: list[Json] = [
        {
            "party": part.party,
            "size": part.head.size if part.head else 0,
            "leaves": len(part.leaves),
            "cosigned": list(part.cosigned),
        }
        for part in result.parts
    ]
    findings: list[Json] = [finding._asdict() for finding in result.findings]
    return {
        "sha256": result.digest,
        "maker": result.maker,
        "scope": result.scope,
        "logs": logs,
        "findings": findings,
    }


def as_text(result: Result) -> str:
    """Give a result in lines for people."""
    lines: list[str] = []
    for part in result.parts:
        size = part.head.size if part.head else 0
        cosigned = f", cosigned by {few_of(part.cosigned)}" if part.cosigned else ""
        lines.append(f"{part.party}: {len(part.leaves)} leaves of the tree of size {size}{cosigned}")
    for finding in result.findings:
        lines.append(f"{finding.file}, matter {finding.matter or '-'}: {finding.kind}: {finding.message}")
    verdict = "NOT SOUND" if result.findings else "sound"
    lines.append(f"{verdict}: made by {result.maker or '-'}, SHA-256 {result.digest}")
    return "\n".join(map(printable, lines))


def printable(text: str) -> str:
    """Write out what could deceive on a screen: a pack is made by somebody else."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


if __name__ == "__main__":
    sys.exit(main())

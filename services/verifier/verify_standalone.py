#!/usr/bin/env python3
"""Verifies an evidence pack with this one file, Python 3.11 and `cryptography`: no network, no service, nothing of Netral.

    python3 verify_standalone.py pack.zip --parties parties.json [--policy policy.txt …] [--json]

Keys and policy come from outside, never from the pack: the parties file as it was handed out to the parties, and a
C2SP tlog-policy that says which logs and witnesses count. With a policy alone its log keys stand for the parties, without
their periods. Exit code 0: sound; 1: something is wrong, each finding names file and matter; 2: it could not be tried.

What is checked: the archive is the one that its files give, each file has the digest that the signed manifest states,
each log's checkpoint is signed by the log and cosigned as the policy wants, each leaf is in the tree of that checkpoint (RFC
6962), each statement and receipt is signed by its author with a key valid then (DSSE), receipts fit their statements, of
each matter no leaf was left out, and what one log proves to be in another is there. A second implementation on purpose: `audit.packs.verify` is the first, and
they must agree. Timeline and PROV are for reading; that they say what the leaves say, the project's own `netral audit
verify` checks by making them again.
"""

import argparse
import json
import re
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from struct import Struct
from typing import Any, NamedTuple
from zlib import crc32

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

PACK_FORMAT, PART_FORMAT = "netral-evidence-pack/1", "netral-evidence-part/1"
PACK_TYPE = "application/vnd.netral.evidence-pack.v1+json"
PART_TYPE = "application/vnd.netral.evidence-part.v1+json"
STATEMENT_TYPE = "application/vnd.netral.statement.v1+protobuf"
RECEIPT_TYPE = "application/vnd.netral.receipt.v1+protobuf"
KINDS = {1: "statement", 2: "receipt", 3: "record", 4: "chains"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A receipt this much older than the recipient's checkpoint must be in the recipient's tree, and so must its statement.
SETTLED = timedelta(seconds=10)


class Bad(ValueError):
    """Something is not as its format has it."""


class Finding(NamedTuple):
    """Something that is not as it must be: in which file, about which matters, of what kind, and what."""

    file: str
    matter: str
    kind: str
    message: str


# --- what is trusted -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AuthorKey:
    """A party's Ed25519 key and when it may sign (UTC; None: open)."""

    party: str
    public: Ed25519PublicKey
    since: datetime | None
    until: datetime | None

    def may_sign(self, at: datetime) -> bool:
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


@dataclass(frozen=True)
class NoteKey:
    """A key that signs notes: its name, its type (0x01, 0x04, 0x06) and its raw public key."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]


@dataclass(frozen=True)
class Policy:
    """A tlog-policy: the logs that count, witnesses by name, groups by name, and who must have cosigned."""

    logs: Sequence[NoteKey]
    witnesses: Mapping[str, NoteKey]
    groups: Mapping[str, tuple[int, Sequence[str]]]
    quorum: str

    def is_met(self, cosigned: set[str]) -> bool:
        """Whether the quorum is among the names of witnesses that cosigned."""

        def met(name: str) -> bool:
            if name in self.groups:
                wanted, members = self.groups[name]
                return sum(map(met, members)) >= wanted
            return name in cosigned

        return self.quorum == "none" or met(self.quorum)


@dataclass(frozen=True)
class Trust:
    """Authors' keys by keyid, each party's log keys, and the policies, of which the one with a log says who cosigns it."""

    authors: Mapping[str, AuthorKey]
    logs: Mapping[str, Sequence[NoteKey]]
    policies: Sequence[Policy]


def load_trust(parties: bytes | None, *policies: bytes) -> Trust:
    """What is trusted, from a parties file, policies, or both.

    Raises:
        Bad: one cannot be read, or both are missing.
    """
    if parties is None and not policies:
        raise Bad("name the parties file, the policy, or both: a pack proves nothing by its own keys")
    read = [read_policy(policy) for policy in policies]
    if parties is not None:
        authors = dict(_authors(parties))
    else:
        authors = dict(_author_of_log(key) for policy in read for key in policy.logs)
    logs: dict[str, list[NoteKey]] = {}
    for key in authors.values():
        name = f"netral/{key.party}"
        logs.setdefault(key.party, []).append(NoteKey(name, 1, key.public.public_bytes_raw()))
    return Trust(authors, logs, read)


def _authors(parties: bytes) -> Iterator[tuple[str, AuthorKey]]:
    try:
        document = json.loads(parties, object_pairs_hook=_no_repeats)
        if document["format"] != "netral-parties/1":
            raise Bad("the parties file has another format")
        for party in document["parties"]:
            for key in party["signing"]:
                der = b64decode(key["spki"], validate=True)
                public = load_der_public_key(der)
                if not isinstance(public, Ed25519PublicKey) or sha256(der).hexdigest() != key["keyid"]:
                    raise Bad(f"{party['id']}: a signing key is not the Ed25519 key of its keyid")
                since, until = _instant_of(key["since"]), key["until"] and _instant_of(key["until"])
                yield key["keyid"], AuthorKey(_printable(party["id"]), public, since, until)
    except (KeyError, TypeError, ValueError, RecursionError, UnsupportedAlgorithm) as error:
        raise Bad(f"the parties file cannot be read: {error}") from None


def _author_of_log(key: NoteKey) -> tuple[str, AuthorKey]:
    public = Ed25519PublicKey.from_public_bytes(key.public)
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return sha256(der).hexdigest(), AuthorKey(key.name.removeprefix("netral/"), public, None, None)


def read_policy(data: bytes) -> Policy:
    """Read a tlog-policy: `log`, `witness`, `group` and one `quorum`, each name defined before it is used.

    Raises:
        Bad: with the line.
    """
    logs: list[NoteKey] = []
    witnesses: dict[str, NoteKey] = {}
    groups: dict[str, tuple[int, Sequence[str]]] = {}
    quorum, grouped = "", set[str]()
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise Bad("the policy is not UTF-8") from None
    for number, line in enumerate(text.split("\n"), 1):
        words = [word for word in re.split(r"[ \t]+", line) if word]
        if not words or words[0].startswith("#"):
            continue
        if re.search(r"[\x00-\x08\x0a-\x1f\x7f]", line):
            raise Bad(f"line {number} of the policy has a control character")
        known = witnesses.keys() | groups.keys() | {"none"}
        match words:
            case ["log", vkey, *url] if len(url) < 2:
                logs.append(read_vkey(vkey, {1}))
            case ["witness", name, vkey, *url] if len(url) < 2 and name not in known:
                witnesses[name] = read_vkey(vkey, {4, 6})
            case ["group", name, count, *members] if members and name not in known:
                groups[name] = _group(count, members, known, grouped, number)
            case ["quorum", name] if not quorum and name in known:
                quorum = name
            case _:
                raise Bad(f"line {number} of the policy is none, or names something unknown or twice")
    keys = [(key.kind, key.public) for key in (*logs, *witnesses.values())]
    if len(set(keys)) != len(keys) or not quorum:
        raise Bad("a key stands twice in the policy, or it has no quorum")
    return Policy(logs, witnesses, groups, quorum)


def _group(
    count: str, members: Sequence[str], known: set[str], grouped: set[str], number: int
) -> tuple[int, Sequence[str]]:
    wanted = {"any": "1", "all": str(len(members))}.get(count, count)
    once = len(set(members)) == len(members) and not grouped & set(members)
    if not re.fullmatch("[1-9][0-9]{0,3}", wanted) or int(wanted) > len(members):
        raise Bad(f"line {number} of the policy wants a number of members that there are not")
    if not set(members) <= known - {"none"} or not once:
        raise Bad(f"line {number} of the policy has an unknown member, or one that is in a group already")
    grouped |= set(members)
    return int(wanted), members


def read_vkey(text: str, kinds: set[int]) -> NoteKey:
    """A verifier key `name+id+base64` of one of these types.

    Raises:
        Bad: it is none.
    """
    found = re.fullmatch(r"([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)", text)
    if not found:
        raise Bad("a key of the policy is not name+id+base64")
    content = _base64(found[3])
    key = NoteKey(found[1], content[0], content[1:])
    if key.id.hex() != found[2] or key.kind not in kinds:
        raise Bad(f"the key of {key.name} has another id, or is of a type that does not belong there")
    if len(key.public) != (1312 if key.kind == 6 else 32):
        raise Bad(f"the key of {key.name} has the wrong length")
    return key


# --- reading bytes strictly ----------------------------------------------------------------------------------------


def _no_repeats(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


def _base64(text: str) -> bytes:
    try:
        content = b64decode(text, validate=True)
    except ValueError:
        raise Bad("malformed base64") from None
    if not content or b64encode(content).decode() != text:
        raise Bad("base64 that is empty or not canonical")
    return content


def _instant_of(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.utcoffset() is None:
        raise Bad("an instant without a zone")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise Bad("an instant that is none in UTC") from None


def _printable(text: Any) -> str:
    if type(text) is not str or not text.isascii() or not text.isprintable():
        raise Bad("a name is not printable ASCII")
    return text


def read_json(data: bytes) -> Any:
    """JSON in the one form that packs have it: sorted members, one space of indent, ASCII, a line feed at the end.

    Raises:
        Bad: another form, or a member that stands twice.
    """
    try:
        document = json.loads(data.decode("ascii"), object_pairs_hook=_no_repeats)
    except (ValueError, RecursionError):
        raise Bad("not JSON") from None
    if (json.dumps(document, sort_keys=True, indent=1) + "\n").encode() != data:
        raise Bad("not in the one form that a pack's JSON has")
    return document


Fields = dict[int, list[Any]]


def protobuf(data: bytes) -> Fields:
    """The fields of a protobuf message by number; varints as numbers, the rest as bytes.

    Raises:
        Bad: it is none.
    """
    found: Fields = {}
    place = 0
    while place < len(data):
        tag, place = _varint(data, place)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value: Any
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
        if byte < 0x80:
            return value, place
    raise Bad("a number is cut off")


def _one(fields: Fields, number: int, kind: type[Any]) -> Any:
    """The value of a field that stands at most once; empty if absent."""
    values = fields.get(number, [kind()])
    if len(values) != 1 or not isinstance(values[0], kind):
        raise Bad(f"field {number} is of another kind, or stands twice")
    return values[0]


def _text(fields: Fields, number: int) -> str:
    try:
        return str(_one(fields, number, bytes), "utf-8")
    except UnicodeDecodeError:
        raise Bad(f"field {number} is no text") from None


def _time(fields: Fields, number: int) -> datetime:
    stamp = protobuf(_one(fields, number, bytes))
    seconds, nanos = _one(stamp, 1, int), _one(stamp, 2, int)
    try:
        if nanos >= 1_000_000_000:
            raise OverflowError
        return _EPOCH + timedelta(seconds=seconds - (seconds >> 63 << 64), microseconds=nanos // 1000)
    except OverflowError:
        raise Bad("a time is not one of the years 1 to 9999") from None


# --- the archive ---------------------------------------------------------------------------------------------------

_LOCAL, _CENTRAL, _END = Struct("<4sHHHHHIIIHH"), Struct("<4sHHHHHHIIIHHHHHII"), Struct("<4sHHHHIIH")


def zipped(entries: Mapping[str, bytes]) -> bytes:
    """The one archive of these entries: stored, without times, attributes or comments of their own."""
    body, directory = bytearray(), bytearray()
    for name, content in entries.items():
        encoded = name.encode()
        common = (0, 0, 0, 33, crc32(content), len(content), len(content), len(encoded), 0)
        directory += _CENTRAL.pack(b"PK\x01\x02", 788, 20, *common, 0, 0, 0, 0o100644 << 16, len(body))
        directory += encoded
        body += _LOCAL.pack(b"PK\x03\x04", 20, *common) + encoded + content
    count = len(entries)
    return bytes(
        body + directory + _END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), len(body), 0)
    )


def unzipped(data: bytes, report: Callable[[str, str], None]) -> dict[str, bytes]:
    """The entries, as far as they can be read; `report(file, message)` hears whatever is not the one archive of them.

    The one archive begins with the manifest and its signature; the rest is in the order of the names.
    """
    entries: dict[str, bytes] = {}
    places: list[tuple[int, str]] = []
    place = 0
    while data[place : place + 4] == b"PK\x03\x04" and place + _LOCAL.size <= len(data):
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
    """The order of the files of a pack."""
    return sorted(names, key=lambda name: (name != "manifest.json", name != "manifest.dsse.json", name))


def _header(data: bytes, place: int) -> tuple[str, int, int]:
    """What a local header says: the name, empty if it is not printable ASCII; where the content begins, and its size."""
    size, name_size = _LOCAL.unpack_from(data, place)[8:10]
    first = place + _LOCAL.size + name_size
    name = data[place + _LOCAL.size : first].decode("ascii", "replace")
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
    """The entry that a byte of the archive belongs to, in the body or in the directory behind it."""
    if at < directory:
        return next(name for start, name in reversed(places) if start <= at)
    if len(data) != due and data[directory : directory + 4] not in (b"PK\x01\x02", b"PK\x05\x06"):
        there = directory + _LOCAL.size <= len(data)
        return (there and _header(data, directory)[0]) or _after(entries)
    end = directory
    for name in entries:
        end += _CENTRAL.size + len(name)
        if at < end:
            return name
    return "the end of the archive"


# --- signed notes and checkpoints ------------------------------------------------------------------------------------


class Note(NamedTuple):
    """The text of a note and its signature lines: name, key id, signature."""

    text: str
    signatures: list[tuple[str, bytes, bytes]]


class Checkpoint(NamedTuple):
    """What a log commits to."""

    origin: str
    size: int
    root: bytes
    text: str


def read_note(data: bytes) -> Note:
    """A signed note (C2SP signed-note), taken apart.

    Raises:
        Bad: it is none.
    """
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise Bad("a note is UTF-8") from None
    text, empty, lines = whole.rpartition("\n\n")
    if re.search(r"[\x00-\x09\x0b-\x1f]", whole) or not empty or not lines.endswith("\n"):
        raise Bad("a note is text, an empty line and whole signature lines")
    signatures = []
    for line in lines[:-1].split("\n"):
        words = line.split(" ")
        if len(words) != 3 or words[0] != "\u2014" or not words[1] or "+" in words[1]:
            raise Bad("a signature line is a dash, a name and base64")
        content = _base64(words[2])
        if len(content) < 5:
            raise Bad("a signature is too short")
        signatures.append((words[1], content[:4], content[4:]))
    if len(signatures) > 100:
        raise Bad("a note has at most 100 signatures")
    return Note(text + "\n", signatures)


def read_checkpoint(text: str) -> Checkpoint:
    """Origin, size and root (C2SP tlog-checkpoint).

    Raises:
        Bad: it is none.
    """
    lines = text.split("\n")
    if len(lines) < 4 or not all(lines[:-1]) or not re.fullmatch("0|[1-9][0-9]{0,18}", lines[1]):
        raise Bad("a checkpoint is origin, size and root")
    root = _base64(lines[2])
    if len(root) != 32:
        raise Bad("a root is 32 bytes")
    return Checkpoint(lines[0], int(lines[1]), root, text)


def _ed25519(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _ml_dsa(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_cosigned(key: NoteKey, signature: bytes, head: Checkpoint) -> bool:
    """Whether this is the key's cosignature of a checkpoint (C2SP tlog-cosignature, types 0x04 and 0x06)."""
    stamp, rest = signature[:8], signature[8:]
    seconds = int.from_bytes(stamp, "big")
    if not 0 < seconds < 1 << 63:
        return False
    if key.kind == 4:
        message = f"cosignature/v1\ntime {seconds}\n{head.text}".encode()
        return len(rest) == 64 and _ed25519(key.public, rest, message)
    name, origin = key.name.encode(), head.origin.encode()
    message = b"subtree/v1\n\0" + bytes([len(name)]) + name + stamp + bytes([len(origin)]) + origin
    message += (0).to_bytes(8, "big") + head.size.to_bytes(8, "big") + head.root
    return len(rest) == 2420 and _ml_dsa(key.public, rest, message)


# --- RFC 6962 --------------------------------------------------------------------------------------------------------


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def root_of(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that an audit path leads to, from the definition in RFC 6962 2.1.1.

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


def read_proof(data: bytes) -> tuple[int, list[bytes], bytes]:
    """Index, path and checkpoint of a `.tlog-proof` (C2SP tlog-proof@v1).

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
    found = re.fullmatch("index (0|[1-9][0-9]{0,18})", lines[1])
    path = [_base64(line) for line in lines[2:]]
    if not found or len(path) > 63 or any(len(each) != 32 for each in path):
        raise Bad("a proof is an index and at most 63 hashes")
    return int(found[1]), path, note


# --- chains: that nothing was left out --------------------------------------------------------------------------------

_NOTHING = bytes(32)


def check_chain(said: Any, key: str, leaves: Sequence[tuple[int, bytes]], root: bytes) -> None:
    """That these leaves (index, leaf hash) are all that the log chained under a key, and that `root` commits to the chain.

    The map: leaf SHA-256(0 || path || length || head || case), node SHA-256(1 || left || right), an empty subtree 32 zero
    bytes, a subtree of one key that key's leaf; the path of a key is SHA-256("netral chain v1\\n" || key).

    Raises:
        Bad: a leaf is left out, added or exchanged, or the chain is not the one that the log commits to.
    """
    if set(said) != {"key", "length", "head", "case", "siblings", "other"} or said["key"] != key:
        raise Bad("the chain is of another key")
    length, head, case = said["length"], _hex32(said["head"]), _hex32(said["case"])
    siblings = [_hex32(each) for each in said["siblings"]]
    path = sha256(b"netral chain v1\n" + key.encode()).digest()
    if type(length) is not int or not 0 <= length < 1 << 63 or len(siblings) > 256:
        raise Bad("the chain's proof is malformed")
    if len(leaves) != length:
        raise Bad(f"{len(leaves)} of {length} leaves are here: the log chained another number")
    found = _NOTHING
    for index, hashed in leaves:
        found = sha256(found + index.to_bytes(8, "big") + hashed).digest()
    if found != head:
        raise Bad("the leaves here are not those that the log chained")
    if length:
        node = sha256(b"\0" + path + length.to_bytes(8, "big") + head + case).digest()
    else:
        node = _beside(said["other"], path, len(siblings))
    for depth, sibling in reversed(list(enumerate(siblings))):
        node = node_hash(sibling, node) if _bit(path, depth) else node_hash(node, sibling)
    if node != root:
        raise Bad("the chain is not the one that the log commits to")


def _beside(other: Any, path: bytes, depth: int) -> bytes:
    """What stands at the place of a key that has no chain: nothing, or another key's leaf."""
    if other is None:
        return _NOTHING
    entry = bytes.fromhex(other)
    if len(entry) != 104 or entry.hex() != other or entry[:32] == path:
        raise Bad("the chain's proof is malformed")
    if any(_bit(entry, at) != _bit(path, at) for at in range(depth)):
        raise Bad("the chain's proof is of another place")
    return sha256(b"\0" + entry).digest()


def _bit(path: bytes, at: int) -> int:
    return path[at >> 3] >> (7 - (at & 7)) & 1


def _hex32(text: str) -> bytes:
    content = bytes.fromhex(text)
    if len(content) != 32 or content.hex() != text:
        raise Bad("not 32 bytes in hexadecimal")
    return content


# --- what the leaves say ---------------------------------------------------------------------------------------------


@dataclass
class Leaf:
    """What is read of a leaf; `digest` is SHA-256 of the bytes kept, `about` what a receipt says of its statement."""

    party: str
    file: str
    index: int
    kind: str
    digest: bytes
    id: str
    matter: str | None
    author: str
    sender: str
    recipient: str
    sequence: int
    time: datetime
    about: bytes = b""
    case_id: str | None = None
    problems: list[str] = field(default_factory=list)


def read_leaf(party: str, file: str, index: int, body: bytes, authors: Mapping[str, AuthorKey]) -> Leaf:
    """What the bytes of a leaf say; what is wrong with its signature or place is in `problems`.

    Raises:
        Bad: they are no leaf of ours.
    """
    kept = body[1:]
    kind = KINDS.get(body[0] if body else 0, "")
    if kind == "record":
        leaf = _record(party, file, index, kept)
    elif kind == "statement":
        leaf = _signed(party, file, index, kept, STATEMENT_TYPE, _statement, authors)
    elif kind == "receipt":
        leaf = _signed(party, file, index, kept, RECEIPT_TYPE, _receipt, authors)
    elif kind == "chains" and len(body) == 34 and body[1] == 1:
        leaf = Leaf(party, file, index, kind, sha256(kept).digest(), "", "", party, "", "", 0, _EPOCH)
        leaf.about = body[2:]
    else:
        raise Bad("the leaf is neither statement, receipt, record nor chains")
    return leaf


def _record(party: str, file: str, index: int, kept: bytes) -> Leaf:
    said = protobuf(kept)
    leaf = Leaf(
        party=party,
        file=file,
        index=index,
        kind="record",
        digest=sha256(kept).digest(),
        id=_text(said, 1),
        matter=_text(said, 6),
        author=_text(said, 2),
        sender="",
        recipient="",
        sequence=0,
        time=_time(said, 3),
        case_id=_text(said, 7),
    )
    if leaf.author != party:
        leaf.problems.append("it is a record of another party")
    return leaf


def _signed(
    party: str,
    file: str,
    index: int,
    kept: bytes,
    payload_type: str,
    read: Callable[[Fields], dict[str, Any]],
    authors: Mapping[str, AuthorKey],
) -> Leaf:
    payload, keyid, signature = _envelope(kept, payload_type)
    values = read(protobuf(payload))
    problems = values.pop("problems")
    leaf = Leaf(party=party, file=file, index=index, digest=sha256(kept).digest(), **values)
    key = authors.get(keyid)
    if key is None or key.party != leaf.author:
        problems.append("it is not signed with a key of its author")
    elif not key.may_sign(leaf.time):
        problems.append("its key was not valid when it was signed")
    elif not _ed25519(key.public.public_bytes_raw(), signature, pae(payload_type, payload)):
        problems.append("its signature does not verify")
    if party not in (leaf.sender, leaf.recipient):
        problems.append("it is neither from nor to this party")
    leaf.problems = problems
    return leaf


def pae(payload_type: str, payload: bytes) -> bytes:
    """What a DSSE signature is over."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def _envelope(kept: bytes, payload_type: str) -> tuple[bytes, str, bytes]:
    """Payload, keyid and signature of an envelope in the one encoding that is signed."""
    outer = protobuf(kept)
    payload, kind = _one(outer, 1, bytes), _text(outer, 2)
    inner = protobuf(_one(outer, 3, bytes))
    signature, keyid = _one(inner, 1, bytes), _text(inner, 2)
    again = _printed(1, payload) + _printed(2, kind.encode())
    again += _printed(3, _printed(1, signature) + _printed(2, keyid.encode()))
    if kind != payload_type or again != kept:
        raise Bad("the envelope is not in the encoding that was signed")
    return payload, keyid, signature


def _printed(number: int, value: bytes) -> bytes:
    size, length = b"", len(value)
    while length > 0x7F:
        size, length = size + bytes([length & 0x7F | 0x80]), length >> 7
    return bytes([number << 3 | 2]) + size + bytes([length]) + value if value else b""


def _statement(said: Fields) -> dict[str, Any]:
    sender = _text(said, 6)
    source = _text(said, 2)
    return {
        "kind": "statement",
        "id": _text(said, 1),
        "matter": _text(said, 4),
        "author": sender,
        "sender": sender,
        "recipient": _text(said, 7),
        "sequence": _one(said, 8, int),
        "time": _time(said, 5),
        "case_id": _text(said, 10),
        "problems": [] if source == f"netral://{sender}" else ["its source is not its sender"],
    }


def _receipt(said: Fields) -> dict[str, Any]:
    if _one(said, 6, int) not in (1, 2):
        raise Bad("the receipt has no stage")
    return {
        "kind": "receipt",
        "id": _text(said, 1),
        "matter": None,
        "author": _text(said, 4),
        "sender": _text(said, 3),
        "recipient": _text(said, 4),
        "sequence": _one(said, 5, int),
        "time": _time(said, 10),
        "about": _one(said, 2, bytes),
        "problems": [],
    }


# --- the pack ----------------------------------------------------------------------------------------------------


@dataclass
class Part:
    """One party's view: its signed manifest, its checkpoint and its leaves."""

    party: str
    manifest: Any
    head: Checkpoint | None = None
    as_of: datetime | None = None
    cosigned: list[str] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)

    @property
    def folder(self) -> str:
        return f"logs/{self.party}/"


@dataclass
class Result:
    """What the verification of a pack gave; it is sound if there are no findings."""

    findings: list[Finding]
    maker: str
    scope: Any
    parts: list[Part]
    digest: str


def verify(data: bytes, trust: Trust) -> Result:
    """Verify a pack (the bytes of the zip file) with keys and policy from outside."""
    return _Verification(data, trust).run()


class _Verification:
    def __init__(self, data: bytes, trust: Trust) -> None:
        self.trust = trust
        self.data = data
        self.findings: list[Finding] = []
        self.matters: dict[str, str] = {}
        self.all_matters = ""
        self.parts: list[Part] = []

    def find(self, file: str, kind: str, message: str, matter: str | None = None) -> None:
        named = self.matters.get(file, self.all_matters) if matter is None else matter
        self.findings.append(Finding(file, named, kind, message))

    def run(self) -> Result:
        broken: list[tuple[str, str]] = []
        entries = unzipped(self.data, lambda file, message: broken.append((file, message)))
        self._learn_matters(entries)
        for file, message in broken:
            self.find(file, "archive", message)
        manifest = self._manifest(entries, "", PACK_FORMAT, PACK_TYPE, "maker")
        for party in self._names_of_parts(entries, manifest) if manifest else ():
            self._part(entries, party, manifest)
        self._cross_check()
        maker, scope = (manifest.get("maker", ""), manifest.get("scope", {})) if manifest else ("", {})
        return Result(self.findings, maker, scope, self.parts, sha256(self.data).hexdigest())

    # Manifests

    def _learn_matters(self, entries: Mapping[str, bytes]) -> None:
        """Which file is about which matter, from whatever can be read, sound or not."""
        for name, content in entries.items():
            if not name.endswith("manifest.json"):
                continue
            try:
                said = json.loads(content)
                known = said["scope"]["matters"] or sorted(
                    {each["matter"] for each in said.get("leaves", [])}
                )
                self.all_matters = self.all_matters or " ".join(str(each) for each in known if each)
                for each in said.get("leaves", []):
                    folder = name.removesuffix("manifest.json")
                    for file in files_of(folder, each["index"], each["kind"]) if each["matter"] else ():
                        self.matters[file] = str(each["matter"])
            except (KeyError, TypeError, ValueError, RecursionError):
                continue
        if (
            not self.all_matters
        ):  # not even a manifest can be told apart: whatever still looks like one names them
            named = re.findall(rb'"matters?": (?:\[\s*)?"([0-9a-f-]{36})"', self.data)
            self.all_matters = " ".join(sorted({each.decode() for each in named}))

    def _manifest(
        self, entries: Mapping[str, bytes], folder: str, format: str, type: str, by: str
    ) -> dict[str, Any] | None:
        """A manifest: its form, its signature, and that the files are those that it lists."""
        file = folder + "manifest.json"
        try:
            said = read_json(entries[file])
            if said["format"] != format or not isinstance(said[by], str):
                raise Bad("another format")
            listed = {str(each["name"]): (each["sha256"], each["size"]) for each in said["files"]}
            _check_scope(said["scope"])
        except KeyError as error:
            self.find(file, "manifest", f"it is missing, or lacks {error}")
            return None
        except (Bad, TypeError, AttributeError) as error:
            self.find(file, "manifest", f"it cannot be read: {error}")
            return None
        self._check_manifest_signature(entries, folder, type, said[by])
        self._check_files(entries, folder, listed)
        return dict(said)

    def _check_manifest_signature(
        self, entries: Mapping[str, bytes], folder: str, type: str, party: str
    ) -> None:
        file = folder + "manifest.dsse.json"
        try:
            said = read_json(entries[file])
            (signature,) = said["signatures"]
            payload = _base64(said["payload"])
            key = self.trust.authors.get(signature["keyid"])
            if set(said) != {"payload", "payloadType", "signatures"} or set(signature) != {"keyid", "sig"}:
                raise Bad("it has other members than a DSSE envelope")
            if said["payloadType"] != type:
                raise Bad("it is over something else than a manifest")
            if payload != entries[folder + "manifest.json"]:
                self.find(folder + "manifest.json", "signature", "it is not what was signed")
                raise Bad("it signs something else than the manifest")
            if key is None or key.party != party:
                raise Bad(f"it is not signed with a key of {party}")
            if not _ed25519(key.public.public_bytes_raw(), _base64(signature["sig"]), pae(type, payload)):
                raise Bad("its signature does not verify")
        except (Bad, KeyError, TypeError, ValueError) as error:
            self.find(file, "signature", f"{error}")

    def _check_files(
        self, entries: Mapping[str, bytes], folder: str, listed: Mapping[str, tuple[Any, Any]]
    ) -> None:
        own = {folder + "manifest.json", folder + "manifest.dsse.json"}
        here = {name for name in entries if name.startswith(folder)} - own
        for name in sorted(here - listed.keys()):
            self.find(name, "manifest", "the manifest does not list it")
        for name in sorted(listed.keys() - here):
            self.find(name, "manifest", "it is listed and missing")
        for name in sorted(here & listed.keys()):
            if (sha256(entries[name]).hexdigest(), len(entries[name])) != listed[name]:
                self.find(name, "digest", "it is not the file that the manifest lists")

    def _names_of_parts(self, entries: Mapping[str, bytes], manifest: Mapping[str, Any]) -> list[str]:
        """The parties whose parts are in the pack: at least one, each once, and no log without its part."""
        names = manifest.get("parts")
        if not isinstance(names, list) or not names or not all(type(name) is str for name in names):
            self.find("manifest.json", "manifest", "it names no parts: a pack without a log proves nothing")
            return []
        if sorted(set(names)) != names:
            self.find("manifest.json", "manifest", "its parts are not in order, each once")
        folders = tuple(f"logs/{name}/" for name in names)
        for file in entries:
            if file.startswith("logs/") and not file.startswith(folders):
                self.find(file, "manifest", "it is of no part that the manifest names")
        return sorted(set(names))

    # One party's view

    def _part(self, entries: Mapping[str, bytes], party: str, pack: Any) -> None:
        folder = f"logs/{party}/"
        said = self._manifest(entries, folder, PART_FORMAT, PART_TYPE, "party")
        if said is None:
            return
        part = Part(party, said)
        self.parts.append(part)
        try:
            if said["party"] != party or (said["scope"] != pack["scope"]):
                raise Bad("it is about something else than the pack")
            part.head = self._checkpoint(entries[folder + "checkpoint"], part)
            if (said["size"], said["root"]) != (part.head.size, b64encode(part.head.root).decode()):
                raise Bad("its size and root are not those of the checkpoint")
            part.as_of = _instant_of(said["as_of"])
            listed = [_listed(each) for each in said["leaves"]]
        except (Bad, KeyError, TypeError, ValueError) as error:
            self.find(folder + "manifest.json", "manifest", f"it cannot be used: {error}")
            return
        self._check_listing(
            folder, listed, said["scope"], {name for name in entries if name.startswith(folder)}
        )
        for index, kind, matter in listed:
            self._leaf(entries, part, index, kind, matter)
        own = [leaf.time for leaf in part.leaves if leaf.author == party and leaf.kind != "chains"]
        if own and max(own) - part.as_of > SETTLED:
            self.find(folder + "manifest.json", "manifest", "it says that it was of before its own leaves")
        self._check_receipts(part)
        for matter in said["scope"]["matters"]:
            self._check_whole(entries, part, matter)

    def _check_whole(self, entries: Mapping[str, bytes], part: Part, matter: str) -> None:
        """Nothing of a matter was left out: its chain has these leaves, and the log's last leaf commits to the chain."""
        file = f"{part.folder}chains/{matter}.json"
        size = part.head.size if part.head else 0
        last = next((leaf for leaf in part.leaves if leaf.kind == "chains" and leaf.index == size - 1), None)
        mine = [leaf for leaf in part.leaves if leaf.matter == matter and leaf.kind != "chains"]
        try:
            if last is None:
                raise Bad("the log's last leaf is no chain leaf: that nothing was left out is not proved")
            leaves = [(leaf.index, leaf_hash(entries[leaf.file])) for leaf in mine]
            check_chain(read_json(entries[file]), f"matter/{matter}", leaves, last.about)
        except (Bad, KeyError, TypeError, ValueError) as error:
            text = "it is missing" if isinstance(error, KeyError) else str(error)
            self.find(file, "completeness", text, matter)

    def _checkpoint(self, data: bytes, part: Part) -> Checkpoint:
        """The part's checkpoint: signed by its log, cosigned as the policy wants."""
        file = part.folder + "checkpoint"
        note = read_note(data)
        head = read_checkpoint(note.text)
        if head.origin != f"netral/{part.party}":
            self.find(file, "checkpoint", "it is one of another log")
        known = {key.id: key for key in self.trust.logs.get(part.party, ())}
        own = [(known[id], sig) for name, id, sig in note.signatures if name == head.origin and id in known]
        if not own or not all(_ed25519(key.public, sig, note.text.encode()) for key, sig in own):
            self.find(file, "checkpoint", "it is not signed by the log")
        if self.trust.policies:
            self._check_policy(note, head, [key for key, _ in own], part)
        return head

    def _check_policy(self, note: Note, head: Checkpoint, signed: Sequence[NoteKey], part: Part) -> None:
        file = part.folder + "checkpoint"
        policies = (each for each in self.trust.policies if any(key in each.logs for key in signed))
        policy = next(policies, None)
        if policy is None:
            self.find(file, "policy", "no policy has this log with this key")
            return
        for name, key in policy.witnesses.items():
            lines = [sig for by, id, sig in note.signatures if (by, id) == (key.name, key.id)]
            if any(not is_cosigned(key, sig, head) for sig in lines):
                self.find(file, "cosignature", f"the cosignature of {name} does not verify")
            elif lines:
                part.cosigned.append(name)
        if not policy.is_met(set(part.cosigned)):
            text = f"the quorum {policy.quorum} is not met: cosigned by {named(part.cosigned)}"
            self.find(file, "policy", text)

    def _check_listing(
        self, folder: str, listed: Sequence[tuple[int, str, str]], scope: Any, here: set[str]
    ) -> None:
        file = folder + "manifest.json"
        indexes = [index for index, _, _ in listed]
        if sorted(set(indexes)) != indexes:
            self.find(file, "manifest", "its leaves are not in order of index, each once")
        if scope["range"] is not None and not _are_all_of(indexes, *scope["range"]):
            self.find(file, "manifest", "its leaves are not those of the range")
        named = {matter for _, kind, matter in listed if kind != "chains"}
        if scope["matters"] and not named <= set(scope["matters"]):
            self.find(file, "manifest", "it has leaves of other matters")
        wanted = {name for index, kind, _ in listed for name in files_of(folder, index, kind)}
        wanted |= {folder + name for name in ("manifest.json", "manifest.dsse.json", "checkpoint")}
        wanted |= {f"{folder}chains/{matter}.json" for matter in scope["matters"]}
        for name in sorted(here - wanted):
            self.find(name, "manifest", "it belongs to no leaf of the listing")

    def _leaf(self, entries: Mapping[str, bytes], part: Part, index: int, kind: str, matter: str) -> None:
        file, proof_file = files_of(part.folder, index, kind)
        body, proof = entries.get(file), entries.get(proof_file)
        if body is None or proof is None or part.head is None:
            self.find(file, "leaf", "the leaf or its proof is missing")
            return
        try:
            place, path, note = read_proof(proof)
            if place != index or note != entries[part.folder + "checkpoint"]:
                raise Bad("the proof is of another leaf or checkpoint")
            if root_of(leaf_hash(body), index, part.head.size, path) != part.head.root:
                raise Bad("the leaf is not in the tree of the checkpoint")
        except Bad as error:
            self.find(proof_file, "proof", str(error))
        try:
            leaf = read_leaf(part.party, file, index, body, self.trust.authors)
            if leaf.kind != kind or (leaf.matter is not None and leaf.matter != matter):
                leaf.problems.append("kind or matter is not what the manifest says")
        except Bad as error:
            self.find(file, "unreadable", str(error))
            return
        for problem in leaf.problems:
            self.find(file, "signature", problem)
        leaf.matter = matter
        part.leaves.append(leaf)

    def _check_receipts(self, part: Part) -> None:
        """Each receipt is for a statement of the same bytes, parties and number, as far as the scope has it."""
        statements = {leaf.digest: leaf for leaf in part.leaves if leaf.kind == "statement"}
        by_id = {leaf.id: leaf for leaf in statements.values()}
        for receipt in part.leaves:
            if receipt.kind != "receipt":
                continue
            about = statements.get(receipt.about)
            if about is None:
                if receipt.id in by_id or part.manifest["scope"]["range"] is None:
                    self.find(receipt.file, "receipt", "its statement is not in the pack with these bytes")
                continue
            route = (about.id, about.sender, about.recipient, about.sequence, about.matter)
            said = (receipt.id, receipt.sender, receipt.recipient, receipt.sequence, receipt.matter)
            if said != route:
                self.find(
                    receipt.file, "receipt", "it says other parties, number or matter than its statement"
                )

    # Log against log

    def _cross_check(self) -> None:
        """What one view proves to be in another log of the pack must be there, if it is of before that checkpoint."""
        by_party = {part.party: part for part in self.parts if part.head is not None}
        held = {party: {leaf.digest for leaf in part.leaves} for party, part in by_party.items()}
        until = {
            party: part.as_of
            for party, part in by_party.items()
            if part.as_of is not None and part.manifest["scope"]["range"] is None
        }
        for part in by_party.values():
            for leaf in part.leaves:
                for party, digest, what in _owed(leaf):
                    owes = party != part.party and party in until and until[party] - leaf.time > SETTLED
                    if owes and digest not in held[party]:
                        text = f"{part.party} holds {what}, and it is not here ({leaf.file})"
                        file = f"logs/{party}/manifest.json"
                        self.find(file, "other log", text, leaf.matter)


def _owed(leaf: Leaf) -> Iterator[tuple[str, bytes, str]]:
    """Which log must have what, because of this leaf in another."""
    if leaf.kind == "statement":
        yield leaf.sender, leaf.digest, f"statement {leaf.id} of this party"
    elif leaf.kind == "receipt":
        yield leaf.recipient, leaf.digest, f"a receipt by this party for statement {leaf.id}"
        yield (
            leaf.recipient,
            leaf.about,
            f"a receipt by this party for statement {leaf.id}, whose bytes it owes",
        )
        yield leaf.sender, leaf.about, f"a receipt for statement {leaf.id} of this party"


def files_of(folder: str, index: Any, kind: Any) -> tuple[str, str]:
    """Where a leaf and its proof stand."""
    return f"{folder}leaves/{index:012d}.{kind}", f"{folder}proofs/{index:012d}.tlog-proof"


def _are_all_of(indexes: Sequence[int], first: int, end: int) -> bool:
    """Whether these are the numbers from `first` up to, without, `end`; the range may claim to be of any length."""
    return len(indexes) == end - first and all(index == first + at for at, index in enumerate(indexes))


def _listed(leaf: Any) -> tuple[int, str, str]:
    index, kind, matter = leaf["index"], leaf["kind"], leaf["matter"]
    is_index = type(index) is int and 0 <= index < 1 << 63
    if not is_index or kind not in KINDS.values() or type(matter) is not str:
        raise Bad("a leaf of its listing is no index, kind and matter")
    return index, kind, matter


def _check_scope(scope: Any) -> None:
    if set(scope) != {"case", "matters", "range"} or not all(type(each) is str for each in scope["matters"]):
        raise Bad("its scope is not case, matters and range")
    limits = scope["range"]
    if (limits is None) == (not scope["matters"]):
        raise Bad("its scope is neither matters nor a range")
    if limits is not None and (len(limits) != 2 or any(type(each) is not int for each in limits)):
        raise Bad("its range is not two numbers")


# --- the command -----------------------------------------------------------------------------------------------------


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


def as_json(result: Result) -> dict[str, Any]:
    """A result as plain data."""
    return {
        "sha256": result.digest,
        "maker": result.maker,
        "scope": result.scope,
        "logs": [
            {
                "party": part.party,
                "size": part.head.size if part.head else 0,
                "leaves": len(part.leaves),
                "cosigned": part.cosigned,
            }
            for part in result.parts
        ],
        "findings": [finding._asdict() for finding in result.findings],
    }


def named(witnesses: Sequence[str]) -> str:
    """Witnesses for people: the first few, and how many more."""
    few = ", ".join(witnesses[:4]) or "nobody"
    return few if len(witnesses) < 5 else f"{few} and {len(witnesses) - 4} more"


def as_text(result: Result) -> str:
    """A result for people."""
    lines: list[str] = []
    for part in result.parts:
        size = part.head.size if part.head else 0
        cosigned = f", cosigned by {named(part.cosigned)}" if part.cosigned else ""
        lines.append(f"{part.party}: {len(part.leaves)} leaves of the tree of size {size}{cosigned}")
    for finding in result.findings:
        lines.append(f"{finding.file}, matter {finding.matter or '-'}: {finding.kind}: {finding.message}")
    verdict = "NOT SOUND" if result.findings else "sound"
    lines.append(f"{verdict}: made by {result.maker or '-'}, SHA-256 {result.digest}")
    return "\n".join(map(shown, lines))


def shown(text: str) -> str:
    """A line with what could deceive on a screen written out: a pack is made by somebody else."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


if __name__ == "__main__":
    sys.exit(main())

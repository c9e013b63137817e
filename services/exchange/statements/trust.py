"""The parties file: who is who, which roles they hold when, and their public keys. The trust root.

It is distributed out of band and versioned by `serial`. It is read strictly: an unknown or repeated member, a key
id that is not the key's, overlapping use of one key by two institutions, all stop the host from starting.
"""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    load_der_public_key,
)

from audit.formats import note
from audit.formats.canonical import MAX_NUMBER
from exchange.statements.envelope import keyid_of

Json = Any
"""A value of a JSON document; nothing is known of it before it is checked."""
Document = dict[str, Json]
"""The parties file as JSON."""

# Ids stand in subjects, where a dot or star would mean more.
_ID = re.compile(r"[a-z][a-z0-9-]{1,38}")
# Half a pair: JSON can say it, UTF-8 cannot.
_SURROGATE = re.compile("[\ud800-\udfff]")


class BadPartiesFile(ValueError):
    """The parties file cannot be trusted; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` (inclusive) until `until` (exclusive; None: open), UTC."""

    since: datetime
    until: datetime | None = None

    def covers(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 public key and when it may sign."""

    keyid: str
    public: Ed25519PublicKey
    period: Period


@dataclass(frozen=True, slots=True)
class SealingKey:
    """An X25519 public key that personal parts are sealed to. `key_id` is SHA-256 of the raw key, hex."""

    key_id: str
    public: X25519PublicKey
    period: Period


@dataclass(frozen=True, slots=True)
class CosigningKey:
    """An ML-DSA-44 public key (1,312 bytes) that a party cosigns others' logs with, beside its Ed25519 key."""

    raw: bytes
    period: Period


@dataclass(frozen=True, slots=True)
class Party:
    """An institution with its roles and public keys."""

    id: str
    name: str
    roles: Mapping[str, tuple[Period, ...]]
    signing: tuple[SigningKey, ...]
    sealing: tuple[SealingKey, ...]
    cosigning: tuple[CosigningKey, ...] = ()

    def holds(self, role: str, at: datetime) -> bool:
        """True if it holds the role at an instant (UTC)."""
        return any(period.covers(at) for period in self.roles.get(role, ()))

    def roles_at(self, at: datetime) -> frozenset[str]:
        """The roles that it holds at an instant (UTC)."""
        return frozenset(role for role in self.roles if self.holds(role, at))

    def sealing_key(self, at: datetime) -> SealingKey | None:
        """The newest key that may be sealed to at an instant (UTC)."""
        valid = [key for key in self.sealing if key.period.covers(at)]
        return max(valid, key=lambda key: key.period.since, default=None)


@dataclass(frozen=True)
class Parties:
    """The parties file, read."""

    serial: int
    parties: Mapping[str, Party]
    _by_keyid: Mapping[str, tuple[Party, SigningKey]] = field(repr=False)

    def get(self, id: str) -> Party | None:
        return self.parties.get(id)

    def signer(self, keyid: str) -> tuple[Party, SigningKey] | None:
        """Return the party whose key this is, whatever its validity."""
        return self._by_keyid.get(keyid)

    def holders(self, role: str, at: datetime) -> list[str]:
        """The institutions that hold a role at an instant (UTC), sorted."""
        return sorted(party.id for party in self.parties.values() if party.holds(role, at))


def load_parties(path: Path) -> Parties:
    """Read a parties file.

    Raises:
        BadPartiesFile: with the place and the reason.
    """
    try:
        document = json.loads(path.read_text("utf-8"), object_pairs_hook=_no_repeats)
    except (OSError, ValueError, RecursionError) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise BadPartiesFile(f"{path}: {said}") from error
    return read_parties(document)


def read_parties(document: Json) -> Parties:
    """Check and build the parties from the JSON document."""
    _members(document, "the file", {"format", "serial", "issued", "parties"})
    if document["format"] != "netral-parties/1":
        raise BadPartiesFile("format is not netral-parties/1")
    serial = document["serial"]
    if type(serial) is not int or not 1 <= serial <= MAX_NUMBER:  # True is an int, too
        raise BadPartiesFile("serial is not a number from 1 to 2^63 - 1")
    _instant(document["issued"], "issued")
    parties: dict[str, Party] = {}
    by_keyid: dict[str, tuple[Party, SigningKey]] = {}
    sealing: set[str] = set()
    cosigning: set[bytes] = set()
    for entry in _list(document["parties"], "parties"):
        party = _party(entry)
        if party.id in parties:
            raise BadPartiesFile(f"{party.id} stands twice")
        parties[party.id] = party
        for key in party.signing:
            if key.keyid in by_keyid:
                raise BadPartiesFile(f"{party.id}: a signing key stands twice")
            by_keyid[key.keyid] = (party, key)
        for sealing_key in party.sealing:
            if sealing_key.key_id in sealing:
                raise BadPartiesFile(f"{party.id}: a sealing key stands twice")
            sealing.add(sealing_key.key_id)
        for cosigning_key in party.cosigning:
            if cosigning_key.raw in cosigning:
                raise BadPartiesFile(f"{party.id}: a cosigning key stands twice")
            cosigning.add(cosigning_key.raw)
    return Parties(serial, parties, by_keyid)


def _party(entry: Json) -> Party:
    _members(entry, "a party", {"id", "name", "roles", "signing", "sealing"}, optional={"cosigning"})
    where = _text(entry["id"], "id")
    if not _ID.fullmatch(where):
        raise BadPartiesFile("an id is not of small letters, digits and dashes")
    roles: dict[str, list[Period]] = {}
    for role in _list(entry["roles"], where):
        _members(role, f"{where}: a role", {"role", "since", "until"})
        roles.setdefault(_text(role["role"], where), []).append(_period(role, where))
    return Party(
        id=where,
        name=_text(entry["name"], where),
        roles={role: tuple(periods) for role, periods in roles.items()},
        signing=tuple(_signing(key, where) for key in _list(entry["signing"], where)),
        sealing=tuple(_sealing(key, where) for key in _list(entry["sealing"], where)),
        cosigning=tuple(_cosigning(key, where) for key in _list(entry.get("cosigning", []), where)),
    )


def _signing(entry: Json, where: str) -> SigningKey:
    _members(entry, f"{where}: a signing key", {"keyid", "spki", "since", "until"})
    try:
        key = load_der_public_key(_base64(entry["spki"], where))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadPartiesFile(f"{where}: a signing key is unreadable") from error
    if not isinstance(key, Ed25519PublicKey) or keyid_of(key) != entry["keyid"]:
        raise BadPartiesFile(f"{where}: a signing key is not the Ed25519 key of its keyid")
    try:
        note.check_point(key.public_bytes_raw())
    except note.NoteError as error:
        raise BadPartiesFile(f"{where}: {error}") from None
    return SigningKey(entry["keyid"], key, _period(entry, where))


def _sealing(entry: Json, where: str) -> SealingKey:
    _members(entry, f"{where}: a sealing key", {"key_id", "raw", "since", "until"})
    raw = _base64(entry["raw"], where)
    if len(raw) != 32 or sha256(raw).hexdigest() != entry["key_id"]:
        raise BadPartiesFile(f"{where}: a sealing key is not the X25519 key of its key_id")
    return SealingKey(entry["key_id"], X25519PublicKey.from_public_bytes(raw), _period(entry, where))


def _cosigning(entry: Json, where: str) -> CosigningKey:
    _members(entry, f"{where}: a cosigning key", {"kind", "raw", "since", "until"})
    raw = _base64(entry["raw"], where)
    try:
        MLDSA44PublicKey.from_public_bytes(raw)
    except ValueError as error:
        raise BadPartiesFile(f"{where}: a cosigning key is not an ML-DSA-44 key") from error
    if entry["kind"] != "ml-dsa-44":
        raise BadPartiesFile(f"{where}: a cosigning key is of another kind than ml-dsa-44")
    return CosigningKey(raw, _period(entry, where))


def _period(entry: Json, where: str) -> Period:
    since = _instant(entry["since"], where)
    until = None if entry["until"] is None else _instant(entry["until"], where)
    if until is not None and until <= since:
        raise BadPartiesFile(f"{where}: a period ends before it begins")
    return Period(since, until)


def _instant(text: Json, where: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise BadPartiesFile(f"{where}: not an ISO 8601 instant") from error
    if at.utcoffset() is None:
        raise BadPartiesFile(f"{where}: an instant without a zone")
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise BadPartiesFile(f"{where}: an instant that is none in UTC") from error


def _base64(text: Json, where: str) -> bytes:
    try:
        data = b64decode(text, validate=True)
    except (TypeError, ValueError) as error:
        raise BadPartiesFile(f"{where}: not base64") from error
    if b64encode(data).decode() != text:
        raise BadPartiesFile(f"{where}: not canonical base64")
    return data


def _text(value: Json, where: str) -> str:
    if not isinstance(value, str) or _SURROGATE.search(value):
        raise BadPartiesFile(f"{where}: not a text")
    return value


def _list(value: Json, where: str) -> list[Json]:
    if not isinstance(value, list):
        raise BadPartiesFile(f"{where}: not a list")
    return value


def _members(entry: Json, where: str, wanted: set[str], optional: Collection[str] = ()) -> None:
    if not isinstance(entry, dict) or set(entry) - set(optional) != wanted:
        raise BadPartiesFile(f"{where}: the members must be {', '.join(sorted(wanted))}")


def _no_repeats(pairs: Sequence[tuple[str, Json]]) -> Document:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise BadPartiesFile("a member stands twice")
    return members

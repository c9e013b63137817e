"""Trust from outside the pack: the parties file with everybody's keys, and policies that say who must have cosigned."""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from verifier.notes import LOG_KEY, ML_DSA_KEY_BYTES, NoteKey, check_point
from verifier.policy import Policy, read_policy
from verifier.strict import Bad, Json, list_of, members_of, number_of, parse_json, read_instant, text_of

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

"""Private keys of a party, in one PEM file, and what is public of them: its entry in the parties file. Sealing keys rotate."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from exchange.statements.envelope import keyid_of
from exchange.statements.trust import BadPartiesFile, Document, Party, read_parties
from storage import files


@dataclass(frozen=True)
class PrivateKeys:
    """Private keys of a host for one of its parties: the signing key and every sealing key not yet destroyed.

    `cosigning`: a second key for cosigning, if the party has one.
    """

    signing: Ed25519PrivateKey
    keyid: str
    sealing: Mapping[str, X25519PrivateKey]
    cosigning: MLDSA44PrivateKey | None = None


def new_keys(*, cosigning: bool = False) -> PrivateKeys:
    """Fresh keys for one party; with a second one for cosigning if wanted."""
    signing, sealing = Ed25519PrivateKey.generate(), X25519PrivateKey.generate()
    second = MLDSA44PrivateKey.generate() if cosigning else None
    return PrivateKeys(signing, keyid_of(signing.public_key()), {_key_id(sealing): sealing}, second)


def party_entry(
    id: str,
    name: str,
    roles: Iterable[tuple[str, datetime, datetime | None]],
    keys: PrivateKeys,
    since: datetime,
) -> Document:
    """A party's entry in the parties file; `since` is when its keys become valid (UTC)."""
    spki = keys.signing.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    entry = {
        "id": id,
        "name": name,
        "roles": [
            {"role": role, "since": begin.isoformat(), "until": end and end.isoformat()}
            for role, begin, end in roles
        ],
        "signing": [
            {"keyid": keys.keyid, "spki": b64encode(spki).decode(), "since": since.isoformat(), "until": None}
        ],
        "sealing": [sealing_entry(key_id, key, since) for key_id, key in keys.sealing.items()],
    }
    if keys.cosigning is not None:
        raw = b64encode(keys.cosigning.public_key().public_bytes_raw()).decode()
        entry["cosigning"] = [{"kind": "ml-dsa-44", "raw": raw, "since": since.isoformat(), "until": None}]
    return entry


def write_private_keys(folder: Path, id: str, keys: PrivateKeys) -> None:
    """One PEM file (PKCS #8 blocks) per party, readable by its owner only; what was in it is overwritten."""
    every: list[Ed25519PrivateKey | X25519PrivateKey | MLDSA44PrivateKey] = [
        keys.signing,
        *keys.sealing.values(),
    ]
    if keys.cosigning is not None:
        every.append(keys.cosigning)
    blocks = [key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) for key in every]
    files.replace(folder / f"{id}.pem", b"".join(blocks))


def expired_sealing_keys(party: Party, keys: PrivateKeys, before: datetime) -> set[str]:
    """Ids of the private sealing keys to which nobody sealed since an instant (UTC): their period had ended by then."""
    ended = {
        key.key_id for key in party.sealing if key.period.until is not None and key.period.until <= before
    }
    return ended & set(keys.sealing)


def without_sealing_keys(keys: PrivateKeys, gone: Iterable[str]) -> PrivateKeys:
    """The keys without some sealing keys."""
    return replace(keys, sealing={id: key for id, key in keys.sealing.items() if id not in set(gone)})


def rotate_sealing(
    document: Document, folders: Mapping[str, Path], at: datetime, *, at_once: bool = False
) -> Document:
    """Give the parties whose private keys are in these folders a new sealing key from an instant (UTC) on.

    Writes the private keys first (`at_once`: without the older ones) and gives the next version of the parties file, checked:
    a party that has a private key too many can still read everything.
    """
    for entry in document["parties"]:
        if entry["id"] not in folders:
            continue
        key_id, private = new_sealing_key()
        keys = read_private_keys(folders[entry["id"]], entry["id"])
        kept = {} if at_once else keys.sealing
        write_private_keys(
            folders[entry["id"]], entry["id"], replace(keys, sealing={**kept, key_id: private})
        )
        for old in entry["sealing"]:
            old["until"] = old["until"] or at.isoformat()
        entry["sealing"].append(sealing_entry(key_id, private, at))
    document |= {"serial": document["serial"] + 1, "issued": at.isoformat()}
    read_parties(document)
    return document


def sealing_entry(key_id: str, key: X25519PrivateKey, since: datetime) -> Document:
    """A sealing key's entry in the parties file; `since` is when it becomes valid (UTC)."""
    return {
        "key_id": key_id,
        "raw": b64encode(key.public_key().public_bytes_raw()).decode(),
        "since": since.isoformat(),
        "until": None,
    }


def new_sealing_key() -> tuple[str, X25519PrivateKey]:
    """A fresh sealing key with its id."""
    key = X25519PrivateKey.generate()
    return _key_id(key), key


def read_private_keys(folder: Path, id: str) -> PrivateKeys:
    """Read a party's keys: exactly one Ed25519 key, X25519 keys, and at most one ML-DSA-44 key.

    Raises:
        BadPartiesFile: a file is missing, unreadable, or open to others.
    """
    path = folder / f"{id}.pem"
    try:
        if path.stat().st_mode & 0o077:
            raise BadPartiesFile(f"{path} can be read by others; make it 0600")
        text = path.read_bytes()
    except OSError as error:
        raise BadPartiesFile(f"no private keys for {id}: {error}") from error
    end = b"-----END PRIVATE KEY-----\n"
    try:
        keys = [load_pem_private_key(block + end, None) for block in text.split(end) if block.strip()]
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadPartiesFile(f"{path}: a private key cannot be read") from error
    signing = [key for key in keys if isinstance(key, Ed25519PrivateKey)]
    sealing = [key for key in keys if isinstance(key, X25519PrivateKey)]
    cosigning = [key for key in keys if isinstance(key, MLDSA44PrivateKey)]
    if len(signing) != 1 or len(cosigning) > 1 or len(signing) + len(sealing) + len(cosigning) != len(keys):
        raise BadPartiesFile(f"{path}: not one Ed25519 key, X25519 keys and at most one ML-DSA-44 key")
    by_id = {_key_id(key): key for key in sealing}
    return PrivateKeys(
        signing[0], keyid_of(signing[0].public_key()), by_id, cosigning[0] if cosigning else None
    )


def _key_id(key: X25519PrivateKey) -> str:
    return sha256(key.public_key().public_bytes_raw()).hexdigest()

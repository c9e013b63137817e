"""Parties excerpt of a pack: the keys that signed something in it, by party. No I/O.

It says which keys to look for in the parties file, and holds nothing else of that file: names, roles and periods change, and a
pack that is made again years later must give the same bytes.
"""

from base64 import b64encode
from collections.abc import Iterable

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from audit.formats import checkpoint, note
from audit.formats.leaf import Kind
from audit.log.events import decode_leaf
from audit.packs.canonical_json import Json
from audit.verification.findings import Keys

FORMAT = "netral-parties-excerpt/2"


def document(used: Iterable[str], keys: Keys) -> dict[str, Json]:
    """The excerpt of these keys (by keyid); one that nobody knows is left out."""
    by_party: dict[str, list[dict[str, str]]] = {}
    for keyid in sorted(set(used) & keys.keys()):
        public = keys[keyid].public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        said = {"keyid": keyid, "spki": b64encode(public).decode()}
        by_party.setdefault(keys[keyid].party, []).append(said)
    parties: list[Json] = [{"id": party, "signing": by_party[party]} for party in sorted(by_party)]
    return {"format": FORMAT, "parties": parties}


def keyids_in_leaves(bodies: Iterable[bytes]) -> set[str]:
    """The keys that the envelopes of statements and receipts name."""
    leaves = map(decode_leaf, bodies)
    return {leaf.envelope().keyid for leaf in leaves if leaf.kind in (Kind.STATEMENT, Kind.RECEIPT)}


def keyids_of_log(party: str, checkpoint_note: bytes, keys: Keys) -> set[str]:
    """The keys of a party that a checkpoint of its log names as its signers."""
    origin = checkpoint.origin_of(party)
    signers = {(line.name, line.key_id) for line in note.parse_note(checkpoint_note).signatures}
    own = {keyid: key.public.public_bytes_raw() for keyid, key in keys.items() if key.party == party}
    return {
        keyid
        for keyid, public in own.items()
        if (origin, note.key_id(origin, note.ED25519, public)) in signers
    }

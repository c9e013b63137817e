"""Merkle trees (RFC 6962), inclusion proofs (C2SP tlog-proof) and chains, which prove that of a matter nothing was left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from verifier.strict import (
    Bad,
    Json,
    list_of,
    members_of,
    number_of,
    read_base64,
    read_hex,
    read_number,
    text_of,
)

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

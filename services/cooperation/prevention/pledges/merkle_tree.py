"""The salted Merkle tree of a list of pledges: what makes an entry provable later and says nothing until then. No I/O.

leaf = SHA-256(0x00 || salt || entry), RFC 6962 §2.1, with a salt of 32 bytes for each entry: a NIP can be guessed, a leaf
cannot be tried out without its salt. Salts are derived from the key of the list (HMAC-SHA-256 of the entry's place), so the
same rows under the same key give the same root whatever happened in between, and who destroys the key destroys all salts.
"""

import hmac
from collections.abc import Mapping, Sequence
from hashlib import sha256

from audit.formats import tlog
from audit.formats.tlog import ProofError as ProofError
from audit.formats.tlog import TileId

SALT_SIZE = 32
_PURPOSE = b"netral pledge salts v1"


def salts_key(list_key: bytes) -> bytes:
    """The key that the salts of a list are derived from; the list's own key encrypts its entries."""
    return hmac.digest(list_key, _PURPOSE, "sha256")


def salt(key: bytes, index: int) -> bytes:
    """The salt of the entry at a place; `key` is that of `salts_key`."""
    return hmac.digest(key, index.to_bytes(8, "big"), "sha256")


def leaf(entry_salt: bytes, entry: bytes) -> bytes:
    """The leaf hash of an entry."""
    return sha256(b"\x00" + entry_salt + entry).digest()


def leaves(key: bytes, start: int, entries: Sequence[bytes]) -> list[bytes]:
    """The leaf hashes of entries that stand from place `start` on."""
    digest = hmac.digest
    return [
        sha256(b"\x00" + digest(key, index.to_bytes(8, "big"), "sha256") + entry).digest()
        for index, entry in enumerate(entries, start)
    ]


def grown(size: int, edge: Mapping[TileId, bytes], hashes: Sequence[bytes]) -> dict[TileId, bytes]:
    """The tiles that are new or changed when these leaves are added; `edge` has those of `edge_of(size)`."""
    return tlog.extend(size, edge, hashes)


def edge_of(size: int) -> list[TileId]:
    """The tiles at the right edge of a tree: what `grown` and `root` need."""
    return tlog.tiles_to_extend(size)


def root(size: int, edge: Mapping[TileId, bytes]) -> bytes:
    """The root of a tree of this size."""
    return tlog.root(size, edge)


def verify(
    entry: bytes, entry_salt: bytes, index: int, size: int, hashes: Sequence[bytes], root: bytes
) -> None:
    """Check that an entry stands in the list with this size and root, as its authority's signed statement gives them.

    Raises:
        ProofError: it is not shown: another person, another list, or a proof made up.
    """
    if len(entry_salt) != SALT_SIZE:
        raise ProofError("A salt is 32 bytes.")
    tlog.verify_inclusion(leaf(entry_salt, entry), index, size, hashes, root)


def tiles_of_proof(index: int, size: int) -> set[TileId]:
    """The tiles that `proof` needs."""
    return tlog.tiles_for_inclusion(index, size)


def proof(index: int, size: int, tiles: Mapping[TileId, bytes]) -> list[bytes]:
    """The inclusion proof of the entry at a place, from the leaf up."""
    return tlog.inclusion_proof(index, size, tiles)

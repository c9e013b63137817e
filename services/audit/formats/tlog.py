"""The Merkle tree of a log: hashes, tiles and proofs, RFC 6962 §2.1 and C2SP tlog-tiles. No I/O.

A tree of `size` entries is kept as *tiles* of up to 256 hashes. Entry i of tile (level L, number N) is the hash of the
256^L entries that start at (N·256 + i)·256^L:

    level 1   | tile 0: ■ ■ ■                        ■ is the root of one full tile below it
    level 0   | tile 0: 256 leaf hashes | tile 1: 256 | tile 2: 256 | tile 3: 17 (partial)

A tile only ever grows at its end, so a tile read later serves every earlier size too: only its first hashes are used.
Whoever stores the tiles asks which ones are needed (`tiles_for_…`), loads those and hands them over as a mapping.
Nodes inside a tile are not stored: they are hashed again when needed, and remembered for tiles in use.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from struct import Struct
from typing import NamedTuple

HASH_SIZE = 32
TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
TILE_BYTES = TILE_WIDTH * HASH_SIZE
_PAIR = Struct(f"{2 * HASH_SIZE}s")
EMPTY_ROOT = sha256(b"").digest()


class TileId(NamedTuple):
    """Place of a tile: its level above the leaves, and its number from the left within the level."""

    level: int
    number: int


Tiles = Mapping[TileId, bytes]
"""Concatenated hashes of each tile; a tile at the right edge may be partial."""

Range = tuple[int, int]
"""Entries from the first number up to, without, the second: D[first:second] in RFC 6962."""


class ProofError(ValueError):
    """A proof does not show what it claims to show."""


class TileError(ValueError):
    """A tile is absent, narrower than the tree size demands, or not made of whole hashes."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry as a leaf, RFC 6962 §2.1."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side, RFC 6962 §2.1."""
    return sha256(b"\x01" + left + right).digest()


# Growing


def tiles_to_extend(size: int) -> list[TileId]:
    """The tiles that `extend` needs: the partial tile of each level, at most one per level, none for size 0."""
    return tiles_for_root(size)


def extend(size: int, tiles: Tiles, leaf_hashes: Sequence[bytes]) -> dict[TileId, bytes]:
    """Append to a tree of `size`: the tiles that are new or changed, with their whole new content.

    `tiles` holds at least `tiles_to_extend(size)`. Merged, `{**tiles, **extended}` holds what `root` needs at the new
    size. About one hash per appended leaf, whatever the size.
    """
    if not set(map(len, leaf_hashes)) <= {HASH_SIZE}:
        raise ValueError("A leaf hash is not 32 bytes.")
    extended: dict[TileId, bytes] = {}
    appended = b"".join(leaf_hashes)
    level = 0
    while appended:
        number, width = divmod(size >> TILE_HEIGHT * level, TILE_WIDTH)
        kept = _first_hashes(tiles, TileId(level, number), width) if width else b""
        row = kept + appended
        for start in range(0, len(row), TILE_BYTES):
            extended[TileId(level, number + start // TILE_BYTES)] = row[start : start + TILE_BYTES]
        appended = _roots_of_full_tiles(row)
        level += 1
    return extended


def tiles_for_root(size: int) -> list[TileId]:
    """The tiles that `root` needs: each perfect subtree of the right edge lies in the partial tile of its level."""
    levels = range((size.bit_length() + TILE_HEIGHT - 1) // TILE_HEIGHT)
    counts = ((level, size >> TILE_HEIGHT * level) for level in levels)
    return [TileId(level, count // TILE_WIDTH) for level, count in counts if count % TILE_WIDTH]


def root(size: int, tiles: Tiles) -> bytes:
    """The Merkle tree hash of the first `size` entries, RFC 6962 §2.1."""
    return _range_hash((0, size), tiles) if size else EMPTY_ROOT


class GrowingTree:
    """A tree by its right edge, one hash per level: its root after each leaf, for checking from files."""

    def __init__(self) -> None:
        self._size = 0
        self._edge: list[bytes] = []

    def append(self, leaf_hash: bytes) -> None:
        """Add a leaf; one hash for each, on average."""
        place, subtree = self._size, leaf_hash
        while place & 1:
            subtree = node_hash(self._edge.pop(), subtree)
            place >>= 1
        self._edge.append(subtree)
        self._size += 1

    def root(self) -> bytes:
        """The Merkle tree hash of the leaves so far."""
        return _fold(self._edge) if self._edge else EMPTY_ROOT


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """The Merkle tree hash of these leaves, read once."""
    tree = GrowingTree()
    for leaf_hash in leaf_hashes:
        tree.append(leaf_hash)
    return tree.root()


# Proving


def tiles_for_inclusion(index: int, size: int) -> set[TileId]:
    """The tiles that `inclusion_proof` needs: about two per level of tiles."""
    return _tiles_of(_inclusion_path(index, size))


def inclusion_proof(index: int, size: int, tiles: Tiles) -> list[bytes]:
    """Prove that entry `index` is in the tree of `size`: the audit path of RFC 6962 §2.1.1, from the leaf up."""
    return [_range_hash(subtree, tiles) for subtree in _inclusion_path(index, size)]


def tiles_for_consistency(old: int, new: int) -> set[TileId]:
    """The tiles that `consistency_proof` needs."""
    return _tiles_of(_consistency_path(old, new))


def consistency_proof(old: int, new: int, tiles: Tiles) -> list[bytes]:
    """Prove that the tree of size `new` starts with the tree of size `old`, RFC 6962 §2.1.2; empty if old is 0 or new."""
    return [_range_hash(subtree, tiles) for subtree in _consistency_path(old, new)]


def tiles_for_range(first: int, end: int, size: int) -> set[TileId]:
    """The tiles that `range_proof` needs."""
    _check_range(first, end, size)
    return _tiles_of(_around((first, end), (0, size)))


def range_proof(first: int, end: int, size: int, tiles: Tiles) -> list[bytes]:
    """Prove that the entries from `first` up to, without, `end` are in the tree of `size`: one proof for all of them.

    The hashes of the largest subtrees beside the range, from left to right; at most 2·log2(size), however long the range.
    For a single entry they are those of its inclusion proof in another order.
    """
    _check_range(first, end, size)
    return [_range_hash(subtree, tiles) for subtree in _around((first, end), (0, size))]


# Checking


def verify_range(leaves: Sequence[bytes], first: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that these leaf hashes are the entries from `first` on of the tree with this size and root.

    Size and root must come from one signed checkpoint, as for `verify_inclusion`.
    """
    _check_hashes(root, *leaves, *proof)
    try:
        _check_range(first, first + len(leaves), size)
    except ValueError as error:
        raise ProofError(str(error)) from None
    beside = iter(proof)
    found = _rebuild(leaves, first, (0, size), beside)
    if next(beside, None) is not None:
        raise ProofError("The range proof is too long.")
    if found != root:
        raise ProofError(
            f"The range proof of {len(leaves)} entries from {first} does not lead to the root of size {size}."
        )


def _rebuild(leaves: Sequence[bytes], first: int, subtree: Range, beside: Iterator[bytes]) -> bytes:
    """The hash of a subtree from the leaves of the range within it and the hashes of what is beside the range."""
    start, stop = subtree
    if stop <= first or first + len(leaves) <= start:
        hash_ = next(beside, None)
        if hash_ is None:
            raise ProofError("The range proof is too short.")
        return hash_
    if first <= start and stop <= first + len(leaves):
        return root_of(leaves[start - first : stop - first])
    middle = _split(start, stop)
    left = _rebuild(leaves, first, (start, middle), beside)
    return node_hash(left, _rebuild(leaves, first, (middle, stop), beside))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf hash `leaf` is entry `index` of the tree with this size and root, RFC 9162 §2.1.3.2.

    Size and root must come from one signed checkpoint: a root alone does not fix the size, and the same proof may also
    fit another size near by.
    """
    _check_hashes(leaf, root, *proof)
    if not 0 <= index < size:
        raise ProofError(f"Entry {index} cannot be in a tree of size {size}.")
    node, last = index, size - 1
    found = leaf
    for sibling in proof:
        if last == 0:
            raise ProofError("The inclusion proof is too long.")
        if node & 1 or node == last:
            found = node_hash(sibling, found)
            node, last = _climb_past_lone_nodes(node, last)
        else:
            found = node_hash(found, sibling)
        node >>= 1
        last >>= 1
    if last != 0:
        raise ProofError("The inclusion proof is too short.")
    if found != root:
        raise ProofError(f"The inclusion proof of entry {index} does not lead to the root of size {size}.")


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Check that the tree of size `new` starts with the tree of size `old`, RFC 9162 §2.1.4.2.

    From size 0 the proof is empty and says nothing about the new tree; a tree of size 0 has `EMPTY_ROOT`.
    """
    _check_hashes(old_root, new_root, *proof)
    if not 0 <= old <= new:
        raise ProofError(f"A tree of size {old} cannot grow to size {new}.")
    if old == 0 and old_root != EMPTY_ROOT:
        raise ProofError("The root given for size 0 is not the root of an empty tree.")
    if old == new and old_root != new_root:
        raise ProofError(f"Two roots are given for one size, {old}.")
    if old in (0, new):
        if proof:
            raise ProofError("The consistency proof must be empty if the old size is 0 or the new size.")
        return
    if not proof:
        raise ProofError("The consistency proof is empty.")
    _verify_growth(old, new, proof, old_root, new_root)


def _verify_growth(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """RFC 9162 §2.1.4.2 for 0 < old < new: one walk up the right edge of the old tree rebuilds both roots."""
    is_subtree_of_new = old & (old - 1) == 0
    start, *path = [old_root, *proof] if is_subtree_of_new else proof
    node, last = old - 1, new - 1
    while node & 1:
        node >>= 1
        last >>= 1
    found_old = found_new = start
    for sibling in path:
        if last == 0:
            raise ProofError("The consistency proof is too long.")
        if node & 1 or node == last:
            found_old = node_hash(sibling, found_old)
            found_new = node_hash(sibling, found_new)
            node, last = _climb_past_lone_nodes(node, last)
        else:
            found_new = node_hash(found_new, sibling)
        node >>= 1
        last >>= 1
    if last != 0:
        raise ProofError("The consistency proof is too short.")
    if found_old != old_root:
        raise ProofError(f"The consistency proof does not lead to the root of the old size {old}.")
    if found_new != new_root:
        raise ProofError(f"The consistency proof does not lead to the root of the new size {new}.")


def _climb_past_lone_nodes(node: int, last: int) -> tuple[int, int]:
    """At the right edge a node without sibling is its own parent: go up to where it is a right child again."""
    while node and not node & 1:
        node >>= 1
        last >>= 1
    return node, last


def _check_hashes(*hashes: bytes) -> None:
    # Without this a 64-byte "hash" could stand for two, and move the border between left and right.
    if any(len(each) != HASH_SIZE for each in hashes):
        raise ProofError("A hash is not 32 bytes.")


# Which subtrees make up a proof


def _inclusion_path(index: int, size: int) -> list[Range]:
    """PATH(m, D[n]) of RFC 6962 §2.1.1 as ranges of entries, from the leaf up."""
    if not 0 <= index < size:
        raise ValueError(f"Entry {index} is not in a tree of size {size}.")
    start, end = 0, size
    path: list[Range] = []
    while end - start > 1:
        middle = _split(start, end)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    return path[::-1]


def _consistency_path(old: int, new: int) -> list[Range]:
    """PROOF(m, D[n]) of RFC 6962 §2.1.2 as ranges of entries, from the bottom up."""
    if not 0 <= old <= new:
        raise ValueError(f"A tree of size {old} cannot grow to size {new}.")
    if old == 0:
        return []
    start, end = 0, new
    path: list[Range] = []
    while old < end:
        middle = _split(start, end)
        if old <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    if start:  # else the old tree itself is this subtree, and its root is known to the verifier
        path.append((start, end))
    return path[::-1]


def _around(wanted: Range, subtree: Range) -> Iterator[Range]:
    """The largest subtrees within `subtree` that hold no entry of `wanted`, from left to right."""
    (first, end), (start, stop) = wanted, subtree
    if stop <= first or end <= start:
        yield subtree
    elif start < first or end < stop:
        middle = _split(start, stop)
        yield from _around(wanted, (start, middle))
        yield from _around(wanted, (middle, stop))


def _check_range(first: int, end: int, size: int) -> None:
    if not 0 <= first < end <= size:
        raise ValueError(f"Entries {first} to {end} are no range of a tree of size {size}.")


def _split(start: int, end: int) -> int:
    """Place at which RFC 6962 §2.1 splits a range: after the largest power of two less than its length."""
    return start + (1 << (end - start - 1).bit_length() - 1)


# From subtrees to tiles


def _perfect_subtrees(subtree: Range) -> list[tuple[int, int]]:
    """(height, index at that height) of the perfect subtrees that a range of a tree consists of, left to right."""
    start, end = subtree
    perfect: list[tuple[int, int]] = []
    while start < end:
        height = (end - start).bit_length() - 1
        perfect.append((height, start >> height))
        start += 1 << height
    return perfect


def _tile_of(height: int, index: int) -> TileId:
    level, above = divmod(height, TILE_HEIGHT)
    return TileId(level, index << above >> TILE_HEIGHT)


def _tiles_of(path: Iterable[Range]) -> set[TileId]:
    return {_tile_of(*perfect) for subtree in path for perfect in _perfect_subtrees(subtree)}


def _range_hash(subtree: Range, tiles: Tiles) -> bytes:
    """MTH(D[start:end]), RFC 6962 §2.1, for a range that is a subtree of a tree."""
    start, end = subtree
    length = end - start
    if not length & (length - 1):  # nearly every range of a proof: spares the lists below
        height = length.bit_length() - 1
        return _perfect_hash(height, start >> height, tiles)
    return _fold([_perfect_hash(height, index, tiles) for height, index in _perfect_subtrees(subtree)])


def _fold(perfect: list[bytes]) -> bytes:
    """The root above adjacent perfect subtrees of falling height: the right edge is joined from the right."""
    *lefts, joined = perfect
    for left in reversed(lefts):
        joined = node_hash(left, joined)
    return joined


def _perfect_hash(height: int, index: int, tiles: Tiles) -> bytes:
    tile = _tile_of(height, index)
    above = height % TILE_HEIGHT
    row = _rows(_content(tiles, tile))[above]
    start = index % (TILE_WIDTH >> above) * HASH_SIZE
    found = row[start : start + HASH_SIZE]
    if not found:
        raise TileError(f"Tile {tile.number} of level {tile.level} is too narrow.")
    return found


def _first_hashes(tiles: Tiles, tile: TileId, width: int) -> bytes:
    hashes = _content(tiles, tile)[: width * HASH_SIZE]
    if len(hashes) != width * HASH_SIZE:
        raise TileError(f"Tile {tile.number} of level {tile.level} is too narrow.")
    return hashes


def _content(tiles: Tiles, tile: TileId) -> bytes:
    content = tiles.get(tile)
    if content is None:
        raise TileError(f"Tile {tile.number} of level {tile.level} is absent.")
    if len(content) % HASH_SIZE or not 0 < len(content) <= TILE_BYTES:
        raise TileError(f"Tile {tile.number} of level {tile.level} is not 1 to 256 whole hashes.")
    return content


# A proof needs nearly every node inside the tiles it touches (1 + 3 + … + 127 hashes), so hash a tile once as a whole.
@lru_cache(maxsize=1024)
def _rows(tile: bytes) -> tuple[bytes, ...]:
    """The nodes of a tile at heights 0 to 7 above its hashes, as far as it is filled."""
    rows = [tile]
    for _ in range(TILE_HEIGHT - 1):
        rows.append(_parents(rows[-1]))
    return tuple(rows)


def _roots_of_full_tiles(row: bytes) -> bytes:
    full = row[: len(row) // TILE_BYTES * TILE_BYTES]
    for _ in range(TILE_HEIGHT):
        full = _parents(full)
    return full


def _parents(row: bytes) -> bytes:
    """`node_hash` of each complete pair of neighbours."""
    whole = row[: len(row) // _PAIR.size * _PAIR.size]
    return b"".join([sha256(b"\x01" + pair).digest() for (pair,) in _PAIR.iter_unpack(whole)])

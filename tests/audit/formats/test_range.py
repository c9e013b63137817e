"""Range proofs, and every proof at every small size and at random large ones, against a second, naive tree."""

import random
from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.formats import tlog
from audit.formats.tlog import ProofError, Range, TileId
from support import naive_tree as naive

SMALL = 300
LEAVES = [tlog.leaf_hash(b"leaf %d" % index) for index in range(SMALL)]
TILES = tlog.extend(0, {}, LEAVES)
NAIVE = naive.Levels(LEAVES)
# Up to here every range is tried at each run; above, in the soak.
SMALL_ENOUGH = 33


def only(needed: set[TileId]) -> dict[TileId, bytes]:
    return {tile: TILES[tile] for tile in needed}


@pytest.mark.parametrize("size", range(SMALL + 1))
def test_roots_inclusion_and_consistency_are_those_of_the_naive_tree(size: int) -> None:
    root = naive.root(LEAVES[:size])

    assert tlog.root(size, TILES) == tlog.root_of(LEAVES[:size]) == root
    for index in range(size):
        proof = tlog.inclusion_proof(index, size, TILES)
        assert proof == naive.inclusion(index, LEAVES[:size])
        assert naive.includes(LEAVES[index], index, size, proof, root)
        tlog.verify_inclusion(LEAVES[index], index, size, proof, root)
    for old in range(size + 1):
        proof = tlog.consistency_proof(old, size, TILES)
        assert proof == naive.consistency(old, LEAVES[:size])
        tlog.verify_consistency(old, size, proof, naive.root(LEAVES[:old]), root)


def ranges_of(size: int) -> list[Range]:
    """Every range of a tree of this size."""
    return [(first, end) for first in range(size) for end in range(first + 1, size + 1)]


def telling_ranges(size: int) -> list[Range]:
    """Every range of a small tree; of a larger one those whose ends stand where subtrees, tiles and the tree end, and a few more.

    Whole, halves, single entries, from and to each power of two and its neighbours, and six drawn by the size.
    """
    if size <= SMALL_ENOUGH:
        return ranges_of(size)
    powers = [1 << height for height in range(size.bit_length())]
    borders = sorted({0, size // 2, *powers})
    ends = {(first, end) for first in borders for end in borders if first < end}
    around = {each + step for each in (*powers, size // 2) for step in (-1, 0, 1)} | {size - 2, size - 1}
    ends |= {(first, size) for first in around | {0}} | {(0, end) for end in around}
    ends |= {(first, first + 1) for first in around}
    ends |= set(random.Random(size).sample(ranges_of(size), 6))
    return sorted((first, end) for first, end in ends if 0 <= first < end <= size)


def check_range(first: int, end: int, size: int) -> None:
    """From only the tiles that it asks for: the naive tree's hashes, few of them, and they lead to the root."""
    proof = tlog.range_proof(first, end, size, only(tlog.tiles_for_range(first, end, size)))

    assert len(proof) <= 2 * size.bit_length()
    assert proof == NAIVE.beside(first, end, size)
    tlog.verify_range(LEAVES[first:end], first, size, proof, NAIVE.root(0, size))


@pytest.mark.parametrize("size", range(1, SMALL + 1))
def test_a_range_is_proven_by_the_hashes_beside_it(size: int) -> None:
    for first, end in telling_ranges(size):
        check_range(first, end, size)


@pytest.mark.soak
@pytest.mark.parametrize("size", range(SMALL_ENOUGH + 1, SMALL + 1))
def test_every_range_of_every_size_is_proven_by_the_hashes_beside_it(size: int) -> None:
    for first, end in ranges_of(size):
        check_range(first, end, size)


@pytest.mark.parametrize("size", [*range(1, 18), 255, 256, 257, 300])
def test_a_tree_with_all_subtrees_kept_is_the_naive_tree(size: int) -> None:
    """The two naive forms, the one word by word from the RFC and the one fast enough for every range, are the same."""
    leaves = LEAVES[:size]
    chosen = ranges_of(size) if size < 18 else random.Random(size).sample(ranges_of(size), 40)

    assert NAIVE.root(0, size) == naive.root(leaves)
    for first, end in chosen:
        assert NAIVE.beside(first, end, size) == naive.beside(first, end, leaves)
        assert NAIVE.inclusion(first, size) == naive.inclusion(first, leaves)
        assert NAIVE.consistency(end, size) == naive.consistency(end, leaves)


@pytest.mark.parametrize("size", [1, 2, 5, 16, 300])
def test_a_whole_tree_needs_no_hash_and_one_entry_those_of_its_inclusion_proof(size: int) -> None:
    assert tlog.range_proof(0, size, size, TILES) == []
    for index in (0, size // 2, size - 1):
        beside = tlog.range_proof(index, index + 1, size, TILES)
        assert sorted(beside) == sorted(tlog.inclusion_proof(index, size, TILES))


@given(st.data())
def test_a_range_proof_does_not_prove_anything_else(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 70))
    first = data.draw(st.integers(0, size - 1))
    end = data.draw(st.integers(first + 1, size))
    root, leaves = naive.root(LEAVES[:size]), LEAVES[first:end]
    proof = tlog.range_proof(first, end, size, TILES)
    changed = data.draw(st.integers(0, len(leaves) - 1))
    wrong = [
        ([*leaves[:changed], LEAVES[299], *leaves[changed + 1 :]], first, size, proof),
        ([*leaves[:changed], *leaves[changed + 1 :]], first, size, proof),
        ([*leaves, leaves[-1]], first, size, proof),
        (leaves, first + 1, size, proof),
        (leaves, first - 1, size, proof),
        (leaves, first, size, [*proof, LEAVES[299]]),
        (leaves, first, size, [LEAVES[299], *proof]),
    ]
    wrong += [(leaves, first, size, [*proof[:at], LEAVES[299], *proof[at + 1 :]]) for at in range(len(proof))]
    wrong += [(leaves, first, size, [*proof[:at], *proof[at + 1 :]]) for at in range(len(proof))]

    for each in wrong:
        with pytest.raises(ProofError):
            tlog.verify_range(*each, root)


@pytest.mark.parametrize("size", [*range(1, 18), 31, 32, 33, 255, 256, 257, 300])
def test_a_range_proof_with_any_hash_changed_dropped_added_or_swapped_is_refused(size: int) -> None:
    root = NAIVE.root(0, size)
    chosen = ranges_of(size) if size < 18 else random.Random(size).sample(ranges_of(size), 20)
    for first, end in chosen:
        leaves, proof = LEAVES[first:end], NAIVE.beside(first, end, size)
        for wrong in tampered(proof):
            with pytest.raises(ProofError):
                tlog.verify_range(leaves, first, size, wrong, root)
        for wrong in tampered(leaves) if len(leaves) < 18 else ():
            with pytest.raises(ProofError):
                tlog.verify_range(wrong, first, size, proof, root)


def tampered(hashes: list[bytes]) -> Iterator[list[bytes]]:
    """Each hash with a flipped bit, dropped, said twice, before any other; and a strange one at each place."""
    for at, each in enumerate(hashes):
        flipped = each[:-1] + bytes([each[-1] ^ 1])
        yield [*hashes[:at], flipped, *hashes[at + 1 :]]
        yield [*hashes[:at], *hashes[at + 1 :]]
        yield [*hashes[:at], each, *hashes[at:]]
        for other in range(at + 1, len(hashes)):
            yield [*hashes[:at], hashes[other], *hashes[at + 1 : other], each, *hashes[other + 1 :]]
    for at in range(len(hashes) + 1):
        yield [*hashes[:at], b"\0" * 32, *hashes[at:]]


@pytest.mark.parametrize("size", [*range(2, 18), 31, 32, 33, 255, 256, 257, 300])
def test_inclusion_and_consistency_with_any_hash_changed_dropped_added_or_swapped_are_refused(
    size: int,
) -> None:
    root = NAIVE.root(0, size)
    for at in range(size) if size < 18 else random.Random(size).sample(range(size), 20):
        for wrong in tampered(NAIVE.inclusion(at, size)):
            with pytest.raises(ProofError):
                tlog.verify_inclusion(LEAVES[at], at, size, wrong, root)
        for wrong in tampered(NAIVE.consistency(at, size)) if at else ():
            with pytest.raises(ProofError):
                tlog.verify_consistency(at, size, wrong, NAIVE.root(0, at), root)


@pytest.mark.parametrize(("first", "count"), [(0, 0), (3, 0), (7, 2), (8, 1), (-1, 1), (0, 9)])
def test_what_is_no_range_of_the_tree_has_no_proof(first: int, count: int) -> None:
    with pytest.raises(ValueError, match="no range"):
        tlog.range_proof(first, first + count, 8, TILES)
    with pytest.raises(ProofError, match="no range"):
        tlog.verify_range([LEAVES[0]] * count, first, 8, [], naive.root(LEAVES[:8]))


@pytest.mark.parametrize("wrong", [b"", b"x" * 31, b"x" * 33, b"x" * 64])
def test_a_hash_of_another_length_is_in_no_range(wrong: bytes) -> None:
    for leaves, proof, root in [
        ([wrong], [LEAVES[0]], LEAVES[0]),
        ([LEAVES[0]], [wrong], LEAVES[0]),
        ([LEAVES[0]], [], wrong),
    ]:
        with pytest.raises(ProofError, match="32 bytes"):
            tlog.verify_range(leaves, 0, 2, proof, root)


# Large trees


@cache
def large() -> tuple[list[bytes], dict[TileId, bytes], naive.Levels]:
    """A million leaves: cheap ones, since the tree does not care what is hashed."""
    leaves = [index.to_bytes(32, "big") for index in range(1_000_000)]
    return leaves, tlog.extend(0, {}, leaves), naive.Levels(leaves)


@settings(max_examples=60)
@given(st.data())
def test_proofs_at_random_sizes_up_to_a_million_are_those_of_the_naive_tree(data: st.DataObject) -> None:
    leaves, tiles, levels = large()
    size = data.draw(st.integers(1, 1_000_000))
    first = data.draw(st.integers(0, size - 1))
    end = data.draw(st.integers(first + 1, min(size, first + 2000)))
    old = data.draw(st.integers(1, size))
    root = levels.root(0, size)

    inclusion = tlog.inclusion_proof(
        first, size, {t: tiles[t] for t in tlog.tiles_for_inclusion(first, size)}
    )
    consistency = tlog.consistency_proof(
        old, size, {t: tiles[t] for t in tlog.tiles_for_consistency(old, size)}
    )
    beside = tlog.range_proof(first, end, size, {t: tiles[t] for t in tlog.tiles_for_range(first, end, size)})

    assert inclusion == levels.inclusion(first, size)
    assert consistency == levels.consistency(old, size)
    assert beside == levels.beside(first, end, size)
    tlog.verify_inclusion(leaves[first], first, size, inclusion, root)
    tlog.verify_consistency(old, size, consistency, levels.root(0, old), root)
    tlog.verify_range(leaves[first:end], first, size, beside, root)
    assert len(beside) <= 2 * 20

"""The tree is checked by two routes: against a direct reading of RFC 6962 §2.1, and against other people's vectors."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.formats import tlog
from audit.formats.tlog import ProofError, TileError, TileId

LARGEST = 65537
LEAVES = [tlog.leaf_hash(b"entry %d" % index) for index in range(LARGEST)]
AROUND_TILES = [255, 256, 257, 511, 512, 513, 4095, 65279, 65280, 65281, 65535, 65536, 65537]

# The tree of eight leaves used by the tests of google/certificate-transparency and transparency-dev/merkle.
CT_ENTRIES = [
    bytes.fromhex(entry)
    for entry in [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
]
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@cache
def direct_root(start: int, end: int) -> bytes:
    """MTH(D[start:end]) word by word from RFC 6962 §2.1."""
    if end == start:
        return tlog.EMPTY_ROOT
    if end - start == 1:
        return LEAVES[start]
    k = 1
    while k * 2 < end - start:
        k *= 2
    return tlog.node_hash(direct_root(start, start + k), direct_root(start + k, end))


def direct_path(m: int, start: int, end: int) -> list[bytes]:
    """PATH(m, D[start:end]) word by word from RFC 6962 §2.1.1."""
    n = end - start
    if n == 1:
        return []
    k = 1
    while k * 2 < n:
        k *= 2
    if m < k:
        return [*direct_path(m, start, start + k), direct_root(start + k, end)]
    return [*direct_path(m - k, start + k, end), direct_root(start, start + k)]


def direct_subproof(m: int, start: int, end: int, complete: bool) -> list[bytes]:
    """SUBPROOF(m, D[start:end], b) word by word from RFC 6962 §2.1.2."""
    n = end - start
    if m == n:
        return [] if complete else [direct_root(start, end)]
    k = 1
    while k * 2 < n:
        k *= 2
    if m <= k:
        return [*direct_subproof(m, start, start + k, complete), direct_root(start + k, end)]
    return [*direct_subproof(m - k, start + k, end, False), direct_root(start, start + k)]


def tree(size: int) -> dict[TileId, bytes]:
    return tlog.extend(0, {}, LEAVES[:size])


TILES = tree(LARGEST)


def only(tiles: dict[TileId, bytes], needed: set[TileId] | list[TileId]) -> dict[TileId, bytes]:
    return {tile: tiles[tile] for tile in needed}


def flips(data: bytes) -> list[bytes]:
    return [data[:at] + bytes([data[at] ^ 0x40]) + data[at + 1 :] for at in range(len(data))]


def proofs_with_a_flipped_byte(proof: list[bytes]) -> list[list[bytes]]:
    return [
        [*proof[:at], flipped, *proof[at + 1 :]] for at in range(len(proof)) for flipped in flips(proof[at])
    ]


# Growing


def test_the_roots_are_those_of_the_certificate_transparency_vectors() -> None:
    leaves = [tlog.leaf_hash(entry) for entry in CT_ENTRIES]

    roots = [tlog.root(size, tlog.extend(0, {}, leaves[:size])).hex() for size in range(9)]

    assert roots == CT_ROOTS


@pytest.mark.parametrize("size", [*range(101), *AROUND_TILES])
def test_a_root_is_the_one_that_the_rfc_defines(size: int) -> None:
    assert tlog.root(size, tree(size)) == direct_root(0, size)
    assert tlog.root_of(LEAVES[:size]) == direct_root(0, size)


@pytest.mark.parametrize("size", [1, 100, *AROUND_TILES])
def test_each_hash_of_a_tile_is_the_root_of_its_span(size: int) -> None:
    tiles = tree(size)

    for (level, number), content in tiles.items():
        span = 256**level
        for at in range(len(content) // 32):
            first = (number * 256 + at) * span
            assert content[at * 32 : at * 32 + 32] == direct_root(first, first + span)


@pytest.mark.parametrize(
    ("size", "widths"),
    [
        (0, {}),
        (255, {(0, 0): 255}),
        (256, {(0, 0): 256, (1, 0): 1}),
        (257, {(0, 0): 256, (0, 1): 1, (1, 0): 1}),
        (65536, {**{(0, number): 256 for number in range(256)}, (1, 0): 256, (2, 0): 1}),
    ],
)
def test_a_tree_has_the_tiles_of_tlog_tiles(size: int, widths: dict[tuple[int, int], int]) -> None:
    assert {tile: len(content) // 32 for tile, content in tree(size).items()} == widths


def test_a_tree_of_70000_has_the_tiles_of_the_example_in_tlog_tiles() -> None:
    tiles = tlog.extend(0, {}, [LEAVES[0]] * 70_000)

    widths = {tile: len(content) // 32 for tile, content in tiles.items()}

    full = {(0, number): 256 for number in range(273)} | {(1, 0): 256}
    assert widths == full | {(0, 273): 112, (1, 1): 17, (2, 0): 1}


@given(st.lists(st.one_of(st.integers(0, 5), st.integers(0, 700)), max_size=12))
def test_appending_in_any_batches_gives_the_same_tiles_and_roots(batches: list[int]) -> None:
    tiles: dict[TileId, bytes] = {}
    size = 0
    for batch in batches:
        needed = only(tiles, tlog.tiles_to_extend(size))
        extended = tlog.extend(size, needed, LEAVES[size : size + batch])
        size += batch
        tiles |= extended
        assert tlog.root(size, needed | extended) == direct_root(0, size)

    assert tiles == tree(size)


@pytest.mark.parametrize("size", [65535, 65536, 65279])
def test_one_more_leaf_on_a_large_tree_needs_and_changes_few_tiles(size: int) -> None:
    needed = only(tree(size), tlog.tiles_to_extend(size))

    extended = tlog.extend(size, needed, [LEAVES[size]])

    assert len(needed) <= 2
    assert len(extended) <= 3
    assert tlog.root(size + 1, needed | extended) == direct_root(0, size + 1)


def test_only_what_changed_is_returned() -> None:
    assert tlog.extend(300, TILES, []) == {}
    assert set(tlog.extend(300, TILES, LEAVES[300:301])) == {(0, 1)}


def test_a_tile_stored_wider_than_the_size_is_cut_before_it_grows() -> None:
    assert tlog.extend(300, TILES, LEAVES[300:310]) == {TileId(0, 1): b"".join(LEAVES[256:310])}


def test_a_leaf_hash_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="not 32 bytes"):
        tlog.extend(0, {}, [LEAVES[0], LEAVES[1][:31], LEAVES[2] + b"x"])


# Proving


@pytest.mark.parametrize("size", [*range(1, 101), 255, 256, 257, 513])
def test_every_inclusion_proof_is_the_audit_path_of_the_rfc_and_verifies(size: int) -> None:
    root = direct_root(0, size)
    for index in range(size):
        needed = only(TILES, tlog.tiles_for_inclusion(index, size))

        proof = tlog.inclusion_proof(index, size, needed)

        assert proof == direct_path(index, 0, size)
        tlog.verify_inclusion(LEAVES[index], index, size, proof, root)


@pytest.mark.parametrize("new", [*range(101), 257, 513])
def test_every_consistency_proof_is_that_of_the_rfc_and_verifies(new: int) -> None:
    for old in range(new + 1):
        needed = only(TILES, tlog.tiles_for_consistency(old, new))

        proof = tlog.consistency_proof(old, new, needed)

        assert proof == (direct_subproof(old, 0, new, True) if old else [])
        tlog.verify_consistency(old, new, proof, direct_root(0, old), direct_root(0, new))


@given(st.data())
def test_proofs_of_large_trees_verify_at_any_earlier_size(data: st.DataObject) -> None:
    new = data.draw(st.one_of(st.sampled_from(AROUND_TILES), st.integers(1, LARGEST)))
    old = data.draw(
        st.one_of(st.sampled_from([0, 1, 256, 65536]), st.integers(0, new)).filter(lambda n: n <= new)
    )
    index = data.draw(st.integers(0, new - 1))

    inclusion = tlog.inclusion_proof(index, new, only(TILES, tlog.tiles_for_inclusion(index, new)))
    consistency = tlog.consistency_proof(old, new, only(TILES, tlog.tiles_for_consistency(old, new)))

    old_root, new_root = (tlog.root(size, only(TILES, tlog.tiles_for_root(size))) for size in (old, new))
    tlog.verify_inclusion(LEAVES[index], index, new, inclusion, new_root)
    tlog.verify_consistency(old, new, consistency, old_root, new_root)


def test_the_proofs_of_the_certificate_transparency_vectors_verify() -> None:
    leaves = [tlog.leaf_hash(entry) for entry in CT_ENTRIES]
    tiles = tlog.extend(0, {}, leaves)

    assert [each.hex() for each in tlog.inclusion_proof(5, 8, tiles)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    assert [each.hex() for each in tlog.consistency_proof(6, 8, tiles)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@pytest.mark.parametrize(("index", "size"), [(0, 0), (8, 8), (9, 8), (-1, 8)])
def test_an_entry_outside_the_tree_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="not in a tree"):
        tlog.inclusion_proof(index, size, TILES)
    with pytest.raises(ProofError, match="cannot be in a tree"):
        tlog.verify_inclusion(LEAVES[0], index, size, [], direct_root(0, 8))


@pytest.mark.parametrize(("old", "new"), [(9, 8), (-1, 8)])
def test_a_tree_cannot_shrink(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="cannot grow"):
        tlog.consistency_proof(old, new, TILES)
    with pytest.raises(ProofError, match="cannot grow"):
        tlog.verify_consistency(old, new, [], direct_root(0, 8), direct_root(0, 8))


@pytest.mark.parametrize(
    ("tiles", "fault"),
    [
        ({}, "absent"),
        ({TileId(0, 0): b"".join(LEAVES[:3])}, "too narrow"),
        ({TileId(0, 0): b"".join(LEAVES[:4])[:-1]}, "whole hashes"),
        ({TileId(0, 0): b""}, "whole hashes"),
        ({TileId(0, 0): b"".join(LEAVES[:257])}, "whole hashes"),
    ],
)
def test_a_tile_that_cannot_be_right_is_named(tiles: dict[TileId, bytes], fault: str) -> None:
    with pytest.raises(TileError, match=f"Tile 0 of level 0 is .*{fault}"):
        tlog.root(4, tiles)
    with pytest.raises(TileError, match=f"Tile 0 of level 0 is .*{fault}"):
        tlog.extend(4, tiles, LEAVES[4:5])


# Checking


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13])
def test_a_flipped_byte_of_leaf_proof_or_root_fails_inclusion(size: int) -> None:
    root = direct_root(0, size)
    for index in range(size):
        leaf, proof = LEAVES[index], direct_path(index, 0, size)
        forged = [(flipped, proof, root) for flipped in flips(leaf)]
        forged += [(leaf, flipped, root) for flipped in proofs_with_a_flipped_byte(proof)]
        forged += [(leaf, proof, flipped) for flipped in flips(root)]

        for forged_leaf, forged_proof, forged_root in forged:
            with pytest.raises(ProofError):
                tlog.verify_inclusion(forged_leaf, index, size, forged_proof, forged_root)


@pytest.mark.parametrize("new", [2, 3, 7, 8, 13])
def test_a_flipped_byte_of_proof_or_root_fails_consistency(new: int) -> None:
    new_root = direct_root(0, new)
    for old in range(1, new + 1):
        old_root, proof = direct_root(0, old), tlog.consistency_proof(old, new, TILES)
        forged = [(flipped, old_root, new_root) for flipped in proofs_with_a_flipped_byte(proof)]
        forged += [(proof, flipped, new_root) for flipped in flips(old_root)]
        forged += [(proof, old_root, flipped) for flipped in flips(new_root)]

        for forged_proof, forged_old, forged_new in forged:
            with pytest.raises(ProofError):
                tlog.verify_consistency(old, new, forged_proof, forged_old, forged_new)


def test_a_proof_for_another_entry_fails() -> None:
    for size in range(2, 40):
        for index in range(size):
            proof = direct_path(index, 0, size)
            for other in set(range(size)) - {index}:
                with pytest.raises(ProofError):
                    tlog.verify_inclusion(LEAVES[index], other, size, proof, direct_root(0, size))


def test_a_proof_with_a_hash_more_or_less_fails() -> None:
    for size in range(1, 40):
        for at in range(size):
            inclusion = direct_path(at, 0, size)
            for wrong in [inclusion[:-1], inclusion[1:]] if inclusion else []:
                with pytest.raises(ProofError):
                    tlog.verify_inclusion(LEAVES[at], at, size, wrong, direct_root(0, size))
            with pytest.raises(ProofError, match="too long"):
                tlog.verify_inclusion(LEAVES[at], at, size, [*inclusion, LEAVES[0]], direct_root(0, size))

            consistency = tlog.consistency_proof(at, size, TILES)
            roots = direct_root(0, at), direct_root(0, size)
            for wrong in [consistency[:-1], consistency[1:]] if consistency else []:
                with pytest.raises(ProofError):
                    tlog.verify_consistency(at, size, wrong, *roots)
            with pytest.raises(ProofError, match=r"too long|must be empty"):
                tlog.verify_consistency(at, size, [*consistency, LEAVES[0]], *roots)


@pytest.mark.parametrize(("claimed", "fault"), [(8, "too short"), (2, "too long")])
def test_a_proof_does_not_fit_a_size_that_needs_another_number_of_hashes(claimed: int, fault: str) -> None:
    root = direct_root(0, 4)

    with pytest.raises(ProofError, match=fault):
        tlog.verify_inclusion(LEAVES[1], 1, claimed, direct_path(1, 0, 4), root)
    with pytest.raises(ProofError, match=fault):
        tlog.verify_consistency(1, claimed, tlog.consistency_proof(1, 4, TILES), direct_root(0, 1), root)


@pytest.mark.parametrize("wrong", [b"", b"x" * 31, b"x" * 33, b"x" * 64])
def test_a_hash_of_another_length_proves_nothing(wrong: bytes) -> None:
    for leaf, proof, root in [(wrong, [], wrong), (wrong, [], LEAVES[0]), (LEAVES[0], [wrong], LEAVES[0])]:
        with pytest.raises(ProofError, match="32 bytes"):
            tlog.verify_inclusion(leaf, 0, 1, proof, root)
    for proof, old_root, new_root in [([wrong], LEAVES[0], LEAVES[0]), ([], wrong, wrong)]:
        with pytest.raises(ProofError, match="32 bytes"):
            tlog.verify_consistency(1, 1, proof, old_root, new_root)


def test_any_tree_grows_from_the_empty_one_without_a_proof() -> None:
    tlog.verify_consistency(0, 8, [], tlog.EMPTY_ROOT, direct_root(0, 8))
    tlog.verify_consistency(0, 0, [], tlog.EMPTY_ROOT, tlog.EMPTY_ROOT)


@pytest.mark.parametrize(
    ("old", "new", "proof", "old_root", "new_root"),
    [
        (0, 8, [], LEAVES[0], direct_root(0, 8)),
        (0, 8, [LEAVES[0]], tlog.EMPTY_ROOT, direct_root(0, 8)),
        (0, 0, [], LEAVES[0], LEAVES[0]),
        (0, 0, [], tlog.EMPTY_ROOT, LEAVES[0]),
        (8, 8, [], direct_root(0, 8), direct_root(0, 7)),
        (8, 8, [LEAVES[0]], direct_root(0, 8), direct_root(0, 8)),
        (4, 8, [], direct_root(0, 4), direct_root(0, 8)),
    ],
)
def test_the_edges_of_consistency_leave_no_room(
    old: int, new: int, proof: list[bytes], old_root: bytes, new_root: bytes
) -> None:
    with pytest.raises(ProofError):
        tlog.verify_consistency(old, new, proof, old_root, new_root)

"""The map of chains against a plain dict, and answers from which something was left out."""

from hashlib import sha256
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.completeness import sparse_map
from audit.completeness.sparse_map import EMPTY, Chain, ChainError, Entry, Link, MapProof, Page, Pages


def naive_root(entries: dict[bytes, Chain], depth: int = 0) -> bytes:
    """The root by its definition, key by key and bit by bit."""
    if not entries:
        return EMPTY
    if len(entries) == 1:
        ((path, (length, head, case)),) = entries.items()
        return sha256(b"\x00" + path + length.to_bytes(8, "big") + head + case).digest()
    sides: tuple[dict[bytes, Chain], dict[bytes, Chain]] = ({}, {})
    for path, chain in entries.items():
        sides[int.from_bytes(path, "big") >> (255 - depth) & 1][path] = chain
    return sha256(b"\x01" + b"".join(naive_root(side, depth + 1) for side in sides)).digest()


def a_path(seed: int, near: int = 0) -> bytes:
    """A path whose first `near` bytes are those of all others."""
    return bytes(near) + sha256(seed.to_bytes(4, "big")).digest()[near:]


def a_chain(seed: int) -> Chain:
    return Chain(seed + 1, sha256(b"%d" % seed).digest())


def naive_chains(links: list[Link]) -> dict[bytes, Chain]:
    """Heads that a map must hold, made with one dict and the rule as it is written."""
    found: dict[bytes, Chain] = {}
    cases: dict[str, str] = {}

    def follow(key: str, link: Link) -> None:
        path = sparse_map.path_of(key)
        found[path] = found.get(path, Chain()).followed_by(link.index, link.hash)

    for link in links:
        if link.matter:
            follow(f"matter/{link.matter}", link)
        if link.case and (not link.matter or cases.get(link.matter) != link.case):
            follow(f"case/{link.case}", link)
        if link.matter and link.case:
            cases[link.matter] = link.case
        if link.actor:
            follow(link.actor, link)
    for matter, case in cases.items():
        path = sparse_map.path_of(f"matter/{matter}")
        found[path] = found[path]._replace(case=sparse_map.path_of(f"case/{case}"))
    return found


def some_links(count: int, seed: int = 1) -> list[Link]:
    random = Random(seed)
    return [
        Link(
            index,
            sha256(b"leaf %d" % index).digest(),
            matter=random.choice(["", "m1", "m2", "m3", f"m{random.randrange(40)}"]),
            case=random.choice(["", "c1", "c1", "c2", f"c{random.randrange(9)}"]),
            actor=random.choice(["", "actor/kasn/o1", f"actor/ppk-6202/o{random.randrange(5)}"]),
        )
        for index in range(count)
    ]


def a_map(entries: dict[bytes, Chain]) -> Pages:
    pages: Pages = {}
    sparse_map.insert(pages, entries)
    return pages


@pytest.mark.parametrize("near", [0, 2])
def test_the_root_is_that_of_the_definition_for_every_number_of_keys_up_to_300(near: int) -> None:
    entries: dict[bytes, Chain] = {}
    pages: Pages = {}
    for seed in range(300):
        added = {a_path(seed, near): a_chain(seed)}
        sparse_map.insert(pages, added)
        entries |= added
        if seed < 40 or seed % 13 == 0:
            assert sparse_map.page_hash(pages[""]) == naive_root(entries)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 3)), max_size=60), st.integers(1, 9))
def test_the_root_depends_on_what_is_in_the_map_and_not_on_the_way_there(
    changes: list[tuple[int, int]], batch: int
) -> None:
    entries = {a_path(seed, seed % 3): a_chain(value) for seed, value in changes}
    pages: Pages = {}
    for start in range(0, len(changes), batch):
        part = changes[start : start + batch]
        sparse_map.insert(pages, {a_path(seed, seed % 3): a_chain(value) for seed, value in part})

    assert sparse_map.page_hash(pages.get("", Page())) == naive_root(entries)
    assert pages == ({} if not changes else a_map(entries))


def test_a_page_is_stored_and_read_back_and_hashes_to_what_the_page_above_says() -> None:
    pages = a_map({a_path(seed, seed % 2): a_chain(seed) for seed in range(500)})

    for prefix, page in pages.items():
        assert sparse_map.decode_page(prefix, sparse_map.encode_page(page)) == page
        if prefix:
            assert pages[prefix[:-1]][prefix[-1]] == sparse_map.page_hash(page)


@given(st.binary(max_size=400))
def test_bytes_that_are_no_page_are_refused_or_read_as_they_are(data: bytes) -> None:
    try:
        page = sparse_map.decode_page("", data)
    except ChainError:
        return
    assert sparse_map.encode_page(page) == data


@pytest.mark.parametrize("keys", [0, 1, 2, 3, 17, 400])
def test_each_key_is_proved_with_its_chain_and_every_other_key_to_have_none(keys: int) -> None:
    names = [sparse_map.of_matter(f"m{number}") for number in range(keys)]
    pages: Pages = {"": Page()} | a_map(
        {sparse_map.path_of(name): a_chain(number) for number, name in enumerate(names)}
    )
    root = sparse_map.page_hash(pages[""])

    for number, name in enumerate(names):
        proof = sparse_map.prove(pages, name)
        sparse_map.verify_map(name, a_chain(number), proof, root)
        for lie in (None, a_chain(number + 1), a_chain(number)._replace(case=b"x" * 32)):
            with pytest.raises(ChainError):
                sparse_map.verify_map(name, lie, proof, root)
    for number in range(50):
        absent = sparse_map.of_actor("kasn", f"o{number}")
        proof = sparse_map.prove(pages, absent)
        sparse_map.verify_map(absent, None, proof, root)
        with pytest.raises(ChainError):
            sparse_map.verify_map(absent, a_chain(1), proof, root)


def test_a_key_that_is_in_the_map_cannot_be_shown_to_be_absent_by_another_place() -> None:
    names = [sparse_map.of_matter(f"m{number}") for number in range(40)]
    pages = a_map({sparse_map.path_of(name): a_chain(number) for number, name in enumerate(names)})
    root = sparse_map.page_hash(pages[""])
    victim, others = names[0], names[1:]

    for other in others:
        proof = sparse_map.prove(pages, other)
        entry = Entry(sparse_map.path_of(other), a_chain(names.index(other)))
        for lie in (proof, MapProof(proof.siblings, entry)):
            with pytest.raises(ChainError):
                sparse_map.verify_map(victim, None, lie, root)
    own = Entry(sparse_map.path_of(victim), a_chain(0))
    with pytest.raises(ChainError):
        sparse_map.verify_map(victim, None, MapProof(sparse_map.prove(pages, victim).siblings, own), root)


@pytest.mark.parametrize("batch", [1, 7, 500])
def test_chains_grow_as_the_rule_says_whatever_the_batches(batch: int) -> None:
    links = some_links(500)
    stored: dict[str, bytes] = {}
    for start in range(0, len(links), batch):
        part = links[start : start + batch]
        pages: Pages = {}
        while missing := sparse_map.pages_needed(pages, part):
            for prefix in missing:
                pages[prefix] = sparse_map.decode_page(prefix, stored[prefix]) if prefix in stored else {}
        for prefix in sparse_map.extend(pages, part):
            stored[prefix] = sparse_map.encode_page(pages[prefix])

    expected = naive_chains(links)
    assert sparse_map.page_hash(sparse_map.decode_page("", stored[""])) == naive_root(expected)


def test_a_leaf_that_is_left_out_added_or_exchanged_is_found_and_the_key_named() -> None:
    links = [link for link in some_links(300) if link.matter == "m1"]
    whole = [(link.index, link.hash) for link in links]
    chain = naive_chains(links)[sparse_map.path_of("matter/m1")]
    sparse_map.verify_answer("matter/m1", whole, chain)

    for left_out in range(len(whole)):
        with pytest.raises(
            ChainError, match=f"matter/m1: {len(whole) - 1} of {len(whole)} leaves, 1 missing"
        ):
            sparse_map.verify_answer("matter/m1", whole[:left_out] + whole[left_out + 1 :], chain)
    with pytest.raises(ChainError, match="1 too many"):
        sparse_map.verify_answer("matter/m1", [*whole, (999, bytes(32))], chain)
    swapped = [whole[1], whole[0], *whole[2:]]
    moved = [(whole[0][0] + 1, whole[0][1]), *whole[1:]]
    other = [(whole[0][0], bytes(32)), *whole[1:]]
    for changed in (swapped, moved, other):
        with pytest.raises(ChainError, match=r"matter/m1: the .* leaves are not those"):
            sparse_map.verify_answer("matter/m1", changed, chain)
    with pytest.raises(ChainError, match="1 too many"):
        sparse_map.verify_answer("matter/none", whole[:1], None)
    sparse_map.verify_answer("matter/none", [], None)


def test_a_chain_leaf_is_read_strictly() -> None:
    body = sparse_map.leaf_body(b"r" * 32)
    assert sparse_map.root_in(body) == b"r" * 32
    for other in (body[:-1], body + b"x", b"\x03" + body[1:], body[:1] + b"\x02" + body[2:], b""):
        assert sparse_map.root_in(other) is None

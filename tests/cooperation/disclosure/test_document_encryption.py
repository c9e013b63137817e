"""Documents at rest: sealed in chunks, opened only whole, in order and under their own name and key."""

import os
from dataclasses import replace

import pytest

from cooperation.disclosure.documents.encryption import (
    CHUNK,
    CHUNK_OVERHEAD,
    HEADER,
    Damaged,
    DocumentRef,
    Sealer,
    new_header,
    place_of,
)

KEY = bytes(range(32))


def a_name(size: int = 2 * CHUNK + 5) -> DocumentRef:
    return DocumentRef("bawaslu", "matter", "a" * 64, size)


def sealed(name: DocumentRef, header: bytes, key: bytes = KEY) -> list[bytes]:
    sealer = Sealer(name, key, header)
    return [sealer.seal(n, bytes([n]) * name.length(n)) for n in range(name.chunks)]


@pytest.mark.parametrize(
    ("size", "lengths"),
    [(1, [1]), (CHUNK, [CHUNK]), (CHUNK + 1, [CHUNK, 1]), (2 * CHUNK, [CHUNK, CHUNK])],
)
def test_a_document_has_whole_chunks_and_what_is_left(size: int, lengths: list[int]) -> None:
    name = a_name(size)

    assert [name.length(n) for n in range(name.chunks)] == lengths
    assert place_of(1) == HEADER + CHUNK + CHUNK_OVERHEAD


def test_what_was_sealed_opens() -> None:
    name, header = a_name(), new_header()
    sealer = Sealer(name, KEY, header)

    for number, chunk in enumerate(sealed(name, header)):
        assert sealer.open(number, chunk) == bytes([number]) * name.length(number)


def test_chunks_cannot_be_exchanged_nor_the_end_cut_off() -> None:
    name, header = a_name(2 * CHUNK), new_header()
    first, last = sealed(name, header)
    sealer = Sealer(name, KEY, header)

    with pytest.raises(Damaged):
        sealer.open(0, last)
    with pytest.raises(Damaged):
        # As if the document ended there.
        Sealer(replace(name, size=CHUNK), KEY, header).open(0, first)


@pytest.mark.parametrize(
    "other",
    [
        replace(a_name(), party="kasn"),
        replace(a_name(), matter="other"),
        replace(a_name(), digest="b" * 64),
        replace(a_name(), size=2 * CHUNK + 6),
    ],
    ids=["party", "matter", "digest", "size"],
)
def test_a_document_does_not_open_under_another_name(other: DocumentRef) -> None:
    header = new_header()
    (first, *_) = sealed(a_name(), header)

    with pytest.raises(Damaged):
        Sealer(other, KEY, header).open(0, first)


def test_a_document_does_not_open_under_another_key_or_salt() -> None:
    header = new_header()
    (first, *_) = sealed(a_name(), header)

    with pytest.raises(Damaged):
        Sealer(a_name(), os.urandom(32), header).open(0, first)
    with pytest.raises(Damaged):
        Sealer(a_name(), KEY, new_header()).open(0, first)


def test_any_flipped_bit_is_noticed() -> None:
    name, header = a_name(100), new_header()
    (chunk,) = sealed(name, header)
    sealer = Sealer(name, KEY, header)

    for place in range(len(chunk)):
        with pytest.raises(Damaged):
            sealer.open(0, chunk[:place] + bytes([chunk[place] ^ 1]) + chunk[place + 1 :])


def test_a_chunk_that_is_sealed_again_has_another_nonce() -> None:
    name, header = a_name(100), new_header()

    assert sealed(name, header) != sealed(name, header)


def test_what_is_no_document_at_rest_is_refused() -> None:
    for header in (b"", bytes(HEADER), new_header()[:-1]):
        with pytest.raises(Damaged):
            Sealer(a_name(), KEY, header)

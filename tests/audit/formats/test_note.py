"""Signed notes: other people's vectors, and that nothing is read that would print differently."""

from base64 import b64decode, b64encode
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given
from hypothesis import strategies as st

from audit.formats.note import (
    MAX_SIGNATURES,
    Note,
    NoteError,
    Signature,
    SignatureError,
    Signer,
    Verifier,
    key_id,
    open_note,
    parse_note,
    parse_vkey,
    print_note,
    sign,
    split_vkey,
    vkey,
)

# The example of c2sp.org/signed-note.
SPEC_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPEC_NOTE = (
    "This is an example message.\n"
    "\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
# The key pair of the tests of golang.org/x/mod/sumdb/note: type byte and seed, and the public key as text.
GO_SEED = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

TEXT = "netral/bawaslu\n3\n"
PRIME = 2**255 - 19


def signer(name: str, seed: int = 1) -> Signer:
    return Signer(name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


BAWASLU = signer("netral/bawaslu", 1)
KASN = signer("netral/kasn", 2)


def line(name: str = "someone", content: bytes = b"\x00" * 5) -> str:
    return f"— {name} {b64encode(content).decode()}\n"


names = st.text(min_size=1, max_size=20).filter(
    lambda name: not any(letter < " " or letter == "+" or letter.isspace() for letter in name)
)
signatures = st.builds(
    Signature, names, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=80)
)
texts = (
    st.text().filter(lambda text: not any(c < " " and c != "\n" for c in text)).map(lambda text: text + "\n")
)
notes = st.builds(Note, texts, st.lists(signatures, min_size=1, max_size=5).map(tuple))


def test_the_example_of_the_specification_opens() -> None:
    opened = open_note(SPEC_NOTE.encode(), [parse_vkey(SPEC_VKEY)])

    assert opened.text == "This is an example message.\n"
    assert opened.verified_names == {"example.com/foo"}
    assert opened.unverified == ()


def test_a_key_pair_of_another_implementation_has_the_same_text() -> None:
    private = Ed25519PrivateKey.from_private_bytes(b64decode(GO_SEED)[1:])

    verifier = Signer("PeterNeumann", private).verifier

    assert vkey(verifier.name, verifier.public_key) == GO_VKEY
    assert verifier.key_id.hex() == "c74f20a3"


def test_a_note_signed_by_two_opens_for_whoever_knows_either() -> None:
    note = sign(TEXT, [BAWASLU, KASN])

    assert open_note(note, [BAWASLU.verifier, KASN.verifier]).verified_names == {
        "netral/bawaslu",
        "netral/kasn",
    }
    opened = open_note(note, [KASN.verifier])
    assert opened.verified_names == {"netral/kasn"}
    assert [signature.name for signature in opened.unverified] == ["netral/bawaslu"]


def test_a_name_that_signs_twice_counts_once() -> None:
    assert open_note(sign(TEXT, [KASN, KASN]), [KASN.verifier]).verified_names == {"netral/kasn"}


def test_a_note_that_only_unknown_keys_signed_is_refused() -> None:
    with pytest.raises(SignatureError, match="No known key"):
        open_note(sign(TEXT, [BAWASLU]), [KASN.verifier])


def test_one_wrong_signature_of_a_known_key_refuses_the_whole_note() -> None:
    good = parse_note(sign(TEXT, [BAWASLU]))
    wrong = Signature(KASN.name, KASN.key_id, KASN.sign("another text\n"))
    note = print_note(Note(TEXT, (*good.signatures, wrong)))

    with pytest.raises(SignatureError, match="netral/kasn"):
        open_note(note, [BAWASLU.verifier, KASN.verifier])
    assert open_note(note, [BAWASLU.verifier]).verified_names == {"netral/bawaslu"}


@pytest.mark.parametrize("length", [1, 63, 65, 76])
def test_a_signature_of_another_length_is_a_wrong_signature(length: int) -> None:
    note = TEXT + "\n" + line(BAWASLU.name, BAWASLU.key_id + b"\x01" * length)

    with pytest.raises(SignatureError, match="does not fit"):
        open_note(note, [BAWASLU.verifier])


def test_a_known_name_under_an_unknown_key_id_is_ignored() -> None:
    other = signer("netral/kasn", seed=9)

    opened = open_note(sign(TEXT, [KASN, other]), [KASN.verifier])

    assert [signature.key_id for signature in opened.unverified] == [other.key_id]


def test_changing_any_byte_of_a_note_is_refused() -> None:
    note = sign(TEXT, [BAWASLU]).encode()

    for at in range(len(note)):
        for mask in (0x01, 0x02, 0x20, 0x80):
            changed = note[:at] + bytes([note[at] ^ mask]) + note[at + 1 :]
            with pytest.raises(NoteError):
                open_note(changed, [BAWASLU.verifier])


def test_changing_a_byte_of_an_unknown_signature_never_changes_the_text() -> None:
    note = sign(TEXT, [BAWASLU, KASN]).encode()
    start = note.index("— netral/kasn".encode())

    for at in range(start, len(note)):
        changed = note[:at] + bytes([note[at] ^ 0x01]) + note[at + 1 :]
        with suppress(NoteError):
            assert open_note(changed, [BAWASLU.verifier]).text == TEXT


@given(notes)
def test_a_note_that_was_printed_parses_to_the_same(note: Note) -> None:
    assert parse_note(print_note(note)) == note
    assert parse_note(print_note(note).encode()) == note


@given(st.text(alphabet="a \n—+=AB/\r\u2028", max_size=40).map(lambda t: t + "\n"), st.integers(0, 3))
@example("a\n\n\n", 1)
@example("\n", 1)
def test_whatever_parses_prints_the_same(text: str, count: int) -> None:
    note = text + line() * count
    try:
        parsed = parse_note(note)
    except NoteError:
        return
    assert print_note(parsed) == note


def test_the_last_empty_line_separates() -> None:
    note = sign("one\n\ntwo\n\n", [KASN])

    assert open_note(note, [KASN.verifier]).text == "one\n\ntwo\n\n"


def test_a_text_may_hold_what_splitlines_takes_for_line_ends() -> None:
    text = "a\u2028b\u0085c\n"

    assert open_note(sign(text, [KASN]), [KASN.verifier]).text == text


@pytest.mark.parametrize(
    ("note", "fault"),
    [
        ("", "empty line"),
        ("text\n", "empty line"),
        ("text\n\n", "empty line"),
        ("text" + "\n" + line(), "empty line"),
        ("text\n\n" + line()[:-1], "whole signature lines"),
        ("text\r\n\r\n" + line(), "control"),
        ("te\txt\n\n" + line(), "control"),
        ("te\x00xt\n\n" + line(), "control"),
        ("te\ud800xt\n\n" + line(), "UTF-8"),
        (b"te\xffxt\n\n" + line().encode(), "UTF-8"),
        ("text\n\n" + line().replace("—", "-"), "em dash"),
        ("text\n\n" + line().replace("— ", "—"), "em dash"),
        ("text\n\n" + line().replace("— ", "—  "), "em dash"),
        ("text\n\n" + line()[:-1] + " \n", "em dash"),
        ("text\n\n" + line("two words"), "em dash"),
        ("text\n\n" + line("a\u2003b"), "name"),
        ("text\n\n" + line("a+b"), "name"),
        ("text\n\n" + line(""), "name"),
        ("text\n\n— someone \n", "base64"),
        ("text\n\n" + line(content=b"\x00" * 4), "one byte more"),
        ("text\n\n" + line(content=b"\x00" * 3), "one byte more"),
        ("text\n\n— someone AAAAAAA\n", "base64"),
        ("text\n\n— someone AAAAAAB=\n", "canonical"),
        ("text\n\n— someone AAAAAAA==\n", "base64"),
        ("text\n\n— someone AAAA-AA=\n", "base64"),
        ("text\n\n— someone ＡAAAAAA=\n", "base64"),
        ("text\n\n" + line() * (MAX_SIGNATURES + 1), "at most 100"),
    ],
)
def test_a_malformed_note_is_refused(note: str | bytes, fault: str) -> None:
    with pytest.raises(NoteError, match=fault):
        parse_note(note)


@pytest.mark.parametrize("text", ["", "no line feed", "a\rb\n", "\ud800\n"])
def test_a_text_that_could_not_be_read_back_is_not_signed(text: str) -> None:
    with pytest.raises(NoteError):
        sign(text, [KASN])


def test_a_note_has_at_least_one_and_at_most_a_hundred_signatures() -> None:
    assert len(parse_note("text\n\n" + line() * MAX_SIGNATURES).signatures) == MAX_SIGNATURES
    with pytest.raises(NoteError, match="1 to 100"):
        sign(TEXT, [])
    with pytest.raises(NoteError, match="1 to 100"):
        sign(TEXT, [KASN] * (MAX_SIGNATURES + 1))


# Keys as text


@pytest.mark.parametrize("text", [SPEC_VKEY, GO_VKEY])
def test_a_verifier_key_prints_as_it_was_read(text: str) -> None:
    verifier = parse_vkey(text)

    assert vkey(verifier.name, verifier.public_key) == text


@pytest.mark.parametrize("text", [SPEC_VKEY, GO_VKEY])
def test_no_part_and_no_change_of_a_verifier_key_is_a_verifier_key(text: str) -> None:
    parts = [text[start:end] for start in range(len(text)) for end in range(start, len(text) + 1)]
    changes = [text[:at] + chr(ord(text[at]) + 1) + text[at + 1 :] for at in range(len(text))]

    for wrong in {*parts, *changes, text + "\n", " " + text} - {text}:
        with pytest.raises(NoteError):
            parse_vkey(wrong)


def test_a_key_of_another_type_is_told_apart() -> None:
    public = bytes(range(32))
    cosigner = f"witness+{key_id('witness', 4, public).hex()}+{b64encode(bytes([4]) + public).decode()}"

    assert split_vkey(cosigner) == ("witness", 4, public)
    with pytest.raises(NoteError, match="type 0x04"):
        parse_vkey(cosigner)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_public_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(NoteError, match="32 bytes"):
        vkey("someone", b"\x05" * length)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b", "a\x00b", "\ud800"])
def test_a_name_that_would_break_a_note_is_refused(name: str) -> None:
    with pytest.raises(NoteError):
        Verifier(name, KASN.verifier.public_key)


def doubled(x: int, y: int) -> tuple[int, int]:
    """A point of Ed25519 added to itself (RFC 8032 §5.1.4, affine)."""
    d = -121665 * pow(121666, -1, PRIME)
    product = d * x * x * y * y
    return (
        2 * x * y * pow(1 + product, -1, PRIME) % PRIME,
        (y * y + x * x) * pow(1 - product, -1, PRIME) % PRIME,
    )


def x_of(y: int) -> int:
    """An x of the point with this y (RFC 8032 §5.1.3); the other one is its negative."""
    d = -121665 * pow(121666, -1, PRIME)
    square = (y * y - 1) * pow(d * y * y + 1, -1, PRIME) % PRIME
    root = pow(square, (PRIME + 3) // 8, PRIME)
    if root * root % PRIME != square:
        root = root * pow(2, (PRIME - 1) // 4, PRIME) % PRIME
    assert root * root % PRIME == square
    return root


LOW_ORDER_KEYS = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
]


@pytest.mark.parametrize("encoded", LOW_ORDER_KEYS)
def test_a_low_order_public_key_is_refused_under_either_sign(encoded: str) -> None:
    key = bytes.fromhex(encoded)
    y = int.from_bytes(key, "little")
    point = x_of(y), y
    for _ in range(3):
        point = doubled(*point)
    assert point == (0, 1)

    for sign_bit in (0x00, 0x80):
        with pytest.raises(NoteError, match="low-order"):
            Verifier("someone", key[:31] + bytes([key[31] | sign_bit]))


@pytest.mark.parametrize("above", range(19))
def test_a_second_spelling_of_a_point_is_refused(above: int) -> None:
    with pytest.raises(NoteError, match="non-canonical"):
        Verifier("someone", (PRIME + above).to_bytes(32, "little"))


def test_a_private_key_is_not_shown() -> None:
    assert "private" not in repr(KASN)

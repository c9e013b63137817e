"""Checkpoints: the text is read so strictly that it prints the same, and only the log's own key speaks for it."""

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from audit.formats import checkpoint
from audit.formats.checkpoint import Checkpoint, CheckpointError
from audit.formats.note import NoteError, SignatureError, Signer, sign
from audit.formats.tlog import EMPTY_ROOT

ROOT = bytes(range(32))
ROOT_TEXT = b64encode(ROOT).decode()


def key_of(origin: str) -> Signer:
    return Signer(origin, Ed25519PrivateKey.from_private_bytes(b"\x07" * 32))


BAWASLU = key_of("netral/bawaslu")

lines = st.text(min_size=1).filter(lambda line: not any(letter < " " for letter in line))
checkpoints = st.builds(
    Checkpoint,
    lines,
    st.integers(0, checkpoint.MAX_SIZE),
    st.binary(min_size=32, max_size=32),
    st.lists(lines, max_size=3).map(tuple),
)


def test_a_checkpoint_is_origin_size_and_root() -> None:
    head = Checkpoint(checkpoint.origin_of("bawaslu"), 3, ROOT)

    assert head.text() == f"netral/bawaslu\n3\n{ROOT_TEXT}\n"


def test_an_empty_log_has_the_checkpoint_of_size_0() -> None:
    head = checkpoint.parse("netral/kasn\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")

    assert head == Checkpoint("netral/kasn", 0, EMPTY_ROOT)


@given(checkpoints)
def test_a_checkpoint_that_was_printed_parses_to_the_same(head: Checkpoint) -> None:
    assert checkpoint.parse(head.text()) == head


@given(st.lists(st.sampled_from(["netral/kasn", "0", "7", "07", "", ROOT_TEXT, "x"]), max_size=6))
def test_whatever_parses_prints_the_same(parts: list[str]) -> None:
    text = "\n".join(parts)
    try:
        head = checkpoint.parse(text)
    except CheckpointError:
        return
    assert head.text() == text


def test_extension_lines_are_kept() -> None:
    head = checkpoint.parse(f"go.sum database tree\n7\n{ROOT_TEXT}\nfirst\nsecond line\n")

    assert head.origin == "go.sum database tree"
    assert head.extensions == ("first", "second line")


@pytest.mark.parametrize(
    "size",
    [
        "",
        "-1",
        "+7",
        "07",
        "00",
        " 7",
        "7 ",
        "7_0",
        "7.0",
        "0x7",
        "７",
        "٧",
        "1e3",
        str(2**63),
        "9" * 19,
        "9" * 5000,
    ],
)
def test_a_size_is_a_plain_decimal_number(size: str) -> None:
    with pytest.raises(CheckpointError):
        checkpoint.parse(f"netral/kasn\n{size}\n{ROOT_TEXT}\n")


@pytest.mark.parametrize(
    "root",
    [
        "",
        ROOT_TEXT[:-1],
        ROOT_TEXT + "=",
        ROOT_TEXT + " ",
        ROOT_TEXT[:-2] + "9=",
        b64encode(ROOT[:31]).decode(),
        b64encode(ROOT + b"x").decode(),
        "é" + ROOT_TEXT[1:],
        b64encode(b"\xff" * 32).decode().replace("/", "_"),
    ],
)
def test_a_root_is_the_one_base64_text_of_32_bytes(root: str) -> None:
    with pytest.raises(CheckpointError):
        checkpoint.parse(f"netral/kasn\n7\n{root}\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "netral/kasn\n7\n",
        f"netral/kasn\n7\n{ROOT_TEXT}",
        f"\n7\n{ROOT_TEXT}\n",
        f"netral/kasn\r\n7\r\n{ROOT_TEXT}\r\n",
        f"netral/kasn\n7\n{ROOT_TEXT}\n\n",
        f"netral/kasn\n7\n{ROOT_TEXT}\n\nextension\n",
        f"netral/kasn\n7\n{ROOT_TEXT}\nextension",
        f"netral\tkasn\n7\n{ROOT_TEXT}\n",
        f"netral/kasn\u20287\u2028{ROOT_TEXT}\u2028",
    ],
)
def test_a_text_of_other_lines_is_refused(text: str) -> None:
    with pytest.raises(CheckpointError):
        checkpoint.parse(text)


@pytest.mark.parametrize(
    ("origin", "size", "root", "extensions"),
    [
        ("", 7, ROOT, ()),
        ("netral/kasn\n8", 7, ROOT, ()),
        ("netral/kasn", -1, ROOT, ()),
        ("netral/kasn", 2**63, ROOT, ()),
        ("netral/kasn", 7, ROOT[:31], ()),
        ("netral/kasn", 7, ROOT, ("",)),
        ("netral/kasn", 7, ROOT, ("two\nlines",)),
    ],
)
def test_a_checkpoint_that_could_not_be_read_back_is_not_made(
    origin: str, size: int, root: bytes, extensions: tuple[str, ...]
) -> None:
    with pytest.raises(CheckpointError):
        Checkpoint(origin, size, root, extensions)


def test_a_signed_checkpoint_opens_with_the_key_of_its_log() -> None:
    head = Checkpoint("netral/bawaslu", 3, ROOT)

    assert checkpoint.open(checkpoint.sign(head, BAWASLU), BAWASLU.verifier) == head


def test_changing_any_byte_of_a_signed_checkpoint_is_refused() -> None:
    note = checkpoint.sign(Checkpoint("netral/bawaslu", 3, ROOT), BAWASLU).encode()

    for at in range(len(note)):
        changed = note[:at] + bytes([note[at] ^ 0x01]) + note[at + 1 :]
        with pytest.raises(NoteError):
            checkpoint.open(changed, BAWASLU.verifier)


def test_a_checkpoint_signed_by_another_log_is_refused() -> None:
    kasn = Signer("netral/kasn", Ed25519PrivateKey.from_private_bytes(b"\x08" * 32))
    head = Checkpoint("netral/bawaslu", 3, ROOT)

    with pytest.raises(SignatureError):
        checkpoint.open(checkpoint.sign(head, BAWASLU), kasn.verifier)
    with pytest.raises(CheckpointError, match="does not sign for netral/bawaslu"):
        checkpoint.sign(head, kasn)
    with pytest.raises(CheckpointError, match="signed a checkpoint of netral/bawaslu"):
        checkpoint.open(sign(head.text(), [kasn]), kasn.verifier)


def test_a_signed_text_that_is_no_checkpoint_is_refused() -> None:
    with pytest.raises(CheckpointError):
        checkpoint.open(sign("netral/bawaslu\n03\n" + ROOT_TEXT + "\n", [BAWASLU]), BAWASLU.verifier)

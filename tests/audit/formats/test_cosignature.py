"""Cosignatures of both types: other people's vectors, and that a signature says what it says and nothing else."""

from base64 import b64decode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from audit.formats import cosignature, note
from audit.formats.checkpoint import Checkpoint, CheckpointError
from audit.formats.cosignature import Ed25519Cosigner, Ed25519Verifier, MlDsaCosigner, MlDsaVerifier, time_of
from audit.formats.note import NoteError, Signature, Signer
from support.cosigners import SPRING, ed25519, ml_dsa

HEAD = Checkpoint("netral/kasn", 3, b"r" * 32)
COSIGNERS = [ed25519("netral/bawaslu/witness"), ml_dsa("netral/bawaslu/witness")]
BOTH = pytest.mark.parametrize("cosigner", COSIGNERS, ids=["ed25519", "ml-dsa"])
Cosigner = Ed25519Cosigner | MlDsaCosigner

# The example of c2sp.org/tlog-cosignature; the specification gives no key for it.
SPEC_LINE = "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
# A witness's key in use, from the tests of transparency-dev/formats.
REMORA = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
# A log with an ML-DSA-44 key and its checkpoint of size 1, as another implementation signed it (FiloSottile/torchwood,
# cmd/litewitness/testdata/mldsa.txt): first line the key, then the note.
ML_DSA_VKEY, _, ML_DSA_NOTE = (Path(__file__).parent / "vectors/ml_dsa_log.txt").read_text().partition("\n")


def test_the_example_of_the_specification_is_76_bytes_with_its_time() -> None:
    (signature,) = note.parse_signatures(SPEC_LINE)

    assert time_of(signature) == 1679315147
    assert len(signature.key_id + signature.signature) == 76
    assert note.print_signatures([signature]) == SPEC_LINE


def test_the_message_of_an_ed25519_cosignature_is_that_of_the_specification() -> None:
    key = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
    root = b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
    message = (
        "cosignature/v1\n"
        "time 1679315147\n"
        "example.com/behind-the-sofa\n"
        "20852163\n"
        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )

    signed = Ed25519Cosigner("witness.example.com/w1", key).cosign(
        Checkpoint("example.com/behind-the-sofa", 20852163, root), 1679315147
    )

    assert signed.signature == (1679315147).to_bytes(8, "big") + key.sign(message.encode())


def test_the_message_of_an_ml_dsa_cosignature_is_that_of_the_specification() -> None:
    cosigner = ml_dsa("w1")
    message = (
        b"subtree/v1\n\0"
        + b"\x02w1"
        + SPRING.to_bytes(8, "big")
        + b"\x0bnetral/kasn"
        + bytes(8)
        + (3).to_bytes(8, "big")
        + b"r" * 32
    )

    signed = cosigner.cosign(HEAD, SPRING)

    assert signed.signature[:8] == SPRING.to_bytes(8, "big")
    cosigner.private_key.public_key().verify(signed.signature[8:], message)


def test_a_checkpoint_that_another_implementation_signed_with_ml_dsa_opens() -> None:
    name, kind, public = note.split_vkey(ML_DSA_VKEY)

    opened = note.open_note(ML_DSA_NOTE, [MlDsaVerifier(name, public, untimed=True)])

    assert kind == cosignature.ML_DSA_44
    assert opened.verified_names == {"example.com/mldsa-log"}


def test_a_signature_without_time_is_a_logs_and_not_a_witness_s() -> None:
    key = cosignature.parse_vkey(ML_DSA_VKEY)

    with pytest.raises(note.SignatureError):
        note.open_note(ML_DSA_NOTE, [key])


def test_a_key_in_use_elsewhere_prints_as_it_was_read() -> None:
    assert cosignature.parse_vkey(REMORA).vkey == REMORA
    assert cosignature.parse_vkey(ML_DSA_VKEY).vkey == ML_DSA_VKEY


# RFC 8032 §7.1, tests 1 and 2
@pytest.mark.parametrize(
    ("seed", "public", "text", "signature"),
    [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "r",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
    ],
)
def test_ed25519_is_that_of_rfc_8032(seed: str, public: str, text: str, signature: str) -> None:
    signer = Signer("rfc8032", Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed)))

    assert signer.verifier.public_key.hex() == public
    assert signer.sign(text).hex() == signature
    assert signer.verifier.verify(text, bytes.fromhex(signature))


# What a signature says


@BOTH
def test_a_cosignature_stands_for_its_checkpoint_and_time_only(cosigner: Cosigner) -> None:
    key, signed = cosigner.verifier, cosigner.cosign(HEAD, SPRING)
    later = (SPRING + 1).to_bytes(8, "big") + signed.signature[8:]

    assert key.verify(HEAD.text(), signed.signature)
    assert time_of(signed) == SPRING
    assert not key.verify(HEAD.text(), later)
    for other in (
        Checkpoint("netral/kasm", 3, HEAD.root),
        Checkpoint("netral/kasn", 4, HEAD.root),
        Checkpoint("netral/kasn", 3, b"s" * 32),
        Checkpoint("netral/kasn", 3, HEAD.root, ("extension",)),
    ):
        assert not key.verify(other.text(), signed.signature)


@BOTH
def test_changing_any_byte_of_a_cosignature_is_found(cosigner: Cosigner) -> None:
    key, signed = cosigner.verifier, cosigner.cosign(HEAD, SPRING).signature
    step = 1 if len(signed) < 100 else 41
    for at in range(0, len(signed), step):
        assert not key.verify(HEAD.text(), signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1 :])


@BOTH
@pytest.mark.parametrize("length", [0, 7, 8, 9, 71, 73, 2427, 2429])
def test_a_cosignature_of_another_length_is_none(cosigner: Cosigner, length: int) -> None:
    assert not cosigner.verifier.verify(HEAD.text(), bytes(length))
    with pytest.raises(NoteError, match="cosignature is a time"):
        time_of(Signature("w", b"1234", bytes(max(length, 1))))


@BOTH
@pytest.mark.parametrize("at", [-1, 0, 2**63])
def test_a_cosigner_signs_only_at_a_time_that_the_format_can_hold(cosigner: Cosigner, at: int) -> None:
    with pytest.raises(ValueError, match="time of a cosignature"):
        cosigner.cosign(HEAD, at)


def test_a_time_beyond_the_limit_is_refused_though_signed() -> None:
    cosigner = ed25519("w")
    forged = cosigner.private_key.sign(f"cosignature/v1\ntime {2**63}\n{HEAD.text()}".encode())

    assert not cosigner.verifier.verify(HEAD.text(), (2**63).to_bytes(8, "big") + forged)


def test_an_ed25519_cosignature_covers_extension_lines_and_an_ml_dsa_one_refuses_them() -> None:
    extended = Checkpoint("netral/kasn", 3, b"r" * 32, ("extension",))
    signed = COSIGNERS[0].cosign(extended, SPRING)

    assert COSIGNERS[0].verifier.verify(extended.text(), signed.signature)
    with pytest.raises(CheckpointError, match="extension"):
        COSIGNERS[1].cosign(extended, SPRING)


def test_an_ml_dsa_cosignature_has_room_for_255_bytes_of_origin() -> None:
    cosigner = ml_dsa("w" * 255)
    assert cosigner.cosign(Checkpoint("o" * 255, 1, b"r" * 32), SPRING)

    with pytest.raises(CheckpointError, match="255"):
        cosigner.cosign(Checkpoint("o" * 256, 1, b"r" * 32), SPRING)
    with pytest.raises(NoteError, match="255"):
        _ = ml_dsa("w" * 256).verifier


def test_the_two_keys_of_one_cosigner_have_different_ids() -> None:
    key = ed25519("netral/kasn")

    ids = {
        key.verifier.key_id,
        ml_dsa("netral/kasn").verifier.key_id,
        Signer("netral/kasn", key.private_key).key_id,
    }

    assert len(ids) == 3


@pytest.mark.parametrize("kind", [0x00, 0x01, 0x02, 0x05, 0xFF])
def test_a_key_of_another_type_is_no_cosigner_s(kind: int) -> None:
    with pytest.raises(NoteError, match="not a cosigner's"):
        cosignature.parse_vkey(note.join_vkey("w", kind, b"k" * 32))


@pytest.mark.parametrize("public", [b"", b"k" * 31, b"k" * 33, bytes(32), b"\x01" + bytes(31), b"k" * 1311])
def test_a_low_order_or_misshapen_key_is_refused(public: bytes) -> None:
    for kind in (cosignature.ED25519, cosignature.ML_DSA_44):
        with pytest.raises(NoteError):
            cosignature.parse_vkey(note.join_vkey("w", kind, public))


def test_a_private_key_is_not_shown() -> None:
    assert "private" not in repr(COSIGNERS[0]) + repr(COSIGNERS[1])


# Whatever comes in


@given(st.binary(max_size=120), st.text(max_size=60))
def test_no_bytes_are_taken_for_a_cosignature(signature: bytes, text: str) -> None:
    for cosigner in COSIGNERS:
        assert not cosigner.verifier.verify(text.encode(errors="ignore").decode(), signature)


@given(st.text(max_size=80) | st.builds("w+{}+{}".format, st.text(max_size=10), st.text(max_size=60)))
def test_whatever_is_read_as_a_cosigner_s_key_prints_the_same(text: str) -> None:
    try:
        key = cosignature.parse_vkey(text)
    except NoteError:
        return
    assert isinstance(key, Ed25519Verifier | MlDsaVerifier)
    assert key.vkey == text


@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from([SPEC_LINE, "\n", "— w ", "AAAA", " ", "\r"])).map("".join)
)
def test_whatever_is_read_as_signature_lines_prints_the_same(lines: str) -> None:
    try:
        read = note.parse_signatures(lines)
    except NoteError:
        return
    assert note.print_signatures(read) == lines

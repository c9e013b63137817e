"""The text of a proof: read and printed the same, and verified against a policy from elsewhere."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.formats import note, policy, proof, tlog
from audit.formats.policy import NotAccepted
from audit.formats.proof import ProofTextError, TlogProof
from audit.formats.tlog import ProofError
from support.cosigners import SPRING, SmallLog, ed25519

LOG = SmallLog.of("netral/kasn", 13)
WITNESS = ed25519("netral/bawaslu/witness")
POLICY = policy.parse(
    f"log {note.vkey('netral/kasn', LOG.signer.verifier.public_key)}\n"
    f"witness W {WITNESS.verifier.vkey}\n"
    "quorum W\n"
)
SIGNED = LOG.note() + note.print_signatures([WITNESS.cosign(LOG.head(), SPRING)])


def of(index: int, extra: bytes = b"") -> TlogProof:
    hashes = tlog.inclusion_proof(index, 13, tlog.extend(0, {}, LOG.hashes))
    return TlogProof(index, tuple(hashes), SIGNED, extra)


def test_a_proof_is_the_text_of_the_specification() -> None:
    found = of(12, b"extra data")

    assert found.text() == (
        "c2sp.org/tlog-proof@v1\n"
        "extra ZXh0cmEgZGF0YQ==\n"
        "index 12\n" + "".join(f"{proof.print_base64(each)}\n" for each in found.hashes) + "\n" + SIGNED
    )


@pytest.mark.parametrize("index", range(13))
def test_every_leaf_is_verified_from_its_proof_as_text(index: int) -> None:
    read = proof.parse(of(index).text())

    accepted = read.verify(LOG.hashes[index], POLICY)

    assert accepted.checkpoint == LOG.head()
    assert accepted.cosigned == {"W": SPRING}


def test_a_proof_of_a_tree_of_one_has_no_hash() -> None:
    one = SmallLog.of("netral/kasn", 1)
    signed = one.note() + note.print_signatures([WITNESS.cosign(one.head(), SPRING)])

    proof.parse(TlogProof(0, (), signed).text()).verify(one.hashes[0], POLICY)


def test_another_leaf_index_hash_or_checkpoint_fails() -> None:
    found = of(5)
    later = SmallLog.of("netral/kasn", 14)
    signed = later.note() + note.print_signatures([WITNESS.cosign(later.head(), SPRING)])

    with pytest.raises(ProofError):
        found.verify(LOG.hashes[6], POLICY)
    with pytest.raises(ProofError):
        replace(found, index=4).verify(LOG.hashes[5], POLICY)
    with pytest.raises(ProofError):
        replace(found, hashes=found.hashes[:-1]).verify(LOG.hashes[5], POLICY)
    with pytest.raises(ProofError):
        replace(found, note=signed).verify(LOG.hashes[5], POLICY)


def test_without_its_quorum_a_proof_proves_nothing() -> None:
    with pytest.raises(NotAccepted):
        replace(of(5), note=LOG.note()).verify(LOG.hashes[5], POLICY)


def test_extra_data_is_kept_and_not_vouched_for() -> None:
    assert proof.parse(of(5, b"anything").text()).extra == b"anything"
    assert proof.parse(of(5).text().replace("\nindex", "\nextra AAAA\nindex")).verify(LOG.hashes[5], POLICY)


TEXT = of(5, b"x").text()
HASH = proof.print_base64(of(5).hashes[0])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "empty line"),
        (TEXT.replace("@v1", "@v2"), "first line"),
        (TEXT.replace("extra eA==\n", "extra \n"), "base64"),
        (TEXT.replace("extra eA==\n", "extra eB==\n"), "canonical"),
        (TEXT.replace("extra eA==\n", "extra eA==\nextra eA==\n"), "no index"),
        (TEXT.replace("index 5\n", ""), "no index"),
        (TEXT.replace("index 5\n", "index 05\n"), "leading zero"),
        (TEXT.replace("index 5\n", "index -5\n"), "leading zero"),
        (TEXT.replace("index 5\n", "index 5 \n"), "leading zero"),
        (TEXT.replace("index 5\n", "index ５\n"), "leading zero"),
        (TEXT.replace("index 5\n", f"index {2**63}\n"), "larger"),
        (TEXT.replace(HASH, HASH[:-1]), "base64"),
        (TEXT.replace(HASH, HASH[:-4]), "32 bytes|base64"),
        (TEXT.replace(HASH, " " + HASH), "base64"),
        (TEXT.replace("\n", "\r\n"), "empty line"),
        (TEXT.replace("index 5\n", "index 5\r\n"), "leading zero"),
        (TEXT.replace(HASH, "\n".join([HASH] * 64)), "more than 63"),
        (TEXT[:-1], "checkpoint of a proof"),
        (TEXT.replace("netral/kasn\n13", "netral/kasn\n013"), "checkpoint of a proof"),
        (TEXT.replace("\n\n", "\n\n\n", 1), "checkpoint of a proof"),
        (TEXT + "x", "checkpoint of a proof"),
    ],
)
def test_what_is_no_proof_is_refused(text: str, fault: str) -> None:
    with pytest.raises(ProofTextError, match=fault):
        proof.parse(text)


def test_bytes_that_are_no_utf8_are_no_proof() -> None:
    with pytest.raises(ProofTextError):
        proof.parse(TEXT.encode().replace(b"index", b"\xff"))


def test_changing_any_character_is_refused_or_read_as_something_else_that_prints_so() -> None:
    for at in range(len(TEXT)):
        for letter in ("A", "\n", " "):
            changed = TEXT[:at] + letter + TEXT[at + 1 :]
            try:
                read = proof.parse(changed)
            except ProofTextError:
                continue
            assert read.text() == changed


parts = st.sampled_from(
    [
        "c2sp.org/tlog-proof@v1\n",
        "extra eA==\n",
        "index 5\n",
        f"{HASH}\n",
        "\n",
        SIGNED,
        "index ",
        "5",
        "x",
        "\r",
    ]
)


@given(st.lists(parts).map("".join) | st.text())
def test_whatever_is_read_as_a_proof_prints_the_same(text: str) -> None:
    try:
        read = proof.parse(text)
    except ProofTextError:
        return
    assert read.text() == text

"""Policies: what the format allows, what it refuses, and which checkpoints are accepted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.formats import note, policy
from audit.formats.note import NoteError, SignatureError
from audit.formats.policy import Group, Log, NotAccepted, Policy, PolicyError, Witness
from support.cosigners import SPRING, SmallLog, ed25519, ml_dsa, signer

LOG = SmallLog.of("netral/kasn", 5, seed=1)
OTHER = SmallLog.of("netral/bkn", 5, seed=2)
COSIGNERS = [*(ed25519(f"w{number}", 10 + number) for number in range(6)), ml_dsa("w6", 16)]
VKEYS = [cosigner.verifier.vkey for cosigner in COSIGNERS]


def vkey(log: SmallLog) -> str:
    return note.vkey(log.signer.name, log.signer.verifier.public_key)


def cosigned(log: SmallLog, *witnesses: int) -> str:
    """The log's checkpoint with cosignatures of these witnesses."""
    return log.note() + note.print_signatures(
        [COSIGNERS[each].cosign(log.head(), SPRING + each) for each in witnesses]
    )


def lines(*words: str) -> str:
    return "".join(line + "\n" for line in words)


WITNESSES = lines(*(f"witness W{number} {key}" for number, key in enumerate(VKEYS)))
# The example of c2sp.org/tlog-policy, with keys.
EXAMPLE = (
    lines(f"log {vkey(LOG)}", "")
    + lines(*(f"witness X{n} {VKEYS[n - 1]}" for n in (1, 2, 3)), "group X-witnesses 2 X1 X2 X3", "")
    + lines(*(f"witness Y{n} {VKEYS[n + 2]}" for n in (1, 2, 3)), "group Y-witnesses any Y1 Y2 Y3", "")
    + lines("group X-and-Y all X-witnesses Y-witnesses", "quorum X-and-Y")
)


@pytest.mark.parametrize(
    ("witnesses", "enough"),
    [
        ((0, 1, 3), True),
        ((0, 2, 5), True),
        ((0, 1, 2, 3, 4, 5), True),
        ((0, 1), False),
        ((0, 3), False),
        ((3, 4, 5), False),
        ((0, 3, 4), False),
        ((), False),
    ],
)
def test_the_example_of_the_specification_asks_for_two_x_and_one_y(
    witnesses: tuple[int, ...], enough: bool
) -> None:
    asked = policy.parse(EXAMPLE)

    if enough:
        accepted = asked.accept(cosigned(LOG, *witnesses))
        assert accepted.checkpoint == LOG.head()
        assert set(accepted.cosigned.values()) == {SPRING + each for each in witnesses}
    else:
        with pytest.raises(NotAccepted, match="quorum X-and-Y is not reached"):
            asked.accept(cosigned(LOG, *witnesses))


def test_one_witness_that_signs_twice_counts_once() -> None:
    asked = policy.parse(WITNESSES + lines(f"log {vkey(LOG)}", "group two 2 W0 W1", "quorum two"))

    with pytest.raises(NotAccepted, match="cosigned by W0"):
        asked.accept(cosigned(LOG, 0, 0))


def test_an_ml_dsa_witness_counts_like_any_other() -> None:
    asked = policy.parse(WITNESSES + lines(f"log {vkey(LOG)}", "quorum W6"))

    assert asked.accept(cosigned(LOG, 6)).cosigned == {"W6": SPRING + 6}


def test_unknown_signature_lines_are_ignored() -> None:
    asked = policy.parse(lines(f"log {vkey(LOG)}", f"witness W0 {VKEYS[0]}", "quorum W0"))

    assert asked.accept(cosigned(LOG, 3, 0, 6)).cosigned == {"W0": SPRING}


def test_a_wrong_signature_of_a_known_witness_refuses_the_checkpoint() -> None:
    asked = policy.parse(lines(f"log {vkey(LOG)}", f"witness W0 {VKEYS[0]}", "quorum none"))
    forged = LOG.note() + note.print_signatures([COSIGNERS[0].cosign(OTHER.head(), SPRING)])

    with pytest.raises(SignatureError):
        asked.accept(forged)


def test_a_log_of_the_policy_cannot_sign_under_another_origin() -> None:
    asked = policy.parse(lines(f"log {vkey(LOG)}", f"log {vkey(OTHER)}", "quorum none"))
    crossed = note.sign(OTHER.head().text(), [LOG.signer])

    assert asked.accept(LOG.note()).checkpoint == LOG.head()
    with pytest.raises(NotAccepted, match="No log of the policy"):
        asked.accept(crossed)


def test_a_witness_alone_does_not_make_a_checkpoint() -> None:
    asked = policy.parse(lines(f"log {vkey(OTHER)}", f"witness W0 {VKEYS[0]}", "quorum W0"))

    with pytest.raises(NotAccepted, match="No log of the policy"):
        asked.accept(cosigned(LOG, 0))


def test_a_policy_without_logs_or_witnesses_is_a_policy() -> None:
    assert policy.parse("quorum none\n") == Policy((), (), (), "none")


def test_gaps_comments_and_urls() -> None:
    text = lines(
        "# who watches",
        f"\t log \t{vkey(LOG)}   https://example.org/kasn",
        "   # more",
        "",
        " \t ",
        f"witness W0 {VKEYS[0]} https://w0.example/ ",
        "quorum \t W0\t",
    )

    read = policy.parse(text)

    assert read == Policy(
        (Log(vkey(LOG), "https://example.org/kasn"),),
        (Witness("W0", VKEYS[0], "https://w0.example/"),),
        (),
        "W0",
    )
    assert policy.parse(policy.print_policy(read)) == read


def test_names_are_octets_and_need_not_be_utf8() -> None:
    text = (
        f"witness K {VKEYS[0]}\nwitness ".encode() + b"\xe2\x84\xaa " + VKEYS[1].encode() + b"\nwitness \xff "
    )
    text += VKEYS[2].encode() + b"\ngroup g 2 K \xe2\x84\xaa \xff\nquorum g\n"

    read = policy.parse(text)

    assert len({each.name for each in read.witnesses}) == 3
    assert policy.print_policy(read) == text


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (b"", "line feed"),
        (b"quorum none", "line feed"),
        (b"quorum none\r\n", "control character"),
        (b"quorum none\x0b\n", "control character"),
        (b"quorum none\x00\n", "control character"),
        (b"quorum none\x7f\n", "control character"),
        (b"\n", "no quorum"),
        (b"quorum none\nquorum none\n", "line 2: a second quorum"),
        (b"quorum\n", "line 1: not a log"),
        (b"quorum none # why\n", "line 1: not a log"),
        (b"quorum\xc2\xa0none\n", "line 1: not a log"),
        (b"Quorum none\n", "line 1: not a log"),
        (b"quorum W0\n", "line 1: W0 is not defined"),
        (b"log x\nquorum none\n", "line 1: A verifier key"),
        (b"log\nquorum none\n", "line 1: not a log"),
    ],
)
def test_what_is_no_policy_is_refused(text: bytes, fault: str) -> None:
    with pytest.raises(PolicyError, match=fault):
        policy.parse(text)


@pytest.mark.parametrize(
    ("rest", "fault"),
    [
        (lines("group g 0 W0", "quorum g"), "asks for 0 of 1"),
        (lines("group g 2 W0", "quorum g"), "asks for 2 of 1"),
        (lines("group g 01 W0", "quorum g"), "leading zero"),
        (lines("group g +1 W0", "quorum g"), "leading zero"),
        (lines("group g １ W0", "quorum g"), "leading zero"),
        (lines("group g most W0", "quorum g"), "leading zero"),
        (lines("group g any", "quorum none"), "not a log"),
        (lines("group g any none", "quorum g"), "none is not defined"),
        (lines("group g any g", "quorum g"), "g is not defined"),
        (lines("group g any h", "group h any W0", "quorum g"), "h is not defined"),
        (lines("group g any W0 W0", "quorum g"), "W0 stands twice"),
        (lines("group g any W0", "group h any W0", "quorum g"), "W0 stands twice"),
        (lines("group W0 any W1", "quorum W0"), "the name W0 is taken"),
        (lines("group none any W1", "quorum none"), "the name none is taken"),
        (lines(f"witness W0 {VKEYS[0]}", "quorum none"), "the name W0 is taken"),
        (lines(f"witness W9 {VKEYS[0]}", "quorum none"), "a witness key under two lines"),
        (
            lines(f"witness W9 {ed25519('another', 10).verifier.vkey}", "quorum none"),
            "a witness key under two lines",
        ),
        (lines(f"witness none {ed25519('w9', 99).verifier.vkey}", "quorum none"), "the name none is taken"),
        (lines(f"log {vkey(LOG)}", f"log {vkey(LOG)}", "quorum none"), "a log key under two lines"),
        (lines(f"log {VKEYS[0]}", "quorum none"), "not a log's"),
        (lines(f"witness W9 {vkey(LOG)}", "quorum none"), "not a cosigner's"),
    ],
)
def test_names_thresholds_and_keys_that_do_not_fit_are_refused(rest: str, fault: str) -> None:
    with pytest.raises(PolicyError, match=fault):
        policy.parse(WITNESSES + rest)


def test_a_policy_that_was_built_is_checked_as_one_that_was_read() -> None:
    with pytest.raises(PolicyError, match="not defined"):
        Policy((), (), (), "W0")
    with pytest.raises(PolicyError, match="asks for 2 of 1"):
        Policy((), (Witness("W0", VKEYS[0]),), (Group("g", 2, ("W0",)),), "g")


def test_a_log_may_sign_with_ml_dsa_alone() -> None:
    key = ml_dsa("netral/kasn", 3)
    asked = policy.parse(lines(f"log {key.verifier.vkey}", "quorum none"))
    signed = LOG.head().text() + "\n" + note.print_signatures([key.cosign(LOG.head(), SPRING)])

    assert asked.accept(signed).checkpoint == LOG.head()


def test_hundreds_of_witnesses_are_no_limit() -> None:
    text = lines(
        *(
            f"witness n{n} {note.join_vkey(f'w{n}', 4, signer('x', 1 + n % 250).verifier.public_key)}"
            for n in range(250)
        ),
        "group all-of-them any " + " ".join(f"n{n}" for n in range(250)),
        "quorum all-of-them",
    )

    assert len(policy.parse(text).witnesses) == 250


words = st.sampled_from(
    [
        "log",
        "witness",
        "group",
        "quorum",
        "none",
        "any",
        "all",
        "2",
        "W0",
        "W1",
        "g",
        VKEYS[0],
        VKEYS[1],
        vkey(LOG),
        "#",
        "\t",
        " ",
        "\n",
        "\r",
        "é",
    ]
)


@given(st.lists(words).map(" ".join) | st.lists(words).map("".join) | st.text())
def test_whatever_is_read_as_a_policy_is_read_again_from_its_print(text: str) -> None:
    try:
        read = policy.parse(WITNESSES + text + "\n")
    except PolicyError:
        return
    assert policy.parse(policy.print_policy(read)) == read


@given(st.binary())
def test_no_bytes_make_the_reader_fail_otherwise_than_by_refusing(octets: bytes) -> None:
    with pytest.raises(PolicyError):
        policy.parse(octets + b"quorum no such\n")


@given(st.lists(st.sampled_from(["a", "b", "c", "d"]), unique=True), st.integers(1, 3))
def test_a_threshold_counts_members(done: list[str], threshold: int) -> None:
    built = Policy(
        (),
        tuple(Witness(name, VKEYS[at]) for at, name in enumerate("abcd")),
        (Group("g", threshold, ("a", "b", "c")), Group("h", 2, ("g", "d"))),
        "h",
    )

    assert built.satisfied_by(done) == (len(set(done) & {"a", "b", "c"}) >= threshold and "d" in done)


def test_a_note_that_is_none_is_told_as_such() -> None:
    with pytest.raises(NoteError):
        policy.parse(lines(f"log {vkey(LOG)}", "quorum none")).accept(LOG.note().replace("\n", "\r\n"))

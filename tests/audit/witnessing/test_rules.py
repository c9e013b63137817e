"""Decisions of a witness: when it signs, what it answers otherwise, and whom it accuses."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.formats import note, tlog
from audit.formats.checkpoint import Checkpoint
from audit.witnessing import rules
from audit.witnessing.rules import FORK, ROLLBACK, SIZE, AddCheckpoint, Answer, BadRequest, WitnessedState
from support.cosigners import SPRING, SmallLog, ed25519, ml_dsa, signer

COSIGNERS = [ed25519("netral/bawaslu/witness"), ml_dsa("netral/bawaslu/witness")]
KEYS = [signer("netral/kasn").verifier]


class Memory:
    """A witness's memory of one log, kept as the database keeps it."""

    def __init__(self) -> None:
        self.held: WitnessedState | None = None
        self.before: dict[int, str] = {}

    def ask(self, request: AddCheckpoint, now: int = SPRING, keys: list[note.Verifier] = KEYS) -> Answer:
        answer = rules.decide(request, keys, self.held, self.before.get, COSIGNERS, now)
        if answer.held:
            self.held = answer.held
            self.before[answer.held.head.size] = answer.held.note
        return answer


def a_log(size: int = 0) -> SmallLog:
    return SmallLog.of("netral/kasn", size)


def watching(log: SmallLog) -> Memory:
    """A witness that has cosigned the log as it is."""
    memory = Memory()
    assert memory.ask(log.request(0)).status == 200
    return memory


def test_a_first_checkpoint_is_cosigned_with_every_key() -> None:
    log = a_log(5)

    answer = Memory().ask(log.request(0))

    assert answer.status == 200
    known = [cosigner.verifier for cosigner in COSIGNERS]
    found = rules.read_cosignatures(log.head().text(), answer.body, known)
    assert {each.key_id for each in found} == {each.key_id for each in known}


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 1), (1, 2), (5, 5), (5, 9), (8, 16), (7, 300)])
def test_a_tree_that_continues_the_last_one_is_cosigned(old: int, new: int) -> None:
    log = a_log(old)
    memory = watching(log)

    answer = memory.ask(log.grow(new - old).request(old), SPRING + 60)

    assert answer.status == 200
    assert memory.held == WitnessedState(log.head(), log.note(), SPRING + 60)


def test_a_log_that_is_not_watched_is_not_found() -> None:
    assert Memory().ask(a_log(1).request(0), keys=[]).status == 404


def test_a_checkpoint_that_no_known_key_signed_is_forbidden() -> None:
    stranger = SmallLog.of("netral/kasn", 3, seed=9)

    assert Memory().ask(stranger.request(0)).status == 403


def test_a_wrong_signature_beside_a_right_one_is_forbidden() -> None:
    log = a_log(3)
    wrong = note.Signature("netral/kasn", KEYS[0].key_id, b"x" * 64)
    request = AddCheckpoint(0, (), log.note() + note.print_signatures([wrong]))

    assert Memory().ask(request).status == 403


def test_a_key_cannot_sign_for_another_origin() -> None:
    crossed = note.sign(Checkpoint("netral/bkn", 1, b"r" * 32).text(), [signer("netral/kasn")])

    assert Memory().ask(AddCheckpoint(0, (), crossed)).status == 403


def test_an_old_size_above_the_new_one_is_malformed() -> None:
    assert Memory().ask(AddCheckpoint(4, (), a_log(3).note())).status == 400


@pytest.mark.parametrize("old", [0, 4, 6, 7])
def test_another_old_size_than_the_last_is_a_conflict_that_names_it(old: int) -> None:
    log = a_log(5)
    memory = watching(log)

    answer = memory.ask(log.grow(2).request(old))

    assert (answer.status, answer.body, answer.content_type) == (409, "5\n", SIZE)
    assert answer.accusation is None
    assert rules.read_size(answer.body) == 5


def test_a_first_conflict_names_size_0() -> None:
    answer = Memory().ask(a_log(3).request(1))

    assert (answer.status, answer.body) == (409, "0\n")


def test_a_proof_that_is_missing_wrong_or_too_much_is_unprocessable() -> None:
    log = a_log(5)
    memory = watching(log)
    sound = log.grow(4).request(5)

    for proof in ((), sound.proof[:-1], (*sound.proof, b"x" * 32), (b"x" * 32, *sound.proof[1:])):
        assert memory.ask(AddCheckpoint(5, proof, sound.note)).status == 422
    assert Memory().ask(AddCheckpoint(0, (b"x" * 32,), sound.note)).status == 422
    assert memory.ask(sound).status == 200


def test_an_empty_tree_has_the_root_of_an_empty_tree() -> None:
    forged = note.sign(Checkpoint("netral/kasn", 0, b"x" * 32).text(), [signer("netral/kasn")])

    assert Memory().ask(AddCheckpoint(0, (), forged)).status == 422


def test_a_clock_set_back_signs_nothing() -> None:
    log = a_log(5)
    memory = watching(log)

    assert memory.ask(log.request(5), SPRING - 1).status == 503
    assert memory.ask(log.request(5), SPRING).status == 200


def test_the_same_checkpoint_is_cosigned_again_with_a_fresh_time() -> None:
    log = a_log(5)
    memory = watching(log)

    answer = memory.ask(log.request(5), SPRING + 3600)

    assert answer.status == 200
    assert answer.held is not None and answer.held.at == SPRING + 3600


def test_what_others_appended_to_the_note_is_not_kept() -> None:
    log = a_log(5)
    appended = note.print_signatures([ed25519("someone", 99).cosign(log.head(), SPRING)])

    memory = Memory()
    memory.ask(AddCheckpoint(0, (), log.note() + appended))

    assert memory.held is not None and memory.held.note == log.note()


# Accusations


def test_two_roots_for_one_size_are_a_proven_fork() -> None:
    log = a_log(5)
    memory = watching(log)
    forged = a_log(5).rewrite(2)

    answer = memory.ask(AddCheckpoint(5, (), forged.note()))

    assert answer.status == 422
    assert answer.accusation == rules.Accusation(
        FORK, "netral/kasn", log.note(), forged.note(), True, "two roots for size 5"
    )


def test_a_fork_is_seen_at_every_size_that_was_cosigned() -> None:
    log = a_log(5)
    memory = watching(log)
    first = log.note()
    memory.ask(log.grow(4).request(5))

    answer = memory.ask(a_log(5).rewrite(0).request(0))

    assert answer.status == 409
    assert answer.accusation is not None
    assert (answer.accusation.kind, answer.accusation.proven, answer.accusation.held) == (FORK, True, first)


def test_growth_that_cannot_be_joined_is_a_fork_that_the_log_may_still_refute() -> None:
    memory = watching(a_log(5))

    answer = memory.ask(a_log(9).rewrite(3).request(5))

    assert answer.status == 422
    assert answer.accusation is not None
    assert (answer.accusation.kind, answer.accusation.proven) == (FORK, False)


def test_a_smaller_tree_that_was_never_cosigned_is_a_rollback() -> None:
    memory = watching(a_log(9))

    answer = memory.ask(a_log(7).request(7))

    assert (answer.status, answer.body) == (409, "9\n")
    assert answer.accusation is not None
    assert (answer.accusation.kind, answer.accusation.proven) == (ROLLBACK, False)


def test_an_old_checkpoint_sent_again_accuses_nobody() -> None:
    log = a_log(5)
    memory = watching(log)
    old = log.request(0)
    memory.ask(log.grow(4).request(5))

    answer = memory.ask(old)

    assert (answer.status, answer.body, answer.accusation) == (409, "9\n", None)


def test_a_stranger_cannot_accuse_a_log() -> None:
    memory = watching(a_log(5))
    stranger = SmallLog.of("netral/kasn", 5, seed=9).rewrite(0)

    answer = memory.ask(AddCheckpoint(5, (), stranger.note()))

    assert (answer.status, answer.accusation) == (403, None)


# The request and the answer as text


def test_a_request_is_the_text_of_the_specification() -> None:
    request = a_log(9).request(5)

    assert request.text() == (
        "old 5\n"
        + "".join(f"{rules.print_base64(each)}\n" for each in request.proof)
        + "\n"
        + a_log(9).note()
    )
    assert rules.parse(request.text().encode()) == request
    assert rules.origin_of(request) == "netral/kasn"


BODY = a_log(9).request(5).text()
HASH = rules.print_base64(a_log(9).request(5).proof[0])


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("", "old size"),
        (BODY.replace("old 5", "old 05"), "leading zero"),
        (BODY.replace("old 5", "old  5"), "leading zero"),
        (BODY.replace("old 5", "old ５"), "leading zero"),
        (BODY.replace("old 5", f"old {2**63}"), "larger"),
        (BODY.replace("old 5", "Old 5"), "old size"),
        (BODY.replace("\n", "\r\n"), "old size"),
        (BODY.replace(HASH, HASH[:-4]), "32 bytes|base64"),
        (BODY.replace(HASH, HASH + " "), "base64"),
        (BODY.replace(HASH, "\n".join([HASH] * 64)), "more than 63"),
        ("x" * (rules.MAX_REQUEST_BYTES + 1), "bytes"),
    ],
)
def test_what_is_no_request_is_refused(body: str, fault: str) -> None:
    with pytest.raises(BadRequest, match=fault):
        rules.parse(body.encode())


@pytest.mark.parametrize("signed", ["", "x", "netral/kasn\n3\n\n— a AAAAAAAA\n", BODY])
def test_a_request_that_carries_no_checkpoint_has_no_origin(signed: str) -> None:
    with pytest.raises(BadRequest):
        rules.origin_of(AddCheckpoint(0, (), signed))


parts = st.sampled_from(["old 5\n", f"{HASH}\n", "\n", a_log(3).note(), "old ", "5", "\r", "x"])


@given(st.lists(parts).map(lambda each: "".join(each).encode()) | st.binary())
def test_whatever_is_read_as_a_request_prints_the_same(body: bytes) -> None:
    try:
        request = rules.parse(body)
    except BadRequest:
        return
    assert request.text().encode() == body


@given(st.text())
def test_a_size_is_one_decimal_line(body: str) -> None:
    try:
        size = rules.read_size(body)
    except BadRequest:
        return
    assert f"{size}\n" == body


@given(
    st.lists(st.sampled_from(["— a AAAAAAA=\n", "— a AAAAAAAA\n", "x", "\n", "\r"])).map("".join) | st.text()
)
def test_an_answer_that_no_known_key_signed_gives_nothing(body: str) -> None:
    with pytest.raises(note.NoteError):
        rules.read_cosignatures(a_log(3).head().text(), body, [COSIGNERS[0].verifier])


# Whatever happens


@given(st.data())
def test_what_a_witness_cosigned_is_always_one_history(data: st.DataObject) -> None:
    honest, memory = a_log(), Memory()
    forged = a_log(30).rewrite(data.draw(st.integers(0, 29)))
    cosigned: list[Checkpoint] = []
    for _ in range(data.draw(st.integers(1, 8))):
        log = data.draw(st.sampled_from([honest.grow(data.draw(st.integers(0, 4))), forged]))
        size = data.draw(st.integers(0, len(log.entries)))
        known = memory.held.head.size if memory.held else 0
        old = data.draw(st.sampled_from([known, 0, size]))
        answer = memory.ask(log.request(min(old, size), size))
        if answer.held:
            cosigned.append(answer.held.head)

    for earlier, later in pairwise(cosigned):
        assert earlier.size <= later.size
        both = [a_log(30).hashes, forged.hashes]
        assert any(
            tlog.root_of(each[: earlier.size]) == earlier.root
            and tlog.root_of(each[: later.size]) == later.root
            for each in both
        )

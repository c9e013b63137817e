"""When a checkpoint is published and final: the rule itself, and the same rule as a tlog-policy."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.formats import note
from audit.formats.policy import NotAccepted
from audit.witnessing import quorum
from audit.witnessing.quorum import Cosigner, Part
from support.cosigners import SPRING, SmallLog, ed25519, ml_dsa

LOG = SmallLog.of("netral/kasn", 3)
VKEY = note.vkey("netral/kasn", LOG.signer.verifier.public_key)


def a_cosigner(name: str, part: Part, seed: int, *, needed: bool = False) -> Cosigner:
    keys = (ed25519(name, seed).verifier, *([ml_dsa(name, seed).verifier] if seed % 2 else []))
    return Cosigner(name, keys, part, party="" if part is Part.GUEST else name, needed=needed)


PEERS = [a_cosigner("supervisor", Part.PEER, 31), a_cosigner("other", Part.PEER, 32)]
CROWD = [a_cosigner(f"authority-{number}", Part.CROWD, 40 + number) for number in range(3)]
GUESTS = [a_cosigner("auditor", Part.GUEST, 51, needed=True), a_cosigner("university", Part.GUEST, 52)]
EVERYBODY = [*PEERS, *CROWD, *GUESTS]


def names(cosigners: list[Cosigner]) -> set[str]:
    return {each.name for each in cosigners}


def test_one_peer_publishes() -> None:
    assert quorum.is_published(EVERYBODY, {"other"})
    assert not quorum.is_published(EVERYBODY, names(CROWD + GUESTS))


def test_final_is_all_peers_one_of_the_crowd_and_who_is_needed() -> None:
    enough = names(PEERS) | {"authority-1", "auditor"}

    assert quorum.is_final(EVERYBODY, enough)
    for one in enough:
        assert not quorum.is_final(EVERYBODY, enough - {one})


def test_a_log_without_crowd_or_guests_needs_its_peers() -> None:
    assert quorum.is_final(PEERS, names(PEERS))
    assert not quorum.is_final(PEERS, {"supervisor"})


def test_a_log_that_nobody_watches_is_as_it_is() -> None:
    assert quorum.is_published([], ()) and quorum.is_final([], ())
    assert quorum.policy([VKEY], [], final=True).accept(LOG.note()).cosigned == {}


def test_an_institution_that_lost_its_role_is_no_cosigner_and_blocks_nothing() -> None:
    assert not quorum.is_final(PEERS, {"supervisor"})
    assert quorum.is_final(PEERS[:1], {"supervisor"})


@pytest.mark.parametrize("final", [False, True])
@given(
    present=st.sets(st.sampled_from(range(len(EVERYBODY)))),
    done=st.sets(st.sampled_from(range(len(EVERYBODY)))),
    second_key=st.booleans(),
)
def test_the_policy_accepts_what_the_rule_accepts(
    final: bool, present: set[int], done: set[int], second_key: bool
) -> None:
    cosigners = [each for at, each in enumerate(EVERYBODY) if at in present]
    signed = LOG.note()
    for at in sorted(done):
        name, seed = EVERYBODY[at].name, SEEDS[EVERYBODY[at].name]
        key = ml_dsa(name, seed) if second_key and seed % 2 else ed25519(name, seed)
        signed += note.print_signatures([key.cosign(LOG.head(), SPRING)])
    rule = quorum.is_final if final else quorum.is_published
    expected = rule(cosigners, {EVERYBODY[at].name for at in done & present})

    policy = quorum.policy([VKEY], cosigners, final=final)

    try:
        policy.accept(signed)
        accepted = True
    except NotAccepted:
        accepted = False
    assert accepted == expected


SEEDS = {
    "supervisor": 31,
    "other": 32,
    **{f"authority-{number}": 40 + number for number in range(3)},
    "auditor": 51,
    "university": 52,
}


def test_two_peers_of_three_do_not_make_a_final_of_three() -> None:
    three = [*PEERS, a_cosigner("third", Part.PEER, 33)]

    assert not any(quorum.is_final(three, set(pair)) for pair in combinations(names(three), 2))

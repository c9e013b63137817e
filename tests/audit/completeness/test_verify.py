"""Whole answers: everything of a matter, case or actor; and whatever was left out, added or exchanged is found."""

from collections.abc import AsyncIterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from audit.completeness import verify
from audit.completeness.verify import Incomplete
from audit.grpc_api import AuditServicer
from netral.audit.v1 import service_pb2 as pb
from storage.engines import Database
from support.searched import PARTIES, SIGNERS, Trail, case, matter

KEYS = [signer.verifier for signer in SIGNERS.values()]
Answer = list[pb.GetWholeResponse]


@pytest.fixture
async def trail(database_url: str, tmp_path: Path) -> AsyncIterator[Trail]:
    trail = Trail(Database(database_url), tmp_path)
    await trail.make_tables()
    yield trail
    await trail.database.close()


async def a_story(trail: Trail) -> None:
    """Case 1 has matters 1 and 2 and a letter about none; matter 3 moved from case 2 to case 1."""
    for turn in range(3):
        first = trail.statement("bawaslu", "kasn", about=matter(1), case=case(1), actor="b1")
        trail.record(about=matter(2), case=case(1), actor="o7")
        trail.record("kasn.letter", case=case(1), actor="o8")
        trail.statement("kasn", "ppk-6202", about=matter(1), case=case(1), cause=first)
        trail.record(about=matter(3), case=case(2 - turn // 2))
        await trail.commit()


async def asked(trail: Trail, key: str) -> Answer:
    servicer = AuditServicer(trail.database, PARTIES, lambda *_: None, lambda error: error)
    request: Any = pb.GetWholeRequest(parent="institutions/kasn", key=key)
    context: Any = None
    return [item async for item in servicer.GetWhole(request, context)]


def leaves_in(items: Answer) -> list[int]:
    return [place for place, item in enumerate(items) if item.HasField("leaf")]


async def test_a_matter_a_case_and_an_actor_are_answered_whole(trail: Trail) -> None:
    await a_story(trail)

    one = verify.check("kasn", f"matter/{matter(1)}", await asked(trail, f"matter/{matter(1)}"), KEYS)
    assert [leaf.index for leaf in one.leaves[f"matter/{matter(1)}"]] == [
        index for turn in (0, 8, 16) for index in (turn, turn + 1, turn + 4, turn + 5)
    ]
    assert one.checkpoint.size == 24
    actor = verify.check("kasn", "actor/kasn/o8", await asked(trail, "actor/kasn/o8"), KEYS)
    assert [leaf.index for leaf in actor.leaves["actor/kasn/o8"]] == [3, 11, 19]
    all_of_it = verify.check("kasn", f"case/{case(1)}", await asked(trail, f"case/{case(1)}"), KEYS)
    assert set(all_of_it.leaves) == {f"case/{case(1)}", *(f"matter/{matter(n)}" for n in (1, 2, 3))}
    assert all_of_it.count == 12 + 3 + 3 + 3


async def test_what_the_log_has_nothing_of_is_proved_to_be_nothing(trail: Trail) -> None:
    await a_story(trail)
    for key in (f"matter/{matter(9)}", f"case/{case(9)}", "actor/kasn/nobody"):
        assert verify.check("kasn", key, await asked(trail, key), KEYS).count == 0


@pytest.mark.parametrize("key", [f"matter/{matter(1)}", f"case/{case(1)}", "actor/kasn/o8"])
async def test_a_leaf_or_a_page_that_is_left_out_or_exchanged_is_found_and_the_key_named(
    trail: Trail, key: str
) -> None:
    await a_story(trail)
    sound = await asked(trail, key)
    places = leaves_in(sound)
    named = "matter/|case/|actor/"

    for place in places:
        with pytest.raises(Incomplete, match=f"({named}).*missing"):
            verify.check("kasn", key, sound[:place] + sound[place + 1 :], KEYS)
    with pytest.raises(Incomplete, match=f"({named}).*2 missing"):
        verify.check("kasn", key, [item for at, item in enumerate(sound) if at not in places[-2:]], KEYS)
    for place in places:
        changed = deepcopy(sound)
        changed[place].leaf.body = changed[place].leaf.body[:-1] + bytes([changed[place].leaf.body[-1] ^ 1])
        with pytest.raises(Incomplete, match=f"({named})"):
            verify.check("kasn", key, changed, KEYS)
        moved = deepcopy(sound)
        moved[place].leaf.index -= 1 if moved[place].leaf.index else -1
        with pytest.raises(Incomplete, match=f"({named})"):
            verify.check("kasn", key, moved, KEYS)


async def test_a_matter_of_a_case_cannot_be_left_out_whole(trail: Trail) -> None:
    await a_story(trail)
    sound = await asked(trail, f"case/{case(1)}")
    starts = [place for place, item in enumerate(sound) if item.HasField("chain")]

    for first, end in zip(starts[1:], [*starts[2:], len(sound)], strict=True):
        with pytest.raises(Incomplete, match=f"case/{case(1)}.*missing"):
            verify.check("kasn", f"case/{case(1)}", sound[:first] + sound[end:], KEYS)


async def test_an_answer_is_checked_against_what_the_log_signed_and_nothing_else(trail: Trail) -> None:
    await a_story(trail)
    key = f"matter/{matter(2)}"
    sound = await asked(trail, f"matter/{matter(2)}")
    assert verify.check("kasn", key, sound, KEYS).count == 3

    with pytest.raises(Incomplete, match="not signed by the log"):
        verify.check("kasn", key, sound, [SIGNERS["bawaslu"].verifier])
    with pytest.raises(Incomplete, match="does not begin with the chain of"):
        verify.check("kasn", f"matter/{matter(1)}", sound, KEYS)
    with pytest.raises(Incomplete, match="begin with what the log has signed"):
        verify.check("kasn", key, sound[1:], KEYS)
    shorter = deepcopy(sound[:3])  # a desk that says the chain is shorter than it is
    shorter[1].chain.length = 1
    with pytest.raises(Incomplete, match="not the one that the log commits to"):
        verify.check("kasn", key, shorter, KEYS)
    nothing = deepcopy(sound[:2])
    nothing[1].chain.length = 0
    with pytest.raises(Incomplete):
        verify.check("kasn", key, nothing, KEYS)
    forged = deepcopy(sound)
    body = forged[0].commitment.leaf.body
    forged[0].commitment.leaf.body = body[:-1] + bytes([body[-1] ^ 1])
    with pytest.raises(Incomplete, match="not signed by the log"):
        verify.check("kasn", key, forged, KEYS)


async def test_an_older_answer_stays_whole_as_of_its_checkpoint(trail: Trail) -> None:
    await a_story(trail)
    before = await asked(trail, f"matter/{matter(2)}")
    await a_story(trail)

    key = f"matter/{matter(2)}"
    assert verify.check("kasn", key, before, KEYS).checkpoint.size == 24
    assert verify.check("kasn", key, await asked(trail, f"matter/{matter(2)}"), KEYS).count == 6

"""Acts of the rooms are tried out and listed like those of the desks."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from netral.exchange.v1 import person_pb2
from netral.oversight.v1 import service_pb2 as oversight
from support import acts, desks, preventions, supervisions
from support.desks import OVERSEER, Caller, Served
from support.possible_acts import checked, listed

OVERSIGHT = "/netral.oversight.v1.OversightService/"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    desks.write_trust(tmp_path)
    async with desks.serve("ppk", desks.settings(tmp_path, "ppk")) as served:
        yield served


async def test_the_acts_on_a_watched_matter_follow_its_state_and_its_block(served: Served) -> None:
    overseer = Caller(OVERSEER)
    name = await acts.is_copied(served)

    assert await listed(served, name, overseer) == {"oversight.open"}
    opening = oversight.OpenCopyRequest(name=name, request_id=acts.new_id())
    await acts.done(served, OVERSIGHT + "OpenCopy", opening)
    assert await listed(served, name, overseer) == {
        "oversight.block",
        "oversight.annul_decree",
        "oversight.warn",
    }
    await acts.done(served, OVERSIGHT + "BlockData", acts.a_block(name))
    assert await listed(served, name, overseer) == {
        "oversight.unblock",
        "oversight.annul_decree",
        "oversight.warn",
    }


async def test_only_who_holds_the_role_is_shown_a_block_or_a_warning(tmp_path: Path) -> None:
    desks.write_trust(tmp_path, roles={OVERSEER: [("personnel_authority", desks.SINCE, None)]})
    async with desks.serve("ppk", desks.settings(tmp_path, "ppk")) as served:
        name = await acts.is_watched(served)

        assert await listed(served, name, Caller(OVERSEER)) == set()


async def test_a_block_that_is_not_allowed_is_said_to_be_refused_and_nothing_is_written(
    served: Served,
) -> None:
    name = await acts.is_watched(served)
    before = await served.rows()

    answer = await checked(served, acts.a_block(name, reason="WARNING_UNHEEDED"), Caller(OVERSEER))

    assert (answer.possible, answer.reason, answer.field) == (False, "NOT_SHOWN", "reason")
    assert await served.rows() == before


async def test_a_block_that_is_allowed_is_said_to_be_possible_and_nothing_is_written(served: Served) -> None:
    name = await acts.is_watched(served)
    before = await served.rows()

    assert (await checked(served, acts.a_block(name), Caller(OVERSEER))).possible
    assert await served.rows() == before


async def test_the_file_of_a_watched_matter_can_be_read_though_the_desk_has_no_such_matter(
    served: Served,
) -> None:
    request = person_pb2.ReadFileRequest(
        name=await acts.is_copied(served),
        request_id=acts.new_id(),
        purpose=person_pb2.READ_PURPOSE_SUPERVISION,
    )

    assert (await checked(served, request, Caller(OVERSEER))).possible


async def test_an_indication_is_settled_or_passed_until_one_of_them_is_done(served: Served) -> None:
    authority = Caller(supervisions.AUTHORITY)
    name = await supervisions.is_recorded(served)

    assert await listed(served, name, authority) == {"supervision.settle", "supervision.pass"}
    assert (await checked(served, supervisions.a_passing(name), authority)).possible
    guidance = supervisions.a_guidance(name)
    await acts.done(served, supervisions.INDICATIONS + "SettleIndication", guidance)
    assert await listed(served, name, authority) == set()


async def test_a_campaign_is_opened_before_it_is_answered(served: Served) -> None:
    name = await preventions.has_arrived(served)
    authority = Caller(name.split("/")[1])

    assert await listed(served, name, authority) == {"prevention.open"}

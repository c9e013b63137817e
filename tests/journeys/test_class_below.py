"""A class below the recommendation: lawful, warned of beforehand, with a stated reason on both sides, and seen at once by the examiner."""

from collections.abc import Callable
from pathlib import Path

import pytest

from refusals import ReasonNeeded
from support.decrees import PARTIES, Decided
from support.keys import make_keys
from support.nats import NatsServer
from support.steps import Place, World

REASON = "Pelanggaran pertama, tidak berdampak pada negara."


@pytest.fixture
def place(tmp_path: Path, nats_server: NatsServer, databases: Callable[[str], str]) -> Place:
    make_keys(tmp_path, PARTIES)
    return Place(tmp_path, nats_server.url, databases)


async def test_a_medium_sanction_for_a_severe_recommendation_is_warned_of_seen_and_verified_with_reasons(
    place: Place,
):
    async with World(place) as world:
        case = Decided(world)
        await case.recommended("DISCIPLINE_SEVERE")
        await case.examined()

        tried = await case.checked("ppk-6202", case.decree("PP53-7-3-A"))
        assert [each.reason for each in tried.warnings] == ["OTHER_CLASS_THAN_RECOMMENDED"]
        assert (tried.possible, tried.reason) == (False, "REASON_NEEDED")
        assert (await case.at_examiner()).state == "ACKNOWLEDGED"  # nothing was done
        with pytest.raises(ReasonNeeded, match="DISCIPLINE_SEVERE was recommended"):
            await world.call("ppk-6202", "ImposeSanction", case.decree("PP53-7-3-A"))

        await case.imposed("PP53-7-3-A", stated_reason=REASON)
        seen = await case.at_examiner()
        assert (seen.state, seen.sanction, seen.class_difference) == ("DECIDED", "PP53-7-3-A", "LIGHTER")

        await case.reported()
        tried = await case.checked("kasn", case.conforming())
        assert [each.reason for each in tried.warnings] == ["OTHER_CLASS_THAN_RECOMMENDED"]
        with pytest.raises(ReasonNeeded):
            await world.call("kasn", "VerifyFollowUp", case.conforming())
        await case.conforms(stated_reason="Alasan PPK diterima.")

        assert (await case.at_examiner()).state == "COMPLETED"


async def test_a_class_above_the_recommendation_needs_a_reason_too(place: Place):
    async with World(place) as world:
        case = Decided(world)
        await case.recommended("DISCIPLINE_LIGHT")
        await case.examined()
        with pytest.raises(ReasonNeeded, match="DISCIPLINE_LIGHT was recommended"):
            await world.call("ppk-6202", "ImposeSanction", case.decree("PP53-7-3-A"))

        await case.imposed("PP53-7-3-A", stated_reason="Perbuatan berulang.")

        assert (await case.at_examiner()).class_difference == "HEAVIER"

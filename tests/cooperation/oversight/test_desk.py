"""A running host of authorities, one of which oversees: what its acts send, keep and show."""

from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from uuid_utils import uuid7

from netral.exchange.v1 import person_pb2
from netral.kasn.v1 import events_pb2 as kasn_events
from netral.oversight.v1 import service_pb2 as pb
from netral.ppk.v1 import service_pb2 as ppk
from support import acts, desks
from support.desks import OVERSEER, Caller, Refused, Served

WRITE, READ = "/netral.oversight.v1.OversightService/", "/netral.oversight.v1.OversightReadService/"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    desks.write_trust(tmp_path)
    async with desks.serve("ppk", desks.settings(tmp_path, "ppk")) as served:
        yield served


async def listed(served: Served, **only: bool) -> list[str]:
    request = pb.ListWatchedMattersRequest(parent=f"institutions/{OVERSEER}", **only)
    answer = await served.call(READ + "ListWatchedMatters", request, Caller(OVERSEER))
    assert isinstance(answer, bytes)
    return [each.name for each in pb.ListWatchedMattersResponse.FromString(answer).matters]


async def test_a_block_and_its_end_are_told_to_the_authority_and_the_examiner(served: Served) -> None:
    name = await acts.is_watched(served)
    block = await acts.done(served, WRITE + "BlockData", acts.a_block(name))
    unblock = await acts.done(served, WRITE + "UnblockData", acts.an_unblocking(name))

    for act, fact in ((block, "blocked"), (unblock, "unblocked")):
        told = await acts.sent(served, act)
        assert [(each.type, each.recipient, each.copy_of) for each in told] == [
            (f"netral.data_holder.{fact}.v1", acts.EMPLOYER, ""),
            (f"netral.data_holder.{fact}.v1", "bkn", ""),
        ]


async def test_an_annulment_is_told_to_authority_and_examiner_and_copied_to_who_saw_the_verification(
    served: Served,
) -> None:
    act = await acts.done(served, WRITE + "AnnulDecree", acts.an_annulment(await acts.is_watched(served)))

    told = await acts.sent(served, act)

    assert {each.type for each in told} == {"netral.data_holder.decree_annulled.v1"}
    original, *others = told
    assert (original.recipient, original.copy_of) == (acts.EMPLOYER, "")
    assert [each.recipient for each in others if not each.copy_of] == ["bkn"]
    copied = {each.recipient for each in others if each.copy_of == original.id}
    assert "bawaslu" in copied and OVERSEER not in copied


async def test_an_annulment_without_coordination_needs_a_stated_reason(served: Served) -> None:
    name = await acts.is_watched(served)
    alone = acts.an_annulment(name, coordination_number="")
    answer = await served.call(WRITE + "AnnulDecree", alone, Caller(OVERSEER))
    assert isinstance(answer, Refused)
    assert answer.reason == "REASON_NEEDED"

    stated = acts.an_annulment(name, coordination_number="", stated_reason="Koordinasi lisan.")
    await acts.done(served, WRITE + "AnnulDecree", stated)


async def test_a_warning_goes_to_the_authority_and_its_copy_to_the_examiner(served: Served) -> None:
    act = await acts.done(served, WRITE + "WarnAuthority", acts.a_warning(await acts.is_watched(served)))

    original, copy = await acts.sent(served, act)

    assert (original.type, original.recipient) == ("netral.warner.warned.v1", acts.EMPLOYER)
    assert (copy.recipient, copy.copy_of, copy.causation) == ("bkn", original.id, original.causation)
    assert copy.facts == original.facts


async def test_opening_a_copy_tells_nobody(served: Served) -> None:
    request = pb.OpenCopyRequest(name=await acts.is_copied(served), request_id=acts.new_id())

    act = await acts.done(served, WRITE + "OpenCopy", request)

    assert (act.state, list(act.statements)) == ("OPENED", [])


async def test_a_letter_that_cannot_warn_of_one_matter_warns_of_none(served: Served) -> None:
    overdue = await acts.is_watched(served)
    not_opened = await acts.is_copied(served)
    before = await served.rows()

    answer = await served.call(
        WRITE + "WarnAuthority", acts.a_warning(overdue, further_matters=[not_opened]), Caller(OVERSEER)
    )

    assert isinstance(answer, Refused)
    assert (answer.code, answer.fields) == (grpc.StatusCode.FAILED_PRECONDITION, ("further_matters[0]",))
    assert await served.rows() == before


async def test_the_number_of_a_letter_is_used_once(served: Served) -> None:
    for again in (False, True):
        request = acts.a_warning(await acts.is_watched(served))
        answer = await served.call(WRITE + "WarnAuthority", request, Caller(OVERSEER))
        assert isinstance(answer, Refused) == again

    assert isinstance(answer, Refused)
    assert (answer.reason, answer.fields) == ("NUMBER_USED", ("letter_number",))


@pytest.mark.parametrize(("method", "make"), [("BlockData", acts.a_block), ("WarnAuthority", acts.a_warning)])
async def test_only_who_holds_the_role_blocks_or_warns(tmp_path: Path, method: str, make) -> None:
    desks.write_trust(tmp_path, roles={OVERSEER: [("personnel_authority", desks.SINCE, None)]})
    async with desks.serve("ppk", desks.settings(tmp_path, "ppk")) as served:
        request = make(await acts.is_watched(served))

        answer = await served.call(WRITE + method, request, Caller(OVERSEER))

    assert isinstance(answer, Refused)
    assert (answer.code, answer.reason) == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_NOT_HELD")


async def test_the_person_of_a_copy_is_read_at_the_overseers_desk_and_the_reading_is_a_record(
    served: Served,
) -> None:
    request = person_pb2.ReadFileRequest(
        name=await acts.is_copied(served),
        request_id=acts.new_id(),
        purpose=person_pb2.READ_PURPOSE_SUPERVISION,
    )

    answer = await served.call(WRITE + "ReadFile", request, Caller(OVERSEER))

    assert isinstance(answer, bytes)
    file = person_pb2.ReadFileResponse.FromString(answer)
    assert [entry.part.person for entry in file.entries] == [acts.a_person()]
    assert file.record in str((await served.rows())["leaf"])


async def test_an_original_is_the_authoritys_and_a_copy_the_overseers(served: Served) -> None:
    own = await acts.is_recommended(served, OVERSEER)
    copied = await acts.is_copied(served)
    asked = ppk.ListMattersRequest(parent=f"institutions/{OVERSEER}")
    answer = await served.call("/netral.ppk.v1.PpkReadService/ListMatters", asked, Caller(OVERSEER))

    assert isinstance(answer, bytes)
    assert [each.name for each in ppk.ListMattersResponse.FromString(answer).matters] == [own]
    assert await listed(served) == [copied]


async def test_a_regency_or_city_without_a_role_is_sent_no_copies(served: Served) -> None:
    with pytest.raises(AssertionError, match="NOT_AN_OVERSEER"):
        await acts.is_copied(served, acts.EMPLOYER)

    rows = await served.rows()
    assert (rows["watched"], rows["matter"]) == ([], [])


async def test_a_copy_on_a_matter_that_nobody_watches_is_refused(served: Served) -> None:
    verified = kasn_events.Verified(status=kasn_events.VERIFICATION_STATUS_CONFORMS)
    with pytest.raises(AssertionError, match="NOT_FOUND"):
        await acts.says(
            served,
            "bkn",
            "netral.examiner.verified.v1",
            verified,
            recipient=OVERSEER,
            copy_of=str(uuid7()),
        )


async def test_the_list_shows_what_is_overdue_and_what_is_blocked(served: Served) -> None:
    blocked = await acts.is_blocked(served)
    overdue = await acts.is_copied(served)
    in_time = await acts.is_copied(served, due_date=acts.day(-2))

    assert await listed(served) == [blocked, overdue, in_time]
    assert await listed(served, overdue_only=True) == [blocked, overdue]
    assert await listed(served, blocked_only=True) == [blocked]

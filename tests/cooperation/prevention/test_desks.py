"""Running desks: what a campaign sends, what an authority answers, and what each side can list."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from uuid_utils import uuid7

from netral.prevention.v1 import events_pb2
from netral.prevention.v1 import service_pb2 as pb
from support import acts, desks
from support.basics import DIGEST, day, new_id
from support.desks import Caller, Refused, Served
from support.preventions import (
    AUTHORITY,
    CAMPAIGN_READS,
    CAMPAIGN_SERVICE,
    PREVENTION,
    PREVENTION_READS,
    a_campaign,
    a_file,
    a_task_force,
    has_arrived,
    lines,
    messages,
    stream,
)

SENDERS = {"bawaslu": ("bawaslu", "supervisor"), "kasn": ("bkn", "examiner")}


@pytest.fixture
async def authority(tmp_path: Path) -> AsyncIterator[Served]:
    desks.write_trust(tmp_path)
    async with desks.serve("ppk", desks.settings(tmp_path, "ppk")) as served:
        yield served


@pytest.fixture(params=SENDERS)
async def sender(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Served]:
    desks.write_trust(tmp_path)
    async with desks.serve(request.param, desks.settings(tmp_path, request.param)) as served:
        yield served


async def read(served: Served, path: str, request: Any, answer: Any, party: str = "") -> Any:
    found = await served.call(path, request, Caller(party or served.parties[0]))
    assert isinstance(found, bytes), found
    return answer.FromString(found)


async def issued(sender: Served) -> str:
    """A campaign that was issued; gives its id."""
    request = a_campaign(f"institutions/{sender.parties[0]}")
    return (await acts.done(sender, CAMPAIGN_SERVICE + "IssueCampaign", request)).matter.rpartition("/")[2]


async def answers(sender: Served, who: str, fact: str, facts: Any, campaign: str) -> None:
    type = f"netral.personnel_authority.{fact}.v1"
    await acts.says(sender, who, type, facts, matter=campaign)


def counted(found: pb.Coverage) -> dict[str, tuple[int, int]]:
    return {figure.id: (figure.n, figure.of) for figure in found.figures}


async def test_one_act_addresses_every_regional_authority_that_is_a_party(sender: Served) -> None:
    party, role = SENDERS[sender.name]
    act = await acts.done(sender, CAMPAIGN_SERVICE + "IssueCampaign", a_campaign(f"institutions/{party}"))
    told = await acts.sent(sender, act)

    assert sorted(each.recipient for each in told) == ["ppk-3204", "ppk-6202", "prov-62"]
    assert {each.type for each in told} == {f"netral.{role}.campaign_issued.v1"}
    assert {each.subject for each in told} == {act.matter.rpartition("/")[2]}


async def test_a_number_of_a_letter_is_used_once(sender: Served) -> None:
    await issued(sender)
    answer = await sender.call(
        CAMPAIGN_SERVICE + "IssueCampaign",
        a_campaign(f"institutions/{sender.parties[0]}"),
        Caller(sender.parties[0]),
    )

    assert isinstance(answer, Refused)
    assert (answer.reason, answer.fields) == ("NUMBER_USED", ("number",))


async def test_who_does_not_hold_the_role_issues_nothing(tmp_path: Path) -> None:
    desks.write_trust(tmp_path, roles={"bkn": [("data_holder", desks.SINCE, None)]})
    async with desks.serve("kasn", desks.settings(tmp_path, "kasn")) as served:
        answer = await served.call(
            CAMPAIGN_SERVICE + "IssueCampaign", a_campaign("institutions/bkn"), Caller("bkn")
        )

    assert isinstance(answer, Refused)
    assert (answer.code, answer.reason) == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_NOT_HELD")


async def test_an_answer_of_somebody_who_was_not_addressed_is_refused(sender: Served) -> None:
    request = a_campaign(f"institutions/{sender.parties[0]}", all_regional=False, addressees=["ppk-3204"])
    act = await acts.done(sender, CAMPAIGN_SERVICE + "IssueCampaign", request)
    campaign = act.matter.rpartition("/")[2]
    for fact, facts in (
        ("campaign_opened", events_pb2.CampaignOpened(number="1")),
        ("prevention_reported", events_pb2.PreventionReported(act="ROLL_CALL", act_date=day(1), people=3)),
    ):
        with pytest.raises(AssertionError, match="NOT_AN_ADDRESSEE"):
            await answers(sender, AUTHORITY, fact, facts, campaign)


@pytest.mark.parametrize(
    "facts",
    [
        {"size": 3, "units": [("A", 1), ("B", 1)]},
        {"size": 2, "units": [("B", 1), ("A", 1)]},
        {"size": 2, "units": [("A", 1), ("A", 1)]},
        {"size": 2, "units": [("199001012015031001", 2)]},
        {"size": 2, "units": [("A", 2)], "root": b"short"},
        {"size": 0, "units": []},
    ],
)
async def test_a_list_whose_counts_cannot_be_right_is_refused(sender: Served, facts: dict[str, Any]) -> None:
    units = [events_pb2.UnitCount(unit=unit, count=count) for unit, count in facts["units"]]
    stated = events_pb2.PledgesListed(
        list=new_id(), size=facts["size"], root=facts.get("root", DIGEST), units=units
    )
    with pytest.raises(AssertionError, match="MALFORMED"):
        await answers(sender, AUTHORITY, "pledges_listed", stated, str(uuid7()))


@pytest.mark.parametrize(
    "facts",
    [
        {"act": "PLEDGE"},
        {"act": "DANCE"},
        {"number": "199001012015031001"},
        {"units": ["Dinas Rekaan"]},
        {"people": 6_000_000},
        {"act_date": None},
        {"read_by": "Tokoh Rekaan"},
        {"pledge": "Tokoh Rekaan"},
        {"pledge": "198001012005011001"},
    ],
)
async def test_an_act_that_cannot_be_right_is_refused(sender: Served, facts: dict[str, Any]) -> None:
    values = {"act": "ROLL_CALL", "act_date": day(1), "people": 3} | facts
    with pytest.raises(AssertionError, match=r"MALFORMED|LIST_NEEDED"):
        await answers(
            sender, AUTHORITY, "prevention_reported", events_pb2.PreventionReported(**values), str(uuid7())
        )


async def test_registered_bodies_are_listed_at_those_who_are_told(sender: Served) -> None:
    facts = events_pb2.PreventionReported(
        act="TASK_FORCE", number="188.45/1/2025", act_date=day(1), document_digest=DIGEST, people=9
    )
    await answers(sender, AUTHORITY, "prevention_reported", facts, str(uuid7()))
    await answers(
        sender,
        AUTHORITY,
        "prevention_reported",
        events_pb2.PreventionReported(act="ROLL_CALL", act_date=day(1), people=400),
        str(uuid7()),
    )
    request = pb.ListReportsRequest(parent=f"institutions/{sender.parties[0]}", act="TASK_FORCE")
    found = await read(sender, CAMPAIGN_READS + "ListReports", request, pb.ListReportsResponse)

    (only,) = found.reports
    assert (only.authority, only.number, only.people, only.registration) == (
        AUTHORITY,
        "188.45/1/2025",
        9,
        True,
    )


async def test_reports_name_the_text_that_was_read_and_the_post_of_who_read_it(sender: Served) -> None:
    reading: dict[str, Any] = {"pledge": "ikrar-2024", "read_by": "UNIT_HEAD"}
    called = events_pb2.PreventionReported(act="ROLL_CALL", act_date=day(1), people=400, **reading)
    called.pledge_digest = DIGEST
    stated = events_pb2.PledgesListed(
        list=new_id(), size=2, root=DIGEST, units=[events_pb2.UnitCount(unit="A", count=2)], **reading
    )
    stated.pledge_digest = DIGEST
    before = events_pb2.PledgesListed(
        list=new_id(), size=2, root=DIGEST, units=stated.units, pledge="ikrar-2020"
    )
    for fact, facts in (
        ("prevention_reported", called),
        ("pledges_listed", stated),
        ("pledges_listed", before),
    ):
        await answers(sender, AUTHORITY, fact, facts, str(uuid7()))
    request = pb.ListReportsRequest(parent=f"institutions/{sender.parties[0]}")
    found = await read(sender, CAMPAIGN_READS + "ListReports", request, pb.ListReportsResponse)

    assert sorted((each.act, each.pledge, each.read_by) for each in found.reports) == [
        ("PLEDGE", "", ""),
        ("PLEDGE", "ikrar-2024", "UNIT_HEAD"),
        ("ROLL_CALL", "ikrar-2024", "UNIT_HEAD"),
    ]


async def test_an_authoritys_own_reports_name_text_and_reader_too(authority: Served) -> None:
    roll_call = a_task_force(
        act="ROLL_CALL", number="", document_digest=b"", pledge="ikrar-2024", read_by="REGIONAL_HEAD"
    )
    await acts.done(authority, PREVENTION + "ReportAct", roll_call)
    listed = await stream(
        authority, messages(a_file(lines(50)), pledge="ikrar-2020", read_by="REGIONAL_SECRETARY")
    )
    assert not isinstance(listed, Refused), listed
    own = await read(
        authority,
        PREVENTION_READS + "ListOwnReports",
        pb.ListOwnReportsRequest(parent=f"institutions/{AUTHORITY}"),
        pb.ListReportsResponse,
        AUTHORITY,
    )

    assert [(each.act, each.pledge, each.read_by) for each in own.reports] == [
        ("ROLL_CALL", "ikrar-2024", "REGIONAL_HEAD"),
        ("PLEDGE", "ikrar-2020", "REGIONAL_SECRETARY"),
    ]


async def test_a_campaign_arrives_is_opened_and_answered(authority: Served) -> None:
    name = await has_arrived(authority)
    opened = await acts.done(
        authority, PREVENTION + "OpenCampaign", pb.OpenCampaignRequest(name=name, request_id=new_id())
    )
    reported = await acts.done(authority, PREVENTION + "ReportAct", a_task_force(campaign=name))
    listed = await stream(authority, messages(a_file(lines(50)), campaign=name))
    assert not isinstance(listed, Refused), listed

    assert [act.state for act in (opened, reported, listed.act)] == ["OPENED", "ACTED", "LISTED"]
    (told,) = await acts.sent(authority, opened)
    assert (told.type, told.recipient) == ("netral.personnel_authority.campaign_opened.v1", "bkn")
    for act in (reported, listed.act):
        told = await acts.sent(authority, act)
        assert [each.recipient for each in told] == ["bkn", "bawaslu"]
        assert {each.subject for each in told} == {name.rpartition("/")[2]}
    campaign = await read(
        authority,
        PREVENTION_READS + "GetReceivedCampaign",
        pb.GetReceivedCampaignRequest(name=name),
        pb.ReceivedCampaign,
        AUTHORITY,
    )
    assert (campaign.state, list(campaign.done)) == ("DONE", ["TASK_FORCE", "PLEDGE"])
    own = await read(
        authority,
        PREVENTION_READS + "ListOwnReports",
        pb.ListOwnReportsRequest(parent=f"institutions/{AUTHORITY}"),
        pb.ListReportsResponse,
        AUTHORITY,
    )
    assert [each.act for each in own.reports] == ["TASK_FORCE", "PLEDGE"]


async def test_a_campaign_is_not_written_over_by_another_of_its_id(authority: Served) -> None:
    name = await has_arrived(authority)
    facts = events_pb2.CampaignIssued(kind="CAMPAIGN", number="2", letter_date=day(1))
    with pytest.raises(AssertionError, match="CAMPAIGN_KNOWN"):
        await acts.says(
            authority,
            "bawaslu",
            "netral.supervisor.campaign_issued.v1",
            facts,
            matter=name.rpartition("/")[2],
            recipient=AUTHORITY,
        )


async def test_an_act_in_answer_to_what_nobody_opened_is_refused(authority: Served) -> None:
    name = await has_arrived(authority)
    before = await authority.rows()
    answer = await authority.call(PREVENTION + "ReportAct", a_task_force(campaign=name), Caller(AUTHORITY))

    assert isinstance(answer, Refused)
    assert (answer.code, answer.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "NOT_OPENED")
    assert await authority.rows() == before


async def test_the_decree_of_a_body_is_registered_once(authority: Served) -> None:
    await acts.done(authority, PREVENTION + "ReportAct", a_task_force())
    answer = await authority.call(
        PREVENTION + "ReportAct", a_task_force(act="INTERNAL_TEAM"), Caller(AUTHORITY)
    )

    assert isinstance(answer, Refused)
    assert (answer.reason, answer.fields) == ("NUMBER_USED", ("number",))


async def test_coverage_at_the_sender_shows_what_arrived(sender: Served) -> None:
    campaign = await issued(sender)
    await answers(sender, AUTHORITY, "campaign_opened", events_pb2.CampaignOpened(number="1"), campaign)
    stated = events_pb2.PledgesListed(
        list=new_id(),
        size=5,
        root=DIGEST,
        units=[events_pb2.UnitCount(unit="A", count=2), events_pb2.UnitCount(unit="B", count=3)],
        units_in_total=9,
    )
    await answers(sender, AUTHORITY, "pledges_listed", stated, campaign)
    name = f"institutions/{sender.parties[0]}/campaigns/{campaign}"
    await sender.running.sequencer.run_once()

    found = await read(sender, CAMPAIGN_READS + "GetCoverage", pb.GetCoverageRequest(name=name), pb.Coverage)
    assert counted(found) == {
        "TOLD": (0, 3),
        "OPENED": (1, 3),
        "ACTED": (1, 3),
        "DONE": (0, 3),
        "PLEDGE": (1, 3),
        "TASK_FORCE": (0, 3),
    }
    assert [(place.region, place.pledges) for place in found.regions] == [("32", 0), ("62", 5)]
    request = pb.ListAddresseesRequest(name=name, province="62")
    shown = await read(sender, CAMPAIGN_READS + "ListAddressees", request, pb.ListAddresseesResponse)
    first = shown.addressees[0]
    assert [each.institution for each in shown.addressees] == [AUTHORITY, "prov-62"]
    assert ([(each.unit, each.count) for each in first.units], first.units_in_total) == (
        [("A", 2), ("B", 3)],
        9,
    )
    request = pb.ListAddresseesRequest(name=name, without="OPENED", page_size=1)
    page = await read(sender, CAMPAIGN_READS + "ListAddressees", request, pb.ListAddresseesResponse)
    request.page_token = page.next_page_token
    rest = await read(sender, CAMPAIGN_READS + "ListAddressees", request, pb.ListAddresseesResponse)
    assert [each.institution for each in (*page.addressees, *rest.addressees)] == ["ppk-3204", "prov-62"]

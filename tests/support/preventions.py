"""Prevention in tests: files of pledges, campaigns that were issued or arrived, and the writing calls that succeed."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import chain, islice
from typing import Any

from google.protobuf.message import Message
from uuid_utils import uuid7

from netral.prevention.v1 import events_pb2
from netral.prevention.v1 import pledges_pb2 as pledges
from netral.prevention.v1 import service_pb2 as campaigns
from support.acts import says
from support.basics import DIGEST, day, new_id
from support.desks import Caller, Refused, Served

CAMPAIGN_SERVICE = "/netral.prevention.v1.CampaignService/"
CAMPAIGN_READS = "/netral.prevention.v1.CampaignReadService/"
PREVENTION = "/netral.prevention.v1.PreventionService/"
PREVENTION_READS = "/netral.prevention.v1.PreventionReadService/"
PLEDGES = "/netral.prevention.v1.PledgeService/"
PLEDGE_READS = "/netral.prevention.v1.PledgeReadService/"
AUTHORITY = "ppk-6202"
HEADER = "nip,nama,status,unit,tanggal"
PLEDGED = "2023-11-13"


def number_of(person: int) -> str:
    """An invented NIP: the same for the same number, another for another, below 20 million."""
    born, sequence = divmod(person, 999)
    years, rest = divmod(born % 20_160, 336)
    month, at = divmod(rest, 28)
    sex, appointed = born // 20_160 % 2 + 1, date(2015, 4, 1)
    return f"{1935 + years}{month + 1:02d}{at + 1:02d}{appointed:%Y%m}{sex}{sequence + 1:03d}"


def row(person: int, **other: str) -> str:
    """A good row of a file, unless `other` says otherwise."""
    values = {
        "nip": number_of(person),
        "nama": f"Tokoh Rekaan {person}",
        "status": "PNS",
        "unit": f"OPD-{person % 40:02d}",
        "tanggal": PLEDGED,
    } | other
    return ",".join(values[name] for name in HEADER.split(","))


# Three kinds of broken rows, each with the reason that it is to be reported with.
BROKEN = (
    (lambda person: row(person, nip="199002302015041001"), "NUMBER"),
    (lambda person: row(person, unit='=HYPERLINK("http://x")'), "FORMULA"),
    (lambda person: row(person, tanggal="31-02-2023"), "DATE"),
)


def lines(rows: int, *, every: int = 97) -> Iterator[str]:
    """A file of that many rows, each `every`-th of them broken in one of three ways."""
    yield HEADER
    for person in range(rows):
        if every and person % every == every - 1:
            yield BROKEN[person // every % len(BROKEN)][0](person)
        else:
            yield row(person)


def broken_in(rows: int, *, every: int = 97) -> list[tuple[int, str]]:
    """Report that such a file must have: line and reason."""
    return [
        (person + 2, BROKEN[person // every % len(BROKEN)][1])
        for person in range(rows)
        if person % every == every - 1
    ]


def a_file(found: Iterable[str]) -> bytes:
    """The bytes of a file."""
    return "".join(f"{line}\n" for line in found).encode()


def messages(
    data: bytes, *, size: int = 256 * 1024, complete: bool = True, **first: Any
) -> list[pledges.ImportPledgesRequest]:
    """A stream that imports these bytes."""
    shared = {"parent": f"institutions/{AUTHORITY}", "request_id": new_id()} | first
    parts = [data[start : start + size] for start in range(0, max(len(data), 1), size)]
    return [
        pledges.ImportPledgesRequest(data=part, complete=complete and at == len(parts) - 1, **shared)
        for at, part in enumerate(parts)
    ]


async def stream(
    served: Served, requests: Sequence[Message], caller: Caller | None = None
) -> pledges.ImportPledgesResponse | Refused:
    """Import by this stream."""
    answer = await served.call(PLEDGES + "ImportPledges", list(requests), caller or Caller(AUTHORITY))
    return answer if isinstance(answer, Refused) else pledges.ImportPledgesResponse.FromString(answer)


async def is_listed(served: Served) -> str:
    """A list of pledges at an authority; gives its name."""
    answer = await stream(served, messages(a_file([HEADER, row(1), row(2)])))
    assert not isinstance(answer, Refused), answer
    return answer.list.name


def a_campaign(parent: str, **other: Any) -> campaigns.IssueCampaignRequest:
    """A circular to all regional authorities that asks for a pledge and a task force."""
    values: dict[str, Any] = {
        "parent": parent,
        "kind": "CIRCULAR",
        "number": "B-2708/KASN/9/2020",
        "letter_date": day(3),
        "asks": ["PLEDGE", "TASK_FORCE"],
        "document_digest": DIGEST,
        "all_regional": True,
        "request_id": new_id(),
    }
    return campaigns.IssueCampaignRequest(**(values | other))


def a_task_force(**other: Any) -> campaigns.ReportActRequest:
    values: dict[str, Any] = {
        "parent": f"institutions/{AUTHORITY}",
        "act": "TASK_FORCE",
        "number": "188.45/12/HUK/2025",
        "act_date": day(1),
        "document_digest": DIGEST,
        "people": 9,
        "request_id": new_id(),
    }
    return campaigns.ReportActRequest(**(values | other))


async def has_arrived(served: Served, **other: Any) -> str:
    """A campaign arrives at an authority; gives its name there."""
    facts = events_pb2.CampaignIssued(
        kind="CIRCULAR",
        number="B-2708/KASN/9/2020",
        letter_date=day(3),
        asks=["PLEDGE", "TASK_FORCE"],
        pledge="ikrar-2020",
        document_digest=DIGEST,
    )
    facts.MergeFrom(events_pb2.CampaignIssued(**other))
    campaign = str(uuid7())
    await says(
        served,
        "bkn",
        "netral.examiner.campaign_issued.v1",
        facts,
        matter=campaign,
        recipient=AUTHORITY,
    )
    return f"institutions/{AUTHORITY}/campaigns/{campaign}"


async def _an_issue(served: Served) -> Message:
    return a_campaign(f"institutions/{served.parties[0]}")


async def _an_opening(served: Served) -> Message:
    return campaigns.OpenCampaignRequest(name=await has_arrived(served), request_id=new_id())


async def _an_act(served: Served) -> Message:
    return a_task_force()


async def _an_import(served: Served) -> Message:
    (only,) = messages(a_file(islice(chain(lines(50, every=9)), 51)))
    return only


async def _a_question(served: Served) -> Message:
    return pledges.ProvePledgeRequest(
        name=await is_listed(served),
        number=number_of(2),
        purpose=events_pb2.PROOF_PURPOSE_PERSON_REQUEST,
        request_id=new_id(),
    )


async def _an_erasure(served: Served) -> Message:
    return pledges.ErasePledgeListRequest(name=await is_listed(served), request_id=new_id())


# Every writing call: the request, after what makes it possible.
WRITES: dict[str, Callable[[Served], Awaitable[Message]]] = {
    CAMPAIGN_SERVICE + "IssueCampaign": _an_issue,
    PREVENTION + "OpenCampaign": _an_opening,
    PREVENTION + "ReportAct": _an_act,
    PLEDGES + "ImportPledges": _an_import,
    PLEDGES + "ProvePledge": _a_question,
    PLEDGES + "ErasePledgeList": _an_erasure,
}

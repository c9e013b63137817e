"""The officers of a drill's world: they play a case, and what is kept beside cases.

Each call but the import of a list is repeated until it is answered.
"""

import asyncio
from uuid import uuid4

from google.type.date_pb2 import Date

from netral.bawaslu.v1 import events_pb2 as bawaslu_events
from netral.bawaslu.v1 import intake_events_pb2 as intake_events
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.bawaslu.v1.service_pb2_grpc import BawasluServiceStub
from netral.exchange.v1 import person_pb2
from netral.kasn.v1 import service_pb2 as kasn
from netral.kasn.v1.service_pb2_grpc import KasnServiceStub
from netral.prevention.v1 import pledges_pb2, service_pb2
from netral.prevention.v1.pledges_pb2_grpc import PledgeServiceStub
from netral.prevention.v1.service_pb2_grpc import CampaignServiceStub, PreventionServiceStub
from netral.supervision.v1 import indications_pb2, plans_pb2
from netral.supervision.v1.indications_pb2_grpc import IndicationServiceStub
from netral.supervision.v1.plans_pb2_grpc import PlanServiceStub
from operations.drills.world.drill_world import AUTHORITY, OFFICER, PATIENCE, DrillWorld
from operations.local.client import Caller
from operations.local.stubs import WritingRequest, WritingStub

_AT_AUTHORITY = f"institutions/{AUTHORITY}"
_TEAM = "188.45/77/HUK/2023"


async def play_case(world: DrillWorld, description: str = "Foto dengan isyarat jari.") -> str:
    """Play a report, its study, its referral and a recommendation; gives the matter."""
    n, matter = await register(world, description)
    at = f"institutions/bawaslu/matters/{matter}"
    study = bawaslu.ConcludeStudyRequest(
        name=at,
        study_number=f"{n}/KAJIAN/2023",
        study_date=_day(14),
        conclusion=bawaslu_events.CONCLUSION_OTHER_LAW_VIOLATION,
        suspected_acts=["2022-DSB7"],
        study_digest=b"s" * 32,
    )
    await world.call("bawaslu", BawasluServiceStub, "ConcludeStudy", study)
    refer = bawaslu.ReferMatterRequest(
        name=at, letter_number=f"{n}/PP.00.02/2023", letter_date=_day(15), evidence_digests=[b"e" * 32]
    )
    await world.call("bawaslu", BawasluServiceStub, "ReferMatter", refer)
    at = f"institutions/kasn/matters/{matter}"
    accept = kasn.AcceptReferralRequest(name=at, register_number=f"REG-{n}")
    await world.call("kasn", KasnServiceStub, "AcceptReferral", accept)
    recommend = kasn.RecommendRequest(
        name=at,
        letter_number=f"R-{n}/KASN/11/2023",
        letter_date=_day(28),
        addressee=AUTHORITY,
        act="2022-DSB7",
        family="DISCIPLINE",
        sanction_class="DISCIPLINE_SEVERE",
        reasons="Terbukti berfoto dengan simbol keberpihakan.",
        due_rule="follow-up",
    )
    await world.call("kasn", KasnServiceStub, "Recommend", recommend)
    return matter


async def register(world: DrillWorld, description: str, patience: float = PATIENCE) -> tuple[int, str]:
    """Register a report at Bawaslu; gives its number and the matter.

    Raises:
        Refused: still after `patience` seconds.
    """
    world.cases += 1
    n = world.cases
    person = person_pb2.Person(
        full_name=f"Tokoh Rekaan Latihan {n}",
        employment=person_pb2.EMPLOYMENT_PNS,
        nip="199001012015041007",
        position="Pengelola Data",
        grade="III/a",
        unit="Dinas Rekaan",
    )
    request = bawaslu.RegisterMatterRequest(
        parent="institutions/bawaslu",
        origin=bawaslu_events.ORIGIN_REPORT,
        number=f"{n:03d}/LP/PL/Kab/62.02/XI/2023",
        region="62.02",
        event_date=_day(10),
        known_date=_day(11),
        employer=AUTHORITY,
        person=person,
        reporter="Pelapor Rekaan",
        description=description,
    )
    done = await world.call("bawaslu", BawasluServiceStub, "RegisterMatter", request, patience)
    return n, done.matter.rpartition("/")[2]


async def play_cooperation(world: DrillWorld) -> None:
    """Play a campaign, a list of pledges, what a team saw and passed on, and a joint plan: what is kept beside matters."""
    await _supervise_together(world)
    issued = await _made(world, "bawaslu", CampaignServiceStub, "IssueCampaign", _circular())
    await world.settle()
    campaign = f"{_AT_AUTHORITY}/campaigns/{issued}"
    opening = service_pb2.OpenCampaignRequest(name=campaign)
    await _made(world, AUTHORITY, PreventionServiceStub, "OpenCampaign", opening)
    team = service_pb2.ReportActRequest(
        parent=_AT_AUTHORITY,
        act="INTERNAL_TEAM",
        number=_TEAM,
        act_date=_day(2),
        document_digest=b"t" * 32,
        people=3,
    )
    await _made(world, AUTHORITY, PreventionServiceStub, "ReportAct", team)
    force = service_pb2.ReportActRequest(
        parent=_AT_AUTHORITY,
        act="TASK_FORCE",
        number="188.45/13/HUK/2023",
        act_date=_day(3),
        document_digest=b"f" * 32,
    )
    force.campaign, force.people = campaign, 9
    await _made(world, AUTHORITY, PreventionServiceStub, "ReportAct", force)
    await asyncio.to_thread(_pledge, world, campaign)
    await _pass_indication(world)
    await world.settle()


async def _supervise_together(world: DrillWorld) -> None:
    proposal = plans_pb2.ProposePlanRequest(
        parent="institutions/bawaslu",
        number="3/PWB/2023",
        start_date=_day(1),
        end_date=_day(30),
        regions=["62"],
        acts=["2022-DSB7"],
        document_digest=b"p" * 32,
    )
    plan = await _made(world, "bawaslu", PlanServiceStub, "ProposePlan", proposal)
    await world.settle()
    name = f"institutions/kasn/plans/{plan}"
    agreement = plans_pb2.AgreePlanRequest(name=name, letter_number="4/PWB/2023", agreed_date=_day(2))
    await _made(world, "kasn", PlanServiceStub, "AgreePlan", agreement)
    note = plans_pb2.AddFieldNoteRequest(
        name=name, note_date=_day(20), region="62.02", act="2022-DSB7", document_digest=b"n" * 32
    )
    await _made(world, "kasn", PlanServiceStub, "AddFieldNote", note)


async def _pass_indication(world: DrillWorld) -> None:
    """Pass an indication of the authority's team to Bawaslu, which tells what it does with it."""
    seen = indications_pb2.RecordIndicationRequest(
        parent=_AT_AUTHORITY,
        team_number=_TEAM,
        act="2022-DSB7",
        channel="SOCIAL_MEDIA",
        region="62.02",
        seen_date=_day(10),
        material=[indications_pb2.Material(link="https://contoh.invalid/1", digest=b"m" * 32)],
        remarks="Foto dengan isyarat jari.",
    )
    indication = await _made(world, AUTHORITY, IndicationServiceStub, "RecordIndication", seen)
    passing = indications_pb2.PassIndicationRequest(
        name=f"{_AT_AUTHORITY}/indications/{indication}",
        letter_number="700/12/REGU/2023",
        letter_date=_day(11),
        election=intake_events.ELECTION_PEMILU,
        office="Kab/62.02",
    )
    await _made(world, AUTHORITY, IndicationServiceStub, "PassIndication", passing)


def _pledge(world: DrillWorld, campaign: str) -> None:
    rows = "nip;status;unit;tanggal\n199001012015041007;PNS;OPD-01;2023-11-13\n"
    request = pledges_pb2.ImportPledgesRequest(
        parent=_AT_AUTHORITY,
        request_id=str(uuid4()),
        campaign=campaign,
        data=rows.encode(),
        complete=True,
    )
    caller = Caller(AUTHORITY, OFFICER)
    done = world.desks.send(PledgeServiceStub, "ImportPledges", iter([request]), caller)
    world.acknowledged.append(done.act)


async def _made(
    world: DrillWorld, party: str, stub: WritingStub, method: str, request: WritingRequest
) -> str:
    """Make a call and give the id of what it made."""
    done = await world.call(party, stub, method, request)
    return done.matter.rpartition("/")[2]


def _circular() -> service_pb2.IssueCampaignRequest:
    return service_pb2.IssueCampaignRequest(
        parent="institutions/bawaslu",
        kind="CIRCULAR",
        number="B-1/PM/11/2023",
        letter_date=_day(1),
        asks=["PLEDGE", "TASK_FORCE"],
        document_digest=b"c" * 32,
        all_regional=True,
    )


def _day(day: int) -> Date:
    return Date(year=2023, month=11, day=day)

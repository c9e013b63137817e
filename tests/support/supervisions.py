"""Supervision in tests: indications of an authority's team, and the writing calls that succeed."""

from collections.abc import Awaitable, Callable
from typing import Any

from google.protobuf.message import Message
from uuid_utils import uuid7

from netral.bawaslu.v1 import intake_events_pb2
from netral.exchange.v1 import person_pb2
from netral.supervision.v1 import events_pb2
from netral.supervision.v1 import indications_pb2 as pb
from netral.supervision.v1 import plans_pb2 as plans
from support.acts import says
from support.basics import DIGEST, a_person, day, done, new_id
from support.desks import Served
from support.preventions import PREVENTION, a_task_force

INDICATIONS = "/netral.supervision.v1.IndicationService/"
PLANS, PLAN_READS = "/netral.supervision.v1.PlanService/", "/netral.supervision.v1.PlanReadService/"
INDICATION_READS = "/netral.supervision.v1.IndicationReadService/"
AUTHORITY, TEAM = "ppk-6202", "188.45/77/HUK/2025"
LINK = "https://contoh.invalid/unggahan/1"
PASSED = "netral.personnel_authority.information_passed.v1"
ANSWERED = "netral.supervisor.information_answered.v1"


def an_indication(**other: Any) -> pb.RecordIndicationRequest:
    """A photo that the team saw on social media."""
    values: dict[str, Any] = {
        "parent": f"institutions/{AUTHORITY}",
        "team_number": TEAM,
        "act": "2022-DSA7",
        "channel": "SOCIAL_MEDIA",
        "region": "62.02",
        "seen_date": day(4),
        "material": [pb.Material(link=LINK, digest=DIGEST)],
        "person": a_person(),
        "remarks": "Foto dengan isyarat jari.",
        "request_id": new_id(),
    }
    return pb.RecordIndicationRequest(**(values | other))


def a_guidance(name: str, **other: Any) -> pb.SettleIndicationRequest:
    values: dict[str, Any] = {
        "name": name,
        "guidance": "COUNSELLED",
        "settled_date": day(2),
        "minutes_digest": DIGEST,
        "remarks": "Yang bersangkutan menghapus unggahan.",
        "request_id": new_id(),
    }
    return pb.SettleIndicationRequest(**(values | other))


def a_passing(name: str, **other: Any) -> pb.PassIndicationRequest:
    values: dict[str, Any] = {
        "name": name,
        "letter_number": "700/12/REGU/2025",
        "letter_date": day(3),
        "election": intake_events_pb2.ELECTION_PEMILU,
        "office": "Kab/27.09",
        "remarks": "Mohon ditelusuri.",
        "request_id": new_id(),
    }
    return pb.PassIndicationRequest(**(values | other))


async def has_team(served: Served) -> None:
    """The authority registered its internal team."""
    await done(served, PREVENTION + "ReportAct", a_task_force(act="INTERNAL_TEAM", number=TEAM))


async def is_recorded(served: Served, **other: Any) -> str:
    """An indication of a registered team; gives its name."""
    await has_team(served)
    act = await done(served, INDICATIONS + "RecordIndication", an_indication(**other))
    return str(act.matter)


async def is_passed(served: Served) -> str:
    """An indication that was passed to Bawaslu; gives its name."""
    name = await is_recorded(served)
    await done(served, INDICATIONS + "PassIndication", a_passing(name))
    return name


async def is_answered(served: Served, name: str, sender: str = "bawaslu", **facts: Any) -> str:
    """Bawaslu tells of a stage; gives the statement."""
    values: dict[str, Any] = {"stage": "TRACING", "stage_date": day(1), "number": "5/ST"}
    return await says(
        served,
        sender,
        ANSWERED,
        events_pb2.InformationAnswered(**(values | facts)),
        matter=name.rpartition("/")[2],
        recipient=AUTHORITY,
    )


async def has_arrived(served: Served, **other: Any) -> str:
    """First information of an authority's team arrives at Bawaslu; gives the name of the intake that it opens."""
    facts = events_pb2.InformationPassed(
        letter_number="700/12/REGU/2025",
        letter_date=day(3),
        team_number=TEAM,
        election=intake_events_pb2.ELECTION_PEMILU,
        office="Kab/27.09",
        act="2022-DSA7",
        channel="SOCIAL_MEDIA",
        region="62.02",
        seen_date=day(4),
        evidence_digests=[DIGEST],
    )
    facts.MergeFrom(events_pb2.InformationPassed(**other))
    part = person_pb2.PersonalPart(person=a_person(), links=[LINK])
    information = str(uuid7())
    await says(served, AUTHORITY, PASSED, facts, matter=information, recipient="bawaslu", part=part)
    return f"institutions/bawaslu/intakes/{information}"


# The other of supervisor and examiner, and its role, by the desk.
PARTNERS = {"bawaslu": ("bkn", "examiner"), "kasn": ("bawaslu", "supervisor")}


def a_plan(parent: str, **other: Any) -> plans.ProposePlanRequest:
    """Joint supervision in one province, with a focus on photos with candidates."""
    values: dict[str, Any] = {
        "parent": parent,
        "number": "3/PWB/2025",
        "start_date": day(30),
        "end_date": day(-30),
        "regions": ["62"],
        "acts": ["2022-DSA7"],
        "document_digest": DIGEST,
        "request_id": new_id(),
    }
    return plans.ProposePlanRequest(**(values | other))


def an_agreement(name: str, **other: Any) -> plans.AgreePlanRequest:
    values: dict[str, Any] = {
        "name": name,
        "letter_number": "4/PWB/2025",
        "agreed_date": day(1),
        "request_id": new_id(),
    }
    return plans.AgreePlanRequest(**(values | other))


def a_note(name: str, **other: Any) -> plans.AddFieldNoteRequest:
    values: dict[str, Any] = {
        "name": name,
        "note_date": day(),
        "region": "62.02",
        "act": "2022-DSA7",
        "document_digest": DIGEST,
        "request_id": new_id(),
    }
    return plans.AddFieldNoteRequest(**(values | other))


async def is_proposed(served: Served) -> str:
    """The other proposes a plan to this desk; gives its name here."""
    sender, role = PARTNERS[served.name]
    facts = plans.PlanProposed(
        number="3/PWB/2025",
        start_date=day(30),
        end_date=day(-30),
        regions=["62"],
        acts=["2022-DSA7"],
        document_digest=DIGEST,
    )
    plan, here = str(uuid7()), served.parties[0]
    await says(served, sender, f"netral.{role}.plan_proposed.v1", facts, matter=plan, recipient=here)
    return f"institutions/{here}/plans/{plan}"


async def is_agreed(served: Served) -> str:
    """A plan that both agreed to; gives its name."""
    name = await is_proposed(served)
    await done(served, PLANS + "AgreePlan", an_agreement(name))
    return name


async def _a_plan(served: Served) -> Message:
    return a_plan(f"institutions/{served.parties[0]}")


async def _an_agreement(served: Served) -> Message:
    return an_agreement(await is_proposed(served))


async def _a_note(served: Served) -> Message:
    return a_note(await is_agreed(served))


async def _a_record(served: Served) -> Message:
    await has_team(served)
    return an_indication()


async def _a_settlement(served: Served) -> Message:
    return a_guidance(await is_recorded(served))


async def _a_passing(served: Served) -> Message:
    return a_passing(await is_recorded(served))


async def _a_reading(served: Served) -> Message:
    return pb.ReadIndicationFileRequest(
        name=await is_recorded(served),
        request_id=new_id(),
        purpose=person_pb2.READ_PURPOSE_HANDLING,
    )


# Every writing call: the request, after what makes it possible.
WRITES: dict[str, Callable[[Served], Awaitable[Message]]] = {
    INDICATIONS + "RecordIndication": _a_record,
    INDICATIONS + "SettleIndication": _a_settlement,
    INDICATIONS + "PassIndication": _a_passing,
    INDICATIONS + "ReadIndicationFile": _a_reading,
    PLANS + "ProposePlan": _a_plan,
    PLANS + "AgreePlan": _an_agreement,
    PLANS + "AddFieldNote": _a_note,
}

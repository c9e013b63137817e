"""Writing calls at Bawaslu before there is a matter: for each, what must have happened, and a request."""

from collections.abc import Awaitable, Callable
from typing import Any

from google.protobuf.message import Message

from netral.bawaslu.v1 import events_pb2 as bawaslu_events
from netral.bawaslu.v1 import intake_events_pb2 as events
from netral.bawaslu.v1 import intake_pb2 as pb
from netral.exchange.v1 import person_pb2
from support.basics import DIGEST, a_person, day, done, new_id
from support.desks import Served

WRITE = "/netral.bawaslu.v1.IntakeService/"
PARENT = "institutions/bawaslu"
NUMBER = "002/LP/PL/Kab/27.09/III/2024"
REGISTERED = "002/Reg/LP/PL/Kab/27.09/III/2024"
FINDING = "006/TM/PL/Kab/27.09/IV/2024"
OFFICE = "Kab/27.09"
FORM_A = "012/LHP/PM.01.02/IV/2024"


def a_report(**other: Any) -> pb.ReceiveReportRequest:
    values: dict[str, Any] = {
        "parent": PARENT,
        "number": NUMBER,
        "region": "62.02",
        "event_date": day(30),
        "known_date": day(29),
        "received_date": day(28),
        "reporter": "Pelapor Rekaan",
        "description": "Ikut kampanye",
        "request_id": new_id(),
    }
    return pb.ReceiveReportRequest(**(values | other))


def an_information(**other: Any) -> pb.ReceiveInformationRequest:
    values: dict[str, Any] = {
        "parent": PARENT,
        "number": "17/IA/2024",
        "election": events.ELECTION_PEMILU,
        "office": OFFICE,
        "source": "PPK_TEAM",
        "authority": "ppk-1602",
        "region": "16.02",
        "received_date": day(28),
        "description": "Foto dengan calon",
        "request_id": new_id(),
    }
    return pb.ReceiveInformationRequest(**(values | other))


def a_finding(**other: Any) -> pb.RecordFindingRequest:
    values: dict[str, Any] = {
        "parent": PARENT,
        "number": FINDING,
        "region": "62.02",
        "event_date": day(30),
        "known_date": day(29),
        "found_date": day(28),
        "description": "Hadir di kampanye",
        "stated_reason": "Formulir Model A masih di atas kertas.",
        "request_id": new_id(),
    }
    return pb.RecordFindingRequest(**(values | other))


def a_supervision(**other: Any) -> pb.RecordSupervisionRequest:
    values: dict[str, Any] = {
        "parent": PARENT,
        "number": FORM_A,
        "election": events.ELECTION_PEMILU,
        "office": OFFICE,
        "region": "62.02",
        "supervised_date": day(29),
        "subjects": ["ASN_NEUTRALITY", "CAMPAIGN"],
        "form_digest": DIGEST,
        "description": "Hadir di kampanye",
        "request_id": new_id(),
    }
    return pb.RecordSupervisionRequest(**(values | other))


def a_plenary(name: str, **other: Any) -> pb.RecordIntakePlenaryRequest:
    values: dict[str, Any] = {
        "minutes_number": "21/BA/IV/2024",
        "plenary_date": day(28),
        "minutes_digest": DIGEST,
        "decisions": [bawaslu_events.PLENARY_DECISION_FINDING],
    }
    return pb.RecordIntakePlenaryRequest(name=name, request_id=new_id(), **(values | other))


def an_extension(name: str, **other: Any) -> pb.ExtendStudyRequest:
    values: dict[str, Any] = {"letter_number": "14/PP", "letter_date": day(1)}
    return pb.ExtendStudyRequest(name=name, request_id=new_id(), **(values | other))


def a_tracing(name: str, **other: Any) -> pb.StartTracingRequest:
    values: dict[str, Any] = {"letter_number": "5/ST", "letter_date": day(27)}
    return pb.StartTracingRequest(name=name, request_id=new_id(), **(values | other))


def an_established(name: str, **other: Any) -> pb.EstablishFindingRequest:
    values: dict[str, Any] = {
        "number": FINDING,
        "event_date": day(30),
        "known_date": day(27),
        "found_date": day(25),
        "description": "Terbukti ada",
    }
    return pb.EstablishFindingRequest(name=name, request_id=new_id(), **(values | other))


def a_closing(name: str, **other: Any) -> pb.CloseInformationRequest:
    values: dict[str, Any] = {"reason": "NO_INDICATION", "closed_date": day(20)}
    return pb.CloseInformationRequest(name=name, request_id=new_id(), **(values | other))


def an_assessment(name: str, **other: Any) -> pb.AssessReportRequest:
    values: dict[str, Any] = {
        "category": "REGISTER",
        "assessed_date": day(26),
        "assessment_digest": DIGEST,
    }
    return pb.AssessReportRequest(name=name, request_id=new_id(), **(values | other))


def a_gap(name: str, **other: Any) -> pb.AssessReportRequest:
    values: dict[str, Any] = {
        "category": "COMPLETE",
        "missing": ["M-EVIDENCE"],
        "notice_number": "3/PB",
        "notice_date": day(26),
    }
    return an_assessment(name, **(values | other))


def a_completion(name: str, **other: Any) -> pb.CompleteReportRequest:
    values: dict[str, Any] = {
        "completed": ["M-EVIDENCE"],
        "completed_date": day(25),
        "evidence_digests": [DIGEST],
        "remarks": "Video",
    }
    return pb.CompleteReportRequest(name=name, request_id=new_id(), **(values | other))


def a_delegation(name: str, **other: Any) -> pb.DelegateIntakeRequest:
    values: dict[str, Any] = {"letter_number": "9/PL", "letter_date": day(26), "office": "Kab/14.11"}
    return pb.DelegateIntakeRequest(name=name, request_id=new_id(), **(values | other))


def a_reported(**other: Any) -> pb.ReportedPerson:
    return pb.ReportedPerson(employer="ppk-6202", person=a_person(**other))


def a_registration(name: str, **other: Any) -> pb.RegisterIntakeRequest:
    values: dict[str, Any] = {
        "registration_number": REGISTERED,
        "registered_date": day(24),
        "persons": [a_reported()],
    }
    return pb.RegisterIntakeRequest(name=name, request_id=new_id(), **(values | other))


def a_refusal(name: str, **other: Any) -> pb.DeclineRegistrationRequest:
    values: dict[str, Any] = {"reason": "MATERIAL_NOT_MET", "notice_number": "4/PS", "notice_date": day(20)}
    return pb.DeclineRegistrationRequest(name=name, request_id=new_id(), **(values | other))


def an_invitation(name: str, **other: Any) -> pb.InviteToClarificationRequest:
    values: dict[str, Any] = {
        "invitation_number": "7/UND",
        "invitation_date": day(23),
        "session_date": day(21),
        "whom": events.INVITED_WITNESS,
    }
    return pb.InviteToClarificationRequest(name=name, request_id=new_id(), **(values | other))


def a_session(name: str, **other: Any) -> pb.RecordClarificationRequest:
    values: dict[str, Any] = {
        "invitation_number": "7/UND",
        "outcome": events.ATTENDANCE_HELD,
        "held_date": day(21),
        "minutes_digest": DIGEST,
    }
    return pb.RecordClarificationRequest(name=name, request_id=new_id(), **(values | other))


def a_conclusion(name: str, **other: Any) -> pb.ConcludeIntakeRequest:
    values: dict[str, Any] = {
        "study_number": "1/KAJIAN",
        "study_date": day(20),
        "study_digest": DIGEST,
        "routes": ["CRIME", "OTHER_LAW"],
    }
    return pb.ConcludeIntakeRequest(name=name, request_id=new_id(), **(values | other))


async def is_received(served: Served) -> str:
    return (await done(served, WRITE + "ReceiveReport", a_report())).matter


async def is_supervised(served: Served) -> str:
    """A supervision act that was recorded by its Form A; gives its name."""
    return (await done(served, WRITE + "RecordSupervision", a_supervision())).matter


async def is_informed(served: Served) -> str:
    return (await done(served, WRITE + "ReceiveInformation", an_information())).matter


async def is_traced(served: Served) -> str:
    return (await done(served, WRITE + "StartTracing", a_tracing(await is_informed(served)))).matter


async def is_incomplete(served: Served) -> str:
    return (await done(served, WRITE + "AssessReport", a_gap(await is_received(served)))).matter


async def is_ready(served: Served) -> str:
    return (await done(served, WRITE + "AssessReport", an_assessment(await is_received(served)))).matter


async def is_registered(served: Served) -> str:
    return (await done(served, WRITE + "RegisterIntake", a_registration(await is_ready(served)))).matter


async def is_registered_with(served: Served, persons: int) -> tuple[str, list[str]]:
    """A registered intake on so many persons; gives its name, as a matter's, and those of the matters that came of it."""
    reported = [a_reported(nip=f"1990010120150410{n:02d}") for n in range(7, 7 + persons)]
    registering = a_registration(await is_ready(served), persons=reported)
    await done(served, WRITE + "RegisterIntake", registering)
    name = registering.name.replace("/intakes/", "/matters/")
    rows = (await served.rows())["matter"]
    return name, [f"institutions/bawaslu/matters/{row.split(chr(39))[3]}" for row in rows]


async def is_invited(served: Served) -> str:
    return (
        await done(served, WRITE + "InviteToClarification", an_invitation(await is_registered(served)))
    ).matter


def after(before: Callable[[Served], Awaitable[str]], make: Callable[[str], Message]) -> Any:
    async def request(served: Served) -> Message:
        return make(await before(served))

    return request


def _at_once(make: Callable[[], Message]) -> Any:
    async def request(served: Served) -> Message:
        return make()

    return request


def _reading(kind: Any) -> Callable[[str], Message]:
    def make(name: str) -> Message:
        request: Message = kind(name=name, request_id=new_id(), purpose=person_pb2.READ_PURPOSE_HANDLING)
        return request

    return make


WRITES: dict[str, Callable[[Served], Awaitable[Message]]] = {
    WRITE + "ReceiveReport": _at_once(a_report),
    WRITE + "ReceiveInformation": _at_once(an_information),
    WRITE + "RecordSupervision": _at_once(a_supervision),
    WRITE + "RecordIntakePlenary": after(is_supervised, a_plenary),
    WRITE + "RecordFinding": _at_once(a_finding),
    WRITE + "StartTracing": after(is_informed, a_tracing),
    WRITE + "ExtendStudy": after(is_registered, an_extension),
    WRITE + "EstablishFinding": after(is_traced, an_established),
    WRITE + "CloseInformation": after(is_traced, a_closing),
    WRITE + "AssessReport": after(is_received, an_assessment),
    WRITE + "CompleteReport": after(is_incomplete, a_completion),
    WRITE + "DelegateIntake": after(is_received, a_delegation),
    WRITE + "RegisterIntake": after(is_ready, a_registration),
    WRITE + "DeclineRegistration": after(is_incomplete, a_refusal),
    WRITE + "InviteToClarification": after(is_registered, an_invitation),
    WRITE + "RecordClarification": after(is_invited, a_session),
    WRITE + "ConcludeIntake": after(is_registered, a_conclusion),
    WRITE + "ReadIntakeFile": after(is_received, _reading(pb.ReadIntakeFileRequest)),
    WRITE + "ReadReporter": after(is_received, _reading(pb.ReadReporterRequest)),
}

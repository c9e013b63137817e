"""A personnel office's own system (SIMPEG): takes in recommendations, checks whose employee it is, reports the follow-up.

    python personnel_office.py take-in ADDRESS PARTY [EMPLOYEES.csv]
    python personnel_office.py report ADDRESS PARTY DECISIONS.csv

`take-in` opens what is new and confirms receipt; with a list of employees (column `nip`) it looks the person up first, records
the check, or rejects what is another authority's. `report` imposes the sanction and reports the follow-up for each line of
DECISIONS.csv (matter, decree_number, decree_date, decree_sha256, sanction, letter_number, letter_date; for a moral sanction
council_number and council_date as well). Lists of pledges:
`pledges.py`.

It needs grpcio, grpcio-status, grpcio-reflection and the generated contracts (`services/netral`, `services/buf`). What it shows:
the caller context, deadlines, request ids that make repeating safe, pauses that the desk asks for, pages, refusals with their field
and reason, reflection.
"""

import csv
import sys
import time
import uuid
from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

import grpc
from google.rpc import error_details_pb2
from google.type.date_pb2 import Date
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_status import rpc_status

from netral.exchange.v1 import person_pb2
from netral.ppk.v1 import discipline_events_pb2, events_pb2
from netral.ppk.v1 import discipline_service_pb2 as discipline
from netral.ppk.v1 import service_pb2 as ppk
from netral.ppk.v1.discipline_service_pb2_grpc import DisciplineServiceStub
from netral.ppk.v1.service_pb2_grpc import PpkReadServiceStub, PpkServiceStub

Caller = list[tuple[str, str]]


def main(what: str, address: str, party: str, file: str = "") -> None:
    """Take in what is new, or report what was decided."""
    caller = [("netral-party", party), ("netral-officer", "simpeg-1"), ("netral-role", "officer")]
    with grpc.insecure_channel(address) as channel:
        print("serves:", ", ".join(ProtoReflectionDescriptorDatabase(channel).get_services()))
        if what == "report":
            for line in read(file):
                report(channel, party, caller, line)
            return
        employees = {line["nip"] for line in read(file)} if file else None
        for matter in new_matters(channel, party, caller):
            take_in(channel, caller, matter, employees)


def take_in(
    channel: grpc.Channel, caller: Caller, matter: ppk.Matter, employees: Collection[str] | None
) -> None:
    """Open a recommendation, look the person up, and confirm receipt or reject it."""
    desk = PpkServiceStub(channel)
    opened = ppk.OpenRecommendationRequest(name=matter.name, request_id=request_id(matter.name, "open"))
    patiently(desk.OpenRecommendation, opened, caller)
    if employees is not None and nip_of(desk, caller, matter) not in employees:
        rejected = ppk.RejectRecommendationRequest(
            name=matter.name,
            reason=events_pb2.REJECTION_REASON_NOT_OUR_EMPLOYEE,
            remarks="Tidak terdaftar pada SIMPEG.",
            request_id=request_id(matter.name, "reject"),
        )
        patiently(desk.RejectRecommendation, rejected, caller)
        return
    acknowledged = ppk.AcknowledgeRecommendationRequest(
        name=matter.name,
        register_number=f"AG-{matter.name[-12:]}",
        request_id=request_id(matter.name, "acknowledge"),
    )
    patiently(desk.AcknowledgeRecommendation, acknowledged, caller)
    if employees is not None:
        checked = discipline.CheckEmployeeRequest(
            name=matter.name,
            status=discipline_events_pb2.EMPLOYEE_STATUS_OURS,
            status_date=day(date.today().isoformat()),
            request_id=request_id(matter.name, "check"),
        )
        patiently(DisciplineServiceStub(channel).CheckEmployee, checked, caller)


def nip_of(desk: PpkServiceStub, caller: Caller, matter: ppk.Matter) -> str:
    """The person's NIP out of the file of the matter. The reading is a record of the trail; so its id is not repeated."""
    reading = person_pb2.ReadFileRequest(
        name=matter.name, request_id=str(uuid.uuid4()), purpose=person_pb2.READ_PURPOSE_HANDLING
    )
    found = desk.ReadFile(reading, metadata=caller, timeout=10)
    numbers = [entry.part.person.nip for entry in found.entries if entry.part.HasField("person")]
    return numbers[-1] if numbers else ""


def report(channel: grpc.Channel, party: str, caller: Caller, line: dict[str, str]) -> None:
    """Impose the sanction of a decree and report the follow-up to the examiner."""
    desk, name = PpkServiceStub(channel), f"institutions/{party}/matters/{line['matter']}"
    sanction = ppk.ImposeSanctionRequest(
        name=name,
        decree_number=line["decree_number"],
        decree_date=day(line["decree_date"]),
        sanction=line["sanction"],
        council_number=line.get("council_number", ""),
        council_date=day(line["council_date"]) if line.get("council_date") else None,
        request_id=request_id(name, line["decree_number"]),
    )
    patiently(desk.ImposeSanction, sanction, caller)
    follow_up = ppk.ReportFollowUpRequest(
        name=name,
        kind=events_pb2.FOLLOW_UP_KIND_SANCTION_IMPOSED,
        letter_number=line["letter_number"],
        letter_date=day(line["letter_date"]),
        decree_digest=bytes.fromhex(line["decree_sha256"]),
        request_id=request_id(name, line["letter_number"]),
    )
    patiently(desk.ReportFollowUp, follow_up, caller)


def read(file: str) -> list[dict[str, str]]:
    with open(file, newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def day(text: str) -> Date:
    it = date.fromisoformat(text)
    return Date(year=it.year, month=it.month, day=it.day)


def request_id(*of: str) -> str:
    """Derived from what it is for, not random: a run that was cut short repeats the same requests."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(of)))


def new_matters(channel: grpc.Channel, party: str, caller: Caller) -> Iterator[ppk.Matter]:
    """The matters that nobody has opened yet, page by page."""
    request = ppk.ListMattersRequest(parent=f"institutions/{party}", state="RECEIVED", page_size=100)
    while True:
        page = PpkReadServiceStub(channel).ListMatters(request, metadata=caller, timeout=10)
        yield from page.matters
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


def patiently(call: Any, request: Any, caller: Caller, attempts: int = 5) -> None:
    """Call until answered, and say what was done. Repeating is safe: the request id makes it the same call."""
    for attempt in range(attempts):
        try:
            act = call(request, metadata=caller, timeout=10)
            print(act.action, act.matter, act.state)
            return
        except grpc.RpcError as error:
            again = error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
            if not again or attempt == attempts - 1:
                raise SystemExit(explained(error)) from None
            time.sleep(max(0.2 * 2**attempt, asked_to_wait(error)))


def asked_to_wait(error: grpc.RpcError) -> float:
    """Seconds after which the desk asks to be called again; 0 if it does not say."""
    status, info = rpc_status.from_call(error), error_details_pb2.RetryInfo()
    found = any(packed.Unpack(info) for packed in (status.details if status else ()))
    return info.retry_delay.ToTimedelta().total_seconds() if found else 0.0


def explained(error: grpc.RpcError) -> str:
    """A refusal in words: status, reason, and the fields at fault."""
    words = [f"{error.code().name}: {error.details()}"]
    status = rpc_status.from_call(error)
    for packed in status.details if status else ():
        info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        if packed.Unpack(info):
            words.append(f"reason {info.reason}")
        elif packed.Unpack(bad):
            words += [f"field {violation.field}" for violation in bad.field_violations]
    return "; ".join(words)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A personnel office's own system takes in recommendations: lists what is new, opens it, confirms receipt.

`python personnel_office.py ADDRESS PARTY`. It needs grpcio, grpcio-status, grpcio-reflection and the generated contracts
(`services/netral`, `services/buf`). What it shows: the caller context, deadlines, request ids that make repeating safe, pages,
refusals with their field and reason, and reflection.
"""

import sys
import time
import uuid
from collections.abc import Iterator

import grpc
from google.rpc import error_details_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_status import rpc_status

from netral.ppk.v1 import service_pb2 as ppk
from netral.ppk.v1.service_pb2_grpc import PpkReadServiceStub, PpkServiceStub


def main(address: str, party: str) -> None:
    """Open and acknowledge every recommendation that is new."""
    caller = [("netral-party", party), ("netral-officer", "simpeg-1"), ("netral-role", "officer")]
    with grpc.insecure_channel(address) as channel:
        print("serves:", ", ".join(ProtoReflectionDescriptorDatabase(channel).get_services()))
        desk = PpkServiceStub(channel)
        for matter in new_matters(channel, party, caller):
            # Derived from the matter, not random: a run that was cut short repeats the same requests.
            id = uuid.uuid5(uuid.NAMESPACE_URL, f"{matter.name}/{matter.letter_number}")
            open_ = ppk.OpenRecommendationRequest(name=matter.name, request_id=str(uuid.uuid5(id, "open")))
            acknowledge = ppk.AcknowledgeRecommendationRequest(
                name=matter.name,
                register_number=f"AG-{matter.name[-12:]}",
                request_id=str(uuid.uuid5(id, "acknowledge")),
            )
            for call, request in (
                (desk.OpenRecommendation, open_),
                (desk.AcknowledgeRecommendation, acknowledge),
            ):
                act = patiently(call, request, caller)
                print(act.action, act.matter, act.state)


def new_matters(channel: grpc.Channel, party: str, caller: list[tuple[str, str]]) -> Iterator[ppk.Matter]:
    """The matters that nobody has opened yet, page by page."""
    request = ppk.ListMattersRequest(parent=f"institutions/{party}", state="RECEIVED", page_size=100)
    while True:
        page = PpkReadServiceStub(channel).ListMatters(request, metadata=caller, timeout=10)
        yield from page.matters
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


def patiently(call: object, request: object, caller: list[tuple[str, str]], attempts: int = 5) -> object:
    """Call until answered. Repeating is safe: the request id makes it the same call."""
    for attempt in range(attempts):
        try:
            return call(request, metadata=caller, timeout=10)  # type: ignore[operator]
        except grpc.RpcError as error:
            again = error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
            if not again or attempt == attempts - 1:
                raise SystemExit(explained(error)) from None
            time.sleep(0.2 * 2**attempt)
    raise AssertionError


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

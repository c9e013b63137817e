"""A personnel office's own system hands in a list of pledges (ikrar): streams its file, reads the report, and is safe to start again.

`python pledges.py ADDRESS PARTY FILE.csv`. It needs grpcio, grpcio-status and the generated contracts (`services/netral`,
`services/buf`). What it shows: a stream of messages with one request id, going on after a broken connection by sending the
same stream again, and broken rows by line and reason.
"""

import hashlib
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import grpc

from netral.prevention.v1 import pledges_pb2 as pb
from netral.prevention.v1.pledges_pb2_grpc import PledgeServiceStub

MESSAGE = 512 * 1024
AGAIN = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED)


def main(address: str, party: str, file: str) -> None:
    """Import a list and say what became of it."""
    caller = [("netral-party", party), ("netral-officer", "simpeg-1"), ("netral-role", "officer")]
    # Derived from the content, not random: a run that was cut short sends the same stream again.
    content = hashlib.sha256(Path(file).read_bytes()).hexdigest()
    request_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{party}/{content}"))
    answer = patiently(address, party, Path(file), request_id, caller)
    print(answer.list.name, answer.list.state, answer.list.size, "persons, root", answer.list.root.hex())
    for row in answer.broken_rows:
        print(f"line {row.line}: {row.reason}: {row.message}")


def messages(party: str, file: Path, request_id: str) -> Iterator[pb.ImportPledgesRequest]:
    """The file as a stream; its last message says that it is the last."""
    shared = {"parent": f"institutions/{party}", "request_id": request_id}
    with file.open("rb") as opened:
        while data := opened.read(MESSAGE):
            yield pb.ImportPledgesRequest(data=data, **shared)
    yield pb.ImportPledgesRequest(complete=True, **shared)


def patiently(
    address: str, party: str, file: Path, request_id: str, caller: list[tuple[str, str]], attempts: int = 8
) -> pb.ImportPledgesResponse:
    """Send the stream until it is answered; what was kept before is skipped by the desk."""
    for attempt in range(attempts):
        with grpc.insecure_channel(address) as channel:
            try:
                stream = messages(party, file, request_id)
                return PledgeServiceStub(channel).ImportPledges(stream, metadata=caller, timeout=3600)
            except grpc.RpcError as error:
                if error.code() not in AGAIN or attempt == attempts - 1:
                    raise SystemExit(f"{error.code().name}: {error.details()}") from None
        time.sleep(0.2 * 2**attempt)
    raise AssertionError


if __name__ == "__main__":
    main(*sys.argv[1:])

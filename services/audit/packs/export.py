"""Evidence packs made at a desk: nothing leaves the log in bulk without a record of it in the log.

What it cannot know, the host hands over as a `ExportRecorder`: how a record is committed under a caller's request id, how a party
signs, and where a pack is made: in a process beside the host (`job`). Collecting is left to `collect`, the pack's form to `layout`.
"""

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from io import BufferedRandom

from audit.completeness.sparse_map import ChainError
from audit.log.reads import BadQuery
from audit.packs import collect, formats, job
from audit.packs.job import Ask, PackJob
from audit.packs.view import PART_TYPE, Scope, Signer, View
from audit.verification.findings import Keys
from netral.audit.v1 import events_pb2
from netral.audit.v1 import service_pb2 as pb
from netral.exchange.v1 import record_pb2
from storage.protocols import Database

EXPORT_LOG, EXPORT_PACK = "audit.export_log", "audit.export_pack"
# How long to wait for the sequencer, so that a pack has what was committed before it was asked for (seconds).
_PATIENCE = 5.0


class CannotExport(Exception):
    """The export is refused by the state of things; `reason` is a stable word."""

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ExportRecorder:
    """The host's services for exports.

    `record(party, action, matter, case_id, facts, request)` commits a record for the caller of the current call, once
    for good per request id if there is a request; `earlier(party, request)` gives the record that answered it before; both
    raise the host's refusal if the id was used for something else. `signer(party)` gives a party's key, `parties_file()` the
    parties file as it is trusted here, `author_keys()` all signing keys in it. `make(job, ask)` runs the job elsewhere, so that the
    host goes on meanwhile, and gives its answer and a file with what it wrote, to be closed by whoever took it; it raises the
    host's refusal if it cannot.
    """

    record: Callable[
        [str, str, str, str, events_pb2.Exported, pb.ExportPackRequest | None], Awaitable[record_pb2.Record]
    ]
    earlier: Callable[[str, pb.ExportPackRequest], Awaitable[record_pb2.Record | None]]
    signer: Callable[[str], Signer]
    parties_file: Callable[[], bytes]
    author_keys: Callable[[], Keys]
    make: Callable[[PackJob, Ask], Awaitable[tuple[str, BufferedRandom]]]


@dataclass(frozen=True, slots=True)
class Made:
    """A pack as a file, to be closed by whoever took it; the record of it, and the tree size of the maker's checkpoint."""

    file: BufferedRandom
    record: str
    size: int


async def export_pack(
    database: Database, recorder: ExportRecorder, party: str, request: pb.ExportPackRequest
) -> Made:
    """Make the pack that a caller asks for; its record is committed when this returns.

    Raises:
        NoSuchLog, BadQuery: what was asked for cannot be.
        CannotExport: the request was answered before with other bytes.
    """
    scope = _scope(request)
    known = await recorder.earlier(party, request)
    size = _said(known).size if known is not None else request.size
    try:
        view = await _view(database, party, scope, size)
    except ChainError as error:
        raise CannotExport(
            f"the log does not commit to its leaves: {error}", reason="CHAINS_BROKEN"
        ) from error
    answer, file = await recorder.make(*_work(recorder, party, scope, view, request))
    try:
        joined = _joined(answer)
        digest = await asyncio.to_thread(hashlib.file_digest, file, "sha256")
        facts = events_pb2.Exported(
            purpose=request.purpose,
            matters=scope.matters,
            case_id=scope.case_id,
            first_index=scope.first,
            end_index=scope.end,
            size=view.size,
            pack_digest=digest.digest(),
            joined=joined,
        )
        matter = scope.matters[0] if len(scope.matters) == 1 else ""
        record = await recorder.record(party, EXPORT_PACK, matter, scope.case_id, facts, request)
        if _said(record).pack_digest != facts.pack_digest:
            raise CannotExport(
                "the pack of this request cannot be made again: keys or cosignatures have changed since",
                reason="PACK_CHANGED",
            )
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return Made(file, record.id, view.size)


def _work(
    recorder: ExportRecorder, party: str, scope: Scope, view: View, request: pb.ExportPackRequest
) -> tuple[PackJob, Ask]:
    """The job that makes a pack, and the answer to what it asks: the party signs its part and its pack, and nothing else."""
    signer = recorder.signer(party)
    joined = tuple(request.joined)
    parties_file = recorder.parties_file() if joined else b""
    keys = job.handed_over(recorder.author_keys())
    left = {PART_TYPE, formats.NEWEST.type}

    def sign(type: str, payload: bytes) -> bytes:
        left.remove(type)
        return signer.sign(type, payload)

    return PackJob(party, scope, view, signer.keyid, keys, joined, parties_file), sign


def _joined(answer: str) -> list[str]:
    """The other parties of a pack that was made.

    Raises:
        BadQuery: a pack that was handed in cannot be joined.
    """
    said = json.loads(answer)
    if "refused" in said:
        raise BadQuery(str(said["refused"]), field=str(said["field"]))
    return [str(party) for party in said["joined"]]


def _scope(request: pb.ExportPackRequest) -> Scope:
    if request.matters:
        if request.end_index or request.first_index:
            raise BadQuery("name matters or a range, not both", field="end_index")
        return Scope(tuple(sorted(request.matters)), request.case_id)
    if not request.end_index:
        raise BadQuery("name matters or a range", field="matters")
    if request.joined or request.case_id:
        field = "joined" if request.joined else "case_id"
        raise BadQuery("a range is of one log and of no case", field=field)
    return Scope((), "", request.first_index, request.end_index)


def _said(record: record_pb2.Record) -> events_pb2.Exported:
    said = events_pb2.Exported()
    record.facts.Unpack(said)
    return said


async def _view(database: Database, party: str, scope: Scope, size: int) -> View:
    """The view at a size; for 0, once what is committed has its place, and whoever cosigns this log had the time to."""
    until = time.monotonic() + _PATIENCE
    while True:
        async with database.read() as connection:
            waiting = not size and (
                await collect.pending(connection, party, scope)
                or not await collect.is_final(connection, party)
            )
            if not waiting or time.monotonic() > until:
                return await collect.view(connection, party, scope, size)
        await asyncio.sleep(0.02)

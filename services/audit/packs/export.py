"""Evidence packs made at a desk: nothing leaves the log in bulk without a record of it in the log.

What it cannot know, the host hands over as a `ExportRecorder`: how a record is committed under a caller's request id, and how a party
signs. Collecting is left to `collect`, the pack's form to `layout`.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256

from audit.completeness.sparse_map import ChainError
from audit.log.reads import BadQuery
from audit.packs import canonical_zip, collect, layout
from audit.packs.layout import Files, Scope, Signer, View
from audit.verification.findings import Keys
from netral.audit.v1 import events_pb2
from netral.audit.v1 import service_pb2 as pb
from netral.exchange.v1 import record_pb2
from storage.protocols import Database
from verifier.packs import verify
from verifier.trust import load_trust

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
    parties file as it is trusted here, `author_keys()` all signing keys in it.
    """

    record: Callable[
        [str, str, str, str, events_pb2.Exported, pb.ExportPackRequest | None], Awaitable[record_pb2.Record]
    ]
    earlier: Callable[[str, pb.ExportPackRequest], Awaitable[record_pb2.Record | None]]
    signer: Callable[[str], Signer]
    parties_file: Callable[[], bytes]
    author_keys: Callable[[], Keys]


@dataclass(frozen=True, slots=True)
class Made:
    """A pack, the record of it, and the tree size of the maker's checkpoint."""

    data: bytes
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
    data, joined = await asyncio.to_thread(_make, recorder, party, scope, view, list(request.joined))
    facts = events_pb2.Exported(
        purpose=request.purpose,
        matters=scope.matters,
        case_id=scope.case_id,
        first_index=scope.first,
        end_index=scope.end,
        size=view.head.size,
        pack_digest=sha256(data).digest(),
        joined=joined,
    )
    matter = scope.matters[0] if len(scope.matters) == 1 else ""
    record = await recorder.record(party, EXPORT_PACK, matter, scope.case_id, facts, request)
    if _said(record).pack_digest != facts.pack_digest:
        raise CannotExport(
            "the pack of this request cannot be made again: keys or cosignatures have changed since",
            reason="PACK_CHANGED",
        )
    return Made(data, record.id, view.head.size)


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


def _make(
    recorder: ExportRecorder, party: str, scope: Scope, view: View, joined: list[bytes]
) -> tuple[bytes, list[str]]:
    """The pack's bytes and the other parties in it. In a thread: pages are set, many signatures checked."""
    signer = recorder.signer(party)
    parts: dict[str, Files] = {party: layout.part(view, scope, signer)}
    for place, data in enumerate(joined):
        for other, files in _parts_of(data, recorder.parties_file(), scope, f"joined[{place}]").items():
            parts.setdefault(other, files)
    return layout.pack(party, scope, parts, recorder.author_keys(), signer), sorted(parts.keys() - {party})


def _parts_of(data: bytes, parties: bytes, scope: Scope, field: str) -> dict[str, Files]:
    """The parts of another party's pack.

    Raises:
        BadQuery: it is not sound, or about something else.
    """
    found = verify(data, load_trust(parties))
    if found.findings:
        first = found.findings[0]
        raise BadQuery(f"this pack is not sound: {first.file}: {first.kind}", field=field)
    if found.scope != scope.plain():
        raise BadQuery("this pack is about something else", field=field)
    return layout.parts_of(canonical_zip.read(data))

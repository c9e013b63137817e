"""The trail's front door: AuditService (gRPC). Reads; exports leave a record.

Translates between the contract and `audit.log.reads`. Who may ask what is decided by `allow`, how a refusal looks to
callers by `refuse`, and exports are recorded by `recorder`: all are handed over by the host, which also checks requests against
the contract's rules.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import grpc
from google.protobuf.message import Message

from audit import wire
from audit.answer_size import that_fit
from audit.completeness import collect
from audit.log import page_tokens, reads
from audit.log.reads import PENDING, BadQuery, Filter, NoSuchLog, PlacedLeaf
from audit.packs import export
from audit.packs.export import CannotExport, ExportRecorder
from audit.queries import search
from audit.queries.search import Question
from audit.witnessing import kept_cosignatures, status
from audit.witnessing.quorum import Cosigner
from netral.audit.v1 import events_pb2, service_pb2_grpc
from netral.audit.v1 import service_pb2 as pb
from storage.protocols import Database

Context = grpc.aio.ServicerContext[Any, Any]
Allow = Callable[[Context, str, str], None]
"""Raises if the caller may not read the log of this party by this method (`ListLeaves`).

The party is empty for `ListLogs`, which gives heads only.
"""
Refuse = Callable[[NoSuchLog | BadQuery | CannotExport], Exception]
"""The exception that the host turns into a gRPC status."""

EXPORT_WHOLE = "audit.export_whole"
"""The action of the record of a whole answer that was given."""

_USUAL_PAGE = 100
_FACET_NAMES = {"basis": "legal_basis"}
_LARGEST_PAGE = 1000
# A statement may have 60 KiB. The rest of an answer is for proofs, which are not made for leaves that do not fit.
_PAGE_BYTES = 3 * 1024 * 1024
_PIECE_BYTES = 1024 * 1024


class AuditServicer(service_pb2_grpc.AuditServiceServicer):
    """Serves the logs of `parties` out of one database. Without a `recorder` (of a copy, say) exports leave no record, and there
    are no packs. `cosigners_of`: who cosigns a party's log now.
    """

    def __init__(
        self,
        database: Database,
        parties: Collection[str],
        allow: Allow,
        refuse: Refuse,
        recorder: ExportRecorder | None = None,
        cosigners_of: Callable[[str], Sequence[Cosigner]] = lambda party: (),
    ) -> None:
        self._recorder = recorder
        self._database = database
        self._parties = frozenset(parties)
        self._allow = allow
        self._refuse = refuse
        self._cosigners_of = cosigners_of

    async def ListLogs(self, request: pb.ListLogsRequest, context: Context) -> pb.ListLogsResponse:
        with self._refusing():
            self._allow(context, "", "ListLogs")
            question = ("logs", request.skip_empty)
            limit = _page_size(request)
            after = page_tokens.read_page_token(question, request.page_token) or ""
            async with self._database.read() as connection:
                found = await reads.logs(
                    connection, self._parties, after=after, limit=limit + 1, skip_empty=request.skip_empty
                )
            token = page_tokens.page_token(question, found[limit - 1].party) if len(found) > limit else ""
            return pb.ListLogsResponse(
                checkpoints=[wire.log_message(log) for log in found[:limit]], next_page_token=token
            )

    async def GetCheckpoint(self, request: pb.GetCheckpointRequest, context: Context) -> pb.Checkpoint:
        with self._refusing():
            party = self._party(request.parent, context, "GetCheckpoint")
            async with self._database.read() as connection:
                published, final = (await kept_cosignatures.standings(connection, [party])).get(party, (0, 0))
                asked = {pb.STANDING_PUBLISHED: published, pb.STANDING_FINAL: final}
                if request.size or asked.get(request.standing):
                    size = request.size or asked[request.standing]
                    found = wire.checkpoint_message(await reads.head(connection, party, size))
                elif request.standing in asked:
                    raise NoSuchLog(f"no checkpoint of {party} has been cosigned that far yet")
                else:
                    (log,) = await reads.logs(connection, [party], limit=1)
                    found = wire.log_message(log)
                found.cosignatures = await kept_cosignatures.cosignature_lines(connection, party, found.size)
            found.standing = wire.standing_of(found.size, published, final)
            return found

    async def ListLeaves(self, request: pb.ListLeavesRequest, context: Context) -> pb.ListLeavesResponse:
        with self._refusing():
            party = self._party(request.parent, context, "ListLeaves")
            wanted = Filter(
                request.matter,
                request.type,
                request.actor,
                _instant(request, "start_time"),
                _instant(request, "end_time"),
            )
            question = ("leaves", party, wanted)
            limit = _page_size(request)
            after = _index(page_tokens.read_page_token(question, request.page_token))
            async with self._database.read() as connection:
                found = await reads.leaves(connection, party, wanted, after=after, limit=limit + 1)
            page = _that_fit(found[:limit])
            # Only a leaf that has an index can be the last of a page that goes on.
            more = len(page) < len(found) and page[-1].index != PENDING
            token = page_tokens.page_token(question, page[-1].index) if more else ""
            return pb.ListLeavesResponse(
                leaves=[wire.leaf_message(leaf) for leaf in page], next_page_token=token
            )

    async def GetInclusionProof(
        self, request: pb.GetInclusionProofRequest, context: Context
    ) -> pb.InclusionProof:
        with self._refusing():
            party = self._party(request.parent, context, "GetInclusionProof")
            async with self._database.read() as connection:
                proof = await reads.inclusion(connection, party, request.index, request.size)
            return wire.inclusion_message(request.index, proof)

    async def GetConsistencyProof(
        self, request: pb.GetConsistencyProofRequest, context: Context
    ) -> pb.ConsistencyProof:
        with self._refusing():
            party = self._party(request.parent, context, "GetConsistencyProof")
            async with self._database.read() as connection:
                proof = await reads.consistency(connection, party, request.old_size, request.new_size)
            return pb.ConsistencyProof(old_size=request.old_size, new_size=proof.size, hashes=proof.hashes)

    async def GetRangeProof(self, request: pb.GetRangeProofRequest, context: Context) -> pb.RangeProof:
        with self._refusing():
            party = self._party(request.parent, context, "GetRangeProof")
            first, end = request.start_index, request.end_index
            async with self._database.read() as connection:
                proof = await reads.range_(connection, party, first, end, request.size)
            return pb.RangeProof(
                start_index=first,
                end_index=end or proof.size,
                size=proof.size,
                hashes=proof.hashes,
                note=proof.note,
            )

    async def ListPeers(self, request: pb.ListPeersRequest, context: Context) -> pb.ListPeersResponse:
        with self._refusing():
            party = self._party(request.parent, context, "ListPeers")
            async with self._database.read() as connection:
                found = await status.peers(connection, party, self._cosigners_of(party))
            return pb.ListPeersResponse(
                size=found.signed,
                published_size=found.published,
                final_size=found.final,
                cosigners=map(wire.cosigner_message, found.cosigners),
                watched=map(wire.watched_message, found.watched),
                accusations=map(wire.accusation_message, found.accusations),
            )

    async def Search(self, request: pb.SearchRequest, context: Context) -> pb.SearchResponse:
        with self._refusing():
            party = self._party(request.parent, context, "Search")
            asked = _question(request)
            as_of = _instant(request, "as_of")
            limit = _page_size(request)
            question = ("search", party, asked, as_of)
            size, after = _searched(page_tokens.read_page_token(question, request.page_token))
            async with self._database.read() as connection:
                # The pages after the first are of the same tree, however much was added since.
                head = (
                    await reads.head(connection, party, size)
                    if size
                    else await search.head_at(connection, party, as_of)
                )
                page = await search.search(connection, party, asked, head.size, after=after, limit=limit)
                leaves = _that_fit(page.leaves)
                proofs = (
                    [await reads.inclusion(connection, party, leaf.index, head.size) for leaf in leaves]
                    if request.with_proofs
                    else []
                )
                counted = (
                    await search.facets(connection, party, asked, head.size)
                    if request.with_facets and not request.page_token
                    else {}
                )
            last = leaves[-1].index if len(leaves) < len(page.leaves) else page.after
            response = pb.SearchResponse(
                found=[wire.found_message(leaf) for leaf in leaves],
                next_page_token=""
                if last is None
                else page_tokens.page_token(question, f"{head.size}.{last}"),
                checkpoint=wire.checkpoint_message(head),
                facets=[
                    pb.Facet(name=_FACET_NAMES.get(name, name), value=value, leaves=count)
                    for name, values in counted.items()
                    for value, count in values.items()
                ],
                last_page=last is None,
            )
            for found, leaf, proof in zip(response.found, leaves, proofs, strict=False):
                found.proof.CopyFrom(wire.inclusion_message(leaf.index, proof))
            return response

    async def GetWhole(
        self, request: pb.GetWholeRequest, context: Context
    ) -> AsyncIterator[pb.GetWholeResponse]:
        with self._refusing():
            party = self._party(request.parent, context, "GetWhole")
            kind, _, id = request.key.partition("/")
            if kind not in ("matter", "case", "actor") or not id or (kind == "actor") != ("/" in id):
                raise BadQuery("give matter/…, case/… or actor/<institution>/…", field="key")
            await self._record_whole(party, kind, id, request)
            answer = collect.of_case(self._database, party, id) if kind == "case" else None
            items = answer or collect.of_key(self._database, party, request.key)
            async for item in items:
                yield wire.whole_message(item)

    async def ExportLog(
        self, request: pb.ExportLogRequest, context: Context
    ) -> AsyncIterator[pb.ExportLogResponse]:
        with self._refusing():
            party = self._party(request.parent, context, "ExportLog")
            await self._record_log_export(party, request)
            async for item in wire.exported(self._database, party, request.start_index):
                yield item

    async def _record_log_export(self, party: str, request: pb.ExportLogRequest) -> None:
        async with self._database.read() as connection:
            head = await reads.head(connection, party)
        if self._recorder is None:
            return
        facts = events_pb2.Exported(
            purpose=request.purpose or events_pb2.EXPORT_PURPOSE_VERIFICATION,
            first_index=request.start_index,
            end_index=head.size,
            size=head.size,
        )
        await self._recorder.record(party, export.EXPORT_LOG, "", "", facts, None)

    async def _record_whole(self, party: str, kind: str, id: str, request: pb.GetWholeRequest) -> None:
        if self._recorder is None:
            return
        async with self._database.read() as connection:
            head = await reads.head(connection, party)
        matter, case = (id if kind == "matter" else ""), (id if kind == "case" else "")
        facts = events_pb2.Exported(
            purpose=request.purpose or events_pb2.EXPORT_PURPOSE_VERIFICATION,
            matters=[matter] if matter else [],
            case_id=case,
            actor=id if kind == "actor" else "",
            size=head.size,
        )
        await self._recorder.record(party, EXPORT_WHOLE, "", "", facts, None)

    async def ExportPack(
        self, request: pb.ExportPackRequest, context: Context
    ) -> AsyncIterator[pb.ExportPackResponse]:
        with self._refusing():
            party = self._party(request.parent, context, "ExportPack")
            if self._recorder is None:
                raise CannotExport("this desk serves a copy and records nothing", reason="READS_ONLY")
            made = await export.export_pack(self._database, self._recorder, party, request)
        piece = pb.ExportPackResponse(record=made.record, size=made.size)
        with made.file as file:
            while data := await asyncio.to_thread(file.read, _PIECE_BYTES):
                piece.data = data
                yield piece
                piece = pb.ExportPackResponse()

    def _party(self, parent: str, context: Context, method: str) -> str:
        party = parent.removeprefix("institutions/")
        if party not in self._parties:
            raise NoSuchLog("this desk keeps no log of that institution")
        self._allow(context, party, method)
        return party

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except (NoSuchLog, BadQuery, CannotExport) as error:
            raise self._refuse(error) from error


def _question(request: pb.SearchRequest) -> Question:
    return Question(
        matters=tuple(request.matters),
        case=request.case_id,
        ref=request.ref,
        actor=request.actor,
        actor_kind=request.actor_kind,
        agency=request.agency,
        region=request.region,
        type=request.type,
        outcome=request.outcome,
        basis=request.legal_basis,
        since=_instant(request, "start_time"),
        until=_instant(request, "end_time"),
        first=request.start_index,
        end=request.end_index,
        text=request.text,
    )


def _searched(last: str | None) -> tuple[int, int]:
    """Size of the tree that is searched and the index up to which it was; 0 and -1 at the beginning."""
    if last is None:
        return 0, -1
    size, _, after = last.partition(".")
    return _index(size), _index(after)


def _page_size(request: pb.ListLogsRequest | pb.ListLeavesRequest | pb.SearchRequest) -> int:
    if not 0 <= request.page_size <= _LARGEST_PAGE:
        raise BadQuery(f"a page has 1 to {_LARGEST_PAGE} entries", field="page_size")
    return request.page_size or _USUAL_PAGE


def _index(last: str | None) -> int:
    try:
        return -1 if last is None else int(last)
    except ValueError:
        raise BadQuery("the page token is not one that was given", field="page_token") from None


def _instant(request: Message, field: str) -> datetime | None:
    if not request.HasField(field):
        return None
    try:
        stamp: datetime = getattr(request, field).ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise BadQuery("not an instant of the years 1 to 9999", field=field) from None
    return stamp


def _that_fit(leaves: Sequence[PlacedLeaf]) -> Sequence[PlacedLeaf]:
    """As many as one answer can carry, and at least one."""
    return leaves[: that_fit((len(leaf.body) + 500 for leaf in leaves), _PAGE_BYTES)]

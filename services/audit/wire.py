"""Messages of AuditService, from what the trail reads."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from audit.completeness import collect, sparse_map
from audit.completeness.collect import Commitment
from audit.completeness.verify import ChainCommitment
from audit.formats import checkpoint, tlog
from audit.log import events, reads
from audit.log.reads import Head, LogState, PlacedLeaf, Proof
from audit.witnessing.status import AccusationSeen, CosignerSeen, LogWatched
from netral.audit.v1 import service_pb2 as pb
from storage.protocols import Database


async def exported(database: Database, party: str, start: int = 0) -> AsyncIterator[pb.ExportLogResponse]:
    """A log as it is exported: its checkpoints, then its leaves from the index `start` on.

    Raises:
        NoSuchLog: the log has no leaf yet.
    """
    async for item in reads.export(database, party, start):
        if isinstance(item, Head):
            yield pb.ExportLogResponse(checkpoint=checkpoint_message(item))
        else:
            yield pb.ExportLogResponse(leaf=leaf_message(item, hash=item.hash))


def log_message(log: LogState) -> pb.Checkpoint:
    """A log with its newest checkpoint, if it has one."""
    if log.head is None:
        origin = checkpoint.origin_of(log.party)
        return pb.Checkpoint(origin=origin, root=tlog.EMPTY_ROOT, pending=log.pending)
    found = checkpoint_message(log.head)
    found.pending = log.pending
    return found


def checkpoint_message(head: Head) -> pb.Checkpoint:
    """A checkpoint as it was signed."""
    return pb.Checkpoint(
        origin=checkpoint.origin_of(head.party),
        size=head.size,
        root=head.root,
        note=head.note,
        time=_timestamp(head.time),
    )


def standing_of(size: int, published: int, final: int) -> pb.Standing.ValueType:
    """Standing of a tree size: with a larger checkpoint comes every smaller one, the beginning of the same tree."""
    if not size:
        return pb.STANDING_UNSPECIFIED
    if size <= final:
        return pb.STANDING_FINAL
    return pb.STANDING_PUBLISHED if size <= published else pb.STANDING_SIGNED


def cosigner_message(seen: CosignerSeen) -> pb.Cosigner:
    """A cosigner of a log, and how far it came."""
    return pb.Cosigner(
        name=seen.name,
        part=seen.part or "",
        needed=seen.needed,
        size=seen.size,
        time=_timestamp(seen.time) if seen.time else None,
        failing_since=_timestamp(seen.failing_since) if seen.failing_since else None,
        reason=seen.reason,
    )


def watched_message(log: LogWatched) -> pb.WatchedLog:
    """A log that this party watches."""
    return pb.WatchedLog(
        origin=log.origin, size=log.size, time=_timestamp(log.time), grow_time=_timestamp(log.grown)
    )


def accusation_message(kept: AccusationSeen) -> pb.Accusation:
    """Proof of misbehaviour, with when it was seen."""
    said = kept.accusation
    return pb.Accusation(
        digest=kept.digest,
        kind=said.kind,
        origin=said.origin,
        held=said.held,
        offered=said.offered,
        proven=said.proven,
        detail=said.detail,
        first_time=_timestamp(kept.first),
        last_time=_timestamp(kept.last),
        seen=kept.seen,
    )


def inclusion_message(index: int, proof: Proof) -> pb.InclusionProof:
    """Proof that an entry is in a tree."""
    return pb.InclusionProof(index=index, size=proof.size, hashes=proof.hashes, note=proof.note)


def found_message(leaf: PlacedLeaf) -> pb.Found:
    """A leaf that a search found, with its audit event."""
    says = events.audit_event(leaf.body)
    if says is None:
        kind = sparse_map.TYPE if sparse_map.root_in(leaf.body) else ""
        return pb.Found(leaf=leaf_message(leaf), kind=kind)
    return pb.Found(
        leaf=leaf_message(leaf),
        kind=says.kind.name.lower(),
        counterpart=says.counterpart,
        case_id=says.case,
        actor_kind=says.actor_kind,
        role=says.role,
        outcome=says.outcome,
        reason=says.reason,
        legal_basis=says.basis,
        region=says.region,
        source=says.source,
        request_id=says.request,
        causation=says.cause,
        statements=says.statements,
    )


def whole_message(item: collect.Item) -> pb.GetWholeResponse:
    """One part of a complete answer."""
    if isinstance(item, Commitment):
        return pb.GetWholeResponse(
            commitment=pb.Commitment(
                checkpoint=checkpoint_message(item.head),
                leaf=leaf_message(item.leaf),
                proof=inclusion_message(item.leaf.index, item.proof),
            )
        )
    if isinstance(item, ChainCommitment):
        length, head, case = item.chain or (0, b"", b"")
        return pb.GetWholeResponse(
            chain=pb.ChainProof(
                key=item.key,
                length=length,
                head=head,
                case_path=case,
                siblings=item.proof.siblings,
                other=sparse_map.encode_entry(item.proof.other) if item.proof.other else b"",
            )
        )
    return pb.GetWholeResponse(leaf=leaf_message(item))


def leaf_message(leaf: PlacedLeaf, hash: bytes = b"") -> pb.Leaf:
    """A leaf with its columns; `hash` in exports only."""
    return pb.Leaf(
        index=leaf.index,
        body=leaf.body,
        matter=leaf.matter,
        type=leaf.type,
        actor=leaf.actor,
        time=_timestamp(leaf.time),
        ref=leaf.ref,
        author=leaf.author,
        hash=hash,
    )


def _timestamp(at: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(at.astimezone(UTC).replace(tzinfo=None))
    return stamp

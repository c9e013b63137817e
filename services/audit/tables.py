"""The trail's tables: kept bytes, their places in the logs, hash tiles, checkpoints.

Every table has a `party` column: one host keeps the logs of many parties. Leaf bodies are the only copy of the
signed bytes in the database; the outbox and inbox point to them. Nothing here is ever updated but the lease and
the right edge of the tiles, and the pages of the chains, which can be made again from the leaves.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, LargeBinary
from sqlalchemy.orm import registry
from sqlmodel import Field

from storage.types import ROW_ID, Instant, Micros, TableModel

# On SQLite, rows that are little more than their key stand in the tree of the key, and nowhere else.
_ONE_TREE = {"sqlite_with_rowid": False}


class AuditTable(TableModel, registry=registry()):
    """The registry of the trail's tables."""


class Leaf(AuditTable, table=True):
    """A leaf: one kind byte and kept bytes, with the columns that queries use.

    `id` is made by the application and grows with time (see `audit.formats.leaf`); it is not the index in the log.
    """

    __tablename__ = "leaf"
    __table_args__ = (
        Index("leaf_ref", "party", "ref"),
        Index("leaf_matter", "party", "matter"),
        Index("leaf_time", "party", "time"),
        Index("leaf_actor", "party", "actor", "time"),
        Index("leaf_heading", "heading"),
    )

    id: int = Field(sa_column=Column(ROW_ID, primary_key=True, autoincrement=False))
    party: str = Field(max_length=40)
    kind: int
    ref: str = Field(max_length=36)
    matter: str = Field(max_length=36)
    type: str = Field(max_length=100)
    actor: str = Field(max_length=100)
    author: str = Field(max_length=40)
    time: datetime = Field(sa_type=Micros)
    hash: bytes = Field(sa_type=LargeBinary)
    body: bytes = Field(sa_type=LargeBinary)
    heading: int = Field(0, sa_column=Column(BigInteger, nullable=False, server_default="0"))


class FacetRow(AuditTable, table=True):
    """A combination of words that leaves of one log are told apart by (see `audit.log.search_index`)."""

    __tablename__ = "heading"
    __table_args__ = (Index("heading_party", "party", "type"),)

    id: int = Field(sa_column=Column(ROW_ID, primary_key=True, autoincrement=False))
    party: str = Field(max_length=40)
    kind: str = Field(max_length=20)
    type: str = Field(max_length=100)
    author: str = Field(max_length=100)
    counterpart: str = Field(max_length=100)
    actor_kind: str = Field(max_length=20)
    role: str = Field(max_length=100)
    outcome: str = Field(max_length=100)
    reason: str = Field(max_length=100)
    basis: str = Field(max_length=100)
    region: str = Field(max_length=20)
    source: str = Field(max_length=100)


class CaseIndexRow(AuditTable, table=True):
    """Row that names a matter with a case in a log; or, for a leaf about no matter, that the leaf of this id is in the case."""

    __tablename__ = "case_entry"
    __table_args__ = _ONE_TREE

    party: str = Field(primary_key=True, max_length=40)
    case_id: str = Field(primary_key=True, max_length=36)
    matter: str = Field(primary_key=True, max_length=36)
    ref: str = Field(primary_key=True, max_length=36)


class PendingLeaf(AuditTable, table=True):
    """A committed leaf that has no index yet. Its row goes away in the commit that gives it one.

    The party stands here too, so that what is pending is found without looking at what is not.
    """

    __tablename__ = "pending_leaf"

    leaf_id: int = Field(sa_column=Column(ROW_ID, primary_key=True, autoincrement=False))
    party: str = Field(max_length=40)


class LeafIndex(AuditTable, table=True):
    """The place of a leaf in its party's log: 0, 1, 2, … without gaps."""

    __tablename__ = "leaf_index"
    __table_args__ = _ONE_TREE

    party: str = Field(primary_key=True, max_length=40)
    index: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    leaf_id: int = Field(sa_column=Column(BigInteger, nullable=False, unique=True))


class HashTile(AuditTable, table=True):
    """Up to 256 hashes of one level of a log's tree (C2SP tlog-tiles, height 8)."""

    __tablename__ = "hash_tile"

    party: str = Field(primary_key=True, max_length=40)
    level: int = Field(primary_key=True)
    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    hashes: bytes = Field(sa_type=LargeBinary)


class ChainPage(AuditTable, table=True):
    """Four levels of the map of a log's chains (see `audit.completeness.sparse_map`), by the hex digits of the paths below."""

    __tablename__ = "chain_page"

    party: str = Field(primary_key=True, max_length=40)
    prefix: str = Field(primary_key=True, max_length=64)
    body: bytes = Field(sa_type=LargeBinary)


class SignedCheckpoint(AuditTable, table=True):
    """A tree head as it was signed: the C2SP note, kept as text."""

    __tablename__ = "checkpoint"

    party: str = Field(primary_key=True, max_length=40)
    size: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    root: bytes = Field(sa_type=LargeBinary)
    note: str
    time: datetime = Field(sa_type=Instant)


class SequencerLease(AuditTable, table=True):
    """Lease of the process that gives out indexes, until when (UTC); `epoch` counts the takings. One row (see `audit.sequencing.writer_lease`)."""

    __tablename__ = "sequencer_lease"

    name: str = Field(primary_key=True, max_length=20)
    holder: str = Field(max_length=36)
    until: datetime = Field(sa_type=Instant)
    epoch: int = Field(default=0, sa_type=BigInteger)


# What this host's parties did as witnesses of others' logs


class WitnessedHead(AuditTable, table=True):
    """The largest tree that a witness (`party`) has cosigned under an origin; `note` is as the log signed it.

    `time` is that of the last cosignature, `grown` of the last one over a larger tree (UTC). `cosignatures` are lines.
    """

    __tablename__ = "witnessed_head"

    party: str = Field(primary_key=True, max_length=40)
    origin: str = Field(primary_key=True, max_length=255)
    size: int = Field(sa_column=Column(BigInteger, nullable=False))
    root: bytes = Field(sa_type=LargeBinary)
    note: str
    cosignatures: str
    time: datetime = Field(sa_type=Instant)
    grown: datetime = Field(sa_type=Instant)


class WitnessedBefore(AuditTable, table=True):
    """Every tree that a witness has cosigned: a fork is seen at each of these sizes, not at the last only."""

    __tablename__ = "witnessed_before"

    party: str = Field(primary_key=True, max_length=40)
    origin: str = Field(primary_key=True, max_length=255)
    size: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    note: str


class AccusationKept(AuditTable, table=True):
    """Evidence that a party holds against a log (see `audit.witnessing.misbehaviour`): kept once, however often it is seen.

    `digest` is SHA-256 of what it says, hex. `first` and `last` are when it was seen (UTC).
    """

    __tablename__ = "accusation"

    party: str = Field(primary_key=True, max_length=40)
    digest: str = Field(primary_key=True, max_length=64)
    kind: str = Field(max_length=20)
    origin: str = Field(max_length=255)
    held: str
    offered: str
    proven: bool
    detail: str = Field(max_length=300)
    first: datetime = Field(sa_type=Instant)
    last: datetime = Field(sa_type=Instant)
    seen: int


# What others cosigned of this host's logs


class Cosigned(AuditTable, table=True):
    """Cosignature lines of one cosigner (by the name of its keys) on one checkpoint of a log; `time` is theirs (UTC).

    `rank` says which go first onto a note, which has room for 100 lines.
    """

    __tablename__ = "cosigned"

    party: str = Field(primary_key=True, max_length=40)
    size: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    cosigner: str = Field(primary_key=True, max_length=255)
    rank: int
    lines: str
    time: datetime = Field(sa_type=Instant)


class CosignerState(AuditTable, table=True):
    """State of a log with one of its cosigners: the size cosigned last, and since when it fails, if it does (UTC)."""

    __tablename__ = "cosigner_state"

    party: str = Field(primary_key=True, max_length=40)
    cosigner: str = Field(primary_key=True, max_length=255)
    size: int = Field(sa_column=Column(BigInteger, nullable=False))
    time: datetime | None = Field(sa_type=Instant, nullable=True)
    failing_since: datetime | None = Field(sa_type=Instant, nullable=True)
    reason: str = Field(max_length=200)


class CosigningStatus(AuditTable, table=True):
    """The largest checkpoint of a log that its publishing quorum has cosigned, and that is final (0: none yet)."""

    __tablename__ = "standing"

    party: str = Field(primary_key=True, max_length=40)
    published: int = Field(sa_column=Column(BigInteger, nullable=False))
    final: int = Field(sa_column=Column(BigInteger, nullable=False))

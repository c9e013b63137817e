"""A log with statements, receipts and records about several matters and cases, written as a desk writes it."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.formats.leaf import Kind, leaf_row
from audit.formats.note import Signer
from audit.log import events, search_index
from audit.log.events import RECEIPT_TYPES
from audit.sequencing.sequencer import Sequencer
from audit.sequencing.writer_lease import Lease
from audit.tables import AuditTable, Leaf, PendingLeaf
from exchange.statements import envelope, receipts
from exchange.statements.private_keys import PrivateKeys
from exchange.statements.protobuf_time import timestamp
from netral.exchange.v1 import record_pb2, statement_pb2
from netral.kasn.v1 import events_pb2
from storage import together
from storage.engines import Database
from storage.upserts import insert

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PARTIES = ("kasn", "bawaslu", "ppk-6202")
_IDS = itertools.count(1)
ACTORS = {
    "person": statement_pb2.Actor.KIND_OFFICER,
    "service": statement_pb2.Actor.KIND_SERVICE,
    "clock": statement_pb2.Actor.KIND_CLOCK,
}


def id_of(kind: int, number: int) -> str:
    """A UUID for the number-th thing of a kind."""
    return str(UUID(int=(0x0190_0000_0000_7000_8000 << 48) + (kind << 32) + number))


def matter(number: int) -> str:
    return id_of(1, number)


def case(number: int) -> str:
    return id_of(2, number)


def _key(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32, b"*")[:32])


KEYS = {party: PrivateKeys(_key(party), envelope.keyid_of(_key(party).public_key()), {}) for party in PARTIES}
SIGNERS = {party: Signer(f"netral/{party}", _key(f"log {party}")) for party in PARTIES}


@dataclass
class Trail:
    """The log of one party; rows are buffered until `commit`."""

    database: Database
    folder: Path
    party: str = "kasn"
    rows: list[dict[str, Any]] = field(default_factory=list)
    beside: search_index.PendingIndexRows = field(default_factory=search_index.PendingIndexRows)
    known: search_index.SearchIndexCache = field(default_factory=search_index.SearchIndexCache)
    now: datetime = NOON
    sequences: dict[str, int] = field(default_factory=dict)

    async def make_tables(self) -> None:
        async with self.database.write() as connection:
            await connection.run_sync(AuditTable.metadata.create_all)

    def tick(self, minutes: int = 1) -> datetime:
        self.now += timedelta(minutes=minutes)
        return self.now

    def _keep(self, kind: Kind, kept: bytes, **columns: Any) -> None:
        heading = self.beside.add(self.party, events.audit_event(bytes([kind]) + kept))
        self.rows.append(leaf_row(next(_IDS), self.party, kind, kept, heading=heading, **columns))

    def record(
        self,
        action: str = "kasn.examine",
        *,
        about: str = "",
        case: str = "",
        state: str = "EXAMINED",
        actor: str = "o7",
        kind: str = "person",
        statements: tuple[str, ...] = (),
        number: str = "",
        region: str = "",
    ) -> str:
        """A local act; `number` and `region` go into its facts."""
        id = id_of(3, next(_IDS))
        made = record_pb2.Record(
            id=id,
            party=self.party,
            time=timestamp(self.tick()),
            actor=statement_pb2.Actor(kind=ACTORS[kind], id=actor, role="officer"),
            action=action,
            matter=about,
            case_id=case,
            state=state,
            source="clock" if kind == "clock" else "grpc",
            statements=statements,
        )
        if number or region:
            made.facts.Pack(events_pb2.Recommended(report_number=number, region=region))
        columns = {"ref": id, "matter": about, "type": action, "actor": actor, "author": self.party}
        self._keep(Kind.RECORD, made.SerializeToString(deterministic=True), time=self.now, **columns)
        return id

    def statement(
        self,
        sender: str,
        recipient: str,
        *,
        about: str,
        case: str = "",
        type: str = "netral.examiner.recommended.v1",
        basis: str = "pks-2023-5",
        cause: str = "",
        actor: str = "o7",
        state: str = receipts.TAKEN_UP,
    ) -> str:
        """A statement and its outcome receipt."""
        id = id_of(4, next(_IDS))
        pair = f"{sender}>{recipient}"
        self.sequences[pair] = self.sequences.get(pair, 0) + 1
        payload = statement_pb2.Statement(
            id=id,
            source=f"netral://{sender}",
            type=type,
            subject=about,
            case_id=case,
            time=timestamp(self.tick()),
            sender=sender,
            recipient=recipient,
            sequence=self.sequences[pair],
            role=type.split(".")[1],
            legal_basis=basis,
            causation=cause,
            actor=statement_pb2.Actor(kind=ACTORS["person"], id=actor, role="officer"),
        ).SerializeToString(deterministic=True)
        data = envelope.sign(payload, envelope.STATEMENT, KEYS[sender].signing, KEYS[sender].keyid)
        columns = {"ref": id, "matter": about, "type": type, "actor": actor, "author": sender}
        self._keep(Kind.STATEMENT, data, time=self.now, **columns)
        digest = sha256(data).digest()
        subject = receipts.Subject(id, digest, sender, recipient, self.sequences[pair], about, self.tick())
        said, receipt = receipts.make(subject, state, "", self.now, KEYS[recipient])
        own = "inbox" if recipient == self.party else ""
        columns = {
            "ref": id,
            "matter": about,
            "type": RECEIPT_TYPES[said.stage],
            "actor": own,
            "author": recipient,
        }
        self._keep(Kind.RECEIPT, receipt, time=self.now, **columns)
        return id

    async def commit(self, *, sequence: bool = True) -> None:
        """Write what was buffered and, unless told otherwise, give it its place in the log."""
        async with self.database.write() as connection:
            await together.write(connection, self.beside.writes(self.known))
            await insert(connection, Leaf, self.rows)
            pending = [{"leaf_id": row["id"], "party": row["party"]} for row in self.rows]
            await insert(connection, PendingLeaf, pending)
        self.known.remember(self.beside)
        self.rows, self.beside = [], search_index.PendingIndexRows()
        if sequence:
            moment = self.tick()
            sequencer = Sequencer(
                self.database, SIGNERS, lambda: moment, Lease("one", lambda: moment), self.folder
            )
            while await sequencer.run_once():
                pass

"""Work of one batch of arrivals: its statements on their way, the leaves they become, the receipts to send after the commit."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from audit.formats.leaf import Kind
from audit.log.events import RECEIPT_TYPES, decode_leaf
from audit.tables import Leaf
from exchange.bus import subjects
from exchange.context import Actor, HostContext
from exchange.delivery.batch import Batch
from exchange.delivery.inbox.handlers import Handlers
from exchange.delivery.verification import VerifiedStatement
from exchange.statements import receipts
from netral.exchange.v1 import statement_pb2
from storage.key_in import key_in, listed
from storage.protocols import Connection
from storage.types import table

SERVICE = Actor(statement_pb2.Actor.KIND_SERVICE, "inbox", "service")

GAP_PATIENCE = timedelta(seconds=5)

Name = tuple[str, str]
"""Party and id of a statement that was sent to it."""

_LEAVES = table(Leaf)
_KEPT_RECEIPTS = (
    select(_LEAVES.c.party, _LEAVES.c.body)
    .where(key_in((_LEAVES.c.party, _LEAVES.c.ref)), _LEAVES.c.kind == int(Kind.RECEIPT))
    .order_by(_LEAVES.c.id)
)


@dataclass
class Incoming:
    """A statement on its way through the batch."""

    arrival: VerifiedStatement
    state: str = ""
    reason: str = ""
    detail: str = ""
    lawful: bool = True  # its sender had the right to send it
    received: datetime | None = None
    first_digest: bytes = b""
    sent_here: bool = False  # by the recipient itself, in another role: its log has the leaf

    @property
    def name(self) -> Name:
        return self.arrival.statement.recipient, self.arrival.statement.id

    @property
    def earlier(self) -> Name:
        """The statement that must take effect first; its id is empty if there is none."""
        return self.arrival.statement.recipient, self.arrival.statement.after

    @property
    def number(self) -> tuple[str, str, int]:
        statement = self.arrival.statement
        return statement.recipient, statement.sender, statement.sequence


@dataclass
class Result:
    """Envelopes to send after the commit, by subject; how many statements were settled, and the delays of first receipts (seconds)."""

    replies: dict[subjects.Subject, list[bytes]] = field(default_factory=dict)
    settled: int = 0
    receipt_delays: list[float] = field(default_factory=list)

    def reply(self, subject: subjects.Subject, data: bytes) -> None:
        self.replies.setdefault(subject, []).append(data)


@dataclass
class Work:
    """A batch of arrivals on its way through the steps of the inbox."""

    batch: Batch
    handlers: Handlers
    result: Result

    @property
    def desk(self) -> HostContext:
        return self.batch.desk

    @property
    def connection(self) -> Connection:
        return self.batch.connection

    @property
    def now(self) -> datetime:
        return self.batch.now


def add_statement_leaf(work: Work, incoming: Incoming) -> None:
    """Add a statement's bytes, as they came, to the log of its recipient."""
    statement = incoming.arrival.statement
    work.batch.add_leaf(
        statement.recipient,
        Kind.STATEMENT,
        incoming.arrival.envelope.data,
        statement,
        ref=statement.id,
        matter=statement.subject,
        type=statement.type,
        actor=statement.actor.id,
        author=statement.sender,
        time=incoming.arrival.time,
    )


def add_receipt(work: Work, incoming: Incoming) -> None:
    """Sign a receipt for a statement in its present state, for the log and for its sender."""
    statement = incoming.arrival.statement
    about = receipts.Subject(
        statement.id,
        incoming.arrival.digest,
        statement.sender,
        statement.recipient,
        statement.sequence,
        statement.subject,
        incoming.received or work.now,
    )
    keys = work.desk.keys[statement.recipient]
    receipt, data = receipts.make(
        about, incoming.state, incoming.reason, work.now, keys, incoming.first_digest
    )
    work.batch.add_leaf(
        statement.recipient,
        Kind.RECEIPT,
        data,
        receipt,
        ref=statement.id,
        matter=statement.subject,
        type=RECEIPT_TYPES[receipt.stage],
        actor=SERVICE.id,
        author=statement.recipient,
        time=work.now,
    )
    work.result.reply(subjects.Subject(statement.recipient, statement.sender, subjects.RECEIPT), data)


async def answer_again(work: Work, names: set[Name]) -> None:
    """Send the kept receipts of these statements once more, byte for byte."""
    if not names:
        return
    for row in await work.connection.execute(_KEPT_RECEIPTS, {"keys": listed(sorted(names))}):
        leaf = decode_leaf(row.body)
        receipt = leaf.receipt()
        if receipt.recipient == row.party:
            work.result.reply(
                subjects.Subject(receipt.recipient, receipt.sender, subjects.RECEIPT), leaf.kept
            )

"""The exchange's tables. Each has a `party` column: a host serves many parties.

The signed bytes themselves are leaves (`audit.tables`); rows here say where a statement is on its way. What changes
often (`delivery`) is apart from what changes twice (`outbox`), and small.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import registry
from sqlmodel import Field

from storage.types import Instant, TableModel


class ExchangeTable(TableModel, registry=registry()):
    """The registry of the exchange's tables."""


class Outbox(ExchangeTable, table=True):
    """A statement that a party of this host sent, and what its recipient's receipts say of it."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("party", "recipient", "sequence"),
        Index("outbox_matter", "party", "matter"),
        Index("outbox_party", "party", "id"),
    )

    id: str = Field(primary_key=True, max_length=36)
    party: str = Field(max_length=40)
    recipient: str = Field(max_length=40)
    sequence: int = Field(sa_type=BigInteger)
    type: str = Field(max_length=100)
    matter: str = Field(max_length=36)
    digest: bytes = Field(sa_type=LargeBinary)
    created: datetime = Field(sa_type=Instant)
    custody: datetime | None = Field(default=None, sa_type=Instant)
    decided: datetime | None = Field(default=None, sa_type=Instant)
    outcome: str = Field(default="", max_length=20)
    reason: str = Field(default="", max_length=60)


class Delivery(ExchangeTable, table=True):
    """Next step for an outbox row: hand it over until custody, then ask until an outcome.

    The row goes away when the outcome is known.
    """

    __tablename__ = "delivery"
    __table_args__ = (Index("delivery_due", "due"),)

    id: str = Field(primary_key=True, max_length=36)
    party: str = Field(max_length=40)
    recipient: str = Field(max_length=40)
    awaits: str = Field(max_length=10)
    attempts: int = Field(default=0)
    relayed: datetime | None = Field(default=None, sa_type=Instant)
    due: datetime = Field(sa_type=Instant)


class PairOut(ExchangeTable, table=True):
    """The last number given to a statement from `party` to `peer`. Locked while numbers are given."""

    __tablename__ = "pair_out"

    party: str = Field(primary_key=True, max_length=40)
    peer: str = Field(primary_key=True, max_length=40)
    last: int = Field(default=0, sa_type=BigInteger)


class PairIn(ExchangeTable, table=True):
    """Completeness of what came from `peer`: every number up to `complete` is here; `highest` was seen, or
    the peer says that it sent it."""

    __tablename__ = "pair_in"

    party: str = Field(primary_key=True, max_length=40)
    peer: str = Field(primary_key=True, max_length=40)
    complete: int = Field(default=0, sa_type=BigInteger)
    highest: int = Field(default=0, sa_type=BigInteger)
    asks: int = Field(default=0)
    ask_due: datetime | None = Field(default=None, sa_type=Instant)


class Inbox(ExchangeTable, table=True):
    """A statement in custody, for good: this row is what makes a repeat harmless.

    `state` is TAKEN_UP, REFUSED, WAITING (for `after`) or PARKED.
    """

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("party", "sender", "sequence"),
        Index("inbox_after", "party", "after"),
        Index("inbox_state", "party", "state"),
    )

    party: str = Field(primary_key=True, max_length=40)
    id: str = Field(primary_key=True, max_length=36)
    sender: str = Field(max_length=40)
    sequence: int = Field(sa_type=BigInteger)
    type: str = Field(max_length=100)
    matter: str = Field(max_length=36)
    after: str = Field(default="", max_length=36)
    digest: bytes = Field(sa_type=LargeBinary)
    state: str = Field(max_length=10)
    reason: str = Field(default="", max_length=60)
    detail: str = Field(default="", max_length=500)
    received: datetime = Field(sa_type=Instant)
    decided: datetime | None = Field(default=None, sa_type=Instant)


class ConflictSeen(ExchangeTable, table=True):
    """Authentic bytes that used an id or sequence that other bytes held first. Signed, logged, refused."""

    __tablename__ = "conflict"

    party: str = Field(primary_key=True, max_length=40)
    digest: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    id: str = Field(max_length=36)
    sender: str = Field(max_length=40)
    type: str = Field(max_length=100)
    matter: str = Field(max_length=36)
    reason: str = Field(max_length=60)
    first_digest: bytes = Field(sa_type=LargeBinary)
    received: datetime = Field(sa_type=Instant)


class ParkedBytes(ExchangeTable, table=True):
    """Bytes that nobody signed, kept under a quota for an operator to look at. They are no leaf."""

    __tablename__ = "parked_bytes"
    __table_args__ = (Index("parked_digest", "party", "digest"),)

    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    party: str = Field(max_length=40)
    subject: str = Field(max_length=200)
    reason: str = Field(max_length=60)
    detail: str = Field(max_length=500)
    digest: bytes = Field(sa_type=LargeBinary)
    body: bytes = Field(sa_type=LargeBinary)
    received: datetime = Field(sa_type=Instant)


class DroppedBytes(ExchangeTable, table=True):
    """Count of unauthenticated messages to a party that were dropped because its quota was full."""

    __tablename__ = "dropped_bytes"

    party: str = Field(primary_key=True, max_length=40)
    dropped: int = Field(default=0, sa_type=BigInteger)


class PersonalPart(ExchangeTable, table=True):
    """A personal part at rest: salt and bytes, encrypted under the matter's data key (`exchange.personal_data.vault`)."""

    __tablename__ = "personal_part"
    __table_args__ = (Index("personal_part_matter", "party", "matter", "source"),)

    party: str = Field(primary_key=True, max_length=40)
    source: str = Field(primary_key=True, max_length=36)
    matter: str = Field(max_length=36)
    type: str = Field(max_length=100)
    sealed: bytes = Field(sa_type=LargeBinary)


class Request(ExchangeTable, table=True):
    """A caller's request id, for good: the same content is answered from the record, other content is refused.

    `digest` is a keyed HMAC of the content: a plain hash of a request with a NIP in it could be guessed.
    """

    __tablename__ = "request"

    party: str = Field(primary_key=True, max_length=40)
    request_id: str = Field(primary_key=True, max_length=36)
    digest: bytes = Field(sa_type=LargeBinary)
    record: str = Field(max_length=36)


class PairingState(ExchangeTable, table=True):
    """State of pairing of `party` with `peer`; see `exchange.reconciliation.reports`.

    `sent` counts the party's statements to the peer, `received` the peer's. Each number goes with the running digest there.
    """

    __tablename__ = "pairing"

    party: str = Field(primary_key=True, max_length=40)
    peer: str = Field(primary_key=True, max_length=40)
    reported_sent: int = Field(default=0, sa_type=BigInteger)
    reported_sent_digest: bytes = Field(default=bytes(32), sa_type=LargeBinary)
    reported_received: int = Field(default=0, sa_type=BigInteger)
    reported_received_digest: bytes = Field(default=bytes(32), sa_type=LargeBinary)
    reported: datetime | None = Field(default=None, sa_type=Instant)
    heard_sent: int = Field(default=0, sa_type=BigInteger)
    heard_sent_digest: bytes = Field(default=bytes(32), sa_type=LargeBinary)
    heard_received: int = Field(default=0, sa_type=BigInteger)
    heard_received_digest: bytes = Field(default=bytes(32), sa_type=LargeBinary)
    heard: datetime | None = Field(default=None, sa_type=Instant)


class PairingAlarm(ExchangeTable, table=True):
    """A statement on which two sides do not fit, until a later report says that they do. The records stay."""

    __tablename__ = "pairing_alarm"

    party: str = Field(primary_key=True, max_length=40)
    peer: str = Field(primary_key=True, max_length=40)
    ours: bool = Field(primary_key=True)
    sequence: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    kind: int
    statement: str = Field(default="", max_length=36)
    matter: str = Field(default="", max_length=36)
    since: datetime = Field(sa_type=Instant)

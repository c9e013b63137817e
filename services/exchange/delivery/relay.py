"""The relay: hands outbox rows to the stream, until the recipient's custody receipt is here; then asks for outcomes.

The stream's acknowledgement marks a row *relayed*, no more: it is not taken for durability. What has no custody receipt
after a growing delay is sent again under a new message id. Personal parts are sealed here, for the recipient's key
of today, from what is encrypted at rest. Asks for outcomes and for missing numbers go out here too.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice

import structlog
from nats.js.errors import APIError
from sqlalchemy import bindparam, func, select

from audit.formats.leaf import Kind
from audit.log.events import decode_leaf
from audit.tables import Leaf
from exchange.bus import subjects
from exchange.context import HostContext
from exchange.delivery.verification import MOST_ITEMS
from exchange.personal_data import vault
from exchange.statements import envelope, personal_part
from exchange.statements.protobuf_time import timestamp
from exchange.tables import Delivery, PairIn, PersonalPart
from exchange.tables import Inbox as InboxTable
from netral.exchange.v1 import receipt_pb2, statement_pb2
from storage.key_in import key_in
from storage.protocols import Connection
from storage.types import FoundRow, table

log = structlog.get_logger("exchange.delivery.relay")

# One NATS message: at most this many parcels and about this many bytes (the server's limit is 1 MiB).
BUNDLE_PARCELS = MOST_ITEMS[subjects.STATEMENT]
BUNDLE_BYTES = 400 * 1024

Publish = Callable[[subjects.Subject, bytes, dict[str, str]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Delays (seconds): before sending again without a custody receipt, and before asking for an outcome."""

    first: float = 5.0
    longest: float = 3600.0
    batch: int = 512

    def after(self, attempts: int) -> timedelta:
        """Doubles with each attempt."""
        return timedelta(seconds=min(self.first * 2 ** min(attempts, 20), self.longest))


@dataclass(frozen=True, slots=True)
class _Bundle:
    subject: subjects.Subject
    data: bytes
    headers: dict[str, str]
    rows: tuple[FoundRow, ...]


async def relay_once(desk: HostContext, publish: Publish, patience: RetryPolicy) -> int:
    """Do one batch; gives how many rows were due."""
    now = desk.now()
    delivery = table(Delivery)
    async with desk.database.read_latest() as connection:
        query = select(delivery).where(delivery.c.due <= now).order_by(delivery.c.id).limit(patience.batch)
        due = list(await connection.execute(query))
        sending = [row for row in due if row.awaits == "custody"]
        bundles, unsealable = await _bundles(desk, connection, sending) if sending else ([], [])
    bundles += _asks(desk, [row for row in due if row.awaits == "outcome"], now)
    handed = await asyncio.gather(*(_hand_over(publish, bundle) for bundle in bundles))
    done = [row for bundle, taken in handed if taken for row in bundle.rows]
    refused = [row for bundle, taken in handed if taken is False for row in bundle.rows]
    await _mark(desk, done, patience)
    await _postpone(desk, [*unsealable, *refused], now + patience.after(0))
    if lost := len(due) - len(done) - len(unsealable):
        raise ConnectionError(f"{lost} of {len(due)} statements were not taken by the stream")
    return len(due)


async def next_due(desk: HostContext) -> datetime | None:
    """When the next row of the outbox is due; None while nothing is on its way."""
    async with desk.database.read_latest() as connection:
        found: datetime | None = await connection.scalar(select(func.min(table(Delivery).c.due)))
    return found


async def next_gap_due(desk: HostContext) -> datetime | None:
    """When a peer is to be asked next for missing numbers; None while none are missing."""
    async with desk.database.read_latest() as connection:
        found: datetime | None = await connection.scalar(select(func.min(table(PairIn).c.ask_due)))
    return found


async def ask_for_gaps(desk: HostContext, publish: Publish, patience: RetryPolicy) -> int:
    """Ask each peer for the numbers that are missing from it, on growing delays."""
    now = desk.now()
    pairs, inbox = table(PairIn), table(InboxTable)
    async with desk.database.read_latest() as connection:
        gaps = list(await connection.execute(select(pairs).where(pairs.c.ask_due <= now).limit(100)))
        missing = {}
        for gap in gaps:
            here = select(inbox.c.sequence).where(
                inbox.c.party == gap.party, inbox.c.sender == gap.peer, inbox.c.sequence > gap.complete
            )
            numbers = {row.sequence for row in await connection.execute(here)}
            # Lazily: a peer may have used any number.
            lacking = (n for n in range(gap.complete + 1, gap.highest + 1) if n not in numbers)
            missing[gap.party, gap.peer] = list(islice(lacking, 1000))
    if not gaps:
        return 0
    for gap in gaps:
        ask = receipt_pb2.Ask(missing=missing[gap.party, gap.peer])
        bundle = _ask(desk, gap.party, gap.peer, ask, now)
        await publish(bundle.subject, bundle.data, bundle.headers)
    async with desk.database.write() as connection:
        for gap in gaps:
            await connection.execute(
                pairs.update()
                .where(pairs.c.party == gap.party, pairs.c.peer == gap.peer, pairs.c.ask_due.is_not(None))
                .values(asks=gap.asks + 1, ask_due=now + patience.after(gap.asks))
            )
    return len(gaps)


async def _bundles(
    desk: HostContext, connection: Connection, rows: Sequence[FoundRow]
) -> tuple[list[_Bundle], list[FoundRow]]:
    """Parcels of these rows, bundled per pair; and the rows whose recipient has no sealing key now."""
    leaves, parts = table(Leaf), table(PersonalPart)
    names = [(row.party, row.id) for row in rows]
    query = (
        select(leaves.c.ref, leaves.c.body, leaves.c.matter, parts.c.sealed)
        .outerjoin(parts, (parts.c.party == leaves.c.party) & (parts.c.source == leaves.c.ref))
        .where(
            key_in((leaves.c.party, leaves.c.ref), names),
            leaves.c.kind == int(Kind.STATEMENT),
            leaves.c.author == leaves.c.party,  # a peer may have used our id: a conflict, kept as well
        )
    )
    found = {row.ref: row for row in await connection.execute(query)}
    matters = {(row.party, found[row.id].matter) for row in rows if found[row.id].sealed is not None}
    keys = await desk.vault.keys(matters, make=False)
    bundles: list[_Bundle] = []
    unsealable: list[FoundRow] = []
    waiting: dict[tuple[str, str], list[tuple[FoundRow, statement_pb2.Parcel]]] = {}
    sizes: dict[tuple[str, str], int] = {}
    for row in rows:
        pair = (row.party, row.recipient)
        parcel = _parcel(desk, row, found[row.id], keys)
        if parcel is None:
            unsealable.append(row)
            continue
        size = parcel.ByteSize()
        full = len(waiting.get(pair, ())) >= BUNDLE_PARCELS or sizes.get(pair, 0) + size > BUNDLE_BYTES
        if full and waiting.get(pair):
            bundles.append(_bundle(pair, waiting.pop(pair)))
            sizes[pair] = 0
        waiting.setdefault(pair, []).append((row, parcel))
        sizes[pair] = sizes.get(pair, 0) + size
    if unsealable:
        names = sorted({row.recipient for row in unsealable})
        log.error("no sealing key is valid now", recipients=names, count=len(unsealable))
    return bundles + [_bundle(pair, parcels) for pair, parcels in waiting.items()], unsealable


def _parcel(
    desk: HostContext, row: FoundRow, leaf: FoundRow, keys: dict[tuple[str, str], bytes]
) -> statement_pb2.Parcel | None:
    """None: there is no key to seal its personal part to."""
    signed = decode_leaf(leaf.body).kept
    plain = _opened(leaf.sealed, keys.get((row.party, leaf.matter)), row.id)
    if not plain:
        return statement_pb2.Parcel(envelope=signed)
    recipient = desk.trust.get(row.recipient)
    to = recipient.sealing_key(desk.now()) if recipient else None
    if to is None:
        return None
    sealed = personal_part.seal(plain, to.public, sha256(signed).digest())
    part = statement_pb2.SealedPart(suite=personal_part.SUITE, key_id=to.key_id, sealed=sealed)
    return statement_pb2.Parcel(envelope=signed, personal=part)


def _opened(sealed: bytes | None, key: bytes | None, source: str) -> bytes:
    """Salt and personal part; empty if there is none, or if it was erased."""
    if sealed is None or key is None:
        return b""
    try:
        return vault.decrypt(key, sealed, source)
    except vault.Erased:
        return b""


def _bundle(pair: tuple[str, str], parcels: Sequence[tuple[FoundRow, statement_pb2.Parcel]]) -> _Bundle:
    """One NATS message. Its id is bound to its content and attempt: the stream's own window cannot swallow another."""
    data = statement_pb2.Parcels(parcels=[parcel for _, parcel in parcels]).SerializeToString()
    rows = tuple(row for row, _ in parcels)
    attempt = max(row.attempts for row in rows)
    headers = {"Nats-Msg-Id": f"{sha256(data).hexdigest()}.{attempt}", "Netral-Parcels": str(len(rows))}
    if len(rows) == 1:  # for tools only; nothing trusts them
        headers |= _cloud_event(parcels[0][1])
    return _Bundle(subjects.Subject(*pair, subjects.STATEMENT), data, headers, rows)


def _cloud_event(parcel: statement_pb2.Parcel) -> dict[str, str]:
    statement = statement_pb2.Statement.FromString(statement_pb2.Envelope.FromString(parcel.envelope).payload)
    return {
        "ce-specversion": "1.0",
        "ce-id": statement.id,
        "ce-type": statement.type,
        "ce-source": statement.source,
        "ce-time": statement.time.ToJsonString(),
    }


def _asks(desk: HostContext, rows: Sequence[FoundRow], now: datetime) -> list[_Bundle]:
    """One ask per pair for the outcomes of what is in custody there."""
    pairs: dict[tuple[str, str], list[FoundRow]] = {}
    for row in rows:
        pairs.setdefault((row.party, row.recipient), []).append(row)
    return [
        _ask(desk, party, peer, receipt_pb2.Ask(undecided=[row.id for row in asked]), now, tuple(asked))
        for (party, peer), asked in pairs.items()
    ]


def _ask(
    desk: HostContext,
    party: str,
    peer: str,
    ask: receipt_pb2.Ask,
    now: datetime,
    rows: tuple[FoundRow, ...] = (),
) -> _Bundle:
    ask.sender, ask.recipient = party, peer
    ask.time.CopyFrom(timestamp(now))
    keys = desk.keys[party]
    signed = envelope.sign(ask.SerializeToString(deterministic=True), envelope.ASK, keys.signing, keys.keyid)
    data = statement_pb2.Envelopes(envelopes=[signed]).SerializeToString()
    headers = {"Nats-Msg-Id": sha256(data).hexdigest()}
    return _Bundle(subjects.Subject(party, peer, subjects.ASK), data, headers, rows)


async def _hand_over(publish: Publish, bundle: _Bundle) -> tuple[_Bundle, bool | None]:
    """True if the stream took it, False if the stream refused it, None if the bus is away or did not answer."""
    try:
        await publish(bundle.subject, bundle.data, bundle.headers)
    except Exception as error:
        log.warning(
            "not taken", subject=str(bundle.subject), count=len(bundle.rows), error=type(error).__name__
        )
        return bundle, False if isinstance(error, APIError) else None
    return bundle, True


async def _mark(desk: HostContext, rows: Sequence[FoundRow], patience: RetryPolicy) -> None:
    """Mark rows relayed, and due again later. A crash before this sends them twice; the inbox keeps one."""
    if not rows:
        return
    delivery = table(Delivery)
    now = desk.now()
    # `awaits` in the condition: a receipt may have come in between, and its new due time stands.
    statement = (
        delivery.update()
        .where(delivery.c.id == bindparam("key"), delivery.c.awaits == bindparam("was"))
        .values(attempts=bindparam("new_attempts"), relayed=bindparam("at"), due=bindparam("next"))
    )
    values = [
        {
            "key": row.id,
            "was": row.awaits,
            "new_attempts": row.attempts + 1,
            "at": now,
            "next": now + patience.after(row.attempts),
        }
        for row in sorted(rows, key=lambda row: row.id)
    ]
    async with desk.database.write() as connection:
        await connection.execute(statement, values)


async def _postpone(desk: HostContext, rows: Sequence[FoundRow], due: datetime) -> None:
    """Postpone what cannot be sent now, without holding up the others."""
    if not rows:
        return
    delivery = table(Delivery)
    later = delivery.update().where(delivery.c.id == bindparam("key")).values(due=due)
    async with desk.database.write() as connection:  # in id order, as settling does
        await connection.execute(later, [{"key": id} for id in sorted(row.id for row in rows)])


async def publish_replies(publish: Publish, replies: dict[subjects.Subject, list[bytes]]) -> None:
    """Send receipts, many in one message. If this fails, the sender's repeat or ask brings them again."""
    most = MOST_ITEMS[subjects.RECEIPT]
    for subject, envelopes in replies.items():
        for start in range(0, len(envelopes), most):
            data = statement_pb2.Envelopes(envelopes=envelopes[start : start + most]).SerializeToString()
            await publish(subject, data, {})

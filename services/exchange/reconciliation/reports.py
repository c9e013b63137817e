"""Pairing: every statement that one party logged as sent must be in the other's log, in the same bytes, and the reverse.

Pairs that changed tell one another what their logs hold: numbers 1 to n of each way with one running digest, the places in
the log, the newest checkpoint. A report is signed, small, and sent beside the statements; it delays neither custody nor
anything else. Both sides keep its bytes in a record, so each log holds heads of the others: who rewrites a log contradicts
what it signed to each counterpart.

What is compared is the log's own bytes against what was sent or received here. What does not fit is an alarm: named by
number, statement and matter, recorded, logged, and shown until a later report says that it fits again. After a start each pair
is read again from its first number, so that a log that was changed underneath is told from what was reported before.
Number by number with proofs: `exchange.reconciliation.compare`.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

import structlog
from sqlalchemy import and_, delete, or_, select
from sqlmodel import SQLModel

from audit.formats.leaf import Kind
from audit.log import reads
from audit.log.events import decode_leaf
from audit.log.reads import NoSuchLog
from audit.tables import Leaf, LeafIndex
from exchange.bus import subjects
from exchange.context import Actor, HostContext
from exchange.delivery.batch import Batch
from exchange.delivery.verification import PairingArrival
from exchange.statements import envelope
from exchange.statements.protobuf_time import instant, timestamp
from exchange.tables import Inbox, Outbox, PairIn, PairingAlarm, PairingState, PairOut
from netral.exchange.v1 import pairing_pb2, statement_pb2
from netral.exchange.v1.pairing_pb2 import PairingGap
from storage.protocols import Connection
from storage.types import FoundRow, Values, table
from storage.upserts import insert_new, upsert

log = structlog.get_logger("exchange.reconciliation.reports")

Publish = Callable[[subjects.Subject, bytes, dict[str, str]], Awaitable[None]]

REPORT, COMPARE = "exchange.report_pairing", "exchange.compare_pairing"
SERVICE = Actor(statement_pb2.Actor.KIND_SERVICE, "pairing", "service")
BEGINNING = bytes(32)
# What is older than this when a peer reports must be in what it reports.
BOUND = timedelta(minutes=5)
# What a peer says it sent may still be under way.
_PATIENCE = timedelta(seconds=5)
# Pairs in one round, numbers in one report, and alarms of one comparison.
PAIRS, _NUMBERS, _GAPS = 100, 2000, 100


@dataclass(frozen=True, slots=True)
class ReportedRange:
    """Numbers 1 to `through` of one way, all in the log; `indexes` are those from `first` on."""

    through: int = 0
    digest: bytes = BEGINNING
    first: int = 1
    indexes: tuple[int, ...] = ()

    def message(self) -> pairing_pb2.PairingSide:
        return pairing_pb2.PairingSide(
            through=self.through, digest=self.digest, first=self.first, indexes=self.indexes
        )


@dataclass
class Pairing:
    """The reports of one host. It remembers which pairs it has read from their beginning since it started."""

    desk: HostContext
    _read: set[tuple[str, str]] = field(default_factory=set)
    _last: tuple[str, str] = ("", "")

    async def report(self, publish: Publish) -> int:
        """Report pairs that changed, or were not looked at since the start; gives how many reports were sent."""
        async with self.desk.database.read_latest() as connection:
            pairs = await self._due(connection)
            made = [(pair, await self._report(connection, *pair)) for pair in pairs]
        for pair, signed in made:
            if signed is not None:
                await self._send(publish, *pair, signed)
            self._read.add(pair)
            self._last = pair
        return sum(signed is not None for _, signed in made)

    async def _due(self, connection: Connection) -> list[tuple[str, str]]:
        """Pairs with more than was reported, and those not read since the start."""
        found: set[tuple[str, str]] = set()
        state = table(PairingState)
        for rows, count, reported in (
            (table(PairOut), "last", "reported_sent"),
            (table(PairIn), "complete", "reported_received"),
        ):
            same = and_(state.c.party == rows.c.party, state.c.peer == rows.c.peer)
            known = select(rows.c.party, rows.c.peer).select_from(rows.outerjoin(state, same))
            changed = known.where(or_(state.c.party.is_(None), rows.c[count] > state.c[reported]))
            found |= {(row.party, row.peer) for row in await connection.execute(changed.limit(10 * PAIRS))}
        every = select(state.c.party, state.c.peer)
        unread = {(row.party, row.peer) for row in await connection.execute(every)} - self._read
        served = {pair for pair in found | unread if pair[0] in self.desk.parties}
        # Round and round: pairs whose log does not go on must not keep the others from their turn.
        return sorted(served, key=lambda pair: (pair <= self._last, pair))[:PAIRS]

    async def _report(
        self, connection: Connection, party: str, peer: str
    ) -> tuple[pairing_pb2.PairingReport, bytes] | None:
        """A report, signed; None if the log holds what was reported and no more."""
        known = await state_of(connection, party, peer)
        whole = (party, peer) not in self._read
        sent = await range_in_log(connection, Outbox, party, peer, _before(known, "reported_sent", whole))
        received = await range_in_log(
            connection, Inbox, party, peer, _before(known, "reported_received", whole)
        )
        same = (known["reported_sent"], known["reported_sent_digest"]) == (sent.through, sent.digest) and (
            known["reported_received"],
            known["reported_received_digest"],
        ) == (received.through, received.digest)
        if same:
            return None
        try:
            checkpoint = (await reads.head(connection, party)).note
        except NoSuchLog:
            return None
        if sent.through < known["reported_sent"] or received.through < known["reported_received"]:
            log.critical("the log holds less than was reported", party=party, peer=peer)
        report = pairing_pb2.PairingReport(
            sender=party,
            recipient=peer,
            time=timestamp(self.desk.now()),
            received=received.message(),
            sent=sent.message(),
            checkpoint=checkpoint,
        )
        keys = self.desk.keys[party]
        payload = report.SerializeToString(deterministic=True)
        return report, envelope.sign(payload, envelope.PAIRING, keys.signing, keys.keyid)

    async def _send(
        self, publish: Publish, party: str, peer: str, made: tuple[pairing_pb2.PairingReport, bytes]
    ) -> None:
        """Send first, then remember: a crash in between sends it again, which does no harm."""
        report, signed = made
        data = statement_pb2.Envelopes(envelopes=[signed]).SerializeToString()
        headers = {"Nats-Msg-Id": sha256(data).hexdigest()}
        await publish(subjects.Subject(party, peer, subjects.PAIRING), data, headers)
        async with self.desk.database.write() as connection:
            batch = Batch(self.desk, connection)
            known = await state_of(connection, party, peer)
            known |= {
                "reported_sent": report.sent.through,
                "reported_sent_digest": report.sent.digest,
                "reported_received": report.received.through,
                "reported_received_digest": report.received.digest,
                "reported": batch.now,
            }
            await upsert(connection, PairingState, [known])
            _record(batch, party, REPORT, signed, [])
            await batch.flush()
        batch.notify_loops()


def _before(known: Values, name: str, whole: bool) -> ReportedRange:
    """From where to read on: what was reported, or the beginning."""
    return ReportedRange() if whole else ReportedRange(known[name], known[f"{name}_digest"], known[name] + 1)


async def state_of(connection: Connection, party: str, peer: str) -> Values:
    """The row of a pair, or what it would be at the beginning."""
    rows = table(PairingState)
    query = select(rows).where(rows.c.party == party, rows.c.peer == peer)
    row = (await connection.execute(query)).one_or_none()
    return dict(row._mapping) if row else PairingState.row(party=party, peer=peer)


async def range_in_log(
    connection: Connection, model: type[SQLModel], party: str, peer: str, before: ReportedRange
) -> ReportedRange:
    """Read what the log holds without a gap after `before`: of what was sent (`Outbox`) or received (`Inbox`).

    Statements whose bytes in the log are others than those that were sent or received do not count.
    """
    rows, leaf, index = table(model), table(Leaf), table(LeafIndex)
    other, author = (rows.c.recipient, party) if model is Outbox else (rows.c.sender, peer)
    its_leaf = and_(
        leaf.c.party == party,
        leaf.c.ref == rows.c.id,
        leaf.c.kind == int(Kind.STATEMENT),
        leaf.c.author == author,
    )
    through, digest, indexes = before.through, before.digest, list(before.indexes)
    first = before.first
    while True:
        page = (
            select(rows.c.sequence, rows.c.digest, leaf.c.body, index.c.index)
            .select_from(rows.join(leaf, its_leaf).join(index, index.c.leaf_id == leaf.c.id))
            .where(rows.c.party == party, other == peer, rows.c.sequence > through)
            .order_by(rows.c.sequence)
            .limit(_NUMBERS)
        )
        got: list[FoundRow] = list(await connection.execute(page))
        for sequence, kept, body, place in got:
            own = decode_leaf(body).digest
            if own != kept or sequence <= through:
                continue
            if sequence != through + 1:
                return ReportedRange(through, digest, first, tuple(indexes[-_NUMBERS:]))
            through, digest = sequence, sha256(digest + own).digest()
            indexes.append(place)
        if len(indexes) > _NUMBERS:
            first, indexes = first + len(indexes) - _NUMBERS, indexes[-_NUMBERS:]
        if len(got) < _NUMBERS:
            return ReportedRange(through, digest, first, tuple(indexes))


# --- what a peer reports ---------------------------------------------------------------------------------------------


async def compare(batch: Batch, arrival: PairingArrival, bound: timedelta = BOUND) -> list[PairingGap]:
    """Compare a peer's report with what is here, keep it in a record, raise and lift alarms; gives what does not fit."""
    connection, report = batch.connection, arrival.report
    party, peer, at = report.recipient, report.sender, instant(report.time)
    known = await state_of(connection, party, peer)
    if known["heard"] is not None and at <= known["heard"]:
        return []  # a repeat, or overtaken
    gaps: list[PairingGap] = []
    for ours, side, name in ((True, report.received, "heard_received"), (False, report.sent, "heard_sent")):
        comparison = _Comparison(connection, party, peer, ours, side, known[name], known[f"{name}_digest"])
        found = await comparison.run(at - bound)
        gaps += found
        if not found and side.through >= known[name] and comparison.agreed:
            known |= {name: side.through, f"{name}_digest": side.digest}
            await _lift(connection, party, peer, ours, side.through)
        if not ours:
            await _ask_for_the_rest(connection, batch, party, peer, side.through)
    known["heard"] = at
    await upsert(connection, PairingState, [known])
    await _raise(connection, batch, party, peer, gaps)
    _record(batch, party, COMPARE, arrival.envelope.data, gaps)
    return gaps


@dataclass
class _Comparison:
    """One way of a report against what is here; `heard` and `heard_digest` are what fitted last."""

    connection: Connection
    party: str
    peer: str
    ours: bool
    side: pairing_pb2.PairingSide
    heard: int
    heard_digest: bytes
    agreed: bool = False

    async def run(self, before: datetime) -> list[PairingGap]:
        """List what does not fit; what is younger than `before` may still be under way."""
        through = self.side.through
        if through < self.heard:
            return [gap async for gap in self._named(through + 1, self.heard, PairingGap.KIND_WENT_BACK)]
        digest, last = await self._digest(through)
        if last < through:
            if not self.ours:
                return []  # more is on its way to us
            kind = PairingGap.KIND_NEVER_SENT
            return [gap async for gap in self._named(last + 1, through, kind)]
        if digest != self.side.digest:
            kind = PairingGap.KIND_OTHER_BYTES
            return [gap async for gap in self._named(self.heard + 1, through, kind)]
        self.agreed = True
        return await self._overdue(through + 1, before)

    async def _digest(self, through: int) -> tuple[bytes, int]:
        """The running digest of what is here up to a number, or as far as there is no gap."""
        digest, last = self.heard_digest, self.heard
        async for row in self._rows(last + 1, through):
            if row.sequence != last + 1:
                break
            digest, last = sha256(digest + row.digest).digest(), row.sequence
        return digest, last

    async def _overdue(self, number: int, before: datetime) -> list[PairingGap]:
        """The first number that the peer does not say it holds, if it should by now."""
        async for row in self._rows(number, number):
            if self.ours and row.custody is not None and row.custody < before:
                return [self._gap(number, PairingGap.KIND_ACKNOWLEDGED_NOT_HELD, row)]
            if self.ours and row.created < before:
                return [self._gap(number, PairingGap.KIND_SENT_NOT_RECEIVED, row)]
            if not self.ours and row.received < before:
                return [self._gap(number, PairingGap.KIND_RECEIVED_NOT_SENT, row)]
        return []

    async def _named(
        self, first: int, last: int, kind: PairingGap.Kind.ValueType
    ) -> AsyncIterator[PairingGap]:
        last = min(last, first + _GAPS - 1)
        rows = {row.sequence: row async for row in self._rows(first, last)}
        for number in range(first, last + 1):
            yield self._gap(number, kind, rows.get(number))

    def _gap(self, number: int, kind: PairingGap.Kind.ValueType, row: FoundRow | None) -> PairingGap:
        id, matter = (row.id, row.matter) if row is not None else ("", "")
        return PairingGap(kind=kind, ours=self.ours, sequence=number, statement=id, matter=matter)

    async def _rows(self, first: int, last: int) -> AsyncIterator[FoundRow]:
        """Read what was sent to the peer, or received of it, by number."""
        rows = table(Outbox if self.ours else Inbox)
        other = rows.c.recipient if self.ours else rows.c.sender
        while first <= last:
            page = (
                select(rows)
                .where(rows.c.party == self.party, other == self.peer)
                .where(rows.c.sequence >= first, rows.c.sequence <= last)
                .order_by(rows.c.sequence)
                .limit(_NUMBERS)
            )
            got: list[FoundRow] = list(await self.connection.execute(page))
            for row in got:
                yield row
            if len(got) < _NUMBERS:
                return
            first = got[-1].sequence + 1


async def _ask_for_the_rest(connection: Connection, batch: Batch, party: str, peer: str, sent: int) -> None:
    """The peer says that it sent more than has come: what is missing at the end is asked for too, like any gap."""
    pairs = table(PairIn)
    if not sent:
        return
    await insert_new(connection, PairIn, [PairIn.row(party=party, peer=peer)])
    await connection.execute(
        pairs.update()
        .where(pairs.c.party == party, pairs.c.peer == peer, pairs.c.highest < sent)
        .values(highest=sent, asks=0, ask_due=batch.now + _PATIENCE)
    )


async def _lift(connection: Connection, party: str, peer: str, ours: bool, through: int) -> None:
    alarms = table(PairingAlarm)
    await connection.execute(
        delete(alarms).where(
            alarms.c.party == party,
            alarms.c.peer == peer,
            alarms.c.ours == ours,
            alarms.c.sequence <= through,
        )
    )


async def _raise(
    connection: Connection, batch: Batch, party: str, peer: str, gaps: Sequence[PairingGap]
) -> None:
    rows = [
        {
            "party": party,
            "peer": peer,
            "ours": gap.ours,
            "sequence": gap.sequence,
            "kind": gap.kind,
            "statement": gap.statement,
            "matter": gap.matter,
            "since": batch.now,
        }
        for gap in gaps
    ]
    await insert_new(connection, PairingAlarm, rows)
    for gap in gaps:
        kind = PairingGap.Kind.Name(gap.kind)
        log.error("pairing", party=party, peer=peer, kind=kind, sequence=gap.sequence, matter=gap.matter)


def _record(batch: Batch, party: str, action: str, signed: bytes, gaps: Sequence[PairingGap]) -> None:
    """The record of a report; about the matter that does not fit, if it is one."""
    matters = {gap.matter for gap in gaps}
    matter = matters.pop() if len(matters) == 1 else ""
    tx = batch.transaction(party, SERVICE, source="inbox" if action == COMPARE else "clock")
    facts = pairing_pb2.PairingKept(report=signed, gaps=gaps)
    tx.record(action, matter, "", "", facts, statements=())
    batch.accept(tx)

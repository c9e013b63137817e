"""The inbox: a batch of arrivals takes effect in one commit, exactly once, and is acknowledged after it.

Order inside the commit: receipts settle the outbox; statements are told apart (new, repeat, conflict), checked for the
sender's right to send them, and handled; what waited for them is handled too; gaps are noted; a receipt is signed for
each. If a batch fails it is rolled back and its messages are run one by one, so that only the bad one is parked.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, TypeVar

import structlog
from google.protobuf.message import Message
from sqlalchemy import bindparam, func, literal, select, tuple_, union_all, update
from sqlalchemy.exc import InterfaceError, OperationalError

from audit.formats.leaf import Kind
from audit.tables import Leaf
from exchange.bus import subjects
from exchange.context import Actor, FactKey, HostContext
from exchange.delivery import verification
from exchange.delivery.batch import Batch
from exchange.delivery.transaction import INBOX, Transaction
from exchange.delivery.verification import (
    AskArrival,
    PairingArrival,
    ReceiptArrival,
    UnverifiableBytes,
    VerifiedStatement,
)
from exchange.personal_data import vault
from exchange.statements import receipts
from exchange.statements.envelope import read as read_envelope
from exchange.statements.protobuf_time import instant
from exchange.statements.receipts import PARKED, REFUSED, TAKEN_UP, WAITING
from exchange.tables import (
    ConflictSeen,
    Delivery,
    DroppedBytes,
    Inbox,
    Outbox,
    PairIn,
    ParkedBytes,
    PersonalPart,
)
from netral.exchange.v1 import statement_pb2
from netral.exchange.v1.pairing_pb2 import PairingGap
from refusals import NotFound, Refusal, WrongState
from storage.engines import retry_on_conflict
from storage.key_in import key_in
from storage.types import table
from storage.upserts import insert, insert_new, upsert

T = TypeVar("T")

log = structlog.get_logger("exchange.delivery.inbox")

# A sender's clock may run ahead of ours by this much.
CLOCK_SKEW = timedelta(minutes=5)
# Unauthenticated messages kept per party.
STRAY_QUOTA = 1_000
# Names in one query.
_AT_ONCE = 5_000
_GAP_PATIENCE = timedelta(seconds=5)

# The record of a personal part that came for a matter that was erased here: it was not opened.
NOT_KEPT = "exchange.part_not_kept"

SERVICE = Actor(statement_pb2.Actor.KIND_SERVICE, "inbox", "service")


@dataclass(frozen=True, slots=True)
class IncomingStatement:
    """A statement as a handler sees it. `facts` is the desk's own event; `part` the opened personal part; `envelope` the
    signed bytes.
    """

    id: str
    type: str
    sender: str
    recipient: str
    matter: str
    case_id: str
    time: datetime
    facts: Message
    part: bytes
    causation: str
    copy_of: str
    envelope: bytes = b""


@dataclass(frozen=True, slots=True)
class Handler:
    """What a desk does with a statement type: the message its facts must be, and a function that only buffers.

    `needs` are the first words of the facts on the matter that it changes. What does not wait takes effect though an earlier
    statement on the matter is not here: an order to erase must not wait for what is erased.
    """

    facts: type[Message]
    handle: Callable[[Transaction, IncomingStatement], None]
    needs: tuple[str, ...] = ("matter",)
    waits: bool = True


Handlers = Mapping[str, Handler]
CompareReport = Callable[[Batch, PairingArrival], Awaitable[Sequence[PairingGap]]]
"""Compares what a peer reports with what is here (`exchange.reconciliation.reports`)."""


@dataclass
class _Incoming:
    """A statement on its way through the batch."""

    arrival: VerifiedStatement
    state: str = ""
    reason: str = ""
    detail: str = ""
    lawful: bool = True  # whether its sender had the right to send it
    received: datetime | None = None
    first_digest: bytes = b""
    sent_here: bool = False  # by the recipient itself, in another role: its log has the leaf

    @property
    def name(self) -> tuple[str, str]:
        return self.arrival.statement.recipient, self.arrival.statement.id

    @property
    def number(self) -> tuple[str, str, int]:
        statement = self.arrival.statement
        return statement.recipient, statement.sender, statement.sequence


@dataclass
class Result:
    """What is to be said after the commit: envelopes per subject."""

    replies: dict[subjects.Subject, list[bytes]] = field(default_factory=dict)
    settled: int = 0

    def reply(self, subject: subjects.Subject, data: bytes) -> None:
        self.replies.setdefault(subject, []).append(data)


async def process_messages(
    desk: HostContext, handlers: Handlers, messages: Sequence[tuple[str, bytes]], compare: CompareReport
) -> Result:
    """Let a batch of NATS messages (subject, data) take effect in one commit; `compare` takes peers' reports.

    Raises whatever the database raises; then nothing has happened.
    """
    return await retry_on_conflict(lambda: _take(desk, handlers, messages, compare))


async def _take(
    desk: HostContext, handlers: Handlers, messages: Sequence[tuple[str, bytes]], compare: CompareReport
) -> Result:
    now = desk.now()
    arrived = [
        item for subject, data in messages for item in verification.verify_message(desk, subject, data, now)
    ]
    result = Result()
    async with desk.database.write() as connection:
        batch = Batch(desk, connection)
        work = _Inbox(batch, handlers, result)
        await work.settle([item for item in arrived if isinstance(item, ReceiptArrival)])
        await work.take_in([item for item in arrived if isinstance(item, VerifiedStatement)])
        await work.answer([item for item in arrived if isinstance(item, AskArrival)])
        for report in [item for item in arrived if isinstance(item, PairingArrival)]:
            await compare(batch, report)
        await work.set_aside([item for item in arrived if isinstance(item, UnverifiableBytes)])
        await batch.flush()
    batch.notify_loops()
    return result


async def park_failed(
    desk: HostContext, subject: str, data: bytes, error: BaseException, compare: CompareReport
) -> Result:
    """Keep a message that cannot be handled alone: authentic statements get custody and are PARKED.

    What cannot even be kept so is set aside as bytes, without a receipt: it must not come again for ever and hold up
    what is behind it. Its sender goes on sending it.
    """
    try:
        return await process_messages(desk, _Failing(type(error).__name__), [(subject, data)], compare)
    except (OperationalError, InterfaceError, OSError):
        raise  # the database is away: the message comes again
    except Exception as second:
        log.error("cannot be kept", error=type(second).__name__)
        to = subjects.parse(subject)
        party = to.recipient if to is not None and to.recipient in desk.parties else ""
        stray = UnverifiableBytes(party, subject, "CANNOT_BE_KEPT", type(second).__name__, data)
        async with desk.database.write() as connection:
            await _Inbox(Batch(desk, connection), {}, Result()).set_aside([stray])
        return Result()


async def retry_parked(batch: Batch, handlers: Handlers, party: str, id: str, *, give_back: bool) -> Result:
    """Handle a parked or waiting statement again, or give it back: refused with reason RETURNED. Flush after it.

    Raises:
        NotFound: no such statement is held up at this party.
        WrongState: it failed again, and stays parked.
    """
    result = Result()
    await _Inbox(batch, handlers, result).reopen(party, id, give_back)
    return result


class _Failing(dict[str, Handler]):
    """A handler table in which every type fails, to park what could not be flushed."""

    def __init__(self, error: str) -> None:
        super().__init__()
        self.error = error


class _Inbox:
    """The steps of one batch."""

    def __init__(self, batch: Batch, handlers: Handlers, result: Result) -> None:
        self.batch = batch
        self.desk = batch.desk
        self.connection = batch.connection
        self.now = batch.now
        self.handlers = handlers
        self.result = result
        self.kept: set[bytes] = set()

    # --- receipts for what we sent ---------------------------------------------------------------------------

    async def settle(self, arrived: Sequence[ReceiptArrival]) -> None:
        """Receipts settle outbox rows and become leaves; a repeat of a kept receipt does nothing."""
        for some in _slices(arrived):
            await self._settle(some)

    async def _settle(self, arrived: Sequence[ReceiptArrival]) -> None:
        outbox = table(Outbox)
        ids = sorted({item.receipt.statement_id for item in arrived})
        query = select(outbox).where(outbox.c.id.in_(ids)).order_by(outbox.c.id).with_for_update()
        sent = {row.id: row._asdict() for row in await self.connection.execute(query)}
        self.kept |= await self._kept_receipts(
            {(item.receipt.sender, item.receipt.statement_id) for item in arrived}
        )
        changed: set[str] = set()
        for item in arrived:
            receipt = item.receipt
            row = sent.get(receipt.statement_id)
            if row is None or (row["party"], row["recipient"]) != (receipt.sender, receipt.recipient):
                stray = UnverifiableBytes(
                    receipt.sender,
                    "",
                    "UNKNOWN_STATEMENT",
                    "a receipt for nothing we sent",
                    item.envelope.data,
                )
                await self.set_aside([stray])
                continue
            body = bytes([Kind.RECEIPT]) + item.envelope.data
            if body not in self.kept:
                self.kept.add(body)
                self._keep_receipt(item, row)
            if row["digest"] == receipt.envelope_digest:
                _apply_receipt(row, item)
                changed.add(row["id"])
        await self._write_settled([sent[id] for id in sorted(changed)])

    async def _kept_receipts(self, names: set[tuple[str, str]]) -> set[bytes]:
        leaves = table(Leaf)
        query = select(leaves.c.body).where(
            key_in((leaves.c.party, leaves.c.ref), names), leaves.c.kind == int(Kind.RECEIPT)
        )
        return {row.body for row in await self.connection.execute(query)}

    def _keep_receipt(self, item: ReceiptArrival, row: Mapping[str, Any]) -> None:
        receipt = item.receipt
        self.batch.add_leaf(
            receipt.sender,
            Kind.RECEIPT,
            item.envelope.data,
            ref=receipt.statement_id,
            matter=row["matter"],
            type=receipts.TYPES[receipt.stage],
            actor="",
            author=receipt.recipient,
            time=instant(receipt.time),
        )

    async def _write_settled(self, rows: Sequence[dict[str, Any]]) -> None:
        if not rows:
            return
        outbox, delivery = table(Outbox), table(Delivery)
        marks = ("custody", "decided", "outcome", "reason")
        settle = (
            outbox.update()
            .where(outbox.c.id == bindparam("key"))
            .values({m: bindparam(f"new_{m}") for m in marks})
        )
        values = [{"key": row["id"]} | {f"new_{mark}": row[mark] for mark in marks} for row in rows]
        await self.connection.execute(settle, values)
        decided = [row["id"] for row in rows if row["outcome"]]
        held = [row["id"] for row in rows if not row["outcome"]]
        if decided:
            # Locked in id order, as the relay does: two bulk statements could lock each other out.
            locked = (
                select(delivery.c.id)
                .where(delivery.c.id.in_(decided))
                .order_by(delivery.c.id)
                .with_for_update()
            )
            await self.connection.execute(locked)
            await self.connection.execute(delivery.delete().where(delivery.c.id.in_(decided)))
        if held:
            wait = {"awaits": "outcome", "attempts": 0, "due": self.now + _GAP_PATIENCE}
            await self.connection.execute(update(delivery).where(delivery.c.id.in_(held)).values(wait))
        self.result.settled += len(decided)

    # --- statements for us -----------------------------------------------------------------------------------

    async def take_in(self, arrived: Sequence[VerifiedStatement]) -> None:
        """New statements take effect, repeats are answered again, conflicts are signed."""
        if not arrived:
            return
        cases = await self._told_apart(arrived)
        fresh = [case for case in cases if not case.state]
        await self._decide(fresh)
        await self._record(fresh)
        await self._release(cases)
        await self._note_gaps(fresh)

    async def _told_apart(self, arrived: Sequence[VerifiedStatement]) -> list[_Incoming]:
        """Drop repeats (answered with their kept receipts) and sign conflicts; gives the new ones, in order."""
        inbox, outbox = table(Inbox), table(Outbox)
        cases = sorted((_Incoming(item) for item in arrived), key=lambda case: case.number)
        ids = {case.name for case in cases}
        numbers = {case.number for case in cases}
        columns = (inbox.c.party, inbox.c.id, inbox.c.sender, inbox.c.sequence, inbox.c.digest)
        # Our own statements' ids are taken, and known to peers.
        ours = (outbox.c.party, outbox.c.id, literal(""), outbox.c.sequence, outbox.c.digest)
        query = union_all(
            select(*columns).where(key_in((inbox.c.party, inbox.c.id), ids)),
            select(*columns).where(key_in((inbox.c.party, inbox.c.sender, inbox.c.sequence), numbers)),
            select(*ours).where(key_in((outbox.c.party, outbox.c.id), ids)),
        )
        found = list(await self.connection.execute(query))
        by_id = {(row.party, row.id): row.digest for row in found if row.sender}
        own = {(row.party, row.id): row.digest for row in found if not row.sender}
        by_number = {(row.party, row.sender, row.sequence): row.digest for row in found if row.sender}
        fresh: list[_Incoming] = []
        repeats: list[_Incoming] = []
        conflicts: list[_Incoming] = []
        for case in cases:
            first = by_id.get(case.name)
            if first is None and own.get(case.name, case.arrival.digest) != case.arrival.digest:
                first = own[case.name]
            if first == case.arrival.digest:
                repeats.append(case)
            elif first is not None:
                case.state, case.reason, case.first_digest = REFUSED, "CONFLICT_ID", first
                conflicts.append(case)
            elif case.number in by_number:
                case.state, case.reason, case.first_digest = (
                    REFUSED,
                    "CONFLICT_SEQUENCE",
                    by_number[case.number],
                )
                conflicts.append(case)
            else:
                by_id[case.name] = by_number[case.number] = case.arrival.digest
                case.sent_here = case.name in own
                fresh.append(case)
        await self._sign_conflicts(conflicts)
        await self._answer_again({(case.name[0], case.name[1]) for case in repeats})
        return fresh

    async def _sign_conflicts(self, conflicts: Sequence[_Incoming]) -> None:
        """Keep the second bytes as evidence, once, and refuse them in a signed receipt that names both."""
        if not conflicts:
            return
        seen = table(ConflictSeen)
        digests = {(case.name[0], case.arrival.digest) for case in conflicts}
        query = select(seen.c.party, seen.c.digest).where(tuple_(seen.c.party, seen.c.digest).in_(digests))
        known = {(row.party, row.digest) for row in await self.connection.execute(query)}
        rows = []
        for case in conflicts:
            statement, digest = case.arrival.statement, case.arrival.digest
            if (statement.recipient, digest) in known:
                await self._answer_again({case.name})
                continue
            known.add((statement.recipient, digest))
            case.received = self.now
            self._add_statement_leaf(case)
            self._add_receipt(case)
            rows.append(
                {
                    "party": statement.recipient,
                    "digest": digest,
                    "id": statement.id,
                    "sender": statement.sender,
                    "type": statement.type,
                    "matter": statement.subject,
                    "reason": case.reason,
                    "first_digest": case.first_digest,
                    "received": self.now,
                }
            )
        await insert(self.connection, ConflictSeen, rows)

    async def _answer_again(self, names: set[tuple[str, str]]) -> None:
        """Send the kept receipts of these statements once more, byte for byte."""
        if not names:
            return
        leaves = table(Leaf)
        query = (
            select(leaves.c.party, leaves.c.body)
            .where(key_in((leaves.c.party, leaves.c.ref), names), leaves.c.kind == int(Kind.RECEIPT))
            .order_by(leaves.c.id)
        )
        for row in await self.connection.execute(query):
            data = row.body[1:]
            receipt = receipts.read(read_envelope(data))
            if receipt.recipient == row.party:
                self.result.reply(subjects.Subject(receipt.recipient, receipt.sender, subjects.RECEIPT), data)

    async def _decide(self, cases: Sequence[_Incoming]) -> None:
        """Refuse what its sender may not send, let wait what needs an earlier statement first, handle the rest."""
        earlier = {(c.name[0], c.arrival.statement.after) for c in cases if c.arrival.statement.after}
        states = await self._states(earlier)
        await self._load(cases)
        for case in cases:
            case.received = self.now
            after = (case.name[0], case.arrival.statement.after)
            try:
                self._check_right(case.arrival)
            except Refusal as refusal:
                case.state, case.reason, case.detail = REFUSED, refusal.reason, refusal.message
                case.lawful = False
            else:
                waits = after[1] and self._waits(case.arrival.statement.type)
                if waits and states.get(after, WAITING) in (WAITING, PARKED):
                    case.state, case.reason = WAITING, "WAITS_FOR_EARLIER"
                else:
                    self._handle(case)
            states[case.name] = case.state

    def _waits(self, type: str) -> bool:
        return type not in self.handlers or self.handlers[type].waits

    async def _states(self, names: set[tuple[str, str]]) -> dict[tuple[str, str], str]:
        if not names:
            return {}
        inbox = table(Inbox)
        query = select(inbox.c.party, inbox.c.id, inbox.c.state).where(
            key_in((inbox.c.party, inbox.c.id), names)
        )
        return {(row.party, row.id): row.state for row in await self.connection.execute(query)}

    def _check_right(self, arrival: VerifiedStatement) -> None:
        """The sender's right to send this type at that time, under a basis that permits it.

        What it says of the basis names it, and never repeats what a sender made up.
        """
        statement, at = arrival.statement, arrival.time
        if at > self.now + CLOCK_SKEW:
            raise Refusal("the statement is dated in the future", reason="TIME_IN_FUTURE")
        words = statement.type.split(".")
        if len(words) != 4 or words[0] != "netral" or words[1] != statement.role:
            raise Refusal("the type is not one of the role", reason="TYPE_NOT_ALLOWED")
        if not isinstance(self.handlers, _Failing) and statement.type not in self.handlers:
            raise Refusal("this desk takes no statements of this type", reason="UNKNOWN_TYPE")
        law = self.desk.law
        on = at.astimezone(law.zone(statement.sender)).date()
        objection = law.objection(statement.legal_basis, statement.type, statement.role, statement.sender, on)
        if not self.desk.may_send(statement.sender, statement.type, statement.role, at):
            basis = objection or f"{statement.legal_basis} is the basis of the role, not of the sender"
            raise Refusal(f"the sender did not hold the role on {on}; {basis}", reason="ROLE_NOT_HELD")
        if objection:
            raise Refusal(objection, reason="NO_LEGAL_BASIS")

    async def _load(self, cases: Sequence[_Incoming]) -> None:
        keys = {key for case in cases for key in self._keys(case)}
        for names in _slices(sorted(keys)):
            await self.batch.load(names)

    def _keys(self, case: _Incoming) -> list[FactKey]:
        """The facts that the handler of a statement reads."""
        statement = case.arrival.statement
        handler = self.handlers.get(statement.type)
        return [(word, statement.recipient, statement.subject) for word in handler.needs] if handler else []

    def _handle(self, case: _Incoming) -> None:
        """Run the handler; it only buffers, so a refusal or failure of one leaves the others alone."""
        statement = case.arrival.statement
        tx = self.batch.transaction(
            statement.recipient, SERVICE, source=INBOX, cause=statement.id, keys=self._keys(case)
        )
        try:
            if isinstance(self.handlers, _Failing):
                raise RuntimeError(self.handlers.error)
            handler = self.handlers[statement.type]
            handler.handle(tx, _received(case.arrival, handler))
        except Refusal as refusal:
            case.state, case.reason, case.detail = REFUSED, refusal.reason, refusal.message
        except Exception as error:
            log.error("parked", statement=statement.id, type=statement.type, error=type(error).__name__)
            case.state, case.reason, case.detail = PARKED, "HANDLER_FAILED", type(error).__name__
        else:
            case.state = TAKEN_UP
            self.batch.accept(tx)

    async def _record(self, cases: Sequence[_Incoming]) -> None:
        """Leaf, inbox row and receipt of each new statement, and its personal part.

        Personal data that its sender had no right to send are not kept: what proves the refusal carries none.
        """
        rows = []
        for case in cases:
            statement = case.arrival.statement
            if not case.sent_here:
                self._add_statement_leaf(case)
            self._add_receipt(case)
            if case.arrival.plain and case.lawful:
                tx = self.batch.transaction(statement.recipient, SERVICE, source=INBOX)
                tx.keep_personal_part(statement.id, statement.subject, statement.type, case.arrival.plain)
                self.batch.accept(tx)
            elif statement.commitment and self.desk.vault.is_erased(statement.recipient, statement.subject):
                tx = self.batch.transaction(statement.recipient, SERVICE, source=INBOX, cause=statement.id)
                tx.record(NOT_KEPT, statement.subject, statement.case_id, "", statements=[statement.id])
                self.batch.accept(tx)
            rows.append(
                {
                    "party": statement.recipient,
                    "id": statement.id,
                    "sender": statement.sender,
                    "sequence": statement.sequence,
                    "type": statement.type,
                    "matter": statement.subject,
                    "after": statement.after,
                    "digest": case.arrival.digest,
                    "state": case.state,
                    "reason": case.reason,
                    "detail": case.detail,
                    "received": self.now,
                    "decided": self.now if case.state in (TAKEN_UP, REFUSED) else None,
                }
            )
        await insert(self.connection, Inbox, rows)

    def _add_statement_leaf(self, case: _Incoming) -> None:
        statement = case.arrival.statement
        self.batch.add_leaf(
            statement.recipient,
            Kind.STATEMENT,
            case.arrival.envelope.data,
            ref=statement.id,
            matter=statement.subject,
            type=statement.type,
            actor=statement.actor.id,
            author=statement.sender,
            time=case.arrival.time,
        )

    def _add_receipt(self, case: _Incoming) -> None:
        statement = case.arrival.statement
        about = receipts.Subject(
            statement.id,
            case.arrival.digest,
            statement.sender,
            statement.recipient,
            statement.sequence,
            statement.subject,
            case.received or self.now,
        )
        keys = self.desk.keys[statement.recipient]
        type, data = receipts.make(about, case.state, case.reason, self.now, keys, case.first_digest)
        self.batch.add_leaf(
            statement.recipient,
            Kind.RECEIPT,
            data,
            ref=statement.id,
            matter=statement.subject,
            type=type,
            actor=SERVICE.id,
            author=statement.recipient,
            time=self.now,
        )
        self.result.reply(subjects.Subject(statement.recipient, statement.sender, subjects.RECEIPT), data)

    async def _release(self, cases: Sequence[_Incoming]) -> None:
        """Handle what waited for statements that are decided now, and what waited for those.

        What came in this batch is taken from it: its leaf is not written yet.
        """
        here = {case.name: case for case in cases}
        decided = {case.name for case in cases if case.state in (TAKEN_UP, REFUSED)}
        while decided:
            released = await self._waiting_for(decided, here)
            await self._rerun(released)
            decided = {case.name for case in released if case.state in (TAKEN_UP, REFUSED)}

    async def _waiting_for(
        self, names: set[tuple[str, str]], here: Mapping[tuple[str, str], _Incoming]
    ) -> list[_Incoming]:
        inbox = table(Inbox)
        query = (
            select(inbox.c.party, inbox.c.id)
            .where(key_in((inbox.c.party, inbox.c.after), names), inbox.c.state == WAITING)
            .order_by(inbox.c.party, inbox.c.sender, inbox.c.sequence)
        )
        waiting = [(row.party, row.id) for row in await self.connection.execute(query)]
        cases = [
            *await self._reopen([name for name in waiting if name not in here]),
            *(replace(here[name], state="", reason="") for name in waiting if name in here),
        ]
        return sorted(cases, key=lambda case: case.number)

    async def _reopen(self, names: Sequence[tuple[str, str]]) -> list[_Incoming]:
        """Statements in custody, with their personal parts, as if they had just arrived."""
        return [case for some in _slices(names) for case in await self._reopen_some(some)]

    async def _reopen_some(self, names: Sequence[tuple[str, str]]) -> list[_Incoming]:
        leaves, parts, inbox = table(Leaf), table(PersonalPart), table(Inbox)
        query = (
            select(leaves.c.body, leaves.c.party, parts.c.sealed, inbox.c.received, inbox.c.digest)
            .join(inbox, (inbox.c.party == leaves.c.party) & (inbox.c.id == leaves.c.ref))
            .outerjoin(parts, (parts.c.party == leaves.c.party) & (parts.c.source == leaves.c.ref))
            .where(key_in((leaves.c.party, leaves.c.ref), names), leaves.c.kind == int(Kind.STATEMENT))
            .order_by(leaves.c.id)
        )
        rows = list(await self.connection.execute(query))
        cases = []
        for row in rows:
            opened = read_envelope(row.body[1:])
            if opened.digest != row.digest:
                continue  # the second bytes of a conflict
            statement = statement_pb2.Statement.FromString(opened.payload)
            plain = b""
            if row.sealed is not None:
                matter = (row.party, statement.subject)
                keys = await self.desk.vault.keys([matter], make=False)
                with suppress(KeyError, vault.Erased):  # it takes effect without its part
                    plain = vault.decrypt(keys[matter], row.sealed, statement.id)
            cases.append(
                _Incoming(VerifiedStatement(opened, opened.digest, statement, plain), received=row.received)
            )
        return cases

    async def reopen(self, party: str, id: str, give_back: bool) -> None:
        inbox = table(Inbox)
        query = select(inbox.c.id).where(
            inbox.c.party == party, inbox.c.id == id, inbox.c.state.in_((PARKED, WAITING))
        )
        found = await self.connection.scalar(query.with_for_update())
        cases = await self._reopen([(party, id)]) if found else []
        if not cases:
            raise NotFound("nothing of this name is held up at this party", field="name")
        if give_back:
            cases[0].state, cases[0].reason = REFUSED, "RETURNED"
        await self._rerun(cases)
        if cases[0].state == PARKED:
            raise WrongState(f"it failed again: {cases[0].detail}", reason="STILL_PARKED")
        await self._release(cases)

    async def _rerun(self, cases: Sequence[_Incoming]) -> None:
        await self._load(cases)
        inbox = table(Inbox)
        for case in cases:
            if not case.state:
                self._handle(case)
            self._add_receipt(case)
            await self.connection.execute(
                update(inbox)
                .where(inbox.c.party == case.name[0], inbox.c.id == case.name[1])
                .values(
                    state=case.state,
                    reason=case.reason,
                    detail=case.detail,
                    decided=self.now if case.state in (TAKEN_UP, REFUSED) else None,
                )
            )

    # --- completeness ----------------------------------------------------------------------------------------

    async def _note_gaps(self, cases: Sequence[_Incoming]) -> None:
        """Move each pair's `complete` mark over what is here without gaps; remember to ask for the rest."""
        if not cases:
            return
        pairs_in, inbox = table(PairIn), table(Inbox)
        pairs = sorted({(case.name[0], case.arrival.statement.sender) for case in cases})
        query = select(pairs_in).where(key_in((pairs_in.c.party, pairs_in.c.peer), pairs)).with_for_update()
        known = {(row.party, row.peer): row._asdict() for row in await self.connection.execute(query)}
        if len(known) < len(pairs):
            # Made first, so that there is a row to lock: who holds it sees what others have committed.
            nothing = {"complete": 0, "highest": 0, "asks": 0, "ask_due": None}
            new = [{"party": party, "peer": peer, **nothing} for party, peer in pairs]
            await insert_new(self.connection, PairIn, new)
            known = {(row.party, row.peer): row._asdict() for row in await self.connection.execute(query)}
        rows = []
        for pair in pairs:
            row = known[pair]
            came = {c.number[2] for c in cases if c.number[:2] == pair}
            had_all = row["complete"] == row["highest"]
            row["highest"] = max(row["highest"], *came)
            # Without the number that follows, the mark stays; what lies beyond a gap is not read for nothing.
            if row["complete"] + 1 in came:
                if had_all and row["highest"] - row["complete"] == len(came):
                    row["complete"] = row["highest"]
                else:
                    seen = select(inbox.c.sequence).where(
                        inbox.c.party == pair[0],
                        inbox.c.sender == pair[1],
                        inbox.c.sequence > row["complete"],
                    )
                    numbers = {found.sequence for found in await self.connection.execute(seen)}
                    while row["complete"] + 1 in numbers:
                        row["complete"] += 1
            gap = row["complete"] < row["highest"]
            if not gap:
                row["asks"], row["ask_due"] = 0, None
            elif row["ask_due"] is None:
                row["ask_due"] = self.now + _GAP_PATIENCE
            rows.append(row)
        await upsert(self.connection, PairIn, rows)

    async def answer(self, asks: Sequence[AskArrival]) -> None:
        """What others miss: send statements again, answer with kept receipts."""
        outbox = table(Outbox)
        for item in asks:
            ask = item.ask
            await self._answer_again({(ask.recipient, id) for id in ask.undecided[:1000]})
            if not ask.missing:
                continue
            query = select(outbox.c.id, outbox.c.party, outbox.c.recipient).where(
                outbox.c.party == ask.recipient,
                outbox.c.recipient == ask.sender,
                outbox.c.sequence.in_(list(ask.missing[:1000])),
            )
            retry_on_conflict = [
                {
                    "id": row.id,
                    "party": row.party,
                    "recipient": row.recipient,
                    "awaits": "custody",
                    "attempts": 1,
                    "relayed": None,
                    "due": self.now,
                }
                for row in await self.connection.execute(query)
            ]
            if retry_on_conflict:
                delivery = table(Delivery)
                # What it gave custody for is asked for too: it went back to an old backup. One attempt more is a
                # new message id, or the stream would take it for a repeat.
                due = (
                    update(delivery)
                    .where(delivery.c.id.in_([row["id"] for row in retry_on_conflict]))
                    .values(awaits="custody", attempts=delivery.c.attempts + 1, due=self.now)
                )
                await self.connection.execute(due)
                await insert_new(self.connection, Delivery, retry_on_conflict)
                self.desk.sent.set()

    # --- what nobody signed ----------------------------------------------------------------------------------

    async def set_aside(self, strays: Sequence[UnverifiableBytes]) -> None:
        """Park bytes that nobody signed, under a quota per party; what is over the quota is counted and dropped."""
        parked = table(ParkedBytes)
        for stray in strays:
            digest = sha256(stray.body).digest()
            log.warning("set aside", reason=stray.reason, party=stray.party, size=len(stray.body))
            mine = parked.c.party == stray.party
            count = await self.connection.scalar(select(func.count()).where(mine))
            if await self.connection.scalar(
                select(parked.c.id).where(mine, parked.c.digest == digest).limit(1)
            ):
                continue
            if (count or 0) >= STRAY_QUOTA:
                await insert_new(self.connection, DroppedBytes, [{"party": stray.party, "dropped": 0}])
                dropped = table(DroppedBytes)
                await self.connection.execute(
                    update(dropped)
                    .where(dropped.c.party == stray.party)
                    .values(dropped=dropped.c.dropped + 1)
                )
                continue
            row = {
                "id": next(self.desk.leaf_ids),
                "party": stray.party,
                "subject": "".join(sign if sign.isprintable() else "?" for sign in stray.subject[:200]),
                "reason": stray.reason,
                "detail": stray.detail[:500],
                "digest": digest,
                "body": stray.body,
                "received": self.now,
            }
            await insert(self.connection, ParkedBytes, [row])


def _slices(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))


def _apply_receipt(row: dict[str, Any], item: ReceiptArrival) -> None:
    receipt = item.receipt
    row["custody"] = row["custody"] or instant(receipt.custody_time)
    if receipt.stage == receipts.OUTCOME and not row["outcome"]:
        row["decided"] = instant(receipt.time)
        row["outcome"] = receipts.outcome_word(receipt)
        row["reason"] = receipt.reason


def _received(arrival: VerifiedStatement, handler: Handler) -> IncomingStatement:
    statement = arrival.statement
    facts = handler.facts()
    if not statement.facts.Unpack(facts):
        raise Refusal("the facts are not those of the type", reason="WRONG_FACTS")
    return IncomingStatement(
        id=statement.id,
        type=statement.type,
        sender=statement.sender,
        recipient=statement.recipient,
        matter=statement.subject,
        case_id=statement.case_id,
        time=arrival.time,
        facts=facts,
        part=arrival.plain[32:],
        causation=statement.causation,
        copy_of=statement.copy_of,
        envelope=arrival.envelope.data,
    )

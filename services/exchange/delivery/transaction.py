"""One commit for everything: state, outbox and leaves stand or fall together.

A handler sees a `Transaction`: facts that were loaded for change, and three ways to leave a mark — `put` a fact,
`record` a local act, `send` a statement. It only buffers. A `Batch` holds the transactions of many commands or
statements; `flush` numbers and signs the statements, keeps personal parts encrypted, and writes all rows by bulk
statements. A refused handler's buffer is dropped and nothing else is touched.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from sqlalchemy import select

from audit.formats.leaf import Kind, leaf_row
from audit.log import events, search_index
from audit.tables import Leaf, PendingLeaf
from exchange.personal_data import case_file, vault
from exchange.personal_data.case_file import FileEntry
from exchange.settings import Settings
from exchange.statements import envelope, personal_part
from exchange.statements.protobuf_time import timestamp
from exchange.statements.trust import Parties, PrivateKeys
from exchange.tables import Delivery, Outbox, PairOut, PersonalPart, Request
from exchange.witness_config import WitnessAssignment, load_external_witnesses
from netral.exchange.v1 import record_pb2, statement_pb2
from refusals import Malformed, NotAllowed, WrongState
from storage.engines import Database
from storage.key_in import key_in
from storage.protocols import Connection
from storage.types import table
from storage.upserts import insert, insert_new, upsert

INBOX = "inbox"
"""The source of what other parties said."""
FactKey = tuple[str, ...]  # ("matter", party, id), ("number", party, kind, number)


class NotLoaded(RuntimeError):
    """A handler reads what its caller did not ask for: a mistake of the program, and no refusal.

    To read it as "there is none" would let the handler decide on what it does not know.
    """


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an officer (opaque id), a service, or the clock."""

    kind: statement_pb2.Actor.Kind.ValueType
    id: str
    role: str

    def message(self) -> statement_pb2.Actor:
        return statement_pb2.Actor(kind=self.kind, id=self.id, role=self.role)


@dataclass(frozen=True, slots=True)
class EntityStore:
    """An agency's own tables, as two plain functions.

    `load` gives the facts that exist, locked for change in key order; `save` writes them by bulk statements. Those that
    did not exist have no row that could be locked: `save` inserts them, and fails if someone else was first.
    """

    load: Callable[[Connection, Collection[FactKey]], Awaitable[dict[FactKey, Any]]]
    save: Callable[[Connection, Mapping[FactKey, Any], Collection[FactKey]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class AgreementRules:
    """The agreement's rules that the exchange applies without knowing them.

    `basis(type, on, sender)` is the legal basis to cite for a statement type on a date; `objection(basis, type, role,
    sender, on)` is what speaks against a statement under a basis, in a sentence that names it, and empty if nothing
    does; `zone(party)` is the time zone of a party's legal dates. `former(type)` is the role that a party keeps to hand
    over what it held: under it, it may send this type though its own role has ended ("": not). `watch(roles)` are the roles
    that cosign the log of a party with these roles: as peers, and as the crowd (see `audit.witnessing.quorum`).
    """

    basis: Callable[[str, date, str], str]
    objection: Callable[[str, str, str, str, date], str]
    zone: Callable[[str], ZoneInfo]
    former: Callable[[str], str] = lambda type: ""
    watch: Callable[[Collection[str]], tuple[frozenset[str], frozenset[str]]] = lambda roles: (
        frozenset(),
        frozenset(),
    )


@dataclass
class HostContext:
    """What the loops and handlers of one host share."""

    name: str
    parties: frozenset[str]
    database: Database
    trust: Parties
    keys: Mapping[str, PrivateKeys]
    vault: vault.Vault
    store: EntityStore
    law: AgreementRules
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    leaf_ids: Iterator[int]
    settings: Settings = field(default_factory=Settings)
    search_index_cache: search_index.SearchIndexCache = field(default_factory=search_index.SearchIndexCache)
    sent: asyncio.Event = field(default_factory=asyncio.Event)
    logged: asyncio.Event = field(default_factory=asyncio.Event)
    watching: WitnessAssignment = field(init=False)

    def __post_init__(self) -> None:
        self.watching = WitnessAssignment(
            self.trust, self.law.watch, load_external_witnesses(self.settings.witnesses_file)
        )

    def may_send(self, party: str, type: str, role: str, at: datetime) -> bool:
        """Whether a party held the role, or one kept for handing over, that may send this type at an instant (UTC)."""
        known = self.trust.get(party)
        if known is None:
            return False
        former = self.law.former(type)
        return known.holds(role, at) or (bool(former) and known.holds(former, at))


@dataclass(frozen=True, slots=True)
class _Sending:
    """A statement that waits for its number."""

    id: str
    party: str
    recipient: str
    type: str
    matter: str
    case_id: str
    facts: Message
    actor: Actor
    plain: bytes
    causation: str
    copy_of: str
    after: str


class Transaction:
    """What one command or one statement sees and buffers."""

    def __init__(
        self,
        batch: "Batch",
        party: str,
        actor: Actor,
        request_id: str,
        source: str,
        cause: str,
        keys: Collection[FactKey],
        files: Collection[vault.MatterOf],
    ) -> None:
        self.desk = batch.desk
        self.party = party
        self.actor = actor
        self.request_id = request_id
        self.source = source
        self.cause = cause
        self.now = batch.now
        self.facts: dict[FactKey, Any] = {}
        self.sendings: list[_Sending] = []
        self.records: list[record_pb2.Record] = []
        self.parts: list[tuple[str, str, str, bytes]] = []
        self._batch = batch
        self._keys, self._files = frozenset(keys), frozenset(files)

    @property
    def today(self) -> date:
        """The legal date at the party: the day in its own zone."""
        return self.now.astimezone(self.desk.law.zone(self.party)).date()

    def get(self, key: FactKey) -> Any | None:
        """A fact that was loaded for change, with what was put before in this batch; None if there is none.

        Raises:
            NotLoaded: this command did not ask for it, whatever others of the batch did, and did not put it.
        """
        if key in self.facts:
            return self.facts[key]
        if key not in self._keys:
            raise NotLoaded(f"the fact {'/'.join(key)} was not loaded")
        return self._batch.fact(key)

    def person_file(self, matter: str) -> Sequence[FileEntry]:
        """The person's file of a matter, oldest entry first, nothing if erased.

        Raises:
            NotLoaded: the command does not open the matter's file.
        """
        self._require_opened(matter)
        return self._batch.file(self.party, matter)

    def last_statement_to(self, matter: str) -> Mapping[str, str]:
        """The last statement on a matter to each recipient.

        Raises:
            NotLoaded: the command does not open the matter's file.
        """
        self._require_opened(matter)
        return self._batch.last_told(self.party, matter)

    def _require_opened(self, matter: str) -> None:
        if (self.party, matter) not in self._files:
            raise NotLoaded(f"the file of the matter {self.party}/{matter} was not opened")

    def save(self, key: FactKey, value: Any) -> None:
        """Change a fact."""
        self.facts[key] = value

    def send(
        self,
        type: str,
        recipient: str,
        matter: str,
        case_id: str,
        facts: Message,
        *,
        part: bytes = b"",
        cause: str = "",
        copy_of: str = "",
        after: str = "",
    ) -> str:
        """Send a statement; gives its id. It is numbered, signed and logged at commit.

        `part` is the personal part (at most 512 KiB), `cause` the statement that led to this one. `after` is a statement of
        another sender to the same recipient that must take effect first: for the first one to it on this matter.

        Raises:
            NotAllowed: this party's role has ended, or not begun; what it said would be refused.
        """
        if not self.desk.may_send(self.party, type, type.split(".")[1], self.now):
            raise NotAllowed("the party does not hold the role now", reason="ROLE_NOT_HELD")
        if len(part) > personal_part.MAX_BYTES:
            raise Malformed("the personal part is over 512 KiB")
        id = self.desk.new_id()
        plain = personal_part.salted(part) if part else b""
        self.sendings.append(
            _Sending(
                id,
                self.party,
                recipient,
                type,
                matter,
                case_id,
                facts,
                self.actor,
                plain,
                cause or self.cause,
                copy_of,
                after,
            )
        )
        return id

    def record(
        self,
        action: str,
        matter: str,
        case_id: str,
        state: str,
        facts: Message | None = None,
        part: bytes = b"",
        *,
        statements: Sequence[str] | None = None,
    ) -> record_pb2.Record:
        """Record a local act in the trail; `part` goes encrypted into the person's file.

        `statements` are those that it led to; if not given, those sent so far on its matter, and all that were sent if it is
        on no matter (a letter on many).
        """
        plain = personal_part.salted(part) if part else b""
        record = record_pb2.Record(
            id=self.desk.new_id(),
            party=self.party,
            time=timestamp(self.now),
            actor=self.actor.message(),
            action=action,
            matter=matter,
            case_id=case_id,
            request_id=self.request_id,
            state=state,
            statements=(
                [sent.id for sent in self.sendings if matter in ("", sent.matter)]
                if statements is None
                else statements
            ),
            facts=_packed(facts) if facts is not None else None,
            commitment=personal_part.commitment(plain) if plain else b"",
            source=self.source,
        )
        self.records.append(record)
        if plain:
            self.parts.append((record.id, matter, action, plain))
        return record

    def keep_personal_part(self, source: str, matter: str, type: str, plain: bytes) -> None:
        """Keep an opened personal part (with its salt) in the person's file."""
        self.parts.append((source, matter, type, plain))

    def refuse_if_erased(self) -> None:
        """Refuse what brings personal data to a matter that was erased here.

        Raises:
            WrongState: it does.
        """
        matters = [part[1] for part in self.parts]
        matters += [sending.matter for sending in self.sendings if sending.plain]
        if any(self.desk.vault.is_erased(self.party, matter) for matter in matters):
            raise _erased()


def _erased() -> WrongState:
    return WrongState(
        "the person's data in this matter were erased lawfully; no other can be added", reason="ERASED"
    )


class Batch:
    """Many transactions, one commit."""

    def __init__(self, desk: HostContext, connection: Connection) -> None:
        self.desk = desk
        self.connection = connection
        self.now = desk.now()
        self.leaves: list[dict[str, Any]] = []
        self._beside = search_index.PendingIndexRows()
        self._facts: dict[FactKey, Any] = {}
        self._asked: set[FactKey] = set()
        self._changed: dict[FactKey, Any] = {}
        self._kept: list[Transaction] = []
        self._requests: list[dict[str, Any]] = []
        self._files: case_file.Files = {}
        self._last: dict[tuple[str, str, str], str] = {}

    async def load(self, keys: Collection[FactKey]) -> None:
        """Load facts for change. Ask for all keys at once: rows are locked in key order."""
        self._facts |= await self.desk.store.load(self.connection, keys)
        self._asked |= set(keys)

    async def open_files(self, matters: Collection[vault.MatterOf]) -> None:
        """Open the files that commands pass on, and look up what was said last on these matters, to whom."""
        self._files = await case_file.opened(self.connection, self.desk.vault, matters)
        self._last = await self._before(matters)

    def file(self, party: str, matter: str) -> Sequence[FileEntry]:
        return self._files.get((party, matter), ())

    def last_told(self, party: str, matter: str) -> Mapping[str, str]:
        before = {to: id for (by, to, on), id in self._last.items() if (by, on) == (party, matter)}
        sendings = (sending for tx in self._kept for sending in tx.sendings)
        here = {each.recipient: each.id for each in sendings if (each.party, each.matter) == (party, matter)}
        return before | here

    def fact(self, key: FactKey) -> Any | None:
        if key not in self._asked:
            raise NotLoaded(f"the fact {'/'.join(key)} was not loaded")
        return self._changed.get(key, self._facts.get(key))

    def transaction(
        self,
        party: str,
        actor: Actor,
        *,
        source: str,
        request_id: str = "",
        cause: str = "",
        keys: Collection[FactKey] = (),
        files: Collection[vault.MatterOf] = (),
    ) -> Transaction:
        """A transaction of the batch that reads these facts and files, which the batch has loaded, and no others."""
        return Transaction(self, party, actor, request_id, source, cause, keys, files)

    def accept(self, tx: Transaction) -> None:
        """Take over what a handler buffered."""
        self._changed |= tx.facts
        self._kept.append(tx)

    def remember_answer(self, party: str, request_id: str, digest: bytes, record: str) -> None:
        """Remember that this request was answered by this record, for good."""
        self._requests.append({"party": party, "request_id": request_id, "digest": digest, "record": record})

    def add_leaf(self, party: str, kind: Kind, kept: bytes, **columns: Any) -> None:
        heading = self._beside.add(party, events.decode_leaf(bytes([kind]) + kept))
        self.leaves.append(leaf_row(next(self.desk.leaf_ids), party, kind, kept, heading=heading, **columns))

    async def flush(self) -> None:
        """Number, sign and write everything that was kept."""
        sendings = [sending for tx in self._kept for sending in tx.sendings]
        numbers = await self._numbers(sendings)
        before = await self._before({(sending.party, sending.matter) for sending in sendings})
        outbox, deliveries = [], []
        for sending in sendings:
            pair = (sending.party, sending.recipient)
            numbers[pair] += 1
            thread = (*pair, sending.matter)
            outbox.append(self._sign(sending, numbers[pair], before.get(thread) or sending.after))
            deliveries.append(self._delivery(sending))
            before[thread] = sending.id
        for tx in self._kept:
            for record in tx.records:
                self._add_record(record)
        await self._write_parts()
        rows = [{"party": party, "peer": peer, "last": last} for (party, peer), last in numbers.items()]
        await upsert(self.connection, PairOut, rows)
        await insert(self.connection, Outbox, outbox)
        await insert(self.connection, Delivery, deliveries)
        await self._beside.write(self.connection, self.desk.search_index_cache)
        await insert(self.connection, Leaf, self.leaves)
        await insert(
            self.connection,
            PendingLeaf,
            [{"leaf_id": leaf["id"], "party": leaf["party"]} for leaf in self.leaves],
        )
        await insert(self.connection, Request, self._requests)
        if self._changed:
            new = self._changed.keys() - self._facts.keys()
            await self.desk.store.save(self.connection, self._changed, new)

    def notify_loops(self) -> None:
        """After the commit: there is something to relay and to sequence."""
        if any(tx.sendings for tx in self._kept):
            self.desk.sent.set()
        if self.leaves:
            self.desk.search_index_cache.learn(self._beside)
            self.desk.logged.set()

    async def _numbers(self, sendings: Sequence[_Sending]) -> dict[tuple[str, str], int]:
        """The last numbers of the touched pairs, locked in sorted order."""
        pairs = sorted({(sending.party, sending.recipient) for sending in sendings})
        if not pairs:
            return {}
        counters = table(PairOut)
        query = (
            select(counters)
            .where(key_in((counters.c.party, counters.c.peer), pairs))
            .order_by(counters.c.party, counters.c.peer)
            .with_for_update()
        )
        found = {(row.party, row.peer): row.last for row in await self.connection.execute(query)}
        if len(found) < len(pairs):
            new = [{"party": p, "peer": q, "last": 0} for p, q in pairs if (p, q) not in found]
            await insert_new(self.connection, PairOut, new)
            found = {(row.party, row.peer): row.last for row in await self.connection.execute(query)}
        return found

    async def _before(self, matters: Collection[vault.MatterOf]) -> dict[tuple[str, str, str], str]:
        """The last statement of each pair on each matter: what must take effect first."""
        if not matters:
            return {}
        outbox = table(Outbox)
        query = (
            select(outbox.c.party, outbox.c.recipient, outbox.c.matter, outbox.c.id)
            .where(key_in((outbox.c.party, outbox.c.matter), sorted(matters)))
            .order_by(outbox.c.sequence)
        )
        rows = await self.connection.execute(query)
        return {(row.party, row.recipient, row.matter): row.id for row in rows}

    def _sign(self, sending: _Sending, sequence: int, after: str) -> dict[str, Any]:
        """Build and sign a statement once; its bytes become the leaf. Gives the outbox row."""
        role = sending.type.split(".")[1]
        today = self.now.astimezone(self.desk.law.zone(sending.party)).date()
        payload = statement_pb2.Statement(
            id=sending.id,
            source=f"netral://{sending.party}",
            type=sending.type,
            subject=sending.matter,
            time=timestamp(self.now),
            sender=sending.party,
            recipient=sending.recipient,
            sequence=sequence,
            role=role,
            case_id=sending.case_id,
            causation=sending.causation,
            after=after,
            legal_basis=self.desk.law.basis(sending.type, today, sending.party),
            actor=sending.actor.message(),
            copy_of=sending.copy_of,
            commitment=personal_part.commitment(sending.plain) if sending.plain else b"",
            facts=_packed(sending.facts),
        ).SerializeToString(deterministic=True)
        if len(payload) > envelope.MAX_BYTES:
            raise Malformed("the statement is over 60 KiB")
        keys = self.desk.keys[sending.party]
        signed = envelope.sign(payload, envelope.STATEMENT, keys.signing, keys.keyid)
        self.add_leaf(
            sending.party,
            Kind.STATEMENT,
            signed,
            ref=sending.id,
            matter=sending.matter,
            type=sending.type,
            actor=sending.actor.id,
            author=sending.party,
            time=self.now,
        )
        return {
            "id": sending.id,
            "party": sending.party,
            "recipient": sending.recipient,
            "sequence": sequence,
            "type": sending.type,
            "matter": sending.matter,
            "digest": sha256(signed).digest(),
            "created": self.now,
            "custody": None,
            "decided": None,
            "outcome": "",
            "reason": "",
        }

    def _delivery(self, sending: _Sending) -> dict[str, Any]:
        return {
            "id": sending.id,
            "party": sending.party,
            "recipient": sending.recipient,
            "awaits": "custody",
            "attempts": 0,
            "relayed": None,
            "due": self.now,
        }

    def _add_record(self, record: record_pb2.Record) -> None:
        self.add_leaf(
            record.party,
            Kind.RECORD,
            record.SerializeToString(deterministic=True),
            ref=record.id,
            matter=record.matter,
            type=record.action,
            actor=record.actor.id,
            author=record.party,
            time=self.now,
        )

    async def _write_parts(self) -> None:
        """Keep the personal parts encrypted. What came from elsewhere for a matter that was erased here is not kept.

        Raises:
            WrongState: an act of this desk's own brings personal data to a matter that was erased.
        """
        kept = [
            (tx.source, tx.party, source, matter, type, plain)
            for tx in self._kept
            for source, matter, type, plain in (
                *tx.parts,
                *((s.id, s.matter, s.type, s.plain) for s in tx.sendings if s.plain),
            )
        ]
        keys = await self.desk.vault.keys({(party, matter) for _, party, _, matter, _, _ in kept}, make=True)
        if any((party, matter) not in keys for by, party, _, matter, _, _ in kept if by != INBOX):
            raise _erased()
        rows = [
            {
                "party": party,
                "source": source,
                "matter": matter,
                "type": type,
                "sealed": vault.encrypt(keys[party, matter], plain, source),
            }
            for _, party, source, matter, type, plain in kept
            if (party, matter) in keys
        ]
        await insert(self.connection, PersonalPart, rows)


def _packed(message: Message) -> AnyMessage:
    packed = AnyMessage()
    packed.Pack(message, deterministic=True)
    return packed

"""Batch of transactions in one commit: state, outbox and leaves stand or fall together.

`flush` numbers and signs the statements, keeps personal parts encrypted, and writes all rows in one round trip.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple, TypeVar

from sqlalchemy import select

from audit.formats.leaf import Kind, LeafRow, leaf_row
from audit.log import events, search_index
from audit.tables import Leaf, PendingLeaf
from exchange.context import Actor, Fact, FactKey, Facts, HostContext
from exchange.delivery.transaction import INBOX, NotLoaded, Sending, Transaction, erased, packed
from exchange.outgoing import OnItsWay
from exchange.personal_data import case_file, vault
from exchange.personal_data.case_file import FileEntry
from exchange.statements import envelope, personal_part
from exchange.statements.protobuf_time import timestamp
from exchange.tables import Delivery, Outbox, PairOut, PersonalPart, Request
from netral.exchange.v1 import record_pb2, statement_pb2
from refusals import Malformed
from storage import together
from storage.key_in import key_in, listed
from storage.protocols import Connection
from storage.together import Reading, Write
from storage.types import Values, table
from storage.upserts import insert_new, insert_of, upsert_of

T = TypeVar("T")
Pairs = dict[tuple[str, str], int]
"""The last number of each pair: party, peer."""
Threads = dict[tuple[str, str, str], str]
"""The last statement of each party to each recipient on each matter."""

_NOTHING: Reading[None] = Reading((), lambda found: None)
_PAIRS, _OUTBOX = table(PairOut), table(Outbox)
_LAST_NUMBERS = (
    select(_PAIRS)
    .where(key_in((_PAIRS.c.party, _PAIRS.c.peer)))
    .order_by(_PAIRS.c.party, _PAIRS.c.peer)
    .with_for_update()
)
_STATEMENTS_ON = (
    select(_OUTBOX.c.party, _OUTBOX.c.recipient, _OUTBOX.c.matter, _OUTBOX.c.id)
    .where(key_in((_OUTBOX.c.party, _OUTBOX.c.matter)))
    .order_by(_OUTBOX.c.sequence)
)


class Batch:
    """Many transactions, one commit."""

    def __init__(self, desk: HostContext, connection: Connection) -> None:
        self.desk = desk
        self.connection = connection
        self.now = desk.now()
        desk.database.writes_as_of(connection, self.now)
        self.leaves: list[LeafRow] = []
        self._index_rows = search_index.PendingIndexRows()
        self._facts: Facts = {}
        self._asked: set[FactKey] = set()
        self.sends_again = False  # statements of before are due now
        self._changed: Facts = {}
        self._kept: list[Transaction] = []
        # Rows of the commit that others than the batch itself write: no row twice, but see `storage.together.write`.
        self.writes: list[Write] = []
        self._requests: list[Values] = []
        self._files: dict[vault.MatterOf, list[FileEntry]] = {}
        self._last: Threads = {}
        self._outgoing: list[OnItsWay] = []  # what is handed to the stream from memory, after the commit

    async def load(self, keys: Collection[FactKey], files: Collection[vault.MatterOf] = ()) -> None:
        """Load facts for change, and open files. Ask for all keys at once: rows are locked in key order."""
        await self.load_beside(_NOTHING, keys, files)

    async def load_beside(
        self, reading: Reading[T], keys: Collection[FactKey], files: Collection[vault.MatterOf] = ()
    ) -> T:
        """Load facts for change, open files that commands pass on, and read something else: in one round trip.

        With a file goes what was said last on its matter, to whom.
        """
        passed_on = case_file.sealed_parts(files).beside(_last_statements(files))
        found, (facts, (parts, last)) = await together.run(
            self.connection, reading.beside(self.desk.store.load(keys).beside(passed_on))
        )
        self._facts |= facts
        self._asked |= set(keys)
        self._last |= last
        self._files |= await case_file.open_parts(self.desk.vault, parts)
        return found

    def file(self, party: str, matter: str) -> Sequence[FileEntry]:
        return self._files.get((party, matter), ())

    def last_statement_to(self, party: str, matter: str) -> Mapping[str, str]:
        before = {to: id for (by, to, on), id in self._last.items() if (by, on) == (party, matter)}
        sendings = (sending for tx in self._kept for sending in tx.sendings)
        here = {each.recipient: each.id for each in sendings if (each.party, each.matter) == (party, matter)}
        return before | here

    def fact(self, key: FactKey) -> Fact | None:
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
        stated_reason: str = "",
    ) -> Transaction:
        """A transaction of the batch that reads these facts and files, which the batch has loaded, and no others."""
        return Transaction(self, party, actor, request_id, source, cause, keys, files, stated_reason)

    def accept(self, tx: Transaction) -> None:
        """Take over what a handler buffered."""
        self._changed |= tx.facts
        self._kept.append(tx)

    def remember_answer(self, party: str, request_id: str, digest: bytes, record: str) -> None:
        """Remember that this request was answered by this record, for good."""
        self._requests.append({"party": party, "request_id": request_id, "digest": digest, "record": record})

    def add_leaf(
        self,
        party: str,
        kind: Kind,
        kept: bytes,
        said: events.Said,
        *,
        ref: str,
        matter: str,
        type: str,
        actor: str,
        author: str,
        time: datetime,
    ) -> None:
        """Add a leaf of these kept bytes to the party's log, with its rows of the search index.

        `said` is the message in them, which whoever adds the leaf has read or made: here it is not read again.
        """
        heading = self._index_rows.add(party, events.event_of(said))
        self.leaves.append(
            leaf_row(
                next(self.desk.leaf_ids),
                party,
                kind,
                kept,
                ref=ref,
                matter=matter,
                type=type,
                actor=actor,
                author=author,
                time=time,
                heading=heading,
            )
        )

    async def flush(self) -> None:
        """Number, sign and write everything that was kept."""
        parts = self._personal_parts()
        async with self.desk.vault.beside({(part.party, part.matter) for part in parts}):
            await self._flush(parts)

    async def _flush(self, parts: Sequence["_Part"]) -> None:
        sendings = [sending for tx in self._kept for sending in tx.sendings]
        numbers, before = await self._numbers(sendings)
        outbox, deliveries = [], []
        from_memory = self.desk.outgoing.has_room()
        for sending in sendings:
            pair = (sending.party, sending.recipient)
            numbers[pair] += 1
            thread = (*pair, sending.matter)
            signed = self._sign(sending, numbers[pair], before.get(thread) or sending.after)
            outbox.append(self._outbox_row(sending, numbers[pair], signed))
            deliveries.append(self._delivery(sending, from_memory=from_memory))
            if from_memory:
                to = sending.recipient
                self._outgoing.append(
                    OnItsWay(sending.id, sending.party, to, sending.matter, signed, sending.plain)
                )
            before[thread] = sending.id
        for tx in self._kept:
            for record in tx.records:
                self._add_record(record)
        pairs = [{"party": party, "peer": peer, "last": last} for (party, peer), last in numbers.items()]
        new = self._changed.keys() - self._facts.keys()
        writes: Sequence[Write] = [
            (insert_of(PersonalPart), await self._sealed(parts)),
            (upsert_of(PairOut), pairs),
            (insert_of(Outbox), outbox),
            (insert_of(Delivery), deliveries),
            *self._index_rows.writes(self.desk.search_index_cache),
            (insert_of(Leaf), self.leaves),
            (
                insert_of(PendingLeaf),
                [{"leaf_id": leaf["id"], "party": leaf["party"]} for leaf in self.leaves],
            ),
            (insert_of(Request), self._requests),
            *self.desk.store.save(self._changed, new),
        ]
        self.writes += writes
        await self.write()

    async def write(self) -> None:
        """Write the rows that wait: for whoever reads them in the same commit."""
        await together.write(self.connection, self.writes)
        self.writes = []

    def notify_loops(self) -> None:
        """After the commit: there is something to relay and to sequence."""
        if self._outgoing:
            self.desk.outgoing.add(self._outgoing)
        elif any(tx.sendings for tx in self._kept):
            # What follows must not overtake it.
            self.desk.outgoing.relay_caught_up = False
            self.desk.outbox_due.set()
        if self.sends_again:
            self.desk.outbox_due.set()
        if self.leaves:
            self.desk.search_index_cache.remember(self._index_rows)
            self.desk.leaves_committed.set()

    async def _numbers(self, sendings: Sequence[Sending]) -> tuple[Pairs, Threads]:
        """The last numbers of the touched pairs, locked in sorted order, and what must take effect before each statement."""
        pairs = {(sending.party, sending.recipient) for sending in sendings}
        if not pairs:
            return {}, {}
        reading = _last_numbers(pairs).beside(
            _last_statements({(sending.party, sending.matter) for sending in sendings})
        )
        numbers, before = await together.run(self.connection, reading)
        if numbers.keys() < pairs:
            new = [{"party": p, "peer": q, "last": 0} for p, q in sorted(pairs - numbers.keys())]
            await insert_new(self.connection, PairOut, new)
            numbers, before = await together.run(self.connection, reading)
        return numbers, before

    def _sign(self, sending: Sending, sequence: int, after: str) -> bytes:
        """Build and sign a statement once; its bytes become the leaf."""
        role = sending.type.split(".")[1]
        today = self.now.astimezone(self.desk.law.zone(sending.party)).date()
        statement = statement_pb2.Statement(
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
            facts=packed(sending.facts),
        )
        payload = statement.SerializeToString(deterministic=True)
        if len(payload) > envelope.MAX_BYTES:
            raise Malformed("the statement is over 60 KiB")
        keys = self.desk.keys[sending.party]
        signed = envelope.sign(payload, envelope.STATEMENT, keys.signing, keys.keyid)
        self.add_leaf(
            sending.party,
            Kind.STATEMENT,
            signed,
            statement,
            ref=sending.id,
            matter=sending.matter,
            type=sending.type,
            actor=sending.actor.id,
            author=sending.party,
            time=self.now,
        )
        return signed

    def _outbox_row(self, sending: Sending, sequence: int, signed: bytes) -> Values:
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

    def _delivery(self, sending: Sending, *, from_memory: bool) -> Values:
        """The row of the relay: due now; or, of what is sent from memory, if no receipt has come in a while."""
        later = timedelta(seconds=self.desk.settings.resend_seconds if from_memory else 0)
        return {
            "id": sending.id,
            "party": sending.party,
            "recipient": sending.recipient,
            "awaits": "custody",
            "attempts": int(from_memory),
            "relayed": None,
            "due": self.now + later,
        }

    def _add_record(self, record: record_pb2.Record) -> None:
        self.add_leaf(
            record.party,
            Kind.RECORD,
            record.SerializeToString(deterministic=True),
            record,
            ref=record.id,
            matter=record.matter,
            type=record.action,
            actor=record.actor.id,
            author=record.party,
            time=self.now,
        )

    def _personal_parts(self) -> list["_Part"]:
        return [
            _Part(tx.source, tx.party, source, matter, type, plain)
            for tx in self._kept
            for source, matter, type, plain in (
                *tx.parts,
                *((s.id, s.matter, s.type, s.plain) for s in tx.sendings if s.plain),
            )
        ]

    async def _sealed(self, parts: Sequence["_Part"]) -> list[Values]:
        """The personal parts, encrypted. What came from elsewhere for a matter that was erased here is not kept.

        Raises:
            WrongState: an act of this desk's own brings personal data to a matter that was erased.
        """
        keys = await self.desk.vault.keys({(part.party, part.matter) for part in parts}, make=True)
        if any((part.party, part.matter) not in keys for part in parts if part.by != INBOX):
            raise erased()
        return [
            {
                "party": part.party,
                "source": part.source,
                "matter": part.matter,
                "type": part.type,
                "sealed": vault.encrypt(key, part.plain, part.source),
            }
            for part in parts
            if (key := keys.get((part.party, part.matter))) is not None
        ]


class _Part(NamedTuple):
    """A personal part to keep; `by`: the source of its transaction."""

    by: str
    party: str
    source: str
    matter: str
    type: str
    plain: bytes


def _last_numbers(pairs: Collection[tuple[str, str]]) -> Reading[Pairs]:
    return Reading(
        [(_LAST_NUMBERS, {"keys": listed(sorted(pairs))})],
        lambda found: {(row.party, row.peer): row.last for row in found[0]},
    )


def _last_statements(matters: Collection[vault.MatterOf]) -> Reading[Threads]:
    """The last statement of each pair on each matter."""
    if not matters:
        return Reading((), lambda found: {})
    return Reading(
        [(_STATEMENTS_ON, {"keys": listed(sorted(matters))})],
        lambda found: {(row.party, row.recipient, row.matter): row.id for row in found[0]},
    )

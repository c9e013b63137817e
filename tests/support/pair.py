"""Small parties that exchange statements in one process, with the bytes handed over by the test.

Each side is a real desk (its own database, vault, keys) with a tiny matter: a tally that counts what it heard.
"""

import itertools
import json
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.wrappers_pb2 import StringValue
from sqlalchemy import JSON, select
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel
from uuid_utils import uuid7

import audit
import exchange
from audit.formats.leaf import Kind, leaf_ids
from audit.tables import Leaf
from exchange.bus import subjects
from exchange.context import Actor, AgreementRules, HostContext
from exchange.delivery import commands, entity_store, relay
from exchange.delivery.batch import Batch
from exchange.delivery.inbox.handlers import Handler, IncomingStatement
from exchange.delivery.inbox.process import process_messages
from exchange.delivery.inbox.work import Result
from exchange.delivery.transaction import Transaction
from exchange.personal_data import case_file
from exchange.personal_data.vault import Vault
from exchange.reconciliation import reports
from exchange.statements import envelope, personal_part, private_keys, trust
from exchange.statements.protobuf_time import timestamp
from netral.exchange.v1 import receipt_pb2, record_pb2, statement_pb2
from refusals import WrongState
from storage.engines import Database
from storage.types import table
from support import migrated

KEYS_SINCE = datetime(2025, 1, 1, tzinfo=UTC)
TODAY = datetime(2026, 3, 2, 3, 0, 0, 123456, tzinfo=UTC)

# What the first role of the pair says; the second answers with ANSWER.
COUNTED = "netral.teller.counted.v1"
REFUSED = "netral.teller.refused.v1"
BROKEN = "netral.teller.broken.v1"
ASKED = "netral.teller.asked.v1"
ANSWER = "netral.listener.answered.v1"
TYPES = (COUNTED, REFUSED, BROKEN, ASKED, ANSWER)
BASIS = "agreement-1"

OFFICER = Actor(statement_pb2.Actor.KIND_OFFICER, "officer-7", "officer")
PATIENCE = relay.RetryPolicy(first=5.0, longest=60.0)


class PairTable(SQLModel, registry=registry()):
    """The registry of the tables below."""


class TallyRow(PairTable, table=True):
    __tablename__ = "tally"

    party: str = Field(primary_key=True, max_length=40)
    id: str = Field(primary_key=True, max_length=36)
    count: int = 0
    heard: list[str] = Field(default_factory=list, sa_type=JSON)


class TallyNumber(PairTable, table=True):
    __tablename__ = "tally_number"

    party: str = Field(primary_key=True, max_length=40)
    kind: str = Field(primary_key=True, max_length=20)
    number: str = Field(primary_key=True, max_length=60)
    matter: str = Field(max_length=36)


@dataclass(frozen=True)
class Tally:
    """Statements that were taken on a matter: how many, and which, in order."""

    party: str
    id: str
    count: int = 0
    heard: tuple[str, ...] = ()


STORE = entity_store.store(TallyRow, Tally, TallyNumber)


@dataclass(frozen=True)
class Mail:
    """One NATS message."""

    subject: str
    data: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def pair(self) -> tuple[str, bytes]:
        return self.subject, self.data


@dataclass
class Clock:
    """Stands still until it is moved."""

    at: datetime = TODAY

    def __call__(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Side:
    """One party's desk."""

    desk: HostContext
    party: str
    clock: Clock
    mended: bool = False

    @property
    def handlers(self) -> dict[str, Handler]:
        return {
            COUNTED: Handler(StringValue, count_up),
            REFUSED: Handler(StringValue, refuse),
            BROKEN: Handler(StringValue, self._break),
            ASKED: Handler(StringValue, answer),
            ANSWER: Handler(StringValue, count_up),
        }

    def _break(self, tx: Transaction, received: IncomingStatement) -> None:
        count_up(tx, received)
        if not self.mended:
            raise RuntimeError("the handler is broken")

    async def send(
        self,
        to: "Side | str",
        value: str = "one",
        *,
        matter: str = "",
        type: str = COUNTED,
        part: bytes = b"",
    ) -> str:
        """Send one statement in a commit of its own; gives its id."""
        async with self.desk.database.write() as connection:
            batch = Batch(self.desk, connection)
            tx = batch.transaction(self.party, OFFICER, source="test")
            name = to if isinstance(to, str) else to.party
            id = tx.send(type, name, matter or a_matter(), "", StringValue(value=value), part=part)
            batch.accept(tx)
            await batch.flush()
        batch.notify_loops()
        return id

    async def mail(self) -> list[Mail]:
        """Statements that the relay hands over now."""
        collected, publish = collector()
        await relay.relay_once(self.desk, publish, PATIENCE)
        return collected

    async def mailed(self, to: "Side", value: str = "one", **more: Any) -> Mail:
        """Send one statement and hand it over: the one NATS message that carries it."""
        await self.send(to, value, **more)
        (only,) = await self.mail()
        return only

    async def take(self, *mails: Mail, handlers: Mapping[str, Handler] | None = None) -> list[Mail]:
        """Take a batch and give the replies."""
        result = await process_messages(
            self.desk,
            self.handlers if handlers is None else handlers,
            [mail.pair for mail in mails],
            reports.compare,
        )
        return await said(result)

    async def run(self, *wanted: commands.Command) -> list[Any]:
        return await commands.commit(self.desk, wanted)

    async def rows(self, model: type[SQLModel], **where: Any) -> list[Any]:
        rows = table(model)
        query = select(rows).where(*(rows.c[name] == value for name, value in where.items()))
        async with self.desk.database.read() as connection:
            return list(await connection.execute(query.order_by(*rows.primary_key)))

    async def file(self, matter: str) -> list[bytes]:
        """The personal parts kept on a matter, opened, oldest first."""
        name = (self.party, matter)
        async with self.desk.database.read() as connection:
            found = await case_file.opened(connection, self.desk.vault, [name])
        return [entry.part for entry in found.get(name, [])]

    async def leaves(self, kind: Kind, **where: Any) -> list[bytes]:
        """The kept bytes of this kind of leaf, oldest first."""
        return [row.body[1:] for row in await self.rows(Leaf, kind=int(kind), **where)]

    async def tally(self, matter: str) -> Tally:
        (row,) = await self.rows(TallyRow, id=matter) or [None]
        return Tally(row.party, row.id, row.count, tuple(row.heard)) if row else Tally(self.party, matter)

    # --- bytes made by hand, as a peer with other software might -------------------------------------------------

    def statement(self, to: "Side", sequence: int = 1, **other: Any) -> statement_pb2.Statement:
        facts = AnyMessage()
        facts.Pack(StringValue(value="by hand"))
        values = {
            "id": str(uuid7()),
            "source": f"netral://{self.party}",
            "type": COUNTED,
            "subject": a_matter(),
            "time": timestamp(self.clock()),
            "sender": self.party,
            "recipient": to.party,
            "sequence": sequence,
            "role": "teller",
            "legal_basis": BASIS,
            "facts": facts,
        }
        return statement_pb2.Statement(**(values | other))

    def sign(self, payload: bytes, payload_type: str = envelope.STATEMENT) -> bytes:
        keys = self.desk.keys[self.party]
        return envelope.sign(payload, payload_type, keys.signing, keys.keyid)

    def by_hand(self, to: "Side", sequence: int = 1, *, part: bytes = b"", **other: Any) -> Mail:
        """A statement that the outbox knows nothing of, signed and ready to be taken."""
        plain = personal_part.salted(part) if part else b""
        if plain:
            other["commitment"] = personal_part.commitment(plain)
        signed = self.sign(self.statement(to, sequence, **other).SerializeToString(deterministic=True))
        sealed = None
        if plain:
            key = to.sealing_key
            digest = envelope.read(signed).digest
            sealed = statement_pb2.SealedPart(
                suite=personal_part.SUITE,
                key_id=key.key_id,
                sealed=personal_part.seal(plain, key.public, digest),
            )
        return self.parcels(to, statement_pb2.Parcel(envelope=signed, personal=sealed))

    def parcels(self, to: "Side", *parcels: statement_pb2.Parcel) -> Mail:
        data = statement_pb2.Parcels(parcels=parcels).SerializeToString()
        return Mail(str(subjects.Subject(self.party, to.party, subjects.STATEMENT)), data)

    def envelopes(self, to: "Side", kind: str, *signed: bytes) -> Mail:
        data = statement_pb2.Envelopes(envelopes=signed).SerializeToString()
        return Mail(str(subjects.Subject(self.party, to.party, kind)), data)

    @property
    def sealing_key(self) -> trust.SealingKey:
        party = self.desk.trust.get(self.party)
        assert party is not None
        key = party.sealing_key(self.clock())
        assert key is not None
        return key


def count_up(tx: Transaction, received: IncomingStatement) -> None:
    key = entity_store.matter_key(tx.party, received.matter)
    tally = tx.get(key) or Tally(tx.party, received.matter)
    heard = (*tally.heard, received.facts.value)
    tx.save(key, replace(tally, count=tally.count + 1, heard=heard))


def refuse(tx: Transaction, received: IncomingStatement) -> None:
    count_up(tx, received)
    tx.send(ANSWER, received.sender, received.matter, "", StringValue(value="never sent"))
    raise WrongState("this matter is closed")


def answer(tx: Transaction, received: IncomingStatement) -> None:
    count_up(tx, received)
    tx.send(ANSWER, received.sender, received.matter, "", StringValue(value="answer"))


def a_matter() -> str:
    return str(uuid7())


def a_command(
    side: Side, matter: str, *, request_id: str = "", content: bytes = b"count", handler: Any = None
) -> commands.Command:
    """A command that counts one up, or does what `handler` does."""
    key = entity_store.matter_key(side.party, matter)

    def count(tx: Transaction) -> record_pb2.Record:
        tally = tx.get(key) or Tally(side.party, matter)
        tx.save(key, replace(tally, count=tally.count + 1))
        return tx.record("test.count", matter, "", str(tally.count + 1))

    return commands.Command(
        side.party, OFFICER, request_id or str(UUID(str(uuid7()))), content, [key], handler or count
    )


def telling(side: Side, to: Side, matter: str, **more: Any) -> commands.Command:
    """A command that counts up, tells the other side, and adds to the person's file."""
    key = entity_store.matter_key(side.party, matter)

    def handle(tx: Transaction) -> record_pb2.Record:
        tally = tx.get(key) or Tally(side.party, matter)
        tx.save(key, replace(tally, count=tally.count + 1))
        tx.send(COUNTED, to.party, matter, "", StringValue(value="told"), part=b"part")
        return tx.record("test.tell", matter, "", "", StringValue(value="told"), part=b"part")

    return a_command(side, matter, handler=handle, **more)


def collector() -> tuple[list[Mail], Callable[[subjects.Subject, bytes, dict[str, str]], Any]]:
    """A stream that takes everything, and what it took."""
    taken: list[Mail] = []

    async def publish(subject: subjects.Subject, data: bytes, headers: dict[str, str]) -> None:
        taken.append(Mail(str(subject), data, dict(headers)))

    return taken, publish


async def said(result: Result) -> list[Mail]:
    """The messages that carry a result's receipts."""
    collected, publish = collector()
    await relay.publish_replies(publish, result.replies)
    return collected


def receipts_in(mails: Iterable[Mail]) -> list[receipt_pb2.Receipt]:
    return [receipt_pb2.Receipt.FromString(envelope.read(data).payload) for data in signed_in(mails)]


def signed_in(mails: Iterable[Mail]) -> list[bytes]:
    """The signed envelopes in messages of any kind."""
    found: list[bytes] = []
    for mail in mails:
        if mail.subject.endswith(subjects.STATEMENT):
            found += [parcel.envelope for parcel in statement_pb2.Parcels.FromString(mail.data).parcels]
        else:
            found += statement_pb2.Envelopes.FromString(mail.data).envelopes
    return found


def statements_in(mails: Iterable[Mail]) -> list[statement_pb2.Statement]:
    return [statement_pb2.Statement.FromString(envelope.read(data).payload) for data in signed_in(mails)]


async def settle(*sides: Side) -> None:
    """Carry mail to and fro until nobody has anything to say."""
    by_party = {side.party: side for side in sides}
    while True:
        waiting = [mail for side in sides for mail in await side.mail()]
        if not waiting:
            return
        while waiting:
            mail = waiting.pop(0)
            waiting += await by_party[mail.subject.split(".")[3]].take(mail)


def a_law(permitted: Collection[tuple[str, str, str]] | None = None) -> AgreementRules:
    """Permits these (basis, type, role); without any, every type of the pair under `BASIS`."""
    allowed = {(BASIS, type, type.split(".")[1]) for type in TYPES} if permitted is None else set(permitted)

    def objection(basis: str, type: str, role: str, sender: str, on: date) -> str:
        return "" if (basis, type, role) in allowed else f"{basis} does not permit {type}"

    return AgreementRules(lambda type, on, sender: BASIS, objection, lambda party: ZoneInfo("Asia/Jakarta"))


Roles = Sequence[tuple[str, datetime, datetime | None]]
BOTH_ROLES: Roles = (("teller", KEYS_SINCE, None), ("listener", KEYS_SINCE, None))


@asynccontextmanager
async def open_sides(
    folder: Path,
    urls: Mapping[str, str],
    *,
    roles: Mapping[str, Roles] | None = None,
    law: AgreementRules | None = None,
    edit: Callable[[dict[str, Any]], None] | None = None,
) -> AsyncIterator[list[Side]]:
    """A side per party in `urls` (party → URL of an empty database); `edit` may change the parties file."""
    private = {party: private_keys.new_keys() for party in urls}
    document = {
        "format": "netral-parties/1",
        "serial": 1,
        "issued": KEYS_SINCE.isoformat(),
        "parties": [
            private_keys.party_entry(party, party, (roles or {}).get(party, BOTH_ROLES), keys, KEYS_SINCE)
            for party, keys in private.items()
        ],
    }
    if edit is not None:
        edit(document)
    (folder / "parties.json").write_text(json.dumps(document))
    parties = trust.load_parties(folder / "parties.json")
    clock, sides = Clock(), []
    for party, url in urls.items():
        desk = HostContext(
            name=party,
            parties=frozenset([party]),
            database=await a_database(url),
            trust=parties,
            keys={party: private[party]},
            vault=await a_vault(f"sqlite:///{folder / f'{party}-vault.sqlite'}"),
            store=STORE,
            law=law or a_law(),
            now=clock,
            new_id=lambda: str(uuid7()),
            leaf_ids=leaf_ids(TODAY),
        )
        sides.append(Side(desk, party, clock))
    try:
        yield sides
    finally:
        for side in sides:
            await side.desk.database.close()
            await side.desk.vault.database.close()


async def a_database(url: str) -> Database:
    """A desk's database with the tables of the trail, the exchange and the pair."""
    rooms = [Path(next(iter(room.__path__))) / "migrations" for room in (audit, exchange)]
    await migrated.start_from(url, "pair", rooms)
    database = Database(url)
    await database.migrate(*rooms)
    async with database.write() as connection:
        await connection.run_sync(PairTable.metadata.create_all)
    return database


async def a_vault(url: str, storage_key: bytes = bytes(32), **more: Any) -> Vault:
    rooms = [Path(next(iter(exchange.__path__))) / "personal_data" / "migrations"]
    await migrated.start_from(url, "vault", rooms)
    database = Database(url)
    await database.migrate(*rooms)
    return Vault(database, storage_key, **more)


def numbered(rows: Iterable[Any]) -> bool:
    """True if sequences are 1, 2, 3, … without gaps."""
    return all(row.sequence == n for row, n in zip(rows, itertools.count(1), strict=False))

"""Checks the exchange's books against the trail: what the tables say was sent, kept, answered and counted, the leaves must say.

The leaves are signed and in the log; the tables are what the desk works with. Each statement and receipt of a party is read
from its leaf and compared with its row, column by column, and each row must have its leaf. `operations.selfcheck.log` checks the leaves
themselves. Reads in chunks by the leaves' ids; a running desk goes on, so rows that changed meanwhile are looked at twice.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import TypeVar

from sqlalchemy import exists, func, select

from audit.formats.leaf import Kind
from audit.log.events import RECEIPT_TYPES, decode_leaf
from audit.tables import Leaf
from audit.verification.findings import Finding
from exchange.personal_data.vault import Erased, Vault, decrypt
from exchange.statements import receipts
from exchange.statements.protobuf_time import instant
from exchange.tables import (
    ConflictSeen,
    Delivery,
    Inbox,
    Outbox,
    PairIn,
    PairOut,
    PersonalPart,
    Request,
)
from netral.exchange.v1 import receipt_pb2, statement_pb2
from operations.selfcheck.rows import read_rows
from storage.key_in import key_in
from storage.protocols import Connection, Database
from storage.types import Values, table

_CHUNK = 2000
_MANY = 20
Conflicts = Mapping[bytes, ConflictSeen]
Value = str | int | bytes | datetime
Columns = Mapping[str, Value]
Model = TypeVar("Model", Outbox, Inbox)


async def check_books(database: Database, party: str, vault: Vault | None = None) -> list[Finding]:
    """Compare the exchange's tables of a party with its leaves; with `vault`, the personal parts too."""
    check = _Check(party)
    last = 0
    while True:
        async with database.read() as connection:
            rows = await _leaves_after(connection, party, last)
            if not rows:
                break
            await check.take(connection, rows)
            last = rows[-1].id
    async with database.read() as connection:
        await check.rows_without_leaves(connection)
        await check.deliveries(connection)
        await check.pairs(connection)
        if vault is not None:
            await check.parts(connection, vault)
    return check.findings


async def _leaves_after(connection: Connection, party: str, last: int) -> list[Leaf]:
    leaves = table(Leaf)
    after = (
        select(leaves)
        .where(leaves.c.party == party, leaves.c.id > last, leaves.c.kind.in_((Kind.STATEMENT, Kind.RECEIPT)))
        .order_by(leaves.c.id)
        .limit(_CHUNK)
    )
    return await read_rows(connection, after, Leaf)


class _Check:
    """Checks one party's books."""

    def __init__(self, party: str) -> None:
        self.party = party
        self.findings: list[Finding] = []
        self.commitments: dict[str, bytes] = {}

    def find(self, matter: str, kind: str, message: str) -> None:
        self.findings.append(Finding(self.party, -1, matter, kind, message))

    # Leaf by leaf

    async def take(self, connection: Connection, rows: Sequence[Leaf]) -> None:
        names = {(self.party, row.ref) for row in rows}
        outbox = await _by_id(connection, Outbox, names)
        inbox = await _by_id(connection, Inbox, names)
        decoded = [decode_leaf(row.body) for row in rows]
        digests = [leaf.digest for leaf in decoded]
        conflicts = await self._conflicts(connection, digests)
        for row, leaf, digest in zip(rows, decoded, digests, strict=True):
            try:
                if row.kind == Kind.RECEIPT:
                    receipt = leaf.receipt()
                    self._receipt(row, receipt, outbox.get(row.ref), inbox.get(row.ref), conflicts)
                else:
                    said = leaf.statement()
                    self._statement(row, said, digest, outbox.get(row.ref), inbox.get(row.ref), conflicts)
            except ValueError as error:
                self.find(row.matter, "leaf", f"leaf {row.id} cannot be read: {error}")

    async def _conflicts(self, connection: Connection, digests: Sequence[bytes]) -> Conflicts:
        seen = table(ConflictSeen)
        query = select(seen).where(seen.c.party == self.party, seen.c.digest.in_(digests))
        return {bytes(row.digest): row for row in await read_rows(connection, query, ConflictSeen)}

    def _statement(
        self,
        leaf: Leaf,
        said: statement_pb2.Statement,
        digest: bytes,
        sent: Outbox | None,
        heard: Inbox | None,
        conflicts: Conflicts,
    ) -> None:
        wanted: Columns = {
            "type": said.type,
            "matter": said.subject,
            "digest": digest,
            "sequence": said.sequence,
        }
        self.commitments[said.id] = said.commitment
        if said.sender == self.party:
            created = instant(said.time)
            self._same(leaf, "outbox", sent, {**wanted, "recipient": said.recipient, "created": created})
        if said.recipient == self.party and digest in conflicts:
            reasons = {"sender": said.sender, "id": said.id, "matter": said.subject, "type": said.type}
            self._same(leaf, "conflict", conflicts[digest], reasons)
        elif said.recipient == self.party and (said.sender != self.party or heard is not None):
            self._same(leaf, "inbox", heard, {**wanted, "sender": said.sender, "after": said.after})

    def _receipt(
        self,
        leaf: Leaf,
        said: receipt_pb2.Receipt,
        sent: Outbox | None,
        heard: Inbox | None,
        conflicts: Conflicts,
    ) -> None:
        final = said.stage == receipts.OUTCOME
        word = receipts.outcome_word(said)
        if said.recipient == self.party and said.envelope_digest not in conflicts:
            wanted: dict[str, Value] = {
                "digest": said.envelope_digest,
                "received": instant(said.custody_time),
            }
            if final:
                wanted |= {"state": word, "reason": said.reason, "decided": instant(said.time)}
            self._same(leaf, "inbox", heard, wanted)
        elif said.sender == self.party and sent is not None and sent.digest == said.envelope_digest:
            wanted = {"custody": instant(said.custody_time)}
            if final:
                wanted |= {"outcome": word, "reason": said.reason, "decided": instant(said.time)}
            self._same(leaf, "outbox", sent, wanted)

    def _same(
        self, leaf: Leaf, name: str, row: Outbox | Inbox | ConflictSeen | None, wanted: Columns
    ) -> None:
        """Check that a row says what the leaf says, column by column."""
        if row is None:
            self.find(leaf.matter, "books", f"{name}: no row of statement {leaf.ref}")
            return
        other = [column for column, value in wanted.items() if _differ(getattr(row, column), value)]
        if other:
            self.find(
                leaf.matter, "books", f"{name}: {', '.join(other)} of {leaf.ref} is not what its leaf says"
            )

    # Rows that no leaf speaks for

    async def rows_without_leaves(self, connection: Connection) -> None:
        leaves = table(Leaf)
        mine = (leaves.c.party == self.party, leaves.c.kind == int(Kind.STATEMENT))
        for model, id_column in ((Outbox, "id"), (Inbox, "id"), (ConflictSeen, "id")):
            rows = table(model)
            told = exists().where(*mine, leaves.c.ref == rows.c[id_column])
            lost = select(rows.c[id_column], rows.c.matter).where(rows.c.party == self.party, ~told)
            for row in await connection.execute(lost.limit(_MANY)):
                self.find(row.matter, "books", f"{rows.name}: no leaf of statement {row.id}")
        await self._receipted(connection)
        requests = table(Request)
        told = exists().where(
            leaves.c.party == self.party,
            leaves.c.ref == requests.c.record,
            leaves.c.kind == int(Kind.RECORD),
        )
        lost = select(requests.c.request_id).where(requests.c.party == self.party, ~told).limit(_MANY)
        for row in await connection.execute(lost):
            self.find("", "books", f"request: the record that answers {row.request_id} is not in the log")
        await self._answers(connection)

    async def _answers(self, connection: Connection) -> None:
        """Check that a request id is answered by the record that names it."""
        leaves, requests = table(Leaf), table(Request)
        last = ""
        while True:
            query = (
                select(requests.c.request_id, leaves.c.body, leaves.c.matter)
                .join(leaves, (leaves.c.party == requests.c.party) & (leaves.c.ref == requests.c.record))
                .where(requests.c.party == self.party, requests.c.request_id > last)
                .where(leaves.c.kind == int(Kind.RECORD))
                .order_by(requests.c.request_id)
                .limit(_CHUNK)
            )
            rows = (await connection.execute(query)).all()
            if not rows:
                return
            last = rows[-1].request_id
            for row in rows:
                if decode_leaf(row.body).record().request_id != row.request_id:
                    self.find(
                        row.matter, "books", f"request: {row.request_id} is answered by another's record"
                    )

    async def _receipted(self, connection: Connection) -> None:
        """Check that custody and outcome stand in the outbox only by a receipt."""
        leaves, outbox = table(Leaf), table(Outbox)
        for column, types in (
            (outbox.c.custody.is_not(None), list(RECEIPT_TYPES.values())),
            (outbox.c.outcome != "", [RECEIPT_TYPES[receipts.OUTCOME]]),
        ):
            told = exists().where(
                leaves.c.party == self.party, leaves.c.ref == outbox.c.id, leaves.c.type.in_(types)
            )
            lost = select(outbox.c.id, outbox.c.matter).where(outbox.c.party == self.party, column, ~told)
            for row in await connection.execute(lost.limit(_MANY)):
                self.find(row.matter, "books", f"outbox: statement {row.id} is settled without a receipt")

    async def deliveries(self, connection: Connection) -> None:
        """Check that what has no outcome is still to be delivered, and nothing else is."""
        outbox, delivery = table(Outbox), table(Delivery)
        rows = await connection.execute(
            select(outbox.c.id, outbox.c.matter, outbox.c.outcome, outbox.c.custody, outbox.c.recipient)
            .add_columns(delivery.c.id.label("still"), delivery.c.awaits, delivery.c.party)
            .add_columns(delivery.c.recipient.label("to"))
            .join_from(outbox, delivery, delivery.c.id == outbox.c.id, isouter=True, full=True)
            .where((outbox.c.party == self.party) | (delivery.c.party == self.party))
            .where((outbox.c.outcome == "") | delivery.c.id.is_not(None))
        )
        for row in rows.mappings():
            problem = _delivery_problem(row, self.party)
            if problem:
                statement = row["id"] or row["still"]
                self.find(row["matter"] or "", "books", f"delivery: {problem} (statement {statement})")

    async def pairs(self, connection: Connection) -> None:
        given, outbox = table(PairOut), table(Outbox)
        rows = await connection.execute(select(given).where(given.c.party == self.party))
        last = {row.peer: row.last for row in rows}
        rows = await connection.execute(
            select(outbox.c.recipient, func.max(outbox.c.sequence).label("last"))
            .where(outbox.c.party == self.party)
            .group_by(outbox.c.recipient)
        )
        sent = {row.recipient: row.last for row in rows}
        for peer in sorted(last.keys() | sent.keys()):
            if last.get(peer, 0) != sent.get(peer, 0):
                self.find(
                    "", "books", f"pair_out: the last number to {peer} is not that of the last statement"
                )
        taken, inbox = table(PairIn), table(Inbox)
        counted = (
            select(func.count())
            .where(inbox.c.party == taken.c.party, inbox.c.sender == taken.c.peer)
            .where(inbox.c.sequence <= taken.c.complete)
            .scalar_subquery()
        )
        highest = (
            select(func.max(inbox.c.sequence))
            .where(inbox.c.party == taken.c.party, inbox.c.sender == taken.c.peer)
            .scalar_subquery()
        )
        rows = await connection.execute(
            select(taken, counted.label("counted"), highest.label("seen")).where(taken.c.party == self.party)
        )
        for row in rows.all():
            if row.counted != row.complete or row.highest < (row.seen or 0) or row.highest < row.complete:
                self.find(
                    "", "books", f"pair_in: not complete up to {row.complete} from {row.peer}, as it says"
                )

    async def parts(self, connection: Connection, vault: Vault) -> None:
        """Check that every personal part that can be opened is what its statement committed to."""
        parts, leaves = table(PersonalPart), table(Leaf)
        last = ""
        while True:
            about = (leaves.c.party == parts.c.party) & (leaves.c.ref == parts.c.source)
            query = (
                select(parts, leaves.c.matter.label("of"), leaves.c.type.label("said"))
                .outerjoin(leaves, about & leaves.c.kind.in_((Kind.STATEMENT, Kind.RECORD)))
                .where(parts.c.party == self.party, parts.c.source > last)
                .order_by(parts.c.source)
                .limit(_CHUNK)
            )
            rows = (await connection.execute(query)).all()
            if not rows:
                return
            last = rows[-1].source
            keys = await vault.keys({(row.party, row.matter) for row in rows}, make=False)
            for row in rows:
                problem = self._part_problem(row.source, row.sealed, keys.get((row.party, row.matter)))
                if (row.matter, row.type) != (row.of, row.said):
                    problem = "it is filed under another matter or type than its leaf"
                if problem:
                    self.find(row.matter, "books", f"personal_part: {problem} ({row.source})")

    def _part_problem(self, source: str, sealed: bytes, key: bytes | None) -> str:
        if key is None:
            return ""  # erased
        try:
            plain = decrypt(key, sealed, source)
        except Erased:
            return "it does not open with its matter's key"
        committed = self.commitments.get(source)
        if committed and sha256(plain).digest() != committed:
            return "it is not what its statement committed to"
        return ""


def _delivery_problem(row: Values, party: str) -> str:
    if row["id"] is None:
        return "there is no such statement"
    if row["still"] is None:
        return "a statement without outcome is not being delivered"
    if row["outcome"]:
        return "a statement with an outcome is still being delivered"
    if (row["party"], row["to"]) != (party, row["recipient"]):
        return "it goes from or to another party"
    if row["custody"] is None and row["awaits"] != "custody":
        return "it does not wait for custody, which is not there"
    return ""


def _differ(kept: Value | None, said: Value) -> bool:
    return (bytes(kept) if isinstance(kept, memoryview) else kept) != said


async def _by_id(connection: Connection, model: type[Model], names: set[tuple[str, str]]) -> dict[str, Model]:
    rows = table(model)
    query = select(rows).where(key_in((rows.c.party, rows.c.id), sorted(names)))
    return {row.id: row for row in await read_rows(connection, query, model)}

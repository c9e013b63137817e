"""Erasures and holds of a host's parties, as facts of commands and statements, by the matter that they are on."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime

from sqlalchemy import JSON, Index, Text, select
from sqlalchemy.orm import registry
from sqlmodel import Field

from audit.formats.leaf import Kind
from audit.tables import Leaf
from cooperation.erasure.domain.holds import Hold
from cooperation.erasure.domain.orders import Dealings, Erasure
from exchange.context import EntityStore, Fact, FactKey, Facts
from exchange.delivery import entity_store
from exchange.tables import Outbox, PersonalPart
from host.facts import FactKind
from storage.key_in import key_in
from storage.protocols import Connection
from storage.types import FoundRow, Instant, TableModel, table
from storage.upserts import upsert

ERASURES = FactKind("erasure", Erasure)
DEALINGS = FactKind("dealings", Dealings)
"""Read only: what a party has on a matter, and whom it exchanged it with."""
HOLDS, FORGOTTEN = "legal_holds", "forgotten"
# What is said of erasures and holds makes nobody a holder.
_OF_ERASURES = (".erasure_", ".hold_")

Forget = Callable[[Connection, str, str], Awaitable[None]]
"""Deletes what a desk keeps on the person of a party's matter beyond personal parts."""


class ErasureTable(TableModel, registry=registry()):
    """The registry of this package's tables."""


class ErasureRow(ErasureTable, table=True):
    """An order at a party; the fields are those of `domain.orders.Erasure`."""

    __tablename__ = "erasure"
    __table_args__ = (Index("erasure_state", "state"),)

    party: str = Field(primary_key=True, max_length=40)
    id: str = Field(primary_key=True, max_length=36)
    order: str = Field(max_length=36)
    ordered_by: str = Field(max_length=40)
    heard_from: str = Field(default="", max_length=40)
    basis: str = Field(max_length=60)
    ground: str = Field(max_length=40)
    order_date: date
    case_id: str = Field(default="", max_length=36)
    state: str = Field(max_length=20)
    created: datetime = Field(sa_type=Instant)
    updated: datetime = Field(sa_type=Instant)
    warrant: str = Field(default="", sa_type=Text)
    asked: list[str] = Field(default_factory=list, sa_type=JSON)
    answers: list[str] = Field(default_factory=list, sa_type=JSON)
    answer_times: list[str] = Field(default_factory=list, sa_type=JSON)
    emptied: int = 0
    documents: int = 0


class HoldRow(ErasureTable, table=True):
    """A hold at a party; the fields are those of `domain.holds.Hold`."""

    __tablename__ = "legal_hold"
    __table_args__ = (Index("legal_hold_target", "party", "target"),)

    party: str = Field(primary_key=True, max_length=40)
    id: str = Field(primary_key=True, max_length=36)
    target: str = Field(default="", max_length=36)
    placed_by: str = Field(max_length=40)
    reason: str = Field(max_length=40)
    place_date: date
    lift_date: date | None = None
    told: list[str] = Field(default_factory=list, sa_type=JSON)


def holds_key(party: str, target: str) -> FactKey:
    """The fact: all holds on a matter ("": on all that the party holds), a tuple of `Hold`, oldest first."""
    return (HOLDS, party, target)


def stopping_keys(party: str, matter: str) -> list[FactKey]:
    """The facts that are the holds which may stop an erasure of a matter."""
    return [holds_key(party, matter), holds_key(party, "")]


def forgotten_key(party: str, matter: str) -> FactKey:
    """The fact, write only: what a party keeps on a matter's person is deleted in the commit that says so."""
    return (FORGOTTEN, party, matter)


# --- holds -------------------------------------------------------------------------------------------------------

entity_store.check_columns(HoldRow, Hold)


def to_hold(row: FoundRow) -> Hold:
    """A row as the domain's word."""
    values = {each.name: getattr(row, each.name) for each in fields(Hold)}
    return Hold(**values | {"told": tuple(values["told"])})


async def _load_holds(connection: Connection, keys: Collection[FactKey]) -> Facts:
    found: dict[FactKey, tuple[Hold, ...]] = dict.fromkeys(keys, ())
    rows = table(HoldRow)
    query = (
        select(rows)
        .where(key_in((rows.c.party, rows.c.target), sorted({(key[1], key[2]) for key in keys})))
        .order_by(rows.c.party, rows.c.id)
        .with_for_update()
    )
    for row in await connection.execute(query):
        found[holds_key(row.party, row.target)] += (to_hold(row),)
    return dict(found)


async def _save_holds(
    connection: Connection, facts: Mapping[FactKey, Fact], new: Collection[FactKey]
) -> None:
    rows = [
        {each.name: getattr(hold, each.name) for each in fields(Hold)} | {"told": list(hold.told)}
        for key in sorted(facts)
        for hold in facts[key]
    ]
    await upsert(connection, HoldRow, rows)


def changed(holds: Sequence[Hold], one: Hold) -> tuple[Hold, ...]:
    """The holds on a target with one of them changed, or added."""
    return tuple(sorted((*(each for each in holds if each.id != one.id), one), key=lambda each: each.id))


# --- dealings ----------------------------------------------------------------------------------------------------


async def _load_dealings(connection: Connection, keys: Collection[FactKey]) -> Facts:
    wanted = sorted({(key[1], key[2]) for key in keys})
    leaves, outbox, parts = table(Leaf), table(Outbox), table(PersonalPart)
    kept = select(
        leaves.c.party, leaves.c.matter, leaves.c.kind, leaves.c.ref, leaves.c.author, leaves.c.type
    )
    heard: dict[tuple[str, str], dict[str, str]] = {each: {} for each in wanted}
    known: set[tuple[str, str]] = set()
    for row in await connection.execute(kept.where(key_in((leaves.c.party, leaves.c.matter), wanted))):
        if row.kind == Kind.RECEIPT or any(word in row.type for word in _OF_ERASURES):
            continue
        if not row.type.startswith("erasure."):
            known.add((row.party, row.matter))
        if row.kind == Kind.STATEMENT and row.author != row.party:
            heard[row.party, row.matter][row.ref] = row.author
    sent: dict[tuple[str, str], set[str]] = {each: set() for each in wanted}
    gone = select(outbox.c.party, outbox.c.matter, outbox.c.recipient, outbox.c.type)
    for row in await connection.execute(gone.where(key_in((outbox.c.party, outbox.c.matter), wanted))):
        if not any(word in row.type for word in _OF_ERASURES):
            sent[row.party, row.matter].add(row.recipient)
    first: dict[tuple[str, str], str] = {}
    held = select(parts.c.party, parts.c.matter, parts.c.source).order_by(parts.c.source)
    for row in await connection.execute(held.where(key_in((parts.c.party, parts.c.matter), wanted))):
        first.setdefault((row.party, row.matter), row.source)
    return {
        DEALINGS.key(*each): Dealings(
            each in known,
            each in first and first[each] not in heard[each],
            frozenset(heard[each].values()),
            frozenset(sent[each]),
        )
        for each in wanted
    }


async def dealings(connection: Connection, keys: Collection[FactKey]) -> dict[FactKey, Dealings]:
    """The dealings under these keys."""
    return await _load_dealings(connection, keys)


async def _read_only(connection: Connection, facts: Mapping[FactKey, Fact], new: Collection[FactKey]) -> None:
    raise AssertionError("this fact is not changed by a command")


# --- forgetting --------------------------------------------------------------------------------------------------


async def _nothing(connection: Connection, keys: Collection[FactKey]) -> Facts:
    return {}


def _forgetting(forget: Sequence[Forget]) -> EntityStore:
    async def save(connection: Connection, facts: Mapping[FactKey, Fact], new: Collection[FactKey]) -> None:
        parts = table(PersonalPart)
        for _, party, matter in sorted(facts):
            here = (parts.c.party == party, parts.c.matter == matter)
            await connection.execute(parts.delete().where(*here))
            for each in forget:
                await each(connection, party, matter)

    return EntityStore(_nothing, save)


def stores(*forget: Forget) -> dict[str, EntityStore]:
    """By the first word of a key, in the order of locking. `forget`: what else the rooms of this host keep on persons."""
    return {
        ERASURES.word: entity_store.store(
            ErasureRow, Erasure, ErasureRow, word=ERASURES.word, number_word=""
        ),
        HOLDS: EntityStore(_load_holds, _save_holds),
        DEALINGS.word: EntityStore(_load_dealings, _read_only),
        FORGOTTEN: _forgetting(forget),
    }

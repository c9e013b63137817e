"""Erasures and holds of a host's parties, as facts of commands and statements, by the matter that they are on."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime

from sqlalchemy import JSON, Index, Text, bindparam, select
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
from storage.key_in import key_in, listed
from storage.together import Reading, Write
from storage.types import FoundRow, Instant, TableModel, table
from storage.upserts import upsert_of

ERASURES = FactKind("erasure", Erasure)
DEALINGS = FactKind("dealings", Dealings)
"""Read only: what a party has on a matter, and whom it exchanged it with."""
HOLDS, FORGOTTEN = "legal_holds", "forgotten"
# What is said of erasures and holds makes nobody a holder.
_OF_ERASURES = (".erasure_", ".hold_")

Forget = Callable[[Sequence[tuple[str, str]]], Write]
"""Deletes what a desk keeps on the persons of matters (party, id) beyond personal parts."""


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


_HOLDS = table(HoldRow)
_HOLDS_ON = (
    select(_HOLDS)
    .where(key_in((_HOLDS.c.party, _HOLDS.c.target)))
    .order_by(_HOLDS.c.party, _HOLDS.c.id)
    .with_for_update()
)


def _load_holds(keys: Collection[FactKey]) -> Reading[Facts]:
    wanted = sorted({(key[1], key[2]) for key in keys})

    def facts(found: Sequence[Sequence[FoundRow]]) -> Facts:
        holds: dict[FactKey, tuple[Hold, ...]] = dict.fromkeys(keys, ())
        for row in found[0]:
            holds[holds_key(row.party, row.target)] += (to_hold(row),)
        return dict(holds)

    return Reading([(_HOLDS_ON, {"keys": listed(wanted)})], facts)


def _save_holds(facts: Mapping[FactKey, Fact], new: Collection[FactKey]) -> Sequence[Write]:
    rows = [
        {each.name: getattr(hold, each.name) for each in fields(Hold)} | {"told": list(hold.told)}
        for key in sorted(facts)
        for hold in facts[key]
    ]
    return [(upsert_of(HoldRow), rows)]


def changed(holds: Sequence[Hold], one: Hold) -> tuple[Hold, ...]:
    """The holds on a target with one of them changed, or added."""
    return tuple(sorted((*(each for each in holds if each.id != one.id), one), key=lambda each: each.id))


# --- dealings ----------------------------------------------------------------------------------------------------


_LEAVES, _OUTBOX, _PARTS = table(Leaf), table(Outbox), table(PersonalPart)
_LEAVES_ON = select(
    _LEAVES.c.party, _LEAVES.c.matter, _LEAVES.c.kind, _LEAVES.c.ref, _LEAVES.c.author, _LEAVES.c.type
).where(key_in((_LEAVES.c.party, _LEAVES.c.matter)))
_SENT_ON = select(_OUTBOX.c.party, _OUTBOX.c.matter, _OUTBOX.c.recipient, _OUTBOX.c.type).where(
    key_in((_OUTBOX.c.party, _OUTBOX.c.matter))
)
_PARTS_ON = (
    select(_PARTS.c.party, _PARTS.c.matter, _PARTS.c.source)
    .where(key_in((_PARTS.c.party, _PARTS.c.matter)))
    .order_by(_PARTS.c.source)
)


def dealings(keys: Collection[FactKey]) -> Reading[dict[FactKey, Dealings]]:
    """The dealings under these keys."""
    wanted = sorted({(key[1], key[2]) for key in keys})
    given = {"keys": listed(wanted)}
    return Reading(
        [(_LEAVES_ON, given), (_SENT_ON, given), (_PARTS_ON, given)], lambda found: _dealings(wanted, *found)
    )


def _dealings(
    wanted: Sequence[tuple[str, str]],
    kept: Sequence[FoundRow],
    gone: Sequence[FoundRow],
    held: Sequence[FoundRow],
) -> dict[FactKey, Dealings]:
    heard: dict[tuple[str, str], dict[str, str]] = {each: {} for each in wanted}
    known: set[tuple[str, str]] = set()
    for row in kept:
        if row.kind == Kind.RECEIPT or any(word in row.type for word in _OF_ERASURES):
            continue
        if not row.type.startswith("erasure."):
            known.add((row.party, row.matter))
        if row.kind == Kind.STATEMENT and row.author != row.party:
            heard[row.party, row.matter][row.ref] = row.author
    sent: dict[tuple[str, str], set[str]] = {each: set() for each in wanted}
    for row in gone:
        if not any(word in row.type for word in _OF_ERASURES):
            sent[row.party, row.matter].add(row.recipient)
    first: dict[tuple[str, str], str] = {}
    for row in held:
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


def _load_dealings(keys: Collection[FactKey]) -> Reading[Facts]:
    return dealings(keys).then(lambda found: dict(found))


def _read_only(facts: Mapping[FactKey, Fact], new: Collection[FactKey]) -> Sequence[Write]:
    raise AssertionError("this fact is not changed by a command")


# --- forgetting --------------------------------------------------------------------------------------------------


_FORGET_PARTS = _PARTS.delete().where(
    _PARTS.c.party == bindparam("of_party"), _PARTS.c.matter == bindparam("of_matter")
)


def _nothing(keys: Collection[FactKey]) -> Reading[Facts]:
    return Reading((), lambda found: {})


def _forgetting(forget: Sequence[Forget]) -> EntityStore:
    def save(facts: Mapping[FactKey, Fact], new: Collection[FactKey]) -> Sequence[Write]:
        matters = [(party, matter) for _, party, matter in sorted(facts)]
        parts = [{"of_party": party, "of_matter": matter} for party, matter in matters]
        return [(_FORGET_PARTS, parts), *(each(matters) for each in forget)]

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

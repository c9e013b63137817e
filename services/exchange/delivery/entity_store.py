"""A desk's matters as facts: load for change, save in bulk, list for people. Called by each desk's `store`.

A desk hands over its table, its domain type (a frozen dataclass with the same field names) and its table of used numbers.
Nothing here knows what the fields mean.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from types import NoneType, UnionType, new_class
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from sqlalchemy import JSON, Boolean, Column, ColumnElement, Date, Index, Integer, String, and_, or_, select
from sqlmodel import Field as SqlField
from sqlmodel import SQLModel

from agreement.lengths import Length
from exchange.context import EntityStore, Fact, FactKey, Facts
from exchange.delivery.transaction import Transaction
from refusals import Conflict
from storage.key_in import key_in, listed
from storage.protocols import Connection
from storage.together import Question, Reading, Write
from storage.types import FoundRow, Instant, Values, table
from storage.upserts import insert_of, upsert_of

T = TypeVar("T")
E = TypeVar("E")

_TYPES = {int: Integer, bool: Boolean, date: Date, datetime: Instant}

MATTER = "matter"
NUMBER = "number"
_FREE = ""  # in the place of the matter that uses a number


def matter_key(party: str, matter: str) -> FactKey:
    """The fact that is a matter."""
    return (MATTER, party, matter)


def number_key(party: str, kind: str, number: str) -> FactKey:
    """The fact that a number of a kind (a letter, a decree) is used: its value is the matter that uses it."""
    return (NUMBER, party, kind, number)


def use_number(
    tx: Transaction, kind: str, number: str, matter: str, *, field: str, word: str = NUMBER
) -> None:
    """Use a number, for good unless it is freed. `word` is that of the store's numbers.

    Raises:
        Conflict: it was used before; it names the matter, or what else uses it.
    """
    key = (word, tx.party, kind, number)
    used_in = tx.get(key)
    if used_in not in (None, _FREE):
        raise Conflict(
            "this number was used before: {other_matter} has it",
            other_matter=str(used_in),
            field=field,
            reason="NUMBER_USED",
        )
    tx.save(key, matter)


def free_number(tx: Transaction, kind: str, number: str) -> None:
    """Free a number that was given by mistake: whose it is can use it. The trail keeps both."""
    tx.save(number_key(tx.party, kind, number), _FREE)


def use_new_number(tx: Transaction, kind: str, number: str, matter: str) -> None:
    """Use a number that this transaction has just made: nobody can have used it, so there is nothing to load.

    Should it be there all the same, the commit fails.
    """
    tx.save(number_key(tx.party, kind, number), matter)


def table_of(base: type[SQLModel], name: str, domain: type[Any], *indexes: Index) -> type[SQLModel]:
    """The table of a frozen dataclass, in the registry of `base`: a column for each field, the key is party and id.

    Raises:
        TypeError: a text without a length (`agreement.lengths`), or a type that no column has.
    """
    hints = get_type_hints(domain, include_extras=True)
    columns = {field: SqlField(sa_column=_column(field, hint)) for field, hint in hints.items()}
    names = {"__tablename__": name, "__table_args__": indexes, "__module__": domain.__module__}
    body = {**names, "__annotations__": hints, **columns}
    return new_class(f"{domain.__name__}Row", (base,), {"table": True}, lambda space: space.update(body))


def _column(name: str, hint: Any) -> Column[Any]:
    taken = set(get_args(hint)) if isinstance(hint, UnionType) else {hint}
    (kind,) = taken - {NoneType}
    lengths = [each.most for each in getattr(kind, "__metadata__", ()) if isinstance(each, Length)]
    holds = JSON if get_origin(kind) is tuple else String(lengths[0]) if lengths else _TYPES.get(kind)
    if holds is None:
        raise TypeError(f"{name}: a text without a length, or a type that no column has")
    return Column(name, holds, nullable=NoneType in taken, primary_key=name in ("party", "id"))


def check_columns(rows: type[SQLModel], domain: type[Any]) -> None:
    """Require that a table has a column for each field of a dataclass, and no other.

    Raises:
        TypeError: it has not: what is in one only would be lost without a word.
    """
    lost = {column.name for column in table(rows).columns} ^ {field.name for field in fields(domain)}
    if lost:
        raise TypeError(f"{domain.__name__} and {rows.__name__} leave out: {', '.join(sorted(lost))}")


def store(
    matters: type[SQLModel],
    domain: type[Any],
    numbers: type[SQLModel],
    *,
    word: str = MATTER,
    number_word: str = NUMBER,
) -> EntityStore:
    """The store of a desk. The words begin the keys of its facts: another room of the same host has others.

    Raises:
        TypeError: a field of the domain type is no column, or a column no field.
    """
    check_columns(matters, domain)
    names = [field.name for field in fields(domain)]
    rows, taken = table(matters), table(numbers)
    columns = [column.name for column in rows.columns]
    places = [columns.index(name) for name in names]
    of_keys = (
        select(rows)
        .where(key_in((rows.c.party, rows.c.id)))
        .order_by(rows.c.party, rows.c.id)
        .with_for_update()
    )
    of_numbers = (
        select(taken).where(key_in((taken.c.party, taken.c.kind, taken.c.number))) if number_word else None
    )

    def load(keys: Collection[FactKey]) -> Reading[Facts]:
        wanted = sorted({(key[1], key[2]) for key in keys if key[0] == word})
        used = sorted({(key[1], key[2], key[3]) for key in keys if key[0] == number_word})
        questions: list[Question] = [(of_keys, {"keys": listed(wanted)})] if wanted else []
        if used and of_numbers is not None:
            questions.append((of_numbers, {"keys": listed(used)}))

        def facts(found: Sequence[Sequence[FoundRow]]) -> Facts:
            entities: Facts = (
                {(word, row.party, row.id): to_domain(row) for row in found[0]} if wanted else {}
            )
            given = (
                {(number_word, row.party, row.kind, row.number): row.matter for row in found[-1]}
                if used
                else {}
            )
            return entities | given

        return Reading(questions, facts)

    def save(facts: Mapping[FactKey, Fact], new: Collection[FactKey]) -> Sequence[Write]:
        keys = sorted(facts)
        changed = [_row(facts[key], names) for key in keys if key[0] == word and key not in new]
        added = [_row(facts[key], names) for key in keys if key[0] == word and key in new]
        used = [key for key in keys if key[0] == number_word]
        again = [key for key in used if key not in new or facts[key] == _FREE]
        return [
            (upsert_of(matters), changed),
            (insert_of(matters), added),
            (upsert_of(numbers), [_number(key, facts[key]) for key in again]),
            (insert_of(numbers), [_number(key, facts[key]) for key in used if key not in again]),
        ]

    def to_domain(row: FoundRow) -> Fact:
        return domain(*(_tuple(row[place]) for place in places))

    return EntityStore(load, save)


def _number(key: FactKey, matter: Fact) -> Values:
    return {"party": key[1], "kind": key[2], "number": key[3], "matter": matter}


def _row(matter: Fact, names: list[str]) -> Values:
    return {name: _list(getattr(matter, name)) for name in names}


def _list(value: T | tuple[E, ...]) -> T | list[E]:
    return list(value) if isinstance(value, tuple) else value


def _tuple(value: T | list[E]) -> T | tuple[E, ...]:
    return tuple(value) if isinstance(value, list) else value


async def one(connection: Connection, matters: type[SQLModel], party: str, matter: str) -> Fact | None:
    """The row of one matter; it has the fields of the domain type, and is shown as one."""
    rows = table(matters)
    found = await connection.execute(select(rows).where(rows.c.party == party, rows.c.id == matter))
    return found.one_or_none()


async def page(
    connection: Connection,
    matters: type[SQLModel],
    party: str,
    *,
    after: str,
    size: int,
    where: Sequence[ColumnElement[bool]] = (),
) -> list[FoundRow]:
    """Up to `size` rows of a party after a matter id, oldest first (ids grow with time); `where`: more conditions."""
    rows = table(matters)
    query = (
        select(rows).where(rows.c.party == party, rows.c.id > after, *where).order_by(rows.c.id).limit(size)
    )
    return list(await connection.execute(query))


async def page_of_changes(
    connection: Connection,
    matters: type[SQLModel],
    party: str,
    *,
    since: datetime,
    after: str,
    before: datetime,
    size: int,
    where: Sequence[ColumnElement[bool]] = (),
) -> list[FoundRow]:
    """Up to `size` rows of a party that changed after an instant and before another, in the order of their last changes.

    `after`: an id; the rows of the first instant with a larger id are among them.
    """
    rows = table(matters)
    later = [rows.c.updated > since]
    if after:
        rest = and_(rows.c.updated == since, rows.c.id > after)
        later = [rows.c.updated >= since, or_(*later, rest)]
    query = (
        select(rows)
        .where(rows.c.party == party, *later, rows.c.updated < before, *where)
        .order_by(rows.c.updated, rows.c.id)
        .limit(size)
    )
    return list(await connection.execute(query))

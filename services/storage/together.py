"""Many statements in one round trip: what a commit reads, and what it writes.

On PostgreSQL each round trip costs more CPU on both sides than what it asks for, so many queries travel as one statement of
CTEs whose rows come back as records, and many writes as CTEs over arrays. On SQLite, a library in this process, they run one
by one. The joined statement of the same statements is made once: hand over the same objects each time (made at import, or
cached), with parameters for all that changes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import (
    CTE,
    BindParameter,
    ColumnElement,
    Delete,
    Dialect,
    Executable,
    FromClause,
    Insert,
    Integer,
    Label,
    Select,
    SelectBase,
    String,
    TableValuedAlias,
    Update,
    bindparam,
    column,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.visitors import replacement_traverse
from sqlalchemy.types import TypeEngine

from storage.drivers.found_rows import row_maker
from storage.protocols import Connection
from storage.types import FoundRow, Values
from storage.upserts import OnConflict, Rows

T = TypeVar("T")
U = TypeVar("U")

Question = tuple[Select[Any], Mapping[str, Any]]
"""A query, with the values of its parameters."""
Write = tuple[Insert | OnConflict | Update | Delete, Rows]
"""An insert, upsert, update or delete, with the values of its parameters for each run."""
_Write = tuple[Insert | Update | Delete, Rows]
Record = tuple[Any, ...]

_SHAPES = 1_000
"""Joined statements that are remembered; some fifty are in use."""
_FEW = 2
# Of a row: the transaction that wrote it.
_VERSION: Label[str] = literal_column("xmin::text", String()).label("row_version")


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """Queries, and what is made of their rows."""

    questions: Sequence[Question]
    make: Callable[[Sequence[Sequence[FoundRow]]], T]

    def beside(self, other: "Reading[U]") -> "Reading[tuple[T, U]]":
        """Both, in one round trip."""
        own = len(self.questions)
        return Reading(
            (*self.questions, *other.questions),
            lambda found: (self.make(found[:own]), other.make(found[own:])),
        )

    def then(self, change: Callable[[T], U]) -> "Reading[U]":
        """The same queries, of which something else is made."""
        return Reading(self.questions, lambda found: change(self.make(found)))


# --- reading -------------------------------------------------------------------------------------------------------


async def read(connection: Connection, questions: Sequence[Question]) -> list[list[FoundRow]]:
    """The rows of each query. Queries with `FOR UPDATE` are on one table each; rows are locked in the order of the queries.

    Nothing that is read is older than what is locked: if a lock waited for a change, which the statement as a whole does not
    see, all is read once more.
    """
    if connection.dialect.name == "sqlite" or len(questions) < 2:
        return [list(await connection.execute(query, given)) for query, given in questions]
    joined = _joined_queries(tuple(query for query, _ in questions), connection.dialect)
    parameters = {
        f"q{place}_{name}": value
        for place, (_, given) in enumerate(questions)
        for name, value in given.items()
    }
    while True:
        found: list[list[Record]] = [[] for _ in range(joined.places)]
        for place, record in await connection.execute(joined.statement, parameters):
            found[place].append(record)
        if all(_is_current(found[locked], found[seen]) for locked, seen in joined.locks):
            return [
                [row_of(record) for record in records]
                for row_of, records in zip(joined.readers, found, strict=False)
            ]


async def run(connection: Connection, reading: Reading[T]) -> T:
    """Read, and give what is made of it."""
    return reading.make(await read(connection, reading.questions))


@dataclass(frozen=True)
class _JoinedQueries:
    """Queries as one statement, whose rows are a place and a record.

    `locks`: the place of each query that locks, and of the versions of its rows that the statement sees by itself.
    """

    statement: Executable
    places: int
    readers: Sequence[Callable[[Record], FoundRow]]
    locks: Sequence[tuple[int, int]]


def _is_current(locked: Iterable[Record], seen: Iterable[Record]) -> bool:
    return sorted(record[-1] for record in locked) == sorted(record[-1] for record in seen)


@lru_cache(_SHAPES)
def _joined_queries(queries: Sequence[Select[Any]], dialect: Dialect) -> _JoinedQueries:
    parts: list[Select[Any]] = []
    versions: list[Select[Any]] = []
    locks = []
    for place, query in enumerate(queries):
        own = _with_own_parameters(query, place)
        if own._for_update_arg is None:
            parts.append(own)
            continue
        assert own.whereclause is not None
        locks.append((place, len(queries) + len(versions)))
        versions.append(select(_VERSION).select_from(*own.columns_clause_froms).where(own.whereclause))
        parts.append(own.add_columns(_VERSION))
    parts += versions
    # Materialized: rows are locked, and come, in the order of the queries.
    ctes = [part.cte(f"q{place}").prefix_with("MATERIALIZED") for place, part in enumerate(parts)]
    statement: Executable = union_all(*(_records_of(cte, place) for place, cte in enumerate(ctes)))
    return _JoinedQueries(statement, len(parts), [_reader(query, dialect) for query in queries], locks)


def _with_own_parameters(query: Select[Any], place: int) -> Select[Any]:
    """The query with parameters that no other query has."""

    def renamed(element: Any, **_: Any) -> BindParameter[Any] | None:
        if isinstance(element, BindParameter) and element.required:
            return bindparam(f"q{place}_{element.key}", type_=element.type)
        return None

    own = replacement_traverse(query, {}, renamed)
    assert isinstance(own, Select)
    return own


def _records_of(cte: CTE, place: int) -> SelectBase:
    # A CTE's name stands for its whole row.
    return select(literal_column(str(place), Integer()), literal_column(cte.name)).select_from(cte)


def _reader(query: Select[Any], dialect: Dialect) -> Callable[[Record], FoundRow]:
    """Make rows of a query's records as if it had run alone."""
    columns = list(query.selected_columns)
    row_of = row_maker(tuple(str(each.key) for each in columns))
    found = [each.type.dialect_impl(dialect).result_processor(dialect, None) for each in columns]
    processors = [(place, process) for place, process in enumerate(found) if process is not None]

    def read_record(record: Record) -> FoundRow:
        values = list(record[: len(columns)])
        for place, process in processors:
            values[place] = process(values[place])
        return row_of(values)

    return read_record


# --- writing -------------------------------------------------------------------------------------------------------


async def write(connection: Connection, writes: Sequence[Write]) -> None:
    """Run these writes in order, each for all its rows; all rows of one write have values for the same names.

    No row may be written twice, but that an update or delete changes what was inserted or changed before it: it waits for
    a round trip of its own. Inserts are bare, or those of `storage.upserts`; updates and deletes say by parameters
    (`bindparam`) which row they mean.
    """
    dialect = connection.dialect.name
    pending = [
        (statement.of(dialect) if isinstance(statement, OnConflict) else statement, rows)
        for statement, rows in writes
        if rows
    ]
    if dialect == "sqlite":
        for statement, rows in pending:
            await connection.execute(statement, rows)
        return
    for group in _groups(pending):
        await _write_group(connection, group)


def _groups(writes: Iterable[_Write]) -> Iterable[Sequence[_Write]]:
    """Split writes where one has to see what an earlier one wrote: in one statement it would not."""
    group: list[_Write] = []
    written: set[FromClause] = set()
    for statement, rows in writes:
        if not isinstance(statement, Insert) and statement.table in written:
            yield group
            group, written = [], set()
        group.append((statement, rows))
        written.add(statement.table)
    if group:
        yield group


async def _write_group(connection: Connection, writes: Sequence[_Write]) -> None:
    if len(writes) == 1:
        await connection.execute(*writes[0])
        return
    shape = tuple(_Shape(statement, tuple(rows[0]), _few(statement, rows)) for statement, rows in writes)
    parameters: Values = {}
    for place, (_, rows) in enumerate(writes):
        if shape[place].few:
            for number, row in enumerate(rows):
                parameters |= {f"w{place}_{number}_{name}": value for name, value in row.items()}
        else:
            parameters |= {f"w{place}_{name}": [row[name] for row in rows] for name in rows[0]}
    await connection.execute(_joined_writes(shape, connection.dialect), parameters)


class _Shape(NamedTuple):
    """A write by the names of its parameters; and of how many rows it is, if they are so `few` that each value is a parameter.

    The driver takes longer for an array than for a few values.
    """

    statement: Insert | Update | Delete
    names: Sequence[str]
    few: int


def _few(statement: Insert | Update | Delete, rows: Rows) -> int:
    return len(rows) if len(rows) <= (_FEW if isinstance(statement, Insert) else 1) else 0


@lru_cache(_SHAPES)
def _joined_writes(shapes: Sequence[_Shape], dialect: Dialect) -> Executable:
    """One statement of many writes, a CTE for each. PostgreSQL runs them last to first."""
    ctes = [_written(place, shape, dialect).cte(f"w{place}") for place, shape in enumerate(shapes)]
    return select(literal_column("1")).add_cte(*reversed(ctes))


def _written(place: int, shape: _Shape, dialect: Dialect) -> Insert | Update | Delete:
    """The same write for all rows at once."""
    statement, names, few = shape
    if isinstance(statement, Insert):
        types = {name: statement.table.c[name].type for name in names}
        if few:
            return statement.values([_values(f"w{place}_{number}", types) for number in range(few)])
        given = _arrays(place, types)
        return statement.from_select(list(names), select(*given.c))
    bound = statement.compile(dialect=dialect).binds
    types = {name: bound[name].type for name in names}
    if few:
        return _with_values(statement, _values(f"w{place}_0", types))
    return _with_values(statement, dict(_arrays(place, types).c.items()))


def _with_values(statement: Update | Delete, values: Mapping[str, ColumnElement[Any]]) -> Update | Delete:
    """The statement with these in the place of its parameters."""

    def value_of(element: Any, **_: Any) -> ColumnElement[Any] | None:
        if isinstance(element, BindParameter) and element.required:
            return values[element.key]
        return None

    changed = replacement_traverse(statement, {}, value_of)
    assert isinstance(changed, Update | Delete)
    return changed


def _values(prefix: str, types: Mapping[str, TypeEngine[Any]]) -> dict[str, ColumnElement[Any]]:
    return {name: bindparam(f"{prefix}_{name}", type_=type) for name, type in types.items()}


def _arrays(place: int, types: Mapping[str, TypeEngine[Any]]) -> TableValuedAlias:
    """Rows of arrays, one for each column, which are parameters."""
    arrays = [
        bindparam(f"w{place}_{name}", type_=_Array(_without_length(type), dimensions=1))
        for name, type in types.items()
    ]
    columns = [column(name, type) for name, type in types.items()]
    return func.unnest(*arrays).table_valued(*columns, name=f"rows_{place}").render_derived()


def _without_length(type: TypeEngine[Any]) -> TypeEngine[Any]:
    """A text of any length: a cast would cut what is too long for its column, which refuses it."""
    return String() if issubclass(type._type_affinity or TypeEngine, String) else type


class _Array(ARRAY[Any]):
    """An array of one dimension whose elements are processed without looking for others in it."""

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        process = self.item_type.dialect_impl(dialect).bind_processor(dialect)
        return None if process is None else lambda values: [process(value) for value in values]

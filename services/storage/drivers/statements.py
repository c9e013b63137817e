"""SQLAlchemy's statements as drivers take them: their text, the values in its order, and the maker of their rows.

SQLAlchemy's engine does this anew for each run. Here the text is made once for each shape of a statement (its cache key), and all but
the values of parameters once for each statement; so a statement that runs often is made once, with `bindparam`. This is the only
module that uses functions of SQLAlchemy which are not documented; `tests/storage/test_statements.py` compares what comes of them
with SQLAlchemy's own engine.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Dialect, Executable, TextClause, make_url
from sqlalchemy.sql.cache_key import CacheKey
from sqlalchemy.sql.compiler import Compiled, SQLCompiler
from sqlalchemy.util import LRUCache

from storage.drivers.found_rows import FoundRow, row_maker
from storage.types import Parameters

Keys: TypeAlias = tuple[str, ...]
Process: TypeAlias = Callable[[Any], Any] | None
"""Function that turns a value into the driver's, or back; None if it stays as it is."""
MakeRows: TypeAlias = Callable[[Iterable[Sequence[Any]]], list[FoundRow]]

_KEPT = "_netral_bound"
_EXPANSIONS = 50
_NUMERIC = 1700
"""PostgreSQL's number of the type numeric; SQLAlchemy wants to know which kind of number comes."""


class Ready(NamedTuple):
    """A statement as a driver takes it, with the values of one run or, if `many`, of each run."""

    text: str
    values: Sequence[Any]
    make_rows: MakeRows | None
    """None if it gives no rows, or if only the driver knows."""
    is_text: bool = False
    many: bool = False


@cache
def dialect_of(url: str) -> Dialect:
    """Return the dialect of a kind of database; one for all, so that a text made once serves all databases of a process."""
    kind: Any = make_url(url).get_dialect()
    dialect: Dialect = kind(dbapi=kind.import_dbapi())
    if dialect.name == "postgresql":
        dialect._backslash_escapes = False  # type: ignore[attr-defined]  # as servers have it since 9.1
    return dialect


def ready(statement: Executable, dialect: Dialect, parameters: Parameters) -> Ready:
    """Make a statement ready for its driver."""
    if not parameters:
        return _bound(statement, dialect, ()).ready({})
    if isinstance(parameters, Mapping):
        return _bound(statement, dialect, tuple(parameters)).ready(parameters)
    bound = _bound(statement, dialect, tuple(parameters[0]))
    return bound.ready(parameters[0]) if len(parameters) == 1 else bound.ready_many(parameters)


class _Place(NamedTuple):
    """A place for a value in a text: the parameter that it is, or a value that is the same in all runs."""

    parameter: str | None
    process: Process
    constant: Any


class _Expansion(NamedTuple):
    """A text with a place for each element of its lists: the name of a list, which element, and its processing."""

    text: str
    places: Sequence[tuple[str, int | None, Process]]


class _Shape:
    """All statements of one cache key: one text."""

    def __init__(self, statement: Executable, dialect: Dialect, key: CacheKey | None, keys: Keys) -> None:
        # "For many": else SQLAlchemy lets an INSERT give back keys that nobody asks for.
        words: Any = {"cache_key": key, "column_keys": sorted(keys), "for_executemany": True}
        made: Any = statement.compile(dialect=dialect, **words)  # type: ignore[attr-defined]
        self.compiled: Compiled = made
        self.text: str = made.string
        self.is_text = isinstance(statement, TextClause)
        self.make_rows = _maker(made, dialect)
        self.expansions: LRUCache[tuple[int, ...], _Expansion] = LRUCache(_EXPANSIONS)
        self.lists: tuple[str, ...] = ()
        self.names: Sequence[str] = ()
        if isinstance(made, SQLCompiler):
            if made.literal_execute_params or made.insert_prefetch or made.update_prefetch:
                raise NotImplementedError("values that SQLAlchemy makes for each run")
            self.lists = tuple(made.bind_names[each] for each in made.post_compile_params)
            self.names = list(made.bind_names.values()) if self.lists else made.positiontup or ()

    def places(self, key: CacheKey | None, keys: Keys) -> dict[str, _Place]:
        """Places of the text, for a statement of this shape: what it says itself, and what is a parameter of its runs."""
        made: Any = self.compiled
        if not self.names:
            return {}
        said = made.construct_params(
            dict.fromkeys(keys),
            extracted_parameters=key.bindparams if key else None,
            escape_names=False,
            _collected_params=key.params if key else None,
        )
        places = {}
        for name in dict.fromkeys(self.names):
            process, wanted = made._bind_processors.get(name), made.binds[name].key
            parameter = next((each for each in (wanted, name) if each in keys), None)
            constant = None
            if parameter is None:
                constant = said[name] if process is None or self.lists else process(said[name])
            places[name] = _Place(parameter, process, constant)
        return places

    def expansion(self, said: Mapping[str, Any]) -> _Expansion:
        """Text for lists of these lengths."""
        lengths = tuple(len(said[name]) for name in self.lists)
        found = self.expansions.get(lengths)
        if found is None:
            found = self.expansions[lengths] = self._expand(said)
        return found

    def _expand(self, said: Mapping[str, Any]) -> _Expansion:
        made: Any = self.compiled
        state = made._process_parameters_for_postcompile(dict(said))
        elements = {
            element: (name, place)
            for name, expanded in state.parameter_expansion.items()
            for place, element in enumerate(expanded)
        }
        process = {**made._bind_processors, **state.processors}
        return _Expansion(
            state.statement,
            [(*elements.get(name, (name, None)), process.get(name)) for name in state.positiontup],
        )


class _Bound:
    """A statement with the names of its parameters."""

    def __init__(self, shape: _Shape, places: Mapping[str, _Place]) -> None:
        self._shape = shape
        self._by_name = places
        self._places = [places[name] for name in shape.names]

    def ready(self, row: Mapping[str, Any]) -> Ready:
        shape = self._shape
        if shape.lists:
            return self._expanded(row)
        return Ready(shape.text, self._values(row), shape.make_rows, shape.is_text)

    def ready_many(self, rows: Sequence[Mapping[str, Any]]) -> Ready:
        shape = self._shape
        if shape.lists or shape.make_rows:
            raise NotImplementedError("many runs of a statement with a list, or that gives rows")
        return Ready(shape.text, [self._values(row) for row in rows], None, shape.is_text, many=True)

    def _values(self, row: Mapping[str, Any]) -> list[Any]:
        return [
            constant if name is None else row[name] if process is None else process(row[name])
            for name, process, constant in self._places
        ]

    def _expanded(self, row: Mapping[str, Any]) -> Ready:
        shape = self._shape
        said = {
            name: place.constant if place.parameter is None else row[place.parameter]
            for name, place in self._by_name.items()
        }
        for name in shape.lists:
            said[name] = list(said[name])
        text, places = shape.expansion(said)
        for name in shape.lists:
            if said[name] and isinstance(said[name][0], tuple | list):
                said[name] = list(chain.from_iterable(said[name]))
        values = (
            (said[name] if element is None else said[name][element], process)
            for name, element, process in places
        )
        return Ready(
            text,
            [value if process is None else process(value) for value, process in values],
            shape.make_rows,
            shape.is_text,
        )


class _Kept(NamedTuple):
    """The notes kept with a statement. SQLAlchemy copies it to those that are made from it, which are others: `of` tells them apart."""

    of: int
    bound: dict[tuple[str, Keys], _Bound]


_shapes: LRUCache[tuple[str, Any, Keys], _Shape] = LRUCache(1000)


def _bound(statement: Executable, dialect: Dialect, keys: Keys) -> _Bound:
    kept: _Kept | None = statement.__dict__.get(_KEPT)
    if kept is None or kept.of != id(statement):
        kept = statement.__dict__[_KEPT] = _Kept(id(statement), {})
    found = kept.bound.get((dialect.name, keys))
    if found is None:
        found = kept.bound[dialect.name, keys] = _bind(statement, dialect, keys)
    return found


def _bind(statement: Executable, dialect: Dialect, keys: Keys) -> _Bound:
    key = statement._generate_cache_key()  # type: ignore[attr-defined]
    if key is None:
        shape = _Shape(statement, dialect, None, keys)
    else:
        known = dialect.name, key.key, keys
        found = _shapes.get(known)
        shape = _Shape(statement, dialect, key, keys) if found is None else found
        _shapes[known] = shape
    return _Bound(shape, shape.places(key, keys))


def _maker(compiled: Any, dialect: Dialect) -> MakeRows | None:
    """Maker of the rows of a statement; None if its text names no columns."""
    columns = getattr(compiled, "_result_columns", None)
    if not columns:
        return None
    make = row_maker(tuple(str(column.keyname) for column in columns))
    found = (
        (place, column.type._cached_result_processor(dialect, _NUMERIC))
        for place, column in enumerate(columns)
    )
    processes = [(place, process) for place, process in found if process is not None]
    if not processes:
        return lambda rows: [make(row) for row in rows]

    def processed(rows: Iterable[Sequence[Any]]) -> list[FoundRow]:
        made = []
        for row in rows:
            values = list(row)
            for place, process in processes:
                values[place] = process(values[place])
            made.append(make(values))
        return made

    return processed

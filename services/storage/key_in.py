"""`key_in`: rows whose key is one of many, in a form that both databases answer from an index.

SQLite reads the whole table for `(a, b) IN (VALUES …)` with more than one row (3.40; the plan says SCAN), and PostgreSQL
parses and plans a list of another length anew. So the keys travel as one JSON parameter, and the text stays the same.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, String, bindparam, literal, tuple_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _Two(FunctionElement[Any]):
    """Two columns out of a JSON array of arrays."""

    inherit_cache = True
    casts: Sequence[str] = ("text", "text")


class _Three(_Two):
    inherit_cache = True
    casts = ("text", "text", "text")


class _TwoAndNumber(_Two):
    inherit_cache = True
    casts = ("text", "text", "bigint")


def key_in(
    columns: Sequence[ColumnElement[Any]],
    keys: Iterable[Sequence[str | int]] | None = None,
    *,
    parameter: str = "keys",
) -> ColumnElement[bool]:
    """Build the condition that these columns are one of `keys`: texts; the third may be a number if its column is.

    Without keys, `listed(keys)` is the value of a parameter of this name: so a statement is built once.
    """
    given = bindparam(parameter, type_=String()) if keys is None else literal(listed(keys), String)
    shape = _Two if len(columns) == 2 else _Three
    if isinstance(columns[-1].type, BigInteger):
        shape = _TwoAndNumber
    return tuple_(*columns).op("IN", is_comparison=True)(shape(given))


def listed(keys: Iterable[Sequence[str | int]]) -> str:
    """Keys as the value of a parameter of `key_in`."""
    return json.dumps([list(key) for key in keys])


@compiles(_Two, "sqlite")
def _on_sqlite(element: _Two, compiler: SQLCompiler, **more: bool) -> str:
    columns = ", ".join(f"json_extract(value, '$[{place}]')" for place in range(len(element.casts)))
    return f"(SELECT {columns} FROM json_each({compiler.process(element.clauses, **more)}))"  # noqa: S608 - the keys are a parameter


@compiles(_Two, "postgresql")
def _on_postgresql(element: _Two, compiler: SQLCompiler, **more: bool) -> str:
    columns = ", ".join(f"(value ->> {place})::{cast}" for place, cast in enumerate(element.casts))
    keys = compiler.process(element.clauses, **more)
    return f"(SELECT {columns} FROM jsonb_array_elements(CAST({keys} AS jsonb)))"  # noqa: S608

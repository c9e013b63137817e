"""`key_in`: rows whose key is one of many, in a form that both databases answer from an index.

SQLite reads the whole table for `(a, b) IN (VALUES …)` with more than one row (3.40; the plan says SCAN), and PostgreSQL
parses and plans a list of another length anew. So the keys travel as one JSON parameter, and the text stays the same.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    String,
    TableValuedAlias,
    bindparam,
    column,
    literal,
    tuple_,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _One(FunctionElement[Any]):
    """One column out of a JSON array of arrays."""

    inherit_cache = True
    casts: Sequence[str] = ("text",)
    names: Sequence[str] = ("first", "second", "third")


class _Two(_One):
    inherit_cache = True
    casts = ("text", "text")


class _Three(_One):
    inherit_cache = True
    casts = ("text", "text", "text")


class _TwoAndNumber(_One):
    inherit_cache = True
    casts = ("text", "text", "bigint")
    names = ("first", "second", "number")


class _OneAndNumber(_One):
    inherit_cache = True
    casts = ("text", "bigint")
    names = ("first", "number")


class _OneAndTwoNumbers(_One):
    inherit_cache = True
    casts = ("text", "bigint", "bigint")
    names = ("first", "number", "further")


_NUMBERED = {(2, 1): _TwoAndNumber, (1, 1): _OneAndNumber, (1, 2): _OneAndTwoNumbers}


def key_in(
    columns: Sequence[ColumnElement[Any]],
    keys: Iterable[Sequence[str | int]] | None = None,
    *,
    parameter: str = "keys",
) -> ColumnElement[bool]:
    """Build the condition that these columns are one of `keys`, which are texts.

    Without keys, `listed(keys)` is the value of a parameter of this name: so a statement is built once.
    """
    given = bindparam(parameter, type_=String()) if keys is None else literal(listed(keys), String)
    shape = (_One, _Two, _Three)[len(columns) - 1]
    return tuple_(*columns).op("IN", is_comparison=True)(shape(given))


def numbered_keys(parameter: str = "keys", *, texts: int = 2, numbers: int = 1) -> TableValuedAlias:
    """Keys of texts and numbers as rows to join with: `first`, `second`, `number`, `further`. SQLite's IN uses no index for numbers.

    `listed(keys)` is the value of a parameter of this name.
    """
    shape = _NUMBERED[texts, numbers]
    columns = [
        column(name, String() if cast == "text" else BigInteger())
        for name, cast in zip(shape.names, shape.casts, strict=True)
    ]
    return shape(bindparam(parameter, type_=String())).table_valued(*columns, name=parameter)


def listed(keys: Iterable[Sequence[str | int]]) -> str:
    """Keys as the value of a parameter of `key_in`."""
    return json.dumps([list(key) for key in keys])


@compiles(_One, "sqlite")
def _on_sqlite(element: _One, compiler: SQLCompiler, **more: bool) -> str:
    columns = ", ".join(
        f"json_extract(value, '$[{place}]') AS {name}"
        for place, name in zip(range(len(element.casts)), element.names, strict=False)
    )
    return f"(SELECT {columns} FROM json_each({compiler.process(element.clauses, **more)}))"  # noqa: S608 - the keys are a parameter


@compiles(_One, "postgresql")
def _on_postgresql(element: _One, compiler: SQLCompiler, **more: bool) -> str:
    columns = ", ".join(
        f"(value ->> {place})::{cast} AS {name}"
        for place, (cast, name) in enumerate(zip(element.casts, element.names, strict=False))
    )
    keys = compiler.process(element.clauses, **more)
    # All of them: PostgreSQL expects a hundred elements of any array, for which it would rather read thousands of rows than look
    # into an index, and ten of a limit that it does not know.
    given = f"CAST({keys} AS jsonb)"
    return f"(SELECT {columns} FROM jsonb_array_elements({given}) LIMIT jsonb_array_length({given}))"  # noqa: S608

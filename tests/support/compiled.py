"""Statements that SQLAlchemy compiled once, for all engines of a kind: every test opens databases of its own.

An engine keeps what it compiled for its own dialect. In a desk that lives for weeks this is nothing; here it was a third of what the
tests of the desks cost. All engines of the tests are made alike (`storage.engines`), so that one's text is the other's.
"""

from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.util import LRUCache

_ENOUGH = 10_000
_compiled: dict[type[Dialect], LRUCache] = {}


def share() -> None:
    """Let engines of one kind find what any of them compiled; the key of a statement names its dialect."""
    for dialect in (SQLiteDialect_pysqlite, PGDialect_asyncpg):
        dialect.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]
        dialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
    Engine._compiled_cache = property(_of_its_kind, lambda self, own: None)


def _of_its_kind(engine: Engine) -> LRUCache:
    return _compiled.setdefault(type(engine.dialect), LRUCache(_ENOUGH))

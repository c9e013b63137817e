"""Last migrations of folders, read without alembic: a start that has nothing to migrate does not import it.

Alembic, and the migrations that it imports, are a fifth of a second and 10 MB of a host. So what each file says of itself is read as
text. Only whether all is done is decided here; whatever else a database has run, alembic sees to.
"""

import ast
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text

_TABLE = "alembic_version"


def are_reached(connection: Connection, rooms: Sequence[Path]) -> bool:
    """True if a database has run the last migrations of these folders, and no others are its last."""
    if not inspect(connection).has_table(_TABLE):
        return False
    run = connection.scalars(text(f"SELECT version_num FROM {_TABLE}"))  # noqa: S608
    return set(run) == of(tuple(rooms))


@cache
def of(rooms: tuple[Path, ...]) -> frozenset[str]:
    """The migrations of these folders after which none comes; they do not change while a process runs."""
    found: set[str] = set()
    before: set[str] = set()
    for room in rooms:
        for file in (room / "versions").glob("*.py"):
            said = dict(_said(file))
            found |= _named(said["revision"])
            before |= _named(said["down_revision"]) | _named(said["depends_on"])
    return frozenset(found - before)


def _said(file: Path) -> Iterator[tuple[str, ast.expr]]:
    """The names that a migration sets at its top, with their values; what it does after them is not looked at."""
    head, _, _ = file.read_text("utf-8").partition("\ndef ")
    for statement in ast.parse(head).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            yield statement.targets[0].id, statement.value


def _named(value: ast.expr) -> set[str]:
    """The migrations that a value names: none, one, or several."""
    named = ast.literal_eval(value)
    return {named} if isinstance(named, str) else set(named or ())

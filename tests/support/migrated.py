"""Databases whose migrations ran already: a desk that starts on a copy of one starts in a fraction of the time.

The first desk of a kind in a test process makes the template. That migrations work from nothing, every template and every
world of real processes shows.
"""

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import asyncpg
from sqlalchemy import URL, make_url

import audit
import exchange
from storage.engines import Database
from support.postgres import COPIED, EMPTY

_AUDIT, _EXCHANGE = Path(audit.__file__).parent, Path(exchange.__file__).parent
_folder = tempfile.TemporaryDirectory(prefix="netral-migrated-")
_on_servers: set[URL] = set()


async def start_from(url: str, kind: str, rooms: Sequence[Path]) -> None:
    """Put a migrated database where this URL will look for one, unless there is one already."""
    if url.startswith("sqlite:///"):
        await _a_file(url, kind, rooms)
    else:
        await _on_a_server(make_url(url), kind, rooms)


async def _a_file(url: str, kind: str, rooms: Sequence[Path]) -> None:
    if _path(url).exists():
        return
    template = f"sqlite:///{_folder.name}/{kind}.sqlite"
    if not _path(template).exists():
        await _migrate(template, rooms)
    shutil.copy(_path(template), _path(url))


def _path(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


async def _on_a_server(url: URL, kind: str, rooms: Sequence[Path]) -> None:
    """PostgreSQL copies a database only while it makes one, so the empty one of the URL gives way."""
    if await _sql(url, "SELECT FROM pg_tables WHERE schemaname = 'public'"):
        return
    template, administrator = url.set(database=f"migrated_{kind}_{os.getpid()}"), url.set(database="postgres")
    if template not in _on_servers:
        await _sql(administrator, f'CREATE DATABASE "{template.database}" {EMPTY}')
        await _migrate(template.render_as_string(hide_password=False), rooms)
        _on_servers.add(template)
    await _sql(administrator, f'DROP DATABASE "{url.database}"')
    await _sql(administrator, f'CREATE DATABASE "{url.database}" TEMPLATE "{template.database}" {COPIED}')


async def _sql(url: URL, statement: str) -> Sequence[object]:
    connection = await asyncpg.connect(user=url.username, host=url.query["host"], database=url.database)
    try:
        rows: Sequence[object] = await connection.fetch(statement)
        return rows
    finally:
        await connection.close()


async def _migrate(url: str, rooms: Sequence[Path]) -> None:
    database = Database(url)
    await database.migrate(*rooms)
    await database.close()


async def desk(name: str, rooms: Sequence[Path], database_url: str, vault_url: str) -> None:
    """Both databases of a desk, which has these rooms of its own."""
    await start_from(database_url, name, [_AUDIT / "migrations", _EXCHANGE / "migrations", *rooms])
    await start_from(vault_url, "vault", [_EXCHANGE / "personal_data" / "migrations"])

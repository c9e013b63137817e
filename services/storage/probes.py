"""Probes of a database: small transactions that show whether it takes writes."""

import os
import re
import tempfile
from pathlib import Path

import sqlalchemy
from sqlalchemy import text

from storage.faults import Fault
from storage.protocols import Connection

ROOM = 256 * 1024
"""Bytes that have to be free for a database to count as not full any more."""

_TAKES_WRITES = text("SELECT current_setting('transaction_read_only')")
# For the server's own error, by which the session is not used again.
_REFUSED = text("CREATE TABLE netral_takes_no_writes ()")
# A transaction number: the commit is written to the log, and waits for the disk.
_COMMITTED = text("SELECT pg_current_xact_id()")
_ROOM_MADE = text("CREATE TEMPORARY TABLE netral_room (filling bytea) ON COMMIT DROP")
# Bytes that do not compress; extending a table takes the blocks from the disk.
_ROOM_FILLED = text(
    "INSERT INTO netral_room SELECT decode(string_agg(md5(random()::text), ''), 'hex')"
    " FROM generate_series(1, :rows) row, generate_series(1, 64) part GROUP BY row"
)

_EXPLAINED = re.compile(r"\s*(INSERT|UPDATE|DELETE|SELECT|WITH)\b", re.IGNORECASE)
_PARAMETER = re.compile(r"\$(\d+)")


async def write(connection: Connection, fault: Fault | None, denied: str = "") -> None:
    """Show in an open transaction that it can write; `fault` is that of the last write, if it had one.

    `denied`: the statement that the server denied for want of a right.

    Raises:
        DBAPIError, OSError: it cannot.
    """
    if connection.dialect.name == "sqlite":
        # BEGIN IMMEDIATE, which has run, needs the lock and a file that may be written.
        if fault is not None:
            await connection.run_sync(_beside_the_file)
        return
    if await connection.scalar(_TAKES_WRITES) == "on":
        await connection.execute(_REFUSED)
    if fault is not None:
        await connection.execute(_COMMITTED)
    if fault is Fault.FULL:
        await connection.execute(_ROOM_MADE)
        await connection.execute(_ROOM_FILLED, {"rows": ROOM // 1024})
    if fault is Fault.DENIED and _EXPLAINED.match(denied):
        await connection.run_sync(_explain, denied)


def _explain(connection: sqlalchemy.Connection, statement: str) -> None:
    """Have a statement explained: the server checks its rights, and nothing runs."""
    count = max(map(int, _PARAMETER.findall(statement)), default=0)
    connection.exec_driver_sql(f"EXPLAIN {statement}", (None,) * count)


def _beside_the_file(connection: sqlalchemy.Connection) -> None:
    database = connection.engine.url.database
    if not database:
        return
    with tempfile.TemporaryFile(dir=Path(database).parent) as file:
        file.write(bytes(ROOM))
        file.flush()
        os.fsync(file.fileno())

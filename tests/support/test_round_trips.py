"""The wire to PostgreSQL counts what a client waits for."""

from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg

from support.postgres import PostgresServer
from support.round_trips import RoundTrip, wire_to


async def test_a_prepared_statement_takes_one_round_trip_and_so_do_begin_and_commit(
    postgres_server: PostgresServer,
) -> None:
    database = postgres_server.create_database()
    with TemporaryDirectory(dir="/tmp") as folder:  # a socket's path is short
        async with wire_to(postgres_server.folder, Path(folder)) as wire:
            connection = await asyncpg.connect(host=folder, user="postgres", database=database)
            wire.trips.clear()
            async with connection.transaction():
                statement = await connection.prepare("SELECT $1::int")
                await statement.fetchval(1)
                await statement.executemany([(2,), (3,)])
            await connection.close()
    postgres_server.drop_database(database)

    assert wire.trips == [
        RoundTrip(database, ("BEGIN;",), prepares=False),
        RoundTrip(database, ("SELECT $1::int",), prepares=True),
        RoundTrip(database, ("SELECT $1::int",), prepares=False),
        RoundTrip(database, ("SELECT $1::int",), prepares=False),
        RoundTrip(database, ("COMMIT;",), prepares=False),
    ]

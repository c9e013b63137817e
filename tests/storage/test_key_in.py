"""Rows whose key is one of many are found by an index, on both databases, however large the table."""

import sqlite3

from sqlalchemy import Column, MetaData, String, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.key_in import key_in
from support.postgres import PostgresServer

LETTER = Table(
    "letter", MetaData(), Column("party", String, primary_key=True), Column("id", String, primary_key=True)
)
WANTED = select(LETTER).where(key_in((LETTER.c.party, LETTER.c.id), [("kasn", "7"), ("kasn", "8")]))
LITERAL = {"literal_binds": True}
MADE = "CREATE TABLE letter (party varchar(40), id varchar(36), PRIMARY KEY (party, id));"


def test_postgresql_reads_no_table_of_three_thousand_rows_as_a_whole_for_two_keys(
    postgres_server: PostgresServer,
) -> None:
    database = postgres_server.create_database()
    rows = "INSERT INTO letter SELECT 'kasn', number FROM generate_series(1, 3000) AS number; ANALYZE letter"
    postgres_server.sql(MADE + rows, database)
    statement = WANTED.compile(dialect=postgresql.dialect(), compile_kwargs=LITERAL)

    plan = postgres_server.sql(f"EXPLAIN {statement}", database)
    found = postgres_server.sql(str(statement), database)
    postgres_server.drop_database(database)

    assert "letter_pkey" in plan and "Seq Scan" not in plan, plan
    assert sorted(found.split()) == ["kasn|7", "kasn|8"]


def test_sqlite_reads_no_table_as_a_whole_for_two_keys() -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript(MADE)
    connection.executemany(
        "INSERT INTO letter VALUES ('kasn', ?)", [(str(number),) for number in range(3000)]
    )
    statement = str(WANTED.compile(dialect=sqlite.dialect(), compile_kwargs=LITERAL))

    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
    found = connection.execute(statement).fetchall()

    assert not any("SCAN letter" in step for step in plan), plan
    assert sorted(found) == [("kasn", "7"), ("kasn", "8")]

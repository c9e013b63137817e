"""Many statements in one round trip read and write what they would one by one, with every type of column."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import JSON, BigInteger, Column, LargeBinary, bindparam, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import registry
from sqlmodel import Field

from storage import together
from storage.engines import Database
from storage.key_in import key_in, listed
from storage.types import Instant, Micros, TableModel, Values, table
from storage.upserts import increment_of, insert_new_of, insert_of, upsert_of


class TestTable(TableModel, registry=registry()):
    """The registry of these tables."""

    __test__ = False


class Thing(TestTable, table=True):
    __tablename__ = "thing"

    party: str = Field(primary_key=True, max_length=10)
    id: str = Field(primary_key=True, max_length=10)
    number: int | None = Field(default=None, sa_type=BigInteger)
    small: int = 0
    told: bool = False
    day: date | None = None
    at: datetime | None = Field(default=None, sa_type=Instant)
    precise: datetime | None = Field(default=None, sa_type=Micros)
    body: bytes | None = Field(default=None, sa_type=LargeBinary)
    items: list[Any] = Field(default_factory=list, sa_type=JSON)


class Counter(TestTable, table=True):
    __tablename__ = "counter"

    name: str = Field(primary_key=True, max_length=10)
    number: int = Field(default=0, sa_column=Column("number", BigInteger, nullable=False))


THINGS, COUNTERS = table(Thing), table(Counter)
AT = datetime(2026, 11, 30, 2, 55, 1, 123456, UTC)
THINGS_OF = select(THINGS).where(key_in((THINGS.c.party, THINGS.c.id))).order_by(THINGS.c.id.desc())
LOCKED = select(THINGS).where(key_in((THINGS.c.party, THINGS.c.id))).order_by(THINGS.c.id).with_for_update()
COUNTED = select(COUNTERS.c.name, COUNTERS.c.number).where(COUNTERS.c.number >= bindparam("least"))
SMALL = select(THINGS.c.id).where(THINGS.c.small == 7).order_by(THINGS.c.id)
TELL = (
    THINGS.update()
    .where(THINGS.c.party == bindparam("of"), THINGS.c.id == bindparam("which"), THINGS.c.small != 99)
    .values(at=bindparam("now"), items=bindparam("these"), body=bindparam("bytes"), told=True)
)
REMOVE = COUNTERS.delete().where(COUNTERS.c.name == bindparam("gone"))


def a_thing(id: str, **values: Any) -> Values:
    return Thing.row(party="p", id=id) | values


FULL = a_thing(
    "full",
    number=2**62,
    small=-7,
    told=True,
    day=date(2024, 2, 29),
    at=AT,
    precise=AT + timedelta(microseconds=1),
    body=b"\x00\xff\\x00'\n",
    items=["a\"'\\", None, 1, {"é": [True]}],
)
EMPTY = a_thing("empty", items=[])


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    async with database.write() as connection:
        await connection.run_sync(TestTable.metadata.create_all)
    yield database
    await database.close()


async def things(database: Database) -> list[Values]:
    async with database.read() as connection:
        rows = await connection.execute(select(THINGS).order_by(THINGS.c.id))
        return [dict(row._mapping) for row in rows]


async def counters(database: Database) -> dict[str, int]:
    async with database.read() as connection:
        return {row.name: row.number for row in await connection.execute(select(COUNTERS))}


async def write(database: Database, *writes: together.Write) -> None:
    async with database.write() as connection:
        await together.write(connection, writes)


async def test_every_type_of_column_is_written_and_read_together_as_it_is_alone(database: Database) -> None:
    await write(
        database, (insert_of(Thing), [FULL, EMPTY]), (insert_of(Counter), [{"name": "c", "number": 3}])
    )
    assert await things(database) == [EMPTY, FULL]

    async with database.write() as connection:
        keys = {"keys": listed([("p", "full"), ("p", "empty"), ("q", "full")])}
        found, counted, locked, small = await together.read(
            connection, [(THINGS_OF, keys), (COUNTED, {"least": 3}), (LOCKED, keys), (SMALL, {})]
        )

    assert [dict(row._mapping) for row in found] == [FULL, EMPTY]
    assert [dict(row._mapping) for row in locked] == [EMPTY, FULL]
    assert found[0].at == AT and found[0].body == FULL["body"] and tuple(found[0]) == tuple(FULL.values())
    assert [(row.name, row.number) for row in counted] == [("c", 3)]
    assert small == []


async def test_few_rows_are_written_as_many_are(database: Database) -> None:
    """Values of few rows are parameters of their own, those of many are arrays."""
    for number in (1, 2, 3, 4):
        rows = [each | {"party": str(number)} for each in (FULL, EMPTY, a_thing("third"), a_thing("fourth"))]
        told = [
            {"of": str(number), "which": row["id"], "now": AT, "these": row["items"], "bytes": row["body"]}
            for row in rows[:number]
        ]
        await write(
            database,
            (insert_of(Thing), rows[:number]),
            (increment_of(Counter, "number"), [{"name": str(number), "number": 2**40}]),
        )
        await write(
            database,
            (TELL, told),
            (increment_of(Counter, "number"), [{"name": str(each), "number": each} for each in range(1, 5)]),
        )

        kept = [row for row in await things(database) if row["party"] == str(number)]
        assert sorted(kept, key=lambda row: row["id"]) == sorted(
            (row | {"at": AT, "told": True} for row in rows[:number]), key=lambda row: row["id"]
        )

    # Each was made once, before or in the first of the four rounds.
    assert await counters(database) == {str(each): 4 * each + 2**40 for each in range(1, 5)}


async def test_what_is_there_is_replaced_left_added_to_changed_or_deleted_as_each_write_says(
    database: Database,
) -> None:
    await write(
        database,
        (insert_of(Thing), [FULL, EMPTY]),
        (insert_of(Counter), [{"name": name, "number": 1} for name in ("a", "b", "c")]),
    )

    await write(
        database,
        (upsert_of(Thing), [a_thing("empty", small=5), a_thing("new", small=6)]),
        (increment_of(Counter, "number"), [{"name": "a", "number": 4}, {"name": "d", "number": 9}]),
        (insert_new_of(Counter), [{"name": "b", "number": 8}, {"name": "e", "number": 8}]),
        (
            TELL,
            [
                {"of": "p", "which": id, "now": AT, "these": [id], "bytes": id.encode()}
                for id in ("full", "new", "none")
            ],
        ),
        (REMOVE, [{"gone": "c"}, {"gone": "e"}]),
    )

    changed = {"at": AT, "told": True}
    assert await things(database) == [
        a_thing("empty", small=5),
        FULL | changed | {"items": ["full"], "body": b"full"},
        a_thing("new", small=6, items=["new"], body=b"new", **changed),
    ]
    assert await counters(database) == {"a": 5, "b": 1, "d": 9}


async def test_many_rows_are_written_and_read_and_no_rows_are_nothing(database: Database) -> None:
    many = [a_thing(f"{number:04}", small=number, at=AT) for number in range(3_000)]
    await write(
        database, (insert_of(Thing), many), (insert_of(Counter), []), (REMOVE, [{"gone": "none"}]), (TELL, [])
    )
    await write(database)
    await write(database, (insert_of(Counter), []))

    async with database.write() as connection:
        keys = {"keys": listed((row["party"], row["id"]) for row in many)}
        nothing = {"keys": listed([])}
        locked, none = await together.read(connection, [(LOCKED, keys), (LOCKED, nothing)])
        assert await together.read(connection, []) == []
        ((one,),) = await together.read(connection, [(SMALL, {})])

    assert [row.small for row in locked] == list(range(3_000)) and none == []
    assert one.id == "0007"


async def test_a_row_that_exists_or_does_not_fit_fails_all_writes_of_the_commit(database: Database) -> None:
    await write(database, (insert_of(Counter), [{"name": "a", "number": 1}]))

    with pytest.raises(IntegrityError):
        await write(
            database,
            (insert_of(Thing), [EMPTY]),
            (insert_of(Counter), [{"name": "a", "number": 2}, {"name": "b", "number": 2}]),
        )
    if not database.sqlite:  # which has no lengths
        with pytest.raises(DBAPIError):
            await write(
                database,
                (insert_of(Thing), [EMPTY]),
                (insert_of(Counter), [{"name": "far too long for it", "number": 2}]),
            )

    assert await things(database) == [] and await counters(database) == {"a": 1}


async def test_on_postgresql_reads_are_one_statement_and_writes_another(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    async with database.write() as connection:
        await connection.run_sync(TestTable.metadata.create_all)
    statements: list[str] = []
    database.watch(statements.append)

    async with database.write() as connection:
        keys = {"keys": listed([("p", "empty")])}
        await together.read(
            connection, [(LOCKED, keys), (COUNTED, {"least": 0}), (THINGS_OF, keys), (SMALL, {})]
        )
        await together.write(
            connection,
            [(insert_of(Thing), [EMPTY, FULL]), (insert_new_of(Counter), [{"name": "a", "number": 1}])],
        )
    assert statements[2:] == ["COMMIT", "COMMITTED"]

    statements.clear()
    now = {"of": "p", "which": "full", "now": AT, "these": [], "bytes": b""}
    await write(
        database,
        (insert_of(Counter), [{"name": "b", "number": 1}]),
        (TELL, [now]),
        (REMOVE, [{"gone": "b"}]),
        (upsert_of(Thing), [EMPTY]),
    )
    assert statements[2:] == ["COMMIT", "COMMITTED"], "what deletes sees what was inserted before it"
    assert await counters(database) == {"a": 1}
    await database.close()


async def test_nothing_that_is_read_is_older_than_what_is_locked(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    async with database.write() as connection:
        await connection.run_sync(TestTable.metadata.create_all)
        await together.write(connection, [(insert_of(Thing), [FULL, EMPTY])])
    keys = {"keys": listed([("p", "full"), ("p", "empty")])}

    async def read() -> tuple[list[int], dict[str, int]]:
        async with database.write() as connection:
            counted, locked = await together.read(connection, [(COUNTED, {"least": 0}), (LOCKED, keys)])
            return [row.small for row in locked], {row.name: row.number for row in counted}

    for step in (1, 2):
        async with database.write() as connection:
            await together.read(connection, [(LOCKED, keys), (SMALL, {})])
            waiting = asyncio.create_task(read())
            done, _ = await asyncio.wait([waiting], timeout=0.3)
            assert not done
            await together.write(
                connection,
                [
                    (upsert_of(Thing), [EMPTY | {"small": step}]),
                    (upsert_of(Counter), [{"name": "n", "number": step}]),
                ],
            )
        assert await waiting == ([step, FULL["small"]], {"n": step})
    await database.close()

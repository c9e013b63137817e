"""Statements of every kind that services run do on the driver what SQLAlchemy's own engine does with them."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Executable,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InvalidRequestError, MultipleResultsFound, NoResultFound

from storage.engines import Database
from storage.key_in import key_in
from storage.protocols import Connection
from storage.types import Instant, Micros, Parameters

AT = datetime(2025, 12, 31, 23, 59, 59, 123456, UTC)
METADATA = MetaData()
KEPT = Table(
    "kept",
    METADATA,
    Column("party", String(40), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("index", Integer),
    Column("words", JSON),
    Column("bytes", LargeBinary),
    Column("at", Instant),
    Column("micros", Micros),
    Column("flag", Boolean),
)
OTHER = Table("other", METADATA, Column("party", String(40), primary_key=True), Column("count", Integer))
UPSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def a_row(number: int, **other: Any) -> dict[str, Any]:
    values = {
        "party": "ppk-1",
        "number": number,
        "index": number % 1000 * 10,
        "words": ["satu", {"dua": 2}],
        "bytes": b"\0\1\2",
        "at": AT,
        "micros": AT,
        "flag": number % 2 == 0,
    }
    return values | other


ROWS = [a_row(1), a_row(2**40, words=[], at=None), a_row(3, party="ppk-2", words=None, bytes=None, flag=None)]

Make = Callable[[str], Executable]


def upsert(dialect: str) -> Any:
    made = UPSERTS[dialect](KEPT)
    return made.on_conflict_do_update(
        index_elements=["party", "number"],
        set_={"index": KEPT.c.index + made.excluded.index, "words": made.excluded.words},
    )


WRITES: dict[str, tuple[Make, Parameters]] = {
    "one insert": (lambda _: insert(KEPT), a_row(7)),
    "insert of some columns": (lambda _: insert(KEPT), {"party": "ppk-3", "number": 1}),
    "insert of values": (lambda _: insert(KEPT).values(**a_row(8)), None),
    "many inserts": (lambda _: insert(KEPT), [a_row(n) for n in range(20, 30)]),
    "a list of one insert": (lambda _: insert(KEPT), [a_row(9)]),
    "insert of a select": (
        lambda _: insert(OTHER).from_select(
            ["party", "count"], select(KEPT.c.party, func.count()).group_by(KEPT.c.party)
        ),
        None,
    ),
    "upserts": (upsert, [a_row(1, words=["lain"]), a_row(44)]),
    "upsert that gives back": (lambda dialect: upsert(dialect).returning(KEPT.c.index, KEPT.c.at), a_row(1)),
    "insert of what is new": (
        lambda dialect: UPSERTS[dialect](KEPT).on_conflict_do_nothing(),
        [a_row(1), a_row(45)],
    ),
    "update of values": (lambda _: update(KEPT).where(KEPT.c.party == "ppk-1").values(index=5, at=AT), None),
    "update of a sum": (
        lambda _: update(KEPT).values(index=KEPT.c.index + 1).where(KEPT.c.number == 1),
        None,
    ),
    "update by parameters": (
        lambda _: update(KEPT).where(KEPT.c.number == bindparam("the_number")).values(index=bindparam("new")),
        [{"the_number": 1, "new": 11}, {"the_number": 3, "new": 33}],
    ),
    "update by names of columns": (
        lambda _: update(KEPT).where(KEPT.c.number == bindparam("the_number")),
        {"the_number": 1, "words": ["baru"], "flag": True},
    ),
    "update that gives back": (
        lambda _: (
            update(KEPT).where(KEPT.c.number > 1).values(flag=True).returning(KEPT.c.number, KEPT.c.words)
        ),
        None,
    ),
    "delete": (lambda _: delete(KEPT).where(KEPT.c.number.in_([1, 3])), None),
    "delete by parameters": (
        lambda _: delete(KEPT).where(
            KEPT.c.party == bindparam("the_party"), KEPT.c.number == bindparam("the_number")
        ),
        [{"the_party": "ppk-1", "the_number": 1}, {"the_party": "ppk-2", "the_number": 3}],
    ),
    "delete that gives back": (lambda _: delete(KEPT).where(not_(KEPT.c.flag)).returning(KEPT), None),
    "text": (
        lambda _: text("UPDATE kept SET number = number + :more WHERE party = :party"),
        {"more": 1, "party": "ppk-2"},
    ),
}
READS: dict[str, tuple[Make, Parameters]] = {
    "all": (lambda _: select(KEPT).order_by(KEPT.c.party, KEPT.c.number), None),
    "none": (lambda _: select(KEPT).where(KEPT.c.party == "nobody"), None),
    "by a parameter": (lambda _: select(KEPT).where(KEPT.c.party == bindparam("party")), {"party": "ppk-2"}),
    "one parameter twice": (
        lambda _: select(KEPT.c.number).where(
            or_(
                KEPT.c.number == bindparam("n", type_=BigInteger),
                KEPT.c.index == bindparam("n", type_=BigInteger),
            )
        ),
        {"n": 30},
    ),
    "by an instant": (
        lambda _: select(KEPT.c.number, KEPT.c.at).where(KEPT.c.at <= AT, KEPT.c.micros == AT),
        None,
    ),
    "labels and functions": (
        lambda _: (
            select(KEPT.c.party, func.count().label("count"), func.max(KEPT.c.at).label("last"))
            .group_by(KEPT.c.party)
            .order_by(KEPT.c.party)
        ),
        None,
    ),
    "a sum": (lambda _: select(func.sum(KEPT.c.index)), None),
    "a case and literals": (
        lambda _: select(case((KEPT.c.flag, "genap"), else_="ganjil"), literal("100%"), literal(2)).order_by(
            KEPT.c.number
        ),
        None,
    ),
    "names twice": (
        lambda _: select(KEPT, OTHER).join_from(KEPT, OTHER, KEPT.c.party == OTHER.c.party, isouter=True),
        None,
    ),
    "limit and offset": (lambda _: select(KEPT.c.number).order_by(KEPT.c.number).limit(1).offset(1), None),
    "one of a list": (lambda _: select(KEPT.c.number).where(KEPT.c.number.in_([1, 3])), None),
    "one of none": (lambda _: select(KEPT.c.number).where(KEPT.c.number.in_([])), None),
    "not one of a list": (
        lambda _: select(KEPT.c.number).where(
            KEPT.c.party.not_in(["ppk-2"]), KEPT.c.number > bindparam("least")
        ),
        {"least": 0},
    ),
    "one of a list of instants": (lambda _: select(KEPT.c.number).where(KEPT.c.micros.in_([AT])), None),
    "one of a list that is a parameter": (
        lambda _: select(KEPT.c.number).where(
            KEPT.c.party == "ppk-1", KEPT.c.number.in_(bindparam("numbers", expanding=True))
        ),
        {"numbers": {1, 2**40, 77}},
    ),
    "one of some pairs": (
        lambda _: select(KEPT.c.number).where(
            tuple_(KEPT.c.party, KEPT.c.number).in_([("ppk-1", 1), ("ppk-2", 3)])
        ),
        None,
    ),
    "one of many keys": (
        lambda _: select(KEPT.c.number).where(
            key_in((KEPT.c.party, KEPT.c.party), [("ppk-2", "ppk-2"), ("x", "x")])
        ),
        None,
    ),
    "like": (lambda _: select(KEPT.c.party).where(KEPT.c.party.startswith("ppk_", autoescape=True)), None),
    "exists": (lambda _: select(exists().where(and_(KEPT.c.number == 1, KEPT.c.flag.is_(False)))), None),
    "for update": (lambda _: select(KEPT.c.number).where(KEPT.c.number == 1).with_for_update(), None),
    "union": (lambda _: select(KEPT.c.party).union(select(literal("x"))).order_by("party"), None),
    "with": (
        lambda _: select(func.count()).select_from(select(KEPT.c.party).distinct().cte("parties")),
        None,
    ),
    "params": (
        lambda _: select(KEPT.c.number).where(KEPT.c.party == bindparam("party")).params(party="ppk-2"),
        None,
    ),
    "text": (lambda _: text("SELECT party, number FROM kept WHERE number = :number"), {"number": 3}),
    "text without a row": (lambda _: text("SELECT party FROM kept WHERE number = 77"), None),
}
ALL = select(KEPT).order_by(KEPT.c.party, KEPT.c.number)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    async with database.write() as connection:
        await connection.run_sync(METADATA.create_all)
        await connection.execute(insert(KEPT), ROWS)
        await connection.execute(insert(OTHER), {"party": "ppk-9", "count": 5})
    yield database
    await database.close()


class Undone(Exception):
    pass


@asynccontextmanager
async def undone(database: Database) -> AsyncIterator[Connection]:
    """A transaction that is rolled back."""
    with suppress(Undone):
        async with database.write() as connection:
            yield connection
            raise Undone


async def found_by_driver(connection: Connection, statement: Executable, parameters: Parameters) -> list[Any]:
    found = await connection.execute(statement, parameters)
    return [(tuple(row), dict(row._mapping)) for row in found]


async def found_by_sqlalchemy(
    connection: Connection, statement: Executable, parameters: Parameters
) -> list[Any]:
    def run(here: sqlalchemy.Connection) -> list[Any]:
        found = here.execute(statement, parameters)
        return [(tuple(row), dict(row._mapping)) for row in found] if found.returns_rows else []

    return await connection.run_sync(run)


@pytest.mark.parametrize("name", READS)
async def test_a_query_finds_on_the_driver_what_it_finds_with_sqlalchemy(
    database: Database, name: str
) -> None:
    make, parameters = READS[name]
    async with database.write() as connection:
        dialect = connection.dialect.name
        wanted = await found_by_sqlalchemy(connection, make(dialect), parameters)
        again = make(dialect)
        for statement in (make(dialect), again, again):
            assert await found_by_driver(connection, statement, parameters) == wanted


@pytest.mark.parametrize("name", WRITES)
async def test_a_write_leaves_by_the_driver_what_it_leaves_by_sqlalchemy(
    database: Database, name: str
) -> None:
    make, parameters = WRITES[name]
    left, kept = [], make("sqlite" if database.sqlite else "postgresql")
    for run, statement in (
        (found_by_sqlalchemy, kept),
        (found_by_driver, make("sqlite" if database.sqlite else "postgresql")),
        (found_by_driver, kept),
        (found_by_driver, kept),
    ):
        async with undone(database) as connection:
            given = await run(connection, statement, parameters)
            rows = await found_by_sqlalchemy(connection, ALL, None)
            left.append((given, rows, await found_by_sqlalchemy(connection, select(OTHER), None)))
    assert left == left[:1] * 4
    async with database.read() as connection:
        assert len(await found_by_driver(connection, ALL, None)) == len(ROWS)


async def test_values_of_one_statement_do_not_stay_in_the_next_of_its_shape(database: Database) -> None:
    async with database.read_latest() as connection:
        for number in (1, 3, 1):
            query = select(KEPT.c.number).where(KEPT.c.number == number)
            assert await connection.scalar(query) == number
            assert await connection.scalar(query.where(KEPT.c.party == f"ppk-{1 + number // 2}")) == number
            assert await connection.scalar(query.where(KEPT.c.party == "nobody")) is None


async def test_a_statement_tells_how_many_rows_it_changed(database: Database) -> None:
    async with database.write() as connection:
        moved = update(KEPT).where(KEPT.c.party == bindparam("the_party")).values(index=1)
        assert (await connection.execute(moved, {"the_party": "ppk-1"})).rowcount == 2
        assert (await connection.execute(moved, {"the_party": "nobody"})).rowcount == 0
        assert (await connection.execute(delete(KEPT).where(KEPT.c.number == 1))).rowcount == 1
        assert (await connection.execute(ALL)).rowcount == 2


async def test_rows_are_taken_one_all_or_by_their_names(database: Database) -> None:
    async with database.read() as connection:
        found = await connection.execute(ALL)
        first, *_ = found
        assert found.first() == first == found.all()[0]
        assert (first.party, first[1], first.index, first._asdict()["at"]) == ("ppk-1", 1, 10, AT)
        assert list(found.scalars()) == ["ppk-1", "ppk-1", "ppk-2"]
        assert [row["number"] for row in found.mappings()] == [1, 2**40, 3]
        with pytest.raises(MultipleResultsFound):
            found.one()
        none = await connection.execute(ALL.where(KEPT.c.number == 77))
        assert none.one_or_none() is none.first() is none.scalar() is None
        with pytest.raises(NoResultFound):
            none.one()


async def test_a_parameter_that_is_not_given_is_an_error(database: Database) -> None:
    async with database.read() as connection:
        with pytest.raises(InvalidRequestError, match="number"):
            await connection.execute(select(KEPT).where(KEPT.c.number == bindparam("number")))


async def test_an_error_quotes_no_value_of_a_row(database: Database) -> None:
    with pytest.raises(DBAPIError) as raised:
        async with database.write() as connection:
            await connection.execute(insert(KEPT), [a_row(5), a_row(5, words=["rahasia"], bytes=b"rahasia")])
    assert "kept" in str(raised.value) and "rahasia" not in str(raised.value)


async def test_who_watches_hears_of_statements_and_commits_and_may_fail_them(database: Database) -> None:
    heard: list[str] = []
    database.watch(heard.append)
    async with database.write() as connection:
        await connection.execute(delete(OTHER))
    async with database.read_latest() as connection:
        await connection.scalar(select(OTHER.c.count))
    assert [words.partition(" ")[0] for words in heard] == ["DELETE", "COMMIT", "COMMITTED", "SELECT"]

    def fail(words: str) -> None:
        if words == "COMMIT":
            raise Undone

    database.watch(fail)
    with pytest.raises(Undone):
        async with database.write() as connection:
            await connection.execute(delete(KEPT))
    database.watch(None)
    async with database.read_latest() as connection:
        assert len((await connection.execute(ALL)).all()) == len(ROWS)

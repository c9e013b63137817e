"""URLs of databases are taken as guides write them, and refused in words, without a password, where nothing reads them."""

import pytest
from sqlalchemy import make_url, text

from storage import urls
from storage.engines import Database

PASSWORD = "rahasia"


@pytest.mark.parametrize(
    "given",
    [
        "sqlite:///desk.sqlite",
        "sqlite+aiosqlite:///desk.sqlite",
        "sqlite+pysqlite:///desk.sqlite",
        " sqlite:///desk.sqlite\n",
    ],
)
def test_a_file_of_sqlite_is_named_with_any_driver(given: str) -> None:
    found = urls.parse(given)

    assert found.sqlite
    assert (found.url.drivername, found.url.database) == ("sqlite", "desk.sqlite")


@pytest.mark.parametrize(
    "scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2", "postgresql+asyncpg"]
)
def test_a_server_is_named_by_whichever_scheme(scheme: str) -> None:
    found = urls.parse(f"{scheme}://netral:{PASSWORD}@db.example:5433/desk")

    assert not found.sqlite and not found.libpq
    assert found.url == make_url(f"postgresql+asyncpg://netral:{PASSWORD}@db.example:5433/desk")


def test_what_libpq_reads_goes_to_the_driver_whole() -> None:
    found = urls.parse(
        f"postgres://netral:{PASSWORD}@db.example/desk?sslmode=verify-full&sslrootcert=/etc/ca.pem"
        "&application_name=netral&connect_timeout=5&channel_binding=prefer"
    )

    assert found.connect_seconds == 5
    assert make_url(found.libpq).query == {
        "sslmode": "verify-full",
        "sslrootcert": "/etc/ca.pem",
        "application_name": "netral",
    }
    assert make_url(found.libpq).password == PASSWORD
    assert not found.url.query


def test_what_sqlalchemys_driver_reads_stays_as_it_is() -> None:
    found = urls.parse("postgresql+asyncpg://db.example/desk?ssl=require&command_timeout=60&timeout=3")

    assert not found.libpq
    assert found.url.query == {"ssl": "require", "command_timeout": "60"}
    assert found.connect_seconds == 3


@pytest.mark.parametrize(
    ("said", "pooled"),
    [
        ("pgbouncer=true", True),
        ("sslmode=require&pgbouncer=true&connect_timeout=10", True),
        ("prepared_statement_cache_size=0", True),
        ("statement_cache_size=0", True),
        ("pgbouncer=false", False),
        ("prepared_statement_cache_size=500", False),
        ("sslmode=require", False),
    ],
)
def test_a_pooler_is_named_as_guides_name_it(said: str, pooled: bool) -> None:
    found = urls.parse(f"postgres://netral:{PASSWORD}@db.example:6432/desk?{said}")

    assert found.pooled is pooled
    assert "pgbouncer" not in found.url.query and "pgbouncer" not in found.libpq


def test_the_folder_of_a_socket_is_named_as_deploy_does() -> None:
    found = urls.parse("postgresql+asyncpg:///kasn?host=/run/postgresql")

    assert not found.libpq
    assert found.url.query == {"host": "/run/postgresql"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "not the URL of a database"),
        ("desk.sqlite", "not the URL of a database"),
        (f"postgres://netral:{PASSWORD}@db.example:port/desk", "not the URL of a database"),
        ("sqlite://desk.sqlite", "three strokes"),
        (f"mysql://netral:{PASSWORD}@db.example/desk", "neither sqlite nor postgresql"),
        (f"postgres://netral:{PASSWORD}@db.example/desk?sslmod=require", "nothing reads sslmod"),
        (f"postgres://netral:{PASSWORD}@db.example/desk?options=-csearch_path%3Dx", "nothing reads options"),
        (f"postgres://netral:{PASSWORD}@db.example/desk?connect_timeout=x", "connect_timeout"),
        (f"postgres://netral:{PASSWORD}@db.example/desk?pgbouncer=perhaps", "neither true nor false"),
    ],
)
def test_what_nothing_reads_is_refused_in_words_without_the_password(given: str, said: str) -> None:
    with pytest.raises(urls.BadDatabaseUrl, match=said) as refused:
        urls.parse(given)
    assert PASSWORD not in str(refused.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql+psycopg"])
async def test_a_server_is_spoken_to_by_a_url_as_guides_write_it(postgresql_url: str, scheme: str) -> None:
    rest = postgresql_url.partition("://")[2]
    more = "&" if "?" in rest else "?"
    database = Database(f"{scheme}://{rest}{more}sslmode=prefer&application_name=netral&connect_timeout=10")
    try:
        async with database.write() as connection:
            assert await connection.scalar(text("show application_name")) == "netral"
        async with database.read() as connection:
            assert await connection.scalar(text("show transaction_isolation")) == "repeatable read"
    finally:
        await database.close()

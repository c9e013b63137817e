"""URLs of databases as guides write them: `postgres://…?sslmode=require` is taken as libpq takes it, SQLAlchemy's own forms as they are.

SQLAlchemy hands what stands behind the `?` to the driver word by word, so that libpq's `sslmode` ends in a TypeError there. asyncpg
itself reads libpq's URLs, with its files for TLS; so such a URL goes to it whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

_POSTGRESQL = {"postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg", "postgresql+psycopg2"}
_SQLITE = {"sqlite", "sqlite+aiosqlite", "sqlite+pysqlite"}
# Words of libpq that asyncpg reads in a URL. It takes others for settings of the server, of which only these are common in URLs.
_OF_LIBPQ = {
    "sslmode",
    "sslcert",
    "sslkey",
    "sslpassword",
    "sslrootcert",
    "sslcrl",
    "ssl_min_protocol_version",
    "ssl_max_protocol_version",
    "host",
    "port",
    "passfile",
    "service",
    "target_session_attrs",
    "krbsrvname",
}
_OF_THE_SERVER = {"application_name", "search_path", "statement_timeout", "lock_timeout", "timezone"}
_OF_THE_DRIVER = {
    "host",
    "port",
    "ssl",
    "command_timeout",
    "target_session_attrs",
}
# As guides of poolers write it: Prisma's word, and those of asyncpg and of SQLAlchemy, where 0 stands for the same.
_OF_POOLERS = ("pgbouncer", "statement_cache_size", "prepared_statement_cache_size")
_YES, _NO = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}
_WITHOUT_MEANING = {
    "channel_binding",
    "gssencmode",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
}


class BadDatabaseUrl(ValueError):
    """A URL names no database that is known; the message says what is wrong and what to write, and repeats no password."""


@dataclass(frozen=True)
class DatabaseUrl:
    """A database: its URL for SQLAlchemy, and for one that libpq would read the URL that asyncpg reads; seconds to connect, 0 for ours."""

    url: URL
    libpq: str = ""
    connect_seconds: float = 0.0
    pooled: bool = False
    """A pooler in transaction mode stands before the server (pgbouncer)."""

    @property
    def sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"


def parse(text: str) -> DatabaseUrl:
    """Read the URL of a database.

    Raises:
        BadDatabaseUrl: it is none, is of another server, or says what nothing here reads.
    """
    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError):
        raise BadDatabaseUrl(
            "not the URL of a database such as sqlite:///desk.sqlite or postgresql://user@host/name"
        ) from None
    if url.drivername in _SQLITE:
        if url.host:
            raise BadDatabaseUrl(
                "a file of SQLite has three strokes before a relative path, four before an absolute one"
            )
        return DatabaseUrl(url.set(drivername="sqlite"))
    if url.drivername not in _POSTGRESQL:
        raise BadDatabaseUrl(f"{url.drivername} is neither sqlite nor postgresql")
    return _postgresql(url)


def _postgresql(url: URL) -> DatabaseUrl:
    said = {name: value for name, value in url.query.items() if name not in _WITHOUT_MEANING}
    pooled = _pooled({name: str(said.pop(name)).lower() for name in _OF_POOLERS if name in said})
    waits = [_seconds(name, str(said.pop(name))) for name in ("connect_timeout", "timeout") if name in said]
    seconds = max(waits, default=0.0)
    plain = url.set(drivername="postgresql+asyncpg", query=said)
    if said.keys() <= _OF_THE_DRIVER:
        return DatabaseUrl(plain, connect_seconds=seconds, pooled=pooled)
    if unknown := sorted(said.keys() - _OF_LIBPQ - _OF_THE_SERVER):
        raise BadDatabaseUrl(f"nothing reads {', '.join(unknown)} in the URL of a database; leave it out")
    libpq = url.set(drivername="postgresql", query=said).render_as_string(hide_password=False)
    return DatabaseUrl(plain.set(query={}), libpq, seconds, pooled)


def _pooled(said: Mapping[str, str]) -> bool:
    """True if a URL says that a pooler stands before the server; a number of statements to remember is left to us."""
    if (word := said.get("pgbouncer", "false")) not in _YES | _NO:
        raise BadDatabaseUrl("pgbouncer is neither true nor false")
    return word in _YES or "0" in (said.get(name) for name in _OF_POOLERS[1:])


def _seconds(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise BadDatabaseUrl(f"{name} is no number of seconds") from None

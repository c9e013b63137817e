"""URLs of databases as guides write them: `postgres://…?sslmode=require` is taken as libpq takes it, SQLAlchemy's own forms as they are.

SQLAlchemy hands what stands behind the `?` to the driver word by word, so that libpq's `sslmode` ends in a TypeError there. asyncpg
itself reads libpq's URLs, with its files for TLS; so such a URL goes to it whole.
"""

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
    "timeout",
    "command_timeout",
    "statement_cache_size",
    "prepared_statement_cache_size",
    "target_session_attrs",
}
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
    """A database: its URL for SQLAlchemy, and for one that libpq would read the URL that asyncpg reads, with its seconds to connect."""

    url: URL
    libpq: str = ""
    connect_seconds: float = 0.0

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
    plain = url.set(drivername="postgresql+asyncpg", query=said)
    if said.keys() <= _OF_THE_DRIVER:
        return DatabaseUrl(plain)
    wait = said.pop("connect_timeout", "0")
    if unknown := sorted(said.keys() - _OF_LIBPQ - _OF_THE_SERVER):
        raise BadDatabaseUrl(f"nothing reads {', '.join(unknown)} in the URL of a database; leave it out")
    try:
        seconds = float(str(wait))
    except ValueError:
        raise BadDatabaseUrl("connect_timeout is no number of seconds") from None
    libpq = url.set(drivername="postgresql", query=said).render_as_string(hide_password=False)
    return DatabaseUrl(plain.set(query={}), libpq, seconds)

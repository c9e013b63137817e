"""Faults of a database, sorted by what to do about them: PostgreSQL by SQLSTATE, SQLite by result code.

The code is read from the error itself: SQLAlchemy's classes do not tell a full disk from a bug, and asyncpg raises errors of
its own while it connects. Sources: PostgreSQL, Appendix A (Error Codes); SQLite, Result and Error Codes.
"""

import errno
import socket
from collections.abc import Iterator
from enum import StrEnum

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class Fault(StrEnum):
    """Answer to an error of a database."""

    AGAIN = "AGAIN"
    """Another transaction got in the way: run the transaction again, here and now."""
    TAKEN = "TAKEN"
    """A key is there already: another transaction was first, or, if it stays so when run again, a bug of ours."""
    AWAY = "AWAY"
    """The database cannot be used for now: restarting, out of connections or memory, too slow, damaged."""
    FULL = "FULL"
    """Its disk is full. Reading works."""
    READ_ONLY = "READ_ONLY"
    """It takes no writes: a standby, or a file that may only be read. Reading works."""
    DENIED = "DENIED"
    """The desk's role has no right to a table that it needs. What else it does may work."""
    OUTSIDE = "OUTSIDE"
    """Not the database at all: another file or connection of this machine cannot be used for now."""
    OURS = "OURS"
    """The statement or its values are wrong: a bug of ours, or of the message that is handled."""


LASTING = frozenset({Fault.AWAY, Fault.FULL, Fault.READ_ONLY, Fault.DENIED})
"""Faults that last until somebody mends the database."""
PASSING = LASTING | {Fault.AGAIN, Fault.OUTSIDE}
"""Faults that are not the message's or the code's: it comes again when the database is well."""


class Unreachable(ConnectionError):
    """There is no way to the server of a database just now: refused, no such host, no answer."""


# The longest prefix of the SQLSTATE decides. What is not listed is ours.
_SQLSTATES = {
    "08": Fault.AWAY,  # connection
    "23": Fault.TAKEN,  # integrity
    "25006": Fault.READ_ONLY,  # a standby, or default_transaction_read_only
    "25P03": Fault.AWAY,  # idle in a transaction for too long: the server has ended the session
    "28": Fault.AWAY,  # the server does not let this user in
    "3D000": Fault.AWAY,  # no such database (any more)
    "40": Fault.AGAIN,  # serialization failure, deadlock
    "42501": Fault.DENIED,
    "53": Fault.AWAY,  # out of memory or connections
    "53100": Fault.FULL,
    "55P03": Fault.AGAIN,  # lock not available
    "57": Fault.AWAY,  # stopping, starting, cancelled: statement_timeout too
    "58": Fault.AWAY,  # the server's disk or files
    "XX": Fault.AWAY,  # the server's own fault, damage
}
_KEEPS_CONNECTION = ("23", "40", "42501", "53100", "55P03", "57014")
# The last: the server's good-bye arrived while the driver began its next statement.
_GONE = ("connection is closed", "connection was closed", "cannot switch to state")
# Primary result codes, the lower eight bits.
_SQLITE = {
    3: Fault.READ_ONLY,  # PERM
    5: Fault.AWAY,  # BUSY: whoever asks for the lock has waited already
    6: Fault.AWAY,  # LOCKED
    7: Fault.AWAY,  # NOMEM
    8: Fault.READ_ONLY,  # READONLY
    10: Fault.AWAY,  # IOERR
    11: Fault.AWAY,  # CORRUPT
    13: Fault.FULL,  # FULL
    14: Fault.AWAY,  # CANTOPEN
    15: Fault.AWAY,  # PROTOCOL: the locks of the write-ahead log
    17: Fault.AGAIN,  # SCHEMA: it changed
    19: Fault.TAKEN,  # CONSTRAINT
    26: Fault.AWAY,  # NOTADB
}
# A file that could not be written when it was opened is read-only for that connection, whatever becomes of it.
_REOPENS = frozenset({3, 8, 10, 11, 14, 26})
# What a machine lacks for a while. Other errors of files (no such file, no right) are loud: waiting does not mend them.
_OUTSIDE = frozenset(
    {
        errno.EAGAIN,
        errno.EBUSY,
        errno.EDQUOT,
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
        errno.EIO,
        errno.EMFILE,
        errno.ENETDOWN,
        errno.ENETUNREACH,
        errno.ENFILE,
        errno.ENOMEM,
        errno.ENOSPC,
        errno.EROFS,
        errno.ESTALE,
        None,  # of a library: several addresses tried in vain, a name that is not found
    }
)


def sort(error: BaseException) -> Fault | None:
    """Sort what a database raised, or else the machine; None if neither did."""
    if (fault := of_database(error)) is not None:
        return fault
    outside = isinstance(error, ConnectionError | TimeoutError | socket.gaierror)
    return Fault.OUTSIDE if outside or (isinstance(error, OSError) and error.errno in _OUTSIDE) else None


def is_passing(error: BaseException) -> bool:
    """True if the error is not the fault of what was tried: the same will work when the database is well."""
    return sort(error) in PASSING


def of_database(error: BaseException) -> Fault | None:
    """Sort what a database or its driver said itself, or the way to it; None if neither did."""
    if isinstance(error, PoolTimeout | Unreachable):
        return Fault.AWAY
    for each in _causes(error):
        code = getattr(each, "sqlstate", None)
        if isinstance(code, str) and code:
            return _of_sqlstate(code)
        number = getattr(each, "sqlite_errorcode", None)
        if isinstance(number, int):
            return _SQLITE.get(number & 0xFF, Fault.OURS)
    if isinstance(error, DBAPIError):
        return Fault.AWAY if error.connection_invalidated or _is_gone(error.orig) else Fault.OURS
    return None


def breaks_connection(error: BaseException | None) -> bool:
    """True if a connection is of no use after this error: the server went, or is a standby now; the file was not to be written."""
    number = getattr(error, "sqlite_errorcode", None)
    if isinstance(number, int):
        return number & 0xFF in _REOPENS
    code = getattr(error, "sqlstate", None) or ""
    if not code:
        return _is_gone(error)
    return _of_sqlstate(code) is not Fault.OURS and not code.startswith(_KEEPS_CONNECTION)


def _of_sqlstate(code: str) -> Fault:
    for length in (5, 2):
        if (fault := _SQLSTATES.get(code[:length])) is not None:
            return fault
    return Fault.OURS


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what SQLAlchemy wrapped in it, and what that came from."""
    yield error
    inner = getattr(error, "orig", None)
    if isinstance(inner, BaseException):
        yield inner
        if inner.__cause__ is not None:
            yield inner.__cause__


def _is_gone(error: BaseException | None) -> bool:
    """True if asyncpg says so before it asks the server, and so without a code."""
    said = str(error)
    return any(words in said for words in _GONE)

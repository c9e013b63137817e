"""Known failures of a start: each ends the process with one sentence in its log and a status, and without a traceback.

Whatever else is raised is a fault of ours and stays loud. `deploy/README.md` says what an operator does.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from pydantic import ValidationError

from agreement.data_files import BrokenData
from audit.sequencing.sequencer import ClockBehind, LogRolledBack
from audit.sequencing.writer_lease import AnotherWriter
from exchange.personal_data.vault import BadStorageKey
from exchange.personal_data.wrapping_keys import BadWrappingKeys
from exchange.statements.trust import BadPartiesFile
from exchange.witness_config import BadWitnessesFile
from host.lifecycle.recovery import BadRecoveryFile
from storage import faults
from storage.urls import BadDatabaseUrl

log = structlog.get_logger("host.lifecycle.start_failures")

REFUSED = 3
"""Exit status of a process that must not work: the operator has to decide, starting it again does not help."""
AWAY = 1
"""Exit status if something that the process needs is away or in use: starting it again may help."""

_MUST_NOT = (
    AnotherWriter,
    BrokenData,
    BadPartiesFile,
    BadRecoveryFile,
    BadStorageKey,
    BadWitnessesFile,
    BadWrappingKeys,
    ClockBehind,
    LogRolledBack,
)


class CannotListen(Exception):
    """The address of the settings cannot be listened on; the message names it."""


@contextmanager
def explained(host: str) -> Iterator[None]:
    """End the process in words if a start fails inside in a known way.

    Raises:
        SystemExit: with `REFUSED` or `AWAY`; the last line of the log says why.
    """
    try:
        yield
    except Exception as error:
        known = explanation(error)
        if known is None:
            raise
        status, reason = known
        said = "refused to start" if status == REFUSED else "cannot start now"
        log.critical(said, desk=host, why=type(error).__name__, reason=reason)
        raise SystemExit(status) from None


def explanation(error: Exception) -> tuple[int, str] | None:
    """The exit status and the sentence for a failure of a start; None if it is none that is known."""
    if isinstance(error, _MUST_NOT):
        return REFUSED, str(error)
    if isinstance(error, ValidationError):
        return REFUSED, "; ".join(
            f"NETRAL_{'.'.join(map(str, each['loc'])).upper()}: {each['msg']}" for each in error.errors()
        )
    if isinstance(error, BadDatabaseUrl):
        return REFUSED, f"NETRAL_DATABASE_URL or NETRAL_VAULT_URL: {error}"
    if faults.of_database(error) in faults.PASSING:
        return AWAY, f"the database does not open: {getattr(error, 'orig', None) or error}"
    if isinstance(error, CannotListen):
        return AWAY, str(error)
    if isinstance(error, OSError):
        # A file of the settings, or a connection.
        named = error.filename is not None
        return (REFUSED, f"{error.filename}: {error.strerror}") if named else (AWAY, str(error))
    return _of_a_library(error)


def _of_a_library(error: Exception) -> tuple[int, str] | None:
    """Failures of libraries that a host imports only where it needs them."""
    libraries = {kind.__module__.partition(".")[0] for kind in type(error).__mro__}
    if "alembic" in libraries:
        return REFUSED, f"the database is of another version: {error}"
    if "asyncpg" in libraries:
        return AWAY, f"the database does not open: {error}"
    return None

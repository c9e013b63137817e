"""Errors of drivers in SQLAlchemy's classes, as all who handle errors of a database know them; never with a value of a row."""

from sqlalchemy.exc import DBAPIError, IntegrityError

from storage import faults
from storage.faults import Fault


def of_driver(error: Exception, statement: str = "") -> DBAPIError:
    """Put a driver's error into the class of SQLAlchemy with its name."""
    if faults.of_database(error) is Fault.TAKEN:  # asyncpg's class has another name
        return IntegrityError(statement, None, error, hide_parameters=True)
    made = DBAPIError.instance(
        statement or "connect",
        None,
        error,
        Exception,
        hide_parameters=True,
        connection_invalidated=faults.breaks_connection(error),
    )
    assert isinstance(made, DBAPIError)
    return made

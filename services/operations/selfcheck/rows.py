"""Rows of a query, typed as the model whose columns they have."""

from typing import Any, TypeVar

from sqlalchemy import Select
from sqlmodel import SQLModel

from storage.protocols import Connection

Model = TypeVar("Model", bound=SQLModel)


async def read_rows(connection: Connection, query: "Select[Any]", model: type[Model]) -> list[Model]:
    """Read the rows of a query that selects a model's whole table.

    They are SQLAlchemy's rows, for reading only: an object of the model for each takes more than ten times as long (measured on leaves).
    """
    found: Any = await connection.execute(query)
    return list(found)

"""The registry of the personnel authorities' tables, and the numbers that they used."""

from sqlalchemy.orm import registry
from sqlmodel import Field

from storage.types import TableModel


class PpkTable(TableModel, registry=registry()):
    """The registry of this desk's tables."""


class UsedNumber(PpkTable, table=True):
    """A number that a party gave out, for good: register numbers, letters, decrees, examination reports."""

    __tablename__ = "used_number"

    party: str = Field(primary_key=True, max_length=40)
    kind: str = Field(primary_key=True, max_length=20)
    number: str = Field(primary_key=True, max_length=60)
    matter: str = Field(max_length=36)

"""The overseers' tables, in the database of the host that serves them."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlalchemy.orm import registry
from sqlmodel import Field

from cooperation.oversight.domain.matters import Watched
from exchange.context import EntityStore
from exchange.delivery import entity_store
from host.facts import FactKind
from storage.types import Instant, TableModel

NUMBER = "watched_number"


class OversightTable(TableModel, registry=registry()):
    """The registry of this desk's tables."""


class WatchedRow(OversightTable, table=True):
    """A watched matter; the fields are those of `domain.matters.Watched`."""

    __tablename__ = "watched"
    __table_args__ = (
        Index("watched_case", "party", "case_id"),
        Index("watched_due", "party", "due_date"),
        Index("watched_updated", "party", "updated", "id"),
    )

    party: str = Field(primary_key=True, max_length=40)
    id: str = Field(primary_key=True, max_length=36)
    case_id: str = Field(max_length=36)
    state: str = Field(max_length=40)
    created: datetime = Field(sa_type=Instant)
    updated: datetime = Field(sa_type=Instant)
    heard: str = Field(default="", max_length=36)
    original: str = Field(default="", max_length=36)
    examiner: str = Field(default="", max_length=40)
    letter_number: str = Field(default="", max_length=60)
    letter_date: date | None = None
    addressee: str = Field(default="", max_length=40)
    act: str = Field(default="", max_length=40)
    family: str = Field(default="", max_length=20)
    sanction_class: str = Field(default="", max_length=40)
    due_date: date | None = None
    report_number: str = Field(default="", max_length=60)
    region: str = Field(default="", max_length=5)
    verification: str = Field(default="", max_length=40)
    verified_date: date | None = None
    impossibility: str = Field(default="", max_length=40)
    withdrawal_reason: str = Field(default="", max_length=40)
    data_blocked: bool = False
    block_number: str = Field(default="", max_length=60)
    block_date: date | None = None
    block_office: str = Field(default="", max_length=40)
    block_reason: str = Field(default="", max_length=40)
    unblock_number: str = Field(default="", max_length=60)
    unblock_date: date | None = None
    unblock_reason: str = Field(default="", max_length=40)
    warning_number: str = Field(default="", max_length=60)
    warning_date: date | None = None
    warning_due_date: date | None = None
    decree_number: str = Field(default="", max_length=60)
    annulment_number: str = Field(default="", max_length=60)
    annulment_date: date | None = None


class WatchedNumber(OversightTable, table=True):
    """A number that a party gave out, for good: acts that block or unblock, letters that warn."""

    __tablename__ = "watched_number"

    party: str = Field(primary_key=True, max_length=40)
    kind: str = Field(primary_key=True, max_length=20)
    number: str = Field(primary_key=True, max_length=60)
    matter: str = Field(max_length=36)


WATCHED = FactKind("watched", Watched, "watched matter")
_STORE = entity_store.store(WatchedRow, Watched, WatchedNumber, word=WATCHED.word, number_word=NUMBER)

STORES: dict[str, EntityStore] = {WATCHED.word: _STORE, NUMBER: _STORE}

"""Tables of pledge lists, in the database of the host that serves them.

A list is kept in pieces: what identifies a person is in `sealed` only, encrypted under the list's key in the vault.
"""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Column, Index, LargeBinary
from sqlmodel import Field

from cooperation.prevention.campaigns.tables import PreventionNumber, PreventionTable
from cooperation.prevention.pledges.domain.lists import PledgeList
from exchange.context import EntityStore
from exchange.delivery import entity_store
from host.facts import FactKind
from storage.types import Instant


class PledgeListRow(PreventionTable, table=True):
    """A list of pledges; the fields are those of `domain.lists.PledgeList`."""

    __tablename__ = "pledge_list"
    __table_args__ = (Index("pledge_list_request", "party", "request_id", unique=True),)

    party: str = Field(primary_key=True, max_length=40)
    id: str = Field(primary_key=True, max_length=36)
    request_id: str = Field(max_length=36)
    campaign: str = Field(default="", max_length=36)
    pledge: str = Field(max_length=40)
    state: str = Field(max_length=20)
    created: datetime = Field(sa_type=Instant)
    updated: datetime = Field(sa_type=Instant)
    units_in_total: int = 0
    read: int = Field(default=0, sa_type=BigInteger)
    lines: int = 0
    prefix: str = Field(default="", max_length=64)
    size: int = 0
    broken: int = 0
    root: str = Field(default="", max_length=64)
    units: list[str] = Field(sa_type=JSON)
    unit_counts: list[int] = Field(sa_type=JSON)
    statement: str = Field(default="", max_length=36)


class PieceRow(PreventionTable, table=True):
    """Addition of one commit to a list: its entries, encrypted, and the rows that were not taken (line, reason)."""

    __tablename__ = "pledge_piece"

    party: str = Field(primary_key=True, max_length=40)
    pledge_list: str = Field(primary_key=True, max_length=36)
    number: int = Field(primary_key=True)
    start: int  # place of its first entry
    count: int
    sealed: bytes = Field(sa_type=LargeBinary)
    broken: list[tuple[int, str]] = Field(sa_type=JSON)


class PledgeTile(PreventionTable, table=True):
    """Up to 256 hashes of one level of a list's tree, as in `audit.formats.tlog`."""

    __tablename__ = "pledge_tile"

    party: str = Field(primary_key=True, max_length=40)
    pledge_list: str = Field(primary_key=True, max_length=36)
    level: int = Field(primary_key=True)
    number: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    hashes: bytes = Field(sa_type=LargeBinary)


LISTS = FactKind("pledge_list", PledgeList, "list")
STORES: dict[str, EntityStore] = {
    LISTS.word: entity_store.store(
        PledgeListRow, PledgeList, PreventionNumber, word=LISTS.word, number_word=""
    )
}

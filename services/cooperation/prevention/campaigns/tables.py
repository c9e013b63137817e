"""Tables of campaigns and reported acts, in the database of the host that serves them; the registry of the room's tables."""

from datetime import date, datetime

from sqlalchemy import JSON, Index
from sqlalchemy.orm import registry
from sqlmodel import Field

from cooperation.prevention.campaigns.domain import Campaign, Received, Report
from exchange.context import EntityStore
from exchange.delivery import entity_store
from host.facts import FactKind
from storage.types import Instant, TableModel


class PreventionTable(TableModel, registry=registry()):
    """The registry of these tables."""


class CampaignRow(PreventionTable, table=True):
    """A campaign at its sender; the fields are those of `domain.Campaign`."""

    __tablename__ = "prevention_campaign"

    party: str = Field(primary_key=True, max_length=40)
    id: str = Field(primary_key=True, max_length=36)
    kind: str = Field(max_length=20)
    number: str = Field(max_length=60)
    letter_date: date
    due_date: date | None = None
    asks: list[str] = Field(sa_type=JSON)
    pledge: str = Field(default="", max_length=40)
    document_digest: str = Field(default="", max_length=64)
    addressees: list[str] = Field(sa_type=JSON)
    created: datetime = Field(sa_type=Instant)
    updated: datetime = Field(sa_type=Instant)


class ReceivedRow(PreventionTable, table=True):
    """A campaign at an addressee; the fields are those of `domain.Received`."""

    __tablename__ = "prevention_received"

    party: str = Field(primary_key=True, max_length=40)
    id: str = Field(primary_key=True, max_length=36)
    sender: str = Field(max_length=40)
    state: str = Field(max_length=20)
    kind: str = Field(max_length=20)
    number: str = Field(max_length=60)
    letter_date: date
    due_date: date | None = None
    asks: list[str] = Field(sa_type=JSON)
    pledge: str = Field(default="", max_length=40)
    document_digest: str = Field(default="", max_length=64)
    done: list[str] = Field(sa_type=JSON)
    heard: str = Field(default="", max_length=36)
    created: datetime = Field(sa_type=Instant)
    updated: datetime = Field(sa_type=Instant)


class ReportRow(PreventionTable, table=True):
    """An act of prevention, at the authority and at those that it was told to; the fields are those of `Report`."""

    __tablename__ = "prevention_report"
    __table_args__ = (Index("prevention_report_act", "party", "act"),)

    party: str = Field(primary_key=True, max_length=40)
    id: str = Field(primary_key=True, max_length=36)
    authority: str = Field(max_length=40)
    campaign: str = Field(default="", max_length=36)
    act: str = Field(max_length=30)
    number: str = Field(default="", max_length=60)
    act_date: date | None = None
    document_digest: str = Field(default="", max_length=64)
    people: int = 0
    units: list[str] = Field(sa_type=JSON)
    pledge_list: str = Field(default="", max_length=36)
    root: str = Field(default="", max_length=64)
    pledge: str = Field(default="", max_length=40)
    read_by: str = Field(default="", max_length=40)
    created: datetime = Field(sa_type=Instant)


class PreventionNumber(PreventionTable, table=True):
    """A number that a party gave out, for good: letters and decrees."""

    __tablename__ = "prevention_number"

    party: str = Field(primary_key=True, max_length=40)
    kind: str = Field(primary_key=True, max_length=20)
    number: str = Field(primary_key=True, max_length=60)
    matter: str = Field(max_length=36)


CAMPAIGNS = FactKind("campaign", Campaign)
RECEIVED = FactKind("received_campaign", Received, "campaign")
REPORTS = FactKind("prevention_report", Report)
CAMPAIGN_NUMBER, REPORT_NUMBER = "campaign_number", "prevention_report_number"

_CAMPAIGNS = entity_store.store(
    CampaignRow, Campaign, PreventionNumber, word=CAMPAIGNS.word, number_word=CAMPAIGN_NUMBER
)
_RECEIVED = entity_store.store(ReceivedRow, Received, PreventionNumber, word=RECEIVED.word, number_word="")
_REPORTS = entity_store.store(
    ReportRow, Report, PreventionNumber, word=REPORTS.word, number_word=REPORT_NUMBER
)
STORES: dict[str, EntityStore] = {
    CAMPAIGNS.word: _CAMPAIGNS,
    CAMPAIGN_NUMBER: _CAMPAIGNS,
    RECEIVED.word: _RECEIVED,
    REPORTS.word: _REPORTS,
    REPORT_NUMBER: _REPORTS,
}

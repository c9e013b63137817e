"""The projection: a row per case and per report, counts of those alike, a row per peer, and up to which entry of the log they hold; and what
figures were stated.

All but `StatedFigureRow` can be dropped at any time: the trail gives them again.
"""

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, Column, Index, LargeBinary, text
from sqlalchemy.orm import registry
from sqlmodel import Field

from storage.types import Instant, TableModel


class MonitoringTable(TableModel, registry=registry()):
    """The registry of these tables."""


class Position(MonitoringTable, table=True):
    """Progress of the fold: up to which entry a party's log is folded (-1: nothing yet), the time of that entry, and by which rules."""

    __tablename__ = "monitor_position"

    party: str = Field(primary_key=True, max_length=40)
    log_index: int = Field(sa_column=Column(BigInteger, nullable=False))
    time: datetime | None = Field(default=None, sa_type=Instant)
    rules: int


class CaseRow(MonitoringTable, table=True):
    """A case; the fields are those of `figures.case_status.CaseStatus`, and `since_date`, the legal date of `since`."""

    __tablename__ = "monitor_case"
    __table_args__ = (
        Index("monitor_case_period", "party", "period_date"),
        Index("monitor_case_due", "party", "due_date"),
        Index("monitor_case_known", "party", "known_date"),
        Index("monitor_case_since", "party", "since_date"),
        Index("monitor_case_province", "party", "province"),
        Index("monitor_case_agency", "party", "agency"),
        Index(
            "monitor_case_open",
            "party",
            "due_date",
            "matter",
            sqlite_where=text("followed_up_date IS NULL"),
            postgresql_where=text("followed_up_date IS NULL"),
        ),
    )

    party: str = Field(primary_key=True, max_length=40)
    matter: str = Field(primary_key=True, max_length=36)
    case_id: str = Field(max_length=36)
    stage: str = Field(max_length=40)
    holder: str = Field(max_length=40)
    since: datetime = Field(sa_type=Instant)
    since_date: date
    period_date: date
    log_index: int = Field(sa_type=BigInteger)
    supervisor: str = Field(max_length=40)
    examiner: str = Field(max_length=40)
    region: str = Field(max_length=5)
    province: str = Field(max_length=2)
    agency: str = Field(max_length=40)
    tier: str = Field(max_length=10)
    act: str = Field(max_length=40)
    employment: str = Field(max_length=10)
    post: str = Field(max_length=20)
    recommended_date: date | None = None
    due_date: date | None = None
    followed_up_date: date | None = None
    on_time: bool | None = None
    verified_date: date | None = None
    status: str = Field(max_length=40)
    answered: bool
    step: str = Field(max_length=20)
    step_time: datetime | None = Field(default=None, sa_type=Instant)
    blocked: bool
    known_date: date | None = None
    event_date: date | None = None
    election_kind: str = Field(default="", max_length=10)
    origin: str = Field(default="", max_length=10)
    recommended_class: str = Field(default="", max_length=40)
    imposed_class: str = Field(default="", max_length=40)
    offence_step: str = Field(default="", max_length=20)
    offence_due_date: date | None = None
    supervisor_office: str = Field(default="", max_length=20)
    examiner_office: str = Field(default="", max_length=20)


class ReportRow(MonitoringTable, table=True):
    """A report, a finding or first information; the fields are those of `figures.report_status.ReportStatus`."""

    __tablename__ = "monitor_report"
    __table_args__ = (Index("monitor_report_period", "party", "period_date"),)

    party: str = Field(primary_key=True, max_length=40)
    case_id: str = Field(primary_key=True, max_length=36)
    state: str = Field(max_length=20)
    origin: str = Field(max_length=20)
    period_date: date
    log_index: int = Field(sa_type=BigInteger)
    region: str = Field(max_length=5)
    province: str = Field(max_length=2)
    reason: str = Field(max_length=40)
    event_date: date | None = None
    known_date: date | None = None
    election_kind: str = Field(max_length=10)
    office: str = Field(default="", max_length=20)


class TallyRow(MonitoringTable, table=True):
    """Counter of cases that are alike; the fields are those of `figures.counters.Bucket`."""

    __tablename__ = "monitor_tally"

    party: str = Field(primary_key=True, max_length=40)
    stage: str = Field(primary_key=True, max_length=40)
    status: str = Field(primary_key=True, max_length=40)
    recommended: bool = Field(primary_key=True)
    followed_up: bool = Field(primary_key=True)
    on_time: str = Field(primary_key=True, max_length=3)
    answered: bool = Field(primary_key=True)
    blocked: bool = Field(primary_key=True)
    due_month: date = Field(primary_key=True)
    since_month: date = Field(primary_key=True)
    count: int = Field(sa_type=BigInteger)


class FeedRow(MonitoringTable, table=True):
    """Activity of a peer; `days` are the last days (Jakarta) with a statement, ISO, oldest first."""

    __tablename__ = "monitor_feed"

    party: str = Field(primary_key=True, max_length=40)
    peer: str = Field(primary_key=True, max_length=40)
    last: datetime = Field(sa_type=Instant)
    statements: int = Field(sa_type=BigInteger)
    days: list[str] = Field(sa_type=JSON)


class StatedFigureRow(MonitoringTable, table=True):
    """A figure that was stated, or the answer to one (`answers` is the id of the statement then). Never changed."""

    __tablename__ = "monitor_said"
    __table_args__ = (Index("monitor_said_answers", "party", "answers"),)

    party: str = Field(primary_key=True, max_length=40)
    id: str = Field(primary_key=True, max_length=36)
    reconciliation: str = Field(max_length=36)
    sender: str = Field(max_length=40)
    recipient: str = Field(max_length=40)
    time: datetime = Field(sa_type=Instant)
    answers: str = Field(default="", max_length=36)
    facts: bytes = Field(sa_type=LargeBinary)

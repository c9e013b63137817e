"""Table of discipline procedures."""

from datetime import date

from sqlalchemy import JSON
from sqlmodel import Field

from exchange.context import EntityStore
from exchange.delivery import entity_store
from host.facts import FactKind
from ppk.discipline.domain.proceedings import Proceeding
from ppk.registry import PpkTable, UsedNumber


class ProceedingRow(PpkTable, table=True):
    """A matter's discipline procedure; the fields are those of `domain.proceedings.Proceeding`."""

    __tablename__ = "proceeding"

    party: str = Field(primary_key=True, max_length=40)
    id: str = Field(primary_key=True, max_length=36)
    stage: str = Field(max_length=20)
    employee_status: str = Field(default="", max_length=20)
    employee_date: date | None = None
    moved_to: str = Field(default="", max_length=40)
    team_number: str = Field(default="", max_length=60)
    team_date: date | None = None
    team_digest: str = Field(default="", max_length=64)
    team_units: list[str] = Field(default_factory=list, sa_type=JSON)
    summons_number: str = Field(default="", max_length=60)
    summons_date: date | None = None
    summoned_for: date | None = None
    absences: int = 0
    examined_date: date | None = None
    minutes_digest: str = Field(default="", max_length=64)
    signature: str = Field(default="", max_length=20)
    mode: str = Field(default="", max_length=20)
    report_number: str = Field(default="", max_length=60)
    report_date: date | None = None
    report_digest: str = Field(default="", max_length=64)
    decree_number: str = Field(default="", max_length=60)
    decree_date: date | None = None
    sanction_class: str = Field(default="", max_length=40)
    delivered_date: date | None = None
    delivery_way: str = Field(default="", max_length=40)
    appeal_kind: str = Field(default="", max_length=20)
    appeal_number: str = Field(default="", max_length=60)
    appeal_date: date | None = None
    appeal_outcome: str = Field(default="", max_length=20)
    appeal_decision_number: str = Field(default="", max_length=60)
    appeal_decision_date: date | None = None


PROCEEDINGS = FactKind("proceeding", Proceeding)
STORES: dict[str, EntityStore] = {
    PROCEEDINGS.word: entity_store.store(
        ProceedingRow, Proceeding, UsedNumber, word=PROCEEDINGS.word, number_word=""
    )
}

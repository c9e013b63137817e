"""Tables of plans, in the database of the host that serves them."""

from datetime import date, datetime

from sqlalchemy import JSON
from sqlmodel import Field

from cooperation.supervision.plans.domain import Note, Plan
from cooperation.supervision.shared_tables import Listed, SupervisionNumber, SupervisionTable
from exchange.context import EntityStore
from exchange.delivery import entity_store
from host.facts import FactKind
from storage.types import Instant


class PlanRow(SupervisionTable, table=True):
    """A plan of joint supervision; the fields are those of `domain.Plan`."""

    __tablename__ = "supervision_plan"

    party: str = Field(primary_key=True, max_length=40)
    id: str = Field(primary_key=True, max_length=36)
    state: str = Field(max_length=20)
    created: datetime = Field(sa_type=Instant)
    updated: datetime = Field(sa_type=Instant)
    proposer: str = Field(max_length=40)
    partner: str = Field(max_length=40)
    number: str = Field(max_length=60)
    start_date: date
    end_date: date
    regions: list[str] = Field(sa_type=JSON)
    acts: list[str] = Field(sa_type=JSON)
    document_digest: str = Field(max_length=64)
    letter_number: str = Field(default="", max_length=60)
    agreed_date: date | None = None
    heard: str = Field(default="", max_length=36)
    notes: list[Note] = Field(default_factory=list, sa_type=Listed(Note))


PLANS = FactKind("supervision_plan", Plan, "plan")
STORES: dict[str, EntityStore] = {
    PLANS.word: entity_store.store(PlanRow, Plan, SupervisionNumber, word=PLANS.word, number_word="")
}

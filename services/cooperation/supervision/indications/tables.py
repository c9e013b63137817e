"""Tables of indications, in the database of the host that serves them."""

from datetime import date, datetime

from sqlalchemy import JSON, Index
from sqlmodel import Field

from cooperation.supervision.indications.domain import Answer, Indication
from cooperation.supervision.shared_tables import NUMBER, Listed, SupervisionNumber, SupervisionTable
from exchange.context import EntityStore
from exchange.delivery import entity_store
from host.facts import FactKind
from storage.types import Instant


class IndicationRow(SupervisionTable, table=True):
    """A first indication; the fields are those of `domain.Indication`."""

    __tablename__ = "indication"
    __table_args__ = (Index("indication_state", "party", "state"),)

    party: str = Field(primary_key=True, max_length=40)
    id: str = Field(primary_key=True, max_length=36)
    state: str = Field(max_length=20)
    created: datetime = Field(sa_type=Instant)
    updated: datetime = Field(sa_type=Instant)
    team_number: str = Field(max_length=60)
    act: str = Field(max_length=40)
    channel: str = Field(max_length=40)
    region: str = Field(max_length=5)
    seen_date: date
    material_digests: list[str] = Field(sa_type=JSON)
    guidance: str = Field(default="", max_length=40)
    settled_date: date | None = None
    minutes_digest: str = Field(default="", max_length=64)
    letter_number: str = Field(default="", max_length=60)
    letter_date: date | None = None
    election: str = Field(default="", max_length=20)
    office: str = Field(default="", max_length=20)
    supervisor: str = Field(default="", max_length=40)
    statement: str = Field(default="", max_length=36)
    stage: str = Field(default="", max_length=30)
    answers: list[Answer] = Field(default_factory=list, sa_type=Listed(Answer))


INDICATIONS = FactKind("indication", Indication)
_STORE = entity_store.store(
    IndicationRow, Indication, SupervisionNumber, word=INDICATIONS.word, number_word=NUMBER
)
STORES: dict[str, EntityStore] = {INDICATIONS.word: _STORE, NUMBER: _STORE}

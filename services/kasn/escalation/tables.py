"""Table of ladders: how far the escalation of each matter has come."""

from datetime import date

from sqlalchemy import JSON
from sqlmodel import Field

from exchange.context import EntityStore
from exchange.delivery import delivery_evidence, entity_store
from host.facts import FactKind
from kasn.escalation.domain import Ladder
from kasn.registry import KasnTable, UsedNumber


class LadderRow(KasnTable, table=True):
    """Steps that a recommendation reached; the fields are those of `kasn.escalation.domain`."""

    __tablename__ = "ladder"

    party: str = Field(primary_key=True, max_length=40)
    id: str = Field(primary_key=True, max_length=36)
    letter_number: str = Field(default="", max_length=60)
    reached: list[str] = Field(default_factory=list, sa_type=JSON)
    escalation_number: str = Field(default="", max_length=60)
    silence: str = Field(default="", max_length=40)
    silence_day: date | None = None
    claim: str = Field(default="", max_length=36)
    refuted_by: str = Field(default="", max_length=64)


LADDERS = FactKind("ladder", Ladder)
STORES: dict[str, EntityStore] = {
    LADDERS.word: entity_store.store(LadderRow, Ladder, UsedNumber, word=LADDERS.word, number_word=""),
    delivery_evidence.SENT: delivery_evidence.STORE,
}

"""Table of claims of the examiner's silence."""

from datetime import date

from sqlmodel import Field

from bawaslu.registry import BawasluTable, UsedNumber
from bawaslu.silence.domain import Silence
from exchange.context import EntityStore
from exchange.delivery import delivery_evidence, entity_store
from host.facts import FactKind


class SilenceRow(BawasluTable, table=True):
    """Row of a claim of the examiner's silence; the fields are those of `bawaslu.silence.domain.Silence`."""

    __tablename__ = "silence"

    party: str = Field(primary_key=True, max_length=40)
    id: str = Field(primary_key=True, max_length=36)
    silence: str = Field(default="", max_length=40)
    silence_date: date | None = None
    claim: str = Field(default="", max_length=36)
    refuted_by: str = Field(default="", max_length=64)


SILENCES = FactKind("silence", Silence)
STORES: dict[str, EntityStore] = {
    SILENCES.word: entity_store.store(SilenceRow, Silence, UsedNumber, word=SILENCES.word, number_word=""),
    delivery_evidence.SENT: delivery_evidence.STORE,
}

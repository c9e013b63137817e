"""Table of claims of this examiner's silence."""

from datetime import date

from sqlmodel import Field

from exchange.context import EntityStore
from exchange.delivery import delivery_evidence, entity_store
from host.facts import FactKind
from kasn.registry import KasnTable, UsedNumber
from kasn.silence.domain import Claim


class ClaimRow(KasnTable, table=True):
    """Claim of a supervisor on this examiner's silence; the fields are those of `kasn.silence.domain`."""

    __tablename__ = "silence_claim"

    party: str = Field(primary_key=True, max_length=40)
    id: str = Field(primary_key=True, max_length=36)
    supervisor: str = Field(default="", max_length=40)
    silence: str = Field(default="", max_length=40)
    silence_date: date | None = None
    claim: str = Field(default="", max_length=36)
    refuted_by: str = Field(default="", max_length=64)


CLAIMS = FactKind("silence_claim", Claim)
STORES: dict[str, EntityStore] = {
    CLAIMS.word: entity_store.store(ClaimRow, Claim, UsedNumber, word=CLAIMS.word, number_word=""),
    delivery_evidence.RECEIPTS: delivery_evidence.STORE,
}

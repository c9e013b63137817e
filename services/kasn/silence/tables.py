"""Table of claims of this examiner's silence."""

from exchange.context import EntityStore
from exchange.delivery import delivery_evidence, entity_store
from host.facts import FactKind
from kasn.registry import KasnTable, UsedNumber
from kasn.silence.domain import Claim

ClaimRow = entity_store.table_of(KasnTable, "silence_claim", Claim)
CLAIMS = FactKind("silence_claim", Claim)
STORES: dict[str, EntityStore] = {
    CLAIMS.word: entity_store.store(ClaimRow, Claim, UsedNumber, word=CLAIMS.word, number_word=""),
    delivery_evidence.RECEIPTS: delivery_evidence.STORE,
}

"""Table of ladders: how far the escalation of each matter has come."""

from exchange.context import EntityStore
from exchange.delivery import delivery_evidence, entity_store
from host.facts import FactKind
from kasn.escalation.domain import Ladder
from kasn.registry import KasnTable, UsedNumber

LadderRow = entity_store.table_of(KasnTable, "ladder", Ladder)
LADDERS = FactKind("ladder", Ladder)
STORES: dict[str, EntityStore] = {
    LADDERS.word: entity_store.store(LadderRow, Ladder, UsedNumber, word=LADDERS.word, number_word=""),
    delivery_evidence.SENT: delivery_evidence.STORE,
}

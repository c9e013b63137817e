"""Table of claims of the examiner's silence."""

from bawaslu.registry import BawasluTable, UsedNumber
from bawaslu.silence.domain import Silence
from exchange.context import EntityStore
from exchange.delivery import delivery_evidence, entity_store
from host.facts import FactKind

SilenceRow = entity_store.table_of(BawasluTable, "silence", Silence)
SILENCES = FactKind("silence", Silence)
STORES: dict[str, EntityStore] = {
    SILENCES.word: entity_store.store(SilenceRow, Silence, UsedNumber, word=SILENCES.word, number_word=""),
    delivery_evidence.SENT: delivery_evidence.STORE,
}

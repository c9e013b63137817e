"""Table of discipline procedures."""

from exchange.context import EntityStore
from exchange.delivery import entity_store
from host.facts import FactKind
from ppk.discipline.domain.proceedings import Proceeding
from ppk.registry import PpkTable, UsedNumber

ProceedingRow = entity_store.table_of(PpkTable, "proceeding", Proceeding)
PROCEEDINGS = FactKind("proceeding", Proceeding)
STORES: dict[str, EntityStore] = {
    PROCEEDINGS.word: entity_store.store(
        ProceedingRow, Proceeding, UsedNumber, word=PROCEEDINGS.word, number_word=""
    )
}

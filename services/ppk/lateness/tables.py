"""Table of notices of lateness."""

from exchange.context import EntityStore
from exchange.delivery import delivery_evidence, entity_store
from host.facts import FactKind
from ppk.lateness.domain import Notice
from ppk.registry import PpkTable, UsedNumber

NoticeRow = entity_store.table_of(PpkTable, "notice", Notice)
NOTICES = FactKind("notice", Notice)
STORES: dict[str, EntityStore] = {
    NOTICES.word: entity_store.store(NoticeRow, Notice, UsedNumber, word=NOTICES.word, number_word=""),
    delivery_evidence.RECEIPTS: delivery_evidence.STORE,
}

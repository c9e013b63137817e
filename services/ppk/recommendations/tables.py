"""Tables of recommendations at an authority."""

from sqlalchemy import Index

from exchange.context import EntityStore
from exchange.delivery import entity_store
from host.facts import FactKind
from ppk.recommendations.domain.matter import Matter
from ppk.registry import PpkTable, UsedNumber

MatterRow = entity_store.table_of(
    PpkTable,
    "matter",
    Matter,
    Index("matter_case", "party", "case_id"),
    Index("matter_state", "party", "state"),
    Index("matter_updated", "party", "updated", "id"),
)
MATTERS = FactKind(entity_store.MATTER, Matter)
_STORE = entity_store.store(MatterRow, Matter, UsedNumber)
STORES: dict[str, EntityStore] = {entity_store.MATTER: _STORE, entity_store.NUMBER: _STORE}

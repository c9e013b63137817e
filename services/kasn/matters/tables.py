"""Tables of matters at the examiner's desk, and the index of their persons."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Index, bindparam
from sqlmodel import Field

from exchange.context import EntityStore, Fact, FactKey, Facts
from exchange.delivery import entity_store
from host.facts import FactKind
from kasn.matters.domain.matter import Matter
from kasn.registry import KasnTable, UsedNumber
from storage.together import Reading, Write
from storage.types import table
from storage.upserts import upsert_of

MatterRow = entity_store.table_of(
    KasnTable,
    "matter",
    Matter,
    Index("matter_case", "party", "case_id"),
    Index("matter_state", "party", "state"),
    Index("matter_updated", "party", "updated", "id"),
)


class PersonIndex(KasnTable, table=True):
    """Row that tells which matters are of one person: a keyed digest of NIP or NIK, useless without the host's storage key.

    A matter whose data key was destroyed is found no more (`reads.earlier`); erasure removes its row (`forget_persons`).
    """

    __tablename__ = "person_index"
    __table_args__ = (Index("person_index_digest", "party", "digest"),)

    party: str = Field(primary_key=True, max_length=40)
    matter: str = Field(primary_key=True, max_length=36)
    digest: str = Field(max_length=64)


MATTERS = FactKind(entity_store.MATTER, Matter)
_PERSON = "person"
_MATTERS = entity_store.store(MatterRow, Matter, UsedNumber)


def person_key(party: str, matter: str) -> FactKey:
    """The fact that is the index entry of a matter's person: its value is the digest. Written only; `reads.earlier` reads."""
    return (_PERSON, party, matter)


def _no_persons(keys: Collection[FactKey]) -> Reading[Facts]:
    return Reading((), lambda found: {})


def _save_persons(facts: Mapping[FactKey, Fact], new: Collection[FactKey]) -> Sequence[Write]:
    rows = [{"party": key[1], "matter": key[2], "digest": facts[key]} for key in sorted(facts)]
    return [(upsert_of(PersonIndex), rows)]


_INDEX = table(PersonIndex)
_FORGET = _INDEX.delete().where(
    _INDEX.c.party == bindparam("of_party"), _INDEX.c.matter == bindparam("of_matter")
)


def forget_persons(matters: Sequence[tuple[str, str]]) -> Write:
    """Take matters out of the index, as part of an erasure."""
    return _FORGET, [{"of_party": party, "of_matter": matter} for party, matter in matters]


STORES: dict[str, EntityStore] = {
    entity_store.MATTER: _MATTERS,
    entity_store.NUMBER: _MATTERS,
    _PERSON: EntityStore(_no_persons, _save_persons),
}

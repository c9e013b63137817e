"""Tables of matters at the examiner's desk, and the index of their persons."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field

from exchange.context import EntityStore, FactKey
from exchange.delivery import entity_store
from host.facts import FactKind
from kasn.matters.domain.matter import Matter
from kasn.registry import KasnTable, UsedNumber
from storage.protocols import Connection
from storage.types import Instant, table
from storage.upserts import upsert


class MatterRow(KasnTable, table=True):
    """A matter; the fields are those of `domain.matter.Matter`."""

    __tablename__ = "matter"
    __table_args__ = (Index("matter_case", "party", "case_id"), Index("matter_state", "party", "state"))

    party: str = Field(primary_key=True, max_length=40)
    id: str = Field(primary_key=True, max_length=36)
    case_id: str = Field(max_length=36)
    state: str = Field(max_length=40)
    created: datetime = Field(sa_type=Instant)
    updated: datetime = Field(sa_type=Instant)
    heard: str = Field(default="", max_length=36)
    supervisor: str = Field(default="", max_length=40)
    report_number: str = Field(default="", max_length=60)
    referral_number: str = Field(default="", max_length=60)
    referral_date: date | None = None
    region: str = Field(default="", max_length=5)
    event_date: date | None = None
    employer: str = Field(default="", max_length=40)
    employment: str = Field(default="", max_length=10)
    study_number: str = Field(default="", max_length=60)
    study_digest: str = Field(default="", max_length=64)
    evidence_digests: list[str] = Field(default_factory=list, sa_type=JSON)
    suspected_acts: list[str] = Field(default_factory=list, sa_type=JSON)
    register_number: str = Field(default="", max_length=60)
    decision_number: str = Field(default="", max_length=60)
    decision_date: date | None = None
    return_reason: str = Field(default="", max_length=40)
    letter_number: str = Field(default="", max_length=60)
    letter_date: date | None = None
    addressee: str = Field(default="", max_length=40)
    former_addressees: list[str] = Field(default_factory=list, sa_type=JSON)
    act: str = Field(default="", max_length=40)
    family: str = Field(default="", max_length=20)
    sanction_class: str = Field(default="", max_length=40)
    due_date: date | None = None
    due_rule: str = Field(default="", max_length=40)
    rejection_reason: str = Field(default="", max_length=40)
    objection_number: str = Field(default="", max_length=60)
    decree_number: str = Field(default="", max_length=60)
    decree_date: date | None = None
    sanction: str = Field(default="", max_length=40)
    follow_up_number: str = Field(default="", max_length=60)
    follow_up_date: date | None = None
    verification: str = Field(default="", max_length=40)
    impossibility: str = Field(default="", max_length=40)
    successor: str = Field(default="", max_length=40)
    predecessor: str = Field(default="", max_length=40)
    passed_in: str = Field(default="", max_length=40)
    succession_rule: str = Field(default="", max_length=40)
    handover_number: str = Field(default="", max_length=60)
    handover_date: date | None = None
    reports_to: str = Field(default="", max_length=40)
    said_last: list[str] = Field(default_factory=list, sa_type=JSON)
    missing: list[str] = Field(default_factory=list, sa_type=JSON)
    completion_number: str = Field(default="", max_length=60)
    clarification_number: str = Field(default="", max_length=60)
    clarification_date: date | None = None
    clarification_addressee: str = Field(default="", max_length=40)
    clarification_answer: str = Field(default="", max_length=60)
    held_date: date | None = None
    attendance: str = Field(default="", max_length=40)
    minutes_digest: str = Field(default="", max_length=64)
    conflicted: str = Field(default="", max_length=40)
    conflict_ground: str = Field(default="", max_length=40)
    reason_codes: list[str] = Field(default_factory=list, sa_type=JSON)
    correction_number: str = Field(default="", max_length=60)
    objection_date: date | None = None
    withdrawal_reason: str = Field(default="", max_length=40)
    data_blocked: bool = False
    block_number: str = Field(default="", max_length=60)
    block_date: date | None = None
    unblock_number: str = Field(default="", max_length=60)
    unblock_date: date | None = None
    warning_number: str = Field(default="", max_length=60)
    warning_date: date | None = None
    warning_due_date: date | None = None
    moved_to: str = Field(default="", max_length=40)
    last_step: str = Field(default="", max_length=20)
    last_step_date: date | None = None
    appeal: str = Field(default="", max_length=20)
    appeal_date: date | None = None
    follow_up_kind: str = Field(default="", max_length=40)
    open_measures: list[str] = Field(default_factory=list, sa_type=JSON)
    due_calendar: str = Field(default="", max_length=60)
    pauses: list[str] = Field(default_factory=list, sa_type=JSON)


class PersonIndex(KasnTable, table=True):
    """Row that tells which matters are of one person: a keyed digest of NIP or NIK, useless without the host's storage key.

    A matter whose data key was destroyed is found no more (`reads.earlier`); erasure removes its row (`forget_person`).
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


async def _no_persons(connection: Connection, keys: Collection[FactKey]) -> dict[FactKey, Any]:
    return {}


async def _save_persons(
    connection: Connection, facts: Mapping[FactKey, Any], new: Collection[FactKey]
) -> None:
    rows = [{"party": key[1], "matter": key[2], "digest": facts[key]} for key in sorted(facts)]
    await upsert(connection, PersonIndex, rows)


async def forget_person(connection: Connection, party: str, matter: str) -> None:
    """Take a matter out of the index, as part of an erasure."""
    index = table(PersonIndex)
    await connection.execute(index.delete().where(index.c.party == party, index.c.matter == matter))


STORES: dict[str, EntityStore] = {
    entity_store.MATTER: _MATTERS,
    entity_store.NUMBER: _MATTERS,
    _PERSON: EntityStore(_no_persons, _save_persons),
}

"""Disclosures and documents of a host's parties, as facts of commands and statements, by the matter that they are on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, astuple, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, select, tuple_
from sqlalchemy.orm import registry
from sqlmodel import Field

from audit.formats.leaf import Kind
from audit.tables import Leaf
from cooperation.disclosure.domain.documents import Described, Document
from cooperation.disclosure.domain.requests import Disclosure, State
from exchange.context import EntityStore, Fact, FactKey, Facts
from exchange.delivery.entity_store import check_columns
from exchange.statements.receipts import TAKEN_UP
from exchange.tables import Inbox, Outbox
from storage.key_in import key_in, listed
from storage.together import Reading, Write
from storage.types import FoundRow, Instant, TableModel, table
from storage.upserts import insert_of, upsert_of

DISCLOSURES, DOCUMENT, DOCUMENTS, CASE_PARTIES = "disclosures", "document", "documents", "case_parties"
# What is said of disclosures makes nobody a party of the case.
_OF_DISCLOSURES = ".disclosure_"


class DisclosureTable(TableModel, registry=registry()):
    """The registry of this package's tables."""


class DisclosureRow(DisclosureTable, table=True):
    """A disclosure; the fields are those of `domain.requests.Disclosure`."""

    __tablename__ = "disclosure"
    __table_args__ = (
        Index("disclosure_matter", "party", "matter"),
        Index("disclosure_state", "party", "state"),
    )

    party: str = Field(primary_key=True, max_length=40)
    id: str = Field(primary_key=True, max_length=36)
    matter: str = Field(max_length=36)
    case_id: str = Field(max_length=36)
    state: str = Field(max_length=40)
    created: datetime = Field(sa_type=Instant)
    updated: datetime = Field(sa_type=Instant)
    asker: str = Field(max_length=40)
    role: str = Field(max_length=40)
    holder: str = Field(max_length=40)
    of: str = Field(max_length=40)
    data: str = Field(max_length=40)
    purpose: str = Field(max_length=40)
    legal_basis: str = Field(max_length=60)
    authority: str = Field(max_length=60)
    request_date: date
    fields: list[str] = Field(default_factory=list, sa_type=JSON)
    documents: list[str] = Field(default_factory=list, sa_type=JSON)
    granted_fields: list[str] = Field(default_factory=list, sa_type=JSON)
    granted: list[list[str | int]] = Field(default_factory=list, sa_type=JSON)
    expires: datetime | None = Field(default=None, sa_type=Instant)
    decided_by: str = Field(default="", max_length=20)
    reason: str = Field(default="", max_length=40)
    heard: str = Field(default="", max_length=36)


class DocumentRow(DisclosureTable, table=True):
    """A document of a matter; the fields are those of `domain.documents.Document`. The bytes are on the shelf."""

    __tablename__ = "document"

    party: str = Field(primary_key=True, max_length=40)
    matter: str = Field(primary_key=True, max_length=36)
    digest: str = Field(primary_key=True, max_length=64)
    size: int = Field(sa_type=BigInteger)
    media_type: str = Field(max_length=100)
    kind: str = Field(max_length=40)
    created: datetime = Field(sa_type=Instant)
    disclosure: str = Field(default="", max_length=36)


class TransferRow(DisclosureTable, table=True):
    """Progress of fetching a disclosure's documents; what is lost of it is tried anew."""

    __tablename__ = "disclosure_transfer"

    party: str = Field(primary_key=True, max_length=40)
    disclosure: str = Field(primary_key=True, max_length=36)
    attempts: int = 0
    due: datetime = Field(sa_type=Instant)
    trouble: str = Field(default="", max_length=60)


def disclosures_key(party: str, matter: str) -> FactKey:
    """The fact: all disclosures on a matter, a tuple of `Disclosure`, oldest first."""
    return (DISCLOSURES, party, matter)


def document_key(party: str, matter: str, digest: str) -> FactKey:
    """The fact that is a document."""
    return (DOCUMENT, party, matter, digest)


def documents_key(party: str, matter: str) -> FactKey:
    """The fact, read only: all documents of a matter, a tuple of `Document`, oldest first."""
    return (DOCUMENTS, party, matter)


def case_parties_key(party: str, matter: str) -> FactKey:
    """The fact, read only: the institutions with which statements on a matter took effect, a frozen set."""
    return (CASE_PARTIES, party, matter)


# --- disclosures -------------------------------------------------------------------------------------------------

check_columns(DisclosureRow, Disclosure)
check_columns(DocumentRow, Document)
_LISTS = ("fields", "documents", "granted_fields")


def to_disclosure(row: FoundRow | DisclosureRow) -> Disclosure:
    """A row as the domain's word."""
    values = {each.name: getattr(row, each.name) for each in fields(Disclosure)}
    values |= {name: tuple(values[name]) for name in _LISTS}
    values |= {"state": State(row.state), "granted": tuple(Described(*each) for each in row.granted)}
    return Disclosure(**values)


def _row(disclosure: Disclosure) -> dict[str, Any]:
    row = {each.name: getattr(disclosure, each.name) for each in fields(Disclosure)}
    row |= {name: list(row[name]) for name in _LISTS}
    return row | {"granted": [list(astuple(each)) for each in disclosure.granted]}


_DISCLOSURES, _DOCUMENTS = table(DisclosureRow), table(DocumentRow)
_DISCLOSURES_ON = (
    select(_DISCLOSURES)
    .where(key_in((_DISCLOSURES.c.party, _DISCLOSURES.c.matter)))
    .order_by(_DISCLOSURES.c.party, _DISCLOSURES.c.id)
    .with_for_update()
)


def _matters(keys: Collection[FactKey]) -> Mapping[str, str]:
    return {"keys": listed(sorted({(key[1], key[2]) for key in keys}))}


def _load_disclosures(keys: Collection[FactKey]) -> Reading[Facts]:
    def facts(found: Sequence[Sequence[FoundRow]]) -> Facts:
        on: dict[FactKey, tuple[Disclosure, ...]] = dict.fromkeys(keys, ())
        for row in found[0]:
            on[disclosures_key(row.party, row.matter)] += (to_disclosure(row),)
        return dict(on)

    return Reading([(_DISCLOSURES_ON, _matters(keys))], facts)


def _save_disclosures(facts: Mapping[FactKey, Fact], new: Collection[FactKey]) -> Sequence[Write]:
    return [(upsert_of(DisclosureRow), [_row(each) for key in sorted(facts) for each in facts[key]])]


# --- documents ---------------------------------------------------------------------------------------------------


_DOCUMENT = select(_DOCUMENTS).where(key_in((_DOCUMENTS.c.party, _DOCUMENTS.c.matter, _DOCUMENTS.c.digest)))
_DOCUMENTS_ON = (
    select(_DOCUMENTS)
    .where(key_in((_DOCUMENTS.c.party, _DOCUMENTS.c.matter)))
    .order_by(_DOCUMENTS.c.created, _DOCUMENTS.c.digest)
)


def _load_document(keys: Collection[FactKey]) -> Reading[Facts]:
    def facts(found: Sequence[Sequence[FoundRow]]) -> Facts:
        documents = [to_document(row) for row in found[0]]
        return {document_key(each.party, each.matter, each.digest): each for each in documents}

    return Reading([(_DOCUMENT, {"keys": listed(sorted({key[1:] for key in keys}))})], facts)


def _save_document(facts: Mapping[FactKey, Fact], new: Collection[FactKey]) -> Sequence[Write]:
    return [(insert_of(DocumentRow), [asdict(facts[key]) for key in sorted(facts) if key in new])]


def to_document(row: FoundRow | DocumentRow) -> Document:
    """A row as the domain's word."""
    return Document(**{each.name: getattr(row, each.name) for each in fields(Document)})


def _load_documents(keys: Collection[FactKey]) -> Reading[Facts]:
    def facts(found: Sequence[Sequence[FoundRow]]) -> Facts:
        on: dict[FactKey, tuple[Document, ...]] = dict.fromkeys(keys, ())
        for row in found[0]:
            on[documents_key(row.party, row.matter)] += (to_document(row),)
        return dict(on)

    return Reading([(_DOCUMENTS_ON, _matters(keys))], facts)


# --- who is a party of the case ----------------------------------------------------------------------------------


_LEAVES, _INBOX, _OUTBOX = table(Leaf), table(Inbox), table(Outbox)
_SENT_ON = select(
    _OUTBOX.c.party, _OUTBOX.c.matter, _OUTBOX.c.recipient.label("other"), _OUTBOX.c.type
).where(key_in((_OUTBOX.c.party, _OUTBOX.c.matter)))
# Only what was taken up: anybody can send something that is refused. (Not a join, for which the whole log is read.)
_TAKEN_UP_ON = select(_INBOX.c.party, _INBOX.c.matter, _INBOX.c.sender.label("other"), _INBOX.c.type).where(
    tuple_(_INBOX.c.party, _INBOX.c.id).in_(
        select(_LEAVES.c.party, _LEAVES.c.ref).where(
            key_in((_LEAVES.c.party, _LEAVES.c.matter)), _LEAVES.c.kind == int(Kind.STATEMENT)
        )
    ),
    _INBOX.c.state == TAKEN_UP,
)


def _load_case_parties(keys: Collection[FactKey]) -> Reading[Facts]:
    def facts(found: Sequence[Sequence[FoundRow]]) -> Facts:
        parties: dict[FactKey, set[str]] = {key: set() for key in keys}
        for row in (*found[0], *found[1]):
            if _OF_DISCLOSURES not in row.type:
                parties[case_parties_key(row.party, row.matter)].add(row.other)
        return {key: frozenset(others) for key, others in parties.items()}

    return Reading([(_SENT_ON, _matters(keys)), (_TAKEN_UP_ON, _matters(keys))], facts)


def _read_only(facts: Mapping[FactKey, Fact], new: Collection[FactKey]) -> Sequence[Write]:
    raise AssertionError("this fact is not changed by a command")


# By the first word of a key, in the order of locking; a host puts its rooms' together.
STORES: dict[str, EntityStore] = {
    DISCLOSURES: EntityStore(_load_disclosures, _save_disclosures),
    DOCUMENT: EntityStore(_load_document, _save_document),
    DOCUMENTS: EntityStore(_load_documents, _read_only),
    CASE_PARTIES: EntityStore(_load_case_parties, _read_only),
}


def changed(disclosures: tuple[Disclosure, ...], one: Disclosure) -> tuple[Disclosure, ...]:
    """The disclosures of a matter with one of them changed, or added."""
    others = tuple(each for each in disclosures if each.id != one.id)
    return tuple(sorted((*others, one), key=lambda each: each.id))

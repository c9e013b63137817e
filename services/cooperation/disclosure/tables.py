"""Disclosures and documents of a host's parties, as facts of commands and statements, by the matter that they are on."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, astuple, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, select
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
from storage.key_in import key_in
from storage.protocols import Connection
from storage.types import FoundRow, Instant, TableModel, table
from storage.upserts import insert, upsert

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


async def _load_disclosures(connection: Connection, keys: Collection[FactKey]) -> Facts:
    found: dict[FactKey, tuple[Disclosure, ...]] = dict.fromkeys(keys, ())
    rows = table(DisclosureRow)
    query = (
        select(rows)
        .where(key_in((rows.c.party, rows.c.matter), sorted({(key[1], key[2]) for key in keys})))
        .order_by(rows.c.party, rows.c.id)
        .with_for_update()
    )
    for row in await connection.execute(query):
        found[disclosures_key(row.party, row.matter)] += (to_disclosure(row),)
    return dict(found)


async def _save_disclosures(
    connection: Connection, facts: Mapping[FactKey, Fact], new: Collection[FactKey]
) -> None:
    rows = [_row(each) for key in sorted(facts) for each in facts[key]]
    await upsert(connection, DisclosureRow, rows)


# --- documents ---------------------------------------------------------------------------------------------------


async def _load_document(connection: Connection, keys: Collection[FactKey]) -> Facts:
    rows = table(DocumentRow)
    wanted = sorted({key[1:] for key in keys})
    query = select(rows).where(key_in((rows.c.party, rows.c.matter, rows.c.digest), wanted))
    found = [to_document(row) for row in await connection.execute(query)]
    return {document_key(each.party, each.matter, each.digest): each for each in found}


async def _save_document(
    connection: Connection, facts: Mapping[FactKey, Fact], new: Collection[FactKey]
) -> None:
    await insert(connection, DocumentRow, [asdict(facts[key]) for key in sorted(facts) if key in new])


def to_document(row: FoundRow | DocumentRow) -> Document:
    """A row as the domain's word."""
    return Document(**{each.name: getattr(row, each.name) for each in fields(Document)})


async def _load_documents(connection: Connection, keys: Collection[FactKey]) -> Facts:
    found: dict[FactKey, tuple[Document, ...]] = dict.fromkeys(keys, ())
    rows = table(DocumentRow)
    wanted = sorted({(key[1], key[2]) for key in keys})
    query = (
        select(rows)
        .where(key_in((rows.c.party, rows.c.matter), wanted))
        .order_by(rows.c.created, rows.c.digest)
    )
    for row in await connection.execute(query):
        found[documents_key(row.party, row.matter)] += (to_document(row),)
    return dict(found)


# --- who is a party of the case ----------------------------------------------------------------------------------


async def _load_case_parties(connection: Connection, keys: Collection[FactKey]) -> Facts:
    matters = sorted({(key[1], key[2]) for key in keys})
    found: dict[FactKey, set[str]] = {key: set() for key in keys}
    for party, matter, other in (*await _sent(connection, matters), *await _heard(connection, matters)):
        found[case_parties_key(party, matter)].add(other)
    return {key: frozenset(others) for key, others in found.items()}


async def _sent(connection: Connection, matters: list[tuple[str, str]]) -> list[tuple[str, str, str]]:
    outbox = table(Outbox)
    query = select(outbox.c.party, outbox.c.matter, outbox.c.recipient, outbox.c.type).where(
        key_in((outbox.c.party, outbox.c.matter), matters)
    )
    rows = await connection.execute(query)
    return [(row.party, row.matter, row.recipient) for row in rows if _OF_DISCLOSURES not in row.type]


async def _heard(connection: Connection, matters: list[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """Only what was taken up: anybody can send something that is refused. (Two queries: a join reads the whole log.)"""
    leaves, inbox = table(Leaf), table(Inbox)
    kept = select(leaves.c.party, leaves.c.ref, leaves.c.type).where(
        key_in((leaves.c.party, leaves.c.matter), matters), leaves.c.kind == int(Kind.STATEMENT)
    )
    statements = {
        (row.party, row.ref) for row in await connection.execute(kept) if _OF_DISCLOSURES not in row.type
    }
    if not statements:
        return []
    query = select(inbox.c.party, inbox.c.matter, inbox.c.sender).where(
        key_in((inbox.c.party, inbox.c.id), sorted(statements)), inbox.c.state == TAKEN_UP
    )
    return [(row.party, row.matter, row.sender) for row in await connection.execute(query)]


async def _read_only(connection: Connection, facts: Mapping[FactKey, Fact], new: Collection[FactKey]) -> None:
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

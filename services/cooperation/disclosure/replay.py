"""Replays disclosures and documents: asked in a statement, granted or refused by the holder, received by the asker."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from cooperation.disclosure import wire
from cooperation.disclosure.domain import requests
from cooperation.disclosure.domain.documents import Document, DocumentAttached
from cooperation.disclosure.domain.requests import Disclosure, DisclosureRequested
from cooperation.disclosure.tables import DisclosureRow, DocumentRow, to_disclosure, to_document
from host.replay import Act, Comparison, Id, KeptTables, Key, Recorded, Replay, Rows, Sent, Trail, values
from netral.exchange.v1.statement_pb2 import Statement


@dataclass
class _Replayed:
    disclosures: dict[Id, Disclosure] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)


def _compare(trail: Trail, tables: KeptTables) -> Iterator[Comparison]:
    found = _Replayed()
    for act in trail.acts:
        _take(found, act)
    names = [each.name for each in fields(Disclosure)]
    rows = [to_disclosure(row) for row in tables.rows(DisclosureRow)]
    yield Comparison(
        "disclosure",
        {(each.party, each.id): values(each, names) for each in rows},
        {key: values(each, names) for key, each in found.disclosures.items()},
    )
    kept = [to_document(row) for row in tables.rows(DocumentRow)]
    yield Comparison("document", _by_key(kept), _by_key(found.documents))


def _by_key(documents: Iterable[Document]) -> Rows:
    return {_key(each): {} for each in documents}


def _key(document: Document) -> Key:
    """Name a document by all that is kept of it: it never changes."""
    rest = (str(getattr(document, each.name)) for each in fields(Document))
    return (document.party, document.matter, *rest)


def _take(found: _Replayed, act: Act) -> None:
    if isinstance(act, Recorded):
        _did(found, act)
        return
    said = wire.event_of(act.statement.facts)
    key = (act.party, act.statement.id)
    if isinstance(said, DisclosureRequested):
        begun = _begun(act.party, act.statement, said, act.at)
        found.disclosures[key] = begun if isinstance(act, Sent) else replace(begun, heard=act.statement.id)
    elif isinstance(said, requests.Event) and not isinstance(act, Sent):
        after = requests.apply(found.disclosures[act.party, said.disclosure], said)
        after = replace(after, updated=act.at, heard=act.statement.id)
        found.disclosures[act.party, said.disclosure] = after


def _did(found: _Replayed, act: Recorded) -> None:
    own = wire.event_of(act.record.facts)
    if isinstance(own, DocumentAttached):
        about = (own.digest, own.size, own.media_type, own.kind, act.at, own.disclosure)
        found.documents.append(Document(act.party, act.record.matter, *about))
    elif isinstance(own, requests.Event):
        after = requests.apply(found.disclosures[act.party, own.disclosure], own)
        found.disclosures[act.party, own.disclosure] = replace(after, updated=act.at)


def _begun(party: str, statement: Statement, asked: DisclosureRequested, now: datetime) -> Disclosure:
    return requests.begin(
        asked,
        party=party,
        id=statement.id,
        matter=statement.subject,
        case_id=statement.case_id,
        asker=statement.sender,
        role=statement.role,
        holder=statement.recipient,
        now=now,
    )


REPLAY = Replay((DisclosureRow, DocumentRow), _compare)

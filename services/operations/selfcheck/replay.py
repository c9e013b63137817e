"""Replays a host's trail: what the leaves of its parties alone make of their matters and of all else that they keep (design, c).

The tables of the desks are worked out from facts that stand in signed statements and in records. Folding those again with the
same rules must give the same rows; what differs was changed by something else. A host's rows are read into memory at once, about
3 KB for each leaf.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any, get_args

from sqlalchemy import select

from audit.formats.leaf import Kind
from audit.log.events import decode_leaf
from audit.tables import Leaf, LeafIndex, PendingLeaf
from audit.verification.logs import Finding
from bawaslu.intake.domain import state as intakes
from bawaslu.intake.wire import event_of as intake_event
from bawaslu.matters.domain import rules as bawaslu_domain
from bawaslu.tables import IntakeRow
from bawaslu.tables import MatterRow as BawasluRow
from bawaslu.tables import UsedNumber as BawasluNumber
from bawaslu.wire import event_of as bawaslu_event
from cooperation.disclosure.domain import requests
from cooperation.disclosure.domain.documents import Document, DocumentAttached
from cooperation.disclosure.domain.requests import Disclosure
from cooperation.disclosure.tables import DisclosureRow, DocumentRow, to_disclosure, to_document
from cooperation.disclosure.wire import event_of as disclosure_event
from cooperation.oversight import domain as watching
from cooperation.oversight.received import HANDLERS as COPIES
from cooperation.oversight.tables import WatchedNumber, WatchedRow
from cooperation.oversight.wire import event_of as oversight_event
from cooperation.prevention.tables import CampaignRow, PledgeListRow, PreventionNumber, ReceivedRow, ReportRow
from cooperation.supervision.tables import IndicationRow, PlanRow, SupervisionNumber
from exchange.statements.protobuf_time import instant
from exchange.tables import Delivery, Inbox, Outbox, Request
from kasn.matters.domain import rules as kasn_matters
from kasn.succession.domain import transfer
from kasn.tables import MatterRow as KasnRow
from kasn.tables import UsedNumber as KasnNumber
from kasn.wire import event_of as kasn_event
from netral.exchange.v1 import receipt_pb2, statement_pb2
from operations.selfcheck import replay_cooperation
from operations.selfcheck.used_numbers import check_numbers
from ppk import replay as ppk
from ppk.discipline.domain import proceedings
from ppk.discipline.tables import ProceedingRow
from ppk.discipline.wire import STEPS
from storage.types import table

# A matter that passes to the next examiner changes by the succession's rules too.
KASN = SimpleNamespace(Matter=kasn_matters.Matter, blank=kasn_matters.blank, apply=transfer.apply)
DESKS: Mapping[str, Any] = {
    "bawaslu": (BawasluRow, bawaslu_domain, bawaslu_event, lambda m, e, *_: bawaslu_domain.apply(m, e)),
    "kasn": (KasnRow, KASN, kasn_event, transfer.hear),
    "ppk": (ppk.MatterRow, ppk, ppk.event_of, ppk.hear),
}
# The hosts that serve those who oversee.
OVERSEERS = ("kasn", "ppk")
WARNED = "netral.warner.warned.v1"
# The tables of the rooms that are beside each desk, and those of numbers in use.
ROOMS: dict[str, Any] = {
    "prevention_campaign": CampaignRow,
    "prevention_received": ReceivedRow,
    "prevention_report": ReportRow,
    "pledge_list": PledgeListRow,
    "prevention_number": PreventionNumber,
    "indication": IndicationRow,
    "supervision_plan": PlanRow,
    "supervision_number": SupervisionNumber,
}
USED_NUMBERS: Mapping[str, Any] = {"bawaslu": BawasluNumber, "kasn": KasnNumber, "ppk": ppk.UsedNumber}
NUMBERS = ("used_number", "watched_number")


class HostTables:
    """Everything that one host's database holds, read at once."""

    def __init__(self, name: str, rows: Mapping[str, Sequence[Any]]) -> None:
        self.name = name
        self.leaves = [leaf for leaf in rows["leaf"] if leaf.kind != Kind.CHAINS]
        self.chain_leaves = [leaf for leaf in rows["leaf"] if leaf.kind == Kind.CHAINS]
        self.indexes = {row.leaf_id: row.index for row in rows["leaf_index"]}
        self.pending = {row.leaf_id for row in rows["pending_leaf"]}
        self.outbox = rows["outbox"]
        self.inbox = rows["inbox"]
        self.delivery = rows["delivery"]
        self.requests = rows["request"]
        self.matters = rows["matter"]
        self.watched = rows["watched"]
        self.proceedings = rows.get("proceeding", ())
        self.intakes = rows.get("intake", ())
        self.disclosures = [to_disclosure(row) for row in rows["disclosure"]]
        self.documents = [to_document(row) for row in rows["document"]]
        self.rooms = {name: rows[name] for name in ROOMS}
        self.numbers = [(name, row) for name in NUMBERS for row in rows.get(name, ())]

    def statement_leaves(self) -> list[Any]:
        return [leaf for leaf in self.leaves if leaf.kind == Kind.STATEMENT]

    def receipt_leaves(self) -> list[Any]:
        return [leaf for leaf in self.leaves if leaf.kind == Kind.RECEIPT]


async def read_host_tables(name: str, database: Any) -> HostTables:
    """Read one host's database in one transaction."""
    models = {
        "leaf": Leaf,
        "leaf_index": LeafIndex,
        "pending_leaf": PendingLeaf,
        "outbox": Outbox,
        "inbox": Inbox,
        "delivery": Delivery,
        "request": Request,
        "matter": DESKS[name][0],
        "disclosure": DisclosureRow,
        "document": DocumentRow,
    }
    models |= ROOMS | {"used_number": USED_NUMBERS[name]}
    if name in OVERSEERS:
        models |= {"watched": WatchedRow, "watched_number": WatchedNumber}
    if name == "bawaslu":
        models["intake"] = IntakeRow
    if name == "ppk":
        models["proceeding"] = ProceedingRow
    async with database.read() as connection:
        rows = {key: list(await connection.execute(select(table(model)))) for key, model in models.items()}
    return HostTables(name, {"watched": []} | rows)


def check_state(book: HostTables) -> Iterator[Finding]:
    """The rows that replaying the trail does not give."""
    matters: dict[tuple[str, str], Any] = {}
    watched: dict[tuple[str, str], Any] = {}
    for party in {leaf.party for leaf in book.leaves}:
        replayed = replay(book, party)
        matters |= {(party, id): matter for id, matter in replayed.matters.items()}
        watched |= {(party, id): matter for id, matter in replayed.watched.items()}
    yield from _compare("matter", _fields(DESKS[book.name][1].Matter, book.matters, matters))
    yield from _compare("watched", _fields(watching.Watched, book.watched, watched))
    yield from _compare("intake", _fields(intakes.Intake, book.intakes, replay_intakes(book)))
    proceeding = _fields(proceedings.Proceeding, book.proceedings, replay_procedures(book))
    yield from _compare("proceeding", proceeding)
    disclosures, documents = replay_disclosures(book)
    yield from _compare(
        "disclosure", ({(each.party, each.id): each for each in book.disclosures}, disclosures)
    )
    for table_name, kept, found in replay_cooperation.pairs(
        replay_cooperation.replay_rooms(book.leaves), book.rooms
    ):
        yield from _compare(table_name, (kept, found))
    yield from check_numbers(book.leaves, book.numbers)
    for each in sorted(set(book.documents) ^ documents, key=lambda each: (each.party, each.matter)):
        yield Finding(
            each.party, -1, each.matter, "state", "document: its row is not what the trail makes of it"
        )


Rows = Mapping[Any, Any]
"""By party and id, or by what else names a row."""


def _fields(kind: Any, rows: Iterable[Any], found: Rows) -> tuple[Rows, Rows]:
    """Rows and what the replay found, as plain values of the fields of the domain's type."""
    names = [field.name for field in fields(kind)]
    kept = {(row.party, row.id): row for row in rows}
    plain: list[Rows] = [
        {key: {name: _plain(getattr(each, name)) for name in names} for key, each in some.items()}
        for some in (kept, found)
    ]
    return plain[0], plain[1]


def _compare(name: str, kept_and_replayed: tuple[Rows, Rows]) -> Iterator[Finding]:
    kept, replayed = kept_and_replayed
    for key in sorted(kept.keys() | replayed.keys()):
        if kept.get(key) == replayed.get(key):
            continue
        said = "is not what the trail makes of it"
        if key not in replayed:
            said = "is in the table, and the trail knows nothing of it"
        elif key not in kept:
            said = "is missing, the trail has it"
        yield Finding(key[0], -1, key[1], "state", f"{name} {said}{_which(kept.get(key), replayed.get(key))}")


def _which(kept: Any, replayed: Any) -> str:
    """The names of the fields that differ; no values, which may be about a person."""
    if not isinstance(kept, dict) or not isinstance(replayed, dict):
        return ""
    return f" ({', '.join(sorted(name for name in kept if kept[name] != replayed.get(name)))})"


@dataclass
class Replayed:
    """State that a party's leaves alone give: its matters, and those that it watches."""

    matters: dict[str, Any] = field(default_factory=dict)
    watched: dict[str, Any] = field(default_factory=dict)

    def watch(self, book: HostTables, statement: statement_pb2.Statement) -> bool:
        """True if a statement is a copy for those who oversee. A warning goes to each desk that has the matter."""
        if statement.type == WARNED and book.name == "kasn" and statement.subject not in self.watched:
            return False
        return book.name in OVERSEERS and bool(statement.copy_of) and statement.type in COPIES


def replay(book: HostTables, party: str) -> Replayed:
    """A party's matters from its leaves alone, in order: records, and statements where they were taken up."""
    _, domain, event_of, hear = DESKS[book.name]
    found = Replayed()
    matters, watched = found.matters, found.watched
    arrived: dict[bytes, statement_pb2.Statement] = {}
    for leaf in sorted((leaf for leaf in book.leaves if leaf.party == party), key=lambda leaf: leaf.id):
        decoded = decode_leaf(leaf.body)
        if leaf.kind == Kind.STATEMENT:
            arrived[decoded.digest] = decoded.statement()
        elif leaf.kind == Kind.RECORD:
            record = decoded.record()
            if record.action.startswith("oversight."):
                own = oversight_event(record.facts)
                assert own is not None
                after = watching.apply(watched[record.matter], own)
                watched[record.matter] = replace(after, updated=instant(record.time))
                continue
            event = event_of(record.facts) if record.HasField("facts") else None
            if event is not None:
                now = instant(record.time)
                before = matters.get(record.matter) or domain.blank(party, record.matter, record.case_id, now)
                matters[record.matter] = replace(domain.apply(before, event), updated=now)
        elif leaf.author == party:
            receipt = decoded.receipt()
            if receipt.outcome == receipt_pb2.Receipt.OUTCOME_TAKEN_UP:
                statement = arrived[receipt.envelope_digest]
                now = instant(receipt.time)
                if found.watch(book, statement):
                    copy = watched.get(statement.subject) or watching.blank(
                        party, statement.subject, statement.case_id, now
                    )
                    said: Any = oversight_event(statement.facts)
                    seen = watching.hear(copy, said, statement.sender, statement.copy_of)
                    watched[statement.subject] = replace(seen, updated=now, heard=statement.id)
                    if statement.type != WARNED or statement.subject not in matters:
                        continue
                before = matters.get(statement.subject) or domain.blank(
                    party, statement.subject, statement.case_id, now
                )
                event = event_of(statement.facts)
                if event is None:
                    continue  # it changes no matter
                after = hear(before, event, statement.sender, statement.id)
                matters[statement.subject] = replace(after, updated=now, heard=statement.id)
    return found


def replay_procedures(book: HostTables) -> dict[tuple[str, str], proceedings.Proceeding]:
    """The discipline procedures of a desk's parties from their records alone."""
    found: dict[tuple[str, str], proceedings.Proceeding] = {}
    for record, event in _acts(book, "ppk", STEPS.from_any):
        key = (record.party, record.matter)
        before = found.get(key) or proceedings.Proceeding(*key)
        found[key] = proceedings.apply(before, event)
    return found


def replay_intakes(book: HostTables) -> dict[tuple[str, str], intakes.Intake]:
    """The intakes of a desk's parties from their records alone."""
    found: dict[tuple[str, str], intakes.Intake] = {}
    for record, event in _acts(book, "bawaslu", intake_event):
        key, now = (record.party, record.matter), instant(record.time)
        before = found.get(key) or intakes.blank(*key, record.case_id, now)
        found[key] = replace(intakes.apply(before, event), updated=now)
    return found


def _acts(book: HostTables, desk: str, event_of: Callable[[Any], Any]) -> Iterator[tuple[Any, Any]]:
    """The records of a desk's own parties whose facts are an event, in order; none at another desk."""
    for leaf in sorted(book.leaves, key=lambda leaf: leaf.id) if book.name == desk else ():
        if leaf.kind == Kind.RECORD and leaf.author == leaf.party:
            record = decode_leaf(leaf.body).record()
            event = event_of(record.facts) if record.HasField("facts") else None
            if event is not None:
                yield record, event


def replay_disclosures(book: HostTables) -> tuple[dict[tuple[str, str], Disclosure], set[Document]]:
    """The disclosures and documents of a host's parties from their leaves alone, in order."""
    found: dict[tuple[str, str], Disclosure] = {}
    documents: set[Document] = set()
    arrived: dict[bytes, statement_pb2.Statement] = {}
    for leaf in sorted(book.leaves, key=lambda leaf: leaf.id):
        party, decoded = leaf.party, decode_leaf(leaf.body)
        if leaf.kind == Kind.STATEMENT:
            statement = decoded.statement()
            arrived[decoded.digest] = statement  # one's own too: a party may tell itself something
            asked = disclosure_event(statement.facts)
            if leaf.author == party and isinstance(asked, requests.DisclosureRequested):
                found[party, statement.id] = _begun(party, statement, asked, instant(statement.time))
        elif leaf.kind == Kind.RECORD:
            record = decoded.record()
            own = disclosure_event(record.facts) if record.HasField("facts") else None
            if isinstance(own, DocumentAttached):
                values = (
                    own.digest,
                    own.size,
                    own.media_type,
                    own.kind,
                    instant(record.time),
                    own.disclosure,
                )
                documents.add(Document(party, record.matter, *values))
            elif isinstance(own, get_args(requests.Event)):
                after = requests.apply(found[party, own.disclosure], own)
                found[party, own.disclosure] = replace(after, updated=instant(record.time))
        elif leaf.author == party:
            receipt = decoded.receipt()
            if receipt.outcome == receipt_pb2.Receipt.OUTCOME_TAKEN_UP:
                statement, now = arrived[receipt.envelope_digest], instant(receipt.time)
                said = disclosure_event(statement.facts)
                if isinstance(said, requests.DisclosureRequested):
                    begun = _begun(party, statement, said, now)
                    found[party, statement.id] = replace(begun, heard=statement.id)
                elif isinstance(said, get_args(requests.Event)):
                    after = requests.apply(found[party, said.disclosure], said)
                    found[party, said.disclosure] = replace(after, updated=now, heard=statement.id)
    return found, documents


def _begun(
    party: str, statement: statement_pb2.Statement, asked: requests.DisclosureRequested, now: datetime
) -> Disclosure:
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


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value

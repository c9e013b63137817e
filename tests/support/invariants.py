"""The design's invariants a, b and c, checked over the databases of all desks of a world.

a. Each business change has a leaf, or neither exists; each statement leaf of a sender has exactly one outbox row.
b. Sender's and receiver's leaf of one statement (and of one receipt) are the same bytes.
c. Replaying a party's trail gives the non-personal state in its tables (`operations.selfcheck.replay`).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256

from audit.formats.leaf import Kind
from audit.log.events import RECEIPT_TYPES
from netral.exchange.v1 import record_pb2
from operations.selfcheck.host_tables import MATTERS, HostTables, read_host_tables
from operations.selfcheck.replay import check_state
from support import golden
from support.story import Story

__all__ = ["MATTERS", "HostTables", "check_all", "check_stories", "read_host_tables"]


def check_all(books: Iterable[HostTables], *, settled: bool = True) -> None:
    """Assert invariants a, b and c; with `settled`, that nothing is on its way or pending."""
    books = list(books)
    for book in books:
        check_a(book)
        check_c(book)
        check_facts(book)
        if settled:
            assert not book.pending, f"{book.name}: leaves without an index"
            assert not book.delivery, f"{book.name}: statements without outcome"
            assert all(row.outcome for row in book.outbox)
    check_b(books, settled=settled)


def check_stories(books: Sequence[HostTables], stories: Sequence[Story]) -> None:
    """Every story is completed at all three desks, and took the statements it takes, once; nothing is parked."""
    check_all(books)
    states = {(row.id, row.party): row.state for book in books for row in book.matters}
    assert states == {
        (story.matter, party): "COMPLETED"
        for story in stories
        for party in ("bawaslu", "kasn", story.addressee)
    }
    assert {row.state for book in books for row in book.inbox} == {"TAKEN_UP"}
    took = Counter((row.matter, row.type, row.party, row.recipient) for book in books for row in book.outbox)
    # A severe sanction takes three steps that are told: team, summons, examination.
    times = {"netral.personnel_authority.progressed.v1": 3}
    twice = {name: count for name, count in took.items() if count != times.get(name[1], 1)}
    assert not twice, "a statement was sent twice"
    assert len(set(Counter(matter for matter, *_ in took).values())) == 1


def check_a(book: HostTables) -> None:
    own = Counter(leaf.ref for leaf in book.statement_leaves() if leaf.author == leaf.party)
    sent = {row.id: row for row in book.outbox}
    assert set(own) == set(sent), f"{book.name}: outbox rows and statement leaves differ"
    assert set(own.values()) <= {1}, f"{book.name}: a statement has two leaves"
    bodies = {leaf.ref: leaf.body[1:] for leaf in book.statement_leaves() if leaf.author == leaf.party}
    assert all(sha256(bodies[id]).digest() == row.digest for id, row in sent.items())

    # What a party tells itself, in another of its roles, has one leaf.
    received = {(leaf.party, sha256(leaf.body[1:]).digest()) for leaf in book.statement_leaves()}
    assert {(row.party, row.digest) for row in book.inbox} <= received, f"{book.name}: custody without a leaf"
    answered = Counter(
        (leaf.party, leaf.ref, leaf.type) for leaf in book.receipt_leaves() if leaf.author == leaf.party
    )
    assert set(answered.values()) <= {1}, f"{book.name}: a statement was answered twice"

    records = {leaf.ref for leaf in book.leaves if leaf.kind == Kind.RECORD}
    assert {row.record for row in book.requests} <= records, f"{book.name}: an answer without its record"
    told = {(leaf.party, leaf.matter) for leaf in book.leaves}
    assert {(row.party, row.id) for row in (*book.matters, *book.watched)} <= told, (
        f"{book.name}: a matter without a leaf"
    )
    for party in {leaf.party for leaf in book.leaves}:
        placed = sorted(
            book.indexes[leaf.id]
            for leaf in (*book.leaves, *book.chain_leaves)
            if leaf.party == party and leaf.id in book.indexes
        )
        assert placed == list(range(len(placed))), f"{book.name}: the log of {party} has gaps"
    sequences: dict[tuple[str, str], list[int]] = {}
    for row in book.outbox:
        sequences.setdefault((row.party, row.recipient), []).append(row.sequence)
    assert all(sorted(numbers) == list(range(1, len(numbers) + 1)) for numbers in sequences.values())


def check_facts(book: HostTables) -> None:
    """Each record carries the facts that are listed for its action, of which a leaf is kept (`golden`)."""
    listed = golden.record_facts()
    for leaf in book.leaves:
        if leaf.kind == Kind.RECORD:
            facts = record_pb2.Record.FromString(leaf.body[1:]).facts.TypeName()
            assert facts in listed[leaf.type], f"{book.name}: {leaf.type} with other facts: {facts}"


def check_b(books: Sequence[HostTables], *, settled: bool) -> None:
    kept = {(leaf.party, leaf.kind, leaf.ref, leaf.type): leaf.body for book in books for leaf in book.leaves}
    for book in books:
        for row in book.outbox:
            mine = kept[row.party, Kind.STATEMENT, row.id, row.type]
            theirs = kept.get((row.recipient, Kind.STATEMENT, row.id, row.type))
            assert theirs == mine or (theirs is None and row.custody is None)
            for stage in RECEIPT_TYPES.values():
                here = kept.get((row.party, Kind.RECEIPT, row.id, stage))
                there = kept.get((row.recipient, Kind.RECEIPT, row.id, stage))
                assert here == there or (here is None and not settled), f"{row.type}: receipts differ"


def check_c(book: HostTables) -> None:
    assert not list(check_state(book)), f"{book.name}: replaying the trail gives another state"

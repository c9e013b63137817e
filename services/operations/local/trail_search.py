"""Questions to the trail of one desk or of all: what is found, checked against signed logs, and joined to one ordered story."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from audit.completeness import sparse_map
from audit.completeness import verify as completeness
from audit.formats import checkpoint, note, tlog
from exchange.statements import public_keys
from exchange.statements.trust import Parties
from netral.audit.v1 import service_pb2 as pb
from netral.audit.v1.service_pb2_grpc import AuditServiceStub
from operations.local.client import Caller, Desks, Refused
from operations.local.installation import Installation
from operations.local.verify import parties_with_leaves

PAGE = 1000
_SETTLE_SECONDS = 5.0
_ALL = 1_000_000


@dataclass
class Row:
    """A leaf of an answer, and where it is kept: by party, its index."""

    found: pb.Found
    places: dict[str, int] = field(default_factory=dict)
    proved: bool = False

    @property
    def order(self) -> tuple[datetime, int, str]:
        """By time; of one moment acts before the statements they sent, and those before receipts."""
        rank = {"record": 0, "statement": 1, "receipt": 2}.get(self.found.kind, 3)
        return self.found.leaf.time.ToDatetime(tzinfo=UTC), rank, self.found.leaf.ref


@dataclass
class Answer:
    """The answer of one desk as of its log of `size` leaves; not `whole` if there is more than was asked for.

    `unsettled`: what was committed last is not in the log yet, and was not searched.
    """

    rows: list[Row] = field(default_factory=list)
    facets: list[pb.Facet] = field(default_factory=list)
    size: int = 0
    whole: bool = True
    unsettled: bool = False


def answer(
    desks: Desks, caller: Caller, asked: pb.SearchRequest, limit: int = _ALL, trusted: Parties | None = None
) -> Answer:
    """Ask the desk of the caller's party; each leaf is checked to be in its signed log if `trusted` is given."""
    request = pb.SearchRequest()
    request.CopyFrom(asked)
    request.parent = f"institutions/{caller.party}"
    given = Answer()
    if not asked.HasField("as_of"):
        given.unsettled = not settled(desks, caller)
    try:
        for page in desks.pages(AuditServiceStub, "Search", request, caller):
            given.size, given.whole = page.checkpoint.size, page.last_page
            given.facets += page.facets
            given.rows += [_row(caller.party, found, trusted) for found in page.found]
            if len(given.rows) >= limit:
                given.whole = page.last_page and len(given.rows) == limit
                break
    except Refused as refused:
        if refused.code != "NOT_FOUND":  # a log without a checkpoint has nothing to find
            raise
    given.rows = given.rows[:limit]
    return given


def settled(desks: Desks, caller: Caller) -> bool:
    """Wait until what is committed now has its place in the log; False if that takes too long."""
    until = time.monotonic() + _SETTLE_SECONDS
    request = pb.GetCheckpointRequest(parent=f"institutions/{caller.party}")
    while desks.call(AuditServiceStub, "GetCheckpoint", request, caller).pending:
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def _row(party: str, found: pb.Found, trusted: Parties | None) -> Row:
    if trusted is not None:
        proof = found.proof
        head = checkpoint.parse(note.open_note(proof.note, public_keys.log_keys(trusted, party)).text)
        tlog.verify_inclusion(
            tlog.leaf_hash(found.leaf.body), found.leaf.index, head.size, list(proof.hashes), head.root
        )
    return Row(found, {party: found.leaf.index}, trusted is not None)


def complete_answer(desks: Desks, caller: Caller, key: str, trusted: Parties) -> completeness.CompleteAnswer:
    """Ask a desk for everything of a key, and check that nothing was left out.

    Raises:
        Incomplete: something was, or it is not what the log has signed.
    """
    request = pb.GetWholeRequest(parent=f"institutions/{caller.party}", key=key)
    items = desks.stream(AuditServiceStub, "GetWhole", request, caller)
    return completeness.check(caller.party, key, items, public_keys.log_keys(trusted, caller.party))


def joined(answers: Mapping[str, Answer]) -> list[Row]:
    """The rows of all desks in the order in which they happened; what two logs keep in the same bytes is one row."""
    rows: dict[bytes, Row] = {}
    for party, given in answers.items():
        for row in given.rows:
            if row.found.kind == sparse_map.TYPE:
                continue
            same = rows.setdefault(row.found.leaf.body, row)
            same.places[party] = row.found.leaf.index
    return sorted(rows.values(), key=lambda row: row.order)


def everywhere(
    desks: Desks,
    world: Installation,
    officer: str,
    *,
    ref: str = "",
    case_id: str = "",
    matters: Sequence[str] = (),
) -> dict[str, Answer]:
    """The answers of every desk of a world on a statement or record, a case or matters."""
    request = pb.SearchRequest(page_size=PAGE, ref=ref, case_id=case_id, matters=matters)
    return {
        party: answer(desks, Caller(party, officer, "auditor"), request)
        for party in parties_with_leaves(desks, world)
    }


def causes(rows: Iterable[Row]) -> dict[str, str]:
    """The cause of each statement and act: of a statement the act that sent it, of that the statement it answers."""
    found: dict[str, str] = {}
    caused: dict[str, str] = {}
    for row in rows:
        if row.found.kind == "statement" and row.found.causation:
            caused[row.found.leaf.ref] = row.found.causation
    for row in rows:
        if row.found.kind == "record":
            for statement in row.found.statements:
                found[statement] = row.found.leaf.ref
                if statement in caused:
                    found[row.found.leaf.ref] = caused[statement]
    return caused | found


def causal_tree(id: str, rows: Sequence[Row]) -> list[tuple[int, Row]]:
    """Everything that led to a statement or act and everything that followed from it, each with its depth; first causes first."""
    nodes = {row.found.leaf.ref: row for row in rows if row.found.kind in ("statement", "record")}
    up = causes(rows)
    down: dict[str, list[str]] = {}
    for ref, cause in up.items():
        if cause in nodes:
            down.setdefault(cause, []).append(ref)
    told = list(enumerate(reversed(list(_ancestry(id, up, nodes)))))
    told += list(_descent(id, down, len(told)))
    return [(depth, nodes[ref]) for depth, ref in told]


def _ancestry(id: str, up: Mapping[str, str], nodes: Mapping[str, Row]) -> Iterator[str]:
    seen: set[str] = set()
    while id in nodes and id not in seen:
        seen.add(id)
        yield id
        id = up.get(id, "")


def _descent(id: str, down: Mapping[str, list[str]], depth: int) -> Iterator[tuple[int, str]]:
    waiting = [(depth, ref) for ref in reversed(down.get(id, ()))]
    seen = {id}
    while waiting:
        depth, ref = waiting.pop()
        if ref in seen:
            continue
        seen.add(ref)
        yield depth, ref
        waiting += [(depth + 1, below) for below in reversed(down.get(ref, ()))]

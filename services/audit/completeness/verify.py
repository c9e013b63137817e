"""Checks a complete answer: every leaf of a matter, a case or an actor, and the proof that none was left out. No I/O.

A desk gives (`collect`) what its log has signed, a checkpoint whose last leaf commits to every chain (see `sparse_map`), and
for each chain its length, head and place in the map, and then its leaves. The check needs those and the log's public keys, and
no desk: it recomputes each chain from the leaves' bytes. A leaf that is missing, added or exchanged is found, and its key
is named.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from audit.completeness import sparse_map
from audit.completeness.sparse_map import Chain, ChainError, MapProof
from audit.formats import checkpoint, note, tlog
from audit.formats.checkpoint import Checkpoint
from audit.formats.leaf import Kind
from audit.formats.note import KnownKey
from audit.log import events
from netral.audit.v1 import service_pb2 as pb


@dataclass(frozen=True, slots=True)
class ChainCommitment:
    """Content of the map for a key; no chain if the log has no leaf of it."""

    key: str
    chain: Chain | None
    proof: MapProof


class Incomplete(ValueError):
    """The answer is not what the log has signed, or not all of it."""


@dataclass(frozen=True, slots=True)
class CompleteAnswer:
    """A checked answer: the checkpoint it is of, its leaves by key, in order, and those that name a case and no matter."""

    checkpoint: Checkpoint
    leaves: dict[str, list[pb.Leaf]]

    @property
    def count(self) -> int:
        """Number of different leaves."""
        return len({leaf.index for some in self.leaves.values() for leaf in some})


@dataclass
class _GivenChain:
    """A chain of an answer as it was given."""

    committed: ChainCommitment
    leaves: list[pb.Leaf] = field(default_factory=list)


def check(
    party: str, key: str, items: Iterable[pb.GetWholeResponse], log_keys: Iterable[KnownKey]
) -> CompleteAnswer:
    """Check a complete answer for a key: `matter/<id>`, `case/<id>` or `actor/<institution>/<id>`.

    `log_keys` are the public keys of the log (`netral/<party>`), from outside the answer.

    Raises:
        Incomplete: says of which key something is missing, too much, or exchanged, or what is not signed.
    """
    head, root, given = _split_answer(party, iter(items), log_keys)
    if [each.committed.key for each in given[:1]] != [key]:
        raise Incomplete(f"the answer does not begin with the chain of {key}")
    try:
        for each in given:
            sparse_map.verify_map(each.committed.key, each.committed.chain, each.committed.proof, root)
            if not each.committed.key.startswith("case/"):
                _check_chain(each)
        if key.startswith("case/"):
            _check_case(key, given)
        elif len(given) != 1:
            raise Incomplete("the answer has more than one chain")
    except ChainError as error:
        raise Incomplete(str(error)) from error
    return CompleteAnswer(head, {each.committed.key: each.leaves for each in given})


def _split_answer(
    party: str, items: Iterator[pb.GetWholeResponse], log_keys: Iterable[KnownKey]
) -> tuple[Checkpoint, bytes, list[_GivenChain]]:
    first = next(items, None)
    if first is None or not first.HasField("commitment"):
        raise Incomplete("the answer does not begin with what the log has signed")
    head, root = _commitment(party, first.commitment, log_keys)
    given: list[_GivenChain] = []
    for item in items:
        if item.HasField("chain"):
            given.append(_GivenChain(_committed(item.chain)))
        elif item.HasField("leaf") and given:
            if not 0 <= item.leaf.index < head.size:
                raise Incomplete(f"leaf {item.leaf.index} is not in a log of {head.size} leaves")
            given[-1].leaves.append(item.leaf)
        else:
            raise Incomplete("the answer has an item that belongs to no chain")
    return head, root, given


def _commitment(party: str, given: pb.Commitment, log_keys: Iterable[KnownKey]) -> tuple[Checkpoint, bytes]:
    origin = checkpoint.origin_of(party)
    try:
        signed = note.open_note(given.checkpoint.note, [key for key in log_keys if key.name == origin])
        head = checkpoint.parse(signed.text)
        if head.origin != origin:
            raise Incomplete(f"the checkpoint is one of {head.origin}")
        last = tlog.leaf_hash(given.leaf.body)
        tlog.verify_inclusion(last, head.size - 1, head.size, list(given.proof.hashes), head.root)
    except ValueError as error:
        raise Incomplete(f"what the answer is checked against is not signed by the log: {error}") from error
    root = sparse_map.root_in(given.leaf.body)
    if root is None:
        raise Incomplete("the last leaf of the signed log commits to no chains")
    return head, root


def _committed(given: pb.ChainProof) -> ChainCommitment:
    try:
        other = sparse_map.decode_entry(given.other) if given.other else None
    except ChainError as error:
        raise Incomplete(str(error)) from error
    chain = None
    if given.length:
        if given.length < 0 or len(given.head) != tlog.HASH_SIZE or len(given.case_path) != tlog.HASH_SIZE:
            raise Incomplete(f"the chain of {given.key} is malformed")
        chain = Chain(given.length, given.head, given.case_path)
    return ChainCommitment(given.key, chain, MapProof(tuple(given.siblings), other))


def _check_chain(given: _GivenChain) -> None:
    key = given.committed.key
    answer = [(leaf.index, tlog.leaf_hash(leaf.body)) for leaf in given.leaves]
    sparse_map.verify_answer(key, answer, given.committed.chain)
    for leaf in given.leaves:
        says = events.audit_event(leaf.body)
        if says is None:
            continue
        link = sparse_map.link(leaf.index, b"", says, "")
        named = {sparse_map.of_matter(link.matter), link.actor}
        if says.kind is not Kind.RECEIPT and key not in named:
            raise Incomplete(f"{key}: leaf {leaf.index} is about something else")


def _check_case(key: str, given: list[_GivenChain]) -> None:
    """A case's chain has the first leaf of each matter that names it, and its leaves about no matter."""
    case, *matters = given
    linked = {leaf.index: leaf for leaf in case.leaves}
    for each in matters:
        before = ""
        for leaf in each.leaves:
            named = case_of_leaf(leaf.body)
            if named and named != before:
                before = named
                if sparse_map.of_case(named) == key:
                    linked[leaf.index] = leaf
    answer = [(index, tlog.leaf_hash(leaf.body)) for index, leaf in sorted(linked.items())]
    sparse_map.verify_answer(key, answer, case.committed.chain)


def case_of_leaf(body: bytes) -> str:
    """The case that a statement or record names."""
    says = events.audit_event(body)
    return says.case if says is not None else ""

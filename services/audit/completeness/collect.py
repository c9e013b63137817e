"""Collects complete answers at the desk: every leaf of a matter, a case or an actor, with what the log has signed of them.

What is signed and what is proved are read at one moment; leaves do not change and are read in parts. `audit.completeness.verify` checks it.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from sqlalchemy import select

from audit.completeness import pages as chain_pages
from audit.completeness import sparse_map
from audit.completeness.verify import ChainCommitment, case_of_leaf
from audit.formats.leaf import Kind
from audit.log import reads
from audit.log.reads import Head, NoSuchLog, PlacedLeaf, Proof
from audit.queries import search
from audit.tables import Leaf, LeafIndex
from storage.protocols import Database
from storage.types import Query, table

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Commitment:
    """A checkpoint, its last leaf, which commits to the chains, and the proof that it is in."""

    head: Head
    leaf: PlacedLeaf
    proof: Proof


Item = Commitment | ChainCommitment | PlacedLeaf


async def of_key(database: Database, party: str, key: str) -> AsyncIterator[Item]:
    """The complete answer for a matter's or an actor's key.

    Raises:
        NoSuchLog: the log has signed nothing yet, or nothing that commits to chains.
    """
    commitment, proved = await _proved(database, party, [key])
    yield commitment
    yield proved[0]
    async for leaf in _leaves(database, party, key, commitment.head.size):
        yield leaf


async def of_case(database: Database, party: str, case: str) -> AsyncIterator[Item]:
    """The complete answer for a case: its own chain, the leaves about no matter that it has, and each of its matters."""
    async with database.read() as connection:
        matters, refs = await search.matters_of_case(connection, party, case)
    keys = [sparse_map.of_case(case), *map(sparse_map.of_matter, matters)]
    commitment, proved = await _proved(database, party, keys)
    yield commitment
    yield proved[0]
    async with database.read() as connection:
        leaf, index = table(Leaf), table(LeafIndex)
        apart = _placed(party).where(leaf.c.ref.in_(refs), index.c.index < commitment.head.size)
        rows = list(await connection.execute(apart.order_by(index.c.index))) if refs else []
    for row in rows:
        if case_of_leaf(row.body) == case:
            yield reads.leaf_of(row)
    for committed in proved[1:]:
        yield committed
        async for one in _leaves(database, party, committed.key, commitment.head.size):
            yield one


async def _proved(
    database: Database, party: str, keys: list[str]
) -> tuple[Commitment, list[ChainCommitment]]:
    """The newest commitment of a log, and what it holds for these keys: read at one moment."""
    async with database.read() as connection:
        head = await reads.head(connection, party)
        (last,) = await reads.leaves_between(connection, party, head.size - 1, head.size)
        root = sparse_map.root_in(last.body)
        if root is None:
            raise NoSuchLog("the log does not commit to chains yet; it will with its next leaf")
        proof = await reads.inclusion(connection, party, last.index, head.size)
        pages = await chain_pages.pages_to_prove(connection, party, keys, root)
    proved = [
        ChainCommitment(key, sparse_map.chain_of(pages, key), sparse_map.prove(pages, key)) for key in keys
    ]
    return Commitment(head, last, proof), proved


def _placed(party: str) -> Query:
    leaf, index = table(Leaf), table(LeafIndex)
    return (
        reads.placed(index.c.index)
        .join(index, index.c.leaf_id == leaf.c.id)
        .where(leaf.c.party == party, index.c.party == party)
    )


async def _leaves(database: Database, party: str, key: str, size: int) -> AsyncIterator[PlacedLeaf]:
    """The leaves of a matter's or actor's chain in order, below a size."""
    kind, _, id = key.partition("/")
    leaf, index = table(Leaf), table(LeafIndex)
    if kind == "matter":
        wanted = [leaf.c.matter == id]
    else:
        author, _, actor = id.partition("/")
        wanted = [leaf.c.author == author, leaf.c.actor == actor, leaf.c.kind != int(Kind.RECEIPT)]
    # First where they are, then their bytes in parts: an actor may have many.
    places = (
        select(index.c.index.label("place"), leaf.c.id)
        .join(leaf, leaf.c.id == index.c.leaf_id)
        .where(leaf.c.party == party, index.c.party == party, *wanted)
    )
    async with database.read() as connection:
        rows = await connection.execute(places)
        found = sorted((row.place, row.id) for row in rows if row.place < size)
    for first in range(0, len(found), _CHUNK):
        ids = [id for _, id in found[first : first + _CHUNK]]
        async with database.read() as connection:
            some = await connection.execute(_placed(party).where(leaf.c.id.in_(ids)))
            part = sorted((reads.leaf_of(row) for row in some), key=lambda each: each.index)
        for each in part:
            yield each

"""Gives committed leaves their place in the logs and signs each new tree head. One writer per host.

The order of a run, and what a crash after each step leaves behind:

1. Hold the lease and keep its row locked until commit.   A lease that runs out after ten seconds.
2. Read pending leaves; hash each body again and compare   Nothing.
   with the hash stored when it was written.
3. Take the leaves into the chains of their matters, cases Signed notes in memory, which nobody has seen.
   and actors, end each log's batch with a chain leaf,
   extend the trees, sign the heads.
4. Commit chain leaves, indexes, tiles, pages and          All of it or nothing; a checkpoint can be read by
   checkpoints, and take the leaves off the pending list,  others only from here on.
   in one transaction.
5. Write the checkpoints to `witnessed/<party>`, outside   A file that is older than the database; the next
   the database; if that fails, in the next run.           start finds the tree to be its continuation.

A tree is signed once for each size only if the database never goes back. So before a party's first signing the file
of step 5 is compared with the database: `LogRolledBack` if the file is ahead or on another branch, as after restoring
a backup. The remedy is to bring back the newer database; a lost one retires the log's key.

A party whose stored bytes do not hash to what was stored with them, or whose tiles do not lead to its newest
checkpoint, or leaves to the root in its last chain leaf, is *frozen*: its leaves stay pending, nothing is signed for it,
the other parties go on. That ends with a restart, so that someone has to look.

Nothing is signed either while the clock is behind the newest checkpoint (`ClockBehind`): its cosignatures and everything
that is said after it would bear an earlier time.
"""

import asyncio
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import bindparam, select

from audit.completeness import pages as chain_pages
from audit.completeness import sparse_map
from audit.completeness.sparse_map import Link, Pages
from audit.formats import checkpoint, note, tlog
from audit.formats.checkpoint import Checkpoint
from audit.formats.leaf import Kind, LeafRow, leaf_ids, leaf_row
from audit.formats.tlog import TileId
from audit.log import events, hash_tiles, reads
from audit.log.reads import Head
from audit.sequencing.writer_lease import Lease
from audit.tables import ChainPage, HashTile, Leaf, LeafIndex, PendingLeaf, SignedCheckpoint
from storage.protocols import Connection, Database
from storage.types import FoundRow, Query, table
from storage.upserts import insert, upsert

log = structlog.get_logger("audit.sequencing.sequencer")

# Time services correct a clock by less; more is a clock that was set wrongly.
CLOCK_TOLERANCE = timedelta(seconds=5)
_HOW_TO_GO_ON = (
    "Bring back the newer database. If it is lost, this log has ended: keep the checkpoint as evidence, and start a new "
    "log under a new key."
)


class LogRolledBack(Exception):
    """The database is older than, or no continuation of, a checkpoint that was already published."""


class ClockBehind(Exception):
    """The clock shows an earlier time than the newest checkpoint was signed at."""


# Pages of chains that are remembered between runs, about 5 KB each.
_PAGES_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class _Head:
    """Result of one run for one party's log."""

    party: str
    first: int
    leaf_ids: Sequence[int]
    chain_leaf: LeafRow
    pages: Pages
    changed: Iterable[str]
    tiles: Mapping[TileId, bytes]
    checkpoint: Checkpoint
    note: str


class Sequencer:
    """Gives out indexes for the parties in `signers`, each with the key that signs its log (`netral/<party>`).

    `lease` is this process's right to sign; `witnessed` is a folder that belongs to this database but is not in
    its backups; `batch` is the most leaves in one commit, chain leaves not counted. Leaves of parties without a signer
    stay pending. `ids` gives the ids of chain leaves: in a process that writes leaves too, the ones it takes for those.
    """

    def __init__(
        self,
        database: Database,
        signers: Mapping[str, note.SigningKey],
        now: Callable[[], datetime],
        lease: Lease,
        witnessed: Path,
        batch: int = 2000,
        ids: Iterator[int] | None = None,
    ) -> None:
        self._database = database
        self._signers = signers
        self._now = now
        self._lease = lease
        self._witnessed = witnessed
        self._batch = batch
        self._ids = leaf_ids(datetime.now(UTC)) if ids is None else ids
        self._checked: set[str] = set()
        self._frozen: dict[str, str] = {}
        self._pages_kept: dict[str, Pages] = {}
        self._grown: set[str] = set()
        self._unwitnessed: dict[str, str] = {}

    @property
    def frozen(self) -> Mapping[str, str]:
        """Parties for which nothing is signed any more, and why: for the health check."""
        return dict(self._frozen)

    async def run_once(self) -> int:
        """Sequence one batch; gives how many pending leaves got an index.

        0 if none is pending or another holder's lease is running.

        Raises:
            LogRolledBack, ClockBehind, Fenced: nothing was signed for any party.
        """
        if not await self._anything_pending():
            await self._lease.renew(self._database)
            await self._write_witnessed()
            return 0
        async with self._database.write() as connection:
            if not await self._lease.hold(connection):
                return 0
            heads = await self._heads(connection)
            await self._write(connection, heads)
        self._keep_pages(heads)
        self._grown.update(head.party for head in heads)
        self._unwitnessed |= {head.party: head.note for head in heads}
        await self._write_witnessed()
        return sum(len(head.leaf_ids) for head in heads)

    async def _write_witnessed(self) -> None:
        """Write the checkpoints beside the database; those that cannot be written now are written in the next run."""
        if self._unwitnessed:
            await write_witnessed(self._witnessed, self._unwitnessed)
            self._unwitnessed.clear()

    def _keep_pages(self, heads: Sequence[_Head]) -> None:
        """After the commit: the next run need not read and check these again."""
        self._pages_kept |= {head.party: head.pages for head in heads}
        if sum(map(len, self._pages_kept.values())) > _PAGES_KEPT:
            self._pages_kept.clear()

    def take_grown(self) -> Collection[str]:
        """The parties whose logs have a new checkpoint since this was asked last."""
        grown, self._grown = self._grown, set()
        return grown

    async def check(self) -> None:
        """Compare every party's log with its witnessed checkpoint, as before a first signing; for start-up.

        Raises:
            LogRolledBack, ClockBehind: see there.
        """
        async with self._database.read() as connection:
            heads = await reads.newest_heads(connection, self._signers)
            await self._check_before_signing(connection, self._signers, heads)

    async def _anything_pending(self) -> bool:
        async with self._database.read() as connection:
            return bool((await connection.execute(self._pending_ids(1))).first())

    async def _heads(self, connection: Connection) -> list[_Head]:
        """The next head of each party with sound pending leaves; reads on if a whole batch was frozen."""
        while True:
            frozen = len(self._frozen)
            pending = await self._pending(connection)
            stored = await reads.newest_heads(connection, pending)
            await self._check_before_signing(connection, pending, stored)
            sizes = {party: _size(stored.get(party)) for party in pending}
            wanted = {party: tlog.tiles_to_extend(size) for party, size in sizes.items()}
            tiles = await hash_tiles.tiles_of(connection, wanted)
            for party in stored:
                self._check_tiles(party, stored[party], tiles[party])
            links = {
                party: _links(sizes[party], rows)
                for party, rows in pending.items()
                if party not in self._frozen
            }
            pages = await self._pages(connection, sizes, links)
            heads = [
                self._head(party, sizes[party], tiles[party], pending[party], *grown)
                for party, grown in pages.items()
            ]
            if heads or len(self._frozen) == frozen:
                return heads

    def _pending_ids(self, most: int) -> Query:
        pending = table(PendingLeaf)
        mine = pending.c.party.in_(self._signers.keys() - self._frozen.keys())
        return select(pending.c.leaf_id).where(mine).order_by(pending.c.leaf_id).limit(most)

    def _pending_leaves(self) -> Query:
        # The first ids, and then their leaves: asked for at once, PostgreSQL looks up every leaf that is pending.
        leaves, first = table(Leaf), self._pending_ids(self._batch).subquery("first")
        return (
            select(leaves.c.id, leaves.c.party, leaves.c.hash, leaves.c.body, leaves.c.matter)
            .join(first, first.c.leaf_id == leaves.c.id)
            .order_by(leaves.c.id)
        )

    async def _pending(self, connection: Connection) -> dict[str, list[FoundRow]]:
        """Pending leaves of each party in order of their ids, hashed again; freezes parties whose bytes changed."""
        by_party: dict[str, list[FoundRow]] = {}
        for row in await connection.execute(self._pending_leaves()):
            by_party.setdefault(row.party, []).append(row)
        for party, rows in by_party.items():
            changed = [row.id for row in rows if tlog.leaf_hash(row.body) != row.hash]
            if changed:
                self._freeze(party, "a pending leaf is not what was written", leaf_ids=changed[:10])
        return {party: rows for party, rows in by_party.items() if party not in self._frozen}

    async def _pages(
        self, connection: Connection, sizes: Mapping[str, int], links: Mapping[str, Sequence[Link]]
    ) -> dict[str, tuple[Pages, set[str]]]:
        """The pages of each log's chains with these leaves in them, and which changed.

        Pages that were changed are made again from the leaves; if those lead to another root too, the party is frozen.
        """
        roots = await chain_pages.committed(connection, {party: sizes[party] for party in links})
        began_without = {party for party, root in roots.items() if root is None}
        known = {party: some for party, some in links.items() if party not in began_without}
        # Taken out: if this run fails, they are not those of the database any more.
        kept = {party: self._pages_kept.pop(party) for party in links if party in self._pages_kept}
        pages, broken = await chain_pages.pages_for(connection, known, roots, kept)
        grown = {party: (found, sparse_map.extend(found, links[party])) for party, found in pages.items()}
        for party in began_without | broken.keys():
            found = await chain_pages.rebuild(connection, party, sizes[party])
            if party in broken and sparse_map.page_hash(found[""]) != roots[party]:
                self._freeze(party, broken[party])
                continue
            if party in broken:
                log.error(
                    "the pages of its chains were made again from its leaves",
                    party=party,
                    reason=broken[party],
                )
            sparse_map.extend(found, links[party])
            grown[party] = (found, set(found))
        return grown

    def _head(
        self,
        party: str,
        size: int,
        tiles: Mapping[TileId, bytes],
        rows: Sequence[FoundRow],
        pages: Pages,
        changed: Iterable[str],
    ) -> _Head:
        kept = sparse_map.kept_root(sparse_map.page_hash(pages[""]))
        last = leaf_row(
            next(self._ids),
            party,
            Kind.CHAINS,
            kept,
            ref="",
            matter="",
            type=sparse_map.TYPE,
            actor="",
            author=party,
            time=self._now(),
        )
        extended = tlog.extend(size, tiles, [*(row.hash for row in rows), last["hash"]])
        grown = size + len(rows) + 1
        head = Checkpoint(checkpoint.origin_of(party), grown, tlog.root(grown, {**tiles, **extended}))
        signed = checkpoint.sign(head, self._signers[party])
        ids = [row.id for row in rows]
        return _Head(party, size, ids, last, pages, changed, extended, head, signed)

    async def _write(self, connection: Connection, heads: Sequence[_Head]) -> None:
        if not heads:
            return
        indexes = [
            {"party": head.party, "index": head.first + offset, "leaf_id": leaf_id}
            for head in heads
            for offset, leaf_id in enumerate([*head.leaf_ids, head.chain_leaf["id"]])
        ]
        tiles = [
            {"party": head.party, "level": tile.level, "number": tile.number, "hashes": hashes}
            for head in heads
            for tile, hashes in head.tiles.items()
        ]
        now = self._now()
        checkpoints = [
            {
                "party": head.party,
                "size": head.checkpoint.size,
                "root": head.checkpoint.root,
                "note": head.note,
                "time": now,
            }
            for head in heads
        ]
        pending = table(PendingLeaf)
        pages = [row for head in heads for row in chain_pages.rows(head.party, head.pages, head.changed)]
        await insert(connection, Leaf, [head.chain_leaf for head in heads])
        await insert(connection, LeafIndex, indexes)
        await upsert(connection, ChainPage, pages)
        await upsert(connection, HashTile, tiles)
        await insert(connection, SignedCheckpoint, checkpoints)
        await connection.execute(
            pending.delete().where(pending.c.leaf_id == bindparam("id")),
            [{"id": id} for head in heads for id in head.leaf_ids],
        )

    # What must hold before a signing

    def _check_tiles(self, party: str, stored: reads.Head, tiles: Mapping[TileId, bytes]) -> None:
        """The tree that is about to grow is the one that was signed; at every run, since it costs one root."""
        try:
            if tlog.root(stored.size, tiles) != stored.root:
                self._freeze(party, "the tiles do not lead to the newest checkpoint")
        except tlog.TileError as error:
            self._freeze(party, str(error))

    async def _check_before_signing(
        self, connection: Connection, parties: Iterable[str], stored: Mapping[str, reads.Head]
    ) -> None:
        """The clock has not gone back; before a party's first signing: its log continues what was published last."""
        _check_clock(self._now(), stored)
        unchecked = [party for party in parties if party not in self._checked]
        seen = {party: read_witnessed(self._witnessed, party) for party in unchecked}
        wanted = {
            party: tlog.tiles_for_root(found.size)
            for party, found in seen.items()
            if found is not None and found.size <= _size(stored.get(party))
        }
        tiles = await hash_tiles.tiles_of(connection, wanted)
        for party, found in seen.items():
            if found is None:
                if party in stored:
                    log.warning("no witnessed checkpoint to compare with", party=party)
                continue
            if found.size > _size(stored.get(party)):
                raise LogRolledBack(
                    f"{party}: checkpoint {found.size} was published, the log ends at {_size(stored.get(party))}. {_HOW_TO_GO_ON}"
                )
            try:
                continued = tlog.root(found.size, tiles[party]) == found.root
            except tlog.TileError as error:
                self._freeze(party, str(error))
                continue
            if not continued:
                raise LogRolledBack(
                    f"{party}: the log does not continue the published checkpoint {found.size}. {_HOW_TO_GO_ON}"
                )
        self._checked.update(unchecked)

    def _freeze(self, party: str, reason: str, **where: str | int | list[int]) -> None:
        self._frozen[party] = reason
        log.critical(
            "log frozen: nothing is signed for it until it was looked at", party=party, reason=reason, **where
        )


def _links(size: int, rows: Iterable[FoundRow]) -> list[Link]:
    return [
        sparse_map.link(index, row.hash, events.audit_event(row.body), row.matter)
        for index, row in enumerate(rows, size)
    ]


# The last checkpoint of each log, outside the database


def read_witnessed(folder: Path, party: str) -> Checkpoint | None:
    """The last published checkpoint of a party's log; None if there is no file.

    Its signature is not checked: a file that was tampered with can only cause a refusal or say too little.

    Raises:
        LogRolledBack: it is there, but is no checkpoint of this log.
    """
    try:
        found = checkpoint.parse(note.parse_note((folder / party).read_bytes()).text)
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise LogRolledBack(f"{party}: the witnessed checkpoint cannot be read: {error}") from error
    if found.origin != checkpoint.origin_of(party):
        raise LogRolledBack(f"{party}: the witnessed checkpoint is one of {found.origin}")
    return found


async def write_witnessed(folder: Path, notes: Mapping[str, str]) -> None:
    """Write each party's checkpoint whole or not at all, and never over a larger one."""
    # Side by side in threads: the file system then joins their fsyncs.
    await asyncio.gather(*(asyncio.to_thread(_write_witnessed, folder, *item) for item in notes.items()))


def _write_witnessed(folder: Path, party: str, signed: str) -> None:
    seen = read_witnessed(folder, party)
    if _size(seen) > checkpoint.parse(note.parse_note(signed).text).size:
        return  # a holder whose lease ran out comes late
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".{party}.{os.getpid()}"
    with fresh.open("w", encoding="utf-8") as file:
        file.write(signed)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / party)


def _check_clock(now: datetime, heads: Mapping[str, reads.Head]) -> None:
    for party, head in heads.items():
        if head.time > now + CLOCK_TOLERANCE:
            raise ClockBehind(
                f"{party}: checkpoint {head.size} was signed at {head.time.isoformat()}, this clock shows {now.isoformat()}. "
                "Set the clock right; nothing is signed before."
            )


def _size(head: Head | Checkpoint | None) -> int:
    return head.size if head is not None else 0

"""Gives committed leaves their place in the logs and signs each new tree head. One writer per host.

The order of a run, and what a crash after each step leaves behind:

1. Read pending leaves and the right edges of their logs,  Nothing.
   as of one moment; hash each body again and compare with
   the hash stored when it was written.
2. Take the leaves into the chains of their matters, cases Signed notes in memory, which nobody has seen.
   and actors, end each log's batch with a chain leaf,
   extend the trees, sign the heads.
3. Hold the lease and keep its row locked until commit.    A lease that runs out after ten seconds.
4. Commit chain leaves, indexes, tiles, pages and          All of it or nothing; a checkpoint can be read by
   checkpoints, and take the leaves off the pending list,  others only from here on.
   in one transaction.
5. Write the checkpoints to `witnessed/<party>`, outside   A file that is older than the database; the next
   the database; if that fails, in the next run.           start finds the tree to be its continuation.

Whoever holds the lease of this taking is the only one who writes what steps 1 and 2 read: between them and the commit nothing
of it changes, and SQLite's one writer is not kept waiting while hashes are made. They are made in slices, so that the event loop
goes on with what people wait for.

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
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from audit.completeness import pages as chain_pages
from audit.completeness import sparse_map
from audit.completeness.sparse_map import Link, Pages
from audit.formats import checkpoint, note, tlog
from audit.formats.checkpoint import Checkpoint
from audit.formats.leaf import Kind, leaf_ids, leaf_row
from audit.formats.tlog import TileId
from audit.log import events, hash_tiles, reads
from audit.log.reads import Head
from audit.sequencing import log_rows
from audit.sequencing.log_rows import GrownLog, LogEdge
from audit.sequencing.writer_lease import Lease
from storage.protocols import Connection, Database
from storage.types import FoundRow

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
# Leaves that are taken into the chains before others on the event loop have their turn: some milliseconds.
_SLICE = 100


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
        self._not_ours: set[str] = set()
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
        async with self._database.read() as connection:
            grown = await self._grown_logs(connection)
        if not grown:
            await self._lease.renew(self._database)
            await self._write_witnessed()
            return 0
        async with self._database.write() as connection:
            if not await self._lease.hold(connection):
                return 0
            await log_rows.write(connection, grown, self._now())
        self._keep_pages(grown)
        self._grown.update(each.party for each in grown)
        self._unwitnessed |= {each.party: each.note for each in grown}
        await self._write_witnessed()
        return sum(len(each.leaf_ids) for each in grown)

    async def _write_witnessed(self) -> None:
        """Write the checkpoints beside the database; those that cannot be written now are written in the next run."""
        if self._unwitnessed:
            await write_witnessed(self._witnessed, self._unwitnessed)
            self._unwitnessed.clear()

    def _keep_pages(self, grown: Sequence[GrownLog]) -> None:
        """After the commit: the next run need not read and check these again."""
        self._pages_kept |= {each.party: each.pages for each in grown}
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

    async def _grown_logs(self, connection: Connection) -> list[GrownLog]:
        """The growth of each log with sound pending leaves; reads on if a whole batch was passed over."""
        while True:
            passed_over = len(self._frozen), len(self._not_ours)
            pending, heads = await self._pending(connection)
            await self._check_before_signing(connection, pending, heads)
            sizes = {party: _size(heads.get(party)) for party in pending}
            edges = await log_rows.edges(connection, sizes)
            for party, head in heads.items():
                self._check_tiles(party, head, edges[party].tiles)
            links = {
                party: [link async for link in _links(sizes[party], rows)]
                for party, rows in pending.items()
                if party not in self._frozen
            }
            pages = await self._pages(connection, sizes, links, edges)
            grown = [
                self._grow(party, sizes[party], edges[party].tiles, pending[party], *changed)
                for party, changed in pages.items()
            ]
            if grown or (len(self._frozen), len(self._not_ours)) == passed_over:
                return grown

    async def _pending(self, connection: Connection) -> tuple[dict[str, list[FoundRow]], dict[str, Head]]:
        """Pending leaves of each party in order of their ids, hashed again, with their logs' heads; freezes parties whose bytes changed."""
        rows, heads = await log_rows.pending(connection, self._frozen.keys() | self._not_ours, self._batch)
        by_party: dict[str, list[FoundRow]] = {}
        for row in rows:
            by_party.setdefault(row.party, []).append(row)
        self._not_ours |= by_party.keys() - self._signers.keys()
        sound: dict[str, list[FoundRow]] = {}
        for party in by_party.keys() & self._signers.keys():
            changed = [row.id for row in by_party[party] if tlog.leaf_hash(row.body) != row.hash]
            if changed:
                self._freeze(party, "a pending leaf is not what was written", leaf_ids=changed[:10])
            else:
                sound[party] = by_party[party]
        return sound, {party: head for party, head in heads.items() if party in sound}

    async def _pages(
        self,
        connection: Connection,
        sizes: Mapping[str, int],
        links: Mapping[str, Sequence[Link]],
        edges: Mapping[str, LogEdge],
    ) -> dict[str, tuple[Pages, set[str]]]:
        """The pages of each log's chains with these leaves in them, and which changed.

        Pages that were changed are made again from the leaves; if those lead to another root too, the party is frozen.
        """
        roots = {party: edges[party].chains for party in links if sizes[party]}
        began_without = {party for party, root in roots.items() if root is None}
        known = {party: some for party, some in links.items() if party not in began_without}
        # Taken out: if this run fails, they are not those of the database any more.
        kept = {party: self._pages_kept.pop(party) for party in links if party in self._pages_kept}
        pages, broken = await chain_pages.pages_for(connection, known, roots, kept)
        grown = {party: (found, await _extend(found, links[party])) for party, found in pages.items()}
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

    def _grow(
        self,
        party: str,
        size: int,
        tiles: Mapping[TileId, bytes],
        rows: Sequence[FoundRow],
        pages: Pages,
        changed: Iterable[str],
    ) -> GrownLog:
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
        return GrownLog(party, size, ids, last, pages, changed, extended, head, signed)

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


async def _links(size: int, rows: Iterable[FoundRow]) -> AsyncIterator[Link]:
    for index, row in enumerate(rows, size):
        if index % _SLICE == 0:
            await asyncio.sleep(0)
        yield sparse_map.link(index, row.hash, events.chain_words(row.body), row.matter)


async def _extend(pages: Pages, links: Sequence[Link]) -> set[str]:
    changed: set[str] = set()
    for first in range(0, len(links), _SLICE) or [0]:
        changed |= sparse_map.extend(pages, links[first : first + _SLICE])
        await asyncio.sleep(0)
    return changed


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

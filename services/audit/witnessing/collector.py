"""A log's side of witnessing: asks for cosignatures of what has grown, and keeps what it gets. Nothing waits for it.

A log that stands still is cosigned afresh once an hour: what its witnesses show then is never older, and one of them that has
gone is noticed.

A round takes the logs that grew since the last one, reads their newest heads and the tiles for all consistency proofs by one
query each, asks all their cosigners at once, verifies the answers and writes them in one commit. What did not grow costs
nothing; a cosigner that is away is asked again after growing pauses.

How a cosigner is reached is left to `ask`, who they are to `cosigners_of`, when it is enough to `quorum`, and reading what was
kept to `kept_cosignatures`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

import structlog
from sqlalchemy import Executable, func, select

from audit.formats import cosignature, note, tlog
from audit.formats.checkpoint import origin_of
from audit.formats.note import NoteError
from audit.formats.tlog import TileId
from audit.log import hash_tiles, reads
from audit.tables import Cosigned, CosignerState, CosigningStatus
from audit.witnessing import kept_cosignatures, misbehaviour, quorum, rules
from audit.witnessing.quorum import Cosigner, Part
from audit.witnessing.rules import ROLLBACK, Accusation, AddCheckpoint, BadRequest
from audit.witnessing.store import keep
from storage.key_in import listed, numbered_keys
from storage.protocols import Connection, Database
from storage.types import FoundRow, Query, Values, table
from storage.upserts import insert_new, into, upsert

log = structlog.get_logger("audit.witnessing.collector")

_AT_ONCE = 128
_RANK = {Part.PEER: 0, Part.GUEST: 1, Part.CROWD: 2}


@dataclass(frozen=True, slots=True)
class Answered:
    """Answer of a cosigner: status and body as HTTP has them."""

    status: int
    body: str


Ask = Callable[[str, Cosigner, bytes], Awaitable[Answered]]
"""Carries the request of a log (its party) to a cosigner.

Raises:
    ConnectionError, TimeoutError: nobody answered.
"""

CosignersOf = Callable[[str, datetime], Sequence[Cosigner]]
"""Who cosigns the log of a party at an instant (UTC)."""


@dataclass(frozen=True, slots=True)
class PollingPolicy:
    """Intervals of asking (seconds). `crowd`: the whole crowd, being many, is asked about what grew no more often than this.

    A few of it, the `vanguard`, are asked in every round, others at each size: one of the crowd is enough to be final.
    A head that a peer or guest has cosigned is cosigned again after `refresh`.
    Who fails is asked again after `retry`, doubling up to `retry_most`; who has failed for `silent` is accused of silence.
    """

    crowd: float = 60.0
    vanguard: int = 3
    retry: float = 1.0
    retry_most: float = 60.0
    silent: float = 3600.0
    refresh: float = 3600.0


@dataclass(frozen=True, slots=True)
class _Due:
    """A cosigner to be asked about a head; `old` is what it is known to have cosigned. `ahead`: of the crowd's vanguard."""

    head: reads.Head
    cosigner: Cosigner
    old: int
    failing_since: datetime | None
    ahead: bool


@dataclass(frozen=True, slots=True)
class _Outcome:
    due: _Due
    lines: tuple[note.Signature, ...] = ()
    old: int | None = None
    away: bool = False
    reason: str = ""


@dataclass
class _Waits:
    """Pauses after failures, by whatever failed."""

    pace: PollingPolicy
    until: dict[Hashable, tuple[datetime, float]] = field(default_factory=dict)

    def failed(self, what: Hashable, now: datetime) -> None:
        _, last = self.until.get(what, (now, 0.0))
        pause = min(last * 2 or self.pace.retry, self.pace.retry_most)
        self.until[what] = now + timedelta(seconds=pause), pause

    def worked(self, what: Hashable) -> None:
        self.until.pop(what, None)

    def over(self, what: Hashable, now: datetime) -> bool:
        return what not in self.until or now >= self.until[what][0]

    def next(self) -> datetime | None:
        return min((at for at, _ in self.until.values()), default=None)


class CosignatureCollector:
    """Collects cosignatures for the logs of `parties`, all in one database. `now` is UTC."""

    def __init__(
        self,
        database: Database,
        parties: Collection[str],
        cosigners_of: CosignersOf,
        ask: Ask,
        now: Callable[[], datetime],
        pace: PollingPolicy = PollingPolicy(),
    ) -> None:
        self._database = database
        self._parties = frozenset(parties)
        self._cosigners_of = cosigners_of
        self._ask = ask
        self._now = now
        self._pace = pace
        # At a start nobody knows what was left undone; afterwards the sequencer says what grew.
        self._open = set(parties)
        self._waits = _Waits(pace)
        self._crowd_at: dict[str, datetime] = {}
        self._crowd_now: set[str] = set()
        self._again: datetime | None = None
        self._refresh_at = now() + timedelta(seconds=pace.refresh)

    def on_new_checkpoints(self, parties: Iterable[str]) -> None:
        """These logs have a new head."""
        fresh = self._parties.intersection(parties)
        if fresh:
            self._open |= fresh
            self._again = None

    @property
    def due(self) -> datetime:
        """When the next round has something to do, if no log grows before."""
        if not self._open:
            return self._refresh_at
        return min(self._again or self._now(), self._refresh_at)

    async def run_once(self) -> int:
        """One round over what is open; gives how many cosigners cosigned."""
        now = self._now()
        if now >= self._refresh_at:
            self._refresh_at = now + timedelta(seconds=self._pace.refresh)
            self.on_new_checkpoints(self._parties)
        if not self._open or (self._again is not None and now < self._again):
            return 0
        asked, self._open = sorted(self._open), set()
        self._crowd_now.clear()
        try:
            due = await self._due(asked, now)
            requests = await self._requests([each for each in due if self._may_ask(each, now)])
            outcomes = await self._ask_all(requests)
            await self._store(outcomes, now)
        except BaseException:
            self._open |= set(asked)
            raise
        done = {(each.due.head.party, each.due.cosigner.name) for each in outcomes if each.lines}
        self._open |= {each.head.party for each in due if (each.head.party, each.cosigner.name) not in done}
        waits = [at for at in (self._waits.next(), *self._crowd_at.values()) if at is not None and at > now]
        self._again = min(waits, default=now + timedelta(seconds=self._pace.retry)) if self._open else None
        return len(done)

    # What is to be asked

    async def _due(self, parties: Sequence[str], now: datetime) -> list[_Due]:
        """Every cosigner that has not cosigned the newest head of one of these logs, or not for long."""
        long_ago = now - timedelta(seconds=self._pace.refresh)
        async with self._database.read() as connection:
            heads = await reads.newest_heads(connection, parties)
            states = await _states(connection, parties)
        due = []
        for party, head in heads.items():
            cosigners = self._cosigners_of(party, now)
            ahead = _vanguard(cosigners, head.size, self._pace.vanguard)
            for cosigner in cosigners:
                state = states.get((party, cosigner.name))
                if state is None or state.size < head.size or _is_stale(state, cosigner, long_ago):
                    since = state.failing_since if state else None
                    size = state.size if state else 0
                    due.append(_Due(head, cosigner, size, since, cosigner.name in ahead))
        return due

    def _may_ask(self, due: _Due, now: datetime) -> bool:
        party, cosigner = due.head.party, due.cosigner
        if not self._waits.over(cosigner.name, now) or not self._waits.over((party, cosigner.name), now):
            return False
        return cosigner.part is not Part.CROWD or due.ahead or self._crowds_turn(party, now)

    def _crowds_turn(self, party: str, now: datetime) -> bool:
        """True if the crowd of a log is asked in this round: one and all, so that they cosign one head."""
        if party not in self._crowd_now and now >= self._crowd_at.get(party, now):
            self._crowd_at[party] = now + timedelta(seconds=self._pace.crowd)
            self._crowd_now.add(party)
        return party in self._crowd_now

    async def _requests(self, due: Sequence[_Due]) -> list[tuple[_Due, bytes]]:
        wanted: dict[str, set[TileId]] = {}
        for each in due:
            needed = tlog.tiles_for_consistency(each.old, each.head.size)
            wanted.setdefault(each.head.party, set()).update(needed)
        async with self._database.read() as connection:
            tiles = await hash_tiles.tiles_of(connection, wanted)
        return [(each, _request(each.head, each.old, tiles[each.head.party])) for each in due]

    # Asking

    async def _ask_all(self, requests: Sequence[tuple[_Due, bytes]]) -> list[_Outcome]:
        places = asyncio.Semaphore(_AT_ONCE)

        async def one(due: _Due, body: bytes) -> _Outcome:
            async with places:
                return await self._ask_one(due, body)

        return await asyncio.gather(*(one(due, body) for due, body in requests))

    async def _ask_one(self, due: _Due, body: bytes) -> _Outcome:
        """Ask one; if it remembers another size than we do, once more from there."""
        try:
            answered = await self._ask(due.head.party, due.cosigner, body)
            if answered.status != 409:
                return _outcome(due, answered)
            remembered = rules.read_size(answered.body)
            if remembered > due.head.size:
                return _Outcome(
                    due, old=remembered, reason=f"it has cosigned size {remembered}, this log ends before"
                )
            async with self._database.read() as connection:
                needed = {due.head.party: tlog.tiles_for_consistency(remembered, due.head.size)}
                tiles = (await hash_tiles.tiles_of(connection, needed))[due.head.party]
            answered = await self._ask(due.head.party, due.cosigner, _request(due.head, remembered, tiles))
            return _outcome(due, answered)
        except (ConnectionError, TimeoutError) as error:
            return _Outcome(due, away=True, reason=f"not reached ({type(error).__name__})")
        except BadRequest as error:
            return _Outcome(due, reason=f"answered what is no answer: {error}")

    # Keeping

    async def _store(self, outcomes: Sequence[_Outcome], now: datetime) -> None:
        if not outcomes:
            return
        cosigned, states, accused = [], [], []
        for each in outcomes:
            self._pause(each, now)
            states.append(self._state(each, now))
            if each.lines:
                cosigned.append(_cosigned_row(each))
            else:
                accused += self._accusations(each, now)
        self._tell(outcomes)
        async with self._database.write() as connection:
            # The first cosignature on a head stays: a proof that was given with it can be made again, byte for byte.
            await insert_new(connection, Cosigned, cosigned)
            if states:
                await connection.execute(_write_states(connection.dialect.name), states)
            await keep(connection, accused, now)
            touched = {each.due.head.party: each.due.head for each in outcomes if each.lines}
            await self._raise_standing(connection, touched)

    def _pause(self, outcome: _Outcome, now: datetime) -> None:
        cosigner = outcome.due.cosigner.name
        pair = (outcome.due.head.party, cosigner)
        if outcome.lines:
            self._waits.worked(cosigner)
            self._waits.worked(pair)
        else:
            # Who is away is away for all logs of this host; who refuses, refuses this one.
            self._waits.failed(cosigner if outcome.away else pair, now)

    def _state(self, outcome: _Outcome, now: datetime) -> Values:
        due = outcome.due
        row = {"party": due.head.party, "cosigner": due.cosigner.name}
        if outcome.lines:
            time = _time_of(outcome.lines)
            return row | {"size": due.head.size, "time": time, "failing_since": None, "reason": ""}
        since = due.failing_since or now
        return row | {"size": due.old, "time": None, "failing_since": since, "reason": outcome.reason[:200]}

    def _accusations(self, outcome: _Outcome, now: datetime) -> list[tuple[str, Accusation]]:
        due = outcome.due
        party, name = due.head.party, due.cosigner.name
        if outcome.old is not None:
            held = f"{name} says that it cosigned size {outcome.old}\n"
            detail = f"the log ends at {due.head.size} and {name} has cosigned {outcome.old}"
            return [(party, Accusation(ROLLBACK, origin_of(party), held, due.head.note, False, detail))]
        since = due.failing_since
        if since is None or now - since < timedelta(seconds=self._pace.silent):
            return []
        if due.cosigner.part is Part.CROWD:  # one of hundreds that is away is shown, and alarms nobody
            return []
        held = f"size {due.old} was cosigned last\n"
        offered = f"asked in vain since {since.astimezone(UTC).isoformat()}\n"
        return [(party, Accusation(misbehaviour.SILENT, name, held, offered, False, outcome.reason[:300]))]

    def _tell(self, outcomes: Sequence[_Outcome]) -> None:
        """Say once who begins to fail, for however many logs, and how many of the crowd do."""
        fresh = [each for each in outcomes if not each.lines and each.due.failing_since is None]
        failing: dict[tuple[str, str], list[str]] = {}
        for each in fresh:
            crowd = each.due.cosigner.part is Part.CROWD
            place = ("crowd" if crowd else each.due.cosigner.name, each.reason)
            failing.setdefault(place, []).append(each.due.head.party)
        for (cosigner, reason), logs in failing.items():
            log.warning(
                "not cosigned", cosigner=cosigner, reason=reason, count=len(logs), logs=sorted(set(logs))[:10]
            )

    async def _raise_standing(self, connection: Connection, heads: Mapping[str, reads.Head]) -> None:
        """Write how far each log is published and final now; both only ever grow."""
        if not heads:
            return
        cosigned = await _who_cosigned(connection, heads)
        standing = await kept_cosignatures.standings(connection, heads)
        rows = []
        for party, head in heads.items():
            cosigners = self._cosigners_of(party, head.time)
            published, final = standing.get(party, (0, 0))
            if quorum.is_published(cosigners, cosigned[party]):
                published = max(published, head.size)
            if quorum.is_final(cosigners, cosigned[party]):
                final = max(final, head.size)
            rows.append({"party": party, "published": published, "final": final})
        await upsert(connection, CosigningStatus, rows)


def _vanguard(cosigners: Sequence[Cosigner], size: int, count: int) -> set[str]:
    """Some of the crowd, the same for a size and others for the next."""
    crowd = [each.name for each in cosigners if each.part is Part.CROWD]
    return {crowd[(size * count + place) % len(crowd)] for place in range(count)} if crowd else set()


def _request(head: reads.Head, old: int, tiles: Mapping[TileId, bytes]) -> bytes:
    proof = tlog.consistency_proof(old, head.size, tiles)
    return AddCheckpoint(old, tuple(proof), head.note).text().encode()


def _outcome(due: _Due, answered: Answered) -> _Outcome:
    if answered.status != 200:
        words = " ".join(answered.body.split())[:150]
        return _Outcome(due, away=answered.status >= 500, reason=f"answered {answered.status}: {words}")
    text = note.parse_note(due.head.note).text
    try:
        lines = rules.read_cosignatures(text, answered.body, due.cosigner.keys)
    except NoteError as error:
        return _Outcome(due, reason=f"its cosignature does not verify: {error}")
    return _Outcome(due, lines)


def _time_of(lines: Iterable[note.Signature]) -> datetime:
    return datetime.fromtimestamp(max(cosignature.time_of(line) for line in lines), UTC)


def _cosigned_row(outcome: _Outcome) -> Values:
    return {
        "party": outcome.due.head.party,
        "size": outcome.due.head.size,
        "cosigner": outcome.due.cosigner.name,
        "rank": _RANK[outcome.due.cosigner.part],
        "lines": note.print_signatures(outcome.lines),
        "time": _time_of(outcome.lines),
    }


async def _states(connection: Connection, parties: Iterable[str]) -> dict[tuple[str, str], FoundRow]:
    states = table(CosignerState)
    rows = await connection.execute(select(states).where(states.c.party.in_(list(parties))))
    return {(row.party, row.cosigner): row for row in rows}


async def _who_cosigned(connection: Connection, heads: Mapping[str, reads.Head]) -> dict[str, set[str]]:
    """Read who cosigned each of these heads, by party."""
    found: dict[str, set[str]] = {party: set() for party in heads}
    asked = listed((party, head.size) for party, head in heads.items())
    for row in await connection.execute(_cosigners_at(), {"heads": asked}):
        found[row.party].add(row.cosigner)
    return found


@cache
def _cosigners_at() -> Query:
    cosigned = table(Cosigned)
    heads = numbered_keys("heads", texts=1)
    at = (cosigned.c.party == heads.c.first) & (cosigned.c.size == heads.c.number)
    return select(cosigned.c.party, cosigned.c.cosigner).join(heads, at)


def _is_stale(state: FoundRow, cosigner: Cosigner, long_ago: datetime) -> bool:
    return cosigner.part is not Part.CROWD and (state.time is None or state.time <= long_ago)


@cache
def _write_states(dialect: str) -> Executable:
    """Write the state of logs with cosigners; the time of the last cosignature stays, however often one fails afterwards."""
    target, fresh = table(CosignerState), into(CosignerState, dialect)
    rest = {name: fresh.excluded[name] for name in ("size", "failing_since", "reason")}
    rest["time"] = func.coalesce(fresh.excluded.time, target.c.time)
    writing: Executable = fresh.on_conflict_do_update(index_elements=["party", "cosigner"], set_=rest)
    return writing

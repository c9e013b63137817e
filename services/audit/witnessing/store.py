"""Memory of witnesses: many requests are decided in one commit. The decisions are those of `audit.witnessing.rules`.

A party's state is compared and swapped in one transaction, and durable before anybody sees the cosignature: two requests
that race cannot both be right, and a witness that was killed has never signed what it does not remember. Requests that come
while the database is busy wait for each other and share the next commit.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from hashlib import sha256

import structlog
from sqlalchemy import Insert, case, select

from audit.formats import checkpoint, note, tlog
from audit.formats.cosignature import CosigningKey
from audit.formats.note import KnownKey
from audit.tables import AccusationKept, WitnessedBefore, WitnessedHead
from audit.witnessing import misbehaviour, rules
from audit.witnessing.rules import Accusation, AddCheckpoint, Answer, BadRequest, WitnessedState
from storage import together
from storage.key_in import key_in, listed
from storage.protocols import Connection, Database
from storage.types import FoundRow, Query, table
from storage.upserts import OnConflict, insert_new, insert_new_of, into

log = structlog.get_logger("audit.witnessing.rules")

_MOST_AT_ONCE = 256
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)

Trusted = Callable[[str, str], Sequence[KnownKey]]
"""The keys that a witness (a party) trusts for an origin now; none if it does not watch that log."""


@dataclass(frozen=True, slots=True)
class _Asked:
    party: str
    request: AddCheckpoint
    origin: str


class Witnesses:
    """The witnesses of one host: each party in `cosigners` with its keys. `now` is UTC."""

    def __init__(
        self,
        database: Database,
        cosigners: Mapping[str, Sequence[CosigningKey]],
        trusted: Trusted,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._cosigners = cosigners
        self._trusted = trusted
        self._now = now
        self._waiting: deque[tuple[str, bytes, asyncio.Future[Answer]]] = deque()
        self._worker: asyncio.Task[None] | None = None

    @property
    def parties(self) -> Sequence[str]:
        return list(self._cosigners)

    async def add_checkpoint(self, party: str, body: bytes) -> Answer:
        """The answer of a party's witness to a request (C2SP tlog-witness), together with others that come meanwhile."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((party, body, future))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        return await future

    async def add_checkpoints(self, bodies: Sequence[tuple[str, bytes]]) -> list[Answer]:
        """The answers to many requests, each to a party's witness, in their order and in one commit."""
        answers: list[Answer | None] = [None] * len(bodies)
        asked: dict[int, _Asked] = {}
        for place, (party, body) in enumerate(bodies):
            if party not in self._cosigners:
                answers[place] = Answer(404, "there is no such witness here\n")
                continue
            try:
                request = rules.parse(body)
                asked[place] = _Asked(party, request, rules.origin_of(request))
            except BadRequest as error:
                answers[place] = Answer(400, f"{error}\n")
        if asked:
            async with self._database.write() as connection:
                decided = await self._decide(connection, list(asked.values()))
            answers = [*answers]
            for place, answer in zip(asked, decided, strict=True):
                answers[place] = answer
        return [answer for answer in answers if answer is not None]

    async def newest(self, party: str, origin_hash: str) -> str | None:
        """The checkpoint that a party cosigned last under the origin with this SHA-256 (hex), with its cosignatures."""
        heads = table(WitnessedHead)
        async with self._database.read() as connection:
            rows = await connection.execute(select(heads).where(heads.c.party == party, heads.c.note != ""))
        for row in rows:
            if sha256(row.origin.encode()).hexdigest() == origin_hash:
                return str(row.note + row.cosignatures)
        return None

    async def _work(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST_AT_ONCE))]
            try:
                answers = await self.add_checkpoints([(party, body) for party, body, _ in batch])
            except Exception as error:
                log.error("nothing was cosigned", error=type(error).__name__, requests=len(batch))
                answers = [Answer(503, "the witness cannot reach its memory; try again\n")] * len(batch)
            for (_, _, future), answer in zip(batch, answers, strict=True):
                if not future.done():
                    future.set_result(answer)

    async def _decide(self, connection: Connection, asked: Sequence[_Asked]) -> list[Answer]:
        """Decide one after the other on what the ones before left, and write what became of each log."""
        now = self._now().astimezone(UTC)
        trusted = [self._trusted(each.party, each.origin) for each in asked]
        watched = {(each.party, each.origin) for each, keys in zip(asked, trusted, strict=True) if keys}
        held = await _heads_for_change(connection, watched)
        before = await _cosigned_before(connection, asked, held)
        grown: dict[tuple[str, str], tuple[WitnessedState, str]] = {}
        fresh: dict[tuple[str, str, int], str] = {}
        accused: list[tuple[str, Accusation]] = []
        answers = []
        for each, keys in zip(asked, trusted, strict=True):
            place = each.party, each.origin
            answer = rules.decide(
                each.request,
                keys,
                held.get(place),
                partial(_cosigned_at, before, place),
                self._cosigners[each.party],
                int(now.timestamp()),
            )
            if answer.held is not None:
                held[place] = answer.held
                grown[place] = answer.held, answer.body
                fresh[(*place, answer.held.head.size)] = before[(*place, answer.held.head.size)] = (
                    answer.held.note
                )
            if answer.accusation is not None:
                accused.append((each.party, answer.accusation))
            answers.append(answer)
        await _write(connection, grown, fresh, now)
        await keep(connection, accused, now)
        return answers


async def keep(connection: Connection, accused: Sequence[tuple[str, Accusation]], now: datetime) -> None:
    """Keep accusations of these parties as evidence, each once, and say so in the log."""
    for party, said in accused:
        row = {
            "party": party,
            "digest": misbehaviour.digest(said),
            "kind": said.kind,
            "origin": said.origin,
            "held": said.held,
            "offered": said.offered,
            "proven": said.proven,
            "detail": said.detail,
            "first": now,
            "last": now,
            "seen": 1,
        }
        kept = table(AccusationKept)
        fresh = into(AccusationKept, connection.dialect.name)
        again = {"last": fresh.excluded.last, "seen": kept.c.seen + 1}
        upsert = fresh.on_conflict_do_update(index_elements=["party", "digest"], set_=again)
        if await connection.scalar(upsert.returning(kept.c.seen), row) > 1:
            continue
        say = log.critical if said.kind in (rules.FORK, rules.ROLLBACK) else log.warning
        say(said.kind, observer=party, origin=said.origin, proven=said.proven, detail=said.detail)


async def _heads_for_change(
    connection: Connection, places: set[tuple[str, str]]
) -> dict[tuple[str, str], WitnessedState]:
    """Read what was cosigned last in these places, locked until commit.

    Where nothing was, an empty row is made first: two first requests at once would else find nothing to lock, and both sign.
    """
    rows = await _lock(connection, places)
    missing = places - {(row.party, row.origin) for row in rows}
    if missing:
        empty = [
            {
                "party": party,
                "origin": origin,
                "size": 0,
                "root": tlog.EMPTY_ROOT,
                "note": "",
                "cosignatures": "",
                "time": _NEVER,
                "grown": _NEVER,
            }
            for party, origin in sorted(missing)
        ]
        await insert_new(connection, WitnessedHead, empty)
        rows += await _lock(connection, missing)
    return {
        (row.party, row.origin): WitnessedState(
            checkpoint.parse(note.parse_note(row.note).text), row.note, int(row.time.timestamp())
        )
        for row in rows
        if row.note
    }


async def _lock(connection: Connection, places: set[tuple[str, str]]) -> list[FoundRow]:
    if not places:
        return []
    return list(await connection.execute(_locking(), {"places": listed(sorted(places))}))


@cache
def _locking() -> Query:
    heads = table(WitnessedHead)
    place = key_in((heads.c.party, heads.c.origin), parameter="places")
    return select(heads).where(place).order_by(heads.c.party, heads.c.origin).with_for_update()


def _cosigned_at(before: Mapping[tuple[str, str, int], str], place: tuple[str, str], size: int) -> str | None:
    return before.get((*place, size))


async def _cosigned_before(
    connection: Connection, asked: Sequence[_Asked], held: Mapping[tuple[str, str], WitnessedState]
) -> dict[tuple[str, str, int], str]:
    """The notes that were cosigned at the sizes now offered, where those are below the last one."""
    found: dict[tuple[str, str, int], str] = {}
    before = table(WitnessedBefore)
    for each in asked:
        last = held.get((each.party, each.origin))
        size = checkpoint.parse(note.parse_note(each.request.note).text).size
        if last is None or size >= last.head.size:
            continue  # nearly always
        query = select(before.c.note).where(
            before.c.party == each.party, before.c.origin == each.origin, before.c.size == size
        )
        earlier = await connection.scalar(query)
        if earlier is not None:
            found[(each.party, each.origin, size)] = earlier
    return found


async def _write(
    connection: Connection,
    grown: Mapping[tuple[str, str], tuple[WitnessedState, str]],
    fresh: Mapping[tuple[str, str, int], str],
    now: datetime,
) -> None:
    """Write the heads that were cosigned last, and every note that was cosigned."""
    heads = [
        {
            "party": party,
            "origin": origin,
            "size": held.head.size,
            "root": held.head.root,
            "note": held.note,
            "cosignatures": lines,
            "time": now,
            "grown": now,
        }
        for (party, origin), (held, lines) in grown.items()
    ]
    notes = [
        {"party": party, "origin": origin, "size": size, "note": signed}
        for (party, origin, size), signed in fresh.items()
    ]
    await together.write(connection, [(_raising(), heads), (insert_new_of(WitnessedBefore), notes)])


@cache
def _raising() -> OnConflict:
    def raising(dialect: str) -> Insert:
        heads = table(WitnessedHead)
        fresh = into(WitnessedHead, dialect)
        given = fresh.excluded
        again = {name: given[name] for name in ("size", "root", "note", "cosignatures", "time")}
        again["grown"] = case((given.size > heads.c.size, given.grown), else_=heads.c.grown)
        raised: Insert = fresh.on_conflict_do_update(index_elements=["party", "origin"], set_=again)
        return raised

    return OnConflict(raising("sqlite"), raising("postgresql"))

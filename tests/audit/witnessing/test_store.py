"""A witness's memory: compared and swapped in one commit, on both databases, and what it keeps as evidence."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select

from audit.formats import note, tlog
from audit.formats.note import KnownKey
from audit.tables import AccusationKept, AuditTable, WitnessedBefore, WitnessedHead
from audit.witnessing import misbehaviour
from audit.witnessing.rules import FORK, AddCheckpoint
from audit.witnessing.store import Witnesses
from storage.engines import Database
from storage.types import table
from support.cosigners import SmallLog, ed25519, ml_dsa, signer

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
COSIGNERS = {
    "bawaslu": [ed25519("netral/bawaslu/witness", 21), ml_dsa("netral/bawaslu/witness", 22)],
    "bkn": [ed25519("netral/bkn/witness", 23)],
}
KEYS = {f"netral/ppk-{number}": signer(f"netral/ppk-{number}", number).verifier for number in range(1, 60)}


def trusted(party: str, origin: str) -> Sequence[KnownKey]:
    return [KEYS[origin]] if origin in KEYS else []


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    async with database.write() as connection:
        await connection.run_sync(AuditTable.metadata.create_all)
    yield database
    await database.close()


class Clock:
    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


def witnesses(database: Database, clock: Clock | None = None) -> Witnesses:
    return Witnesses(database, COSIGNERS, trusted, clock or Clock())


def a_log(size: int = 0, number: int = 1) -> SmallLog:
    return SmallLog.of(f"netral/ppk-{number}", size, seed=number)


async def ask(of: Witnesses, request: AddCheckpoint, party: str = "bawaslu") -> tuple[int, str]:
    answer = await of.add_checkpoint(party, request.text().encode())
    return answer.status, answer.body


async def rows(database: Database, model: type[AuditTable]) -> list[dict[str, object]]:
    async with database.read() as connection:
        return [dict(row._mapping) for row in await connection.execute(select(table(model)))]


async def test_what_was_cosigned_is_remembered_by_the_next_process(database: Database) -> None:
    log = a_log(5)
    assert (await ask(witnesses(database), log.request(0)))[0] == 200

    again = witnesses(database)

    assert await ask(again, log.grow(2).request(0)) == (409, "5\n")
    assert (await ask(again, log.request(5)))[0] == 200
    (head,) = await rows(database, WitnessedHead)
    assert (head["size"], head["note"]) == (7, log.note())
    assert [row["size"] for row in await rows(database, WitnessedBefore)] == [5, 7]


async def test_each_party_is_a_witness_of_its_own(database: Database) -> None:
    log = a_log(5)
    both = witnesses(database)

    assert (await ask(both, log.request(0)))[0] == 200
    assert (await ask(both, log.request(0), "bkn"))[0] == 200
    assert (await ask(both, log.request(0), "nobody"))[0] == 404


async def test_requests_at_once_are_decided_one_after_the_other(database: Database) -> None:
    log = a_log(0)
    state = witnesses(database)

    sizes = list(range(1, 9))
    answers = await asyncio.gather(
        *(ask(state, SmallLog.of("netral/ppk-1", size).request(0)) for size in sizes)
    )

    assert sorted(status for status, _ in answers) == [200] + [409] * 7
    (head,) = await rows(database, WitnessedHead)
    assert head["size"] == sizes[[status for status, _ in answers].index(200)]
    assert log.head().size == 0


async def test_two_processes_with_one_memory_never_sign_two_histories(
    database_url: str, database: Database
) -> None:
    """The race that the specification spells out, with two connections of their own, from the very first request on."""
    other = Database(database_url)
    honest, forged = a_log(6), a_log(6).rewrite(0)

    for round_ in range(6):
        requests = [log.request(round_, round_ + 1) for log in (honest, forged)]
        answers = await asyncio.gather(
            *(
                ask(witnesses(each), request)
                for each, request in zip((database, other), requests, strict=True)
            )
        )
        assert [status for status, _ in answers].count(200) == 1
    await other.close()

    kept = {row["size"]: row["note"] for row in await rows(database, WitnessedBefore)}
    assert any(all(kept[size] == log.note(size) for size in range(1, 7)) for log in (honest, forged))


async def test_many_logs_share_a_commit(database: Database) -> None:
    logs = [a_log(3, number) for number in range(1, 60)]
    state = witnesses(database)

    answers = await state.add_checkpoints([("bawaslu", log.request(0).text().encode()) for log in logs])

    assert [answer.status for answer in answers] == [200] * 59
    assert len(await rows(database, WitnessedHead)) == 59


async def test_two_requests_for_one_log_in_one_batch_see_each_other(database: Database) -> None:
    log = a_log(5)
    bodies = [log.request(0, 3), log.request(3, 5), log.request(3, 4), log.request(0, 3)]

    answers = await witnesses(database).add_checkpoints(
        [("bawaslu", each.text().encode()) for each in bodies]
    )

    assert [answer.status for answer in answers] == [200, 200, 409, 409]


async def test_a_malformed_request_does_not_spoil_the_batch(database: Database) -> None:
    state = witnesses(database)
    bodies = [b"nothing", a_log(2).request(0).text().encode(), b"old 0\n\nno\n", b"\xff"]

    answers = await state.add_checkpoints([("bawaslu", body) for body in bodies])

    assert [answer.status for answer in answers] == [400, 200, 400, 400]


async def test_strangers_leave_nothing_behind(database: Database) -> None:
    state = witnesses(database)

    assert (await ask(state, SmallLog.of("netral/stranger", 3).request(0)))[0] == 404
    assert (await ask(state, SmallLog.of("netral/ppk-1", 3, seed=99).request(0)))[0] == 403

    assert await rows(database, WitnessedBefore) == await rows(database, AccusationKept) == []
    assert await state.newest("bawaslu", sha256(b"netral/ppk-1").hexdigest()) is None


async def test_a_fork_is_kept_once_and_can_be_checked_from_a_file(database: Database) -> None:
    log, clock = a_log(5), Clock()
    state = witnesses(database, clock)
    await ask(state, log.request(0))
    forged = AddCheckpoint(5, (), a_log(5).rewrite(1).note())

    for _ in range(3):
        assert (await ask(state, forged))[0] == 422
        clock.at += timedelta(minutes=1)

    (kept,) = await rows(database, AccusationKept)
    assert (kept["party"], kept["kind"], kept["proven"], kept["seen"]) == ("bawaslu", FORK, True, 3)
    assert (kept["first"], kept["last"]) == (NOON, NOON + timedelta(minutes=2))
    said = misbehaviour.Accusation(
        str(kept["kind"]),
        str(kept["origin"]),
        str(kept["held"]),
        str(kept["offered"]),
        True,
        str(kept["detail"]),
    )
    file = misbehaviour.Seen(said, "netral/bawaslu/witness", NOON).text()
    assert misbehaviour.judge(misbehaviour.parse(file).accusation, [KEYS["netral/ppk-1"]]).proven


async def test_the_newest_cosigned_checkpoint_is_found_by_the_hash_of_its_origin(database: Database) -> None:
    log = a_log(5)
    state = witnesses(database)
    await ask(state, log.request(0))

    found = await state.newest("bawaslu", sha256(b"netral/ppk-1").hexdigest())

    assert found is not None
    keys = [KEYS["netral/ppk-1"], *(each.verifier for each in COSIGNERS["bawaslu"])]
    assert len(note.open_note(found, keys).verified) == 3


async def test_a_fresh_cosignature_of_the_same_tree_is_no_growth(database: Database) -> None:
    log, clock = a_log(5), Clock()
    state = witnesses(database, clock)
    await ask(state, log.request(0))

    clock.at += timedelta(hours=1)
    await ask(state, log.request(5))

    (head,) = await rows(database, WitnessedHead)
    assert (head["time"], head["grown"]) == (NOON + timedelta(hours=1), NOON)


async def test_a_memory_that_cannot_be_written_signs_nothing() -> None:
    class Broken:
        def write(self) -> None:
            raise OSError("no space left on device")

    state = Witnesses(Broken(), COSIGNERS, trusted, Clock())  # type: ignore[arg-type]

    status, body = await ask(state, a_log(2).request(0))

    assert status == 503
    assert "—" not in body
    assert tlog.EMPTY_ROOT.hex() not in body

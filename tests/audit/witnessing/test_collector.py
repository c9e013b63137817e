"""A log's side of witnessing: rounds that cost what changed, standings, pauses, and what is said of who does not answer."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from audit.formats import note
from audit.formats.leaf import Kind
from audit.log import reads
from audit.sequencing.sequencer import Sequencer
from audit.tables import AccusationKept, AuditTable, Cosigned, LeafIndex, SignedCheckpoint, WitnessedHead
from audit.witnessing import collector as cosigning
from audit.witnessing import kept_cosignatures, misbehaviour
from audit.witnessing import status as peers
from audit.witnessing.collector import CosignatureCollector, PollingPolicy
from audit.witnessing.quorum import Cosigner, Part
from audit.witnessing.rules import ROLLBACK
from storage.engines import Database
from storage.types import table
from support import trails
from support.cosigners import SmallLog
from support.trails import NOON, PARTIES, WITNESSES, Clock, Others, a_sequencer, cosigner, write_leaves

PACE = PollingPolicy(crowd=60, vanguard=0, retry=1, retry_most=8, silent=100, refresh=1000)


@dataclass
class World:
    """Three logs in one database, two witnesses in another."""

    database: Database
    clock: Clock
    others: Others
    sequencer: Sequencer
    cosigning: CosignatureCollector
    cosigners: dict[str, list[Cosigner]]

    async def grow(self, *parties: str, count: int = 1) -> None:
        """Leaves for each, in one batch, which ends with a leaf of the log's own (see `audit.completeness.sparse_map`)."""
        for party in parties:
            await write_leaves(self.database, party, count)
        await self.sequencer.run_once()
        self.cosigning.on_new_checkpoints(self.sequencer.take_grown())

    async def standing(self, party: str) -> tuple[int, int]:
        async with self.database.read() as connection:
            return (await kept_cosignatures.standings(connection, [party])).get(party, (0, 0))

    async def rows(self, model: Any, database: Database | None = None) -> list[Any]:
        async with (database or self.database).read() as connection:
            return list(await connection.execute(select(table(model))))

    async def peers(self, party: str) -> peers.Peers:
        async with self.database.read() as connection:
            return await peers.peers(connection, party, self.cosigners[party])


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    database, elsewhere = Database(database_url), Database(f"sqlite:///{tmp_path / 'witnesses.sqlite'}")
    for each in (database, elsewhere):
        async with each.write() as connection:
            await connection.run_sync(AuditTable.metadata.create_all)
    clock = Clock()
    others = Others(elsewhere, clock)
    cosigners = {party: [cosigner(witness) for witness in WITNESSES] for party in PARTIES}
    collecting = CosignatureCollector(
        database, PARTIES, lambda party, at: cosigners[party], others.ask, clock, PACE
    )
    yield World(database, clock, others, a_sequencer(database, tmp_path, clock), collecting, cosigners)
    await database.close()
    await elsewhere.close()


async def test_what_grew_is_cosigned_by_all_and_the_rest_is_left_alone(world: World) -> None:
    await world.grow("ppk-1", "ppk-2", count=3)
    assert await world.cosigning.run_once() == 4
    world.others.asked.clear()

    await world.grow("ppk-2")
    assert await world.cosigning.run_once() == 2

    assert world.others.asked == [("ppk-2", "supervisor"), ("ppk-2", "examiner")]
    assert await world.standing("ppk-1") == (4, 4)
    assert await world.standing("ppk-2") == (6, 6)


async def test_a_round_without_growth_touches_no_database(world: World) -> None:
    await world.grow("ppk-1")
    await world.cosigning.run_once()
    statements: list[str] = []
    world.database.watch(statements.append)

    assert await world.cosigning.run_once() == 0

    assert statements == []


async def test_a_round_over_many_logs_is_a_fixed_number_of_queries(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "_FEW", 0)  # a few are asked for one by one, which is faster
    counts = []
    await world.grow(*PARTIES)
    await world.cosigning.run_once()
    for parties in (PARTIES[:1], PARTIES):
        await world.grow(*parties)
        statements: list[str] = []
        world.database.watch(statements.append)
        await world.cosigning.run_once()
        world.database.watch(None)
        counts.append(len(statements))

    assert counts[0] == counts[1]


async def test_a_served_checkpoint_opens_with_the_keys_of_log_and_witnesses(world: World) -> None:
    await world.grow("ppk-1", count=5)
    await world.cosigning.run_once()

    async with world.database.read() as connection:
        text = await kept_cosignatures.published_note(connection, "ppk-1")

    keys = [trails.signer("ppk-1").verifier, *(key for each in world.cosigners["ppk-1"] for key in each.keys)]
    assert len(note.open_note(text, keys).verified) == 4


async def test_one_peer_away_leaves_a_log_published_and_not_final(world: World) -> None:
    world.others.away = {"examiner"}
    await world.grow("ppk-1", count=2)

    await world.cosigning.run_once()

    assert await world.standing("ppk-1") == (3, 0)
    (seen,) = [each for each in (await world.peers("ppk-1")).cosigners if each.failing_since]
    assert (seen.name, seen.size, seen.failing_since) == (trails.name("examiner"), 0, NOON)
    assert "not reached" in seen.reason


async def test_what_is_served_is_published_even_if_the_log_has_grown_since(world: World) -> None:
    await world.grow("ppk-1")
    await world.cosigning.run_once()
    world.others.away = set(WITNESSES)
    await world.grow("ppk-1")
    await world.cosigning.run_once()

    async with world.database.read() as connection:
        assert (await kept_cosignatures.published_note(connection, "ppk-1")).startswith("netral/ppk-1\n2\n")
        assert (await reads.head(connection, "ppk-1")).size == 4


async def test_a_log_that_nobody_cosigned_yet_is_served_as_it_was_signed(world: World) -> None:
    await world.grow("ppk-1")

    async with world.database.read() as connection:
        text = await kept_cosignatures.published_note(connection, "ppk-1")

    assert text.startswith("netral/ppk-1\n2\n")


async def test_who_is_away_is_asked_again_after_growing_pauses_for_all_logs_at_once(world: World) -> None:
    world.others.away = {"examiner"}
    await world.grow(*PARTIES)
    asked = []
    for _ in range(40):
        world.others.asked.clear()
        await world.cosigning.run_once()
        asked.append(len([each for each in world.others.asked if each[1] == "examiner"]))
        world.clock.forward(1)

    assert asked[0] == 3
    assert 3 <= sum(map(bool, asked)) <= 9
    world.others.away.clear()
    world.clock.forward(10)
    await world.cosigning.run_once()
    assert [await world.standing(party) for party in PARTIES] == [(2, 2)] * 3


async def test_a_cosigner_that_comes_back_is_no_longer_failing(world: World) -> None:
    world.others.away = {"examiner"}
    await world.grow("ppk-1")
    await world.cosigning.run_once()
    world.others.away.clear()
    world.clock.forward(10)

    await world.cosigning.run_once()

    assert not any(each.failing_since for each in (await world.peers("ppk-1")).cosigners)


async def test_a_new_process_asks_for_what_was_left_undone(world: World) -> None:
    world.others.away = set(WITNESSES)
    await world.grow("ppk-1")
    await world.cosigning.run_once()
    world.others.away.clear()

    again = CosignatureCollector(
        world.database, PARTIES, lambda party, at: world.cosigners[party], world.others.ask, world.clock, PACE
    )

    assert await again.run_once() == 2


async def test_a_witness_that_knows_more_than_we_remember_is_asked_from_there(world: World) -> None:
    await world.grow("ppk-1", count=3)
    await world.cosigning.run_once()
    async with world.database.write() as connection:
        for model in (Cosigned, cosigning.CosignerState):
            await connection.execute(delete(table(model)))

    await world.grow("ppk-1", count=4)
    assert await world.cosigning.run_once() == 2

    assert await world.standing("ppk-1") == (9, 9)


async def test_a_witness_that_has_seen_a_larger_log_than_ours_is_an_alarm(world: World) -> None:
    """A log whose database went back without anybody noticing is left with this."""
    await world.grow("ppk-1", count=3)
    await world.grow("ppk-1", count=2)
    await world.cosigning.run_once()
    async with world.database.write() as connection:
        for model, size in ((SignedCheckpoint, "size"), (LeafIndex, "index")):
            of = table(model)
            await connection.execute(delete(of).where(of.c[size] >= 5))
        for model in (Cosigned, cosigning.CosignerState):
            await connection.execute(delete(table(model)))

    world.cosigning.on_new_checkpoints(["ppk-1"])
    assert await world.cosigning.run_once() == 0

    kept = await world.rows(AccusationKept)
    assert {(row.party, row.kind, row.origin) for row in kept} == {("ppk-1", ROLLBACK, "netral/ppk-1")}
    assert "has cosigned 7" in kept[0].detail


async def test_a_rewritten_history_gets_no_cosignature_and_is_kept_as_evidence(world: World) -> None:
    await world.grow("ppk-1", count=3)
    await world.cosigning.run_once()
    elsewhere = world.others.state._database
    async with elsewhere.write() as connection:  # as if the witness had seen another tree of this size
        heads = table(WitnessedHead)
        forged = trails.signer("ppk-1")
        text = SmallLog(forged, [b"a", b"b", b"c", b"d"]).note()
        await connection.execute(heads.update().values(note=text))

    await world.grow("ppk-1")
    assert await world.cosigning.run_once() == 0

    assert await world.standing("ppk-1") == (4, 4)
    kept = await world.rows(AccusationKept, elsewhere)  # type: ignore[arg-type]
    assert {(row.party, row.kind) for row in kept} == {("supervisor", "fork"), ("examiner", "fork")}
    assert all("answered 422" in each.reason for each in (await world.peers("ppk-1")).cosigners)


async def test_long_silence_is_an_accusation_once(world: World) -> None:
    world.others.away = {"examiner"}
    await world.grow("ppk-1")
    for _ in range(30):
        await world.cosigning.run_once()
        world.clock.forward(9)

    (kept,) = await world.rows(AccusationKept)
    assert (kept.party, kept.kind, kept.origin) == ("ppk-1", misbehaviour.SILENT, trails.name("examiner"))
    assert kept.seen > 1


async def test_an_answer_that_is_no_cosignature_is_not_kept(world: World) -> None:
    async def lie(log: str, to: Cosigner, body: bytes) -> cosigning.Answered:
        return cosigning.Answered(200, "— someone AAAAAAAA\n")

    await world.grow("ppk-1")
    lying = CosignatureCollector(
        world.database, PARTIES, lambda party, at: world.cosigners[party], lie, world.clock, PACE
    )

    assert await lying.run_once() == 0
    assert await world.rows(Cosigned) == []
    assert "does not verify" in (await world.peers("ppk-1")).cosigners[0].reason


async def test_the_crowd_is_asked_a_few_at_a_time_and_as_a_whole_now_and_then(world: World) -> None:
    crowd = [
        Cosigner(f"netral/c{n}/witness", cosigner("examiner").keys, Part.CROWD, party="examiner")
        for n in range(9)
    ]
    asked: list[str] = []

    async def ask(log: str, to: Cosigner, body: bytes) -> cosigning.Answered:
        asked.append(to.name)
        raise TimeoutError

    pace = PollingPolicy(crowd=60, vanguard=2, retry=0, retry_most=0)
    collecting = CosignatureCollector(
        world.database, PARTIES, lambda party, at: crowd, ask, world.clock, pace
    )
    counts = []
    for _ in range(8):
        await world.grow("ppk-1")
        collecting.on_new_checkpoints(["ppk-1"])
        asked.clear()
        await collecting.run_once()
        counts.append(len(set(asked)))
        world.clock.forward(10)

    assert counts == [9, 2, 2, 2, 2, 2, 9, 2]


async def test_a_log_that_stands_still_is_cosigned_afresh_and_keeps_its_first_cosignatures(
    world: World,
) -> None:
    await world.grow("ppk-1")
    await world.cosigning.run_once()
    first = await world.rows(Cosigned)
    elsewhere: Any = world.others.state._database

    world.clock.forward(999)
    assert await world.cosigning.run_once() == 0
    world.clock.forward(2)
    assert await world.cosigning.run_once() == 2

    assert await world.rows(Cosigned) == first
    assert {row.time for row in await world.rows(WitnessedHead, elsewhere)} == {world.clock.at}
    assert {each.time for each in (await world.peers("ppk-1")).cosigners} == {world.clock.at}
    assert await world.standing("ppk-1") == (2, 2)


async def test_a_witness_that_went_while_nothing_grew_is_noticed(world: World) -> None:
    await world.grow("ppk-1")
    await world.cosigning.run_once()
    world.others.away = {"examiner"}
    for _ in range(14):
        world.clock.forward(100)
        await world.cosigning.run_once()

    (kept,) = await world.rows(AccusationKept)
    assert (kept.kind, kept.origin) == (misbehaviour.SILENT, trails.name("examiner"))
    assert await world.standing("ppk-1") == (2, 2)


# Logs that stand still


async def test_a_log_that_is_not_shown_to_grow_though_its_party_signs_is_stalled(world: World) -> None:
    await world.grow("ppk-1", count=3)
    await world.cosigning.run_once()
    elsewhere: Any = world.others.state._database
    world.clock.forward(600)
    later = world.clock.at
    await write_leaves(elsewhere, "supervisor", 1, kind=Kind.STATEMENT, author="ppk-1", time=later)
    await write_leaves(elsewhere, "examiner", 1, kind=Kind.RECORD, author="examiner", time=later)

    async def look() -> list[tuple[str, str, str]]:
        async with elsewhere.read() as connection:
            found = await peers.stalled(connection, list(WITNESSES), NOON, later.replace(year=2030))
        return [(party, said.kind, said.origin) for party, said in found]

    assert await look() == [("supervisor", misbehaviour.STALLED, "netral/ppk-1")]
    world.clock.forward(5)
    await world.grow("ppk-1")
    await world.cosigning.run_once()
    assert await look() == []

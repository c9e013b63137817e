"""One commit decides for state, outbox and leaves; concurrent changes are all kept."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.wrappers_pb2 import StringValue
from sqlalchemy import select
from sqlmodel import SQLModel

from audit.formats.leaf import Kind, leaf_ids
from audit.tables import Leaf, PendingLeaf
from exchange.context import EntityStore
from exchange.delivery import entity_store
from exchange.delivery.batch import Batch
from exchange.delivery.commands import Commands, commit
from exchange.delivery.transaction import NotLoaded, Transaction
from exchange.tables import Delivery, Outbox, PairOut, PersonalPart, Request
from netral.exchange.v1 import record_pb2, statement_pb2
from refusals import Conflict, Malformed, WrongState
from storage.engines import Database, retry_on_conflict
from storage.types import table
from support.pair import (
    COUNTED,
    OFFICER,
    STORE,
    TODAY,
    Side,
    Tally,
    TallyRow,
    a_command,
    a_matter,
    numbered,
    statements_in,
    telling,
)

WRITTEN: tuple[type[SQLModel], ...] = (
    *(Leaf, PendingLeaf, Outbox, Delivery, PairOut, PersonalPart, Request, TallyRow),
)

Pair = tuple[Side, Side]


async def everything(side: Side) -> list[Any]:
    return [row for model in WRITTEN for row in await side.rows(model)]


async def test_a_command_leaves_state_outbox_and_leaves_in_one_commit(pair: Pair) -> None:
    anna, budi = pair
    matter = a_matter()

    (record,) = await anna.run(telling(anna, budi, matter))

    (sent,) = await anna.rows(Outbox)
    assert (await anna.tally(matter)).count == 1
    assert list(record.statements) == [sent.id]
    assert [row.kind for row in await anna.rows(Leaf)] == [Kind.STATEMENT, Kind.RECORD]
    assert len(await anna.rows(PendingLeaf)) == 2
    assert {row.source for row in await anna.rows(PersonalPart)} == {sent.id, record.id}


async def test_the_outbox_and_the_leaf_are_of_the_same_bytes(pair: Pair) -> None:
    anna, budi = pair
    mail = await anna.mailed(budi)

    (kept,) = await anna.leaves(Kind.STATEMENT)
    (parcel,) = statement_pb2.Parcels.FromString(mail.data).parcels

    assert parcel.envelope == kept


@pytest.mark.parametrize("at", ["numbers", "state"])
async def test_a_failure_while_writing_leaves_nothing(pair: Pair, at: str, monkeypatch: Any) -> None:
    anna, budi = pair

    def broken(*args: Any) -> Any:
        raise OSError("the disk is full")

    if at == "state":
        anna.desk.store = EntityStore(STORE.load, broken)
    else:
        monkeypatch.setattr(Batch, "_numbers", broken)
    with pytest.raises(OSError, match="disk"):
        await anna.run(telling(anna, budi, a_matter()))

    assert await everything(anna) == []


async def test_after_a_failure_numbers_go_on_without_a_gap(pair: Pair) -> None:
    anna, budi = pair

    def broken(*args: Any) -> Any:
        raise OSError("the disk is full")

    await anna.run(telling(anna, budi, a_matter()))
    anna.desk.store = EntityStore(STORE.load, broken)
    with pytest.raises(OSError, match="disk"):
        await anna.run(telling(anna, budi, a_matter()))
    anna.desk.store = STORE
    await anna.run(telling(anna, budi, a_matter()))

    assert sorted(row.sequence for row in await anna.rows(Outbox)) == [1, 2]


async def test_a_refused_command_leaves_nothing_and_the_others_stand(pair: Pair) -> None:
    anna, budi = pair
    matter, refused = a_matter(), a_matter()

    def refuse(tx: Transaction) -> record_pb2.Record:
        tx.save(entity_store.matter_key(anna.party, refused), Tally(anna.party, refused, 1))
        tx.send(COUNTED, budi.party, refused, "", StringValue(), part=b"part")
        tx.record("test.refused", refused, "", "", part=b"part")
        raise WrongState("not now")

    answers = await anna.run(
        telling(anna, budi, matter), a_command(anna, refused, handler=refuse), telling(anna, budi, matter)
    )

    assert isinstance(answers[1], WrongState)
    assert (await anna.tally(matter)).count == 2
    rows = await anna.rows(Outbox)
    assert sorted(row.sequence for row in rows) == [1, 2]
    assert {row.matter for row in await anna.rows(Leaf)} == {matter}
    assert {row.matter for row in await anna.rows(PersonalPart)} == {matter}
    assert len(await anna.rows(Request)) == 2


async def test_a_command_that_fails_does_not_take_others_with_it(pair: Pair) -> None:
    anna, _ = pair
    matter = a_matter()

    def fail(tx: Transaction) -> record_pb2.Record:
        raise RuntimeError("our bug")

    async with serving(anna) as commands_:
        good = [commands_.run(a_command(anna, matter)) for _ in range(5)]
        bad = commands_.run(a_command(anna, matter, handler=fail))
        answers = await asyncio.gather(*good, bad, *[], return_exceptions=True)

    assert [type(answer).__name__ for answer in answers] == ["Record"] * 5 + ["RuntimeError"]
    assert (await anna.tally(matter)).count == 5


async def test_a_statement_over_60_kib_fails_alone(pair: Pair) -> None:
    anna, budi = pair
    matter = a_matter()

    def too_long(tx: Transaction) -> record_pb2.Record:
        tx.send(COUNTED, budi.party, matter, "", StringValue(value="x" * 62_000))
        return tx.record("test.long", matter, "", "")

    async with serving(anna) as commands_:
        good = commands_.run(telling(anna, budi, matter))
        bad = commands_.run(a_command(anna, matter, handler=too_long))
        answers = await asyncio.gather(good, bad, return_exceptions=True)

    assert [type(answer) for answer in answers] == [record_pb2.Record, Malformed]
    assert len(await anna.rows(Outbox)) == 1


async def test_a_personal_part_over_512_kib_is_refused(pair: Pair) -> None:
    anna, budi = pair

    with pytest.raises(Malformed, match="512 KiB"):
        await anna.send(budi, part=bytes(512 * 1024 + 1))

    assert await everything(anna) == []


async def test_each_statement_on_a_matter_names_the_one_before_it(pair: Pair) -> None:
    anna, budi = pair
    matter = a_matter()
    first = await anna.send(budi, matter=matter)
    other = await anna.send(budi, matter=a_matter())
    second = await anna.send(budi, matter=matter)

    after = {statement.id: statement.after for statement in statements_in(await anna.mail())}

    assert after == {first: "", other: "", second: first}


# --- what a handler may read ---------------------------------------------------------------------------------------


def reading(side: Side, matter: str, read: Callable[[Transaction], Any], **more: Any) -> Any:
    """A command that puts a fact and reads something; `more` is what it asks for beforehand."""

    def handle(tx: Transaction) -> record_pb2.Record:
        tx.save(entity_store.matter_key(side.party, matter), Tally(side.party, matter, 1))
        read(tx)
        return tx.record("test.read", matter, "", "")

    return replace(a_command(side, matter, handler=handle), **more)


async def test_reading_a_fact_that_was_not_loaded_is_a_failure_and_nothing_is_written(pair: Pair) -> None:
    anna, _ = pair
    other = entity_store.matter_key(anna.party, a_matter())

    with pytest.raises(NotLoaded, match="was not loaded"):
        await anna.run(reading(anna, a_matter(), lambda tx: tx.get(other)))

    assert await everything(anna) == []


async def test_a_fact_that_was_loaded_and_is_not_there_reads_as_none(pair: Pair) -> None:
    anna, _ = pair
    matter, found = a_matter(), []
    key = entity_store.matter_key(anna.party, a_matter())
    await anna.run(reading(anna, matter, lambda tx: found.append(tx.get(key)), keys=[key]))

    assert found == [None]


async def test_a_transaction_reads_what_it_put_itself(pair: Pair) -> None:
    anna, _ = pair
    matter, found = a_matter(), []
    key = entity_store.matter_key(anna.party, matter)
    await anna.run(reading(anna, matter, lambda tx: found.append(tx.get(key)), keys=[]))

    assert found == [Tally(anna.party, matter, 1)]


async def test_what_another_command_of_the_commit_put_is_no_fact_that_was_loaded(pair: Pair) -> None:
    anna, _ = pair
    matter, other = a_matter(), a_matter()
    key = entity_store.matter_key(anna.party, matter)
    putting = reading(anna, matter, lambda tx: None, keys=[])

    with pytest.raises(NotLoaded):
        await anna.run(putting, reading(anna, other, lambda tx: tx.get(key), keys=[]))

    assert await everything(anna) == []


async def test_what_another_command_of_the_commit_loaded_is_no_fact_that_was_loaded(pair: Pair) -> None:
    anna, _ = pair
    matter, other = a_matter(), a_matter()
    key = entity_store.matter_key(anna.party, matter)
    loading = reading(anna, matter, lambda tx: None, keys=[key], files=[(anna.party, matter)])

    for read in (lambda tx: tx.get(key), lambda tx: tx.person_file(matter)):
        with pytest.raises(NotLoaded):
            await anna.run(loading, reading(anna, other, read, keys=[]))

    assert await everything(anna) == []


async def test_a_command_that_reads_what_was_not_loaded_fails_alone(pair: Pair) -> None:
    anna, _ = pair
    matter = a_matter()
    other = entity_store.matter_key(anna.party, a_matter())
    async with serving(anna) as commands_:
        good = [commands_.run(a_command(anna, matter)) for _ in range(3)]
        bad = commands_.run(reading(anna, a_matter(), lambda tx: tx.get(other)))
        answers = await asyncio.gather(*good, bad, return_exceptions=True)

    assert [type(answer).__name__ for answer in answers] == ["Record"] * 3 + ["NotLoaded"]
    assert (await anna.tally(matter)).count == 3


@pytest.mark.parametrize("read", [Transaction.person_file, Transaction.last_statement_to])
async def test_reading_a_file_that_was_not_opened_is_a_failure_and_nothing_is_written(
    pair: Pair, read: Callable[[Transaction, str], Any]
) -> None:
    anna, budi = pair
    matter = a_matter()
    await anna.run(telling(anna, budi, matter))
    before = await everything(anna)

    with pytest.raises(NotLoaded, match="was not opened"):
        await anna.run(reading(anna, a_matter(), lambda tx: read(tx, matter)))

    assert await everything(anna) == before


async def test_a_file_that_was_opened_is_read_and_one_that_holds_nothing_is_empty(pair: Pair) -> None:
    anna, budi = pair
    matter, empty, found = a_matter(), a_matter(), []
    await anna.run(telling(anna, budi, matter))

    def read(tx: Transaction) -> None:
        found.extend(
            [len(tx.person_file(matter)), list(tx.last_statement_to(matter)), len(tx.person_file(empty))]
        )

    await anna.run(reading(anna, a_matter(), read, files=[(anna.party, matter), (anna.party, empty)]))

    assert found == [2, [budi.party], 0]


async def test_a_number_that_was_just_made_is_used_without_a_look(pair: Pair) -> None:
    anna, _ = pair
    matter = a_matter()
    number = entity_store.number_key(anna.party, "case", "just-made")
    await anna.run(
        reading(
            anna, matter, lambda tx: entity_store.use_new_number(tx, "case", "just-made", matter), keys=[]
        )
    )
    found: list[Any] = []
    await anna.run(reading(anna, a_matter(), lambda tx: found.append(tx.get(number)), keys=[number]))

    assert found == [matter]


# --- request ids ---------------------------------------------------------------------------------------------------


async def test_the_same_request_again_is_answered_from_the_record_and_writes_nothing(pair: Pair) -> None:
    anna, budi = pair
    matter, request_id = a_matter(), str(uuid4())
    (first,) = await anna.run(telling(anna, budi, matter, request_id=request_id))
    before = await everything(anna)

    (retry_on_conflict,) = await anna.run(telling(anna, budi, matter, request_id=request_id))

    assert retry_on_conflict == first
    assert await everything(anna) == before


async def test_a_request_id_with_other_content_is_a_conflict(pair: Pair) -> None:
    anna, budi = pair
    matter, request_id = a_matter(), str(uuid4())
    await anna.run(telling(anna, budi, matter, request_id=request_id))
    before = await everything(anna)

    (answer,) = await anna.run(telling(anna, budi, matter, request_id=request_id, content=b"other"))

    assert isinstance(answer, Conflict) and answer.reason == "REQUEST_ID_REUSED"
    assert await everything(anna) == before


async def test_the_same_request_twice_in_one_commit_takes_effect_once(pair: Pair) -> None:
    anna, budi = pair
    matter, request_id = a_matter(), str(uuid4())
    same = [telling(anna, budi, matter, request_id=request_id) for _ in range(3)]

    answers = await anna.run(*same, telling(anna, budi, matter, request_id=request_id, content=b"other"))

    assert answers[0] == answers[1] == answers[2]
    assert isinstance(answers[3], Conflict)
    assert (await anna.tally(matter)).count == 1
    assert len(await anna.rows(Outbox)) == 1


async def test_a_refused_request_may_be_tried_again(pair: Pair) -> None:
    anna, _ = pair
    matter, request_id = a_matter(), str(uuid4())

    def refuse(tx: Transaction) -> record_pb2.Record:
        raise WrongState("not yet")

    (first,) = await anna.run(a_command(anna, matter, request_id=request_id, handler=refuse))
    (second,) = await anna.run(a_command(anna, matter, request_id=request_id))

    assert isinstance(first, WrongState)
    assert isinstance(second, record_pb2.Record)


async def test_the_same_request_at_once_takes_effect_once(pair: Pair) -> None:
    anna, _ = pair
    matter, request_id = a_matter(), str(uuid4())
    async with serving(anna) as commands_:
        calls = [commands_.run(a_command(anna, matter, request_id=request_id)) for _ in range(20)]
        records = await asyncio.gather(*calls)

    assert all(record == records[0] for record in records)
    assert (await anna.tally(matter)).count == 1


# --- many at once --------------------------------------------------------------------------------------------------


class serving:
    """Commands that are being served."""

    def __init__(self, side: Side) -> None:
        self.commands = Commands(side.desk)

    async def __aenter__(self) -> Commands:
        self.task = asyncio.create_task(self.commands.serve())
        return self.commands

    async def __aexit__(self, *args: object) -> None:
        await self.commands.stop()
        self.task.cancel()


async def count_alone(side: Side, matter: str) -> None:
    """Count up in a commit of one's own, beside the queue of commands."""
    await retry_on_conflict(lambda: _count_alone(side, matter))


async def _count_alone(side: Side, matter: str) -> None:
    key = entity_store.matter_key(side.party, matter)
    async with side.desk.database.write() as connection:
        batch = Batch(side.desk, connection)
        await batch.load([key])
        tx = batch.transaction(side.party, OFFICER, source="test", keys=[key])
        tally = tx.get(key) or Tally(side.party, matter)
        tx.save(key, replace(tally, count=tally.count + 1))
        tx.record("test.count", matter, "", "")
        batch.accept(tx)
        await batch.flush()


async def test_concurrent_changes_of_one_matter_are_all_kept(pair: Pair) -> None:
    anna, _ = pair
    matter = a_matter()
    await count_alone(anna, matter)
    async with serving(anna) as commands_:
        calls = [commands_.run(a_command(anna, matter)) for _ in range(30)]
        alone = [count_alone(anna, matter) for _ in range(30)]
        await asyncio.gather(*calls, *alone)

    assert (await anna.tally(matter)).count == 61
    assert len(await anna.leaves(Kind.RECORD)) == 61


async def test_changes_that_make_the_same_matter_at_once_are_all_kept(pair: Pair) -> None:
    """There is no row to lock yet."""
    anna, _ = pair
    for _ in range(5):
        matter = a_matter()
        await asyncio.gather(*(count_alone(anna, matter) for _ in range(8)))

        assert (await anna.tally(matter)).count == 8


async def test_two_processes_on_one_database_keep_all_changes(pair: Pair, database_url: str) -> None:
    """Two `Database` objects share no lock in Python."""
    anna, _ = pair
    matter = a_matter()
    other = replace(
        anna, desk=replace(anna.desk, database=Database(database_url), leaf_ids=leaf_ids(TODAY, 1 << 62))
    )
    await asyncio.gather(*(count_alone(side, matter) for side in (anna, other) * 20))
    await other.desk.database.close()

    assert (await anna.tally(matter)).count == 40


async def test_a_number_claimed_by_many_at_once_goes_to_one(pair: Pair) -> None:
    anna, _ = pair

    def claiming(matter: str) -> Any:
        def claim(tx: Transaction) -> record_pb2.Record:
            entity_store.use_number(tx, "letter", "R-1", matter, field="number")
            return tx.record("test.claim", matter, "", "")

        command = a_command(anna, matter, handler=claim)
        return replace(command, keys=[entity_store.number_key(anna.party, "letter", "R-1")])

    answers = await asyncio.gather(*(commit(anna.desk, [claiming(a_matter())]) for _ in range(8)))

    kinds = sorted(type(answer).__name__ for (answer,) in answers)
    assert kinds == ["Conflict"] * 7 + ["Record"]


async def test_numbers_of_pairs_have_no_gaps_under_many_at_once(
    pair: Pair, another_database: Callable[[], str], tmp_path: Path
) -> None:
    anna, _ = pair

    async def burst(n: int) -> None:
        async with anna.desk.database.write() as connection:
            batch = Batch(anna.desk, connection)
            tx = batch.transaction(anna.party, OFFICER, source="test")
            for peer in ("budi", "citra", "dewi")[: n % 3 + 1][:: 1 if n % 2 else -1]:
                tx.send(COUNTED, peer, a_matter(), "", StringValue(value=str(n)))
            batch.accept(tx)
            if n % 7 == 0:
                raise WrongState("a batch that is rolled back")
            await batch.flush()

    await asyncio.gather(*(burst(n) for n in range(60)), return_exceptions=True)

    rows = await anna.rows(Outbox)
    for peer in ("budi", "citra", "dewi"):
        mine = sorted((row for row in rows if row.recipient == peer), key=lambda row: row.sequence)
        assert mine
        assert numbered(mine)
        (pair_out,) = await anna.rows(PairOut, peer=peer)
        assert pair_out.last == len(mine)
    assert len(await anna.leaves(Kind.STATEMENT)) == len(rows)


async def test_threads_of_a_matter_stay_one_chain_under_many_at_once(pair: Pair) -> None:
    anna, budi = pair
    matter = a_matter()
    await asyncio.gather(*(anna.send(budi, str(n), matter=matter) for n in range(20)))

    statements = sorted(statements_in(await anna.mail()), key=lambda statement: statement.sequence)

    assert [statement.after for statement in statements] == ["", *(s.id for s in statements[:-1])]


async def test_all_that_a_reading_transaction_sees_is_of_one_moment(pair: Pair) -> None:
    anna, budi = pair

    async with anna.desk.database.read() as connection:
        before = (await connection.execute(select(table(Leaf)))).all()
        await anna.run(telling(anna, budi, a_matter()))
        after = (await connection.execute(select(table(Leaf)))).all()

    assert (before, after) == ([], [])
    assert len(await anna.rows(Leaf)) == 2

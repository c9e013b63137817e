"""A matter goes the whole way between three desks over a real NATS, and the trail proves it."""

import logging
from pathlib import Path

import pytest
from sqlalchemy import select

from audit.tables import AuditTable
from exchange.tables import ExchangeTable
from storage.types import table
from support.invariants import HostTables, check_all, read_host_tables
from support.steps import Place, World
from support.story import NAME, NIP, Story


async def books_of(world: World) -> list[HostTables]:
    return [await read_host_tables(name, desk.database) for name, desk in world.desks.items()]


async def states(world: World, story: Story) -> dict[str, str]:
    found = {}
    for book in await books_of(world):
        found |= {row.party: row.state for row in book.matters if row.id == story.matter}
    return found


async def test_a_matter_goes_from_bawaslu_to_the_ppk_and_its_outcome_comes_back(place: Place):
    async with World(place) as world:
        story = Story()
        await story.play(world.call, world.settle)

        assert await states(world, story) == {
            "bawaslu": "COMPLETED",
            "kasn": "COMPLETED",
            "ppk-6202": "COMPLETED",
        }
        check_all(await books_of(world))


async def test_a_recommendation_to_the_wrong_authority_is_rejected_and_re_addressed(place: Place):
    async with World(place) as world:
        story = Story(wrong_addressee="ppk-3204")
        await story.play(world.call, world.settle)

        assert await states(world, story) == {
            "bawaslu": "COMPLETED",
            "kasn": "COMPLETED",
            "ppk-3204": "WITHDRAWN",
            "ppk-6202": "COMPLETED",
        }
        kasn = next(book for book in await books_of(world) if book.name == "kasn")
        assert [row.former_addressees for row in kasn.matters] == [["ppk-3204"]]
        check_all(await books_of(world))


async def test_repeating_every_call_answers_the_same_and_changes_nothing(place: Place):
    async with World(place) as world:
        story = Story(wrong_addressee="ppk-3204")
        first, again = [], []

        async def call(party, method, request):
            first.append(await world.call(party, method, request))
            again.append(await world.call(party, method, request))
            return first[-1]

        await story.play(call, world.settle)
        before = [len(book.leaves) for book in await books_of(world)]
        story.calls = 0
        late = [await world.call(*step) for step in story.steps()]

        assert again == first
        assert late == first
        assert [len(book.leaves) for book in await books_of(world)] == before


async def test_purging_the_stream_midway_loses_nothing_and_doubles_nothing(place: Place):
    async with World(place) as world:
        story = Story()

        async def purge_then_settle():
            for desk in world.desks.values():
                await world.hand_over(desk)
            await world.purge()
            await world.settle()

        await story.play(world.call, purge_then_settle)

        assert (await states(world, story))["bawaslu"] == "COMPLETED"
        check_all(await books_of(world))


async def test_an_expired_duplicate_window_doubles_nothing(place: Place):
    async with World(place, duplicate_window=0.1) as world:
        story = Story()

        async def settle_after_repeats():
            for desk in world.desks.values():
                for _ in range(2):
                    await world.hand_over(desk, again=True)
                    await world.window_passed()
            await world.settle()

        await story.play(world.call, settle_after_repeats)

        assert (await states(world, story))["bawaslu"] == "COMPLETED"
        check_all(await books_of(world))


async def test_no_personal_value_is_found_in_any_table_log_or_file(
    place: Place, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    caplog.set_level(logging.DEBUG)
    async with World(place) as world:
        await Story(wrong_addressee="ppk-3204").play(world.call, world.settle)
        stored = await everything_stored(world)

    written = b"".join(path.read_bytes() for path in files_of(place.folder))
    said = (caplog.text + "".join(capfd.readouterr())).encode()
    for marker in (NIP, NAME, "Pelapor Rekaan", "Foto dengan isyarat", "Bukan pegawai kami", "Terbukti."):
        assert marker.encode() not in stored
        assert marker.encode() not in written
        assert marker.encode() not in said


async def everything_stored(world: World) -> bytes:
    """Every text and byte value of every table of every desk."""
    stored = []
    for desk in world.desks.values():
        async with desk.database.read() as connection:
            for model in (*AuditTable.__subclasses__(), *ExchangeTable.__subclasses__()):
                for row in await connection.execute(select(table(model))):
                    stored += [v if isinstance(v, bytes) else str(v).encode() for v in row]
    return b"\n".join(stored)


def files_of(folder: Path) -> list[Path]:
    """Everything on disk, databases, write-ahead logs and the stream's store included."""
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_two_matters_on_one_authority_do_not_disturb_each_other(place: Place):
    async with World(place) as world:
        one, two = Story(1), Story(2, addressee="ppk-3204")
        await one.play(world.call, world.settle)
        await two.play(world.call, world.settle)

        assert (await states(world, one))["bawaslu"] == (await states(world, two))["bawaslu"] == "COMPLETED"
        check_all(await books_of(world))

"""Round trips of small commits to PostgreSQL, BEGIN and COMMIT included: each costs CPU on both sides, and a caller waits for it."""

import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from exchange.delivery.commands import Command
from support.pair import Mail, Side, a_database, a_matter, open_sides, telling
from support.postgres import PostgresServer
from support.round_trips import Wire, wire_to


@dataclass
class WiredPair:
    """Two parties on PostgreSQL whose round trips are counted, but for those that prepare a statement."""

    anna: Side
    budi: Side
    wire: Wire

    async def taken(self, side: Side, *mails: Mail) -> tuple[list[Mail], int]:
        """The replies to mail, and the round trips of its commit."""
        self.wire.trips.clear()
        return await side.take(*mails), self.trips

    async def run(self, side: Side, *wanted: Command) -> int:
        """The round trips of the commit of commands."""
        self.wire.trips.clear()
        await side.run(*wanted)
        return self.trips

    @property
    def trips(self) -> int:
        return sum(not trip.prepares for trip in self.wire.trips)


@pytest.fixture
async def wired(postgres_server: PostgresServer) -> AsyncIterator[WiredPair]:
    server = postgres_server
    names = {party: server.create_database() for party in ("anna", "budi")}
    with tempfile.TemporaryDirectory(prefix="netral-", dir="/tmp") as name:
        folder = Path(name)
        async with wire_to(server.folder, folder) as wire:
            for database in names.values():
                await (await a_database(server.url(database))).close()
            urls = {party: wire.url(server.url(database)) for party, database in names.items()}
            async with open_sides(folder, urls) as (anna, budi):
                pair = WiredPair(anna, budi, wire)
                await _warm_up(pair)
                yield pair
    for database in names.values():
        server.drop_database(database)


async def _warm_up(pair: WiredPair) -> None:
    """Let the driver ask about types, which it does once for each session: few rows need others than many."""
    anna, budi = pair.anna, pair.budi
    for count in (1, 3):
        await anna.run(*(telling(anna, budi, a_matter()) for _ in range(count)))
        await anna.take(*await budi.take(*await anna.mail()))


async def test_a_command_takes_five_round_trips_and_twenty_in_one_commit_take_no_more(
    wired: WiredPair,
) -> None:
    anna, budi, matter = wired.anna, wired.budi, a_matter()
    await wired.run(anna, telling(anna, budi, matter))

    one = await wired.run(anna, telling(anna, budi, matter))
    many = await wired.run(anna, *(telling(anna, budi, matter) for _ in range(20)))

    # BEGIN; answered before and facts; numbers and what was said last; all rows; COMMIT.
    assert (one, many) == (5, 5)


async def test_a_statement_is_taken_in_with_one_read_and_one_write(wired: WiredPair) -> None:
    mail = await wired.anna.mailed(wired.budi, part=b"secret")

    _, trips = await wired.taken(wired.budi, mail)

    assert trips == 4  # BEGIN, read, write, COMMIT


async def test_many_statements_are_taken_in_with_as_many_round_trips_as_one(wired: WiredPair) -> None:
    for _ in range(24):
        await wired.anna.send(wired.budi)
    mails = await wired.anna.mail()

    _, trips = await wired.taken(wired.budi, *mails)

    assert trips == 4


async def test_receipts_are_taken_in_with_one_read_and_one_write(wired: WiredPair) -> None:
    mail = await wired.anna.mailed(wired.budi)
    replies, _ = await wired.taken(wired.budi, mail)

    _, trips = await wired.taken(wired.anna, *replies)

    assert trips == 4


async def test_a_batch_of_statements_and_receipts_reads_and_writes_once(wired: WiredPair) -> None:
    await wired.taken(wired.anna, await wired.budi.mailed(wired.anna))  # the pair of this way is known
    receipt, _ = await wired.taken(wired.budi, await wired.anna.mailed(wired.budi))
    statement = await wired.budi.mailed(wired.anna)

    _, trips = await wired.taken(wired.anna, *receipt, statement)

    assert trips == 4


async def test_what_waited_in_custody_costs_four_round_trips_more(wired: WiredPair) -> None:
    matter = a_matter()
    first = await wired.anna.mailed(wired.budi, matter=matter)
    second = await wired.anna.mailed(wired.budi, matter=matter)
    await wired.taken(wired.budi, second)

    _, trips = await wired.taken(wired.budi, first)

    assert trips == 4 + 4  # its bytes, its facts, what waits for it, and the numbers beyond the gap

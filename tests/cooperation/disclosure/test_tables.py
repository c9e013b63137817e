"""The tables of disclosures on both databases, and who counts as a party of a case."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import audit
import exchange
from cooperation import disclosure
from cooperation.disclosure import tables
from cooperation.disclosure.tables import DisclosureRow, DisclosureTable, DocumentRow, TransferRow
from netral.kasn.v1 import events_pb2 as kasn_events
from storage import together
from storage.engines import Database
from storage.types import table
from support import acts, desks
from support.desks import Served
from support.disclosures import a_request, refers


async def test_the_migrations_make_the_tables_of_the_models(database_url: str) -> None:
    database = Database(database_url)
    rooms = (*audit.__path__, *exchange.__path__, *disclosure.__path__)
    await database.migrate(*(Path(path) / "migrations" for path in rooms))
    own = {table(model).name for model in (DisclosureRow, DocumentRow, TransferRow)}

    def differences(connection):
        context = MigrationContext.configure(
            connection,
            opts={"include_object": lambda it, name, kind, _, __: kind != "table" or name in own},
        )
        return compare_metadata(context, DisclosureTable.metadata)

    async with database.read() as connection:
        assert await connection.run_sync(differences) == []
    await database.close()


@pytest.fixture
async def served(tmp_path: Path, database_url: str) -> AsyncIterator[Served]:
    """Bawaslu's desk on either database."""
    desks.write_trust(tmp_path)
    settings = desks.settings(tmp_path, "bawaslu", database_url=database_url)
    async with desks.serve("bawaslu", settings) as served:
        yield served


async def parties_of(served: Served, name: str) -> set[str]:
    key = tables.case_parties_key("bawaslu", name.rpartition("/")[2])
    async with served.desk.database.read() as connection:
        found = await together.run(connection, tables.STORES[tables.CASE_PARTIES].load([key]))
    return set(found[key])


async def test_who_was_told_of_a_matter_or_told_of_it_is_a_party_of_the_case(served: Served) -> None:
    name = await refers(served)

    assert await parties_of(served, name) == {"bkn"}


async def test_what_was_refused_and_what_only_asks_for_data_makes_nobody_a_party(served: Served) -> None:
    name = await acts.is_registered(served)
    matter = name.rpartition("/")[2]
    asking = a_request(legal_basis="skb-2022")
    await acts.says(served, "bkn", "netral.examiner.disclosure_requested.v1", asking, matter=matter)
    accepted = kasn_events.Accepted(register_number="P-1")
    with pytest.raises(AssertionError, match="REFUSED"):  # nothing was referred that could be accepted
        await acts.says(served, "bkn", "netral.examiner.accepted.v1", accepted, matter=matter)

    assert await parties_of(served, name) == set()


async def test_a_stranger_to_the_case_is_refused(served: Served) -> None:
    name = await acts.is_registered(served)
    matter = name.rpartition("/")[2]
    asking = a_request(legal_basis="skb-2022")
    id = await acts.says(served, "bkn", "netral.examiner.disclosure_requested.v1", asking, matter=matter)

    (row,) = [row for row in (await served.rows())["disclosure"] if id in row]
    assert "'REFUSED'" in row and "'NOT_A_PARTY'" in row

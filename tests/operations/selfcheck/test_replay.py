"""fsck finds what is changed, added or taken away in what the rooms keep beside matters, and names table, party and matter."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, Table, delete, insert, select, update

from audit.verification.findings import Finding
from exchange.settings import Settings
from netral.prevention.v1 import service_pb2 as prevention
from operations.selfcheck import check
from operations.selfcheck.check import check_host
from operations.selfcheck.progress import Progress
from storage.engines import Database
from support import acts, desks
from support.basics import done, new_id
from support.desks import Refused, Served
from support.preventions import (
    CAMPAIGN_SERVICE,
    HEADER,
    PREVENTION,
    a_campaign,
    a_file,
    a_task_force,
    has_arrived,
    messages,
    row,
    stream,
)
from support.supervisions import PLANS, a_note, is_agreed, is_answered, is_passed
from support.supervisions import has_arrived as an_intake_arrives

CHANGES: dict[str, Any] = {
    "prevention_campaign.number": "B-1/KASN",
    "prevention_campaign.addressees": ["prov-62"],
    "prevention_received.state": "RECEIVED",
    "prevention_received.done": [],
    "prevention_report.people": 8,
    "prevention_report.authority": "ppk-3204",
    "prevention_report.read_by": "EMPLOYEE",
    "prevention_number.matter": "x",
    "pledge_list.size": 3,
    "pledge_list.root": "00" * 32,
    "pledge_list.campaign": "x",
    "pledge_list.state": "IMPORTING",
    "pledge_piece.sealed": b"sealed by nobody",
    "pledge_piece.start": 1,
    "pledge_tile.hashes": b"h" * 64,
    "indication.stage": "x",
    "indication.answers": [],
    "indication.material_digests": [],
    "supervision_plan.letter_number": "9/X",
    "supervision_plan.notes": [],
    "supervision_number.matter": "x",
    "used_number.matter": "x",
    "intake.channel": "x",
    "intake.state": "CLOSED",
    "person_index.digest": "00" * 32,
}
HAS = {
    "ppk": [
        "prevention_received",
        "prevention_report",
        "prevention_number",
        "pledge_list",
        "pledge_piece",
        "pledge_tile",
        "indication",
        "supervision_number",
    ],
    "bawaslu": [
        "prevention_campaign",
        "prevention_number",
        "supervision_plan",
        "supervision_number",
        "intake",
    ],
    "kasn": ["person_index", "used_number"],
}
# Which acts use a number is said in the handlers only: a row that is missing is not found (`operations.selfcheck.used_numbers`).
NOT_MISSED = {"used_number"}


async def authority_works(served: Served) -> None:
    """A campaign that is answered by an act and a list, an act of one's own, an indication that is passed and answered."""
    campaign = await has_arrived(served)
    await done(
        served,
        PREVENTION + "OpenCampaign",
        prevention.OpenCampaignRequest(name=campaign, request_id=new_id()),
    )
    await done(served, PREVENTION + "ReportAct", a_task_force(campaign=campaign))
    listed = await stream(served, messages(a_file([HEADER, row(1), row(2)]), campaign=campaign))
    assert not isinstance(listed, Refused), listed
    await is_answered(served, await is_passed(served))


async def supervisor_works(served: Served) -> None:
    """A campaign, a joint plan with a field note, and first information."""
    await done(served, CAMPAIGN_SERVICE + "IssueCampaign", a_campaign("institutions/bawaslu"))
    await done(served, PLANS + "AddFieldNote", a_note(await is_agreed(served)))
    await an_intake_arrives(served)


async def examiner_works(served: Served) -> None:
    """A referral with its person's file, accepted under a number."""
    await acts.is_examined(served)


WORK = {"ppk": authority_works, "bawaslu": supervisor_works, "kasn": examiner_works}


@asynccontextmanager
async def changed(database: Database, target: Table, change: Any) -> AsyncIterator[Any]:
    """A table after a change; all its rows are put back."""
    async with database.read() as connection:
        rows = [dict(each._mapping) for each in await connection.execute(select(target))]
    assert rows, f"{target.name} is empty"
    async with database.write() as connection:
        await connection.execute(change(rows[-1]))
    yield rows[-1]
    async with database.write() as connection:
        await connection.execute(delete(target))
        await connection.execute(insert(target), rows)


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)])
@pytest.mark.parametrize("host", WORK)
async def test_what_the_rooms_keep_is_compared_with_the_trail(
    host: str, kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    database_url = request.getfixturevalue(f"{kind}_url")
    desks.write_trust(tmp_path)
    settings = desks.settings(tmp_path, host, database_url=database_url)
    async with desks.serve(host, settings) as served:
        await WORK[host](served)

    assert await found(host, settings) == []
    opened = await check._open(host, settings)
    try:
        metadata = MetaData()
        async with opened.database.read() as connection:
            await connection.run_sync(lambda here: metadata.reflect(here, only=HAS[host]))
        for where, value in CHANGES.items():
            name, _, column = where.partition(".")
            if name in HAS[host]:
                await is_found(opened, metadata.tables[name], column, value)
        for name in sorted(set(HAS[host]) - NOT_MISSED):
            await is_missed(opened, metadata.tables[name])
        first = metadata.tables[HAS[host][0]]
        async with changed(opened.database, first, lambda row: _of(delete(first), first, row)):
            assert first.name in {_table(each) for each in await found(host, settings)}
    finally:
        await opened.database.close()
        await opened.vault.database.close()
    assert await found(host, settings) == []


async def is_found(opened: Any, target: Table, column: str, value: Any) -> None:
    def change(row: dict[str, Any]) -> Any:
        return _of(update(target), target, row).values({column: value})

    async with changed(opened.database, target, change):
        assert target.name in {_table(each) for each in await state_of(opened)}, f"{target.name}.{column}"


async def is_missed(opened: Any, target: Table) -> None:
    async with changed(opened.database, target, lambda row: _of(delete(target), target, row)) as row:
        findings = {(_table(each), each.party) for each in await state_of(opened)}
        assert (target.name, row["party"]) in findings, target.name


def _of(statement: Any, target: Table, row: dict[str, Any]) -> Any:
    return statement.where(*(key == row[key.name] for key in target.primary_key))


def _table(finding: Finding) -> str:
    return finding.message.replace(":", " ").partition(" ")[0]


async def state_of(opened: Any) -> list[Finding]:
    """The last part of fsck, which is all that this is about."""
    return await check._readable(opened, check._check_state(opened, opened.served))


async def found(host: str, settings: Settings) -> list[Finding]:
    return (await check_host(host, settings, Progress())).findings

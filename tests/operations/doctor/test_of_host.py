"""A host that an operator runs by itself is looked at by its settings, and says what is held up at it."""

import asyncio
import json
import os
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nats
import pytest
from nats.js.api import DiscardPolicy

from exchange.bus import provision, subjects
from operations.doctor import of_desks, of_files
from operations.doctor.findings import Finding
from support import acts, desks
from support.desks import Served
from support.nats import NatsServer
from support.netral import Netral
from support.waiting import until

HOSTS = {"bawaslu": ["bawaslu"], "kasn": ["kasn"]}


@pytest.fixture
async def served(tmp_path: Path, nats_server: NatsServer) -> AsyncIterator[Served]:
    """Bawaslu's desk on a bus where nobody takes what is for the examiner; it sends again soon."""
    desks.write_trust(tmp_path)
    await provision.provision(nats_server.url, None, HOSTS)
    settings = desks.settings(tmp_path, "bawaslu", nats_url=nats_server.url, resend_seconds=0.05)
    async with desks.serve("bawaslu", settings) as bawaslu:
        await until(lambda: is_well(bawaslu))
        yield bawaslu


async def findings(served: Served) -> dict[str, Finding]:
    """The grave findings on the desk, by code."""
    found = await of_desks.of_desk(served.running.address, served.parties, "its log")
    assert found is not None
    return {each.code: each for each in found if each.grave}


async def is_followed(folder: Path) -> bool:
    """True if the figures of the desk have begun."""
    with sqlite3.connect(folder / "bawaslu" / "desk.sqlite") as database:
        return (
            database.execute("SELECT 1 FROM monitor_position WHERE party = 'bawaslu'").fetchone() is not None
        )


async def says(served: Served, code: str) -> bool:
    return code in await findings(served)


async def lacks(served: Served, code: str) -> bool:
    return code not in await findings(served)


async def is_well(served: Served) -> bool:
    return served.running.bus.connected and not await findings(served)


async def test_statements_that_nobody_takes_are_said_with_their_pair(served: Served) -> None:
    await acts.is_sent(served)

    await until(lambda: says(served, "UNSETTLED"))

    found = (await findings(served))["UNSETTLED"]
    assert "statements of bawaslu to" in found.sentence("en")


async def test_a_parked_statement_is_counted(served: Served) -> None:
    await acts.is_parked(served)

    found = (await findings(served))["PARKED"]
    assert found.sentence("id").startswith("1 pesan tertahan di bawaslu")


async def test_a_peer_that_was_heard_daily_and_then_no_more_is_silent(served: Served, tmp_path: Path) -> None:
    await until(lambda: is_followed(tmp_path))  # what is there before is dropped
    today = datetime.now(UTC).date()
    days = json.dumps([(today - timedelta(days=ago)).isoformat() for ago in range(40, 34, -1)])
    with sqlite3.connect(tmp_path / "bawaslu" / "desk.sqlite") as database:
        last = f"{today - timedelta(days=35)} 03:00:00.000000+00:00"
        database.execute("INSERT INTO monitor_feed VALUES ('bawaslu', 'kasn', ?, 6, ?)", (last, days))

    await until(lambda: says(served, "PEER_SILENT"))

    found = (await findings(served))["PEER_SILENT"]
    assert found.sentence("en").startswith("Nothing came from kasn to bawaslu for 3")


async def test_a_stream_that_refuses_is_said_and_forgotten_when_it_takes_again(
    served: Served, nats_server: NatsServer
) -> None:
    client = await nats.connect(nats_server.url)
    js = client.jetstream()
    usual = (await js.stream_info(subjects.STREAM)).config
    await js.publish("netral.v1.kasn.kasn.statement", b"it is full now")
    await js.update_stream(usual.evolve(discard=DiscardPolicy.NEW, max_msgs=1))

    await acts.is_sent(served)
    await until(lambda: says(served, "STREAM_REFUSES"))

    await js.update_stream(usual)
    await client.close()
    await until(lambda: lacks(served, "STREAM_REFUSES"))


async def test_a_host_whose_password_nats_does_not_know_is_told_so(tmp_path: Path) -> None:
    desks.write_trust(tmp_path)
    users = provision.users({"kasn": ["kasn"]}, {"admin": "a", "kasn": "right"})
    async with NatsServer(tmp_path / "nats", users) as server:
        settings = desks.settings(
            tmp_path, "kasn", nats_url=server.url, nats_user="kasn", nats_password="wrong"
        )
        async with desks.serve("kasn", settings) as kasn:
            await until(lambda: says(kasn, "NATS_REFUSES_USER"))

            assert set(await findings(kasn)) == {"NATS_REFUSES_USER"}


async def test_a_host_is_found_by_its_settings(served: Served) -> None:
    settings = served.running.settings
    names = ("parties_file", "keys_folder", "state_folder")
    variables = {f"NETRAL_{name.upper()}": str(getattr(settings, name)) for name in names}
    elsewhere = {**variables, "NETRAL_STATE_FOLDER": str(settings.keys_folder)}
    words = ("doctor", "--environment", "--json")
    netral = Netral(settings.state_folder)

    done = await asyncio.to_thread(lambda: netral(*words, variables=variables))
    none = await asyncio.to_thread(lambda: netral(*words, variables=elsewhere))

    assert (done.code, {each["code"] for each in done.json["findings"]}) == (0, set())
    assert (none.code, {each["code"] for each in none.json["findings"]}) == (1, {"DESK_DOWN"})


def test_a_key_that_others_can_read_is_named(tmp_path: Path) -> None:
    desks.write_trust(tmp_path)
    settings = desks.settings(tmp_path, "kasn")
    os.chmod(settings.keys_folder / "storage.key", 0o644)

    (found,) = of_files.of_host(settings)

    assert "make it 0600" in found.sentence("en")

"""`netral doctor` and `netral status` say what is wrong with an installation, and what to do, in one sentence each."""

import asyncio
import json
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import nats
import pytest
import pytest_asyncio

from exchange.bus import subjects
from operations.doctor import of_desks, of_files
from operations.local.processes import NATS, ProcessManager
from support.netral import Netral, Ran
from support.processes import a_small_world
from support.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ProcessManager]:
    """An installation that runs; each test leaves it whole."""
    folder = tmp_path_factory.mktemp("doctor")
    state = a_small_world(folder / "world")
    settings = {
        "NETRAL_RESEND_SECONDS": "1",
        "NETRAL_PAIRING_SECONDS": "0",
        "NETRAL_CLOCK_SECONDS": "10",  # as it is by default, but not in tests
        "NETRAL_CLOCK_STANDS_FILE": str(state.clock_stands_file.absolute()),
    }
    manager = ProcessManager(state, "", settings, say=print)
    await manager.start()
    yield manager
    await manager.stop()


async def ran(world: ProcessManager, *words: str) -> Ran:
    """Run the command on the installation, with its answer as JSON."""
    netral = Netral(world.state.folder)
    return await asyncio.to_thread(netral, *words, "--state", str(world.state.folder), "--json")


async def finds(world: ProcessManager, wanted: set[str]) -> bool:
    """True if just this is wrong. In the test's process: a run of the command for each look would cost more."""
    running = world.state.running()
    assert running is not None
    found = [*of_files.of_installation(world.state), *await of_desks.of_world(world.state, running)]
    return {each.code for each in found if each.grave} == wanted


async def test_a_whole_installation_has_nothing_wrong(world: ProcessManager) -> None:
    await until(lambda: finds(world, set()))

    done = await ran(world, "doctor")
    assert (done.code, done.json) == (0, {"well": True, "findings": []})


async def test_a_clock_that_stands_still_is_worth_knowing_and_not_wrong(world: ProcessManager) -> None:
    world.state.stop_clock("a demonstration of years ago")
    await until(lambda: notes(world, {"STANDS_STILL"}))

    world.state.clock_stands_file.unlink()
    await until(lambda: notes(world, set()))


async def notes(world: ProcessManager, wanted: set[str]) -> bool:
    """True if nothing is wrong, and just this is worth knowing."""
    running = world.state.running()
    assert running is not None
    found = await of_desks.of_world(world.state, running)
    return {each.code for each in found} == wanted


async def test_nats_that_is_away_is_said_in_both_languages(world: ProcessManager) -> None:
    child = world.children[NATS]
    usual, child.command = child.command, [sys.executable, "-c", "raise SystemExit('no NATS today')"]
    world.kill(NATS)
    await until(lambda: finds(world, {"NATS_AWAY"}))

    english, indonesian = await ran(world, "status"), await ran(world, "--lang", "id", "doctor")
    assert "kasn does not reach NATS: start the server" in english.out
    assert "kasn tidak dapat mencapai NATS: jalankan servernya" in indonesian.out
    assert (english.code, indonesian.code) == (1, 1)

    child.command = usual
    await until(lambda: finds(world, set()))


async def test_a_message_that_nobody_signed_is_parked_and_said(world: ProcessManager) -> None:
    client = await nats.connect(world.nats_url, user="admin", password=world.state.passwords()["admin"])
    subject = str(subjects.Subject("bawaslu", "kasn", subjects.STATEMENT))
    await client.jetstream().publish(subject, b"\xff\xfe")
    await client.close()

    await until(lambda: finds(world, {"PARKED"}))

    with sqlite3.connect(world.state.host("kasn") / "kasn.sqlite") as database:
        database.execute("DELETE FROM parked_bytes")
    await until(lambda: finds(world, set()))


async def test_a_locked_database_is_away(world: ProcessManager) -> None:
    database = sqlite3.connect(world.state.host("ppk") / "ppk.sqlite", isolation_level=None)
    database.execute("BEGIN EXCLUSIVE")
    await until(lambda: finds(world, {"DATABASE_AWAY"}))

    database.execute("ROLLBACK")
    database.close()
    await until(lambda: finds(world, set()))


async def test_files_of_trust_that_cannot_be_used_are_named(world: ProcessManager) -> None:
    key, parties = world.state.keys("kasn") / "kasn.pem", world.state.parties_file
    whole = parties.read_text()
    key.chmod(0o644)
    parties.write_text("{}")

    told = {each.code: each.sentence("en") for each in of_files.of_installation(world.state)}

    key.chmod(0o600)
    parties.write_text(whole)
    assert "make it 0600" in told["KEYS_UNREADABLE"]
    assert "put back the version that all parties agreed on" in told["PARTIES_UNREADABLE"]


# In the soak: a desk that does not start is waited for twice.
@pytest.mark.soak
async def test_a_desk_that_cannot_start_is_said_with_the_reason_of_its_log(world: ProcessManager) -> None:
    child = world.children["ppk"]
    taken = world.addresses["kasn"]
    usual = child.environment
    child.environment = {**usual, "NETRAL_GRPC_LISTEN": taken}
    world.kill("ppk")
    await until(lambda: finds(world, {"PORT_TAKEN"}))

    child.environment = {**usual, "NETRAL_PARTIES_FILE": "/nowhere/parties.json"}
    await until(lambda: finds(world, {"DESK_REFUSES"}))

    child.environment = usual
    await until(lambda: finds(world, set()))


async def test_an_installation_that_does_not_run_or_is_none_is_said_with_what_to_do(tmp_path: Path) -> None:
    state = a_small_world(tmp_path / "world")
    netral = Netral(tmp_path)

    stopped = await asyncio.to_thread(netral, "doctor", "--state", str(state.folder))
    none = await asyncio.to_thread(netral, "--lang", "id", "doctor", "--state", "nothing", "--json")

    assert (stopped.code, none.code) == (1, 1)
    assert "is not running: start it with `netral up`." in stopped.out
    assert json.loads(none.out)["findings"][0]["sentence"].startswith("nothing tidak berisi instalasi")

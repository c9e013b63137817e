"""Makes a world to keep: `make compat-world WORLD=world-2`, at the last commit of its format. Everything in it is invented.

It is made twice, on SQLite and on PostgreSQL, each with a state folder of its own (its keys are real keys of nobody, for tests
only). Kept are two archives and the list of statement types of the day, all in a folder of its own here.
"""

import asyncio
import io
import json
import lzma
import os
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agreement.information import legal_bases
from compat import play
from compat.hosts import addresses, running
from compat.officers import Officers
from exchange.bus import provision
from host.lifecycle import process
from operations.local.development_world import make_world
from operations.local.installation import BY_LAW, HOSTS, Installation
from support.nats import NatsServer
from support.postgres import PostgresServer, TestRun, find_binaries

HERE = Path(__file__).parent
BEFORE, DECREED = datetime(2024, 2, 1, 3, tzinfo=UTC), datetime(2024, 2, 7, 3, tzinfo=UTC)
LATE, PASSED = datetime(2024, 8, 30, 3, tzinfo=UTC), datetime(2024, 9, 4, 3, tzinfo=UTC)
BKN_LATE = datetime(2024, 10, 31, 3, tzinfo=UTC)
NAMES = [f"{name}{vault}" for name in HOSTS for vault in ("", "_vault")]


def main() -> None:
    process.start_log("ERROR")
    make(HERE / sys.argv[1])


def make(folder: Path) -> None:
    """Make a world on databases of both kinds, and keep it in this new folder."""
    folder.mkdir()
    types = sorted(legal_bases.statement_types())
    with tempfile.TemporaryDirectory(prefix="netral-compat-") as made:
        state = a_state(Path(made) / "sqlite")
        asyncio.run(tell(state, ""))
        for name in NAMES:
            settle_file(state.host(name.removesuffix("_vault")) / f"{name}.sqlite")
        pack(state.folder, folder / "sqlite.tar.xz")
        with a_server() as server:
            state = a_state(Path(made) / "postgresql")
            for name in NAMES:
                server.sql(f'CREATE DATABASE "{name}" TEMPLATE template0')
            asyncio.run(tell(state, server.url("{name}")))
            for name in NAMES:
                dump(server, name, state.folder / f"{name}.sql")
        pack(state.folder, folder / "postgresql.tar.xz")
    (folder / "statements.txt").write_text("\n".join(types) + "\n")


def a_state(folder: Path) -> Installation:
    """The folder of a new world, in which Kemendagri warns and is no authority, so that it speaks as the warner."""
    state = Installation(folder)
    make_world(state, BY_LAW, authorities=play.AUTHORITIES)
    document = json.loads(state.parties_file.read_text())
    for party in document["parties"]:
        if party["id"] == "kemendagri":
            party["roles"] = [held for held in party["roles"] if held["role"] == "warner"]
    state.parties_file.write_text(json.dumps(document, indent=1))
    return state


async def tell(state: Installation, template: str) -> None:
    """Play everything, each part at its time; what a test needs to go on stands in `kept.json`."""
    with tempfile.TemporaryDirectory(prefix="netral-nats-") as bus:
        async with NatsServer(Path(bus), sync_always=False) as nats:
            await provision.provision(nats.url, None, state.hosts())
            await tell_over(state, template, nats.url)


async def tell_over(state: Installation, template: str, nats_url: str) -> None:
    async with running(state, template, nats_url, BEFORE) as hosts:
        with Officers(addresses(hosts)) as officers:
            cases = await asyncio.to_thread(play.before_the_decree, officers)
            indication = await asyncio.to_thread(play.prevention_and_supervision, officers)
    async with running(state, template, nats_url, DECREED) as hosts:
        with Officers(addresses(hosts)) as officers:
            turn_to(officers, cases)
            await asyncio.to_thread(play.the_clock_goes, officers, cases)
    async with running(state, template, nats_url, LATE) as hosts:
        with Officers(addresses(hosts)) as officers:
            turn_to(officers, cases)
            await asyncio.to_thread(play.late_follow_ups, officers, cases)
            await asyncio.to_thread(play.erasures, officers, cases["erased"], indication)
    await pass_the_role(state, template, nats_url, cases)
    story = cases["open"].story
    kept = {"matter": story.matter, "addressee": story.addressee, "examiner": "bkn", "nip": story.person.nip}
    (state.folder / "kept.json").write_text(json.dumps(kept, indent=1) + "\n")


async def pass_the_role(
    state: Installation, template: str, nats_url: str, cases: dict[str, play.Case]
) -> None:
    """BKN is the examiner; an answer that was on its way to KASN is forwarded."""
    async with running(state, template, nats_url, PASSED) as hosts:
        await hosts["ppk"].end_loop("relay")
        with Officers(addresses(hosts)) as officers:
            await asyncio.to_thread(officers.ask, play.REGENCY, play.an_answer(cases["asked"]))
            await asyncio.to_thread(officers.ask, "kasn", play.a_transfer())
            took_over = lambda: play.said(  # noqa: E731
                officers, "kasn", "netral.examiner.took_over.v1", cases["asked"]
            )
            await asyncio.to_thread(officers.until, took_over, "BKN takes over")
    async with running(state, template, nats_url, PASSED + timedelta(hours=1)) as hosts:
        with Officers(addresses(hosts)) as officers:
            await asyncio.to_thread(officers.settle)
            turn_to(officers, cases)
            await asyncio.to_thread(play.recommended_by_bkn, cases["waiting"])
    async with running(state, template, nats_url, BKN_LATE) as hosts:
        with Officers(addresses(hosts)) as officers:
            turn_to(officers, cases)
            await asyncio.to_thread(play.reprimanded_by_bkn, cases["waiting"])


def turn_to(officers: Officers, cases: dict[str, play.Case]) -> None:
    for case in cases.values():
        case.officers = officers


# --- keeping it ----------------------------------------------------------------------------------------------------


def settle_file(file: Path) -> None:
    """One file, as small as it can be: no write-ahead log beside it, no free pages in it."""
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("VACUUM")
    connection.close()


@contextmanager
def a_server() -> Iterator[PostgresServer]:
    run = TestRun.make()
    held = run.hold()
    try:
        yield run.server()
    finally:
        run.let_go(held)


def dump(server: PostgresServer, name: str, file: Path) -> None:
    """The database as SQL."""
    words = [find_binaries() / "pg_dump", "-h", server.folder, "-U", "postgres", "--no-owner", "-d", name]
    file.write_bytes(subprocess.run(words, check=True, capture_output=True).stdout)


def pack(folder: Path, archive: Path) -> None:
    """Everything in the folder but what only the run needed, the same bytes for the same files."""
    left_out = {"logs", "lock", "run.json", "ports.json", "peers.json"}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder)
            if left_out.isdisjoint(name.parts):
                entry = tar.gettarinfo(path, str(name))
                entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname = 0, 0, 0, "", ""
                with path.open("rb") if path.is_file() else open(os.devnull, "rb") as content:
                    tar.addfile(entry, content if path.is_file() else None)
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 1 << 26}]
    archive.write_bytes(lzma.compress(packed.getvalue(), filters=filters))


if __name__ == "__main__":
    main()

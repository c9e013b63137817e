"""Cost of witnessing: one cosignature on loopback, and a round over the logs of every personnel authority.

    PYTHONPATH=tests python -m bench.witness [--requests N] [--logs N]

1. one request after the other over HTTP keep-alive and over NATS, p50 and p99, each beside its floor in the same run: the
   signature check, one durable row, the signature, without any server;
2. a round: N logs that have grown are cosigned by two witnesses over NATS, cosignatures verified and stored; then a round in
   which ten of them have grown, and one in which none has.

SQLite, `synchronous=FULL`, NATS as in production. The machine is noisy: read the ratios.
"""

import argparse
import asyncio
import itertools
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import aiohttp
from rich.console import Console
from rich.table import Table

from audit import http_api
from audit.formats import note, tlog
from audit.formats.checkpoint import Checkpoint
from audit.formats.cosignature import CosigningKey
from audit.formats.note import KnownKey
from audit.http_server import Server
from audit.tables import AuditTable, HashTile, SignedCheckpoint
from audit.witnessing.collector import Answered, CosignatureCollector
from audit.witnessing.quorum import Cosigner, Part
from audit.witnessing.rules import AddCheckpoint
from audit.witnessing.store import Witnesses
from exchange.bus import provision, subjects
from exchange.bus.connection import Access, Bus, Reply
from storage.engines import Database
from storage.upserts import upsert
from support.cosigners import ed25519, ml_dsa, signer
from support.nats import NatsServer

WITNESSES = ("supervisor", "examiner")
PASSWORDS = {"admin": "admin-secret", "logs": "logs-secret", "witnesses": "witnesses-secret"}


def now() -> datetime:
    return datetime.now(UTC)


class Logs:
    """Logs that grow by a leaf whenever they are asked to, in a database as the sequencer leaves it."""

    def __init__(self, count: int) -> None:
        self.parties = [f"ppk-{number:04d}" for number in range(count)]
        self.signers = {
            party: signer(f"netral/{party}", 1 + number % 250) for number, party in enumerate(self.parties)
        }
        self._leaf = itertools.count()
        self._leaves: dict[str, list[bytes]] = {party: [] for party in self.parties}

    def head(self, party: str) -> tuple[Checkpoint, str]:
        leaves = self._leaves[party]
        head = Checkpoint(f"netral/{party}", len(leaves), tlog.root_of(leaves))
        return head, note.sign(head.text(), [self.signers[party]])

    def grow(self, party: str) -> None:
        self._leaves[party].append(next(self._leaf).to_bytes(32, "big"))

    def request(self, party: str) -> bytes:
        """Grow, and ask for a cosignature of that."""
        old = len(self._leaves[party])
        self.grow(party)
        tiles = tlog.extend(0, {}, self._leaves[party])
        proof = tuple(tlog.consistency_proof(old, old + 1, tiles))
        return AddCheckpoint(old, proof, self.head(party)[1]).text().encode()

    async def write(self, database: Database, parties: Sequence[str]) -> None:
        heads, tiles = [], []
        for party in parties:
            self.grow(party)
            head, signed = self.head(party)
            heads.append(
                {"party": party, "size": head.size, "root": head.root, "note": signed, "time": now()}
            )
            tiles += [
                {"party": party, "level": tile.level, "number": tile.number, "hashes": content}
                for tile, content in tlog.extend(0, {}, self._leaves[party]).items()
            ]
        async with database.write() as connection:
            await upsert(connection, SignedCheckpoint, heads)
            await upsert(connection, HashTile, tiles)

    def trusted(self, witness: str, origin: str) -> Sequence[KnownKey]:
        return [self.signers[origin.removeprefix("netral/")].verifier]


async def a_database(folder: Path, name: str) -> Database:
    database = Database(f"sqlite:///{folder / name}.sqlite")
    async with database.write() as connection:
        await connection.run_sync(AuditTable.metadata.create_all)
    return database


def keys_of(kinds: str) -> dict[str, list[CosigningKey]]:
    found: dict[str, list[CosigningKey]] = {}
    for number, witness in enumerate(WITNESSES):
        name = f"netral/{witness}/witness"
        found[witness] = [
            ed25519(name, 60 + number),
            *([ml_dsa(name, 70 + number)] if kinds == "both" else []),
        ]
    return found


Times = list[tuple[float, float]]
"""Milliseconds of each request, as they passed and of this process's CPU: the second tells on a machine that others use."""


async def timed(ask: Callable[[bytes], Awaitable[int]], logs: Logs, count: int) -> Times:
    """One request after the other; the first tenth warms up."""
    party, times = logs.parties[0], []
    for number in range(count + count // 10):
        body = logs.request(party)
        began, cpu = time.perf_counter(), time.process_time()
        status = await ask(body)
        took, used = time.perf_counter() - began, time.process_time() - cpu
        assert status == 200, status
        if number >= count // 10:
            times.append((took * 1000, used * 1000))
    return times


def floor(folder: Path, logs: Logs, count: int) -> Times:
    """The same without a server: check the log's signature, one durable row, sign."""
    connection = sqlite3.connect(folder / "floor.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE head (origin TEXT PRIMARY KEY, size INTEGER, note TEXT)")
    party, times = logs.parties[0], []
    key = ed25519("netral/supervisor/witness", 60)
    for _ in range(count):
        logs.grow(party)
        head, signed = logs.head(party)
        began, cpu = time.perf_counter(), time.process_time()
        note.open_note(signed, [logs.signers[party].verifier])
        key.cosign(head, 1_900_000_000)
        row = (head.origin, head.size, signed)
        connection.execute(
            "INSERT INTO head VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET size=excluded.size", row
        )
        times.append(((time.perf_counter() - began) * 1000, (time.process_time() - cpu) * 1000))
    return times


async def one_by_one(folder: Path, nats_url: str, count: int) -> list[tuple[str, Times]]:
    rows = [("floor: check, durable row, sign", floor(folder, Logs(1), count))]
    for kinds in ("ed25519", "both"):
        logs = Logs(1)
        database = await a_database(folder, f"http-{kinds}")
        witnesses = Witnesses(database, keys_of(kinds), logs.trusted, now)
        server = Server(partial(http_api.application, database, [], witnesses), "127.0.0.1:0")
        await server.start()
        async with aiohttp.ClientSession() as session:

            async def post(body: bytes) -> int:
                url = f"http://{server.address}/witness/supervisor/add-checkpoint"  # noqa: B023
                async with session.post(url, data=body) as answer:
                    await answer.read()
                    return answer.status

            rows.append((f"HTTP, {kinds}", await timed(post, logs, count)))
        await server.stop()

        rows.append((f"NATS, {kinds}", await over_nats(folder, nats_url, kinds, count)))
    return rows


async def over_nats(folder: Path, nats_url: str, kinds: str, count: int) -> Times:
    """One cosignature after the other, asked for over NATS."""
    logs = Logs(1)
    database = await a_database(folder, f"nats-{kinds}")
    async with buses(nats_url, folder, Witnesses(database, keys_of(kinds), logs.trusted, now)) as asking:

        async def request(body: bytes) -> int:
            subject = subjects.Subject("ppk-0000", "supervisor", subjects.WITNESS)
            return (await asking.request(subject, body, 5)).status

        return await timed(request, logs, count)


def a_server(folder: Path, logs: int) -> NatsServer:
    """NATS with accounts for the witnesses and for so many logs."""
    hosts = {"witnesses": list(WITNESSES), "logs": Logs(logs).parties}
    text = provision.server_config(
        hosts, PASSWORDS, listen="127.0.0.1:-1", store_folder=str(folder / "nats" / "store")
    )
    return NatsServer(folder / "nats", text)


class buses:
    """The witnesses answer on one connection; gives another one that asks."""

    def __init__(self, url: str, folder: Path, witnesses: Witnesses) -> None:
        self._buses = []
        for name in ("witnesses", "logs"):
            secret = folder / f"{name}.password"
            secret.write_text(PASSWORDS[name])
            self._buses.append(Bus(Access(url, name, secret), name))
        for party in WITNESSES:

            async def answer(data: bytes, party: str = party) -> Reply:
                given = await witnesses.add_checkpoint(party, data)
                return Reply(given.status, given.body.encode(), given.content_type)

            self._buses[0].answer(party, answer)

    async def __aenter__(self) -> Bus:
        for bus in self._buses:
            await bus.connect()
        return self._buses[1]

    async def __aexit__(self, *error: object) -> None:
        for bus in self._buses:
            await bus.close()


async def rounds(folder: Path, nats_url: str, count: int, kinds: str) -> list[tuple[str, float]]:
    logs, keys = Logs(count), keys_of(kinds)
    own, elsewhere = await a_database(folder, f"logs-{kinds}"), await a_database(folder, f"witnesses-{kinds}")
    cosigners = [
        Cosigner(
            f"netral/{party}/witness", tuple(key.verifier for key in keys[party]), Part.PEER, party=party
        )
        for party in WITNESSES
    ]
    found = []
    async with buses(nats_url, folder, Witnesses(elsewhere, keys, logs.trusted, now)) as asking:

        async def ask(log: str, to: Cosigner, body: bytes) -> Answered:
            reply = await asking.request(subjects.Subject(log, to.party, subjects.WITNESS), body, 20)
            return Answered(reply.status, reply.data.decode())

        collecting = CosignatureCollector(own, logs.parties, lambda party, at: cosigners, ask, now)
        for words, grown in (("all", count), ("all again", count), ("ten", 10), ("none", 0)):
            await logs.write(own, logs.parties[:grown]) if grown else None
            collecting.on_new_checkpoints(logs.parties[:grown])
            began = time.perf_counter()
            done = await collecting.run_once()
            found.append(
                (f"{words} of {count} logs grew, {kinds}: {done} cosigned", time.perf_counter() - began)
            )
            assert done == grown * len(WITNESSES)
    return found


async def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--logs", type=int, default=680)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with a_server(folder, given.logs) as server:
            single = await one_by_one(folder, server.url, given.requests)
            whole = [
                row
                for kinds in ("ed25519", "both")
                for row in await rounds(folder, server.url, given.logs, kinds)
            ]
    table = Table("one cosignature, asked and answered in this process", "p50 ms", "p99 ms", "CPU p50 ms")
    for words, times in single:
        cuts = statistics.quantiles([took for took, _ in times], n=100)
        cpu = statistics.median(used for _, used in times)
        table.add_row(words, f"{cuts[49]:.2f}", f"{cuts[98]:.2f}", f"{cpu:.2f}")
    Console(width=100).print(table)
    table = Table("a round over two witnesses", "seconds")
    for words, seconds in whole:
        table.add_row(words, f"{seconds:.3f}")
    Console(width=100).print(table)


if __name__ == "__main__":
    asyncio.run(main())

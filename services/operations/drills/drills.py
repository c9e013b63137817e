"""Drills: harm is done to a world that runs, and it has to end in refusal or repair, with evidence, and nothing lost.

Each drill is a function of a fresh `DrillWorld`; it raises `Failed` if a promise was not held. `play` runs one and writes its
evidence: what was done, what the processes and the checks said, and how it ended. Shipped for operators (`netral drill`) and run
as tests.
"""

import asyncio
import contextlib
import json
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import nats
from nats.js.errors import NotFoundError
from sqlalchemy import BLOB, LargeBinary, MetaData, Table, select, text, update

from audit.formats import note
from audit.formats.leaf import Kind
from audit.sequencing import writer_lease
from audit.sequencing.sequencer import Sequencer
from audit.sequencing.writer_lease import Lease
from audit.tables import ChainPage, HashTile, Leaf, LeafIndex, PendingLeaf, SignedCheckpoint
from exchange.bus import subjects
from exchange.statements import envelope, trust
from exchange.tables import ConflictSeen, ParkedBytes
from host.process import REFUSED
from netral.exchange.v1 import receipt_pb2, statement_pb2
from operations.drills import killable_host
from operations.drills.world import DrillWorld, Failed
from operations.local.client import Refused
from operations.local.installation import HOSTS
from operations.local.processes import CannotStart
from operations.selfcheck.check import Progress, check_host
from storage.types import table

_START_ALONE_WITHIN = writer_lease.LENGTH.total_seconds() + 40


class CannotPlay(Exception):
    """This drill needs something that is not there; the message says what."""


@dataclass(frozen=True)
class Drill:
    """A drill: `what` is done, and how it has to `end`."""

    name: str
    what: str
    end: str
    run: Callable[[DrillWorld], Awaitable[None]]


# kill -9 at each step


async def kill(world: DrillWorld) -> None:
    """A host is killed before and after each step that a statement takes through it."""
    await world.start()
    for point in killable_host.POINTS:
        for host in _hosts_of(point):
            world.order(host, kill=point)
            await world.play_case()
            await world.until(lambda host=host: not world.ordered(host), f"{host} reached {point}")  # type: ignore[misc]
            await world.supervisor.healthy()
            world.show("killed", host=host, at=point)
    await world.check_whole()


def _hosts_of(point: str) -> tuple[str, ...]:
    # The examiner's host does everything: it hears, decides and tells. Of the others, what they do more.
    return ("kasn", "bawaslu") if "command" in point else ("kasn",)


# A database that is older than what was published


async def backup(world: DrillWorld) -> None:
    """A host's database is put back to a backup: it refuses to start; with the newer database it goes on."""
    await world.start()
    await world.play_case()
    await world.settle()
    await world.stop()
    await world.back_up("kasn")
    await world.start()
    await world.play_case()
    await world.settle()
    await world.stop()
    await world.rename("kasn", "kasn_newest")
    await world.restore("kasn")
    code, said = await start_alone(world, "kasn")
    _must(code == REFUSED and "LogRolledBack" in said, f"it started on an old backup: {code}: {said}")
    world.show("refused", host="kasn", code=code, log=said)
    await world.rename("kasn_newest", "kasn")
    await world.start()
    await world.play_case()
    await world.check_whole()


# Two writers


async def writers(world: DrillWorld) -> None:
    """A second process is started on the same database: it refuses. One that wakes up late is pushed aside and ends."""
    await world.start()
    await world.play_case()
    code, said = await start_alone(world, "kasn")
    _must(code == REFUSED and "AnotherWriter" in said, f"a second process started: {code}: {said}")
    world.show("refused on the same state folder", code=code, log=said)
    second = world.copy_of_state("kasn")
    code, said = await start_alone(world, "kasn", NETRAL_STATE_FOLDER=str(second))
    _must(code == REFUSED and "AnotherWriter" in said, f"a second process started: {code}: {said}")
    world.show("refused on another state folder", code=code, log=said)
    await _push_aside(world, second)
    await world.check_whole()


async def _push_aside(world: DrillWorld, second: Path) -> None:
    """The first process sleeps longer than its lease, a second one takes over, the first wakes up."""
    first = world.supervisor.children["kasn"].process
    assert first is not None
    os.kill(first.pid, signal.SIGSTOP)
    free = {"NETRAL_GRPC_LISTEN": "127.0.0.1:0", "NETRAL_HTTP_LISTEN": "127.0.0.1:0"}
    other = await spawn(world, "kasn", NETRAL_STATE_FOLDER=str(second), **free)
    try:
        await world.until(
            lambda: (second / "kasn.address").exists() or other.returncode is not None,
            "the second process serves",
            _START_ALONE_WITHIN,
        )
        _must(other.returncode is None, f"the second process ended: {world.log_of('kasn-second')}")
        os.kill(first.pid, signal.SIGCONT)
        await world.until(lambda: first.returncode is not None, "the first process ends", 60)
        _must(first.returncode == REFUSED, f"the first process ended with {first.returncode}")
        world.show("pushed aside", code=first.returncode, log=world.log_of("kasn", 3))
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(first.pid, signal.SIGCONT)
        with contextlib.suppress(ProcessLookupError):
            other.terminate()
        await other.wait()
    await world.supervisor.healthy()


# A peer that lies


async def liar(world: DrillWorld) -> None:
    """The examiner sends strange bytes, a statement under a foreign signature, two statements of one number, a false receipt."""
    await world.start()
    matter = await world.play_case()
    await world.settle()
    told = await _statement_of(world, "kasn", "bawaslu")
    twin = statement_pb2.Statement.FromString(told.payload)
    twin.time.nanos = (twin.time.nanos + 1000) % 10**9
    twin.commitment = b""
    keys = trust.read_private_keys(world.state.keys("kasn"), "kasn")
    foreign = trust.new_keys()
    payload = twin.SerializeToString(deterministic=True)
    second = envelope.sign(payload, envelope.STATEMENT, keys.signing, keys.keyid)
    forged = envelope.sign(payload, envelope.STATEMENT, foreign.signing, foreign.keyid)
    heard = await _statement_of(world, "bawaslu", "kasn")
    lie = _false_receipt(heard, keys)
    await _publish(world, [("statement", b"\x00garbage"), ("statement", _parcel(forged))])
    await _publish(world, [("statement", _parcel(second)), ("receipt", _bundle(lie))])
    await world.until(lambda: _rows(world, "bawaslu", ConflictSeen), "the second statement is a conflict")
    await world.until(lambda: _at_least(world, "bawaslu", ParkedBytes, 2), "what nobody signed is parked")
    conflicts = await _rows(world, "bawaslu", ConflictSeen)
    parked = await _rows(world, "bawaslu", ParkedBytes)
    _must({row.matter for row in conflicts} == {matter}, "the conflict names its matter")
    world.show(
        "conflict", matter=matter, rows=[f"{row.type} {row.reason} {row.digest.hex()}" for row in conflicts]
    )
    world.show("parked", rows=[f"{row.subject} {row.reason}" for row in parked])
    await world.play_case()
    # What the examiner signed twice stays in the logs for good, and whoever checks them is told so.
    await world.check_whole(disputed={matter})


def _false_receipt(heard: envelope.Envelope, keys: trust.PrivateKeys) -> bytes:
    """A refusal of a statement that was taken up, for bytes that it did not have."""
    said = statement_pb2.Statement.FromString(heard.payload)
    payload = receipt_pb2.Receipt(
        statement_id=said.id,
        envelope_digest=bytes(32),
        sender=said.sender,
        recipient=said.recipient,
        sequence=said.sequence,
        stage=receipt_pb2.Receipt.STAGE_OUTCOME,
        outcome=receipt_pb2.Receipt.OUTCOME_REFUSED,
        reason="WRONG_STATE",
        custody_time=said.time,
        time=said.time,
    )
    return envelope.sign(
        payload.SerializeToString(deterministic=True), envelope.RECEIPT, keys.signing, keys.keyid
    )


def _parcel(data: bytes) -> bytes:
    return statement_pb2.Parcels(parcels=[statement_pb2.Parcel(envelope=data)]).SerializeToString()


def _bundle(data: bytes) -> bytes:
    return statement_pb2.Envelopes(envelopes=[data]).SerializeToString()


async def _publish(world: DrillWorld, messages: list[tuple[str, bytes]]) -> None:
    """Send bytes to Bawaslu as the examiner's host could."""
    client = await nats.connect(
        world.supervisor.nats_url,
        user="kasn",
        password=world.state.passwords()["kasn"],
        inbox_prefix=subjects.inbox_prefix("kasn").encode(),
    )
    try:
        for kind, data in messages:
            subject = subjects.Subject("kasn", "bawaslu", kind)
            await client.jetstream().publish(str(subject), data, stream=subjects.STREAM)
    finally:
        await client.close()


# The clock


async def clock(world: DrillWorld) -> None:
    """A host is started with its clock a day behind: it refuses, and goes on when the clock is right again."""
    await world.start()
    await world.play_case()
    await world.settle()
    await world.stop()
    world.order("kasn", clock=-86_400)
    code, said = await start_alone(world, "kasn")
    _must(code == REFUSED and "ClockBehind" in said, f"it started with a wrong clock: {code}: {said}")
    world.show("refused", code=code, log=said)
    killable_host.orders_file(world.state.host("kasn")).unlink()
    await world.start()
    await world.play_case()
    await world.check_whole()


# A full disk


async def disk(world: DrillWorld) -> None:
    """The kernel takes no more bytes for Bawaslu's database: calls are refused whole, and accepted again when there is room."""
    await world.start()
    await world.play_case()
    await world.settle()
    limit = await _room(world)
    await _let_files_grow(await _who_writes(world), limit)
    refused = await _fill(world)
    world.show("refused", reason=refused, limit_bytes=limit, acknowledged=len(world.acknowledged))
    await _let_files_grow(await _who_writes(world), resource.RLIM_INFINITY)
    await world.supervisor.healthy()
    await world.play_case()
    await world.check_whole()


# Becomes the owner of the process: the kernel lets only that user do it, or one that may do everything.
_LIMIT = """
import os, resource, sys
pid, limit, user, group = map(int, sys.argv[1:])
if os.geteuid() == 0 and (user or group):
    os.setgroups([]); os.setgid(group); os.setuid(user)
resource.prlimit(pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
"""


async def _let_files_grow(processes: list[int], limit: int) -> None:
    """Set how large a file these processes may make (bytes)."""
    for process in processes:
        owner = _owner(process)
        if owner is None:
            continue  # a connection that has ended
        order = [str(word) for word in (process, limit, *owner)]
        done = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", "-c", _LIMIT, *order), stderr=asyncio.subprocess.PIPE
        )
        _, said = await done.communicate()
        if done.returncode and _owner(process) is not None:
            raise CannotPlay(f"the room of process {process} cannot be limited: {said.decode()[-200:]}")


def _owner(process: int) -> tuple[int, int] | None:
    """User and group of a process; None if there is none."""
    try:
        found = os.stat(f"/proc/{process}")
    except FileNotFoundError:
        return None
    return found.st_uid, found.st_gid


async def _fill(world: DrillWorld) -> str:
    """Register reports with long texts until one is refused; gives the refusal."""
    for _ in range(400):
        try:
            await world.register("📷" * 8000, patience=3)
        except Refused as refusal:
            return f"{refusal.code} {refusal.reason}"
    raise Failed("the disk did not get full")


async def _who_writes(world: DrillWorld) -> list[int]:
    """The processes that write Bawaslu's database: its host, or all of the PostgreSQL server."""
    if not world.template:
        process = world.supervisor.children["bawaslu"].process
        assert process is not None
        return [process.pid]
    async with world.database("bawaslu") as database, database.read() as connection:
        found = await connection.execute(text("SELECT pid FROM pg_stat_activity"))
        backends = [row.pid for row in found]
        content = await connection.scalar(text("SELECT pg_read_file('postmaster.pid')"))
    server = int(content.split()[0])
    if _owner(server) is None:
        raise CannotPlay("the PostgreSQL server has to run on this machine")
    return [server, *backends]


async def _room(world: DrillWorld) -> int:
    """Return how large a file may become: a mebibyte more than those that are there."""
    if not world.template:
        folder = world.state.host("bawaslu")
        return max(file.stat().st_size for file in folder.glob("*.sqlite*")) + 2**20
    async with world.database("bawaslu") as database, database.read() as connection:
        segment = await connection.scalar(text("SELECT pg_size_bytes(current_setting('wal_segment_size'))"))
    if segment > 2**20:
        raise CannotPlay(
            "a full WAL stops the whole server: use one of its own, made with initdb --wal-segsize=1"
        )
    return int(segment) + 2**19


# Flipped bits

_NOT_COMPARED = {
    "alembic_version": "which migrations ran; a wrong one stops the start",
    "sequencer_lease": "who writes now; fenced by its epoch",
    "parked_bytes": "unauthenticated bytes, for an operator to look at",
    "dropped_bytes": "a counter of what was dropped",
    "monitor_position": "how far a projection has come; a wrong one is found by the rows it gives, or made anew",
    "cosigner_state": "how asking for cosignatures stands; asked again",
}
"""Tables that no leaf speaks for, and why a flipped bit there does no harm to the trail."""


async def flips(world: DrillWorld) -> None:
    """One bit of one value of each binary and text column is flipped, table by table: each is found and located."""
    await world.start()
    for _ in range(2):
        await world.play_case()
    await world.play_rooms()
    await world.settle()
    await world.check_whole()
    await world.stop()
    for host in HOSTS:
        missed = await _flip_all(world, host)
        _must(not missed, f"{host}: flipped and not found: {', '.join(missed)}")
    await world.start()
    await world.check_whole()


async def _flip_all(world: DrillWorld, host: str) -> list[str]:
    missed, found = [], {}
    async with world.database(host) as database:
        async with database.read() as connection:
            tables = await connection.run_sync(_reflected)
        for name in sorted(tables):
            if name in _NOT_COMPARED:
                continue
            harmed = await _flip(world, host, database, tables[name])
            if harmed is not None:
                column, findings = harmed
                found[f"{name}.{column}"] = findings[0] if findings else "NOT FOUND"
                missed += [] if findings else [f"{name}.{column}"]
    world.show("flipped and found", host=host, found=found, not_compared=_NOT_COMPARED)
    return missed


async def _flip(world: DrillWorld, host: str, database: Any, target: Table) -> tuple[str, list[str]] | None:
    """Flip a bit in a table's most telling column, check the host, and put it back; None if there is no row."""
    keys = list(target.primary_key)
    async with database.read() as connection:
        row = (await connection.execute(select(target).limit(1))).first()
    column = None if row is None else _telling(target, row)
    if row is None or column is None:
        return None
    value = row._mapping[column.name]
    where = [key == row._mapping[key.name] for key in keys]
    await _set(database, target, where, column.name, _flipped(value))
    try:
        checked = await check_host(host, world.settings(host), Progress())
    finally:
        await _set(database, target, where, column.name, value)
    return column.name, [f"{each.party} {each.kind}: {each.message}" for each in checked.findings]


def _telling(target: Table, row: Any) -> Any:
    """The column to harm: the last binary one that is filled, else the last text, that is no key."""
    rest: list[Any] = [
        column
        for column in target.columns
        if row._mapping[column.name]
        and not column.primary_key
        and column.name not in _FREE
        and f"{target.name}.{column.name}" not in _FREE
    ]
    binary = [column for column in rest if isinstance(column.type, LargeBinary | BLOB)]
    texts = [column for column in rest if column.type.python_type is str]
    found = binary or texts
    return found[-1] if found else None


# Words for people beside the facts, by which nothing is decided; and the keyed digest of a request's content, which is kept
# nowhere else: a wrong one makes a repeated call a conflict.
_FREE = {"detail", "reason", "request.digest"}


def _flipped(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        value = bytes(value)
        return value[:-1] + bytes([value[-1] ^ 1])
    return value[:-1] + ("x" if value[-1] != "x" else "y")


async def _set(database: Any, target: Table, where: list[Any], column: str, value: Any) -> None:
    async with database.write() as connection:
        await connection.execute(update(target).where(*where).values({column: value}))


def _reflected(connection: Any) -> dict[str, Table]:
    metadata_ = MetaData()
    metadata_.reflect(connection)
    return dict(metadata_.tables)


# The stream


async def stream(world: DrillWorld) -> None:
    """The whole stream is deleted while statements are on their way, and made again: all arrive, once."""
    await world.start()
    await world.play_case()
    admin = await nats.connect(
        world.supervisor.nats_url, user="admin", password=world.state.passwords()["admin"]
    )
    try:
        playing = [asyncio.create_task(world.play_case()) for _ in range(3)]
        await asyncio.wait(playing, timeout=0.3)
        await _empty(admin, world)
        await asyncio.gather(*playing)
    finally:
        await admin.close()
    await world.check_whole()


async def _empty(admin: Any, world: DrillWorld) -> None:
    js = admin.jetstream()
    try:
        state = (await js.stream_info(subjects.STREAM)).state
        await js.purge_stream(subjects.STREAM)
    except NotFoundError as error:
        raise Failed("there is no stream") from error
    world.show("purged", messages=state.messages)


# A log that is written anew under its own key


async def rewrite(world: DrillWorld) -> None:
    """The examiner changes what it recorded and signs its whole log anew: its own log verifies, the others' receipts do not."""
    await world.start()
    matter = await world.play_case()
    await world.settle()
    await world.stop()
    await _without_statement(world, "kasn", matter)
    await world.start()
    findings = await asyncio.to_thread(world.verify)
    named = [found for found in findings if found.kind == "other log" and found.matter == matter]
    _must(bool(named), f"the rewritten log was not found: {findings}")
    world.show("found", findings=[str(found) for found in named])


async def _without_statement(world: DrillWorld, host: str, matter: str) -> None:
    """Take a party's last statement on a matter out of its log, and sign a log without it from the first leaf on."""
    leaves = table(Leaf)
    async with world.database(host) as database:
        async with database.write() as connection:
            last = await connection.scalar(
                select(leaves.c.id)
                .where(
                    leaves.c.matter == matter, leaves.c.kind == int(Kind.STATEMENT), leaves.c.author == "kasn"
                )
                .order_by(leaves.c.id.desc())
                .limit(1)
            )
            await connection.execute(leaves.delete().where(leaves.c.id == last))
        await _sign_anew(world, host, database, "kasn")


async def drop(world: DrillWorld) -> None:
    """The examiner drops one whole case from its tables and its log without a word: the others' logs name the case."""
    await world.start()
    kept, dropped = await world.play_case(), await world.play_case()
    await world.settle()
    await world.stop()
    await _without_matter(world, "kasn", dropped)
    await world.start()
    findings = await asyncio.to_thread(world.verify)
    named = {found.matter for found in findings if found.kind == "other log"}
    _must(named == {dropped}, f"the case that was dropped was not the one named: {findings}")
    world.show("found", kept=kept, dropped=dropped, findings=[str(found) for found in findings])


async def _without_matter(world: DrillWorld, host: str, matter: str) -> None:
    async with world.database(host) as database:
        async with database.write() as connection:
            tables = await connection.run_sync(_reflected)
            for each in tables.values():
                names = each.columns.keys()
                if "matter" in names:
                    await connection.execute(each.delete().where(each.c.matter == matter))
                elif each.name == "matter":
                    await connection.execute(each.delete().where(each.c.id == matter))
        await _sign_anew(world, host, database, "kasn")


async def _sign_anew(world: DrillWorld, host: str, database: Any, party: str) -> None:
    """Do what a dishonest operator can: give the leaves that are left new places, under the log's own key."""
    leaves, pending = table(Leaf), table(PendingLeaf)
    async with database.write() as connection:
        for model in (LeafIndex, HashTile, SignedCheckpoint, PendingLeaf, ChainPage):
            rows = table(model)
            await connection.execute(rows.delete().where(rows.c.party == party))
        await connection.execute(
            leaves.delete().where(leaves.c.party == party, leaves.c.kind == int(Kind.CHAINS))
        )
        left = select(leaves.c.id, leaves.c.party).where(leaves.c.party == party)
        await connection.execute(pending.insert().from_select(["leaf_id", "party"], left))
    keys = trust.read_private_keys(world.state.keys(host), party)
    outside = world.state.host(host) / "witnessed"
    (outside / party).unlink(missing_ok=True)
    signers = {party: note.Signer(f"netral/{party}", keys.signing)}
    sequencer = Sequencer(database, signers, _now, Lease("a dishonest operator", _now), outside)
    while await sequencer.run_once():
        pass


# What drills share


async def _statement_of(world: DrillWorld, sender: str, recipient: str) -> envelope.Envelope:
    """The newest statement of one party to another, from its own log."""
    leaves = table(Leaf)
    async with world.database(sender) as database, database.read() as connection:
        found = await connection.execute(
            select(leaves.c.body)
            .where(leaves.c.party == sender, leaves.c.kind == int(Kind.STATEMENT), leaves.c.author == sender)
            .order_by(leaves.c.id.desc())
        )
        for row in found:
            opened = envelope.read(row.body[1:])
            if statement_pb2.Statement.FromString(opened.payload).recipient == recipient:
                return opened
    raise Failed(f"{sender} has told {recipient} nothing")


async def _rows(world: DrillWorld, host: str, model: Any) -> list[Any]:
    async with world.database(host) as database, database.read() as connection:
        return list(await connection.execute(select(table(model))))


async def _at_least(world: DrillWorld, host: str, model: Any, count: int) -> bool:
    return len(await _rows(world, host, model)) >= count


async def spawn(world: DrillWorld, host: str, **environment: str) -> asyncio.subprocess.Process:
    """Start a host's process beside the supervisor, with other settings."""
    usual = world.supervisor.environment_of(host)
    with (world.state.logs / f"{host}-second.log").open("wb") as log:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "operations.drills.killable_host", host),
            env={**os.environ, **usual, **environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


async def start_alone(world: DrillWorld, host: str, **environment: str) -> tuple[int | None, str]:
    """Start a host's process that is expected to end by itself; gives its exit status and the end of its log."""
    process = await spawn(world, host, **environment)
    try:
        async with asyncio.timeout(_START_ALONE_WITHIN):
            await process.wait()
    except TimeoutError:
        process.terminate()
        await process.wait()
        return None, world.log_of(f"{host}-second")
    return process.returncode, world.log_of(f"{host}-second", 2)


def _must(held: bool, otherwise: str) -> None:
    if not held:
        raise Failed(otherwise)


def _now() -> datetime:
    return datetime.now(UTC)


DRILLS = {
    drill.name: drill
    for drill in (
        Drill(
            "kill",
            "kill -9 before and after each step of a statement's way",
            "repair: nothing lost, nothing twice",
            kill,
        ),
        Drill(
            "backup",
            "an old backup is put in the place of a database",
            "refusal until the newer one is back",
            backup,
        ),
        Drill(
            "writers",
            "a second process on the same logs; one that wakes up late",
            "refusal; the late one ends",
            writers,
        ),
        Drill(
            "liar",
            "strange bytes, a foreign signature, one number twice, a false receipt",
            "refused, kept, named",
            liar,
        ),
        Drill("clock", "a clock that was set back by a day", "refusal until it is right", clock),
        Drill("disk", "no more room for a database", "calls refused whole, accepted again with room", disk),
        Drill("flips", "a flipped bit in every table", "found and located", flips),
        Drill(
            "stream",
            "the stream is emptied while statements are on their way",
            "repair: all arrive once",
            stream,
        ),
        Drill(
            "rewrite",
            "a statement is taken out of a log that is signed anew",
            "found by the others' logs",
            rewrite,
        ),
        Drill("drop", "a whole case is dropped without a word", "found and named by the others' logs", drop),
    )
}


async def play(drill: Drill, evidence: Path, template: str = "") -> dict[str, Any]:
    """Play a drill in a world of its own, and write its evidence into the folder `evidence`; gives that evidence.

    Raises:
        CannotPlay: something that it needs is not there.
    """
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="netral-drill-") as folder:
        world = DrillWorld(Path(folder), template)
        verdict, reason = "held", ""
        try:
            await world.make_databases()
            await drill.run(world)
        except (Failed, Refused, CannotStart) as failure:
            verdict, reason = "NOT HELD", str(failure)
        finally:
            await world.stop()
            await world.drop_databases()
    document = {
        "drill": drill.name,
        "what": drill.what,
        "must_end_in": drill.end,
        "database": "postgresql" if template else "sqlite",
        "netral": metadata.version("netral"),
        "time": _now().isoformat(),
        "seconds": round(time.monotonic() - started, 1),
        "verdict": verdict,
        "reason": reason,
        "evidence": world.said,
    }
    await asyncio.to_thread(_keep, evidence, document)
    return document


def _keep(folder: Path, document: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{document['drill']}-{document['database']}.json"
    file.write_text(json.dumps(document, indent=1, ensure_ascii=False))

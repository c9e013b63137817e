"""Starts NATS and the three services as processes, restarts what dies, and stops them all.

Children die with the manager, even if it is killed (Linux; see `operations.local.die_with_parent`). Ports are chosen once and
kept, so that a restarted process is found where it was. What runs is written to `run.json`.
"""

import asyncio
import contextlib
import fcntl
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from exchange import channels
from exchange.addresses import split as split_address
from host import peer_addresses
from operations.backup import recoveries
from operations.local import die_with_parent, ports
from operations.local.development_world import examiner_of
from operations.local.installation import HOSTS, Installation
from operations.local.patience import patience
from storage.files import write_whole

NATS = "nats"
_HEALTHY_WITHIN = 60.0
_STOP_WITHIN = 15.0
_CLOCK_SECONDS = "10"
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_SERVICES_OF = {"bawaslu": "Bawaslu", "kasn": "Kasn", "ppk": "Ppk"}


class CannotStart(Exception):
    """The world cannot be started; the message is for the person who tried."""


@dataclass
class Child:
    """One process that is kept running."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    log: Path
    process: asyncio.subprocess.Process | None = None
    restarts: int = 0


@dataclass
class ProcessManager:
    """Keeps one world running. `database` is a URL template such as `postgresql+asyncpg://host/{name}`."""

    state: Installation
    database: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    nats_server: str = ""
    say: Callable[[str], None] = lambda text: None
    # What runs in place of `python -m <host>`, by host: a drill's victim.
    programs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    children: dict[str, Child] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    http: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, str] = field(default_factory=dict)
    # The first of its ports (`operations.local.ports`).
    port_base: int | None = None

    async def start(self) -> None:
        """Start everything and wait until it is healthy.

        Raises:
            CannotStart: another manager runs this world, a port that was asked for is taken, or a process does not become healthy.
        """
        self._lock = _lock(self.state.folder / "lock")
        self._stopping = False
        try:
            self._choose_ports()
        except ports.PortTaken as error:
            self._lock.close()
            raise CannotStart(str(error)) from None
        self.state.logs.mkdir(exist_ok=True)
        self._write_peers()
        self._watchers: list[asyncio.Task[None]] = []
        try:
            await self._run(self._nats())
            await self._until(self._nats_answers, NATS)
            from exchange.bus import provision

            access = self.nats_url, self.state.passwords()["admin"], self.state.hosts()
            await provision.provision(*access)
            self._watchers.append(asyncio.create_task(provision.keep(*access)))
            for name in HOSTS:
                await self._run(self._service(name))
            self._write_run_file()
            for name in HOSTS:
                await self._until(lambda name=name: is_up(self.state, self.addresses[name], name), name)  # type: ignore[misc]
        except BaseException:
            await self.stop()
            raise

    def _choose_ports(self) -> None:
        names = [NATS, *HOSTS, *map(_trail_of, HOSTS), *map(_metrics_of, HOSTS)]
        found, others = ports.of_world(self.state.ports_file, names, self.port_base)
        for name in others:
            self.say(f"{name} listens on port {found[name]} now: another program has taken the one of before")
        self.addresses = {name: f"127.0.0.1:{found[name]}" for name in (NATS, *HOSTS)}
        self.http = {name: f"127.0.0.1:{found[_trail_of(name)]}" for name in HOSTS}
        self.metrics = {name: f"127.0.0.1:{found[_metrics_of(name)]}" for name in HOSTS}

    @property
    def nats_url(self) -> str:
        return f"nats://{self.addresses[NATS]}"

    async def stop(self) -> None:
        """Stop everything: services first, so that they can say goodbye to NATS."""
        self._stopping = True
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        for names in (HOSTS, (NATS,)):
            await asyncio.gather(*(self._end(self.children[name]) for name in names if name in self.children))
        with contextlib.suppress(FileNotFoundError):
            self.state.run_file.unlink()
        self._lock.close()

    def kill(self, name: str) -> bool:
        """Kill -9 a process; it will be restarted. Whether there was one to kill."""
        process = self.children[name].process
        if process is None or process.returncode is not None:
            return False
        process.kill()
        return True

    async def is_serving(self, name: str) -> bool:
        """Return true if a service says that it can do all that it is for."""
        return await is_serving(self.addresses[name], name)

    async def healthy(self, within: float = _HEALTHY_WITHIN) -> None:
        """Wait until all services are serving."""
        for name in HOSTS:
            await self._until(lambda name=name: self.is_serving(name), name, within)  # type: ignore[misc]

    # --- processes ------------------------------------------------------------------------------------------------

    def _nats(self) -> Child:
        config = self.state.nats / "nats.conf"
        from exchange.bus import provision

        text = provision.server_config(
            self.state.hosts(),
            self.state.passwords(),
            listen=self.addresses[NATS],
            store_folder=str((self.state.nats / "store").absolute()),
        )
        config.touch(mode=0o600)
        config.write_text(text)
        return Child(NATS, [self._nats_program(), "-c", str(config)], {}, self.state.logs / "nats.log")

    def _nats_program(self) -> str:
        beside = Path(sys.executable).with_name("nats-server")
        found = self.nats_server or (str(beside) if beside.exists() else shutil.which("nats-server"))
        if not found:
            raise CannotStart("there is no nats-server; run `make setup`, or name one with --nats-server")
        return found

    def _service(self, name: str) -> Child:
        return Child(
            name,
            [sys.executable, "-m", *self.programs.get(name, (name,))],
            self.environment_of(name),
            self.state.logs / f"{name}.log",
        )

    def environment_of(self, name: str) -> dict[str, str]:
        """The settings of a host, as environment variables."""
        folder = self.state.host(name).absolute()
        template = self.database or f"sqlite:///{folder}/{{name}}.sqlite"
        return {
            "NETRAL_PARTIES_FILE": str(self.state.parties_file.absolute()),
            "NETRAL_KEYS_FOLDER": str(self.state.keys(name).absolute()),
            "NETRAL_DATABASE_URL": template.format(name=name),
            "NETRAL_VAULT_URL": template.format(name=f"{name}_vault"),
            "NETRAL_NATS_URL": self.nats_url,
            "NETRAL_NATS_USER": name,
            "NETRAL_NATS_PASSWORD_FILE": str(folder / "nats.password"),
            "NETRAL_GRPC_LISTEN": self.addresses[name],
            "NETRAL_HTTP_LISTEN": self.http[name],
            "NETRAL_METRICS_LISTEN": self.metrics.get(name, ""),
            "NETRAL_STATE_FOLDER": str(folder),
            "NETRAL_PEERS_FILE": str(self.state.peers_file.absolute()),
            **self._clock(),
            **self.environment,
        }

    def _clock(self) -> dict[str, str]:
        """Settings of the clock: it runs, but in a world with dates of years ago; what the environment says goes before."""
        if given := os.environ.get("NETRAL_CLOCK_SECONDS"):
            return {"NETRAL_CLOCK_SECONDS": given}
        return {
            "NETRAL_CLOCK_SECONDS": _CLOCK_SECONDS,
            "NETRAL_CLOCK_STANDS_FILE": str(self.state.clock_stands_file.absolute()),
        }

    async def _run(self, child: Child) -> None:
        self.children[child.name] = child
        await self._spawn(child)
        self._watchers.append(asyncio.create_task(self._keep(child)))

    async def _spawn(self, child: Child) -> None:
        with child.log.open("ab") as log:
            child.process = await asyncio.create_subprocess_exec(
                *die_with_parent.command(*child.command),
                env={**os.environ, **child.environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the manager
            )

    async def _keep(self, child: Child) -> None:
        """Start it again whenever it ends; sooner if it ran well for a while."""
        pause = _FIRST_PAUSE
        while True:
            assert child.process is not None
            started = time.monotonic()
            code = await child.process.wait()
            if time.monotonic() - started > 30:
                pause = _FIRST_PAUSE
            child.restarts += 1
            self.say(f"{child.name} ended with {code}; starting it again")
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
            await self._spawn(child)
            self._write_run_file()

    async def _end(self, child: Child) -> None:
        process = child.process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(patience(_STOP_WITHIN)):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    # --- waiting ----------------------------------------------------------------------------------------------------

    async def _until(
        self, condition: Callable[[], object], name: str, within: float = _HEALTHY_WITHIN
    ) -> None:
        started = time.monotonic()
        while True:
            answer = condition()
            if asyncio.iscoroutine(answer):
                answer = await answer
            if answer:
                return
            waited = time.monotonic() - started
            if waited > patience(within):
                log = self.children[name].log
                raise CannotStart(
                    f"{name} is not healthy after {waited:.0f} s; the end of {log}:\n{tail(log)}"
                )
            await asyncio.sleep(0.05)

    async def _nats_answers(self) -> bool:
        host, port = split_address(self.addresses[NATS])
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            return False
        writer.close()
        return True

    def _write_peers(self) -> None:
        """Write the address of each party's desk, for desks that fetch documents from each other."""
        found = {
            party: self.addresses[name] for name, served in self.state.hosts().items() for party in served
        }
        write_whole(self.state.peers_file, peer_addresses.document(found))

    def _write_run_file(self) -> None:
        document = {
            "supervisor": os.getpid(),
            "addresses": self.addresses,
            "http": self.http,
            "metrics": self.metrics,
            "examiner": examiner_of(self.state),
            **{
                name.removeprefix("NETRAL_").lower(): value
                for name, value in (self._clock() | dict(self.environment)).items()
                if name.startswith("NETRAL_CLOCK_")
            },
            "examiners": self.state.hosts()["kasn"],
            "processes": {
                name: {"pid": child.process.pid if child.process else None, "restarts": child.restarts}
                for name, child in self.children.items()
            },
        }
        write_whole(self.state.run_file, json.dumps(document, indent=1))


def _metrics_of(host: str) -> str:
    """Name of the port of a host's metrics."""
    return f"{host} (metrics)"


def _trail_of(host: str) -> str:
    """The name of a host's port for the trail over HTTP."""
    return f"{host} (trail over HTTP)"


async def is_serving(address: str, name: str, service: str = "") -> bool:
    """Ask the standard health service for a service; without, for the desk's writing service."""
    service = service or f"netral.{name}.v1.{_SERVICES_OF[name]}Service"
    async with grpc.aio.insecure_channel(address, channels.options(address)) as channel:
        try:
            answer = await health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(service=service), timeout=2
            )
        except grpc.aio.AioRpcError:
            return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


async def is_up(state: Installation, address: str, name: str) -> bool:
    """Return true if a host does all that it can now: one that recovers from a backup serves reads only."""
    if recoveries.under_way({name: state.host(name)}):
        return await is_serving(address, name, f"netral.{name}.v1.{_SERVICES_OF[name]}ReadService")
    return await is_serving(address, name)


def tail(path: Path, lines: int = 15) -> str:
    """The end of a log."""
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"


def _lock(path: Path) -> IO[str]:
    held = path.open("a")
    for again in (True, True, False):
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except OSError:
            if again:  # `netral status` asks for an instant whether it is held
                time.sleep(0.05)
                continue
            held.close()
            raise CannotStart(
                f"{path.parent} is already running; see `netral status`, or `netral down`"
            ) from None
    os.set_inheritable(held.fileno(), False)
    return held

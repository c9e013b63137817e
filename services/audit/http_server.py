"""HTTP server of a host, whose library is imported when the first caller comes.

Most hosts are asked nothing over HTTP, and aiohttp would be a tenth of a second and 7 MB of each. Until then its sockets listen: the
first callers wait in the kernel for as long as the import takes.
"""

import asyncio
import errno
import importlib
import socket
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import web

_TRIES = 40


class Server:
    """An application, made for its first caller, and listening before. `address` is `host:port` once started."""

    def __init__(self, application: Callable[[], "web.Application"], listen: str) -> None:
        self._application = application
        self._host, _, port = listen.rpartition(":")
        self._port = int(port)
        self._sockets: Sequence[socket.socket] = ()
        self._serving: asyncio.Task[web.AppRunner] | None = None
        self.address = ""

    async def start(self) -> None:
        """Listen; port 0 takes a free one.

        A fixed port may be held for a moment by who was here before, or by an outgoing connection: it is tried for a while.
        """
        for patience in range(_TRIES, -1, -1):
            try:
                self._sockets = await _listening(self._host.strip("[]"), self._port)
                break
            except OSError as error:
                if error.errno != errno.EADDRINUSE or not patience:
                    raise
                await asyncio.sleep(0.25)
        for each in self._sockets:
            asyncio.get_running_loop().add_reader(each, self._first_caller)
        self.address = f"{self._host}:{self._sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        self._wait_no_longer()
        if self._serving is not None:
            await (await self._serving).cleanup()
        for each in self._sockets:
            each.close()

    def _first_caller(self) -> None:
        self._wait_no_longer()
        self._serving = asyncio.create_task(self._serve())

    def _wait_no_longer(self) -> None:
        for each in self._sockets:
            asyncio.get_running_loop().remove_reader(each)

    async def _serve(self) -> "web.AppRunner":
        await asyncio.to_thread(importlib.import_module, "aiohttp.web")  # gRPC is answered meanwhile
        from aiohttp import web

        # Callers' addresses and paths are nobody's business: no access log.
        runner = web.AppRunner(self._application(), access_log=None, handle_signals=False, shutdown_timeout=5)
        await runner.setup()
        for each in self._sockets:
            await web.SockSite(runner, each).start()
        return runner


async def _listening(host: str, port: int) -> Sequence[socket.socket]:
    """Sockets that listen on all addresses of a name; of port 0, each on a free one."""
    found = await asyncio.get_running_loop().getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    sockets: list[socket.socket] = []
    try:
        for family, *_, address in dict.fromkeys(found):
            sockets.append(socket.create_server(address[:2], family=family, backlog=128))
            sockets[-1].setblocking(False)
    except OSError:
        for each in sockets:
            each.close()
        raise
    return sockets

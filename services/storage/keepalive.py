"""Connections to PostgreSQL that notice a server which has gone without a word: its machine, or the way to it.

Else a statement waits until the kernel has sent it again for a quarter of an hour, and who only listens waits for ever: neither
asyncpg nor a network that drops packets says a word. A server that works on a long statement is not cut off, since its kernel
answers for it.
"""

import socket

SILENT_SECONDS = 10
"""How long what was sent may stay unacknowledged, and about how long an idle server may be silent."""
_IDLE_SECONDS, _EVERY_SECONDS = 4, 2


def watch(connected: socket.socket | None) -> None:
    """Let the kernel end a connection whose other side is silent; where it cannot, leave it as it is."""
    if connected is None or connected.family not in (socket.AF_INET, socket.AF_INET6):
        return
    wanted = {
        "TCP_KEEPIDLE": _IDLE_SECONDS,
        "TCP_KEEPINTVL": _EVERY_SECONDS,
        "TCP_KEEPCNT": (SILENT_SECONDS - _IDLE_SECONDS) // _EVERY_SECONDS,
        "TCP_USER_TIMEOUT": SILENT_SECONDS * 1000,
    }
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in wanted.items():
        if (option := getattr(socket, name, None)) is not None:
            connected.setsockopt(socket.IPPROTO_TCP, option, value)

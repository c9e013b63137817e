"""Options of gRPC channels for the networks that people have.

An address on this machine is never asked for through a proxy, whatever `http_proxy` says; other hosts follow the usual
variables. A connection that is at rest is kept alive, since many address translators forget it after five minutes.
"""

import ipaddress
from collections.abc import Sequence

Options = Sequence[tuple[str, int | str]]

PING_EVERY_MILLISECONDS = 60_000
_KEPT_ALIVE: Options = (
    ("grpc.keepalive_time_ms", PING_EVERY_MILLISECONDS),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
)
_NO_PROXY: Options = (("grpc.enable_http_proxy", 0),)


def options(address: str, more: Options = ()) -> list[tuple[str, int | str]]:
    """The options of a channel to an address, `host:port`, with further ones."""
    return [*more, *(_NO_PROXY if is_loopback(address) else _KEPT_ALIVE)]


def is_loopback(address: str) -> bool:
    """True if an address, `host:port` or `[host]:port`, is of this machine itself; names are not looked up."""
    host = address.rpartition(":")[0].strip("[]")
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

"""Options of gRPC channels for the networks that people have.

An address on this machine is never asked for through a proxy, whatever `http_proxy` says; other hosts follow the usual
variables. A connection that is at rest is kept alive from both ends, since many address translators forget it after five
minutes: a server that took pings for an attack would end it, so what a client sends and a server allows is decided here.
"""

import ipaddress
from collections.abc import Sequence

from exchange import addresses

Options = Sequence[tuple[str, int | str]]

PING_EVERY_MILLISECONDS = 60_000
_NO_PROXY: Options = (("grpc.enable_http_proxy", 0),)


def options(address: str, more: Options = ()) -> list[tuple[str, int | str]]:
    """The options of a channel to an address, `host:port`, with further ones."""
    return [*more, *(_NO_PROXY if is_loopback(address) else kept_alive())]


def kept_alive(every_milliseconds: int = PING_EVERY_MILLISECONDS) -> Options:
    """Options of a client, or of a server, that pings a connection at rest."""
    return (
        ("grpc.keepalive_time_ms", every_milliseconds),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.max_pings_without_data", 0),
    )


def of_server(every_milliseconds: int = PING_EVERY_MILLISECONDS) -> Options:
    """Options of a server: it pings by itself, and takes the pings of clients that ping twice as often."""
    return (
        *kept_alive(every_milliseconds),
        ("grpc.http2.min_ping_interval_without_data_ms", every_milliseconds // 3),
    )


def is_loopback(address: str) -> bool:
    """True if an address, `host:port` or `[host]:port`, is of this machine itself; names are not looked up."""
    try:
        host, _ = addresses.split(address)
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

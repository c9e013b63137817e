"""Addresses of hosts as people write them: `host:port`, an IPv6 host in brackets as in a URL (RFC 3986 §3.2.2). No I/O."""

import ipaddress
import re

_NAME = re.compile(r"[A-Za-z0-9._-]{1,253}")
_PORT = re.compile(r"[0-9]{1,5}")


def split(address: str) -> tuple[str, int]:
    """The host, without brackets, and the port.

    Raises:
        ValueError: it is no address; the message says how one is written.
    """
    host, separator, port = address.rpartition(":")
    if not separator or not _PORT.fullmatch(port) or int(port) > 65535:
        raise ValueError("not host:port, with a port up to 65535")
    if host.startswith("[") and host.endswith("]"):
        try:
            ipaddress.IPv6Address(host[1:-1])
        except ValueError:
            raise ValueError("what stands in brackets is no IPv6 address") from None
        return host[1:-1], int(port)
    if ":" in host:
        raise ValueError("an IPv6 address stands in brackets, as in [::1]:50051")
    if not _NAME.fullmatch(host):
        raise ValueError("not host:port, with a name or an address of a host")
    return host, int(port)

"""Ports of a world: chosen once and kept in its `ports.json`, so that what was set up to call it finds it after the next start."""

import itertools
import json
import os
import secrets
import socket
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from storage.files import write_whole

_PORTS = range(10_000, 60_000, 100)
"""Where blocks of ports begin that a world may have."""
_FREE_WITHIN = 2.0
_HOW_TO_GO_ON = (
    "End what listens there, or name other ports with `netral up --port-base N` (0: free ones, chosen anew)."
)


class PortTaken(Exception):
    """A port that was asked for cannot be used; the message is for the person who tried."""


@dataclass(frozen=True)
class _Kept:
    """Ports by what listens on them; `fixed`: a person named them, so no others are taken in their place."""

    ports: Mapping[str, int]
    fixed: bool


def of_world(file: Path, names: Sequence[str], base: int | None) -> tuple[dict[str, int], list[str]]:
    """The ports of a world by name, kept in its file; and by name those that are others than before.

    `base`: the first of as many ports in a row as there are names, 0 for free ones; None: those of the last start. Of those that
    were chosen freely, what is taken by now is replaced.

    Raises:
        PortTaken: a port that a person named is taken.
    """
    kept = _kept(file) if base is None else _Kept({}, fixed=False)
    if base:
        kept = _Kept(dict(zip(names, itertools.count(base), strict=False)), fixed=True)
    wanted = {name: kept.ports[name] for name in names if name in kept.ports}
    taken = _taken(wanted)
    if taken and kept.fixed:
        raise PortTaken(
            f"{', '.join(f'port {wanted[name]}, where {name} is to listen, {why}' for name, why in taken.items())}. "
            f"{_HOW_TO_GO_ON}"
        )
    missing = [name for name in names if name not in wanted or name in taken]
    ports = wanted | dict(zip(missing, _others(len(missing), wanted.values()), strict=True))
    write_whole(file, json.dumps({"fixed": kept.fixed, "ports": ports}, indent=1))
    return ports, list(taken)


def _kept(file: Path) -> _Kept:
    try:
        found = json.loads(file.read_text("utf-8"))
        return _Kept({str(name): int(port) for name, port in found["ports"].items()}, bool(found["fixed"]))
    except FileNotFoundError:
        return _Kept({}, fixed=False)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise PortTaken(f"{file}: not a list of ports; remove it, and ports are chosen anew") from error


def _taken(ports: Mapping[str, int]) -> dict[str, str]:
    """The ports that cannot be used, and why. What has just ended may hold its own for an instant."""
    deadline = time.monotonic() + _FREE_WITHIN
    while True:
        taken = {name: why for name, port in ports.items() if (why := _why_not(port))}
        if not taken or time.monotonic() > deadline:
            return taken
        time.sleep(0.1)


def _why_not(port: int) -> str:
    """The reason why a port cannot be listened on; empty if it can."""
    with socket.socket() as each:
        # As servers do: connections of before that are still being closed are no hindrance.
        each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            each.bind(("127.0.0.1", port))
            each.listen()
        except PermissionError:
            return "is for the administrator only"
        except OSError:
            return "is taken by another program"
    return ""


def _others(count: int, but: Iterable[int]) -> Sequence[int]:
    """As many free ports, none of which is among these."""
    taken = set(but)
    return [port for port in free_ports(count + len(taken)) if port not in taken][:count]


def free_ports(count: int) -> Sequence[int]:
    """Ports that are free now, all different, none of which the system gives to anyone who asks for no particular one.

    A process that died must find its port again: one of the system's own (`bind` to 0, an outgoing connection) may be
    somebody else's by then, and the restarted process would die once more. Two processes that choose at the same time, for
    worlds that bind later, look in different places first.
    """
    found: dict[int, socket.socket] = {}
    tries = itertools.count()
    try:
        while len(found) < count:
            each = socket.socket()
            try:
                each.bind(("127.0.0.1", _port_to_try(next(tries))))
            except OSError:
                each.close()
            else:
                found[each.getsockname()[1]] = each
        return list(found)
    finally:
        for each in found.values():
            each.close()


def _port_to_try(turn: int) -> int:
    """One of a block that is this process's own, later any; 0 if the system gives away nearly all."""
    blocks = (min(_first_of_the_system(), _PORTS.stop) - _PORTS.start) // _PORTS.step
    if blocks < 10:
        return 0
    block = os.getpid() % blocks if turn < 2 * _PORTS.step else secrets.randbelow(blocks)
    return _PORTS[block] + secrets.randbelow(_PORTS.step)


def _first_of_the_system() -> int:
    """The first of the ports that the system gives away by itself."""
    try:
        return int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 32_768

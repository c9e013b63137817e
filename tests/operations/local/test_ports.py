"""A world listens where it listened before; a port that a person named is not silently another one."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from operations.local import ports
from operations.local.installation import HOSTS
from support.netral import Netral
from support.processes import a_small_world

NAMES = ("nats", "kasn", "kasn (trail over HTTP)")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ports.json"


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which another program listens."""
    (port,) = ports.free_ports(1)
    with socket.create_server(("127.0.0.1", port)):
        yield port


def test_ports_are_chosen_once_and_kept(file: Path) -> None:
    first, others = ports.of_world(file, NAMES, None)

    assert len(set(first.values())) == len(NAMES) and others == []
    assert ports.of_world(file, NAMES, None) == (first, [])


def test_ports_that_a_person_names_follow_one_another_and_are_kept(file: Path) -> None:
    ports.of_world(file, NAMES, None)
    base = a_free_row(len(NAMES))

    named, _ = ports.of_world(file, NAMES, base)

    assert list(named.values()) == [base, base + 1, base + 2]
    assert ports.of_world(file, NAMES, None) == (named, [])
    assert ports.of_world(file, NAMES, 0)[0].keys() == named.keys()


def a_free_row(count: int) -> int:
    """A port that is free like those after it."""
    while True:
        (first,) = ports.free_ports(1)
        if not ports._taken(dict(zip("abcdefg"[:count], range(first, first + count), strict=True))):
            return first


def test_a_named_port_that_is_taken_is_refused_also_at_the_next_start(file: Path, taken: int) -> None:
    says = f"port {taken}, where nats is to listen, is taken by another program.*--port-base"
    with pytest.raises(ports.PortTaken, match=says):
        ports.of_world(file, NAMES, taken)
    assert not file.exists()

    file.write_text(f'{{"fixed": true, "ports": {{"nats": {taken}}}}}')
    with pytest.raises(ports.PortTaken, match=says):
        ports.of_world(file, NAMES, None)


def test_a_chosen_port_that_is_taken_by_now_is_replaced_alone(file: Path, taken: int) -> None:
    before, _ = ports.of_world(file, NAMES, None)
    file.write_text(file.read_text().replace(str(before["kasn"]), str(taken)))

    after, others = ports.of_world(file, NAMES, None)

    assert others == ["kasn"] and after["kasn"] not in (taken, before["nats"])
    assert {name: after[name] for name in NAMES if name != "kasn"} == {
        name: before[name] for name in NAMES if name != "kasn"
    }


def test_a_file_of_ports_that_is_none_is_named(file: Path) -> None:
    file.write_text("[7000]")

    with pytest.raises(ports.PortTaken, match=r"ports\.json: not a list of ports"):
        ports.of_world(file, NAMES, None)


@pytest.mark.slow
def test_the_command_names_what_was_to_listen_on_a_taken_port_and_starts_nothing(
    tmp_path: Path, taken: int
) -> None:
    world = a_small_world(tmp_path / ".netral")

    ran = Netral(tmp_path)("up", "--port-base", str(taken))

    assert ran.code == 1
    assert re.fullmatch(
        rf"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ port {taken}, where nats is to listen, is taken .*\n", ran.err
    )
    assert world.running() is None and not any((world.logs / f"{host}.log").exists() for host in HOSTS)

"""The commands of `netral`, each with its full name."""

from collections.abc import Iterator
from typing import Any

from cli.groups import GROUPS, commands_of


def commands(path: str = "") -> Iterator[tuple[str, Any]]:
    """Each command below a group, with its full name."""
    for name, command in commands_of(path).items():
        below = f"{path} {name}".strip()
        if below in GROUPS:
            yield from commands(below)
        else:
            yield below, command

"""The tree of `netral` commands with their options is the golden one. `make golden` writes it again."""

from collections.abc import Iterator
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from cli.groups import GROUPS, commands_of, whole_command
from support import golden


def test_the_commands_and_their_options_are_the_golden_ones() -> None:
    golden.compare("commands.txt", "\n".join(tree(whole_command())) + "\n")


def tree(command: Any, path: str = "") -> Iterator[str]:
    """Each command on a line, its arguments and options below it, sorted by name. (Typer has a click of its own, without types.)"""
    yield f"netral {path}".strip() + (" (hidden)" if command.hidden else "")
    yield from sorted(f"    {described(parameter)}" for parameter in command.params)
    if path in ("", *GROUPS):
        for name, below in sorted(commands_of(path).items()):
            yield from tree(below, f"{path} {name}".strip())


def described(parameter: Any) -> str:
    """An argument or option: names, type, and what is demanded of it."""
    names = [*parameter.opts, *(f"/{name}" for name in parameter.secondary_opts)]
    if parameter.param_type_name == "argument":
        names = [parameter.name.upper()]
    annotation, default = parameter.type_descriptor.annotation, parameter.default
    marks = [
        "required" if parameter.required else "",
        "repeated" if parameter.multiple or parameter.nargs == -1 else "",
        f"env {parameter.envvar}" if parameter.envvar else "",
        f"default {default}" if default not in (None, "", False, ()) else "",
        "hidden" if parameter.hidden else "",
    ]
    return " ".join([*names, type_name(annotation), *filter(None, marks)])


def type_name(annotation: Any) -> str:
    """A type in words: of a closed list, its words."""
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return "|".join(str(each.value) for each in annotation)
    if get_origin(annotation) is Literal:
        return "|".join(map(str, get_args(annotation)))
    if get_origin(annotation) is list:
        return f"list[{type_name(get_args(annotation)[0])}]"
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)

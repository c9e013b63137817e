"""Settings of a host for commands that open its databases: of one in a world, or of the one that the environment describes."""

from collections.abc import Sequence
from pathlib import Path

import typer

from cli.deferred_imports import deferred_imports
from cli.language import said
from cli.usage_errors import none_of
from operations.local.installation import HOSTS, Installation

with deferred_imports():
    from exchange import settings as host_settings


def host_names(given: Sequence[str] | None, environment: bool) -> Sequence[str]:
    """Return the hosts that an option names; without it all of a world. The environment describes one.

    Raises:
        BadParameter: one is none of ours, or several are to be the one of the environment.
    """
    names = given or HOSTS
    if unknown := sorted(set(names) - set(HOSTS)):
        raise typer.BadParameter(none_of(unknown[0], HOSTS), param_hint="--host")
    if environment and len(names) != 1:
        raise typer.BadParameter(said("name the one host with --host"), param_hint="--environment")
    return names


def settings_of(name: str, state: Path, database: str, environment: bool) -> "host_settings.Settings":
    """Return the settings of a host that is there; `database` is the URL template that its world was started with."""
    if environment:
        return host_settings.Settings()
    world = Installation(state)
    if not world.exists:
        raise typer.BadParameter(said("{state} has no world", state=state), param_hint="--state")
    folder = world.host(name).absolute()
    if not database and not (folder / f"{name}.sqlite").exists():
        raise typer.BadParameter(
            said(
                "{folder} has no SQLite database of {name}: give the URL template that the world was started with",
                folder=folder,
                name=name,
            ),
            param_hint="--database",
        )
    return settings_in(world, name, database)


def settings_in(world: Installation, name: str, database: str = "") -> "host_settings.Settings":
    """Return the settings of a host of a world, whether it is there or not."""
    folder = world.host(name).absolute()
    template = database or f"sqlite:///{folder}/{{name}}.sqlite"
    return host_settings.Settings(
        parties_file=world.parties_file,
        keys_folder=world.keys(name),
        database_url=template.format(name=name),
        vault_url=template.format(name=f"{name}_vault"),
        state_folder=folder,
    )

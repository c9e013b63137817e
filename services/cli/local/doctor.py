"""`netral doctor`: what is wrong with an installation on this machine, and what to do, in one sentence each."""

from collections.abc import Sequence
from typing import Annotated

import typer

from cli import language
from cli.deferred_imports import deferred_imports
from cli.options import Commands, JsonOption, StateOption
from cli.output import out, print_json
from operations.local.installation import DEFAULT_STATE, Installation

with deferred_imports():
    import asyncio

    from exchange import settings as host_settings
    from operations.doctor import findings, of_desks, of_files

_LOG = "its log"


def commands() -> Commands:
    """The commands of this module by name."""
    return {"doctor": doctor}


def doctor(
    state: StateOption = DEFAULT_STATE,
    environment: Annotated[
        bool,
        typer.Option("--environment", help="The one host that NETRAL_… variables describe, not a world."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """[ro] Say what is wrong, and what to do: bus, databases, clocks, peers, parked messages, keys, ports, disk.

    Exit code 1 if something is wrong. What is only worth knowing does not count.

    Example: netral doctor
    """
    found = _of_environment() if environment else _of_world(Installation(state))
    wrong = any(each.grave for each in found)
    if as_json:
        print_json({"well": not wrong, "findings": plain(found)})
    else:
        print_findings(found)
        if not wrong:
            out.print(language.said("Nothing is wrong."))
    raise typer.Exit(1 if wrong else 0)


def _of_world(world: Installation) -> "list[findings.Finding]":
    found = list(of_files.of_installation(world))
    running = world.running()
    if running is not None:
        found += asyncio.run(of_desks.of_world(world, running))
    elif world.exists:
        found.append(of_files.not_running(world))
    return found


def _of_environment() -> "list[findings.Finding]":
    settings = host_settings.Settings()
    found, parties = list(of_files.of_host(settings)), of_files.parties_of(settings.keys_folder)
    address = of_files.address_of(settings)
    told = asyncio.run(of_desks.of_desk(address, parties, _LOG)) if address and parties else None
    if told is None:
        place = str(settings.state_folder)
        return [*found, findings.Finding("DESK_DOWN", {"place": place, "log": _LOG})]
    return found + told


def print_findings(found: "Sequence[findings.Finding]") -> None:
    """Print each finding as its sentence, in the language of the session."""
    for each in found:
        out.print(sentence(each), markup=False, highlight=False, soft_wrap=True)


def plain(found: "Sequence[findings.Finding]") -> list[dict[str, object]]:
    """Findings for JSON."""
    return [{"code": each.code, "grave": each.grave, "sentence": sentence(each)} for each in found]


def sentence(found: "findings.Finding") -> str:
    """The sentence of a finding in the language of the session; English if none was chosen."""
    return found.sentence(language.chosen() or "en")

"""`netral audit fsck`: check the databases of a world, or of this host, from the inside."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from cli.deferred_imports import deferred_imports
from cli.host_settings import host_names, settings_of
from cli.language import said
from cli.options import Commands, JsonOption, StateOption
from cli.output import err, out, print_json
from operations.local.installation import DEFAULT_STATE

with deferred_imports():
    import asyncio

    from rich import progress as rich_progress

    from exchange import settings as host_settings
    from operations.selfcheck import check


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "fsck": fsck,
    }


def fsck(
    host: Annotated[
        list[str] | None, typer.Option(help="Only this host: bawaslu, kasn or ppk; may be repeated.")
    ] = None,
    database: Annotated[str, typer.Option(help="URL template of the databases, as given to `up`.")] = "",
    environment: Annotated[
        bool,
        typer.Option("--environment", help="The one host that NETRAL_… variables describe, not a world."),
    ] = False,
    anew: Annotated[
        bool, typer.Option("--anew", help="Check everything, also what an earlier, stopped check has seen.")
    ] = False,
    quick: Annotated[
        bool,
        typer.Option(
            "--quick",
            help="Without the signatures of single leaves and the replay of the trail (3 KB a leaf).",
        ),
    ] = False,
    state: StateOption = DEFAULT_STATE,
    as_json: JsonOption = False,
) -> None:
    """[ro] Check every leaf, tile, checkpoint, row and state in the databases. Goes on where it was stopped.

    For who runs a host: it opens the databases, so desks may run or not. Exit code 1 if something is not as it must be.

    Example: netral audit fsck --host kasn
    """
    names = host_names(host, environment)
    checked = [_check(name, settings_of(name, state, database, environment), anew, quick) for name in names]
    findings = [found for each in checked for found in each.findings]
    if as_json:
        hosts = [
            {"host": each.host, "logs": dict(each.sizes), "not_compared": each.not_compared}
            for each in checked
        ]
        print_json({"hosts": hosts, "findings": [dataclasses.asdict(found) for found in findings]})
    else:
        _print(checked)
    raise typer.Exit(1 if findings else 0)


def _check(name: str, settings: "host_settings.Settings", anew: bool, quick: bool) -> "check.Checked":
    file = settings.state_folder / "fsck.json"
    if anew:
        file.unlink(missing_ok=True)
    try:
        kept = check.Progress.read(file)
    except ValueError as error:
        raise typer.BadParameter(
            said("{error}; begin with --anew", error=error), param_hint="--state"
        ) from None
    if kept.positions:
        err.print(said("{name}: going on where an earlier check was stopped.", name=name))
    try:
        with _bar(name) as advanced:
            return asyncio.run(check.check_host(name, settings, kept, advanced, quick=quick))
    except check.CannotCheck as error:
        err.print(str(error), markup=False, highlight=False)
        raise typer.Exit(1) from None


@contextmanager
def _bar(name: str) -> "Iterator[check.Advanced]":
    columns = (
        rich_progress.TextColumn("{task.description}"),
        rich_progress.BarColumn(),
        rich_progress.MofNCompleteColumn(),
        rich_progress.TimeRemainingColumn(),
    )
    with rich_progress.Progress(
        *columns, console=err, transient=True, disable=not err.is_terminal
    ) as progress:
        tasks: dict[str, Any] = {}

        def advanced(party: str, done: int, size: int) -> None:
            if party not in tasks:
                tasks[party] = progress.add_task(f"{name} {party}", total=size)
            progress.update(tasks[party], completed=done)

        yield advanced


def _print(checked: "list[check.Checked]") -> None:
    for each in checked:
        leaves = sum(each.sizes.values())
        well = said("[red]NOT OK[/red]") if each.findings else "ok"
        out.print(
            said(
                "{well}  {host}: {sizes} logs, {leaves} leaves",
                well=well,
                host=each.host,
                sizes=len(each.sizes),
                leaves=leaves,
            ),
            highlight=False,
        )
        for found in each.findings:
            where = said("leaf {index}", index=found.index) if found.index >= 0 else "log"
            out.print(
                said(
                    "[red]{party} {where}, matter {matter}[/red]:",
                    party=found.party,
                    where=where,
                    matter=found.matter or "-",
                ),
                end=" ",
                highlight=False,
            )
            out.print(f"{found.kind}: {found.message}", markup=False, highlight=False, soft_wrap=True)
        if each.not_compared:
            out.print(f"    {each.host}: {each.not_compared}", highlight=False)
    findings = sum(len(each.findings) for each in checked)
    out.print(said("{checked} hosts, {findings} findings.", checked=len(checked), findings=findings))

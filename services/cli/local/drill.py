"""`netral local drill`: fault drills in a throw-away world, each with its evidence."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from cli.deferred_imports import deferred_imports
from cli.language import said
from cli.options import Commands, JsonOption
from cli.output import err, out, print_json, table_of
from cli.usage_errors import none_of

with deferred_imports():
    import asyncio

    from operations.drills import play

FOLDER = Path(".netral-drills")


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "drill": drill,
    }


def drill(
    names: Annotated[
        list[str] | None, typer.Argument(help="Which drills; without, the list of them.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Play every drill.")] = False,
    database: Annotated[
        str,
        typer.Option(
            help="URL template on a PostgreSQL, such as postgresql+asyncpg://host/{name}; without, SQLite."
        ),
    ] = "",
    evidence: Annotated[Path, typer.Option(help="Where the evidence of each drill is written.")] = FOLDER,
    as_json: JsonOption = False,
) -> None:
    """[rw] Run fault drills in a throw-away world; each fault must be detected or repaired.

    Exit code 1 if a promise was not held. Nothing of yours is touched; on PostgreSQL, databases are made and dropped.

    Example: netral local drill killed-hosts old-backup
    """
    if unknown := sorted(set(names or ()) - play.DRILLS.keys()):
        raise typer.BadParameter(
            none_of(unknown[0], list(play.DRILLS)),
            param_hint="NAMES",
        )
    if database and "{name}" not in database:
        raise typer.BadParameter(said("it has no {name}"), param_hint="--database")
    if not names and not all_:
        _list(as_json)
        return
    played = [_play(name, evidence, database, as_json) for name in (play.DRILLS if all_ else names or ())]
    if as_json:
        print_json(played)
    raise typer.Exit(0 if all(each["verdict"] == "held" for each in played) else 1)


def _list(as_json: bool) -> None:
    if as_json:
        print_json(
            [
                {"drill": each.name, "what": each.what, "must_end_in": each.end}
                for each in play.DRILLS.values()
            ]
        )
        return
    table = table_of("drill", "what is done", "must end in")
    for each in play.DRILLS.values():
        table.add_row(each.name, each.what, each.end)
    out.print(table)


def _play(name: str, evidence: Path, database: str, as_json: bool) -> Mapping[str, object]:
    err.print(f"{name}: {play.DRILLS[name].what} …", highlight=False)
    try:
        played = asyncio.run(play.play(play.DRILLS[name], evidence, database))
    except play.CannotPlay as error:
        err.print(
            said("{name} cannot be played: {error}", name=name, error=error), markup=False, highlight=False
        )
        return {"drill": name, "verdict": "not played", "reason": str(error)}
    if not as_json:
        held, not_held = said("held"), said("NOT HELD")
        well = f"[green]{held}[/green]" if played["verdict"] == "held" else f"[red]{not_held}[/red]"
        out.print(
            f"{well}  {name}, {played['database']}, {played['seconds']} s: {played['must_end_in']}",
            highlight=False,
        )
        if played["reason"]:
            out.print(str(played["reason"]), markup=False, highlight=False, soft_wrap=True)
    return played

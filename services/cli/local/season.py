"""`netral local season`: a year of invented cases, played through the real services."""

import time
from typing import Annotated

import typer

from cli.deferred_imports import deferred_imports
from cli.language import said
from cli.local.up import clock_words
from cli.options import Commands, JsonOption, StateOption
from cli.output import err, out, print_json, table_of
from operations.local.installation import DEFAULT_STATE, Installation

with deferred_imports():
    import asyncio

    from rich import progress as rich_progress

    from operations.local import client
    from operations.season import plan, player


def commands() -> Commands:
    """The commands of this module by name."""
    return {"season": season}


def season(
    count: Annotated[
        int, typer.Option("--cases", min=1, max=20_000, help="How many persons are reported.")
    ] = 2000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same season.")] = 1,
    speed: Annotated[
        float, typer.Option(min=0, help="Days of the season per second; 0: as fast as the desks take it.")
    ] = 0,
    state: StateOption = DEFAULT_STATE,
    as_json: JsonOption = False,
) -> None:
    """[rw] Play a season of invented cases in the proportions of the published figures, over all regions.

    Example: netral local season --cases 200 --seed 7
    """
    world = Installation(state)
    desks = client.Desks.of(world)
    world.stop_clock("netral local season")
    cases = list(plan.cases(count, seed, plan.read_figures()))
    players = player.players(cases, seed, desks.examiner)
    calls = player.count_calls(players)
    started = time.monotonic()
    with _bar(as_json) as bar:
        task = bar.add_task("season", total=calls)
        asyncio.run(player.play(players, desks, speed, lambda: bar.advance(task)))
    told = player.summary(cases, calls, time.monotonic() - started)
    if as_json:
        print_json(told)
        return
    table = table_of("", "")
    for name, value in told.items():
        table.add_row(name.replace("_", " "), f"{value:,}")
    out.print(table)
    err.print(clock_words(world), markup=False, highlight=False)
    out.print(said("`netral monitor summary` and `netral monitor cohort` show its figures."))


def _bar(hidden: bool) -> "rich_progress.Progress":
    return rich_progress.Progress(
        rich_progress.TextColumn("{task.description}"),
        rich_progress.BarColumn(),
        rich_progress.MofNCompleteColumn(),
        rich_progress.TimeRemainingColumn(),
        console=err,
        disable=hidden or not err.is_terminal,
    )

"""`netral supervision …`: places and acts whose cases rise against their own past."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

import typer

from cli import language
from cli.cooperation.monitor import print_as_of
from cli.deferred_imports import deferred_imports
from cli.language import said
from cli.options import CommandContext, Commands, OptionalDay, date_of, desk_command, enum_of
from cli.output import as_dict, compared, day_text, out, print_json, table_of

with deferred_imports():
    from cooperation.monitoring import recompute
    from cooperation.monitoring.figures import early_warning
    from netral.monitoring.v1 import service_pb2 as monitoring
    from netral.monitoring.v1 import service_pb2_grpc as monitoring_stubs
    from operations.local import verify


By = Annotated[Literal["province", "region", "act"], typer.Option(help="Of what.")]


Weeks = Annotated[int, typer.Option(min=1, max=52, help="How many weeks are looked at.")]


Periods = Annotated[int, typer.Option(min=1, max=26, help="With how many times as many weeks before.")]


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "warnings": warnings,
        "recompute": recompute_warnings,
    }


@desk_command()
def warnings(
    context: CommandContext,
    by: By = "region",
    weeks: Weeks = 4,
    periods: Periods = 6,
    minimum: Annotated[int, typer.Option(min=1, max=1000, help="Fewer cases are not judged.")] = 5,
    region: Annotated[str, typer.Option(help="Only of this province or region.")] = "",
    act: Annotated[str, typer.Option(help="Only of this act.")] = "",
    every: Annotated[bool, typer.Option("--all", help="What does not rise, too.")] = False,
    today: OptionalDay = None,
) -> None:
    """[ro] List places or acts whose cases rise against their own past: counts, ratio, interval. Nothing on persons.

    Example: netral supervision warnings --as bawaslu --by act --weeks 4
    """
    request = _asked(context, by, weeks, periods, today)
    request.minimum, request.rising_only = minimum, not every
    request.filter.region, request.filter.act = region, act
    found = context.ask(monitoring_stubs.MonitoringServiceStub, "ListWarnings", request)
    if context.as_json:
        print_json(found)
        return
    table = table_of(by, "name", "last weeks", "before", "ratio", "99 %", "finding")
    for one in found.warnings:
        ratio = round(one.ratio, 1) if one.HasField("ratio") else None
        table.add_row(one.key, one.name, one.recent, one.past, ratio, _interval(one), _state(one.state))
    out.print(table)
    out.print(
        said("{judged} judged; with steady rates one in 200 of them is said to rise.", judged=found.judged),
        highlight=False,
    )
    for one in found.warnings[:1]:
        out.print(language.of_both({"id": one.definition_id, "en": one.definition_en}), markup=False)
    print_as_of(found.as_of)


@desk_command()
def recompute_warnings(
    context: CommandContext,
    by: By = "region",
    weeks: Weeks = 4,
    periods: Periods = 6,
    today: OptionalDay = None,
) -> None:
    """[ro] Recompute the counts from the exported log. Exit code 1 if the desk says otherwise.

    Example: netral supervision recompute --as bawaslu --by act
    """
    found = context.ask(
        monitoring_stubs.MonitoringServiceStub, "ListWarnings", _asked(context, by, weeks, periods, today)
    )
    desk_says = {one.key: (one.recent, one.past) for one in found.warnings}
    leaves = (
        item.leaf
        for item in verify.exported(context.desks, context.caller("auditor"))
        if item.HasField("leaf")
    )
    folded = recompute.from_log(context.party, leaves, found.as_of.log_index)
    windows = early_warning.Windows(date.fromisoformat(day_text(found.as_of.today)), weeks, periods)
    again = recompute.warned(folded, windows, by)
    rows = [(key, desk_says.get(key, (0, 0)), again.get(key, (0, 0))) for key in sorted(desk_says | again)]
    differ = [key for key, first, second in rows if first != second]
    if context.as_json:
        listed = [{"key": key, "said": list(one), "recomputed": list(two)} for key, one, two in rows]
        print_json({"as_of": as_dict(found.as_of), "counts": listed, "equal": not differ})
    else:
        table = table_of(by, "desk says", "recomputed", "comparison")
        for key, first, second in rows:
            table.add_row(
                key, f"{first[0]}, {first[1]}", f"{second[0]}, {second[1]}", compared(first == second)
            )
        out.print(table)
        print_as_of(found.as_of)
    if differ:
        raise typer.Exit(1)


def _asked(context: CommandContext, by: str, weeks: int, periods: int, today: datetime | None) -> Any:
    request = monitoring.ListWarningsRequest(
        parent=context.parent,
        dimension=enum_of(monitoring.Dimension, "DIMENSION", by),
        weeks=weeks,
        periods=periods,
    )
    if today:
        request.today.CopyFrom(date_of(today))
    return request


def _interval(one: "monitoring.Warning") -> str:
    if not one.HasField("low"):
        return ""
    return f"{one.low:.2f}-{one.high:.2f}" if one.HasField("high") else f"{one.low:.2f}-"


def _state(state: Any) -> str:
    return monitoring.WarningState.Name(state).removeprefix("WARNING_STATE_").lower().replace("_", " ")

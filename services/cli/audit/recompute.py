"""`netral audit recompute`: the figures of a desk, folded again from its exported log and compared."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any

import typer

from cli import agreement_words
from cli.cooperation.monitor import By, RegionOption, print_as_of, request_of
from cli.cooperation.tables import period_given, table_request
from cli.deferred_imports import deferred_imports
from cli.options import CommandContext, Commands, OptionalDay, desk_command, enum_of
from cli.output import as_dict, day_text, err, out, print_json, table_of

with deferred_imports():
    from cooperation.monitoring import recompute
    from cooperation.monitoring.figures import definitions, published_tables
    from netral.monitoring.v1 import service_pb2 as pb
    from netral.monitoring.v1 import service_pb2_grpc as stubs
    from operations.local import verify


_TIMES = 20


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "recompute": recompute_figure,
    }


@desk_command()
def recompute_figure(
    context: CommandContext,
    figure: Annotated[str, typer.Argument(help=f"all, cohort, {agreement_words.FIGURES}, or a table")],
    by: Annotated[By | None, typer.Option(help="Every value of it apart, too.")] = None,
    period: Annotated[str, typer.Option(help="Of a table: only this period, such as 2024-Q4.")] = "",
    region: RegionOption = "",
    today: OptionalDay = None,
) -> None:
    """[ro] Recompute a figure or a published table from the exported log. Exit code 1 if the desk says otherwise.

    Example: netral audit recompute follow-up-rate --as kasn --by post
    """
    known = ("all", "cohort", *definitions.BY_ID, *published_tables.TABLES)
    if figure not in known:
        raise typer.BadParameter(f"one of: {', '.join(known)}", param_hint="FIGURE")
    published = published_tables.TABLES.get(figure)
    if published is None and (period or region):
        raise typer.BadParameter("figures are recomputed over all cases", param_hint="--period, --region")
    if published is None:
        as_of, said = _said_by_the_desk(context, figure, by or "", today)
    else:
        as_of, said = _said_in_a_table(context, figure, by, period, region, today)
    leaves = (
        item.leaf
        for item in verify.exported(context.desks, context.caller("auditor"))
        if item.HasField("leaf")
    )
    folded = recompute.from_log(context.party, leaves, as_of.log_index)
    day = date.fromisoformat(day_text(as_of.today))
    if published is None:
        again = recompute.counted(folded, day, by or "")
    else:
        cases = folded.within(period_given(period), region)
        again = recompute.counted_table(cases, published, day, by or published.rows[0].lower())
    # What the log has and the desk does not say differs too.
    names = [name for name in said | again if figure in ("all", name.partition(" ")[0])]
    rows = [(name, said.get(name, (0, 0)), again.get(name, (0, 0))) for name in names]
    differ = [name for name, first, second in rows if first != second]
    if context.as_json:
        print_json(
            {
                "as_of": as_dict(as_of),
                "figures": [
                    {"id": id, "said": list(first), "recomputed": list(second)} for id, first, second in rows
                ],
                "equal": not differ,
            }
        )
    else:
        table = table_of("figure", "desk says", "recomputed", "")
        for id, first, second in rows:
            alike = "equal" if first == second else "[red]differs[/red]"
            table.add_row(id, f"{first[0]}/{first[1]}", f"{second[0]}/{second[1]}", alike)
        out.print(table)
        if figure in definitions.BY_ID:
            out.print(definitions.BY_ID[figure].indonesian, markup=False)
        print_as_of(as_of)
    if differ:
        raise typer.Exit(1)


def _said_by_the_desk(
    context: CommandContext, figure: str, by: str, today: datetime | None
) -> "tuple[pb.AsOf, dict[str, tuple[int, int]]]":
    """The figures of a desk, n and N by name, all as of one entry of its log; asked again if the log has moved between."""
    for _ in range(_TIMES):
        answers = list(_answers(context, figure, by, today))
        if len({as_of.log_index for as_of, _ in answers}) == 1:
            return answers[0][0], {name: counted for _, found in answers for name, counted in found.items()}
    err.print("The log moves faster than it can be asked: try again.")
    raise typer.Exit(1)


def _said_in_a_table(
    context: CommandContext, name: str, by: By | None, period: str, region: str, today: datetime | None
) -> "tuple[pb.AsOf, dict[str, tuple[int, int]]]":
    """n and N of every cell of a table at a desk, by the names of `recompute.counted_table`."""
    request = table_request(context, name, by, period, region, "", "", today)
    found = context.ask(stubs.MonitoringServiceStub, "GetTable", request)
    dimension = pb.Dimension.Name(found.dimension).removeprefix("DIMENSION_").lower()
    named = {name: found.whole} | {f"{name} {dimension} {row.key or '-'}": row for row in found.rows}
    return found.as_of, {
        f"{place} {column.id}": (cell.n, cell.of)
        for place, row in named.items()
        for column, cell in zip(found.columns, row.cells, strict=True)
    }


def _answers(
    context: CommandContext, figure: str, by: str, today: datetime | None
) -> "Iterator[tuple[pb.AsOf, dict[str, tuple[int, int]]]]":
    """Each answer's as-of, and n and N by the names of `recompute.counted`."""
    summed = context.ask(
        stubs.MonitoringServiceStub, "GetSummary", _everything(pb.GetSummaryRequest, context, today)
    )
    yield summed.as_of, {one.id: (one.n, one.of) for one in summed.figures}
    curve = context.ask(
        stubs.MonitoringServiceStub, "GetCohorts", _everything(pb.GetCohortsRequest, context, today)
    )
    points = [(cohort.month, point) for cohort in curve.cohorts for point in cohort.points]
    yield curve.as_of, {f"cohort {month} {point.within}": (point.n, point.of) for month, point in points}
    for id in [id for id in definitions.BY_ID if by and figure in ("all", id)]:
        request = _everything(pb.ListRegionsRequest, context, today)
        request.figure, request.dimension = id, enum_of(pb.Dimension, "DIMENSION", by)
        listed = context.ask(stubs.MonitoringServiceStub, "ListRegions", request)
        places = [place for place in listed.places if place.figure.of]
        yield (
            listed.as_of,
            {f"{id} {by} {place.key or '-'}": (place.figure.n, place.figure.of) for place in places},
        )


def _everything(kind: Any, context: CommandContext, today: datetime | None) -> Any:
    return request_of(kind, context, "", "", "", "", None, None, today)

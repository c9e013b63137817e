"""`netral audit recompute`: the figures of a desk, folded again from its exported log and compared."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any

import typer

from cli import agreement_words, language
from cli.cooperation.monitor import (
    AgencyOption,
    ElectionOption,
    OfficeOption,
    RegionOption,
    TierOption,
    print_as_of,
    request_of,
)
from cli.cooperation.tables import Asked, ByOption, period_given, table_request
from cli.deferred_imports import deferred_imports
from cli.formats import export_formats
from cli.language import said
from cli.options import CommandContext, Commands, OptionalDay, desk_command, enum_of
from cli.output import as_dict, compared, day_text, err, out, print_json, table_of
from cli.terminal.progress import counted

with deferred_imports():
    from cooperation.monitoring import recompute
    from cooperation.monitoring.figures import definitions, published_tables
    from netral.monitoring.v1 import service_pb2 as pb
    from netral.monitoring.v1 import service_pb2_grpc as stubs
    from operations.local import verify


_TIMES = 20
Counted = tuple[int, int]
"""n and N."""


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "recompute": recompute_figure,
    }


@desk_command()
def recompute_figure(
    context: CommandContext,
    figure: Annotated[str, typer.Argument(help=f"all, cohort, {agreement_words.FIGURES}, or a table")],
    by: ByOption = None,
    period: Annotated[str, typer.Option(help="Of a table: only this period, such as 2024-Q4.")] = "",
    region: RegionOption = "",
    agency: AgencyOption = "",
    tier: TierOption = "",
    office: OfficeOption = "",
    election: ElectionOption = "",
    today: OptionalDay = None,
) -> None:
    """[ro] Recompute a figure or a published table from the exported log. Exit code 1 if the desk says otherwise.

    Example: netral audit recompute follow-up-rate --as kasn --by post
    """
    known = ("all", "cohort", *definitions.BY_ID, *published_tables.TABLES)
    if figure not in known:
        raise typer.BadParameter(said("one of: {value}", value=", ".join(known)), param_hint="FIGURE")
    published = published_tables.TABLES.get(figure)
    asked = Asked(period, region, agency, tier, office, election.upper(), today)
    if published is None and replace(asked, today=None) != Asked():
        raise typer.BadParameter(
            said("figures are recomputed over all cases"),
            param_hint="--period, --region, --agency, --tier, --office, --election",
        )
    if published is None and by and len(by) > 1:
        raise typer.BadParameter(said("figures are told apart by one"), param_hint="--by")
    if published is None:
        one = by[0].replace("-", "_") if by else ""
        as_of, desk_says = _said_by_the_desk(context, figure, one, today)
        again = recompute.counted(_folded(context, as_of), _day_of(as_of), one)
    else:
        request = table_request(context, figure, by, asked)
        found = context.ask(stubs.MonitoringServiceStub, "GetTable", request)
        as_of, desk_says = found.as_of, _said_in_a_table(found)
        days = period_given(period)
        only = recompute.Only(days, region, found.only_agency, tier.upper(), asked.election, office)
        folded = _folded(context, as_of)
        again = recompute.counted_table(folded, published, _day_of(as_of), _dimensions(found), only)
    # What the log has and the desk does not say differs too.
    names = [name for name in desk_says | again if figure in ("all", name.partition(" ")[0])]
    rows = [(name, desk_says.get(name, (0, 0)), again.get(name, (0, 0))) for name in names]
    _print_compared(context, figure, as_of, rows)
    if any(first != second for _, first, second in rows):
        raise typer.Exit(1)


def _print_compared(
    context: CommandContext, figure: str, as_of: "pb.AsOf", rows: Sequence[tuple[str, Counted, Counted]]
) -> None:
    if context.as_json:
        figures = [{"id": id, "said": list(first), "recomputed": list(second)} for id, first, second in rows]
        equal = all(first == second for _, first, second in rows)
        print_json({"as_of": as_dict(as_of), "figures": figures, "equal": equal})
        return
    table = table_of("figure", "desk says", "recomputed", "comparison")
    for id, first, second in rows:
        counts = (export_formats.Counted(*first), export_formats.Counted(*second))
        table.add_row(id, *counts, compared(first == second))
    out.print(table)
    if figure in definitions.BY_ID:
        out.print(
            language.of_both(
                {"id": definitions.BY_ID[figure].indonesian, "en": definitions.BY_ID[figure].english}
            ),
            markup=False,
        )
    print_as_of(as_of)


def _said_by_the_desk(
    context: CommandContext, figure: str, by: str, today: datetime | None
) -> "tuple[pb.AsOf, dict[str, Counted]]":
    """The figures of a desk, n and N by name, all as of one entry of its log; asked again if the log has moved between."""
    for _ in range(_TIMES):
        answers = list(_answers(context, figure, by, today))
        if len({as_of.log_index for as_of, _ in answers}) == 1:
            return answers[0][0], {name: counted for _, found in answers for name, counted in found.items()}
    err.print(said("The log moves faster than it can be asked: try again."))
    raise typer.Exit(1)


def _folded(context: CommandContext, as_of: "pb.AsOf") -> "recompute.Recomputed":
    """The exported log up to the entry that the figures name, folded."""
    exported = counted(verify.exported(context.desks, context.caller("auditor")), "leaves of the log")
    leaves = (item.leaf for item in exported if item.HasField("leaf"))
    return recompute.from_log(context.party, leaves, as_of.log_index)


def _day_of(as_of: "pb.AsOf") -> date:
    return date.fromisoformat(day_text(as_of.today))


def _dimensions(table: "pb.PublishedTable") -> list[str]:
    return [pb.Dimension.Name(each).removeprefix("DIMENSION_") for each in table.dimensions]


def _said_in_a_table(table: "pb.PublishedTable") -> dict[str, Counted]:
    """n and N of every cell of a table at a desk, by `recompute.cell_name`."""
    dimensions = _dimensions(table)
    return {
        recompute.cell_name(table.id, dimensions, [key.key for key in row.keys], column.id): (cell.n, cell.of)
        for row in table.rows
        for column, cell in zip(table.columns, row.cells, strict=True)
    }


def _answers(
    context: CommandContext, figure: str, by: str, today: datetime | None
) -> "Iterator[tuple[pb.AsOf, dict[str, Counted]]]":
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

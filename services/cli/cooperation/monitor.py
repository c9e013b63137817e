"""`netral monitor …` and `netral audit recompute`: figures with n/N, definition and as-of; and the same again from the log."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

import typer

from cli import export_formats
from cli.options import (
    CommandContext,
    Day,
    as_dict,
    clock,
    date_of,
    day_text,
    desk_command,
    enum_of,
    err,
    out,
    print_json,
    table_of,
)
from cooperation.monitoring import recompute
from cooperation.monitoring.figures import definitions
from netral.monitoring.v1 import service_pb2 as pb
from netral.monitoring.v1.service_pb2_grpc import MonitoringServiceStub, ReconciliationServiceStub
from operations.local.verify import exported

RegionOption = Annotated[str, typer.Option(help="Province (62) or regency, city (62.02): Kemendagri code.")]
AgencyOption = Annotated[str, typer.Option(help="Only this agency, such as ppk-6202.")]
ActOption = Annotated[str, typer.Option(help="Only this act of the catalogue.")]
Tier = Literal["", "ministry", "province", "regency", "city"]
TierOption = Annotated[Tier, typer.Option(help="Only agencies of this tier.")]
OptionalDay = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]
FigureArgument = Annotated[str, typer.Argument(help=", ".join(definitions.BY_ID))]
StatementArgument = Annotated[str, typer.Argument(help="Id of the statement: `netral monitor stated`.")]
By = Literal["province", "region", "tier", "act", "agency", "employment", "post"]
_TIMES = 20
_ANSWERS = {"VALUE": "", "ZERO": "nol", "NO_CASES": "tidak ada perkara", "NO_DATA": "tidak ada data"}


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(help="Monitoring of follow-up (pemantauan tindak lanjut).", no_args_is_help=True)
    commands = {
        "summary": summary,
        "overdue": overdue,
        "ladder": ladder,
        "regions": regions,
        "cohort": cohort,
        "feeds": feeds,
        "watch": watch,
        "export": export,
        "state": state,
        "stated": stated,
        "reconcile": reconcile,
        "agree": agree,
    }
    for name, command in commands.items():
        group.command(name)(command)
    app.add_typer(group, name="monitor", rich_help_panel="Monitoring")
    audit = next(one.typer_instance for one in app.registered_groups if one.name == "audit")
    assert audit is not None
    audit.command("recompute")(recompute_figure)


@desk_command()
def summary(
    door: CommandContext,
    region: RegionOption = "",
    agency: AgencyOption = "",
    act: ActOption = "",
    tier: TierOption = "",
    since: OptionalDay = None,
    until: OptionalDay = None,
    today: OptionalDay = None,
) -> None:
    """\\[ro] The figures, where the cases are, and how long their holders have had them.

    Example: netral monitor summary --as kasn --region 62 --since 2026-01-01
    """
    request = _asked(pb.GetSummaryRequest, door, region, agency, act, tier, since, until, today)
    _show_summary(door, door.ask(MonitoringServiceStub, "GetSummary", request))


@desk_command()
def watch(
    door: CommandContext,
    seconds: Annotated[int, typer.Option(min=1, max=600, help="How long.")] = 600,
) -> None:
    """\\[ro] The summary, again whenever the trail has moved.

    Example: netral monitor watch --as kasn --seconds 60
    """
    request = pb.WatchFiguresRequest(parent=door.parent)
    started = datetime.now().astimezone()
    for found in door.desks.stream(MonitoringServiceStub, "WatchFigures", request, door.caller()):
        _show_summary(door, found)
        if (datetime.now().astimezone() - started).total_seconds() > seconds:
            return


@desk_command()
def overdue(
    door: CommandContext,
    region: RegionOption = "",
    agency: AgencyOption = "",
    act: ActOption = "",
    tier: TierOption = "",
    since: OptionalDay = None,
    until: OptionalDay = None,
    today: OptionalDay = None,
) -> None:
    """\\[ro] Recommendations past their due date, latest first, with days late and the next step.

    Example: netral monitor overdue --as kasn --tier regency
    """
    request = _asked(pb.ListOverdueRequest, door, region, agency, act, tier, since, until, today)
    request.page_size = 1000
    pages = list(door.desks.pages(MonitoringServiceStub, "ListOverdue", request, door.caller()))
    found = [one for page in pages for one in page.cases]
    if door.as_json:
        print_json({"as_of": as_dict(pages[0].as_of), "cases": [as_dict(one) for one in found]})
        return
    table = table_of("matter", "agency", "due", "days late", "working days", "held by", "next", "from", "who")
    for one in found:
        case = one.case
        days = (str(one.days_late), str(one.working_days_late))
        due = day_text(case.due_date)
        following = (one.next_step, day_text(one.next_date), one.next_actor)
        table.add_row(case.matter, case.agency, due, *days, case.holder, *following)
    out.print(table)
    _as_of(pages[0].as_of)


@desk_command()
def ladder(
    door: CommandContext, region: RegionOption = "", tier: TierOption = "", today: OptionalDay = None
) -> None:
    """\\[ro] How many recommendations stand on which step, and what comes next.

    Example: netral monitor ladder --as kasn
    """
    request = _asked(pb.GetLadderRequest, door, region, "", "", tier, None, None, today)
    found = door.ask(MonitoringServiceStub, "GetLadder", request)
    if door.as_json:
        print_json(found)
        return
    table = table_of("step", "cases", "next", "who")
    for rung in found.rungs:
        table.add_row(rung.step, str(rung.count), rung.next_step, rung.next_actor)
    out.print(table)
    _as_of(found.as_of)


@desk_command()
def regions(
    door: CommandContext,
    figure: Annotated[str, typer.Option(help=", ".join(definitions.BY_ID))] = "follow-up-rate",
    by: Annotated[By, typer.Option(help="What to tell apart.")] = "province",
    minimum: Annotated[int, typer.Option(min=0, max=1000, help="Fewer cases are not ranked.")] = 5,
    tier: TierOption = "",
    since: OptionalDay = None,
    until: OptionalDay = None,
    today: OptionalDay = None,
) -> None:
    """\\[ro] One figure per province, region, tier, act, post or agency, ranked within its tier.

    Example: netral monitor regions --as kasn --by agency --figure on-time-rate
    """
    request = _asked(pb.ListRegionsRequest, door, "", "", "", tier, since, until, today)
    request.figure, request.minimum = figure, minimum
    request.dimension = enum_of(pb.Dimension, "DIMENSION", by)
    found = door.ask(MonitoringServiceStub, "ListRegions", request)
    if door.as_json:
        print_json(found)
        return
    table = table_of("rank", by, "name", "tier", "n/N", "share", "95 %")
    for place in found.places:
        if place.unranked == "NO_CASES":
            continue
        words = pb.Tier.Name(place.tier).removeprefix("TIER_").lower() if place.tier else ""
        rank = str(place.rank) if place.rank else place.unranked
        table.add_row(rank, place.key, place.name, words, *_counted(place.figure))
    out.print(table)
    empty = sum(place.unranked == "NO_CASES" for place in found.places)
    if empty:
        out.print(f"{empty} without cases.")
    if found.places:
        out.print(found.places[0].figure.definition_id, markup=False)
    _as_of(found.as_of)


@desk_command()
def cohort(
    door: CommandContext,
    region: RegionOption = "",
    tier: TierOption = "",
    since: OptionalDay = None,
    until: OptionalDay = None,
    today: OptionalDay = None,
) -> None:
    """\\[ro] The share followed up after 5 to 40 working days and 2 to 24 months, by month of recommendation.

    Example: netral monitor cohort --as kasn
    """
    request = _asked(pb.GetCohortsRequest, door, region, "", "", tier, since, until, today)
    found = door.ask(MonitoringServiceStub, "GetCohorts", request)
    if door.as_json:
        print_json(found)
        return
    points = [point.within for point in found.cohorts[0].points] if found.cohorts else []
    table = table_of("month", "recommended", *points)
    for one in found.cohorts:
        shares = [f"{point.n}/{point.of}" if point.of else "" for point in one.points]
        table.add_row(one.month, str(one.recommended), *shares)
    out.print(table)
    out.print(found.definition_id, markup=False)
    _as_of(found.as_of)


@desk_command()
def feeds(door: CommandContext) -> None:
    """\\[ro] Whom this party heard last when, and who is quiet longer than its habit.

    Example: netral monitor feeds --as kasn
    """
    found = door.ask(MonitoringServiceStub, "ListFeeds", pb.ListFeedsRequest(parent=door.parent))
    if door.as_json:
        print_json(found)
        return
    table = table_of("peer", "state", "last (WIB)", "statements", "quiet days", "habit", "holds")
    for feed in found.feeds:
        word = pb.FeedState.Name(feed.state).removeprefix("FEED_STATE_")
        numbers = [str(number) if number >= 0 else "" for number in (feed.quiet_days, feed.usual_days)]
        table.add_row(feed.peer, word, clock(feed.last_time), str(feed.statements), *numbers, str(feed.holds))
    out.print(table)
    out.print(found.rule, markup=False)
    _as_of(found.as_of)


@desk_command()
def export(
    door: CommandContext,
    file: Annotated[Path, typer.Argument(help="FILE.csv, FILE.json or FILE.xlsx")],
    region: RegionOption = "",
    agency: AgencyOption = "",
    act: ActOption = "",
    tier: TierOption = "",
    since: OptionalDay = None,
    until: OptionalDay = None,
    today: OptionalDay = None,
) -> None:
    """\\[ro] Every figure, for the whole and apart, to a file; each line has n, N, definition and as-of.

    Example: netral monitor export figures.xlsx --as kasn
    """
    if file.suffix not in export_formats.WRITERS:
        raise typer.BadParameter(f"name it {', '.join(export_formats.WRITERS)}", param_hint="FILE")
    request = _asked(pb.ExportFiguresRequest, door, region, agency, act, tier, since, until, today)
    stream = door.desks.stream(MonitoringServiceStub, "ExportFigures", request, door.caller())
    rows = [_line(row) for row in stream]
    export_formats.write(file, rows, "figures")
    if door.as_json:
        print_json({"file": str(file), "rows": len(rows)})
    else:
        err.print(f"{file}: {len(rows)} figures.")


@desk_command("supervisor", writes=True)
def state(
    door: CommandContext,
    figure: FigureArgument,
    to: Annotated[str, typer.Option("--to", help="The party that is to compare.")],
    since: Day,
    until: Day,
) -> None:
    """\\[rw] State a figure for a period to another agency, case by case (rekonsiliasi).

    Example: netral monitor state follow-up-rate --to kasn --since 2026-01-01 --until 2026-07-01
    """
    request = pb.StateFiguresRequest(
        parent=door.parent,
        recipient=to,
        figure=figure,
        start_date=date_of(since),
        end_date=date_of(until),
    )
    door.act(ReconciliationServiceStub, "StateFigures", request)


@desk_command()
def stated(door: CommandContext) -> None:
    """\\[ro] Figures that were stated and agreed, newest first.

    Example: netral monitor stated --as kasn
    """
    request = pb.ListStatedFiguresRequest(parent=door.parent, page_size=1000)
    pages = door.desks.pages(MonitoringServiceStub, "ListStatedFigures", request, door.caller())
    found = [one for page in pages for one in page.figures]
    if door.as_json:
        print_json([as_dict(one) for one in found])
        return
    table = table_of("statement", "from", "to", "time (WIB)", "what", "n/N", "differences")
    for one in found:
        said = one.agreed if one.HasField("agreed") else one.stated
        what = "answer" if one.HasField("agreed") else one.stated.figure
        id = one.name.rpartition("/")[2]
        counted = f"{said.ratio.n}/{said.ratio.of}"
        differing = str(len(one.agreed.differences)) if one.HasField("agreed") else ""
        table.add_row(id, one.sender, one.recipient, clock(one.time), what, counted, differing)
    out.print(table)


@desk_command("examiner", writes=True)
def agree(door: CommandContext, statement: StatementArgument) -> None:
    """\\[rw] Answer a stated figure: we agree, except these, each with its reason.

    Example: netral monitor agree 0199… --as kasn
    """
    request = pb.AgreeFiguresRequest(name=f"{door.parent}/figures/{statement}")
    door.act(ReconciliationServiceStub, "AgreeFigures", request)


@desk_command("examiner")
def reconcile(door: CommandContext, statement: StatementArgument) -> None:
    """\\[ro] A stated figure beside one's own, each difference with its reason.

    Example: netral monitor reconcile 0199… --as kasn
    """
    name = f"{door.parent}/figures/{statement}"
    found = door.ask(MonitoringServiceStub, "ReconcileFigures", pb.ReconcileFiguresRequest(name=name))
    if door.as_json:
        print_json(found)
        return
    ratio = f"{found.stated.ratio.n}/{found.stated.ratio.of}"
    out.print(f"{found.stated.figure}: {found.stated_by} {ratio}, {door.party} {found.own.n}/{found.own.of}")
    out.print(f"{found.alike} alike, {len(found.differences)} not:")
    table = table_of("matter", "counted", "reason", "stage here")
    for one in found.differences:
        kind = as_dict(one)["kind"].removeprefix("DIFFERENCE_KIND_")
        reason = as_dict(one)["reason"].removeprefix("DIFFERENCE_REASON_")
        table.add_row(str(UUID(bytes=one.matter)), kind, reason, one.stage)
    out.print(table)
    _as_of(found.as_of)


@desk_command()
def recompute_figure(
    door: CommandContext,
    figure: Annotated[str, typer.Argument(help=f"all, cohort, {', '.join(definitions.BY_ID)}")],
    by: Annotated[By | None, typer.Option(help="Every value of it apart, too.")] = None,
    today: OptionalDay = None,
) -> None:
    """\\[ro] Export a party's log, fold it anew and compare the figure with what the desk says; exit 1 if they differ.

    Example: netral audit recompute follow-up-rate --as kasn --by post
    """
    if figure not in ("all", "cohort", *definitions.BY_ID):
        raise typer.BadParameter(f"one of: all, cohort, {', '.join(definitions.BY_ID)}", param_hint="FIGURE")
    as_of, said = _said_by_the_desk(door, figure, by or "", today)
    leaves = (item.leaf for item in exported(door.desks, door.caller("auditor")) if item.HasField("leaf"))
    folded = recompute.from_log(door.party, leaves, as_of.log_index)
    again = recompute.counted(folded, date.fromisoformat(day_text(as_of.today)), by or "")
    # What the log has and the desk does not say differs too.
    names = [name for name in said | again if figure in ("all", name.partition(" ")[0])]
    rows = [(name, said.get(name, (0, 0)), again.get(name, (0, 0))) for name in names]
    differ = [name for name, first, second in rows if first != second]
    if door.as_json:
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
        _as_of(as_of)
    if differ:
        raise typer.Exit(1)


def _said_by_the_desk(
    door: CommandContext, figure: str, by: str, today: datetime | None
) -> tuple[pb.AsOf, dict[str, tuple[int, int]]]:
    """What a desk says, n and N by name, all as of one entry of its log; asked again if the log has moved between."""
    for _ in range(_TIMES):
        answers = list(_answers(door, figure, by, today))
        if len({as_of.log_index for as_of, _ in answers}) == 1:
            return answers[0][0], {name: counted for _, found in answers for name, counted in found.items()}
    err.print("The log moves faster than it can be asked: try again.")
    raise typer.Exit(1)


def _answers(
    door: CommandContext, figure: str, by: str, today: datetime | None
) -> Iterator[tuple[pb.AsOf, dict[str, tuple[int, int]]]]:
    """Each answer's as-of, and n and N by the names of `recompute.counted`."""
    summed = door.ask(MonitoringServiceStub, "GetSummary", _everything(pb.GetSummaryRequest, door, today))
    yield summed.as_of, {one.id: (one.n, one.of) for one in summed.figures}
    curve = door.ask(MonitoringServiceStub, "GetCohorts", _everything(pb.GetCohortsRequest, door, today))
    points = [(cohort.month, point) for cohort in curve.cohorts for point in cohort.points]
    yield curve.as_of, {f"cohort {month} {point.within}": (point.n, point.of) for month, point in points}
    for id in [id for id in definitions.BY_ID if by and figure in ("all", id)]:
        request = _everything(pb.ListRegionsRequest, door, today)
        request.figure, request.dimension = id, enum_of(pb.Dimension, "DIMENSION", by)
        listed = door.ask(MonitoringServiceStub, "ListRegions", request)
        places = [place for place in listed.places if place.figure.of]
        yield (
            listed.as_of,
            {f"{id} {by} {place.key or '-'}": (place.figure.n, place.figure.of) for place in places},
        )


def _everything(kind: Any, door: CommandContext, today: datetime | None) -> Any:
    return _asked(kind, door, "", "", "", "", None, None, today)


# --- what several commands need -----------------------------------------------------------------------------------


def _asked(
    kind: Any,
    door: CommandContext,
    region: str,
    agency: str,
    act: str,
    tier: str,
    since: datetime | None,
    until: datetime | None,
    today: datetime | None,
) -> Any:
    wanted = pb.CaseFilter(region=region, agency=agency, act=act)
    if tier:
        wanted.tier = enum_of(pb.Tier, "TIER", tier)
    for field, day in (("start_date", since), ("end_date", until)):
        if day:
            getattr(wanted, field).CopyFrom(date_of(day))
    request = kind(parent=door.parent, filter=wanted)
    if today:
        request.today.CopyFrom(date_of(today))
    return request


def _show_summary(door: CommandContext, found: pb.Summary) -> None:
    if door.as_json:
        print_json(found)
    else:
        print_summary(found)


def print_summary(found: pb.Summary) -> None:
    """Say the figures, where the cases are, and as of which entry of the trail."""
    out.print(f"[bold]{found.sentence}[/bold]")
    table = table_of("figure", "n/N", "share", "95 %", "definition")
    for figure in found.figures:
        table.add_row(figure.id, *_counted(figure), figure.definition_id)
    out.print(table)
    _print_counts("cases", found.flow)
    _print_counts("working days held", found.ageing)
    _as_of(found.as_of)


def _print_counts(title: str, counts: Iterable[pb.Count]) -> None:
    found = [f"{count.key} {count.count}" for count in counts if count.count]
    out.print(f"{title}: {', '.join(found) or '-'}", highlight=False)


def _counted(figure: pb.Figure) -> Sequence[str]:
    """n/N, the share in words, and the interval."""
    answer = pb.Answer.Name(figure.answer).removeprefix("ANSWER_")
    share = _ANSWERS[answer] or f"{100 * figure.n / figure.of:.1f} %"
    interval = f"{100 * figure.low:.0f}-{100 * figure.high:.0f}" if figure.of else ""
    return f"{figure.n}/{figure.of}", share, interval


def _line(row: pb.FigureRow) -> dict[str, Any]:
    figure, as_of = row.figure, row.as_of
    return {
        "figure": figure.id,
        "by": pb.Dimension.Name(row.dimension).removeprefix("DIMENSION_").lower() if row.dimension else "",
        "key": row.key,
        "name": row.name,
        "n": figure.n,
        "N": figure.of,
        "answer": pb.Answer.Name(figure.answer).removeprefix("ANSWER_"),
        "low": round(figure.low, 6) if figure.of else None,
        "high": round(figure.high, 6) if figure.of else None,
        "definition_id": figure.definition_id,
        "definition_en": figure.definition_en,
        "today": day_text(as_of.today),
        "log_index": as_of.log_index,
        "log_time": as_dict(as_of).get("time", ""),
    }


def _as_of(as_of: pb.AsOf) -> None:
    time = clock(as_of.time) or "-"
    out.print(f"as of {day_text(as_of.today)}, entry {as_of.log_index} of the log ({time} WIB)", style="dim")

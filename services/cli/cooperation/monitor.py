"""`netral monitor …`: figures with n/N, definition and as-of."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cli import agreement_words, language
from cli.deferred_imports import deferred_imports
from cli.formats import export_formats
from cli.formats.export_formats import Counted, Ordinal, Share, Sheet
from cli.language import said
from cli.options import CommandContext, Commands, OptionalDay, date_of, desk_command, enum_of
from cli.output import Shown, as_dict, clock, day_text, err, out, party, print_json, table_of
from cli.terminal import progress

with deferred_imports():
    from netral.monitoring.v1 import service_pb2 as pb
    from netral.monitoring.v1 import service_pb2_grpc as stubs

RegionOption = Annotated[str, typer.Option(help="Province (62) or regency, city (62.02): Kemendagri code.")]
AgencyOption = Annotated[str, typer.Option(help="Only this agency, such as ppk-6202.")]
ActOption = Annotated[str, typer.Option(help="Only this act of the catalogue.")]
ElectionOption = Annotated[
    str,
    typer.Option(
        help="Only cases derived to belong to this election, such as PILKADA-2024: `netral election ls`."
    ),
]
Tier = Literal["", "ministry", "province", "regency", "city"]
TierOption = Annotated[Tier, typer.Option(help="Only agencies of this tier.")]
OfficeOption = Annotated[str, typer.Option(help="Only this office: Bawaslu's Kab/27.09, or KANREG-VIII.")]
_Cases = Literal["province", "region", "tier", "act", "agency", "employment", "post", "election", "quarter"]
By = Literal[_Cases, "origin", "recommended-class", "imposed-class", "office"]
_ANSWERS: Mapping[str, Mapping[str, str]] = {
    "VALUE": {},
    "ZERO": {"id": "nol", "en": "zero"},
    "NO_CASES": {"id": "tidak ada perkara", "en": "no cases"},
    "NO_DATA": {"id": "tidak ada data", "en": "no data"},
}


_EXPORTED = (
    "figure",
    "by",
    "key",
    "name",
    "n",
    "N",
    "share",
    "answer",
    "low",
    "high",
    "definition_id",
    "definition_en",
    "today",
    "log_index",
    "log_time",
)


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "summary": summary,
        "overdue": overdue,
        "escalation": escalation,
        "regions": regions,
        "cohort": cohort,
        "peer-activity": peer_activity,
        "watch": watch,
        "export": export,
    }


@desk_command()
def summary(
    context: CommandContext,
    region: RegionOption = "",
    agency: AgencyOption = "",
    act: ActOption = "",
    office: OfficeOption = "",
    tier: TierOption = "",
    election: ElectionOption = "",
    since: OptionalDay = None,
    until: OptionalDay = None,
    today: OptionalDay = None,
) -> None:
    """[ro] Show the figures, where the cases are, and how long their holders have had them.

    Example: netral monitor summary --as kasn --region 62 --since 2026-01-01
    """
    request = request_of(pb.GetSummaryRequest, context, region, agency, act, tier, since, until, today)
    request.filter.election, request.filter.office = election.upper(), office
    _show_summary(context, context.ask(stubs.MonitoringServiceStub, "GetSummary", request))


@desk_command()
def watch(
    context: CommandContext,
    seconds: Annotated[int, typer.Option(min=1, max=600, help="How long.")] = 600,
) -> None:
    """[ro] Show the summary again whenever the trail has grown.

    Example: netral monitor watch --as kasn --seconds 60
    """
    request = pb.WatchFiguresRequest(parent=context.parent)
    started = datetime.now().astimezone()
    for found in context.desks.stream(stubs.MonitoringServiceStub, "WatchFigures", request, context.caller()):
        _show_summary(context, found)
        if (datetime.now().astimezone() - started).total_seconds() > seconds:
            return


@desk_command()
def overdue(
    context: CommandContext,
    region: RegionOption = "",
    agency: AgencyOption = "",
    act: ActOption = "",
    office: OfficeOption = "",
    tier: TierOption = "",
    election: ElectionOption = "",
    since: OptionalDay = None,
    until: OptionalDay = None,
    today: OptionalDay = None,
) -> None:
    """[ro] List overdue recommendations, latest first, with days late and the next step.

    Example: netral monitor overdue --as kasn --tier regency
    """
    request = request_of(pb.ListOverdueRequest, context, region, agency, act, tier, since, until, today)
    request.filter.election, request.filter.office = election.upper(), office
    request.page_size = 1000
    pages = list(context.desks.pages(stubs.MonitoringServiceStub, "ListOverdue", request, context.caller()))
    found = [one for page in pages for one in page.cases]
    if context.as_json:
        print_json({"as_of": as_dict(pages[0].as_of), "cases": [as_dict(one) for one in found]})
        return
    table = table_of("matter", "agency", "due", "days late", "working days", "held by", "next", "from", "who")
    for one in found:
        case = one.case
        days = (one.days_late, one.working_days_late)
        due = day_text(case.due_date)
        following = (one.next_step, day_text(one.next_date), party(one.next_actor))
        table.add_row(case.matter, party(case.agency), due, *days, party(case.holder), *following)
    out.print(table)
    print_as_of(pages[0].as_of)


@desk_command()
def escalation(
    context: CommandContext,
    region: RegionOption = "",
    tier: TierOption = "",
    office: OfficeOption = "",
    election: ElectionOption = "",
    today: OptionalDay = None,
) -> None:
    """[ro] Count recommendations by step of escalation (tangga eskalasi).

    Example: netral monitor escalation --as kasn
    """
    request = request_of(pb.GetLadderRequest, context, region, "", "", tier, None, None, today)
    request.filter.election, request.filter.office = election.upper(), office
    found = context.ask(stubs.MonitoringServiceStub, "GetLadder", request)
    if context.as_json:
        print_json(found)
        return
    table = table_of("step", "cases", "next", "who")
    for rung in found.rungs:
        table.add_row(rung.step, rung.count, rung.next_step, rung.next_actor)
    out.print(table)
    print_as_of(found.as_of)


@desk_command()
def regions(
    context: CommandContext,
    figure: Annotated[str, typer.Option(help=agreement_words.FIGURES)] = "follow-up-rate",
    by: Annotated[By, typer.Option(help="What to tell apart.")] = "province",
    minimum: Annotated[int, typer.Option(min=0, max=1000, help="Fewer cases are not ranked.")] = 5,
    office: OfficeOption = "",
    tier: TierOption = "",
    election: ElectionOption = "",
    since: OptionalDay = None,
    until: OptionalDay = None,
    today: OptionalDay = None,
) -> None:
    """[ro] Rank one figure by province, region, tier, act, post, office or agency.

    Example: netral monitor regions --as kasn --by agency --figure on-time-rate
    """
    request = request_of(pb.ListRegionsRequest, context, "", "", "", tier, since, until, today)
    request.filter.election, request.filter.office = election.upper(), office
    request.figure, request.minimum = figure, minimum
    request.dimension = enum_of(pb.Dimension, "DIMENSION", by)
    found = context.ask(stubs.MonitoringServiceStub, "ListRegions", request)
    if context.as_json:
        print_json(found)
        return
    table = table_of("rank", by, "name", "tier", "n/N", "share", "95 %")
    for place in found.places:
        if place.unranked == "NO_CASES":
            continue
        words = pb.Tier.Name(place.tier).removeprefix("TIER_").lower() if place.tier else ""
        rank = Ordinal(place.rank) if place.rank else place.unranked
        table.add_row(rank, place.key, place.name, words, *_counted(place.figure))
    out.print(table)
    empty = sum(place.unranked == "NO_CASES" for place in found.places)
    if empty:
        out.print(said("{empty} without cases.", empty=empty))
    if found.places:
        out.print(_definition(found.places[0].figure), markup=False)
    print_as_of(found.as_of)


@desk_command()
def cohort(
    context: CommandContext,
    region: RegionOption = "",
    tier: TierOption = "",
    office: OfficeOption = "",
    election: ElectionOption = "",
    since: OptionalDay = None,
    until: OptionalDay = None,
    today: OptionalDay = None,
) -> None:
    """[ro] Show the share followed up after 5 to 40 working days and 2 to 24 months, by month.

    Example: netral monitor cohort --as kasn
    """
    request = request_of(pb.GetCohortsRequest, context, region, "", "", tier, since, until, today)
    request.filter.election, request.filter.office = election.upper(), office
    found = context.ask(stubs.MonitoringServiceStub, "GetCohorts", request)
    if context.as_json:
        print_json(found)
        return
    points = [point.within for point in found.cohorts[0].points] if found.cohorts else []
    table = table_of("month", "recommended", *points)
    for one in found.cohorts:
        shares = [Counted(point.n, point.of) if point.of else None for point in one.points]
        table.add_row(one.month, one.recommended, *shares)
    out.print(table)
    out.print(_definition(found), markup=False)
    print_as_of(found.as_of)


@desk_command()
def peer_activity(context: CommandContext) -> None:
    """[ro] List peers by their last statement, and peers that are quiet longer than usual.

    Example: netral monitor peer-activity --as kasn
    """
    found = context.ask(stubs.MonitoringServiceStub, "ListFeeds", pb.ListFeedsRequest(parent=context.parent))
    if context.as_json:
        print_json(found)
        return
    table = table_of("peer", "state", "last (WIB)", "statements", "quiet days", "habit", "holds")
    for feed in found.feeds:
        word = pb.FeedState.Name(feed.state).removeprefix("FEED_STATE_")
        numbers = [number if number >= 0 else None for number in (feed.quiet_days, feed.usual_days)]
        last = clock(feed.last_time)
        table.add_row(party(feed.peer), word, last, feed.statements, *numbers, feed.holds)
    out.print(table)
    out.print(language.of_both({"id": found.rule, "en": found.rule_en}), markup=False)
    print_as_of(found.as_of)


@desk_command()
def export(
    context: CommandContext,
    to: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="FILE.csv, FILE.json or FILE.xlsx, as --file.")
    ] = None,
    region: RegionOption = "",
    agency: AgencyOption = "",
    act: ActOption = "",
    office: OfficeOption = "",
    tier: TierOption = "",
    since: OptionalDay = None,
    until: OptionalDay = None,
    today: OptionalDay = None,
) -> None:
    """[ro] Export every figure. Each line has n, N, share, definition and as-of.

    Example: netral monitor export --as kasn --file figures.xlsx
    """
    if to is not None and to.suffix not in export_formats.WRITERS:
        raise typer.BadParameter(
            said("name it {value}", value=", ".join(export_formats.WRITERS)), param_hint="FILE"
        )
    request = request_of(pb.ExportFiguresRequest, context, region, agency, act, tier, since, until, today)
    request.filter.office = office
    stream = context.desks.stream(stubs.MonitoringServiceStub, "ExportFigures", request, context.caller())
    rows = [_line(row) for row in progress.counted(stream, "figures")]
    sheet = Sheet("figures", "", _EXPORTED, rows, keys=4)
    if to is not None:
        export_formats.write_sheet(to, sheet)
        if context.as_json:
            print_json({"file": str(to), "rows": len(rows)})
        else:
            err.print(said("{to}: {rows} figures.", to=to, rows=len(rows)))
    elif context.as_json:
        print_json([row | {"today": str(row["today"])} for row in rows])
    elif out.kept is not None:
        out.kept.sheets.append(sheet)
    else:
        table = table_of("figure", "by", "key", "name", "n/N", "share")
        for row in rows:
            counted = Counted(row["n"], row["N"])
            table.add_row(row["figure"], row["by"], row["key"], row["name"], counted, row["share"])
        out.print(table)


# --- what several commands need -----------------------------------------------------------------------------------


def request_of(
    kind: Any,
    context: CommandContext,
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
    request = kind(parent=context.parent, filter=wanted)
    if today:
        request.today.CopyFrom(date_of(today))
    return request


def _show_summary(context: CommandContext, found: "pb.Summary") -> None:
    if context.as_json:
        print_json(found)
    else:
        print_summary(found)


def print_summary(found: "pb.Summary") -> None:
    """Say the figures, where the cases are, and as of which entry of the trail."""
    told = language.of_both({"id": found.sentence, "en": found.sentence_en})
    out.print(told, style="bold", markup=False)
    table = table_of("figure", "n/N", "share", "95 %", "definition")
    for figure in found.figures:
        table.add_row(figure.id, *_counted(figure), _definition(figure))
    out.print(table)
    _print_counts("cases", found.flow)
    _print_counts(said("working days held"), found.ageing)
    print_as_of(found.as_of)


def _print_counts(title: str, counts: "Iterable[pb.Count]") -> None:
    found = [f"{count.key} {count.count}" for count in counts if count.count]
    out.print(f"{title}: {', '.join(found) or '-'}", highlight=False)


def _definition(counted: "pb.Figure | pb.Cohorts") -> str:
    return language.of_both({"id": counted.definition_id, "en": counted.definition_en})


def _counted(figure: "pb.Figure") -> Sequence[Shown]:
    """n/N, the share or why there is none, and the interval."""
    answer = pb.Answer.Name(figure.answer).removeprefix("ANSWER_")
    share = language.of_both(_ANSWERS[answer]) if _ANSWERS[answer] else Share(figure.n / figure.of)
    interval = f"{100 * figure.low:.0f}-{100 * figure.high:.0f}" if figure.of else ""
    return f"{figure.n}/{figure.of}", share, interval


def _line(row: "pb.FigureRow") -> dict[str, Any]:
    figure, as_of = row.figure, row.as_of
    return {
        "figure": figure.id,
        "by": pb.Dimension.Name(row.dimension).removeprefix("DIMENSION_").lower() if row.dimension else "",
        "key": row.key,
        "name": row.name,
        "n": figure.n,
        "N": figure.of,
        "share": Share(figure.n / figure.of) if figure.of else None,
        "answer": pb.Answer.Name(figure.answer).removeprefix("ANSWER_"),
        "low": round(figure.low, 6) if figure.of else None,
        "high": round(figure.high, 6) if figure.of else None,
        "definition_id": figure.definition_id,
        "definition_en": figure.definition_en,
        "today": date.fromisoformat(day_text(as_of.today)),
        "log_index": Ordinal(as_of.log_index),
        "log_time": as_dict(as_of).get("time", ""),
    }


def print_as_of(as_of: "pb.AsOf") -> None:
    time = clock(as_of.time) or "-"
    out.print(
        said(
            "as of {today}, entry {log_index} of the log ({time} WIB)",
            today=day_text(as_of.today),
            log_index=as_of.log_index,
            time=time,
        ),
        style="dim",
    )

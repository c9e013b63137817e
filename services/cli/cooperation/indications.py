"""What an authority's internal team types: `netral indication …`; and for all who supervise, `netral supervision warnings`."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from itertools import islice
from typing import Annotated, Any, Literal
from uuid import uuid4

import typer

from agreement.prevention import supervision
from cli.bawaslu.matters import person_of
from cli.matter.matters import show_entries
from cli.options import (
    CommandContext,
    Day,
    as_dict,
    clock,
    date_of,
    day_text,
    desk_command,
    digest_of,
    enum_of,
    out,
    print_json,
    table_of,
    text_of,
)
from cooperation.monitoring import recompute
from cooperation.monitoring.figures.early_warning import Windows
from netral.bawaslu.v1 import intake_events_pb2 as events
from netral.exchange.v1 import person_pb2
from netral.monitoring.v1 import service_pb2 as monitoring
from netral.monitoring.v1.service_pb2_grpc import MonitoringServiceStub
from netral.supervision.v1 import indications_pb2 as pb
from netral.supervision.v1.indications_pb2_grpc import IndicationReadServiceStub, IndicationServiceStub
from operations.local.verify import exported

PANEL = "Supervision (pengawasan)"


def _words(codes: Iterable[str]) -> str:
    """The agreement's codes as they are typed."""
    return ", ".join(code.lower().replace("_", "-") for code in codes)


IndicationId = Annotated[str, typer.Argument(metavar="INDICATION", help="Id of the indication.")]
Team = Annotated[
    str, typer.Option(help="Number of the decree of the internal team, as `satgas register` told it.")
]
Channel = Annotated[str, typer.Option(help=f"Where it was seen: {_words(supervision.channels())}.")]
Guidance = Annotated[str, typer.Option(help=f"One of {_words(supervision.guidances())}.")]
Remarks = Annotated[str, typer.Option(help="For the file; @file, or - for standard input.")]
Minutes = Annotated[str, typer.Option(help="The minutes, or sha256:<digest>; only their digest is kept.")]
Links = Annotated[list[str] | None, typer.Option("--link", help="Where it can be seen; again for more.")]
Materials = Annotated[
    list[str] | None,
    typer.Option(
        "--material", help="What was seen at that link: a file or sha256:<digest>; only its digest is kept."
    ),
]
OptionalDay = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(
        help="What an authority's own team sees first (deteksi dini), and what became of it.",
        no_args_is_help=True,
    )
    commands: dict[str, Callable[..., None]] = {
        "record": record,
        "settle": settle,
        "pass": pass_,
        "ls": ls,
        "show": show,
        "file": file,
    }
    for name, command in commands.items():
        group.command(name)(command)
    app.add_typer(group, name="indication", rich_help_panel=PANEL)
    views = typer.Typer(help="What rises against its own past.", no_args_is_help=True)
    views.command("warnings")(warnings)
    views.command("recompute")(recompute_warnings)
    app.add_typer(views, name="supervision", rich_help_panel=PANEL)


# --- an authority's team ---------------------------------------------------------------------------------------------


@desk_command("authority", writes=True)
def record(
    door: CommandContext,
    team: Team,
    act: Annotated[str, typer.Option(help="Code of the violation catalogue, such as 2022-DSB7.")],
    channel: Channel,
    region: Annotated[str, typer.Option(help="Where: Kemendagri code, such as 62.02.")],
    seen: Day,
    link: Links = None,
    material: Materials = None,
    person: Annotated[str, typer.Option(help="Who, if known: a file with a person in JSON.")] = "",
    remarks: Remarks = "",
) -> None:
    """\\[rw] Record a first indication (indikasi awal): links and person are kept encrypted, of the material its digest.

    Example: netral indication record --as ppk-6202 --team 188.45/77/HUK/2023 --act 2022-DSB7 --channel social-media
    --region 62.02 --seen 2023-11-10 --link https://… --material shot.png
    """
    links, materials = link or [], material or []
    if len(links) != len(materials):
        raise typer.BadParameter("each link has its material, in the same order", param_hint="--material")
    seen_there = zip(links, materials, strict=True)
    request = pb.RecordIndicationRequest(
        parent=door.parent,
        team_number=team,
        act=act,
        channel=_code(channel),
        region=region,
        seen_date=date_of(seen),
        material=[pb.Material(link=where, digest=digest_of(what)) for where, what in seen_there],
        person=person_of(person) if person else None,
        remarks=text_of(remarks),
    )
    door.act(IndicationServiceStub, "RecordIndication", request)


@desk_command("authority", writes=True)
def settle(
    door: CommandContext,
    indication: IndicationId,
    guidance: Guidance,
    date: Day,
    minutes: Minutes,
    remarks: Remarks = "",
) -> None:
    """\\[rw] Settle an indication by guidance (pembinaan), with the digest of its minutes; it stays at the authority.

    Example: netral indication settle 0199… --as ppk-6202 --guidance counselled --date 2023-11-12 --minutes ba.pdf
    """
    request = pb.SettleIndicationRequest(
        name=_name(door, indication),
        guidance=_code(guidance),
        settled_date=date_of(date),
        minutes_digest=digest_of(minutes),
        remarks=text_of(remarks),
    )
    door.act(IndicationServiceStub, "SettleIndication", request)


@desk_command("authority", writes=True)
def pass_(
    door: CommandContext,
    indication: IndicationId,
    letter: Annotated[str, typer.Option(help="Number of the letter.")],
    date: Day,
    election: Annotated[Literal["pemilu", "pilkada"], typer.Option()],
    office: Annotated[
        str, typer.Option(help="Bawaslu's office: level and its own area code, such as Kab/27.09.")
    ],
    remarks: Remarks = "",
) -> None:
    """\\[rw] Pass an indication to Bawaslu as first information (informasi awal), with the digests of what was seen.

    Example: netral indication pass 0199… --as ppk-6202 --letter 700/12/REGU --date 2023-11-11 --election pemilu
    --office Kab/27.09
    """
    request = pb.PassIndicationRequest(
        name=_name(door, indication),
        letter_number=letter,
        letter_date=date_of(date),
        election=enum_of(events.Election, "ELECTION", election),
        office=office,
        remarks=text_of(remarks),
    )
    door.act(IndicationServiceStub, "PassIndication", request)


@desk_command("authority")
def ls(
    door: CommandContext,
    in_state: Annotated[str, typer.Option("--in-state", help="Only: recorded, settled, passed.")] = "",
    stage: Annotated[
        str, typer.Option(help=f"Only where Bawaslu told last: {_words(supervision.stages())}.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most this many.")] = 100,
) -> None:
    """\\[ro] The indications of an authority, oldest first, each with the stage that Bawaslu told last. No personal data.

    Example: netral indication ls --as ppk-6202 --in-state passed
    """
    request = pb.ListIndicationsRequest(
        parent=door.parent, page_size=min(limit, 1000), state=_code(in_state), stage=_code(stage)
    )
    pages = door.desks.pages(IndicationReadServiceStub, "ListIndications", request, door.caller())
    found = list(islice((one for page in pages for one in page.indications), limit))
    if door.as_json:
        print_json([as_dict(one) for one in found])
        return
    table = table_of("id", "state", "act", "channel", "region", "seen", "told last", "changed (WIB)")
    for one in found:
        id, seen = one.name.rpartition("/")[2], day_text(one.seen_date)
        table.add_row(
            id, one.state, one.act, one.channel, one.region, seen, one.stage, clock(one.update_time)
        )
    out.print(table)


@desk_command("authority")
def show(door: CommandContext, indication: IndicationId) -> None:
    """\\[ro] One indication: what was seen, and every stage that Bawaslu told, each with its statement. No personal data.

    Example: netral indication show 0199… --as ppk-6202
    """
    request = pb.GetIndicationRequest(name=_name(door, indication))
    found = door.ask(IndicationReadServiceStub, "GetIndication", request)
    if door.as_json:
        print_json(found)
        return
    out.print(
        f"{found.state}: {found.act}, {found.channel}, {found.region}, seen {day_text(found.seen_date)}"
    )
    if found.statement:
        out.print(
            f"passed on {day_text(found.letter_date)} by {found.letter_number}, statement {found.statement}"
        )
    table = table_of("stage", "day", "number", "reason", "person", "matter", "statement")
    for one in found.stages:
        place = str(one.place or "")
        day, told = day_text(one.stage_date), supervision.stages()[one.stage].text
        table.add_row(f"{one.stage} ({told})", day, one.number, one.reason, place, one.matter, one.statement)
    out.print(table)


@desk_command("authority", writes=True)
def file(
    door: CommandContext,
    indication: IndicationId,
    purpose: Annotated[
        Literal["handling", "supervision", "audit", "person-request"],
        typer.Option(help="Why it is read; it stands in the trail."),
    ],
) -> None:
    """\\[rw] Links, remarks and the person of an indication, opened. The reading is recorded before anything is shown.

    Example: netral indication file 0199… --as ppk-6202 --purpose handling
    """
    request = pb.ReadIndicationFileRequest(
        name=_name(door, indication),
        request_id=door.request_id or str(uuid4()),
        purpose=enum_of(person_pb2.ReadPurpose, "READ_PURPOSE", purpose),
    )
    found = door.ask(IndicationServiceStub, "ReadIndicationFile", request)
    if door.as_json:
        print_json(found)
        return
    show_entries(found.entries)
    out.print(f"This reading is record {found.record}.")


# --- what rises ------------------------------------------------------------------------------------------------------

By = Annotated[Literal["province", "region", "act"], typer.Option(help="Of what.")]
Weeks = Annotated[int, typer.Option(min=1, max=52, help="How many weeks are looked at.")]
Periods = Annotated[int, typer.Option(min=1, max=26, help="With how many times as many weeks before.")]


@desk_command()
def warnings(
    door: CommandContext,
    by: By = "region",
    weeks: Weeks = 4,
    periods: Periods = 6,
    minimum: Annotated[int, typer.Option(min=1, max=1000, help="Fewer cases are not judged.")] = 5,
    region: Annotated[str, typer.Option(help="Only of this province or region.")] = "",
    act: Annotated[str, typer.Option(help="Only of this act.")] = "",
    every: Annotated[bool, typer.Option("--all", help="What does not rise, too.")] = False,
    today: OptionalDay = None,
) -> None:
    """\\[ro] Places or acts whose cases rise against their own past: counts, ratio, exact interval. Nothing on persons.

    Example: netral supervision warnings --as bawaslu --by act --weeks 4
    """
    request = _asked(door, by, weeks, periods, today)
    request.minimum, request.rising_only = minimum, not every
    request.filter.region, request.filter.act = region, act
    found = door.ask(MonitoringServiceStub, "ListWarnings", request)
    if door.as_json:
        print_json(found)
        return
    table = table_of(by, "", "last weeks", "before", "ratio", "99 %", "")
    for one in found.warnings:
        ratio = f"{one.ratio:.1f}" if one.HasField("ratio") else "-"
        table.add_row(
            one.key, one.name, str(one.recent), str(one.past), ratio, _interval(one), _state(one.state)
        )
    out.print(table)
    out.print(
        f"{found.judged} judged; with steady rates one in 200 of them is said to rise.", highlight=False
    )
    for one in found.warnings[:1]:
        out.print(one.definition_id, markup=False)
    _print_as_of(found.as_of)


@desk_command()
def recompute_warnings(
    door: CommandContext, by: By = "region", weeks: Weeks = 4, periods: Periods = 6, today: OptionalDay = None
) -> None:
    """\\[ro] Export a party's log, fold it anew and compare the counts with what the desk says; exit 1 if they differ.

    Example: netral supervision recompute --as bawaslu --by act
    """
    found = door.ask(MonitoringServiceStub, "ListWarnings", _asked(door, by, weeks, periods, today))
    said = {one.key: (one.recent, one.past) for one in found.warnings}
    leaves = (item.leaf for item in exported(door.desks, door.caller("auditor")) if item.HasField("leaf"))
    folded = recompute.from_log(door.party, leaves, found.as_of.log_index)
    windows = Windows(date.fromisoformat(day_text(found.as_of.today)), weeks, periods)
    again = recompute.warned(folded, windows, by)
    rows = [(key, said.get(key, (0, 0)), again.get(key, (0, 0))) for key in sorted(said | again)]
    differ = [key for key, first, second in rows if first != second]
    if door.as_json:
        listed = [{"key": key, "said": list(one), "recomputed": list(two)} for key, one, two in rows]
        print_json({"as_of": as_dict(found.as_of), "counts": listed, "equal": not differ})
    else:
        table = table_of(by, "desk says", "recomputed", "")
        for key, first, second in rows:
            alike = "equal" if first == second else "[red]differs[/red]"
            table.add_row(key, f"{first[0]}, {first[1]}", f"{second[0]}, {second[1]}", alike)
        out.print(table)
        _print_as_of(found.as_of)
    if differ:
        raise typer.Exit(1)


def _asked(door: CommandContext, by: str, weeks: int, periods: int, today: datetime | None) -> Any:
    request = monitoring.ListWarningsRequest(
        parent=door.parent,
        dimension=enum_of(monitoring.Dimension, "DIMENSION", by),
        weeks=weeks,
        periods=periods,
    )
    if today:
        request.today.CopyFrom(date_of(today))
    return request


def _interval(one: monitoring.Warning) -> str:
    if not one.HasField("low"):
        return ""
    return f"{one.low:.2f}-{one.high:.2f}" if one.HasField("high") else f"{one.low:.2f}-"


def _state(state: Any) -> str:
    return monitoring.WarningState.Name(state).removeprefix("WARNING_STATE_").lower().replace("_", " ")


def _print_as_of(as_of: monitoring.AsOf) -> None:
    time = clock(as_of.time) or "-"
    out.print(f"as of {day_text(as_of.today)}, entry {as_of.log_index} of the log ({time} WIB)", style="dim")


def _code(word: str) -> str:
    return word.upper().replace("-", "_")


def _name(door: CommandContext, indication: str) -> str:
    return f"{door.parent}/indications/{indication}"

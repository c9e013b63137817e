"""`netral campaign …` and `netral satgas …`: circulars and campaigns, who was told, opened, acted; and what authorities report."""

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import islice
from typing import Annotated, Any

import typer

from agreement.prevention import campaigns
from cli.options import (
    CommandContext,
    Day,
    as_dict,
    clock,
    date_of,
    day_text,
    desk_command,
    digest_of,
    out,
    print_json,
    table_of,
)
from cooperation.prevention.campaigns import coverage, recompute
from netral.prevention.v1 import service_pb2 as pb
from netral.prevention.v1.service_pb2_grpc import (
    CampaignReadServiceStub,
    CampaignServiceStub,
    PreventionReadServiceStub,
    PreventionServiceStub,
)
from operations.local.verify import exported

PANEL = "Prevention (pencegahan)"
CampaignId = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Id of the campaign.")]
Limit = Annotated[int, typer.Option(min=1, max=100_000, help="At most this many.")]
OptionalDay = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]
Document = Annotated[str, typer.Option(help="The document, or sha256:<digest>; only its digest is sent.")]
People = Annotated[int, typer.Option(min=0, help="Members or participants.")]
Units = Annotated[
    list[str] | None, typer.Option("--unit", help="Code of a unit that took part; again for more.")
]
OfCampaign = Annotated[str, typer.Option("--campaign", help="Id of the campaign that asked for it.")]


def _words(codes: Iterable[str]) -> str:
    return ", ".join(code.lower().replace("_", "-") for code in codes)


_REPORTED = [act.code for act in campaigns.acts().values() if not act.list and not act.once]
_BODIES = [act.code for act in campaigns.acts().values() if act.once]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    campaign = typer.Typer(help="Circulars and campaigns, and what became of them.", no_args_is_help=True)
    satgas = typer.Typer(help="Task forces and internal supervision teams.", no_args_is_help=True)
    commands: dict[str, Callable[..., None]] = {
        "issue": issue,
        "ls": ls,
        "coverage": show_coverage,
        "addressees": addressees,
        "recompute": recompute_coverage,
        "received": received,
        "open": open_,
        "report": report,
        "reports": reports,
    }
    for name, command in commands.items():
        campaign.command(name)(command)
    for name, command in {"register": register, "ls": bodies}.items():
        satgas.command(name)(command)
    app.add_typer(campaign, name="campaign", rich_help_panel=PANEL)
    app.add_typer(satgas, name="satgas", rich_help_panel=PANEL)


# --- who issues ----------------------------------------------------------------------------------------------------------


@desk_command("examiner", writes=True)
def issue(
    door: CommandContext,
    number: Annotated[str, typer.Option(help="Number of the letter.")],
    date: Day,
    to: Annotated[
        list[str] | None,
        typer.Option("--to", help="An authority; again for more. Without: all regional ones."),
    ] = None,
    province: Annotated[
        str, typer.Option(help="All regional authorities of this province only (code PP).")
    ] = "",
    ask: Annotated[
        list[str] | None, typer.Option("--ask", help=f"What is asked for: {_words(campaigns.acts())}.")
    ] = None,
    due: OptionalDay = None,
    kind: Annotated[str, typer.Option(help=f"One of {_words(campaigns.kinds())}.")] = "circular",
    document: Document = "",
) -> None:
    """\\[rw] Address a circular (surat edaran) or campaign to many authorities in one act, one statement to each.

    Example: netral campaign issue --number B-2708/KASN/9/2020 --date 2026-01-12 --ask pledge --ask task-force
    """
    request = pb.IssueCampaignRequest(
        parent=door.parent,
        kind=_code(kind),
        number=number,
        letter_date=date_of(date),
        due_date=date_of(due) if due else None,
        asks=[_code(word) for word in ask or ()],
        document_digest=digest_of(document) if document else b"",
        addressees=to or (),
        all_regional=not to,
        province=province,
        request_id=door.new_request_id(),
    )
    done = door.desks.call(CampaignServiceStub, "IssueCampaign", request, door.caller())
    if door.as_json:
        print_json(done)
        return
    campaign = done.matter.rpartition("/")[2]
    out.print(
        f"campaign {campaign}: {len(done.statements)} statements (record {done.record})", highlight=False
    )


@desk_command("examiner")
def ls(door: CommandContext, limit: Limit = 100) -> None:
    """\\[ro] The campaigns of a supervisor or examiner, oldest first.

    Example: netral campaign ls --as bawaslu
    """
    request = pb.ListCampaignsRequest(parent=door.parent, page_size=min(limit, 1000))
    pages = door.desks.pages(CampaignReadServiceStub, "ListCampaigns", request, door.caller())
    found = list(islice((one for page in pages for one in page.campaigns), limit))
    if door.as_json:
        print_json([as_dict(one) for one in found])
        return
    table = table_of("campaign", "kind", "number", "date", "due", "to", "asks", whole=("campaign",))
    for one in found:
        letter, due = day_text(one.letter_date), day_text(one.due_date)
        table.add_row(_id(one.name), one.kind, one.number, letter, due, str(one.addressees), _words(one.asks))
    out.print(table)


@desk_command("examiner")
def show_coverage(door: CommandContext, campaign: CampaignId) -> None:
    """\\[ro] Was everyone told, who opened it, who acted: n of N, whole and per province, as of an entry of the log.

    Example: netral campaign coverage 0199… --as kasn
    """
    found = _coverage(door, campaign)
    if door.as_json:
        print_json(found)
    else:
        print_coverage(found)


def print_coverage(found: pb.Coverage) -> None:
    """Say who was told, who opened and who acted, whole and per province, and as of which entry of the log."""
    heads = [figure.id for figure in found.figures]
    table = table_of("province", *(head.lower().replace("_", " ") for head in heads), "pledges")
    for place in found.regions:
        cells = [f"{figure.n}/{figure.of}" for figure in place.figures]
        table.add_row(place.name or "central", *cells, str(place.pledges))
    table.add_row("all", *(f"{figure.n}/{figure.of}" for figure in found.figures), str(found.pledges))
    out.print(table)
    for figure in found.figures:
        out.print(f"{figure.id}: {figure.definition_en}", highlight=False, soft_wrap=True)
    out.print(f"as of entry {found.log_index} ({clock(found.log_time)} WIB)", highlight=False)


@desk_command("examiner")
def addressees(
    door: CommandContext,
    campaign: CampaignId,
    without: Annotated[str, typer.Option(help="Only those not yet: told, opened, acted, done.")] = "",
    province: Annotated[str, typer.Option(help="Only of this province (code PP).")] = "",
    limit: Limit = 1000,
) -> None:
    """\\[ro] The addressees of a campaign with the evidence: receipt, opening, acts, and persons per unit.

    Example: netral campaign addressees 0199… --as kasn --without opened --province 62
    """
    request = pb.ListAddresseesRequest(
        name=_campaign(door, campaign),
        page_size=min(limit, 1000),
        without=without.upper(),
        province=province,
    )
    pages = door.desks.pages(CampaignReadServiceStub, "ListAddressees", request, door.caller())
    found = list(islice((one for page in pages for one in page.addressees), limit))
    if door.as_json:
        print_json([as_dict(one) for one in found])
        return
    table = table_of(
        "authority", "statement", "told (WIB)", "opened (WIB)", "acts", "units", whole=("statement",)
    )
    for one in found:
        acts = "; ".join(f"{act.act.lower()} {act.statement}" for act in one.acts)
        units = f"{len(one.units)}/{one.units_in_total or '?'}" if one.units else ""
        table.add_row(
            one.institution, one.statement, clock(one.told_time), clock(one.opened_time), acts, units
        )
    out.print(table)


@desk_command("examiner")
def recompute_coverage(door: CommandContext, campaign: CampaignId) -> None:
    """\\[ro] Export the log, fold the campaign anew and compare with what the desk says; exit 1 if they differ.

    Example: netral campaign recompute 0199… --as kasn
    """
    said = _coverage(door, campaign)
    leaves = (item.leaf for item in exported(door.desks, door.caller("auditor")) if item.HasField("leaf"))
    folded = coverage.count(recompute.from_log(door.party, campaign, leaves, said.log_index))
    again = {id: (figure.n, figure.of) for id, figure in folded.figures.items()}
    rows = [(figure.id, (figure.n, figure.of), again.get(figure.id)) for figure in said.figures]
    equal = all(first == second for _, first, second in rows) and said.pledges == folded.pledges
    if door.as_json:
        print_json(
            {
                "log_index": said.log_index,
                "figures": [
                    {"id": id, "said": list(first), "recomputed": list(second or ())}
                    for id, first, second in rows
                ],
                "equal": equal,
            }
        )
    else:
        for id, first, second in rows:
            recomputed = f"{second[0]}/{second[1]}" if second else "-"
            alike = "equal" if first == second else "[red]differs[/red]"
            out.print(f"{id}: {first[0]}/{first[1]}, recomputed {recomputed}: {alike}", highlight=False)
    if not equal:
        raise typer.Exit(1)


# --- who answers -----------------------------------------------------------------------------------------------------------


@desk_command("authority")
def received(
    door: CommandContext,
    in_state: Annotated[str, typer.Option("--in-state", help="received, opened, acted, done.")] = "",
    limit: Limit = 100,
) -> None:
    """\\[ro] The campaigns that arrived at an authority, oldest first.

    Example: netral campaign received --as ppk-6202 --in-state received
    """
    request = pb.ListReceivedCampaignsRequest(
        parent=door.parent, page_size=min(limit, 1000), state=in_state.upper()
    )
    pages = door.desks.pages(PreventionReadServiceStub, "ListReceivedCampaigns", request, door.caller())
    found = list(islice((one for page in pages for one in page.campaigns), limit))
    if door.as_json:
        print_json([as_dict(one) for one in found])
        return
    table = table_of(
        "campaign", "from", "number", "date", "due", "state", "asks", "done", whole=("campaign",)
    )
    for one in found:
        letter, due = day_text(one.letter_date), day_text(one.due_date)
        asks, done = _words(one.asks), _words(one.done)
        table.add_row(_id(one.name), one.sender, one.number, letter, due, one.state, asks, done)
    out.print(table)


@desk_command("authority", writes=True)
def open_(door: CommandContext, campaign: CampaignId) -> None:
    """\\[rw] Open a campaign that arrived; its sender is told.

    Example: netral campaign open 0199… --as ppk-6202
    """
    request = pb.OpenCampaignRequest(name=_campaign(door, campaign))
    door.act(PreventionServiceStub, "OpenCampaign", request)


@desk_command("authority", writes=True)
def report(
    door: CommandContext,
    act: Annotated[str, typer.Argument(help=f"One of {_words(_REPORTED)}.")],
    date: Day,
    people: People = 0,
    number: Annotated[str, typer.Option(help="Number of the letter.")] = "",
    document: Document = "",
    unit: Units = None,
    campaign: OfCampaign = "",
) -> None:
    """\\[rw] Report an act of prevention: a roll-call (apel) held, a socialisation. Lists of pledges: `netral pledge import`.

    Example: netral campaign report roll-call --as ppk-6202 --date 2026-01-19 --people 480 --unit OPD-01
    """
    _report(door, act, date, people, number, document, unit, campaign)


@desk_command("authority")
def reports(door: CommandContext, limit: Limit = 100) -> None:
    """\\[ro] What an authority reported: acts, bodies, lists of pledges.

    Example: netral campaign reports --as ppk-6202
    """
    request = pb.ListOwnReportsRequest(parent=door.parent, page_size=min(limit, 1000))
    pages = door.desks.pages(PreventionReadServiceStub, "ListOwnReports", request, door.caller())
    _print_reports(door, islice((one for page in pages for one in page.reports), limit))


@desk_command("authority", writes=True)
def register(
    door: CommandContext,
    number: Annotated[str, typer.Option(help="Number of the decree.")],
    date: Day,
    document: Document,
    people: People,
    body: Annotated[str, typer.Option(help=f"One of {_words(_BODIES)}.")] = "task-force",
    unit: Units = None,
    campaign: OfCampaign = "",
) -> None:
    """\\[rw] Register a task force (satgas) or an internal supervision team (regu pengawasan internal) with its decree.

    Example: netral satgas register --as ppk-6202 --number 188.45/12/HUK/2026 --date 2026-01-15 --document sk.pdf --people 9
    """
    _report(door, body, date, people, number, document, unit, campaign)


@desk_command("examiner")
def bodies(
    door: CommandContext,
    body: Annotated[
        str, typer.Option(help=f"One of {_words(campaigns.acts())}; empty: all that is reported.")
    ] = "task-force",
    authority: Annotated[str, typer.Option(help="Only of this authority.")] = "",
    limit: Limit = 1000,
) -> None:
    """\\[ro] The bodies and acts that authorities reported to a supervisor or examiner.

    Example: netral satgas ls --as bawaslu --body internal-team
    """
    request = pb.ListReportsRequest(
        parent=door.parent, page_size=min(limit, 1000), act=_code(body), authority=authority
    )
    pages = door.desks.pages(CampaignReadServiceStub, "ListReports", request, door.caller())
    _print_reports(door, islice((one for page in pages for one in page.reports), limit))


def _report(
    door: CommandContext,
    act: str,
    date: datetime,
    people: int,
    number: str,
    document: str,
    units: list[str] | None,
    campaign: str,
) -> None:
    request = pb.ReportActRequest(
        parent=door.parent,
        act=_code(act),
        campaign=_campaign(door, campaign) if campaign else "",
        number=number,
        act_date=date_of(date),
        document_digest=digest_of(document) if document else b"",
        people=people,
        units=units or (),
    )
    door.act(PreventionServiceStub, "ReportAct", request)


def _print_reports(door: CommandContext, found: Iterable[pb.Report]) -> None:
    if door.as_json:
        print_json([as_dict(one) for one in found])
        return
    table = table_of(
        "authority", "act", "number", "date", "people", "units", "statement", whole=("statement",)
    )
    for one in found:
        people, units = str(one.people or ""), str(len(one.units) or "")
        table.add_row(one.authority, one.act, one.number, day_text(one.act_date), people, units, one.id)
    out.print(table)


def _coverage(door: CommandContext, campaign: str) -> Any:
    return door.ask(
        CampaignReadServiceStub, "GetCoverage", pb.GetCoverageRequest(name=_campaign(door, campaign))
    )


def _campaign(door: CommandContext, id: str) -> str:
    return f"{door.parent}/campaigns/{id}"


def _id(name: str) -> str:
    return name.rpartition("/")[2]


def _code(word: str) -> str:
    """The agreement's code for a word on the command line."""
    return word.upper().replace("-", "_")

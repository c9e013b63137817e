"""`netral campaign …`: circulars and campaigns, who was told, opened, acted; and what authorities report."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import agreement_words, language
from cli.deferred_imports import deferred_imports
from cli.files import reader
from cli.formats.export_formats import Counted
from cli.language import said
from cli.options import CommandContext, Commands, Day, OptionalDay, code_of, date_of, desk_command, digest_of
from cli.output import as_dict, clock, compared, day_text, out, party, print_json, table_of
from cli.terminal.progress import counted

with deferred_imports():
    from agreement.lists import columns, places
    from agreement.prevention import campaigns as prevention
    from cooperation.prevention.campaigns import coverage, read_log
    from netral.prevention.v1 import service_pb2 as pb
    from netral.prevention.v1 import service_pb2_grpc as stubs
    from operations.local import verify

CampaignId = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Id of the campaign.")]
Limit = Annotated[int, typer.Option(min=1, max=100_000, help="At most this many.")]
Document = Annotated[str, typer.Option(help="The document, or sha256:<digest>; only its digest is sent.")]
People = Annotated[int, typer.Option(min=0, help="Members or participants.")]
Units = Annotated[
    list[str] | None, typer.Option("--unit", help="Code of a unit that took part; again for more.")
]
OfCampaign = Annotated[str, typer.Option("--campaign", help="Id of the campaign that asked for it.")]


def _words(codes: Iterable[str]) -> str:
    return ", ".join(code.lower().replace("_", "-") for code in codes)


def commands() -> Commands:
    """The commands of this module by name."""
    return {
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


# --- who issues ----------------------------------------------------------------------------------------------------------


@desk_command("examiner", writes=True)
def issue(
    context: CommandContext,
    number: Annotated[str, typer.Option(help="Number of the letter.")],
    date: Day,
    to: Annotated[
        list[str] | None,
        typer.Option("--to", help="An authority; again for more. Without: all regional ones."),
    ] = None,
    to_list: Annotated[
        Path | None,
        typer.Option(
            help="Those of a list (CSV, XLSX) by id, code or name: a column PPK, Kode Wilayah or Instansi."
        ),
    ] = None,
    province: Annotated[
        str, typer.Option(help="All regional authorities of this province only (code PP).")
    ] = "",
    election: Annotated[
        str, typer.Option(help="The authorities of the regions that vote in this election: PILKADA-2020.")
    ] = "",
    ask: Annotated[
        list[str] | None, typer.Option("--ask", help=f"What is asked for: {agreement_words.CAMPAIGN_ACTS}.")
    ] = None,
    due: OptionalDay = None,
    kind: Annotated[str, typer.Option(help=f"One of {agreement_words.CAMPAIGN_KINDS}.")] = "circular",
    document: Document = "",
) -> None:
    """[rw] Issue a circular (surat edaran) or campaign to many authorities, one statement to each.

    Example: netral campaign issue --number B-2708/KASN/9/2020 --date 2026-01-12 --election PILKADA-2020 --ask pledge
    """
    to = [*(to or ()), *(_listed(to_list) if to_list else ())]
    request = pb.IssueCampaignRequest(
        parent=context.parent,
        kind=code_of(kind),
        number=number,
        letter_date=date_of(date),
        due_date=date_of(due) if due else None,
        asks=[code_of(word) for word in ask or ()],
        document_digest=digest_of(document) if document else b"",
        addressees=to,
        all_regional=not (to or election),
        province=province,
        election=election.upper(),
        request_id=context.new_request_id(),
    )
    done = context.desks.call(stubs.CampaignServiceStub, "IssueCampaign", request, context.caller())
    if context.as_json:
        print_json(done)
        return
    campaign = done.matter.rpartition("/")[2]
    out.print(
        said(
            "campaign {campaign}: {statements} statements (record {record})",
            campaign=campaign,
            statements=len(done.statements),
            record=done.record,
        ),
        highlight=False,
    )
    if election and not province and (left := _not_reached(election.upper(), len(done.statements))):
        out.print(left, highlight=False)


def _listed(file: Path) -> list[str]:
    """The authorities of a list, each once. It goes out as a whole or not at all, since a letter is one act."""
    try:
        found = reader.list_of(file, columns.fields_of("ADDRESSEES"))
    except columns.NoHeader as error:
        names = ", ".join(error.missing[0].names)
        raise typer.BadParameter(
            said("{file}: no column {names}", file=file, names=names), param_hint="--to-list"
        ) from None
    place = found.header.places["authority"]
    known = {
        line: places.authority_of(cells[place]) if place < len(cells) else "" for line, cells in found.rows
    }
    if unknown := [str(line) for line, authority in known.items() if not authority]:
        raise typer.BadParameter(
            said(
                "{file}: no authority, or several, in line {value}: write its id (ppk-6202), code of region (62.02) or whole name (Kabupaten Kotawaringin Timur)",
                file=file,
                value=", ".join(unknown[:10]),
            ),
            param_hint="--to-list",
        )
    return list(dict.fromkeys(known.values()))


def _not_reached(election: str, told: int) -> str:
    """Say how many authorities of an election are no parties yet; empty if all were told."""
    wanted = len(prevention.addressees_of(election))
    if told >= wanted:
        return ""
    return said(
        "{value} of the {wanted} authorities of {election} are no parties: they were not told",
        value=wanted - told,
        wanted=wanted,
        election=election,
    )


@desk_command(usual="examiner")
def ls(context: CommandContext, limit: Limit = 100) -> None:
    """[ro] List the campaigns of a supervisor or examiner, oldest first.

    Example: netral campaign ls --as bawaslu
    """
    request = pb.ListCampaignsRequest(parent=context.parent, page_size=min(limit, 1000))
    pages = context.desks.pages(stubs.CampaignReadServiceStub, "ListCampaigns", request, context.caller())
    found = list(islice((one for page in pages for one in page.campaigns), limit))
    if context.as_json:
        print_json([as_dict(one) for one in found])
        return
    table = table_of("campaign", "kind", "number", "date", "due", "to", "asks", whole=("campaign",))
    for one in found:
        letter, due = day_text(one.letter_date), day_text(one.due_date)
        table.add_row(_id(one.name), one.kind, one.number, letter, due, one.addressees, _words(one.asks))
    out.print(table)


@desk_command(usual="examiner")
def show_coverage(context: CommandContext, campaign: CampaignId) -> None:
    """[ro] Show how many were told, opened it and acted: n of N, whole and per province.

    Example: netral campaign coverage 0199… --as kasn
    """
    found = _coverage(context, campaign)
    if context.as_json:
        print_json(found)
    else:
        print_coverage(found)


def print_coverage(found: "pb.Coverage") -> None:
    """Say who was told, who opened and who acted, whole and per province, and as of which entry of the log."""
    heads = [figure.id for figure in found.figures]
    table = table_of("province", *(head.lower().replace("_", " ") for head in heads), "pledges")
    for place in found.regions:
        cells = [Counted(figure.n, figure.of) for figure in place.figures]
        table.add_row(place.name or said("central"), *cells, place.pledges)
    table.add_row(said("all"), *(Counted(figure.n, figure.of) for figure in found.figures), found.pledges)
    out.print(table)
    for figure in found.figures:
        told = language.of_both({"id": figure.definition_id, "en": figure.definition_en})
        out.print(f"{figure.id}: {told}", highlight=False, soft_wrap=True)
    out.print(
        said(
            "as of entry {log_index} ({log_time} WIB)",
            log_index=found.log_index,
            log_time=clock(found.log_time),
        ),
        highlight=False,
    )


@desk_command(usual="examiner")
def addressees(
    context: CommandContext,
    campaign: CampaignId,
    without: Annotated[str, typer.Option(help="Only those not yet: told, opened, acted, done.")] = "",
    province: Annotated[str, typer.Option(help="Only of this province (code PP).")] = "",
    limit: Limit = 1000,
) -> None:
    """[ro] List the addressees of a campaign with the evidence: receipt, opening, acts, persons per unit.

    Example: netral campaign addressees 0199… --as kasn --without opened --province 62
    """
    request = pb.ListAddresseesRequest(
        name=_campaign(context, campaign),
        page_size=min(limit, 1000),
        without=without.upper(),
        province=province,
    )
    pages = context.desks.pages(stubs.CampaignReadServiceStub, "ListAddressees", request, context.caller())
    found = list(islice((one for page in pages for one in page.addressees), limit))
    if context.as_json:
        print_json([as_dict(one) for one in found])
        return
    table = table_of(
        "authority", "statement", "told (WIB)", "opened (WIB)", "acts", "units", whole=("statement",)
    )
    for one in found:
        acts = "; ".join(f"{act.act.lower()} {act.statement}" for act in one.acts)
        units = f"{len(one.units)}/{one.units_in_total or '?'}" if one.units else ""
        table.add_row(
            party(one.institution),
            one.statement,
            clock(one.told_time),
            clock(one.opened_time),
            acts,
            units,
        )
    out.print(table)


@desk_command(usual="examiner")
def recompute_coverage(context: CommandContext, campaign: CampaignId) -> None:
    """[ro] Recompute the coverage from the exported log. Exit code 1 if the desk says otherwise.

    Example: netral campaign recompute 0199… --as kasn
    """
    desk_says = _coverage(context, campaign)
    leaves = (
        item.leaf
        for item in counted(verify.exported(context.desks, context.caller("auditor")), "leaves of the log")
        if item.HasField("leaf")
    )
    folded = coverage.count(read_log.coverage_of(context.party, campaign, leaves, desk_says.log_index))
    again = {id: (figure.n, figure.of) for id, figure in folded.figures.items()}
    rows = [(figure.id, (figure.n, figure.of), again.get(figure.id)) for figure in desk_says.figures]
    equal = all(first == second for _, first, second in rows) and desk_says.pledges == folded.pledges
    if context.as_json:
        print_json(
            {
                "log_index": desk_says.log_index,
                "figures": [
                    {"id": id, "said": list(first), "recomputed": list(second or ())}
                    for id, first, second in rows
                ],
                "equal": equal,
            }
        )
    else:
        table = table_of("figure", "desk says", "recomputed", "comparison")
        for id, first, second in rows:
            again_counted = Counted(*second) if second else None
            table.add_row(id, Counted(*first), again_counted, compared(first == second))
        out.print(table)
    if not equal:
        raise typer.Exit(1)


# --- who answers -----------------------------------------------------------------------------------------------------------


@desk_command(usual="authority")
def received(
    context: CommandContext,
    in_state: Annotated[str, typer.Option("--in-state", help="received, opened, acted, done.")] = "",
    limit: Limit = 100,
) -> None:
    """[ro] List the campaigns that arrived at an authority, oldest first.

    Example: netral campaign received --as ppk-6202 --in-state received
    """
    request = pb.ListReceivedCampaignsRequest(
        parent=context.parent, page_size=min(limit, 1000), state=code_of(in_state)
    )
    pages = context.desks.pages(
        stubs.PreventionReadServiceStub, "ListReceivedCampaigns", request, context.caller()
    )
    found = list(islice((one for page in pages for one in page.campaigns), limit))
    if context.as_json:
        print_json([as_dict(one) for one in found])
        return
    table = table_of(
        "campaign", "from", "number", "date", "due", "state", "asks", "done", whole=("campaign",)
    )
    for one in found:
        letter, due = day_text(one.letter_date), day_text(one.due_date)
        asks, done = _words(one.asks), _words(one.done)
        table.add_row(_id(one.name), party(one.sender), one.number, letter, due, one.state, asks, done)
    out.print(table)


@desk_command("authority", writes=True)
def open_(context: CommandContext, campaign: CampaignId) -> None:
    """[rw] Open a campaign that arrived. Its sender is told.

    Example: netral campaign open 0199… --as ppk-6202
    """
    request = pb.OpenCampaignRequest(name=_campaign(context, campaign))
    context.act(stubs.PreventionServiceStub, "OpenCampaign", request)


@desk_command("authority", writes=True)
def report(
    context: CommandContext,
    act: Annotated[str, typer.Argument(help=f"One of {agreement_words.REPORTED_ACTS}.")],
    date: Day,
    people: People = 0,
    number: Annotated[str, typer.Option(help="Number of the letter.")] = "",
    document: Document = "",
    unit: Units = None,
    campaign: OfCampaign = "",
    read_by: Annotated[
        str, typer.Option(help=f"Who read the pledge at a roll-call: {agreement_words.PLEDGE_READERS}.")
    ] = "",
    text: Annotated[str, typer.Option(help="Which text was read: netral pledge text.")] = "",
) -> None:
    """[rw] Report an act of prevention: a roll-call (apel) held, a socialisation. Lists of pledges: `netral pledge import`.

    Example: netral campaign report roll-call --as ppk-6202 --date 2026-01-19 --people 480 --unit OPD-01 --read-by unit-head
    """
    report_act(context, act, date, people, number, document, unit, campaign, read_by, text)


@desk_command(usual="authority")
def reports(context: CommandContext, limit: Limit = 100) -> None:
    """[ro] List the acts, bodies and lists of pledges that an authority reported; of a pledge the text, and who read it.

    Example: netral campaign reports --as ppk-6202
    """
    request = pb.ListOwnReportsRequest(parent=context.parent, page_size=min(limit, 1000))
    pages = context.desks.pages(stubs.PreventionReadServiceStub, "ListOwnReports", request, context.caller())
    print_reports(context, islice((one for page in pages for one in page.reports), limit))


def report_act(
    context: CommandContext,
    act: str,
    date: datetime,
    people: int,
    number: str,
    document: str,
    units: list[str] | None,
    campaign: str,
    read_by: str = "",
    text: str = "",
) -> None:
    request = pb.ReportActRequest(
        parent=context.parent,
        act=code_of(act),
        campaign=_campaign(context, campaign) if campaign else "",
        number=number,
        act_date=date_of(date),
        document_digest=digest_of(document) if document else b"",
        people=people,
        units=units or (),
        pledge=text,
        read_by=code_of(read_by),
    )
    context.act(stubs.PreventionServiceStub, "ReportAct", request)


def print_reports(context: CommandContext, found: "Iterable[pb.Report]") -> None:
    if context.as_json:
        print_json([as_dict(one) for one in found])
        return
    table = table_of(
        "authority",
        "act",
        "number",
        "date",
        "people",
        "units",
        "text read",
        "by",
        "statement",
        whole=("statement",),
    )
    for one in found:
        people, units, by = one.people or None, len(one.units) or None, _words([one.read_by])
        table.add_row(
            party(one.authority),
            one.act,
            one.number,
            day_text(one.act_date),
            people,
            units,
            one.pledge,
            by,
            one.id,
        )
    out.print(table)


def _coverage(context: CommandContext, campaign: str) -> Any:
    return context.ask(
        stubs.CampaignReadServiceStub, "GetCoverage", pb.GetCoverageRequest(name=_campaign(context, campaign))
    )


def _campaign(context: CommandContext, id: str) -> str:
    return f"{context.parent}/campaigns/{id}"


def _id(name: str) -> str:
    return name.rpartition("/")[2]

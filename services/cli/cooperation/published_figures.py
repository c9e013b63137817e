"""`netral monitor …`: figures that one agency publishes, and another compares with its own and agrees to (rekonsiliasi)."""

from typing import Annotated
from uuid import UUID

import typer

from cli import agreement_words
from cli.cooperation.monitor import print_as_of
from cli.deferred_imports import deferred_imports
from cli.formats.export_formats import Counted
from cli.language import said
from cli.options import CommandContext, Commands, Day, date_of, desk_command
from cli.output import as_dict, clock, out, party, print_json, table_of

with deferred_imports():
    from netral.monitoring.v1 import service_pb2 as pb
    from netral.monitoring.v1 import service_pb2_grpc as stubs

FigureArgument = Annotated[str, typer.Argument(help=agreement_words.FIGURES)]
StatementArgument = Annotated[str, typer.Argument(help="Id of the statement: `netral monitor published`.")]


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "publish-figures": publish_figures,
        "published": published,
        "reconcile": reconcile,
        "agree-figures": agree_figures,
    }


@desk_command(usual="supervisor", writes=True)
def publish_figures(
    context: CommandContext,
    figure: FigureArgument,
    to: Annotated[str, typer.Option("--to", help="The party that is to compare.")],
    since: Day,
    until: Day,
) -> None:
    """[rw] Publish a figure for a period to another agency, case by case (rekonsiliasi).

    Example: netral monitor publish-figures follow-up-rate --to kasn --since 2026-01-01 --until 2026-07-01
    """
    request = pb.StateFiguresRequest(
        parent=context.parent,
        recipient=to,
        figure=figure,
        start_date=date_of(since),
        end_date=date_of(until),
    )
    context.act(stubs.ReconciliationServiceStub, "StateFigures", request)


@desk_command()
def published(context: CommandContext) -> None:
    """[ro] List the figures that were published and agreed, newest first.

    Example: netral monitor published --as kasn
    """
    request = pb.ListStatedFiguresRequest(parent=context.parent, page_size=1000)
    pages = context.desks.pages(stubs.MonitoringServiceStub, "ListStatedFigures", request, context.caller())
    found = [one for page in pages for one in page.figures]
    if context.as_json:
        print_json([as_dict(one) for one in found])
        return
    table = table_of("statement", "from", "to", "time (WIB)", "what", "n/N", "differences")
    for one in found:
        told = one.agreed if one.HasField("agreed") else one.stated
        what = "answer" if one.HasField("agreed") else one.stated.figure
        id = one.name.rpartition("/")[2]
        counted = Counted(told.ratio.n, told.ratio.of)
        differing = len(one.agreed.differences) if one.HasField("agreed") else None
        between = (party(one.sender), party(one.recipient))
        table.add_row(id, *between, clock(one.time), what, counted, differing)
    out.print(table)


@desk_command(usual="examiner", writes=True)
def agree_figures(context: CommandContext, statement: StatementArgument) -> None:
    """[rw] Agree to a published figure, except for the cases that differ, each with its reason.

    Example: netral monitor agree-figures 0199… --as kasn
    """
    request = pb.AgreeFiguresRequest(name=f"{context.parent}/figures/{statement}")
    context.act(stubs.ReconciliationServiceStub, "AgreeFigures", request)


@desk_command(usual="examiner")
def reconcile(context: CommandContext, statement: StatementArgument) -> None:
    """[ro] Compare a published figure with one's own, each difference with its reason.

    Example: netral monitor reconcile 0199… --as kasn
    """
    name = f"{context.parent}/figures/{statement}"
    found = context.ask(
        stubs.MonitoringServiceStub, "ReconcileFigures", pb.ReconcileFiguresRequest(name=name)
    )
    if context.as_json:
        print_json(found)
        return
    ratio = f"{found.stated.ratio.n}/{found.stated.ratio.of}"
    out.print(
        f"{found.stated.figure}: {found.stated_by} {ratio}, {context.party} {found.own.n}/{found.own.of}"
    )
    out.print(
        said("{alike} alike, {differences} not:", alike=found.alike, differences=len(found.differences))
    )
    table = table_of("matter", "counted", "reason", "stage here")
    for one in found.differences:
        kind = as_dict(one)["kind"].removeprefix("DIFFERENCE_KIND_")
        reason = as_dict(one)["reason"].removeprefix("DIFFERENCE_REASON_")
        table.add_row(str(UUID(bytes=one.matter)), kind, reason, one.stage)
    out.print(table)
    print_as_of(found.as_of)

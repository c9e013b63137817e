"""`netral satgas …`: task forces and internal supervision teams, registered with their decree."""

from itertools import islice
from typing import Annotated

import typer

from cli import agreement_words
from cli.cooperation.campaigns import (
    Document,
    Limit,
    OfCampaign,
    People,
    Units,
    print_reports,
    report_act,
)
from cli.deferred_imports import deferred_imports
from cli.options import CommandContext, Commands, Day, code_of, desk_command

with deferred_imports():
    from netral.prevention.v1 import service_pb2 as pb
    from netral.prevention.v1 import service_pb2_grpc as stubs


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "register": register,
        "ls": bodies,
    }


@desk_command("authority", writes=True)
def register(
    context: CommandContext,
    number: Annotated[str, typer.Option(help="Number of the decree.")],
    date: Day,
    document: Document,
    people: People,
    body: Annotated[str, typer.Option(help=f"One of {agreement_words.BODIES}.")] = "task-force",
    unit: Units = None,
    campaign: OfCampaign = "",
) -> None:
    """[rw] Register a task force (satgas) or an internal supervision team (regu pengawasan internal) with its decree.

    Example: netral satgas register --as ppk-6202 --number 188.45/12/HUK/2026 --date 2026-01-15 --document sk.pdf --people 9
    """
    report_act(context, body, date, people, number, document, unit, campaign)


@desk_command(usual="examiner")
def bodies(
    context: CommandContext,
    body: Annotated[
        str, typer.Option(help=f"One of {agreement_words.CAMPAIGN_ACTS}; empty: all that is reported.")
    ] = "task-force",
    authority: Annotated[str, typer.Option(help="Only of this authority.")] = "",
    limit: Limit = 1000,
) -> None:
    """[ro] List the bodies and acts that authorities reported to a supervisor or examiner.

    Example: netral satgas ls --as bawaslu --body internal-team
    """
    request = pb.ListReportsRequest(
        parent=context.parent, page_size=min(limit, 1000), act=code_of(body), authority=authority
    )
    pages = context.desks.pages(stubs.CampaignReadServiceStub, "ListReports", request, context.caller())
    print_reports(context, islice((one for page in pages for one in page.reports), limit))

"""`netral plan …`: joint supervision of supervisor and examiner, proposed by one, agreed by the other, noted by both."""

from itertools import islice
from typing import Annotated

import typer

from cli.deferred_imports import deferred_imports
from cli.language import said
from cli.options import CommandContext, Commands, Day, date_of, desk_command, digest_of
from cli.output import as_dict, day_text, out, party, print_json, table_of

with deferred_imports():
    from netral.supervision.v1 import plans_pb2 as pb
    from netral.supervision.v1 import plans_pb2_grpc as stubs

PlanId = Annotated[str, typer.Argument(metavar="PLAN", help="Id of the plan.")]
Document = Annotated[str, typer.Option(help="The document, or sha256:<digest>; only its digest is sent.")]


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "propose": propose,
        "agree": agree,
        "note": note,
        "ls": ls,
        "show": show,
    }


@desk_command(usual="supervisor", writes=True)
def propose(
    context: CommandContext,
    number: Annotated[str, typer.Option(help="Number of the plan.")],
    start: Day,
    end: Day,
    region: Annotated[list[str], typer.Option("--region", help="Kemendagri code; again for more.")],
    act: Annotated[
        list[str], typer.Option("--act", help="An act in focus, such as 2022-DSB7; again for more.")
    ],
    document: Document,
) -> None:
    """[rw] Propose a plan of joint supervision to the other agency.

    Example: netral plan propose --number 3/PWB/2023 --start 2023-11-01 --end 2023-12-31 --region 62 --act 2022-DSB7
    --document rencana.pdf
    """
    request = pb.ProposePlanRequest(
        parent=context.parent,
        number=number,
        start_date=date_of(start),
        end_date=date_of(end),
        regions=region,
        acts=act,
        document_digest=digest_of(document),
    )
    context.act(stubs.PlanServiceStub, "ProposePlan", request)


@desk_command(usual="examiner", writes=True)
def agree(
    context: CommandContext,
    plan: PlanId,
    letter: Annotated[str, typer.Option(help="Number of the letter.")],
    date: Day,
) -> None:
    """[rw] Agree to a plan that the other agency proposed.

    Example: netral plan agree 0199… --as kasn --letter 4/PWB/2023 --date 2023-11-02
    """
    request = pb.AgreePlanRequest(name=_name(context, plan), letter_number=letter, agreed_date=date_of(date))
    context.act(stubs.PlanServiceStub, "AgreePlan", request)


@desk_command(usual="supervisor", writes=True)
def note(
    context: CommandContext,
    plan: PlanId,
    date: Day,
    region: Annotated[str, typer.Option(help="Where: Kemendagri code.")],
    document: Document,
    act: Annotated[str, typer.Option(help="What was seen, by the catalogue; empty: nothing.")] = "",
    matter: Annotated[str, typer.Option(help="Id of the matter here to which it led.")] = "",
) -> None:
    """[rw] Add a field note (catatan lapangan), or a finding with its matter. The other agency is told.

    Example: netral plan note 0199… --date 2023-11-20 --region 62.02 --act 2022-DSB7 --document catatan.pdf
    """
    request = pb.AddFieldNoteRequest(
        name=_name(context, plan),
        note_date=date_of(date),
        region=region,
        act=act,
        document_digest=digest_of(document),
        matter=context.matter(matter) if matter else "",
    )
    context.act(stubs.PlanServiceStub, "AddFieldNote", request)


@desk_command(usual="supervisor")
def ls(
    context: CommandContext,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most this many.")] = 100,
) -> None:
    """[ro] List the plans of a party, oldest first.

    Example: netral plan ls --as kasn
    """
    request = pb.ListPlansRequest(parent=context.parent, page_size=min(limit, 1000))
    pages = context.desks.pages(stubs.PlanReadServiceStub, "ListPlans", request, context.caller())
    found = list(islice((one for page in pages for one in page.plans), limit))
    if context.as_json:
        print_json([as_dict(one) for one in found])
        return
    table = table_of("id", "state", "number", "from", "until", "regions", "proposed by", "notes")
    for one in found:
        id, regions = one.name.rpartition("/")[2], ", ".join(one.regions)
        days = (day_text(one.start_date), day_text(one.end_date))
        table.add_row(id, one.state, one.number, *days, regions, party(one.proposer), len(one.notes))
    out.print(table)


@desk_command(usual="supervisor")
def show(context: CommandContext, plan: PlanId) -> None:
    """[ro] Show one plan with the field notes of both agencies, each with its statement.

    Example: netral plan show 0199… --as kasn
    """
    found = context.ask(stubs.PlanReadServiceStub, "GetPlan", pb.GetPlanRequest(name=_name(context, plan)))
    if context.as_json:
        print_json(found)
        return
    days = said(
        "{start_date} to {end_date}", start_date=day_text(found.start_date), end_date=day_text(found.end_date)
    )
    out.print(f"{found.state}: {found.number}, {days}, {', '.join(found.regions)}: {', '.join(found.acts)}")
    table = table_of("day", "by", "region", "act", "matter", "statement")
    for one in found.notes:
        table.add_row(
            day_text(one.note_date), party(one.author), one.region, one.act, one.matter, one.statement
        )
    out.print(table)


def _name(context: CommandContext, plan: str) -> str:
    return f"{context.parent}/plans/{plan}"

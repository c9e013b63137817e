"""`netral overseer …`: overseen matters; block and unblock, annul a decree (BKN), warn (Kemendagri)."""

from datetime import datetime
from itertools import islice
from typing import Annotated

import typer

from cli import agreement_words
from cli.deferred_imports import deferred_imports
from cli.language import field_name, said
from cli.matter.matters import Purpose, show_file
from cli.options import (
    CommandContext,
    Commands,
    Day,
    StatedReasonOption,
    code_of,
    date_of,
    day_option,
    desk_command,
    text_of,
)
from cli.output import as_dict, clock, day_text, facts_table, out, party, print_json, table_of

with deferred_imports():
    from netral.oversight.v1 import service_pb2 as pb
    from netral.oversight.v1 import service_pb2_grpc as stubs

Number = Annotated[str, typer.Option(help="Number of the act.")]
Office = Annotated[str, typer.Option(help=f"Office of BKN: {agreement_words.BKN_OFFICES}.")]


BlockReason = Annotated[str, typer.Option(help=f"One of {agreement_words.BLOCK_REASONS}.")]
UnblockReason = Annotated[str, typer.Option(help=f"One of {agreement_words.UNBLOCK_REASONS}.")]


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "ls": ls,
        "show": show,
        "open": open_,
        "file": file,
        "block": block,
        "unblock": unblock,
        "annul": annul,
        "warn": warn,
    }


@desk_command(usual="overseer")
def ls(
    context: CommandContext,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those that are overdue.")] = False,
    blocked: Annotated[bool, typer.Option("--blocked", help="Only those with blocked data.")] = False,
    matter_state: Annotated[str, typer.Option("--in-state", help="Only matters in this state.")] = "",
    case: Annotated[str, typer.Option(help="Only the matters of this case.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most this many.")] = 100,
) -> None:
    """[ro] List the matters that a party oversees, oldest first. No personal data.

    Example: netral overseer ls --as kemendagri --overdue
    """
    request = pb.ListWatchedMattersRequest(
        parent=context.parent,
        page_size=min(limit, 1000),
        state=code_of(matter_state),
        case_id=case,
        overdue_only=overdue,
        blocked_only=blocked,
    )
    pages = context.desks.pages(
        stubs.OversightReadServiceStub, "ListWatchedMatters", request, context.caller()
    )
    found = list(islice((one for page in pages for one in page.matters), limit))
    if context.as_json:
        print_json([as_dict(one) for one in found])
        return
    table = table_of("matter", "state", "recommendation", "to", "due", "flags", "changed (WIB)")
    for one in found:
        id = one.name.rpartition("/")[2]
        due, changed = day_text(one.due_date), clock(one.update_time)
        table.add_row(id, one.state, one.letter_number, party(one.addressee), due, _flags(one), changed)
    out.print(table)


@desk_command(usual="overseer")
def show(context: CommandContext, matter: str) -> None:
    """[ro] Show one overseen matter: facts from the copies (tembusan), and own acts.

    Example: netral overseer show 0199… --as bkn
    """
    request = pb.GetWatchedMatterRequest(name=context.matter(matter))
    found = context.ask(stubs.OversightReadServiceStub, "GetWatchedMatter", request)
    if context.as_json:
        print_json(found)
        return
    facts = facts_table()
    for field, value in found.ListFields():
        text = day_text(value) if field.name.endswith("_date") else str(value)
        text = clock(value) if field.name.endswith("_time") else text
        facts.add_row(field_name(field.name), text)
    out.print(facts)


@desk_command("overseer", writes=True)
def open_(context: CommandContext, matter: str) -> None:
    """[rw] Open a copy that arrived (tembusan). Nobody is told.

    Example: netral overseer open 0199… --as prov-62
    """
    context.act(stubs.OversightServiceStub, "OpenCopy", pb.OpenCopyRequest(name=context.matter(matter)))


@desk_command("overseer", writes=True)
def file(context: CommandContext, matter: str, purpose: Purpose) -> None:
    """[rw] Open the person's file as the copies brought it. The reading is recorded first.

    Example: netral overseer file 0199… --as bkn --purpose supervision
    """
    show_file(context, stubs.OversightServiceStub, matter, purpose)


@desk_command("overseer", writes=True)
def block(
    context: CommandContext,
    matter: str,
    number: Number,
    date: Day,
    office: Office,
    reason: BlockReason = "overdue",
) -> None:
    """[rw] Block the person's data and services (pemblokiran). Authority and examiner are told.

    Example: netral overseer block 0199… --as bkn --number 26/BLK/2023 --date 2023-12-20 --office KANREG-VIII
    """
    request = pb.BlockDataRequest(
        name=context.matter(matter),
        act_number=number,
        act_date=date_of(date),
        office=office,
        reason=code_of(reason),
    )
    context.act(stubs.OversightServiceStub, "BlockData", request)


@desk_command("overseer", writes=True)
def unblock(
    context: CommandContext,
    matter: str,
    number: Number,
    date: Day,
    office: Office,
    reason: UnblockReason = "followed-up",
) -> None:
    """[rw] Lift a block (pembukaan blokir) for a listed reason.

    Example: netral overseer unblock 0199… --as bkn --number 8/BKA/2024 --date 2024-01-12 --office KANREG-VIII
    """
    request = pb.UnblockDataRequest(
        name=context.matter(matter),
        act_number=number,
        act_date=date_of(date),
        office=office,
        reason=code_of(reason),
    )
    context.act(stubs.OversightServiceStub, "UnblockData", request)


@desk_command("overseer", writes=True)
def annul(
    context: CommandContext,
    matter: str,
    number: Number,
    date: Day,
    decree: Annotated[str, typer.Option(help="Number of the decree that is annulled.")],
    reason: Annotated[str, typer.Option(help=f"One of {agreement_words.ANNUL_REASONS}.")],
    due: Annotated[
        datetime | None,
        day_option(help="Until when another decree is to be made, if the act says so."),
    ] = None,
    coordination: Annotated[
        str, typer.Option(help="Number of the letter by which it was coordinated with the ministries.")
    ] = "",
    stated_reason: StatedReasonOption = "",
) -> None:
    """[rw] Annul a decree of the authority (pembatalan keputusan). The matter is open again for another decision.

    Example: netral overseer annul 0199… --as bkn --number 9/BATAL --date 2024-01-12 --decree 800/412 --reason audit-unheeded
    """
    request = pb.AnnulDecreeRequest(
        name=context.matter(matter),
        act_number=number,
        act_date=date_of(date),
        decree_number=decree,
        reason=code_of(reason),
        due_date=date_of(due) if due else None,
        coordination_number=coordination,
        stated_reason=text_of(stated_reason),
    )
    context.act(stubs.OversightServiceStub, "AnnulDecree", request)


@desk_command("overseer", writes=True)
def warn(
    context: CommandContext,
    matters: Annotated[list[str], typer.Argument(help="One matter, or all that the letter warns of.")],
    number: Annotated[str, typer.Option(help="Number of the letter, such as 800/2344/IJ.")],
    date: Day,
) -> None:
    """[rw] Warn the authorities of overdue matters in one letter (teguran). All are warned or none.

    Example: netral overseer warn 0199… 0199… --as kemendagri --number 800/2344/IJ --date 2023-12-18
    """
    first, *further = map(context.matter, matters)
    request = pb.WarnAuthorityRequest(
        name=first, letter_number=number, letter_date=date_of(date), further_matters=further
    )
    context.act(stubs.OversightServiceStub, "WarnAuthority", request)


def _flags(one: "pb.WatchedMatter") -> str:
    flags = {
        "overdue": one.overdue,
        said("warned, until {warning_due_date}", warning_due_date=day_text(one.warning_due_date)): bool(
            one.warning_number
        ),
        said("data blocked"): one.data_blocked,
        said("decree annulled"): bool(one.annulment_number),
    }
    return "; ".join(flag for flag, set_ in flags.items() if set_)

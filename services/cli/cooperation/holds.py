"""`netral hold …`: legal holds, which stop erasures until they are lifted."""

from typing import Annotated

import typer

from cli import agreement_words
from cli.deferred_imports import deferred_imports
from cli.language import said
from cli.options import CommandContext, Commands, code_of, desk_command
from cli.output import as_dict, day_text, out, party, print_json, table_of

with deferred_imports():
    from netral.erasure.v1 import service_pb2 as pb
    from netral.erasure.v1 import service_pb2_grpc as stubs


Reason = Annotated[str, typer.Option(help=f"Why: one of {agreement_words.HOLD_REASONS}.")]


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "place": place,
        "lift": lift,
        "ls": ls,
    }


@desk_command(writes=True)
def place(
    context: CommandContext,
    reason: Reason,
    matter: Annotated[str, typer.Argument(help="The matter; without, everything that the party holds.")] = "",
    everything: Annotated[
        bool, typer.Option("--everything", help="All that this institution holds.")
    ] = False,
) -> None:
    """[rw] Place a hold on erasures of a matter. Parties that exchanged it are told; a hold on everything stands here only.

    Example: netral hold place 0199… --as ppk-6202 --reason court-case
    """
    if bool(matter) == everything:
        raise typer.BadParameter(said("name a matter, or say --everything"), param_hint="MATTER")
    name = context.matter(matter) if matter else context.parent
    context.act(
        stubs.ErasureServiceStub,
        "PlaceHold",
        pb.PlaceHoldRequest(name=name, reason=code_of(reason)),
        about="hold",
    )


@desk_command(writes=True)
def lift(context: CommandContext, hold: str) -> None:
    """[rw] Lift a hold of this party. Erasures that it stopped are then carried out.

    Example: netral hold lift 0199… --as ppk-6202
    """
    request = pb.LiftHoldRequest(name=f"{context.parent}/holds/{hold}")
    context.act(stubs.ErasureServiceStub, "LiftHold", request, about="hold")


@desk_command()
def ls(
    context: CommandContext,
    every: Annotated[bool, typer.Option("--all", help="Also those that were lifted.")] = False,
) -> None:
    """[ro] List the legal holds that stand at a party.

    Example: netral hold ls --as kasn
    """
    request = pb.ListHoldsRequest(parent=context.parent, page_size=1000, show_lifted=every)
    pages = context.desks.pages(stubs.ErasureReadServiceStub, "ListHolds", request, context.caller())
    found = [each for page in pages for each in page.holds]
    if context.as_json:
        print_json([as_dict(each) for each in found])
        return
    table = table_of("id", "matter", "placed by", "on", "reason", "lifted")
    for each in found:
        words = each.target.split("/")
        table.add_row(
            each.name.rpartition("/")[2],
            words[3] if len(words) > 3 else said("everything"),
            party(each.placed_by),
            day_text(each.place_date),
            each.reason,
            day_text(each.lift_date),
        )
    out.print(table)

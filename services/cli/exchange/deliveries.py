"""`netral exchange …`: statements on their way, and parked statements, which an operator retries or gives back."""

from itertools import islice
from typing import Annotated

import typer

from cli.deferred_imports import deferred_imports
from cli.formats.export_formats import Ordinal
from cli.language import said
from cli.options import CommandContext, Commands, desk_command
from cli.output import as_dict, clock, out, party, print_json, table_of, waiting

with deferred_imports():
    from netral.exchange.v1 import service_pb2 as pb
    from netral.exchange.v1 import service_pb2_grpc as stubs

Limit = Annotated[int, typer.Option(min=1, max=100_000, help="At most this many.")]


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "outbox": outbox,
        "parked": parked,
        "retry": retry,
        "give-back": give_back,
        "pairs": pairs,
    }


@desk_command()
def outbox(
    context: CommandContext,
    all_: Annotated[bool, typer.Option("--all", help="Also those whose outcome is known.")] = False,
    limit: Limit = 100,
) -> None:
    """[ro] List statements of a party that wait for a receipt. Exit code 1 if one has none.

    Example: netral exchange outbox --as kasn --all
    """
    request = pb.ListOutboxRequest(parent=context.parent, page_size=min(limit, 1000), show_settled=all_)
    pages = context.desks.pages(
        stubs.ExchangeReadServiceStub, "ListOutbox", request, context.caller("operator")
    )
    found = list(islice((one for page in pages for one in page.statements), limit))
    if context.as_json:
        print_json([as_dict(one) for one in found])
    else:
        table = table_of(
            "statement", "type", "to", "no.", "sent (WIB)", "attempts", "in custody (WIB)", "outcome"
        )
        for one in found:
            custody = clock(one.custody_time) or waiting("no receipt")
            outcome = f"{one.outcome} {one.reason}".strip() or waiting("-")
            sent = clock(one.create_time)
            table.add_row(
                one.id,
                one.type,
                party(one.recipient),
                Ordinal(one.sequence),
                sent,
                one.attempts or None,
                custody,
                outcome,
            )
        out.print(table)
    raise typer.Exit(1 if any(not one.outcome for one in found) else 0)


@desk_command()
def parked(context: CommandContext, limit: Limit = 100) -> None:
    """[ro] List parked statements and bytes, each with its reason.

    Exit code 1 if there is something.

    Example: netral exchange parked --as kasn
    """
    request = pb.ListParkedRequest(parent=context.parent, page_size=min(limit, 1000))
    pages = list(
        context.desks.pages(stubs.ExchangeReadServiceStub, "ListParked", request, context.caller("operator"))
    )
    found = [one for page in pages for one in page.parked][:limit]
    dropped = pages[0].dropped
    if context.as_json:
        print_json({"parked": [as_dict(one) for one in found], "dropped": dropped})
    else:
        table = table_of("id", "state", "reason", "signed", "from", "type", "since (WIB)", "detail")
        for one in found:
            id = one.name.rpartition("/")[2]
            signed = said("yes") if one.authentic else said("no")
            table.add_row(
                id, one.state, one.reason, signed, party(one.sender), one.type, clock(one.time), one.detail
            )
        out.print(table)
        if dropped:
            out.print(said("{dropped} unsigned messages were dropped: the quota was full.", dropped=dropped))
    raise typer.Exit(1 if found or dropped else 0)


@desk_command(writes=True)
def retry(context: CommandContext, id: str) -> None:
    """[rw] Run a parked statement again.

    Example: netral exchange retry 0199… --as kasn
    """
    request = pb.RetryParkedRequest(name=f"{context.parent}/parked/{id}")
    context.act(stubs.ExchangeServiceStub, "RetryParked", request, role="operator")


@desk_command(writes=True)
def give_back(context: CommandContext, id: str) -> None:
    """[rw] Give a parked statement back to its sender, refused. Bytes that nobody signed are dropped.

    Example: netral exchange give-back 0199… --as kasn
    """
    request = pb.ReturnParkedRequest(name=f"{context.parent}/parked/{id}")
    context.act(stubs.ExchangeServiceStub, "ReturnParked", request, role="operator")


@desk_command()
def pairs(context: CommandContext) -> None:
    """[ro] Show completeness by peer: sent, in custody, received, missing. Exit code 1 if a number is missing.

    Example: netral exchange pairs --as kasn
    """
    request = pb.ListPairsRequest(parent=context.parent)
    found = context.ask(stubs.ExchangeReadServiceStub, "ListPairs", request, role="operator").pairs
    if context.as_json:
        print_json([as_dict(one) for one in found])
    else:
        table = table_of("peer", "sent", "in custody", "received up to", "highest", "missing")
        for one in found:
            missing = ", ".join(map(str, one.missing))
            numbers = (one.sent, one.in_custody, one.received_complete, one.received_highest)
            table.add_row(party(one.peer), *numbers, missing)
        out.print(table)
    raise typer.Exit(1 if any(one.missing for one in found) else 0)

"""`netral examiner …`: the examiner's role passes from one institution to the next (SE MenPANRB 4/2024)."""

from typing import Annotated, Literal
from uuid import UUID, uuid4, uuid5

import typer

from cli.deferred_imports import deferred_imports
from cli.language import said
from cli.options import CommandContext, Commands, Day, date_of, desk_command
from cli.output import as_dict, clock, err, out, print_json, table_of

with deferred_imports():
    from netral.kasn.v1 import service_pb2 as pb
    from netral.kasn.v1 import service_pb2_grpc as stubs


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "transfer": transfer,
        "handover": handover,
    }


@desk_command("examiner", writes=True)
def transfer(
    context: CommandContext,
    to: Annotated[str, typer.Option(help="The next examiner, such as bkn.")],
    number: Annotated[str, typer.Option(help="Number of the handover letter (berita acara serah terima).")],
    date: Day,
    at_once: Annotated[int, typer.Option(min=1, max=100, help="Matters in one call.")] = 50,
) -> None:
    """[rw] Transfer all open matters to the successor (pengalihan), a number at once.

    Broken off, it goes on where it was: repeat it, with the same --request-id if you gave one.

    Example: netral examiner transfer --as kasn --to bkn --number 1/BA/KASN/9/2024 --date 2024-09-04
    """
    first = UUID(context.request_id) if context.request_id else uuid4()
    passed, call = 0, 0
    while True:
        request = pb.TransferMattersRequest(
            parent=context.parent,
            successor=to,
            letter_number=number,
            letter_date=date_of(date),
            limit=at_once,
            request_id=str(uuid5(first, str(call))),
        )
        done = context.ask(stubs.KasnServiceStub, "TransferMatters", request)
        if not done.statements:
            break
        passed, call = passed + len(done.statements), call + 1
        err.print(
            said("{passed} matters passed to {to}", passed=passed, to=to), markup=False, highlight=False
        )
    if context.as_json:
        print_json({"from": context.party, "to": to, "passed": passed})
    else:
        out.print(
            said(
                "{passed} matters passed from {party} to {to}; see `netral examiner handover`.",
                passed=passed,
                party=context.party,
                to=to,
            )
        )


@desk_command(usual="examiner")
def handover(
    context: CommandContext,
    open_only: Annotated[bool, typer.Option("--open", help="Only those without both receipts.")] = False,
) -> None:
    """[ro] Show the handover list (daftar serah terima): state of each matter, receipts of both sides.

    Example: netral examiner handover --as kasn
    """
    request = pb.ListHandoverRequest(parent=context.parent, page_size=1000)
    lines, left = [], 0
    for page in context.desks.pages(stubs.KasnReadServiceStub, "ListHandover", request, context.caller()):
        lines += [line for line in page.matters if not (open_only and _is_done(line))]
        left = page.left
    if context.as_json:
        print_json({"matters": [as_dict(line) for line in lines], "left": left})
        return
    table = table_of(
        "matter", "passed in", "rule", "state", "successor's receipt", "taken over", "receipt for it"
    )
    for line in lines:
        table.add_row(
            line.name.rpartition("/")[2],
            line.passed_in,
            line.rule,
            line.state,
            _when(line, "transferred_custody_time"),
            said("yes") if line.took_over else said("no"),
            _when(line, "took_over_custody_time"),
        )
    out.print(table)
    out.print(said("{lines} matters; {left} are still to be handed over.", lines=len(lines), left=left))


def _is_done(line: "pb.HandedOver") -> bool:
    return line.transferred_outcome == "TAKEN_UP" and line.took_over_outcome == "TAKEN_UP"


def _when(line: "pb.HandedOver", field: Literal["transferred_custody_time", "took_over_custody_time"]) -> str:
    return clock(getattr(line, field)) if line.HasField(field) else "-"

"""`netral todo`: the cases whose turn it is at a party, by due date, each with the acts that are possible now."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.act_output import named
from cli.deferred_imports import deferred_imports
from cli.language import said
from cli.options import CommandContext, Commands, desk_command
from cli.output import clock, day_text, out, print_json, table_of
from cli.refusal_output import in_words, possible_acts

with deferred_imports():
    from netral.monitoring.v1 import service_pb2 as pb
    from netral.monitoring.v1 import service_pb2_grpc as stubs


def commands() -> Commands:
    """The commands of this module by name."""
    return {"todo": todo}


@desk_command()
def todo(
    context: CommandContext,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most this many.")] = 20,
) -> None:
    """[ro] List what waits for a party: the earliest due date first, with what can be done now.

    Whose turn it is follows from the party's own log, as in `netral monitor summary`.

    Example: netral todo --as ppk-6202
    """
    waiting = _waiting(context)
    shown = [(case, possible_acts(context, f"matters/{case.matter}")) for case in waiting[:limit]]
    if context.as_json:
        print_json([_plain(case, acts) for case, acts in shown])
        return
    table = table_of("matter", "next step", "since (WIB)", "due", "possible now")
    for case, acts in shown:
        table.add_row(
            case.matter,
            case.next_step,
            clock(case.since_time),
            day_text(case.next_due_date),
            "; ".join(map(in_words, acts)),
        )
    out.print(table)
    told = said(
        "{count} wait for {party}, {shown} are shown",
        count=len(waiting),
        party=named(context.party),
        shown=len(shown),
    )
    out.print(told, markup=False, highlight=False, soft_wrap=True)


def _waiting(context: CommandContext) -> "list[pb.CaseProgress]":
    request = pb.ListCasesRequest(parent=context.parent, holder=context.party, page_size=1000)
    pages = context.desks.pages(stubs.MonitoringServiceStub, "ListCases", request, context.caller())
    found = [case for page in pages for case in page.cases]
    return sorted(found, key=lambda case: (day_text(case.next_due_date) or "9999", _since(case)))


def _since(case: "pb.CaseProgress") -> datetime:
    return case.since_time.ToDatetime(tzinfo=UTC)


def _plain(case: "pb.CaseProgress", acts: Sequence[str]) -> dict[str, object]:
    return {
        "matter": case.matter,
        "case": case.case_id,
        "stage": case.stage,
        "since": _since(case).isoformat(),
        "next": case.next_step,
        "due": day_text(case.next_due_date) or None,
        "possible": list(acts),
    }

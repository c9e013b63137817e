"""`netral audit why`, `state` and `diff`: causes and consequences of an act, and states of matters at a moment."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

import typer

from cli.audit.instants import ZoneOption, check_zone, instant_of
from cli.audit.rows import line_of, plain, warn_of_unsettled
from cli.deferred_imports import deferred_imports
from cli.language import said
from cli.options import CommandContext, Commands, desk_command
from cli.output import out, print_json, table_of

with deferred_imports():
    from exchange.statements import protobuf_time
    from netral.audit.v1 import service_pb2 as pb
    from operations.local import trail_search


def commands() -> Commands:
    """The commands of this module by name."""
    return {"why": why, "state": state, "diff": diff}


@desk_command()
def why(
    context: CommandContext,
    id: Annotated[str, typer.Argument(help="A statement or record.")],
    zone: ZoneOption = "WIB",
) -> None:
    """[ro] Trace a statement or act to its first cause and to everything that followed, at all desks.

    Example: netral audit why 0190…
    """
    check_zone(zone)
    about = _everywhere(context, ref=id)
    if not about:
        raise typer.BadParameter(said("no log has a statement or record of this id"), param_hint="ID")
    cases = {row.found.case_id for row in about if row.found.case_id}
    matters = {row.found.leaf.matter for row in about if row.found.leaf.matter}
    rows = [row for case in sorted(cases) for row in _everywhere(context, case_id=case)] if cases else about
    if not cases and matters:
        rows = _everywhere(context, matters=sorted(matters))
    tree = trail_search.causal_tree(id, rows)
    if context.as_json:
        print_json([{"depth": depth, **plain(row, True)} for depth, row in tree])
        return
    for depth, row in tree:
        mark = "[bold]→[/bold] " if row.found.leaf.ref == id else ""
        out.print(f"{'  ' * depth}{mark}{line_of(row, zone)}", highlight=False, soft_wrap=True)


def _everywhere(
    context: CommandContext, *, ref: str = "", case_id: str = "", matters: Sequence[str] = ()
) -> "list[trail_search.Row]":
    """Everything that all desks have of a question, in order."""
    answers = trail_search.everywhere(
        context.desks, context.state, context.officer, ref=ref, case_id=case_id, matters=matters
    )
    warn_of_unsettled(answers)
    return trail_search.joined(answers)


@desk_command()
def state(
    context: CommandContext,
    matter: str,
    at: Annotated[str, typer.Option(metavar="INSTANT", help="As of this moment; now without.")] = "",
    zone: ZoneOption = "WIB",
) -> None:
    """[ro] Show the state of a matter at a desk at a moment, by its log.

    Example: netral audit state 0190… --as kasn --at '2026-11-03T09:00 WIB'
    """
    check_zone(zone)
    moment = instant_of(at, zone, "--at")
    last = _states(context, {"matters": [matter]}, moment).rows.get(matter)
    if context.as_json:
        print_json(plain(last, False) if last else {})
    elif last is None:
        out.print(said("The log had nothing about this matter."))
    else:
        out.print(
            said("[bold]{outcome}[/bold] since {last}", outcome=last.found.outcome, last=line_of(last, zone)),
            highlight=False,
            soft_wrap=True,
        )


@desk_command()
def diff(
    context: CommandContext,
    since: Annotated[str, typer.Option("--from", metavar="INSTANT", help="The first moment.")],
    until: Annotated[str, typer.Option("--to", metavar="INSTANT", help="The second; now without.")] = "",
    case: Annotated[str, typer.Option(help="Only the matters of this case.")] = "",
    matter: Annotated[list[str] | None, typer.Option(help="Only this matter; may be given again.")] = None,
    zone: ZoneOption = "WIB",
) -> None:
    """[ro] Compare a log at two moments: new leaves, and each matter's state before and after.

    Example: netral audit diff --as kasn --from 2026-11-01 --to 2026-11-08
    """
    check_zone(zone)
    asked: dict[str, Any] = {"case_id": case, "matters": matter or []}
    before = _states(context, asked, instant_of(since, zone, "--from"))
    after = _states(context, asked, instant_of(until, zone, "--to"))
    lines = [
        {
            "matter": name,
            "before": before.state(name),
            "after": after.state(name),
            "new_leaves": after.leaves[name] - before.leaves[name],
        }
        for name in sorted(after.leaves)
        if after.leaves[name] != before.leaves[name]
    ]
    if context.as_json:
        print_json({"size_before": before.size, "size_after": after.size, "matters": lines})
        return
    table = table_of("matter", "before", "after", "new leaves")
    for line in lines:
        table.add_row(*line.values())
    out.print(table)
    out.print(
        said(
            "{party}: the log grew from {before} to {after}.",
            party=context.party,
            before=before.size,
            after=after.size,
        ),
        highlight=False,
    )


@dataclass
class _States:
    size: int = 0
    rows: "dict[str, trail_search.Row]" = field(default_factory=dict)
    leaves: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def state(self, matter: str) -> str:
        return self.rows[matter].found.outcome if matter in self.rows else ""


def _states(context: CommandContext, asked: Mapping[str, Any], moment: datetime | None) -> _States:
    """The last act on each matter that named a state, and how many leaves it had, as of a moment."""
    request = pb.SearchRequest(page_size=trail_search.PAGE, **asked)
    if moment is not None:
        request.as_of.CopyFrom(protobuf_time.timestamp(moment))
    answer = trail_search.answer(context.desks, context.caller("auditor"), request)
    warn_of_unsettled({context.party: answer})
    found = _States(answer.size)
    for row in answer.rows:
        about = row.found.leaf.matter
        if about:
            found.leaves[about] += 1
            if row.found.kind == "record" and row.found.outcome:
                found.rows[about] = row
    return found

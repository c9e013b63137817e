"""`netral erase`, `netral erasure …` and `netral hold …`: personal data erased by order, who has done so, and what stops it."""

from typing import Annotated
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import typer

from agreement.information import retention
from cli.options import CommandContext, as_dict, clock, day_text, desk_command, out, print_json, table_of
from netral.erasure.v1 import events_pb2
from netral.erasure.v1 import service_pb2 as pb
from netral.erasure.v1.service_pb2_grpc import ErasureReadServiceStub, ErasureServiceStub
from operations.local.client import Refused

PANEL = "Every desk"
_WAITS = "no answer yet"
_BASIS = "uu-27-2022"

Ground = Annotated[str, typer.Option(help=f"Why: one of {', '.join(retention.grounds()).lower()}.")]
Reason = Annotated[str, typer.Option(help=f"Why: one of {', '.join(retention.hold_reasons()).lower()}.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("erase", rich_help_panel=PANEL)(erase)
    erasures = typer.Typer(help="Erasures (penghapusan): who has answered.", no_args_is_help=True)
    for name, command in {"show": show, "ls": ls}.items():
        erasures.command(name)(command)
    app.add_typer(erasures, name="erasure", rich_help_panel=PANEL)
    holds = typer.Typer(help="Legal holds (penahanan penghapusan): what is not erased.", no_args_is_help=True)
    for name, command in {"place": place, "lift": lift, "ls": ls_holds}.items():
        holds.command(name)(command)
    app.add_typer(holds, name="hold", rich_help_panel=PANEL)


@desk_command(writes=True)
def erase(
    door: CommandContext,
    matter: str,
    ground: Ground,
    basis: Annotated[str, typer.Option(help="The legal basis that permits it.")] = _BASIS,
    all_of_person: Annotated[
        bool,
        typer.Option(
            "--all-of-person", help="Also this party's other matters on the same person, an order each."
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether you are sure.")] = False,
) -> None:
    """\\[rw] Order the personal data of a matter to be erased, here and at everybody they went to. It cannot be undone.

    Only the party that collected the data can; a legal hold stops it until lifted. What is signed and logged stands and verifies.

    Example: netral erase 0199… --as bawaslu --ground subject-request --all-of-person
    """
    names = [*(_same_person(door, matter) if all_of_person else []), door.matter(matter)]
    ids = [name.rpartition("/")[2] for name in names]
    if not yes and not door.as_json:
        typer.confirm(f"Erase the personal data of {', '.join(ids)} at every holder, for good?", abort=True)
    acts = []
    for name, id in zip(names, ids, strict=True):
        request = pb.OrderErasureRequest(name=name, basis=basis, ground=_code(ground))
        # Repeating the command with its request id repeats each of them.
        request.request_id = (
            str(uuid5(UUID(door.new_request_id()), id)) if len(ids) > 1 else door.new_request_id()
        )
        acts.append(door.ask(ErasureServiceStub, "OrderErasure", request))
    if door.as_json:
        print_json(acts[0] if not all_of_person else [as_dict(act) for act in acts])
        return
    for act in acts:
        door.show_act(act, "erasure")


def _same_person(door: CommandContext, matter: str) -> list[str]:
    """The other matters on a matter's person that no order is on yet. The search is a record."""
    request = pb.FindSamePersonRequest(name=door.matter(matter), request_id=str(uuid4()))
    return list(door.ask(ErasureServiceStub, "FindSamePerson", request).names)


@desk_command()
def show(door: CommandContext, matter: str) -> None:
    """\\[ro] The erasure of a matter as a party knows it; the party that ordered sees what every holder answered.

    Exit code 1 while somebody has not erased.

    Example: netral erasure show 0199… --as bawaslu
    """
    found = door.ask(ErasureReadServiceStub, "GetErasure", pb.GetErasureRequest(name=door.matter(matter)))
    done = found.state in ("ERASED", "NOTHING_HELD")
    if found.ordered_by == door.party:
        held = (events_pb2.OUTCOME_UNSPECIFIED, events_pb2.OUTCOME_HELD)
        done = done and not any(each.outcome in held for each in found.holders)
    if door.as_json:
        print_json(found)
    else:
        _print(door, found)
    raise typer.Exit(0 if done else 1)


def _print(door: CommandContext, found: pb.Erasure) -> None:
    ground = retention.grounds()[found.ground]
    out.print(
        f"order {found.order} of {found.ordered_by}, {day_text(found.order_date)}: {ground.title_en} ({ground.title_id}), {found.basis}",
        highlight=False,
        soft_wrap=True,
    )
    table = table_of("party", "what it says", "since (WIB)")
    here = found.state
    if found.index >= 0:
        here = f"erased lawfully (dihapus secara sah) at leaf {found.index}: {found.emptied} parts, {found.documents} documents"
    if found.holds:
        here += f", by hold {', '.join(found.holds)}"
    table.add_row(door.party, here, clock(found.update_time))
    if found.ordered_by == door.party:
        for holder in found.holders:
            said = events_pb2.Outcome.Name(holder.outcome).removeprefix("OUTCOME_")
            table.add_row(holder.party, said if holder.outcome else _WAITS, clock(holder.answer_time))
    else:
        for holder in found.holders:
            table.add_row(holder.party, f"was sent it, answers {found.ordered_by}", "")
    out.print(table)


@desk_command()
def ls(door: CommandContext) -> None:
    """\\[ro] The erasures that a party ordered or was ordered.

    Example: netral erasure ls --as kasn
    """
    request = pb.ListErasuresRequest(parent=door.parent, page_size=1000)
    pages = door.desks.pages(ErasureReadServiceStub, "ListErasures", request, door.caller())
    found = [each for page in pages for each in page.erasures]
    if door.as_json:
        print_json([as_dict(each) for each in found])
        return
    table = table_of("matter", "state", "ordered by", "on", "ground", "leaf", "unanswered")
    for each in found:
        waiting = sum(not holder.outcome for holder in each.holders) if each.ordered_by == door.party else 0
        table.add_row(
            each.name.rpartition("/")[2],
            each.state,
            each.ordered_by,
            day_text(each.order_date),
            each.ground,
            str(each.index) if each.index >= 0 else "",
            str(waiting or ""),
        )
    out.print(table)


@desk_command(writes=True)
def place(
    door: CommandContext,
    reason: Reason,
    matter: Annotated[str, typer.Argument(help="The matter; without, everything that the party holds.")] = "",
    everything: Annotated[
        bool, typer.Option("--everything", help="All that this institution holds.")
    ] = False,
) -> None:
    """\\[rw] Stop erasures of a matter until the hold is lifted; whoever exchanged it with this party is told. A hold on
    everything stands at this institution only.

    Example: netral hold place 0199… --as ppk-6202 --reason court-case
    """
    if bool(matter) == everything:
        raise typer.BadParameter("name a matter, or say --everything", param_hint="MATTER")
    name = door.matter(matter) if matter else door.parent
    door.act(
        ErasureServiceStub, "PlaceHold", pb.PlaceHoldRequest(name=name, reason=_code(reason)), about="hold"
    )


@desk_command(writes=True)
def lift(door: CommandContext, hold: str) -> None:
    """\\[rw] Lift a hold of this party; what it stopped is then carried out.

    Example: netral hold lift 0199… --as ppk-6202
    """
    request = pb.LiftHoldRequest(name=f"{door.parent}/holds/{hold}")
    door.act(ErasureServiceStub, "LiftHold", request, about="hold")


@desk_command()
def ls_holds(
    door: CommandContext,
    every: Annotated[bool, typer.Option("--all", help="Also those that were lifted.")] = False,
) -> None:
    """\\[ro] The legal holds that stand at a party.

    Example: netral hold ls --as kasn
    """
    request = pb.ListHoldsRequest(parent=door.parent, page_size=1000, show_lifted=every)
    pages = door.desks.pages(ErasureReadServiceStub, "ListHolds", request, door.caller())
    found = [each for page in pages for each in page.holds]
    if door.as_json:
        print_json([as_dict(each) for each in found])
        return
    table = table_of("id", "matter", "placed by", "on", "reason", "lifted")
    for each in found:
        words = each.target.split("/")
        table.add_row(
            each.name.rpartition("/")[2],
            words[3] if len(words) > 3 else "everything",
            each.placed_by,
            day_text(each.place_date),
            each.reason,
            day_text(each.lift_date),
        )
    out.print(table)


@desk_command(writes=True)
def retention_due(
    door: CommandContext,
    every: Annotated[bool, typer.Option("--all", help="Also what is not due yet.")] = False,
    order: Annotated[
        bool,
        typer.Option("--order", help="Order the erasure of what is due, collected here and under no hold."),
    ] = False,
    unconfirmed: Annotated[
        bool, typer.Option("--unconfirmed", help="With --order: also by periods that no schedule confirms.")
    ] = False,
) -> None:
    """\\[rw] What is kept on persons longer than its retention period (masa retensi). Lists only, unless told to --order.

    Periods are data (`retention.toml`); none is confirmed by a retention schedule yet, so --order does nothing without --unconfirmed.

    Example: netral audit retention --as bawaslu
    """
    request = pb.ListRetentionRequest(parent=door.parent, page_size=1000, show_all=every)
    pages = door.desks.pages(ErasureReadServiceStub, "ListRetention", request, door.caller())
    found = [each for page in pages for each in page.retained]
    ordered = {each.name for each in found if order and _may_order(each, unconfirmed)}
    for name in sorted(ordered):
        _order_due(door, name)
    if door.as_json:
        print_json([as_dict(each) | {"ordered": each.name in ordered} for each in found])
        return
    table = table_of("matter", "state", "class", "last act", "due", "")
    for each in found:
        table.add_row(
            each.name.rpartition("/")[2],
            each.state,
            getattr(each, "class"),
            day_text(each.last_date),
            day_text(each.due_date),
            "ordered" if each.name in ordered else _remark(each),
        )
    out.print(table)


def _may_order(kept: pb.Retained, unconfirmed: bool) -> bool:
    return kept.due and kept.collected_here and not kept.holds and (kept.confirmed or unconfirmed)


def _order_due(door: CommandContext, name: str) -> None:
    """Once for good: the request id is that of the matter."""
    request = pb.OrderErasureRequest(name=name, basis=_BASIS, ground="RETENTION_ENDED")
    request.request_id = str(uuid5(NAMESPACE_URL, f"netral retention {name}"))
    door.ask(ErasureServiceStub, "OrderErasure", request)


def _remark(kept: pb.Retained) -> str:
    words = [
        "held" if kept.holds else "",
        "" if kept.collected_here else "another party orders",
        "" if kept.confirmed else "period unconfirmed",
    ]
    return ", ".join(filter(None, words))


def erased(door: CommandContext, matter: str) -> str:
    """In one line where a party's log says that a matter's personal data are erased lawfully; empty if it does not."""
    try:
        found = door.ask(ErasureReadServiceStub, "GetErasure", pb.GetErasureRequest(name=door.matter(matter)))
    except Refused:
        return ""
    if found.index < 0:
        return ""
    return (
        f"erased lawfully (dihapus secara sah) at leaf {found.index} of {door.party}: order {found.order} "
        f"of {found.ordered_by}, {found.ground}, {found.basis}"
    )


def _code(word: str) -> str:
    return word.upper().replace("-", "_")

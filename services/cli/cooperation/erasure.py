"""`netral erasure …`: orders to erase personal data, and the answers of all holders."""

from typing import Annotated
from uuid import UUID, uuid4, uuid5

import typer

from cli import agreement_words
from cli.deferred_imports import deferred_imports
from cli.formats.export_formats import Ordinal
from cli.language import said
from cli.options import CommandContext, Commands, code_of, desk_command
from cli.output import as_dict, clock, day_text, out, party, print_json, table_of

with deferred_imports():
    from agreement.information import retention
    from netral.erasure.v1 import events_pb2
    from netral.erasure.v1 import service_pb2 as pb
    from netral.erasure.v1 import service_pb2_grpc as stubs
    from operations.local import client

BASIS = "uu-27-2022"

Ground = Annotated[str, typer.Option(help=f"Why: one of {agreement_words.ERASURE_GROUNDS}.")]


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "order": order,
        "show": show,
        "ls": ls,
    }


@desk_command(writes=True)
def order(
    context: CommandContext,
    matter: str,
    ground: Ground,
    basis: Annotated[str, typer.Option(help="The legal basis that permits it.")] = BASIS,
    all_of_person: Annotated[
        bool,
        typer.Option(
            "--all-of-person", help="Also this party's other matters on the same person, an order each."
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether you are sure.")] = False,
) -> None:
    """[rw] Order the personal data of a matter to be erased, here and at everybody they went to. It cannot be undone.

    Only the party that collected the data can; a legal hold stops it until lifted. What is signed and logged stands and verifies.

    Example: netral erasure order 0199… --as bawaslu --ground subject-request --all-of-person
    """
    names = [*(_same_person(context, matter) if all_of_person else []), context.matter(matter)]
    ids = [name.rpartition("/")[2] for name in names]
    if not yes and not context.as_json:
        typer.confirm(
            said("Erase the personal data of {value} at every holder, for good?", value=", ".join(ids)),
            abort=True,
        )
    acts = []
    for name, id in zip(names, ids, strict=True):
        request = pb.OrderErasureRequest(name=name, basis=basis, ground=code_of(ground))
        # Repeating the command with its request id repeats each of them.
        request.request_id = (
            str(uuid5(UUID(context.new_request_id()), id)) if len(ids) > 1 else context.new_request_id()
        )
        acts.append(context.ask(stubs.ErasureServiceStub, "OrderErasure", request))
    if context.as_json:
        print_json(acts[0] if not all_of_person else [as_dict(act) for act in acts])
        return
    for act in acts:
        context.show_act(act, "erasure")


def _same_person(context: CommandContext, matter: str) -> list[str]:
    """The other matters on a matter's person that no order is on yet. The search is a record."""
    request = pb.FindSamePersonRequest(name=context.matter(matter), request_id=str(uuid4()))
    return list(context.ask(stubs.ErasureServiceStub, "FindSamePerson", request).names)


@desk_command()
def show(context: CommandContext, matter: str) -> None:
    """[ro] Show the erasure of a matter. The party that ordered it sees every holder's answer.

    Exit code 1 while somebody has not erased.

    Example: netral erasure show 0199… --as bawaslu
    """
    found = context.ask(
        stubs.ErasureReadServiceStub, "GetErasure", pb.GetErasureRequest(name=context.matter(matter))
    )
    done = found.state in ("ERASED", "NOTHING_HELD")
    if found.ordered_by == context.party:
        held = (events_pb2.OUTCOME_UNSPECIFIED, events_pb2.OUTCOME_HELD)
        done = done and not any(each.outcome in held for each in found.holders)
    if context.as_json:
        print_json(found)
    else:
        _print(context, found)
    raise typer.Exit(0 if done else 1)


def _print(context: CommandContext, found: "pb.Erasure") -> None:
    ground = retention.grounds()[found.ground]
    out.print(
        said(
            "order {order} of {ordered_by}, {order_date}: {title_en} ({title_id}), {basis}",
            order=found.order,
            ordered_by=found.ordered_by,
            order_date=day_text(found.order_date),
            title_en=ground.title_en,
            title_id=ground.title_id,
            basis=found.basis,
        ),
        highlight=False,
        soft_wrap=True,
    )
    table = table_of("party", "what it says", "since (WIB)")
    here = found.state
    if found.index >= 0:
        here = said(
            "erased lawfully (dihapus secara sah) at leaf {index}: {emptied} parts, {documents} documents",
            index=found.index,
            emptied=found.emptied,
            documents=found.documents,
        )
    if found.holds:
        here += said(", by hold {value}", value=", ".join(found.holds))
    table.add_row(party(context.party), here, clock(found.update_time))
    if found.ordered_by == context.party:
        for holder in found.holders:
            answer = events_pb2.Outcome.Name(holder.outcome).removeprefix("OUTCOME_")
            table.add_row(
                party(holder.party),
                answer if holder.outcome else said("no answer yet"),
                clock(holder.answer_time),
            )
    else:
        for holder in found.holders:
            table.add_row(
                party(holder.party),
                said("was sent it, answers {ordered_by}", ordered_by=found.ordered_by),
                "",
            )
    out.print(table)


@desk_command()
def ls(context: CommandContext) -> None:
    """[ro] List the erasures that a party ordered or was ordered.

    Example: netral erasure ls --as kasn
    """
    request = pb.ListErasuresRequest(parent=context.parent, page_size=1000)
    pages = context.desks.pages(stubs.ErasureReadServiceStub, "ListErasures", request, context.caller())
    found = [each for page in pages for each in page.erasures]
    if context.as_json:
        print_json([as_dict(each) for each in found])
        return
    table = table_of("matter", "state", "ordered by", "on", "ground", "leaf", "unanswered")
    for each in found:
        waiting = (
            sum(not holder.outcome for holder in each.holders) if each.ordered_by == context.party else 0
        )
        table.add_row(
            each.name.rpartition("/")[2],
            each.state,
            party(each.ordered_by),
            day_text(each.order_date),
            each.ground,
            Ordinal(each.index) if each.index >= 0 else None,
            waiting or None,
        )
    out.print(table)


def erased(context: CommandContext, matter: str) -> str:
    """In one line where a party's log says that a matter's personal data are erased lawfully; empty if it does not."""
    try:
        found = context.ask(
            stubs.ErasureReadServiceStub, "GetErasure", pb.GetErasureRequest(name=context.matter(matter))
        )
    except client.Refused:
        return ""
    if found.index < 0:
        return ""
    return said(
        "erased lawfully (dihapus secara sah) at leaf {index} of {party}: order {order} of {ordered_by}, {ground}, {basis}",
        index=found.index,
        party=context.party,
        order=found.order,
        ordered_by=found.ordered_by,
        ground=found.ground,
        basis=found.basis,
    )

"""`netral audit retention`: personal data that are kept longer than their retention period."""

from typing import Annotated
from uuid import NAMESPACE_URL, uuid5

import typer

from cli.cooperation.erasure import BASIS
from cli.deferred_imports import deferred_imports
from cli.language import said
from cli.options import CommandContext, Commands, desk_command
from cli.output import as_dict, day_text, out, print_json, table_of

with deferred_imports():
    from netral.erasure.v1 import service_pb2 as pb
    from netral.erasure.v1 import service_pb2_grpc as stubs


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "retention": retention_due,
    }


@desk_command(writes=True)
def retention_due(
    context: CommandContext,
    every: Annotated[bool, typer.Option("--all", help="Also what is not due yet.")] = False,
    order: Annotated[
        bool,
        typer.Option("--order", help="Order the erasure of what is due, collected here and under no hold."),
    ] = False,
    unconfirmed: Annotated[
        bool, typer.Option("--unconfirmed", help="With --order: also by periods that no schedule confirms.")
    ] = False,
) -> None:
    """[rw] List personal data past their retention period (masa retensi). With --order: order their erasure.

    Periods are data (`retention.toml`); none is confirmed by a retention schedule yet, so --order does nothing without --unconfirmed.

    Example: netral audit retention --as bawaslu
    """
    request = pb.ListRetentionRequest(parent=context.parent, page_size=1000, show_all=every)
    pages = context.desks.pages(stubs.ErasureReadServiceStub, "ListRetention", request, context.caller())
    found = [each for page in pages for each in page.retained]
    ordered = {each.name for each in found if order and _may_order(each, unconfirmed)}
    for name in sorted(ordered):
        _order_due(context, name)
    if context.as_json:
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


def _may_order(kept: "pb.Retained", unconfirmed: bool) -> bool:
    return kept.due and kept.collected_here and not kept.holds and (kept.confirmed or unconfirmed)


def _order_due(context: CommandContext, name: str) -> None:
    """Once for good: the request id is that of the matter."""
    request = pb.OrderErasureRequest(name=name, basis=BASIS, ground="RETENTION_ENDED")
    request.request_id = str(uuid5(NAMESPACE_URL, f"netral retention {name}"))
    context.ask(stubs.ErasureServiceStub, "OrderErasure", request)


def _remark(kept: "pb.Retained") -> str:
    words = [
        "held" if kept.holds else "",
        "" if kept.collected_here else said("another party orders"),
        "" if kept.confirmed else said("period unconfirmed"),
    ]
    return ", ".join(filter(None, words))

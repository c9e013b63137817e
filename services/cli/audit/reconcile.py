"""`netral audit reconcile`: two parties' signed views of what went between them, compared gap by gap."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.deferred_imports import deferred_imports
from cli.formats.export_formats import Ordinal
from cli.language import said, why
from cli.options import CommandContext, Commands, JsonOption, StateOption, desk_command
from cli.output import clock, err, out, party, print_json, table_of
from operations.local.installation import DEFAULT_STATE, Installation
from storage.files import whole_file

with deferred_imports():
    from exchange.reconciliation import compare
    from exchange.statements import public_keys, trust
    from netral.exchange.v1 import service_pb2
    from netral.exchange.v1 import service_pb2_grpc as stubs
    from operations.local import client


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "pairs": pairs_,
        "reconcile": reconcile,
    }


def reconcile(
    one: Annotated[str, typer.Argument(help="An institution, or a reconciliation to check again.")],
    other: Annotated[str, typer.Argument(help="The other institution.")] = "",
    file: Annotated[
        Path | None, typer.Option("--file", "--out", help="Where to write the reconciliation.")
    ] = None,
    parties: Annotated[
        Path | None, typer.Option(help="The parties file to trust; without, that of the world.")
    ] = None,
    officer: Annotated[str, typer.Option("--officer", envvar="NETRAL_OFFICER")] = "officer-1",
    state: StateOption = DEFAULT_STATE,
    as_json: JsonOption = False,
) -> None:
    """[ro] Compare two institutions number by number (pencocokan). Each gap is named.

    Each desk signs its view; the file holds both, and `netral audit reconcile FILE` comes to the same result without any desk.
    Exit code 1 if there is a gap.

    Example: netral audit reconcile kasn ppk-6202 --file kasn-ppk-6202.json
    """
    world = Installation(state)
    trusted = trust.load_parties(parties or world.parties_file)
    try:
        if other:
            target = file or Path(f"reconciliation-{one}-{other}.json")
            with whole_file(target) as written:
                data = _made(world, trusted, officer, one, other)
                written.write(data)
            err.print(
                said("{target}: both signed views, to check again.", target=target),
                markup=False,
                highlight=False,
            )
        else:
            data = _read(one)
        first, second, found = compare.read_file(data, public_keys.author_keys(trusted))
    except compare.BadView as error:
        err.print(f"[red]{error}[/red]")
        raise typer.Exit(1) from None
    _show(first, second, found, as_json)
    raise typer.Exit(1 if found else 0)


@desk_command(usual="examiner")
def pairs_(context: CommandContext) -> None:
    """[ro] List the reports of a party's peers on their logs (pencocokan), and the gaps.

    Exit code 1 if anything does not fit.

    Example: netral audit pairs --as kasn
    """
    request = service_pb2.ListPairingsRequest(parent=context.parent)
    found = context.ask(stubs.ExchangeReadServiceStub, "ListPairings", request, role="auditor")
    if context.as_json:
        print_json(found)
    else:
        table = table_of(
            "peer", "sent", "there", "received", "sent there", "reported (WIB)", "heard (WIB)", "gaps"
        )
        for pair in found.pairings:
            numbers = (pair.sent, pair.sent_heard, pair.received, pair.received_heard)
            times = (clock(pair.report_time), clock(pair.heard_time))
            table.add_row(party(pair.peer), *numbers, *times, len(pair.gaps))
        out.print(table)
        for pair in found.pairings:
            for gap in pair.gaps:
                way = said("to {peer}", peer=pair.peer) if gap.ours else said("from {peer}", peer=pair.peer)
                kind = gap.Kind.Name(gap.kind).removeprefix("KIND_").replace("_", " ").lower()
                text = said(
                    "number {sequence} {way}, matter {matter}: {kind}",
                    sequence=gap.sequence,
                    way=way,
                    matter=gap.matter or "-",
                    kind=kind,
                )
                out.print(f"[red]{text}[/red]", highlight=False, soft_wrap=True)
    if any(pair.gaps for pair in found.pairings):
        raise typer.Exit(1)


def _read(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{file}: {why(error)}", param_hint="ONE") from None


def _made(world: Installation, trusted: "trust.Parties", officer: str, one: str, other: str) -> bytes:
    desks = client.Desks.of(world)
    try:
        here, there = _view(desks, officer, one, other), _view(desks, officer, other, one)
    finally:
        desks.close()
    keys = public_keys.author_keys(trusted)
    found = compare.gaps(compare.open_view(here, keys), compare.open_view(there, keys))
    return compare.file(here, there, found)


def _view(desks: "client.Desks", officer: str, party: str, peer: str) -> bytes:
    request = service_pb2.GetPairViewRequest(parent=f"institutions/{party}", peer=peer)
    caller = client.Caller(party, officer, "auditor")
    pieces = desks.stream(stubs.ExchangeReadServiceStub, "GetPairView", request, caller)
    return b"".join(piece.data for piece in pieces)


def _show(
    one: "compare.PairView", other: "compare.PairView", found: "Sequence[compare.Gap]", as_json: bool
) -> None:
    if as_json:
        print_json({"pair": [one.party, other.party], "gaps": [asdict(gap) for gap in found]})
        return
    for view in (one, other):
        out.print(
            said(
                "{party}, {as_of:%Y-%m-%d %H:%M:%S} UTC: {sent} sent to {peer}, {received} received, signed",
                party=view.party,
                as_of=view.as_of,
                sent=len(view.sent),
                peer=view.peer,
                received=len(view.received),
            ),
            highlight=False,
        )
    if not found:
        out.print(said("Nothing is lacking on either side."))
        return
    table = table_of("statements", "number", "gap", "lacking at", "matter", "statement")
    for gap in found:
        way = said("{sender} to {recipient}", sender=gap.sender, recipient=gap.recipient)
        table.add_row(way, Ordinal(gap.sequence), gap.kind, gap.lacking, gap.matter, gap.statement)
    out.print(table)

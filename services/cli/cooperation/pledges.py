"""`netral pledge …`: lists of pledges (ikrar) of a personnel authority: imported, proved, erased; proofs checked by anybody."""

import hashlib
import json
import os
import sys
import time
import uuid
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from cli import agreement_words
from cli.deferred_imports import deferred_imports
from cli.files import reader
from cli.language import in_session, said
from cli.options import CommandContext, Commands, JsonOption, StateOption, code_of, desk_command, enum_of
from cli.output import as_dict, clock, err, out, print_json, table_of
from operations.local.installation import DEFAULT_STATE, Installation
from storage.files import whole_file

with deferred_imports():
    from google.protobuf import json_format
    from rich import progress as rich_progress

    from agreement.prevention import campaigns
    from cooperation.prevention.pledges import proof as proofs
    from exchange.statements import trust
    from netral.prevention.v1 import events_pb2
    from netral.prevention.v1 import pledges_pb2 as pb
    from netral.prevention.v1 import pledges_pb2_grpc as stubs
    from operations.local import client

_MESSAGE = 512 * 1024
# The connection broke, or the stream before is not over yet: what was kept is kept, so the same stream is sent again.
_AGAIN = {"UNAVAILABLE", "CANCELLED", "UNKNOWN", "IMPORT_ELSEWHERE"}
Purpose = Annotated[str, typer.Option(help="Why: person-request, handling, audit.")]
ListId = Annotated[str, typer.Argument(metavar="LIST", help="Id of the list.")]


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "import": import_,
        "ls": ls,
        "show": show,
        "broken": broken,
        "prove": prove,
        "check-proof": verify,
        "erase": erase,
        "text": text,
    }


@desk_command("authority", writes=True)
def import_(
    context: CommandContext,
    file: Path,
    campaign: Annotated[str, typer.Option(help="Id of the campaign that asked for it.")] = "",
    units: Annotated[int, typer.Option(min=0, help="How many units the authority has.")] = 0,
    read_by: Annotated[
        str, typer.Option(help=f"Who read the pledge out: {agreement_words.PLEDGE_READERS}.")
    ] = "",
    text: Annotated[str, typer.Option(help="Which text was read: netral pledge text.")] = "",
    patience: Annotated[int, typer.Option(min=0, help="Seconds to go on after a broken connection.")] = 60,
) -> None:
    """[rw] Import a list from CSV or XLSX: columns NIP, status, unit, tanggal. Started again, it goes on where it ended.

    Statuses are taken as lists write them: PNS, P3K, PPPK Paruh Waktu, Honorer, TKD, TKK, PTT.

    The list stays at the authority; supervisor and examiner are told counts per unit and a root.

    Example: netral pledge import ikrar.csv --as ppk-6202 --campaign 0199… --units 44
    """
    with reader.lines_of(file) as data:
        request_id = context.request_id or _id_of(context, data, campaign, units, (text, read_by))
        shared = {
            "parent": context.parent,
            "request_id": request_id,
            "campaign": f"{context.parent}/campaigns/{campaign}" if campaign else "",
            "units_in_total": units,
            "pledge": text,
            "read_by": code_of(read_by),
        }
        answer = _send(context, data, shared, patience)
    if context.as_json:
        print_json(answer)
        return
    _print_list(answer.list)
    for reason in answer.reasons:
        out.print(
            said("  {count} rows not taken: {reason}", count=reason.count, reason=reason.reason),
            highlight=False,
        )
    for row in answer.broken_rows[:20]:
        out.print(f"    {_row_text(row)}", highlight=False, soft_wrap=True)
    if len(answer.broken_rows) > 20:
        out.print(
            said(
                "    … all: netral pledge broken {list} --as {party}",
                list=_id(answer.list),
                party=context.party,
            ),
            highlight=False,
        )


@desk_command(usual="authority")
def ls(
    context: CommandContext,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most this many.")] = 100,
) -> None:
    """[ro] List the lists of an authority, oldest first. Nobody's name or number.

    Example: netral pledge ls --as ppk-6202
    """
    request = pb.ListPledgeListsRequest(parent=context.parent, page_size=min(limit, 1000))
    pages = context.desks.pages(stubs.PledgeReadServiceStub, "ListPledgeLists", request, context.caller())
    found = list(islice((one for page in pages for one in page.lists), limit))
    if context.as_json:
        print_json([as_dict(one) for one in found])
        return
    table = table_of("list", "state", "persons", "units", "not taken", "changed (WIB)", whole=("list",))
    for one in found:
        table.add_row(_id(one), one.state, one.size, len(one.units), one.broken, clock(one.update_time))
    out.print(table)


@desk_command(usual="authority")
def show(context: CommandContext, pledge_list: ListId) -> None:
    """[ro] Show one list: persons per unit, and the root that was stated.

    Example: netral pledge show 0199… --as ppk-6202
    """
    found = context.ask(
        stubs.PledgeReadServiceStub,
        "GetPledgeList",
        pb.GetPledgeListRequest(name=_name(context, pledge_list)),
    )
    if context.as_json:
        print_json(found)
        return
    _print_list(found)
    for unit in found.units:
        out.print(f"  {unit.unit}: {unit.count}", highlight=False)


@desk_command(usual="authority")
def broken(
    context: CommandContext,
    pledge_list: ListId,
    limit: Annotated[int, typer.Option(min=1, max=2_000_000, help="At most this many.")] = 1000,
) -> None:
    """[ro] List the rows that were not taken, by line and reason.

    Example: netral pledge broken 0199… --as ppk-6202
    """
    request = pb.ListBrokenRowsRequest(name=_name(context, pledge_list), page_size=min(limit, 1000))
    pages = context.desks.pages(stubs.PledgeReadServiceStub, "ListBrokenRows", request, context.caller())
    rows = islice((row for page in pages for row in page.rows), limit)
    if context.as_json:
        print_json([as_dict(row) for row in rows])
        return
    for row in rows:
        out.print(_row_text(row), highlight=False, soft_wrap=True)


@desk_command("authority", writes=True)
def prove(
    context: CommandContext,
    pledge_list: ListId,
    number: Annotated[str, typer.Option(help="@file, or - for standard input, with the NIP or NIK.")],
    to: Annotated[Path, typer.Option("--file", "--to", help="File for the proof; it names the person.")],
    purpose: Purpose = "person-request",
) -> None:
    """[rw] Prove that a person stands in a list, by a file that anybody can check. The asking is recorded first.

    Exit code 1 if the person does not.

    Example: netral pledge prove 0199… --as ppk-6202 --number @nip.txt --file proof.json
    """
    request = pb.ProvePledgeRequest(
        name=_name(context, pledge_list),
        number=_number(number),
        purpose=enum_of(events_pb2.ProofPurpose, "PROOF_PURPOSE", purpose),
        request_id=context.new_request_id(),
    )
    answer = context.desks.call(stubs.PledgeServiceStub, "ProvePledge", request, context.caller())
    if answer.in_list:
        _write_private(to, json_format.MessageToDict(answer.proof, preserving_proto_field_name=True))
    if context.as_json:
        print_json({"in_list": answer.in_list, "record": answer.record})
    elif answer.in_list:
        out.print(
            said("in the list; the proof is in {to} (record {record})", to=to, record=answer.record),
            highlight=False,
        )
    else:
        err.print(said("not in the list (record {record})", record=answer.record), highlight=False)
    if not answer.in_list:
        raise typer.Exit(1)


def verify(
    file: Path,
    parties: Annotated[
        Path | None, typer.Option(help="The parties file to trust; without, that of the world.")
    ] = None,
    state: StateOption = DEFAULT_STATE,
    as_json: JsonOption = False,
) -> None:
    """[ro] Check a proof with the parties file alone, no service: signature of the authority, path to its root.

    Exit code 1 if it shows nothing.

    Example: netral pledge check-proof proof.json --parties parties.json
    """
    trusted = trust.load_parties(parties or Installation(state).parties_file)
    try:
        proof = json_format.ParseDict(json.loads(reader.text_of(file)), pb.PledgeProof())
        shown = proofs.check(trusted, proof)
    except (ValueError, RecursionError, json_format.ParseError) as error:
        problem = str(error) if isinstance(error, proofs.ProofError) else said("The file is not a proof.")
        if as_json:
            print_json({"shown": False, "problem": problem})
        else:
            err.print(said("NOT shown: {problem}", problem=problem), highlight=False)
        raise typer.Exit(1) from None
    if as_json:
        print_json(
            {
                "shown": True,
                "authority": shown.authority,
                "list": shown.list,
                "unit": shown.unit,
                "date": shown.day.isoformat(),
                "size": shown.size,
                "stated": shown.stated.isoformat(),
            }
        )
        return
    out.print(
        said(
            "shown: the person in the file pledged on {day} ({unit}) and is one of {size} in the list {list} that {authority} stated on {stated:%Y-%m-%d}.",
            day=shown.day,
            unit=shown.unit,
            size=shown.size,
            list=shown.list,
            authority=shown.authority,
            stated=shown.stated,
        ),
        highlight=False,
        soft_wrap=True,
    )


@desk_command("authority", writes=True)
def erase(context: CommandContext, pledge_list: ListId) -> None:
    """[rw] Erase a list. Its key is destroyed, and with it entries and salts; statements on it stand.

    Example: netral pledge erase 0199… --as ppk-6202
    """
    context.act(
        stubs.PledgeServiceStub,
        "ErasePledgeList",
        pb.ErasePledgeListRequest(name=_name(context, pledge_list)),
    )


def text(as_json: JsonOption = False) -> None:
    """[ro] Print the texts of the pledge: points, digest, elections, source.

    Example: netral pledge text
    """
    found = list(campaigns.pledges().values())
    if as_json:
        print_json(
            [
                {
                    "id": each.id,
                    "points": each.points,
                    "sha256": each.sha256,
                    "elections": each.elections,
                    "source": each.source,
                    "note": each.note,
                    "unconfirmed": each.unconfirmed,
                }
                for each in found
            ]
        )
        return
    for each in found:
        out.print(f"{each.id}, {', '.join(each.elections)} ({each.source})", highlight=False, soft_wrap=True)
        for at, point in enumerate(each.points, 1):
            out.print(f"  {at}. {point}", highlight=False, soft_wrap=True)
        out.print(said("  sha256 {sha256}", sha256=each.sha256), highlight=False, soft_wrap=True)
        if each.note:
            out.print(f"  {in_session(each.note)}", highlight=False, soft_wrap=True)


# --- the file ----------------------------------------------------------------------------------------------------------


def _id_of(context: CommandContext, data: IO[bytes], campaign: str, units: int, read: tuple[str, str]) -> str:
    """The request id of this content: the same file for the same campaign is the same list, however often it is sent."""
    digest = hashlib.sha256()
    while part := data.read(_MESSAGE):
        digest.update(part)
    name = " ".join([context.party, campaign, str(units), digest.hexdigest(), *filter(None, read)])
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"netral:pledges:{name}"))


def _send(
    context: CommandContext, data: IO[bytes], shared: dict[str, Any], patience: int
) -> "pb.ImportPledgesResponse":
    """Send the stream, again and again while the connection breaks; what is kept is not taken twice."""
    size = data.seek(0, os.SEEK_END)
    columns = (
        rich_progress.TextColumn("pledges"),
        rich_progress.BarColumn(),
        rich_progress.DownloadColumn(),
        rich_progress.TimeRemainingColumn(),
    )
    deadline, pause = time.monotonic() + patience, 0.5
    with rich_progress.Progress(
        *columns, console=err, disable=context.as_json or not err.is_terminal
    ) as progress:
        task = progress.add_task("pledges", total=size)
        while True:
            data.seek(0)
            progress.update(task, completed=0)
            requests = _requests(data, size, shared, lambda done: progress.update(task, completed=done))
            try:
                answer: pb.ImportPledgesResponse = context.desks.send(
                    stubs.PledgeServiceStub, "ImportPledges", requests, context.caller()
                )
            except client.Refused as refused:
                if time.monotonic() > deadline or not {refused.code, refused.reason} & _AGAIN:
                    raise
                time.sleep(pause)
                pause = min(pause * 2, 5.0)
            else:
                return answer


def _requests(
    data: IO[bytes], size: int, shared: dict[str, Any], sent: Any
) -> "Iterator[pb.ImportPledgesRequest]":
    done = 0
    while True:
        part = data.read(_MESSAGE)
        done += len(part)
        sent(done)
        complete = not part or done >= size
        yield pb.ImportPledgesRequest(data=part, complete=complete, **shared)
        if complete:
            return


# --- words -------------------------------------------------------------------------------------------------------------


def _name(context: CommandContext, pledge_list: str) -> str:
    return f"{context.parent}/pledgeLists/{pledge_list}"


def _id(found: "pb.PledgeList") -> str:
    return found.name.rpartition("/")[2]


def _row_text(row: "pb.BrokenRow") -> str:
    """Say where a row is wrong and why."""
    place = (
        said("line {line}, column {column}", line=row.line, column=row.column)
        if row.column
        else said("line {line}", line=row.line)
    )
    return f"{place}: {row.reason}: {row.message}"


def _number(given: str) -> str:
    if given == "-":
        return sys.stdin.read().strip()
    if not given.startswith("@"):
        raise typer.BadParameter(said("@file or -, so that it does not stay in the shell's history"))
    return reader.text_of(Path(given[1:])).strip()


def _write_private(path: Path, content: dict[str, Any]) -> None:
    """It names a person, so that only its owner may read it."""
    with whole_file(path, mode=0o600) as file:
        file.write(json.dumps(content, indent=1).encode())


def _print_list(found: "pb.PledgeList") -> None:
    out.print(
        said(
            "{found}: {state}, {size} persons in {units} units",
            found=_id(found),
            state=found.state,
            size=found.size,
            units=len(found.units),
        )
        + (said(" of {units_in_total}", units_in_total=found.units_in_total) if found.units_in_total else "")
        + said(", {broken} of {value} lines not taken", broken=found.broken, value=max(found.lines - 1, 0)),
        highlight=False,
        soft_wrap=True,
    )
    out.print(said("  text {pledge}", pledge=found.pledge), highlight=False)
    if found.root:
        out.print(said("  root {value}", value=found.root.hex()), highlight=False)

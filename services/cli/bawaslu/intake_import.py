"""`netral bawaslu intake import`: a list of reports and findings from another system becomes intakes, each under its own number.

Valid rows go in, row by row, and broken ones are named, as a list of pledges has it. A row's number decides whether it is there
already, so that a list, or the same list mended, can be imported again: nothing changes twice. What names a person stands in
sealed fields only, and in nothing that is written or printed here.
"""

import hashlib
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import language
from cli.deferred_imports import deferred_imports
from cli.files import reader
from cli.formats.export_formats import WRITERS, Sheet, write_sheet
from cli.language import said
from cli.options import CommandContext, Commands, JsonOption, date_of, desk_command
from cli.output import err, out, print_json, print_text

with deferred_imports():
    from google.protobuf import any_pb2
    from rich import progress as rich_progress

    from agreement import data_files
    from agreement.lists import columns, intake_mapping, intake_rows
    from agreement.parties import bawaslu_numbers
    from netral.bawaslu.v1 import intake_pb2 as pb
    from netral.bawaslu.v1 import intake_pb2_grpc as stubs
    from netral.exchange.v1 import acts_pb2, acts_pb2_grpc
    from operations.local import client

# Why a finding of a list names no Form A (Formulir Model A): stated for each, since the form has no column there.
_NO_FORM = "Dari daftar, yang tidak menyebut Formulir Model A."
_HEADS = ("line", "column", "reason", "message")
_SHOWN = 20
# A desk that says one of these speaks of the row; all else ends the import.
_OF_THE_ROW = {"INVALID_ARGUMENT", "ALREADY_EXISTS", "FAILED_PRECONDITION", "NOT_FOUND"}


def commands() -> Commands:
    """The commands of this module by name."""
    return {"import": import_, "mapping": mapping}


@dataclass
class _Outcome:
    """Counts of an import, and the rows that were not taken."""

    taken: Counter[str] = field(default_factory=Counter)
    present: int = 0
    broken: "list[intake_rows.BrokenRow]" = field(default_factory=list)


@desk_command("supervisor", writes=True)
def import_(
    context: CommandContext,
    file: Path,
    mapping: Annotated[
        Path | None, typer.Option(help="Which column is which (TOML); without, that for SigapLapor.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Ask for each row whether it would be taken.")
    ] = False,
    refused: Annotated[
        Path | None, typer.Option(help="Write the rows not taken to this file: .csv, .xlsx or .json.")
    ] = None,
) -> None:
    """[rw] Import reports and findings from a list (CSV, XLSX) of SigapLapor, each under its own number.

    Valid rows are taken and broken ones named by line, column and what to do. A number that is there already is left as it
    is, so that the same list, mended or not, can be imported again. Exit code 1 if rows were not taken.

    Example: netral bawaslu intake import laporan.xlsx --refused ditolak.csv --dry-run
    """
    if refused is not None and refused.suffix not in WRITERS:
        raise typer.BadParameter(said("one of {value}", value=", ".join(WRITERS)), param_hint="--refused")
    known = (
        intake_mapping.parse(mapping.name, reader.text_of(mapping)) if mapping else intake_mapping.shipped()
    )
    found = _read(file, known)
    done = _import(context, found, context.request_id or _digest(file), dry_run)
    if refused is not None:
        shown = [
            dict(zip(_HEADS, (row.line, row.column, row.reason, row.message), strict=True))
            for row in done.broken
        ]
        write_sheet(refused, Sheet("Ditolak", "Keterangan", _HEADS, shown))
    _print(context, known, done, dry_run, refused)
    if done.broken:
        raise typer.Exit(1)


def mapping(as_json: JsonOption = False) -> None:
    """[ro] Print the mapping for SigapLapor (TOML), to be changed for another list.

    Example: netral bawaslu intake mapping > daftar.toml
    """
    if as_json:
        print_json(intake_mapping.shipped().model_dump(mode="json"))
        return
    print_text(data_files.read(intake_mapping.SHIPPED))


# --- the list ----------------------------------------------------------------------------------------------------------


@dataclass
class _List:
    """The rows of a list, and its names for our fields."""

    rows: "list[intake_rows.IntakeRow | intake_rows.BrokenRow]"
    named: dict[str, str]


def _read(file: Path, known: "intake_mapping.IntakeMapping") -> _List:
    """Read the rows below the line that names the columns."""
    try:
        found = reader.list_of(file, known.fields)
    except columns.NoHeader as error:
        raise typer.BadParameter(f"{file}: {_no_header(error.missing)}", param_hint="FILE") from None
    named: dict[str, str] = {
        known.column[int(at)].field: found.heads[place].strip() for at, place in found.header.places.items()
    }
    if "description" not in named:
        prose = [name for column in known.column if column.field == "description" for name in column.names]
        raise typer.BadParameter(f"{file}: {_no_header([columns.Field('', prose)])}", param_hint="FILE")
    judge = intake_rows.IntakeRows(known, found.header, found.heads, language.chosen() or "en")
    return _List([judge.read(line, cells) for line, cells in found.rows], named)


def _no_header(missing: "Sequence[columns.Field]") -> str:
    wanted = "; ".join(" or ".join(each.names[:3]) for each in missing)
    return said(
        "none of the first {MAX_TITLES} lines names a column {wanted}. Name yours in a mapping: netral bawaslu intake mapping",
        MAX_TITLES=columns.MAX_TITLES,
        wanted=wanted,
    )


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


# --- the desk ----------------------------------------------------------------------------------------------------------


def _import(context: CommandContext, found: _List, list_id: str, dry_run: bool) -> _Outcome:
    """Have the desk take the rows, one by one.

    Raises:
        client.Refused: the desk says no to more than a row, or is away; what was taken before stays.
    """
    done, present = _Outcome(), _numbers(context)
    with rich_progress.Progress(console=err, disable=context.as_json or not err.is_terminal) as progress:
        task = progress.add_task("intakes", total=len(found.rows))
        try:
            for row in found.rows:
                _take(context, row, found, present, list_id, dry_run, done)
                progress.advance(task)
        except client.Refused:
            if taken := done.taken.total():
                err.print(
                    said("{taken} rows were taken before; import the list again and it goes on", taken=taken),
                    highlight=False,
                )
            raise
    return done


def _take(
    context: CommandContext,
    row: "intake_rows.IntakeRow | intake_rows.BrokenRow",
    found: _List,
    present: set[str],
    list_id: str,
    dry_run: bool,
    done: _Outcome,
) -> None:
    if isinstance(row, intake_rows.BrokenRow):
        done.broken.append(row)
    elif bawaslu_numbers.canonical(row.number) in present:
        done.present += 1
    elif answer := _ask(context, row, list_id, dry_run):
        field = answer.column.replace("found_date", "received_date")
        done.broken.append(replace(answer, column=found.named.get(field, field)))
    else:
        done.taken[row.origin] += 1


def _numbers(context: CommandContext) -> set[str]:
    """The numbers that stand in the register, each in its one spelling."""
    request = pb.ListIntakesRequest(parent=context.parent, page_size=1000)
    pages = context.desks.pages(stubs.IntakeReadServiceStub, "ListIntakes", request, context.caller())
    return {bawaslu_numbers.canonical(one.number) for page in pages for one in page.intakes}


def _ask(
    context: CommandContext, row: "intake_rows.IntakeRow", list_id: str, dry_run: bool
) -> "intake_rows.BrokenRow | None":
    """Have the desk take a row, or say whether it would; gives what it says against it."""
    method, request = _request(context, row, list_id)
    try:
        if not dry_run:
            context.desks.call(stubs.IntakeServiceStub, method, request, context.caller())
            return None
        packed = any_pb2.Any()
        packed.Pack(request)
        answer = context.desks.call(
            acts_pb2_grpc.ActServiceStub, "Check", acts_pb2.CheckRequest(request=packed), context.caller()
        )
    except client.Refused as refused:
        if refused.code not in _OF_THE_ROW:
            raise
        return intake_rows.BrokenRow(
            row.line, next(iter(refused.fields), ""), refused.reason, refused.message
        )
    if answer.possible:
        return None
    return intake_rows.BrokenRow(row.line, answer.field, answer.reason, answer.message)


def _request(context: CommandContext, row: "intake_rows.IntakeRow", list_id: str) -> tuple[str, Any]:
    """The call that opens an intake of a row. Its request id is that of this line of the import, for good."""
    name = f"netral:intakes:{context.party} {list_id} {row.line}"
    described = row.description
    if row.origin == "FINDING" and row.reporter:  # a finding has no reporter: who found it stands in its file
        described = f"{described}\n{row.reporter}"
    shared: dict[str, Any] = {
        "parent": context.parent,
        "number": row.number,
        "region": row.region,
        "event_date": date_of(row.event_date),
        "known_date": date_of(row.known_date),
        "description": described,
        "request_id": str(uuid.uuid5(uuid.NAMESPACE_URL, name)),
    }
    if row.origin == "FINDING":
        found = date_of(row.received_date)
        return "RecordFinding", pb.RecordFindingRequest(found_date=found, stated_reason=_NO_FORM, **shared)
    return "ReceiveReport", pb.ReceiveReportRequest(
        received_date=date_of(row.received_date), reporter=row.reporter, **shared
    )


# --- words -------------------------------------------------------------------------------------------------------------


def _print(
    context: CommandContext,
    known: "intake_mapping.IntakeMapping",
    done: _Outcome,
    dry_run: bool,
    refused: Path | None,
) -> None:
    reports, findings = done.taken["REPORT"], done.taken["FINDING"]
    if context.as_json:
        print_json(
            {
                "mapping": known.name,
                "confirmed": known.confirmed,
                "dry_run": dry_run,
                "reports": reports,
                "findings": findings,
                "present": done.present,
                "refused": [asdict(row) for row in done.broken],
            }
        )
        return
    out.print(_counts(reports, findings, done, dry_run), highlight=False)
    line, column = said("line"), said("column")
    for row in done.broken[:_SHOWN]:
        place = f"{line} {row.line}" + (f", {column} {row.column}" if row.column else "")
        out.print(f"  {place}: {row.reason}: {row.message}", highlight=False, markup=False, soft_wrap=True)
    if len(done.broken) > _SHOWN:
        out.print(f"  … {refused or '--refused FILE'}", highlight=False, markup=False)
    if not known.confirmed:
        err.print(
            said("mapping {name}, not confirmed: {note}", name=known.name, note=known.note),
            highlight=False,
            markup=False,
        )


def _counts(reports: int, findings: int, done: _Outcome, dry_run: bool) -> str:
    """The counts of an import."""
    return said(
        "{reports} reports and {findings} findings {taken}, {present} were there already, {broken} not taken",
        reports=reports,
        findings=findings,
        taken=said("would be taken") if dry_run else said("taken"),
        present=done.present,
        broken=len(done.broken),
    )

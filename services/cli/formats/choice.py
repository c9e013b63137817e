"""Options `-o` and `--file` of every command that reads: one place gives them, and writes the answer.

`--json` is the short way to say `-o json`. What a command records when it reads is recorded all the same.
"""

import functools
import inspect
import io
import os
import stat
import sys
from codecs import BOM_UTF8
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.models import OptionInfo

from cli.formats import export_formats
from cli.formats.export_formats import Sheet
from cli.formats.kept import notes_of, sheet_of
from cli.language import said
from cli.output import Kept, err, out, print_json
from storage.files import whole_file

Command = Callable[..., None]
Format = Literal["table", "json", "csv", "xlsx"]
FormatOption = Annotated[
    Format | None, typer.Option("--output", "-o", help="table, json, csv or xlsx; json is --json.")
]
ShortFormatOption = Annotated[
    Literal["table", "json"] | None, typer.Option("--output", "-o", help="table, or json, which is --json.")
]
FileOption = Annotated[
    Path | None,
    typer.Option("--file", help="Write the answer into this file; .json, .csv or .xlsx says the format."),
]
_WRITTEN: dict[str, Format] = {".json": "json", ".csv": "csv", ".xlsx": "xlsx"}
_ANSWERS_ON = frozenset({"monitor watch", "matter watch", "audit export"})
"""Commands whose answer has no end, or is a file of its own kind."""
_READS_TOO = frozenset({"examiner find-earlier", "audit retention"})
"""Lists that are marked [rw], because the question is recorded, or because an option orders something."""


def with_formats(path: str, command: Command) -> Command:
    """Give a command that reads the options `-o` and `--file`; any other one stays as it is. `path` is its name with its group."""
    if not (inspect.getdoc(command) or "").startswith("[ro]") and path not in _READS_TOO:
        return command
    signature = inspect.signature(command)
    whole = path not in _ANSWERS_ON
    own_file = not whole or any(map(_is_file_option, signature.parameters.values()))

    @functools.wraps(command)
    def formatted(**given: Any) -> None:
        asked, file = given.pop("output_format"), None if own_file else given.pop("answer_file")
        format = _format(asked, file, given["as_json"])
        run = functools.partial(command, **given)
        if format == "table":
            run()
        elif format == "json":
            _answer_json(run, file)
        else:
            _answer_rows(run, path, format, file, told_as_json=given["as_json"])

    keyword = inspect.Parameter.KEYWORD_ONLY
    kind = FormatOption if whole else ShortFormatOption
    more = [inspect.Parameter("output_format", keyword, annotation=kind, default=None)]
    if not own_file:
        more.append(inspect.Parameter("answer_file", keyword, annotation=FileOption, default=None))
    parameters = [*signature.parameters.values(), *more]
    formatted.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return formatted


def _is_file_option(parameter: inspect.Parameter) -> bool:
    described = getattr(parameter.annotation, "__metadata__", ())
    return parameter.name == "file" and any(isinstance(each, OptionInfo) for each in described)


def _format(asked: Format | None, file: Path | None, as_json: bool) -> Format:
    """The format that is asked for: by its name, by the suffix of the file, by `--json`."""
    if as_json and asked not in (None, "json"):
        raise typer.BadParameter(said("--json is -o json"), param_hint="--output")
    if file is None:
        return asked or ("json" if as_json else "table")
    named = _WRITTEN.get(file.suffix.lower())
    if named is None:
        raise typer.BadParameter(
            said("name it {suffixes}", suffixes=", ".join(_WRITTEN)), param_hint="--file"
        )
    if asked not in (None, named):
        raise typer.BadParameter(
            said(
                "{file} is named as {named}, and {asked} is asked for",
                file=str(file),
                named=named,
                asked=str(asked),
            ),
            param_hint="--output",
        )
    return named


def _answer_json(run: Callable[..., None], file: Path | None) -> None:
    if file is None:
        run(as_json=True)
        return
    with whole_file(file) as target:
        text = io.TextIOWrapper(target, encoding="utf-8")
        with redirect_stdout(text):
            code = _exit_code(run, as_json=True)
        text.detach()
    _end(code)


def _answer_rows(
    run: Callable[..., None], path: str, format: Format, file: Path | None, *, told_as_json: bool
) -> None:
    """Run a command, and write what it would have printed as rows; lines beside them are said, or stand on a sheet of notes."""
    if file is None and format == "xlsx" and sys.stdout.isatty():
        raise typer.BadParameter(
            said("a spreadsheet is not for a terminal: --file NAME.xlsx, or > NAME.xlsx"),
            param_hint="--output",
        )
    out.kept = kept = Kept()
    try:
        code = _exit_code(run, as_json=False)
    finally:
        out.kept = None
    sheet = sheet_of(kept, f"netral {path}")
    if file is None:
        _print(format, sheet)
    else:
        export_formats.write_sheet(file, sheet)
    if format == "csv":
        _say_beside(sheet, kept)
    if file is not None and told_as_json:
        print_json({"file": str(file), "rows": len(sheet.rows)})
    elif file is not None:
        _say(said("{file}: {rows} rows.", file=str(file), rows=len(sheet.rows)))
    _end(code)


def _say_beside(sheet: Sheet, kept: Kept) -> None:
    """Say what a CSV has no place for."""
    for line in notes_of(kept):
        _say(line)
    for each in sheet.more:
        heads = ", ".join(each.heads)
        _say(said("left out, -o xlsx has it: {rows} rows of {heads}", rows=len(each.rows), heads=heads))


def _print(format: Format, sheet: Sheet) -> None:
    """Print a file; only one on a disk begins with the mark by which Excel knows UTF-8, since programs that read a pipe do not."""
    written = io.BytesIO()
    export_formats.WRITERS[f".{format}"](written, sheet)
    data = written.getvalue()
    if format == "csv" and not _goes_to_a_file():
        data = data.removeprefix(BOM_UTF8)
    if sys.stdout.isatty():
        print(data.decode().replace("\r\n", "\n"), end="")
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)


def _goes_to_a_file() -> bool:
    try:
        return stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode)
    except (OSError, ValueError):
        return False


def _exit_code(run: Callable[..., None], *, as_json: bool) -> int:
    """The code with which a command ends: what it found is written first."""
    try:
        run(as_json=as_json)
    except typer.Exit as end:
        return end.exit_code
    return 0


def _end(code: int) -> None:
    if code:
        raise typer.Exit(code)


def _say(text: str) -> None:
    err.print(text, markup=False, highlight=False)

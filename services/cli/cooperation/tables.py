"""`netral monitor table`: the tables that are published, and the list of what is overdue, as text or as a file."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cli import agreement_words, export_formats
from cli.cooperation.monitor import (
    AgencyOption,
    By,
    RegionOption,
    Tier,
    TierOption,
    print_as_of,
    request_of,
)
from cli.deferred_imports import deferred_imports
from cli.export_formats import Cell, Share
from cli.options import CommandContext, Commands, OptionalDay, desk_command, enum_of
from cli.output import as_dict, clock, day_text, err, out, print_json, table_of

with deferred_imports():
    import refusals
    from cooperation.monitoring.figures import periods
    from netral.monitoring.v1 import service_pb2 as pb
    from netral.monitoring.v1 import service_pb2_grpc as stubs

Language = Literal["id", "en"]
_OVERDUE = "overdue"
_REGION = re.compile(r"[0-9]{2}(\.[0-9]{2})?")
Words = tuple[str, str]
"""A word in Indonesian and in English."""

_ROWS: Mapping[str, Words] = {
    "PROVINCE": ("Provinsi", "Province"),
    "REGION": ("Kabupaten/kota", "Regency or city"),
    "TIER": ("Tingkat", "Tier"),
    "ACT": ("Bentuk pelanggaran", "Act"),
    "AGENCY": ("Instansi", "Authority"),
    "EMPLOYMENT": ("Status kepegawaian", "Employment"),
    "POST": ("Kategori jabatan", "Category of post"),
    "ELECTION": ("Pemilihan", "Election"),
    "QUARTER": ("Triwulan", "Quarter"),
}
_TIERS: Mapping[str, Words] = {
    "MINISTRY": ("Kementerian/lembaga", "Ministry or central agency"),
    "PROVINCE": ("Provinsi", "Province"),
    "REGENCY": ("Kabupaten", "Regency"),
    "CITY": ("Kota", "City"),
}
_STEPS: Mapping[str, Words] = {
    "": ("", ""),
    "DUE_SOON": ("Segera jatuh tempo", "Due soon"),
    "OVERDUE": ("Melewati tenggat", "Overdue"),
    "REMINDED": ("Pengingat", "Reminder"),
    "WARNED": ("Teguran", "Warning"),
    "REPRIMANDED": ("Teguran BKN", "Reprimand by BKN"),
    "BLOCKED": ("Pemblokiran data", "Data blocked"),
    "ESCALATED": ("Eskalasi kepada atasan", "Escalation to the superior"),
}
_CODE, _WHOLE, _NOT_STATED = ("Kode", "Code"), ("Jumlah", "Total"), ("(tidak disebut)", "(not stated)")
_AS_OF, _ENTRY = ("Per tanggal", "As of"), ("Entri jejak audit", "Entry of the trail")


@dataclass(frozen=True)
class _Shown:
    """A table in one language, ready to be printed or written: heads, and rows with a value for each.

    A terminal is narrow: the columns `file_only` are not printed, and n/N stands beside its share.
    """

    id: str
    language: Language
    title: str
    question: str
    as_of: "pb.AsOf"
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    definitions: Sequence[Words] = ()
    file_only: Sequence[str] = ()


def commands() -> Commands:
    """The commands of this module by name."""
    return {"table": table}


@desk_command()
def table(
    context: CommandContext,
    name: Annotated[str, typer.Argument(help=agreement_words.TABLES)],
    by: Annotated[By | None, typer.Option(help="What the rows are; each table has a usual one.")] = None,
    period: Annotated[str, typer.Option(help="2024, 2024-S2 (half-year) or 2024-Q4 (quarter).")] = "",
    region: RegionOption = "",
    agency: AgencyOption = "",
    tier: TierOption = "",
    language: Annotated[Language, typer.Option(help="Of titles and heads.")] = "id",
    file: Annotated[Path | None, typer.Option(help="Write FILE.csv, FILE.json or FILE.xlsx.")] = None,
    today: OptionalDay = None,
) -> None:
    """[ro] Print a published table (tabel terbitan), or the list of what is overdue by name of authority; or write it to a file.

    Example: netral monitor table follow-up --as kasn --period 2023-Q4 --file follow-up.xlsx
    """
    if name not in agreement_words.TABLES.split(", "):
        raise typer.BadParameter(f"one of: {agreement_words.TABLES}", param_hint="NAME")
    if file is not None and file.suffix not in export_formats.WRITERS:
        raise typer.BadParameter(f"name it {', '.join(export_formats.WRITERS)}", param_hint="--file")
    if name == _OVERDUE and by is not None:
        raise typer.BadParameter("the list has a row for each recommendation", param_hint="--by")
    if name == _OVERDUE:
        late = _request(pb.ListOverdueRequest, context, period, region, agency, tier, today)
        late.page_size = 1000
        shown = _overdue(context, late, language)
    else:
        request = table_request(context, name, by, period, region, agency, tier, today)
        shown = _counted(context, request, language)
    asked = {"--period": period, "--region": region, "--agency": agency, "--tier": tier}
    _show(context, shown, file, [(option, value) for option, value in asked.items() if value])


def table_request(
    context: CommandContext,
    name: str,
    by: By | None,
    period: str,
    region: str,
    agency: str,
    tier: Tier,
    today: datetime | None,
) -> "pb.GetTableRequest":
    """Ask for a table, with what the options say."""
    request: pb.GetTableRequest = _request(pb.GetTableRequest, context, period, region, agency, tier, today)
    request.table = name
    if by is not None:
        request.dimension = enum_of(pb.Dimension, "DIMENSION", by)
    return request


def _request(
    kind: Any,
    context: CommandContext,
    period: str,
    region: str,
    agency: str,
    tier: Tier,
    today: datetime | None,
) -> Any:
    if region and not _REGION.fullmatch(region):
        raise typer.BadParameter(
            f"{region} is no Kemendagri code: 62 is a province, 62.02 a regency or city",
            param_hint="--region",
        )
    days = period_given(period)
    since, until = (_midnight(days.start), _midnight(days.end)) if days else (None, None)
    return request_of(kind, context, region, agency, "", tier, since, until, today)


def period_given(text: str) -> "periods.Period | None":
    """The period of the option `--period`; None if it was not given."""
    try:
        return periods.period_of(text) if text else None
    except refusals.Malformed as refused:
        raise typer.BadParameter(refused.message, param_hint="--period") from None


def _midnight(day: date) -> datetime:
    """A day as options have it."""
    return datetime.combine(day, time.min)


# --- tables as they are shown -------------------------------------------------------------------------------------


def _counted(context: CommandContext, request: "pb.GetTableRequest", language: Language) -> _Shown:
    """A table of counts, its rows by key and the whole at the end."""
    found = context.ask(stubs.MonitoringServiceStub, "GetTable", request)
    say = _in(language)
    dimension = pb.Dimension.Name(found.dimension).removeprefix("DIMENSION_")
    coded = any(row.name for row in found.rows)
    heads = [say(_CODE)] if coded else []
    heads.append(say(_ROWS[dimension]))
    definitions, beside = [], []
    for column in found.columns:
        title = say((column.title_id, column.title_en))
        heads.append(title)
        if column.share:
            beside.append(f"{title} (n/N)")
            heads.append(beside[-1])
        definitions.append((title, say((column.definition_id, column.definition_en))))
    rows = [_row(found, row, dimension, coded, say) for row in found.rows]
    rows.append([*([""] if coded else []), say(_WHOLE), *_values(found, found.whole)])
    title, question = say((found.title_id, found.title_en)), say((found.question_id, found.question_en))
    return _Shown(found.id, language, title, question, found.as_of, heads, rows, definitions, beside)


def _row(
    found: "pb.PublishedTable", row: "pb.TableRow", dimension: str, coded: bool, say: Callable[[Words], str]
) -> list[Cell]:
    name = row.name or row.key or say(_NOT_STATED)
    if dimension == "TIER" and row.key in _TIERS:
        name = say(_TIERS[row.key])
    return [*([row.key] if coded else []), name, *_values(found, row)]


def _values(found: "pb.PublishedTable", row: "pb.TableRow") -> list[Cell]:
    """The cells of a row; a share of nothing is empty."""
    values: list[Cell] = []
    for column, cell in zip(found.columns, row.cells, strict=True):
        if column.share:
            values += [Share(cell.n / cell.of) if cell.of else None, f"{cell.n}/{cell.of}"]
        else:
            values.append(cell.n)
    return values


_OVERDUE_HEADS: Sequence[Words] = (
    ("Perkara", "Matter"),
    ("Instansi", "Authority"),
    ("Kode wilayah", "Region code"),
    ("Wilayah", "Region"),
    ("Tanggal rekomendasi", "Recommended"),
    ("Tenggat", "Due"),
    ("Hari terlambat", "Days late"),
    ("Hari kerja terlambat", "Working days late"),
    ("Berada pada", "Held by"),
    ("Langkah terakhir", "Last step"),
    ("Langkah berikut", "Next step"),
    ("Mulai", "From"),
    ("Yang harus bertindak", "Who must act"),
)

_OVERDUE_FILE_ONLY = [_OVERDUE_HEADS[place] for place in (2, 3, 4, 8, 9)]


def _overdue(context: CommandContext, request: "pb.ListOverdueRequest", language: Language) -> _Shown:
    """The list of overdue recommendations, latest first."""
    pages = list(context.desks.pages(stubs.MonitoringServiceStub, "ListOverdue", request, context.caller()))
    say = _in(language)
    return _Shown(
        _OVERDUE,
        language,
        say(("Rekomendasi yang melewati tenggat", "Overdue recommendations")),
        say(
            (
                "Rekomendasi mana yang melewati tenggat, pada instansi mana, dan siapa yang harus bertindak?",
                "Which recommendations are overdue, at which authority, and who must act next?",
            )
        ),
        pages[0].as_of,
        [say(head) for head in _OVERDUE_HEADS],
        [_late(one, say) for page in pages for one in page.cases],
        file_only=[say(head) for head in _OVERDUE_FILE_ONLY],
    )


def _late(one: "pb.OverdueCase", say: Callable[[Words], str]) -> list[Cell]:
    case = one.case
    return [
        case.matter,
        one.agency_name or case.agency,
        case.region,
        one.region_name,
        _day(day_text(case.recommended_date)),
        _day(day_text(case.due_date)),
        one.days_late,
        one.working_days_late,
        one.holder_name or case.holder,
        say(_STEPS.get(case.step, (case.step, case.step))),
        say(_STEPS.get(one.next_step, (one.next_step, one.next_step))),
        _day(day_text(one.next_date)),
        one.next_actor_name or one.holder_name,
    ]


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _in(language: Language) -> Callable[[Words], str]:
    place = 0 if language == "id" else 1
    return lambda words: words[place]


# --- text and files -----------------------------------------------------------------------------------------------


def _show(
    context: CommandContext, shown: _Shown, file: Path | None, asked: Sequence[tuple[str, str]]
) -> None:
    if file is not None:
        _write(shown, file, asked)
        if not context.as_json:
            err.print(f"{file}: {shown.title}, {len(shown.rows)} rows.")
            return
    if context.as_json:
        rows = [dict(zip(shown.heads, map(_plain, row), strict=True)) for row in shown.rows]
        said = {"table": shown.id, "title": shown.title, "question": shown.question}
        print_json(
            said | {"as_of": as_dict(shown.as_of), "rows": rows} | ({"file": str(file)} if file else {})
        )
        return
    out.print(shown.title, style="bold", markup=False)
    out.print(shown.question, markup=False)
    places = [place for place, head in enumerate(shown.heads) if head not in shown.file_only]
    whole = ("Perkara", "Matter") if shown.id == _OVERDUE else ()
    printed = table_of(*(shown.heads[place] for place in places), whole=whole)
    for row in shown.rows:
        printed.add_row(*(_printed(row, place) for place in places))
    out.print(printed)
    print_as_of(shown.as_of)


def _write(shown: _Shown, file: Path, asked: Sequence[tuple[str, str]]) -> None:
    """Every line of a file says as of when it holds; a workbook has definitions and filters on a sheet of its own."""
    as_of, say = shown.as_of, _in(shown.language)
    heads = [*shown.heads, say(_AS_OF), say(_ENTRY)]
    since = [_day(day_text(as_of.today)), as_of.log_index]
    rows = [dict(zip(heads, [*row, *since], strict=True)) for row in shown.rows]
    totals = 0 if shown.id == _OVERDUE else 1
    moment = f"{day_text(as_of.today)}; {say(_ENTRY)} {as_of.log_index} ({clock(as_of.time)} WIB)"
    notes = [(shown.title, shown.question), (say(_AS_OF), moment), *asked, *shown.definitions]
    export_formats.write_sheet(file, export_formats.Sheet(shown.id, heads, rows, totals, notes))


def _plain(value: Cell) -> str | int | float | None:
    return value.isoformat() if isinstance(value, date) else value


def _printed(row: Sequence[Cell], place: int) -> str:
    """A cell as text; a share with the n/N that stands after it."""
    value = row[place]
    if isinstance(value, Share):
        return f"{100 * value:.1f} % ({row[place + 1]})"
    return "" if value is None else str(value)

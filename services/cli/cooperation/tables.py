"""`netral monitor table`: the tables that are published, and the list of what is overdue, as text or as a file."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated, Any, Literal, get_args

import typer

from cli import agreement_words
from cli.cooperation.monitor import (
    AgencyOption,
    By,
    ElectionOption,
    OfficeOption,
    RegionOption,
    Tier,
    TierOption,
    print_as_of,
    request_of,
)
from cli.cooperation.table_words import ROWS, STEPS, Words
from cli.deferred_imports import deferred_imports
from cli.formats.export_formats import Cell, Ordinal, Share, Sheet
from cli.language import chosen, refusal_text, said
from cli.options import CommandContext, Commands, OptionalDay, desk_command, enum_of
from cli.output import as_dict, clock, day_text, out, print_json, table_of

with deferred_imports():
    import refusals
    from agreement.enforcement import audit_statuses
    from agreement.parties import institutions
    from cooperation.monitoring.figures import case_status, periods
    from netral.monitoring.v1 import service_pb2 as pb
    from netral.monitoring.v1 import service_pb2_grpc as stubs

Language = Literal["id", "en"]
ByOption = Annotated[
    list[str] | None,
    typer.Option(
        help=f"What the rows are: {', '.join(get_args(By))}. Each table has a usual one; given again, each row is told apart"
        " once more."
    ),
]
_OVERDUE, _SIPTL_LIST = "overdue", "siptl-list"
_LISTS = (_OVERDUE, _SIPTL_LIST)
_REGION_CODE = re.compile(r"[0-9]{2}(\.[0-9]{2})?")
_CODE, _WHOLE, _NOT_STATED = ("Kode", "Code"), ("Jumlah", "Total"), ("(tidak disebut)", "(not stated)")
_PERIOD, _REGION = ("Periode", "Period"), ("Wilayah", "Region")
_SUBTOTAL = ("Subjumlah", "Subtotal")
_CODED = frozenset({"PROVINCE", "REGION", "ACT", "AGENCY", "OFFICE"})
"""Rows whose code people look up; other codes are words of the contract."""
_AS_OF, _ENTRY = ("Per tanggal", "As of"), ("Entri jejak audit", "Entry of the trail")


@dataclass(frozen=True)
class _Shown:
    """A table in one language, ready to be printed or written: heads, and rows with a value for each.

    A terminal is narrow: the columns `file_only` are not printed, and n/N stands beside its share. `sums` are the places of rows that sum up
    others. The first `keys` columns say what a row is.
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
    sums: Sequence[int] = ()
    keys: int = 1


def commands() -> Commands:
    """The commands of this module by name."""
    return {"table": table}


@desk_command()
def table(
    context: CommandContext,
    name: Annotated[str, typer.Argument(help=agreement_words.TABLES)],
    by: ByOption = None,
    period: Annotated[str, typer.Option(help="2024, 2024-S2 (half-year) or 2024-Q4 (quarter).")] = "",
    region: RegionOption = "",
    agency: AgencyOption = "",
    tier: TierOption = "",
    office: OfficeOption = "",
    election: ElectionOption = "",
    language: Annotated[
        Language | None, typer.Option(help="Of titles and heads; without, that of --lang, or Indonesian.")
    ] = None,
    today: OptionalDay = None,
) -> None:
    """[ro] Print a published table (tabel terbitan), or a list by name of authority (overdue, siptl-list).

    Example: netral monitor table sanctions --as kasn --by province --by act --period 2023-S2 --file sanctions.xlsx
    """
    if name not in agreement_words.TABLES.split(", "):
        raise typer.BadParameter(said("one of: {TABLES}", TABLES=agreement_words.TABLES), param_hint="NAME")
    if name in _LISTS and by:
        raise typer.BadParameter(said("the list has a row for each recommendation"), param_hint="--by")
    language = language or chosen() or "id"
    asked = Asked(period, region, agency, tier, office, election.upper(), today)
    if name == _OVERDUE:
        late = _request(pb.ListOverdueRequest, context, asked)
        late.page_size = 1000
        shown = _overdue(context, late, language)
    elif name == _SIPTL_LIST:
        shown = _siptl_list(context, table_request(context, "siptl", None, asked), language)
    else:
        shown = _counted(context, table_request(context, name, by, asked), language)
    listed = agency if name in _LISTS else ""  # a table says itself of which authority it is
    given: Sequence[tuple[Words, str]] = (
        (_PERIOD, period),
        (_REGION, region),
        (ROWS["AGENCY"], listed),
        (ROWS["TIER"], tier),
        (ROWS["OFFICE"], office),
        (ROWS["ELECTION"], asked.election),
    )
    _show(context, shown, [(_in(language)(words), value) for words, value in given if value])


@dataclass(frozen=True)
class Asked:
    """The options that say which cases and reports are counted, and as of which day."""

    period: str = ""
    region: str = ""
    agency: str = ""
    tier: Tier = ""
    office: str = ""
    election: str = ""
    today: datetime | None = None


def table_request(
    context: CommandContext, name: str, by: Sequence[str] | None, asked: Asked
) -> "pb.GetTableRequest":
    """Ask for a table, with what the options say."""
    request: pb.GetTableRequest = _request(pb.GetTableRequest, context, asked)
    request.table = name
    dimensions = [enum_of(pb.Dimension, "DIMENSION", each) for each in by or ()]
    if dimensions:
        request.dimension = dimensions[0]
        request.then_by.extend(dimensions[1:])
    return request


def _request(kind: Any, context: CommandContext, asked: Asked) -> Any:
    if asked.region and not _REGION_CODE.fullmatch(asked.region):
        raise typer.BadParameter(
            said(
                "{region} is no Kemendagri code: 62 is a province, 62.02 a regency or city",
                region=asked.region,
            ),
            param_hint="--region",
        )
    days = period_given(asked.period)
    since, until = (_midnight(days.start), _midnight(days.end)) if days else (None, None)
    request = request_of(kind, context, asked.region, asked.agency, "", asked.tier, since, until, asked.today)
    request.filter.election, request.filter.office = asked.election, asked.office
    return request


def period_given(text: str) -> "periods.Period | None":
    """The period of the option `--period`; None if it was not given."""
    try:
        return periods.period_of(text) if text else None
    except refusals.Malformed as refused:
        raise typer.BadParameter(refusal_text(refused), param_hint="--period") from None


def _midnight(day: date) -> datetime:
    """A day as options have it."""
    return datetime.combine(day, time.min)


# --- tables as they are shown -------------------------------------------------------------------------------------


def _counted(context: CommandContext, request: "pb.GetTableRequest", language: Language) -> _Shown:
    """A table of counts: rows by key, each group with its subtotal, and the whole at the end."""
    found = context.ask(stubs.MonitoringServiceStub, "GetTable", request)
    say = _in(language)
    heads, keyed = _key_heads(found, say)
    keys = len(heads)
    definitions, beside = [], []
    if found.only_agency:
        definitions.append((say(ROWS["AGENCY"]), found.only_agency))
    for column in found.columns:
        title = say((column.title_id, column.title_en))
        heads.append(title)
        if column.share:
            beside.append(f"{title} (n/N)")
            heads.append(beside[-1])
        definitions.append((title, say((column.definition_id, column.definition_en))))
    rows = [[*_key_cells(row, keyed, say), *_values(found, row)] for row in found.rows]
    title, question = say((found.title_id, found.title_en)), say((found.question_id, found.question_en))
    sums = [place for place, row in enumerate(found.rows) if len(row.keys) < len(found.dimensions)]
    return _Shown(
        found.id, language, title, question, found.as_of, heads, rows, definitions, beside, sums, keys
    )


def _key_heads(found: "pb.PublishedTable", say: Callable[[Words], str]) -> tuple[list[str], list[bool]]:
    """Heads of what rows are told apart by, and which of them have a code beside the name."""
    heads, keyed = [], []
    for place, dimension in enumerate(found.dimensions):
        word = pb.Dimension.Name(dimension).removeprefix("DIMENSION_")
        coded = word in _CODED and any(row.keys[place].name_id for row in found.rows if len(row.keys) > place)
        title = say(ROWS[word])
        if coded:
            heads.append(say(_CODE) if len(found.dimensions) == 1 else f"{say(_CODE)} ({title.lower()})")
        heads.append(title)
        keyed.append(coded)
    return heads, keyed


def _key_cells(row: "pb.TableRow", keyed: Sequence[bool], say: Callable[[Words], str]) -> list[Cell]:
    """By what a row is told apart, in the columns of `_key_heads`; a sum says so where its keys end."""
    cells: list[Cell] = []
    for place, coded in enumerate(keyed):
        key = row.keys[place] if place < len(row.keys) else None
        if coded:
            cells.append(key.key if key else "")
        if key:
            cells.append(say((key.name_id, key.name_en)) or key.key or say(_NOT_STATED))
        else:
            word = _SUBTOTAL if row.keys else _WHOLE
            cells.append(say(word) if place == len(row.keys) else "")
    return cells


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
        say(STEPS.get(case.step, (case.step, case.step))),
        say(STEPS.get(one.next_step, (one.next_step, one.next_step))),
        _day(day_text(one.next_date)),
        one.next_actor_name or one.holder_name,
    ]


_SIPTL_HEADS: Sequence[Words] = (
    ("Perkara", "Matter"),
    ("Kode", "Code"),
    ("Instansi", "Authority"),
    ("Tanggal rekomendasi", "Recommended"),
    ("Tenggat", "Due"),
    ("Status", "Status"),
    ("Arti status", "Meaning"),
    ("Diverifikasi", "Verified"),
    ("Umur (hari)", "Age (days)"),
)
_SIPTL_FILE_ONLY = [_SIPTL_HEADS[place] for place in (1, 4, 7)]


def _siptl_list(context: CommandContext, request: "pb.GetTableRequest", language: Language) -> _Shown:
    """Each recommendation with its status in the form of auditors and its age: until it was settled, or until now."""
    counted = context.ask(stubs.MonitoringServiceStub, "GetTable", request)
    request.filter.agency = counted.only_agency
    listing = pb.ListCasesRequest(parent=request.parent, filter=request.filter, page_size=1000)
    listing.today.CopyFrom(counted.as_of.today)
    pages = list(context.desks.pages(stubs.MonitoringServiceStub, "ListCases", listing, context.caller()))
    say, today = _in(language), date.fromisoformat(day_text(counted.as_of.today))
    cases = [one for page in pages for one in page.cases if one.HasField("recommended_date")]
    return _Shown(
        _SIPTL_LIST,
        language,
        say(("Rekomendasi menurut status SIPTL", "Recommendations by SIPTL status")),
        say((counted.question_id, counted.question_en)),
        pages[0].as_of,
        [say(head) for head in _SIPTL_HEADS],
        [_with_status(case, today, say) for case in cases if case.stage != case_status.WITHDRAWN],
        [
            (f"Status {each.code}", say((each.definition_id, each.definition_en)))
            for each in audit_statuses.statuses()
        ],
        [say(head) for head in _SIPTL_FILE_ONLY],
    )


def _with_status(case: "pb.CaseProgress", today: date, say: Callable[[Words], str]) -> list[Cell]:
    status = audit_statuses.status_of(case.status, case.stage)
    recommended, verified = _day(day_text(case.recommended_date)), _day(day_text(case.verified_date))
    until = verified if status.settled and verified else today
    known = institutions.institutions().get(case.agency)
    return [
        case.matter,
        case.agency,
        known.name if known else case.agency,
        recommended,
        _day(day_text(case.due_date)),
        Ordinal(status.code),
        say((status.text_id, status.text_en)),
        verified,
        (until - recommended).days if recommended else None,
    ]


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _in(language: Language) -> Callable[[Words], str]:
    place = 0 if language == "id" else 1
    return lambda words: words[place]


# --- text and files -----------------------------------------------------------------------------------------------


def _show(context: CommandContext, shown: _Shown, asked: Sequence[tuple[str, str]]) -> None:
    if context.as_json:
        rows = [dict(zip(shown.heads, map(_plain, row), strict=True)) for row in shown.rows]
        told = {"table": shown.id, "title": shown.title, "question": shown.question}
        print_json(told | {"as_of": as_dict(shown.as_of), "rows": rows})
        return
    if out.kept is not None:
        out.kept.sheets.append(_sheet(shown, asked))
        return
    out.print(shown.title, style="bold", markup=False)
    out.print(shown.question, markup=False)
    places = [place for place, head in enumerate(shown.heads) if head not in shown.file_only]
    whole = ("Perkara", "Matter") if shown.id in _LISTS else ()
    printed = table_of(*(shown.heads[place] for place in places), whole=whole)
    for number, row in enumerate(shown.rows):
        style = "bold" if number in shown.sums else None
        printed.add_row(*(_printed(row, place) for place in places), style=style)
    out.print(printed)
    print_as_of(shown.as_of)


def _sheet(shown: _Shown, asked: Sequence[tuple[str, str]]) -> Sheet:
    """The table for a file. Every line of a file says as of when it holds; a workbook has definitions and filters on a sheet of its own."""
    as_of, say = shown.as_of, _in(shown.language)
    heads = [*shown.heads, say(_AS_OF), say(_ENTRY)]
    since = [_day(day_text(as_of.today)), Ordinal(as_of.log_index)]
    rows = [dict(zip(heads, [*row, *since], strict=True)) for row in shown.rows]
    moment = f"{day_text(as_of.today)}; {say(_ENTRY)} {as_of.log_index} ({clock(as_of.time)} WIB)"
    notes = [(shown.title, shown.question), (say(_AS_OF), moment), *asked, *shown.definitions]
    titles = (shown.title, say(("Keterangan", "Notes")))
    return Sheet(*titles, heads, rows, shown.sums, notes, shown.keys)


def _plain(value: Cell) -> str | int | float | None:
    return value.isoformat() if isinstance(value, date) else value


def _printed(row: Sequence[Cell], place: int) -> str:
    """A cell as text; a share with the n/N that stands after it."""
    value = row[place]
    if isinstance(value, Share):
        return f"{100 * value:.1f} % ({row[place + 1]})"
    return "" if value is None else str(value)

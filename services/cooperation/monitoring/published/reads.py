"""The reading call of a published table."""

from collections.abc import Sequence
from dataclasses import replace

from agreement.parties import institutions
from cooperation.monitoring import names, reads
from cooperation.monitoring.figures import published_tables
from cooperation.monitoring.figures.published_columns import Column
from cooperation.monitoring.figures.published_tables import Row, Table
from cooperation.monitoring.projection.reads import Wanted
from cooperation.monitoring.published import cells
from exchange.statements import protobuf_mapping
from host.command_rows import CallContext, Function
from netral.monitoring.v1 import service_pb2 as pb
from refusals import Malformed, NotAllowed

# Dimensions of which some have one regency or city, or a few (offices of Bawaslu, repeated elections).
_SMALL = frozenset({"AGENCY", "REGION", "OFFICE", "ELECTION"})


async def get_table(context: CallContext, request: pb.GetTableRequest) -> pb.PublishedTable:
    """Count a published table."""
    wanted, today = await reads.asked_for(context.desk, request)
    table = _table(request.table)
    wanted = _what_it_hears(table, wanted)
    dimensions = _dimensions(table, request)
    for dimension in dimensions:
        reads.check_tells_nobody(dimension, wanted)
    _check_tells_nobody_together(dimensions)
    async with context.desk.database.read() as connection:
        as_of = await reads.read_as_of(connection, wanted.party, today)
        found = await cells.read(connection, wanted, table, dimensions, today)
    rows = published_tables.counted(table, found, today, len(dimensions), heard=as_of.log_index >= 0)
    return pb.PublishedTable(
        as_of=as_of,
        id=table.id,
        title_id=table.title_id,
        title_en=table.title_en,
        question_id=table.question_id,
        question_en=table.question_en,
        dimensions=[pb.Dimension.Value(f"DIMENSION_{dimension}") for dimension in dimensions],
        columns=[_column(column) for column in table.columns],
        rows=[_row(row, dimensions) for row in rows],
        only_agency=wanted.agency,
    )


def _table(id: str) -> Table:
    if id not in published_tables.TABLES:
        raise Malformed("not one of: {choices}", choices=", ".join(published_tables.TABLES), field="table")
    return published_tables.TABLES[id]


def _dimensions(table: Table, request: pb.GetTableRequest) -> list[str]:
    """By what the rows are told apart, in their order.

    Raises:
        Malformed: the table has no such rows, or they are told apart by the same twice.
    """
    field = request.DESCRIPTOR.fields_by_name["then_by"]
    then = [protobuf_mapping.enum_word(field, each) for each in request.then_by]
    dimensions = [reads.word_of(request, "dimension") or table.rows[0], *then]
    for name, dimension in zip(["dimension", *["then_by"] * len(then)], dimensions, strict=True):
        if dimension not in table.rows:
            raise Malformed("not one of: {choices}", choices=", ".join(table.rows), field=name)
    if len(set(dimensions)) < len(dimensions):
        raise Malformed("rows are told apart by each once", field="then_by")
    return dimensions


def _check_tells_nobody_together(dimensions: Sequence[str]) -> None:
    """Refuse posts of each agency, regency or city: they could tell who a person is.

    Raises:
        Malformed: TELLS_WHO_IT_IS.
    """
    if "POST" in dimensions and _SMALL.intersection(dimensions):
        raise Malformed(
            "in one agency, regency or city a post would tell who it is; ask for a province or the whole",
            field="then_by",
            reason="TELLS_WHO_IT_IS",
        )


def _what_it_hears(table: Table, wanted: Wanted) -> Wanted:
    """The cases of which a party hears what a table counts: of others it would publish zeros.

    An authority hears it of its own, also if it has copies of others' as a superior or as who warns.

    Raises:
        NotAllowed: it never held a role that hears it.
        Malformed: reports are asked for by what they do not have yet.
    """
    roles = {held.role for held in institutions.default_roles(wanted.party)}
    if table.of_reports and any((wanted.agency, wanted.tier, wanted.act, wanted.employment, wanted.election)):
        raise Malformed("reports are filtered by period, place and office", field="filter")
    if roles & table.seen_by:
        return wanted
    own = table.own and institutions.PERSONNEL_AUTHORITY in roles
    if own and wanted.agency in ("", wanted.party):
        return replace(wanted, agency=wanted.party)
    hear = table.seen_by | ({institutions.PERSONNEL_AUTHORITY} if table.own else frozenset())
    raise NotAllowed(
        "the table {table} counts what {party} is not told; it is for: {roles}",
        table=table.id,
        party=wanted.party,
        roles=", ".join(sorted(hear)),
        field="table",
    )


def _column(column: Column) -> pb.TableColumn:
    return pb.TableColumn(
        id=column.id,
        title_id=column.title_id,
        title_en=column.title_en,
        definition_id=column.definition.indonesian,
        definition_en=column.definition.english,
        share=column.share,
    )


def _row(row: Row, dimensions: Sequence[str]) -> pb.TableRow:
    named = zip(dimensions, row.keys, strict=False)
    return pb.TableRow(
        keys=[pb.TableKey(key=key, **names.names_of(dimension, key)) for dimension, key in named],
        cells=[
            pb.TableCell(n=cell.n, of=cell.of, answer=pb.Answer.Value(f"ANSWER_{cell.answer}"))
            for cell in row.cells
        ],
    )


METHODS = (Function(pb.GetTableRequest, get_table),)

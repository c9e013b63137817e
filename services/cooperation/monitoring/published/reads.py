"""The reading call of a published table."""

from collections.abc import Sequence

from agreement.parties import institutions
from cooperation.monitoring import names, reads
from cooperation.monitoring.figures import published_tables
from cooperation.monitoring.figures.definitions import Figure
from cooperation.monitoring.figures.published_tables import Column, Table
from cooperation.monitoring.projection import reads as projection
from host.command_rows import CallContext, Function
from netral.monitoring.v1 import service_pb2 as pb
from refusals import Malformed, NotAllowed


async def get_table(context: CallContext, request: pb.GetTableRequest) -> pb.PublishedTable:
    """Count a published table."""
    wanted, today = reads.asked_for(context.desk, request)
    table = _table(request.table)
    _check_heard(table, wanted.party)
    dimension = reads.word_of(request, "dimension") or table.rows[0]
    if dimension not in table.rows:
        raise Malformed("not one of: {choices}", choices=", ".join(table.rows), field="dimension")
    reads.check_tells_nobody(dimension, wanted)
    async with context.desk.database.read() as connection:
        as_of = await reads.read_as_of(connection, wanted.party, today)
        cells = await projection.table_cells(connection, wanted, today, dimension)
    rows, whole = published_tables.counted(table, cells, today, heard=as_of.log_index >= 0)
    return pb.PublishedTable(
        as_of=as_of,
        id=table.id,
        title_id=table.title_id,
        title_en=table.title_en,
        question_id=table.question_id,
        question_en=table.question_en,
        dimension=pb.Dimension.Value(f"DIMENSION_{dimension}"),
        columns=[_column(column) for column in table.columns],
        rows=[
            pb.TableRow(
                key=row.key,
                name=names.name_of(dimension, row.key),
                tier=pb.Tier.Value(f"TIER_{row.tier or 'UNSPECIFIED'}"),
                cells=_cells(row.cells),
            )
            for row in rows
        ],
        whole=pb.TableRow(cells=_cells(whole.cells)),
    )


def _table(id: str) -> Table:
    if id not in published_tables.TABLES:
        raise Malformed("not one of: {choices}", choices=", ".join(published_tables.TABLES), field="table")
    return published_tables.TABLES[id]


def _check_heard(table: Table, party: str) -> None:
    """A party that is not told what a table counts would publish zeros.

    Raises:
        NotAllowed: it never held a role that hears it.
    """
    roles = {held.role for held in institutions.default_roles(party)}
    if not roles & table.seen_by:
        raise NotAllowed(
            "the table {table} counts what {party} is not told; it is for: {roles}",
            table=table.id,
            party=party,
            roles=", ".join(sorted(table.seen_by)),
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


def _cells(cells: Sequence[Figure]) -> list[pb.TableCell]:
    return [
        pb.TableCell(n=cell.n, of=cell.of, answer=pb.Answer.Value(f"ANSWER_{cell.answer}")) for cell in cells
    ]


METHODS = (Function(pb.GetTableRequest, get_table),)

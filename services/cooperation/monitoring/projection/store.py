"""Rows of the projection as statuses of cases and activity of peers; and figures that were stated, as facts of a transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime

from sqlalchemy import select

from cooperation.monitoring.figures.agreed_figures import StatedFigure
from cooperation.monitoring.figures.case_status import CaseStatus
from cooperation.monitoring.figures.peer_activity import PeerActivity
from cooperation.monitoring.figures.report_status import ReportStatus
from cooperation.monitoring.projection.tables import CaseRow, FeedRow, ReportRow, StatedFigureRow
from exchange.context import EntityStore, Fact, FactKey, Facts
from host.facts import FactKind
from storage.key_in import key_in, listed
from storage.protocols import Connection
from storage.together import Reading, Write
from storage.types import FoundRow, table
from storage.upserts import insert_of

STATED = FactKind("figures", StatedFigure)
_FIELDS = [field.name for field in fields(CaseStatus)]
_REPORT_FIELDS = [field.name for field in fields(ReportStatus)]


@dataclass(frozen=True, slots=True)
class Placed:
    """A leaf with its place in the log, and when it was made (UTC)."""

    index: int
    body: bytes
    time: datetime


def progress_of(row: FoundRow) -> CaseStatus:
    """A row as the case that it is."""
    return CaseStatus(*(getattr(row, name) for name in _FIELDS))


async def cases(connection: Connection, party: str, matters: Iterable[str]) -> dict[str, CaseStatus]:
    """The cases of these matters, by matter."""
    wanted = {(party, matter) for matter in matters}
    if not wanted:
        return {}
    rows = table(CaseRow)
    query = select(rows).where(key_in((rows.c.party, rows.c.matter), wanted))
    return {row.matter: progress_of(row) for row in await connection.execute(query)}


async def reports(connection: Connection, party: str, case_ids: Iterable[str]) -> dict[str, ReportStatus]:
    """The reports of these cases, by case."""
    wanted = {(party, case_id) for case_id in case_ids}
    if not wanted:
        return {}
    rows = table(ReportRow)
    found = await connection.execute(select(rows).where(key_in((rows.c.party, rows.c.case_id), wanted)))
    return {row.case_id: ReportStatus(*(getattr(row, name) for name in _REPORT_FIELDS)) for row in found}


async def feeds(connection: Connection, party: str) -> dict[str, PeerActivity]:
    """Read the activity of each peer."""
    rows = table(FeedRow)
    found = await connection.execute(select(rows).where(rows.c.party == party))
    return {
        row.peer: PeerActivity(
            row.peer, row.last, row.statements, tuple(date.fromisoformat(day) for day in row.days)
        )
        for row in found
    }


_STATED = table(StatedFigureRow)
_STATED_OF_KEYS = select(_STATED).where(key_in((_STATED.c.party, _STATED.c.id)))


def _load(keys: Collection[FactKey]) -> Reading[Facts]:
    wanted = sorted({(key[1], key[2]) for key in keys})
    return Reading(
        [(_STATED_OF_KEYS, {"keys": listed(wanted)})],
        lambda found: {STATED.key(row.party, row.id): StatedFigure(**row._mapping) for row in found[0]},
    )


def _save(facts: Mapping[FactKey, Fact], new: Collection[FactKey]) -> Sequence[Write]:
    """Insert what is new; what was said never changes."""
    return [(insert_of(StatedFigureRow), [asdict(facts[key]) for key in sorted(new)])]


STORES = {STATED.word: EntityStore(_load, _save)}

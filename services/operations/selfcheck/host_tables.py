"""The tables of one host that its trail gives again, read at one moment, about 3 KB for each leaf.

`REPLAYS` names the topics of each host: what a desk has, and what is beside every desk.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import select
from sqlmodel import SQLModel

from audit.formats.leaf import Kind
from audit.tables import Leaf, LeafIndex, PendingLeaf
from bawaslu.intake.replay import REPLAY as INTAKES
from bawaslu.matters.replay import REPLAY as SUPERVISOR_MATTERS
from bawaslu.matters.tables import MatterRow as SupervisorMatter
from cooperation.disclosure.replay import REPLAY as DISCLOSURES
from cooperation.monitoring.replay import REPLAY as MONITORING
from cooperation.oversight.replay import REPLAY as OVERSIGHT
from cooperation.oversight.tables import WatchedRow
from cooperation.prevention.pledges.replay import REPLAY as PLEDGE_LISTS
from cooperation.prevention.replay import REPLAY as PREVENTION
from cooperation.supervision.replay import REPLAY as SUPERVISION
from exchange.tables import Delivery, Inbox, Outbox, Request
from host.replay import Replay
from kasn.matters.tables import MatterRow as ExaminerMatter
from kasn.replay import REPLAY as EXAMINER_MATTERS
from operations.selfcheck.rows import read_rows
from ppk.discipline.replay import REPLAY as DISCIPLINE
from ppk.recommendations.replay import REPLAY as RECOMMENDATIONS
from ppk.recommendations.tables import MatterRow as AuthorityMatter
from storage.engines import Database
from storage.types import table

Model = TypeVar("Model", bound=SQLModel)

_EVERYWHERE = (DISCLOSURES, PREVENTION, PLEDGE_LISTS, SUPERVISION, MONITORING)
REPLAYS: Mapping[str, Sequence[Replay]] = {
    "bawaslu": (SUPERVISOR_MATTERS, INTAKES, *_EVERYWHERE),
    "kasn": (EXAMINER_MATTERS, OVERSIGHT, *_EVERYWHERE),
    "ppk": (RECOMMENDATIONS, DISCIPLINE, OVERSIGHT, *_EVERYWHERE),
}
MATTERS: Mapping[str, type[SQLModel]] = {
    "bawaslu": SupervisorMatter,
    "kasn": ExaminerMatter,
    "ppk": AuthorityMatter,
}
_EXCHANGE: Sequence[type[SQLModel]] = (Leaf, LeafIndex, PendingLeaf, Outbox, Inbox, Delivery, Request)


class HostTables:
    """Tables of one host's database, read at one moment. Rows are for reading: they have a model's columns, no more."""

    def __init__(self, name: str, rows: Mapping[type[SQLModel], Sequence[Any]]) -> None:
        self.name = name
        self._rows = rows
        every_leaf = self.rows(Leaf)
        self.leaves = [leaf for leaf in every_leaf if leaf.kind != Kind.CHAINS]
        self.chain_leaves = [leaf for leaf in every_leaf if leaf.kind == Kind.CHAINS]
        self.indexes = {row.leaf_id: row.index for row in self.rows(LeafIndex)}
        self.pending = {row.leaf_id for row in self.rows(PendingLeaf)}
        self.outbox = self.rows(Outbox)
        self.inbox = self.rows(Inbox)
        self.delivery = self.rows(Delivery)
        self.requests = self.rows(Request)
        self.matters: Sequence[Any] = self.rows(MATTERS[name])
        self.watched = self.rows(WatchedRow)

    def rows(self, model: type[Model]) -> list[Model]:
        """Return the rows of a table; of one that this host does not have, none."""
        return list(self._rows.get(model, ()))

    def statement_leaves(self) -> list[Leaf]:
        return [leaf for leaf in self.leaves if leaf.kind == Kind.STATEMENT]

    def receipt_leaves(self) -> list[Leaf]:
        return [leaf for leaf in self.leaves if leaf.kind == Kind.RECEIPT]


async def read_host_tables(name: str, database: Database) -> HostTables:
    """Read one host's database in one transaction."""
    replays = REPLAYS[name]
    models = [*_EXCHANGE, *(each for replay in replays for each in (*replay.tables, *replay.numbers))]
    async with database.read() as connection:
        rows = {model: await read_rows(connection, select(table(model)), model) for model in models}
    return HostTables(name, rows)

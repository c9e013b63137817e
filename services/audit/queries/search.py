"""Finds leaves by everything that an auditor asks by, as of a checkpoint, page by page. Writes nothing.

A question with few answers (a matter, a case, an actor, a time) is answered from its index. Any other walks the log in
order, a bounded stretch for each page, and a page that found little still says where the next one goes on: so each answer
takes about as long whatever the size of the log, and nothing is cut off silently. Who may ask is decided by the caller.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    SelectBase,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    union_all,
)

from audit.formats.leaf import Kind
from audit.log import events, reads
from audit.log.reads import BadQuery, Head, NoSuchLog, PlacedLeaf
from audit.tables import CaseIndexRow, FacetRow, Leaf, LeafIndex, PendingLeaf, SignedCheckpoint
from storage.protocols import Connection
from storage.types import FoundRow, Query, Values, table

# What one look at an index may bring; and when an index leads to so many leaves that it does not help any more.
_VERY_FEW, _FEW = 256, 5_000
# Leaves that a page looks at when it walks the log.
_STRETCH, _STRETCHES = 4_000, 3

FACETS = (
    "kind",
    "type",
    "author",
    "counterpart",
    "actor_kind",
    "outcome",
    "basis",
    "region",
    "source",
)
"""What leaves are counted by."""


@dataclass(frozen=True, slots=True)
class Question:
    """Question to the trail; empty or None: not asked by. `since` and `first` are inclusive, `until` and `end` exclusive.

    Instants are UTC. `matters` and `case` are joined: a leaf of any of them. `type` may end in `*`.
    """

    matters: tuple[str, ...] = ()
    case: str = ""
    ref: str = ""
    actor: str = ""
    actor_kind: str = ""
    agency: str = ""
    region: str = ""
    type: str = ""
    outcome: str = ""
    basis: str = ""
    since: datetime | None = None
    until: datetime | None = None
    first: int = 0
    end: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Leaves in order of index; `after` is the index up to which the log was searched, None if that was all of it."""

    leaves: list[PlacedLeaf]
    after: int | None


async def head_at(connection: Connection, party: str, moment: datetime | None) -> Head:
    """The newest checkpoint of a log, or the newest that was signed by a moment (UTC).

    Raises:
        NoSuchLog: there was none yet.
    """
    if moment is None:
        return await reads.head(connection, party)
    checkpoints = table(SignedCheckpoint)
    # From the newest back: their times rise with their sizes, and the moment is mostly a late one.
    found = (
        select(checkpoints)
        .where(checkpoints.c.party == party, checkpoints.c.time <= moment)
        .order_by(checkpoints.c.size.desc())
        .limit(1)
    )
    row = (await connection.execute(found)).first()
    if row is None:
        raise NoSuchLog("the log had no checkpoint at that moment")
    return reads.head_of(row)


async def search(
    connection: Connection, party: str, asked: Question, size: int, *, after: int = -1, limit: int
) -> Page:
    """A page of the leaves below `size` that the question asks for, from the first index after `after`."""
    shape, values = _shape(asked), _values(party, asked)
    start, end = max(after, asked.first - 1), min(asked.end or size, size)
    if _leading(shape):
        # Most questions have so few answers that counting them first would double the work.
        for most in (_VERY_FEW, _FEW):
            if most == _FEW and not await _are_few(connection, shape, values):
                break
            rows = (await connection.execute(_some_places(shape), values | {"most": most + 1})).all()
            if len(rows) <= most:
                return _cut(_fitting(rows, asked.text, start, end), limit)
    return await _walked(connection, shape, values, asked.text, start, end, limit)


async def facets(connection: Connection, party: str, asked: Question, size: int) -> dict[str, dict[str, int]]:
    """Count the leaves of a question by word and facet.

    Raises:
        BadQuery: the question is for a text, which no index knows.
    """
    if asked.text:
        raise BadQuery("leaves that are found by a text are not counted", field="with_facets")
    leaf, heading, index, pending = table(Leaf), table(FacetRow), table(LeafIndex), table(PendingLeaf)
    end = min(asked.end or size, size)
    counting = select(leaf.c.heading, func.count().label("leaves")).where(*_matching(_shape(asked)))
    newest = await reads.head(connection, party)
    if asked.first or end < newest.size:
        counting = counting.join(index, index.c.leaf_id == leaf.c.id).where(
            index.c.party == party, index.c.index >= asked.first, index.c.index < end
        )
    else:
        counting = counting.where(leaf.c.id.not_in(select(pending.c.leaf_id).where(pending.c.party == party)))
    rows = await connection.execute(counting.group_by(leaf.c.heading), _values(party, asked))
    counts = {row.heading: row.leaves for row in rows}
    counted: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    for row in await connection.execute(select(heading).where(heading.c.party == party)):
        if row.id in counts:
            for name in FACETS:
                if word := getattr(row, name):
                    counted[name][word] += counts[row.id]
    return {name: dict(found.most_common()) for name, found in counted.items() if found}


async def matters_of_case(connection: Connection, party: str, case: str) -> tuple[list[str], list[str]]:
    """The matters that a log names with a case, and the ids of leaves that name it and no matter."""
    entries = table(CaseIndexRow)
    named = select(entries.c.matter, entries.c.ref).where(entries.c.party == party, entries.c.case_id == case)
    rows = list(await connection.execute(named.order_by(entries.c.matter, entries.c.ref)))
    return [row.matter for row in rows if row.matter], [row.ref for row in rows if not row.matter]


# The statement of a question depends on what it asks by and not on the values: made once for each such shape, since
# SQLAlchemy takes longer to put a statement together than the database to answer it.

_Shape = frozenset[str]
"""By what is asked: some of `_BY`, and `family` if the type ends in `*`."""
_by_shape = lru_cache(maxsize=256)
_BY = (
    *("matters", "case", "ref", "actor", "since", "until"),
    *("actor_kind", "outcome", "basis", "type", "agency", "region"),
)


def _shape(asked: Question) -> _Shape:
    return frozenset(name for name in _BY if getattr(asked, name)) | (
        {"family"} if asked.type.endswith("*") else set()
    )


def _values(party: str, asked: Question) -> Values:
    """The values of a question's statements, by the names of their parameters."""
    given: Values = {name: value for name in _BY if (value := getattr(asked, name))}
    if asked.type.endswith("*"):
        given["type"] = _escaped(asked.type[:-1]) + "%"
    if asked.region:
        # An authority's id ends in the digits of its region: ppk-6202, prov-62.
        given["within"] = _escaped(asked.region) + ".%"
        given["places"] = "%-" + _escaped(asked.region.replace(".", "")) + "%"
    return given | {"the_party": party}


def _escaped(text: str) -> str:
    return text.replace("/", "//").replace("%", "/%").replace("_", "/_")


@_by_shape
def _leading(shape: _Shape) -> tuple[ColumnElement[bool], ...]:
    """The conditions that an index leads by."""
    leaf = table(Leaf)
    at = leaf.c.time.type
    conditions: dict[str, ColumnElement[bool]] = {
        "matters": leaf.c.matter.in_(bindparam("matters", expanding=True)),
        "case": leaf.c.id.in_(_ids_of_case()),
        "ref": leaf.c.ref == bindparam("ref"),
        # A receipt is made by the inbox, whoever acts.
        "actor": and_(leaf.c.actor == bindparam("actor"), leaf.c.kind != int(Kind.RECEIPT)),
        "since": leaf.c.time >= bindparam("since", type_=at),
        "until": leaf.c.time < bindparam("until", type_=at),
    }
    return tuple(condition for name, condition in conditions.items() if name in shape)


def _ids_of_case() -> SelectBase:
    """The leaves of a case's matters, and those that name the case and no matter."""
    entry, leaf = table(CaseIndexRow), table(Leaf).alias("of_case")
    named = (entry.c.party == bindparam("the_party"), entry.c.case_id == bindparam("case"))

    def by(kept: ColumnElement[str], key: ColumnElement[str]) -> Query:
        found = select(leaf.c.id).join_from(entry, leaf, (leaf.c.party == entry.c.party) & (kept == key))
        return found.where(*named, key != "")

    return union_all(by(leaf.c.matter, entry.c.matter), by(leaf.c.ref, entry.c.ref))


@_by_shape
def _worded(shape: _Shape) -> tuple[ColumnElement[bool], ...]:
    """The conditions on the words that leaves are told apart by; none if the question does not ask by any."""
    heading = table(FacetRow)
    agency: BindParameter[str] = bindparam("agency")
    region: BindParameter[str] = bindparam("region")
    places: BindParameter[list[str]] = bindparam("places")
    conditions: dict[str, ColumnElement[bool]] = {
        "actor_kind": heading.c.actor_kind == bindparam("actor_kind"),
        "outcome": heading.c.outcome == bindparam("outcome"),
        "basis": heading.c.basis == bindparam("basis"),
        "type": heading.c.type.like(bindparam("type"), escape="/")
        if "family" in shape
        else heading.c.type == bindparam("type"),
        "agency": or_(heading.c.author == agency, heading.c.counterpart == agency),
        "region": or_(
            heading.c.region == region,
            heading.c.region.like(bindparam("within"), escape="/"),
            heading.c.author.like(places, escape="/"),
            heading.c.counterpart.like(places, escape="/"),
        ),
    }
    return tuple(condition for name, condition in conditions.items() if name in shape)


@_by_shape
def _matching(shape: _Shape) -> tuple[ColumnElement[bool], ...]:
    """All conditions on a leaf."""
    leaf, heading = table(Leaf), table(FacetRow)
    conditions = (leaf.c.party == bindparam("the_party"), *_leading(shape))
    if not _worded(shape):
        return conditions
    fitting = select(heading.c.id).where(heading.c.party == bindparam("the_party"), *_worded(shape))
    return (*conditions, leaf.c.heading.in_(fitting))


@_by_shape
def _counted(shape: _Shape) -> Query:
    leaf = table(Leaf)
    mine = select(literal(1)).select_from(leaf).where(leaf.c.party == bindparam("the_party"))
    return select(func.count()).select_from(mine.where(*_leading(shape)).limit(_most()).subquery())


@_by_shape
def _places(shape: _Shape) -> Query:
    leaf, index = table(Leaf), table(LeafIndex)
    return (
        reads.placed(index.c.index)
        .join(index, index.c.leaf_id == leaf.c.id)
        .where(index.c.party == bindparam("the_party"), *_matching(shape))
    )


@_by_shape
def _some_places(shape: _Shape) -> Query:
    return _places(shape).limit(_most())


@_by_shape
def _places_between(shape: _Shape) -> Query:
    index = table(LeafIndex)
    stretch = (index.c.index > bindparam("after"), index.c.index <= bindparam("last"))
    return _places(shape).where(*stretch).order_by(index.c.index)


def _most() -> BindParameter[int]:
    return bindparam("most", type_=Integer)


# Pages


async def _are_few(connection: Connection, shape: _Shape, values: Values) -> bool:
    count: int = await connection.scalar(_counted(shape), {**values, "most": _FEW + 1})
    return count <= _FEW


def _fitting(rows: Iterable[FoundRow], text: str, start: int, end: int) -> list[PlacedLeaf]:
    """Those of the rows that are in the range of places, in order. In the query, a range would tempt to walk the log."""
    found = [PlacedLeaf(*row) for row in rows if start < row.place < end and _has(row.body, text)]
    return sorted(found, key=lambda leaf: leaf.index)


async def _walked(
    connection: Connection,
    shape: _Shape,
    values: Values,
    text: str,
    start: int,
    end: int,
    limit: int,
) -> Page:
    found: list[PlacedLeaf] = []
    for _ in range(_STRETCHES):
        last = min(start + _STRETCH, end - 1)
        rows = await connection.execute(_places_between(shape), {**values, "after": start, "last": last})
        found += [PlacedLeaf(*row) for row in rows if _has(row.body, text)]
        start = last
        if len(found) > limit or start >= end - 1:
            break
    if len(found) > limit:
        return Page(found[:limit], found[limit - 1].index)
    return Page(found, None if start >= end - 1 else start)


def _cut(found: Sequence[PlacedLeaf], limit: int) -> Page:
    return Page(list(found[:limit]), found[limit - 1].index if len(found) > limit else None)


def _has(body: bytes, text: str) -> bool:
    return not text or any(text.casefold() in word.casefold() for word in events.searchable_words(body))

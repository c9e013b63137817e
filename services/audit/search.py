"""Finds leaves by everything that an auditor asks by, as of a checkpoint, page by page. Writes nothing.

A question with few answers (a matter, a case, an actor, a time) is answered from its index. Any other walks the log in
order, a bounded stretch for each page, and a page that found little still says where the next one goes on: so each answer
takes about as long whatever the size of the log, and nothing is cut off silently. Who may ask is decided by the caller.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, literal, or_, select

from audit import query, said
from audit.database import Connection
from audit.leaf import Kind
from audit.query import BadQuery, Head, NoSuchLog, PlacedLeaf
from audit.tables import CaseEntry, Heading, Leaf, LeafIndex, PendingLeaf, SignedCheckpoint, table

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
    """What is looked for; empty or None: not asked by. `since` and `first` are inclusive, `until` and `end` exclusive.

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


@dataclass
class _Plan:
    """The conditions of a question, and those of them that an index can lead by."""

    party: str
    end: int
    conditions: list[Any] = field(default_factory=list)
    leading: list[Any] = field(default_factory=list)


async def head_at(connection: Connection, party: str, moment: datetime | None) -> Head:
    """The newest checkpoint of a log, or the newest that was signed by a moment (UTC).

    Raises:
        NoSuchLog: there was none yet.
    """
    if moment is None:
        return await query.head(connection, party)
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
    return Head(**row._mapping)


async def search(
    connection: Connection, party: str, asked: Question, size: int, *, after: int = -1, limit: int
) -> Page:
    """A page of the leaves below `size` that the question asks for, from the first index after `after`."""
    plan = await _plan(connection, party, asked, size)
    if plan is None:
        return Page([], None)
    start = max(after, asked.first - 1)
    if plan.leading:
        # Most questions have so few answers that counting them first would double the work.
        for most in (_VERY_FEW, _FEW):
            if most == _FEW and not await _are_few(connection, plan):
                break
            rows = list(await connection.execute(_places(plan).limit(most + 1)))
            if len(rows) <= most:
                return _cut(_fitting(rows, plan, asked, start), limit)
    return await _walked(connection, plan, asked, start, limit)


async def facets(connection: Connection, party: str, asked: Question, size: int) -> dict[str, dict[str, int]]:
    """How many leaves of a question have each word, by facet.

    Raises:
        BadQuery: the question is for a text, which no index knows.
    """
    if asked.text:
        raise BadQuery("leaves that are found by a text are not counted", field="with_facets")
    plan = await _plan(connection, party, asked, size)
    counted: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    if plan is None:
        return {}
    leaf, heading, index = table(Leaf), table(Heading), table(LeafIndex)
    counting = select(leaf.c.heading, func.count().label("leaves")).where(*plan.conditions)
    newest = await query.head(connection, party)
    if asked.first or plan.end < newest.size:
        counting = counting.join(index, index.c.leaf_id == leaf.c.id).where(
            index.c.party == party, index.c.index >= asked.first, index.c.index < plan.end
        )
    else:
        pending = table(PendingLeaf)
        counting = counting.where(leaf.c.id.not_in(select(pending.c.leaf_id).where(pending.c.party == party)))
    counts = {row.heading: row.leaves for row in await connection.execute(counting.group_by(leaf.c.heading))}
    words = select(heading).where(heading.c.party == party)
    for row in await connection.execute(words):
        if row.id in counts:
            for name in FACETS:
                if word := getattr(row, name):
                    counted[name][word] += counts[row.id]
    return {name: dict(found.most_common()) for name, found in counted.items() if found}


async def matters_of_case(connection: Connection, party: str, case: str) -> tuple[list[str], list[str]]:
    """The matters that a log names with a case, and the ids of leaves that name it and no matter."""
    entries = table(CaseEntry)
    named = select(entries.c.matter, entries.c.ref).where(entries.c.party == party, entries.c.case_id == case)
    rows = list(await connection.execute(named.order_by(entries.c.matter, entries.c.ref)))
    return [row.matter for row in rows if row.matter], [row.ref for row in rows if not row.matter]


# Which leaves


async def _plan(connection: Connection, party: str, asked: Question, size: int) -> _Plan | None:
    """The plan of a question; None if nothing can fit."""
    leaf = table(Leaf)
    plan = _Plan(party, min(asked.end or size, size), [leaf.c.party == party])
    if asked.matters or asked.case:
        matters = list(asked.matters)
        refs: list[str] = []
        if asked.case:
            named, refs = await matters_of_case(connection, party, asked.case)
            matters = [each for each in named if not asked.matters or each in asked.matters]
            refs = [] if asked.matters else refs
        if not matters and not refs:
            return None
        about = leaf.c.matter.in_(matters)
        plan.leading.append(or_(about, leaf.c.ref.in_(refs)) if refs else about)
    if asked.ref:
        plan.leading.append(leaf.c.ref == asked.ref)
    if asked.actor:
        # A receipt is made by the inbox, whoever acts.
        plan.leading += [leaf.c.actor == asked.actor, leaf.c.kind != int(Kind.RECEIPT)]
    if asked.since is not None:
        plan.leading.append(leaf.c.time >= asked.since)
    if asked.until is not None:
        plan.leading.append(leaf.c.time < asked.until)
    plan.conditions += plan.leading
    if worded := _worded(party, asked):
        plan.conditions.append(leaf.c.heading.in_(select(table(Heading).c.id).where(*worded)))
    return plan


def _worded(party: str, asked: Question) -> list[Any]:
    """Conditions on the headings of a log; none if the question does not ask by any of their words."""
    heading = table(Heading)
    found: list[Any] = [
        heading.c[name] == getattr(asked, name)
        for name in ("actor_kind", "outcome", "basis")
        if getattr(asked, name)
    ]
    if asked.type.endswith("*"):
        found.append(heading.c.type.startswith(asked.type[:-1], autoescape=True))
    elif asked.type:
        found.append(heading.c.type == asked.type)
    if asked.agency:
        found.append(or_(heading.c.author == asked.agency, heading.c.counterpart == asked.agency))
    if asked.region:
        # An authority's id ends in the digits of its region: ppk-6202, prov-62.
        digits = "-" + asked.region.replace(".", "")
        places = [heading.c[name].contains(digits, autoescape=True) for name in ("author", "counterpart")]
        within = heading.c.region.startswith(asked.region + ".", autoescape=True)
        found.append(or_(heading.c.region == asked.region, within, *places))
    return [heading.c.party == party, *found] if found else []


async def _are_few(connection: Connection, plan: _Plan) -> bool:
    leaf = table(Leaf)
    some = (
        select(literal(1)).select_from(leaf).where(leaf.c.party == plan.party, *plan.leading).limit(_FEW + 1)
    )
    count: int = await connection.scalar(select(func.count()).select_from(some.subquery()))
    return count <= _FEW


def _places(plan: _Plan) -> Any:
    leaf, index = table(Leaf), table(LeafIndex)
    names = ("id", "ref", "matter", "type", "actor", "author", "time", "hash", "body")
    return (
        select(index.c.index.label("place"), *(leaf.c[name] for name in names))
        .select_from(leaf)
        .join(index, index.c.leaf_id == leaf.c.id)
        .where(index.c.party == plan.party, *plan.conditions)
    )


def _fitting(rows: Sequence[Any], plan: _Plan, asked: Question, start: int) -> list[PlacedLeaf]:
    """Those of the rows that are in the range of places, in order. In the query, a range would tempt to walk the log."""
    found = [
        query.leaf_of(row) for row in rows if start < row.place < plan.end and _has(row.body, asked.text)
    ]
    return sorted(found, key=lambda leaf: leaf.index)


async def _walked(connection: Connection, plan: _Plan, asked: Question, start: int, limit: int) -> Page:
    index = table(LeafIndex)
    found: list[PlacedLeaf] = []
    for _ in range(_STRETCHES):
        stretch = and_(index.c.index > start, index.c.index <= min(start + _STRETCH, plan.end - 1))
        rows = await connection.execute(_places(plan).where(stretch).order_by(index.c.index))
        found += [query.leaf_of(row) for row in rows if _has(row.body, asked.text)]
        start = min(start + _STRETCH, plan.end - 1)
        if len(found) > limit or start >= plan.end - 1:
            break
    if len(found) > limit:
        return Page(found[:limit], found[limit - 1].index)
    return Page(found, None if start >= plan.end - 1 else start)


def _cut(found: Sequence[PlacedLeaf], limit: int) -> Page:
    return Page(list(found[:limit]), found[limit - 1].index if len(found) > limit else None)


def _has(body: bytes, text: str) -> bool:
    return not text or any(text.casefold() in word.casefold() for word in said.words(body))

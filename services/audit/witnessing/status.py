"""Status of cosigning for a party: who cosigns its log, which logs it cosigns, what it holds against whom.

Reads, and one thing that is found rather than told: a log that stands still although its party sent statements (`stalled`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from audit.formats.checkpoint import origin_of
from audit.formats.leaf import Kind
from audit.log import reads
from audit.tables import AccusationKept, CosignerState, Leaf, WitnessedHead
from audit.witnessing import misbehaviour
from audit.witnessing.kept_cosignatures import standings
from audit.witnessing.quorum import Cosigner, Part
from audit.witnessing.rules import Accusation
from storage.protocols import Connection
from storage.types import FoundRow, table


@dataclass(frozen=True, slots=True)
class CosignerSeen:
    """A cosigner of a party's log: what it cosigned last and when, or since when it is asked in vain (UTC)."""

    name: str
    part: Part | None
    needed: bool
    size: int
    time: datetime | None
    failing_since: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class LogWatched:
    """A log that a party cosigns: its size there, when it was cosigned last and when it had grown last (UTC)."""

    origin: str
    size: int
    time: datetime
    grown: datetime


@dataclass(frozen=True, slots=True)
class AccusationSeen:
    """An accusation as it is kept: first and last time seen (UTC), and how often."""

    digest: str
    accusation: Accusation
    first: datetime
    last: datetime
    seen: int


@dataclass(frozen=True, slots=True)
class Peers:
    """A party among its peers. Sizes of its own log: signed, published, final."""

    signed: int
    published: int
    final: int
    cosigners: Sequence[CosignerSeen]
    watched: Sequence[LogWatched]
    accusations: Sequence[AccusationSeen]


async def peers(
    connection: Connection, party: str, cosigners: Sequence[Cosigner], limit: int = 1000
) -> Peers:
    """All of it for one party; `cosigners` are those that its log has now, `limit` the most accusations, newest first."""
    head = (await reads.newest_heads(connection, [party])).get(party)
    published, final = (await standings(connection, [party])).get(party, (0, 0))
    return Peers(
        head.size if head else 0,
        published,
        final,
        await _cosigners(connection, party, cosigners),
        await _watched(connection, party),
        await _accusations(connection, party, limit),
    )


async def stalled(
    connection: Connection, parties: Collection[str], since: datetime, until: datetime
) -> list[tuple[str, Accusation]]:
    """The logs that these parties watch and that have not grown since their party signed something they hold.

    Looks at statements and receipts signed from `since` until `until` (UTC): whoever signed one kept it as a leaf, so its
    log was larger afterwards, and should have been shown.
    """
    leaf, head = table(Leaf), table(WitnessedHead)
    said = (
        select(leaf.c.party, leaf.c.author, func.max(leaf.c.time).label("last"))
        .where(
            leaf.c.party.in_(list(parties)),
            leaf.c.time >= since,
            leaf.c.time < until,
            leaf.c.kind.in_([Kind.STATEMENT.value, Kind.RECEIPT.value]),
            leaf.c.author != leaf.c.party,
        )
        .group_by(leaf.c.party, leaf.c.author)
    )
    found = []
    for row in await connection.execute(said):
        watched = (
            await connection.execute(
                select(head).where(
                    head.c.party == row.party, head.c.origin == origin_of(row.author), head.c.note != ""
                )
            )
        ).one_or_none()
        if watched is not None and watched.grown < row.last - _SAME_SECOND:
            found.append((row.party, _stalled(row.author, watched, row.last)))
    return found


# A cosignature's time has whole seconds, and clocks differ a little.
_SAME_SECOND = timedelta(seconds=2)


def _stalled(author: str, watched: FoundRow, last: datetime) -> Accusation:
    held = f"size {watched.size} was shown last, {watched.grown.astimezone(UTC).isoformat()}\n"
    offered = f"signed something afterwards, the first that was noticed {last.astimezone(UTC).isoformat()}\n"
    detail = f"the log stands at {watched.size} although its party signed later"
    return Accusation(misbehaviour.STALLED, origin_of(author), held, offered, False, detail)


async def _cosigners(connection: Connection, party: str, cosigners: Sequence[Cosigner]) -> list[CosignerSeen]:
    states = table(CosignerState)
    rows = await connection.execute(select(states).where(states.c.party == party))
    seen = {row.cosigner: row for row in rows}
    found = []
    for each in cosigners:
        row = seen.pop(each.name, None)
        if row is None:
            found.append(CosignerSeen(each.name, each.part, each.needed, 0, None, None, "not asked yet"))
        else:
            found.append(
                CosignerSeen(
                    each.name, each.part, each.needed, row.size, row.time, row.failing_since, row.reason
                )
            )
    # Those of earlier times: an institution whose role has passed on.
    former = sorted(seen.values(), key=lambda row: str(row.cosigner))
    return found + [
        CosignerSeen(row.cosigner, None, False, row.size, row.time, None, "no longer a cosigner")
        for row in former
    ]


async def _watched(connection: Connection, party: str) -> list[LogWatched]:
    heads = table(WitnessedHead)
    columns = (heads.c.origin, heads.c.size, heads.c.time, heads.c.grown)
    asked = select(*columns).where(heads.c.party == party, heads.c.note != "").order_by(heads.c.origin)
    return [LogWatched(row.origin, row.size, row.time, row.grown) for row in await connection.execute(asked)]


async def _accusations(connection: Connection, party: str, limit: int) -> list[AccusationSeen]:
    kept = table(AccusationKept)
    asked = select(kept).where(kept.c.party == party).order_by(kept.c.last.desc(), kept.c.digest).limit(limit)
    return [
        AccusationSeen(
            row.digest,
            Accusation(row.kind, row.origin, row.held, row.offered, row.proven, row.detail),
            row.first,
            row.last,
            row.seen,
        )
        for row in await connection.execute(asked)
    ]

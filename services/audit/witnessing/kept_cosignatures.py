"""Reads of the cosignatures that a host's logs have: how far each log is published and final, and the lines on a checkpoint."""

from collections.abc import Iterable

from sqlalchemy import select

from audit.log import reads
from audit.tables import Cosigned, CosigningStatus
from storage.protocols import Connection
from storage.types import table

_NOTE_LINES = 90
"""Cosignature lines on a served checkpoint; a note holds at most 100."""


async def standings(connection: Connection, parties: Iterable[str]) -> dict[str, tuple[int, int]]:
    """The sizes up to which logs are published and final; a log of which neither is so is left out."""
    status = table(CosigningStatus)
    rows = await connection.execute(select(status).where(status.c.party.in_(list(parties))))
    return {row.party: (row.published, row.final) for row in rows}


async def cosignature_lines(connection: Connection, party: str, size: int) -> str:
    """The cosignature lines on a checkpoint, at most as many as a note has room for: peers first, the crowd last."""
    cosigned = table(Cosigned)
    rows = await connection.execute(
        select(cosigned.c.lines)
        .where(cosigned.c.party == party, cosigned.c.size == size)
        .order_by(cosigned.c.rank, cosigned.c.time, cosigned.c.cosigner)
        .limit(_NOTE_LINES)
    )
    lines = [f"{line}\n" for row in rows for line in row.lines.split("\n") if line]
    return "".join(lines[:_NOTE_LINES])


async def published_note(connection: Connection, party: str) -> str:
    """The newest published checkpoint with its cosignatures; the newest signed one while none is published.

    Raises:
        NoSuchLog: the log has no leaf yet.
    """
    published, _ = (await standings(connection, [party])).get(party, (0, 0))
    head = await reads.head(connection, party, published)
    return head.note + await cosignature_lines(connection, party, head.size)

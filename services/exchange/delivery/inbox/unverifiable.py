"""Bytes that nobody signed: parked under a quota, never a leaf."""

from collections.abc import Sequence
from hashlib import sha256

import structlog
from sqlalchemy import func, select, update

from exchange.delivery.inbox.work import Work
from exchange.delivery.verification import UnverifiableBytes
from exchange.tables import DroppedBytes, ParkedBytes
from storage.types import table
from storage.upserts import insert, insert_new

log = structlog.get_logger("exchange.delivery.inbox")
# Unauthenticated messages kept per party.
STRAY_QUOTA = 1_000


async def park_unverifiable(work: Work, strays: Sequence[UnverifiableBytes]) -> None:
    """Park bytes that nobody signed, under a quota per party; what is over the quota is counted and dropped."""
    parked = table(ParkedBytes)
    for stray in strays:
        digest = sha256(stray.body).digest()
        log.warning("set aside", reason=stray.reason, party=stray.party, size=len(stray.body))
        mine = parked.c.party == stray.party
        count = await work.connection.scalar(select(func.count()).where(mine))
        if await work.connection.scalar(select(parked.c.id).where(mine, parked.c.digest == digest).limit(1)):
            continue
        if (count or 0) >= STRAY_QUOTA:
            await insert_new(work.connection, DroppedBytes, [{"party": stray.party, "dropped": 0}])
            dropped = table(DroppedBytes)
            await work.connection.execute(
                update(dropped).where(dropped.c.party == stray.party).values(dropped=dropped.c.dropped + 1)
            )
            continue
        row = {
            "id": next(work.desk.leaf_ids),
            "party": stray.party,
            "subject": "".join(sign if sign.isprintable() else "?" for sign in stray.subject[:200]),
            "reason": stray.reason,
            "detail": stray.detail[:500],
            "digest": digest,
            "body": stray.body,
            "received": work.now,
        }
        await insert(work.connection, ParkedBytes, [row])

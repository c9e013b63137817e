"""Condition of a host, for its operator: which parts work, what is held up, clocks, room on the disk.

It answers also while the database is away: then nothing is counted.
"""

import shutil

from sqlalchemy import func, select

from exchange.context import HostContext
from exchange.statements.protobuf_time import timestamp
from exchange.statements.receipts import PARKED
from exchange.tables import Delivery, Inbox, Outbox, ParkedBytes
from netral.exchange.v1 import service_pb2
from storage import faults
from storage.types import table

_ATTEMPTS = 4
"""A statement that was handed over so often without a receipt is overdue: with the usual delays after more than a minute."""
_PAIRS = 100


async def condition(desk: HostContext) -> service_pb2.HostCondition:
    """The condition of a host now."""
    disk = shutil.disk_usage(desk.settings.state_folder)
    found = service_pb2.HostCondition(
        host=desk.name,
        time=timestamp(desk.now()),
        parts=[
            service_pb2.HostPart(name=name, works=part.works, reason=part.why, since=timestamp(part.since))
            for name, part in sorted(desk.parts.shown.items())
        ],
        peer_clocks=[
            service_pb2.PeerClock(peer=peer, ahead_seconds=round(ahead.total_seconds()))
            for peer, ahead in sorted(desk.peer_clocks.ahead.items())
        ],
        disk_free_bytes=disk.free,
        disk_bytes=disk.total,
    )
    try:
        await _count(desk, found)
    except Exception as error:
        if not faults.is_passing(error):
            raise
    else:
        found.counted = True
    return found


async def _count(desk: HostContext, found: service_pb2.HostCondition) -> None:
    """Count what is held up here."""
    inboxes, stray, delivery, outbox = table(Inbox), table(ParkedBytes), table(Delivery), table(Outbox)
    async with desk.database.read() as connection:
        parked = (
            select(func.count())
            .select_from(inboxes)
            .where(inboxes.c.party.in_(sorted(desk.parties)), inboxes.c.state == PARKED)
        )
        found.parked = (await connection.scalar(parked) or 0) + (
            await connection.scalar(select(func.count()).select_from(stray)) or 0
        )
        overdue = (
            select(
                delivery.c.party,
                delivery.c.recipient,
                func.count().label("statements"),
                func.min(outbox.c.created).label("oldest"),
            )
            .join(outbox, outbox.c.id == delivery.c.id)
            .where(delivery.c.awaits == "custody", delivery.c.attempts >= _ATTEMPTS)
            .group_by(delivery.c.party, delivery.c.recipient)
            .order_by(func.count().desc(), delivery.c.party, delivery.c.recipient)
            .limit(_PAIRS)
        )
        for row in await connection.execute(overdue):
            found.unsettled.add(
                party=row.party,
                recipient=row.recipient,
                statements=row.statements,
                oldest_time=timestamp(row.oldest),
            )

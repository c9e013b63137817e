"""Baseline that one would write instead: a FastStream pull consumer with SQLModel that stores one row and acks.

Run by `exchange_rates.py` as a process of its own: `python -m bench.baseline NATS_URL DATABASE_URL WORKERS`. Same durability as Netral:
NATS with `sync_interval: always`, SQLite with `synchronous=FULL`, PostgreSQL as it is. It signs, seals, logs and
receipts nothing.
"""

import asyncio
import sys
from typing import Any

from faststream import FastStream
from faststream.middlewares import AckPolicy
from faststream.nats import JStream, NatsBroker, PullSub
from faststream.nats.annotations import NatsMessage
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession


class StoredMessage(SQLModel, table=True):
    """One row for each message."""

    id: int | None = Field(default=None, primary_key=True)
    message: str = Field(index=True, unique=True)
    body: bytes


def durable_engine(database_url: str, connections: int) -> AsyncEngine:
    """An engine with so many connections; what it committed is on disk."""
    database_url = database_url.replace("sqlite:", "sqlite+aiosqlite:")
    engine = create_async_engine(database_url, pool_size=connections, max_overflow=0, pool_timeout=60)
    if database_url.startswith("sqlite"):

        @event.listens_for(engine.sync_engine, "connect")
        def _connected(dbapi: Any, _record: Any) -> None:
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=60000"):
                dbapi.execute(f"PRAGMA {pragma}")

    return engine


async def main(nats_url: str, database_url: str, workers: int) -> None:
    engine = durable_engine(database_url, workers)
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)

    broker = NatsBroker(nats_url, logger=None)

    @broker.subscriber(
        "bench.statement",
        durable="bench",
        stream=JStream("BENCH", declare=False),
        pull_sub=PullSub(batch_size=max(workers, 1)),
        max_workers=workers,
        ack_policy=AckPolicy.MANUAL,
    )
    async def store(body: bytes, message: NatsMessage) -> None:
        async with AsyncSession(engine) as session:
            session.add(StoredMessage(message=message.headers["Nats-Msg-Id"], body=body))
            await session.commit()
        await message.ack()

    await FastStream(broker, logger=None).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))

"""Second baseline that one would write instead: the same gRPC call, one SQLModel row, one publish to JetStream with its ack.

Run by `exchange_rates.py` as a process of its own: `python -m bench.baseline_calls NATS_URL DATABASE_URL CONNECTIONS ADDRESS_FILE`. Same
durability as Netral (see `bench.baseline`), and no guarantee: a crash between row and publish loses the message, nothing is
signed, sealed, logged, numbered or receipted, and nobody is asked who calls.
"""

import asyncio
import sys
from pathlib import Path

import grpc
import nats
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from bench.baseline import durable_engine
from netral.bawaslu.v1 import service_pb2, service_pb2_grpc
from netral.exchange.v1 import service_pb2 as exchange_pb2


class StoredCall(SQLModel, table=True):
    """One row for each call."""

    id: int | None = Field(default=None, primary_key=True)
    request: str = Field(index=True, unique=True)
    body: bytes


async def main(nats_url: str, database_url: str, connections: int, address: Path) -> None:
    engine = durable_engine(database_url, connections)
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    stream = (await nats.connect(nats_url)).jetstream()

    class Calls(service_pb2_grpc.BawasluServiceServicer):
        async def ReferMatter(
            self, request: service_pb2.ReferMatterRequest, _context: object
        ) -> exchange_pb2.Act:
            body = request.SerializeToString()
            async with AsyncSession(engine) as session:
                session.add(StoredCall(request=request.request_id, body=body))
                await session.commit()
            await stream.publish("bench.call", body, headers={"Nats-Msg-Id": request.request_id})
            return exchange_pb2.Act(record=request.request_id, matter=request.name)

    server = grpc.aio.server()
    service_pb2_grpc.add_BawasluServiceServicer_to_server(Calls(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    address.write_text(f"127.0.0.1:{port}")
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4])))

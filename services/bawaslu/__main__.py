"""The supervisor's host: `python -m bawaslu`. Settings come from the environment (`exchange.settings`)."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import grpc

from agreement import institutions, legal_bases, succession
from bawaslu import events_in, grpc_api, store
from exchange import grpc_api as exchange_api
from exchange import host
from exchange.commands import Commands
from exchange.grpc_api import Say
from exchange.settings import Settings
from exchange.transaction import Desk, Law

LAW = Law(legal_bases.default_basis, legal_bases.objection, institutions.zone, succession.former_role)
PERMISSIONS = grpc_api.PERMISSIONS | exchange_api.PERMISSIONS


def register(server: grpc.aio.Server, desk: Desk, commands: Commands, say: Say) -> Sequence[str]:
    """This desk's services, the exchange's and the trail's."""
    return [
        *grpc_api.register(server, desk, commands),
        *exchange_api.register(server, desk, commands, events_in.HANDLERS, say),
    ]


async def main() -> None:
    settings = Settings()
    host.start_log(settings.log_level)
    desk = await host.open_desk(settings, "bawaslu", store.STORE, LAW, Path(__file__).parent / "migrations")
    await host.serve(settings, desk, events_in.HANDLERS, PERMISSIONS, register)


if __name__ == "__main__":
    asyncio.run(main())

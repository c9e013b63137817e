"""The three hosts of a world in this process, with their loops, gRPC and a real NATS, at a time that is given."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from types import ModuleType

from bawaslu import __main__ as bawaslu
from exchange.settings import Settings
from host import peer_addresses
from host.lifecycle import process
from host.lifecycle.process import HostProcess
from kasn import __main__ as kasn
from operations.local.installation import HOSTS, Installation
from ppk import __main__ as ppk

MAINS: Mapping[str, ModuleType] = {"bawaslu": bawaslu, "kasn": kasn, "ppk": ppk}


def settings(state: Installation, name: str, template: str, nats_url: str) -> Settings:
    """The settings of a host, as `netral up` would give them; its clock goes."""
    folder = state.host(name).absolute()
    template = template or f"sqlite:///{folder}/{{name}}.sqlite"
    return Settings(
        parties_file=state.parties_file,
        keys_folder=state.keys(name),
        database_url=template.format(name=name),
        vault_url=template.format(name=f"{name}_vault"),
        nats_url=nats_url,
        state_folder=folder,
        peers_file=state.peers_file,
        clock_seconds=0.5,
        resend_seconds=1.0,
    )


@asynccontextmanager
async def running(
    state: Installation, template: str, nats_url: str, at: datetime
) -> AsyncIterator[Mapping[str, HostProcess]]:
    """The hosts by name; their time is `at` when they start, and goes on from there."""
    ahead = at - datetime.now(UTC)
    found: dict[str, HostProcess] = {}
    async with AsyncExitStack() as stack:
        for name in HOSTS:
            main, with_settings = MAINS[name], settings(state, name, template, nats_url)
            desk = await process.open_context(
                with_settings, name, main.HOST.store, main.HOST.rules, *main.HOST.migrations
            )
            desk.now = lambda: datetime.now(UTC) + ahead
            clock = main.HOST.clock
            one = HostProcess(
                with_settings,
                desk,
                main.HOST.handlers,
                main.HOST.permissions,
                main.HOST.register,
                clock,
                main.HOST.loops,
            )
            await one.start()
            stack.push_async_callback(one.stop)
            found[name] = one
        state.peers_file.write_text(peer_addresses.document(addresses(found)))
        yield found


def addresses(hosts: Mapping[str, HostProcess]) -> dict[str, str]:
    """Addresses of the host of each party."""
    return {party: each.address for each in hosts.values() for party in each.desk.parties}

"""The personnel authorities' host: `python -m ppk`. Settings come from the environment (`exchange.settings`).

Those who oversee (BKN, Kemendagri, governors) are parties of this host too: what is theirs is beside the authorities' own.
Monitoring follows each party's own log: an authority sees its own cases, who oversees those that it got copies of.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import grpc

import ppk
from agreement.information import legal_bases
from agreement.parties import institutions, succession
from cooperation import disclosure, erasure, monitoring, oversight, prevention, supervision
from cooperation.disclosure import grpc_api as disclosure_api
from cooperation.disclosure import loops as disclosure_loops
from cooperation.disclosure import received as disclosure_in
from cooperation.disclosure import tables as disclosure_store
from cooperation.disclosure.documents import store as shelf
from cooperation.erasure import executor
from cooperation.erasure import grpc_api as erasure_api
from cooperation.erasure import received as erasure_in
from cooperation.erasure import tables as erasure_store
from cooperation.monitoring import grpc_api as monitoring_api
from cooperation.monitoring.projection import projector
from cooperation.oversight import grpc_api as oversight_api
from cooperation.oversight import received as oversight_in
from cooperation.oversight import tables as oversight_store
from cooperation.prevention import reads as prevention_reads
from cooperation.prevention import received as prevention_in
from cooperation.prevention import tables as prevention_store
from cooperation.prevention.campaigns import grpc_api as prevention_api
from cooperation.prevention.pledges import grpc_api as pledge_api
from cooperation.supervision import grpc_api as supervision_api
from cooperation.supervision import received as supervision_in
from cooperation.supervision import tables as supervision_store
from exchange.context import AgreementRules, HostContext
from exchange.delivery.commands import Commands
from exchange.delivery.entity_store import matter_key
from exchange.settings import Settings
from host import exchange_api, features, process
from host.exchange_api import SendReceipts
from ppk import received, tables
from ppk.recommendations import grpc_api

LAW = AgreementRules(
    legal_bases.default_basis,
    legal_bases.objection,
    institutions.zone,
    succession.former_role,
    institutions.watch,
)
STORE = features.stores(
    {
        **tables.STORES,
        **oversight_store.STORES,
        **prevention_store.STORES,
        **disclosure_store.STORES,
        **supervision_store.STORES,
        **erasure_store.stores(),
    }
)
HANDLERS = {
    **features.originals_and_copies(received.HANDLERS, oversight_in.HANDLERS),
    **prevention_in.TO_AUTHORITIES,
    **disclosure_in.HANDLERS,
    **erasure_in.HANDLERS,
    **supervision_in.TO_AUTHORITIES,
}
PERMISSIONS = (
    grpc_api.PERMISSIONS
    | oversight_api.PERMISSIONS
    | monitoring_api.READ_PERMISSIONS
    | prevention_api.PERMISSIONS
    | pledge_api.PERMISSIONS
    | disclosure_api.PERMISSIONS
    | erasure_api.PERMISSIONS
    | supervision_api.PERMISSIONS
    | exchange_api.PERMISSIONS
)
MIGRATIONS = tuple(
    Path(path) / "migrations"
    for package in (ppk, oversight, monitoring, prevention, disclosure, supervision, erasure)
    for path in package.__path__
)
# Where it stands in which state a matter or indication is, for its retention.
KEPT = (tables.MatterRow, supervision_store.IndicationRow)
LOOPS = (projector.LOOP, pledge_api.LOOP, *disclosure_loops.LOOPS, executor.loop(shelf.remove))
# The matters that a party of this host has: its own, and those that it oversees.
MATTERS = (matter_key, oversight_store.watched_key)


def register(
    server: grpc.aio.Server, desk: HostContext, commands: Commands, say: SendReceipts
) -> Sequence[str]:
    """The services of this desk and of the rooms beside it, the exchange's and the trail's."""
    return [
        *grpc_api.register(server, desk, commands),
        *oversight_api.register(server, desk, commands),
        *monitoring_api.register_reading(server, desk),
        *prevention_api.register(server, desk, commands),
        *pledge_api.register(server, desk, commands, erasure_store.stopping_keys),
        *disclosure_api.register(server, desk, commands, MATTERS),
        *supervision_api.register(server, desk, commands, prevention_reads.internal_teams),
        *erasure_api.register(server, desk, commands, KEPT),
        *exchange_api.register(server, desk, commands, HANDLERS, say),
    ]


async def main() -> None:
    settings = Settings()
    process.start_log(settings.log_level)
    desk = await process.open_context(settings, "ppk", STORE, LAW, *MIGRATIONS)
    await process.serve(settings, desk, HANDLERS, PERMISSIONS, register, loops=LOOPS)


if __name__ == "__main__":
    asyncio.run(main())

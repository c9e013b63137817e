"""The examiner's host: `python -m kasn`. Settings come from the environment (`exchange.settings`).

An examiner that oversees as well (BKN holds the data) is one party with all its roles: its overseers' desk is here too.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import grpc

import kasn
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
from cooperation.monitoring import received as monitoring_events
from cooperation.monitoring.projection import projector
from cooperation.monitoring.projection import store as monitoring_store
from cooperation.oversight import grpc_api as oversight_api
from cooperation.oversight import received as oversight_in
from cooperation.oversight import tables as oversight_store
from cooperation.prevention import received as prevention_in
from cooperation.prevention import tables as prevention_store
from cooperation.prevention.campaigns import grpc_api as prevention_api
from cooperation.supervision import grpc_api as supervision_api
from cooperation.supervision import received as supervision_in
from cooperation.supervision import tables as supervision_store
from exchange.context import AgreementRules, HostContext
from exchange.delivery.commands import Commands
from exchange.delivery.entity_store import matter_key
from exchange.settings import Settings
from host import exchange_api, features, process
from host.exchange_api import SendReceipts
from kasn import received, tables
from kasn.escalation import commands as ladder
from kasn.matters import grpc_api

_WARNED = (
    "netral.warner.warned.v1"  # a copy that tells the examiner and the data holder, which may be one party
)

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
        **monitoring_store.STORES,
        **oversight_store.STORES,
        **prevention_store.STORES,
        **disclosure_store.STORES,
        **supervision_store.STORES,
        **erasure_store.stores(tables.forget_person),
    }
)
HANDLERS = {
    **features.originals_and_copies(received.HANDLERS, oversight_in.HANDLERS),
    **monitoring_events.heard_from("supervisor"),
    **prevention_in.FROM_AUTHORITIES,
    **supervision_in.heard_from("supervisor"),
    **disclosure_in.HANDLERS,
    **erasure_in.HANDLERS,
    _WARNED: features.wherever_known(received.HANDLERS[_WARNED], oversight_in.HANDLERS[_WARNED]),
}
PERMISSIONS = (
    grpc_api.PERMISSIONS
    | oversight_api.PERMISSIONS
    | monitoring_api.PERMISSIONS
    | prevention_api.SENDERS_PERMISSIONS
    | supervision_api.PLANS_PERMISSIONS
    | disclosure_api.PERMISSIONS
    | erasure_api.PERMISSIONS
    | exchange_api.PERMISSIONS
)
MIGRATIONS = tuple(
    Path(path) / "migrations"
    for path in (
        *kasn.__path__,
        *oversight.__path__,
        *monitoring.__path__,
        *prevention.__path__,
        *disclosure.__path__,
        *supervision.__path__,
        *erasure.__path__,
    )
)
CLOCK = ladder.due
# Where it stands in which state a matter is, for its retention.
KEPT = (tables.MatterRow,)
LOOPS = (projector.LOOP, *disclosure_loops.LOOPS, executor.loop(shelf.remove))
# The matters that a party of this host has: its own, and those that it oversees.
MATTERS = (matter_key, oversight_store.watched_key)


def register(
    server: grpc.aio.Server, desk: HostContext, commands: Commands, say: SendReceipts
) -> Sequence[str]:
    """This desk's services, the overseers', monitoring's, those of prevention and disclosures, the exchange's and the trail's."""
    return [
        *grpc_api.register(server, desk, commands),
        *oversight_api.register(server, desk, commands),
        *monitoring_api.register(server, desk, commands, "examiner"),
        *prevention_api.register_sender(server, desk, commands, "examiner"),
        *supervision_api.register_plans(server, desk, commands, "examiner"),
        *disclosure_api.register(server, desk, commands, MATTERS),
        *erasure_api.register(server, desk, commands, KEPT),
        *exchange_api.register(server, desk, commands, HANDLERS, say),
    ]


async def main() -> None:
    settings = Settings()
    process.start_log(settings.log_level)
    desk = await process.open_context(settings, "kasn", STORE, LAW, *MIGRATIONS)
    await process.serve(settings, desk, HANDLERS, PERMISSIONS, register, CLOCK, LOOPS)


if __name__ == "__main__":
    asyncio.run(main())

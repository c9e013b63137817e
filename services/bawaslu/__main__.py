"""The supervisor's host: `python -m bawaslu`. Settings come from the environment (`exchange.settings`)."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import grpc

import bawaslu
from agreement.information import legal_bases
from agreement.parties import institutions, succession
from bawaslu import received, tables
from bawaslu.intake import grpc_api as intake_api
from bawaslu.matters import grpc_api
from cooperation import disclosure, erasure, monitoring, prevention, supervision
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
from cooperation.prevention import received as prevention_in
from cooperation.prevention import tables as prevention_store
from cooperation.prevention.campaigns import grpc_api as prevention_api
from cooperation.supervision import grpc_api as supervision_api
from cooperation.supervision import received as supervision_in
from cooperation.supervision import tables as supervision_store
from exchange.context import AgreementRules, HostContext
from exchange.delivery.commands import Commands
from exchange.settings import Settings
from host import command_rows, exchange_api, features, process
from host.command_rows import CallContext
from host.exchange_api import SendReceipts

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
        **prevention_store.STORES,
        **disclosure_store.STORES,
        **supervision_store.STORES,
        **erasure_store.stores(),
    }
)
HANDLERS = {
    **received.HANDLERS,
    **monitoring_events.heard_from("examiner"),
    **prevention_in.FROM_AUTHORITIES,
    **supervision_in.heard_from("examiner"),
    **disclosure_in.HANDLERS,
    **erasure_in.HANDLERS,
}
INTAKE = (intake_api.WRITE, intake_api.READ)
PERMISSIONS = (
    grpc_api.PERMISSIONS
    | command_rows.permissions(INTAKE)
    | monitoring_api.PERMISSIONS
    | prevention_api.SENDERS_PERMISSIONS
    | supervision_api.PLANS_PERMISSIONS
    | disclosure_api.PERMISSIONS
    | erasure_api.PERMISSIONS
    | exchange_api.PERMISSIONS
)
MIGRATIONS = tuple(
    Path(path) / "migrations"
    for package in (bawaslu, monitoring, prevention, disclosure, supervision, erasure)
    for path in package.__path__
)
# Where it stands in which state a matter or intake is, for its retention.
KEPT = (tables.MatterRow, tables.IntakeRow)
LOOPS = (projector.LOOP, *disclosure_loops.LOOPS, executor.loop(shelf.remove, origins=tables.intakes_of))


def register(
    server: grpc.aio.Server, desk: HostContext, commands: Commands, say: SendReceipts
) -> Sequence[str]:
    """This desk's services, monitoring's, those of prevention, supervision and disclosures, the exchange's and the trail's."""
    return [
        *grpc_api.register(server, desk, commands),
        *command_rows.register(server, CallContext(desk, commands), INTAKE),
        *monitoring_api.register(server, desk, commands, "supervisor"),
        *prevention_api.register_sender(server, desk, commands, "supervisor"),
        *supervision_api.register_plans(server, desk, commands, "supervisor"),
        *disclosure_api.register(server, desk, commands),
        *erasure_api.register(server, desk, commands, KEPT),
        *exchange_api.register(server, desk, commands, HANDLERS, say),
    ]


async def main() -> None:
    settings = Settings()
    process.start_log(settings.log_level)
    desk = await process.open_context(settings, "bawaslu", STORE, LAW, *MIGRATIONS)
    await process.serve(settings, desk, HANDLERS, PERMISSIONS, register, loops=LOOPS)


if __name__ == "__main__":
    asyncio.run(main())

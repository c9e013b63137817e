"""The supervisor's host: `python -m bawaslu`. Settings come from the environment (`exchange.settings`)."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import grpc

import bawaslu
import disclosure
import erasure
import monitoring
import prevention
import supervision
from agreement import institutions, legal_bases, succession, witnessing
from bawaslu import events_in, grpc_api, store
from bawaslu.intake import grpc_api as intake_api
from disclosure import events_in as disclosure_in
from disclosure import grpc_api as disclosure_api
from disclosure import loops as disclosure_loops
from disclosure import shelf
from disclosure import store as disclosure_store
from erasure import carrying
from erasure import events_in as erasure_in
from erasure import grpc_api as erasure_api
from erasure import store as erasure_store
from exchange import compose, host
from exchange import grpc_api as exchange_api
from exchange.commands import Commands
from exchange.grpc_api import Say
from exchange.settings import Settings
from exchange.transaction import Desk, Law
from monitoring import events_in as monitoring_events
from monitoring import grpc_api as monitoring_api
from monitoring import projector
from monitoring import store as monitoring_store
from prevention import events_in as prevention_in
from prevention import grpc_api as prevention_api
from prevention import store as prevention_store
from supervision import events_in as supervision_in
from supervision import grpc_api as supervision_api
from supervision import store as supervision_store

LAW = Law(
    legal_bases.default_basis,
    legal_bases.objection,
    institutions.zone,
    succession.former_role,
    witnessing.watch,
)
STORE = compose.stores(
    {
        **store.STORES,
        **monitoring_store.STORES,
        **prevention_store.STORES,
        **disclosure_store.STORES,
        **supervision_store.STORES,
        **erasure_store.stores(),
    }
)
HANDLERS = {
    **events_in.HANDLERS,
    **monitoring_events.heard_from("examiner"),
    **prevention_in.FROM_AUTHORITIES,
    **supervision_in.heard_from("examiner"),
    **disclosure_in.HANDLERS,
    **erasure_in.HANDLERS,
}
PERMISSIONS = (
    grpc_api.PERMISSIONS
    | intake_api.PERMISSIONS
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
KEPT = (store.MatterRow, store.IntakeRow)
LOOPS = (projector.LOOP, *disclosure_loops.LOOPS, carrying.loop(shelf.remove, origins=store.intakes_of))


def register(server: grpc.aio.Server, desk: Desk, commands: Commands, say: Say) -> Sequence[str]:
    """This desk's services, monitoring's, those of prevention, supervision and disclosures, the exchange's and the trail's."""
    return [
        *grpc_api.register(server, desk, commands),
        *intake_api.register(server, desk, commands),
        *monitoring_api.register(server, desk, commands, "supervisor"),
        *prevention_api.register_sender(server, desk, commands, "supervisor"),
        *supervision_api.register_plans(server, desk, commands, "supervisor"),
        *disclosure_api.register(server, desk, commands),
        *erasure_api.register(server, desk, commands, KEPT),
        *exchange_api.register(server, desk, commands, HANDLERS, say),
    ]


async def main() -> None:
    settings = Settings()
    host.start_log(settings.log_level)
    desk = await host.open_desk(settings, "bawaslu", STORE, LAW, *MIGRATIONS)
    await host.serve(settings, desk, HANDLERS, PERMISSIONS, register, loops=LOOPS)


if __name__ == "__main__":
    asyncio.run(main())

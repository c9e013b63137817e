"""The examiner's host: `python -m kasn`. Settings come from the environment (`exchange.settings`).

An examiner that oversees as well (BKN holds the data) is one party with all its roles: its overseers' desk is here too.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import grpc

import disclosure
import erasure
import kasn
import monitoring
import oversight
import prevention
import supervision
from agreement import institutions, legal_bases, succession, witnessing
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
from exchange.matters import matter_key
from exchange.settings import Settings
from exchange.transaction import Desk, Law
from kasn import events_in, grpc_api, ladder, store
from monitoring import events_in as monitoring_events
from monitoring import grpc_api as monitoring_api
from monitoring import projector
from monitoring import store as monitoring_store
from oversight import events_in as oversight_in
from oversight import grpc_api as oversight_api
from oversight import store as oversight_store
from prevention import events_in as prevention_in
from prevention import grpc_api as prevention_api
from prevention import store as prevention_store
from supervision import events_in as supervision_in
from supervision import grpc_api as supervision_api
from supervision import store as supervision_store

_WARNED = (
    "netral.warner.warned.v1"  # a copy that tells the examiner and the data holder, which may be one party
)

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
        **oversight_store.STORES,
        **prevention_store.STORES,
        **disclosure_store.STORES,
        **supervision_store.STORES,
        **erasure_store.stores(store.forget_person),
    }
)
HANDLERS = {
    **compose.originals_and_copies(events_in.HANDLERS, oversight_in.HANDLERS),
    **monitoring_events.heard_from("supervisor"),
    **prevention_in.FROM_AUTHORITIES,
    **supervision_in.heard_from("supervisor"),
    **disclosure_in.HANDLERS,
    **erasure_in.HANDLERS,
    _WARNED: compose.wherever_known(events_in.HANDLERS[_WARNED], oversight_in.HANDLERS[_WARNED]),
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
KEPT = (store.MatterRow,)
LOOPS = (projector.LOOP, *disclosure_loops.LOOPS, carrying.loop(shelf.remove))
# The matters that a party of this host has: its own, and those that it oversees.
MATTERS = (matter_key, oversight_store.watched_key)


def register(server: grpc.aio.Server, desk: Desk, commands: Commands, say: Say) -> Sequence[str]:
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
    host.start_log(settings.log_level)
    desk = await host.open_desk(settings, "kasn", STORE, LAW, *MIGRATIONS)
    await host.serve(settings, desk, HANDLERS, PERMISSIONS, register, CLOCK, LOOPS)


if __name__ == "__main__":
    asyncio.run(main())

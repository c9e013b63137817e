"""The personnel authorities' host: `python -m ppk`. Settings come from the environment (`exchange.settings`).

Those who oversee (BKN, Kemendagri, governors) are parties of this host too: what is theirs is beside the authorities' own.
Monitoring follows each party's own log: an authority sees its own cases, who oversees those that it got copies of.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import grpc

import disclosure
import erasure
import monitoring
import oversight
import ppk
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
from monitoring import grpc_api as monitoring_api
from monitoring import projector
from oversight import events_in as oversight_in
from oversight import grpc_api as oversight_api
from oversight import store as oversight_store
from ppk import events_in, grpc_api, store
from prevention import events_in as prevention_in
from prevention import grpc_api as prevention_api
from prevention import pledge_api
from prevention import reads as prevention_reads
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
        **oversight_store.STORES,
        **prevention_store.STORES,
        **disclosure_store.STORES,
        **supervision_store.STORES,
        **erasure_store.stores(),
    }
)
HANDLERS = {
    **compose.originals_and_copies(events_in.HANDLERS, oversight_in.HANDLERS),
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
KEPT = (store.MatterRow, supervision_store.IndicationRow)
LOOPS = (projector.LOOP, pledge_api.LOOP, *disclosure_loops.LOOPS, carrying.loop(shelf.remove))
# The matters that a party of this host has: its own, and those that it oversees.
MATTERS = (matter_key, oversight_store.watched_key)


def register(server: grpc.aio.Server, desk: Desk, commands: Commands, say: Say) -> Sequence[str]:
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
    host.start_log(settings.log_level)
    desk = await host.open_desk(settings, "ppk", STORE, LAW, *MIGRATIONS)
    await host.serve(settings, desk, HANDLERS, PERMISSIONS, register, loops=LOOPS)


if __name__ == "__main__":
    asyncio.run(main())

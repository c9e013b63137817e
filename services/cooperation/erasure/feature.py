"""Erasure of personal data, and what stops it, as a feature of a host."""

from collections.abc import Sequence

from sqlmodel import SQLModel

from cooperation import erasure
from cooperation.erasure import executor, grpc_api, received, tables
from cooperation.erasure.executor import DeleteFiles, Origins
from cooperation.erasure.tables import Forget
from host.features import Feature, migrations_of


def feature(
    retained: Sequence[type[SQLModel]],
    remove: DeleteFiles,
    *,
    forget: Sequence[Forget] = (),
    origins: Origins | None = None,
) -> Feature:
    """Erasure at a host. `remove` takes files away, `forget` is what else it keeps on persons.

    `retained` are the tables that say in which state a matter is; `origins` are those that matters came of.
    """
    return Feature(
        "erasure",
        register=(lambda server, desk, commands: grpc_api.register(server, desk, commands, retained),),
        permissions=grpc_api.PERMISSIONS,
        received=received.HANDLERS,
        stores=tables.stores(*forget),
        migrations=migrations_of(erasure),
        loops=(executor.loop(remove, origins=origins),),
    )

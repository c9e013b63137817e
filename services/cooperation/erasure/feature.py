"""Erasure of personal data, and what stops it, as a feature of a host."""

from collections.abc import Sequence

from sqlmodel import SQLModel

from cooperation import erasure
from cooperation.erasure import commands, executor, reads, received, retention, tables
from cooperation.erasure.executor import DeleteFiles, Origins
from cooperation.erasure.tables import Forget
from host.command_rows import Service
from host.features import Feature, migrations_of
from host.front_door import READERS, WRITERS
from netral.erasure.v1 import service_pb2

_SERVICES = service_pb2.DESCRIPTOR.services_by_name

WRITE = Service(_SERVICES["ErasureService"], WRITERS, commands.METHODS)


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
    read = Service(
        _SERVICES["ErasureReadService"], READERS, (*reads.METHODS, retention.lists_retention(retained))
    )
    return Feature(
        "erasure",
        services=(WRITE, read),
        received=received.RECEIVED,
        stores=tables.stores(*forget),
        migrations=migrations_of(erasure),
        loops=(executor.loop(remove, origins=origins),),
    )

"""Monitoring of follow-up as a feature of a host."""

from cooperation import monitoring
from cooperation.monitoring import commands, reads, received
from cooperation.monitoring.projection import projector, store
from cooperation.monitoring.published import reads as published
from host.command_rows import Service
from host.features import Feature, migrations_of
from host.front_door import READERS, WRITERS
from netral.monitoring.v1 import service_pb2

_SERVICES = service_pb2.DESCRIPTOR.services_by_name

READ = Service(_SERVICES["MonitoringService"], READERS, (*reads.METHODS, *published.METHODS), reads.STREAMS)


def feature(role: str, *, other: str) -> Feature:
    """Monitoring of a `role` (supervisor, examiner) that states figures to the `other` one."""
    write = Service(_SERVICES["ReconciliationService"], WRITERS, commands.methods(role))
    return Feature(
        "monitoring",
        services=(READ, write),
        received=received.heard_from(other),
        stores=store.STORES,
        migrations=migrations_of(monitoring),
        loops=(projector.LOOP,),
    )


def reading() -> Feature:
    """Monitoring that is only read: an authority sees its own cases, those who oversee what they got copies of."""
    return Feature(
        "monitoring", services=(READ,), migrations=migrations_of(monitoring), loops=(projector.LOOP,)
    )

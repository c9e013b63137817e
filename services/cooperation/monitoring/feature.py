"""Monitoring of follow-up as a feature of a host."""

from cooperation import monitoring
from cooperation.monitoring import grpc_api, received
from cooperation.monitoring.projection import projector, store
from host.features import Feature, migrations_of


def feature(role: str, *, other: str) -> Feature:
    """Monitoring of a `role` (supervisor, examiner) that states figures to the `other` one."""
    return Feature(
        "monitoring",
        register=(lambda server, desk, commands: grpc_api.register(server, desk, commands, role),),
        permissions=grpc_api.PERMISSIONS,
        received=received.heard_from(other),
        stores=store.STORES,
        migrations=migrations_of(monitoring),
        loops=(projector.LOOP,),
    )


def reading() -> Feature:
    """Monitoring that is only read: an authority sees its own cases, those who oversee what they got copies of."""
    return Feature(
        "monitoring",
        register=(lambda server, desk, commands: grpc_api.register_reading(server, desk),),
        permissions=grpc_api.READ_PERMISSIONS,
        migrations=migrations_of(monitoring),
        loops=(projector.LOOP,),
    )

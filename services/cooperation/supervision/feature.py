"""Supervision as a feature of a host."""

from cooperation import supervision
from cooperation.supervision import grpc_api, received, tables
from cooperation.supervision.grpc_api import Teams
from host.features import Feature, migrations_of


def plans(role: str, *, other: str) -> Feature:
    """Joint supervision of a `role` (supervisor, examiner) with the `other` one."""
    return Feature(
        "supervision",
        register=(lambda server, desk, commands: grpc_api.register_plans(server, desk, commands, role),),
        permissions=grpc_api.PLANS_PERMISSIONS,
        received=received.heard_from(other),
        stores=tables.STORES,
        migrations=migrations_of(supervision),
    )


def indications(teams: Teams) -> Feature:
    """Indications of authorities' internal teams; `teams` are those that a party registered."""
    return Feature(
        "supervision",
        register=(lambda server, desk, commands: grpc_api.register(server, desk, commands, teams),),
        permissions=grpc_api.PERMISSIONS,
        received=received.TO_AUTHORITIES,
        stores=tables.STORES,
        migrations=migrations_of(supervision),
        retained=(tables.IndicationRow,),
    )

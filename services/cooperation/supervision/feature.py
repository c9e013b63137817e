"""Supervision as a feature of a host."""

from cooperation import supervision
from cooperation.supervision import tables
from cooperation.supervision.indications import grpc_api as indications_api
from cooperation.supervision.indications import received as indications_received
from cooperation.supervision.indications.grpc_api import Teams
from cooperation.supervision.indications.tables import IndicationRow
from cooperation.supervision.plans import grpc_api as plans_api
from cooperation.supervision.plans import received as plans_received
from host.features import Feature, migrations_of


def plans(role: str, *, other: str) -> Feature:
    """Joint supervision of a `role` (supervisor, examiner) with the `other` one."""
    return Feature(
        "supervision",
        register=(lambda server, desk, commands: plans_api.register(server, desk, commands, role),),
        permissions=plans_api.PERMISSIONS,
        received=plans_received.heard_from(other),
        stores=tables.STORES,
        migrations=migrations_of(supervision),
    )


def indications(teams: Teams) -> Feature:
    """Indications of authorities' internal teams; `teams` are those that a party registered."""
    return Feature(
        "supervision",
        register=(lambda server, desk, commands: indications_api.register(server, desk, commands, teams),),
        permissions=indications_api.PERMISSIONS,
        received=indications_received.TO_AUTHORITIES,
        stores=tables.STORES,
        migrations=migrations_of(supervision),
        retained=(IndicationRow,),
    )

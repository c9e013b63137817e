"""Supervision as a feature of a host."""

from cooperation import supervision
from cooperation.supervision.indications import commands as indication_commands
from cooperation.supervision.indications import reads as indication_reads
from cooperation.supervision.indications import received as indications_received
from cooperation.supervision.indications import tables as indication_tables
from cooperation.supervision.indications.commands import Teams
from cooperation.supervision.indications.tables import IndicationRow
from cooperation.supervision.plans import commands as plan_commands
from cooperation.supervision.plans import reads as plan_reads
from cooperation.supervision.plans import received as plans_received
from cooperation.supervision.plans import tables as plan_tables
from host.command_rows import Service
from host.features import Feature, migrations_of
from host.front_door import READERS, WRITERS
from netral.supervision.v1 import indications_pb2, plans_pb2

_PLANS = plans_pb2.DESCRIPTOR.services_by_name
_INDICATIONS = indications_pb2.DESCRIPTOR.services_by_name

PLANS_READ = Service(_PLANS["PlanReadService"], READERS, plan_reads.METHODS)
INDICATIONS_READ = Service(_INDICATIONS["IndicationReadService"], READERS, indication_reads.METHODS)
_STORES = {**indication_tables.STORES, **plan_tables.STORES}


def plans(role: str, *, other: str) -> Feature:
    """Joint supervision of a `role` (supervisor, examiner) with the `other` one."""
    write = Service(_PLANS["PlanService"], WRITERS, plan_commands.methods(role))
    return Feature(
        "supervision",
        services=(write, PLANS_READ),
        received=plans_received.heard_from(other),
        stores=_STORES,
        migrations=migrations_of(supervision),
    )


def indications(teams: Teams) -> Feature:
    """Indications of authorities' internal teams; `teams` are those that a party registered."""
    write = Service(_INDICATIONS["IndicationService"], WRITERS, indication_commands.methods(teams))
    return Feature(
        "supervision",
        services=(write, INDICATIONS_READ),
        received=indications_received.TO_AUTHORITIES,
        copies=indications_received.COPIES,
        stores=_STORES,
        migrations=migrations_of(supervision),
        retained=(IndicationRow,),
    )

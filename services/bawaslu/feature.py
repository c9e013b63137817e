"""The supervisor's desk as a feature of its host: intake, matters, early information, claims of silence."""

import bawaslu
from bawaslu import received, tables
from bawaslu.intake import grpc_api as intake
from bawaslu.matters import grpc_api
from host.features import Feature, migrations_of

FEATURE = Feature(
    "bawaslu",
    services=(intake.WRITE, intake.READ),
    register=(grpc_api.register,),
    permissions=grpc_api.PERMISSIONS,
    received=received.HANDLERS,
    stores=tables.STORES,
    migrations=migrations_of(bawaslu),
    retained=(tables.MatterRow, tables.IntakeRow),
    matters=(tables.MATTERS.key,),
)

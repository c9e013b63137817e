"""The examiner's desk as a feature of its host: matters, escalation, claims of silence, succession."""

import kasn
from exchange.delivery.entity_store import matter_key
from host.features import Feature, migrations_of
from kasn import received, tables
from kasn.escalation.commands import due
from kasn.matters import grpc_api

FEATURE = Feature(
    "kasn",
    register=(grpc_api.register,),
    permissions=grpc_api.PERMISSIONS,
    received=received.HANDLERS,
    stores=tables.STORES,
    migrations=migrations_of(kasn),
    clock=due,
    retained=(tables.MatterRow,),
    matters=(matter_key,),
)

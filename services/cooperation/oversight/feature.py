"""The desk of those who oversee as a feature of a host."""

from cooperation import oversight
from cooperation.oversight import grpc_api, received, tables
from host.features import Feature, migrations_of

FEATURE = Feature(
    "oversight",
    register=(grpc_api.register,),
    permissions=grpc_api.PERMISSIONS,
    copies=received.HANDLERS,
    stores=tables.STORES,
    migrations=migrations_of(oversight),
    matters=(tables.watched_key,),
)

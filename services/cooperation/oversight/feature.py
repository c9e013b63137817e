"""The desk of those who oversee as a feature of a host."""

from cooperation import oversight
from cooperation.oversight import commands, reads, received, tables
from host.command_rows import Service
from host.features import Feature, migrations_of
from host.front_door import READERS, WRITERS
from netral.oversight.v1 import service_pb2

_SERVICES = service_pb2.DESCRIPTOR.services_by_name

WRITE = Service(_SERVICES["OversightService"], WRITERS, commands.METHODS)
READ = Service(_SERVICES["OversightReadService"], READERS, reads.METHODS)

FEATURE = Feature(
    "oversight",
    services=(WRITE, READ),
    copies=received.RECEIVED,
    stores=tables.STORES,
    migrations=migrations_of(oversight),
    matters=(tables.WATCHED.key,),
)

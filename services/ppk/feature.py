"""The personnel authorities' desk as a feature of its host: recommendations, the discipline procedure, lateness."""

import ppk
from host.command_rows import Service
from host.features import Feature, migrations_of
from host.front_door import READERS, WRITERS
from host.reads import READ_FILE
from netral.ppk.v1 import discipline_service_pb2, service_pb2
from ppk.discipline import commands as discipline
from ppk.discipline import reads as discipline_reads
from ppk.discipline import received as discipline_received
from ppk.discipline import tables as discipline_tables
from ppk.lateness import commands as lateness
from ppk.lateness import reads as lateness_reads
from ppk.lateness import received as lateness_received
from ppk.lateness import tables as lateness_tables
from ppk.recommendations import commands, reads, received, tables

_PPK, _DISCIPLINE = (
    service_pb2.DESCRIPTOR.services_by_name,
    discipline_service_pb2.DESCRIPTOR.services_by_name,
)

WRITE = Service(
    _PPK["PpkService"],
    WRITERS,
    (
        *commands.ROWS,
        *discipline.ON_RECOMMENDATIONS,
        *lateness.ROWS,
        READ_FILE,
    ),
)
READ = Service(_PPK["PpkReadService"], READERS, (*reads.METHODS, *lateness_reads.METHODS))
DISCIPLINE = Service(_DISCIPLINE["DisciplineService"], WRITERS, discipline.ROWS)
DISCIPLINE_READ = Service(_DISCIPLINE["DisciplineReadService"], READERS, discipline_reads.METHODS)

FEATURE = Feature(
    "ppk",
    services=(WRITE, READ, DISCIPLINE, DISCIPLINE_READ),
    received={**received.RECEIVED, **discipline_received.RECEIVED, **lateness_received.RECEIVED},
    stores={**tables.STORES, **discipline_tables.STORES, **lateness_tables.STORES},
    migrations=migrations_of(ppk),
    retained=(tables.MatterRow,),
    matters=(tables.MATTERS.key,),
)

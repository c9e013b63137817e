"""The supervisor's desk as a feature of its host: intake, matters, early information, claims of silence."""

import bawaslu
from bawaslu.early_information import received as early_information
from bawaslu.intake import commands as intake
from bawaslu.intake import reads as intake_reads
from bawaslu.intake import tables as intake_tables
from bawaslu.matters import commands, reads, received, tables
from bawaslu.silence import commands as silence
from bawaslu.silence import reads as silence_reads
from bawaslu.silence import received as silence_received
from bawaslu.silence import tables as silence_tables
from host.command_rows import Service
from host.features import Feature, migrations_of
from host.front_door import READERS, WRITERS
from host.reads import READ_FILE
from netral.bawaslu.v1 import intake_pb2, service_pb2

_MATTERS, _INTAKE = service_pb2.DESCRIPTOR.services_by_name, intake_pb2.DESCRIPTOR.services_by_name

WRITE = Service(_MATTERS["BawasluService"], WRITERS, (*commands.METHODS, *silence.METHODS, READ_FILE))
READ = Service(_MATTERS["BawasluReadService"], READERS, (*reads.METHODS, *silence_reads.METHODS))
INTAKE = Service(_INTAKE["IntakeService"], WRITERS, intake.METHODS)
INTAKE_READ = Service(_INTAKE["IntakeReadService"], READERS, intake_reads.METHODS)

FEATURE = Feature(
    "bawaslu",
    services=(WRITE, READ, INTAKE, INTAKE_READ),
    received={**received.RECEIVED, **silence_received.RECEIVED, **early_information.RECEIVED},
    stores={**tables.STORES, **intake_tables.STORES, **silence_tables.STORES},
    migrations=migrations_of(bawaslu),
    retained=(tables.MatterRow, intake_tables.IntakeRow),
    matters=(tables.MATTERS.key,),
)

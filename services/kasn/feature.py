"""The examiner's desk as a feature of its host: matters, escalation, claims of silence, succession."""

import kasn
from host.command_rows import Service
from host.features import Feature, migrations_of
from host.front_door import READERS, WRITERS
from host.reads import READ_FILE
from kasn.escalation import commands as escalation
from kasn.escalation import reads as escalation_reads
from kasn.escalation import tables as escalation_tables
from kasn.matters import commands, reads, tables
from kasn.received import RECEIVED
from kasn.silence import commands as silence
from kasn.silence import reads as silence_reads
from kasn.silence import tables as silence_tables
from kasn.succession import commands as succession
from kasn.succession import reads as succession_reads
from netral.kasn.v1 import service_pb2

_SERVICES = service_pb2.DESCRIPTOR.services_by_name

WRITE = Service(
    _SERVICES["KasnService"],
    WRITERS,
    (*commands.METHODS, *succession.METHODS, *escalation.METHODS, *silence.METHODS, READ_FILE),
)
READ = Service(
    _SERVICES["KasnReadService"],
    READERS,
    (*reads.METHODS, *succession_reads.METHODS, *escalation_reads.METHODS, *silence_reads.METHODS),
)

FEATURE = Feature(
    "kasn",
    services=(WRITE, READ),
    received=RECEIVED,
    stores={**tables.STORES, **escalation_tables.STORES, **silence_tables.STORES},
    migrations=migrations_of(kasn),
    clock=escalation.due,
    retained=(tables.MatterRow,),
    matters=(tables.MATTERS.key,),
)

"""Prevention as a feature of a host."""

from cooperation import prevention
from cooperation.prevention.campaigns import commands, reads, received, tables
from cooperation.prevention.pledges import commands as pledge_commands
from cooperation.prevention.pledges import reads as pledge_reads
from cooperation.prevention.pledges import received as pledges_received
from cooperation.prevention.pledges import store
from cooperation.prevention.pledges import tables as pledge_tables
from cooperation.prevention.pledges.commands import Holds
from cooperation.prevention.pledges.import_stream import Imports
from host.command_rows import Service
from host.features import Feature, migrations_of
from host.front_door import READERS, WRITERS
from host.streams import TakesStream
from netral.prevention.v1 import pledges_pb2, service_pb2

_CAMPAIGNS = service_pb2.DESCRIPTOR.services_by_name
_PLEDGES = pledges_pb2.DESCRIPTOR.services_by_name

SENDER_READ = Service(_CAMPAIGNS["CampaignReadService"], READERS, reads.SENDER_METHODS)
WRITE = Service(_CAMPAIGNS["PreventionService"], WRITERS, commands.METHODS)
READ = Service(_CAMPAIGNS["PreventionReadService"], READERS, reads.METHODS)
PLEDGES_READ = Service(_PLEDGES["PledgeReadService"], READERS, pledge_reads.METHODS)
_STORES = {**tables.STORES, **pledge_tables.STORES}


def sender(role: str) -> Feature:
    """Campaigns and circulars of a `role` (supervisor, examiner) to authorities."""
    write = Service(_CAMPAIGNS["CampaignService"], WRITERS, commands.sender_methods(role))
    return Feature(
        "prevention",
        services=(write, SENDER_READ),
        received={**received.FROM_AUTHORITIES, **pledges_received.FROM_AUTHORITIES},
        stores=_STORES,
        migrations=migrations_of(prevention),
    )


def authority(holds: Holds) -> Feature:
    """Acts of authorities on campaigns, and their lists of pledges; `holds` may stop the erasure of a list."""
    imports = TakesStream(pledges_pb2.ImportPledgesRequest, Imports().take)
    pledges = Service(_PLEDGES["PledgeService"], WRITERS, pledge_commands.methods(holds), streams=(imports,))
    return Feature(
        "prevention",
        services=(WRITE, READ, pledges, PLEDGES_READ),
        received=received.TO_AUTHORITIES,
        stores=_STORES,
        migrations=migrations_of(prevention),
        loops=(store.LOOP,),
    )

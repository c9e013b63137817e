"""Prevention as a feature of a host."""

from cooperation import prevention
from cooperation.prevention import received, tables
from cooperation.prevention.campaigns import grpc_api as campaigns
from cooperation.prevention.pledges import grpc_api as pledges
from cooperation.prevention.pledges.grpc_api import Holds
from host.features import Feature, migrations_of


def sender(role: str) -> Feature:
    """Campaigns and circulars of a `role` (supervisor, examiner) to authorities."""
    return Feature(
        "prevention",
        register=(lambda server, desk, commands: campaigns.register_sender(server, desk, commands, role),),
        permissions=campaigns.SENDERS_PERMISSIONS,
        received=received.FROM_AUTHORITIES,
        stores=tables.STORES,
        migrations=migrations_of(prevention),
    )


def authority(holds: Holds) -> Feature:
    """Acts of authorities on campaigns, and their lists of pledges; `holds` may stop the erasure of a list."""
    return Feature(
        "prevention",
        register=(
            campaigns.register,
            lambda server, desk, commands: pledges.register(server, desk, commands, holds),
        ),
        permissions=campaigns.PERMISSIONS | pledges.PERMISSIONS,
        received=received.TO_AUTHORITIES,
        stores=tables.STORES,
        migrations=migrations_of(prevention),
        loops=(pledges.LOOP,),
    )

"""Data and documents on request as a feature of a host."""

from cooperation import disclosure
from cooperation.disclosure import automatic_decisions, grpc_api, received, tables
from cooperation.disclosure.documents import store
from cooperation.disclosure.grpc_api import Matters
from cooperation.disclosure.transfer import client
from host.features import Feature, migrations_of


def feature(matters: Matters) -> Feature:
    """Disclosure on the matters of a host: `matters` give the facts that say whether a party has one."""
    return Feature(
        "disclosure",
        register=(lambda server, desk, commands: grpc_api.register(server, desk, commands, matters),),
        permissions=grpc_api.PERMISSIONS,
        received=received.HANDLERS,
        stores=tables.STORES,
        migrations=migrations_of(disclosure),
        loops=(automatic_decisions.LOOP, client.LOOP, store.LOOP),
    )

"""Data and documents on request as a feature of a host."""

from cooperation import disclosure
from cooperation.disclosure import automatic_decisions, commands, reads, received, tables
from cooperation.disclosure.documents import commands as document_commands
from cooperation.disclosure.documents import reads as document_reads
from cooperation.disclosure.documents import store
from cooperation.disclosure.documents.commands import Matters
from cooperation.disclosure.transfer import client, service
from host.command_rows import Service
from host.features import Feature, migrations_of
from host.front_door import PEERS, READERS, WRITERS
from netral.disclosure.v1 import service_pb2

_SERVICES = service_pb2.DESCRIPTOR.services_by_name

READ = Service(_SERVICES["DisclosureReadService"], READERS, (*reads.METHODS, *document_reads.METHODS))
TRANSFER = Service(_SERVICES["TransferService"], PEERS, (), streams=(service.FETCH,))


def feature(matters: Matters) -> Feature:
    """Disclosure on the matters of a host: `matters` give the facts that say whether a party has one."""
    write = Service(_SERVICES["DisclosureService"], WRITERS, commands.methods(matters))
    documents = Service(_SERVICES["DocumentService"], WRITERS, (), streams=document_commands.streams(matters))
    return Feature(
        "disclosure",
        services=(write, READ, documents, TRANSFER),
        received=received.RECEIVED,
        stores=tables.STORES,
        migrations=migrations_of(disclosure),
        loops=(automatic_decisions.LOOP, client.LOOP, store.LOOP),
    )

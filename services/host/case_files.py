"""A person's file: opened for a purpose, and every reading is a record in the trail before it is answered."""

from collections.abc import Callable

from exchange.context import FactKey, HostContext
from exchange.delivery.entity_store import matter_key
from exchange.delivery.transaction import Transaction
from exchange.personal_data import case_file
from exchange.personal_data.case_file import FileEntry
from exchange.statements import personal_part
from host import desk_requests
from host.desk_requests import RunsCommands
from netral.exchange.v1 import person_pb2, record_pb2
from refusals import NotFound


async def read_file(
    desk: HostContext,
    commands: RunsCommands,
    request: person_pb2.ReadFileRequest,
    key_of: Callable[[str, str], FactKey] = matter_key,
) -> person_pb2.ReadFileResponse:
    """Record the reading, then open what the desk keeps on the person of a matter; empty if it was erased.

    `key_of` gives the fact, by party and matter, that says whether the caller's room has the matter.
    """
    party, matter = desk_requests.parse_resource_name(request.name)

    def record(tx: Transaction) -> record_pb2.Record:
        known = tx.get(key_of(party, matter))
        if known is None:
            raise NotFound("there is no such matter at this party", field="name")
        facts = person_pb2.FileRead(purpose=request.purpose)
        return tx.record(f"{desk.name}.read_file", matter, known.case_id, known.state, facts)

    act = await desk_requests.run_command(commands, request, party, [key_of(party, matter)], record)
    return person_pb2.ReadFileResponse(entries=await opened(desk, party, matter), record=act.record)


async def opened(desk: HostContext, party: str, matter: str) -> list[person_pb2.FileEntry]:
    """The entries of a file; none if it was erased. Whoever calls this has recorded the reading."""
    async with desk.database.read() as connection:
        found = await case_file.opened(connection, desk.vault, [(party, matter)])
    return [_entry(each) for each in found.get((party, matter), [])]


def _entry(opened: FileEntry) -> person_pb2.FileEntry:
    part = person_pb2.PersonalPart.FromString(opened.part)
    return person_pb2.FileEntry(source_id=opened.source, type=opened.type, part=part)


def passed_on(tx: Transaction, matter: str) -> bytes:
    """The whole file of a matter as one personal part, for the party that goes on with the matter; empty if erased.

    For a command that opens the matter's file. What is over the limit of a personal part is left out, oldest first: it
    stays here.
    """
    part = person_pb2.PersonalPart(person=person_of(tx, matter))
    entries = [entry for opened in tx.person_file(matter) for entry in _flat(_entry(opened))]
    room = personal_part.MAX_BYTES - part.ByteSize() - 1_000
    while entries and sum(entry.ByteSize() + 8 for entry in entries) > room:
        del entries[0]
    part.passed_on.extend(entries)
    return part.SerializeToString() if entries else b""


def _flat(entry: person_pb2.FileEntry) -> list[person_pb2.FileEntry]:
    """An entry, or those of an earlier file that it brought along."""
    return list(entry.part.passed_on) or [entry]


def person_of(tx: Transaction, matter: str) -> person_pb2.Person:
    """The person of a matter as the file has it: the latest entry that names one; empty if erased.

    For passing it on in a sealed part, from a command that opens the matter's file; people use `read_file`.
    """
    found = [person_pb2.PersonalPart.FromString(opened.part) for opened in tx.person_file(matter)]
    named = [part.person for part in found if part.HasField("person")]
    return named[-1] if named else person_pb2.Person()

"""A person's file: opened for a purpose, and every reading is a record in the trail before it is answered."""

from contextlib import suppress

from sqlalchemy import select

from audit.tables import table
from exchange import rpc, vault
from exchange.commands import Commands
from exchange.matters import matter_key
from exchange.refusals import NotFound
from exchange.tables import PersonalPart
from exchange.transaction import Desk, Transaction
from netral.exchange.v1 import person_pb2, record_pb2


async def read_file(
    desk: Desk, commands: Commands, request: person_pb2.ReadFileRequest
) -> person_pb2.ReadFileResponse:
    """Record the reading, then open what the desk keeps on the person of a matter."""
    party, matter = rpc.matter_of(request.name)

    def record(tx: Transaction) -> record_pb2.Record:
        known = tx.get(matter_key(party, matter))
        if known is None:
            raise NotFound("there is no such matter at this party", field="name")
        facts = person_pb2.FileRead(purpose=request.purpose)
        return tx.record(f"{desk.name}.read_file", matter, known.case_id, known.state, facts)

    act = await rpc.act(commands, request, party, [matter_key(party, matter)], record)
    return person_pb2.ReadFileResponse(entries=await entries(desk, party, matter), record=act.record)


async def entries(desk: Desk, party: str, matter: str) -> list[person_pb2.FileEntry]:
    """The opened entries of a file, oldest first; none if its data key was destroyed."""
    parts = table(PersonalPart)
    async with desk.database.read() as connection:
        query = select(parts).where(parts.c.party == party, parts.c.matter == matter).order_by(parts.c.source)
        rows = list(await connection.execute(query))
    keys = await desk.vault.keys([(party, matter)], make=False)
    key = keys.get((party, matter))
    if key is None:
        return []
    opened = []
    for row in rows:
        with suppress(vault.Erased):  # of an earlier key of this matter
            plain = vault.decrypt(key, row.sealed, row.source)
            part = person_pb2.PersonalPart.FromString(plain[32:])
            opened.append(person_pb2.FileEntry(source_id=row.source, type=row.type, part=part))
    return opened


async def person_of(desk: Desk, party: str, matter: str) -> person_pb2.Person:
    """The person of a matter as the file has it: the latest entry that names one; empty if erased.

    For passing it on in a sealed part; readers of files use `read_file`, which leaves a record.
    """
    named = [
        entry.part.person for entry in await entries(desk, party, matter) if entry.part.HasField("person")
    ]
    return named[-1] if named else person_pb2.Person()

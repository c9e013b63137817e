"""Personal parts at rest, opened: many matters by one query and one look into the vault.

Who may see them is decided by those who ask: `host.case_files` leaves a record for people, a command passes them on sealed.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import select

from exchange.personal_data.vault import Erased, MatterOf, Vault, decrypt
from exchange.statements.personal_part import without_salt
from exchange.tables import PersonalPart
from storage.key_in import key_in
from storage.protocols import Connection
from storage.types import table


@dataclass(frozen=True, slots=True)
class FileEntry:
    """An entry of a person's file. `source` is the record or statement it came with."""

    source: str
    type: str
    part: bytes


Files = Mapping[MatterOf, list[FileEntry]]


async def opened(connection: Connection, vault: Vault, matters: Collection[MatterOf]) -> Files:
    """The files of these matters, oldest entry first; what was erased is left out."""
    if not matters:
        return {}
    parts = table(PersonalPart)
    query = (
        select(parts).where(key_in((parts.c.party, parts.c.matter), sorted(matters))).order_by(parts.c.source)
    )
    rows = list(await connection.execute(query))
    keys = await vault.keys({(row.party, row.matter) for row in rows}, make=False)
    found: dict[MatterOf, list[FileEntry]] = {}
    for row in rows:
        key = keys.get((row.party, row.matter))
        if key is None:
            continue
        with suppress(Erased):  # encrypted under an earlier key of this matter
            plain = decrypt(key, row.sealed, row.source)
            found.setdefault((row.party, row.matter), []).append(
                FileEntry(row.source, row.type, without_salt(plain))
            )
    return found

"""Personal parts at rest, opened: many matters by one query and one look into the vault.

Who may see them is decided by those who ask: `host.case_files` leaves a record for people, a command passes them on sealed.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import select

from exchange.personal_data.vault import Erased, MatterOf, Vault, decrypt
from exchange.statements.personal_part import without_salt
from exchange.tables import PersonalPart
from storage import together
from storage.key_in import key_in, listed
from storage.protocols import Connection
from storage.together import Reading
from storage.types import FoundRow, table


@dataclass(frozen=True, slots=True)
class FileEntry:
    """An entry of a person's file. `source` is the record or statement it came with."""

    source: str
    type: str
    part: bytes


Files = Mapping[MatterOf, list[FileEntry]]


_PARTS = table(PersonalPart)
_PARTS_ON = select(_PARTS).where(key_in((_PARTS.c.party, _PARTS.c.matter))).order_by(_PARTS.c.source)


async def opened(connection: Connection, vault: Vault, matters: Collection[MatterOf]) -> Files:
    """The files of these matters, oldest entry first; what was erased is left out."""
    return await open_parts(vault, await together.run(connection, sealed_parts(matters))) if matters else {}


def sealed_parts(matters: Collection[MatterOf]) -> Reading[Sequence[FoundRow]]:
    """The entries of these matters' files, sealed, oldest first."""
    if not matters:
        return Reading((), lambda found: ())
    return Reading([(_PARTS_ON, {"keys": listed(sorted(matters))})], lambda found: found[0])


async def open_parts(vault: Vault, parts: Sequence[FoundRow]) -> Files:
    """Open sealed entries; what was erased is left out."""
    if not parts:
        return {}
    keys = await vault.keys({(row.party, row.matter) for row in parts}, make=False)
    found: dict[MatterOf, list[FileEntry]] = {}
    for row in parts:
        key = keys.get((row.party, row.matter))
        if key is None:
            continue
        with suppress(Erased):  # encrypted under an earlier key of this matter
            plain = decrypt(key, row.sealed, row.source)
            found.setdefault((row.party, row.matter), []).append(
                FileEntry(row.source, row.type, without_salt(plain))
            )
    return found

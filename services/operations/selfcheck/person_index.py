"""The examiner's index of persons, beside the personal parts that it was made of: keyed digests, made again with the host's key.

A matter is entered from the parts that came with its referral, with a completion and when it was taken over, the last that
names a person. What was erased cannot be opened, and is in the index no more.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from audit.formats.leaf import Kind
from audit.verification.logs import Finding
from exchange.personal_data import case_file
from exchange.personal_data.vault import Vault
from kasn import wire
from kasn.matters.domain import rules as domain
from kasn.matters.domain import steps
from kasn.succession.domain import transfer
from kasn.tables import PersonIndex
from operations.selfcheck.replay_cooperation import taken_up
from storage.protocols import Connection
from storage.types import table

_AT_ONCE = 500
_NAMING = (domain.Referred, steps.Completed, transfer.Transferred)


async def check_persons(connection: Connection, vault: Vault, leaves: Sequence[Any]) -> list[Finding]:
    """The rows of the index that the personal parts do not give, and those that are missing."""
    rows = {
        (row.party, row.matter): row.digest for row in await connection.execute(select(table(PersonIndex)))
    }
    naming = dict(_naming(sorted(leaves, key=lambda leaf: leaf.id)))
    places = {statement: place for place, statement in enumerate(naming)}
    known = set(naming.values())
    leaving = {
        (leaf.party, leaf.matter)
        for leaf in leaves
        if leaf.kind == Kind.RECORD and leaf.type.startswith("erasure.")
    }
    found = []
    matters = sorted(rows.keys() | known)
    for start in range(0, len(matters), _AT_ONCE):
        files = await case_file.opened(connection, vault, matters[start : start + _AT_ONCE])
        for key in matters[start : start + _AT_ONCE]:
            entries = [each for each in files.get(key, ()) if (key[0], each.source) in naming]
            due = _digest(vault, key[0], entries, places)
            problem = _problem(rows.get(key), due, key in leaving, key in known)
            if problem:
                found.append(Finding(key[0], -1, key[1], "state", f"person_index: {problem}"))
    return found


def _naming(leaves: Iterable[Any]) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """The statements by which parties entered a person: party and statement, party and matter, in order."""
    for party, said, _ in taken_up(list(leaves)):
        event = wire.event_of(said.statement.facts) if said is not None else None
        event = event.said if isinstance(event, transfer.Forwarded) else event
        if isinstance(event, _NAMING):
            yield (party, said.statement.id), (party, said.statement.subject)


def _digest(
    vault: Vault, party: str, entries: Iterable[case_file.FileEntry], places: Mapping[tuple[str, str], int]
) -> str:
    """Compute the index row of a matter with these entries, by their places in time; empty if they name nobody."""
    named = [(places[party, each.source], wire.identity(each.part)) for each in entries]
    identity = next((identity for _, identity in sorted(named, reverse=True) if identity), b"")
    return vault.person_digest(party.encode() + b"\n" + identity).hex() if identity else ""


def _problem(kept: str | None, due: str, is_leaving: bool, is_known: bool) -> str:
    if kept is not None and not is_known:
        return "a matter in the index whose person nobody named"
    if kept is not None and due and kept != due:
        return "a row is not what its personal part gives"
    if kept is None and due and not is_leaving:
        return "a row is missing"
    return ""

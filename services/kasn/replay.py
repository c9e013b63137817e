"""Replays the examiner's matters, and looks at its index of persons.

The index has keyed digests, made again from the personal parts with the host's key. A matter is entered from the parts that came with
its referral, with a completion and when it was taken over, the last that names a person. What was erased cannot be opened, and is
in the index no more.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from sqlalchemy import select

from agreement.entities import replace
from audit.formats.leaf import Kind
from audit.verification.findings import Finding
from cooperation.oversight.replay import is_of_desk
from exchange.personal_data import case_file
from exchange.personal_data.vault import Vault
from host.replay import (
    Comparison,
    Folding,
    Id,
    Inside,
    KeptTables,
    Replay,
    TakenUp,
    Trail,
    compare,
    fold,
    read_trail,
)
from kasn.matters import wire
from kasn.matters.domain.events import Completed, Referred
from kasn.matters.domain.matter import Matter, blank
from kasn.matters.tables import MatterRow, PersonIndex
from kasn.registry import UsedNumber
from kasn.succession.domain import transfer
from kasn.succession.wire import event_of
from storage.types import table

_AT_ONCE = 500
_NAMING = Referred | Completed | transfer.Transferred


def _compare(trail: Trail, tables: KeptTables) -> Iterator[Comparison]:
    found = fold(trail, Folding[Matter, transfer.Event](blank, event_of, _did, _heard, is_of_desk))
    yield compare(MatterRow, Matter, tables.rows(MatterRow), found)


# A matter that passes to the next examiner changes by the succession's rules too.


def _did(matter: Matter, event: transfer.Event, at: datetime) -> Matter:
    return replace(transfer.apply(matter, event), updated=at)


def _heard(matter: Matter, event: transfer.Event, act: TakenUp) -> Matter:
    after = transfer.hear(matter, event, act.statement.sender, act.statement.id)
    return replace(after, updated=act.at, heard=act.statement.id)


async def _check_persons(inside: Inside) -> list[Finding]:
    """Find rows of the index that the personal parts do not give, and those that are missing."""
    rows: dict[Id, str] = {
        (row.party, row.matter): row.digest
        for row in await inside.connection.execute(select(table(PersonIndex)))
    }
    naming = dict(_naming(read_trail(inside.leaves)))
    places = {statement: place for place, statement in enumerate(naming)}
    known = set(naming.values())
    leaving = {
        (leaf.party, leaf.matter)
        for leaf in inside.leaves
        if leaf.kind == Kind.RECORD and leaf.type.startswith("erasure.")
    }
    found = []
    matters = sorted(rows.keys() | known)
    for start in range(0, len(matters), _AT_ONCE):
        files = await case_file.opened(inside.connection, inside.vault, matters[start : start + _AT_ONCE])
        for key in matters[start : start + _AT_ONCE]:
            entries = [each for each in files.get(key, ()) if (key[0], each.source) in naming]
            due = _digest(inside.vault, key[0], entries, places)
            problem = _problem(rows.get(key), due, key in leaving, key in known)
            if problem:
                found.append(Finding(key[0], -1, key[1], "state", f"person_index: {problem}"))
    return found


def _naming(trail: Trail) -> Iterator[tuple[Id, Id]]:
    """Yield the statements by which parties entered a person: party and statement, party and matter, in order."""
    for act in trail.acts:
        if not isinstance(act, TakenUp):
            continue
        event = event_of(act.statement.facts)
        event = event.said if isinstance(event, transfer.Forwarded) else event
        if isinstance(event, _NAMING):
            yield (act.party, act.statement.id), (act.party, act.statement.subject)


def _digest(
    vault: Vault, party: str, entries: Iterable[case_file.FileEntry], places: Mapping[Id, int]
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


REPLAY = Replay((MatterRow,), _compare, numbers=(UsedNumber,), check=_check_persons)

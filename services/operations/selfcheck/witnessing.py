"""Checks what a host keeps of witnessing: others' cosignatures of its logs, what its parties cosigned, and its accusations."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial

from sqlalchemy import exists, select

from audit.formats import checkpoint, cosignature, note
from audit.formats.note import KnownKey
from audit.tables import (
    AccusationKept,
    Cosigned,
    CosigningStatus,
    SignedCheckpoint,
    WitnessedBefore,
    WitnessedHead,
)
from audit.verification.findings import Finding
from audit.witnessing import misbehaviour, rules
from audit.witnessing.rules import Accusation
from exchange import witness_config
from exchange.statements.trust import Parties
from exchange.witness_config import ExternalWitness
from operations.selfcheck.rows import read_rows
from storage.protocols import Connection
from storage.types import table


async def check_witnessing(
    connection: Connection, parties: Parties, guests: Iterable[ExternalWitness]
) -> list[Finding]:
    """Check what is kept of witnessing for the parties of a host against the signatures."""
    keys = _Keys(parties, guests)
    found = await _cosigned(connection, keys)
    found += await _witnessed(connection, keys)
    found += await _accusations(connection)
    return found + await _standing(connection)


class _Keys:
    """Every key that somebody has or had, by the name that it signs under."""

    def __init__(self, parties: Parties, guests: Iterable[ExternalWitness]) -> None:
        self._named: dict[str, list[KnownKey]] = {}
        for party in parties.parties.values():
            for key in party.signing:
                at = key.period.since
                self._add(witness_config.log_verifiers(party, at))
                self._add(witness_config.witness_keys(party, at))
            for second in party.cosigning:
                self._add(witness_config.witness_keys(party, second.period.since))
        for guest in guests:
            self._add(guest.cosigner.keys)

    def _add(self, keys: Iterable[KnownKey]) -> None:
        for each in keys:
            self._named.setdefault(each.name, []).append(each)

    def of(self, name: str) -> list[KnownKey]:
        return list({each.key_id: each for each in self._named.get(name, ())}.values())


async def _cosigned(connection: Connection, keys: _Keys) -> list[Finding]:
    """Check that each cosignature is one on the checkpoint of its size."""
    lines, heads = table(Cosigned), table(SignedCheckpoint)
    rows = await connection.execute(
        select(lines.c.party, lines.c.size, lines.c.cosigner, lines.c.lines, lines.c.time, heads.c.note)
        .outerjoin(heads, (heads.c.party == lines.c.party) & (heads.c.size == lines.c.size))
        .order_by(lines.c.party, lines.c.size)
    )
    found = []
    for row in rows:
        problem = "there is no checkpoint of this size"
        if row.note is not None:
            text = note.parse_note(row.note).text
            problem = _problem(partial(_read, text, row.lines, keys.of(row.cosigner), row.time))
        if problem:
            said = f"cosignature of {row.cosigner} on checkpoint {row.size}: {problem}"
            found.append(Finding(row.party, -1, "", "cosignature", said))
    return found


def _read(text: str, lines: str, keys: list[KnownKey], at: datetime | None = None) -> None:
    signatures = rules.read_cosignatures(text, lines, keys)
    if note.print_signatures(signatures) != lines:
        raise note.NoteError("a line is not one of its keys")
    if at is not None and max(map(cosignature.time_of, signatures)) != at.timestamp():
        raise note.NoteError("it was made at another time")


async def _witnessed(connection: Connection, keys: _Keys) -> list[Finding]:
    """Check that each tree that a party cosigned was signed by its log, and is the one that the columns name."""
    heads, before = table(WitnessedHead), table(WitnessedBefore)
    found: list[Finding] = []
    for row in await read_rows(connection, select(heads), WitnessedHead):
        own = keys.of(witness_config.cosigner_name(row.party))
        said = f"what was cosigned last of {row.origin}"
        found += _held(row, keys, said, root=row.root)
        text = _text(row.note)
        if text and (problem := _problem(partial(_read, text, row.cosignatures, own))):
            found.append(Finding(row.party, -1, "", "witnessed", f"{said}: {problem}"))
    for older in await read_rows(connection, select(before), WitnessedBefore):
        found += _held(older, keys, f"what was cosigned of {older.origin} at {older.size}")
    return found


def _held(
    row: WitnessedHead | WitnessedBefore, keys: _Keys, said: str, root: bytes | None = None
) -> Iterator[Finding]:
    def check() -> None:
        head = checkpoint.parse(note.open_note(row.note, keys.of(row.origin)).text)
        wrong = head.origin != row.origin or head.size != row.size
        if wrong or (root is not None and head.root != root):
            raise note.NoteError("its columns are not what the log signed")

    if problem := _problem(check):
        yield Finding(row.party, -1, "", "witnessed", f"{said}: {problem}")


async def _accusations(connection: Connection) -> list[Finding]:
    rows = table(AccusationKept)
    found = []
    for row in await connection.execute(select(rows)):
        kept = Accusation(row.kind, row.origin, row.held, row.offered, row.proven, row.detail)
        if misbehaviour.digest(kept) != row.digest:
            said = f"accusation of {row.origin}: it is not what was kept"
            found.append(Finding(row.party, -1, "", "witnessed", said))
    return found


async def _standing(connection: Connection) -> list[Finding]:
    """Check that the checkpoints called published and final are there."""
    standing, heads = table(CosigningStatus), table(SignedCheckpoint)
    found = []
    for column in (standing.c.published, standing.c.final):
        there = exists().where(heads.c.party == standing.c.party, heads.c.size == column)
        lost = select(standing.c.party, column.label("size")).where(column > 0, ~there)
        for row in await connection.execute(lost):
            said = f"there is no checkpoint of size {row.size}, which is said to stand"
            found.append(Finding(row.party, -1, "", "cosignature", said))
    return found


def _text(signed: str) -> str:
    try:
        return note.parse_note(signed).text
    except ValueError:
        return ""


def _problem(check: Callable[[], None]) -> str:
    try:
        check()
    except ValueError as error:
        return str(error)
    return ""

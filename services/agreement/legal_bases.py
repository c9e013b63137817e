"""Legal bases: what permits a role to send a statement on a day.

A statement carries the id of its basis, and the recipient checks it with `permits`. Whether the sender holds
the role is left to the parties file.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from agreement import catalogue
from agreement.catalogue import BrokenData
from agreement.catalogue import Unknown as Unknown
from agreement.institutions import ROLES
from exchange.refusals import NotAllowed

_FILE = "legal_bases.toml"
_STATEMENTS = "statements.toml"
_ID = re.compile(r"[a-z]+(-[a-z0-9]+)+")


@dataclass(frozen=True)
class StatementType:
    """A type of this path, who may send it, and its bases, the preferred one first."""

    type: str
    role: str
    bases: tuple[str, ...]


@dataclass(frozen=True)
class LegalBasis:
    """A legal basis (dasar hukum): an agreement (PKS), a joint decree (SKB), a law or an article of one.

    In force on legal dates from `since` (included) until `until` (excluded; None: open). `confirmed` is False
    where the clause itself could not be read; `note` says what was not, and `source` where it was looked for.
    """

    id: str
    title_id: str
    title_en: str
    roles: frozenset[str]
    since: date
    until: date | None
    confirmed: bool
    source: str
    note: str
    statement_types: frozenset[str]

    def on(self, day: date) -> bool:
        """Whether it is in force on that legal date."""
        return self.since <= day and (self.until is None or day < self.until)


def _parse_statement(entry: catalogue.Entry) -> StatementType:
    statement = StatementType(entry.text("type"), entry.text("role"), entry.texts("bases"))
    entry.done()
    if statement.role not in ROLES:
        raise entry.broken("role: unknown")
    if not re.fullmatch(rf"netral\.{statement.role}\.[a-z]+(_[a-z]+)*\.v[1-9]", statement.type):
        raise entry.broken("type: not netral.<role>.<fact>.v<number>")
    if not statement.bases:
        raise entry.broken("bases: none")
    return statement


def _parse_statements(text: str) -> Mapping[str, StatementType]:
    found = [
        _parse_statement(entry)
        for entry in catalogue.entries(_STATEMENTS, text, "type", "statement")["statement"]
    ]
    return catalogue.by_code(_STATEMENTS, ((each.type, each) for each in found))


def _parse_basis(entry: catalogue.Entry, statements: Iterable[StatementType]) -> LegalBasis:
    identifier = entry.text("id")
    since, until = entry.period()
    basis = LegalBasis(
        id=identifier,
        title_id=entry.text("title_id"),
        title_en=entry.text("title_en"),
        roles=frozenset(entry.texts("roles")),
        since=since,
        until=until,
        confirmed=entry.flag("confirmed"),
        source=entry.text("source"),
        note=entry.optional("note", entry.text) or "",
        statement_types=frozenset(each.type for each in statements if identifier in each.bases),
    )
    entry.done()
    if not _ID.fullmatch(identifier):
        raise entry.broken("id: not lower-case words and numbers with hyphens")
    if not basis.roles or not basis.roles <= ROLES:
        raise entry.broken("roles: none, or an unknown one")
    if not basis.confirmed and not basis.note:
        raise entry.broken("note: missing, though not confirmed")
    if not basis.statement_types:
        raise entry.broken(f"no statement type in {_STATEMENTS} leans on it")
    return basis


def _parse(text: str, statements: Mapping[str, StatementType]) -> Mapping[str, LegalBasis]:
    found = [
        _parse_basis(entry, statements.values())
        for entry in catalogue.entries(_FILE, text, "id", "basis")["basis"]
    ]
    bases = catalogue.by_code(_FILE, ((each.id, each) for each in found))
    for statement in statements.values():
        _refuse_wrong_bases(statement, bases)
        _refuse_gaps(statement, bases)
    return bases


def _refuse_wrong_bases(statement: StatementType, bases: Mapping[str, LegalBasis]) -> None:
    for identifier in statement.bases:
        if identifier not in bases:
            raise BrokenData(_STATEMENTS, statement.type, f"basis {identifier} is not in {_FILE}")
        if statement.role not in bases[identifier].roles:
            raise BrokenData(_STATEMENTS, statement.type, f"basis {identifier} is not one of its role")


def _refuse_gaps(statement: StatementType, bases: Mapping[str, LegalBasis]) -> None:
    """A day without any basis would be a day on which the role is silenced by a slip in the data."""
    periods = sorted((bases[identifier] for identifier in statement.bases), key=lambda basis: basis.since)
    covered: date | None = periods[0].since
    for basis in periods:
        if covered is None:
            return
        if basis.since > covered:
            raise BrokenData(_STATEMENTS, statement.type, f"no basis is in force on {covered}")
        covered = None if basis.until is None else max(covered, basis.until)
    if covered is not None:
        raise BrokenData(_STATEMENTS, statement.type, f"no basis is in force from {covered} on")


_STATEMENT_TYPES = _parse_statements(catalogue.read(_STATEMENTS))
_BASES = _parse(catalogue.read(_FILE), _STATEMENT_TYPES)


def statement_types() -> Mapping[str, StatementType]:
    """The statement types of this path under their names, in the order of the path."""
    return _STATEMENT_TYPES


def bases() -> Mapping[str, LegalBasis]:
    """All legal bases under their ids."""
    return _BASES


def basis(identifier: str, *, field: str = "legal_basis") -> LegalBasis:
    """The legal basis with an id such as `skb-2022`. Raises `Unknown` for any other text."""
    try:
        return _BASES[identifier]
    except KeyError:
        raise Unknown("not a legal basis of the agreement", field=field) from None


def permits(basis_id: str, statement_type: str, role: str, on: date) -> bool:
    """Whether a basis permits a role to send a statement of that type on a legal date.

    False, never a refusal, for an unknown basis, type or role: what is not listed is not permitted.
    """
    statement = _STATEMENT_TYPES.get(statement_type)
    found = _BASES.get(basis_id)
    if statement is None or found is None:
        return False
    return statement.role == role and basis_id in statement.bases and found.on(on)


def default_basis(statement_type: str, on: date) -> str:
    """Id of the preferred basis that is in force on a legal date (the sender's date of the statement).

    Raises `Unknown` for a type that is not of this path, `NotAllowed` for a day before its first basis.
    """
    statement = _STATEMENT_TYPES.get(statement_type)
    if statement is None:
        raise Unknown("not a statement type of the agreement", field="type")
    for identifier in statement.bases:
        if _BASES[identifier].on(on):
            return identifier
    raise NotAllowed(
        f"no legal basis for {statement_type} was in force on {on.isoformat()}", field="legal_basis"
    )

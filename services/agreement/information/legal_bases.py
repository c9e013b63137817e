"""Legal bases: what permits a role to send a statement, or to ask for data, on a day.

A statement carries the id of its basis, and the recipient checks it with `objection`. Whether the sender holds
the role is left to the parties file.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from agreement import data_files
from agreement.data_files import BrokenData
from agreement.data_files import Unknown as Unknown
from agreement.parties import institutions
from agreement.parties.institutions import ROLES
from refusals import NotAllowed

FIELDS = ("data-exchange", "prevention", "supervision", "enforcement", "monitoring")

_FILE = "legal_bases.toml"
_STATEMENTS = "statements.toml"
_ID = re.compile(r"[a-z]+(-[a-z0-9]+)+")


@dataclass(frozen=True)
class StatementType:
    """A statement type, who may send it, and its bases, the preferred one first."""

    type: str
    role: str
    bases: tuple[str, ...]


@dataclass(frozen=True)
class DataRequest:
    """Data that a role may ask of another on request, and the bases for it, the preferred one first."""

    data: str
    role: str
    of: str
    bases: tuple[str, ...]


@dataclass(frozen=True)
class LegalBasis:
    """A legal basis (dasar hukum): an agreement (PKS) or an item of one, a joint decree (SKB), a law or an article.

    In force on legal dates from `since` (included) until `until` (excluded; None: open). `parties` made it, where that
    was an act of several; `agreement` is the agreement that this is an item of, and empty for all others.
    `confirmed` is False where the clause itself could not be read; `note` says what was not, and `source` where it was
    looked for.
    """

    id: str
    title_id: str
    title_en: str
    roles: frozenset[str]
    parties: frozenset[str]
    agreement: str
    since: date
    until: date | None
    confirmed: bool
    source: str
    note: str

    def on(self, day: date) -> bool:
        """Whether it is in force on that legal date."""
        return self.since <= day and (self.until is None or day < self.until)

    def binds(self, institution: str) -> bool:
        """Whether it can be that institution's basis. An agreement binds those who made it; a law, whom it concerns."""
        return not self.agreement or institution in self.parties


# --- reading the data --------------------------------------------------------------------------------------------


def _parse_basis(entry: data_files.Entry) -> LegalBasis:
    since, until = entry.period()
    basis = LegalBasis(
        id=entry.text("id"),
        title_id=entry.text("title_id"),
        title_en=entry.text("title_en"),
        roles=frozenset(entry.texts("roles")),
        parties=frozenset(entry.optional("parties", entry.texts) or ()),
        agreement="",
        since=since,
        until=until,
        confirmed=entry.flag("confirmed"),
        source=entry.text("source"),
        note=entry.optional("note", entry.text) or "",
    )
    entry.done()
    if not _ID.fullmatch(basis.id):
        raise entry.broken("id: not lower-case words and numbers with hyphens")
    if not basis.roles or not basis.roles <= ROLES:
        raise entry.broken("roles: none, or an unknown one")
    if not basis.parties <= set(institutions.institutions()):
        raise entry.broken("parties: not institutions")
    if not basis.confirmed and not basis.note:
        raise entry.broken("note: missing, though not confirmed")
    return basis


def _parse_item(entry: data_files.Entry, agreements: Mapping[str, LegalBasis]) -> LegalBasis:
    of, field, text = entry.text("basis"), entry.text("field"), entry.text("text")
    entry.done()
    if of not in agreements or not agreements[of].parties:
        raise entry.broken("basis: not one that has parties")
    if field not in FIELDS:
        raise entry.broken(f"field: not of {', '.join(FIELDS)}")
    whole = agreements[of]
    return LegalBasis(
        id=f"{of}/{field}",
        title_id=f"{whole.title_id}: {text}",
        title_en=f"{whole.title_en}: {field.replace('-', ' ')}",
        roles=whole.roles,
        parties=whole.parties,
        agreement=of,
        since=whole.since,
        until=whole.until,
        confirmed=whole.confirmed,
        source=whole.source,
        note=whole.note,
    )


def _parse(text: str) -> Mapping[str, LegalBasis]:
    found = data_files.entries(_FILE, text, "id", "basis", "item")
    whole = [_parse_basis(entry) for entry in found["basis"]]
    by_id = data_files.by_code(_FILE, ((each.id, each) for each in whole))
    items = [_parse_item(entry, by_id) for entry in found["item"]]
    return data_files.by_code(_FILE, ((each.id, each) for each in (*whole, *items)))


def _parse_statement(entry: data_files.Entry) -> StatementType:
    statement = StatementType(entry.text("type"), entry.text("role"), entry.texts("bases"))
    entry.done()
    if statement.role not in ROLES:
        raise entry.broken("role: unknown")
    if not re.fullmatch(rf"netral\.{statement.role}\.[a-z]+(_[a-z]+)*\.v[1-9]", statement.type):
        raise entry.broken("type: not netral.<role>.<fact>.v<number>")
    return statement


def _parse_request(entry: data_files.Entry) -> DataRequest:
    request = DataRequest(entry.text("data"), entry.text("role"), entry.text("of"), entry.texts("bases"))
    entry.done()
    if request.role not in ROLES or request.of not in ROLES or request.role == request.of:
        raise entry.broken("role, of: not two different roles")
    return request


def _parse_permissions(
    text: str, bases: Mapping[str, LegalBasis]
) -> tuple[Mapping[str, StatementType], tuple[DataRequest, ...]]:
    found = data_files.entries(_STATEMENTS, text, "type", "statement", "data")
    statements = [_parse_statement(entry) for entry in found["statement"]]
    requests = [_parse_request(entry) for entry in found["data"]]
    for statement in statements:
        _refuse_wrong_bases(statement.type, statement.role, statement.bases, bases)
    for request in requests:
        _refuse_wrong_bases(f"data {request.data}", request.role, request.bases, bases)
    data_files.by_code(_STATEMENTS, ((f"{each.data} {each.role} {each.of}", each) for each in requests))
    _refuse_idle((*statements, *requests), bases)
    return data_files.by_code(_STATEMENTS, ((each.type, each) for each in statements)), tuple(requests)


def _refuse_wrong_bases(
    where: str, role: str, wanted: tuple[str, ...], bases: Mapping[str, LegalBasis]
) -> None:
    if not wanted:
        raise BrokenData(_STATEMENTS, where, "bases: none")
    with_items = {each.agreement for each in bases.values()}
    for identifier in wanted:
        if identifier not in bases:
            raise BrokenData(_STATEMENTS, where, f"basis {identifier} is not in {_FILE}")
        if identifier in with_items:
            raise BrokenData(_STATEMENTS, where, f"basis {identifier} has items: name one of them")
        if role not in bases[identifier].roles:
            raise BrokenData(_STATEMENTS, where, f"basis {identifier} is not one of its role")
    _refuse_gaps(where, [bases[identifier] for identifier in wanted])


def _refuse_gaps(where: str, bases: Iterable[LegalBasis]) -> None:
    """A day without any basis would be a day on which the role is silenced by a slip in the data."""
    periods = sorted(bases, key=lambda basis: basis.since)
    covered: date | None = periods[0].since
    for basis in periods:
        if covered is None:
            return
        if basis.since > covered:
            raise BrokenData(_STATEMENTS, where, f"no basis is in force on {covered}")
        covered = None if basis.until is None else max(covered, basis.until)
    if covered is not None:
        raise BrokenData(_STATEMENTS, where, f"no basis is in force from {covered} on")


def _refuse_idle(permissions: Iterable[StatementType | DataRequest], bases: Mapping[str, LegalBasis]) -> None:
    """A law that nothing leans on is a slip; of an agreement some fields may wait for what is not built yet."""
    used = {identifier for permission in permissions for identifier in permission.bases}
    used |= {bases[identifier].agreement for identifier in used}
    if idle := [each.id for each in bases.values() if each.id not in used and not each.agreement]:
        raise BrokenData(_FILE, ", ".join(idle), f"nothing in {_STATEMENTS} leans on it")


_BASES = _parse(data_files.read(_FILE))
_STATEMENT_TYPES, _REQUESTS = _parse_permissions(data_files.read(_STATEMENTS), _BASES)


# --- asking --------------------------------------------------------------------------------------------------------


def statement_types() -> Mapping[str, StatementType]:
    """The statement types of the agreement under their names, in the order of the path."""
    return _STATEMENT_TYPES


def data_requests() -> tuple[DataRequest, ...]:
    """What may be asked for, by whom, of whom. Whatever is not listed may not."""
    return _REQUESTS


def bases() -> Mapping[str, LegalBasis]:
    """All legal bases under their ids: the whole ones, then the items of agreements (`pks-2023/monitoring`)."""
    return _BASES


def basis(identifier: str, *, field: str = "legal_basis") -> LegalBasis:
    """The legal basis with an id such as `skb-2022` or `pks-2023/monitoring`. Raises `Unknown` for any other text."""
    try:
        return _BASES[identifier]
    except KeyError:
        raise Unknown("not a legal basis of the agreement", field=field) from None


def objection(basis_id: str, statement_type: str, role: str, sender: str, on: date) -> str:
    """What speaks against a statement of that type by a role under a basis on a legal date; empty if nothing does.

    One sentence that names the basis. What is not of the agreement is not repeated: a sender could have put anything
    there. `sender` is the institution; whether it holds the role is not asked here.
    """
    statement = _STATEMENT_TYPES.get(statement_type)
    if statement is None:
        return "the type is not one of the agreement"
    if statement.role != role:
        return f"{statement_type} is not a statement of that role"
    return _against(basis_id, statement_type, statement.bases, sender, on)


def asking_objection(basis_id: str, data: str, role: str, of: str, sender: str, on: date) -> str:
    """What speaks against a role that asks another for data under a basis on a legal date; empty if nothing does.

    `sender` is the institution that asks. As `objection`, it names the basis, and repeats nothing that is not of the
    agreement.
    """
    for request in _REQUESTS:
        if (request.data, request.role, request.of) == (data, role, of):
            return _against(basis_id, f"asking for {data}", request.bases, sender, on)
    return "this is not asked for by that role of that one"


def _against(basis_id: str, what: str, permitted: tuple[str, ...], sender: str, on: date) -> str:
    found = _BASES.get(basis_id)
    if found is None:
        return (
            "what is cited is not a legal basis of the agreement" if basis_id else "no legal basis is cited"
        )
    if basis_id not in permitted:
        return f"{basis_id} does not permit {what}"
    if not found.binds(sender):
        return f"{basis_id} binds its parties only, and the sender is none"
    if on < found.since:
        return f"{basis_id} was not in force before {found.since.isoformat()}"
    if found.until is not None and on >= found.until:
        return f"{basis_id} lapsed on {found.until.isoformat()}"
    return ""


def permits(basis_id: str, statement_type: str, role: str, sender: str, on: date) -> bool:
    """Whether there is no `objection`."""
    return not objection(basis_id, statement_type, role, sender, on)


def default_basis(statement_type: str, on: date, sender: str = "") -> str:
    """Id of the preferred basis that is in force on a legal date (the sender's date of the statement).

    Only a basis that binds `sender` is taken; without one, any. Raises `Unknown` for a type that is not of the
    agreement, `NotAllowed` for a day before its first basis.
    """
    statement = _STATEMENT_TYPES.get(statement_type)
    if statement is None:
        raise Unknown("not a statement type of the agreement", field="type")
    for identifier in statement.bases:
        found = _BASES[identifier]
        if found.on(on) and (not sender or found.binds(sender)):
            return identifier
    raise NotAllowed(
        f"no legal basis for {statement_type} was in force on {on.isoformat()}", field="legal_basis"
    )

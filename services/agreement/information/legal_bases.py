"""Legal bases: what permits a role to send a statement, or to ask for data, on a day.

A statement carries the id of its basis, and the recipient checks it with `objection`. Whether the sender holds
the role is left to the parties file.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from agreement import data_files
from agreement.data_files import BrokenData
from agreement.data_files import Unknown as Unknown
from agreement.parties import institutions
from refusals import NotAllowed

_FILE = "legal_bases.toml"
_STATEMENTS = "statements.toml"
_ID = re.compile(r"[a-z]+(-[a-z0-9]+)+")


class StatementType(data_files.Model):
    """A statement type, who may send it, and its bases, the preferred one first.

    `answers`: it tells that somebody deals with a recommendation.
    """

    type: data_files.Text
    role: institutions.Role
    bases: data_files.Texts
    answers: bool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not re.fullmatch(rf"netral\.{self.role}\.[a-z]+(_[a-z]+)*\.v[1-9]", self.type):
            raise ValueError("type: not netral.<role>.<fact>.v<number>")
        return self


class DataRequest(data_files.Model):
    """Data that a role may ask of another on request, and the bases for it, the preferred one first."""

    data: data_files.Text
    role: institutions.Role
    of: institutions.Role
    bases: data_files.Texts

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.role == self.of:
            raise ValueError("role, of: not two different roles")
        return self


class LegalBasis(data_files.Model):
    """A legal basis (dasar hukum): an agreement (PKS) or an item of one, a joint decree (SKB), a law or an article.

    In force on legal dates from `since` (included) until `until` (excluded; None: open). `parties` made it, where that
    was an act of several; `agreement` is the agreement that this is an item of, and empty for all others. `not_for` hold
    one of its roles, but not for those whom it concerns.
    `confirmed` is False where the clause itself could not be read; `note` says what was not, and `source` where it was
    looked for.
    """

    id: data_files.Text
    title_id: data_files.Text
    title_en: data_files.Text
    roles: Annotated[data_files.SetOf[institutions.Role], Field(min_length=1)]
    since: date
    confirmed: bool
    source: data_files.Text
    parties: data_files.SetOf[institutions.InstitutionId] = frozenset()
    not_for: data_files.SetOf[institutions.InstitutionId] = frozenset()
    until: date | None = None
    note: data_files.Text | Literal[""] = ""
    agreement: data_files.Text | Literal[""] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        data_files.check_period(self.since, self.until)
        data_files.check_note(self.confirmed, self.note)
        return self

    def on(self, day: date) -> bool:
        """True if it is in force on that legal date."""
        return self.since <= day and (self.until is None or day < self.until)

    def binds(self, institution: str) -> bool:
        """True if it can be that institution's basis. An agreement binds those who made it; a law, whom it concerns."""
        if self.agreement:
            return institution in self.parties
        return institution not in self.not_for


# --- reading the data --------------------------------------------------------------------------------------------


class _Item(data_files.Model):
    """An item of an agreement: a field of work that it covers."""

    basis: data_files.Text
    field: Literal["data-exchange", "prevention", "supervision", "enforcement", "monitoring", "unread"]
    text: data_files.Text


class _Bases(data_files.Model):
    basis: data_files.Entries[LegalBasis]
    item: data_files.Entries[_Item]


class _Permissions(data_files.Model):
    statement: data_files.Entries[StatementType]
    data: data_files.Entries[DataRequest]


def _item(number: int, item: _Item, agreements: Mapping[str, LegalBasis]) -> LegalBasis:
    whole = agreements.get(item.basis)
    if whole is None or not whole.parties:
        raise BrokenData(_FILE, f"item number {number}", "basis: not one that has parties")
    return LegalBasis(
        id=f"{whole.id}/{item.field}",
        title_id=f"{whole.title_id}: {item.text}",
        title_en=f"{whole.title_en}: {item.field.replace('-', ' ')}",
        roles=whole.roles,
        since=whole.since,
        until=whole.until,
        confirmed=whole.confirmed,
        source=whole.source,
        parties=whole.parties,
        note=whole.note,
        agreement=whole.id,
    )


def _parse(text: str) -> Mapping[str, LegalBasis]:
    found = data_files.parse(_Bases, _FILE, text, "id")
    for basis in found.basis:
        if basis.agreement or not _ID.fullmatch(basis.id):
            raise BrokenData(
                _FILE, f"basis {basis.id}", "id: not lower-case words and numbers with hyphens, or an item"
            )
    whole = data_files.index(_FILE, found.basis, lambda each: each.id)
    items = [_item(number, item, whole) for number, item in enumerate(found.item, 1)]
    return data_files.index(_FILE, (*found.basis, *items), lambda each: each.id)


def _parse_permissions(
    text: str, bases: Mapping[str, LegalBasis]
) -> tuple[Mapping[str, StatementType], tuple[DataRequest, ...]]:
    found = data_files.parse(_Permissions, _STATEMENTS, text, "type")
    for statement in found.statement:
        _refuse_wrong_bases(statement.type, statement.role, statement.bases, bases)
    for request in found.data:
        _refuse_wrong_bases(f"data {request.data}", request.role, request.bases, bases)
    data_files.index(_STATEMENTS, found.data, lambda each: f"{each.data} {each.role} {each.of}")
    _refuse_idle((*found.statement, *found.data), bases)
    return data_files.index(_STATEMENTS, found.statement, lambda each: each.type), found.data


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


@cache
def _permissions() -> tuple[Mapping[str, StatementType], tuple[DataRequest, ...]]:
    return _parse_permissions(data_files.read(_STATEMENTS), bases())


def known_basis(identifier: str) -> str:
    """Refuse what is not a legal basis, in another data file that names one."""
    if identifier not in bases():
        raise ValueError("not a legal basis of the agreement")
    return identifier


BasisId = Annotated[data_files.Text, AfterValidator(known_basis)]
"""A legal basis in another data file."""


# --- asking --------------------------------------------------------------------------------------------------------


def statement_types() -> Mapping[str, StatementType]:
    """The statement types of the agreement under their names, in the order of the path."""
    return _permissions()[0]


def data_requests() -> tuple[DataRequest, ...]:
    """Data that may be asked for, by whom, of whom. Whatever is not listed may not."""
    return _permissions()[1]


@cache
def bases() -> Mapping[str, LegalBasis]:
    """All legal bases under their ids: the whole ones, then the items of agreements (`pks-2023/monitoring`)."""
    return _parse(data_files.read(_FILE))


def basis(identifier: str, *, field: str = "legal_basis") -> LegalBasis:
    """The legal basis with an id such as `skb-2022` or `pks-2023/monitoring`. Raises `Unknown` for any other text."""
    return data_files.look_up(bases(), identifier, "not a legal basis of the agreement", field)


def objection(basis_id: str, statement_type: str, role: str, sender: str, on: date) -> str:
    """Reason against a statement of that type by a role under a basis on a legal date; empty if nothing does.

    One sentence that names the basis. What is not of the agreement is not repeated: a sender could have put anything
    there. `sender` is the institution; whether it holds the role is not asked here.
    """
    statement = statement_types().get(statement_type)
    if statement is None:
        return "the type is not one of the agreement"
    if statement.role != role:
        return f"{statement_type} is not a statement of that role"
    return _against(basis_id, statement_type, statement.bases, sender, on)


def asking_objection(basis_id: str, data: str, role: str, of: str, sender: str, on: date) -> str:
    """Reason against a role that asks another for data under a basis on a legal date; empty if nothing does.

    `sender` is the institution that asks. As `objection`, it names the basis, and repeats nothing that is not of the
    agreement.
    """
    for request in data_requests():
        if (request.data, request.role, request.of) == (data, role, of):
            return _against(basis_id, f"asking for {data}", request.bases, sender, on)
    return "this is not asked for by that role of that one"


def _against(basis_id: str, what: str, permitted: tuple[str, ...], sender: str, on: date) -> str:
    found = bases().get(basis_id)
    if found is None:
        return (
            "what is cited is not a legal basis of the agreement" if basis_id else "no legal basis is cited"
        )
    if basis_id not in permitted:
        return f"{basis_id} does not permit {what}"
    if not found.binds(sender):
        if not found.agreement:
            return f"{basis_id} does not concern those towards whom the sender acts"
        return f"{basis_id} binds its parties only, and the sender is none"
    if on < found.since:
        return f"{basis_id} was not in force before {found.since.isoformat()}"
    if found.until is not None and on >= found.until:
        return f"{basis_id} lapsed on {found.until.isoformat()}"
    return ""


def permits(basis_id: str, statement_type: str, role: str, sender: str, on: date) -> bool:
    """True if there is no `objection`."""
    return not objection(basis_id, statement_type, role, sender, on)


def default_basis(statement_type: str, on: date, sender: str = "") -> str:
    """Id of the preferred basis that is in force on a legal date (the sender's date of the statement).

    Only a basis that binds `sender` is taken; without one, any. Raises `Unknown` for a type that is not of the
    agreement, `NotAllowed` for a day before its first basis.
    """
    statement = statement_types().get(statement_type)
    if statement is None:
        raise Unknown("not a statement type of the agreement", field="type")
    for identifier in statement.bases:
        found = bases()[identifier]
        if found.on(on) and (not sender or found.binds(sender)):
            return identifier
    raise NotAllowed(
        "no legal basis for {statement_type} was in force on {day}",
        statement_type=statement_type,
        day=on.isoformat(),
        field="legal_basis",
    )

"""Institutions, and the roles they hold for a period.

The role is not the institution: the examiner was KASN until 4 September 2024, then BKN, and will be another
body. Keys and addresses are left to the parties file; this is what it is checked against.
"""

import itertools
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, model_validator

from agreement import data_files, names
from agreement.data_files import BrokenData
from agreement.data_files import Unknown as Unknown
from agreement.parties import regions
from refusals import Malformed

CentralKind = Literal["agency", "ministry", "secretariat", "president"]
Kind = Literal[CentralKind, "province", "kabupaten", "kota"]
Over = Literal["regional", "central"]

SUPERVISOR, EXAMINER = "supervisor", "examiner"
PERSONNEL_AUTHORITY = "personnel_authority"
DATA_HOLDER, WARNER = "data_holder", "warner"
FORMER_EXAMINER = "former_examiner"  # hands over what it held, no more (pengalihan, SE MenPANRB 4/2024)
# Reads copies without persons, tables, exports and packs (BPK; APIP, the inspectorate of an authority).
AUDITOR = "auditor"
ORGANISER = "organiser"  # is told of first signs by authorities' own teams, without persons (KPU)
ROLES = frozenset(
    {SUPERVISOR, EXAMINER, PERSONNEL_AUTHORITY, DATA_HOLDER, WARNER, FORMER_EXAMINER, AUDITOR, ORGANISER}
)

_EVERY_LOG, _EXAMINERS = frozenset({SUPERVISOR, EXAMINER}), frozenset({EXAMINER, FORMER_EXAMINER})
_OF_MANY = frozenset({PERSONNEL_AUTHORITY, AUDITOR})

_FILE, _ROLES_FILE = "institutions.toml", "roles.toml"
_INSPECTORATE = "insp-"
_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def _known_role(role: str) -> str:
    if role not in ROLES:
        raise ValueError("unknown")
    return role


Role = Annotated[data_files.Text, AfterValidator(_known_role)]
"""A role in the data files: one of `ROLES`."""


@dataclass(frozen=True)
class Institution:
    """A body (lembaga, kementerian, pemerintah daerah) under the id that subjects and source URIs carry.

    `region` is the Kemendagri code of a local government, None for a central body. A letter may be addressed to it if it is
    dated from `since` until before `until` (None: open); `became` are the ids of those that have its tasks since. `source` and
    `confirmed` are those of a central body's line.
    """

    id: str
    name: str
    kind: Kind
    region: str | None
    since: date | None = None
    until: date | None = None
    became: tuple[str, ...] = ()
    former_name: str = ""
    renamed: date | None = None
    source: str = ""
    confirmed: bool = True
    note: str = ""

    def on(self, day: date) -> bool:
        """True if it existed on that legal date."""
        return (self.since or date.min) <= day < (self.until or date.max)


@dataclass(frozen=True)
class RoleHeld:
    """A role held by an institution, on legal dates from `since` until before `until` (None: open).

    `over` are the authorities towards which it is held; empty: all.
    """

    institution: str
    role: str
    since: date
    until: date | None
    over: Over | Literal[""] = ""

    def on(self, day: date) -> bool:
        """True if the role is held on that legal date."""
        return self.since <= day and (self.until is None or day < self.until)


def _local(region: regions.Region) -> Institution:
    if region.kind == "province":
        return Institution(
            f"prov-{region.code}", f"Pemerintah Provinsi {region.name}", "province", region.code
        )
    identifier = f"ppk-{region.code.replace('.', '')}"
    return Institution(identifier, f"Pemerintah {region.name}", region.kind, region.code)


class _Central(data_files.Model):
    """A line of institutions.toml."""

    id: data_files.Text
    name: data_files.Text
    kind: CentralKind
    personnel_authority: bool
    source: data_files.Text
    confirmed: bool
    since: date | None = None
    until: date | None = None
    became: data_files.Texts = ()
    former_name: data_files.Text | Literal[""] = ""
    renamed: date | None = None
    note: data_files.Text | Literal[""] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (
            not _ID.fullmatch(self.id)
            or len(self.id) > 39
            or self.id.startswith(("prov-", "ppk-", _INSPECTORATE))
        ):
            raise ValueError("id: not a short lower-case id, or one kept for regions")
        data_files.check_period(self.since or date.min, self.until)
        data_files.check_note(self.confirmed, self.note)
        if bool(self.former_name) != (self.renamed is not None):
            raise ValueError("renamed: a day if, and only if, there was a former name")
        if self.became and self.until is None:
            raise ValueError("became: of one that did not end")
        return self


class Superior(data_files.Model):
    """A line on who stands above the heads of some kinds of central authorities as PPK."""

    kinds: data_files.SetOf[CentralKind]
    institution: data_files.Text
    source: data_files.Text
    confirmed: bool
    note: data_files.Text | Literal[""] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        data_files.check_note(self.confirmed, self.note)
        return self


class _Institutions(data_files.Model):
    superior: data_files.Entries[Superior]
    institution: data_files.Entries[_Central]


Holders = Literal["every personnel authority", "every inspectorate"]
_HOLDERS: Mapping[str, str] = {
    "every personnel authority": PERSONNEL_AUTHORITY,
    "every inspectorate": AUDITOR,
}


class _Role(data_files.Model):
    """A line of roles.toml: a period of a role, and the one institution that holds it, or `holders`."""

    role: Role
    since: date
    source: data_files.Text
    until: date | None = None
    institution: data_files.Text = ""
    holders: Holders | Literal[""] = ""
    over: Over | Literal[""] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        data_files.check_period(self.since, self.until)
        if self.holders and self.role != _HOLDERS[self.holders]:
            raise ValueError("holders: hold another role")
        if bool(self.institution) == bool(self.holders):
            raise ValueError("institution: one, or holders")
        return self


class _Roles(data_files.Model):
    role: data_files.Entries[_Role]


@dataclass(frozen=True)
class _Data:
    """All institutions, the ids of those whose head acts as PPK (central first, then by region), and the superiors by kind."""

    institutions: Mapping[str, Institution]
    authorities: tuple[str, ...]
    superiors: Mapping[Kind, Superior]


def _parse(text: str) -> _Data:
    file = data_files.parse(_Institutions, _FILE, text, "id")
    local = [_local(region) for region in regions.regions().values() if not region.administrative]
    found = data_files.index(_FILE, [*map(_of_line, file.institution), *local], lambda each: each.id)
    for each in found.values():
        if unknown := set(each.became) - found.keys():
            raise BrokenData(_FILE, f"institution {each.id}", f"became: unknown: {min(unknown)}")
    authorities = [each.id for each in file.institution if each.personnel_authority]
    return _Data(found, (*authorities, *(each.id for each in local)), _superiors(file, found))


def _of_line(line: _Central) -> Institution:
    known = line.model_dump(exclude={"personnel_authority"})
    return Institution(region=None, **known)


def _superiors(file: _Institutions, known: Mapping[str, Institution]) -> Mapping[Kind, Superior]:
    found: dict[Kind, Superior] = {}
    for each in file.superior:
        if each.institution not in known:
            raise BrokenData(_FILE, "superior", "institution: unknown")
        if found.keys() & each.kinds:
            raise BrokenData(_FILE, "superior", "kinds: one stands twice")
        found |= dict.fromkeys(each.kinds, each)
    for line in file.institution:
        if line.personnel_authority and line.kind not in found:
            raise BrokenData(_FILE, f"institution {line.id}", "no superior of its kind")
    return MappingProxyType(found)


def _parse_roles(
    text: str, known: Mapping[str, Institution], authorities: Collection[str]
) -> tuple[RoleHeld, ...]:
    held: list[RoleHeld] = []
    for line in data_files.parse(_Roles, _ROLES_FILE, text, "role").role:
        if line.institution and line.institution not in known:
            raise BrokenData(_ROLES_FILE, f"role {line.role}", "institution: unknown")
        if line.role == PERSONNEL_AUTHORITY and line.institution in authorities:
            raise BrokenData(_ROLES_FILE, f"role {line.role}", "institution: one of the holders already")
        holders = authorities if line.holders else (line.institution,)
        if line.role == AUDITOR and line.holders:
            holders = tuple(f"{_INSPECTORATE}{authority}" for authority in authorities)
        held.extend(RoleHeld(holder, line.role, line.since, line.until, line.over) for holder in holders)
    if missing := ROLES - {each.role for each in held}:
        raise BrokenData(_ROLES_FILE, ", ".join(sorted(missing)), "nobody holds it")
    _refuse_two_holders_at_once(held)
    return tuple(held)


def _refuse_two_holders_at_once(held: list[RoleHeld]) -> None:
    for role in ROLES - _OF_MANY:
        periods = sorted((each for each in held if each.role == role), key=lambda each: each.since)
        for earlier, later in itertools.combinations(periods, 2):
            apart = earlier.over and later.over and earlier.over != later.over
            if not apart and (earlier.until is None or later.since < earlier.until):
                raise BrokenData(_ROLES_FILE, f"role {role}", f"held by two from {later.since}")


@cache
def _data() -> _Data:
    return _parse(data_files.read(_FILE))


@cache
def _roles_held() -> tuple[RoleHeld, ...]:
    return _parse_roles(data_files.read(_ROLES_FILE), institutions(), personnel_authorities())


def institutions() -> Mapping[str, Institution]:
    """All institutions under their ids: the central ones, then the local governments by region; without their inspectorates."""
    return _data().institutions


@cache
def _inspectorates() -> Mapping[str, Institution]:
    """The inspectorate of each personnel authority (APIP, PP 12/2017 art. 1), under ids such as `insp-ppk-6202`."""
    made = (_inspectorate(institutions()[authority]) for authority in personnel_authorities())
    return {each.id: each for each in made}


def _inspectorate(of: Institution) -> Institution:
    return Institution(inspectorate_of(of.id), f"Inspektorat {of.name}", of.kind, of.region)


def inspectorate_of(authority: str) -> str:
    """Id of the inspectorate of a personnel authority."""
    return f"{_INSPECTORATE}{authority}"


def _known(identifier: str) -> str:
    if identifier not in institutions():
        raise ValueError("not an institution")
    return identifier


InstitutionId = Annotated[data_files.Text, AfterValidator(_known)]
"""An institution in another data file."""


def institution(identifier: str, *, field: str = "institution") -> Institution:
    """The institution with an id such as `bkn`, `prov-62`, `ppk-6202` or `insp-ppk-6202`.

    Raises `Unknown` for other text; of the id by a region's code of before it names the one of today, of a name the id.
    """
    found = institutions().get(identifier) or _inspectorates().get(identifier)
    if found is not None:
        return found
    if now := id_now(identifier):
        raise Unknown(
            "the authority has another id since its region's code changed: {now}", now=now, field=field
        )
    raise Unknown(
        "not an institution of the agreement",
        field=field,
        meant=names.meant(identifier, {each.id: each.name for each in institutions().values()}),
    )


def id_now(identifier: str) -> str:
    """The id of today of a local government that is named by a code of before, such as `ppk-9101`; empty if it is none."""
    digits = identifier.removeprefix("ppk-")
    code = regions.code_now(f"{digits[:2]}.{digits[2:]}") if identifier.startswith("ppk-") else ""
    return f"ppk-{code.replace('.', '')}" if code else ""


def ppk_of(region_code: str, *, field: str = "region") -> str:
    """Id of the personnel authority (PPK) of a region: its governor, regent (bupati) or mayor (wali kota).

    Jakarta's six administrative regions have none of their own: their staff are the province's, `prov-31`.
    Raises `Unknown` for what is not a region code.
    """
    region = regions.region(region_code, field=field)
    return _local(regions.region(region.province) if region.administrative else region).id


def personnel_authorities() -> tuple[str, ...]:
    """Ids of all personnel authorities (Pejabat Pembina Kepegawaian, PPK): central, then 546 local ones."""
    return _data().authorities


def superior_of(identifier: str) -> str | None:
    """Return who decides in place of a personnel authority that cannot: the governor for a regency or city, the Minister of Home
    Affairs (Mendagri) for a province, the President for a central authority (`institutions.toml`). None above the President.

    Source: UU 23/2014 and PP 12/2017 (guidance and supervision of local government). Raises `Unknown` for other text.
    """
    found = institution(identifier)
    if found.region is None:
        line = superior_line(found.kind)
        return line.institution if line else None
    if found.kind == "province":
        return "kemendagri"
    return _local(regions.region(regions.region(found.region).province)).id


def is_president(identifier: str) -> bool:
    """True for the President, who may be no party: a letter to him goes on paper then."""
    return institution(identifier).kind == "president"


def superior_line(kind: Kind) -> Superior | None:
    """The line of the data on who stands above central authorities of a kind; None above the President, and for local ones."""
    return _data().superiors.get(kind)


def require_existing(identifier: str, day: date, *, field: str = "institution") -> None:
    """Refuse an institution that did not exist on the legal date of a letter, by name of those that have its tasks.

    Raises `Unknown`.
    """
    found = institution(identifier, field=field)
    if found.on(day):
        return
    if found.since and day < found.since:
        raise Unknown(
            "the authority exists since {since}; the letter is of {day}",
            since=found.since.isoformat(),
            day=day.isoformat(),
            field=field,
        )
    raise Unknown(
        "the authority has ended; its tasks are with {successors}",
        successors=", ".join(found.became) or "-",
        field=field,
    )


def is_over(institution: str, role: str, authority: str, on: date) -> bool:
    """False if an institution holds a role by the agreement, but towards other authorities than this one on a legal date."""
    held = {each.over for each in default_roles(institution) if each.role == role and each.on(on)}
    return not held or bool(held & {"", "regional" if region_of(authority) else "central"})


def role_holder(role: str, on: date, authority: str = "") -> str:
    """Id of the one institution that holds `role` on a legal date, such as the day of a referral.

    `authority` is the one towards which it is held, for a role that two hold: Kemendagri warns regional authorities,
    KemenPANRB central ones.

    Raises `Malformed` for a role that is unknown or held by many (personnel_authority), and for a day on
    which nobody holds it.
    """
    if role not in ROLES:
        raise Unknown("not a role of the agreement", field="role")
    if role == PERSONNEL_AUTHORITY:
        raise Malformed("every PPK is a personnel authority: name the institution", field="role")
    if role == AUDITOR:
        raise Malformed("there are many auditors: name the institution", field="role")
    over = "regional" if region_of(authority) else "central"
    for held in _roles_held():
        if held.role == role and held.on(on) and held.over in ("", over):
            return held.institution
    raise Malformed("nobody holds the role {role} on {day}", role=role, day=on.isoformat(), field="role")


def default_roles(institution: str) -> tuple[RoleHeld, ...]:
    """The roles that the agreement gives an institution, with their periods; empty if it has none.

    Raises `Unknown` for what is not an institution.
    """
    if institution not in institutions() and institution not in _inspectorates():
        raise Unknown("not an institution of the agreement", field="institution")
    return tuple(held for held in _roles_held() if held.institution == institution)


def zone(institution: str) -> ZoneInfo:
    """The time zone of an institution's legal dates: its region's, Jakarta's for central ones and unknown ids."""
    known = institutions().get(institution) or _inspectorates().get(institution)
    return ZoneInfo(regions.zone(known.region) if known and known.region else "Asia/Jakarta")


def region_of(institution: str) -> str:
    """Kemendagri code of a local government's region; empty for a central body and for an unknown id."""
    known = institutions().get(institution)
    return known.region or "" if known else ""


def watch(roles: Collection[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The roles that cosign the log of an institution with these roles (saksi jejak audit): each of the first, some of the second.

    The supervisor and the examiner watch every log, their own excepted. Personnel authorities are as many as there are
    local governments and ministries: together they watch the examiner's log, whose recommendations bind them.
    """
    crowd = frozenset({PERSONNEL_AUTHORITY}) if _EXAMINERS.intersection(roles) else frozenset[str]()
    return _EVERY_LOG, crowd

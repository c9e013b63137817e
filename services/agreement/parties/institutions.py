"""Institutions, and the roles they hold for a period.

The role is not the institution: the examiner was KASN until 4 September 2024, then BKN, and will be another
body. Keys and addresses are left to the parties file; this is what it is checked against.
"""

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal
from zoneinfo import ZoneInfo

from agreement import data_files
from agreement.data_files import BrokenData
from agreement.data_files import Unknown as Unknown
from agreement.parties import regions
from refusals import Malformed

Kind = Literal["agency", "ministry", "province", "kabupaten", "kota"]

SUPERVISOR = "supervisor"
EXAMINER = "examiner"
PERSONNEL_AUTHORITY = "personnel_authority"
DATA_HOLDER = "data_holder"
WARNER = "warner"
# Hands over what it held as examiner, and does nothing else (pengalihan, SE MenPANRB 4/2024).
FORMER_EXAMINER = "former_examiner"
ROLES = frozenset({SUPERVISOR, EXAMINER, PERSONNEL_AUTHORITY, DATA_HOLDER, WARNER, FORMER_EXAMINER})

_FILE = "institutions.toml"
_ROLES_FILE = "roles.toml"
_EVERY = "every personnel authority"
_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Institution:
    """A body (lembaga, kementerian, pemerintah daerah) under the id that subjects and source URIs carry.

    `region` is the Kemendagri code of a local government, None for a central body.
    """

    id: str
    name: str
    kind: Kind
    region: str | None


@dataclass(frozen=True)
class RoleHeld:
    """A role held by an institution, on legal dates from `since` until before `until` (None: open)."""

    institution: str
    role: str
    since: date
    until: date | None

    def on(self, day: date) -> bool:
        """Whether the role is held on that legal date."""
        return self.since <= day and (self.until is None or day < self.until)


def _local(region: regions.Region) -> Institution:
    if region.kind == "province":
        return Institution(
            f"prov-{region.code}", f"Pemerintah Provinsi {region.name}", "province", region.code
        )
    identifier = f"ppk-{region.code.replace('.', '')}"
    return Institution(identifier, f"Pemerintah {region.name}", region.kind, region.code)


def _parse(text: str) -> tuple[Mapping[str, Institution], tuple[str, ...]]:
    """All institutions, and the ids of those whose head acts as PPK: central first, then by region."""
    found: list[tuple[str, Institution]] = []
    authorities: list[str] = []
    for entry in data_files.entries(_FILE, text, "id", "institution")["institution"]:
        identifier, name, kind = entry.text("id"), entry.text("name"), entry.text("kind")
        if not _ID.fullmatch(identifier) or len(identifier) > 39 or identifier.startswith(("prov-", "ppk-")):
            raise entry.broken("id: not a short lower-case id, or one kept for regions")
        if kind == "agency":
            institution = Institution(identifier, name, "agency", None)
        elif kind == "ministry":
            institution = Institution(identifier, name, "ministry", None)
        else:
            raise entry.broken("kind: neither agency nor ministry")
        found.append((identifier, institution))
        if entry.flag("personnel_authority"):
            authorities.append(identifier)
        entry.done()
    local = [_local(region) for region in regions.regions().values() if not region.administrative]
    found.extend((institution.id, institution) for institution in local)
    authorities.extend(institution.id for institution in local)
    return data_files.by_code(_FILE, found), tuple(authorities)


def _parse_roles(
    text: str, known: Mapping[str, Institution], authorities: Iterable[str]
) -> tuple[RoleHeld, ...]:
    held: list[RoleHeld] = []
    for entry in data_files.entries(_ROLES_FILE, text, "role", "role")["role"]:
        role = entry.text("role")
        if role not in ROLES:
            raise entry.broken("role: unknown")
        since, until = entry.period()
        entry.text("source")
        if (role == PERSONNEL_AUTHORITY) != entry.has("holders"):
            raise entry.broken("holders: for personnel_authority, and for no other role")
        if role == PERSONNEL_AUTHORITY:
            if entry.text("holders") != _EVERY:
                raise entry.broken(f"holders: not '{_EVERY}'")
            held.extend(RoleHeld(authority, role, since, until) for authority in authorities)
        else:
            institution = entry.text("institution")
            if institution not in known:
                raise entry.broken("institution: unknown")
            held.append(RoleHeld(institution, role, since, until))
        entry.done()
    if missing := ROLES - {each.role for each in held}:
        raise BrokenData(_ROLES_FILE, ", ".join(sorted(missing)), "nobody holds it")
    _refuse_two_holders_at_once(held)
    return tuple(held)


def _refuse_two_holders_at_once(held: list[RoleHeld]) -> None:
    for role in ROLES - {PERSONNEL_AUTHORITY}:
        periods = sorted((each for each in held if each.role == role), key=lambda each: each.since)
        for earlier, later in itertools.pairwise(periods):
            if earlier.until is None or later.since < earlier.until:
                raise BrokenData(_ROLES_FILE, f"role {role}", f"held by two from {later.since}")


_INSTITUTIONS, _AUTHORITIES = _parse(data_files.read(_FILE))
_ROLES_HELD = _parse_roles(data_files.read(_ROLES_FILE), _INSTITUTIONS, _AUTHORITIES)


def institutions() -> Mapping[str, Institution]:
    """All institutions under their ids: the central ones, then the local governments by region."""
    return _INSTITUTIONS


def institution(identifier: str, *, field: str = "institution") -> Institution:
    """The institution with an id such as `bkn`, `prov-62` or `ppk-6202`. Raises `Unknown` for other text."""
    try:
        return _INSTITUTIONS[identifier]
    except KeyError:
        raise Unknown("not an institution of the agreement", field=field) from None


def ppk_of(region_code: str, *, field: str = "region") -> str:
    """Id of the personnel authority (PPK) of a region: its governor, regent (bupati) or mayor (wali kota).

    Jakarta's six administrative regions have none of their own: their staff are the province's, `prov-31`.
    Raises `Unknown` for what is not a region code.
    """
    region = regions.region(region_code, field=field)
    return _local(regions.region(region.province) if region.administrative else region).id


def personnel_authorities() -> tuple[str, ...]:
    """Ids of all personnel authorities (Pejabat Pembina Kepegawaian, PPK): central, then 546 local ones."""
    return _AUTHORITIES


def superior_of(identifier: str) -> str | None:
    """Who decides in place of a personnel authority that cannot: the governor for a regency or city, the Minister of Home
    Affairs (Mendagri) for a province. None for central bodies: theirs is unconfirmed, and the President is no party.

    Source: UU 23/2014 and PP 12/2017 (guidance and supervision of local government). Raises `Unknown` for other text.
    """
    found = institution(identifier)
    if found.region is None:
        return None
    if found.kind == "province":
        return "kemendagri"
    return _local(regions.region(regions.region(found.region).province)).id


def role_holder(role: str, on: date) -> str:
    """Id of the one institution that holds `role` on a legal date, such as the day of a referral.

    Raises `Malformed` for a role that is unknown or held by many (personnel_authority), and for a day on
    which nobody holds it.
    """
    if role not in ROLES:
        raise Unknown("not a role of the agreement", field="role")
    if role == PERSONNEL_AUTHORITY:
        raise Malformed("every PPK is a personnel authority: name the institution", field="role")
    for held in _ROLES_HELD:
        if held.role == role and held.on(on):
            return held.institution
    raise Malformed(f"nobody holds the role {role} on {on.isoformat()}", field="role")


def default_roles(institution: str) -> tuple[RoleHeld, ...]:
    """The roles that the agreement gives an institution, with their periods; empty if it has none.

    Raises `Unknown` for what is not an institution.
    """
    if institution not in _INSTITUTIONS:
        raise Unknown("not an institution of the agreement", field="institution")
    return tuple(held for held in _ROLES_HELD if held.institution == institution)


def zone(institution: str) -> ZoneInfo:
    """The time zone of an institution's legal dates: its region's, Jakarta's for central ones and unknown ids."""
    known = _INSTITUTIONS.get(institution)
    return ZoneInfo(regions.zone(known.region) if known and known.region else "Asia/Jakarta")

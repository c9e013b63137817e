"""Provinces, regencies and cities by their Kemendagri codes, each with its time zone.

Bawaslu numbers its areas otherwise (see `bawaslu_numbers`): never derive one code from the other.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Literal, Self

from pydantic import Field, model_validator

from agreement import data_files, names
from agreement.data_files import BrokenData
from agreement.data_files import Unknown as Unknown

Kind = Literal["province", "kabupaten", "kota"]

_FILE = "regions.csv"
_ZONES = "zones.toml"
_CHANGES = "region_code_changes.csv"
_MORE = "regions.toml"
_CODE = re.compile(r"[1-9][0-9](\.(0[1-9]|[1-9][0-9]))?")
_WITHOUT_POINT = re.compile(r"[1-9][0-9]{3}")


@dataclass(frozen=True)
class Region:
    """A province (provinsi), regency (kabupaten) or city (kota); Kepmendagri 300.2.2-2430/2025.

    `code` is `PP` or `PP.KK`; `zone` is an IANA name. `administrative` marks Jakarta's six (kabupaten and
    kota administrasi): not autonomous, without a PPK of their own.
    """

    code: str
    name: str
    kind: Kind
    zone: str
    administrative: bool = False

    @property
    def province(self) -> str:
        """Code `PP` of the province; a province's own code is its province."""
        return self.code[:2]


class _Zones(data_files.Model):
    """The provinces of each zone."""

    west: data_files.Texts = Field(validation_alias="Asia/Jakarta")
    central: data_files.Texts = Field(validation_alias="Asia/Makassar")
    east: data_files.Texts = Field(validation_alias="Asia/Jayapura")


def _parse_zones(text: str) -> Mapping[str, str]:
    found = data_files.parse(_Zones, _ZONES, text)
    provinces = (*found.west, *found.central, *found.east)
    data_files.index(_ZONES, provinces, str)
    return (
        dict.fromkeys(found.west, "Asia/Jakarta")
        | dict.fromkeys(found.central, "Asia/Makassar")
        | dict.fromkeys(found.east, "Asia/Jayapura")
    )


def _kind(where: str, code: str, name: str) -> Kind:
    if len(code) == 2:
        return "province"
    if name.startswith("Kabupaten "):
        return "kabupaten"
    if name.startswith("Kota "):
        return "kota"
    raise BrokenData(_FILE, where, "name begins with neither Kabupaten nor Kota")


def _parse(text: str, zones: Mapping[str, str]) -> Mapping[str, Region]:
    found: list[Region] = []
    provinces: set[str] = set()
    for where, (code, name) in data_files.lines(_FILE, text, ("code", "name")):
        if not _CODE.fullmatch(code):
            raise BrokenData(_FILE, where, "code is neither PP nor PP.KK")
        kind = _kind(where, code, name)
        if kind == "province":
            provinces.add(code)
            if code not in zones:
                raise BrokenData(_ZONES, code, "the province has no zone")
        elif code[:2] not in provinces:
            raise BrokenData(_FILE, where, "its province does not stand above it")
        administrative = name.split(" ")[1:2] == ["Administrasi"]
        if administrative != (code[:2] == "31" and kind != "province"):
            raise BrokenData(_FILE, where, "administrative regions are those of 31, and only those")
        found.append(Region(code, name, kind, zones[code[:2]], administrative))
    if left := set(zones) - provinces:
        raise BrokenData(_ZONES, ", ".join(sorted(left)), "not a province")
    return data_files.index(_FILE, found, lambda each: each.code)


@cache
def regions() -> Mapping[str, Region]:
    """All 552 regions under their codes, provinces before their regencies and cities."""
    return _parse(data_files.read(_FILE), _parse_zones(data_files.read(_ZONES)))


def region(code: str, *, field: str = "region") -> Region:
    """The region with a Kemendagri code of today, `PP` or `PP.KK`.

    Raises `Unknown` for any other text; of a code that was valid before it names the one that replaced it.
    """
    found = regions().get(code)
    if found is not None:
        return found
    if now := code_now(code):
        raise Unknown(
            "the region has another code since {decree}: {now}",
            decree=code_changes()[code].first_with_new,
            now=now,
            field=field,
        )
    if _WITHOUT_POINT.fullmatch(code):
        raise Unknown(
            "four digits are a number of BPS, which counts regions otherwise; Kemendagri's code is PP.KK",
            field=field,
        )
    raise Unknown(
        "not a region code of Kemendagri (PP or PP.KK)",
        field=field,
        meant=names.meant(code, {each.code: each.name for each in regions().values()}),
    )


def check_code(code: str) -> str:
    """A code of today in another data file; a `ValueError` names the code that replaced one of before."""
    if code not in regions():
        now = code_now(code)
        raise ValueError(f"{code} is {now} now" if now else "not a region code of Kemendagri")
    return code


def zone(code: str, *, field: str = "region") -> str:
    """IANA zone of a region: Asia/Jakarta (WIB), Asia/Makassar (WITA), Asia/Jayapura (WIT); Keppres 41/1987.

    Raises `Unknown` for what is not a region code.
    """
    return region(code, field=field).zone


# --- codes, names and titles of other times ------------------------------------------------------------------------


class CodeChange(data_files.Model):
    """A code that was given up; none of them was given to another region."""

    old_code: data_files.Text
    new_code: data_files.Text
    name: data_files.Text
    last_with_old: data_files.Text
    first_with_new: data_files.Text
    certainty: Literal["confirmed", "quoted", "press"]
    source: data_files.Text


class Decree(data_files.Model):
    """A decree on the codes (Kepmendagri), in force from `since` until the next one."""

    id: data_files.Text
    title: data_files.Text
    since: date
    confirmed: bool
    source: data_files.Text
    note: data_files.Text | Literal[""] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        data_files.check_note(self.confirmed, self.note)
        return self


class _Title(data_files.Model):
    """Title of the head of a region from a legal date on."""

    region: data_files.Text
    since: date
    head: data_files.Text
    confirmed: bool
    source: data_files.Text


class PendingName(data_files.Model):
    """A name that a law gives a region, and what it still waits for."""

    region: data_files.Text
    name: data_files.Text
    law: data_files.Text
    waits_for: data_files.Text
    confirmed: bool
    source: data_files.Text


class _FormerName(data_files.Model):
    region: data_files.Text
    name: data_files.Text
    confirmed: bool
    source: data_files.Text
    note: data_files.Text | Literal[""] = ""


class _More(data_files.Model):
    decree: data_files.Entries[Decree]
    pending_name: data_files.Entries[PendingName]
    title: data_files.Entries[_Title]
    former_name: data_files.Entries[_FormerName]


_HEADS: Mapping[Kind, str] = {"province": "Gubernur", "kabupaten": "Bupati", "kota": "Wali Kota"}


@cache
def code_changes() -> Mapping[str, CodeChange]:
    """The codes that were given up, each with the one that replaced it."""
    found = data_files.rows(CodeChange, _CHANGES, data_files.read(_CHANGES))
    for each in found:
        if each.old_code in regions() or each.new_code not in regions():
            raise BrokenData(_CHANGES, each.old_code, "still a code, or replaced by what is none")
    return data_files.index(_CHANGES, found, lambda each: each.old_code)


def code_now(code: str) -> str:
    """The code that replaced a code of before; empty if it is none."""
    change = code_changes().get(code)
    return change.new_code if change else ""


@cache
def _more() -> _More:
    found = data_files.parse(_More, _MORE, data_files.read(_MORE), "id")
    named = [*(each.region for each in found.pending_name), *(each.region for each in found.title)]
    for code in (*named, *(each.region for each in found.former_name)):
        if code not in regions():
            raise BrokenData(_MORE, code, "region: unknown")
    return found


def decree_on(day: date) -> Decree | None:
    """The decree that gives the codes on a legal date; None for a time before those that are listed."""
    return max(
        (each for each in _more().decree if each.since <= day), key=lambda each: each.since, default=None
    )


def title_of_head(code: str, on: date, *, field: str = "region") -> str:
    """Title of the head of a region on a legal date, such as `Bupati Bangka` or `Gubernur Daerah Khusus Jakarta`."""
    found = region(code, field=field)
    titles = [each for each in _more().title if each.region == code and each.since <= on]
    if titles:
        return max(titles, key=lambda each: each.since).head
    name = found.name.removeprefix("Kabupaten ").removeprefix("Kota ")
    return f"{_HEADS[found.kind]} {name}"


def pending_name(code: str) -> PendingName | None:
    """The name that a region is to get by a law that is not in force yet; None if there is none."""
    return next((each for each in _more().pending_name if each.region == code), None)


def former_names(code: str) -> tuple[str, ...]:
    """Names that a region had under the same code."""
    return tuple(each.name for each in _more().former_name if each.region == code)


@cache
def _by_name() -> Mapping[str, str]:
    named = {each.name.casefold(): each.code for each in regions().values()}
    for former in _more().former_name:
        named.setdefault(former.name.casefold(), former.region)
    return MappingProxyType(named)


def code_of_name(name: str) -> str:
    """The code of a region by its name of today or a former one, such as `Kabupaten Toba Samosir`; empty if there is none."""
    wanted = name.strip().casefold()
    return next(
        (
            code
            for form in (wanted, f"kabupaten {wanted}", f"kota {wanted}")
            if (code := _by_name().get(form))
        ),
        "",
    )

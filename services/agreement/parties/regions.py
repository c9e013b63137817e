"""Provinces, regencies and cities by their Kemendagri codes, each with its time zone.

Bawaslu numbers its areas otherwise (see `identifiers.bawaslu_number`): never derive one code from the other.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from pydantic import Field

from agreement import data_files
from agreement.data_files import BrokenData
from agreement.data_files import Unknown as Unknown

Kind = Literal["province", "kabupaten", "kota"]

_FILE = "regions.csv"
_ZONES = "zones.toml"
_CODE = re.compile(r"[1-9][0-9](\.(0[1-9]|[1-9][0-9]))?")


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
    """The region with a Kemendagri code, `PP` or `PP.KK`. Raises `Unknown` for any other text."""
    return data_files.look_up(regions(), code, "not a region code of Kemendagri (PP or PP.KK)", field)


def zone(code: str, *, field: str = "region") -> str:
    """IANA zone of a region: Asia/Jakarta (WIB), Asia/Makassar (WITA), Asia/Jayapura (WIT); Keppres 41/1987.

    Raises `Unknown` for what is not a region code.
    """
    return region(code, field=field).zone

"""Provinces, regencies and cities by their Kemendagri codes, each with its time zone.

Bawaslu numbers its areas otherwise (see `identifiers.bawaslu_number`): never derive one code from the other.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from agreement import data_files
from agreement.data_files import BrokenData
from agreement.data_files import Unknown as Unknown

Kind = Literal["province", "kabupaten", "kota"]

_FILE = "regions.csv"
_ZONES = "zones.toml"
_IANA = frozenset({"Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"})
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


def _parse_zones(text: str) -> Mapping[str, str]:
    document = data_files.toml(_ZONES, text)
    if set(document) != _IANA:
        raise BrokenData(_ZONES, "top level", f"not exactly: {', '.join(sorted(_IANA))}")
    entry = data_files.Entry(_ZONES, "top level", document)
    pairs = [(province, zone) for zone in sorted(_IANA) for province in entry.texts(zone)]
    return data_files.by_code(_ZONES, pairs)


def _kind(where: str, code: str, name: str) -> Kind:
    if len(code) == 2:
        return "province"
    if name.startswith("Kabupaten "):
        return "kabupaten"
    if name.startswith("Kota "):
        return "kota"
    raise BrokenData(_FILE, where, "name begins with neither Kabupaten nor Kota")


def _parse(text: str, zones: Mapping[str, str]) -> Mapping[str, Region]:
    found: list[tuple[str, Region]] = []
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
        found.append((code, Region(code, name, kind, zones[code[:2]], administrative)))
    if left := set(zones) - provinces:
        raise BrokenData(_ZONES, ", ".join(sorted(left)), "not a province")
    return data_files.by_code(_FILE, found)


_REGIONS = _parse(data_files.read(_FILE), _parse_zones(data_files.read(_ZONES)))


def regions() -> Mapping[str, Region]:
    """All 552 regions under their codes, provinces before their regencies and cities."""
    return _REGIONS


def region(code: str, *, field: str = "region") -> Region:
    """The region with a Kemendagri code, `PP` or `PP.KK`. Raises `Unknown` for any other text."""
    try:
        return _REGIONS[code]
    except KeyError:
        raise Unknown("not a region code of Kemendagri (PP or PP.KK)", field=field) from None


def zone(code: str, *, field: str = "region") -> str:
    """IANA zone of a region: Asia/Jakarta (WIB), Asia/Makassar (WITA), Asia/Jayapura (WIT); Keppres 41/1987.

    Raises `Unknown` for what is not a region code.
    """
    return region(code, field=field).zone

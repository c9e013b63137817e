"""Offices of institutions: Bawaslu's under its own area codes, BKN's regional offices (kantor regional).

An office is an attribute of acts and no party: it has no keys and no log. The table says of each its name and the regions of its
area, by Kemendagri's codes, with source and certainty; an operator's file adds lines (`office_files`). Each institution has
codes of its own. The office that an authority falls to by default is derived at each asking and kept nowhere.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, model_validator

from agreement import data_files, names
from agreement.data_files import BrokenData
from agreement.data_files import Unknown as Unknown
from agreement.parties import institutions, regions

Certainty = Literal["confirmed", "quoted", "press", "derived", "open"]
BAWASLU, BKN = "bawaslu", "bkn"
CENTRE = "ID"
"""Area of an office at the centre: the whole country, and by default the central authorities."""

_FILE = "offices.csv"
_BAWASLUS = re.compile(r"(?:RI|Prov|Kab|Kota|Kec)/[0-9]{2}\.[0-9]{2}(?:\.[0-9]{2})?")
_OTHERS = re.compile(r"[A-Z][A-Z0-9-]{1,19}")
_DISTRICT = "Kec/"


def _area(code: str) -> str:
    return code if code == CENTRE else regions.check_code(code)


class Line(data_files.Model):
    """A line of the table: an office, and one region of its area; an empty region is a place that no page showed."""

    institution: institutions.InstitutionId
    code: data_files.Text
    certainty: Certainty
    source: data_files.Text
    name: data_files.Text | Literal[""] = ""
    region: Annotated[data_files.Text, AfterValidator(_area)] | Literal[""] = ""
    note: data_files.Text | Literal[""] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not is_code(self.institution, self.code):
            raise ValueError("code: not one of this institution's, such as Kab/27.09 or KANREG-IV")
        return self


@dataclass(frozen=True)
class Office:
    """An office under a code of its institution; `lines` has a line for each region of its area, as far as known."""

    institution: str
    code: str
    name: str
    lines: tuple[Line, ...]

    @property
    def regions(self) -> tuple[str, ...]:
        """Kemendagri codes of its area; none for the centre, and while the place is not known."""
        return tuple(each.region for each in self.lines if each.region not in ("", CENTRE))

    @property
    def region(self) -> str:
        """The region that is its whole area; empty if it has several or none that is known."""
        return self.regions[0] if len(self.regions) == 1 else ""


class Table:
    """Offices by institution and code, and which of them an area falls to. Raises `BrokenData`, naming file and code."""

    def __init__(self, lines: Iterable[Line], file: str = _FILE) -> None:
        by_code: dict[tuple[str, str], list[Line]] = {}
        areas: dict[tuple[str, str], Line] = {}
        for line in lines:
            by_code.setdefault((line.institution, line.code), []).append(line)
            # A district (kecamatan) lies in the area of a regency's office, by whose code it stands.
            if line.region and not line.code.startswith(_DISTRICT):
                other = areas.setdefault((line.institution, line.region), line)
                if other is not line:
                    raise BrokenData(file, line.code, f"region: {line.region} is that of {other.code}")
        self.offices: Mapping[tuple[str, str], Office] = MappingProxyType(
            {key: _office(file, found) for key, found in by_code.items()}
        )
        self.areas: Mapping[tuple[str, str], Line] = MappingProxyType(areas)

    @property
    def digest(self) -> str:
        """SHA-256, in hex, over all lines, in whatever order the files have them."""
        lines = sorted(each.model_dump_json() for office in self.offices.values() for each in office.lines)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _office(file: str, lines: list[Line]) -> Office:
    first = lines[0]
    if any(each.name != first.name for each in lines):
        raise BrokenData(file, first.code, "name: not the same on all its lines")
    if len(lines) > 1 and not all(each.region for each in lines):
        raise BrokenData(file, first.code, "region: missing on one of its lines")
    return Office(first.institution, first.code, first.name, tuple(lines))


def is_code(institution: str, code: str) -> bool:
    """True if a text has the form of an institution's office codes, whether or not the table has it."""
    return bool((_BAWASLUS if institution == BAWASLU else _OTHERS).fullmatch(code))


# --- those that are known -----------------------------------------------------------------------------------------

_added: tuple[Line, ...] = ()


@cache
def _shipped() -> tuple[Line, ...]:
    return data_files.rows(Line, _FILE, data_files.read(_FILE))


@cache
def known() -> Table:
    """All offices that are known to this process: ours, and an operator's, whose lines of a code take the place of ours."""
    return with_lines(_added)


def with_lines(lines: Iterable[Line], file: str = _FILE) -> Table:
    """Our table with an operator's lines."""
    added = tuple(lines)
    replaced = {(each.institution, each.code) for each in added}
    kept = [each for each in _shipped() if (each.institution, each.code) not in replaced]
    return Table([*kept, *added], file)


def add(lines: Iterable[Line], file: str = _FILE) -> None:
    """Take up an operator's lines, once, when a process starts. Raises `BrokenData` for what contradicts itself."""
    global _added
    both = (*_added, *lines)
    with_lines(both, file)
    _added = both
    known.cache_clear()
    authorities_of.cache_clear()


def offices(institution: str) -> Mapping[str, Office]:
    """The offices of an institution, under their codes; none for one that has no offices."""
    return {code: each for (of, code), each in known().offices.items() if of == institution}


def office(institution: str, code: str, *, field: str = "office") -> Office:
    """The office of an institution with a code such as `KANREG-IV`. Raises `Unknown` for any other text."""
    try:
        return known().offices[institution, code]
    except KeyError:
        raise Unknown(
            "not an office of {institution}",
            institution=institution,
            field=field,
            meant=names.close_to(code, offices(institution)),
        ) from None


def is_of_one_unit(code: str) -> bool:
    """True if an office's area is one regency, city or district: Bawaslu's below the provinces."""
    return code.startswith(("Kab/", "Kota/", _DISTRICT))


def check_code(code: str, *, field: str = "office") -> str:
    """A code of an office of any institution; Bawaslu's may be of a place that is not known. Raises `Unknown` for other text."""
    if not is_code(BAWASLU, code) and not institutions_with(code):
        raise Unknown(
            "not an office that is known, such as Kab/27.09 or KANREG-IV",
            field=field,
            meant=names.close_to(code, {each for _, each in known().offices}),
        )
    return code


def institutions_with(code: str) -> tuple[str, ...]:
    """The institutions that have an office of a code."""
    return tuple(of for of, known_code in known().offices if known_code == code)


def name_of(code: str) -> str:
    """The name of an office, whosever it is; empty while the table has none."""
    return next((each.name for (_, of), each in known().offices.items() if of == code), "")


# --- derived ------------------------------------------------------------------------------------------------------


def of_authority(institution: str, authority: str) -> Line | None:
    """Derive the office of an institution that an authority falls to: by its region or province, or the centre.

    The line that says so has its certainty. None if the institution has no offices, or the authority is none.
    """
    if authority not in institutions.institutions():
        return None
    region = institutions.region_of(authority)
    areas = known().areas
    wanted = (region, region[:2]) if region else (CENTRE,)
    return next((areas[institution, each] for each in wanted if (institution, each) in areas), None)


@cache
def authorities_of(institution: str, code: str) -> frozenset[str]:
    """The personnel authorities that fall to an office by default."""
    derived = ((each, of_authority(institution, each)) for each in institutions.personnel_authorities())
    return frozenset(authority for authority, line in derived if line and line.code == code)

"""Bawaslu's offices (RI, province, regency or city) and what a report number says of them.

An office is named by level and Bawaslu's own area code, as its numbers spell it: `Kab/27.09`. Which place that is stands
in a table that is still to be filled; an unknown code is taken as it is, and no region is derived from it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from agreement import data_files
from agreement.parties import identifiers, regions
from refusals import Malformed

Election = Literal["PEMILU", "PILKADA"]

_FILE = "bawaslu_offices.toml"
_CODE = re.compile(r"(?:RI|Prov|Kab|Kota|Kec)/[0-9]{2}\.[0-9]{2}(?:\.[0-9]{2})?")
_AREA = re.compile(r"[0-9]{2}")
_ORIGINS = {"LP": "REPORT", "TM": "FINDING"}


@dataclass(frozen=True)
class Office:
    """An office whose code was seen. `region` is the Kemendagri code of its area, None while unknown."""

    code: str
    name: str
    region: str | None


@dataclass(frozen=True)
class Number:
    """What a number of a report (laporan, LP) or finding (temuan, TM) says. `election`: PL is PEMILU, PG, PB, PW PILKADA."""

    text: str
    origin: str
    election: Election
    office: str
    registered: bool


def _parse(text: str) -> tuple[Mapping[str, Office], Mapping[str, str]]:
    found = data_files.entries(_FILE, text, "code", "office", "area")
    offices = []
    for entry in found["office"]:
        code = entry.text("code")
        if not _CODE.fullmatch(code):
            raise entry.broken("code: not a level and an area code such as Kab/27.09")
        name = entry.optional("name", entry.text) or ""
        offices.append((code, Office(code, name, _region(entry, optional=True))))
        entry.text("source")
        entry.done()
    areas = []
    for entry in found["area"]:
        code = entry.text("code")
        if not _AREA.fullmatch(code):
            raise entry.broken("code: not two digits")
        areas.append((code, _region(entry, optional=False) or ""))
        entry.text("source")
        entry.done()
    return data_files.by_code(_FILE, offices), data_files.by_code(_FILE, areas)


def _region(entry: data_files.Entry, *, optional: bool) -> str | None:
    code = entry.optional("region", entry.text) if optional else entry.text("region")
    if code is not None and code not in regions.regions():
        raise entry.broken("region: unknown")
    return code


_OFFICES, _AREAS = _parse(data_files.read(_FILE))


def offices() -> Mapping[str, Office]:
    """The offices whose codes were seen, under their codes. Many more exist: the table is to be filled."""
    return _OFFICES


def areas() -> Mapping[str, str]:
    """Bawaslu's two-digit province areas and the Kemendagri code of each, as far as they are known."""
    return _AREAS


def office(code: str, *, field: str = "office") -> str:
    """An office's code such as `Kab/27.09`, whether or not its place is known. Raises `Malformed` for other text."""
    if not _CODE.fullmatch(code):
        raise Malformed("not an office of Bawaslu such as Kab/27.09", field=field)
    return code


def region_of(code: str) -> str | None:
    """Kemendagri code of an office's area; None while the table does not say."""
    known = _OFFICES.get(code)
    return known.region if known else None


def number(text: str, *, field: str = "number") -> Number:
    """A number of Bawaslu (`identifiers.bawaslu_number`), taken apart. Raises `Malformed` for other text."""
    identifiers.bawaslu_number(text, field=field)
    kind, election, level, area = text.replace("/Reg/", "/").split("/")[1:5]
    return Number(
        text=text,
        origin=_ORIGINS[kind],
        election="PEMILU" if election == "PL" else "PILKADA",
        office=office(f"{level}/{area}", field=field),
        registered="/Reg/" in text,
    )

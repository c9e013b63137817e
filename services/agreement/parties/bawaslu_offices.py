"""Bawaslu's offices (RI, province, regency or city) and what a report number says of them.

An office is named by level and Bawaslu's own area code, as its numbers spell it: `Kab/27.09`. Which place that is stands
in a table that is still to be filled; an unknown code is taken as it is, and no region is derived from it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AfterValidator

from agreement import data_files
from agreement.parties import identifiers, regions
from refusals import Malformed

ElectionKind = Literal["PEMILU", "PILKADA"]
"""General election (pemilu, UU 7/2017) or local election (pilkada, UU 1/2015 and its changes): each has rules of its own."""

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
    """Content of a report number (laporan, LP) or finding number (temuan, TM). `election` follows from its form.

    `voted_on` is what a form says of the office that is voted on: Pemilu, Gubernur, Bupati, Wali Kota.
    """

    text: str
    origin: str
    election: ElectionKind
    office: str
    registered: bool
    voted_on: str = ""


def _known_region(code: str) -> str:
    if code not in regions.regions():
        raise ValueError("unknown")
    return code


def _office_code(code: str) -> str:
    if not _CODE.fullmatch(code):
        raise ValueError("not a level and an area code such as Kab/27.09")
    return code


def _area_code(code: str) -> str:
    if not _AREA.fullmatch(code):
        raise ValueError("not two digits")
    return code


_Region = Annotated[data_files.Text, AfterValidator(_known_region)]


class _Office(data_files.Model):
    code: Annotated[data_files.Text, AfterValidator(_office_code)]
    source: data_files.Text
    name: data_files.Text = ""
    region: _Region | None = None


class _Area(data_files.Model):
    code: Annotated[data_files.Text, AfterValidator(_area_code)]
    region: _Region
    source: data_files.Text


class NumberForm(data_files.Model):
    """The letters in a number that say which election it is of: PL, PG, PB, PW."""

    code: data_files.Text
    election: ElectionKind
    voted_on: data_files.Text
    confirmed: bool
    source: data_files.Text


class _File(data_files.Model):
    number_form: data_files.Entries[NumberForm]
    office: data_files.Entries[_Office]
    area: data_files.Entries[_Area]


@dataclass(frozen=True)
class _Data:
    offices: Mapping[str, Office]
    areas: Mapping[str, str]
    forms: Mapping[str, NumberForm]


def _parse(text: str) -> _Data:
    found = data_files.parse(_File, _FILE, text)
    offices = [Office(each.code, each.name, each.region) for each in found.office]
    areas = data_files.index(_FILE, found.area, lambda each: each.code)
    return _Data(
        data_files.index(_FILE, offices, lambda each: each.code),
        MappingProxyType({code: each.region for code, each in areas.items()}),
        data_files.index(_FILE, found.number_form, lambda each: each.code),
    )


@cache
def _data() -> _Data:
    return _parse(data_files.read(_FILE))


def offices() -> Mapping[str, Office]:
    """The offices whose codes were seen, under their codes. Many more exist: the table is to be filled."""
    return _data().offices


def areas() -> Mapping[str, str]:
    """Bawaslu's two-digit province areas and the Kemendagri code of each, as far as they are known."""
    return _data().areas


def number_forms() -> Mapping[str, NumberForm]:
    """The forms of numbers, under the letters that tell them apart."""
    return _data().forms


def office(code: str, *, field: str = "office") -> str:
    """An office's code such as `Kab/27.09`, whether or not its place is known. Raises `Malformed` for other text."""
    if not _CODE.fullmatch(code):
        raise Malformed("not an office of Bawaslu such as Kab/27.09", field=field)
    return code


def region_of(code: str) -> str | None:
    """Kemendagri code of an office's area; None while the table does not say."""
    known = offices().get(code)
    return known.region if known else None


def number(text: str, *, field: str = "number") -> Number:
    """A number of Bawaslu (`identifiers.bawaslu_number`), taken apart. Raises `Malformed` for other text."""
    identifiers.bawaslu_number(text, field=field)
    kind, form, level, area = text.replace("/Reg/", "/").split("/")[1:5]
    known = number_forms()[form]
    return Number(
        text=text,
        origin=_ORIGINS[kind],
        election=known.election,
        office=office(f"{level}/{area}", field=field),
        registered="/Reg/" in text,
        voted_on=known.voted_on,
    )

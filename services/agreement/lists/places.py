"""Places and authorities as lists name them: by code, or by a whole name that one alone has, in the usual short forms."""

import re
from collections.abc import Mapping
from functools import cache

from agreement.lists.columns import clean, folded
from agreement.parties import institutions, regions

_SPELT_OUT = (
    (re.compile(r"^pemerintah "), ""),
    (re.compile(r"^(?:kab|pemkab) "), "kabupaten "),
    (re.compile(r"^pemkot "), "kota "),
    (re.compile(r"^(?:prov|pemprov) "), "provinsi "),
)


def region_of(words: str) -> str:
    """The code of a region by its code or name, such as `Kab. Kotawaringin Timur`; empty if it is none, or could be several."""
    text = clean(words)
    return text if text in regions.regions() else _regions_by_name().get(_spelt_out(folded(text)), "")


def authority_of(words: str) -> str:
    """The id of a personnel authority by its id or name, or by code or name of its region; empty if it is none, or could be several."""
    text = clean(words)
    if text.casefold() in institutions.personnel_authorities():
        return text.casefold()
    if found := _authorities_by_name().get(folded(text)):
        return found
    region = region_of(text)
    wanted = institutions.ppk_of(region) if region else ""
    return wanted if wanted in institutions.personnel_authorities() else ""


def _spelt_out(name: str) -> str:
    for short, long in _SPELT_OUT:
        name = short.sub(long, name)
    return name


@cache
def _regions_by_name() -> Mapping[str, str]:
    """Codes by whole names; by a name without Provinsi, Kabupaten or Kota only where one region alone has it."""
    whole: dict[str, str] = {}
    bare: dict[str, set[str]] = {}
    for each in regions.regions().values():
        name = folded(each.name)
        whole[name if "." in each.code else f"provinsi {name}"] = each.code
        bare.setdefault(name.removeprefix("kabupaten ").removeprefix("kota "), set()).add(each.code)
    return {name: min(codes) for name, codes in bare.items() if len(codes) == 1} | whole


@cache
def _authorities_by_name() -> Mapping[str, str]:
    return {
        folded(institutions.institution(each).name): each for each in institutions.personnel_authorities()
    }

"""Bawaslu's offices (RI, province, regency or city, district) by level and Bawaslu's own area code: `Kab/27.09`.

Which place that is stands in the table of `offices`, as far as it is known. An unknown code is taken as it is, and no region is
derived from it or from its neighbours.
"""

from agreement.parties import offices
from refusals import Malformed


def office(code: str, *, field: str = "office") -> str:
    """An office's code such as `Kab/27.09`, whether or not its place is known. Raises `Malformed` for other text."""
    if not offices.is_code(offices.BAWASLU, code):
        raise Malformed("not an office of Bawaslu such as Kab/27.09", field=field)
    return code


def region_of(code: str) -> str | None:
    """Kemendagri code of an office's area; None while the table does not say, and for the centre."""
    known = offices.known().offices.get((offices.BAWASLU, code))
    return known.region or None if known else None

"""Codes of the units of an authority (unit kerja)."""

import re

from agreement.parties import identifiers

_UNIT = re.compile(r"[A-Z0-9][A-Z0-9.-]{0,19}")
_MANY_DIGITS = re.compile(r"[0-9]{10}")


def is_unit(text: str) -> bool:
    """True if a text can be the code of a unit; what could be a NIP or NIK cannot."""
    return (
        bool(_UNIT.fullmatch(text))
        and not _MANY_DIGITS.search(text)
        and not identifiers.holds_personal_number(text)
    )

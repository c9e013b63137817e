"""Sanction classes, and the sanctions of PP 94/2021 and PP 42/2004.

An examiner recommends a class, a personnel authority decides on a sanction. Which class an act deserves is
left to them; `violations` only says what the SKB lists.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from agreement import catalogue
from agreement.catalogue import BrokenData
from agreement.catalogue import Unknown as Unknown

Family = Literal["ETHICS", "DISCIPLINE"]

ETHICS: Literal["ETHICS"] = "ETHICS"
DISCIPLINE: Literal["DISCIPLINE"] = "DISCIPLINE"

_FILE = "sanctions.toml"


@dataclass(frozen=True)
class SanctionClass:
    """A kind of sanction (jenis sanksi); `code_id` is its Indonesian code, such as DISIPLIN_BERAT.

    `family` is ETHICS (kode etik) for the moral classes, DISCIPLINE (disiplin) for the others and for
    DISMISSAL (PTDH).
    """

    code: str
    code_id: str
    family: Family
    text: str


@dataclass(frozen=True)
class Sanction:
    """A sanction (sanksi, hukuman disiplin) that a PPK can decide on; `text` is Indonesian.

    `duration_months`: calendar months it lasts, None where the rule gives no duration.
    """

    code: str
    text: str
    sanction_class: str
    basis: str
    duration_months: int | None
    source: str


def _parse_class(entry: catalogue.Entry) -> SanctionClass:
    code, code_id, family, text = (entry.text(key) for key in ("code", "code_id", "family", "text"))
    entry.done()
    if family == ETHICS:
        return SanctionClass(code, code_id, ETHICS, text)
    if family == DISCIPLINE:
        return SanctionClass(code, code_id, DISCIPLINE, text)
    raise entry.broken("family: neither ETHICS nor DISCIPLINE")


def _parse_sanction(entry: catalogue.Entry, known: Mapping[str, SanctionClass]) -> Sanction:
    sanction = Sanction(
        code=entry.text("code"),
        text=entry.text("text"),
        sanction_class=entry.text("class"),
        basis=entry.text("basis"),
        duration_months=entry.optional("duration_months", entry.number),
        source=entry.text("source"),
    )
    entry.done()
    if sanction.sanction_class not in known:
        raise entry.broken("class: unknown")
    return sanction


def _parse(text: str) -> tuple[Mapping[str, SanctionClass], Mapping[str, Sanction]]:
    found = catalogue.entries(_FILE, text, "code", "class", "sanction")
    parsed = [_parse_class(entry) for entry in found["class"]]
    classes = catalogue.by_code(_FILE, ((each.code, each) for each in parsed))
    catalogue.by_code(_FILE, ((each.code_id, each) for each in parsed))
    listed = [_parse_sanction(entry, classes) for entry in found["sanction"]]
    if empty := set(classes) - {each.sanction_class for each in listed}:
        raise BrokenData(_FILE, ", ".join(sorted(empty)), "a class without a sanction")
    return classes, catalogue.by_code(_FILE, ((each.code, each) for each in listed))


_CLASSES, _SANCTIONS = _parse(catalogue.read(_FILE))


def classes() -> Mapping[str, SanctionClass]:
    """The six sanction classes under their codes, from MORAL_CLOSED to DISMISSAL."""
    return _CLASSES


def family_of(sanction_class: str, *, field: str = "sanction_class") -> Family:
    """ETHICS or DISCIPLINE, whichever the class belongs to. Raises `Unknown` for what is not a class."""
    try:
        return _CLASSES[sanction_class].family
    except KeyError:
        raise Unknown("not a sanction class", field=field) from None


def sanctions() -> Mapping[str, Sanction]:
    """All sanctions under their codes, mildest first."""
    return _SANCTIONS


def sanction(code: str, *, field: str = "sanction") -> Sanction:
    """The sanction with a code such as `PP94-8-3-A`. Raises `Unknown` for any other text."""
    try:
        return _SANCTIONS[code]
    except KeyError:
        raise Unknown("not in the list of sanctions", field=field) from None


def of_class(sanction_class: str, *, field: str = "sanction_class") -> tuple[Sanction, ...]:
    """The sanctions of a class, mildest first (PP 94/2021 art. 8; PP 42/2004 art. 15). Raises `Unknown`."""
    family_of(sanction_class, field=field)
    return tuple(each for each in _SANCTIONS.values() if each.sanction_class == sanction_class)

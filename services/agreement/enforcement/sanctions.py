"""Sanction classes, and the sanctions that each regime has for acts of its time and for an employment.

An examiner recommends a class, a personnel authority decides on a sanction. Which class an act deserves is
left to them; `violations` only says what the SKB lists.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal

from agreement import data_files
from agreement.data_files import BrokenData
from agreement.data_files import Unknown as Unknown
from agreement.information import legal_bases
from refusals import Malformed

Family = Literal["ETHICS", "DISCIPLINE"]

ETHICS: Literal["ETHICS"] = "ETHICS"
DISCIPLINE: Literal["DISCIPLINE"] = "DISCIPLINE"
EMPLOYMENTS = ("PNS", "PPPK", "PPNPN")

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
class Regime:
    """A rule that has sanctions for acts of its period, and for whom (rezim sanksi).

    The day of the act decides, not that of the decision. `basis` is a legal basis, whose period it has. `unconfirmed`:
    the employments for which no page shows that it applies to them.
    """

    basis: str
    employments: tuple[str, ...]
    unconfirmed: tuple[str, ...]
    source: str
    note: str

    def applies(self, employment: str, act_date: date) -> bool:
        """Whether it has the sanctions for that employment for acts of that legal date."""
        return employment in self.employments and legal_bases.basis(self.basis).on(act_date)


@dataclass(frozen=True)
class Sanction:
    """A sanction (sanksi, hukuman disiplin) that a PPK can decide on; `text` is Indonesian.

    `regime`: the legal basis that has it; `basis`: the clause. `duration_months`: calendar months it lasts, None where
    the rule gives no duration. `confirmed`: whether a page shows that the rule has it in this class.
    """

    code: str
    regime: str
    text: str
    sanction_class: str
    basis: str
    duration_months: int | None
    confirmed: bool
    source: str
    note: str


def _parse_class(entry: data_files.Entry) -> SanctionClass:
    code, code_id, family, text = (entry.text(key) for key in ("code", "code_id", "family", "text"))
    entry.done()
    if family == ETHICS:
        return SanctionClass(code, code_id, ETHICS, text)
    if family == DISCIPLINE:
        return SanctionClass(code, code_id, DISCIPLINE, text)
    raise entry.broken("family: neither ETHICS nor DISCIPLINE")


def _parse_regime(entry: data_files.Entry) -> Regime:
    regime = Regime(
        basis=entry.text("basis"),
        employments=entry.texts("employments"),
        unconfirmed=entry.optional("unconfirmed", entry.texts) or (),
        source=entry.text("source"),
        note=entry.optional("note", entry.text) or "",
    )
    entry.done()
    if regime.basis not in legal_bases.bases():
        raise entry.broken("basis: not a legal basis")
    if not regime.employments or not set(regime.employments) <= set(EMPLOYMENTS):
        raise entry.broken(f"employments: not of {', '.join(EMPLOYMENTS)}")
    if not set(regime.unconfirmed) <= set(regime.employments) or bool(regime.unconfirmed) != bool(
        regime.note
    ):
        raise entry.broken("unconfirmed: not of the employments, or without a note")
    return regime


def _parse_sanction(
    entry: data_files.Entry, known: Mapping[str, SanctionClass], regimes: Mapping[str, Regime]
) -> Sanction:
    sanction = Sanction(
        code=entry.text("code"),
        regime=entry.text("regime"),
        text=entry.text("text"),
        sanction_class=entry.text("class"),
        basis=entry.text("basis"),
        duration_months=entry.optional("duration_months", entry.number),
        confirmed=entry.flag("confirmed"),
        source=entry.text("source"),
        note=entry.optional("note", entry.text) or "",
    )
    entry.done()
    if sanction.sanction_class not in known:
        raise entry.broken("class: unknown")
    if sanction.regime not in regimes:
        raise entry.broken("regime: unknown")
    if not sanction.confirmed and not sanction.note:
        raise entry.broken("note: missing, though not confirmed")
    return sanction


def _parse(
    text: str,
) -> tuple[Mapping[str, SanctionClass], Mapping[str, Regime], Mapping[str, Sanction]]:
    found = data_files.entries(_FILE, text, "code", "class", "regime", "sanction")
    parsed = [_parse_class(entry) for entry in found["class"]]
    classes = data_files.by_code(_FILE, ((each.code, each) for each in parsed))
    data_files.by_code(_FILE, ((each.code_id, each) for each in parsed))
    ruled = [_parse_regime(entry) for entry in found["regime"]]
    regimes = data_files.by_code(_FILE, ((each.basis, each) for each in ruled))
    listed = [_parse_sanction(entry, classes, regimes) for entry in found["sanction"]]
    if empty := set(classes) - {each.sanction_class for each in listed}:
        raise BrokenData(_FILE, ", ".join(sorted(empty)), "a class without a sanction")
    if empty := set(regimes) - {each.regime for each in listed}:
        raise BrokenData(_FILE, ", ".join(sorted(empty)), "a regime without a sanction")
    return classes, regimes, data_files.by_code(_FILE, ((each.code, each) for each in listed))


_CLASSES, _REGIMES, _SANCTIONS = _parse(data_files.read(_FILE))


def classes() -> Mapping[str, SanctionClass]:
    """The six sanction classes under their codes, from MORAL_CLOSED to DISMISSAL."""
    return _CLASSES


def family_of(sanction_class: str, *, field: str = "sanction_class") -> Family:
    """ETHICS or DISCIPLINE, whichever the class belongs to. Raises `Unknown` for what is not a class."""
    try:
        return _CLASSES[sanction_class].family
    except KeyError:
        raise Unknown("not a sanction class", field=field) from None


def regimes() -> Mapping[str, Regime]:
    """The regimes under the legal bases they are."""
    return _REGIMES


def sanctions() -> Mapping[str, Sanction]:
    """All sanctions of all regimes under their codes, those of a regime mildest first."""
    return _SANCTIONS


def sanction(code: str, *, field: str = "sanction") -> Sanction:
    """The sanction with a code such as `PP94-8-3-A`. Raises `Unknown` for any other text."""
    try:
        return _SANCTIONS[code]
    except KeyError:
        raise Unknown("not in the list of sanctions", field=field) from None


def applicable(employment: str, act_date: date, *, field: str = "employment") -> Mapping[str, Sanction]:
    """The sanctions for an employment (PNS, PPPK, PPNPN) for an act of that legal date, under their codes.

    Mildest first within a regime; empty on a day on which no regime is known. Raises `Unknown` for another employment.
    """
    if employment not in EMPLOYMENTS:
        raise Unknown(f"employment is none of {', '.join(EMPLOYMENTS)}", field=field)
    return MappingProxyType(
        {
            code: each
            for code, each in _SANCTIONS.items()
            if _REGIMES[each.regime].applies(employment, act_date)
        }
    )


def of_class(sanction_class: str, employment: str, act_date: date) -> tuple[Sanction, ...]:
    """The applicable sanctions of a class, mildest first within a regime. Raises `Unknown` for what is not a class."""
    family_of(sanction_class)
    there = applicable(employment, act_date).values()
    return tuple(each for each in there if each.sanction_class == sanction_class)


def check(code: str, employment: str, act_date: date, *, field: str = "sanction") -> Sanction:
    """The sanction with that code, if it is of a regime for that employment and the legal date of the act.

    Raises `Unknown` for what is no sanction, `Malformed` for one of another regime.
    """
    found = sanction(code, field=field)
    if code not in applicable(employment, act_date):
        raise Malformed(_not_of_the_regime(employment, act_date), field=field)
    return found


def check_class(
    sanction_class: str, employment: str, act_date: date, *, field: str = "sanction_class"
) -> None:
    """Refuse a class in which no regime for that employment and the legal date of the act has a sanction."""
    family_of(sanction_class, field=field)
    if not of_class(sanction_class, employment, act_date):
        raise Malformed(_not_of_the_regime(employment, act_date), field=field)


def _not_of_the_regime(employment: str, act_date: date) -> str:
    names = [each.basis for each in _REGIMES.values() if each.applies(employment, act_date)]
    return (
        f"not for {employment} for acts of {act_date.isoformat()}: {', '.join(names) or 'no regime is known'}"
    )

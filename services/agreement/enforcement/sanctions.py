"""Sanction classes, and the sanctions that each regime has for acts of its time and for an employment.

An examiner recommends a class, a personnel authority decides on a sanction. Which class an act deserves is
left to them; `violations` only says what the SKB lists.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from agreement import data_files
from agreement.data_files import BrokenData
from agreement.data_files import Unknown as Unknown
from agreement.information import legal_bases
from refusals import Malformed

Family = Literal["ETHICS", "DISCIPLINE"]
Employment = Literal["PNS", "PPPK", "PPNPN"]

ETHICS: Literal["ETHICS"] = "ETHICS"
DISCIPLINE: Literal["DISCIPLINE"] = "DISCIPLINE"
EMPLOYMENTS = ("PNS", "PPPK", "PPNPN")

_FILE = "sanctions.toml"


class SanctionClass(data_files.Model):
    """A kind of sanction (jenis sanksi); `code_id` is its Indonesian code, such as DISIPLIN_BERAT.

    `family` is ETHICS (kode etik) for the moral classes, DISCIPLINE (disiplin) for the others and for
    DISMISSAL (PTDH).
    """

    code: data_files.Text
    code_id: data_files.Text
    family: Family
    text: data_files.Text


class Regime(data_files.Model):
    """A rule that has sanctions for acts of its period, and for whom (rezim sanksi).

    The day of the act decides, not that of the decision. `basis` is a legal basis, whose period it has. `unconfirmed`:
    the employments for which no page shows that it applies to them.
    """

    basis: legal_bases.BasisId
    employments: Annotated[data_files.Several[Employment], Field(min_length=1)]
    source: data_files.Text
    unconfirmed: data_files.Texts = ()
    note: data_files.Text | Literal[""] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not set(self.unconfirmed) <= set(self.employments) or bool(self.unconfirmed) != bool(self.note):
            raise ValueError("unconfirmed: not of the employments, or without a note")
        return self

    def applies(self, employment: str, act_date: date) -> bool:
        """True if it has the sanctions for that employment for acts of that legal date."""
        return employment in self.employments and legal_bases.basis(self.basis).on(act_date)


class Sanction(data_files.Model):
    """A sanction (sanksi, hukuman disiplin) that a PPK can decide on; `text` is Indonesian.

    `regime`: the legal basis that has it; `basis`: the clause. `duration_months`: calendar months it lasts, None where
    the rule gives no duration. `confirmed`: whether a page shows that the rule has it in this class.
    """

    code: data_files.Text
    regime: data_files.Text
    text: data_files.Text
    sanction_class: data_files.Text = Field(validation_alias="class")
    basis: data_files.Text
    confirmed: bool
    source: data_files.Text
    duration_months: data_files.Number | None = None
    note: data_files.Text | Literal[""] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        data_files.check_note(self.confirmed, self.note)
        return self


class _File(data_files.Model):
    classes: data_files.Entries[SanctionClass] = Field(validation_alias="class")
    regime: data_files.Entries[Regime]
    sanction: data_files.Entries[Sanction]


@dataclass(frozen=True)
class _Data:
    classes: Mapping[str, SanctionClass]
    regimes: Mapping[str, Regime]
    sanctions: Mapping[str, Sanction]


def _parse(text: str) -> _Data:
    found = data_files.parse(_File, _FILE, text)
    classes = data_files.index(_FILE, found.classes, lambda each: each.code)
    data_files.index(_FILE, found.classes, lambda each: each.code_id)
    regimes = data_files.index(_FILE, found.regime, lambda each: each.basis)
    for sanction in found.sanction:
        if sanction.sanction_class not in classes:
            raise BrokenData(_FILE, f"sanction {sanction.code}", "class: unknown")
        if sanction.regime not in regimes:
            raise BrokenData(_FILE, f"sanction {sanction.code}", "regime: unknown")
    if empty := set(classes) - {each.sanction_class for each in found.sanction}:
        raise BrokenData(_FILE, ", ".join(sorted(empty)), "a class without a sanction")
    if empty := set(regimes) - {each.regime for each in found.sanction}:
        raise BrokenData(_FILE, ", ".join(sorted(empty)), "a regime without a sanction")
    return _Data(classes, regimes, data_files.index(_FILE, found.sanction, lambda each: each.code))


@cache
def _data() -> _Data:
    return _parse(data_files.read(_FILE))


def classes() -> Mapping[str, SanctionClass]:
    """The six sanction classes under their codes, from MORAL_CLOSED to DISMISSAL."""
    return _data().classes


def family_of(sanction_class: str, *, field: str = "sanction_class") -> Family:
    """ETHICS or DISCIPLINE, whichever the class belongs to. Raises `Unknown` for what is not a class."""
    return data_files.look_up(_data().classes, sanction_class, "not a sanction class", field).family


def regimes() -> Mapping[str, Regime]:
    """The regimes under the legal bases they are."""
    return _data().regimes


def sanctions() -> Mapping[str, Sanction]:
    """All sanctions of all regimes under their codes, those of a regime mildest first."""
    return _data().sanctions


def sanction(code: str, *, field: str = "sanction") -> Sanction:
    """The sanction with a code such as `PP94-8-3-A`. Raises `Unknown` for any other text."""
    return data_files.look_up(_data().sanctions, code, "not in the list of sanctions", field)


def applicable(employment: str, act_date: date, *, field: str = "employment") -> Mapping[str, Sanction]:
    """The sanctions for an employment (PNS, PPPK, PPNPN) for an act of that legal date, under their codes.

    Mildest first within a regime; empty on a day on which no regime is known. Raises `Unknown` for another employment.
    """
    if employment not in EMPLOYMENTS:
        raise Unknown("employment is none of {choices}", choices=", ".join(EMPLOYMENTS), field=field)
    return MappingProxyType(
        {
            code: each
            for code, each in _data().sanctions.items()
            if _data().regimes[each.regime].applies(employment, act_date)
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
        raise _not_of_the_regime(employment, act_date, field)
    return found


def check_class(
    sanction_class: str, employment: str, act_date: date, *, field: str = "sanction_class"
) -> None:
    """Refuse a class in which no regime for that employment and the legal date of the act has a sanction."""
    family_of(sanction_class, field=field)
    if not of_class(sanction_class, employment, act_date):
        raise _not_of_the_regime(employment, act_date, field)


def _not_of_the_regime(employment: str, act_date: date, field: str) -> Malformed:
    names = ", ".join(each.basis for each in _data().regimes.values() if each.applies(employment, act_date))
    day = act_date.isoformat()
    if not names:
        return Malformed(
            "not for {employment} for acts of {day}: no regime is known",
            employment=employment,
            day=day,
            field=field,
        )
    return Malformed(
        "not for {employment} for acts of {day}: {regimes}",
        employment=employment,
        day=day,
        regimes=names,
        field=field,
    )

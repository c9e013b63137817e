"""Sanction classes, and the sanctions that each regime has for acts or decrees of its time and for an employment.

An examiner recommends a class, a personnel authority decides on a sanction. Which class an act deserves is
left to them; `violations` only says what the SKB lists, `prohibitions` what the rules on discipline do.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping
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
from agreement.wording import worded
from refusals import Malformed

Family = Literal["ETHICS", "DISCIPLINE"]
Employment = Literal["PNS", "CPNS", "PPPK", "PPPK_PW", "PPNPN"]

ETHICS: Literal["ETHICS"] = "ETHICS"
DISCIPLINE: Literal["DISCIPLINE"] = "DISCIPLINE"
EMPLOYMENTS = ("PNS", "CPNS", "PPPK", "PPPK_PW", "PPNPN")

_FILE = "sanctions.toml"


class SanctionClass(data_files.Model):
    """A kind of sanction (jenis sanksi); `code_id` is its Indonesian code, such as DISIPLIN_BERAT, `text_en` its text in English.

    `family` is ETHICS (kode etik) for the moral classes, DISCIPLINE (disiplin) for the others and for
    DISMISSAL (PTDH).
    """

    code: data_files.Text
    code_id: data_files.Text
    family: Family
    text: data_files.Text
    text_en: data_files.Text


class Regime(data_files.Model):
    """A rule that has sanctions in its period, and for whom (rezim sanksi).

    `day`: whether the day of the act decides, or that of the decree. `basis` is a legal basis, whose period it has.
    `unconfirmed`: the employments for which no page shows that it applies to them.
    """

    basis: legal_bases.BasisId
    day: Literal["act", "decree"] = "act"
    employments: Annotated[data_files.Several[Employment], Field(min_length=1)]
    source: data_files.Text
    unconfirmed: data_files.Texts = ()
    note: data_files.Text | Literal[""] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not set(self.unconfirmed) <= set(self.employments) or bool(self.unconfirmed) != bool(self.note):
            raise ValueError("unconfirmed: not of the employments, or without a note")
        return self

    def applies(self, employment: str, act_date: date, decided: date | None = None) -> bool:
        """True if it has the sanctions for that employment for an act and a decree of those legal dates.

        Without a decree yet the act stands for it.
        """
        day = act_date if self.day == "act" or decided is None else decided
        return employment in self.employments and legal_bases.basis(self.basis).on(day)


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
    states: data_files.Texts = ()
    note: data_files.Text | Literal[""] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        data_files.check_note(self.confirmed, self.note)
        return self


class _Sourced(data_files.Model):
    """A clause beside the list of sanctions, and where it was read."""

    basis: data_files.Text
    confirmed: bool
    source: data_files.Text
    note: data_files.Text | Literal[""] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        data_files.check_note(self.confirmed, self.note)
        return self


class Admitted(_Sourced):
    """Sanctions that a regime takes over from another rule, or that a way to read it has (`reading`, `chosen`)."""

    regime: data_files.Text
    sanctions: data_files.Texts
    chosen: bool
    reading: data_files.Text | Literal[""] = ""


class Consequence(_Sourced):
    """A consequence of a sanction class for an employment."""

    employment: Employment
    classes: data_files.Texts
    code: data_files.Text
    text: data_files.Text


class Measure(_Sourced):
    """A measure of a local rule beside a sanction; `states`: what its decree has to say."""

    code: data_files.Text
    text: data_files.Text
    states: data_files.Texts


class Transition(_Sourced):
    """By which regime a case goes on that began before it: the days before which act, examination or decree lie."""

    code: data_files.Text
    regime: data_files.Text
    text: data_files.Text
    decided_before: date | None = None
    examined_before: date | None = None
    act_before: date | None = None

    def fits(self, act_date: date, examined: date | None, decided: date) -> bool:
        """True if the case began as this line says."""
        if self.decided_before:
            return decided < self.decided_before
        if self.examined_before:
            return examined is not None and examined < self.examined_before
        return self.act_before is not None and act_date < self.act_before


class Dismissal(_Sourced):
    """A ground of a dishonourable dismissal (PTDH) by a law of a period; `against`: the clause that says otherwise."""

    code: data_files.Text
    employments: data_files.Several[Employment]
    sanction: data_files.Text
    since: date
    until: date | None = None
    effect: data_files.Text | Literal[""] = ""
    against: data_files.Text | Literal[""] = ""

    def on(self, day: date) -> bool:
        """True if its law is in force on that legal date."""
        return self.since <= day and (self.until is None or day < self.until)


class _File(data_files.Model):
    classes: data_files.Entries[SanctionClass] = Field(validation_alias="class")
    regime: data_files.Entries[Regime]
    sanction: data_files.Entries[Sanction]
    admitted: data_files.Entries[Admitted]
    consequence: data_files.Entries[Consequence]
    measure: data_files.Entries[Measure]
    transition: data_files.Entries[Transition]
    dismissal: data_files.Entries[Dismissal]


@dataclass(frozen=True)
class _Data:
    classes: Mapping[str, SanctionClass]
    regimes: Mapping[str, Regime]
    sanctions: Mapping[str, Sanction]
    file: _File


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
    with_sanctions = {each.regime for each in found.sanction} | {each.regime for each in found.admitted}
    if empty := set(regimes) - with_sanctions:
        raise BrokenData(_FILE, ", ".join(sorted(empty)), "a regime without a sanction")
    sanctions = data_files.index(_FILE, found.sanction, lambda each: each.code)
    _refuse_dangling(found, sanctions, regimes)
    return _Data(classes, regimes, sanctions, found)


def _refuse_dangling(found: _File, sanctions: Mapping[str, Sanction], regimes: Mapping[str, Regime]) -> None:
    for taken in found.admitted:
        if taken.regime not in regimes or not set(taken.sanctions) <= set(sanctions):
            raise BrokenData(_FILE, f"admitted {taken.basis}", "regime or sanctions: unknown")
    for ground in found.dismissal:
        if ground.sanction not in sanctions:
            raise BrokenData(_FILE, f"dismissal {ground.code}", "sanction: unknown")
    for step in found.transition:
        if step.regime not in regimes:
            raise BrokenData(_FILE, f"transition {step.code}", "regime: unknown")


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


def applicable(
    employment: str, act_date: date, decided: date | None = None, *, field: str = "employment"
) -> Mapping[str, Sanction]:
    """The sanctions for an employment for an act of that legal date, under their codes.

    `decided`: the day of the decree, which gives the rules on discipline (PP 94/2021 art. 40); without one the act stands
    for it. Mildest first within a regime; empty on a day on which no regime is known. Raises `Unknown` for another
    employment.
    """
    if employment not in EMPLOYMENTS:
        raise Unknown("employment is none of {choices}", choices=", ".join(EMPLOYMENTS), field=field)
    regimes = {each.basis for each in _data().regimes.values() if each.applies(employment, act_date, decided)}
    codes = {code for each in _data().file.admitted if each.regime in regimes for code in each.sanctions}
    return MappingProxyType(
        {code: each for code, each in _data().sanctions.items() if each.regime in regimes or code in codes}
    )


def admitted() -> tuple[Admitted, ...]:
    """Every line by which a regime takes sanctions over, or by which a way to read it has them."""
    return _data().file.admitted


def other_readings(code: str) -> Iterator[str]:
    """Name the readings that admit other sanctions than this one to its regime, each with what it admits."""
    ways = [each for each in admitted() if each.reading]
    regimes = {each.regime for each in ways if code in each.sanctions}
    for way in ways:
        if way.regime in regimes and code not in way.sanctions:
            yield worded("{reading}: {sanctions}", reading=way.reading, sanctions=", ".join(way.sanctions))


def readings(code: str, decided: date) -> tuple[Admitted, ...]:
    """The ways to read the clause by which a decree of a day may impose a sanction; empty where there is one way only."""
    found = sanction(code)
    there = [each for each in _data().file.admitted if each.reading]
    return tuple(
        each for each in there if found.code in each.sanctions and legal_bases.basis(each.regime).on(decided)
    )


def of_class(
    sanction_class: str, employment: str, act_date: date, decided: date | None = None
) -> tuple[Sanction, ...]:
    """The applicable sanctions of a class, mildest first within a regime; those of a reading that is not chosen come last.

    Raises `Unknown` for what is not a class.
    """
    family_of(sanction_class)
    there = applicable(employment, act_date, decided).values()
    day = decided or act_date
    of_it = [each for each in there if each.sanction_class == sanction_class]
    return tuple(sorted(of_it, key=lambda each: any(not way.chosen for way in readings(each.code, day))))


def check(
    code: str, employment: str, act_date: date, decided: date | None = None, *, field: str = "sanction"
) -> Sanction:
    """The sanction with that code, if it is of a regime for that employment, the act and the decree of those legal dates.

    Raises `Unknown` for what is no sanction, `Malformed` for one of another regime.
    """
    found = sanction(code, field=field)
    if code not in applicable(employment, act_date, decided):
        raise _not_of_the_regime(employment, act_date, decided, field)
    return found


def check_class(
    sanction_class: str, employment: str, act_date: date, *, field: str = "sanction_class"
) -> None:
    """Refuse a class in which no regime for that employment and the legal date of the act has a sanction."""
    family_of(sanction_class, field=field)
    if not of_class(sanction_class, employment, act_date):
        raise _not_of_the_regime(employment, act_date, None, field)


def _not_of_the_regime(employment: str, act_date: date, decided: date | None, field: str) -> Malformed:
    there = [each for each in _data().regimes.values() if each.applies(employment, act_date, decided)]
    names = ", ".join(each.basis for each in there)
    day = act_date.isoformat()
    if not names:
        return Malformed(
            "not for {employment} for acts of {day}: no regime is known",
            employment=employment,
            day=day,
            field=field,
        )
    if decided is not None:
        return Malformed(
            "not for {employment} for acts of {day} that are decided on {decided}: {regimes}",
            employment=employment,
            day=day,
            decided=decided.isoformat(),
            regimes=names,
            field=field,
        )
    return Malformed(
        "not for {employment} for acts of {day}: {regimes}",
        employment=employment,
        day=day,
        regimes=names,
        field=field,
    )


# --- more than the list -------------------------------------------------------------------------------------------


def transition(act_date: date, examined: date | None, decided: date) -> Transition | None:
    """The line of the transition to PP 94/2021 (art. 40) that a case falls under; None if all of it came after."""
    return next((each for each in _data().file.transition if each.fits(act_date, examined, decided)), None)


def transitions() -> tuple[Transition, ...]:
    """All lines of that transition, in the order in which they are looked for."""
    return _data().file.transition


def consequences(employment: str, sanction_class: str) -> tuple[Consequence, ...]:
    """The consequences of a class for an employment: a CPNS with a medium sanction is dismissed as CPNS."""
    return tuple(
        each
        for each in _data().file.consequence
        if each.employment == employment and sanction_class in each.classes
    )


def measures() -> Mapping[str, Measure]:
    """The measures of local rules that stand beside a sanction, under their codes."""
    return {each.code: each for each in _data().file.measure}


def measure(code: str, *, field: str = "measure") -> Measure:
    """The measure with a code such as `TPP_LOCAL`. Raises `Unknown` for any other text."""
    return data_files.look_up(measures(), code, "not a measure of a local rule", field)


def dismissals(ground: str, employment: str, on: date) -> tuple[Dismissal, ...]:
    """The laws by which somebody is dismissed dishonourably on a ground (PARTY, SEVERE_DISCIPLINE) on a legal date."""
    return tuple(
        each
        for each in _data().file.dismissal
        if each.code == ground and employment in each.employments and each.on(on)
    )


def dismissal_effect(joined: date) -> date:
    """The day on which a party member's dismissal takes effect: the end of the month of joining (PP 11/2017 art. 255)."""
    return joined.replace(day=monthrange(joined.year, joined.month)[1])


Difference = Literal["", "LIGHTER", "HEAVIER", "OTHER_FAMILY"]


def difference(recommended: str, decided: str) -> Difference:
    """The difference of a decreed class from the recommended one. Another class is lawful, and a remark: its reason is stated."""
    if family_of(recommended) != family_of(decided):
        return "OTHER_FAMILY"
    order = list(classes())
    if recommended == decided:
        return ""
    return "LIGHTER" if order.index(decided) < order.index(recommended) else "HEAVIER"


def heavier(last: str, employment: str, act_date: date, decided: date) -> tuple[Sanction, ...]:
    """The sanctions heavier than the last one, mildest first: what the same breach again leads to (PP 94/2021 art. 35(2))."""
    bar = _weight(sanction(last))
    there = [
        each
        for each in applicable(employment, act_date, decided).values()
        if family_of(each.sanction_class) == DISCIPLINE and _weight(each) > bar
    ]
    return tuple(sorted(there, key=_weight))


def _weight(found: Sanction) -> tuple[int, int]:
    """The class, and the place of the sanction among those of its own rule and class."""
    own = [
        each.code
        for each in _data().sanctions.values()
        if (each.regime, each.sanction_class) == (found.regime, found.sanction_class)
    ]
    return list(classes()).index(found.sanction_class), own.index(found.code)

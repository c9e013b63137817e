"""Grounds of erasure, reasons of legal holds and retention periods, as data. What is done about them is left to others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated

from pydantic import Field

from agreement import data_files
from agreement.data_files import Unknown as Unknown
from agreement.information import legal_bases
from refusals import NotAllowed

_FILE = "retention.toml"


class Ground(data_files.Model):
    """A ground of erasure (alasan penghapusan), and the legal bases that may be cited for it."""

    code: data_files.Text
    title_id: data_files.Text
    title_en: data_files.Text
    bases: Annotated[data_files.Several[legal_bases.BasisId], Field(min_length=1)]
    confirmed: bool
    source: data_files.Text


class HoldReason(data_files.Model):
    """A reason to erase nothing for a while (alasan penahanan)."""

    code: data_files.Text
    title_id: data_files.Text
    title_en: data_files.Text


class RetentionClass(data_files.Model):
    """Years for which personal data of a matter are kept after its last act left it in one of `states` (kelas retensi).

    `confirmed` is False where no retention schedule was read that says so.
    """

    code: data_files.Text
    title_id: data_files.Text
    states: Annotated[data_files.SetOf[data_files.Text], Field(min_length=1)]
    years: data_files.Number
    confirmed: bool
    source: data_files.Text

    def due(self, last: date) -> date:
        """The first legal date on which data of a matter may be erased whose last act was on `last`."""
        year = last.year + self.years
        try:
            return last.replace(year=year)
        except ValueError:  # 29 February
            return date(year, 3, 1)


class _File(data_files.Model):
    ground: data_files.Entries[Ground]
    hold: data_files.Entries[HoldReason]
    classes: data_files.Entries[RetentionClass] = Field(validation_alias="class")


@dataclass(frozen=True)
class _Data:
    grounds: Mapping[str, Ground]
    holds: Mapping[str, HoldReason]
    classes: Mapping[str, RetentionClass]


def _parse(text: str) -> _Data:
    found = data_files.parse(_File, _FILE, text)
    # A state in two classes would have two periods.
    data_files.index(_FILE, [state for each in found.classes for state in sorted(each.states)], str)
    return _Data(
        data_files.index(_FILE, found.ground, lambda each: each.code),
        data_files.index(_FILE, found.hold, lambda each: each.code),
        data_files.index(_FILE, found.classes, lambda each: each.code),
    )


@cache
def _data() -> _Data:
    return _parse(data_files.read(_FILE))


def grounds() -> Mapping[str, Ground]:
    """All grounds of erasure under their codes."""
    return _data().grounds


def hold_reasons() -> Mapping[str, HoldReason]:
    """All reasons of legal holds under their codes."""
    return _data().holds


def classes() -> Mapping[str, RetentionClass]:
    """All retention classes under their codes."""
    return _data().classes


def class_of(state: str) -> RetentionClass | None:
    """The class of a matter whose last act left it in this state; None: it is never due by itself."""
    return next((each for each in _data().classes.values() if state in each.states), None)


def check_ground(code: str, basis: str, on: date) -> None:
    """Check that data may be erased on this ground under this legal basis on a legal date.

    Raises:
        Unknown: the ground or the basis is not of the agreement.
        NotAllowed: the basis is not one for this ground, or not in force on that day.
    """
    if code not in _data().grounds:
        raise Unknown(
            "not a ground of erasure: one of {choices}", choices=", ".join(_data().grounds), field="ground"
        )
    found = legal_bases.basis(basis, field="basis")
    if basis not in _data().grounds[code].bases:
        raise NotAllowed(
            "{basis} does not permit an erasure for {code}",
            basis=basis,
            code=code,
            field="basis",
            reason="NO_LEGAL_BASIS",
        )
    if not found.on(on):
        raise NotAllowed(
            "{basis} is not in force on {day}",
            basis=basis,
            day=on.isoformat(),
            field="basis",
            reason="NO_LEGAL_BASIS",
        )


def check_reason(code: str) -> None:
    """Check that this is a reason of a hold.

    Raises:
        Unknown: it is not.
    """
    if code not in _data().holds:
        raise Unknown(
            "not a reason of a legal hold: one of {choices}", choices=", ".join(_data().holds), field="reason"
        )

"""Administrative remedies against a decree (upaya administratif): which one, to whom, and by which limits.

PP 79/2021 since 10 August 2021, PP 53/2010 before, as data (`appeals.toml`). The limits are rules of `deadlines`.
"""

from datetime import date
from functools import cache
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from agreement import data_files
from agreement.clocks import deadlines
from agreement.data_files import BrokenData
from agreement.enforcement import sanctions

Kind = Literal["OBJECTION", "APPEAL", "NONE"]
"""Keberatan, banding administratif, or no remedy."""
By = Literal["PPK", "OFFICIAL"]

_FILE = "appeals.toml"


class Remedy(data_files.Model):
    """The remedy against decrees `by` somebody from `since` until before `until`; the first line that fits applies.

    `sanctions`: codes, or beginnings of codes; none: every one. `to`: who decides on it. `limit`, `decided`, `answered`: rules of
    `deadlines`. `silence`: what follows if nobody decides. `from_decree`: the decree is in effect from its own date.
    """

    kind: Kind
    by: Annotated[data_files.Several[By], Field(min_length=1)]
    since: date
    basis: data_files.Text
    confirmed: bool
    source: data_files.Text
    until: date | None = None
    sanctions: data_files.Texts = ()
    employments: data_files.Texts = ()
    to: data_files.Text | Literal[""] = ""
    limit: data_files.Text | Literal[""] = ""
    decided: data_files.Text | Literal[""] = ""
    answered: data_files.Text | Literal[""] = ""
    silence: data_files.Text | Literal[""] = ""
    from_decree: bool = False
    note: data_files.Text | Literal[""] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        data_files.check_note(self.confirmed, self.note)
        data_files.check_period(self.since, self.until)
        if (self.kind == "NONE") != (not self.to):
            raise ValueError("to: named for every remedy, and only then")
        return self

    def fits(self, by: By, sanction: str, employment: str, decided: date) -> bool:
        """True if it is the remedy against such a decree."""
        return (
            by in self.by
            and self.since <= decided
            and (self.until is None or decided < self.until)
            and (not self.sanctions or any(sanction.startswith(each) for each in self.sanctions))
            and (not self.employments or employment in self.employments)
        )


class _File(data_files.Model):
    remedy: data_files.Entries[Remedy]


def _parse(text: str) -> tuple[Remedy, ...]:
    found = data_files.parse(_File, _FILE, text, "basis").remedy
    for each in found:
        for rule in filter(None, (each.limit, each.decided, each.answered)):
            if rule not in deadlines.rules():
                raise BrokenData(_FILE, f"remedy {each.basis}", f"{rule}: not a rule of deadlines")
        if strange := [
            code
            for code in each.sanctions
            if not any(known.startswith(code) for known in sanctions.sanctions())
        ]:
            raise BrokenData(_FILE, f"remedy {each.basis}", f"sanctions: {', '.join(strange)} unknown")
    return found


@cache
def remedies() -> tuple[Remedy, ...]:
    """All remedies in the order in which they are looked for."""
    return _parse(data_files.read(_FILE))


def remedy(by: By, sanction: str, employment: str, decided: date) -> Remedy | None:
    """The remedy against a decree; None before the first rule that was read. Raises `Unknown` for what is no sanction."""
    sanctions.sanction(sanction)
    return next((each for each in remedies() if each.fits(by, sanction, employment, decided)), None)


def receivable(kind: Kind, by: By, sanction: str, employment: str, decided: date) -> bool:
    """True if that kind of remedy is the one there is: the wrong kind is not receivable (tidak dapat diterima)."""
    found = remedy(by, sanction, employment, decided)
    return found is None or found.kind == kind != "NONE"

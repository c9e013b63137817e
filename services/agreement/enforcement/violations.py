"""The violation catalogues of the joint decrees (SKB 2020 and 2022): which acts are listed, and with which class.

The same act can stand in the ethics list and in the discipline list, and which applies is the examiner's
judgement: act, family and class are chosen, and the catalogue only refuses a choice that contradicts itself, or an
act of another catalogue than that of its day.
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
from agreement.enforcement import sanctions
from agreement.enforcement.sanctions import DISCIPLINE as DISCIPLINE
from agreement.enforcement.sanctions import ETHICS as ETHICS
from agreement.information import legal_bases
from refusals import Malformed

Stage = Literal["PROSPECTIVE", "CANDIDATE"]
Part = Literal["number", "text", "families", "sanction_class", "basis"]
"""A part of a line that no public page may have shown."""

_FILES = ("violations_skb2020.toml", "violations_skb2022.toml")


class _Line(data_files.Model):
    """A line of the file of a catalogue; `Violation` says what its fields are."""

    code: data_files.Text
    text: data_files.Text
    families: Annotated[data_files.SetOf[sanctions.Family], Field(min_length=1)]
    source: data_files.Text
    stage: Stage | None = None
    sanction_class: data_files.Text | None = None
    basis: data_files.Text | Literal[""] = ""
    unconfirmed: data_files.Several[Part] = ()
    note: data_files.Text | Literal[""] = ""

    @model_validator(mode="after")
    def _refuse_contradictions(self) -> Self:
        if self.unconfirmed and not self.note:
            raise ValueError("note: missing, though something is unconfirmed")
        if not self.basis and "basis" not in self.unconfirmed:
            raise ValueError("basis: missing, and not marked unconfirmed")
        if self.code.endswith("U") != ("number" in self.unconfirmed):
            raise ValueError("code: ends in U if the number is unconfirmed, and only then")
        listed = self.sanction_class
        if listed is None:
            # An ethics line leaves the choice between closed and open; a discipline line has exactly one class.
            if DISCIPLINE in self.families and "sanction_class" not in self.unconfirmed:
                raise ValueError("sanction_class: missing, and not marked unconfirmed")
        elif listed not in sanctions.classes():
            raise ValueError("sanction_class: unknown")
        elif sanctions.family_of(listed) not in self.families:
            raise ValueError("sanction_class: of the other family")
        return self


@dataclass(frozen=True)
class Violation:
    """A line of a catalogue (bentuk pelanggaran); `text` is Indonesian.

    `families`: the lists it stands in, ETHICS (kode etik), DISCIPLINE (disiplin) or both. `stage`: PROSPECTIVE,
    before candidates are fixed (bakal calon), CANDIDATE, after (calon), or None where the list does not say.
    `sanction_class`: what the list gives; None where it leaves a choice or was not readable. `basis`: rule behind the
    sanction; empty where not readable. `unconfirmed`: which of number, text, families, sanction_class and basis no
    public page showed for this line. `catalogue`: the joint decree it is of, as a legal basis.
    """

    code: str
    text: str
    families: tuple[sanctions.Family, ...]
    stage: Stage | None
    sanction_class: str | None
    basis: str
    source: str
    unconfirmed: tuple[Part, ...]
    note: str
    catalogue: str

    @property
    def shown(self) -> bool:
        """True if the pages in `source` show number, text, families, class and basis; the list itself may be unread."""
        return not self.unconfirmed


@dataclass(frozen=True)
class Catalogue:
    """The list of one joint decree. It names the acts of legal dates from `since` until the next one's `since`.

    `confirmed`: whether the printed list itself was read; if not, what its lines show is what pages say of it.
    """

    basis: str
    since: date
    source: str
    confirmed: bool
    note: str
    lines: Mapping[str, Violation]


# --- reading the data --------------------------------------------------------------------------------------------


class _Head(data_files.Model):
    basis: legal_bases.BasisId
    acts_since: date
    source: data_files.Text
    confirmed: bool
    note: data_files.Text | Literal[""] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        data_files.check_note(self.confirmed, self.note)
        return self


class _File(data_files.Model):
    catalogue: Annotated[data_files.Entries[_Head], Field(min_length=1, max_length=1)]
    violation: data_files.Entries[_Line]


def _violation(line: _Line, catalogue: str) -> Violation:
    families: tuple[sanctions.Family, ...] = (ETHICS, DISCIPLINE)
    return Violation(
        code=line.code,
        text=line.text,
        families=tuple(each for each in families if each in line.families),
        stage=line.stage,
        sanction_class=line.sanction_class,
        basis=line.basis,
        source=line.source,
        unconfirmed=line.unconfirmed,
        note=line.note,
        catalogue=catalogue,
    )


def _parse(file: str, text: str) -> Catalogue:
    found = data_files.parse(_File, file, text)
    (head,) = found.catalogue
    year = head.basis.rpartition("-")[2]
    for line in found.violation:
        if not line.code.startswith(f"{year}-"):
            raise BrokenData(
                file, f"violation {line.code}", "code: does not begin with the year of its decree"
            )
    lines = [_violation(line, head.basis) for line in found.violation]
    named = data_files.index(file, lines, lambda each: each.code)
    return Catalogue(head.basis, head.acts_since, head.source, head.confirmed, head.note, named)


@cache
def catalogues() -> tuple[Catalogue, ...]:
    """All catalogues, the newest first."""
    found = (_parse(file, data_files.read(file)) for file in _FILES)
    return tuple(sorted(found, key=lambda each: each.since, reverse=True))


@cache
def violations() -> Mapping[str, Violation]:
    """The lines of all catalogues under their codes: the newest catalogue first, each in the order of its list."""
    return MappingProxyType({code: line for each in catalogues() for code, line in each.lines.items()})


# --- asking --------------------------------------------------------------------------------------------------------


def in_force(on: date) -> Mapping[str, Violation]:
    """The lines of the catalogue that names the acts of a legal date; empty before the first one."""
    for each in catalogues():
        if each.since <= on:
            return each.lines
    return MappingProxyType({})


def violation(code: str, *, field: str = "act") -> Violation:
    """The line with a code such as `2022-DSA7` or `2020-03`. Raises `Unknown` for any other text."""
    return data_files.look_up(violations(), code, "not in the violation catalogue", field)


def act_of(code: str, on: date, *, field: str = "act") -> Violation:
    """The line with that code, if it is of the catalogue in force on the legal date on which the act was done.

    Raises `Unknown` for what is in no catalogue, `Malformed` for an act of another time's.
    """
    act = violation(code, field=field)
    if code not in in_force(on):
        raise Malformed(
            "{catalogue} does not name the acts of {day}",
            catalogue=act.catalogue,
            day=on.isoformat(),
            field=field,
        )
    return act


def check_choice(act_code: str, family: str, sanction_class: str, on: date) -> Violation:
    """The act's line, if act, family and class that an examiner chose can stand together; `on`: day of the act.

    Refused as `Malformed`, on the field `act`, `family` or `sanction_class`: an act or class that is unknown, an act of
    a catalogue that was not in force on that day, a family other than those of the lists the act stands in, a class of
    the other family (moral classes are ETHICS, PP 42/2004 art. 15; disciplinary classes and DISMISSAL are DISCIPLINE,
    PP 94/2021 art. 8). A class other than the listed one is the examiner's judgement and passes.
    """
    act = act_of(act_code, on)
    if family not in (ETHICS, DISCIPLINE):
        raise Unknown("family is neither ETHICS nor DISCIPLINE", field="family")
    if family not in act.families:
        raise Malformed(
            "{act} stands in the {family} list", act=act.code, family=act.families[0], field="family"
        )
    if sanctions.family_of(sanction_class) != family:
        raise Malformed("the class is not one of {family}", family=family, field="sanction_class")
    return act

"""The violation catalogues of the joint decrees (SKB 2020 and 2022): which acts are listed, and with which class.

The same act can stand in the ethics list and in the discipline list, and which applies is the examiner's
judgement: act, family and class are chosen, and the catalogue only refuses a choice that contradicts itself, or an
act of another catalogue than that of its day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal

from agreement import data_files as catalogue
from agreement.data_files import BrokenData
from agreement.data_files import Unknown as Unknown
from agreement.enforcement import sanctions
from agreement.enforcement.sanctions import DISCIPLINE as DISCIPLINE
from agreement.enforcement.sanctions import ETHICS as ETHICS
from agreement.information import legal_bases
from refusals import Malformed

Stage = Literal["PROSPECTIVE", "CANDIDATE"]

_FILES = ("violations_skb2020.toml", "violations_skb2022.toml")
_FIELDS = ("number", "text", "families", "sanction_class", "basis")


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
    unconfirmed: tuple[str, ...]
    note: str
    catalogue: str

    @property
    def confirmed(self) -> bool:
        """Whether number, text, families, class and basis were all read in `source`."""
        return not self.unconfirmed


@dataclass(frozen=True)
class Catalogue:
    """The list of one joint decree. It names the acts of legal dates from `since` until the next one's `since`."""

    basis: str
    since: date
    source: str
    lines: Mapping[str, Violation]


# --- reading the data --------------------------------------------------------------------------------------------


def _families(entry: catalogue.Entry) -> tuple[sanctions.Family, ...]:
    texts = entry.texts("families")
    known: tuple[sanctions.Family, ...] = (ETHICS, DISCIPLINE)
    if not texts or not set(texts) <= set(known):
        raise entry.broken("families: not of ETHICS and DISCIPLINE")
    return tuple(each for each in known if each in texts)


def _stage(entry: catalogue.Entry) -> Stage | None:
    stage = entry.optional("stage", entry.text)
    if stage == "PROSPECTIVE":
        return "PROSPECTIVE"
    if stage == "CANDIDATE":
        return "CANDIDATE"
    if stage is not None:
        raise entry.broken("stage: neither PROSPECTIVE nor CANDIDATE")
    return None


def _parse_violation(entry: catalogue.Entry, of: str) -> Violation:
    violation = Violation(
        code=entry.text("code"),
        text=entry.text("text"),
        families=_families(entry),
        stage=_stage(entry),
        sanction_class=entry.optional("sanction_class", entry.text),
        basis=entry.optional("basis", entry.text) or "",
        source=entry.text("source"),
        unconfirmed=entry.optional("unconfirmed", entry.texts) or (),
        note=entry.optional("note", entry.text) or "",
        catalogue=of,
    )
    entry.done()
    _refuse_contradictions(entry, violation)
    return violation


def _refuse_contradictions(entry: catalogue.Entry, violation: Violation) -> None:
    if not violation.code.startswith(f"{violation.catalogue.rpartition('-')[2]}-"):
        raise entry.broken("code: does not begin with the year of its decree")
    if not set(violation.unconfirmed) <= set(_FIELDS):
        raise entry.broken(f"unconfirmed: not of {', '.join(_FIELDS)}")
    if violation.unconfirmed and not violation.note:
        raise entry.broken("note: missing, though something is unconfirmed")
    if not violation.basis and "basis" not in violation.unconfirmed:
        raise entry.broken("basis: missing, and not marked unconfirmed")
    if violation.code.endswith("U") != ("number" in violation.unconfirmed):
        raise entry.broken("code: ends in U if the number is unconfirmed, and only then")
    listed = violation.sanction_class
    if listed is None:
        # An ethics line leaves the choice between closed and open; a discipline line has exactly one class.
        if DISCIPLINE in violation.families and "sanction_class" not in violation.unconfirmed:
            raise entry.broken("sanction_class: missing, and not marked unconfirmed")
    elif listed not in sanctions.classes():
        raise entry.broken("sanction_class: unknown")
    elif sanctions.family_of(listed) not in violation.families:
        raise entry.broken("sanction_class: of the other family")


def _parse(file: str, text: str) -> Catalogue:
    found = catalogue.entries(file, text, "code", "catalogue", "violation")
    if len(found["catalogue"]) != 1:
        raise BrokenData(file, "catalogue", "not exactly one")
    (head,) = found["catalogue"]
    basis, since, source = head.text("basis"), head.day("acts_since"), head.text("source")
    head.done()
    if basis not in legal_bases.bases():
        raise head.broken("basis: not a legal basis")
    lines = [_parse_violation(entry, basis) for entry in found["violation"]]
    return Catalogue(basis, since, source, catalogue.by_code(file, ((each.code, each) for each in lines)))


# The newest first.
_CATALOGUES = tuple(
    sorted((_parse(file, catalogue.read(file)) for file in _FILES), key=lambda each: each.since, reverse=True)
)
_VIOLATIONS = MappingProxyType({code: line for each in _CATALOGUES for code, line in each.lines.items()})


# --- asking --------------------------------------------------------------------------------------------------------


def catalogues() -> tuple[Catalogue, ...]:
    """All catalogues, the newest first."""
    return _CATALOGUES


def violations() -> Mapping[str, Violation]:
    """The lines of all catalogues under their codes: the newest catalogue first, each in the order of its list."""
    return _VIOLATIONS


def in_force(on: date) -> Mapping[str, Violation]:
    """The lines of the catalogue that names the acts of a legal date; empty before the first one."""
    for each in _CATALOGUES:
        if each.since <= on:
            return each.lines
    return MappingProxyType({})


def violation(code: str, *, field: str = "act") -> Violation:
    """The line with a code such as `2022-DSA7` or `2020-03`. Raises `Unknown` for any other text."""
    try:
        return _VIOLATIONS[code]
    except KeyError:
        raise Unknown("not in the violation catalogue", field=field) from None


def act_of(code: str, on: date, *, field: str = "act") -> Violation:
    """The line with that code, if it is of the catalogue in force on the legal date on which the act was done.

    Raises `Unknown` for what is in no catalogue, `Malformed` for an act of another time's.
    """
    act = violation(code, field=field)
    if code not in in_force(on):
        raise Malformed(f"{act.catalogue} does not name the acts of {on.isoformat()}", field=field)
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
        raise Malformed(f"{act.code} stands in the {act.families[0]} list", field="family")
    if sanctions.family_of(sanction_class) != family:
        raise Malformed(f"the class is not one of {family}", field="sanction_class")
    return act

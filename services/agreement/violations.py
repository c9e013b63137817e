"""The violation catalogue of SKB 2022, Lampiran II: which acts are listed, and with which class.

The same act stands in the ethics list and in the discipline list, and which applies is the examiner's
judgement: act, family and class are chosen, and the catalogue only refuses a choice that contradicts itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from agreement import catalogue, sanctions
from agreement.catalogue import Unknown as Unknown
from agreement.sanctions import DISCIPLINE as DISCIPLINE
from agreement.sanctions import ETHICS as ETHICS
from exchange.refusals import Malformed

Stage = Literal["PROSPECTIVE", "CANDIDATE"]

_FILE = "violations_skb2022.toml"
_FIELDS = ("number", "text", "sanction_class", "basis")


@dataclass(frozen=True)
class Violation:
    """A line of the catalogue (bentuk pelanggaran); `text` is Indonesian.

    `family`: ETHICS (kode etik) or DISCIPLINE (disiplin). `stage`: PROSPECTIVE, before candidates are fixed
    (bakal calon), or CANDIDATE, after (calon). `sanction_class`: what the list gives; None where it leaves a
    choice or was not readable. `basis`: rule behind the sanction; empty where not readable. `unconfirmed`:
    which of number, text, sanction_class and basis no public page showed for this line.
    """

    code: str
    text: str
    family: sanctions.Family
    stage: Stage
    sanction_class: str | None
    basis: str
    source: str
    unconfirmed: tuple[str, ...]
    note: str

    @property
    def confirmed(self) -> bool:
        """Whether number, text, class and basis were all read in `source`."""
        return not self.unconfirmed


def _family(entry: catalogue.Entry) -> sanctions.Family:
    family = entry.text("family")
    if family == ETHICS:
        return ETHICS
    if family == DISCIPLINE:
        return DISCIPLINE
    raise entry.broken("family: neither ETHICS nor DISCIPLINE")


def _stage(entry: catalogue.Entry) -> Stage:
    stage = entry.text("stage")
    if stage == "PROSPECTIVE":
        return "PROSPECTIVE"
    if stage == "CANDIDATE":
        return "CANDIDATE"
    raise entry.broken("stage: neither PROSPECTIVE nor CANDIDATE")


def _parse_violation(entry: catalogue.Entry) -> Violation:
    violation = Violation(
        code=entry.text("code"),
        text=entry.text("text"),
        family=_family(entry),
        stage=_stage(entry),
        sanction_class=entry.optional("sanction_class", entry.text),
        basis=entry.optional("basis", entry.text) or "",
        source=entry.text("source"),
        unconfirmed=entry.optional("unconfirmed", entry.texts) or (),
        note=entry.optional("note", entry.text) or "",
    )
    entry.done()
    _refuse_contradictions(entry, violation)
    return violation


def _refuse_contradictions(entry: catalogue.Entry, violation: Violation) -> None:
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
        if violation.family == DISCIPLINE and "sanction_class" not in violation.unconfirmed:
            raise entry.broken("sanction_class: missing, and not marked unconfirmed")
    elif listed not in sanctions.classes():
        raise entry.broken("sanction_class: unknown")
    elif sanctions.family_of(listed) != violation.family:
        raise entry.broken("sanction_class: of the other family")


def _parse(text: str) -> Mapping[str, Violation]:
    found = [
        _parse_violation(entry) for entry in catalogue.entries(_FILE, text, "code", "violation")["violation"]
    ]
    return catalogue.by_code(_FILE, ((each.code, each) for each in found))


_VIOLATIONS = _parse(catalogue.read(_FILE))


def violations() -> Mapping[str, Violation]:
    """All lines of the catalogue under their codes, in the order of SKB 2022, Lampiran II."""
    return _VIOLATIONS


def violation(code: str, *, field: str = "act") -> Violation:
    """The line with a code such as `2022-DSA7`. Raises `Unknown` for any other text."""
    try:
        return _VIOLATIONS[code]
    except KeyError:
        raise Unknown("not in the violation catalogue", field=field) from None


def check_choice(act_code: str, family: str, sanction_class: str) -> Violation:
    """The act's line, if act, family and class that an examiner chose can stand together.

    Refused as `Malformed`, on the field `act`, `family` or `sanction_class`: an act or class that is unknown,
    a family other than that of the list the act stands in, a class of the other family (moral classes are
    ETHICS, PP 42/2004 art. 15; disciplinary classes and DISMISSAL are DISCIPLINE, PP 94/2021 art. 8). A class
    other than the listed one is the examiner's judgement and passes.
    """
    act = violation(act_code)
    if family not in (ETHICS, DISCIPLINE):
        raise Unknown("family is neither ETHICS nor DISCIPLINE", field="family")
    if family != act.family:
        raise Malformed(f"{act.code} stands in the {act.family} list", field="family")
    if sanctions.family_of(sanction_class) != family:
        raise Malformed(f"the class is not one of {family}", field="sanction_class")
    return act

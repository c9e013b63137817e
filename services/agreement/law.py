"""The law as this agreement has it: every rule of every data file under one name, with its clause, reading and certainty.

A lawyer looks a rule up here, and sees where it is used. The rules themselves stay where they are applied.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType

from agreement import data_files
from agreement.clocks import deadlines, escalation
from agreement.data_files import Unknown as Unknown
from agreement.elections.election import KINDS
from agreement.enforcement import (
    appeals,
    audit_statuses,
    deciding,
    intake,
    offences,
    procedures,
    prohibitions,
    sanctions,
)
from agreement.information import clauses, legal_bases, privacy
from agreement.parties import institutions

READ, NOT_READ = "read", "not read in full"


@dataclass(frozen=True)
class Rule:
    """A rule as a lawyer reads it. `certainty`: `read`, or what it rests on instead; `used`: acts and files that apply it."""

    id: str
    kind: str
    text: str
    clause: str
    certainty: str
    source: str
    says: tuple[str, ...] = ()
    reading: str = ""
    others: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    note: str = ""
    used: tuple[str, ...] = ()


def _certainty(confirmed: bool) -> str:
    return READ if confirmed else NOT_READ


def _bases() -> Iterator[Rule]:
    types = legal_bases.statement_types().values()
    for each in legal_bases.bases().values():
        used = tuple(one.type for one in types if each.id in one.bases)
        yield Rule(
            id=each.id,
            kind="legal basis",
            text=each.title_en,
            clause=each.title_id,
            certainty=_certainty(each.confirmed),
            source=each.source,
            since=each.since,
            until=each.until,
            note=each.note,
            used=used,
        )


def _limits() -> Iterator[Rule]:
    for each in deadlines.rules().values():
        start = "the day of the event counts" if each.start_counts else "the day of the event does not count"
        yield Rule(
            id=each.id,
            kind="limit",
            text=each.title,
            clause=each.text_id,
            certainty=_certainty(each.confirmed),
            source=each.source,
            says=(
                f"{each.count} {each.unit} days, {each.sense.replace('_', ' ')}, since {each.starts}; {start}",
            ),
            reading=each.reading,
            others=tuple(f"{one.reading}: {one.text}" for one in each.other),
            since=each.since,
            until=each.until,
            note=each.note,
            used=tuple(_uses_of_limit(each.id)),
        )


_LIMITS_OF_A_PROCEDURE = (
    "summons-gap",
    "summons-gap-pp53",
    "second-summons",
    "decision-delivery",
    "decision-effect",
    "decision-effect-pp53",
)
_WARNED_OF = {"form-a-pemilu": "bawaslu intake finding", "finding-plenary-pemilu": "bawaslu intake finding"}
"""Clauses by which an act is warned of, and asked for a stated reason."""


def _uses_of_limit(rule: str) -> Iterator[str]:
    for election in KINDS:
        for step in intake.STEPS:
            if intake.clock(election, step).rule == rule:
                yield f"bawaslu intake: {step.replace('_', ' ').lower()} ({election})"
    for institution in ("kasn", "bkn"):
        if deadlines.default_rule("follow_up", institution).id == rule:
            yield f"examiner recommend: the default of {institution}'s letters"
    if extended := deadlines.rule(rule).extends:
        yield f"bawaslu: an extension of {extended}"
    if deadlines.rule(rule).starts == "recommended":
        yield "examiner recommend --due-rule"
    if rule in _LIMITS_OF_A_PROCEDURE:
        yield "ppk: limits of a procedure"
    for (kind, step), limit in offences.clocks().items():
        if limit == rule:
            yield f"bawaslu: after {step.replace('_', ' ').lower()} on an offence ({kind})"
    for remedy in appeals.remedies():
        if rule in (remedy.limit, remedy.decided, remedy.answered):
            yield f"remedy {remedy.kind}: {remedy.basis}"


def _sanctions() -> Iterator[Rule]:
    for code, each in sanctions.sanctions().items():
        regime = legal_bases.basis(each.regime)
        yield Rule(
            id=code,
            kind="sanction",
            text=each.text,
            clause=each.basis,
            certainty=_certainty(each.confirmed),
            source=each.source,
            says=tuple(_says_of_sanction(each)),
            reading="; ".join(
                f"{way.reading} ({'chosen' if way.chosen else 'admitted, not chosen'})"
                for way in sanctions.admitted()
                if way.reading and code in way.sanctions
            ),
            others=tuple(_other_readings(code)),
            since=regime.since,
            until=regime.until,
            note=each.note,
            used=("ppk decide", "ppk appeal --outcome changed"),
        )


def _measures_and_transitions() -> Iterator[Rule]:
    lines: list[sanctions.Measure | sanctions.Transition] = [*sanctions.measures().values()]
    lines += sanctions.transitions()
    for each in lines:
        local = isinstance(each, sanctions.Measure)
        yield Rule(
            id=each.code,
            kind="local measure" if local else "transition",
            text=each.text,
            clause=each.basis,
            certainty=_certainty(each.confirmed),
            source=each.source,
            says=(f"the decree states {', '.join(each.states)}",)
            if isinstance(each, sanctions.Measure)
            else (),
            note=each.note,
            used=("ppk decide --measure",) if local else ("ppk decide: which rule has the sanctions",),
        )


def _says_of_sanction(found: sanctions.Sanction) -> Iterator[str]:
    yield found.sanction_class
    if found.duration_months:
        yield f"{found.duration_months} months"
    if found.states:
        yield f"the decree states {', '.join(found.states)}"
    for taken in sanctions.admitted():
        if found.code in taken.sanctions and taken.regime != found.regime:
            yield f"also since {legal_bases.basis(taken.regime).since} by {taken.basis}"


def _other_readings(code: str) -> Iterator[str]:
    ways = [each for each in sanctions.admitted() if each.reading]
    regimes = {each.regime for each in ways if code in each.sanctions}
    for way in ways:
        if way.regime in regimes and code not in way.sanctions:
            yield f"{way.reading}: {', '.join(way.sanctions)}"


def _procedures() -> Iterator[Rule]:
    for each in procedures.procedures():
        yield Rule(
            id=f"procedure-{each.sanction_class}-{each.since}",
            kind="procedure",
            text=f"Before a decree of {each.sanction_class}, of {', '.join(each.employments)}",
            clause=each.basis,
            certainty=_certainty(not each.unconfirmed),
            source=each.source,
            says=(
                f"team: {each.team}",
                f"examination: {'REQUIRED' if each.hearing else 'NONE'}",
                *(("council (Majelis Kode Etik): REQUIRED",) if each.council else ()),
            ),
            since=each.since,
            until=each.until,
            note=each.note,
            used=("ppk decide",),
        )


def _prohibitions() -> Iterator[Rule]:
    for code, each in prohibitions.prohibitions().items():
        regime = legal_bases.basis(each.rule)
        yield Rule(
            id=code,
            kind="prohibition",
            text=f"{each.text} ({each.text_id})",
            clause=each.basis,
            certainty=_certainty(each.confirmed),
            source=each.source,
            says=(each.sanction_class or "in no class of the rule",),
            since=regime.since,
            until=regime.until,
            note=each.note,
        )


def _offences() -> Iterator[Rule]:
    for code, each in offences.offences().items():
        yield Rule(
            id=f"offence-{code}",
            kind="election offence",
            text=each.text,
            clause=each.basis,
            certainty=_certainty(each.confirmed),
            source=each.source,
            says=each.elections,
            note=each.note,
            used=("bawaslu forward-offence",),
        )


def _remedies() -> Iterator[Rule]:
    for number, each in enumerate(appeals.remedies(), 1):
        yield Rule(
            id=f"remedy-{number}",
            kind="remedy",
            text=f"{each.kind} against a decree by {' or '.join(each.by)}, to {each.to or 'nobody'}",
            clause=each.basis,
            certainty=_certainty(each.confirmed),
            source=each.source,
            says=(*each.sanctions, *((f"silence: {each.silence}",) if each.silence else ())),
            since=each.since,
            until=each.until,
            note=each.note,
            used=("ppk appeal: another kind, or a later day, needs a stated reason",),
        )


def _deciding() -> Iterator[Rule]:
    for number, each in enumerate(deciding.lines(), 1):
        whom = ", ".join(each.posts) or f"{each.below} level(s) below"
        yield Rule(
            id=f"decides-{number}",
            kind="deciding official",
            text=f"{each.official} decides on {whom} ({', '.join(each.places)})",
            clause=each.basis,
            certainty=_certainty(each.confirmed),
            source=each.source,
            says=each.levels,
            since=deciding.since(),
            note=each.note,
            used=("ppk decide --decided-by",),
        )


_INACTION_SANCTIONS = {
    "SAME": "the same sanction as for the breach",
    "HEAVIER": "a heavier one than for the breach",
}


def _inactions() -> Iterator[Rule]:
    for each in deciding.inactions():
        yield Rule(
            id=f"inaction-{each.code.lower().replace('_', '-')}-{each.since.year}",
            kind="inaction",
            text=f"{each.text} ({each.text_id})",
            clause=each.basis,
            certainty=_certainty(each.confirmed),
            source=each.source,
            says=(
                f"punished by {each.by}",
                *((_INACTION_SANCTIONS[each.sanction],) if each.sanction else ()),
            ),
            since=each.since,
            until=each.until,
            note=each.note,
            used=("examiner: escalate",),
        )


def _duties() -> Iterator[Rule]:
    for code, each in privacy.duties().items():
        yield Rule(
            id=f"privacy-{code}",
            kind="privacy",
            text=f"{each.text} ({each.text_id})",
            clause=each.basis,
            certainty=_certainty(each.confirmed),
            source=each.source,
            says=(f"{each.hours} hours since {each.starts}", *each.to, *each.says),
            note=each.note,
        )


def _ladder() -> Iterator[Rule]:
    for each in escalation.every_step():
        yield Rule(
            id=f"{each.id}-{each.since.year}" if each.since else each.id,
            kind="step of the ladder",
            text=each.title_id,
            clause=each.source,
            certainty=_certainty(each.confirmed),
            source=each.source,
            says=(
                f"{each.days} {each.unit} days {'before' if each.before else 'after'} {each.follows}, by {each.by}",
            ),
            since=each.since,
            until=each.until,
            note=each.note,
            used=("examiner: the ladder",),
        )


def _audit_statuses() -> Iterator[Rule]:
    for each in audit_statuses.statuses():
        yield Rule(
            id=f"siptl-{each.code}",
            kind="status of auditors",
            text=f"{each.text_id}: {each.definition_id}",
            clause=each.source,
            certainty=_certainty(each.confirmed),
            source=each.source,
            says=(*(f"verdict {word}" for word in each.verdicts), *(f"stage {word}" for word in each.stages)),
            reading=each.reading,
            used=("monitor table siptl", "monitor table siptl-list"),
        )


def _clauses() -> Iterator[Rule]:
    for id, each in clauses.clauses().items():
        yield Rule(
            id=id,
            kind="clause",
            text=each.says,
            clause=each.basis,
            certainty=each.certainty,
            source=each.source,
            says=each.value,
            reading=each.reading,
            others=each.other,
            since=each.since,
            until=each.until,
            note=each.note,
            used=(_WARNED_OF[id],) if id in _WARNED_OF else (),
        )


def _authorities() -> Iterator[Rule]:
    for each in institutions.institutions().values():
        if each.region is None:
            yield Rule(
                id=each.id,
                kind="central authority",
                text=each.name,
                clause=each.source,
                certainty=_certainty(each.confirmed),
                source=each.source,
                says=tuple(_says_of_authority(each)),
                since=each.since,
                until=each.until,
                note=each.note,
                used=("examiner: addressees of recommendations, by the day of the letter",),
            )


def _says_of_authority(found: institutions.Institution) -> Iterator[str]:
    if found.renamed:
        yield f"{found.former_name} until {found.renamed}"
    if found.became:
        yield f"its tasks are with {', '.join(found.became)}"
    if line := institutions.superior_line(found.kind):
        doubt = "" if line.confirmed else f" ({line.note})"
        yield f"superior: {line.institution} by {line.source}{doubt}"


_KINDS = (
    _bases,
    _limits,
    _sanctions,
    _measures_and_transitions,
    _procedures,
    _prohibitions,
    _offences,
    _remedies,
    _deciding,
    _inactions,
    _duties,
    _ladder,
    _authorities,
    _audit_statuses,
    _clauses,
)


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule under its name, by kind; a name stands once."""
    found = [rule for kind in _KINDS for rule in kind()]
    return MappingProxyType(data_files.index("the law", found, lambda each: each.id))


def rule(id: str, *, field: str = "rule") -> Rule:
    """The rule with a name, in capitals or not. Raises `Unknown` for any other text."""
    by_name = {each.casefold(): each for each in rules()}
    return rules()[data_files.look_up(by_name, id.casefold(), "not a rule of the agreement", field)]

"""The law as this agreement has it: every rule of every data file under one name, with its clause, reading and certainty.

A lawyer looks a rule up here, and sees where it is used. The rules themselves stay where they are applied.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, reduce
from types import MappingProxyType

from agreement import data_files, rule_uses
from agreement.clocks import deadlines, escalation
from agreement.data_files import Unknown as Unknown
from agreement.enforcement import (
    appeals,
    audit_statuses,
    deciding,
    offences,
    procedures,
    prohibitions,
    sanctions,
)
from agreement.information import clauses, legal_bases, privacy
from agreement.parties import institutions
from agreement.wording import worded

READ, NOT_READ = "read", "not read in full"
_UNITS = {"working": worded("working days"), "calendar": worded("calendar days")}


@dataclass(frozen=True)
class Rule:
    """A rule as a lawyer reads it. `certainty`: `read`, or what it rests on instead; `used`: acts and files that apply it.
    `text_id`: the text in Indonesian, where the data have it."""

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
    text_id: str = ""


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
            text_id=each.title_id,
            certainty=_certainty(each.confirmed),
            source=each.source,
            since=each.since,
            until=each.until,
            note=each.note,
            used=used,
        )


def _limits() -> Iterator[Rule]:
    for each in deadlines.rules().values():
        counts = worded("the day of the event counts")
        start = counts if each.start_counts else worded("the day of the event does not count")
        yield Rule(
            id=each.id,
            kind="limit",
            text=each.title,
            clause=each.text_id,
            text_id=each.text_id,
            certainty=_certainty(each.confirmed),
            source=each.source,
            says=(
                worded(
                    "{count} {unit}, {sense}, since {event}; {start}",
                    count=each.count,
                    unit=_UNITS[each.unit],
                    sense=each.sense.replace("_", " "),
                    event=each.starts,
                    start=start,
                ),
            ),
            reading=each.reading,
            others=tuple(f"{one.reading}: {one.text}" for one in each.other),
            since=each.since,
            until=each.until,
            note=each.note,
            used=tuple(rule_uses.of_limit(each.id)),
        )


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
                worded("{reading} (chosen)", reading=way.reading)
                if way.chosen
                else worded("{reading} (admitted, not chosen)", reading=way.reading)
                for way in sanctions.admitted()
                if way.reading and code in way.sanctions
            ),
            others=tuple(sanctions.other_readings(code)),
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
            says=(worded("the decree states {what}", what=", ".join(each.states)),)
            if isinstance(each, sanctions.Measure)
            else (),
            note=each.note,
            used=("ppk decide --measure" if local else worded("ppk decide: which rule has the sanctions"),),
        )


def _says_of_sanction(found: sanctions.Sanction) -> Iterator[str]:
    yield found.sanction_class
    if found.duration_months:
        yield worded("{months} months", months=found.duration_months)
    if found.states:
        yield worded("the decree states {what}", what=", ".join(found.states))
    for taken in sanctions.admitted():
        if found.code in taken.sanctions and taken.regime != found.regime:
            since = legal_bases.basis(taken.regime).since or "…"
            yield worded("also since {since} by {basis}", since=since, basis=taken.basis)


def _procedures() -> Iterator[Rule]:
    for each in procedures.procedures():
        yield Rule(
            id=f"procedure-{each.sanction_class}-{each.since}",
            kind="procedure",
            text=worded(
                "Before a decree of {sanction_class}, of {whom}",
                sanction_class=each.sanction_class,
                whom=", ".join(each.employments),
            ),
            clause=each.basis,
            certainty=_certainty(not each.unconfirmed),
            source=each.source,
            says=(
                worded("team: {team}", team=each.team),
                worded("examination: {hearing}", hearing="REQUIRED" if each.hearing else "NONE"),
                *((worded("council (Majelis Kode Etik): REQUIRED"),) if each.council else ()),
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
            text_id=each.text_id,
            clause=each.basis,
            certainty=_certainty(each.confirmed),
            source=each.source,
            says=(each.sanction_class or worded("in no class of the rule"),),
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
            text=worded(
                "{kind} against a decree by {by}, to {to}",
                kind=each.kind,
                by=_either(each.by),
                to=each.to or worded("nobody"),
            ),
            clause=each.basis,
            certainty=_certainty(each.confirmed),
            source=each.source,
            says=(
                *each.sanctions,
                *((worded("silence: {what}", what=each.silence),) if each.silence else ()),
            ),
            since=each.since,
            until=each.until,
            note=each.note,
            used=(worded("ppk appeal: another kind, or a later day, needs a stated reason"),),
        )


def _either(words: Sequence[str]) -> str:
    return reduce(lambda some, last: worded("{some} or {last}", some=some, last=last), words)


def _deciding() -> Iterator[Rule]:
    for number, each in enumerate(deciding.lines(), 1):
        whom = ", ".join(each.posts) or worded("{below} level(s) below", below=each.below or 0)
        yield Rule(
            id=f"decides-{number}",
            kind="deciding official",
            text=worded(
                "{official} decides on {whom} ({places})",
                official=each.official,
                whom=whom,
                places=", ".join(each.places),
            ),
            clause=each.basis,
            certainty=_certainty(each.confirmed),
            source=each.source,
            says=each.levels,
            since=deciding.since(),
            note=each.note,
            used=("ppk decide --decided-by",),
        )


_INACTION_SANCTIONS = {
    "SAME": worded("the same sanction as for the breach"),
    "HEAVIER": worded("a heavier one than for the breach"),
}


def _inactions() -> Iterator[Rule]:
    for each in deciding.inactions():
        yield Rule(
            id=f"inaction-{each.code.lower().replace('_', '-')}-{each.since.year}",
            kind="inaction",
            text=f"{each.text} ({each.text_id})",
            text_id=each.text_id,
            clause=each.basis,
            certainty=_certainty(each.confirmed),
            source=each.source,
            says=(
                worded("punished by {by}", by=each.by),
                *((_INACTION_SANCTIONS[each.sanction],) if each.sanction else ()),
            ),
            since=each.since,
            until=each.until,
            note=each.note,
            used=(worded("examiner: escalate"),),
        )


def _duties() -> Iterator[Rule]:
    for code, each in privacy.duties().items():
        yield Rule(
            id=f"privacy-{code}",
            kind="privacy",
            text=f"{each.text} ({each.text_id})",
            text_id=each.text_id,
            clause=each.basis,
            certainty=_certainty(each.confirmed),
            source=each.source,
            says=(
                worded("{hours} hours since {event}", hours=each.hours, event=each.starts),
                *each.to,
                *each.says,
            ),
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
                worded(
                    "{days} {unit} {order} {step}, by {by}",
                    days=each.days,
                    unit=_UNITS[each.unit],
                    order=worded("before") if each.before else worded("after"),
                    step=each.follows,
                    by=each.by,
                ),
            ),
            since=each.since,
            until=each.until,
            note=each.note,
            used=(worded("examiner: the ladder"),),
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
            says=(
                *(worded("verdict {word}", word=word) for word in each.verdicts),
                *(worded("stage {word}", word=word) for word in each.stages),
            ),
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
            used=rule_uses.of_clause(id),
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
                used=(worded("examiner: addressees of recommendations, by the day of the letter"),),
            )


def _says_of_authority(found: institutions.Institution) -> Iterator[str]:
    if found.renamed:
        yield worded("{name} until {day}", name=found.former_name, day=found.renamed)
    if found.became:
        yield worded("its tasks are with {successors}", successors=", ".join(found.became))
    if line := institutions.superior_line(found.kind):
        doubt = "" if line.confirmed else worded(" ({note})", note=line.note)
        yield worded(
            "superior: {superior} by {source}{doubt}",
            superior=line.institution,
            source=line.source,
            doubt=doubt,
        )


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

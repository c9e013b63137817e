"""Uses of rules: acts, defaults and remedies that apply a limit or warn by a clause, for who looks it up in `agreement.law`. Pure."""

from collections.abc import Iterator

from agreement.clocks import deadlines
from agreement.elections.election import KINDS
from agreement.enforcement import appeals, intake, offences
from agreement.wording import worded

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


def of_limit(rule: str) -> Iterator[str]:
    """Name the acts, defaults and remedies that apply a limit, by its id."""
    for election in KINDS:
        for step in intake.STEPS:
            if intake.clock(election, step).rule == rule:
                step_words = step.replace("_", " ").lower()
                yield worded("bawaslu intake: {step} ({election})", step=step_words, election=election)
    for institution in ("kasn", "bkn"):
        if deadlines.default_rule("follow_up", institution).id == rule:
            yield worded(
                "examiner recommend: the default of {institution}'s letters", institution=institution
            )
    if extended := deadlines.rule(rule).extends:
        yield worded("bawaslu: an extension of {rule}", rule=extended)
    if deadlines.rule(rule).starts == "recommended":
        yield "examiner recommend --due-rule"
    if rule in _LIMITS_OF_A_PROCEDURE:
        yield worded("ppk: limits of a procedure")
    for (kind, step), limit in offences.clocks().items():
        if limit == rule:
            step_words = step.replace("_", " ").lower()
            yield worded("bawaslu: after {step} on an offence ({kind})", step=step_words, kind=kind)
    for remedy in appeals.remedies():
        if rule in (remedy.limit, remedy.decided, remedy.answered):
            yield worded("remedy {kind}: {basis}", kind=remedy.kind, basis=remedy.basis)


def of_clause(clause: str) -> tuple[str, ...]:
    """Name the acts that are warned of by a clause, by its id."""
    return (_WARNED_OF[clause],) if clause in _WARNED_OF else ()

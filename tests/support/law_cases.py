"""A lawyer's table (`tests/agreement/cases/*.toml`), and the question that each of its cases is to one function of the agreement."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from agreement.clocks import calendar, deadlines
from agreement.enforcement import appeals, deciding, procedures, prohibitions, sanctions, violations
from agreement.information import clauses, legal_bases, privacy
from agreement.parties import institutions
from refusals import Malformed

CASES = Path(__file__).parents[1] / "agreement" / "cases"
ASKED_ELSEWHERE = (
    "elections",
    "regions",
)  # tests/agreement/test_elections_cases.py asks them
JAKARTA = ZoneInfo("Asia/Jakarta")
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """A line of the table; see `cases/README.md`."""

    topic: str
    id: str
    question: str
    ask: str
    facts: Facts
    expected: str
    article: str
    source: str
    certainty: str
    answer: Any = None
    unit: str = ""
    alternative: str = ""
    note: str = ""


@dataclass(frozen=True)
class Said:
    """Answer of rules and data to a case, whether it counts as read, and the answers of other readings."""

    value: Any
    confirmed: bool | None = None
    others: tuple[Any, ...] = ()


def _cases() -> list[Case]:
    files = sorted(file for file in CASES.glob("*.toml") if file.stem not in ASKED_ELSEWHERE)
    return [
        Case(topic=file.stem, **each) for file in files for each in tomllib.loads(file.read_text())["case"]
    ]


ALL = _cases()


# --- limits -------------------------------------------------------------------------------------------------------


def _zone(facts: Facts) -> ZoneInfo:
    region = facts.get("region")
    return institutions.zone(institutions.ppk_of(region)) if region else JAKARTA


def _due(rule: deadlines.DeadlineRule, start: date, facts: Facts) -> date:
    known = calendar.latest(facts.get("region", ""))
    return deadlines.due(rule, deadlines.Start(rule.starts, start), _zone(facts), known).due


def limit(facts: Facts) -> Said:
    chosen, *others = deadlines.rule(facts["rule"]).readings().values()
    start: date = facts[facts["start"]]
    other_start = facts[facts.get("other_start", facts["start"])]
    return Said(
        _due(chosen, start, facts),
        chosen.confirmed,
        tuple(
            _due(each, start if each.starts == chosen.starts else other_start, facts)
            for each in others
            if each.starts == chosen.starts or "other_start" in facts
        ),
    )


def in_time(facts: Facts) -> Said:
    rule = deadlines.rule(facts["rule"])
    kept = facts[facts["step"]] <= _due(rule, facts[facts["start"]], facts)
    return Said("IN_TIME" if kept else "NOT_RECEIVABLE", rule.confirmed)


def extension_runs_from(facts: Facts) -> Said:
    rule = deadlines.rule(facts["rule"])
    assert rule.starts == deadlines.rule(rule.extends).starts
    return Said([rule.starts], rule.confirmed)


def unit_of(facts: Facts) -> Said:
    rule = deadlines.rule(facts["rule"]).on(facts["on"])
    return Said(rule.unit.upper(), rule.confirmed)


def follow_up(facts: Facts) -> Said:
    rule = deadlines.default_rule("follow_up", facts["examiner"].lower())
    return Said(_due(rule, facts["recommended"], facts), rule.confirmed)


def examiner(facts: Facts) -> Said:
    now = institutions.role_holder("examiner", facts["on"]).upper()
    open_days = clauses.clause("examiner-from")
    if date.fromisoformat(open_days.other[0]) <= facts["on"] < date.fromisoformat(open_days.value[0]):
        return Said(now, open_days.confirmed, ("BKN",))
    return Said(now)


def privacy_due(facts: Facts) -> Said:
    due = privacy.due(facts["duty"], datetime.fromisoformat(facts[facts["start"]]))
    return Said(due.isoformat(), privacy.duties()[facts["duty"]].confirmed)


# --- clauses ------------------------------------------------------------------------------------------------------


def clause(facts: Facts) -> Said:
    found = clauses.clause(facts["clause"])
    return Said(list(found.value), found.confirmed, tuple(found.other))


def article_of(facts: Facts) -> Said:
    return Said(clauses.clause(facts["clause"]).basis)


def last_day(facts: Facts) -> Said:
    found = clauses.clause(facts["clause"])
    assert found.until is not None
    return Said(date.fromordinal(found.until.toordinal() - 1), found.confirmed)


def may_report(facts: Facts) -> Said:
    found = clauses.clause(facts["clause"])
    return Said("YES" if facts["reporter"] in found.value else "NO", found.confirmed)


def may_attend(facts: Facts) -> Said:
    found = clauses.clause("examination-attended-by")
    return Said("YES" if facts["attends"] in found.value else "NO", found.confirmed)


def mode_allowed(facts: Facts) -> Said:
    found = clauses.clause("examination-modes")
    return Said("YES" if facts["form"] in found.value else "NO", found.confirmed)


def release_possible(facts: Facts) -> Said:
    found = clauses.clause("release-classes")
    return Said("YES" if facts["probable"] in found.value else "NO", found.confirmed)


def in_force_since(facts: Facts) -> Said:
    found = legal_bases.basis(facts["basis"])
    return Said(found.since, found.confirmed)


def superior(facts: Facts) -> Said:
    line = institutions.superior_line(institutions.institution(facts["institution"]).kind)
    return Said(institutions.superior_of(facts["institution"]), line.confirmed if line else None)


def told_to(facts: Facts) -> Said:
    return Said(list(privacy.duties()[facts["duty"]].to))


def notice_says(facts: Facts) -> Said:
    return Said(list(privacy.duties()[facts["duty"]].says))


def complied_with_from(facts: Facts) -> Said:
    return Said(privacy.complied_with_from())


# --- procedure ----------------------------------------------------------------------------------------------------

_REGIME_DAYS = {"PP94": date(2025, 1, 15), "PP53": date(2020, 12, 1)}


def _decree_day(facts: Facts) -> date:
    decided: date = facts.get("decided", _REGIME_DAYS[facts.get("regime", "PP94")])
    return decided


def procedure(facts: Facts) -> Said:
    found = procedures.procedure(facts["class"], _decree_day(facts))
    assert found is not None
    return Said([found.team, "REQUIRED" if found.hearing else "NOT_REQUIRED"], not found.unconfirmed)


def decree(facts: Facts) -> Said:
    done = procedures.Done(
        team=facts.get("team", False),
        examined=facts.get("examined", facts.get("heard", False)),
        absences=facts.get("absent", 0),
        council=facts.get("majelis"),
    )
    return Said(procedures.missing(facts["class"], _decree_day(facts), done) or "ACCEPT")


def sanction_without_examination(facts: Facts) -> Said:
    done = procedures.Done(team=True, absences=facts["absent"])
    missing = {
        procedures.missing(each, _decree_day(facts), done)
        for each in ("DISCIPLINE_LIGHT", "DISCIPLINE_SEVERE")
    }
    return Said("YES" if missing == {""} else "NO")


def summons_kept(facts: Facts) -> Said:
    remark = procedures.summons_remark(facts["summoned"], facts["examined"], JAKARTA)
    return Said("REMARK_ONLY" if remark else "NOT_REFUSED")


# --- sanctions ----------------------------------------------------------------------------------------------------


def admissible(facts: Facts) -> Said:
    act, decided = facts["act"], facts.get("decided", facts["act"])
    try:
        found = sanctions.check(facts["sanction"], facts["employment"], act, decided)
    except Malformed:
        return Said("NOT_ADMISSIBLE")
    return Said("ADMISSIBLE", found.confirmed)


_RULES = {"pp-94-2021": "PP94", "pp-53-2010": "PP53"}


def transition(facts: Facts) -> Said:
    found = sanctions.transition(facts["act"], facts.get("examined"), facts["decided"])
    assert found is not None
    return Said([_RULES[found.regime], found.code], found.confirmed)


def sanctions_of(facts: Facts) -> Said:
    there = [each.code for each in sanctions.of_class(facts["class"], facts["employment"], facts["act"])]
    return Said(there[-1])


def sanctions_of_employment(facts: Facts) -> Said:
    there = sanctions.applicable(facts["employment"], date(2024, 1, 10))
    return Said(list(there), all(each.confirmed for each in there.values()))


def sanctions_of_family(facts: Facts) -> Said:
    codes = sanctions.classes()
    there = sanctions.applicable("PNS", date(2024, 1, 10))
    return Said(
        [code for code, each in there.items() if codes[each.sanction_class].family == facts["family"]]
    )


def consequences(facts: Facts) -> Said:
    found = sanctions.consequences(facts["employment"], facts["class"])
    return Said([each.code for each in found], all(each.confirmed for each in found))


def duration(facts: Facts) -> Said:
    return Said(sanctions.sanction(facts["sanction"]).duration_months)


def measure(facts: Facts) -> Said:
    found = sanctions.measures()[facts["measure"]]
    return Said(list(found.states), found.confirmed)


def difference(facts: Facts) -> Said:
    return Said(sanctions.difference(facts["recommended"], facts["decided"]), False)


def all_heavier(facts: Facts) -> Said:
    found = sanctions.heavier(facts["last"], "PNS", facts["act"], facts["decided"])
    classes = list(sanctions.classes())
    least = classes.index(sanctions.sanction(facts["last"]).sanction_class)
    codes = {each.code for each in found}
    return Said(
        facts["last"] not in codes
        and bool(codes)
        and all(classes.index(each.sanction_class) >= least for each in found)
    )


def next_heavier(facts: Facts) -> Said:
    return Said(sanctions.heavier(facts["last"], "PNS", facts["act"], facts["decided"])[0].code)


def dismissed_by(facts: Facts) -> Said:
    (found,) = sanctions.dismissals(facts["ground"], facts["employment"], facts["on"])
    assert bool(found.against) == facts.get("shows_conflict", False)
    return Said([found.sanction, found.basis], found.confirmed)


def dismissal_effect(facts: Facts) -> Said:
    return Said(sanctions.dismissal_effect(facts["joined"]))


def class_of(facts: Facts) -> Said:
    there = prohibitions.of_day(facts["employment"], facts["act"], facts.get("decided"))
    found = there[facts["prohibition"]]
    return Said(found.sanction_class, found.confirmed)


def deciders(facts: Facts) -> Said:
    found = deciding.admissible(facts["post"], facts["institution"], facts["sanction"])
    return Said([each.official for each in found], all(each.line.confirmed for each in found))


def inaction(facts: Facts) -> Said:
    found = deciding.inaction(facts["inaction"], facts["on"])
    return Said([found.who, found.by, found.sanction or "NOT_SAID"], found.confirmed)


# --- remedies -----------------------------------------------------------------------------------------------------


def _remedy(facts: Facts, employment: str = "") -> appeals.Remedy:
    by: appeals.By = "PPK" if facts["by"] == "PPK" else "OFFICIAL"
    found = appeals.remedy(by, facts["sanction"], employment or facts["employment"], facts["decided"])
    assert found is not None
    return found


def remedy(facts: Facts) -> Said:
    found = _remedy(facts)
    return Said([found.kind, found.to], found.confirmed)


def receivable(facts: Facts) -> Said:
    kind = {"BANDING": "APPEAL", "KEBERATAN": "OBJECTION"}[facts["kind"]]
    there = appeals.receivable(kind, facts["by"], facts["sanction"], facts["employment"], facts["decided"])  # type: ignore[arg-type]
    return Said("RECEIVABLE" if there else "NOT_RECEIVABLE")


def silence(facts: Facts) -> Said:
    found = _remedy(facts)
    return Said(found.silence, found.confirmed)


def same_remedy_as_pns(facts: Facts) -> Said:
    each = [{**facts, "sanction": code} for code in ("PP94-8-4-C", "PP53-7-3-A")]
    return Said(all(_remedy(it, "CPNS") == _remedy(it, "PNS") for it in each))


def effect_of_decree(facts: Facts) -> Said:
    found = _remedy({**facts, "employment": "PNS"})
    return Said(facts["decided"] if found.from_decree else None, found.confirmed)


def effect_when_appealed(facts: Facts) -> Said:
    found = clauses.clause("effect-when-appealed")
    return Said(found.value[0], found.confirmed)


# --- the joint decrees --------------------------------------------------------------------------------------------


def skb_line(facts: Facts) -> Said:
    lines = violations.in_force(date(2024, 1, 10)).values()
    found = [
        each
        for each in lines
        if each.stage == facts["stage"]
        and facts["family"] in each.families
        and each.code.endswith(
            f"A{facts['number']}" if facts["stage"] == "PROSPECTIVE" else f"B{facts['number']}"
        )
    ]
    if not found:
        return Said(["", ""], False, ("UNKNOWN",))
    return Said([found[0].code, found[0].sanction_class or ""], None)


def skb_letters_known(facts: Facts) -> Said:
    return Said("KNOWN" if all(each.confirmed for each in violations.catalogues()) else "UNKNOWN", False)


def skb_lines(facts: Facts) -> Said:
    (found,) = [each for each in violations.catalogues() if each.basis == f"skb-{facts['skb']}"]
    return Said(str(len(found.lines)))


def skb_of_day(facts: Facts) -> Said:
    return Said(next(iter(violations.in_force(facts["act"]).values())).catalogue)


ASKED: Mapping[str, Callable[[Facts], Said]] = {
    each.__name__: each
    for each in (
        limit, in_time, extension_runs_from, unit_of, follow_up, examiner, privacy_due, clause, article_of,
        last_day, may_report, may_attend, mode_allowed, release_possible, in_force_since, superior, told_to, notice_says,
        complied_with_from, procedure, decree, sanction_without_examination, summons_kept, admissible, transition,
        sanctions_of, sanctions_of_employment, sanctions_of_family, consequences, duration, measure, difference,
        all_heavier, next_heavier, dismissed_by, dismissal_effect, class_of, inaction, remedy, receivable, silence,
        same_remedy_as_pns, effect_of_decree, effect_when_appealed,
        skb_line, skb_letters_known, skb_lines, skb_of_day,
    )
} | {"deciding": deciders}  # fmt: skip


def plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value

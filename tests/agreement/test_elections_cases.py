"""The sourced cases on elections and regions (`cases/*.toml`), asked of the agreement's own data and rules.

A case may be answered in several spellings, such as an election with or without its voting day: an answer is the set of them.
"""

import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest

from agreement.clocks import calendar
from agreement.elections import known, rules
from agreement.elections.election import Election, Office
from agreement.parties import regions

Value = str | date
Facts = Mapping[str, Value]
_FOLDER = Path(__file__).parent / "cases"
_CASES = [
    case
    for file in ("elections.toml", "regions.toml")
    for case in tomllib.loads((_FOLDER / file).read_text())["case"]
]
_OFFICES: Mapping[str, Office] = {"PRESIDENT": "PRESIDENT", "LEGISLATURE": "LEGISLATURE"}
_KINDS = {"public": "OFF", "weekend": "OFF", "leave": "LEAVE"}


def _day(facts: Facts, name: str) -> date:
    found = facts[name]
    assert isinstance(found, date)
    return found


def _office(facts: Facts) -> Office | None:
    return _OFFICES[str(facts["object"])] if "object" in facts else None


def _day_off(facts: Facts) -> set[str]:
    off = calendar.latest(str(facts.get("region", ""))).off(_day(facts, "on"))
    return {_KINDS[off.kind] if off else "WORKING"}


def _stage(facts: Facts) -> set[str]:
    election = known.election(str(facts["election"]))
    found = rules.stage_of(
        election, _day(facts, "act"), region=str(facts.get("region", "")), office=_office(facts)
    )
    return {found.stage} if found else {"UNKNOWN"}


def _election(facts: Facts) -> set[str]:
    if "act" in facts:
        return _election_of_act(facts)
    if "election" in facts:
        return _numbers(known.election(str(facts["election"])))
    if "on" in facts:
        return {_regions_voting_on(_day(facts, "on"))}
    if "region" in facts:
        return {str(each.day) for each in rules.local_voting_days(str(facts["region"]))}
    return {each.basis_says for each in known.all_known().newest.values() if each.basis}


def _election_of_act(facts: Facts) -> set[str]:
    region = str(facts["region"])
    found = rules.of_act(region, _day(facts, "act"), office=_office(facts))
    if found.election is None:
        return {"NO"}
    votes = rules.voting_day(found.election, region)
    named = {found.id, f"{found.id} ({votes:%-d %b %Y})"}
    return named | ({f"NO: only the governor of {region[:2]}"} if found.vote == "province" else set())


def _numbers(election: Election) -> set[str]:
    kinds = [regions.region(code).kind for code in election.regions]
    parts = [kinds.count("province"), kinds.count("kabupaten"), kinds.count("kota")]
    return {str(sum(parts)), f"{sum(parts)} = {' + '.join(map(str, parts))}"}


def _regions_voting_on(day: date) -> str:
    found = [code for code in regions.regions() for each in rules.local_voting_days(code) if each.day == day]
    return ", ".join(f"{code} {regions.region(code).name}" for code in sorted(found))


def _region(facts: Facts) -> set[str]:
    if "old_code" in facts:
        return {regions.code_now(str(facts["old_code"]))}
    if "code" in facts:
        with pytest.raises(regions.Unknown) as refused:
            regions.region(str(facts["code"]))
        return {f"REFUSE, naming {name}" for name in ("93.01", "BPS") if name in refused.value.message}
    if "name" in facts:
        code = regions.code_of_name(str(facts["name"]))
        return {code, f"{code} (name changed, code kept)"} if regions.former_names(code) else {code}
    if "region" not in facts:
        decree = regions.decree_on(_day(facts, "on"))
        return {decree.title if decree else ""}
    waits = regions.pending_name(str(facts["region"]))
    renamed = {f"NO: {waits.law} waits for {waits.waits_for}"} if waits else set()
    return {regions.title_of_head(str(facts["region"]), _day(facts, "on")), *renamed}


_ANSWERS: Mapping[str, Callable[[Facts], set[str]]] = {
    "dayoff": _day_off,
    "skb": _stage,
    "election": _election,
    "region": _region,
}


def _squeezed(text: str) -> str:
    """A text in which names are spelt one way: Kab. for Kabupaten, no blanks, no case."""
    return text.replace("Kabupaten", "Kab.").replace(" ", "").casefold()


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case["id"])
def test_the_agreement_answers_a_lawyers_case(case: Mapping[str, str | Facts]) -> None:
    facts, expected = case["facts"], case["expected"]
    assert isinstance(facts, Mapping)
    assert isinstance(expected, str)

    answers = _ANSWERS[str(case["topic"])](facts)

    assert _squeezed(expected) in {_squeezed(answer) for answer in answers}, answers


def test_each_case_has_a_source_and_an_open_one_says_what_is_open() -> None:
    assert len({case["id"] for case in _CASES}) == len(_CASES)
    for case in _CASES:
        assert case["source"]
        assert case["certainty"] != "open" or case["note"]

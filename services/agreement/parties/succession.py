"""How a role passes from one institution to the next, as data: who hands over to whom, and the rule for each state.

The circular SE MenPANRB 4/2024 tells what KASN had processed from what it had only received. That the examiner will be
another body again is certain (MK 121/PUU-XXII/2024); it then is a line of `succession.toml`. Periods are in `roles.toml`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from agreement import data_files
from agreement.data_files import BrokenData
from agreement.parties import institutions
from refusals import NotAllowed

_FILE = "succession.toml"


@dataclass(frozen=True)
class Succession:
    """A role passes from `predecessor` to `successor` on the legal date `since`.

    `former` is the role that the predecessor keeps afterwards: it may send `statement_types` and nothing else.
    """

    role: str
    predecessor: str
    successor: str
    since: date
    former: str
    statement_types: frozenset[str]


@dataclass(frozen=True)
class Rule:
    """What becomes of a matter in one of `states`: who `continues`, and whom the personnel authority `reports_to`.

    `confirmed` is False where the source does not say it in so many words; `source` says what was read.
    """

    code: str
    title_id: str
    states: frozenset[str]
    continues: str
    reports_to: str
    confirmed: bool
    source: str


def _succession(entry: data_files.Entry) -> Succession:
    found = Succession(
        role=entry.text("role"),
        predecessor=entry.text("from"),
        successor=entry.text("to"),
        since=entry.day("since"),
        former=entry.text("former"),
        statement_types=frozenset(entry.texts("statement_types")),
    )
    entry.text("source")
    entry.done()
    if {found.role, found.former} - institutions.ROLES:
        raise entry.broken("role, former: unknown")
    if found.predecessor not in institutions.institutions():
        raise entry.broken("from: not an institution")
    if institutions.role_holder(found.role, found.since) != found.successor:
        raise entry.broken("to: does not hold the role from that day on")
    return found


def _rule(entry: data_files.Entry) -> Rule:
    found = Rule(
        code=entry.text("code"),
        title_id=entry.text("title_id"),
        states=frozenset(entry.texts("states")),
        continues=entry.text("continues"),
        reports_to=entry.text("reports_to"),
        confirmed=entry.flag("confirmed"),
        source=entry.text("source"),
    )
    entry.done()
    if {found.continues, found.reports_to} - institutions.institutions().keys():
        raise entry.broken("continues, reports_to: not an institution")
    return found


def _parse(text: str) -> tuple[tuple[Succession, ...], Mapping[str, Rule]]:
    entries = data_files.entries(_FILE, text, "code", "succession", "rule")
    rules: dict[str, Rule] = {}
    for rule in map(_rule, entries["rule"]):
        for state in sorted(rule.states):
            if state in rules:
                raise BrokenData(_FILE, rule.code, f"{state} stands under two rules")
            rules[state] = rule
    return tuple(map(_succession, entries["succession"])), MappingProxyType(rules)


_SUCCESSIONS, _RULES = _parse(data_files.read(_FILE))


def rules() -> Mapping[str, Rule]:
    """The rule for each state in which a matter passes on."""
    return _RULES


def succession(role: str, predecessor: str, successor: str, on: date) -> Succession:
    """The succession of a role, if it has happened by a legal date.

    Raises:
        NotAllowed: the agreement knows of none, or it is later.
    """
    for found in _SUCCESSIONS:
        if (found.role, found.predecessor, found.successor) == (role, predecessor, successor):
            if on >= found.since:
                return found
            raise NotAllowed(
                f"the role passes on {found.since.isoformat()}", field="successor", reason="NOT_YET_PASSED"
            )
    raise NotAllowed(
        "the role does not pass from this institution to that one", field="successor", reason="NO_SUCCESSION"
    )


def former_role(statement_type: str) -> str:
    """The role under which an institution whose role has passed may still send a type; "" if it may not."""
    for found in _SUCCESSIONS:
        if statement_type in found.statement_types:
            return found.former
    return ""

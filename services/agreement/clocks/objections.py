"""Whether an objection stops the clock of a follow-up: configuration, since no text says it."""

import itertools
from dataclasses import dataclass
from datetime import date

from agreement import data_files
from agreement.data_files import BrokenData
from refusals import Malformed

_FILE = "objections.toml"


@dataclass(frozen=True)
class Rule:
    """What an objection (klarifikasi dan tanggapan) does to the due date, on legal dates from `since` until before `until`.

    `unconfirmed` names what no text that could be read says.
    """

    id: str
    since: date
    until: date | None
    stops_clock: bool
    source: str
    unconfirmed: tuple[str, ...]


def _parse(text: str) -> tuple[Rule, ...]:
    found = []
    for entry in data_files.entries(_FILE, text, "rule", "objection")["objection"]:
        since, until = entry.period()
        found.append(
            Rule(
                entry.text("rule"),
                since,
                until,
                entry.flag("stops_clock"),
                entry.text("source"),
                entry.optional("unconfirmed", entry.texts) or (),
            )
        )
        entry.done()
    for earlier, later in itertools.pairwise(found):
        if earlier.until is None or earlier.until != later.since:
            raise BrokenData(_FILE, f"objection {later.id}", "does not begin where the one before ends")
    return tuple(data_files.by_code(_FILE, ((rule.id, rule) for rule in found)).values())


_RULES = _parse(data_files.read(_FILE))


def rule(on: date) -> Rule:
    """The rule in force on a legal date.

    Raises:
        Malformed: there was none yet.
    """
    for each in _RULES:
        if each.since <= on and (each.until is None or on < each.until):
            return each
    raise Malformed(f"no rule on objections on {on.isoformat()}")

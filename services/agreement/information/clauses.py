"""Clauses of the law that no other data file has, each with its certainty: a fact of the law under a name.

Data only (`clauses.toml`). A rule that a desk applies stands in the file of its subject; here stands what an officer, a lawyer or a
check wants to know beside it: who summons, whether a lawyer attends, what comes before a block.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Literal, Self

from pydantic import model_validator

from agreement import data_files
from agreement.data_files import Unknown as Unknown

Certainty = Literal["read", "quoted", "press", "open"]
"""Read in full, quoted by a reliable text, from the press, or not settled."""

_FILE = "clauses.toml"


class Clause(data_files.Model):
    """A fact of the law: its subject, what it says in words, and the `value` that follows, as codes, words or numbers.

    In force on legal dates from `since` until before `until` (None: not limited). `reading` and `other`: where it can be read in
    two ways.
    """

    id: data_files.Text
    topic: data_files.Text
    says: data_files.Text
    value: data_files.Texts
    basis: data_files.Text
    certainty: Certainty
    source: data_files.Text
    since: date | None = None
    until: date | None = None
    reading: data_files.Text | Literal[""] = ""
    other: data_files.Texts = ()
    note: data_files.Text | Literal[""] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        data_files.check_period(self.since or date.min, self.until)
        data_files.check_note(self.certainty != "open", self.note)
        return self

    @property
    def confirmed(self) -> bool:
        """True if the clause itself was read."""
        return self.certainty == "read"

    def on(self, day: date) -> bool:
        """True if it is in force on that legal date."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


class _File(data_files.Model):
    clause: data_files.Entries[Clause]


@cache
def clauses() -> Mapping[str, Clause]:
    """All clauses under their ids, by topic."""
    found = data_files.parse(_File, _FILE, data_files.read(_FILE), "id")
    return data_files.index(_FILE, found.clause, lambda each: each.id)


def clause(id: str, *, field: str = "clause") -> Clause:
    """The clause with an id such as `summons-by`. Raises `Unknown` for any other text."""
    return data_files.look_up(clauses(), id, "not a clause of the agreement's data", field)


def of_topic(topic: str, on: date | None = None) -> tuple[Clause, ...]:
    """The clauses of a topic, those in force on a day if one is given."""
    return tuple(each for each in clauses().values() if each.topic == topic and (on is None or each.on(on)))

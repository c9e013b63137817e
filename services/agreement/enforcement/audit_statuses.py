"""Statuses and ages of recommendations as auditors count them (SIPTL, Peraturan BPK 2/2017), and what they are in the examiner's words."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from agreement import data_files
from agreement.data_files import BrokenData

_FILE = "siptl.toml"


class AuditStatus(data_files.Model):
    """A status by its number, from 1 to 4; `settled`: nothing is left to do.

    It is that of the listed verdicts of the verification, and of the listed stages of a recommendation without one. `reading` says what of
    this no clause says.
    """

    code: data_files.Text
    text_id: data_files.Text
    text_en: data_files.Text
    definition_id: data_files.Text
    definition_en: data_files.Text
    verdicts: data_files.Texts
    stages: data_files.Texts
    settled: bool
    confirmed: bool
    source: data_files.Text
    reading: data_files.Text | Literal[""] = ""


class Age(data_files.Model):
    """An age class: up to so many calendar days since the date of the recommendation; None: without end."""

    code: data_files.Text
    text_id: data_files.Text
    text_en: data_files.Text
    confirmed: bool
    source: data_files.Text
    days: data_files.Number | None = None


class _File(data_files.Model):
    status: data_files.Entries[AuditStatus]
    age: data_files.Entries[Age]


@dataclass(frozen=True)
class _Data:
    statuses: tuple[AuditStatus, ...]
    ages: tuple[Age, ...]
    by_verdict: dict[str, AuditStatus]
    by_stage: dict[str, AuditStatus]


def _parse(text: str) -> _Data:
    found = data_files.parse(_File, _FILE, text)
    data_files.index(_FILE, found.status, lambda each: each.code)
    data_files.index(_FILE, found.age, lambda each: each.code)
    edges = [each.days for each in found.age]
    if (
        edges[-1] is not None
        or None in edges[:-1]
        or edges[:-1] != sorted(edges[:-1], key=lambda day: day or 0)
    ):
        raise BrokenData(_FILE, "age", "days: not rising, or the last has an end")
    by_verdict: dict[str, AuditStatus] = {}
    by_stage: dict[str, AuditStatus] = {}
    for status in found.status:
        for known, words in ((by_verdict, status.verdicts), (by_stage, status.stages)):
            for word in words:
                if known.setdefault(word, status) is not status:
                    raise BrokenData(_FILE, f"status {status.code}", f"{word} is of another status too")
    return _Data(found.status, found.age, by_verdict, by_stage)


@cache
def _data() -> _Data:
    return _parse(data_files.read(_FILE))


def statuses() -> tuple[AuditStatus, ...]:
    """The four statuses, in the order of their numbers."""
    return _data().statuses


def ages() -> tuple[Age, ...]:
    """The age classes, youngest first."""
    return _data().ages


def status_of(verdict: str, stage: str) -> AuditStatus:
    """The status of a recommendation by the last verdict of its verification, or without one by its stage.

    At a stage that the data do not list nothing was done upon the recommendation yet.
    """
    known = _data()
    return known.by_verdict.get(verdict) or known.by_stage.get(stage) or known.by_stage["RECOMMENDED"]


def age_of(days: int) -> Age:
    """The age class of so many days."""
    return next(each for each in _data().ages if each.days is None or days <= each.days)

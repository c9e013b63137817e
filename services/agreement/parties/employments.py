"""Employments (jenis kepegawaian), by the statuses that people write in their lists."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from agreement import data_files
from agreement.data_files import BrokenData

Code = Literal["PNS", "CPNS", "PPPK", "PPPK_PW", "PPNPN"]

_FILE = "employments.toml"
_APART = re.compile(r"[\s_/-]+")


class Employment(data_files.Model):
    """An employment and the words that lists have for it; `unconfirmed` names what no text that could be read says."""

    code: Code
    words: data_files.Texts
    source: data_files.Text
    unconfirmed: data_files.Texts = ()
    note: data_files.Text | Literal[""] = ""


class _File(data_files.Model):
    employment: data_files.Entries[Employment]


@dataclass(frozen=True)
class Statuses:
    """Employments by their folded words, and the words as they are shown, in the order of the file."""

    employments: Mapping[str, Code]
    words: tuple[str, ...]


def parse(text: str) -> Statuses:
    """The statuses of a file. Raises `BrokenData`, also where a word is that of two employments."""
    found = data_files.parse(_File, _FILE, text)
    data_files.index(_FILE, found.employment, lambda each: each.code)
    by_word: dict[str, Code] = {}
    for each in found.employment:
        for word in each.words:
            if by_word.setdefault(_folded(word), each.code) != each.code:
                raise BrokenData(_FILE, f"employment {each.code}", f"words: {word} is another employment's")
    return Statuses(by_word, tuple(word for each in found.employment for word in each.words))


@cache
def _statuses() -> Statuses:
    return parse(data_files.read(_FILE))


def employment_of(status: str) -> Code | None:
    """The employment that a status is, as `Tenaga Honorer`, `P.P.P.K` or `pppk paruh-waktu`; None if it is not known."""
    return _statuses().employments.get(_folded(status))


def words() -> tuple[str, ...]:
    """Every status that is known, as it is usually written."""
    return _statuses().words


def _folded(status: str) -> str:
    return _APART.sub(" ", status.replace(".", "")).strip().casefold()

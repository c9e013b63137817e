"""Bawaslu's numbers of reports (laporan, LP) and findings (temuan, TM): the forms are data, the text stays as it was written.

A number says of which election it is, report or finding, which office gave it, and whether it is registered. One number has
many spellings (letter case, blanks, a sequence of two digits): `canonical` is the one by which it is used up.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, Self

from pydantic import model_validator

from agreement import data_files
from agreement.data_files import BrokenData
from agreement.parties import offices
from refusals import Malformed

ElectionKind = Literal["PEMILU", "PILKADA"]
"""General election (pemilu, UU 7/2017) or local election (pilkada, UU 1/2015 and its changes): each has rules of its own."""

_FILE = "bawaslu_numbers.toml"
_EXAMPLE = "002/LP/PL/Kab/27.09/III/2024"
_ORIGINS = {"LP": "REPORT", "TM": "FINDING"}
_LEVELS = ("RI", "Prov", "Kab", "Kota", "Kec")
# Digits are ASCII: `\d` takes others.
_PARTS = {
    "sequence": "[0-9]{2,3}",
    "origin": "|".join(_ORIGINS),
    "level": "|".join(_LEVELS),
    "area": r"[0-9]{2}\.[0-9]{2}(?:\.[0-9]{2})?",
    "month": "I|II|III|IV|V|VI|VII|VIII|IX|X|XI|XII",
    "year": "20[0-9]{2}",
}
_TOKENS = re.compile(r"\{([a-z]+)\}|\[([A-Za-z]+)/\]|([A-Z]+)|([/.])")


@dataclass(frozen=True)
class Number:
    """Content of a number. `origin` is REPORT or FINDING, empty where its form does not say.

    `text` is as it was written, `canonical` its one spelling. `voted_on` is what its letters say of the office that is voted on.
    """

    text: str
    canonical: str
    origin: str
    election: ElectionKind
    office: str
    registered: bool
    voted_on: str = ""


class Votes(data_files.Model):
    """The letters in a number that say which election it is of: PL, PG, PB, PW."""

    code: data_files.Text
    election: ElectionKind
    voted_on: data_files.Text
    certainty: offices.Certainty
    source: data_files.Text


class Form(data_files.Model):
    """A form of numbers, written as they are; its words are explained in the file."""

    id: data_files.Text
    form: data_files.Text
    examples: data_files.Texts
    certainty: offices.Certainty
    source: data_files.Text
    note: data_files.Text | Literal[""] = ""
    election: ElectionKind | Literal[""] = ""
    registered: bool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        if ("{votes}" in self.form) == bool(self.election):
            raise ValueError("election: either it, or {votes} in the form")
        missing = [part for part in ("sequence", "area", "year") if f"{{{part}}}" not in self.form]
        if missing:
            raise ValueError(f"form: without {', '.join(missing)}")
        return self


class _File(data_files.Model):
    form: data_files.Entries[Form]
    votes: data_files.Entries[Votes]


@dataclass(frozen=True)
class _Data:
    forms: Mapping[str, Form]
    patterns: Mapping[str, re.Pattern[str]]
    votes: Mapping[str, Votes]


def _parse(text: str) -> _Data:
    found = data_files.parse(_File, _FILE, text, "id")
    votes = data_files.index(_FILE, found.votes, lambda each: each.code)
    forms = data_files.index(_FILE, found.form, lambda each: each.id)
    patterns = {id: _pattern(form, tuple(votes)) for id, form in forms.items()}
    for form in forms.values():
        for example in form.examples:
            if [id for id, pattern in patterns.items() if pattern.fullmatch(example)] != [form.id]:
                raise BrokenData(_FILE, form.id, f"examples: {example} is not of this form alone")
    return _Data(forms, patterns, votes)


def _pattern(form: Form, votes: tuple[str, ...]) -> re.Pattern[str]:
    """The form as a pattern: blanks beside the strokes and letter case do not matter."""
    parts = _PARTS | {"votes": "|".join(votes)}
    written, at = "", 0
    while at < len(form.form):
        token = _TOKENS.match(form.form, at)
        if token is None or (token[1] and token[1] not in parts):
            raise BrokenData(_FILE, form.id, f"form: nothing is known of {form.form[at:]}")
        part, option, word, sign = token.groups()
        if part:
            written += f"(?P<{part}>{parts[part]})"
        elif option:
            written += f"(?P<registered>{option} */ *)?"
        else:
            written += word or (" */ *" if sign == "/" else re.escape(sign))
        at = token.end()
    return re.compile(written, re.IGNORECASE | re.ASCII)


@cache
def _data() -> _Data:
    return _parse(data_files.read(_FILE))


def forms() -> Mapping[str, Form]:
    """The forms of numbers, under their ids."""
    return _data().forms


def votes() -> Mapping[str, Votes]:
    """The letters that tell elections apart, under their codes."""
    return _data().votes


def number(text: str, *, field: str = "number") -> Number:
    """A number of Bawaslu, taken apart.

    Raises:
        Malformed: not of a form that was seen; or its office's level is neither in it nor, for its area, in the table.
    """
    data = _data()
    for id, pattern in data.patterns.items():
        found = pattern.fullmatch(text)
        if found and int(found["sequence"]):
            return _number(text, data.forms[id], found.groupdict(), field)
    raise Malformed(
        "not a number of Bawaslu in a form that is known, such as {example}", example=_EXAMPLE, field=field
    )


def _number(text: str, form: Form, found: Mapping[str, str | None], field: str) -> Number:
    said = {part: value.upper() for part, value in found.items() if value}
    votes = _data().votes.get(said.get("votes", ""))
    level = next((each for each in _LEVELS if each.upper() == said.get("level")), "")
    election = votes.election if votes else form.election
    assert election
    return Number(
        text=text,
        canonical=_spelled(form, said | {"level": level}),
        origin=_ORIGINS.get(said.get("origin", ""), ""),
        election=election,
        office=f"{level}/{said['area']}" if level else _office_of_area(said["area"], field),
        registered=form.registered or "registered" in said,
        voted_on=votes.voted_on if votes else "",
    )


def _spelled(form: Form, said: dict[str, str]) -> str:
    parts = said | {"sequence": f"{int(said['sequence']):03}"}
    return _TOKENS.sub(lambda token: _word(token, parts), form.form)


def _word(token: re.Match[str], said: Mapping[str, str]) -> str:
    part, option, word, sign = token.groups()
    if part:
        return said[part]
    if option:
        return f"{option}/" if "registered" in said else ""
    return str(word or sign)


def _office_of_area(area: str, field: str) -> str:
    """The office of an area, where a number does not say its level."""
    if area.endswith(".00"):
        return f"RI/{area}" if area == "00.00" else f"Prov/{area}"
    known = [code for code in (f"Kab/{area}", f"Kota/{area}") if code in offices.offices(offices.BAWASLU)]
    if len(known) != 1:
        raise Malformed(
            "the number does not say its office's level, and the table of offices has none for its area",
            field=field,
            reason="OFFICE_UNKNOWN",
        )
    return known[0]


def office_of(text: str) -> str:
    """The office that a number names; empty for what is no number."""
    try:
        return number(text).office
    except Malformed:
        return ""


def canonical(text: str) -> str:
    """The one spelling of a number; what is no number is given back as it is."""
    try:
        return number(text).canonical
    except Malformed:
        return text

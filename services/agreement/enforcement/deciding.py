"""Deciding officials of discipline (pejabat yang berwenang menghukum): who may impose which sanction on the holder of which post.

PP 94/2021 art. 16 to 25 and 28 as data (`deciding.toml`): who decides, and who is punished for not having acted. Posts are named by their level, and levels are counted along the line of
superiors. What post a person holds is in the sealed file; here only the level is asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from agreement import data_files
from agreement.data_files import BrokenData
from agreement.data_files import Unknown as Unknown
from agreement.parties import institutions

Level = Literal["8(2)", "8(3)", "8(4)a", "8(4)b", "8(4)c"]
"""A kind of sanction as the clauses name it: light, medium, and the three severe ones."""
Place = Literal["CENTRAL", "PROVINCE", "REGENCY", "EMBASSY"]

_FILE = "deciding.toml"


class Post(data_files.Model):
    """A level of post (jenjang jabatan), and the posts of the line above it by place, the nearest first.

    `functional`: a functional post (JF), for which the clauses count no levels.
    """

    code: data_files.Text
    title_id: data_files.Text
    functional: bool = False
    above: Mapping[Place, Sequence[str]] = Field(default_factory=dict, strict=False)


class Decider(data_files.Model):
    """A line of the clauses: an official, and for which posts (or levels below), places and kinds of sanction.

    `below`: so many levels below the official, counted along the line of superiors. `posts`: named instead.
    """

    official: data_files.Text
    places: Annotated[data_files.Several[Place], Field(min_length=1)]
    levels: Annotated[data_files.Several[Level], Field(min_length=1)]
    basis: data_files.Text
    confirmed: bool
    source: data_files.Text
    posts: data_files.Texts = ()
    below: data_files.Number | None = None
    note: data_files.Text | Literal[""] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        data_files.check_note(self.confirmed, self.note)
        if bool(self.posts) == (self.below is not None):
            raise ValueError("posts, below: exactly one")
        return self


class Inaction(data_files.Model):
    """An official who should have acted on a breach and did not: who, who punishes him, and with what beside the breach's own.

    For letters from `since` until before `until`. `decree`: whether there has to be a decree on the breach.
    """

    code: data_files.Text
    text_id: data_files.Text
    text: data_files.Text
    who: Literal["DIRECT_SUPERIOR", "DECIDING_OFFICIAL"]
    by: Literal["DECIDING_OFFICIAL", "HIS_SUPERIOR"]
    sanction: Literal["", "SAME", "HEAVIER"]
    decree: Literal["YES", "NO"]
    since: date
    basis: data_files.Text
    confirmed: bool
    source: data_files.Text
    until: date | None = None
    note: data_files.Text | Literal[""] = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        data_files.check_note(self.confirmed, self.note)
        data_files.check_period(self.since, self.until)
        return self

    def on(self, day: date) -> bool:
        """True if it holds for letters of that date."""
        return self.since <= day and (self.until is None or day < self.until)


class _File(data_files.Model):
    since: date
    post: data_files.Entries[Post]
    decider: data_files.Entries[Decider]
    inaction: data_files.Entries[Inaction]


@dataclass(frozen=True)
class Deciding:
    """An official who may decide, and the line of the clauses that says so."""

    official: str
    line: Decider


def _parse(text: str) -> _File:
    found = data_files.parse(_File, _FILE, text)
    posts = data_files.index(_FILE, found.post, lambda each: each.code)
    for post in posts.values():
        if strange := {above for line in post.above.values() for above in line} - set(posts):
            raise BrokenData(_FILE, f"post {post.code}", f"above: {', '.join(sorted(strange))} unknown")
    for line in found.decider:
        if not set(line.posts) <= set(posts):
            raise BrokenData(_FILE, f"decider {line.official}", "posts: unknown")
    data_files.index(_FILE, found.inaction, lambda each: f"{each.code} {each.since}")
    return found


@cache
def _data() -> _File:
    return _parse(data_files.read(_FILE))


def since() -> date:
    """The first day of the clauses; decrees before it went by PP 53/2010, whose officials are not listed."""
    return _data().since


def posts() -> Mapping[str, Post]:
    """The levels of post under their codes, from the highest."""
    return {each.code: each for each in _data().post}


def level(sanction: str) -> Level | None:
    """The kind of a sanction's clause: `PP94-8-4-A` is 8(4)a, and what art. 42 takes from PP 53/2010 art. 7(3) is 8(3).

    None for a sanction that is none of PP 94/2021.
    """
    levels: Mapping[str, Level] = {
        "PP94-8-2": "8(2)",
        "PP94-8-3": "8(3)",
        "PP53-7-3": "8(3)",
        "PP94-8-4-A": "8(4)a",
        "PP94-8-4-B": "8(4)b",
        "PP94-8-4-C": "8(4)c",
    }
    return next((found for start, found in levels.items() if sanction.startswith(start)), None)


def place(kind: institutions.Kind) -> Place:
    """The place of a personnel authority in the clauses, by its kind of institution."""
    match kind:
        case "province":
            return "PROVINCE"
        case "kabupaten" | "kota":
            return "REGENCY"
        case _:
            return "CENTRAL"


def officials() -> frozenset[str]:
    """The levels of official that the clauses name."""
    return frozenset(each.official for each in _data().decider)


def may_impose(official: str, place: Place, kind: Level) -> bool:
    """True if that official may impose that kind on anybody there."""
    return any(may_decide(official, post, place, kind) for post in posts())


def admissible(post: str, place: Place, kind: Level, *, ppk: bool = False) -> tuple[Deciding, ...]:
    """The officials who may impose that kind on the holder of a post there, those named by the clauses first.

    `ppk`: the person is the personnel authority itself. Raises `Unknown` for a post that is not listed.
    """
    found = data_files.look_up(posts(), post, "not a level of post", "post")
    if ppk:
        return tuple(
            Deciding(each.official, each)
            for each in _data().decider
            if "JPT_UTAMA" in each.posts and kind in each.levels
        )
    line = list(found.above.get(place, ()))
    return tuple(
        Deciding(each.official, each)
        for each in _data().decider
        if place in each.places and kind in each.levels and _reaches(each, found, line)
    )


def _reaches(decider: Decider, post: Post, line: Sequence[str]) -> bool:
    if decider.below is None:
        return post.code in decider.posts
    return len(line) >= decider.below and line[decider.below - 1] == decider.official


def may_decide(official: str, post: str, place: Place, kind: Level) -> bool:
    """True if that official may impose that kind on the holder of a post there."""
    return any(each.official == official for each in admissible(post, place, kind))


def lines() -> tuple[Decider, ...]:
    """All lines of the clauses in their order."""
    return _data().decider


def inactions() -> tuple[Inaction, ...]:
    """All inactions of all periods."""
    return tuple(_data().inaction)


def inaction(code: str, on: date, *, field: str = "inaction") -> Inaction:
    """The inaction with a code such as `NOT_PUNISHED` on a legal date. Raises `Unknown` for what is not listed, or not then."""
    there = {each.code: each for each in _data().inaction if each.on(on)}
    return data_files.look_up(there, code, "not a listed inaction of that day", field)

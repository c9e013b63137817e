"""A season of invented cases from published figures: who is reported when, for what, and what becomes of it. No I/O.

The same seed gives the same season. Shares and their sources stand in `figures.toml`; persons are invented, their numbers
built from the rules. What is open at the end of the season's last figure stays open.
"""

import random
import tomllib
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources
from typing import TypedDict

from agreement.enforcement import sanctions
from agreement.parties import institutions, posts

RECOMMENDED, NOT_PROVEN, EXAMINING = "RECOMMENDED", "NOT_PROVEN", "EXAMINING"
WRONG_ADDRESSEE, OBJECTION, CANNOT = "WRONG_ADDRESSEE", "OBJECTION", "CANNOT"
FOLLOW_UP_DAYS = 14
_MONTH = 30.44  # days


@dataclass(frozen=True)
class Employee:
    """An invented civil servant (PNS). `post_category` is a code of `agreement.parties.posts`; empty: not stated."""

    full_name: str
    nip: str
    position: str
    grade: str
    post_category: str


@dataclass(frozen=True)
class Case:
    """One person's way through the agencies. Dates are legal dates; None: it did not come to that.

    `outcome` is what the examiner made of it, `mishap` what went wrong on the way ("": nothing).
    """

    number: int
    region: str
    employer: str
    person: Employee
    act: str
    sanction_class: str
    sanction: str
    outcome: str
    mishap: str
    wrong_addressee: str
    event: date
    known: date
    study: date
    referral: date
    letter: date | None
    due: date | None
    follow_up: date | None
    verified: date | None


@dataclass(frozen=True)
class Figures:
    """The published figures, read."""

    since: date
    until: date
    shares: Mapping[str, Sequence[tuple[str, float]]]
    classes: Mapping[str, Sequence[str]]
    categories: Mapping[str, str]
    followed_up: Sequence[tuple[float, float]]


def read_figures() -> Figures:
    """The figures that come with this package."""
    text = resources.files("operations.season").joinpath("figures.toml").read_text("utf-8")
    document = tomllib.loads(text)
    lists = ("outcome", "act", "post", "province", "mishap")
    return Figures(
        since=document["season"]["since"],
        until=document["season"]["until"],
        shares={name: [(entry["code"], entry["share"]) for entry in document[name]] for name in lists},
        classes={entry["code"]: entry["classes"] for entry in document["act"]},
        categories={entry["code"]: entry["category"] for entry in document["post"]},
        followed_up=[(entry["months"], entry["share"]) for entry in document["followed_up"]],
    )


def cases(count: int, seed: int, figures: Figures) -> Iterator[Case]:
    """`count` cases in order of the day of the event, numbered from 1."""
    draw = random.Random(seed)  # noqa: S311 - a season is no secret
    days = (figures.until - figures.since).days
    events = sorted(figures.since + timedelta(draw.randrange(days)) for _ in range(count))
    employers = _employers(count, draw, figures)
    for number, (event, employer) in enumerate(zip(events, employers, strict=True), 1):
        yield _case(number, event, employer, draw, figures)


def _employers(count: int, draw: random.Random, figures: Figures) -> list[str]:
    """Every local authority once, then by the weight of its province."""
    local = [id for id in institutions.personnel_authorities() if institutions.institution(id).region]
    first = draw.sample(local, min(count, len(local)))
    by_province: dict[str, list[str]] = {}
    for id in local:
        by_province.setdefault(_region_of(id)[:2], []).append(id)
    return first + [_more_often(draw, by_province, local, figures) for _ in range(count - len(first))]


def _more_often(
    draw: random.Random, by_province: Mapping[str, Sequence[str]], local: Sequence[str], figures: Figures
) -> str:
    province = _pick(draw, figures.shares["province"], otherwise="")
    return draw.choice(by_province[province] if province else local)


def _region_of(institution: str) -> str:
    return institutions.institution(institution).region or ""


def _case(number: int, event: date, employer: str, draw: random.Random, figures: Figures) -> Case:
    known = event + timedelta(draw.randint(0, 5))
    study = known + timedelta(draw.randint(2, 5))
    referral = study + timedelta(draw.randint(0, 3))
    act = _pick(draw, figures.shares["act"])
    sanction_class = draw.choice(figures.classes[act])
    outcome = _pick(draw, figures.shares["outcome"])
    mishap = _pick(draw, figures.shares["mishap"], otherwise="") if outcome == RECOMMENDED else ""
    letter = referral + timedelta(draw.randint(10, 30)) if outcome == RECOMMENDED else None
    follow_up = _follow_up(letter, draw, figures) if letter else None
    return Case(
        number=number,
        region=_region_of(employer),
        employer=employer,
        person=_employee(number, employer, draw, figures),
        act=act,
        sanction_class=sanction_class,
        sanction=_sanction(sanction_class, event, draw),
        outcome=outcome,
        mishap=mishap,
        wrong_addressee=_other(employer, draw) if mishap == WRONG_ADDRESSEE else "",
        event=event,
        known=known,
        study=study,
        referral=referral,
        letter=letter,
        due=letter + timedelta(FOLLOW_UP_DAYS) if letter else None,
        follow_up=follow_up,
        verified=follow_up + timedelta(draw.randint(3, 15)) if follow_up else None,
    )


def _follow_up(letter: date, draw: random.Random, figures: Figures) -> date | None:
    """The day of the follow-up: the curve of the figures, straight between its points; None: never."""
    share = draw.random()
    points = [(0.0, 0.0), *figures.followed_up]
    place = bisect_left([point[1] for point in points], share)
    if place == len(points):
        return None
    (from_months, from_share), (to_months, to_share) = points[place - 1], points[place]
    months = from_months + (to_months - from_months) * (share - from_share) / (to_share - from_share)
    return letter + timedelta(max(1, round(months * _MONTH)))


def _sanction(sanction_class: str, event: date, draw: random.Random) -> str:
    there = sanctions.of_class(sanction_class, "PNS", event)
    chosen = [each for each in there if all(way.chosen for way in sanctions.readings(each.code, event))]
    return draw.choice(chosen).code


def _other(employer: str, draw: random.Random) -> str:
    local = [id for id in institutions.personnel_authorities() if id.startswith("ppk-") and id != employer]
    return draw.choice(local)


def _employee(number: int, employer: str, draw: random.Random, figures: Figures) -> Employee:
    born = date(1964, 1, 1) + timedelta(draw.randrange(34 * 365))
    joined = born.year + draw.randint(20, 25)
    joined = min(joined, 2019)
    sex = draw.choice("12")
    nip = f"{born:%Y%m%d}{joined}{draw.randint(1, 12):02d}{sex}{number % 999 + 1:03d}"
    position = _pick(draw, figures.shares["post"])
    return Employee(
        full_name=f"Tokoh Rekaan {number}",
        nip=nip,
        position=position,
        grade=draw.choice(["III/a", "III/b", "III/c", "III/d", "IV/a", "IV/b"]),
        post_category=_category(position, employer, figures),
    )


def _category(position: str, employer: str, figures: Figures) -> str:
    """The category of a post, where it may be told in public."""
    category = figures.categories[position]
    known = posts.posts().get(category)
    public = known is not None and institutions.institution(employer).kind in known.public_in
    return category if public else ""


def _pick(draw: random.Random, shares: Sequence[tuple[str, float]], *, otherwise: str | None = None) -> str:
    """One code by its share; what the shares leave goes to `otherwise`, or to the last of the list."""
    place = draw.random()
    for code, share in shares:
        place -= share
        if place < 0:
            return code
    return shares[-1][0] if otherwise is None else otherwise


class Expected(TypedDict):
    """Shares of a season, each with the half width of its noise: cases recommended, followed up by months, posts by category."""

    recommended: tuple[float, float]
    followed_up: Mapping[float, tuple[float, float]]
    post: Mapping[str, tuple[float, float]]


def expected(count: int, figures: Figures) -> Expected:
    """Return the shares that a season of `count` cases should show, with the noise of drawing (95 %, half width)."""
    recommended = dict(figures.shares["outcome"])[RECOMMENDED]
    n = count * recommended
    post: dict[str, float] = {}
    for name, share in figures.shares["post"]:
        post[figures.categories[name]] = post.get(figures.categories[name], 0) + share
    return {
        "recommended": (recommended, _noise(recommended, count)),
        "followed_up": {months: (share, _noise(share, n)) for months, share in figures.followed_up},
        "post": {category: (share, _noise(share, n)) for category, share in post.items()},
    }


def _noise(share: float, n: float) -> float:
    return float(1.96 * (share * (1 - share) / max(n, 1)) ** 0.5)

"""Instants as people type them: `2026-11-01`, `2026-11-01T08:30`, with a zone after it (`WIB`, `WITA`, `WIT`, `UTC`, `+07:00`) or in
that of `--zone`.
"""

import re
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from cli.language import said
from cli.output import ZONES

_INSTANT = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?))? ?(WIB|WITA|WIT|UTC|Z|[+-]\d{2}:\d{2})?"
)

ZoneOption = Annotated[
    str, typer.Option("--zone", help="WIB, WITA, WIT or UTC: for instants given and printed.")
]
When = Annotated[str, typer.Option(metavar="INSTANT")]


def instant_of(text: str, zone: str, flag: str) -> datetime | None:
    """An instant from the command line, UTC; None for no text."""
    if not text:
        return None
    match = _INSTANT.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        day, at, given = match.groups()
        moment = datetime.fromisoformat(f"{day}T{at or '00:00'}")
        named = given or zone
        if named[0] in "+-":
            return datetime.fromisoformat(f"{moment.isoformat()}{named}").astimezone(UTC)
        return moment.replace(tzinfo=ZoneInfo(ZONES["UTC" if named == "Z" else named])).astimezone(UTC)
    except (ValueError, OverflowError):  # of the first or last hours of the calendar, in another zone
        raise typer.BadParameter(
            said("give a day, or a day and time, such as 2026-11-01T08:30 WIB"), param_hint=flag
        ) from None


def check_zone(zone: str) -> None:
    if zone not in ZONES:
        raise typer.BadParameter(said("one of {value}", value=", ".join(ZONES)), param_hint="--zone")

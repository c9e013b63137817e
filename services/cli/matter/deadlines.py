"""`netral deadline …`: the agreement's clocks for any date, with the reasons. No desk is asked and nothing has to run."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import typer

from cli import language
from cli.deferred_imports import deferred_imports
from cli.given_names import party_given
from cli.language import in_session, refusal_text, said
from cli.options import Commands, Day, JsonOption
from cli.output import out, print_json, table_of

with deferred_imports():
    import refusals
    from agreement import wording
    from agreement.clocks import calendar, deadlines, explanation, written_dates
    from agreement.parties import institutions, regions
    from operations.local import client

RuleArgument = Annotated[str, typer.Argument(help="Rule; `netral deadline rules` lists them.")]
ForOption = Annotated[
    str, typer.Option("--for", help="Who has to act, such as ppk-6202: its day ends. Default: Jakarta's.")
]
VersionOption = Annotated[
    str, typer.Option("--calendar", help="Version of the calendar; default: the latest. `--list` shows them.")
]
LeaveOption = Annotated[
    Literal["", "off", "counts"],
    typer.Option("--leave", help="Collective leave (cuti bersama): off, or counts. Default: the rule's."),
]
PauseOption = Annotated[
    list[str] | None, typer.Option("--pause", help="FROM..TO reason: days on which the clock stands still.")
]
ExtendOption = Annotated[list[str] | None, typer.Option("--extend", help="DAYS reason: more days.")]


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "calc": calc,
        "explain": explain,
        "calendar": show_calendar,
        "rules": list_rules,
    }


def calc(
    rule: RuleArgument,
    start: Day,
    for_: ForOption = "",
    version: VersionOption = "",
    leave: LeaveOption = "",
    pause: PauseOption = None,
    extend: ExtendOption = None,
    as_json: JsonOption = False,
) -> None:
    """[ro] Calculate a due date by a rule.

    Example: netral deadline calc follow-up --start 2023-11-28 --for ppk-6202
    """
    found = _deadline(rule, start, for_, version, leave, pause, extend)
    if as_json:
        facts = explanation.facts(found)
        print_json(
            {name: facts[name] for name in ("due", "due_at", "zone", "estimate", "calendar")}
            | {"rule": found.rule.id}
        )
        return
    mark = language.of_both({"id": " (perkiraan)", "en": " (estimate)"}) if found.estimate else ""
    out.print(f"{found.due}{mark}", highlight=False)


def explain(
    rule: RuleArgument,
    start: Day,
    for_: ForOption = "",
    version: VersionOption = "",
    since_version: Annotated[
        str, typer.Option("--before", help="Also say what changed since this version of the calendar.")
    ] = "",
    leave: LeaveOption = "",
    pause: PauseOption = None,
    extend: ExtendOption = None,
    as_json: JsonOption = False,
) -> None:
    """[ro] Explain a due date: rule and source, start, each skipped day, pauses, calendar, what is unconfirmed.

    Example: netral deadline explain decision-delivery --start 2023-04-10 --before skb-2023
    """
    for_ = party_given(for_, "--for") if for_ else ""
    found = _deadline(rule, start, for_, version, leave, pause, extend)
    changes: Sequence[str] = ()
    if since_version:
        before = _deadline(rule, start, for_, since_version, leave, pause, extend)
        changes = explanation.recompute(before, _calendar(version, institutions.region_of(for_))).changes
    show(found, as_json, changes if since_version else None)


def show_calendar(
    year: Annotated[int, typer.Argument(min=2019, max=2099, help="The year.")],
    version: VersionOption = "",
    region: Annotated[
        str, typer.Option(help="With the voting days that are off in this region only, such as 19.01.")
    ] = "",
    list_: Annotated[bool, typer.Option("--list", help="The decrees on that year instead.")] = False,
    as_json: JsonOption = False,
) -> None:
    """[ro] Show a year's public holidays and collective leave, or the decrees on it.

    Example: netral deadline calendar 2023 --calendar skb-2023
    """
    if list_:
        _show_decrees([each for each in calendar.decrees() if each.year == year], as_json)
        return
    used = _calendar(version, _region(region))
    days = used.days_off(year).values()
    decree = used.decree(year)
    if as_json:
        print_json(
            {
                "calendar": used.version,
                "decree": decree.id if decree else None,
                "estimate": used.estimate(year),
                "days": [
                    {"day": off.day.isoformat(), "kind": off.kind, "name": off.name, "estimate": off.estimate}
                    for off in days
                ],
            }
        )
        return
    table = table_of("day", "weekday", "kind", "name")
    for off in days:
        table.add_row(str(off.day), in_session(wording.weekday(off.day)), said(off.kind), off.name)
    out.print(table)
    standing = (
        f"{decree.title}{'' if decree.confirmed else said(' (not confirmed)')}"
        if decree
        else said("no decree yet")
    )
    out.print(
        said("calendar {version}; {year}: {standing}", version=used.version, year=year, standing=standing),
        highlight=False,
    )


def list_rules(as_json: JsonOption = False) -> None:
    """[ro] List the rules of time limits, with their sources.

    Example: netral deadline rules
    """
    found = deadlines.rules().values()
    if as_json:
        print_json([rule.model_dump(mode="json") for rule in found])
        return
    table = table_of("rule", "days", "unit", "after", "leave", "confirmed", "source")
    for rule in found:
        confirmed = said("yes") if rule.confirmed else said("no")
        table.add_row(
            rule.id, rule.count, said(rule.unit), said(rule.starts), said(rule.leave), confirmed, rule.source
        )
    out.print(table)


def show(
    found: "deadlines.Deadline", as_json: bool, changes: Sequence[str] | None = None, **more: Any
) -> None:
    """Print an explained deadline; `changes`: what another version of the calendar changed; `more` goes into the JSON."""
    if as_json:
        told = {} if changes is None else {"changes": list(changes)}
        print_json({**more, **explanation.facts(found), **told})
        return
    for line in explanation.explain(found):
        out.print(in_session(line), highlight=False, soft_wrap=True, markup=False)
    if changes is not None:
        out.print(said("what changed:") if changes else said("nothing changed"), highlight=False)
    for change in changes or ():
        out.print(f"  {in_session(change)}", highlight=False, soft_wrap=True, markup=False)


def _deadline(
    rule: str,
    start: datetime,
    for_: str,
    version: str,
    leave: Literal["", "off", "counts"],
    pause: list[str] | None,
    extend: list[str] | None,
) -> "deadlines.Deadline":
    for_ = party_given(for_, "--for") if for_ else ""
    try:
        if for_:
            institutions.institution(for_, field="for")
        zone = institutions.zone(for_) if for_ else ZoneInfo("Asia/Jakarta")
        known = deadlines.rule(rule)
        _require_in_force(known, start.date())
        return deadlines.due(
            known,
            deadlines.Start(known.starts, start.date()),
            zone,
            _calendar(version, institutions.region_of(for_)),
            leave=leave or None,
            pauses=[_pause(each) for each in pause or ()],
            extensions=[_extension(each) for each in extend or ()],
        )
    except refusals.Refusal as refusal:
        raise client.Refused("INVALID_ARGUMENT", refusal_text(refusal), refusal.reason) from None


def _require_in_force(rule: "deadlines.DeadlineRule", day: date) -> None:
    """Refuse a day on which a rule was not in force: no due date follows from it then."""
    if rule.since is not None and day < rule.since:
        text = said("the rule {rule} is in force since {since}", rule=rule.id, since=rule.since)
    elif rule.until is not None and day >= rule.until:
        text = said(
            "the rule {rule} was in force until {until}", rule=rule.id, until=rule.until - timedelta(days=1)
        )
    else:
        return
    others = said("`netral deadline rules` lists the others")
    raise client.Refused("INVALID_ARGUMENT", f"{text}; {others}", "NOT_IN_FORCE")


def _region(code: str) -> str:
    try:
        return regions.region(code).code if code else ""
    except refusals.Refusal as refusal:
        raise client.Refused("INVALID_ARGUMENT", refusal_text(refusal), refusal.reason) from None


def _calendar(version: str, region: str = "") -> "calendar.Calendar":
    try:
        return calendar.version(version, region) if version else calendar.latest(region)
    except refusals.Refusal as refusal:
        raise client.Refused("INVALID_ARGUMENT", refusal_text(refusal), refusal.reason) from None


def _pause(text: str) -> "deadlines.Pause":
    days, _, reason = text.partition(" ")
    since, dots, until = days.partition("..")
    try:
        first, last = (written_dates.read_date(each) for each in (since, until if dots else since))
    except refusals.Malformed as refused:
        raise typer.BadParameter(
            said("FROM..TO reason: {message}", message=refusal_text(refused)), param_hint="--pause"
        ) from None
    return deadlines.Pause(first, last, reason or "pause")


def _extension(text: str) -> "deadlines.Extension":
    days, _, reason = text.partition(" ")
    if not (days.isascii() and days.isdigit()):
        raise typer.BadParameter(said("DAYS reason, such as '7 more information'"), param_hint="--extend")
    return deadlines.Extension(int(days), reason or "extension")


def _show_decrees(found: "Sequence[calendar.Decree]", as_json: bool) -> None:
    if as_json:
        print_json(
            [
                {"id": each.id, "made": each.made.isoformat(), "title": each.title, "source": each.source}
                | {"confirmed": each.confirmed, "note": each.note}
                for each in found
            ]
        )
        return
    table = table_of("version", "made", "confirmed", "title", "source")
    for each in found:
        table.add_row(
            each.id, str(each.made), said("yes") if each.confirmed else said("no"), each.title, each.source
        )
    out.print(table)

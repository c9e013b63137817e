"""`netral election …`: elections as data, who votes when, the election of an act. No desk is asked and nothing has to run."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.deferred_imports import deferred_imports
from cli.language import in_session, refusal_text, said
from cli.options import Commands, Day, JsonOption
from cli.output import out, print_json, table_of

with deferred_imports():
    import refusals
    from agreement import data_files
    from agreement.elections import files, known, rules
    from agreement.elections.election import Election
    from agreement.enforcement import intake
    from agreement.parties import bawaslu_numbers, regions
    from operations.local import client

ElectionArgument = Annotated[str, typer.Argument(metavar="ELECTION", help="Id, such as PILKADA-2020.")]
RegionOption = Annotated[str, typer.Option(help="Kemendagri code of a region: 62 or 62.02.")]
Object = Literal["", "president", "legislature", "head-of-region"]


def commands() -> Commands:
    """The commands of this module by name."""
    return {"ls": ls, "show": show, "of": of, "check": check}


def ls(as_json: JsonOption = False) -> None:
    """[ro] List the elections that are known, with regions, voting day and how sure that is.

    Example: netral election ls
    """
    every = known.all_known()
    if as_json:
        print_json({"digest": every.digest, "elections": [_facts(each) for each in every.newest.values()]})
        return
    table = table_of(
        "election", "version", "kind", "regions", "voting day", "certainty", "title", whole=("election",)
    )
    for each in every.newest.values():
        table.add_row(
            each.id,
            each.version,
            each.kind,
            _number(each),
            _voting_days(each),
            said(each.certainty),
            each.title,
        )
    out.print(table)
    out.print(said("digest {digest}", digest=every.digest), highlight=False)


def show(election: ElectionArgument, province: RegionOption = "", as_json: JsonOption = False) -> None:
    """[ro] Show an election: days, stages, fixing of candidates, and its regions with their sources.

    Example: netral election show PILKADA-ULANG-2025
    """
    found = _election(election)
    lines = [line for code, line in found.regions.items() if not province or code[:2] == province[:2]]
    if as_json:
        listed = [line.model_dump(mode="json") for line in lines]
        fixings = {office: each.model_dump(mode="json") for office, each in found.fixings.items()}
        stages = [stage.model_dump(mode="json") for stage in found.stages]
        more = {"regions": listed, "fixings": fixings, "stages": stages, "clocks": _clocks(found)}
        print_json(_facts(found) | more | {"number_forms": list(_number_forms(found))})
        return
    out.print(
        said(
            "{id} version {version}: {title} ({kind}, {certainty})",
            id=found.id,
            version=found.version,
            title=found.title,
            kind=found.kind,
            certainty=said(found.certainty),
        ),
        highlight=False,
        markup=False,
    )
    out.print(
        said("voting day {found}; regions {found2}", found=_voting_days(found), found2=_number(found)),
        highlight=False,
    )
    for office, each in found.fixings.items():
        out.print(
            said(
                "candidates fixed {day} ({office}, {certainty}): {source}",
                day=each.day,
                office=office,
                certainty=said(each.certainty),
                source=each.source,
            ),
            markup=False,
        )
    for stage in found.stages:
        out.print(
            said(
                "{code} {first} to {last} ({certainty}): {source}",
                code=stage.code,
                first=stage.first,
                last=stage.last,
                certainty=said(stage.certainty),
                source=stage.source,
            ),
            markup=False,
        )
    for step, rule in _clocks(found).items():
        out.print(said("clock {step}: {rule}", step=step, rule=rule), highlight=False)
    out.print(said("forms of numbers: {value}", value=", ".join(_number_forms(found))), highlight=False)
    for text in filter(
        None,
        (
            said("source: {source}", source=found.source),
            found.note and said("note: {note}", note=in_session(found.note)),
        ),
    ):
        out.print(text, markup=False, highlight=False, soft_wrap=True)
    table = table_of("region", "name", "votes", "certainty", "source")
    for line in lines:
        day = line.voting_day or found.voting_day
        table.add_row(
            line.region, regions.region(line.region).name, str(day or ""), said(line.certainty), line.source
        )
    if lines:
        out.print(table)
    out.print(said("digest {digest}", digest=found.digest), highlight=False)


def of(
    region: Annotated[str, typer.Option(help="Where it happened: Kemendagri code, such as 62.02.")],
    date: Day,
    object_: Annotated[Object, typer.Option("--object", help="For which office, if it is known.")] = "",
    as_json: JsonOption = False,
) -> None:
    """[ro] Derive the election of an act from its region and day, and the stage of the joint decree (A, B).

    Example: netral election of --region 16.09 --date 2020-06-20
    """
    day, office = date.date(), _OFFICES[object_]
    try:
        found = rules.of_act(region, day, office=office)
    except refusals.Refusal as refusal:
        raise client.Refused("INVALID_ARGUMENT", refusal_text(refusal), refusal.reason) from None
    stage = rules.stage_of(found.election, day, region=region, office=office) if found.election else None
    if as_json:
        print_json(
            {
                "election": found.id,
                "derived": True,
                "vote": found.vote,
                "after_vote": found.after_vote,
                "others": list(found.others),
                "stage": stage.stage if stage else "",
                "candidates_fixed": str(stage.fixed) if stage else "",
                "certainty": stage.certainty if stage else "",
            }
        )
        return
    if found.election is None:
        out.print(said("no election that is known"))
        return
    by = said(" by its province") if found.vote == "province" else ""
    after = said(", after the vote") if found.after_vote else ""
    votes = rules.voting_day(found.election, region)
    out.print(
        said("{id}, derived: votes{by} on {votes}{after}", id=found.id, by=by, votes=votes, after=after),
        highlight=False,
    )
    if stage:
        note = f"; {in_session(stage.note)}" if stage.note else ""
        out.print(
            said(
                "stage {stage}: candidates fixed {fixed} ({certainty}{note})",
                stage=stage.stage,
                fixed=stage.fixed,
                certainty=said(stage.certainty),
                note=note,
            ),
            highlight=False,
        )
    if found.others:
        out.print(said("ran too: {value}", value=", ".join(found.others)), highlight=False)


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A TOML file of an election.", exists=True)],
    as_json: JsonOption = False,
) -> None:
    """[ro] Check a file of an election before a host takes it up from NETRAL_ELECTIONS_FOLDER.

    Example: netral election check pilkada-2031.toml
    """
    try:
        found = files.read_file(file)
        known.Elections((*known.all_known().versions.values(), found))
    except data_files.BrokenData as broken:
        raise client.Refused("INVALID_ARGUMENT", str(broken), "BROKEN_FILE") from None
    if as_json:
        print_json(_facts(found))
        return
    out.print(
        said(
            "{id} version {version}: {title}; regions {found}, voting day {found2}; digest {digest}",
            id=found.id,
            version=found.version,
            title=found.title,
            found=_number(found),
            found2=_voting_days(found),
            digest=found.digest,
        ),
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


_OFFICES: dict[str, Literal["PRESIDENT", "LEGISLATURE", "HEAD_OF_REGION"] | None] = {
    "": None,
    "president": "PRESIDENT",
    "legislature": "LEGISLATURE",
    "head-of-region": "HEAD_OF_REGION",
}


def _election(id: str) -> "Election":
    try:
        return known.election(id.upper())
    except refusals.Refusal as refusal:
        raise client.Refused("INVALID_ARGUMENT", refusal_text(refusal), refusal.reason) from None


def _clocks(election: "Election") -> dict[str, str]:
    """The rule of each step before there is a matter: those of Pemilu or of Pilkada."""
    return {step: intake.clock(election.kind, step).rule for step in intake.STEPS}


def _number_forms(election: "Election") -> list[str]:
    """The letters of Bawaslu's numbers in elections of this kind."""
    forms = bawaslu_numbers.votes().values()
    return [each.code for each in forms if each.election == election.kind]


def _number(election: "Election") -> str:
    return "all" if election.everywhere else str(len(election.regions))


def _voting_days(election: "Election") -> str:
    """The first and last voting day of its regions; the year of a frame."""
    days: set[date] = {
        day for line in election.regions.values() if (day := line.voting_day or election.voting_day)
    }
    days |= {election.voting_day} if election.voting_day else set()
    if not days:
        return str(election.year)
    return str(min(days)) if len(days) == 1 else said("{days} to {days2}", days=min(days), days2=max(days))


def _facts(election: "Election") -> dict[str, str | int]:
    return {
        "id": election.id,
        "version": election.version,
        "kind": election.kind,
        "title": election.title,
        "repeats": election.repeats,
        "number_of_regions": _number(election),
        "voting_day": _voting_days(election),
        "certainty": election.certainty,
        "source": election.source,
        "note": election.note,
        "digest": election.digest,
    }

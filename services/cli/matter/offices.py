"""`netral office …`: offices as data, and what a number of Bawaslu says. No desk is asked and nothing has to run."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.deferred_imports import deferred_imports
from cli.given_names import party_given
from cli.language import in_session, refusal_text, said
from cli.options import Commands, JsonOption
from cli.output import facts_table, out, print_json, table_of

with deferred_imports():
    import refusals
    from agreement import data_files
    from agreement.parties import bawaslu_numbers, institutions, office_files, offices, regions
    from operations.local import client

Of = Literal["", "bawaslu", "bkn"]
OfOption = Annotated[Of, typer.Option("--of", help="Only offices of this institution.")]


def commands() -> Commands:
    """The commands of this module by name."""
    return {"ls": ls, "derive": derive, "number": number, "check": check}


def ls(of: OfOption = "", as_json: JsonOption = False) -> None:
    """[ro] List the offices that are known, with the regions of each, how sure that is, and its source.

    Example: netral office ls --of bkn
    """
    known = offices.known()
    lines = [line for office in known.offices.values() for line in office.lines]
    lines = [line for line in lines if of in ("", line.institution)]
    if as_json:
        print_json({"digest": known.digest, "offices": [line.model_dump(mode="json") for line in lines]})
        return
    table = table_of("office", "name", "region", "place", "certainty", "source", whole=("office",))
    for line in lines:
        table.add_row(
            line.code, line.name, line.region, _place(line.region), said(line.certainty), line.source
        )
    out.print(table)
    out.print(said("digest {digest}", digest=known.digest), highlight=False)


def derive(
    authority: Annotated[
        str, typer.Argument(metavar="AUTHORITY", help="An authority by id or name, such as ppk-6202.")
    ],
    of: OfOption = "bkn",
    as_json: JsonOption = False,
) -> None:
    """[ro] Derive the office that an authority falls to by its region, until a matter is assigned to another.

    Example: netral office derive ppk-6202
    """
    authority = party_given(authority, "AUTHORITY")
    try:
        institutions.institution(authority)
    except refusals.Refusal as refusal:
        raise client.Refused("INVALID_ARGUMENT", refusal_text(refusal), refusal.reason) from None
    line = offices.of_authority(of or offices.BKN, authority)
    if as_json:
        print_json({"office": line.code, "derived": True, **line.model_dump(mode="json")} if line else {})
        return
    if line is None:
        out.print(said("no office that is known"))
        return
    out.print(
        said(
            "{code}, derived: {name} ({certainty})",
            code=line.code,
            name=line.name,
            certainty=said(line.certainty),
        ),
        highlight=False,
        markup=False,
    )
    out.print(said("source: {source}", source=line.source), markup=False, highlight=False, soft_wrap=True)


def number(
    text: Annotated[str, typer.Argument(metavar="NUMBER", help="Bawaslu's number, as it is written.")],
    as_json: JsonOption = False,
) -> None:
    """[ro] Read a number of a report or finding: election, office and place, registered or not.

    Example: netral office number 02/Reg/LP/PB/Kab/16.12/X/2020
    """
    try:
        found = bawaslu_numbers.number(text)
    except refusals.Refusal as refusal:
        raise client.Refused("INVALID_ARGUMENT", refusal_text(refusal), refusal.reason) from None
    known = offices.known().offices.get((offices.BAWASLU, found.office))
    told = {
        "number": found.canonical,
        "origin": found.origin,
        "election": found.election,
        "voted on": found.voted_on,
        "office": found.office,
        "name": known.name if known else "",
        "region": known.region if known else "",
        "registered": "yes" if found.registered else "no",
    }
    if as_json:
        print_json(told)
        return
    facts = facts_table()
    for name, value in told.items():
        if value:
            facts.add_row(name, in_session(value))
    out.print(facts)


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV of offices.", exists=True)],
    as_json: JsonOption = False,
) -> None:
    """[ro] Check a file of offices before a host takes it up from NETRAL_OFFICES_FILE.

    Example: netral office check offices.csv
    """
    try:
        lines = office_files.read_file(file)
        digest = offices.with_lines(lines, file.name).digest
    except data_files.BrokenData as broken:
        raise client.Refused("INVALID_ARGUMENT", str(broken), "BROKEN_FILE") from None
    codes = {(line.institution, line.code) for line in lines}
    told = {"offices": len(codes), "with_a_place": len({(x.institution, x.code) for x in lines if x.region})}
    if as_json:
        print_json(told | {"digest": digest})
        return
    out.print(
        said(
            "{told} offices, {told2} with a place; digest of all {digest}",
            told=told["offices"],
            told2=told["with_a_place"],
            digest=digest,
        ),
        highlight=False,
        soft_wrap=True,
    )


def _place(code: str) -> str:
    known = regions.regions().get(code)
    return known.name if known else said("whole country") if code == offices.CENTRE else ""

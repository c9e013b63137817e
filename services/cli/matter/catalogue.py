"""`netral catalogue …`: the codes that other commands ask for, found by a word. No desk is asked and nothing has to run."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from cli.deferred_imports import deferred_imports
from cli.language import did_you_mean, in_session, said
from cli.options import Commands, JsonOption, OptionalDay
from cli.output import err, out, print_json, table_of

with deferred_imports():
    from agreement import names, wording
    from agreement.enforcement import sanctions as sanction_list
    from agreement.enforcement import violations
    from agreement.parties import institutions as known_institutions
    from agreement.parties import regions as known_regions

Row = Mapping[str, str]
"""Column → text; the first column is the code, the second its text."""
Word = Annotated[
    list[str] | None,
    typer.Argument(metavar="[WORD]...", help="Words of code or text, or an abbreviation such as kotim."),
]


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "acts": acts,
        "sanctions": sanctions,
        "regions": regions,
        "authorities": authorities,
        "institutions": institutions,
    }


def acts(word: Word = None, date: OptionalDay = None, as_json: JsonOption = False) -> None:
    """[ro] List the acts (bentuk pelanggaran) of the joint decrees; with a date, those of its catalogue.

    Example: netral catalogue acts media sosial --date 2023-11-28
    """
    listed = violations.in_force(date.date()) if date else violations.violations()
    rows = [
        {
            "code": each.code,
            "act": each.text,
            "list": ", ".join(each.families),
            "class": each.sanction_class or "",
            "stage": each.stage or "",
            "shown": wording.worded("yes") if each.shown else wording.worded("not all"),
        }
        for each in listed.values()
    ]
    _show(rows, word, as_json)


def sanctions(word: Word = None, as_json: JsonOption = False) -> None:
    """[ro] List the sanctions (hukuman) that a decree can impose, by rule and class.

    Example: netral catalogue sanctions penurunan jabatan
    """
    rows = [
        {
            "code": each.code,
            "sanction": each.text,
            "class": each.sanction_class,
            "rule": each.regime,
            "clause": each.basis,
        }
        for each in sanction_list.sanctions().values()
    ]
    _show(rows, word, as_json)


def regions(word: Word = None, as_json: JsonOption = False) -> None:
    """[ro] List provinces, regencies and cities with the codes of Kemendagri.

    Example: netral catalogue regions kotim
    """
    rows = [
        {"code": each.code, "region": each.name, "time zone": each.zone}
        for each in known_regions.regions().values()
    ]
    _show(rows, word, as_json)


def authorities(word: Word = None, as_json: JsonOption = False) -> None:
    """[ro] List the personnel authorities (PPK): ministries, agencies, provinces, regencies and cities.

    Example: netral catalogue authorities palangka raya
    """
    _show([_institution(id) for id in known_institutions.personnel_authorities()], word, as_json)


def institutions(word: Word = None, as_json: JsonOption = False) -> None:
    """[ro] List everybody who can be a party, with the ids that commands ask for.

    Example: netral catalogue institutions bkn
    """
    _show([_institution(id) for id in known_institutions.institutions()], word, as_json)


def _institution(id: str) -> Row:
    found = known_institutions.institution(id)
    became = wording.worded(", then {value}", value=", ".join(found.became)) if found.became else ""
    days = wording.worded(
        "{since} to {until}{became}",
        since=found.since or "…",
        until=wording.worded("before {until}", until=found.until) if found.until else wording.worded("now"),
        became=became,
    )
    letters = days if found.since or found.until else ""
    return {
        "id": id,
        "name": found.name,
        "kind": found.kind,
        "region": found.region or "",
        "letters dated": letters,
    }


def _show(rows: Sequence[Row], words: Sequence[str] | None, as_json: bool) -> None:
    """Print the rows that words fit; exit code 1 if there are none."""
    asked = " ".join(words or ())
    found = [row for row in rows if names.fits(asked, *_searched(row))]
    if as_json:
        print_json(found)
    elif found:
        table = table_of(*found[0], whole=())
        table.columns[0].no_wrap = True
        for row in found:
            table.add_row(*map(in_session, row.values()))
        out.print(table)
    else:
        alike = names.close_to(asked, [text for row in rows for text in _searched(row)])
        meant = did_you_mean(alike) or said("; without a word the whole list is shown")
        err.print(
            said("nothing fits {asked}{meant}", asked=asked, meant=meant), markup=False, highlight=False
        )
    if not found:
        raise typer.Exit(1)


def _searched(row: Row) -> tuple[str, str]:
    code, text, *_ = row.values()
    return code, text

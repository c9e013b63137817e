"""Rows of answers from the trail, as a table, as a line, and as plain data."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from cli.deferred_imports import deferred_imports
from cli.formats.export_formats import Ordinal
from cli.language import said
from cli.output import ZONES, as_dict, clock, err, out, table_of

with deferred_imports():
    from operations.local import trail_search


def print_rows(rows: "list[trail_search.Row]", zone: str, everywhere: bool) -> None:
    where = said("kept by") if everywhere else said("index")
    table = table_of(where, f"time ({zone})", "kind", "type", "by", "actor", "outcome", "from", "matter")
    for row in rows:
        found, leaf = row.found, row.found.leaf
        places = ", ".join(f"{party}:{index}" for party, index in row.places.items())
        table.add_row(
            places if everywhere else Ordinal(leaf.index),
            clock(leaf.time, ZoneInfo(ZONES[zone])),
            found.kind,
            leaf.type.removeprefix("netral."),
            leaf.author + (f" → {found.counterpart}" if found.counterpart else ""),
            " ".join(filter(None, (leaf.actor, found.actor_kind and f"({found.actor_kind})"))),
            f"{found.outcome} {found.reason}".strip(),
            found.source.removeprefix("netral://"),
            leaf.matter,
        )
    out.print(table)


def print_facets(party: str, answer: "trail_search.Answer") -> None:
    names: dict[str, list[str]] = defaultdict(list)
    for facet in answer.facets:
        names[facet.name].append(f"{facet.value} {facet.leaves}")
    for name, counts in names.items():
        out.print(f"{party} {name}: {', '.join(counts)}", highlight=False, soft_wrap=True)


def line_of(row: "trail_search.Row", zone: str) -> str:
    found, leaf = row.found, row.found.leaf
    at = f"{clock(leaf.time, ZoneInfo(ZONES[zone]))} {zone}"
    to = f" → {found.counterpart}" if found.counterpart else ""
    state = f" → {found.outcome}" if found.outcome else ""
    places = ", ".join(f"{party}:{index}" for party, index in row.places.items())
    return f"{at}  {leaf.author}{to} {leaf.actor}: {leaf.type}{state}  [{places}] {leaf.ref}".replace(
        "[", "\\["
    )


def plain(row: "trail_search.Row", everywhere: bool) -> dict[str, Any]:
    """A row as plain data: what the leaf is, and the AU-3 content of its bytes."""
    given = as_dict(row.found)
    flat = {**given.pop("leaf"), **given}
    if not row.proved:
        flat.pop("proof", None)
    return flat | ({"places": row.places} if everywhere else {}) | ({"proved": True} if row.proved else {})


def warn_of_unsettled(answers: "Mapping[str, trail_search.Answer]") -> None:
    """Say of which logs the last commits were not searched."""
    for party, answer in answers.items():
        if answer.unsettled:
            err.print(
                said("{party}: what was committed last is not in the log yet, and not searched", party=party)
            )

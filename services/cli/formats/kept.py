"""Kept answer of a command: the tables and lines that it printed, as sheets of a file instead of on the terminal.

Commands print typed cells; here a day becomes a date, n of N gets its share, and an authority's name a column of its own.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from cli.formats.export_formats import Cell, Counted, Named, Sheet
from cli.language import said
from cli.output import Kept, SafeTable, Shown

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")


def sheet_of(kept: Kept, title: str) -> Sheet:
    """A kept answer as a sheet, which has its other tables as `more`; lines alone are the rows of one column."""
    found = [*kept.sheets, *(_sheet(table, title) for table in kept.tables)]
    if not found:
        found = [_sheet_of_lines(kept.lines, title)]
    first, *more = _joined(found)
    notes = [*first.notes, *(("", line) for line in notes_of(kept))]
    return replace(first, notes=notes, more=tuple(more), notes_title=first.notes_title or said("Notes"))


def notes_of(kept: Kept) -> Sequence[str]:
    """The lines beside tables; lines alone are rows, and no notes."""
    return [line for line in kept.lines if line.strip()] if kept.tables or kept.sheets else ()


def _joined(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Sheets with the same heads as one: the answers of several desks, say."""
    found: list[Sheet] = []
    for each in sheets:
        if found and found[-1].heads == each.heads:
            found[-1] = replace(found[-1], rows=[*found[-1].rows, *each.rows])
        else:
            found.append(each)
    return found


def _sheet_of_lines(lines: Sequence[str], title: str) -> Sheet:
    head = said("text")
    return Sheet(title, "", [head], [{head: _value(line)} for line in lines])


def _sheet(table: SafeTable, title: str) -> Sheet:
    heads = table.heads or (said("field"), said("value"))
    columns: dict[str, list[Cell]] = {}
    for place, head in enumerate(heads):
        for name, cells in _columns(head, [row[place] for row in table.given]):
            columns[name if name not in columns else f"{name} {place + 1}"] = cells
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return Sheet(title, "", list(columns), rows, keys=1)


def _columns(head: str, cells: Sequence[Shown]) -> Iterator[tuple[str, list[Cell]]]:
    """The columns of a file for a column of a table."""
    if any(isinstance(each, Named) for each in cells):
        yield head, [each.id if isinstance(each, Named) else _value(each) for each in cells]
        name = f"{head} ({said('name')})"
        yield name, [each.name if isinstance(each, Named) else None for each in cells]
    elif any(isinstance(each, Counted) for each in cells):
        share = said("share") if head == "n/N" else head
        yield share, [each.share if isinstance(each, Counted) else _value(each) for each in cells]
        n_of_all = head if head == "n/N" else f"{head} (n/N)"
        yield n_of_all, [str(each) if isinstance(each, Counted) else None for each in cells]
    else:
        yield head, [_value(each) for each in cells]


def _value(cell: Shown) -> Cell:
    """A cell as a file has it: what is written as a day or an instant is one."""
    if cell is None or isinstance(cell, int | float | date):
        return cell
    text = str(cell)
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
        return datetime.fromisoformat(text) if _INSTANT.fullmatch(text) else text
    except ValueError:  # a peer may have signed a day that no calendar has
        return text

"""Reads an operator's table of offices: a CSV of the same columns as ours, as a spreadsheet writes it.

Bawaslu alone has some 550 offices: whoever knows their codes adds them by this file, without a release.
"""

from pathlib import Path

from agreement import data_files, operator_files
from agreement.data_files import BrokenData
from agreement.parties import offices
from agreement.parties.offices import Line


def read_file(path: Path) -> tuple[Line, ...]:
    """The lines of a file. Raises `BrokenData`, naming file, line and field, for what is wrong."""
    lines = data_files.rows(Line, path.name, operator_files.read_table(path))
    if not lines:
        raise BrokenData(path.name, "file", "no office")
    return lines


def add_file(path: Path) -> None:
    """Take up the offices of a file, once, when a process starts. Raises `BrokenData` as `read_file` does."""
    offices.add(read_file(path), path.name)

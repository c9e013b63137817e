"""Reads an operator's elections from files: a folder of TOML files of the same form as ours, with their tables beside them."""

from pathlib import Path

from agreement import operator_files
from agreement.data_files import BrokenData
from agreement.elections import known
from agreement.elections.election import Election, parse


def read_file(path: Path) -> Election:
    """The election of a file. Raises `BrokenData`, naming file, entry and field, for what is wrong or cannot be read."""
    return parse(
        path.name,
        operator_files.read_text(path),
        lambda beside: operator_files.read_table(_beside(path, beside)),
    )


def read_folder(folder: Path) -> tuple[Election, ...]:
    """The elections of all TOML files of a folder, by name. Raises `BrokenData` as `read_file` does."""
    if not folder.is_dir():
        raise BrokenData(str(folder), "folder", "not a folder")
    return tuple(read_file(path) for path in sorted(folder.glob("*.toml")))


def add_folder(folder: Path) -> None:
    """Take up the elections of a folder, once, when a process starts. Raises `BrokenData` as `read_file` does."""
    known.add(read_folder(folder))


def _beside(path: Path, name: str) -> Path:
    if Path(name).name != name:
        raise BrokenData(path.name, "top level", "regions_file: not the name of a file beside it")
    return path.parent / name

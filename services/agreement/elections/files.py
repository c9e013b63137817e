"""Reads an operator's elections from files: a folder of TOML files of the same form as ours, with their tables beside them."""

from pathlib import Path

from agreement import encodings
from agreement.data_files import BrokenData
from agreement.elections import known
from agreement.elections.election import Election, parse


def read_file(path: Path) -> Election:
    """The election of a file. Raises `BrokenData`, naming file, entry and field, for what is wrong or cannot be read."""
    return parse(path.name, _text(path), lambda beside: _text(_beside(path, beside)))


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


def _text(path: Path) -> str:
    try:
        return encodings.text_of(path.read_bytes())
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenData(path.name, "file", f"cannot be read: {type(error).__name__}") from error

"""The manifest of a backup: its format, when it was made, the newest signed head of each log, and SHA-256 of every file.

    manifest.json                  written last: a folder with one is whole
    parties.json
    <host>/database.…, vault.…     SQLite files, or a file for each table of a PostgreSQL
    <host>/documents/…

Private keys are in no backup; those that were asked for are in a folder of their own.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import file_digest
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from storage.files import write_whole

FORMAT = "netral-backup/1"
_FILE = "manifest.json"


class BadBackup(ValueError):
    """A folder is no whole backup; the message says what is missing or changed."""


class SavedLog(BaseModel):
    """The newest head of a log in the copy: its size, and the signed note."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    size: int
    note: str


class SavedHost(BaseModel):
    """One host in a backup. `database` is the kind of server; `documents` says whether they are here: they may be in an object store."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    database: str
    revisions: Sequence[str]
    vault: str
    vault_revisions: Sequence[str]
    parties: Sequence[str]
    logs: Mapping[str, SavedLog]
    documents: bool


class Manifest(BaseModel):
    """A backup: made when (UTC), by which version, of which hosts; `files` are digests by path."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: str
    netral: str
    made: datetime
    hosts: Mapping[str, SavedHost]
    files: Mapping[str, str]


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest of a backup, after all its files."""
    write_whole(folder / _FILE, manifest.model_dump_json(indent=1))


def read(folder: Path) -> Manifest:
    """Read the manifest of a backup, and check every file that it names.

    Raises:
        BadBackup: it is not whole, or of another format.
    """
    try:
        said = json.loads((folder / _FILE).read_text("utf-8"))
        if said.get("format") != FORMAT:
            raise BadBackup(f"{folder} is a backup of the format {said.get('format')}, not {FORMAT}")
        manifest = Manifest.model_validate_json(json.dumps(said))
    except FileNotFoundError:
        raise BadBackup(f"{folder} has no {_FILE}: it is no backup, or was not finished") from None
    except (OSError, ValidationError, AttributeError, json.JSONDecodeError) as error:
        raise BadBackup(f"{folder / _FILE} cannot be read: {type(error).__name__}") from error
    found = digests(folder)
    for path in sorted(manifest.files.keys() | found.keys()):
        if path not in found:
            raise BadBackup(f"{folder / path} is missing")
        if path not in manifest.files:
            raise BadBackup(f"{folder / path} is not in the manifest")
        if found[path] != manifest.files[path]:
            raise BadBackup(f"{folder / path} is not what was written: its SHA-256 is another")
    return manifest


def digests(folder: Path) -> dict[str, str]:
    """Compute SHA-256 (hex) of every file of a backup but the manifest, by path."""
    return {str(path.relative_to(folder)): _digest(path) for path in _files(folder)}


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != folder / _FILE:
            yield path


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()

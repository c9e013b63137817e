"""Backs up hosts while they run: databases as of one moment, then documents; private keys only into a folder of their own."""

import os
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from exchange.settings import Settings
from operations.backup import manifest
from operations.backup.manifest import FORMAT, Manifest, SavedHost, SavedLog
from storage import copies
from storage.copies import Snapshot

DATABASE, VAULT, DOCUMENTS, PARTIES = "database", "vault", "documents", "parties.json"
NATS_PASSWORD = "nats.password"  # noqa: S105 - the name of a file
_HEADS = (
    "SELECT head.party, head.size, head.note FROM checkpoint AS head "
    "JOIN (SELECT party, max(size) AS size FROM checkpoint GROUP BY party) AS newest "
    "ON newest.party = head.party AND newest.size = head.size"
)


class CannotBackUp(Exception):
    """A backup cannot be made there; the message says why."""


async def back_up(folder: Path, hosts: Mapping[str, Settings]) -> Manifest:
    """Back up hosts into a folder that is not there or is empty; only its owner can open it.

    Raises:
        CannotBackUp: the folder has something in it.
    """
    _make_empty(folder)
    urls = [each.database_url for each in hosts.values()] + [each.vault_url for each in hosts.values()]
    saved = {}
    async with copies.snapshots(urls) as found:
        databases = dict(zip(hosts, found[: len(hosts)], strict=True))
        vaults = dict(zip(hosts, found[len(hosts) :], strict=True))
        made = datetime.now(UTC)
        for name, settings in hosts.items():
            (folder / name).mkdir()
            await databases[name].write(folder / name, DATABASE)
            await vaults[name].write(folder / name, VAULT)
            saved[name] = await _saved(settings, databases[name], vaults[name], folder / name)
    parties = next(iter(hosts.values())).parties_file
    shutil.copyfile(parties, folder / PARTIES)
    whole = Manifest(
        format=FORMAT,
        netral=metadata.version("netral"),
        made=made,
        hosts=saved,
        files=manifest.digests(folder),
    )
    manifest.write(folder, whole)
    return whole


async def _saved(settings: Settings, database: Snapshot, vault: Snapshot, folder: Path) -> SavedHost:
    heads = await database.rows(_HEADS)
    return SavedHost(
        database=database.kind,
        revisions=copies.revisions_of(await database.rows(copies.REVISIONS)),
        vault=vault.kind,
        vault_revisions=copies.revisions_of(await vault.rows(copies.REVISIONS)),
        parties=sorted(path.stem for path in settings.keys_folder.glob("*.pem")),
        logs={party: SavedLog(size=size, note=note) for party, size, note in heads},
        documents=_copy_documents(settings, folder / DOCUMENTS),
    )


def documents_of(settings: Settings) -> Path | None:
    """Find the folder of a host's documents; None if they are in an object store."""
    if "://" in settings.documents_url:
        return None
    return Path(settings.documents_url) if settings.documents_url else settings.state_folder / DOCUMENTS


def _copy_documents(settings: Settings, target: Path) -> bool:
    """Copy the documents, encrypted as they are. One that is erased meanwhile is left out."""
    source = documents_of(settings)
    if source is None:
        return False
    for path in sorted(source.rglob("*")) if source.is_dir() else ():
        place = target / path.relative_to(source)
        if path.is_dir():
            place.mkdir(parents=True, exist_ok=True)
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(path, place)
        except FileNotFoundError:
            place.unlink(missing_ok=True)
    return True


def save_keys(folder: Path, hosts: Mapping[str, Settings], admin: Path | None = None) -> int:
    """Copy the private keys and passwords of hosts into a folder of their own, each 0600; gives how many files.

    `admin` is the file of the bus administrator's password, in an installation on one machine.

    Raises:
        CannotBackUp: the folder has something in it.
    """
    _make_empty(folder)
    found: dict[Path, Path] = {}
    for name, settings in hosts.items():
        found |= {
            path: folder / name / path.name for path in settings.keys_folder.iterdir() if path.is_file()
        }
        password = settings.nats_password_file or settings.state_folder / NATS_PASSWORD
        vault_keys = settings.vault_keys_file or settings.keys_folder / "vault.key"
        found |= {password: folder / name / NATS_PASSWORD, vault_keys: folder / name / "vault.key"}
    if admin is not None:
        found[admin] = folder / admin.name
    present = {source: target for source, target in found.items() if source.exists()}
    for source, target in present.items():
        write_secret(target, source.read_bytes())
    return len(present)


def write_secret(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, in a folder that only its owner can open."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def _make_empty(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(folder.iterdir()):
            raise CannotBackUp(f"{folder} is not empty: name a new folder")
        folder.chmod(0o700)
    except OSError as error:
        raise CannotBackUp(f"{folder}: {error.strerror}") from error

"""Puts hosts back from a backup, into places where nothing is, so that each recovers before it signs or sends (`host.lifecycle.recovery`)."""

import shutil
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import audit
import exchange
from exchange.personal_data import vault
from exchange.settings import Settings
from host.lifecycle import recovery
from operations.backup.back_up import (
    DATABASE,
    DOCUMENTS,
    NATS_PASSWORD,
    PARTIES,
    VAULT,
    documents_of,
    write_secret,
)
from operations.backup.manifest import Manifest, SavedHost
from storage import copies, urls
from storage.copies import NotEmpty


class CannotRestore(Exception):
    """A backup cannot be put there, and nothing was changed; the message says why."""


async def restore(folder: Path, manifest: Manifest, hosts: Mapping[str, Settings], keys: Path | None) -> None:
    """Put hosts of a backup, which was checked, where their settings say; each will recover at its next start.

    `keys` is a folder that `back_up.save_keys` made; None: the keys are where the settings say.

    Raises:
        CannotRestore: something is there already, or keys are missing.
    """
    for name, settings in hosts.items():
        if name not in manifest.hosts:
            raise CannotRestore(f"the backup has no host {name}")
        await _require_room(name, manifest.hosts[name], settings, keys)
    for settings in hosts.values():
        settings.state_folder.mkdir(parents=True, exist_ok=True)
    if keys is not None:
        for name, settings in hosts.items():
            _put_keys(keys / name, settings)
    for name, settings in hosts.items():
        await _put_back(folder / name, name, manifest, settings)
    for settings in hosts.values():
        if not settings.parties_file.exists():
            shutil.copyfile(folder / PARTIES, settings.parties_file)


def put_admin_password(keys: Path, folder: Path) -> None:
    """Put the password of the bus's administrator back, of an installation on one machine, if there is none."""
    for source in keys.glob("admin.password"):
        if not (folder / source.name).exists():
            write_secret(folder / source.name, source.read_bytes())


async def _require_room(name: str, saved: SavedHost, settings: Settings, keys: Path | None) -> None:
    for url, kind in ((settings.database_url, saved.database), (settings.vault_url, saved.vault)):
        if urls.parse(url).sqlite != (kind == copies.SQLITE):
            raise CannotRestore(f"{name}: the backup is of {kind}, and the database to restore is another")
        try:
            await copies.require_empty(url)
        except NotEmpty as error:
            raise CannotRestore(f"{name}: {error}: a backup is put into an empty place only") from None
    for path in (settings.state_folder / "witnessed", documents_of(settings) if saved.documents else None):
        if path is not None and path.is_dir() and any(path.iterdir()):
            raise CannotRestore(f"{name}: {path} is not empty: a backup is put into an empty place only")
    here = settings.keys_folder if keys is None else keys / name
    if keys is not None and settings.keys_folder.is_dir() and any(settings.keys_folder.iterdir()):
        raise CannotRestore(f"{name}: {settings.keys_folder} has keys already; leave out --keys")
    missing = sorted(set(saved.parties) - {path.stem for path in here.glob("*.pem")})
    if missing or not (here / "storage.key").exists():
        raise CannotRestore(
            f"{name}: {here} has no keys of {', '.join(missing[:5]) or 'the storage'}: private keys are in no backup; give --keys"
        )


def _put_keys(source: Path, settings: Settings) -> None:
    settings.keys_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in sorted(source.iterdir()):
        target = settings.keys_folder / path.name
        if path.name == NATS_PASSWORD:
            target = settings.nats_password_file or settings.state_folder / NATS_PASSWORD
        elif path.name == "vault.key" and settings.vault_keys_file is not None:
            target = settings.vault_keys_file
        if not target.exists():
            write_secret(target, path.read_bytes())


async def _put_back(source: Path, name: str, manifest: Manifest, settings: Settings) -> None:
    saved = manifest.hosts[name]
    # First: a host that is put back by half must not sign either.
    recovery.begin(settings.state_folder, manifest.made)
    await copies.put_back(
        settings.database_url, saved.database, source, DATABASE, saved.revisions, migrations_of(name)
    )
    await copies.put_back(
        settings.vault_url, saved.vault, source, VAULT, saved.vault_revisions, [migrations_of_vault()]
    )
    target = documents_of(settings)
    if saved.documents and target is not None and (source / DOCUMENTS).is_dir():
        shutil.copytree(source / DOCUMENTS, target, dirs_exist_ok=True)
    witnessed = settings.state_folder / "witnessed"
    witnessed.mkdir(parents=True, exist_ok=True)
    for party, head in saved.logs.items():
        (witnessed / party).write_text(head.note, "utf-8")


def migrations_of(name: str) -> list[Path]:
    """The folders of a host's migrations."""
    own: tuple[Path, ...] = import_module(f"{name}.__main__").HOST.migrations
    return [*(Path(package.__path__[0]) / "migrations" for package in (audit, exchange)), *own]


def migrations_of_vault() -> Path:
    return Path(vault.__file__).parent / "migrations"

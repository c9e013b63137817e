"""Backups of hosts: whole or refused, without private keys unless asked for, and put into empty places only."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from exchange.settings import Settings
from host.lifecycle import recovery
from operations.backup import back_up, manifest, recoveries, restore
from operations.backup.back_up import CannotBackUp
from operations.backup.manifest import BadBackup
from operations.backup.restore import CannotRestore
from operations.local.development_world import make_world
from operations.local.installation import Installation
from storage.engines import Database

HOST = "kasn"


def settings_of(world: Installation) -> Settings:
    folder = world.host(HOST)
    return Settings(
        parties_file=world.parties_file,
        keys_folder=world.keys(HOST),
        database_url=f"sqlite:///{folder}/{HOST}.sqlite",
        vault_url=f"sqlite:///{folder}/{HOST}_vault.sqlite",
        state_folder=folder,
    )


@pytest.fixture
async def host(tmp_path: Path) -> Settings:
    """A host with migrated databases, keys and a document."""
    world = Installation(tmp_path / "world")
    make_world(world, authorities=("ppk-6202",))
    settings = settings_of(world)
    for url, rooms in (
        (settings.database_url, restore.migrations_of(HOST)),
        (settings.vault_url, [restore.migrations_of_vault()]),
    ):
        database = Database(url)
        await database.migrate(*rooms)
        await database.close()
    place = settings.state_folder / "documents" / "kasn" / "m"
    place.mkdir(parents=True)
    (place / "d").write_bytes(b"sealed")
    return settings


async def backed_up(host: Settings, folder: Path) -> Path:
    await back_up.back_up(folder, {HOST: host})
    return folder


async def test_a_backup_put_back_has_everything_and_recovers_first(host: Settings, tmp_path: Path) -> None:
    folder = await backed_up(host, tmp_path / "backup")
    back_up.save_keys(tmp_path / "keys", {HOST: host})
    again = settings_of(Installation(tmp_path / "again"))

    await restore.restore(folder, manifest.read(folder), {HOST: again}, tmp_path / "keys")

    assert (again.state_folder / "documents" / "kasn" / "m" / "d").read_bytes() == b"sealed"
    assert (again.keys_folder / "storage.key").read_bytes() == (host.keys_folder / "storage.key").read_bytes()
    assert again.parties_file.read_bytes() == host.parties_file.read_bytes()
    assert recovery.is_recovering(again.state_folder)
    assert recoveries.under_way({HOST: again.state_folder}) == {HOST: None}


async def test_no_private_key_and_no_password_is_in_a_backup(host: Settings, tmp_path: Path) -> None:
    secrets = [path.read_bytes() for path in host.keys_folder.iterdir()]
    secrets.append((host.state_folder / "nats.password").read_bytes())

    folder = await backed_up(host, tmp_path / "backup")

    for path in folder.rglob("*"):
        assert path.is_dir() or not any(secret.strip() in path.read_bytes() for secret in secrets)


async def test_keys_that_are_asked_for_can_be_read_by_their_owner_only(
    host: Settings, tmp_path: Path
) -> None:
    count = back_up.save_keys(tmp_path / "keys", {HOST: host})

    files = [path for path in (tmp_path / "keys").rglob("*") if path.is_file()]
    assert len(files) == count > 2
    assert {oct(path.stat().st_mode & 0o777) for path in files} == {"0o600"}
    assert oct((tmp_path / "keys").stat().st_mode & 0o777) == "0o700"


def changed(folder: Path) -> None:
    path = folder / HOST / "database.sqlite"
    path.write_bytes(path.read_bytes()[:-1] + b"x")


def lost(folder: Path) -> None:
    (folder / HOST / "vault.sqlite").unlink()


def added(folder: Path) -> None:
    (folder / HOST / "stray").touch()


def unfinished(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def newer(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace("netral-backup/1", "netral-backup/2"))


def cut(folder: Path) -> None:
    os.truncate(folder / "manifest.json", 40)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (changed, "SHA-256 is another"),
        (lost, "is missing"),
        (added, "not in the manifest"),
        (unfinished, "was not finished"),
        (newer, "of the format netral-backup/2"),
        (cut, "cannot be read"),
    ],
)
async def test_a_backup_that_is_not_whole_is_refused_by_the_file(
    host: Settings, tmp_path: Path, harm: Callable[[Path], None], said: str
) -> None:
    folder = await backed_up(host, tmp_path / "backup")
    harm(folder)

    with pytest.raises(BadBackup, match=said):
        manifest.read(folder)


async def test_nothing_is_put_over_what_is_there_and_nothing_without_keys(
    host: Settings, tmp_path: Path
) -> None:
    folder = await backed_up(host, tmp_path / "backup")
    read = manifest.read(folder)
    again = settings_of(Installation(tmp_path / "again"))

    with pytest.raises(CannotBackUp, match="not empty"):
        await backed_up(host, folder)
    with pytest.raises(CannotRestore, match="an empty place only"):
        await restore.restore(folder, read, {HOST: host}, None)
    with pytest.raises(CannotRestore, match="no keys of"):
        await restore.restore(folder, read, {HOST: again}, None)
    assert not again.state_folder.exists()


def test_a_recovery_goes_on_without_a_party_that_is_gone(tmp_path: Path) -> None:
    made = datetime.now(UTC)
    recovery.begin(tmp_path, made)

    recoveries.go_on_without(tmp_path, ["kasn"])
    recoveries.go_on_without(tmp_path, ["ppk-3204"])

    assert recovery.read(tmp_path) == (made, ["kasn", "ppk-3204"])
    (tmp_path / "recovery.json").write_text("{}")
    with pytest.raises(recovery.BadRecoveryFile, match=r"recovery\.json"):
        recovery.read(tmp_path)

"""A look at the files of an installation: parties file, keys, room on the disk, and why a desk did not start."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from exchange.personal_data import vault
from exchange.settings import Settings
from exchange.statements import private_keys, trust
from operations.doctor.findings import Finding
from operations.local.installation import Installation

LEAST_FREE = 1024**3
"""Bytes: with less room than this on its disk an installation is in danger."""
_END = 64 * 1024


def of_installation(state: Installation) -> Iterator[Finding]:
    """Findings on the files of an installation; it may run or not."""
    if not state.exists:
        yield Finding("NO_WORLD", {"place": str(state.folder)})
        return
    yield from _of_parties(state.parties_file)
    for host in state.hosts():
        yield from _of_keys(host, state.keys(host))
    yield from of_disk(str(state.folder), shutil.disk_usage(state.folder).free)


def of_host(settings: Settings) -> Iterator[Finding]:
    """Findings on the files of a host that its settings name; it may run or not."""
    yield from _of_parties(settings.parties_file)
    yield from _of_keys(str(settings.keys_folder), settings.keys_folder)
    if settings.state_folder.is_dir():
        yield from of_disk(str(settings.state_folder), shutil.disk_usage(settings.state_folder).free)


def parties_of(folder: Path) -> list[str]:
    """The parties whose private keys are in a folder: those that its host serves."""
    return sorted(path.stem for path in folder.glob("*.pem"))


def address_of(settings: Settings) -> str | None:
    """The address that a host wrote into its state folder when it began to listen; None if it does not run."""
    for path in settings.state_folder.glob("*.address"):
        return path.read_text().strip()
    return None


def of_disk(place: str, free: int) -> Iterator[Finding]:
    """A finding if too few bytes are free."""
    if free < LEAST_FREE:
        yield Finding("DISK_LOW", {"place": place, "free": str(free // 1024**2)})


def _of_parties(file: Path) -> Iterator[Finding]:
    try:
        trust.load_parties(file)
    except trust.BadPartiesFile as error:
        yield Finding("PARTIES_UNREADABLE", {"reason": str(error)})


def _of_keys(place: str, folder: Path) -> Iterator[Finding]:
    try:
        vault.read_storage_key(folder / "storage.key")
        for party in parties_of(folder):
            private_keys.read_private_keys(folder, party)
    except (vault.BadStorageKey, trust.BadPartiesFile) as error:
        yield Finding("KEYS_UNREADABLE", {"place": place, "reason": str(error)})


def of_log(state: Installation, host: str) -> Finding:
    """The finding on a desk that does not answer, with the reason in the last line of its log if it did not start."""
    log = state.logs / f"{host}.log"
    for line in reversed(_end_of(log)):
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if not isinstance(said, dict):
            continue
        if said.get("event") in ("refused to start", "cannot start now"):
            values = {"place": host, "why": str(said.get("why")), "reason": str(said.get("reason"))}
            return Finding("PORT_TAKEN" if said.get("why") == "CannotListen" else "DESK_REFUSES", values)
        break
    return Finding("DESK_DOWN", {"place": host, "log": str(log)})


def _end_of(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _END))
            return file.read().decode(errors="replace").splitlines()
    except OSError:
        return []


def not_running(state: Installation) -> Finding:
    """The finding on an installation that does not run."""
    return Finding("NOT_RUNNING", {"place": str(state.folder)})

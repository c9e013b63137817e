"""Recoveries of restored hosts, as their state folders tell them: for who waits for one to end."""

from collections.abc import Collection, Mapping
from pathlib import Path

from host.lifecycle import recovery
from host.lifecycle.recovery import RecoveryState

__all__ = ["RecoveryState", "go_on_without", "under_way"]


def under_way(folders: Mapping[str, Path]) -> dict[str, RecoveryState | None]:
    """Find the hosts that recover, by name, of those with these state folders; None: it has asked nobody yet."""
    return {
        name: recovery.state_of(folder) for name, folder in folders.items() if recovery.is_recovering(folder)
    }


def go_on_without(folder: Path, parties: Collection[str]) -> None:
    """Let a host that recovers go on though these parties do not answer."""
    made, before = recovery.read(folder)
    recovery.begin(folder, made, {*before, *parties})

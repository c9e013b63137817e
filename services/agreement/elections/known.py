"""The elections that are known: those that ship with the agreement, and those that an operator added by a file.

An operator's file is checked as strictly as ours. It may bring a new election, or a later version of a known one; what
stands can so be told from the digest of all that is known.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from types import MappingProxyType

from agreement import data_files
from agreement.data_files import BrokenData
from agreement.data_files import Unknown as Unknown
from agreement.elections.election import Election, parse

_FOLDER = "elections"
_FILES = (
    "pilkada-2020.toml",
    "pemilu-2024.toml",
    "pilkada-2024.toml",
    "pilkada-ulang-2025.toml",
    "psu-2025.toml",
    "psu-2025-barito-utara.toml",
    "pemilu-2029.toml",
    "pilkada-2031.toml",
)


@cache
def shipped() -> tuple[Election, ...]:
    """The elections that ship with the agreement."""
    return tuple(_packaged(file) for file in _FILES)


def _packaged(file: str) -> Election:
    path = f"{_FOLDER}/{file}"
    return parse(path, data_files.read(path), lambda beside: data_files.read(f"{_FOLDER}/{beside}"))


class Elections:
    """Elections under their ids, each in its newest version, in the order of their voting days."""

    def __init__(self, found: Iterable[Election]) -> None:
        versions: dict[tuple[str, int], Election] = {}
        for each in found:
            if (each.id, each.version) in versions:
                raise BrokenData(each.file, each.id, f"version {each.version} stands twice")
            versions[each.id, each.version] = each
        newest = {each.id: each for each in sorted(versions.values(), key=lambda one: one.version)}
        ordered = sorted(newest.values(), key=lambda each: (_last_day(each), each.id))
        self.versions: Mapping[tuple[str, int], Election] = MappingProxyType(versions)
        self.newest: Mapping[str, Election] = MappingProxyType({each.id: each for each in ordered})
        for each in ordered:
            if each.repeats and each.repeats not in self.newest:
                raise BrokenData(each.file, each.id, "repeats: unknown")

    @property
    def digest(self) -> str:
        """SHA-256, in hex, over id, version and digest of every version that is known."""
        lines = sorted(f"{each.id} {each.version} {each.digest}\n" for each in self.versions.values())
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def _last_day(election: Election) -> date:
    days = [each.voting_day for each in election.regions.values() if each.voting_day]
    return max((*days, *filter(None, (election.voting_day,))), default=date(election.year, 12, 31))


_added: tuple[Election, ...] = ()


@cache
def _known() -> Elections:
    return Elections((*shipped(), *_added))


def add(found: Iterable[Election]) -> None:
    """Take up an operator's elections, once, when a process starts. Raises `BrokenData` if one is known already."""
    global _added
    both = (*_added, *found)
    Elections((*shipped(), *both))
    _added = both
    _known.cache_clear()


def all_known() -> Elections:
    """All elections that are known to this process."""
    return _known()


def election(id: str, *, field: str = "election") -> Election:
    """The election with an id such as `PILKADA-2020`, in its newest version. Raises `Unknown` for any other text."""
    return data_files.look_up(_known().newest, id, "not an election that is known", field)

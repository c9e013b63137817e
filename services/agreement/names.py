"""Names as people write them: some words of a name, in any order, or its abbreviation, such as *kotim* for Kotawaringin Timur. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

_KINDS = frozenset({"pemerintah", "provinsi", "kabupaten", "kota", "administrasi"})
_SHORTEST = 3
_CUSTOMARY = {"kotim": "kotawaringin timur"}
"""Abbreviations that are one's own by custom (kotimkab.go.id), though another name (Kolaka Timur, *koltim*) begins so too."""


def fits(asked: str, code: str, name: str) -> bool:
    """True if it is what a code begins with, words of the name or of the code, or an abbreviation of the name."""
    words = asked.casefold().split()
    whole = f"{code} {name}".casefold()
    if all(word in whole for word in words):
        return True
    named = [word for word in name.casefold().split() if word not in _KINDS]
    return len(words) == 1 and len(words[0]) >= _SHORTEST and len(named) > 1 and _abbreviates(words[0], named)


def named(asked: str, entries: Mapping[str, str]) -> Sequence[str]:
    """Codes of the entries (names by code) that somebody may mean; the one of a code or whole name alone.

    A government's whole name is its region's too: Kabupaten Bangka is not one of those that begin so.
    """
    exact = " ".join(asked.casefold().split())
    exact = asked = _CUSTOMARY.get(exact, exact)
    whole = [
        code
        for code, name in entries.items()
        if exact in (code.casefold(), name.casefold(), name.casefold().removeprefix("pemerintah "))
    ]
    return whole or [code for code, name in entries.items() if fits(asked, code, name)]


def meant(written: str, entries: Mapping[str, str], most: int = 3) -> Sequence[str]:
    """Entries (names by code) that somebody may mean, each with its name."""
    if len(written) < _SHORTEST:
        return []
    words = {word for name in entries.values() for word in name.casefold().split()}
    found = named(written, entries) or close_to(written, entries, most)
    found = found or [code for word in close_to(written, words, 1) for code in named(word, entries)]
    return [f"{code} ({entries[code]})" for code in found[:most]]


def close_to(asked: str, known: Iterable[str], most: int = 3) -> Sequence[str]:
    """Known words that are written most like it; none if nothing is alike."""
    by_fold = {each.casefold(): each for each in known}
    return [by_fold[each] for each in get_close_matches(asked.casefold(), by_fold, n=most, cutoff=0.6)]


def _abbreviates(word: str, names: Sequence[str]) -> bool:
    """True if it is made of beginnings of all the names, one after the other."""
    if not names:
        return not word
    first, *others = names
    return any(
        word[:length] == first[:length] and _abbreviates(word[length:], others)
        for length in range(1, min(len(word), len(first)) + 1)
    )

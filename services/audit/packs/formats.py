"""Formats of evidence packs by number: which names they have in manifests, and where their frozen words, template and text stand.

A format is read for ever, so the files of an older one never change; new packs are made in the newest. What differs between
two formats is the timeline and `VERIFY.md`: the parts in a pack have a format of their own, and parties sign those. How a format
tells an entry is left to `field_names` (format 2) and `officers_words` (format 3). No I/O but the formats' files.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

Language = Literal["id", "en"]
LANGUAGES: Sequence[Language] = ("id", "en")

Both = Sequence[str]
"""A word in Indonesian and in English."""


@dataclass(frozen=True, slots=True)
class PackFormat:
    """A format of packs, by its number."""

    number: int

    @property
    def name(self) -> str:
        """As a manifest names it."""
        return f"netral-evidence-pack/{self.number}"

    @property
    def type(self) -> str:
        """Payload type of the maker's signature."""
        return f"application/vnd.netral.evidence-pack.v{self.number}+json"

    @property
    def folder(self) -> Path:
        return Path(__file__).with_name(f"format_{self.number}")

    def verify_text(self) -> bytes:
        """The text VERIFY.md, the same in every pack of the format."""
        return (self.folder / "VERIFY.md").read_bytes()


FORMAT_2, FORMAT_3 = PackFormat(2), PackFormat(3)
NEWEST = FORMAT_3
BY_NAME: Mapping[str, PackFormat] = {each.name: each for each in (FORMAT_2, FORMAT_3)}


@cache
def plain_words() -> Mapping[str, Mapping[str, Both]]:
    """The words of format 2 by group and code."""
    return tomllib.loads((FORMAT_2.folder / "words.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class WordTable:
    """The words of format 3.

    `words`: by group and key; the groups are label, outcome, actor, act, field, and `code/<list>`. `by`: acts whose word follows a
    value. `codes_of`: lists of a text field. `codes_shown`: lists whose codes stand behind their texts.
    """

    words: Mapping[str, Mapping[str, Both]]
    months: Sequence[Both]
    by: Mapping[str, str]
    codes_of: Mapping[str, Sequence[str]]
    codes_shown: frozenset[str]


@cache
def word_table() -> WordTable:
    """The words of format 3, read once."""
    folder = FORMAT_3.folder
    words, fields, codes = (
        tomllib.loads((folder / f"{name}.toml").read_text("utf-8")) for name in ("words", "fields", "codes")
    )
    groups = {name: words[name] for name in ("label", "outcome", "actor", "act")}
    groups["field"] = fields["field"]
    groups |= {f"code/{name}": texts for name, texts in codes["code"].items()}
    return WordTable(
        groups, words["months"], words["by"], fields["codes_of"], frozenset(words["codes_shown"])
    )

"""Texts by how long they may be: a field of a domain says it, and the column of its table takes it from there."""

from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True)
class Length:
    """The most characters of a text."""

    most: int


Id = Annotated[str, Length(36)]
Party = Annotated[str, Length(40)]
Number = Annotated[str, Length(60)]
"""Number of a letter, decree, report or register."""
Region = Annotated[str, Length(5)]
"""Code of a province, regency or city: `62.02`."""
Code = Annotated[str, Length(40)]
"""A word of a list of the agreement."""
Word = Annotated[str, Length(20)]
"""A word of a short list of the contract."""
Digest = Annotated[str, Length(64)]
"""SHA-256 in lower-case hex."""

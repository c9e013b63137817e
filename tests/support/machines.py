"""A desk's state machine as a table that people can read: a row per act, a column per state. No I/O.

    act     event      NEW REF EXA
    accept  Accepted    -  EXA  -

A cell is the code of the state that follows, or a mark that stands for the reason of the refusal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Cell:
    """Effect of an act in a state: `event` and the state `after` it, or the `refused` reason."""

    event: str = ""
    after: str = ""
    refused: str = ""


def read(
    text: str, states: Mapping[str, StrEnum], refusals: Mapping[str, str]
) -> dict[tuple[str, StrEnum], Cell]:
    """The cells of a table under (act, state). `states` gives each code's state, `refusals` each mark's reason."""
    (_, _, *codes), *rows = [line.split() for line in text.strip().splitlines()]
    cells: dict[tuple[str, StrEnum], Cell] = {}
    for act, event, *marks in rows:
        for code, mark in zip(codes, marks, strict=True):
            assert (act, states[code]) not in cells
            cells[act, states[code]] = (
                Cell(refused=refusals[mark]) if mark in refusals else Cell(event, states[mark])
            )
    return cells

"""Progress of the check of a host's logs, kept in a file so that a check that was stopped goes on there.

What it says of the part before is trusted, so who does not trust the file begins anew.
"""

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from audit.formats.tlog import TileId
from audit.verification.findings import Finding
from storage.files import write_whole


class FindingDocument(TypedDict):
    """A finding as plain data."""

    party: str
    index: int
    matter: str
    kind: str
    message: str


class PositionDocument(TypedDict):
    """A position as plain data: `edge` has hashes in base64 by level and number of their tile (`0/12`)."""

    next: int
    edge: dict[str, str]
    findings: list[FindingDocument]
    done: bool


@dataclass
class Position:
    """Position in the check of one log: leaves before `next` are checked, `edge` is the tree's right edge there."""

    next: int = 0
    edge: dict[TileId, bytes] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    done: bool = False

    def document(self) -> PositionDocument:
        """Give it as plain data for a file."""
        edge = {
            f"{tile.level}/{tile.number}": b64encode(hashes).decode() for tile, hashes in self.edge.items()
        }
        findings = [
            FindingDocument(
                party=each.party,
                index=each.index,
                matter=each.matter,
                kind=each.kind,
                message=each.message,
            )
            for each in self.findings
        ]
        return {"next": self.next, "edge": edge, "findings": findings, "done": self.done}

    @classmethod
    def read(cls, document: PositionDocument) -> "Position":
        """Read a position from a `document`.

        Raises:
            ValueError, KeyError, TypeError: it is none.
        """
        edge = {
            TileId(*map(int, place.split("/"))): b64decode(hashes, validate=True)
            for place, hashes in document["edge"].items()
        }
        findings = [Finding(**each) for each in document["findings"]]
        return cls(int(document["next"]), edge, findings, bool(document["done"]))


@dataclass
class Progress:
    """Progress of the check of a host's logs, kept in a file so that a check that was stopped goes on there."""

    file: Path | None = None
    positions: dict[str, Position] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path) -> "Progress":
        """Read the kept progress, or begin anew.

        Raises:
            ValueError: the file is no such thing.
        """
        try:
            document = json.loads(file.read_text())
            positions = {party: Position.read(each) for party, each in document.items()}
        except FileNotFoundError:
            return cls(file)
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(f"{file} does not say how far a check has come: {error}") from error
        return cls(file, positions)

    def keep(self) -> None:
        """Write it whole or not at all."""
        if self.file is not None:
            write_whole(
                self.file, json.dumps({party: each.document() for party, each in self.positions.items()})
            )

    def forget(self) -> None:
        """Remove the file: the check has come to its end."""
        if self.file is not None:
            self.file.unlink(missing_ok=True)

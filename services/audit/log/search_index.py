"""Search-index rows, written in the transaction of the leaf: its heading, and its place in its case.

A *heading* is one combination of all words that leaves are told apart by, down to the institution on the other side; a log
has few of them, whatever its size. A leaf carries its number, so that it is found by each of these words through one small
index, and everything is counted by one look at that index. The number is drawn from the words: two processes give the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from operator import attrgetter

from audit.log.events import AuditEvent
from audit.tables import CaseIndexRow, FacetRow
from storage.together import Write
from storage.types import Values
from storage.upserts import insert_new_of

WORDS = (
    "kind",
    "type",
    "author",
    "counterpart",
    "actor_kind",
    "role",
    "outcome",
    "reason",
    "basis",
    "region",
    "source",
)
"""What a heading is made of, beside the party whose log it is."""
_other_words = attrgetter(*WORDS[1:])

# Known headings and entries are not written again; forgotten whole when they are more.
_REMEMBER = 100_000
_LONGEST = 100


@dataclass
class SearchIndexCache:
    """Rows that one process has committed already."""

    headings: set[int] = field(default_factory=set)
    entries: set[tuple[str, ...]] = field(default_factory=set)

    def remember(self, rows: "PendingIndexRows") -> None:
        """Remember rows, after their commit."""
        if len(self.headings) + len(self.entries) > _REMEMBER:
            self.headings.clear()
            self.entries.clear()
        self.headings |= rows.headings.keys()
        self.entries |= rows.entries


@dataclass
class PendingIndexRows:
    """The headings and case entries of the leaves of one transaction."""

    headings: dict[int, Values] = field(default_factory=dict)
    entries: set[tuple[str, ...]] = field(default_factory=set)

    def add(self, party: str, event: AuditEvent | None) -> int:
        """Add the rows of a leaf's event; gives the number of its heading, 0 if the leaf cannot be read."""
        if event is None:
            return 0
        number, row = _heading(event.kind.name.lower(), *_other_words(event), party)
        self.headings.setdefault(number, row)
        if event.case:
            # A leaf that is about no matter is found by its own id.
            self.entries.add((party, event.case, event.matter, "" if event.matter else event.ref))
        return number

    def writes(self, known: SearchIndexCache) -> Sequence[Write]:
        """Writes of what is not known yet, in sorted order, so that no two writers lock each other out."""
        headings = [self.headings[id] for id in sorted(self.headings.keys() - known.headings)]
        names = ("party", "case_id", "matter", "ref")
        entries = [dict(zip(names, entry, strict=True)) for entry in sorted(self.entries - known.entries)]
        return [(insert_new_of(FacetRow), headings), (insert_new_of(CaseIndexRow), entries)]


@lru_cache(maxsize=10_000)  # a log has few of them, and a leaf of each comes again and again
def _heading(*words: str) -> tuple[int, Values]:
    """The number and the row of a heading: of its words in the order of `WORDS`, and its party."""
    cut = [word[:_LONGEST] for word in words]
    number = int.from_bytes(sha256("\n".join(cut).encode()).digest()[:8], "big") >> 1
    return number, {**dict(zip((*WORDS, "party"), cut, strict=True)), "id": number}

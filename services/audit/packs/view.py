"""View of one party's log that an evidence pack is made of: plain data that can be handed to another process. No I/O.

Reading it from the database is left to `collect`, making files of it to `layout`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from audit.completeness.sparse_map import Chain, MapProof
from audit.formats.tlog import TileId
from audit.packs.canonical_json import Json

PART_FORMAT = "netral-evidence-part/2"
PART_TYPE = "application/vnd.netral.evidence-part.v2+json"
MOST_LEAVES = 10_000


@dataclass(frozen=True, slots=True)
class Signer:
    """A party's key: `sign` gives the DSSE signature of a payload of a type."""

    keyid: str
    sign: Callable[[str, bytes], bytes]


@dataclass(frozen=True, slots=True)
class Scope:
    """The subject of a pack: matters (of a case, if it is named), or entries from `first` up to, without, `end`."""

    matters: tuple[str, ...] = ()
    case_id: str = ""
    first: int = 0
    end: int = 0

    @property
    def range(self) -> tuple[int, int] | None:
        return None if self.matters else (self.first, self.end)

    def plain(self) -> dict[str, Json]:
        """As it stands in a manifest."""
        limits = self.range
        return {"case": self.case_id, "matters": list(self.matters), "range": limits and list(limits)}


@dataclass(slots=True)  # not frozen: a view has thousands
class ViewLeaf:
    """A leaf of the log: its index, its matter, and the bytes that were kept."""

    index: int
    matter: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Chained:
    """A matter's chain at the head (None: it has no leaf), and the proof that the chain leaf, the head's last, commits to it."""

    chain: Chain | None
    proof: MapProof


@dataclass(frozen=True, slots=True)
class View:
    """The leaves of one party's log in a scope, and the hash tiles that prove each of them up to the head.

    The head has `size` leaves and this root; `note` is its checkpoint with the cosignatures, signed at `as_of` (UTC). `chains` are
    those of the scope's matters; then the last of `leaves` is the head's chain leaf.
    """

    party: str
    size: int
    root: bytes
    as_of: datetime
    note: str
    leaves: Sequence[ViewLeaf]
    tiles: Mapping[TileId, bytes]
    chains: Mapping[str, Chained] = field(default_factory=dict)

"""A list of pledges while it is imported: bytes of a file in, pieces to be kept out. No I/O; it runs in a thread.

A *piece* is what one commit adds: the entries of up to 4,096 lines, encrypted; the tiles of the tree that changed; the broken
rows; and up to where the file is read then. What is in memory besides (who stands in the list, how many per unit) is made again
from the pieces, so a process that died goes on where the last commit ended.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from agreement.lists.columns import MAX_TITLES, is_blank
from audit.formats.tlog import TileId
from cooperation.prevention.pledges import merkle_tree
from cooperation.prevention.pledges.domain import rows
from cooperation.prevention.pledges.domain.rows import Entry, Reason, Rows
from exchange.delivery.commands import request_id_reused
from exchange.personal_data import vault
from refusals import Malformed

LINES_AT_ONCE = 4_096
_BOM = b"\xef\xbb\xbf"

Broken = tuple[int, Reason]
"""Line of the file, from 1, and why it was not taken."""


@dataclass(frozen=True, slots=True)
class ImportChunk:
    """Addition of one commit to a list. `read` bytes and `lines` lines of the file are done after it, `prefix` is their SHA-256."""

    number: int
    sealed: bytes
    count: int
    tiles: dict[TileId, bytes]
    broken: list[Broken]
    read: int
    prefix: bytes
    lines: int
    size: int


@dataclass
class PledgeImport:
    """One import. `read` and `prefix` say what earlier streams brought; the same bytes must come again and are skipped."""

    pledge_list: str
    key: bytes = field(repr=False)
    today: date
    read: int = 0
    prefix: bytes = b""
    lines: int = 0
    size: int = 0
    pieces: int = 0
    edge: dict[TileId, bytes] = field(default_factory=dict)
    units: Counter[str] = field(default_factory=Counter)
    days: Counter[str] = field(default_factory=Counter)
    _people: set[int] = field(default_factory=set)
    _rows: Rows | None = None
    _header: int = 0  # the line that names the columns
    _buffer: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self._salts = merkle_tree.salts_key(self.key)
        self._seen = sha256()
        self._came = 0  # bytes of this stream
        self._skip = self.read

    # --- what was kept before ------------------------------------------------------------------------------------

    def remember(self, number: int, sealed: bytes) -> None:
        """Take in a piece that was kept before."""
        for entry in opened(self.key, self.pledge_list, number, sealed):
            self._people.add(rows.person_of(entry))
            self.units[rows.unit_of(entry)] += 1
            self.days[rows.day_of(entry)] += 1
        self.pieces = number + 1

    # --- the file ------------------------------------------------------------------------------------------------

    def feed(self, data: bytes, *, last: bool) -> Iterator[ImportChunk]:
        """Take the next bytes of the file; gives the pieces that they complete, each to be kept before the next is asked for.

        Raises:
            Conflict: what was kept before came from other bytes.
            Malformed: there is no header, no line break within 1 MiB, or there are too many lines.
        """
        self._buffer += data
        self._skip_what_is_kept()
        if self._skip:
            if last:
                raise request_id_reused()
            return
        while piece := self._next(last=last):
            yield piece

    def root(self) -> bytes:
        """The root of what is taken."""
        return merkle_tree.root(self.size, self.edge)

    def _skip_what_is_kept(self) -> None:
        """Go past what earlier streams brought, and see that it is the same."""
        self._find_columns(last=False)
        if not self._skip or self._rows is None:
            return
        done = min(self._skip, len(self._buffer))
        self._passed(done)
        self._skip -= done
        if not self._skip and self._seen.digest() != self.prefix:
            raise request_id_reused()

    def _find_columns(self, *, last: bool) -> None:
        """Read the line that names the columns, once it is there; nothing is taken out of the buffer."""
        if self._rows is not None:
            return
        found = rows.find_columns(first_lines(self._buffer, whole=last), whole=last)
        if found is None:
            self._refuse_unbroken(self._buffer.rfind(b"\n") + 1)
            return
        named, self._header = found
        self._rows = Rows(named, self.today)

    def _next(self, *, last: bool) -> ImportChunk | None:
        """A piece of whole lines, if the buffer has enough of them; at the end the rest."""
        if self._rows is None:
            if not last:
                return None
            self._find_columns(last=True)
        found = self._whole_lines(last=last)
        if found is None:
            return None
        if self.lines + len(found) > rows.MAX_LINES:
            raise Malformed("over {limit} lines", limit=rows.MAX_LINES, field="data", reason="FILE_TOO_LARGE")
        start = self.lines
        self.lines += len(found)
        good, broken = self._sort(found, start + 1)
        return self._piece(good, broken)

    def _whole_lines(self, *, last: bool) -> list[bytes] | None:
        """The next lines, taken out of the buffer: as many as a piece has, or at the end all that are left."""
        end, count = 0, 0
        for _ in range(LINES_AT_ONCE):
            at = self._buffer.find(b"\n", end)
            if at < 0:
                break
            end, count = at + 1, count + 1
        if count < LINES_AT_ONCE:
            if not last:
                self._refuse_unbroken(end)
                return None
            end = len(self._buffer)
        if not end:
            return None
        taken = bytes(self._buffer[:end])
        self._passed(end)
        return taken.removesuffix(b"\n").split(b"\n")

    def _refuse_unbroken(self, start: int = 0) -> None:
        if len(self._buffer) - start > rows.MAX_UNBROKEN:
            raise rows.unbroken()

    def _passed(self, count: int) -> None:
        self._seen.update(memoryview(self._buffer)[:count])
        del self._buffer[:count]
        self._came += count

    def _sort(self, found: list[bytes], first: int) -> tuple[list[bytes], list[Broken]]:
        """The entries of the good rows, and the broken ones. A line without anything in it is no row."""
        assert self._rows is not None
        good: list[bytes] = []
        broken: list[Broken] = []
        for line, raw in enumerate(found, first):
            if line <= self._header or is_blank(raw):
                continue
            read = self._rows.read(raw.removesuffix(b"\r").decode("utf-8", "replace"))
            why = read if isinstance(read, Reason) else self._objection(read)
            if why is not None:
                broken.append((line, why))
                continue
            assert isinstance(read, Entry)
            self._people.add(read.number)
            self.units[read.unit] += 1
            self.days[rows.day_of(read.text)] += 1
            good.append(read.text.encode("ascii"))
        return good, broken

    def _objection(self, entry: Entry) -> Reason | None:
        if entry.number in self._people:
            return Reason.DUPLICATE
        if entry.unit not in self.units and len(self.units) >= rows.MAX_UNITS:
            return Reason.TOO_MANY_UNITS
        return None

    def _piece(self, good: list[bytes], broken: list[Broken]) -> ImportChunk:
        hashes = merkle_tree.leaves(self._salts, self.size, good)
        tiles = merkle_tree.grown(self.size, self.edge, hashes)
        self.size += len(good)
        edge = merkle_tree.edge_of(self.size)
        self.edge = {tile: tiles.get(tile, self.edge.get(tile, b"")) for tile in edge}
        self.read, self.prefix = self._came, self._seen.copy().digest()
        number, self.pieces = self.pieces, self.pieces + 1
        sealed = vault.encrypt(self.key, b"\n".join(good), _source(self.pledge_list, number))
        return ImportChunk(
            number, sealed, len(good), tiles, broken, self.read, self.prefix, self.lines, self.size
        )


def first_lines(data: bytes | bytearray, *, whole: bool) -> list[str]:
    """The first lines of a file, without what may stand before or behind them; the last one only if that is `whole`."""
    lines = bytes(data[: rows.MAX_UNBROKEN]).removeprefix(_BOM).split(b"\n")
    if not whole or len(data) > rows.MAX_UNBROKEN:
        lines.pop()
    return [line.removesuffix(b"\r").decode("utf-8", "replace") for line in lines[:MAX_TITLES]]


def opened(key: bytes, pledge_list: str, number: int, sealed: bytes) -> list[str]:
    """The entries of a kept piece.

    Raises:
        Erased: the key of the list is gone.
    """
    plain = vault.decrypt(key, sealed, _source(pledge_list, number)).decode("ascii")
    return plain.split("\n") if plain else []


def place_of(entries: Iterable[str], person: str) -> int | None:
    """Place of a person in these entries; None: nowhere."""
    found = (place for place, entry in enumerate(entries) if entry.startswith(f"{person};"))
    return next(found, None)


def _source(pledge_list: str, number: int) -> str:
    return f"{pledge_list}/{number}"

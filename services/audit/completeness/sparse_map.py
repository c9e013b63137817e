"""The chains of a log: every matter's, case's and actor's leaves in order, committed so that an answer can be proved whole.

A log proves that a leaf is in it, not that an answer left none out. So each batch ends with one *chain leaf* (kind 4),
which holds the root of a map from key to chain:

    key      `matter/<id>`, `case/<id>`, `actor/<institution>/<id>`; its path is SHA-256("netral chain v1\\n" || key)
    chain    how many leaves it has, and head' = SHA-256(head || index, 8 bytes || leaf hash), from 32 zero bytes on
    leaf     SHA-256(0x00 || path || length, 8 bytes || head || case); case: path of the matter's case, or 32 zero bytes
    node     SHA-256(0x01 || left || right); a subtree of one key is that key's leaf, an empty one 32 zero bytes

A matter's chain has every statement, record and receipt about it. An actor's has the statements and records of the
officer, service or clock. A case's has the first leaf of each matter that names it, and leaves that name a case and no
matter: a case is whole if its chain is and those of the matters in it are. The map's shape depends on its keys alone, so
that a second reader of the log comes to the same root (`verify`). It is kept in pages of four levels, by the path's hex
digits, of which a change touches one per level. No I/O: the sequencer reads and writes the pages.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from audit.formats import leaf
from audit.formats.leaf import Kind
from audit.formats.tlog import HASH_SIZE
from audit.log.events import AuditEvent

EMPTY = bytes(HASH_SIZE)
"""The hash of a subtree without keys, the head of a chain without leaves, and no case."""

TYPE = "chains"
"""The type that the index gives a chain leaf."""

_VERSION = b"\x01"
_DIGITS = "0123456789abcdef"
_ENTRY = 2 * HASH_SIZE + 8 + HASH_SIZE


class ChainError(ValueError):
    """A page, a proof or an answer that is not what the chain leaf commits to."""


class Chain(NamedTuple):
    """Chain of a key: number of leaves, the hash over them in order, and for a matter the path of its case."""

    length: int = 0
    head: bytes = EMPTY
    case: bytes = EMPTY

    def followed_by(self, index: int, leaf_hash: bytes) -> "Chain":
        """The chain with one more leaf."""
        link = self.head + index.to_bytes(8, "big") + leaf_hash
        return Chain(self.length + 1, sha256(link).digest(), self.case)


class Entry(NamedTuple):
    """A key's path and chain, as the map holds them."""

    path: bytes
    chain: Chain

    def hash(self) -> bytes:
        length, head, case = self.chain
        return sha256(b"\x00" + self.path + length.to_bytes(8, "big") + head + case).digest()


Page = dict[str, Entry | bytes]
"""Four levels of the map: at each hex digit the only entry below it, or the hash of the page below it."""

Pages = dict[str, Page]
"""By the hex digits of the paths in it; the first page is `""`."""


@dataclass(frozen=True, slots=True)
class MapProof:
    """The hashes beside a key's path, from the root down, and the other entry that stands there if the key has none."""

    siblings: tuple[bytes, ...]
    other: Entry | None = None


# Keys


def of_matter(id: str) -> str:
    """The key of a matter's chain."""
    return f"matter/{id}"


def of_case(id: str) -> str:
    """The key of a case's chain."""
    return f"case/{id}"


def of_actor(institution: str, id: str) -> str:
    """The key of the chain of an institution's officer, service or clock."""
    return f"actor/{institution}/{id}"


@lru_cache(maxsize=50_000)  # a batch asks for the same again and again
def path_of(key: str) -> bytes:
    """Path of a key in the map."""
    return sha256(b"netral chain v1\n" + key.encode()).digest()


@dataclass(frozen=True, slots=True)
class Link:
    """A leaf on its way into the chains. `matter` is that of a receipt's statement too."""

    index: int
    hash: bytes
    matter: str = ""
    case: str = ""
    actor: str = ""


def link(index: int, leaf_hash: bytes, event: AuditEvent | None, matter: str) -> Link:
    """List the keys that a leaf adds to. `event`: the content of its bytes, if they can be read; `matter`: of a receipt's statement."""
    if event is None:
        return Link(index, leaf_hash)
    actor = of_actor(event.author, event.actor) if event.actor else ""
    named = matter if event.kind is Kind.RECEIPT else event.matter
    return Link(index, leaf_hash, named, event.case, actor)


# Growing the map


def pages_needed(pages: Mapping[str, Page], links: Iterable[Link]) -> set[str]:
    """Pages that are needed to take these leaves in and are not here yet. Ask again after reading: paths go deeper."""
    needed = {""} - pages.keys()  # written again even if nothing in a batch has a key
    cases: dict[str, set[bytes]] = {}
    for each in links:
        named = {path_of(of_case(each.case))} if each.case else set()
        if each.matter and each.matter not in cases:
            missing, chain = _find(pages, path_of(of_matter(each.matter)))
            needed |= missing
            cases[each.matter] = {chain.case if chain else EMPTY}
        if each.matter:
            cases[each.matter] |= named
        else:
            needed |= _missing(pages, named)
        if each.actor:
            needed |= _missing(pages, [path_of(each.actor)])
    for paths in cases.values():
        if len(paths) > 1:  # it is the first leaf that names this case
            needed |= _missing(pages, paths - {EMPTY})
    return needed


def extend(pages: Pages, links: Iterable[Link]) -> set[str]:
    """Take leaves in, in order of index; gives the pages that changed. All that were `pages_needed` must be here."""
    changed: dict[bytes, Chain] = {}

    def chain_at(path: bytes) -> Chain:
        if path in changed:
            return changed[path]
        missing, chain = _find(pages, path)
        if missing and missing != {""}:
            raise ChainError(f"page {missing} of the chains was not read")
        return chain or Chain()

    for each in links:
        if each.matter:
            path = path_of(of_matter(each.matter))
            before = chain_at(path)
            case = path_of(of_case(each.case)) if each.case else before.case
            changed[path] = before.followed_by(each.index, each.hash)._replace(case=case)
            if case != before.case:
                changed[case] = chain_at(case).followed_by(each.index, each.hash)
        elif each.case:
            path = path_of(of_case(each.case))
            changed[path] = chain_at(path).followed_by(each.index, each.hash)
        if each.actor:
            path = path_of(each.actor)
            changed[path] = chain_at(path).followed_by(each.index, each.hash)
    return insert(pages, changed)


def insert(pages: Pages, changed: Mapping[bytes, Chain]) -> set[str]:
    """Set these chains and hash again what is above them; gives the pages that changed."""
    touched = {""}
    pages.setdefault("", {})
    for path, chain in changed.items():
        _set(pages, Entry(path, chain), touched)
    for prefix in sorted(touched - {""}, key=len, reverse=True):
        pages[prefix[:-1]][prefix[-1]] = page_hash(pages[prefix])
    return touched


def page_hash(page: Page) -> bytes:
    """The hash of the subtree that a page is the top of; of the first page, the root of the map."""
    top = _rows(page)[-1][0]
    return top[0] if top else EMPTY


def _set(pages: Pages, entry: Entry, touched: set[str]) -> None:
    digits = entry.path.hex()
    prefix = ""
    while True:
        touched.add(prefix)
        page, digit = pages[prefix], digits[len(prefix)]
        here = page.get(digit)
        if here is None or (isinstance(here, Entry) and here.path == entry.path):
            page[digit] = entry
            return
        prefix += digit
        if isinstance(here, Entry):  # two keys now: both move into a page of their own
            pages[prefix] = {here.path.hex()[len(prefix)]: here}
            page[digit] = EMPTY


def _missing(pages: Mapping[str, Page], paths: Iterable[bytes]) -> set[str]:
    return {prefix for path in paths for prefix in _find(pages, path)[0]}


def _find(pages: Mapping[str, Page], path: bytes) -> tuple[set[str], Chain | None]:
    """The page that is missing on a path, or else the chain at its end, None if the key has none."""
    digits = path.hex()
    prefix = ""
    while True:
        page = pages.get(prefix)
        if page is None:
            return {prefix}, None
        here = page.get(digits[len(prefix)])
        if isinstance(here, Entry):
            return set(), here.chain if here.path == path else None
        if here is None:
            return set(), None
        prefix += digits[len(prefix)]


_Cell = tuple[bytes, Entry | None] | None  # hash, and the entry if it is the only one below


def _rows(page: Page) -> list[list[_Cell]]:
    """The five levels of a page from its sixteen places up; a lone entry stands in for the subtree above it."""
    cells: list[_Cell] = []
    for digit in _DIGITS:
        here = page.get(digit)
        if here is None:
            cells.append(None)
        elif isinstance(here, Entry):
            cells.append((here.hash(), here))
        else:
            cells.append((here, None))
    rows = [cells]
    while len(cells) > 1:
        cells = [_join(cells[place], cells[place + 1]) for place in range(0, len(cells), 2)]
        rows.append(cells)
    return rows


def _join(left: _Cell, right: _Cell) -> _Cell:
    if left is None and (right is None or right[1] is not None):
        return right
    if right is None and left is not None and left[1] is not None:
        return left
    hashes = (left[0] if left else EMPTY) + (right[0] if right else EMPTY)
    return sha256(b"\x01" + hashes).digest(), None


# Proving


def pages_to_prove(pages: Mapping[str, Page], key: str) -> set[str]:
    """Pages that a proof of this key needs and are not here yet; ask again after reading."""
    return _find(pages, path_of(key))[0]


def chain_of(pages: Mapping[str, Page], key: str) -> Chain | None:
    """A key's chain; None if no leaf names it. All pages that were `pages_to_prove` must be here."""
    return _find(pages, path_of(key))[1]


def prove(pages: Mapping[str, Page], key: str) -> MapProof:
    """Prove that the map has this key's chain, or none for it."""
    path = path_of(key)
    digits = path.hex()
    siblings: list[bytes] = []
    prefix = ""
    while True:
        rows = _rows(pages[prefix])
        place, cell = 0, rows[-1][0]
        for row in reversed(rows[:-1]):
            if cell is None or cell[1] is not None:
                break
            place = place * 2 + _bit(path, len(siblings))
            beside, cell = row[place ^ 1], row[place]
            siblings.append(beside[0] if beside else EMPTY)
        if cell is None:
            return MapProof(tuple(siblings))
        if cell[1] is not None:
            return MapProof(tuple(siblings), cell[1] if cell[1].path != path else None)
        prefix += digits[len(prefix)]


def verify_map(key: str, chain: Chain | None, proof: MapProof, root: bytes) -> None:
    """Check that the map with this root has this chain for the key; with None, that it has none.

    Raises:
        ChainError: it does not.
    """
    path, depth = path_of(key), len(proof.siblings)
    if depth > 8 * HASH_SIZE or any(len(each) != HASH_SIZE for each in (*proof.siblings, root)):
        raise ChainError("the map's proof is malformed")
    if chain is not None:
        found = Entry(path, chain).hash()
    elif proof.other is None:
        found = EMPTY
    else:
        other = proof.other.path
        if other == path or any(_bit(other, at) != _bit(path, at) for at in range(depth)):
            raise ChainError(f"the map's proof that nothing is chained for {key} shows another place")
        found = proof.other.hash()
    for at in range(depth - 1, -1, -1):
        beside = proof.siblings[at]
        found = sha256(b"\x01" + (beside + found if _bit(path, at) else found + beside)).digest()
    if found != root:
        raise ChainError(f"the chain given for {key} is not the one that the log commits to")


def verify_answer(key: str, answer: Sequence[tuple[int, bytes]], chain: Chain | None) -> None:
    """Check that these leaves (index, leaf hash), in order, are the whole chain: none left out, added or exchanged.

    Raises:
        ChainError: says for which key, and how many are missing or too many.
    """
    committed = chain or Chain()
    if len(answer) != committed.length:
        missing = committed.length - len(answer)
        many = f"{missing} missing" if missing > 0 else f"{-missing} too many"
        raise ChainError(f"{key}: {len(answer)} of {committed.length} leaves, {many}")
    found = Chain()
    for index, leaf_hash in answer:
        if not 0 <= index < 1 << 63 or len(leaf_hash) != HASH_SIZE:
            raise ChainError(f"{key}: a leaf has no place in a log")
        found = found.followed_by(index, leaf_hash)
    if found.head != committed.head:
        raise ChainError(f"{key}: the {committed.length} leaves are not those that the log chained")


def _bit(path: bytes, at: int) -> int:
    return path[at >> 3] >> (7 - (at & 7)) & 1


# Bytes


def leaf_body(root: bytes) -> bytes:
    """The body of a chain leaf."""
    return leaf.leaf_body(Kind.CHAINS, kept_root(root))


def kept_root(root: bytes) -> bytes:
    """The kept bytes of a chain leaf: version, root of the map."""
    return _VERSION + root


def root_in(body: bytes) -> bytes | None:
    """The root of the map that a leaf commits to; None if it is no chain leaf."""
    kind, kept = leaf.split_body(body)
    version, root = kept[: len(_VERSION)], kept[len(_VERSION) :]
    return root if kind is Kind.CHAINS and version == _VERSION and len(root) == HASH_SIZE else None


def encode_page(page: Page) -> bytes:
    """A page as it is stored: per place, its number (with 16 added for an entry) and the entry or hash."""
    parts = []
    for place, digit in enumerate(_DIGITS):
        here = page.get(digit)
        if isinstance(here, Entry):
            parts.append(bytes([place + 16]) + encode_entry(here))
        elif here is not None:
            parts.append(bytes([place]) + here)
    return b"".join(parts)


def decode_page(prefix: str, data: bytes) -> Page:
    """The page in these bytes.

    Raises:
        ChainError: they are none.
    """
    page: Page = {}
    at, last = 0, -1
    while at < len(data):
        place, is_entry = data[at] & 15, data[at] & 16
        size = _ENTRY if is_entry else HASH_SIZE
        part = data[at + 1 : at + 1 + size]
        if data[at] > 31 or place <= last or len(part) != size:
            raise ChainError(f"page {prefix or 'root'} of the chains cannot be read")
        page[_DIGITS[place]] = _entry(part) if is_entry else part
        at, last = at + 1 + size, place
    return page


def encode_entry(entry: Entry) -> bytes:
    """An entry as it is stored and sent: path, length, head, case; 104 bytes."""
    length, head, case = entry.chain
    return entry.path + length.to_bytes(8, "big") + head + case


def decode_entry(data: bytes) -> Entry:
    """The entry in these bytes.

    Raises:
        ChainError: they are none.
    """
    if len(data) != _ENTRY:
        raise ChainError("an entry of the chains' map has 104 bytes")
    return _entry(data)


def _entry(data: bytes) -> Entry:
    head = HASH_SIZE + 8
    length = int.from_bytes(data[HASH_SIZE:head], "big")
    return Entry(data[:HASH_SIZE], Chain(length, data[head : head + HASH_SIZE], data[head + HASH_SIZE :]))

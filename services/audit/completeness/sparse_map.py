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
from audit.log.events import AuditEvent, ChainWords

EMPTY = bytes(HASH_SIZE)
"""The hash of a subtree without keys, the head of a chain without leaves, and no case."""

TYPE = "chains"
"""The type that the index gives a chain leaf."""

_VERSION = b"\x01"
_DIGITS = "0123456789abcdef"
_PLACES = {digit: place for place, digit in enumerate(_DIGITS, len(_DIGITS))}
_ABOVE = {place: [place >> levels for levels in (1, 2, 3, 4)] for place in _PLACES.values()}
_ENTRY = 2 * HASH_SIZE + 8 + HASH_SIZE
_NO_KEYS = (b"", b"")


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
        return sha256(b"\x00" + encode_entry(self)).digest()


_Node = tuple[bytes, bytes]
"""Hash of a subtree, and the bytes of the entry if it is the only one below; both empty for a subtree without keys."""


class Page(dict[str, bytes]):
    """Four levels of the map: at each hex digit the only entry below it, as it is stored, or the hash of the page below it.

    Entries and hashes are told apart by their length. The hashes of the nodes in it are kept: a change costs those above it.
    """

    __slots__ = ("_nodes", "_stale")

    def __init__(self) -> None:
        self._nodes: list[_Node] = [_NO_KEYS] * (2 * len(_DIGITS))
        self._stale: set[int] = set()

    def __setitem__(self, digit: str, here: bytes) -> None:
        super().__setitem__(digit, here)
        self._stale.add(_PLACES[digit])

    def nodes(self) -> Sequence[_Node]:
        """The subtrees from the top, at 1, down to the sixteen places, from 16 on; below n are 2n and 2n + 1."""
        nodes, stale = self._nodes, self._stale
        for place in stale:
            here = self[_DIGITS[place - len(_DIGITS)]]
            nodes[place] = (sha256(b"\x00" + here).digest(), here) if len(here) == _ENTRY else (here, b"")
        for above in sorted({above for place in stale for above in _ABOVE[place]}, reverse=True):
            nodes[above] = _join(nodes[2 * above], nodes[2 * above + 1])
        stale.clear()
        return nodes


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


def link(index: int, leaf_hash: bytes, event: AuditEvent | ChainWords | None, matter: str) -> Link:
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
            prefix, entry = _find(pages, path_of(of_matter(each.matter)))
            if prefix not in pages:
                needed.add(prefix)
            cases[each.matter] = {entry[-HASH_SIZE:] if entry else EMPTY}
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

    def follow(path: bytes, each: Link, named: bytes = b"") -> bool:
        """Put a leaf at the end of a chain, for a matter with the case that it names; true if that is another one than before."""
        before = changed.get(path) or _chain_at(pages, path)
        link = before.head + each.index.to_bytes(8, "big") + each.hash
        case = named or before.case
        changed[path] = Chain(before.length + 1, sha256(link).digest(), case)
        return case != before.case

    for each in links:
        case = path_of(of_case(each.case)) if each.case else b""
        if follow(path_of(of_matter(each.matter)), each, case) if each.matter else case:
            follow(case, each)
        if each.actor:
            follow(path_of(each.actor), each)
    return insert(pages, changed)


def _chain_at(pages: Mapping[str, Page], path: bytes) -> Chain:
    prefix, entry = _find(pages, path)
    if prefix and prefix not in pages:
        raise ChainError(f"page {prefix} of the chains was not read")
    return _entry(entry).chain if entry else Chain()


def insert(pages: Pages, changed: Mapping[bytes, Chain]) -> set[str]:
    """Set these chains and hash again what is above them; gives the pages that changed."""
    if "" not in pages:
        pages[""] = Page()
    touched = {_set(pages, path, encode_entry(Entry(path, chain))) for path, chain in changed.items()}
    for depth in range(max(map(len, touched), default=0), 0, -1):
        for prefix in [prefix for prefix in touched if len(prefix) == depth]:
            pages[prefix[:-1]][prefix[-1]] = page_hash(pages[prefix])
            touched.add(prefix[:-1])
    return touched | {""}


def page_hash(page: Page) -> bytes:
    """The hash of the subtree that a page is the top of; of the first page, the root of the map."""
    return page.nodes()[1][0] or EMPTY


def _set(pages: Pages, path: bytes, entry: bytes) -> str:
    """Set a key's entry; gives the page that it is in."""
    digits = path.hex()
    prefix = ""
    while True:
        page, digit = pages[prefix], digits[len(prefix)]
        here = page.get(digit)
        is_entry = here is not None and len(here) == _ENTRY
        if here is None or (is_entry and here.startswith(path)):
            page[digit] = entry
            return prefix
        prefix += digit
        if is_entry:  # two keys now: both move into a page of their own
            pages[prefix] = Page()
            pages[prefix][here.hex()[len(prefix)]] = here
            page[digit] = EMPTY


def _missing(pages: Mapping[str, Page], paths: Iterable[bytes]) -> set[str]:
    return {prefix for path in paths if (prefix := _find(pages, path)[0]) not in pages}


def _find(pages: Mapping[str, Page], path: bytes) -> tuple[str, bytes]:
    """The page at the end of a path, which may be missing here, and the key's entry in it, empty if it has none."""
    prefix = ""
    for digit in path.hex():
        page = pages.get(prefix)
        if page is None:
            break
        here = page.get(digit)
        if here is None or len(here) == _ENTRY:
            return prefix, here if here and here.startswith(path) else b""
        prefix += digit
    return prefix, b""


def _join(left: _Node, right: _Node) -> _Node:
    """The subtree above two; an entry that is alone in them stands in for it."""
    if not left[0] and (not right[0] or right[1]):
        return right
    if not right[0] and left[1]:
        return left
    return sha256(b"\x01" + (left[0] or EMPTY) + (right[0] or EMPTY)).digest(), b""


# Proving


def pages_to_prove(pages: Mapping[str, Page], key: str) -> set[str]:
    """Pages that a proof of this key needs and are not here yet; ask again after reading."""
    return _missing(pages, [path_of(key)])


def chain_of(pages: Mapping[str, Page], key: str) -> Chain | None:
    """A key's chain; None if no leaf names it. All pages that were `pages_to_prove` must be here."""
    _, entry = _find(pages, path_of(key))
    return _entry(entry).chain if entry else None


def prove(pages: Mapping[str, Page], key: str) -> MapProof:
    """Prove that the map has this key's chain, or none for it."""
    path = path_of(key)
    digits = path.hex()
    siblings: list[bytes] = []
    prefix = ""
    while True:
        nodes, place = pages[prefix].nodes(), 1
        while place < len(_DIGITS) and nodes[place][0] and not nodes[place][1]:
            place = place * 2 + _bit(path, len(siblings))
            siblings.append(nodes[place ^ 1][0] or EMPTY)
        found, alone = nodes[place]
        if not found:
            return MapProof(tuple(siblings))
        if alone:
            other = _entry(alone)
            return MapProof(tuple(siblings), other if other.path != path else None)
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
    return b"".join([_TAGS[digit, len(page[digit])] + page[digit] for digit in sorted(page)])


_TAGS = {
    (digit, size): bytes([place + added])
    for place, digit in enumerate(_DIGITS)
    for size, added in ((HASH_SIZE, 0), (_ENTRY, 16))
}


def decode_page(prefix: str, data: bytes) -> Page:
    """The page in these bytes.

    Raises:
        ChainError: they are none.
    """
    page = Page()
    at, last = 0, -1
    while at < len(data):
        place, is_entry = data[at] & 15, data[at] & 16
        size = _ENTRY if is_entry else HASH_SIZE
        part = data[at + 1 : at + 1 + size]
        if data[at] > 31 or place <= last or len(part) != size:
            raise ChainError(f"page {prefix or 'root'} of the chains cannot be read")
        page[_DIGITS[place]] = part
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

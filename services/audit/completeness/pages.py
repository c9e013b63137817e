"""Reads and writes the pages of a log's chains (`audit.completeness.sparse_map`) in the sequencer's transaction, and reads them for proofs.

A page is used only if it hashes to what the page above says, and the first page to the root in the last chain leaf: a
changed byte in this table is found before anything is signed over it. The table holds the newest pages only; all of it can
be made again from the leaves, and is, for a log that was begun before it had chains.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from sqlalchemy import select

from audit.completeness import sparse_map
from audit.completeness.sparse_map import ChainError, Link, Page, Pages
from audit.log import events
from audit.tables import ChainPage, Leaf, LeafIndex
from storage.key_in import key_in, listed, numbered_keys
from storage.protocols import Connection
from storage.types import Query, Values, table

_CHUNK = 2000


async def committed(connection: Connection, sizes: Mapping[str, int]) -> dict[str, bytes | None]:
    """The root in the last leaf of each log of this size; None if that is no chain leaf."""
    lasts = [(party, size - 1) for party, size in sizes.items() if size]
    if not lasts:
        return {}
    rows = await connection.execute(some_leaves(), {"places": listed(lasts)})
    return {row.party: sparse_map.root_in(row.body) for row in rows}


@cache
def some_leaves() -> Query:
    """Query for the bodies of the leaves that the parameter `places` lists: party, index."""
    leaf, index = table(Leaf), table(LeafIndex)
    asked = numbered_keys("places", texts=1)
    one = (index.c.party == asked.c.first) & (index.c.index == asked.c.number)
    return select(index.c.party, leaf.c.body).join(asked, one).join(leaf, leaf.c.id == index.c.leaf_id)


async def pages_for(
    connection: Connection,
    links: Mapping[str, Sequence[Link]],
    roots: Mapping[str, bytes | None],
    kept: Mapping[str, Pages],
) -> tuple[dict[str, Pages], dict[str, str]]:
    """The pages that each log needs to take these leaves in, and what is wrong with the pages of other logs.

    `kept` are pages of the run before; they are used if they lead to the same root.
    """
    pages: dict[str, Pages] = {
        party: found
        if (found := kept.get(party)) and sparse_map.page_hash(found[""]) == roots.get(party)
        else {}
        for party in links
    }
    broken: dict[str, str] = {}
    while True:
        needed = {
            party: prefixes
            for party, leaves in links.items()
            if party not in broken and (prefixes := sparse_map.pages_needed(pages[party], leaves))
        }
        if not needed:
            return {party: found for party, found in pages.items() if party not in broken}, broken
        stored = await _read(connection, needed)
        for party, prefixes in needed.items():
            root = roots.get(party) or sparse_map.EMPTY
            try:
                _add(pages[party], {prefix: stored.get((party, prefix), b"") for prefix in prefixes}, root)
            except ChainError as error:
                broken[party] = str(error)


async def pages_to_prove(connection: Connection, party: str, keys: Iterable[str], root: bytes) -> Pages:
    """The pages for proofs of these keys.

    Raises:
        ChainError: they are not those of this root.
    """
    asked, pages = list(keys), Pages()
    while needed := {prefix for key in asked for prefix in sparse_map.pages_to_prove(pages, key)}:
        stored = await _read(connection, {party: needed})
        _add(pages, {prefix: stored.get((party, prefix), b"") for prefix in needed}, root)
    return pages


async def rebuild(connection: Connection, party: str, size: int) -> Pages:
    """All pages of a log of this size, made again from its leaves."""
    leaf, index = table(Leaf), table(LeafIndex)
    pages: Pages = {"": Page()}
    for first in range(0, size, _CHUNK):
        query = (
            select(index.c.index.label("place"), leaf.c.hash, leaf.c.body, leaf.c.matter)
            .join(leaf, leaf.c.id == index.c.leaf_id)
            .where(index.c.party == party, index.c.index >= first, index.c.index < min(first + _CHUNK, size))
            .order_by(index.c.index)
        )
        rows = await connection.execute(query)
        sparse_map.extend(
            pages,
            [sparse_map.link(row.place, row.hash, events.chain_words(row.body), row.matter) for row in rows],
        )
    return pages


def rows(party: str, pages: Mapping[str, Page], changed: Iterable[str]) -> list[Values]:
    """The rows of these pages."""
    return [
        {"party": party, "prefix": prefix, "body": sparse_map.encode_page(pages[prefix])}
        for prefix in sorted(changed)
    ]


async def _read(connection: Connection, wanted: Mapping[str, Iterable[str]]) -> dict[tuple[str, str], bytes]:
    keys = listed((party, prefix) for party, prefixes in wanted.items() for prefix in prefixes)
    return {(row.party, row.prefix): row.body for row in await connection.execute(_some(), {"pages": keys})}


@cache
def _some() -> Query:
    stored = table(ChainPage)
    return select(stored).where(key_in((stored.c.party, stored.c.prefix), parameter="pages"))


def _add(pages: Pages, stored: Mapping[str, bytes], root: bytes) -> None:
    for prefix, body in stored.items():
        page = sparse_map.decode_page(prefix, body)
        above = pages[prefix[:-1]].get(prefix[-1]) if prefix else root
        if sparse_map.page_hash(page) != above:
            raise ChainError(f"page {prefix or 'root'} of the chains is not what the log commits to")
        pages[prefix] = page

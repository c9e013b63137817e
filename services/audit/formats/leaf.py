"""Bytes of a leaf, and the columns by which it can be found. No I/O.

A leaf is one kind byte and then kept bytes: `1` the envelope of a statement, `2` the envelope of a receipt,
`3` a record. Sender and receiver keep the same bytes, so their leaves are equal. `4` is the chain leaf that ends a batch
(`audit.completeness.sparse_map`); the log makes it itself. `audit.log.events` decodes them.
"""

import itertools
from collections.abc import Iterator
from datetime import datetime
from enum import IntEnum
from typing import TypedDict

from audit.formats import tlog


class Kind(IntEnum):
    """The first byte of a leaf."""

    STATEMENT = 1
    RECEIPT = 2
    RECORD = 3
    CHAINS = 4


def leaf_body(kind: Kind, kept: bytes) -> bytes:
    """Put the kind byte before the kept bytes."""
    return bytes([kind]) + kept


def split_body(body: bytes) -> tuple[Kind | None, bytes]:
    """Kind and kept bytes of a leaf's body; the kind is None if it is none of ours."""
    return _KINDS.get(body[:1]), body[1:]


_KINDS = {bytes([kind]): kind for kind in Kind}


class LeafRow(TypedDict):
    """A row of the table of leaves, by column."""

    id: int
    party: str
    kind: int
    ref: str
    matter: str
    type: str
    actor: str
    author: str
    time: datetime
    hash: bytes
    body: bytes
    heading: int


def leaf_ids(now: datetime, last: int = 0) -> Iterator[int]:
    """Ids that grow with time: microseconds since 1970 at start-up, shifted by ten bits, and on from there.

    `last` is the largest id in the database, so that a clock set back between two starts does no harm. They
    order leaves for the sequencer and are no index: a log's indexes have no gaps.
    """
    return itertools.count(max(int(now.timestamp() * 1_000_000) << 10, last + 1))


def leaf_row(
    leaf_id: int,
    party: str,
    kind: Kind,
    kept: bytes,
    *,
    ref: str,
    matter: str,
    type: str,
    actor: str,
    author: str,
    time: datetime,
    heading: int = 0,
) -> LeafRow:
    """The row of a leaf. `kept` are the bytes as signed or recorded; `time` is an instant, UTC; `heading`: `audit.log.search_index`."""
    body = leaf_body(kind, kept)
    return {
        "id": leaf_id,
        "party": party,
        "kind": int(kind),
        "ref": ref,
        "matter": matter,
        "type": type,
        "actor": actor,
        "author": author,
        "time": time,
        "hash": tlog.leaf_hash(body),
        "body": body,
        "heading": heading,
    }

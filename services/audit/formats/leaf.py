"""Which bytes become a leaf, and with which columns it can be found. No I/O.

A leaf is one kind byte and then kept bytes: `1` the envelope of a statement, `2` the envelope of a receipt,
`3` a record. Sender and receiver keep the same bytes, so their leaves are equal. `4` is the chain leaf that ends a batch (see
`chains`); the log makes it itself.
"""

import itertools
from collections.abc import Iterator
from datetime import datetime
from enum import IntEnum
from typing import Any

from audit.formats import tlog


class Kind(IntEnum):
    """The first byte of a leaf."""

    STATEMENT = 1
    RECEIPT = 2
    RECORD = 3
    CHAINS = 4


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
) -> dict[str, Any]:
    """The row of a leaf. `kept` are the bytes as signed or recorded; `time` is an instant, UTC; `heading`: see `finding`."""
    body = bytes([kind]) + kept
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

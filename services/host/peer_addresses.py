"""Addresses of other parties' desks: the peers file. Needed only to fetch granted documents; statements go over the bus.

    {"format": "netral-peers/1", "addresses": {"bawaslu": "10.0.0.7:50051", "ppk-6202": "[2001:db8::9]:50053"}}

It is no trust root: who fetches proves itself with its key, and what arrives is checked against the grant's digests. It is
read each time it is needed, so that a desk that moved is found without a restart.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from exchange import addresses


class BadPeersFile(ValueError):
    """The peers file cannot be read; the message says why."""


def load(path: Path | None) -> Mapping[str, str]:
    """Institution → `host:port`; nothing without a file.

    Raises:
        BadPeersFile: it is not one.
    """
    if path is None:
        return {}
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise BadPeersFile(f"{path}: {type(error).__name__}") from error
    if not isinstance(document, dict) or set(document) != {"format", "addresses"}:
        raise BadPeersFile(f"{path}: the members must be addresses, format")
    found = document["addresses"]
    if document["format"] != "netral-peers/1" or not isinstance(found, dict):
        raise BadPeersFile(f"{path}: format is not netral-peers/1")
    for party, address in found.items():
        if not isinstance(address, str):
            raise BadPeersFile(f"{path}: {party}: not a text")
        try:
            addresses.split(address)
        except ValueError as error:
            raise BadPeersFile(f"{path}: {party}: {error}") from None
    return found


def document(addresses: Mapping[str, str]) -> str:
    """The text of a peers file."""
    return json.dumps({"format": "netral-peers/1", "addresses": dict(sorted(addresses.items()))}, indent=1)

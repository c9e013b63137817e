"""Parties files and keys for test worlds: everybody holds their role since 2014."""

import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from exchange.statements import private_keys

SINCE = datetime(2014, 1, 1, tzinfo=UTC)


Roles = Sequence[tuple[str, datetime, datetime | None]]


def make_keys(
    folder: Path,
    hosts: Mapping[str, Sequence[tuple[str, ...]]],
    periods: Mapping[str, Roles] | None = None,
) -> None:
    """A parties file and private keys; `hosts` gives institutions, each with its roles; `periods` other roles of some."""
    entries = []
    for name, parties in hosts.items():
        keys_folder = folder / name
        keys_folder.mkdir(parents=True)
        for id, *roles in parties:
            keys = private_keys.new_keys()
            held = (periods or {}).get(id) or [(role, SINCE, None) for role in roles]
            entries.append(private_keys.party_entry(id, id, held, keys, SINCE))
            private_keys.write_private_keys(keys_folder, id, keys)
        storage = keys_folder / "storage.key"
        storage.touch(mode=0o600)
        storage.write_text(os.urandom(32).hex())
    document = {"format": "netral-parties/1", "serial": 1, "issued": SINCE.isoformat(), "parties": entries}
    (folder / "parties.json").write_text(json.dumps(document))

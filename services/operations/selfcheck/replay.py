"""Replays a host's trail: what the leaves of its parties alone make of their matters and of all else that they keep (design, c).

The tables of the desks are worked out from facts that stand in signed statements and in records. Folding those again with the
same rules must give the same rows; what differs was changed by something else. How is in the `replay.py` of each topic.
"""

from collections.abc import Iterator, Mapping

from sqlmodel import SQLModel

from audit.verification.findings import Finding
from host.replay import Comparison, Value, read_trail, values
from operations.selfcheck.host_tables import REPLAYS, HostTables
from operations.selfcheck.used_numbers import UsedNumber, check_numbers


def check_state(tables: HostTables) -> Iterator[Finding]:
    """Find the rows that replaying the trail does not give."""
    trail = read_trail(tables.leaves)
    for replay in REPLAYS[tables.name]:
        for comparison in replay.compare(trail, tables):
            yield from _differences(comparison)
        for numbers in replay.numbers:
            rows = [UsedNumber(*_texts(row)) for row in tables.rows(numbers)]
            yield from check_numbers(tables.leaves, str(numbers.__tablename__), rows, replay.spelled)


def _texts(row: SQLModel) -> list[str]:
    return [str(each) for each in values(row, ("party", "kind", "number", "matter")).values()]


def _differences(compared: Comparison) -> Iterator[Finding]:
    kept, replayed = compared.kept, compared.replayed
    for key in sorted(kept.keys() | replayed.keys()):
        if kept.get(key) == replayed.get(key):
            continue
        said = f"is not what the trail makes of it{_which(kept.get(key, {}), replayed.get(key, {}))}"
        if key not in replayed:
            said = "is in the table, and the trail knows nothing of it"
        elif key not in kept:
            said = "is missing, the trail has it"
        yield Finding(key[0], -1, key[1], "state", f"{compared.table} {said}")


def _which(kept: Mapping[str, Value], replayed: Mapping[str, Value]) -> str:
    """Name the fields that differ; no values, which may be about a person."""
    return f" ({', '.join(sorted(name for name in kept if kept[name] != replayed.get(name)))})"

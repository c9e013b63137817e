"""The order of tests for several workers: each begins with long ones, so that none has one left when the others are done.

A worker of `--dist worksteal` is given one stretch of the list, and takes from the end of another's when it is through.
"""

from collections.abc import Sequence
from itertools import groupby

import pytest


def long_first(tests: Sequence[pytest.Item], workers: int) -> list[pytest.Item]:
    """The tests with the long files dealt to the workers in turn, at the head of the stretch that each will be given."""
    files = [list(file) for _, file in groupby(tests, key=lambda test: test.path)]
    long = [file for file in files if any(map(is_long, file))]
    short = [test for file in files if not any(map(is_long, file)) for test in file]
    ordered: list[pytest.Item] = []
    for worker in range(workers):
        dealt = [test for file in long[worker::workers] for test in file]
        room = (len(tests) - len(ordered)) // (workers - worker) - len(dealt)
        ordered += dealt + short[: max(0, room)]
        del short[: max(0, room)]
    return ordered + short


def is_long(test: pytest.Item) -> bool:
    """Return true if a test is marked as slow."""
    return test.get_closest_marker("slow") is not None

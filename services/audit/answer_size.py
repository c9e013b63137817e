"""Room in one answer: gRPC refuses messages over 4 MiB unless told otherwise."""

from collections.abc import Iterable

ANSWER_BYTES = 4 * 1024 * 1024 - 256 * 1024
"""The most that an answer has, less a margin."""


def that_fit(sizes: Iterable[int], room: int = ANSWER_BYTES) -> int:
    """Count the first rows that fit, by their sizes in bytes. A row that is larger than all room goes alone."""
    count = 0
    for size in sizes:
        room -= size
        if room < 0 and count:
            break
        count += 1
    return count

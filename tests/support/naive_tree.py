"""A second Merkle tree, written from RFC 6962 §2.1 alone and sharing nothing with `audit.formats.tlog`: slow, and easy to believe."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import sha256

Hashes = Sequence[bytes]


@lru_cache(maxsize=200_000)
def _root(leaves: tuple[bytes, ...]) -> bytes:
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = _split(len(leaves))
    return sha256(b"\x01" + _root(leaves[:k]) + _root(leaves[k:])).digest()


def _split(n: int) -> int:
    """The largest power of two smaller than n."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def root(leaves: Hashes) -> bytes:
    """MTH(D[n])."""
    return _root(tuple(leaves))


def inclusion(m: int, leaves: Hashes) -> list[bytes]:
    """PATH(m, D[n])."""
    if len(leaves) == 1:
        return []
    k = _split(len(leaves))
    if m < k:
        return [*inclusion(m, leaves[:k]), root(leaves[k:])]
    return [*inclusion(m - k, leaves[k:]), root(leaves[:k])]


def consistency(m: int, leaves: Hashes) -> list[bytes]:
    """PROOF(m, D[n]), empty for m = 0."""
    return _subproof(m, leaves, True) if m else []


def _subproof(m: int, leaves: Hashes, whole: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if whole else [root(leaves)]
    k = _split(len(leaves))
    if m <= k:
        return [*_subproof(m, leaves[:k], whole), root(leaves[k:])]
    return [*_subproof(m - k, leaves[k:], False), root(leaves[:k])]


def includes(leaf: bytes, m: int, n: int, path: Sequence[bytes], expected: bytes) -> bool:
    """True if the path leads from the leaf to the root, by the definition of PATH backwards."""
    try:
        return _climb(leaf, m, n, list(path)) == expected
    except IndexError:
        return False


def _climb(leaf: bytes, m: int, n: int, path: list[bytes]) -> bytes:
    if n == 1:
        if path:
            raise IndexError
        return leaf
    k, beside = _split(n), path.pop()
    if m < k:
        return sha256(b"\x01" + _climb(leaf, m, k, path) + beside).digest()
    return sha256(b"\x01" + beside + _climb(leaf, m - k, n - k, path)).digest()


def beside(first: int, end: int, leaves: Hashes, start: int = 0) -> list[bytes]:
    """The roots of the largest subtrees that hold none of the entries from `first` up to `end`, left to right."""
    stop = start + len(leaves)
    if stop <= first or end <= start:
        return [root(leaves)]
    if first <= start and stop <= end:
        return []
    k = _split(len(leaves))
    return beside(first, end, leaves[:k], start) + beside(first, end, leaves[k:], start + k)


class Levels:
    """A large tree with all its perfect subtrees kept, level by level, as one plain list each."""

    def __init__(self, leaves: Hashes) -> None:
        self._levels = [list(leaves)]
        while len(self._levels[-1]) > 1:
            below = self._levels[-1]
            self._levels.append(
                [sha256(b"\x01" + below[i] + below[i + 1]).digest() for i in range(0, len(below) - 1, 2)]
            )

    def root(self, start: int, end: int) -> bytes:
        """MTH(D[start:end]) of a subtree."""
        n = end - start
        if n & (n - 1) == 0:
            height = n.bit_length() - 1
            return self._levels[height][start >> height]
        k = _split(n)
        return sha256(b"\x01" + self.root(start, start + k) + self.root(start + k, end)).digest()

    def inclusion(self, m: int, n: int) -> list[bytes]:
        """PATH(m, D[n])."""
        start, end = 0, n
        path: list[bytes] = []
        while end - start > 1:
            middle = start + _split(end - start)
            if m < middle:
                path.append(self.root(middle, end))
                end = middle
            else:
                path.append(self.root(start, middle))
                start = middle
        return path[::-1]

    def consistency(self, m: int, n: int) -> list[bytes]:
        """PROOF(m, D[n]), empty for m = 0."""
        return self._subproof(m, 0, n, True) if m else []

    def _subproof(self, m: int, start: int, end: int, whole: bool) -> list[bytes]:
        if m == end - start:
            return [] if whole else [self.root(start, end)]
        middle = start + _split(end - start)
        if m <= middle - start:
            return [*self._subproof(m, start, middle, whole), self.root(middle, end)]
        return [*self._subproof(m - (middle - start), middle, end, False), self.root(start, middle)]

    def beside(self, first: int, end: int, n: int) -> list[bytes]:
        """The roots of the largest subtrees of D[n] that hold none of the entries from `first` up to `end`."""
        return list(self._beside(first, end, 0, n))

    def _beside(self, first: int, end: int, start: int, stop: int) -> Iterator[bytes]:
        if stop <= first or end <= start:
            yield self.root(start, stop)
        elif start < first or end < stop:
            middle = start + _split(stop - start)
            yield from self._beside(first, end, start, middle)
            yield from self._beside(first, end, middle, stop)

"""A log as static files (C2SP tlog-tiles) in a folder, which any web server can serve and any tlog tool can read.

Everything is checked against the checkpoint before that is written, last: a folder with a checkpoint is whole.
"""

from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from pathlib import Path

from cli.deferred_imports import deferred_imports
from cli.language import said

with deferred_imports():
    from urllib import error as urllib_error
    from urllib import request

    from audit.formats import checkpoint, note, tiles, tlog

_SECONDS = 20
_MAX_BYTES = 16 * 1024 * 1024


class CannotCopy(Exception):
    """The log could not be read, or its files do not lead to its checkpoint."""


def write(folder: Path, signed: str, entries: Iterable[bytes]) -> int:
    """Write a whole log of which one has the entries; gives how many files there are.

    `signed` is the checkpoint with all its signature lines.

    Raises:
        CannotCopy: the entries are not those of the checkpoint.
    """
    head = _head(signed)
    hashes: list[bytes] = []
    waiting: list[bytes] = []
    count = 0
    for entry in entries:
        hashes.append(tlog.leaf_hash(entry))
        waiting.append(entry)
        if len(waiting) == tlog.TILE_WIDTH or len(hashes) == head.size:
            number = (len(hashes) - 1) // tlog.TILE_WIDTH
            _put(folder, tiles.TilePath(tiles.ENTRIES, number, len(waiting)), tiles.bundle(waiting))
            waiting, count = [], count + 1
        if len(hashes) == head.size:
            break
    grown = tlog.extend(0, {}, hashes)
    if len(hashes) != head.size or tlog.root(head.size, grown) != head.root:
        raise CannotCopy(
            said(
                "the {hashes} entries do not lead to the root of {origin} at size {size}",
                hashes=len(hashes),
                origin=head.origin,
                size=head.size,
            )
        )
    return count + _finish(folder, signed, head, lambda tile: grown[tlog.TileId(tile.level, tile.number)])


def copy(folder: Path, prefix: str) -> int:
    """Copy the checkpoint and the hash tiles of a log from its HTTP prefix; gives how many files there are.

    Raises:
        CannotCopy: something is not there, or the tiles do not lead to the checkpoint.
    """
    prefix = prefix.rstrip("/")
    if not prefix.startswith(("http://", "https://")):
        raise CannotCopy(said("{prefix} is not an http or https URL", prefix=prefix))
    signed = _fetch(f"{prefix}/checkpoint").decode()
    head = _head(signed)
    content = {tile: _fetch(f"{prefix}/{tiles.path_of(tile)}") for tile in tiles.tiles_of(head.size)}
    by_id = {tlog.TileId(tile.level, tile.number): data for tile, data in content.items()}
    level = b"".join(data for tile, data in content.items() if tile.level == 0)
    leaves = [level[at : at + tlog.HASH_SIZE] for at in range(0, len(level), tlog.HASH_SIZE)]
    if any(len(leaf) != tlog.HASH_SIZE for leaf in leaves) or tlog.extend(0, {}, leaves) != by_id:
        raise CannotCopy(said("the tiles of {origin} do not fit each other", origin=head.origin))
    if (tlog.root(head.size, by_id) if head.size else tlog.EMPTY_ROOT) != head.root:
        raise CannotCopy(
            said(
                "the tiles do not lead to the root of {origin} at size {size}",
                origin=head.origin,
                size=head.size,
            )
        )
    return _finish(folder, signed, head, content.__getitem__)


def _finish(
    folder: Path, signed: str, head: "checkpoint.Checkpoint", content: "Callable[[tiles.TilePath], bytes]"
) -> int:
    every: Sequence[tiles.TilePath] = list(tiles.tiles_of(head.size))
    for tile in every:
        _put(folder, tile, content(tile))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "checkpoint").write_text(signed, "utf-8")
    return len(every) + 1


def _put(folder: Path, tile: "tiles.TilePath", content: bytes) -> None:
    path = folder / tiles.path_of(tile)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _head(signed: str) -> "checkpoint.Checkpoint":
    try:
        return checkpoint.parse(note.parse_note(signed).text)
    except ValueError as error:
        raise CannotCopy(said("not a checkpoint: {error}", error=error)) from None


def _fetch(url: str) -> bytes:
    try:
        with request.urlopen(url, timeout=_SECONDS) as answer:  # noqa: S310 (http and https only, checked above)
            content: bytes = answer.read(_MAX_BYTES)
            return content
    except urllib_error.HTTPError as error:
        raise CannotCopy(f"{url}: {error.code} {HTTPStatus(error.code).phrase}") from None
    except (urllib_error.URLError, OSError) as error:
        raise CannotCopy(f"{url}: {error}") from None

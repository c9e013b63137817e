"""Static files of a log: paths, bundles, and what a folder of them holds."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.formats import tiles, tlog
from audit.formats.tiles import ENTRIES, TilePath
from cli.audit import tile_files
from cli.audit.tile_files import CannotCopy
from support.cosigners import SmallLog


@pytest.mark.parametrize(
    ("path", "tile"),
    [
        ("tile/0/000", TilePath(0, 0, 256)),
        ("tile/0/x001/x234/067", TilePath(0, 1_234_067, 256)),
        ("tile/63/999.p/1", TilePath(63, 999, 1)),
        ("tile/1/x001/000.p/255", TilePath(1, 1000, 255)),
        ("tile/entries/273.p/112", TilePath(ENTRIES, 273, 112)),
        ("tile/entries/x001/234", TilePath(ENTRIES, 1234, 256)),
    ],
)
def test_a_tile_has_one_path(path: str, tile: TilePath) -> None:
    assert tiles.parse(path) == tile
    assert tiles.path_of(tile) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/001",
        "tile/0/x001",
        "tile/0/001/002",
        "tile/0/X001/002",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/257",
        "tile/0/000.p/999",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000 ",
        "tile/0/０００",
        "tile/0/000\n",
        "tile/entry/000",
        "tile/0/" + "x999/" * 7 + "999",
    ],
)
def test_what_is_no_path_of_a_tile_has_no_tile(path: str) -> None:
    assert tiles.parse(path) is None


def test_a_tree_of_70000_has_the_files_of_the_example_of_the_specification() -> None:
    found = list(tiles.tiles_of(70_000))

    partial = [tile for tile in found if tile.width < 256]
    assert len(found) == 273 + 1 + 1 + 1 + 1
    assert partial == [TilePath(0, 273, 112), TilePath(1, 1, 17), TilePath(2, 0, 1)]
    assert list(tiles.tiles_of(256)) == [TilePath(0, 0, 256), TilePath(1, 0, 1)]
    assert list(tiles.tiles_of(0)) == list(tiles.bundles_of(0)) == []


@given(st.integers(0, 70_000))
def test_the_files_of_a_tree_are_the_tiles_that_it_has(size: int) -> None:
    widths = {(tile.level, tile.number): tile.width for tile in tiles.tiles_of(size)}

    for level in range(3):
        count = size >> 8 * level
        assert sum(width for (at, _), width in widths.items() if at == level) == count
    for needed in tlog.tiles_for_root(size):
        assert (needed.level, needed.number) in widths


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_gives_back_its_entries(entries: list[bytes]) -> None:
    assert tiles.entries_in(tiles.bundle(entries)) == entries


@given(st.binary(max_size=200))
def test_whatever_is_read_as_a_bundle_prints_the_same(content: bytes) -> None:
    try:
        entries = tiles.entries_in(content)
    except ValueError:
        return
    assert tiles.bundle(entries) == content


def test_an_entry_longer_than_its_length_can_say_is_refused() -> None:
    assert len(tiles.bundle([bytes(65_535)])) == 65_537
    with pytest.raises(ValueError, match="does not fit"):
        tiles.bundle([bytes(65_536)])


# A folder of files


@pytest.mark.parametrize("size", [1, 255, 256, 257, 600])
def test_a_log_as_files_holds_every_entry_and_every_tile(tmp_path: Path, size: int) -> None:
    log = SmallLog.of("netral/kasn", size)

    count = tile_files.write(tmp_path, log.note(), iter(log.entries))

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == count
    assert (tmp_path / "checkpoint").read_text() == log.note()
    found = [
        tiles.entries_in((tmp_path / tiles.path_of(each)).read_bytes()) for each in tiles.bundles_of(size)
    ]
    assert [entry for bundle in found for entry in bundle] == log.entries
    for tile in tiles.tiles_of(size):
        content = (tmp_path / tiles.path_of(tile)).read_bytes()
        assert len(content) == 32 * tile.width
        if tile.level == 0:
            first = tile.number * 256
            assert content == b"".join(log.hashes[first : first + tile.width])


def test_entries_after_the_checkpoint_are_not_written(tmp_path: Path) -> None:
    log = SmallLog.of("netral/kasn", 300)

    tile_files.write(tmp_path, log.note(260), iter(log.entries))

    assert len(tiles.entries_in((tmp_path / "tile/entries/001.p/4").read_bytes())) == 4


def test_entries_that_are_not_those_of_the_checkpoint_leave_no_checkpoint(tmp_path: Path) -> None:
    log = SmallLog.of("netral/kasn", 20)

    for entries in (log.entries[:-1], [*log.entries[:-1], b"another"]):
        with pytest.raises(CannotCopy, match="do not lead"):
            tile_files.write(tmp_path, log.note(), iter(entries))
    assert not (tmp_path / "checkpoint").exists()

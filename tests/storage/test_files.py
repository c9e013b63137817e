"""Files that are replaced whole: nobody reads half of one, and who cannot write is told which file or folder is at fault."""

import os
from contextlib import suppress
from pathlib import Path

import pytest

from storage.files import whole_file, write_whole


def test_a_file_stands_under_its_name_when_it_is_whole_and_what_stood_there_stays_until_then(
    tmp_path: Path,
) -> None:
    kept = tmp_path / "precious"
    kept.write_bytes(b"precious")

    with suppress(LookupError), whole_file(kept) as file:
        file.write(b"half")
        raise LookupError

    assert [path.name for path in tmp_path.iterdir()] == ["precious"]
    assert kept.read_bytes() == b"precious"
    with whole_file(kept) as file:
        file.write(b"whole")
    assert kept.read_bytes() == b"whole"


def test_a_folder_that_is_missing_is_named_before_anything_is_asked_for_the_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as refused, whole_file(tmp_path / "no" / "pack.zip"):
        pytest.fail("asked")

    named = (refused.value.filename, refused.value.strerror)
    assert named == (str(tmp_path / "no"), "there is no such folder")


def test_a_folder_is_no_file_to_write_and_stays(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match="and not a file to write"):
        write_whole(tmp_path, "text")

    assert list(tmp_path.iterdir()) == []


def test_a_pipe_is_written_as_it_comes_and_stays_a_pipe() -> None:
    reading, writing = os.pipe()
    with whole_file(Path(f"/dev/fd/{writing}")) as file:
        file.write(b"as it comes")
    os.close(writing)

    assert os.read(reading, 100) == b"as it comes"
    os.close(reading)


def test_a_private_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    with whole_file(tmp_path / "proof.json", mode=0o600) as file:
        file.write(b"{}")

    assert (tmp_path / "proof.json").stat().st_mode & 0o777 == 0o600

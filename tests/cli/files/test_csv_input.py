"""A CSV file as Windows writes it is read as UTF-8, and one that is UTF-8 as it is."""

from pathlib import Path

import pytest

from cli.files import csv_input

TEXT = "nip;nama;status\r\n1;José – “Rekaan”;PNS\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_the_same_text_is_read_from_every_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(TEXT.encode(encoding))

    with csv_input.in_utf8(path) as file:
        assert file.read().decode() == TEXT


def test_utf_16_of_the_other_order_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xfe\xff" + TEXT.encode("utf-16-be"))

    with csv_input.in_utf8(path) as file:
        assert file.read().decode() == TEXT


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_known_by_its_zeros(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(TEXT.encode(encoding))

    with csv_input.in_utf8(path) as file:
        assert file.read().decode() == TEXT


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_lines_of_an_old_mac_are_parted_by_line_feeds(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(TEXT.replace("\r\n", "\r").encode(encoding))

    with csv_input.in_utf8(path) as file:
        assert file.read().decode() == TEXT.replace("\r\n", "\n")


def test_what_is_utf_8_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())

    with csv_input.in_utf8(path) as file:
        assert file.read() == path.read_bytes()

"""Addresses of other parties' desks: read strictly, from a file that may change while the host runs."""

from pathlib import Path

import pytest

from host import peer_addresses
from host.peer_addresses import BadPeersFile


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "peers.json"
    path.write_text(
        peer_addresses.document({"bawaslu": "127.0.0.1:50051", "ppk-6202": "desk.example.go.id:443"})
    )

    assert peer_addresses.load(path) == {"bawaslu": "127.0.0.1:50051", "ppk-6202": "desk.example.go.id:443"}


def test_without_a_file_nobody_is_anywhere() -> None:
    assert peer_addresses.load(None) == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"format": "netral-peers/1"}',
        '{"format": "netral-peers/2", "addresses": {}}',
        '{"format": "netral-peers/1", "addresses": []}',
        '{"format": "netral-peers/1", "addresses": {"kasn": 1}}',
        '{"format": "netral-peers/1", "addresses": {"kasn": "http://desk:1"}}',
        '{"format": "netral-peers/1", "addresses": {"kasn": "desk"}}',
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "peers.json"
    path.write_text(text)

    with pytest.raises(BadPeersFile):
        peer_addresses.load(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadPeersFile):
        peer_addresses.load(tmp_path / "nowhere.json")

"""Addresses are read as people write them, IPv6 in brackets; what is none is refused with how it is written."""

import pytest
from pydantic import ValidationError

from exchange import addresses
from exchange.settings import Settings


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("127.0.0.1:50051", ("127.0.0.1", 50051)),
        ("desk.bkn.example:443", ("desk.bkn.example", 443)),
        ("localhost:0", ("localhost", 0)),
        ("[::1]:50051", ("::1", 50051)),
        ("[2001:db8::7]:443", ("2001:db8::7", 443)),
    ],
)
def test_a_host_and_its_port_are_told_apart(text: str, found: tuple[str, int]) -> None:
    assert addresses.split(text) == found


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("::1:50051", "in brackets"),
        ("2001:db8::7:443", "in brackets"),
        ("[desk]:1", "no IPv6 address"),
        ("[::1]", "not host:port"),
        ("desk", "not host:port"),
        ("desk:99999", "up to 65535"),
        ("http://desk:1", "in brackets"),
        ("", "not host:port"),
    ],
)
def test_what_is_no_address_is_refused_with_how_one_is_written(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        addresses.split(text)


def test_a_setting_that_is_no_address_stops_the_start_in_words() -> None:
    with pytest.raises(ValidationError, match="in brackets"):
        Settings(grpc_listen="::1:50051")

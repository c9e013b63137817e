"""Waiting for what was sent to arrive, and dates of the contract."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from google.type.date_pb2 import Date

from operations.local.client import Refused
from operations.local.processes import CannotStart

T = TypeVar("T")
_SETTLED_WITHIN = 30.0


def once(answer: Callable[[], T | None]) -> T:
    """The answer, as soon as there is one; a refusal is "not yet"."""
    deadline = time.monotonic() + _SETTLED_WITHIN
    while True:
        with suppress(Refused):
            if found := answer():
                return found
        if time.monotonic() > deadline:
            raise CannotStart("what was sent is not known after 30 s; this should not happen")
        time.sleep(0.02)


def day(year: int, month: int, of_month: int) -> Date:
    """A legal date of the contract."""
    return Date(year=year, month=month, day=of_month)

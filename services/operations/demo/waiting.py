"""Waiting for what was sent to arrive, and dates of the contract."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from google.type.date_pb2 import Date

from operations.local.client import Refused
from operations.local.patience import patience
from operations.local.processes import CannotStart

T = TypeVar("T")
_SETTLED_WITHIN = 30.0


def once(answer: Callable[[], T | None]) -> T:
    """The answer, as soon as there is one; a refusal is "not yet"."""
    started = time.monotonic()
    while True:
        with suppress(Refused):
            if found := answer():
                return found
        waited = time.monotonic() - started
        if waited > patience(_SETTLED_WITHIN):
            raise CannotStart(f"what was sent is not known after {waited:.0f} s; this should not happen")
        time.sleep(0.02)


def day(year: int, month: int, of_month: int) -> Date:
    """A legal date of the contract."""
    return Date(year=year, month=month, day=of_month)

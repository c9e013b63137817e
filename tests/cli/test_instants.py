"""Instants as people type them."""

from datetime import UTC, datetime

import pytest
import typer

from cli.audit.instants import instant_of


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-11-01", "WIB", datetime(2026, 10, 31, 17, tzinfo=UTC)),
        ("2026-11-01T08:30", "WITA", datetime(2026, 11, 1, 0, 30, tzinfo=UTC)),
        ("2026-11-01 08:30 WIT", "WIB", datetime(2026, 10, 31, 23, 30, tzinfo=UTC)),
        ("2026-11-01T08:30:15.25Z", "WIB", datetime(2026, 11, 1, 8, 30, 15, 250_000, tzinfo=UTC)),
        ("2026-11-01T08:30+07:00", "UTC", datetime(2026, 11, 1, 1, 30, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_in_its_own_zone_or_the_one_given(
    text: str, zone: str, expected: datetime
) -> None:
    assert instant_of(text, zone, "--since") == expected


@pytest.mark.parametrize("text", ["tomorrow", "2026-13-01", "2026-11-01T25:00", "2026-11-01T08:30 CET", "１"])
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        instant_of(text, "WIB", "--since")

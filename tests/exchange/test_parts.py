"""Parts of a host say how their last try went; one whose try never ends is seen."""

from datetime import UTC, datetime

import pytest

from exchange import parts
from exchange.parts import Parts

NOW = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)


def test_a_part_fails_until_its_next_try_that_goes_well() -> None:
    found = Parts()

    found.failed("relay")
    assert found.trouble("relay") == parts.FAILS

    found.worked("relay")
    assert found.trouble("relay") == ""


def test_a_try_that_never_ends_is_seen_while_it_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_STUCK_SECONDS", 0.0)
    found = Parts()

    with found.trying("relay"):
        assert found.trouble("relay") == parts.STUCK
    assert found.trouble("relay") == ""


def test_only_what_changed_is_told_and_since_when() -> None:
    found = Parts()
    found.show({"relay": "", "inbox": ""}, NOW)

    changed = found.show({"relay": "NATS_AWAY", "inbox": ""}, NOW)

    assert set(changed) == {"relay"}
    before, now = changed["relay"]
    assert before is not None and before.works
    assert (now.why, now.since, now.works) == ("NATS_AWAY", NOW, False)

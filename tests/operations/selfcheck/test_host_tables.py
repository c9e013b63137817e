"""The self-check replays every topic that says how."""

import importlib
from pathlib import Path

from operations.selfcheck.host_tables import REPLAYS

SERVICES = Path(__file__).parents[3] / "services"
NOT_A_TOPIC = {"host", "operations"}


def test_each_topic_with_a_replay_is_replayed_at_some_host():
    topics = [
        path.relative_to(SERVICES).with_suffix("").parts
        for path in SERVICES.rglob("replay.py")
        if path.relative_to(SERVICES).parts[0] not in NOT_A_TOPIC
    ]

    replayed = [each for replays in REPLAYS.values() for each in replays]

    assert topics
    for words in topics:
        assert importlib.import_module(".".join(words)).REPLAY in replayed, ".".join(words)

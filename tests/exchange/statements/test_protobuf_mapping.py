"""Messages are read in the words of the domain; what a peer or caller says that cannot be is refused, and no mistake of ours."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from exchange.statements import protobuf_mapping
from netral.exchange.v1 import receipt_pb2
from refusals import Malformed


@dataclass(frozen=True)
class Asked:
    sender: str
    recipient: str
    time: datetime | None
    missing: tuple[int, ...]
    undecided: tuple[str, ...]


def test_a_timestamp_is_an_instant_in_utc() -> None:
    asked = protobuf_mapping.to_dataclass(receipt_pb2.Ask(time=Timestamp(seconds=1, nanos=5_000)), Asked)

    assert asked.time == datetime(1970, 1, 1, 0, 0, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize("stamp", [{"seconds": 2**62}, {"seconds": -(2**62)}, {"nanos": -1}])
def test_a_timestamp_that_is_no_instant_is_refused_and_its_field_named(stamp: dict[str, int]) -> None:
    with pytest.raises(Malformed) as refused:
        protobuf_mapping.to_dataclass(receipt_pb2.Ask(time=Timestamp(**stamp)), Asked)

    assert refused.value.field == "time"

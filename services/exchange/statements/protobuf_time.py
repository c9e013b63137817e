"""Instants as protobuf Timestamps: UTC, microseconds. No I/O."""

from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp

_EPOCH, _SECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(seconds=1)


def timestamp(at: datetime) -> Timestamp:
    """A protobuf Timestamp of an instant, microseconds."""
    seconds, rest = divmod(at - _EPOCH, _SECOND)
    return Timestamp(seconds=seconds, nanos=rest.microseconds * 1000)


def instant(stamp: Timestamp) -> datetime:
    """The instant (UTC) of a protobuf Timestamp."""
    return stamp.ToDatetime(tzinfo=UTC)

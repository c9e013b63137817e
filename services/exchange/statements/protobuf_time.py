"""Instants as protobuf Timestamps: UTC, microseconds. No I/O."""

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp


def timestamp(at: datetime) -> Timestamp:
    """A protobuf Timestamp of an instant, microseconds."""
    stamp = Timestamp()
    stamp.FromDatetime(at.astimezone(UTC).replace(tzinfo=None))
    return stamp


def instant(stamp: Timestamp) -> datetime:
    """The instant (UTC) of a protobuf Timestamp."""
    return stamp.ToDatetime(tzinfo=UTC)

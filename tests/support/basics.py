"""Parts of the requests of every desk: dates of this year's past, ids, an invented person, a call that succeeds."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from google.protobuf.message import Message
from google.type.date_pb2 import Date

from agreement.clocks import calendar
from netral.exchange.v1 import person_pb2, service_pb2
from support.desks import Caller, Refused, Served

DIGEST = bytes(range(32))
NIP = "199001012015031001"


# Read once: dates that follow from each other are made at different moments, and a run may last over midnight.
_BEGUN = datetime.now(UTC) + timedelta(hours=7)


def day(ago: int = 0) -> Date:
    """The date that many days ago in Jakarta, which no zone of Indonesia is behind."""
    at = _BEGUN - timedelta(days=ago)
    return Date(year=at.year, month=at.month, day=at.day)


def is_off(day: Date) -> bool:
    """True of a weekend or holiday."""
    return calendar.latest("").off(date(day.year, day.month, day.day)) is not None


def new_id() -> str:
    return str(uuid4())


def a_person(**other: Any) -> person_pb2.Person:
    values: dict[str, Any] = {
        "full_name": "Sri Wahyuni",
        "employment": person_pb2.EMPLOYMENT_PNS,
        "nip": NIP,
        "position": "Camat",
        "unit": "Kecamatan Baamang",
    }
    return person_pb2.Person(**(values | other))


async def done(served: Served, path: str, request: Message) -> service_pb2.Act:
    """A writing call that succeeds."""
    named = request.name if hasattr(request, "name") else request.parent
    answer = await served.call(path, request, Caller(named.split("/")[1]))
    assert not isinstance(answer, Refused), (path, answer)
    return service_pb2.Act.FromString(answer)

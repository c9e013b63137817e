"""Lines that every format of the timeline has alike: instants, places in the logs, the last word of a type. Pure."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone

_WIB = timezone(timedelta(hours=7), "WIB")
_LAST_IN_WIB = datetime.max.replace(tzinfo=_WIB)


def act_of(type: str) -> str:
    """The last word of a type that is not its version."""
    words = words_of(type)
    return words[-1] if words else ""


def words_of(type: str) -> list[str]:
    """The words of a type without its version."""
    return [word for word in type.split(".") if not (word[:1] == "v" and word[1:].isdigit())]


def kept(indexes: Mapping[str, int]) -> str:
    """At which index of whose log something stands."""
    return ", ".join(f"{party} #{index}" for party, index in sorted(indexes.items()))


def utc(at: datetime) -> str:
    """An instant in UTC with microseconds."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"


def wib(at: datetime) -> Iterator[str]:
    """The clock in Jakarta; nothing for the last hours of the year 9999, which a peer may have signed."""
    if at <= _LAST_IN_WIB:
        yield f"{at.astimezone(_WIB):%Y-%m-%d %H:%M:%S} WIB"

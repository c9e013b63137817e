"""Bundles: statements of a pair in one NATS message, their personal parts sealed for the recipient's key of today."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Generic, Protocol, TypeVar

import structlog
from nats.js.errors import APIError

from exchange.bus import subjects
from exchange.context import HostContext
from exchange.delivery.verification import MOST_ITEMS
from exchange.statements import personal_part
from netral.exchange.v1 import statement_pb2

log = structlog.get_logger("exchange.delivery.relay")

# One NATS message: at most this many parcels and about this many bytes (the server's limit is 1 MiB).
BUNDLE_PARCELS = MOST_ITEMS[subjects.STATEMENT]
BUNDLE_BYTES = 400 * 1024

Publish = Callable[[subjects.Subject, bytes, dict[str, str]], Awaitable[None]]


class Sent(Protocol):
    """A statement that is sent: a row of the deliveries, or one in memory."""

    @property
    def id(self) -> str: ...
    @property
    def party(self) -> str: ...
    @property
    def recipient(self) -> str: ...
    @property
    def attempts(self) -> int: ...


Row = TypeVar("Row", bound=Sent)


@dataclass(frozen=True, slots=True)
class Bundle(Generic[Row]):
    """One NATS message, and what it sends."""

    subject: subjects.Subject
    data: bytes
    headers: dict[str, str]
    rows: tuple[Row, ...]


Parcelled = tuple[Row, statement_pb2.Parcel]


def parcel(desk: HostContext, recipient: str, signed: bytes, plain: bytes) -> statement_pb2.Parcel | None:
    """A statement and its personal part, sealed; None: there is no key to seal it to."""
    if not plain:
        return statement_pb2.Parcel(envelope=signed)
    known = desk.trust.get(recipient)
    to = known.sealing_key(desk.now()) if known else None
    if to is None:
        return None
    sealed = personal_part.seal(plain, to.public, sha256(signed).digest())
    part = statement_pb2.SealedPart(suite=personal_part.SUITE, key_id=to.key_id, sealed=sealed)
    return statement_pb2.Parcel(envelope=signed, personal=part)


def in_bundles(parcels: Iterable[Parcelled[Row]]) -> list[Bundle[Row]]:
    """Bundle parcels per pair, in their order."""
    bundles: list[Bundle[Row]] = []
    waiting: dict[tuple[str, str], list[Parcelled[Row]]] = {}
    sizes: dict[tuple[str, str], int] = {}
    for row, packed in parcels:
        pair = (row.party, row.recipient)
        size = packed.ByteSize()
        full = len(waiting.get(pair, ())) >= BUNDLE_PARCELS or sizes.get(pair, 0) + size > BUNDLE_BYTES
        if full and waiting.get(pair):
            bundles.append(_bundle(pair, waiting.pop(pair)))
            sizes[pair] = 0
        waiting.setdefault(pair, []).append((row, packed))
        sizes[pair] = sizes.get(pair, 0) + size
    return bundles + [_bundle(pair, together) for pair, together in waiting.items()]


def _bundle(pair: tuple[str, str], parcels: Sequence[Parcelled[Row]]) -> Bundle[Row]:
    """One NATS message. Its id is bound to its content and attempt: the stream's own window cannot swallow another."""
    data = statement_pb2.Parcels(parcels=[packed for _, packed in parcels]).SerializeToString()
    rows = tuple(row for row, _ in parcels)
    attempt = max(row.attempts for row in rows)
    headers = {"Nats-Msg-Id": f"{sha256(data).hexdigest()}.{attempt}", "Netral-Parcels": str(len(rows))}
    if len(rows) == 1:  # for tools only; nothing trusts them
        headers |= _cloud_event(parcels[0][1])
    return Bundle(subjects.Subject(*pair, subjects.STATEMENT), data, headers, rows)


def _cloud_event(packed: statement_pb2.Parcel) -> dict[str, str]:
    statement = statement_pb2.Statement.FromString(statement_pb2.Envelope.FromString(packed.envelope).payload)
    return {
        "ce-specversion": "1.0",
        "ce-id": statement.id,
        "ce-type": statement.type,
        "ce-source": statement.source,
        "ce-time": statement.time.ToJsonString(),
    }


async def hand_over(publish: Publish, bundle: Bundle[Row]) -> tuple[Bundle[Row], bool | None]:
    """True if the stream took it, False if the stream refused it, None if the bus is away or did not answer."""
    try:
        await publish(bundle.subject, bundle.data, bundle.headers)
    except Exception as error:
        log.warning(
            "not taken", subject=str(bundle.subject), count=len(bundle.rows), error=type(error).__name__
        )
        return bundle, False if isinstance(error, APIError) else None
    return bundle, True

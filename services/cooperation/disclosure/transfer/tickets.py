"""Tickets: how one party's desk proves to another's that it may fetch a document of a grant. No I/O.

A ticket is a DSSE envelope that the fetching party signs with its key of the parties file, for one document from one
offset on, once, within a minute. Whoever reads it on the way can do nothing with it: its use is a record, and a used one
is refused for good.

Weighed: challenge and answer, which costs a round trip for each document and proves no more; a token in the grant,
which anybody who copies it has.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from cooperation.disclosure import wire
from cooperation.disclosure.wire import TICKET, Ticket
from exchange.peer_clocks import CLOCK_SKEW
from exchange.statements import envelope
from exchange.statements.private_keys import PrivateKeys
from exchange.statements.protobuf_time import instant, timestamp
from exchange.statements.trust import Parties
from refusals import Malformed, NotAllowed

LIFE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Presented:
    """A ticket whose signature was verified. `use` is the request id under which its one use is recorded."""

    disclosure: str
    asker: str
    holder: str
    digest: str
    offset: int
    use: str


def issue(
    keys: PrivateKeys,
    *,
    id: str,
    disclosure: str,
    asker: str,
    holder: str,
    digest: str,
    offset: int,
    now: datetime,
) -> bytes:
    """A signed ticket of the asking party; `id` is a new UUID, `now` UTC."""
    ticket = Ticket(
        id=id,
        disclosure=disclosure,
        asker=asker,
        holder=holder,
        digest=bytes.fromhex(digest),
        offset=offset,
        issue_time=timestamp(now),
        expire_time=timestamp(now + LIFE),
    )
    return envelope.sign(ticket.SerializeToString(deterministic=True), TICKET, keys.signing, keys.keyid)


def present(data: bytes, trust: Parties, caller: str, served: Collection[str], now: datetime) -> Presented:
    """Read and verify a ticket that the desk of `caller` presents; `served` are the parties here, `now` is UTC.

    Raises:
        Malformed: it is no ticket.
        NotAllowed: not signed by the party that fetches with a key of today, for nobody served here, or expired.
    """
    ticket, opened = _read(data)
    signer = trust.signer(opened.keyid)
    if signer is None or not opened.verified_by(signer[1].public):
        raise NotAllowed("the ticket is not signed by a party", reason="BAD_SIGNATURE")
    party, key = signer
    if party.id != ticket.asker or party.id != caller:
        raise NotAllowed("the ticket is another party's", reason="BAD_SIGNATURE")
    issued, expires = _instant(ticket.issue_time), _instant(ticket.expire_time)
    if not key.period.covers(issued) or not key.period.covers(now):
        raise NotAllowed("the key of the ticket is not valid", reason="BAD_SIGNATURE")
    if ticket.holder not in served:
        raise NotAllowed("the ticket is for a party that is not served here", reason="PARTY_NOT_SERVED")
    # Clocks of two institutions differ; that a ticket is used once does not hang on them.
    if expires - issued > LIFE or issued > now + CLOCK_SKEW or now - expires >= CLOCK_SKEW:
        raise NotAllowed("the ticket has expired", reason="TICKET_EXPIRED")
    use = str(uuid5(NAMESPACE_URL, f"netral ticket {ticket.asker} {ticket.id}"))
    return Presented(ticket.disclosure, ticket.asker, ticket.holder, ticket.digest.hex(), ticket.offset, use)


def _instant(stamp: wire.Timestamp) -> datetime:
    try:
        return instant(stamp)
    except (ValueError, OverflowError) as error:
        raise Malformed("not a time", field="ticket") from error


def _read(data: bytes) -> tuple[Ticket, envelope.Envelope]:
    wrong = Malformed("not a ticket", field="ticket")
    try:
        opened = envelope.read(data)
        ticket = wire.ticket(opened.payload)
        UUID(ticket.id)
    except (envelope.Unreadable, ValueError) as error:
        raise wrong from error
    if opened.payload_type != TICKET or len(ticket.digest) != 32 or ticket.offset < 0:
        raise wrong
    if not ticket.HasField("issue_time") or not ticket.HasField("expire_time"):
        raise wrong
    return ticket, opened

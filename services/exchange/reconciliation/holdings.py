"""Holdings: the newest head and the highest numbers that peers hold of a party that was restored from a backup.

A restored database may be older than what its host published. Before it signs or sends again, it asks every peer over request and
reply, in signed envelopes, and compares: whoever holds more than the database knows would else see another tree of a
size that was cosigned, or a number twice. Asking changes nothing at the peer. One ask is for all parties of the host, and all
parties of the asked host that hold something answer it, each with its own signature: hundreds of authorities share a host.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import TypeVar

from google.protobuf.message import DecodeError, Message
from sqlalchemy import func, select

from audit.formats import checkpoint, note
from audit.formats.checkpoint import origin_of
from audit.log import reads
from audit.log.unambiguous import read_unambiguous
from audit.tables import WitnessedHead
from exchange.context import HostContext
from exchange.statements import envelope
from exchange.statements.protobuf_time import instant, timestamp
from exchange.tables import Inbox, Outbox, PairIn, PairOut
from netral.exchange.v1 import recovery_pb2, statement_pb2
from storage.protocols import Connection
from storage.types import table

M = TypeVar("M", bound=Message)

_PREFIX = b"netral-holdings/1\n"
_FRESH = timedelta(minutes=10)
"""How old an ask may be: clocks stand minutes apart at most."""


class BadHoldings(ValueError):
    """An ask or answer that is none, is for somebody else, or is not signed by whom it says."""


@dataclass(frozen=True, slots=True)
class Beyond:
    """Something that a peer holds of a party and the party's database does not have: `held` there, `here` what is here."""

    party: str
    peer: str
    kind: str
    held: int
    here: int


HEAD, SENT, RECEIVED = "log", "statements sent", "statements received"


def is_ask(data: bytes) -> bool:
    """True if a request to a party's witness asks for holdings."""
    return data.startswith(_PREFIX)


def ask(desk: HostContext, peer: str) -> bytes:
    """Sign the request of a host's parties to the host of a peer; the first of them signs."""
    parties = sorted(desk.parties)
    said = recovery_pb2.HoldingsAsk(
        sender=parties[0], recipient=peer, time=timestamp(desk.now()), parties=parties
    )
    return _PREFIX + _signed(desk, parties[0], said, envelope.HOLDINGS_ASK)


async def answer(desk: HostContext, peer: str, data: bytes) -> bytes:
    """Answer another host's request to `peer` with what it holds, and every other party of this host that holds something.

    Raises:
        BadHoldings: it is none, or not signed by the party that asks.
    """
    said = _opened(desk, recovery_pb2.HoldingsAsk, data.removeprefix(_PREFIX), envelope.HOLDINGS_ASK)
    if said.recipient != peer or abs(desk.now() - instant(said.time)) > _FRESH:
        raise BadHoldings("an ask for another party, or of another time")
    async with desk.database.read() as connection:
        held = await _held(connection, said.parties)
    answers = [
        recovery_pb2.Holdings(
            sender=each,
            recipient=said.sender,
            time=timestamp(desk.now()),
            ask_digest=sha256(data).digest(),
            holdings=held.get(each, {}).values(),
            host_parties=sorted(desk.parties) if each == peer else (),
        )
        for each in sorted({peer, *held.keys() & desk.parties})
    ]
    signed = [_signed(desk, each.sender, each, envelope.HOLDINGS) for each in answers]
    return statement_pb2.Envelopes(envelopes=signed).SerializeToString()


async def _held(
    connection: Connection, parties: Sequence[str]
) -> Mapping[str, Mapping[str, recovery_pb2.Holding]]:
    """Read what the parties of this database hold of others, by its own party and the other."""
    heads, pairs, sent = table(WitnessedHead), table(PairIn), table(Outbox)
    found: defaultdict[str, dict[str, recovery_pb2.Holding]] = defaultdict(dict)

    def of(peer: str, party: str) -> recovery_pb2.Holding:
        return found[peer].setdefault(party, recovery_pb2.Holding(party=party))

    origins = {origin_of(party): party for party in parties}
    for row in await connection.execute(select(heads).where(heads.c.origin.in_(origins))):
        of(row.party, origins[row.origin]).checkpoint = row.note
    for row in await connection.execute(select(pairs).where(pairs.c.peer.in_(list(parties)))):
        of(row.party, row.peer).received = row.highest
    receipted = (
        select(sent.c.party, sent.c.recipient, func.max(sent.c.sequence).label("last"))
        .where(sent.c.recipient.in_(list(parties)), sent.c.custody.is_not(None))
        .group_by(sent.c.party, sent.c.recipient)
    )
    for row in await connection.execute(receipted):
        of(row.party, row.recipient).acknowledged = row.last
    return found


def read_answer(desk: HostContext, asked: bytes, data: bytes) -> list[recovery_pb2.Holdings]:
    """Read the answer of a host to `asked`: what its parties hold.

    Raises:
        BadHoldings: one is none, or not signed by the party that it is of, or has a head that our log has not signed.
    """
    try:
        envelopes = statement_pb2.Envelopes.FromString(data).envelopes
    except DecodeError:
        raise BadHoldings("the answer cannot be read") from None
    found = [_opened(desk, recovery_pb2.Holdings, each, envelope.HOLDINGS) for each in envelopes]
    digest, asker = sha256(asked).digest(), min(desk.parties)
    if any((each.recipient, each.ask_digest) != (asker, digest) for each in found):
        raise BadHoldings("the answer is to another ask")
    for holding in (holding for each in found for holding in each.holdings):
        if holding.checkpoint and holding.party in desk.parties:
            _head(desk, holding.party, holding.checkpoint)
    return found


async def beyond(
    connection: Connection, desk: HostContext, held: Iterable[recovery_pb2.Holdings]
) -> list[Beyond]:
    """List what peers hold of the parties of this host, in answers that were read, and is not in its database."""
    pairs, inbox = table(PairOut), table(Inbox)
    sent = {(row.party, row.peer): row.last for row in await connection.execute(select(pairs))}
    highest = select(inbox.c.party, inbox.c.sender, func.max(inbox.c.sequence).label("last"))
    received = {
        (row.party, row.sender): row.last
        for row in await connection.execute(highest.group_by(inbox.c.party, inbox.c.sender))
    }
    heads = await reads.newest_heads(connection, desk.parties)
    found = []
    for peer, each in ((said.sender, each) for said in held for each in said.holdings):
        party = each.party
        if party not in desk.parties:
            continue
        found.append(Beyond(party, peer, SENT, each.received, sent.get((party, peer), 0)))
        found.append(Beyond(party, peer, RECEIVED, each.acknowledged, received.get((party, peer), 0)))
        if each.checkpoint:
            size = heads[party].size if party in heads else 0
            found.append(Beyond(party, peer, HEAD, _head(desk, party, each.checkpoint).size, size))
    return [each for each in found if each.held > each.here]


def _head(desk: HostContext, party: str, text: str) -> checkpoint.Checkpoint:
    known = desk.trust.get(party)
    keys = [
        note.Verifier(origin_of(party), key.public.public_bytes_raw())
        for key in (known.signing if known else ())
    ]
    try:
        return checkpoint.parse(note.open_note(text, keys).text)
    except ValueError as error:
        raise BadHoldings(f"a head that {party} has not signed: {error}") from None


async def peers_of(connection: Connection, parties: Collection[str]) -> set[str]:
    """List with whom these parties exchanged anything."""
    found = set()
    for rows in (table(PairOut), table(PairIn)):
        query = select(rows.c.peer).where(rows.c.party.in_(list(parties))).distinct()
        found |= {row.peer for row in await connection.execute(query)}
    return found


def _signed(desk: HostContext, party: str, said: Message, payload_type: str) -> bytes:
    keys = desk.keys[party]
    return envelope.sign(said.SerializeToString(deterministic=True), payload_type, keys.signing, keys.keyid)


def _opened(desk: HostContext, kind: type[M], data: bytes, payload_type: str) -> M:
    try:
        opened = envelope.read(data)
        if opened.payload_type != payload_type:
            raise BadHoldings("another payload type")
        said = read_unambiguous(kind, opened.payload)
        signer = desk.trust.signer(opened.keyid)
    except ValueError as error:
        raise BadHoldings(f"it cannot be read: {error}") from None
    author = getattr(said, "sender", "")
    if signer is None or signer[0].id != author or not signer[1].period.covers(desk.now()):
        raise BadHoldings("the key is not one of the author's")
    if not opened.verified_by(signer[1].public):
        raise BadHoldings("the signature does not verify")
    return said

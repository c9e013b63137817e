"""Proof that a person stands in a list of pledges, checked by anybody who has the parties file. No I/O.

The proof has the authority's signed statement in it, so neither the authority nor the service is asked.
"""

from dataclasses import dataclass
from datetime import date, datetime

from google.protobuf.message import DecodeError

from cooperation.prevention.pledges import merkle_tree, wire
from cooperation.prevention.pledges.merkle_tree import ProofError as ProofError
from exchange.statements import envelope
from exchange.statements.protobuf_time import instant
from exchange.statements.trust import Parties
from netral.exchange.v1 import statement_pb2
from netral.prevention.v1 import events_pb2, pledges_pb2


@dataclass(frozen=True)
class Shown:
    """Content of a proof: who pledged where and when, in which list, stated by whom at which instant (UTC)."""

    authority: str
    number: str
    status: str
    unit: str
    day: date
    list: str
    size: int
    stated: datetime


def check(parties: Parties, proof: pledges_pb2.PledgeProof) -> Shown:
    """Check a proof and return its content.

    Raises:
        ProofError: it shows nothing: not signed by the authority, or the entry is not in the list.
    """
    stated, facts = _stated(parties, proof)
    merkle_tree.verify(proof.entry, proof.salt, proof.index, facts.size, proof.hashes, facts.root)
    number, status, unit, day = _cells(proof.entry)
    return Shown(proof.authority, number, status, unit, day, facts.list, facts.size, stated)


def _cells(entry: bytes) -> tuple[str, str, str, date]:
    """Read an entry: number, status, unit and day. An authority may have stated a list of other things."""
    try:
        number, status, unit, day = entry.decode("ascii").split(";")
        return number, status, unit, date.fromisoformat(day)
    except ValueError as error:
        raise ProofError("The entry is not one of a list of pledges.") from error


def _stated(parties: Parties, proof: pledges_pb2.PledgeProof) -> tuple[datetime, events_pb2.PledgesListed]:
    """The instant and the facts of the statement in a proof, once its signature is checked."""
    try:
        opened = envelope.read(proof.statement)
    except envelope.Unreadable as error:
        raise ProofError("The statement cannot be read.") from error
    signer = parties.signer(opened.keyid)
    if signer is None or signer[0].id != proof.authority or opened.payload_type != envelope.STATEMENT:
        raise ProofError("The statement is not signed with a key of the authority.")
    if not opened.verified_by(signer[1].public):
        raise ProofError("The signature of the statement is wrong.")
    statement, stated = _parsed(opened.payload)
    facts = events_pb2.PledgesListed()
    if statement.type != wire.LISTED or statement.sender != proof.authority:
        raise ProofError("The statement is not one of the authority on a list of pledges.")
    if not signer[1].period.covers(stated):
        raise ProofError("The key was not valid when the statement was made.")
    try:
        is_listed = statement.facts.Unpack(facts)
    except DecodeError:
        is_listed = False
    if not is_listed:
        raise ProofError("The statement is not one on a list of pledges.")
    return stated, facts


def _parsed(payload: bytes) -> tuple[statement_pb2.Statement, datetime]:
    """A signed statement, and when it was made (UTC)."""
    try:
        statement = statement_pb2.Statement.FromString(payload)
        return statement, instant(statement.time)
    except (DecodeError, ValueError, OverflowError) as error:
        raise ProofError("The statement cannot be read.") from error

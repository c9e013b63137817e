"""Leaves of a campaign's sender into what happened: the way in of `coverage`, for the service and for an exported log.

A statement of an addressee counts where this party's receipt takes it up, a receipt of an addressee where it is kept.

Coverage is folded from the log at each question: some 5,000 leaves for 546 addressees take a fraction of a second, and
a second way to count could drift from the recomputation.
"""

from collections.abc import Iterable, Iterator
from typing import Protocol

from google.protobuf.any_pb2 import Any as AnyMessage

from agreement.prevention import campaigns
from audit.formats.leaf import Kind
from audit.log.events import decode_leaf
from cooperation.prevention.campaigns import coverage
from cooperation.prevention.campaigns.coverage import Coverage, Happening
from exchange.statements.protobuf_time import instant
from netral.exchange.v1 import receipt_pb2, statement_pb2
from netral.prevention.v1 import events_pb2


class Leaf(Protocol):
    """A leaf with its place in the log, out of the database or of an export."""

    @property
    def index(self) -> int: ...

    @property
    def body(self) -> bytes: ...


def happenings(party: str, campaign: str, leaves: Iterable[Leaf]) -> Iterator[Happening]:
    """Read what the leaves of a party's log, in their order, say of its campaign; other leaves are passed over."""
    arrived: dict[bytes, statement_pb2.Statement] = {}
    for leaf in leaves:
        decoded = decode_leaf(leaf.body)
        if decoded.kind is Kind.STATEMENT:
            statement = decoded.statement()
            if statement.subject != campaign:
                continue
            if statement.sender == party:
                yield from _sent(statement)
            else:
                arrived[decoded.digest] = statement
        elif decoded.kind is Kind.RECEIPT:
            receipt = decoded.receipt()
            if receipt.recipient != party:
                yield coverage.InCustody(
                    receipt.recipient, receipt.statement_id, instant(receipt.custody_time)
                )
            elif receipt.outcome == receipt_pb2.Receipt.OUTCOME_TAKEN_UP:
                statement_ = arrived.pop(receipt.envelope_digest, None)
                if statement_ is not None:
                    yield from _said(statement_)


def _sent(statement: statement_pb2.Statement) -> Iterator[Happening]:
    issued = events_pb2.CampaignIssued()
    if statement.facts.Unpack(issued):
        yield coverage.SentCircular(statement.recipient, statement.id, tuple(issued.asks))


def _said(statement: statement_pb2.Statement) -> Iterator[Happening]:
    who, id, at = statement.sender, statement.id, instant(statement.time)
    facts: AnyMessage = statement.facts
    opened, acted, listed = (
        events_pb2.CampaignOpened(),
        events_pb2.PreventionReported(),
        events_pb2.PledgesListed(),
    )
    if facts.Unpack(opened):
        yield coverage.HasOpened(who, id, at)
    if facts.Unpack(acted):
        yield coverage.HasActed(who, id, at, acted.act, acted.people, tuple(acted.units))
    if facts.Unpack(listed):
        yield coverage.HasActed(
            who,
            id,
            at,
            campaigns.PLEDGE,
            listed.size,
            tuple(each.unit for each in listed.units),
            tuple(each.count for each in listed.units),
            listed.units_in_total,
        )


def coverage_of(party: str, campaign: str, leaves: Iterable[Leaf], last: int | None = None) -> Coverage:
    """Fold a party's log from its first leaf, up to and with the entry `last` (None: to its end): the coverage, recomputed."""
    counted = (leaf for leaf in leaves if last is None or leaf.index <= last)
    return coverage.fold(happenings(party, campaign, counted))

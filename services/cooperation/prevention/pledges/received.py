"""Lists of pledges as authorities state them, as they arrive at a supervisor or examiner."""

from cooperation.prevention.campaigns.received import keep_report
from cooperation.prevention.campaigns.tables import CAMPAIGNS
from cooperation.prevention.pledges import wire
from cooperation.prevention.pledges.domain import lists
from cooperation.prevention.pledges.wire import ListStated
from exchange.delivery.inbox.handlers import Handlers, IncomingStatement
from exchange.delivery.transaction import Transaction
from host.received_rows import receives_as
from netral.prevention.v1 import events_pb2


def receive(tx: Transaction, received: IncomingStatement, stated: ListStated) -> None:
    """Take up the counts and the root of a list."""
    report = lists.report_of(stated, tx.party, received.id, received.sender, "", tx.now, stated.read_by)
    keep_report(tx, received, report)


FROM_AUTHORITIES: Handlers = {
    wire.LISTED: receives_as(events_pb2.PledgesListed, wire.stated, receive, CAMPAIGNS.word),
}

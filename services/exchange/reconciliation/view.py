"""View of a party's exchange with one peer, read from the outbox, the inbox and the log; signed for reconciliation.

The log's own bytes decide whether a statement is in the log: a row that says so is not enough. Comparing two views is left to
`exchange.reconciliation.compare`.
"""

from sqlalchemy import ColumnElement, Table, and_, select

from audit.formats import dsse
from audit.formats.leaf import Kind
from audit.log import reads
from audit.log.events import decode_leaf
from audit.log.reads import NoSuchLog
from audit.tables import Leaf, LeafIndex
from exchange.context import HostContext
from exchange.reconciliation import compare
from exchange.reconciliation.compare import Item, PairView
from exchange.tables import Inbox, Outbox
from storage.protocols import Connection
from storage.types import FoundRow, Query, table

_CHUNK = 1000


async def signed_view(desk: HostContext, party: str, peer: str) -> bytes:
    """The view of a pair as a DSSE envelope in JSON, signed by the party."""
    async with desk.database.read() as connection:
        view = await read_view(desk, connection, party, peer)
    payload, keys = compare.payload(view), desk.keys[party]
    signature = keys.signing.sign(dsse.pae(compare.VIEW_TYPE, payload))
    return compare.envelope(payload, keys.keyid, signature)


async def read_view(desk: HostContext, connection: Connection, party: str, peer: str) -> PairView:
    """The view of a pair now."""
    outbox, inbox = table(Outbox), table(Inbox)
    try:
        note = (await reads.head(connection, party)).note
    except NoSuchLog:
        note = ""
    out = _with_leaf(outbox, outbox.c.party, party).where(outbox.c.party == party, outbox.c.recipient == peer)
    came = _with_leaf(inbox, inbox.c.party, peer).where(inbox.c.party == party, inbox.c.sender == peer)
    sent = await _items(connection, out.add_columns(outbox.c.custody, outbox.c.outcome), outbox)
    received = await _items(
        connection, came.add_columns(inbox.c.received.label("custody"), inbox.c.state), inbox
    )
    return PairView(party, peer, desk.now(), note, sent, received)


def _with_leaf(rows: Table, party: ColumnElement[str], author: str) -> Query:
    """Statements with their leaf and its place, if they have them."""
    leaf, index = table(Leaf), table(LeafIndex)
    its_leaf = and_(
        leaf.c.party == party,
        leaf.c.ref == rows.c.id,
        leaf.c.kind == int(Kind.STATEMENT),
        leaf.c.author == author,
    )
    columns = (rows.c.sequence, rows.c.id, rows.c.matter, rows.c.digest, leaf.c.body, index.c.index)
    joined = rows.outerjoin(leaf, its_leaf).outerjoin(index, index.c.leaf_id == leaf.c.id)
    return select(*columns).select_from(joined)


async def _items(connection: Connection, wanted: Query, rows: Table) -> dict[int, Item]:
    found: dict[int, Item] = {}
    last = 0
    while True:
        page = wanted.where(rows.c.sequence > last).order_by(rows.c.sequence).limit(_CHUNK)
        got: list[FoundRow] = list(await connection.execute(page))
        for sequence, id, matter, digest, body, index, custody, outcome in got:
            logged = body is not None and decode_leaf(body).digest == digest
            if sequence in found and found[sequence].index is not None:
                continue  # a conflict was kept under the same id: the first bytes are what counts
            place = index if logged else None
            item = Item(sequence, id, matter, digest.hex(), place, custody is not None, outcome)
            found[sequence] = item
            last = sequence
        if len(got) < _CHUNK:
            return found

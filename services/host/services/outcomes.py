"""Outcome of an act, read from its record: the words for it, and whom it told. It is written when the call returned."""

from collections.abc import Collection

from sqlalchemy import select

from agreement.parties import institutions
from audit.formats.leaf import Kind
from audit.log.events import DecodedLeaf, decode_leaf
from audit.packs.timeline.act_words import act_words, state_words
from audit.tables import Leaf
from exchange.context import HostContext
from host import desk_requests, front_door
from host.command_rows import CallContext, Function
from netral.exchange.v1 import acts_pb2 as pb
from netral.exchange.v1.statement_pb2 import Statement
from storage.key_in import key_in
from storage.types import table


async def get_outcome(context: CallContext, request: pb.GetOutcomeRequest) -> pb.ActOutcome:
    """Tell what an act led to.

    Raises:
        NotFound: the party has no such record.
    """
    party, id = desk_requests.parse_resource_name(request.name)
    found = await _leaves(context.desk, party, [id], Kind.RECORD)
    if not found:
        raise desk_requests.missing("record")
    record, language = found[0].record(), front_door.caller().language
    leaves = await _leaves(context.desk, party, record.statements, Kind.STATEMENT)
    sent = {each.id: each for each in (leaf.statement() for leaf in leaves)}
    return pb.ActOutcome(
        action=record.action,
        words=act_words(record.action, record.facts)[language],
        state=record.state,
        state_words=state_words(record.state)[language] if record.state else "",
        told=[_told(sent[each], language) for each in record.statements if each in sent],
    )


async def _leaves(desk: HostContext, party: str, ids: Collection[str], kind: Kind) -> list[DecodedLeaf]:
    """The leaves of a kind under these ids in a party's log, whether they have an index yet or not."""
    if not ids:
        return []
    leaf = table(Leaf)
    query = select(leaf.c.body).where(
        key_in((leaf.c.party, leaf.c.ref), [(party, id) for id in ids]), leaf.c.kind == int(kind)
    )
    async with desk.database.read() as connection:
        return [decode_leaf(row.body) for row in await connection.execute(query)]


def _told(statement: Statement, language: str) -> pb.ToldStatement:
    known = institutions.institutions().get(statement.recipient)
    return pb.ToldStatement(
        statement=statement.id,
        type=statement.type,
        words=act_words(statement.type, statement.facts)[language],
        recipient=statement.recipient,
        recipient_name=known.name if known else "",
        copy=bool(statement.copy_of),
    )


METHOD = Function(pb.GetOutcomeRequest, get_outcome)

"""A peer that lies: strange bytes, a foreign signature, one number twice, a false receipt."""

import nats
from sqlalchemy import select
from sqlmodel import SQLModel

from audit.formats.leaf import Kind
from audit.log.events import decode_leaf
from audit.tables import Leaf
from exchange.bus import subjects
from exchange.statements import envelope, private_keys
from exchange.tables import ConflictSeen, ParkedBytes
from netral.exchange.v1 import receipt_pb2, statement_pb2
from operations.drills.world.drill_world import DrillWorld, Failed, must
from operations.drills.world.officers import play_case
from storage.types import Values, table


async def run(world: DrillWorld) -> None:
    """The examiner sends strange bytes, a statement under a foreign signature, two statements of one number, a false receipt."""
    await world.start()
    matter = await play_case(world)
    await world.settle()
    told = await _statement_of(world, "kasn", "bawaslu")
    twin = statement_pb2.Statement.FromString(told.payload)
    twin.time.nanos = (twin.time.nanos + 1000) % 10**9
    twin.commitment = b""
    keys = private_keys.read_private_keys(world.state.keys("kasn"), "kasn")
    foreign = private_keys.new_keys()
    payload = twin.SerializeToString(deterministic=True)
    second = envelope.sign(payload, envelope.STATEMENT, keys.signing, keys.keyid)
    forged = envelope.sign(payload, envelope.STATEMENT, foreign.signing, foreign.keyid)
    heard = await _statement_of(world, "bawaslu", "kasn")
    lie = _false_receipt(heard, keys)
    await _publish(world, [("statement", b"\x00garbage"), ("statement", _parcel(forged))])
    await _publish(world, [("statement", _parcel(second)), ("receipt", _bundle(lie))])
    await world.until(
        lambda: _at_least(world, "bawaslu", ConflictSeen, 1), "the second statement is a conflict"
    )
    await world.until(lambda: _at_least(world, "bawaslu", ParkedBytes, 2), "what nobody signed is parked")
    conflicts = await _rows(world, "bawaslu", ConflictSeen)
    parked = await _rows(world, "bawaslu", ParkedBytes)
    must({row["matter"] for row in conflicts} == {matter}, "the conflict names its matter")
    world.show(
        "conflict",
        matter=matter,
        rows=[f"{row['type']} {row['reason']} {row['digest'].hex()}" for row in conflicts],
    )
    world.show("parked", rows=[f"{row['subject']} {row['reason']}" for row in parked])
    await play_case(world)
    # What the examiner signed twice stays in the logs for good, and whoever checks them is told so.
    await world.check_whole(disputed={matter})


def _false_receipt(heard: envelope.Envelope, keys: private_keys.PrivateKeys) -> bytes:
    """A refusal of a statement that was taken up, for bytes that it did not have."""
    said = statement_pb2.Statement.FromString(heard.payload)
    payload = receipt_pb2.Receipt(
        statement_id=said.id,
        envelope_digest=bytes(32),
        sender=said.sender,
        recipient=said.recipient,
        sequence=said.sequence,
        stage=receipt_pb2.Receipt.STAGE_OUTCOME,
        outcome=receipt_pb2.Receipt.OUTCOME_REFUSED,
        reason="WRONG_STATE",
        custody_time=said.time,
        time=said.time,
    )
    return envelope.sign(
        payload.SerializeToString(deterministic=True), envelope.RECEIPT, keys.signing, keys.keyid
    )


def _parcel(data: bytes) -> bytes:
    return statement_pb2.Parcels(parcels=[statement_pb2.Parcel(envelope=data)]).SerializeToString()


def _bundle(data: bytes) -> bytes:
    return statement_pb2.Envelopes(envelopes=[data]).SerializeToString()


async def _publish(world: DrillWorld, messages: list[tuple[str, bytes]]) -> None:
    """Send bytes to Bawaslu as the examiner's host could."""
    client = await nats.connect(
        world.manager.nats_url,
        user="kasn",
        password=world.state.passwords()["kasn"],
        inbox_prefix=subjects.inbox_prefix("kasn").encode(),
    )
    try:
        for kind, data in messages:
            subject = subjects.Subject("kasn", "bawaslu", kind)
            await client.jetstream().publish(str(subject), data, stream=subjects.STREAM)
    finally:
        await client.close()


async def _statement_of(world: DrillWorld, sender: str, recipient: str) -> envelope.Envelope:
    """The newest statement of one party to another, from its own log."""
    leaves = table(Leaf)
    async with world.databases.open(sender) as database, database.read() as connection:
        found = await connection.execute(
            select(leaves.c.body)
            .where(leaves.c.party == sender, leaves.c.kind == int(Kind.STATEMENT), leaves.c.author == sender)
            .order_by(leaves.c.id.desc())
        )
        for row in found:
            leaf = decode_leaf(row.body)
            if leaf.statement().recipient == recipient:
                return leaf.envelope()
    raise Failed(f"{sender} has told {recipient} nothing")


async def _rows(world: DrillWorld, host: str, model: type[SQLModel]) -> list[Values]:
    async with world.databases.open(host) as database, database.read() as connection:
        return list((await connection.execute(select(table(model)))).mappings())


async def _at_least(world: DrillWorld, host: str, model: type[SQLModel], count: int) -> bool:
    return len(await _rows(world, host, model)) >= count

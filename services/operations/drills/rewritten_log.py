"""A log that is written anew under its own key, without a statement."""

import asyncio

from sqlalchemy import select

from audit.formats import note
from audit.formats.checkpoint import origin_of
from audit.formats.leaf import Kind
from audit.sequencing.sequencer import Sequencer
from audit.sequencing.writer_lease import Lease
from audit.tables import ChainPage, HashTile, Leaf, LeafIndex, PendingLeaf, SignedCheckpoint
from exchange.statements import private_keys
from operations.drills.world.drill_world import DrillWorld, must, utc_now
from operations.drills.world.officers import play_case
from storage.engines import Database
from storage.types import table


async def run(world: DrillWorld) -> None:
    """The examiner changes what it recorded and signs its whole log anew: its own log verifies, the others' receipts do not."""
    await world.start()
    matter = await play_case(world)
    await world.settle()
    await world.stop()
    await _without_statement(world, "kasn", matter)
    await world.start()
    findings = await asyncio.to_thread(world.verify)
    named = [found for found in findings if found.kind == "other log" and found.matter == matter]
    must(bool(named), f"the rewritten log was not found: {findings}")
    world.show("found", findings=[str(found) for found in named])


async def _without_statement(world: DrillWorld, host: str, matter: str) -> None:
    """Take a party's last statement on a matter out of its log, and sign a log without it from the first leaf on."""
    leaves = table(Leaf)
    async with world.databases.open(host) as database:
        async with database.write() as connection:
            last = await connection.scalar(
                select(leaves.c.id)
                .where(
                    leaves.c.matter == matter, leaves.c.kind == int(Kind.STATEMENT), leaves.c.author == "kasn"
                )
                .order_by(leaves.c.id.desc())
                .limit(1)
            )
            await connection.execute(leaves.delete().where(leaves.c.id == last))
        await sign_anew(world, host, database, "kasn")


async def sign_anew(world: DrillWorld, host: str, database: Database, party: str) -> None:
    """Do what a dishonest operator can: give the leaves that are left new places, under the log's own key."""
    leaves, pending = table(Leaf), table(PendingLeaf)
    async with database.write() as connection:
        for model in (LeafIndex, HashTile, SignedCheckpoint, PendingLeaf, ChainPage):
            rows = table(model)
            await connection.execute(rows.delete().where(rows.c.party == party))
        await connection.execute(
            leaves.delete().where(leaves.c.party == party, leaves.c.kind == int(Kind.CHAINS))
        )
        left = select(leaves.c.id, leaves.c.party).where(leaves.c.party == party)
        await connection.execute(pending.insert().from_select(["leaf_id", "party"], left))
    keys = private_keys.read_private_keys(world.state.keys(host), party)
    outside = world.state.host(host) / "witnessed"
    (outside / party).unlink(missing_ok=True)
    signers = {party: note.Signer(origin_of(party), keys.signing)}
    sequencer = Sequencer(database, signers, utc_now, Lease("a dishonest operator", utc_now), outside)
    while await sequencer.run_once():
        pass

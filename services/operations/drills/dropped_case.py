"""A whole case is dropped from a host's tables and log without a word."""

import asyncio

from operations.drills.rewritten_log import sign_anew
from operations.drills.world.databases import reflected_tables
from operations.drills.world.drill_world import DrillWorld, must
from operations.drills.world.officers import play_case


async def run(world: DrillWorld) -> None:
    """The examiner drops one whole case from its tables and its log without a word: the others' logs name the case."""
    await world.start()
    kept, dropped = await play_case(world), await play_case(world)
    await world.settle()
    await world.stop()
    await _without_matter(world, "kasn", dropped)
    await world.start()
    findings = await asyncio.to_thread(world.verify)
    named = {found.matter for found in findings if found.kind == "other log"}
    must(named == {dropped}, f"the case that was dropped was not the one named: {findings}")
    world.show("found", kept=kept, dropped=dropped, findings=[str(found) for found in findings])


async def _without_matter(world: DrillWorld, host: str, matter: str) -> None:
    async with world.databases.open(host) as database:
        async with database.write() as connection:
            tables = await connection.run_sync(reflected_tables)
            for each in tables.values():
                names = each.columns.keys()
                if "matter" in names:
                    await connection.execute(each.delete().where(each.c.matter == matter))
                elif each.name == "matter":
                    await connection.execute(each.delete().where(each.c.id == matter))
        await sign_anew(world, host, database, "kasn")

"""A database that is older than what its host published."""

from host.lifecycle.start_failures import REFUSED
from operations.drills.world.drill_world import DrillWorld, must
from operations.drills.world.officers import play_case
from operations.drills.world.second_process import start_alone


async def run(world: DrillWorld) -> None:
    """A host's database is put back to a backup: it refuses to start; with the newer database it goes on."""
    await world.start()
    await play_case(world)
    await world.settle()
    await world.stop()
    await world.databases.back_up("kasn")
    await world.start()
    await play_case(world)
    await world.settle()
    await world.stop()
    await world.databases.copy("kasn", "kasn_newest")
    await world.databases.restore("kasn")
    code, said = await start_alone(world, "kasn")
    must(code == REFUSED and "LogRolledBack" in said, f"it started on an old backup: {code}: {said}")
    world.show("refused", host="kasn", code=code, log=said)
    await world.databases.copy("kasn_newest", "kasn")
    await world.start()
    await play_case(world)
    await world.check_whole()

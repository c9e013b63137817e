"""A clock that was set back by a day."""

from host.lifecycle.start_failures import REFUSED
from operations.drills.world import killable_host
from operations.drills.world.drill_world import DrillWorld, must
from operations.drills.world.officers import play_case
from operations.drills.world.second_process import start_alone


async def run(world: DrillWorld) -> None:
    """A host is started with its clock a day behind: it refuses, and goes on when the clock is right again."""
    await world.start()
    await play_case(world)
    await world.settle()
    await world.stop()
    world.order("kasn", {"clock": -86_400})
    code, said = await start_alone(world, "kasn")
    must(code == REFUSED and "ClockBehind" in said, f"it started with a wrong clock: {code}: {said}")
    world.show("refused", code=code, log=said)
    killable_host.orders_file(world.state.host("kasn")).unlink()
    await world.start()
    await play_case(world)
    await world.check_whole()

"""Kill -9 at each step that a statement takes through a host."""

from functools import partial

from operations.drills.world import killable_host
from operations.drills.world.drill_world import DrillWorld
from operations.drills.world.officers import play_case


async def run(world: DrillWorld) -> None:
    """A host is killed before and after each step that a statement takes through it."""
    await world.start()
    for point in killable_host.POINTS:
        for host in _hosts_of(point):
            world.order(host, {"kill": point})
            await play_case(world)
            await world.until(partial(_carried_out, world, host), f"{host} reached {point}")
            await world.manager.healthy()
            world.show("killed", host=host, at=point)
    await world.check_whole()


def _carried_out(world: DrillWorld, host: str) -> bool:
    return not world.ordered(host)


def _hosts_of(point: str) -> tuple[str, ...]:
    # The examiner's host does everything: it hears, decides and tells. Of the others, what they do more.
    return ("kasn", "bawaslu") if "command" in point else ("kasn",)

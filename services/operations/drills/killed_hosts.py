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
            world.order(host, {"kill": _on_the_way_to(point)})
            await play_case(world)
            await world.until(partial(_carried_out, world, host), f"{host} reached {point}")
            await world.manager.healthy()
            world.show("killed", host=host, at=point)
    await world.check_whole()


def _on_the_way_to(point: str) -> list[str]:
    """The points at which a host is killed, one after the other, so that it comes to this one.

    Only what is late is marked: a statement, say, that a killed process had in its memory.
    """
    return ["before:statements-handed-over", point] if "delivery-marked" in point else [point]


def _carried_out(world: DrillWorld, host: str) -> bool:
    return not world.ordered(host)


def _hosts_of(point: str) -> tuple[str, ...]:
    # The examiner's host does everything: it hears, decides and tells. Of the others, what they do more.
    return ("kasn", "bawaslu") if "command" in point else ("kasn",)

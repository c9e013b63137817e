"""Fills the supervisor's database with referrals that wait to be sent, through the desk's own commands.

Run by `places.py` with the desk's environment: `python -m bench.load COUNT [study] [FIRST]`; with `study` the matters stop before
the referral, and their ids are printed. FIRST is the number of the first story.
"""

import asyncio
import sys
from typing import Any

from bawaslu import __main__ as bawaslu_main
from bawaslu import feature
from exchange.context import HostContext
from exchange.delivery import commands
from exchange.delivery.commands import Command
from exchange.settings import Settings
from host import front_door
from host.command_rows import CallContext
from host.lifecycle import process
from support.story import Story

_TOGETHER = 64


class Together:
    """Commands that share a commit, as concurrent callers' do."""

    def __init__(self, desk: HostContext) -> None:
        self.commands = commands.Commands(desk)
        self.serving = asyncio.create_task(self.commands.serve())

    async def run(self, command: Command) -> Any:
        return await self.commands.run(command)


async def main(count: int, last_step: int, first: int) -> None:
    front_door.set_caller(front_door.Caller("bawaslu", "bench", "officer"))
    desk = await process.open_context(
        Settings(), "bawaslu", bawaslu_main.HOST.store, bawaslu_main.HOST.rules, *bawaslu_main.HOST.migrations
    )
    context = CallContext(desk, Together(desk))  # type: ignore[arg-type]

    async def enter(story: Story) -> None:
        for number, (_, method, request) in enumerate(story.steps()):
            if number == last_step:
                break
            act = await feature.WRITE.by_name[method].answer(context, request)
            story.matter = act.matter.rpartition("/")[2]

    stories = [Story(number) for number in range(first, first + count)]
    for start in range(0, count, _TOGETHER):
        await asyncio.gather(*(enter(story) for story in stories[start : start + _TOGETHER]))
    if last_step == 2:
        print("\n".join(story.matter for story in stories))


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    asyncio.run(main(numbers[0], 2 if "study" in sys.argv else 3, numbers[1] if len(numbers) > 1 else 1))

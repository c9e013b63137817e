"""The bus's stream is emptied while statements are on their way."""

import asyncio

import nats
from nats.aio.client import Client
from nats.js.errors import NotFoundError

from exchange.bus import subjects
from operations.drills.world.drill_world import DrillWorld, Failed
from operations.drills.world.officers import play_case


async def run(world: DrillWorld) -> None:
    """The stream is emptied while statements are on their way: all arrive, once."""
    await world.start()
    await play_case(world)
    admin = await nats.connect(
        world.manager.nats_url, user="admin", password=world.state.passwords()["admin"]
    )
    try:
        playing = [asyncio.create_task(play_case(world)) for _ in range(3)]
        await asyncio.wait(playing, timeout=0.3)
        await _empty(admin, world)
        await asyncio.gather(*playing)
    finally:
        await admin.close()
    await world.check_whole()


async def _empty(admin: Client, world: DrillWorld) -> None:
    js = admin.jetstream()
    try:
        state = (await js.stream_info(subjects.STREAM)).state
        await js.purge_stream(subjects.STREAM)
    except NotFoundError as error:
        raise Failed("there is no stream") from error
    world.show("purged", messages=state.messages)

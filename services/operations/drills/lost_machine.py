"""A host's machine that is lost with everything on it, and comes back out of a backup."""

import asyncio
import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from uuid import uuid4

from sqlalchemy import func, select

from audit.tables import AccusationKept
from exchange.reconciliation import holdings
from host.lifecycle import recovery
from netral.kasn.v1 import service_pb2 as kasn
from netral.kasn.v1.service_pb2_grpc import KasnServiceStub
from operations.backup import back_up, manifest, restore
from operations.drills.world.drill_world import DrillWorld, must
from operations.drills.world.officers import play_case
from operations.local.client import Refused
from operations.local.installation import HOSTS
from storage.types import table

_HOST = "kasn"


async def run(world: DrillWorld) -> None:
    """A backup that is older than what peers hold serves reads only; the newest goes on, with nothing lost and no second tree."""
    old, newest, keys = (world.folder / name for name in ("backup-1", "backup-2", "keys"))
    await world.start()
    await play_case(world)
    playing = [asyncio.create_task(play_case(world)) for _ in range(2)]
    await asyncio.wait(playing, timeout=0.5)
    await _back_up(world, old, [_HOST])  # while statements are on their way
    await asyncio.gather(*playing)
    back_up.save_keys(keys, {_HOST: world.settings(_HOST)})
    await world.settle()
    await _back_up(world, newest, [_HOST])

    await _lose(world, [_HOST])
    await _restore(world, old, keys, [_HOST])
    await world.start()
    await _reads_only(world)

    await _lose(world, [_HOST])
    await _restore(world, newest, keys, [_HOST])
    await _go_on(world)


async def run_all(world: DrillWorld) -> None:
    """Lose every host and the stream after a backup under load: what was acknowledged before it is there, whole, and goes on."""
    folder, keys = world.folder / "backup", world.folder / "keys"
    await world.start()
    await play_case(world)
    back_up.save_keys(keys, {host: world.settings(host) for host in HOSTS})
    playing = [asyncio.create_task(play_case(world)) for _ in range(2)]
    await asyncio.wait(playing, timeout=0.5)
    acknowledged = list(world.acknowledged)
    await _back_up(world, folder, HOSTS)
    await asyncio.gather(*playing)
    await _lose(world, HOSTS)
    shutil.rmtree(world.state.nats / "store")
    world.acknowledged[:] = acknowledged
    await _restore(world, folder, keys, HOSTS)
    await _go_on(world)


async def _go_on(world: DrillWorld) -> None:
    """Let restored hosts recover by themselves, and play on."""
    await world.start()
    for host in HOSTS:
        folder = world.state.host(host)
        await world.until(partial(_is_recovered, folder), f"the recovery of {host} ends")
    await world.manager.healthy()
    await play_case(world)
    await world.check_whole()
    await _nobody_is_accused(world)


def _is_recovered(state_folder: Path) -> bool:
    return not recovery.is_recovering(state_folder)


async def _back_up(world: DrillWorld, folder: Path, hosts: Sequence[str]) -> None:
    made = await back_up.back_up(folder, {host: world.settings(host) for host in hosts})
    logs = {party: log.size for saved in made.hosts.values() for party, log in saved.logs.items()}
    world.show("backed up", folder=folder.name, files=len(made.files), logs=logs)


async def _lose(world: DrillWorld, hosts: Sequence[str]) -> None:
    """Let the hosts' machines go, with their disks."""
    await world.stop()
    for host in hosts:
        shutil.rmtree(world.state.host(host))
        await world.databases.empty(host)


async def _restore(world: DrillWorld, folder: Path, keys: Path, hosts: Sequence[str]) -> None:
    await restore.restore(folder, manifest.read(folder), {host: world.settings(host) for host in hosts}, keys)


async def _reads_only(world: DrillWorld) -> None:
    """Wait until the host knows that peers hold more; it shows what it has, and refuses to go on."""
    state_folder = world.state.host(_HOST)
    await world.until(partial(_knows_more, state_folder), "peers say that they hold more")
    state = recovery.state_of(state_folder)
    assert state is not None
    kinds = {each.kind for each in state.beyond}
    must(holdings.HEAD in kinds, f"no peer holds a newer head: {kinds}")
    must(not await world.manager.is_serving(_HOST), "it says that it takes acts")
    world.show(
        "reads only", beyond=[f"{each.peer}: {each.kind} {each.held} > {each.here}" for each in state.beyond]
    )
    at = f"institutions/{_HOST}/matters/{uuid4()}"
    accept = kasn.AcceptReferralRequest(name=at, register_number="REG-0")
    try:
        await world.call(_HOST, KasnServiceStub, "AcceptReferral", accept, patience=0)
    except Refused as refusal:
        must(refusal.reason == "READS_ONLY", f"refused otherwise: {refusal.code} {refusal.reason}")
    else:
        must(False, "it took an act while peers held more")
    await _nobody_is_accused(world)


def _knows_more(state_folder: Path) -> bool:
    state = recovery.state_of(state_folder)
    return state is not None and bool(state.beyond)


async def _nobody_is_accused(world: DrillWorld) -> None:
    """Check that no witness holds a fork or a rollback against any log."""
    for host in HOSTS:
        async with world.databases.open(host) as database, database.read() as connection:
            kept = await connection.scalar(select(func.count()).select_from(table(AccusationKept)))
        must(kept == 0, f"{host} keeps {kept} accusations")

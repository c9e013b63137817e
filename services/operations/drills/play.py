"""Plays drills: harm is done to a world that runs, and it has to end in refusal or repair, with evidence, and nothing lost.

Each drill is a module with a function of a fresh `DrillWorld`; it raises `Failed` if a promise was not held. `play` runs one and
writes its evidence: what was done, what the processes and the checks said, and how it ended. Shipped for operators
(`netral local drill`) and run as tests.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import TypedDict

from operations.drills import (
    dropped_case,
    emptied_stream,
    flipped_bits,
    full_disk,
    killed_hosts,
    lost_machine,
    lying_peer,
    old_backup,
    rewritten_log,
    two_writers,
    wrong_clock,
)
from operations.drills.drill import CannotPlay, Drill
from operations.drills.world.drill_world import DrillWorld, Failed, Json, utc_now
from operations.local.client import Refused
from operations.local.processes import CannotStart

__all__ = ["DRILLS", "CannotPlay", "Played", "play"]

DRILLS = {
    drill.name: drill
    for drill in (
        Drill(
            "killed-hosts",
            "kill -9 before and after each step of a statement's way",
            "repair: nothing lost, nothing twice",
            killed_hosts.run,
        ),
        Drill(
            "old-backup",
            "an old backup is put in the place of a database",
            "refusal until the newer one is back",
            old_backup.run,
        ),
        Drill(
            "lost-machine",
            "a host's machine is lost; an old backup is restored, then the newest",
            "refusal to sign and send while peers hold more; repair by the newest",
            lost_machine.run,
        ),
        Drill(
            "lost-world",
            "all hosts and the stream are lost; one backup of all, made under load, is restored",
            "repair: nothing lost that was acknowledged before, nothing twice",
            lost_machine.run_all,
        ),
        Drill(
            "two-writers",
            "a second process on the same logs; one that wakes up late",
            "refusal; the late one ends",
            two_writers.run,
        ),
        Drill(
            "lying-peer",
            "strange bytes, a foreign signature, one number twice, a false receipt",
            "refused, kept, named",
            lying_peer.run,
        ),
        Drill(
            "wrong-clock", "a clock that was set back by a day", "refusal until it is right", wrong_clock.run
        ),
        Drill(
            "full-disk",
            "no more room for a database",
            "calls refused whole, accepted again with room",
            full_disk.run,
        ),
        Drill("flipped-bits", "a flipped bit in every table", "found and located", flipped_bits.run),
        Drill(
            "emptied-stream",
            "the stream is emptied while statements are on their way",
            "repair: all arrive once",
            emptied_stream.run,
        ),
        Drill(
            "rewritten-log",
            "a statement is taken out of a log that is signed anew",
            "found by the others' logs",
            rewritten_log.run,
        ),
        Drill(
            "dropped-case",
            "a whole case is dropped without a word",
            "found and named by the others' logs",
            dropped_case.run,
        ),
    )
}


class Played(TypedDict):
    """Evidence of a drill, as it is written: how it ended, and all that was shown on the way."""

    drill: str
    what: str
    must_end_in: str
    database: str
    netral: str
    time: str
    seconds: float
    verdict: str
    reason: str
    evidence: Sequence[Mapping[str, Json]]


async def play(drill: Drill, evidence: Path, template: str = "") -> Played:
    """Play a drill in a world of its own, and write its evidence into the folder `evidence`; gives that evidence.

    Raises:
        CannotPlay: something that it needs is not there.
    """
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="netral-drill-") as folder:
        world = DrillWorld(Path(folder), template)
        verdict, reason = "held", ""
        try:
            await world.databases.make()
            await drill.run(world)
        except (Failed, Refused, CannotStart) as failure:
            verdict, reason = "NOT HELD", str(failure)
        finally:
            await world.stop()
            await world.databases.drop()
    played = Played(
        drill=drill.name,
        what=drill.what,
        must_end_in=drill.end,
        database="postgresql" if template else "sqlite",
        netral=metadata.version("netral"),
        time=utc_now().isoformat(),
        seconds=round(time.monotonic() - started, 1),
        verdict=verdict,
        reason=reason,
        evidence=world.evidence,
    )
    await asyncio.to_thread(_keep, evidence, played)
    return played


def _keep(folder: Path, played: Played) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{played['drill']}-{played['database']}.json"
    file.write_text(json.dumps(played, indent=1, ensure_ascii=False))

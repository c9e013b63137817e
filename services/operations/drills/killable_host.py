"""A host that can be killed at an exact step, or whose clock is wrong: `python -m operations.drills.killable_host <host>`.

It is the host itself, with its real code; around some of its functions stands a look into the file `drill.json` of its
state folder. There a drill writes the step at which the process kills itself (SIGKILL, as `kill -9`), once, and by how many
seconds its clock is off. Nothing of this is in a host that is started in the usual way.
"""

import asyncio
import functools
import importlib
import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

STEPS = {
    "command-commit": ("exchange.delivery.commands", "_commit"),
    "inbox-commit": ("exchange.delivery.inbox.process", "_take"),
    "receipts-sent": ("exchange.delivery.relay", "publish_replies"),
    "statements-handed-over": ("exchange.delivery.relay", "_hand_over"),
    "delivery-marked": ("exchange.delivery.relay", "_mark"),
    "heads-written": ("audit.sequencing.sequencer:Sequencer", "_write"),
    "checkpoint-kept-outside": ("audit.sequencing.sequencer", "write_witnessed"),
}
"""The steps at which a victim can be killed, `before:` or `after:` each; with where their function is."""

POINTS = [f"{when}:{step}" for step in STEPS for when in ("before", "after")]


def orders_file(state_folder: Path) -> Path:
    """Name the file that a drill writes its orders to."""
    return state_folder / "drill.json"


def _orders(state_folder: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(orders_file(state_folder).read_text())
    except FileNotFoundError:
        return {}
    return found


def _kill_at(point: str, state_folder: Path) -> None:
    orders = _orders(state_folder)
    if orders.get("kill") == point:
        # The order goes first, so that the process lives when it is started again.
        orders_file(state_folder).unlink()
        os.kill(os.getpid(), signal.SIGKILL)


def _watched(step: str, work: Callable[..., Any], state_folder: Path) -> Callable[..., Any]:
    @functools.wraps(work)
    async def with_a_look(*arguments: Any, **named: Any) -> Any:
        _kill_at(f"before:{step}", state_folder)
        done = await work(*arguments, **named)
        _kill_at(f"after:{step}", state_folder)
        return done

    return with_a_look


def _watch_steps(state_folder: Path) -> None:
    for step, (where, name) in STEPS.items():
        module, _, inner = where.partition(":")
        holder: Any = importlib.import_module(module)
        holder = getattr(holder, inner) if inner else holder
        setattr(holder, name, _watched(step, getattr(holder, name), state_folder))


def _shift_clock(host: Any, seconds: float) -> None:
    usual = host.open_desk

    async def open_desk(*arguments: Any) -> Any:
        desk = await usual(*arguments)
        desk.now = lambda: datetime.now(UTC) + timedelta(seconds=seconds)
        return desk

    host.open_desk = open_desk


def main() -> None:
    """Become the host that the first argument names."""
    state_folder = Path(os.environ["NETRAL_STATE_FOLDER"])
    _watch_steps(state_folder)
    seconds = _orders(state_folder).get("clock", 0)
    if seconds:
        _shift_clock(importlib.import_module("host.process"), seconds)
    desk: Any = importlib.import_module(f"{sys.argv[1]}.__main__")
    asyncio.run(desk.main())


if __name__ == "__main__":
    main()

"""A host that can be killed at an exact step, or whose clock is wrong: `python -m operations.drills.world.killable_host <host>`.

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
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import ParamSpec, TypedDict, TypeVar

from exchange.context import HostContext
from host.lifecycle import process
from storage.files import write_whole

P = ParamSpec("P")
T = TypeVar("T")

STEPS = {
    "command-commit": ("exchange.delivery.commands", "_commit"),
    "inbox-commit": ("exchange.delivery.inbox.process", "_take"),
    "receipts-sent": ("exchange.delivery.relay", "publish_replies"),
    "statements-handed-over": ("exchange.delivery.relay", "hand_over"),
    "delivery-marked": ("exchange.delivery.relay", "_mark"),
    "heads-written": ("audit.sequencing.log_rows", "write"),
    "checkpoint-kept-outside": ("audit.sequencing.sequencer", "write_witnessed"),
}
"""The steps at which this host can be killed, `before:` or `after:` each; with where their function is."""

POINTS = [f"{when}:{step}" for step in STEPS for when in ("before", "after")]


class Orders(TypedDict, total=False):
    """Orders of a drill to one host: the points at which it kills itself, in this order, and how many seconds its clock is off."""

    kill: list[str]
    clock: float


def orders_file(state_folder: Path) -> Path:
    """Name the file that a drill writes its orders to."""
    return state_folder / "drill.json"


def write_orders(state_folder: Path, orders: Orders) -> None:
    """Write the orders so that a host never reads half of them."""
    write_whole(orders_file(state_folder), json.dumps(orders))


def _orders(state_folder: Path) -> Orders:
    try:
        found: Orders = json.loads(orders_file(state_folder).read_text())
    except FileNotFoundError:
        return {}
    return found


def _kill_at(point: str, state_folder: Path) -> None:
    first, *rest = _orders(state_folder).get("kill") or [""]
    if first == point:
        # The order goes first, so that the process lives when it is started again.
        if rest:
            write_orders(state_folder, {"kill": rest})
        else:
            orders_file(state_folder).unlink()
        os.kill(os.getpid(), signal.SIGKILL)


def _watched(step: str, work: Callable[P, Awaitable[T]], state_folder: Path) -> Callable[P, Awaitable[T]]:
    @functools.wraps(work)
    async def with_a_look(*arguments: P.args, **named: P.kwargs) -> T:
        _kill_at(f"before:{step}", state_folder)
        done = await work(*arguments, **named)
        _kill_at(f"after:{step}", state_folder)
        return done

    return with_a_look


def _watch_steps(state_folder: Path) -> None:
    for step, (where, name) in STEPS.items():
        module, _, inner = where.partition(":")
        holder: ModuleType | type = importlib.import_module(module)
        holder = getattr(holder, inner) if inner else holder
        setattr(holder, name, _watched(step, getattr(holder, name), state_folder))


def _shifted(
    usual: Callable[P, Awaitable[HostContext]], seconds: float
) -> Callable[P, Awaitable[HostContext]]:
    @functools.wraps(usual)
    async def with_a_wrong_clock(*arguments: P.args, **named: P.kwargs) -> HostContext:
        context = await usual(*arguments, **named)
        context.now = lambda: datetime.now(UTC) + timedelta(seconds=seconds)
        return context

    return with_a_wrong_clock


def _shift_clock(seconds: float) -> None:
    vars(process)["open_context"] = _shifted(process.open_context, seconds)


def main() -> None:
    """Become the host that the first argument names."""
    state_folder = Path(os.environ["NETRAL_STATE_FOLDER"])
    _watch_steps(state_folder)
    if seconds := _orders(state_folder).get("clock", 0):
        _shift_clock(seconds)
    desk = importlib.import_module(f"{sys.argv[1]}.__main__")
    asyncio.run(desk.main())


if __name__ == "__main__":
    main()

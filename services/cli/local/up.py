"""`netral up`, `down`, `status`: start, stop and look at a world on one machine."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import Annotated, NoReturn

import typer

from cli.deferred_imports import deferred_imports
from cli.language import said
from cli.local.doctor import plain, print_findings
from cli.options import Commands, JsonOption, StateOption
from cli.output import err, out, print_json, table_of
from operations.local.installation import DEFAULT_STATE, HOSTS, Installation

with deferred_imports():
    import asyncio

    from operations.doctor import of_desks
    from operations.local import development_world, patience, processes


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "up": up,
        "down": down,
        "status": status,
    }


def up(
    state: StateOption = DEFAULT_STATE,
    database: Annotated[
        str, typer.Option(help="URL template for databases, such as postgresql+asyncpg://host/{name}.")
    ] = "",
    nats_server: Annotated[
        str, typer.Option(help="A nats-server of 2.15 or later, instead of the one installed.")
    ] = "",
    port_base: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65_000,
            help="Listen on this port and the next six, and keep them for the next starts; 0 chooses free ones anew.",
        ),
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Return when everything is healthy.")] = False,
    as_json: JsonOption = False,
) -> None:
    """[rw] Start NATS and the three services. They run until Ctrl-C, or with --detach until `netral down`.

    They listen where they did at the last start.

    Example: netral up --state .netral
    """
    world = Installation(state)
    if not world.exists:
        try:
            development_world.make_world(world)
        except development_world.CannotMake as error:
            _fail(str(error))
        _log(said("{state}: a development world was made (`netral keys init --examiner kasn`).", state=state))
    if detach:
        _detach(world, database, nats_server, port_base, as_json)
        return
    try:
        asyncio.run(_up(world, database, nats_server, port_base, as_json))
    except processes.CannotStart as error:
        _log(str(error))
        raise typer.Exit(1) from None


async def _up(
    world: Installation, database: str, nats_server: str, port_base: int | None, as_json: bool
) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    manager = processes.ProcessManager(
        world, database, nats_server=nats_server, say=_log, port_base=port_base
    )
    await manager.start()
    if as_json or err.is_terminal:
        _print_addresses(manager.addresses, as_json)
    else:
        for name, address in manager.addresses.items():
            _log(said("{name} listens on {address}", name=name, address=address))
    _log(clock_words(world))
    _log(said("Running. Ctrl-C stops it."))
    await stopping.wait()
    _log(said("Stopping."))
    await manager.stop()


def _log(text: str) -> None:
    """Print a line, into a log with its time: what ended, when, and when it was started again."""
    at = "" if err.is_terminal else f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} "
    err.print(at + text, markup=False, highlight=False)


def _detach(
    world: Installation, database: str, nats_server: str, port_base: int | None, as_json: bool
) -> None:
    if world.running():
        _fail(said("{state} is already running; see `netral status`", state=world.folder))
    world.logs.mkdir(parents=True, exist_ok=True)
    log = world.logs / "supervisor.log"
    command = [sys.executable, "-m", "cli", "up", "--state", str(world.folder)]
    command += ["--database", database] if database else []
    command += ["--nats-server", nats_server] if nats_server else []
    command += ["--port-base", str(port_base)] if port_base is not None else []
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    started = time.monotonic()
    while not (running := world.running()) or not _all_up(world, running["addresses"]):
        if process.poll() is not None or time.monotonic() - started > patience.patience(90):
            _fail(said("it did not start; the end of {log}:", log=log) + f"\n{processes.tail(log)}")
        time.sleep(0.1)
    _print_addresses(running["addresses"], as_json)
    err.print(clock_words(world), markup=False, highlight=False)


def clock_words(world: Installation) -> str:
    """Say whether the clock of a world that runs reminds and records what is overdue by itself."""
    if why := world.clock_stands():
        return said(
            "The clock stands still ({why}): nobody is reminded, and no step is taken by itself. "
            "Start with NETRAL_CLOCK_SECONDS=10 to let it run.",
            why=why,
        )
    return said("The clock runs: who is late is reminded, and what is overdue is recorded, by itself.")


def down(state: StateOption = DEFAULT_STATE, as_json: JsonOption = False) -> None:
    """[rw] Stop what `netral up` started, and wait until it has.

    Example: netral down
    """
    world = Installation(state)
    running = world.running()
    if running is None:
        err.print(said("{state} is not running.", state=state), markup=False, highlight=False)
    else:
        os.kill(running["supervisor"], signal.SIGTERM)
        started = time.monotonic()
        while world.running():
            if time.monotonic() - started > patience.patience(40):
                _fail(said("it does not stop; see the logs"))
            time.sleep(0.05)
    if as_json:
        print_json({"stopped": running is not None})


def status(state: StateOption = DEFAULT_STATE, as_json: JsonOption = False) -> None:
    """[ro] Show the processes, their addresses and health, and what is wrong. Exit code 1 if one is not serving.

    Example: netral status --json
    """
    world = Installation(state)
    running = world.running()
    if running is None:
        _fail(said("{state} is not running; start it with `netral up`", state=state))
    serving = _serving(running["addresses"])
    found = asyncio.run(of_desks.of_world(world, running, feeds=False))
    if as_json:
        clock = world.clock_stands()
        print_json({**running, "serving": serving, "clock_stands": clock, "findings": plain(found)})
    else:
        table = table_of("process", "pid", "restarts", "address", "trail (HTTP)", "serving")
        for name, process in running["processes"].items():
            well = "" if name == processes.NATS else said("yes") if serving[name] else said("no")
            table.add_row(
                name,
                str(process["pid"]),
                str(process["restarts"]),
                running["addresses"][name],
                running["http"].get(name, ""),
                well,
            )
        out.print(table)
        _print_metrics(running.get("metrics", {}))
        err.print(clock_words(world), markup=False, highlight=False)
        print_findings(found)
    raise typer.Exit(0 if all(serving.values()) else 1)


def _serving(addresses: dict[str, str]) -> dict[str, bool]:
    async def ask() -> dict[str, bool]:
        answers = await asyncio.gather(*(processes.is_serving(addresses[name], name) for name in HOSTS))
        return dict(zip(HOSTS, answers, strict=True))

    with contextlib.suppress(KeyError):
        return asyncio.run(ask())
    return dict.fromkeys(HOSTS, False)


def _all_up(world: Installation, addresses: dict[str, str]) -> bool:
    """Ask whether each host does all that it can now; one that was restored may serve reads only."""

    async def ask() -> bool:
        answers = [processes.is_up(world, addresses[name], name) for name in HOSTS]
        return all(await asyncio.gather(*answers))

    with contextlib.suppress(KeyError):
        return asyncio.run(ask())
    return False


def _print_addresses(addresses: dict[str, str], as_json: bool) -> None:
    if as_json:
        print_json({"addresses": addresses})
        return
    table = table_of("process", "listens on")
    for name, address in addresses.items():
        of_desk = said("grpc {address} (health, reflection)", address=address)
        table.add_row(name, f"nats://{address}" if name == processes.NATS else of_desk)
    out.print(table)


def _print_metrics(addresses: dict[str, str]) -> None:
    """Say where Prometheus finds the metrics of each host."""
    for name, address in addresses.items():
        url = f"http://{address}/metrics"
        out.print(said("metrics of {host}: {url}", host=name, url=url), highlight=False)


def _fail(text: str) -> NoReturn:
    err.print(text, markup=False, highlight=False)
    raise typer.Exit(1)

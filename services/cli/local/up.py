"""`netral up`, `down`, `status` and `keys init`: a world on one machine."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import Annotated, NoReturn

import typer

from cli.options import JsonOption, StateOption, err, out, print_json, table_of
from operations.local.installation import (
    DEFAULT_STATE,
    EXAMINERS,
    HOSTS,
    Installation,
    make_world,
    pass_role,
    rotate_seal,
)
from operations.local.processes import NATS, CannotStart, Supervisor, is_serving, tail
from refusals import NotAllowed


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    keys = typer.Typer(help="Keys and the parties file.", no_args_is_help=True)
    keys.command("init")(keys_init)
    keys.command("pass-role")(keys_pass_role)
    keys.command("rotate-seal")(keys_rotate_seal)
    app.add_typer(keys, name="keys")
    app.command("up")(up)
    app.command("down")(down)
    app.command("status")(status)


def keys_init(
    state: StateOption = DEFAULT_STATE,
    examiner: Annotated[
        str, typer.Option(help="Who holds the examiner role: kasn, bkn, or as the law has it: law.")
    ] = "kasn",
    ml_dsa: Annotated[
        bool,
        typer.Option(
            "--ml-dsa", help="Give supervisor and examiners a second key (ML-DSA-44) to cosign logs with."
        ),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Throw away the world that is there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """\\[rw] Make a development world: parties file, keys of every institution, NATS passwords.

    By law KASN's role passed to BKN on 4 September 2024; a development world lets KASN's go on until `netral keys pass-role`,
    unless told otherwise. The examiner's desk serves both.

    Example: netral keys init --examiner law
    """
    if examiner not in EXAMINERS:
        raise typer.BadParameter(f"one of {', '.join(EXAMINERS)}", param_hint="--examiner")
    world = Installation(state)
    if world.running():
        _fail(f"{state} is running; `netral down` first")
    if world.exists:
        if not force:
            _fail(f"{state} already has a world; --force throws it away, with its keys and data")
        shutil.rmtree(state)
    make_world(world, examiner, ml_dsa=ml_dsa)
    parties = sum(len(served) for served in world.hosts().values())
    if as_json:
        print_json({"state": str(state), "parties": parties, "examiner": examiner})
    else:
        err.print(f"{state}: {parties} parties, examiner {examiner}. These keys are for development only.")


def keys_pass_role(
    to: Annotated[str, typer.Option(help="The next examiner, such as bkn.")] = "bkn",
    state: StateOption = DEFAULT_STATE,
    as_json: JsonOption = False,
) -> None:
    """\\[rw] Let the examiner's role pass on from now: a new version of the parties file, for a world that is stopped.

    Stop the world first (`netral down`); after it, the old examiner hands over (`netral examiner transfer`) and does
    nothing else, and the new one goes on.

    Example: netral keys pass-role --to bkn
    """
    world = Installation(state)
    if not world.exists:
        _fail(f"{state} has no world; `netral keys init` first")
    if world.running():
        _fail(f"{state} is running; `netral down` first")
    try:
        holder = pass_role(world, to, datetime.now(UTC))
    except NotAllowed as refusal:
        _fail(refusal.message)
    if as_json:
        print_json({"state": str(state), "from": holder, "to": to})
    else:
        err.print(f"{state}: the examiner's role passed from {holder} to {to}. `netral up` starts with it.")


def keys_rotate_seal(
    party: Annotated[
        list[str] | None, typer.Option("--party", help="Only this party; more by repeating it. Without: all.")
    ] = None,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="Destroy the older private keys now, not a day after.")
    ] = False,
    state: StateOption = DEFAULT_STATE,
    as_json: JsonOption = False,
) -> None:
    """\\[rw] New sealing keys (HPKE) from now: a new version of the parties file, for a world that is stopped.

    Personal parts that lie sealed on the bus, or in a backup of it, are readable as long as the private key exists to which they
    were sealed: rotate on a schedule (a month, say), and after an erasure. Older private keys are destroyed a day after their
    period ended, when the desk starts.

    Example: netral keys rotate-seal
    """
    world = Installation(state)
    if not world.exists:
        _fail(f"{state} has no world; `netral keys init` first")
    if world.running():
        _fail(f"{state} is running; `netral down` first")
    unknown = set(party or ()) - {each for served in world.hosts().values() for each in served}
    if unknown:
        raise typer.BadParameter(f"no keys of {', '.join(sorted(unknown))} are here", param_hint="--party")
    rotated = rotate_seal(world, datetime.now(UTC), party or (), at_once=at_once)
    if as_json:
        print_json({"state": str(state), "parties": rotated})
    else:
        err.print(f"{state}: new sealing keys for {len(rotated)} parties. `netral up` starts with them.")


def up(
    state: StateOption = DEFAULT_STATE,
    database: Annotated[
        str, typer.Option(help="URL template for databases, such as postgresql+asyncpg://host/{name}.")
    ] = "",
    nats_server: Annotated[
        str, typer.Option(help="A nats-server of 2.15 or later, instead of the one installed.")
    ] = "",
    detach: Annotated[bool, typer.Option("--detach", help="Return when everything is healthy.")] = False,
    as_json: JsonOption = False,
) -> None:
    """\\[rw] Start NATS and the three services, keep them running, stop on Ctrl-C.

    Example: netral up --state .netral
    """
    world = Installation(state)
    if not world.exists:
        make_world(world)
        err.print(f"{state}: a development world was made (`netral keys init`).")
    if detach:
        _detach(world, database, nats_server, as_json)
        return
    try:
        asyncio.run(_up(world, database, nats_server, as_json))
    except CannotStart as error:
        _fail(str(error))


async def _up(world: Installation, database: str, nats_server: str, as_json: bool) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    supervisor = Supervisor(world, database, nats_server=nats_server, say=err.print)
    await supervisor.start()
    _print_addresses(supervisor.addresses, as_json)
    err.print("Running. Ctrl-C stops it.")
    await stopping.wait()
    err.print("Stopping.")
    await supervisor.stop()


def _detach(world: Installation, database: str, nats_server: str, as_json: bool) -> None:
    if world.running():
        _fail(f"{world.folder} is already running; see `netral status`")
    world.logs.mkdir(parents=True, exist_ok=True)
    log = world.logs / "supervisor.log"
    command = [sys.executable, "-m", "cli", "up", "--state", str(world.folder)]
    command += ["--database", database] if database else []
    command += ["--nats-server", nats_server] if nats_server else []
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    deadline = time.monotonic() + 90
    while not (running := world.running()) or not all(_serving(running["addresses"]).values()):
        if process.poll() is not None or time.monotonic() > deadline:
            _fail(f"it did not start; the end of {log}:\n{tail(log)}")
        time.sleep(0.1)
    _print_addresses(running["addresses"], as_json)


def down(state: StateOption = DEFAULT_STATE, as_json: JsonOption = False) -> None:
    """\\[rw] Stop what `netral up` started, and wait until it has.

    Example: netral down
    """
    world = Installation(state)
    running = world.running()
    if running is None:
        err.print(f"{state} is not running.")
    else:
        os.kill(running["supervisor"], signal.SIGTERM)
        deadline = time.monotonic() + 40
        while world.running():
            if time.monotonic() > deadline:
                _fail("it does not stop; see the logs")
            time.sleep(0.05)
    if as_json:
        print_json({"stopped": running is not None})


def status(state: StateOption = DEFAULT_STATE, as_json: JsonOption = False) -> None:
    """\\[ro] What runs, where it listens, and whether it is serving. Exit code 1 if something is not.

    Example: netral status --json
    """
    running = Installation(state).running()
    if running is None:
        _fail(f"{state} is not running; start it with `netral up`")
    serving = _serving(running["addresses"])
    if as_json:
        print_json({**running, "serving": serving})
    else:
        table = table_of("process", "pid", "restarts", "address", "trail (HTTP)", "serving")
        for name, process in running["processes"].items():
            well = "" if name == NATS else "yes" if serving[name] else "no"
            table.add_row(
                name,
                str(process["pid"]),
                str(process["restarts"]),
                running["addresses"][name],
                running["http"].get(name, ""),
                well,
            )
        out.print(table)
    raise typer.Exit(0 if all(serving.values()) else 1)


def _serving(addresses: dict[str, str]) -> dict[str, bool]:
    async def ask() -> dict[str, bool]:
        answers = await asyncio.gather(*(is_serving(addresses[name], name) for name in HOSTS))
        return dict(zip(HOSTS, answers, strict=True))

    with contextlib.suppress(KeyError):
        return asyncio.run(ask())
    return dict.fromkeys(HOSTS, False)


def _print_addresses(addresses: dict[str, str], as_json: bool) -> None:
    if as_json:
        print_json({"addresses": addresses})
        return
    table = table_of("process", "listens on")
    for name, address in addresses.items():
        table.add_row(name, f"nats://{address}" if name == NATS else f"grpc {address} (health, reflection)")
    out.print(table)


def _fail(text: str) -> NoReturn:
    err.print(text, markup=False, highlight=False)
    raise typer.Exit(1)

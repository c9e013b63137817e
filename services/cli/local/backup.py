"""`netral backup`, `restore` and `recovery`: copies of hosts, and hosts out of copies, for who runs them."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from cli.deferred_imports import deferred_imports
from cli.host_settings import host_names, settings_in, settings_of
from cli.language import said
from cli.options import Commands, JsonOption, StateOption
from cli.output import err, out, print_json, table_of
from operations.local.installation import DEFAULT_STATE, Installation

with deferred_imports():
    import asyncio

    from exchange import settings as host_settings
    from operations.backup import back_up, manifest, recoveries
    from operations.backup import restore as backup_restore

HostOption = Annotated[
    list[str] | None, typer.Option(help="Only this host: bawaslu, kasn or ppk; may be repeated.")
]
DatabaseOption = Annotated[
    str, typer.Option(help="URL template of the databases, as given to `up`; without, SQLite files.")
]
EnvironmentOption = Annotated[
    bool, typer.Option("--environment", help="The one host that NETRAL_… variables describe, not a world.")
]


def commands() -> Commands:
    """The commands of this module by name."""
    return {
        "backup": backup,
        "restore": restore,
        "recovery": recovery,
    }


def backup(
    folder: Annotated[Path, typer.Argument(help="A folder to make; it must not be there, or be empty.")],
    host: HostOption = None,
    keys: Annotated[
        Path | None,
        typer.Option(
            help="Copy the private keys too, into this folder of its own: who has both can sign and read everything."
        ),
    ] = None,
    database: DatabaseOption = "",
    environment: EnvironmentOption = False,
    state: StateOption = DEFAULT_STATE,
    as_json: JsonOption = False,
) -> None:
    """[rw] Back up hosts while they run: databases as of one moment, documents, the newest head of each log.

    Private keys are left out. After an erasure make a new backup, and destroy the older ones.

    Example: netral backup backup-1 --keys keys-1
    """
    hosts = {name: settings_of(name, state, database, environment) for name in host_names(host, environment)}
    try:
        made = asyncio.run(back_up.back_up(folder, hosts))
        copied = 0
        if keys is not None:
            admin = None if environment else Installation(state).nats / "admin.password"
            copied = back_up.save_keys(keys, hosts, admin)
    except (back_up.CannotBackUp, OSError) as error:
        _fail(str(error))
    if as_json:
        print_json(
            {
                "folder": str(folder),
                "made": made.made.isoformat(),
                "files": len(made.files),
                "keys": copied,
                "logs": {
                    party: log.size for saved in made.hosts.values() for party, log in saved.logs.items()
                },
            }
        )
        return
    logs = [log for saved in made.hosts.values() for log in saved.logs.values()]
    leaves = sum(log.size for log in logs)
    out.print(
        said(
            "{folder}: {hosts}; {logs} logs, {leaves} leaves, {files} files.",
            folder=folder,
            hosts=", ".join(hosts),
            logs=len(logs),
            leaves=leaves,
            files=len(made.files),
        )
    )
    if keys is None:
        err.print(said("Private keys are not in it: back them up apart (--keys)."))
    else:
        err.print(
            said(
                "PRIVATE KEYS: {files} files in {folder}. Who has them and the backup can sign and read everything: "
                "keep them apart, encrypted, and only the newest.",
                files=copied,
                folder=keys,
            )
        )


def restore(
    folder: Annotated[Path, typer.Argument(help="A folder that `netral backup` made.")],
    host: HostOption = None,
    keys: Annotated[
        Path | None, typer.Option(help="The folder of the private keys, as `netral backup --keys` made it.")
    ] = None,
    database: DatabaseOption = "",
    environment: EnvironmentOption = False,
    state: StateOption = DEFAULT_STATE,
    as_json: JsonOption = False,
) -> None:
    """[rw] Put hosts back from a backup into an empty place. Each serves reads only until no peer holds more than it does.

    Every file is checked first. `netral recovery` shows whom a host waits for, and who holds what it does not have.

    Example: netral restore backup-1 --keys keys-1 --state .netral-again
    """
    try:
        read = manifest.read(folder)
    except manifest.BadBackup as error:
        _fail(str(error))
    wanted = host_names(host, environment) if host else list(read.hosts)
    world = Installation(state)
    if not environment and not host and world.folder.exists() and any(world.folder.iterdir()):
        _fail(
            said(
                "{state} is not empty: name an empty folder with --state, or one host with --host",
                state=state,
            )
        )
    settings = {
        name: host_settings.Settings() if environment else settings_in(world, name, database)
        for name in wanted
    }
    try:
        asyncio.run(backup_restore.restore(folder, read, settings, keys))
        if not environment and keys is not None:
            backup_restore.put_admin_password(keys, world.nats)
    except (backup_restore.CannotRestore, OSError) as error:
        _fail(str(error))
    if as_json:
        print_json({"hosts": wanted, "made": read.made.isoformat()})
        return
    moment = read.made.isoformat(timespec="seconds")
    out.print(said("{hosts}: as of {moment}.", hosts=", ".join(wanted), moment=moment))
    err.print(said("It serves reads only until no peer holds more: start it, then `netral recovery`."))


def recovery(
    host: HostOption = None,
    without: Annotated[
        list[str] | None,
        typer.Option(help="Go on without the answer of this party, which is gone for good; may be repeated."),
    ] = None,
    state: StateOption = DEFAULT_STATE,
    environment: EnvironmentOption = False,
    as_json: JsonOption = False,
) -> None:
    """[rw] Show how far restored hosts are: whom they wait for, and who holds what they do not have.

    Exit code 1 while a host recovers. What a peer holds beyond a host no option lets it forget: it would sign a second log.

    Example: netral recovery --host kasn
    """
    names = host_names(host, environment)
    folders = {
        name: host_settings.Settings().state_folder if environment else Installation(state).host(name)
        for name in names
    }
    states = recoveries.under_way(folders)
    for name in states if without else ():
        recoveries.go_on_without(folders[name], without or ())
    if as_json:
        print_json({name: _plain(each) for name, each in states.items()})
    else:
        _print_states(states)
    raise typer.Exit(1 if states else 0)


def _plain(state: "recoveries.RecoveryState | None") -> dict[str, object]:
    if state is None:
        return {"at": "", "unanswered": [], "beyond": []}
    return {"at": state.at, "unanswered": state.unanswered, "beyond": [asdict(each) for each in state.beyond]}


def _print_states(states: "dict[str, recoveries.RecoveryState | None]") -> None:
    if not states:
        out.print(said("No host recovers."))
    for name, state in states.items():
        if state is None:
            _line(said("{host}: recovers; it has not asked its peers yet. Start it.", host=name))
            continue
        _line(said("{host}: recovers, serving reads only ({at}).", host=name, at=state.at))
        if state.unanswered:
            _line(
                said(
                    "  waits for {peers}; --without PARTY for one that is gone for good",
                    peers=", ".join(state.unanswered),
                )
            )
        if state.beyond:
            table = table_of("party", "peer", "of", "peer holds", "here")
            for each in state.beyond:
                table.add_row(each.party, each.peer, each.kind, each.held, each.here)
            out.print(table)
            _line(said("  Peers hold more than the backup: restore a newer one."))


def _line(text: str) -> None:
    out.print(text, highlight=False, soft_wrap=True)


def _fail(text: str) -> NoReturn:
    err.print(text, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(1)

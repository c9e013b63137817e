"""All checks of one host from the inside: its logs, the exchange's books, and the state that its trail gives.

What is harmed lower down is not judged higher up: books are compared with leaves that are whole, state with books that are.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, column, inspect, select, text
from sqlalchemy.exc import DBAPIError

from audit import wire
from audit.log.reads import NoSuchLog
from audit.verification.findings import Finding
from audit.verification.logs import verify_log
from exchange.personal_data import vault
from exchange.personal_data.wrapping_keys import BadWrappingKeys
from exchange.settings import Settings
from exchange.statements import trust
from exchange.statements.public_keys import author_keys, log_keys
from exchange.witness_config import ExternalWitness, load_external_witnesses
from host.replay import Inside
from operations.selfcheck import exchange, log, log_indexes
from operations.selfcheck.host_tables import REPLAYS, read_host_tables
from operations.selfcheck.progress import Position, Progress
from operations.selfcheck.replay import check_state
from operations.selfcheck.witnessing import check_witnessing
from storage import faults
from storage.engines import Database

__all__ = ["Advanced", "CannotCheck", "Checked", "Progress", "check_host"]

Advanced = Callable[[str, int, int], None]
"""Told of each step: which log, how many of its leaves are checked, and of how many."""


@dataclass(frozen=True)
class Checked:
    """Result of the check of a host: how many leaves each log has, and what is not as it must be."""

    host: str
    sizes: Mapping[str, int]
    findings: list[Finding]
    not_compared: str = ""


async def check_host(
    name: str,
    settings: Settings,
    progress: Progress,
    advanced: Advanced = lambda party, done, size: None,
    *,
    quick: bool = False,
) -> Checked:
    """Check the host of this name whose databases, keys and parties file `settings` name. Only reads.

    Raises:
        CannotCheck: its keys or databases do not open.
        BadPartiesFile: the parties file cannot be trusted.

    `quick` leaves out the signatures of single leaves (some 15,000 a second) and the replay of the trail, which reads the
    host's database into memory.
    """
    host = await _open(name, settings)
    try:
        sizes = await log.sizes(host.database, host.served)
        for party, size in sizes.items():
            await _check_log(host, progress, party, size, advanced)
        findings = [found for party in sizes for found in progress.positions[party].findings]
        findings += await _readable(host, _strays(host))
        if not findings and not quick:
            findings += await _readable(host, _check_signed(host, sizes))
        if not findings:
            findings += await _readable(host, _check_books(host, sizes))
        not_compared = ""
        if findings:
            not_compared = "the state was not compared: what it comes from is harmed"
        elif not quick:
            findings += await _readable(host, _check_state(host, list(sizes)))
        progress.forget()
        return Checked(name, sizes, findings, not_compared)
    finally:
        await host.database.close()
        await host.vault.database.close()


@dataclass(frozen=True)
class _Host:
    """Everything that is needed to look into a host."""

    name: str
    served: list[str]
    parties: trust.Parties
    guests: Sequence[ExternalWitness]
    database: Database
    vault: vault.Vault


class CannotCheck(Exception):
    """The host's keys or databases do not open; the message says why."""


async def _open(name: str, settings: Settings) -> _Host:
    keys_file = settings.vault_keys_file or settings.keys_folder / "vault.key"
    try:
        storage_key = vault.read_storage_key(settings.keys_folder / "storage.key")
        opener = vault.Vault(Database(settings.vault_url), storage_key, keys_file)
        await opener.open(writes=False)
    except (vault.BadStorageKey, BadWrappingKeys) as error:
        raise CannotCheck(f"{name}: {error}") from error
    except Exception as error:
        if not (isinstance(error, DBAPIError) or faults.is_passing(error)):
            raise
        raise CannotCheck(f"{name}: its databases do not open; has it ever run?") from error
    return _Host(
        name,
        sorted(path.stem for path in settings.keys_folder.glob("*.pem")),
        trust.load_parties(settings.parties_file),
        load_external_witnesses(settings.witnesses_file),
        Database(settings.database_url),
        opener,
    )


async def _readable(host: _Host, check: Awaitable[list[Finding]]) -> list[Finding]:
    """Return what a check finds; also that it could not read a row at all."""
    try:
        return await check
    except (ValueError, LookupError, TypeError) as error:
        # Only its type: who could not read a value may quote it.
        return [Finding("", -1, "", "state", f"{host.name}: a row cannot be read ({type(error).__name__})")]


async def _check_signed(host: _Host, logs_here: Iterable[str]) -> list[Finding]:
    """Check what bears a signature, or is committed to by something that does."""
    found = []
    for party in logs_here:
        found += await _verify(host, party)
        found += await log_indexes.check_chains(host.database, party)
        found += await log_indexes.check_search_rows(host.database, party)
    async with host.database.read() as connection:
        found += await check_witnessing(connection, host.parties, host.guests)
    return found


async def _check_books(host: _Host, logs_here: Iterable[str]) -> list[Finding]:
    return [
        found for party in logs_here for found in await exchange.check_books(host.database, party, host.vault)
    ]


async def _strays(host: _Host) -> list[Finding]:
    """Rows of parties that this host does not serve, in whatever table: nobody would ever look at them."""
    async with host.database.read() as connection:
        names = await connection.run_sync(_tables_of_parties)
        found = []
        for name in names:
            rows = await connection.execute(select(column("party")).select_from(text(f'"{name}"')).distinct())
            strange = sorted({row.party for row in rows} - set(host.served))
            found += [
                Finding(party, -1, "", "stray", f"{name}: rows of a party not served here")
                for party in strange
            ]
    return found


def _tables_of_parties(connection: Connection) -> list[str]:
    inspector = inspect(connection)
    names = sorted(inspector.get_table_names())
    return [name for name in names if any(each["name"] == "party" for each in inspector.get_columns(name))]


async def _verify(host: _Host, party: str) -> list[Finding]:
    """Check this log as an auditor would: signatures, receipts, and columns that differ from the bytes."""
    try:
        items = [item async for item in wire.exported(host.database, party)]
    except (
        NoSuchLog
    ):  # it ended before its first leaves had a place; what waits for one is looked at with the log
        return []
    return verify_log(party, items, author_keys(host.parties), log_keys(host.parties, party)).findings


async def _check_state(host: _Host, logs_here: Sequence[str]) -> list[Finding]:
    """Check the tables of the desk, of the rooms beside it and of monitoring: made again from the trail and the personal parts."""
    tables = await read_host_tables(host.name, host.database)
    found = list(check_state(tables))
    async with host.database.read() as connection:
        inside = Inside(connection, host.vault, tables.leaves, logs_here)
        for replay in REPLAYS[host.name]:
            found += await replay.check(inside)
    return found


async def _check_log(host: _Host, progress: Progress, party: str, size: int, advanced: Advanced) -> None:
    position = progress.positions.setdefault(party, Position())
    advanced(party, position.next, size)

    def step() -> None:
        advanced(party, position.next, size)
        progress.keep()

    await log.check_log(host.database, party, log_keys(host.parties, party), position, step)

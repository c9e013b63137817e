"""All checks of one host from the inside: its logs, the exchange's books, and the state that its trail gives.

What is harmed lower down is not judged higher up: books are compared with leaves that are whole, state with books that are.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from audit import fsck as logs
from audit import note
from audit.fsck import Position
from audit.verify import Finding
from exchange import fsck as books
from exchange import trust, vault
from exchange.database import Database
from exchange.settings import Settings
from recovery.replay import check_state, read_books

Advanced = Callable[[str, int, int], None]
"""Told of each step: which log, how many of its leaves are checked, and of how many."""


@dataclass(frozen=True)
class Checked:
    """What the check of a host gave: how many leaves each log has, and what is not as it must be."""

    host: str
    sizes: Mapping[str, int]
    findings: list[Finding]
    not_compared: str = ""


@dataclass
class Progress:
    """How far the logs of a host are checked, kept in a file so that a check that was stopped goes on there."""

    file: Path | None = None
    positions: dict[str, Position] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path) -> "Progress":
        """What was kept, or a new one.

        Raises:
            ValueError: the file is no such thing.
        """
        try:
            document = json.loads(file.read_text())
            positions = {party: Position.read(each) for party, each in document.items()}
        except FileNotFoundError:
            return cls(file)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{file} does not say how far a check has come: {error}") from error
        return cls(file, positions)

    def keep(self) -> None:
        """Write it whole or not at all."""
        if self.file is not None:
            draft = self.file.with_suffix(".draft")
            draft.write_text(json.dumps({party: each.document() for party, each in self.positions.items()}))
            draft.replace(self.file)

    def forget(self) -> None:
        """The check has come to its end."""
        if self.file is not None:
            self.file.unlink(missing_ok=True)


async def check_host(
    name: str,
    settings: Settings,
    progress: Progress,
    advanced: Advanced = lambda party, done, size: None,
    *,
    state: bool = True,
) -> Checked:
    """Check the host of this name whose databases, keys and parties file `settings` name. Only reads.

    `state`: replay the trail, too, and compare it with the desk's tables; that reads the host's database into memory.
    """
    parties = trust.load_parties(settings.parties_file)
    database, keys = Database(settings.database_url), Database(settings.vault_url)
    served = sorted(path.stem for path in settings.keys_folder.glob("*.pem"))
    try:
        sizes = await logs.sizes(database, served)
        for party, size in sizes.items():
            await _check_log(database, parties, progress, party, size, advanced)
        findings = [found for party in sizes for found in progress.positions[party].findings]
        storage_key = vault.read_storage_key(settings.keys_folder / "storage.key")
        opener = vault.Vault(keys, storage_key)
        if not findings:
            for party in sizes:
                findings += await books.check_books(database, party, opener)
        not_compared = ""
        if findings:
            not_compared = "the state was not compared: what it comes from is harmed"
        elif state:
            findings += check_state(await read_books(name, database))
        progress.forget()
        return Checked(name, sizes, findings, not_compared)
    finally:
        await database.close()
        await keys.close()


async def _check_log(
    database: Database, parties: trust.Parties, progress: Progress, party: str, size: int, advanced: Advanced
) -> None:
    position = progress.positions.setdefault(party, Position())
    advanced(party, position.next, size)

    def step() -> None:
        advanced(party, position.next, size)
        progress.keep()

    await logs.check_log(database, party, log_keys(parties, party), position, step)


def log_keys(parties: trust.Parties, party: str) -> list[note.Verifier]:
    """The keys that signed a party's log over the years, as the parties file has them."""
    known = parties.get(party)
    signing = known.signing if known else ()
    return [note.Verifier(f"netral/{party}", key.public.public_bytes_raw()) for key in signing]

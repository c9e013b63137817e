"""Three desks and a post that may do anything but forge: hold back, shuffle, repeat, lose. For tests of any order of events.

Real desks with their databases, handlers and signatures; only the stream is a list. What is lost comes again, because the
relay sends until it has a receipt.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from audit.formats import note
from audit.sequencing.sequencer import Sequencer
from audit.sequencing.writer_lease import Lease
from exchange.bus import subjects
from exchange.context import HostContext
from exchange.delivery import relay
from exchange.delivery.inbox.process import process_messages
from exchange.reconciliation import reports
from exchange.settings import Settings
from host import front_door
from host.lifecycle import process
from storage.types import table
from support import migrated
from support.invariants import MATTERS, HostTables, read_host_tables
from support.steps import MODULES, Alone, Place, answer, service_of

# Longer than any delay of the relay: whatever is not settled is due each time the post comes.
_LATER = timedelta(hours=2)


@dataclass
class Post:
    """The desks, and what is on its way between them."""

    desks: Mapping[str, HostContext]
    folder: Path
    mail: list[tuple[str, bytes]] = field(default_factory=list)
    collected: int = 0
    # Commits leave their statements in memory, from where they are collected; else the relay reads them all.
    from_memory: bool = True

    @classmethod
    async def open(cls, place: Place) -> "Post":
        desks = {}
        for name, module in MODULES.items():
            settings = Settings(
                parties_file=place.folder / "parties.json",
                keys_folder=place.folder / name,
                database_url=place.database(name),
                vault_url=place.database(f"{name}_vault"),
                state_folder=place.folder,
            )
            await migrated.desk(name, module.HOST.migrations, settings.database_url, settings.vault_url)
            desks[name] = await process.open_context(
                settings, name, module.HOST.store, module.HOST.rules, *module.HOST.migrations
            )
        post = cls(desks, place.folder)
        for desk in desks.values():
            desk.outgoing.stream_takes = lambda: post.from_memory
        return post

    async def close(self) -> None:
        for desk in self.desks.values():
            await desk.database.close()
            await desk.vault.database.close()

    def desk_of(self, party: str) -> str:
        return next(name for name, desk in self.desks.items() if party in desk.parties)

    async def call(self, party: str, method: str, request: Any) -> Any:
        """One writing call, or the refusal that is raised."""
        name = self.desk_of(party)
        front_door.set_caller(front_door.Caller(party, "officer-1", "officer"))
        desk = self.desks[name]
        return await answer(service_of(name, method), desk, Alone(desk), method, request)

    async def collect(self) -> None:
        """Everything that is not settled is handed to the post, whatever was handed over before."""
        self.collected += 1
        for desk in self.desks.values():
            now = desk.now
            later = now() + self.collected * _LATER
            desk.now = lambda later=later: later  # type: ignore[misc]
            try:
                await relay.relay_from_memory(desk, self._take_mail)
                await relay.relay_once(desk, self._take_mail, relay.RetryPolicy())
                await relay.ask_for_gaps(desk, self._take_mail, relay.RetryPolicy())
            finally:
                desk.now = now

    async def _take_mail(self, subject: subjects.Subject, data: bytes, _headers: Mapping[str, str]) -> None:
        self.mail.append((str(subject), data))

    async def deliver(self, draw: random.Random, share: float, repeat: float) -> None:
        """Deliver a share of the mail in any order, some of it twice, in batches of any size; the rest stays."""
        draw.shuffle(self.mail)
        count = round(len(self.mail) * share)
        going, self.mail = self.mail[:count], self.mail[count:]
        going += [letter for letter in going if draw.random() < repeat]
        draw.shuffle(going)
        while going:
            size = draw.randint(1, len(going))
            await self._arrive(going[:size])
            going = going[size:]

    async def _arrive(self, letters: Sequence[tuple[str, bytes]]) -> None:
        for name, desk in self.desks.items():
            mine = [
                letter
                for letter in letters
                if subjects.Subject(*letter[0].split(".")[2:]).recipient in desk.parties
            ]
            if mine:
                result = await process_messages(desk, MODULES[name].HOST.handlers, mine, reports.compare)
                await relay.publish_replies(self._take_mail, result.replies)

    async def settle(self) -> None:
        """Until nothing is on its way any more, and every leaf has its place."""
        everything = random.Random(0)
        for _ in range(50):
            await self.collect()
            if not self.mail:
                break
            while self.mail:
                await self.deliver(everything, 1.0, 0.0)
        else:
            raise AssertionError("the post does not settle")
        for name, desk in self.desks.items():
            signers = {
                party: note.Signer(f"netral/{party}", keys.signing) for party, keys in desk.keys.items()
            }
            witnessed = self.folder / f"{name}-witnessed"
            sequencer = Sequencer(
                desk.database, signers, desk.now, Lease(f"{name}-post", desk.now), witnessed
            )
            while await sequencer.run_once():
                pass

    async def matter(self, matter: str) -> dict[str, Any]:
        """The row of a matter at each party that has it."""
        found = {}
        for name, desk in self.desks.items():
            rows = table(MATTERS[name])
            async with desk.database.read_latest() as connection:
                for row in await connection.execute(select(rows).where(rows.c.id == matter)):
                    found[row.party] = row
        return found

    async def books(self) -> list[HostTables]:
        return [await read_host_tables(name, desk.database) for name, desk in self.desks.items()]

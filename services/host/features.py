"""Features: what a host offers, each a value; and a host, put together out of its list of features.

A feature is a function of what differs from host to host. Locks follow the sorted kinds of fact, not the order of the list.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import grpc
from sqlmodel import SQLModel

from agreement.elections import files as elections
from agreement.information import legal_bases
from agreement.parties import institutions, office_files, succession
from exchange.context import AgreementRules, EntityStore, Fact, FactKey, Facts, HostContext
from exchange.delivery.commands import Commands
from exchange.delivery.inbox.handlers import Handler, Handlers, IncomingStatement
from exchange.delivery.transaction import Transaction
from exchange.settings import Settings
from host import command_rows
from host.command_rows import CallContext, Service
from host.lifecycle import process, recovery, start_failures
from host.lifecycle.loops import Loop
from host.lifecycle.process import Clock, HostProcess
from host.services import acts, exchange_api
from host.services.exchange_api import SendReceipts
from host.worker_processes.pool import WorkerPool
from storage.together import Reading, Write

T = TypeVar("T")

RULES = AgreementRules(
    legal_bases.default_basis,
    legal_bases.objection,
    institutions.zone,
    succession.former_role,
    institutions.watch,
)


@dataclass(frozen=True)
class Feature:
    """Offer of a host under one name. `copies` are the types of which it takes the copies (tembusan).

    `retained` are the tables that say in which state a matter is, for its retention; `matters` give the facts, by party and
    id, that say whether a party has a matter.
    """

    name: str
    services: tuple[Service, ...] = ()
    received: Handlers = field(default_factory=dict)
    copies: Handlers = field(default_factory=dict)
    stores: Mapping[str, EntityStore] = field(default_factory=dict)
    migrations: Path | None = None
    loops: tuple[Loop, ...] = ()
    clock: Clock | None = None
    retained: tuple[type[SQLModel], ...] = ()
    matters: tuple[Callable[[str, str], FactKey], ...] = ()


def migrations_of(package: ModuleType) -> Path:
    """The folder of a package's migrations."""
    return Path(package.__path__[0]) / "migrations"


class Host:
    """A process with its features, put together. `told_both`: types that go to each feature that knows the matter.

    Raises:
        TypeError: two features offer the same, of which one would be lost without a word.
    """

    def __init__(self, name: str, features: Sequence[Feature], told_both: Collection[str] = ()) -> None:
        self.name, self.features, self.rules = name, features, RULES
        self.store = stores(_joined(each.stores for each in features))
        originals = _joined(each.received for each in features)
        copies = _joined(each.copies for each in features)
        both = {type: wherever_known(originals[type], copies[type]) for type in told_both}
        self.handlers: Handlers = {**originals_and_copies(originals, copies), **both}
        served = [service for each in features for service in each.services]
        self.services = [*served, acts.service(served)]
        self.permissions = command_rows.permissions(self.services) | exchange_api.PERMISSIONS
        self.migrations = tuple(each.migrations for each in features if each.migrations is not None)
        self.loops = tuple(loop for each in features for loop in each.loops)
        self.clock = _joined({"clock": each.clock} for each in features if each.clock is not None).get(
            "clock"
        )

    def register(
        self,
        server: grpc.aio.Server,
        desk: HostContext,
        commands: Commands,
        send_receipts: SendReceipts,
        workers: WorkerPool,
    ) -> Sequence[str]:
        """Add the services of all features to a server, and those of the exchange and the trail."""
        context = CallContext(desk, commands, partial(acts.standing, self.services, desk))
        return [
            *command_rows.register(server, context, self.services),
            *exchange_api.register(server, desk, commands, self.handlers, send_receipts, workers),
        ]

    async def serve(self) -> None:
        """Serve until the process is told to stop. Settings come from the environment (`exchange.settings`)."""
        process.start_log("INFO")
        with start_failures.explained(self.name):
            settings = Settings()
            process.start_log(settings.log_level)
            if settings.elections_folder is not None:
                elections.add_folder(settings.elections_folder)
            if settings.offices_file is not None:
                office_files.add_file(settings.offices_file)
        if recovery.is_recovering(settings.state_folder):
            running = await self._process(settings.model_copy(update={"read_only": True}), recovers=True)
            await process.serve(running)
            if running.recovery is None or not running.recovery.done:
                return
        await process.serve(await self._process(settings))

    async def _process(self, settings: Settings, *, recovers: bool = False) -> HostProcess:
        with start_failures.explained(self.name):
            desk = await process.open_context(settings, self.name, self.store, self.rules, *self.migrations)
            return HostProcess(
                settings,
                desk,
                self.handlers,
                self.permissions,
                self.register,
                self.clock,
                self.loops,
                recovers,
            )


def _joined(tables: Iterable[Mapping[str, T]]) -> dict[str, T]:
    """One table out of those of all features."""
    found: dict[str, T] = {}
    for each in tables:
        if twice := sorted(found.keys() & each.keys()):
            raise TypeError(f"two features of one host offer {', '.join(twice)}")
        found |= each
    return found


def stores(by_word: Mapping[str, EntityStore]) -> EntityStore:
    """One store out of many: each has the facts whose keys begin with its words.

    Rows are locked in the order of the words, wherever facts of two features change together.
    """
    words: dict[int, set[str]] = {}
    each: dict[int, EntityStore] = {}
    for word, store in sorted(by_word.items(), key=lambda item: item[0]):
        each.setdefault(id(store), store)
        words.setdefault(id(store), set()).add(word)

    def load(keys: Collection[FactKey]) -> Reading[Facts]:
        reading: Reading[Facts] = Reading((), lambda found: {})
        for name, store in each.items():
            if own := {key for key in keys if key[0] in words[name]}:
                reading = reading.beside(store.load(own)).then(_both)
        return reading

    def save(facts: Mapping[FactKey, Fact], new: Collection[FactKey]) -> Sequence[Write]:
        unknown = {key[0] for key in facts} - by_word.keys()
        assert not unknown, f"no room keeps {', '.join(sorted(unknown))}"
        writes: list[Write] = []
        for name, store in each.items():
            own = {key: value for key, value in facts.items() if key[0] in words[name]}
            if own:
                writes += store.save(own, {key for key in new if key in own})
        return writes

    return EntityStore(load, save)


def _both(facts: tuple[Facts, Facts]) -> Facts:
    return facts[0] | facts[1]


def originals_and_copies(originals: Handlers, copies: Handlers) -> Handlers:
    """One table of handlers: a copy (tembusan) goes to the room of `copies`, everything else to that of `originals`.

    A type that only one room takes goes there, copy or not: what it does with it is the room's own matter.
    """
    found = {**originals, **copies}
    for type in originals.keys() & copies.keys():
        found[type] = _by_copy(originals[type], copies[type])
    return found


def wherever_known(*handlers: Handler) -> Handler:
    """A type that tells something to several rooms of one party: it goes to each that has the matter, or to the first."""
    needs = tuple(dict.fromkeys(word for handler in handlers for word in handler.loads))
    assert len({handler.facts for handler in handlers}) == 1, "two rooms read one type differently"

    def handle(tx: Transaction, received: IncomingStatement) -> None:
        place = (tx.party, received.matter)
        known = [each for each in handlers if any(tx.get((word, *place)) is not None for word in each.loads)]
        for handler in known or handlers[:1]:
            handler.handle(tx, received)

    return Handler(handlers[0].facts, handle, needs)


def _by_copy(original: Handler, copy: Handler) -> Handler:
    assert original.facts is copy.facts, "two rooms read one type differently"

    def handle(tx: Transaction, received: IncomingStatement) -> None:
        (copy if received.copy_of else original).handle(tx, received)

    return Handler(original.facts, handle, tuple(dict.fromkeys((*original.loads, *copy.loads))))

"""Context of one host: who acts, where an agency keeps its facts, and the rules of the agreement that the exchange applies."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from audit.log import search_index
from exchange.outgoing import Outgoing
from exchange.parts import Parts
from exchange.peer_clocks import PeerClocks
from exchange.personal_data import vault
from exchange.settings import Settings
from exchange.signals import Signal
from exchange.statements.private_keys import PrivateKeys
from exchange.statements.trust import Parties
from exchange.witness_config import WitnessAssignment, load_external_witnesses
from netral.exchange.v1 import statement_pb2
from storage.engines import Database
from storage.together import Reading, Write

FactKey = tuple[str, ...]
"""Key of a fact: ("matter", party, id), ("number", party, kind, number)."""
Fact = Any
"""Value of a fact: the exchange carries it and never looks inside. `host.facts` reads it with its type."""
Facts = dict[FactKey, Fact]


@dataclass(frozen=True, slots=True)
class Actor:
    """Actor of a command: an officer (opaque id), a service, or the clock."""

    kind: statement_pb2.Actor.Kind.ValueType
    id: str
    role: str

    def message(self) -> statement_pb2.Actor:
        return statement_pb2.Actor(kind=self.kind, id=self.id, role=self.role)


@dataclass(frozen=True, slots=True)
class EntityStore:
    """An agency's own tables, as two plain functions, which a batch runs in one round trip with those of others.

    `load` is how the facts that exist are read, locked for change in key order; `save` is how facts are written, of which some
    are new. Those that did not exist have no row that could be locked: they are inserted, which fails if someone else was first.
    """

    load: Callable[[Collection[FactKey]], Reading[Facts]]
    save: Callable[[Mapping[FactKey, Fact], Collection[FactKey]], Sequence[Write]]


@dataclass(frozen=True, slots=True)
class AgreementRules:
    """The agreement's rules that the exchange applies without knowing them.

    `basis(type, on, sender)` is the legal basis to cite for a statement type on a date; `objection(basis, type, role,
    sender, on)` is what speaks against a statement under a basis, in a sentence that names it, and empty if nothing
    does; `zone(party)` is the time zone of a party's legal dates. `former(type)` is the role that a party keeps to hand
    over what it held: under it, it may send this type though its own role has ended ("": not). `watch(roles)` are the roles
    that cosign the log of a party with these roles: as peers, and as the crowd (see `audit.witnessing.quorum`).
    """

    basis: Callable[[str, date, str], str]
    objection: Callable[[str, str, str, str, date], str]
    zone: Callable[[str], ZoneInfo]
    former: Callable[[str], str] = lambda type: ""
    watch: Callable[[Collection[str]], tuple[frozenset[str], frozenset[str]]] = lambda roles: (
        frozenset(),
        frozenset(),
    )


@dataclass
class HostContext:
    """Context that the loops and handlers of one host share."""

    name: str
    parties: frozenset[str]
    database: Database
    trust: Parties
    keys: Mapping[str, PrivateKeys]
    vault: vault.Vault
    store: EntityStore
    law: AgreementRules
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    leaf_ids: Iterator[int]
    settings: Settings = field(default_factory=Settings)
    search_index_cache: search_index.SearchIndexCache = field(default_factory=search_index.SearchIndexCache)
    # Signals for the host's loops: committed leaves wait for their place in a log, and new heads for cosignatures.
    outbox_due: Signal = field(default_factory=Signal)
    outgoing: Outgoing = field(default_factory=Outgoing)
    leaves_committed: Signal = field(default_factory=Signal)
    new_heads: Signal = field(default_factory=Signal)
    parts: Parts = field(default_factory=Parts)
    peer_clocks: PeerClocks = field(default_factory=PeerClocks)
    watching: WitnessAssignment = field(init=False)

    def __post_init__(self) -> None:
        self.watching = WitnessAssignment(
            self.trust, self.law.watch, load_external_witnesses(self.settings.witnesses_file)
        )

    def may_send(self, party: str, type: str, role: str, at: datetime) -> bool:
        """True if a party held the role, or one kept for handing over, that may send this type at an instant (UTC)."""
        known = self.trust.get(party)
        if known is None:
            return False
        former = self.law.former(type)
        return known.holds(role, at) or (bool(former) and known.holds(former, at))

"""Tools of the replay modules: a host's trail as acts of its parties, and rows beside what the trail makes of them.

A topic's `replay.py` works its tables out again from signed statements and records, with the rules that made them; what differs was
changed by something else. Only `operations` replays.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Generic, Protocol, TypeAlias, TypeVar

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from sqlmodel import SQLModel

from audit.formats.leaf import Kind
from audit.log.events import decode_leaf
from audit.tables import Leaf
from audit.verification.findings import Finding
from exchange.personal_data.vault import Vault
from exchange.statements.protobuf_time import instant
from netral.exchange.v1.receipt_pb2 import Receipt
from netral.exchange.v1.record_pb2 import Record
from netral.exchange.v1.statement_pb2 import Statement
from storage.protocols import Connection

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")
E = TypeVar("E")
Model = TypeVar("Model", bound=SQLModel)

Id = tuple[str, str]
"""A party and the id of what it has."""
Key = tuple[str, ...]
"""A party, a matter or what else says which row, and more where that is not enough."""
Value: TypeAlias = "str | int | bytes | date | datetime | Sequence[Value] | Mapping[str, Value] | None"
Rows = Mapping[Key, Mapping[str, Value]]


# --- the trail ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sent:
    """A statement that a party made (UTC)."""

    party: str
    statement: Statement
    at: datetime


@dataclass(frozen=True, slots=True)
class Recorded:
    """An act that a party recorded (UTC)."""

    party: str
    record: Record
    at: datetime


@dataclass(frozen=True, slots=True)
class TakenUp:
    """A statement that a party took up, at the time of its outcome receipt (UTC)."""

    party: str
    statement: Statement
    at: datetime


Act = Sent | Recorded | TakenUp


@dataclass(frozen=True)
class Trail:
    """The acts of a host's parties in order, and every statement that they made or got, by id."""

    acts: Sequence[Act]
    statements: Mapping[str, Statement]


def read_trail(leaves: Iterable[Leaf]) -> Trail:
    """Read the leaves of a host's parties, which may come in any order.

    Raises:
        ValueError, LookupError: a leaf cannot be read, or a receipt is for a statement that is not there.
    """
    acts: list[Act] = []
    # What a party tells itself has one leaf, so statements are found for all parties of the host together.
    arrived: dict[bytes, Statement] = {}
    for leaf in sorted(leaves, key=lambda leaf: leaf.id):
        decoded, own = decode_leaf(leaf.body), leaf.author == leaf.party
        if decoded.kind is Kind.STATEMENT:
            statement = arrived[decoded.digest] = decoded.statement()
            if own:
                acts.append(Sent(leaf.party, statement, instant(statement.time)))
        elif decoded.kind is Kind.RECORD and own:
            record = decoded.record()
            acts.append(Recorded(leaf.party, record, instant(record.time)))
        elif decoded.kind is Kind.RECEIPT and own:
            receipt = decoded.receipt()
            if receipt.outcome == Receipt.OUTCOME_TAKEN_UP:
                acts.append(TakenUp(leaf.party, arrived[receipt.envelope_digest], instant(receipt.time)))
    return Trail(acts, {statement.id: statement for statement in arrived.values()})


def facts_of(packed: AnyMessage) -> Message | None:
    """Unpack the facts of a leaf; None if it has none, or of a type that is not known here."""
    try:
        found = descriptor_pool.Default().FindMessageTypeByName(packed.TypeName())
    except KeyError:
        return None
    return message_factory.GetMessageClass(found).FromString(packed.value)


def _counts_always(act: Recorded | TakenUp, is_known: bool) -> bool:
    return True


@dataclass(frozen=True)
class Folding(Generic[T, E]):
    """The rules by which acts become a state of type `T`.

    `blank(party, matter, case, at)` is the state before anything happened; `event_of` reads facts as an event, None if they change
    nothing here; `did` and `heard` give the state after an own act and after a statement that was taken up (None: none are).
    `counts(act, is_known)` leaves out what is of another topic; `is_known` says that there is a state of this matter already.
    """

    blank: Callable[[str, str, str, datetime], T]
    event_of: Callable[[AnyMessage], E | None]
    did: Callable[[T, E, datetime], T]
    heard: Callable[[T, E, TakenUp], T] | None = None
    counts: Callable[[Recorded | TakenUp, bool], bool] = _counts_always


def fold(trail: Trail, by: Folding[T, E]) -> dict[Id, T]:
    """Fold the acts of a trail to one state for each party and matter."""
    found: dict[Id, T] = {}
    for act in trail.acts:
        if isinstance(act, Sent) or (by.heard is None and isinstance(act, TakenUp)):
            continue
        said = act.record if isinstance(act, Recorded) else act.statement
        key = (act.party, act.record.matter if isinstance(act, Recorded) else act.statement.subject)
        event = by.event_of(said.facts) if by.counts(act, key in found) else None
        if event is None:
            continue  # it changes nothing here
        before = found[key] if key in found else by.blank(*key, said.case_id, act.at)
        if isinstance(act, TakenUp):
            assert by.heard is not None
            found[key] = by.heard(before, event, act)
        else:
            found[key] = by.did(before, event, act.at)
    return found


# --- rows beside it ----------------------------------------------------------------------------------------------


class KeptTables(Protocol):
    """The tables of a host, read at one moment."""

    def rows(self, model: type[Model]) -> Sequence[Model]:
        """Return all rows of a table, in the order of its key."""
        ...


@dataclass(frozen=True)
class Comparison:
    """The rows of a table, and the rows that the trail gives."""

    table: str
    kept: Rows
    replayed: Rows


def compare(
    model: type[SQLModel],
    kind: "type[DataclassInstance]",
    rows: Iterable[SQLModel],
    found: "Mapping[Id, DataclassInstance]",
    but: Sequence[str] = (),
) -> Comparison:
    """Compare rows that have a party and an id with states of the domain's type `kind`, by its fields without `but`."""
    names = [field.name for field in fields(kind) if field.name not in but]
    kept: dict[Key, Mapping[str, Value]] = {
        (str(_value(row, "party")), str(_value(row, "id"))): values(row, names) for row in rows
    }
    replayed: dict[Key, Mapping[str, Value]] = {key: values(each, names) for key, each in found.items()}
    return Comparison(str(model.__tablename__), kept, replayed)


def compare_numbers(
    model: type[SQLModel], rows: Iterable[SQLModel], found: Mapping[tuple[str, str, str], str]
) -> Comparison:
    """Compare numbers in use, by party, kind and number, with the matters that used them.

    A number whose matter the trail does not have (the id of an act) is compared without it.
    """
    kept: dict[Key, dict[str, Value]] = {}
    for row in rows:
        party, kind, number, matter = values(row, ("party", "kind", "number", "matter")).values()
        key = (str(party), str(kind), str(number))
        kept[key] = {"matter": matter if found.get(key, matter) else ""}
    replayed: dict[Key, dict[str, Value]] = {key: {"matter": matter} for key, matter in found.items()}
    return Comparison(str(model.__tablename__), kept, replayed)


def values(of: "SQLModel | DataclassInstance", names: Iterable[str]) -> dict[str, Value]:
    """Return some fields as plain values, of which a tuple and the list in its row are the same."""
    return {name: _value(of, name) for name in names}


def _value(of: "SQLModel | DataclassInstance", name: str) -> Value:
    value: Value = getattr(of, name)
    return list(value) if isinstance(value, tuple) else value


def nothing(trail: Trail, tables: KeptTables) -> Iterator[Comparison]:
    """Compare nothing."""
    yield from ()


@dataclass(frozen=True)
class Inside:
    """One host opened for a check: its parties' trail, a transaction that reads, and the keys of its personal data."""

    connection: Connection
    vault: Vault
    leaves: Sequence[Leaf]
    parties: Sequence[str]


async def no_check(inside: Inside) -> list[Finding]:
    """Find nothing."""
    return []


@dataclass(frozen=True)
class Replay:
    """The tables of one topic that its trail gives again, and how.

    `tables` are read whole for `compare`. `numbers` are tables of numbers that are used once: each must stand in an act of its
    party, in whatever spelling of which `spelled` gives the one by which it is used up.
    `check` looks at what needs the vault or is too large to be read at once.
    """

    tables: Sequence[type[SQLModel]] = ()
    compare: Callable[[Trail, KeptTables], Iterator[Comparison]] = nothing
    numbers: Sequence[type[SQLModel]] = ()
    spelled: Callable[[str], str] = str
    check: Callable[[Inside], Awaitable[list[Finding]]] = no_check

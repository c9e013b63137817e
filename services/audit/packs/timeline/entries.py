"""Timeline of leaves: one ordered story out of the views of one party or several. No I/O but imports.

Statements and records carry codes and dates only, so a story holds no personal data. Facts are read by the contracts that
are installed beside this package, whoever owns them. A type that these contracts cannot read whole is shown by its name and
digest; a pack names such types (`unread`), so that a later version, which can read them, still tells the same story. Nothing
is verified here, see `verify` and the stand-alone verifier.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Literal, TypeAlias

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.unknown_fields import UnknownFieldSet
from google.type.date_pb2 import Date

import netral
from audit.formats.leaf import Kind
from audit.log.events import OUTCOME_WORDS, DecodedLeaf, decode_leaf
from netral.exchange.v1 import receipt_pb2, record_pb2, statement_pb2

# Digests of signed bytes that are in the logs themselves, and not of a document.
_NO_DOCUMENT = frozenset({"receipt_digest", "envelope_digest", "manifest_digest", "first_digest"})
_VERSION = re.compile("v[0-9]+")
_ACTORS = {
    statement_pb2.Actor.KIND_OFFICER: "officer",
    statement_pb2.Actor.KIND_SERVICE: "service",
    statement_pb2.Actor.KIND_CLOCK: "clock",
}


Value: TypeAlias = "Message | bytes | str | int | float | bool | tuple[str, Value]"
"""The value of a field; of a map, a key with its value."""


@dataclass(frozen=True, slots=True)
class Step:
    """A field on the way to a value, as `package.Message.field`; its place if it is repeated, from 0."""

    field: str
    place: int | None


ValueKind: TypeAlias = Literal["text", "number", "flag", "code", "date", "instant", "bytes"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One value of a fact: its path in the contract, and the value as text; `document` if it is a document's digest.

    `steps` are the fields of the path; none: the facts could not be read, and the path is their type. With the kind `code` the
    value is one of an enumeration: `codes` is its name, `code` the value's without that of the enumeration before it.
    """

    path: str
    value: str
    document: bool = False
    steps: tuple[Step, ...] = ()
    kind: ValueKind = "text"
    codes: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Content of a receipt; `kept` are index by party."""

    stage: str
    outcome: str
    reason: str
    signer: str
    custody: datetime
    time: datetime
    kept: dict[str, int]


@dataclass(slots=True)
class Entry:
    """A record or a statement of the story; instants are UTC, `kept` says at which index of whose log it stands."""

    kind: str
    id: str
    time: datetime
    party: str
    type: str
    matter: str
    case_id: str
    actor_kind: str
    actor: str
    actor_role: str
    facts: list[Fact]
    kept: dict[str, int]
    digest: str
    recipient: str = ""
    sequence: int = 0
    role: str = ""
    basis: str = ""
    causation: str = ""
    after: str = ""
    copy_of: str = ""
    commitment: str = ""
    state: str = ""
    source: str = ""
    facts_type: str = ""
    sent: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)


Bodies = Iterable[tuple[str, int, bytes]]
"""Party, index in its log, and body of each leaf."""


def tell(bodies: Bodies, unread: Collection[str] = ()) -> list[Entry]:
    """The story of these leaves, in order of time; a leaf in two logs is told once. Facts of `unread` types stay closed."""
    entries: dict[str, Entry] = {}
    answers: dict[str, tuple[str, Answer]] = {}
    for party, index, body in bodies:
        leaf = decode_leaf(body)
        digest = leaf.digest.hex()
        if leaf.kind is Kind.RECEIPT:
            known = answers.setdefault(digest, _answer(leaf))
            known[1].kept[party] = index
        elif leaf.kind in (Kind.STATEMENT, Kind.RECORD):
            if digest not in entries:
                read = _statement if leaf.kind is Kind.STATEMENT else _record
                entries[digest] = read(leaf, unread)
            entries[digest].kept[party] = index
    for about, answer in answers.values():
        if about in entries:
            entries[about].answers.append(answer)
    for entry in entries.values():
        entry.answers.sort(key=lambda answer: (answer.time, answer.stage))
    return sorted(entries.values(), key=lambda entry: (entry.time, entry.kind, entry.id, entry.digest))


def documents(story: Iterable[Entry]) -> list[dict[str, str]]:
    """The digests of documents that statements and records name (SHA-256, hex), each where it stands."""
    return [
        {"sha256": fact.value, "named": fact.path, "in": entry.id, "type": entry.type, "party": entry.party}
        for entry in story
        for fact in entry.facts
        if fact.document
    ]


def _record(leaf: DecodedLeaf, unread: Collection[str]) -> Entry:
    said = leaf.record()
    entry = _entry("record", leaf, said, (said.party, said.action, said.matter), unread)
    entry.state, entry.source = said.state, said.source
    entry.sent, entry.warnings = list(said.statements), list(said.warnings)
    return entry


def _statement(leaf: DecodedLeaf, unread: Collection[str]) -> Entry:
    said = leaf.statement()
    entry = _entry("statement", leaf, said, (said.sender, said.type, said.subject), unread)
    entry.recipient, entry.sequence, entry.copy_of = said.recipient, said.sequence, said.copy_of
    entry.role, entry.basis = said.role, said.legal_basis
    entry.causation, entry.after = said.causation, said.after
    return entry


def _entry(
    kind: str,
    leaf: DecodedLeaf,
    said: record_pb2.Record | statement_pb2.Statement,
    named: tuple[str, str, str],
    unread: Collection[str],
) -> Entry:
    """The parts that record and statement have alike; `named` are party, type and matter."""
    party, type, matter = named
    return Entry(
        kind=kind,
        id=said.id,
        time=said.time.ToDatetime(tzinfo=UTC),
        party=party,
        type=type,
        matter=matter,
        case_id=said.case_id,
        actor_kind=_ACTORS.get(said.actor.kind, ""),
        actor=said.actor.id,
        actor_role=said.actor.role,
        facts=facts_of(said.facts, unread) if said.HasField("facts") else [],
        kept={},
        digest=leaf.digest.hex(),
        commitment=said.commitment.hex(),
        facts_type=_name_of(said.facts),
    )


def _answer(leaf: DecodedLeaf) -> tuple[str, Answer]:
    said = leaf.receipt()
    stage = "outcome" if said.stage == receipt_pb2.Receipt.STAGE_OUTCOME else "custody"
    outcome = OUTCOME_WORDS.get(said.outcome, "")
    custody, time = said.custody_time.ToDatetime(tzinfo=UTC), said.time.ToDatetime(tzinfo=UTC)
    answer = Answer(stage, outcome, said.reason, said.recipient, custody, time, {})
    return said.envelope_digest.hex(), answer


# Facts, by their contracts


def facts_of(packed: AnyMessage, unread: Collection[str] = ()) -> list[Fact]:
    """The values of packed facts by the contract of their type, or its name and digest if it cannot be read whole."""
    message = None if _name_of(packed) in unread else _message_in(packed)
    if message is None:
        return [Fact(_name_of(packed) or "facts", sha256(packed.value).hexdigest())]
    return list(_values(message, "", ()))


def unread_types(bodies: Bodies) -> set[str]:
    """The types of facts in these leaves that the installed contracts do not have, or not with all that is said."""
    unread = set()
    for _, _, body in bodies:
        leaf = decode_leaf(body)
        if leaf.kind is Kind.RECORD:
            packed = leaf.record().facts
        elif leaf.kind is Kind.STATEMENT:
            packed = leaf.statement().facts
        else:
            continue
        if packed.type_url and _message_in(packed) is None:
            unread.add(_name_of(packed))
    return unread


def _name_of(packed: AnyMessage) -> str:
    return packed.type_url.rpartition("/")[2]


def _message_in(packed: AnyMessage) -> Message | None:
    """The message in packed facts; None without its contract, or if the bytes say more than the contract knows."""
    _know_contracts()
    try:
        described = descriptor_pool.Default().FindMessageTypeByName(_name_of(packed))
        message = message_factory.GetMessageClass(described).FromString(packed.value)
    except Exception:  # no such contract, or bytes that are none of it
        return None
    return message if _is_whole(message) else None


def _is_whole(message: Message) -> bool:
    """No field and no code of an enumeration is one that the contract does not know."""
    if len(UnknownFieldSet(message)):
        return False
    for described, value in message.ListFields():
        values = _items(value) if described.is_repeated else [value]
        if described.message_type is not None and not described.message_type.GetOptions().map_entry:
            if not all(_is_whole(each) for each in values if isinstance(each, Message)):
                return False
        elif described.enum_type is not None and any(
            code not in described.enum_type.values_by_number for code in values
        ):
            return False
    return True


def _values(message: Message, before: str, steps: tuple[Step, ...]) -> Iterator[Fact]:
    owner = short_name(message.DESCRIPTOR.full_name)
    for described, value in message.ListFields():
        path, field_name = f"{before}{described.name}", f"{owner}.{described.name}"
        if described.is_repeated:
            for place, item in enumerate(_items(value)):
                yield from _value(described, item, f"{path}[{place}]", (*steps, Step(field_name, place)))
        else:
            yield from _value(described, value, path, (*steps, Step(field_name, None)))


def short_name(full_name: str) -> str:
    """The name of a message or enumeration without `netral` and the version of its package."""
    return ".".join(
        word for word in full_name.split(".") if word != "netral" and not _VERSION.fullmatch(word)
    )


def _items(value: Mapping[str, Value] | Iterable[Value]) -> Iterable[Value]:
    return sorted(value.items()) if isinstance(value, Mapping) else value


def _value(described: FieldDescriptor, value: Value, path: str, steps: tuple[Step, ...]) -> Iterator[Fact]:
    if isinstance(value, Message):
        yield from _message(value, path, steps)
    elif isinstance(value, bytes):
        name = described.name
        is_document = len(value) == 32 and name.rstrip("s").endswith("digest") and name not in _NO_DOCUMENT
        yield Fact(path, value.hex(), is_document, steps, "bytes")
    elif described.enum_type is not None and isinstance(value, int):
        yield _code(described.enum_type, value, path, steps)
    elif isinstance(value, bool):
        yield Fact(path, str(value).lower(), steps=steps, kind="flag")
    else:
        yield Fact(path, str(value), steps=steps, kind="text" if isinstance(value, str) else "number")


def _code(enumeration: EnumDescriptor, value: int, path: str, steps: tuple[Step, ...]) -> Fact:
    known = enumeration.values_by_number.get(value)
    name = known.name if known else str(value)
    before = enumeration.values_by_number[0].name.removesuffix("UNSPECIFIED")
    codes = short_name(enumeration.full_name)
    return Fact(path, name, steps=steps, kind="code", codes=codes, code=name.removeprefix(before))


def _message(value: Message, path: str, steps: tuple[Step, ...]) -> Iterator[Fact]:
    if isinstance(value, Date):
        text = f"{value.year:04d}-{value.month:02d}-{value.day:02d}"
        yield Fact(path, text, steps=steps, kind="date")
    elif isinstance(value, Timestamp):
        yield Fact(path, _instant(value), steps=steps, kind="instant")
    else:
        yield from _values(value, path + ".", steps)


def _instant(value: Timestamp) -> str:
    """An instant in RFC 3339, or as it stands if it is none: a peer may have signed it, and the story is told all the same."""
    try:
        return value.ToJsonString()
    except ValueError:
        return f"{value.seconds} s {value.nanos} ns"


@cache
def _know_contracts() -> None:
    """Import every contract that is installed: a type can be read only where its contract was imported."""
    for root in netral.__path__:
        for file in sorted(Path(root).glob("*/v*/*_pb2.py")):
            import_module("netral." + ".".join(file.relative_to(root).with_suffix("").parts))

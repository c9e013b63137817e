"""Commands as rows: what an act asks for, loads, decides, uses up, sends and records, in one value.

`run` carries out any row, so that no act forgets a fact, a number or a file: what is loaded follows from the row. What does
not fit (a letter on many matters, a transfer) is a `Function` in the same table of its service. A service is served when
each of its methods has exactly one of them; which one is said by the type of the method's request.
"""

import inspect
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, wraps
from typing import Generic, Protocol, TypeVar

import grpc
from google.protobuf import message_factory
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message

from agreement.enforcement.copies import Copy
from exchange.context import FactKey, HostContext
from exchange.delivery.entity_store import NUMBER, use_number
from exchange.delivery.transaction import Transaction
from exchange.statements import protobuf_mapping
from host import case_files, desk_requests
from host.desk_requests import STATED_REASON, RunsCommands, text_of
from host.front_door import Context, Permissions
from netral.exchange.v1 import person_pb2
from netral.exchange.v1.record_pb2 import Record
from netral.exchange.v1.service_pb2 import Act
from refusals import ActWarning, NotFound, Refusal, WrongState

R = TypeVar("R", bound=Message)
A = TypeVar("A", bound=Message)
C = TypeVar("C")
K = TypeVar("K", bound="Keyed")
E = TypeVar("E")
T = TypeVar("T")


class Keyed(Protocol):
    """A matter, an intake: something that a command changes, with its case and where it stands."""

    @property
    def id(self) -> str: ...
    @property
    def case_id(self) -> str: ...
    @property
    def state(self) -> str: ...


@dataclass(frozen=True)
class Sending:
    """A statement that an act leads to: with its sealed part or without, with copies (tembusan) to others or without.

    `facts`: if they are not those of the act.
    """

    type: str
    recipient: str
    cause: str = ""
    facts: Message | None = None
    sealed: bool = True
    with_copies: bool = False


def sends_nothing(known: Keyed, event: object) -> Sequence[Sending]:
    """An act that nobody else is told of."""
    return ()


@dataclass(frozen=True)
class Subject(Generic[K, E]):
    """Plain functions of a topic on what its commands change: `K` as it stands, `E` what happens to it.

    `keys(party, id)` are the facts that `load` reads and `keep` changes; `load` refuses what is not there; `keep` saves it
    as it is after the event and gives it back; `facts` is the event as a message. `collection` is its word in resource names,
    `copies` are the recipients of copies of a statement on a day, `possible` says whether its state allows a command.
    `sends` are the statements that an event leads to, where its row does not say others.
    """

    keys: Callable[[str, str], Sequence[FactKey]]
    load: Callable[[Transaction, str], K]
    keep: Callable[[Transaction, K, E], K]
    facts: Callable[[E], Message]
    collection: str = "matters"
    copies: Callable[[K, Sending, date], Sequence[Copy]] = lambda known, sending, today: ()
    possible: Callable[[K, type[object]], bool] = lambda known, command: True
    sends: Callable[[K, E], Sequence[Sending]] = sends_nothing


@dataclass(frozen=True)
class Number:
    """A number that a command uses up for good, if it is given: its kind, the field that has it, and the word of its keys.

    `spelled` gives the one spelling by which a number is used up, where it may be written in several.
    """

    kind: str
    field: str
    word: str = NUMBER
    spelled: Callable[[str], str] = str


@dataclass(frozen=True)
class Possibility(Generic[K, E]):
    """An act, as far as the state of its subject, and the role that the party must hold, decide whether it is possible."""

    action: str
    subject: Subject[K, E]
    command: type[object]
    role: str = ""

    @property
    def collection(self) -> str:
        return self.subject.collection

    def keys(self, party: str, id: str) -> Sequence[FactKey]:
        """The facts that decide."""
        return self.subject.keys(party, id)

    def is_now(self, tx: Transaction, id: str) -> bool:
        """Say whether the act is possible now.

        Raises:
            NotFound: the party has no such subject.
        """
        try:
            known = self.subject.load(tx, id)
        except NotFound:
            raise
        except Refusal:
            return False
        holds_role = not self.role or tx.holds(self.role)
        return holds_role and self.subject.possible(known, self.command)

    def state(self, tx: Transaction, id: str) -> str:
        """The state of the subject; empty if it cannot be told.

        Raises:
            NotFound: the party has no such subject.
        """
        try:
            return str(self.subject.load(tx, id).state)
        except NotFound:
            raise
        except Refusal:
            return ""


class ActPossibility(Protocol):
    """Possibility of an act on any subject."""

    @property
    def action(self) -> str: ...
    @property
    def collection(self) -> str: ...
    def keys(self, party: str, id: str) -> Sequence[FactKey]: ...
    def is_now(self, tx: Transaction, id: str) -> bool: ...
    def state(self, tx: Transaction, id: str) -> str: ...


def by_state(
    table: Mapping[type[T], Collection[str]],
) -> Callable[[Keyed, type[object]], bool]:
    """The decision by a table of the states in which each command is possible."""
    states: dict[type[object], Collection[str]] = dict(table.items())
    return lambda known, command: known.state in states.get(command, ())


async def _untold(request: Message) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class CallContext:
    """The host's context and its queue of commands, as every call sees them.

    `standing` tells how what a request is on stands: a refusal for its state says it.
    """

    desk: HostContext
    commands: RunsCommands
    standing: Callable[[Message], Awaitable[Mapping[str, str]]] = _untold


@dataclass(frozen=True)
class Row(Generic[R, C, K, E]):
    """An act. `rule(known, command, today)` decides, `today` being the legal date at the party; the request is read as its command.

    `sends` are the statements that it leads to, if not those of its subject. `sealed` is the field of the request whose
    prose goes into their personal part, `filed` the one whose prose stays in the person's file; the person goes along if the
    act `passes_on` the file.
    `role` is the one that the party must hold.
    `warns` gives the warnings of what stands and what would happen: then the request has a field for the reason that answers
    them (`desk_requests.STATED_REASON`).
    """

    request: type[R]
    rule: Callable[[K, C, date], E]
    action: str
    subject: Subject[K, E]
    numbers: tuple[Number, ...] = ()
    sends: Callable[[K, E], Sequence[Sending]] | None = None
    sealed: str = ""
    filed: str = ""
    passes_on: bool = False
    role: str = ""
    warns: Callable[[K, E], Sequence[ActWarning]] | None = None

    def __post_init__(self) -> None:
        """Require that every field of prose goes somewhere, and that the fields which the row names are there."""
        asked = set(self.request.DESCRIPTOR.fields_by_name)
        prose = {field for field in (self.sealed, self.filed, STATED_REASON if self.warns else "") if field}
        lost = (prose | {number.field for number in self.numbers}) - asked
        lost |= (asked & protobuf_mapping.SEALED) - prose - protobuf_mapping.names_of(self.command)
        if lost:
            raise TypeError(f"{self.action} names or leaves out: {', '.join(sorted(lost))}")

    @cached_property
    def command(self) -> type[C]:
        """The type of the command that the rule takes."""
        _, taken, *_ = inspect.signature(self.rule, eval_str=True).parameters.values()
        command: type[C] = taken.annotation
        return command

    @property
    def possibility(self) -> Possibility[K, E]:
        """The act, as far as the state of its subject decides."""
        return Possibility(self.action, self.subject, self.command, self.role)

    async def answer(self, context: CallContext, request: Message) -> Act:
        """Run the command for the caller; committed when this returns."""
        asked = require_type(request, self.request)
        party, id = desk_requests.parse_resource_name(text_of(asked, "name"))
        command = protobuf_mapping.to_dataclass(asked, self.command)
        keys = [*self.subject.keys(party, id)]
        keys += [(number.word, party, number.kind, given) for number, given in self.used(asked)]
        files = [(party, id)] if self.passes_on else []
        return await desk_requests.run_command(
            context.commands,
            asked,
            party,
            keys,
            lambda tx: run(self, tx, id, asked, command),
            files,
            self.subject.collection,
        )

    def used(self, request: R) -> list[tuple[Number, str]]:
        """The numbers that a request uses up."""
        given = [(number, number.spelled(text_of(request, number.field))) for number in self.numbers]
        return [each for each in given if each[1]]


def run(row: Row[R, C, K, E], tx: Transaction, id: str, request: R, command: C) -> Record:
    """Carry out a row: load, decide, use numbers, send, save, record."""
    known = row.subject.load(tx, id)
    if row.role:
        tx.require_role(row.role)
    event = row.rule(known, command, tx.today)
    for number, given in row.used(request):
        use_number(tx, number.kind, given, id, field=number.field, word=number.word)
    person = case_files.person_of(tx, id) if row.passes_on else None
    sealed = personal_part(text_of(request, row.sealed) if row.sealed else "", person)
    filed = personal_part(text_of(request, row.filed)) if row.filed else b""
    warnings = row.warns(known, event) if row.warns else ()
    sendings = (row.sends or row.subject.sends)(known, event)
    return carry_out(
        row.subject, row.action, tx, known, event, sendings, sealed=sealed, filed=filed, warnings=warnings
    )


def carry_out(
    subject: Subject[K, E],
    action: str,
    tx: Transaction,
    known: K,
    event: E,
    sendings: Sequence[Sending],
    *,
    sealed: bytes = b"",
    filed: bytes = b"",
    warnings: Sequence[ActWarning] = (),
) -> Record:
    """Send, save and record what was decided; the record names the statements, and what rules warned of."""
    facts = subject.facts(event)
    for sending in sendings:
        _send(subject, tx, known, sending, sending.facts or facts, sealed if sending.sealed else b"")
    kept = subject.keep(tx, known, event)
    return tx.record(action, kept.id, kept.case_id, kept.state, facts, filed, warnings=warnings)


def _send(
    subject: Subject[K, E], tx: Transaction, known: K, sending: Sending, facts: Message, part: bytes
) -> None:
    """Send a statement, and copies of it to those that are parties.

    Each copy is a statement of its own, also to itself: an examiner that holds the data as well (BKN) watches by its copies.
    The person does not go along then, whose file is here.
    """
    matter, case, cause = known.id, known.case_id, sending.cause
    original = tx.send(sending.type, sending.recipient, matter, case, facts, part=part, cause=cause)
    for copy in subject.copies(known, sending, tx.today) if sending.with_copies else ():
        if tx.desk.trust.get(copy.recipient) is not None:
            sealed = part if copy.person and copy.recipient != tx.party else b""
            tx.send(
                sending.type,
                copy.recipient,
                matter,
                case,
                facts,
                part=sealed,
                cause=cause,
                copy_of=original,
            )


def personal_part(text: str, person: person_pb2.Person | None = None) -> bytes:
    """A personal part: the person, if one goes along, and prose. Empty if there is neither."""
    return person_pb2.PersonalPart(person=person, text=text).SerializeToString()


def undated(rule: Callable[[K, C], E]) -> Callable[[K, C, date], E]:
    """A rule that does not ask for the day."""

    @wraps(rule)
    def dated(known: K, command: C, today: date) -> E:
        return rule(known, command)

    return dated


@dataclass(frozen=True)
class Function(Generic[R, A]):
    """A method that is no row: a plain function of the host's context and the request."""

    request: type[R]
    function: Callable[[CallContext, R], Awaitable[A]]
    possibility: ActPossibility | None = None

    async def answer(self, context: CallContext, request: Message) -> A:
        return await self.function(context, require_type(request, self.request))


def require_type(request: Message, kind: type[R]) -> R:
    """The request as what its method takes."""
    if not isinstance(request, kind):
        raise TypeError(f"{request.DESCRIPTOR.full_name} is not {kind.DESCRIPTOR.full_name}")
    return request


class Method(Protocol):
    """A row or a function: the type of its request, and its answer."""

    @property
    def request(self) -> type[Message]: ...
    @property
    def possibility(self) -> ActPossibility | None: ...
    async def answer(self, context: CallContext, request: Message) -> Message: ...


class Stream(Protocol):
    """A method whose request comes, or whose answer goes, in pieces (`host.streams`)."""

    @property
    def request(self) -> type[Message]: ...
    def handler(self, context: CallContext, answer: type[Message]) -> grpc.RpcMethodHandler: ...


@dataclass(frozen=True)
class Service:
    """A service of a contract with what serves its methods, and the roles that may call them.

    Raises:
        TypeError: a method has no row or function, or one has no method.
    """

    contract: ServiceDescriptor
    roles: frozenset[str]
    methods: tuple[Method, ...]
    streams: tuple[Stream, ...] = ()

    def __post_init__(self) -> None:
        asked = sorted(method.input_type.full_name for method in self.contract.methods)
        requests = [method.request for method in self.methods] + [stream.request for stream in self.streams]
        served = sorted(request.DESCRIPTOR.full_name for request in requests)
        if asked != served:
            lost = ", ".join(sorted(set(asked) ^ set(served))) or "a request of two methods"
            raise TypeError(f"{self.contract.full_name} is not served as its contract says: {lost}")

    @property
    def name(self) -> str:
        """The full name of the service."""
        return str(self.contract.full_name)

    @property
    def permissions(self) -> Permissions:
        """The roles that may call each method, by its path."""
        return {f"/{self.name}/{method.name}": self.roles for method in self.contract.methods}

    @cached_property
    def by_name(self) -> dict[str, Method]:
        """Return the servers of all methods but streams, by the method's name."""
        served = {method.request.DESCRIPTOR.full_name: method for method in self.methods}
        names = {method.name: method.input_type.full_name for method in self.contract.methods}
        return {name: served[asked] for name, asked in names.items() if asked in served}

    def register(self, server: grpc.aio.Server, context: CallContext) -> None:
        """Add the service to a server."""
        handlers = {method.name: self._handler(method, context) for method in self.contract.methods}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(self.name, handlers),))
        server.add_registered_method_handlers(self.name, handlers)

    def _handler(self, method: MethodDescriptor, context: CallContext) -> grpc.RpcMethodHandler:
        gives = message_factory.GetMessageClass(method.output_type)
        for stream in self.streams:
            if stream.request.DESCRIPTOR.full_name == method.input_type.full_name:
                return stream.handler(context, gives)
        served = self.by_name[method.name]

        async def call(request: Message, _: Context) -> Message:
            try:
                return await served.answer(context, request)
            except Refusal as refusal:
                if isinstance(refusal, WrongState):
                    refusal.standing = await context.standing(request)
                raise

        handler: grpc.RpcMethodHandler = grpc.unary_unary_rpc_method_handler(
            call, served.request.FromString, gives.SerializeToString
        )
        return handler


def register(server: grpc.aio.Server, context: CallContext, services: Sequence[Service]) -> list[str]:
    """Add services to a server; gives their full names."""
    for service in services:
        service.register(server, context)
    return [service.name for service in services]


def permissions(services: Sequence[Service]) -> Permissions:
    """The roles that may call each method of services, by its path."""
    return {path: roles for service in services for path, roles in service.permissions.items()}

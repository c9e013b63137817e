"""Transaction of one command or one incoming statement: it reads facts that were loaded, and buffers what follows.

A handler has three ways to leave a mark: `save` a fact, `record` a local act, `send` a statement. Nothing is written before
the batch is flushed (`exchange.delivery.batch`); the buffer of a refused handler is dropped, and nothing else is touched.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message

from exchange.context import Actor, Fact, FactKey, Facts, HostContext
from exchange.personal_data.case_file import FileEntry
from exchange.personal_data.vault import MatterOf
from exchange.statements import personal_part
from exchange.statements.protobuf_time import timestamp
from netral.exchange.v1 import person_pb2, record_pb2
from refusals import ActWarning, Malformed, NotAllowed, ReasonNeeded, WrongState

INBOX = "inbox"
"""`source` of records made while handling an incoming statement."""


class NotLoaded(RuntimeError):
    """A handler reads what its caller did not ask for: a mistake of the program, and no refusal.

    To read it as "there is none" would let the handler decide on what it does not know.
    """


class LoadedFacts(Protocol):
    """Facts and files that a batch loaded for its transactions."""

    desk: HostContext
    now: datetime

    def fact(self, key: FactKey) -> Fact | None: ...

    def file(self, party: str, matter: str) -> Sequence[FileEntry]: ...

    def last_statement_to(self, party: str, matter: str) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Sending:
    """A statement that waits for its number."""

    id: str
    party: str
    recipient: str
    type: str
    matter: str
    case_id: str
    facts: Message
    actor: Actor
    plain: bytes
    causation: str
    copy_of: str
    after: str


class Transaction:
    """Facts that one command or one statement sees, and writes that it buffers."""

    def __init__(
        self,
        loaded: LoadedFacts,
        party: str,
        actor: Actor,
        request_id: str,
        source: str,
        cause: str,
        keys: Collection[FactKey],
        files: Collection[MatterOf],
        stated_reason: str = "",
    ) -> None:
        self.desk = loaded.desk
        self.party = party
        self.actor = actor
        self.request_id = request_id
        self.source = source
        self.cause = cause
        self.stated_reason = stated_reason
        self.now = loaded.now
        self.facts: Facts = {}
        self.sendings: list[Sending] = []
        self.records: list[record_pb2.Record] = []
        self.parts: list[tuple[str, str, str, bytes]] = []
        self.warnings: list[ActWarning] = []
        self._loaded = loaded
        self._keys, self._files = frozenset(keys), frozenset(files)

    @property
    def today(self) -> date:
        """The legal date at the party: the day in its own zone."""
        return self.now.astimezone(self.desk.law.zone(self.party)).date()

    def get(self, key: FactKey) -> Fact | None:
        """A fact that was loaded for change, with what was put before in this batch; None if there is none.

        Raises:
            NotLoaded: this command did not ask for it, whatever others of the batch did, and did not put it.
        """
        if key in self.facts:
            return self.facts[key]
        if key not in self._keys:
            raise NotLoaded(f"the fact {'/'.join(key)} was not loaded")
        return self._loaded.fact(key)

    def person_file(self, matter: str) -> Sequence[FileEntry]:
        """The person's file of a matter, oldest entry first, nothing if erased.

        Raises:
            NotLoaded: the command does not open the matter's file.
        """
        self._require_opened(matter)
        return self._loaded.file(self.party, matter)

    def last_statement_to(self, matter: str) -> Mapping[str, str]:
        """The last statement on a matter to each recipient.

        Raises:
            NotLoaded: the command does not open the matter's file.
        """
        self._require_opened(matter)
        return self._loaded.last_statement_to(self.party, matter)

    def _require_opened(self, matter: str) -> None:
        if (self.party, matter) not in self._files:
            raise NotLoaded(f"the file of the matter {self.party}/{matter} was not opened")

    def save(self, key: FactKey, value: Fact) -> None:
        """Change a fact."""
        self.facts[key] = value

    def holds(self, role: str) -> bool:
        """True if the party holds a role now."""
        party = self.desk.trust.get(self.party)
        return party is not None and party.holds(role, self.now)

    def require_role(self, role: str) -> None:
        """Refuse what only the holder of a role may do.

        Raises:
            NotAllowed: the party does not hold it now.
        """
        if not self.holds(role):
            raise NotAllowed("this party does not hold the role {role}", role=role, reason="ROLE_NOT_HELD")

    def send(
        self,
        type: str,
        recipient: str,
        matter: str,
        case_id: str,
        facts: Message,
        *,
        part: bytes = b"",
        cause: str = "",
        copy_of: str = "",
        after: str = "",
    ) -> str:
        """Send a statement; gives its id. It is numbered, signed and logged at commit.

        `part` is the personal part (at most 512 KiB), `cause` the statement that led to this one. `after` is a statement of
        another sender to the same recipient that must take effect first: for the first one to it on this matter.

        Raises:
            NotAllowed: this party's role has ended, or not begun; what it said would be refused.
        """
        if not self.desk.may_send(self.party, type, type.split(".")[1], self.now):
            raise NotAllowed("the party does not hold the role now", reason="ROLE_NOT_HELD")
        if len(part) > personal_part.MAX_BYTES:
            raise Malformed("the personal part is over 512 KiB")
        id = self.desk.new_id()
        plain = personal_part.salted(part) if part else b""
        self.sendings.append(
            Sending(
                id,
                self.party,
                recipient,
                type,
                matter,
                case_id,
                facts,
                self.actor,
                plain,
                cause or self.cause,
                copy_of,
                after,
            )
        )
        return id

    def record(
        self,
        action: str,
        matter: str,
        case_id: str,
        state: str,
        facts: Message | None = None,
        part: bytes = b"",
        *,
        statements: Sequence[str] | None = None,
        warnings: Sequence[ActWarning] = (),
    ) -> record_pb2.Record:
        """Record a local act in the trail; `part` goes encrypted into the person's file.

        `warnings` are those of rules: their reasons stand in the record, and the reason that the caller states goes into the
        file. The caller must state one (`require_stated_reason`), but for a matter whose file is erased and takes no prose.

        `statements` are those that it led to; if not given, those sent so far on its matter, and all that were sent if it is
        on no matter (a letter on many).
        """
        if warnings and (self.stated_reason or not self.desk.vault.is_erased(self.party, matter)):
            self.warnings += warnings
            part += person_pb2.PersonalPart(stated_reason=self.stated_reason).SerializeToString()
        plain = personal_part.salted(part) if part else b""
        record = record_pb2.Record(
            id=self.desk.new_id(),
            party=self.party,
            time=timestamp(self.now),
            actor=self.actor.message(),
            action=action,
            matter=matter,
            case_id=case_id,
            request_id=self.request_id,
            state=state,
            statements=(
                [sent.id for sent in self.sendings if matter in ("", sent.matter)]
                if statements is None
                else statements
            ),
            facts=packed(facts) if facts is not None else None,
            commitment=personal_part.commitment(plain) if plain else b"",
            source=self.source,
            warnings=[each.reason for each in warnings],
        )
        self.records.append(record)
        if plain:
            self.parts.append((record.id, matter, action, plain))
        return record

    def keep_personal_part(self, source: str, matter: str, type: str, plain: bytes) -> None:
        """Keep an opened personal part (with its salt) in the person's file."""
        self.parts.append((source, matter, type, plain))

    def require_stated_reason(self) -> None:
        """Refuse an act that rules warn of if no reason is stated, and a stated reason that answers no warning.

        Raises:
            ReasonNeeded: naming the warnings.
            Malformed: nothing asks for a reason; it would be kept nowhere.
        """
        if self.warnings and not self.stated_reason:
            raise ReasonNeeded("state a reason: {warnings}", warnings=self.warnings)
        if self.stated_reason and not self.warnings:
            raise Malformed("no warning asks for a reason", field="stated_reason", reason="NO_REASON_NEEDED")

    def refuse_if_erased(self) -> None:
        """Refuse what brings personal data to a matter that was erased here.

        Raises:
            WrongState: it does.
        """
        matters = [part[1] for part in self.parts]
        matters += [sending.matter for sending in self.sendings if sending.plain]
        if any(self.desk.vault.is_erased(self.party, matter) for matter in matters):
            raise erased()


def erased() -> WrongState:
    """Refusal of personal data for a matter whose personal data were erased."""
    return WrongState(
        "the person's data in this matter were erased lawfully; no other can be added", reason="ERASED"
    )


def packed(message: Message) -> AnyMessage:
    """Pack facts so that equal facts are equal bytes."""
    packed = AnyMessage()
    packed.Pack(message, deterministic=True)
    return packed

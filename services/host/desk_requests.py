"""A caller's request at a desk: the names and the page that it asks for, and the command that it becomes.

Who calls and what they may do was decided at the front door (`host.front_door`).
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from google.protobuf.message import Message

from exchange.context import FactKey
from exchange.delivery.commands import Command
from exchange.delivery.transaction import Transaction
from exchange.personal_data.vault import MatterOf
from host.front_door import caller
from netral.exchange.v1 import record_pb2, service_pb2
from refusals import Malformed, NotAllowed, NotFound

_USUAL_PAGE = 100
_AND_ID = " of "
STATED_REASON = "stated_reason"
"""The field of a request that answers what rules warn of."""

# --- names -------------------------------------------------------------------------------------------------------


def parse_resource_name(name: str, field: str = "name") -> tuple[str, str]:
    """Institution and id of `institutions/{institution}/{collection}/{id}`, if it is the caller's own.

    Raises:
        NotAllowed: it is another party's.
    """
    words = name.split("/")
    _require_own(words[1], field)
    return words[1], words[3]


def parse_institution_name(parent: str, field: str = "parent") -> str:
    """The institution of `institutions/{institution}`, if it is the caller's own.

    Raises:
        NotAllowed: it is another party.
    """
    institution = parent.split("/")[1]
    _require_own(institution, field)
    return institution


def _require_own(institution: str, field: str) -> None:
    if institution != caller().party:
        raise NotAllowed("a caller acts for its own party only", field=field, reason="OTHER_PARTY")


def missing(what: str) -> NotFound:
    """Refusal of what this party does not have."""
    return NotFound("there is no such {thing} at this party", thing=what, field="name")


# --- fields and pages --------------------------------------------------------------------------------------------


def text_of(request: Message, field: str) -> str:
    """A field of a request that is text."""
    value = getattr(request, field)
    assert isinstance(value, str), f"{field} is no text"
    return value


def number_of(request: Message, field: str) -> int:
    """A field of a request that is a number."""
    value = getattr(request, field)
    assert isinstance(value, int), f"{field} is no number"
    return value


class Page(Protocol):
    """A request for a page of a list."""

    @property
    def page_size(self) -> int: ...
    @property
    def page_token(self) -> str: ...


def page_of(request: Page) -> tuple[str, int]:
    """After which id the page starts, and its size.

    Raises:
        Malformed: the page token is not one of ours.
    """
    return page_at(request.page_token, request.page_size)


def page_at(token: str, size: int) -> tuple[str, int]:
    """After which id the page of this token starts, and its size if this one (0: the usual) is asked for."""
    after = ""
    if token:
        try:
            after = urlsafe_b64decode(token.encode("ascii")).decode("ascii")
        except ValueError as error:
            raise _not_a_token() from error
        if page_token(after) != token:
            raise _not_a_token()
    return after, size or _USUAL_PAGE


def change_token(at: datetime, id: str) -> str:
    """The token of the page after this row of a list that is in the order of changes."""
    return page_token(f"{at.isoformat()}{_AND_ID}{id}")


def change_of(after: str) -> tuple[datetime, str]:
    """When the last row of the page before was changed, and its id, by what its token says.

    Raises:
        Malformed: it is the token of a list in another order.
    """
    at, separator, id = after.partition(_AND_ID)
    try:
        if not separator:
            raise ValueError
        return datetime.fromisoformat(at), id
    except ValueError as error:
        raise _not_a_token() from error


def id_of(after: str) -> str:
    """The id of the last row of the page before, by what its token says.

    Raises:
        Malformed: it is the token of a list in the order of changes.
    """
    if _AND_ID in after:
        raise _not_a_token()
    return after


def _not_a_token() -> Malformed:
    return Malformed("not a page token of this list", field="page_token")


def page_token(last: str) -> str:
    """The token of the page after this id. Opaque to callers."""
    return urlsafe_b64encode(last.encode()).decode()


# --- commands ----------------------------------------------------------------------------------------------------


class RunsCommands(Protocol):
    """Queue of commands, or what tries them out only."""

    async def run(self, command: Command) -> record_pb2.Record: ...


async def run_command(
    commands: RunsCommands,
    request: Message,
    party: str,
    keys: Sequence[FactKey],
    handler: Callable[[Transaction], record_pb2.Record],
    files: Sequence[MatterOf] = (),
    collection: str = "matters",
) -> service_pb2.Act:
    """Run a command for the caller; committed when this returns.

    `files`: whose person it passes on. `collection`: the word for what it is on, in resource names.
    """
    record = await commands.run(command(request, party, keys, handler, files))
    return result_from_record(record, collection)


def command(
    request: Message,
    party: str,
    keys: Sequence[FactKey] = (),
    handler: Callable[[Transaction], record_pb2.Record] | None = None,
    files: Sequence[MatterOf] = (),
) -> Command:
    """The caller's request as a command. Its content is type and request: the id for anything else is refused."""
    content = f"{request.DESCRIPTOR.full_name}\n".encode() + request.SerializeToString(deterministic=True)
    answers_warnings = STATED_REASON in request.DESCRIPTOR.fields_by_name
    return Command(
        party,
        caller().actor,
        text_of(request, "request_id").lower(),
        content,
        keys,
        handler or _nothing,
        files,
        text_of(request, STATED_REASON).strip() if answers_warnings else "",
    )


def _nothing(tx: Transaction) -> record_pb2.Record:
    raise AssertionError("this command has no handler")


def result_from_record(record: record_pb2.Record, collection: str = "matters") -> service_pb2.Act:
    """Build the answer of a writing call from its record."""
    return service_pb2.Act(
        record=record.id,
        matter=f"institutions/{record.party}/{collection}/{record.matter}" if record.matter else "",
        action=record.action,
        state=record.state,
        statements=record.statements,
        time=record.time,
        case_id=record.case_id,
    )

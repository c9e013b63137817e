"""Plain queries for people that all desks have: one row, and a page of rows."""

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from google.protobuf.message import Message
from sqlalchemy import ColumnElement, select
from sqlmodel import SQLModel

from agreement import names
from agreement.elections import known
from agreement.elections import rules as elections
from exchange.context import HostContext
from exchange.delivery import entity_store
from host import case_files, desk_requests
from host.command_rows import CallContext, Function
from host.desk_requests import number_of, text_of
from netral.exchange.v1 import person_pb2
from refusals import Malformed, NotFound
from storage.engines import Database
from storage.key_in import key_in
from storage.protocols import Connection
from storage.types import FoundRow, table

R = TypeVar("R", bound=Message)
A = TypeVar("A", bound=Message)

_SINCE = "updated_since"
# Whoever serves a copy of a database does not see which transactions are open at the original.
_COPY_LAG = timedelta(minutes=1)


async def one(
    database: Database,
    rows: type[SQLModel],
    party: str,
    id: str,
    word: str = "matter",
    field: str = "name",
) -> FoundRow:
    """The row of a party's matter (or what else `word` says).

    Raises:
        NotFound: this party has none of this id.
    """
    async with database.read() as connection:
        row: FoundRow | None = await entity_store.one(connection, rows, party, id)
    if row is None:
        raise NotFound("there is no such {thing} at this party", thing=word, field=field)
    return row


async def page(
    desk: HostContext,
    rows: type[SQLModel],
    request: Message,
    *,
    filters: Collection[str] = ("state", "case_id"),
    states: type[StrEnum] | None = None,
    where: Sequence[ColumnElement[bool]] = (),
    numbered: str = "",
) -> tuple[Sequence[FoundRow], str]:
    """A page of the rows of the request's parent, and the token of the next: oldest first, or those that changed in the order of
    their changes, if the request says since when.

    `filters` are the request's fields that say what the columns of their names have, if they are not empty; `states`: those that
    the rows can be in; `where`: more conditions; `numbered`: the column with Bawaslu's number, if the request may name an election.

    Raises:
        Malformed: the request filters by a state that no row can be in, or by an election that is not known.
    """
    if "state" in filters:
        assert states is not None, "name the states of the rows"
        check_state(text_of(request, "state"), states)
    party, columns = desk_requests.parse_institution_name(text_of(request, "parent")), table(rows).c
    after, size = desk_requests.page_at(text_of(request, "page_token"), number_of(request, "page_size"))
    asked = [columns[each] == text_of(request, each) for each in filters if text_of(request, each)]
    since, settled = _since(request), _settled(desk)
    async with desk.database.read() as connection:
        if numbered and (election := text_of(request, "election")):
            asked.append(await _derived_to(connection, rows, party, election, numbered))
        asked += where
        if since is None:
            after = desk_requests.id_of(after)
            found = await entity_store.page(connection, rows, party, after=after, size=size + 1, where=asked)
        else:
            since, id = desk_requests.change_of(after) if after else (since, "")
            found = await entity_store.page_of_changes(
                connection, rows, party, since=since, after=id, before=settled, size=size + 1, where=asked
            )
    return found[:size], _token(found[size - 1], since) if len(found) > size else ""


def _token(last: FoundRow, since: datetime | None) -> str:
    if since is None:
        return desk_requests.page_token(last.id)
    return desk_requests.change_token(last.updated, last.id)


def _since(request: Message) -> datetime | None:
    """After which instant the request asks for changes; None: it asks for all rows."""
    if _SINCE not in request.DESCRIPTOR.fields_by_name or not request.HasField(_SINCE):
        return None
    try:
        since: datetime = getattr(request, _SINCE).ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise Malformed("not an instant of the years 1 to 9999", field=_SINCE) from error
    return since


def _settled(desk: HostContext) -> datetime:
    """The instant before which nothing is written any more: what changed before it is complete, and later changes bear a later time."""
    lag = _COPY_LAG if desk.settings.read_only else timedelta()
    return desk.database.settled_before(desk.now()) - lag


def check_state(asked: str, states: type[StrEnum]) -> None:
    """Check a filter: a state that there is not would be an empty list, which looks like nothing new for ever.

    Raises:
        Malformed: no row can be in this state.
    """
    if asked and asked not in set(states):
        raise Malformed(
            "not a state of this list: one of {choices}",
            choices=", ".join(states),
            field="state",
            meant=names.close_to(asked, states),
        )


async def _derived_to(
    connection: Connection, rows: type[SQLModel], party: str, election: str, numbered: str
) -> ColumnElement[bool]:
    """The condition that a matter's act is derived to belong to an election, by region, day and the form of Bawaslu's number.

    Raises `Unknown` for an election that is not known.
    """
    known.election(election)
    columns = table(rows).c
    of = (columns.id, columns.region, columns.event_date, columns[numbered])
    found = await connection.execute(select(*of).where(columns.party == party))
    ids = [
        id
        for id, region, day, number in found
        if elections.id_of_case(region, day, elections.kind_of_number(number)) == election
    ]
    return key_in((columns.party, columns.id), [(party, id) for id in ids])


def shows(
    request: type[R], rows: type[SQLModel], shown: Callable[[FoundRow], A], word: str = "matter"
) -> Function[R, A]:
    """A method that shows one row of a party."""

    async def get(context: CallContext, asked: R) -> A:
        party, id = desk_requests.parse_resource_name(text_of(asked, "name"))
        return shown(await one(context.desk.database, rows, party, id, word))

    return Function(request, get)


def lists(
    request: type[R],
    rows: type[SQLModel],
    shown: Callable[[Sequence[FoundRow], str], A],
    *filters: str,
    states: type[StrEnum] | None = None,
    numbered: str = "",
) -> Function[R, A]:
    """A method that lists a party's rows; `shown` makes the answer of the rows and the token of the next page.

    `filters`, `states` and `numbered` are as in `page`.
    """

    async def get(context: CallContext, asked: R) -> A:
        return shown(
            *await page(context.desk, rows, asked, filters=filters, states=states, numbered=numbered)
        )

    return Function(request, get)


async def _file(context: CallContext, request: person_pb2.ReadFileRequest) -> person_pb2.ReadFileResponse:
    return await case_files.read_file(context.desk, context.commands, request)


READ_FILE = Function(person_pb2.ReadFileRequest, _file)
"""The reading of the person's file of a matter, which is recorded."""

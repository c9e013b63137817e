"""Import of a list of pledges: a stream of a file's bytes in, its report out. No rule is here."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime
from hashlib import sha256

from agreement.prevention import campaigns
from cooperation.prevention.campaigns import domain, readings
from cooperation.prevention.campaigns.tables import RECEIVED, ReceivedRow
from cooperation.prevention.pledges import commands, store, wire
from cooperation.prevention.pledges import reads as pledge_reads
from cooperation.prevention.pledges.domain import rows
from cooperation.prevention.pledges.domain.lists import Closed, PledgeList, State
from cooperation.prevention.pledges.importer import PledgeImport, first_lines
from cooperation.prevention.pledges.tables import LISTS
from exchange.delivery.commands import request_id_reused
from host import desk_requests, front_door, reads
from host.command_rows import CallContext
from netral.prevention.v1 import pledges_pb2 as pb
from refusals import Malformed, Unavailable, WrongState

# Each holds who stands in its list in memory: some 70 MiB for a million persons.
IMPORTS_AT_ONCE = 2
_SHOWN_AT_ONCE = 1_000
_SAME = ("parent", "request_id", "campaign", "units_in_total", "pledge", "read_by")


class Imports:
    """The imports that run at a host at the same time."""

    def __init__(self) -> None:
        self._running = 0

    async def take(
        self, context: CallContext, requests: AsyncIterator[pb.ImportPledgesRequest]
    ) -> pb.ImportPledgesResponse:
        """Import a list.

        Raises:
            Unavailable: too many are imported just now.
        """
        if self._running >= IMPORTS_AT_ONCE:
            raise Unavailable("other lists are being imported; try again")
        self._running += 1
        try:
            return await _Import(context, requests).run()
        finally:
            self._running -= 1


class _Import:
    """One stream: what earlier ones of its request id brought is compared and skipped, the rest is kept as it comes."""

    def __init__(self, context: CallContext, requests: AsyncIterator[pb.ImportPledgesRequest]) -> None:
        self._desk, self._commands = context.desk, context.commands
        self._requests = requests
        self._content = sha256()
        self._complete = False
        self._asked = ""  # the text of the pledge that the campaign asks for

    async def run(self) -> pb.ImportPledgesResponse:
        """Take the whole stream in, and state the list.

        Raises:
            Malformed: no file of this kind, or it ended without its last message.
            Conflict: other content under this request id.
        """
        first = await anext(self._requests, None)
        if first is None:
            raise Malformed("the stream has no message", field="parent")
        self._first = first
        self._party = desk_requests.parse_institution_name(self._first.parent)
        campaign = self._first.campaign
        self._campaign = desk_requests.parse_resource_name(campaign, "campaign")[1] if campaign else ""
        known = await self._known()
        # Of a list that is known the bytes are compared, whatever they are.
        head = await self._head() if known is None else self._taken(self._first)
        if known is None:
            known = await self._begin()
        said = (self._campaign, first.units_in_total, first.pledge or known.pledge)
        if (known.campaign, known.units_in_total, known.pledge) != said:
            raise request_id_reused()
        growing = await self._growing(known)
        if growing is None:
            async for _ in self._messages():
                pass
        else:
            await self._grow(known, growing, head)
        return await self._close(known, growing)

    async def _head(self) -> bytes:
        """The first bytes, up to where the line that names the columns is whole."""
        head = self._taken(self._first)
        while rows.find_columns(first_lines(head, whole=self._complete), whole=self._complete) is None:
            if len(head) > rows.MAX_UNBROKEN:
                raise rows.unbroken()
            request = await anext(self._requests, None)
            if request is None:
                raise _unfinished()
            head += self._taken(request)
        return head

    async def _messages(self) -> AsyncIterator[bytes]:
        """The bytes of the messages that are left."""
        while not self._complete:
            request = await anext(self._requests, None)
            if request is None:
                raise _unfinished()
            yield self._taken(request)

    def _taken(self, request: pb.ImportPledgesRequest) -> bytes:
        for field in _SAME:
            if getattr(request, field) != getattr(self._first, field):
                raise Malformed("not as in the first message", field=field)
        data: bytes = request.data
        self._content.update(data)
        self._complete = request.complete
        return data

    async def _known(self) -> PledgeList | None:
        """The list of this request id, if an earlier stream began it."""
        async with self._desk.database.read() as connection:
            known = await store.by_request(connection, self._party, self._first.request_id.lower())
        if known is None:
            readings.require_reader(self._first.read_by)
            if self._campaign:
                await self._require_opened()
        return known

    async def _begin(self) -> PledgeList:
        """A new list, for a file whose columns were found."""
        now = self._desk.now()
        wanted = PledgeList(
            self._party,
            self._desk.new_id(),
            self._first.request_id.lower(),
            self._campaign,
            self._named(),
            State.IMPORTING,
            now,
            now,
            self._first.units_in_total,
        )
        return await store.begin(self._desk, wanted)

    def _named(self) -> str:
        """The text that the request or the campaign names; empty: the rows' days say which was the usual one."""
        named = self._first.pledge or self._asked
        return campaigns.pledge(named).id if named else ""

    async def _require_opened(self) -> None:
        database = self._desk.database
        row = await reads.one(
            database, ReceivedRow, self._party, self._campaign, RECEIVED.name, field="campaign"
        )
        domain.require_opened(row.state)
        self._asked = row.pledge

    async def _growing(self, known: PledgeList) -> PledgeImport | None:
        """The list as far as it is kept; None if it is finished or erased, and the stream is only compared."""
        if known.state != State.IMPORTING:
            return None
        growing = PledgeImport(
            known.id,
            await store.key_of(self._desk, known.party, known.id),
            self._day(known.created),  # and not of the day on which it goes on: the rows are judged the same
            read=known.read,
            prefix=bytes.fromhex(known.prefix),
            lines=known.lines,
            size=known.size,
        )
        await store.resume(self._desk, known, growing)
        return growing

    async def _grow(self, known: PledgeList, growing: PledgeImport, head: bytes) -> None:
        """Keep what comes, piece by piece."""
        data, before = head, known.read
        messages = self._messages()
        while True:
            pieces = growing.feed(data, last=self._complete)
            while piece := await asyncio.to_thread(next, pieces, None):
                await store.keep(self._desk, known.party, known.id, before, piece, self._desk.now())
                before = piece.read
            if self._complete:
                return
            data = await anext(messages)

    async def _close(self, known: PledgeList, growing: PledgeImport | None) -> pb.ImportPledgesResponse:
        """State the list, or give the answer that was given before; the request's content is that of the file."""
        request = pb.ImportPledgesRequest()
        request.CopyFrom(self._first)
        request.data, request.complete = self._content.digest(), True
        units = sorted(growing.units) if growing else []
        closed = Closed(
            growing.size if growing else 0,
            growing.root().hex() if growing else "",
            tuple(units),
            tuple(growing.units[unit] for unit in units) if growing else (),
            readings.usual_text(growing.days if growing else {}, self._day(known.created)).id,
        )
        keys = [LISTS.key(self._party, known.id)]
        if self._campaign:
            keys.append(RECEIVED.key(self._party, self._campaign))
        act = await desk_requests.run_command(
            self._commands,
            request,
            self._party,
            keys,
            lambda tx: commands.close_list(tx, known.id, self._campaign, closed, self._first.read_by),
        )
        after = await pledge_reads.pledge_list(self._desk.database, self._party, known.id)
        counts, shown = await pledge_reads.reasons(self._desk.database, after, _SHOWN_AT_ONCE)
        return pb.ImportPledgesResponse(
            act=act,
            list=wire.pledge_list(after),
            broken_rows=[
                wire.broken_row(line, reason, front_door.caller().language) for line, reason in shown
            ],
            reasons=[pb.ReasonCount(reason=reason, count=count) for reason, count in counts.items()],
        )

    def _day(self, at: datetime) -> date:
        """The legal date at the authority."""
        return at.astimezone(self._desk.law.zone(self._party)).date()


def _unfinished() -> WrongState:
    return WrongState(
        "the stream ended without its last message; what came is kept, send it again", reason="UNFINISHED"
    )

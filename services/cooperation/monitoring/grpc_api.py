"""Way in 1: those who monitor and audit. Asks the projection, lets the pure modules count, translates."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import date

import grpc
from google.protobuf.message import Message

from agreement.clocks import calendar, working_days
from agreement.data_files import Unknown
from agreement.elections import known as elections
from agreement.parties import institutions, posts, regions
from cooperation.monitoring import commands, wire
from cooperation.monitoring.figures import (
    agreed_figures,
    cohorts,
    counters,
    definitions,
    early_warning,
    escalation,
    peer_activity,
)
from cooperation.monitoring.figures.agreed_figures import Period
from cooperation.monitoring.figures.definitions import Definition, Figure
from cooperation.monitoring.figures.early_warning import Windows
from cooperation.monitoring.projection import reads, store
from cooperation.monitoring.projection.reads import Wanted
from cooperation.monitoring.projection.store import said_key
from exchange.context import HostContext
from exchange.delivery.commands import Commands
from exchange.delivery.transaction import Transaction
from exchange.statements import protobuf_mapping
from exchange.statements.protobuf_time import timestamp
from host import desk_requests, front_door
from host.front_door import READERS, WRITERS, Context
from netral.exchange.v1.service_pb2 import Act
from netral.monitoring.v1 import events_pb2, service_pb2, service_pb2_grpc
from refusals import Malformed, NotFound
from storage.protocols import Connection

READ, WRITE = "netral.monitoring.v1.MonitoringService", "netral.monitoring.v1.ReconciliationService"
PERMISSIONS = front_door.permissions({READ: READERS, WRITE: WRITERS}, service_pb2.DESCRIPTOR)
READ_PERMISSIONS = front_door.permissions({READ: READERS}, service_pb2.DESCRIPTOR)

_WARNED_OF = ("PROVINCE", "REGION", "ACT")
_USUAL_FIGURE = "follow-up-rate"
_LOOK_AGAIN_SECONDS = 0.5
_LEAVE_BEFORE_SECONDS = 0.2
_USUAL_WATCH_SECONDS = 30.0


class Monitoring(service_pb2_grpc.MonitoringServiceServicer):
    """Reading calls."""

    def __init__(self, desk: HostContext) -> None:
        self._desk = desk

    async def GetSummary(
        self, request: service_pb2.GetSummaryRequest, context: Context
    ) -> service_pb2.Summary:
        wanted, today = self._asked(request)
        async with self._desk.database.read() as connection:
            return await summary(connection, wanted, today)

    async def WatchFigures(
        self, request: service_pb2.WatchFiguresRequest, context: Context
    ) -> AsyncIterator[service_pb2.Summary]:
        wanted, today = self._asked(request)
        left = context.time_remaining()
        ends = asyncio.get_running_loop().time() + (_USUAL_WATCH_SECONDS if left is None else left)
        sent = None
        while asyncio.get_running_loop().time() < ends - _LEAVE_BEFORE_SECONDS:
            async with self._desk.database.read() as connection:
                index, _ = await reads.position(connection, wanted.party)
                found = None if index == sent else await summary(connection, wanted, today)
            if found is not None:
                sent = found.as_of.log_index
                yield found
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def ListCases(
        self, request: service_pb2.ListCasesRequest, context: Context
    ) -> service_pb2.ListCasesResponse:
        wanted, today = self._asked(request)
        after, size = desk_requests.page_of(request)
        async with self._desk.database.read() as connection:
            as_of = await _as_of(connection, wanted.party, today)
            found = await reads.page(
                connection, wanted, after=after, size=size + 1, stage=request.stage, holder=request.holder
            )
        return service_pb2.ListCasesResponse(
            cases=[wire.case(case) for case in found[:size]],
            next_page_token=desk_requests.page_token(found[size - 1].matter) if len(found) > size else "",
            as_of=as_of,
        )

    async def ListOverdue(
        self, request: service_pb2.ListOverdueRequest, context: Context
    ) -> service_pb2.ListOverdueResponse:
        wanted, today = self._asked(request)
        after, size = desk_requests.page_of(request)
        async with self._desk.database.read() as connection:
            as_of = await _as_of(connection, wanted.party, today)
            found = await reads.overdue(connection, wanted, today)
        rest = [case for case in found if f"{case.due_date} {case.matter}" > after]
        last = f"{rest[size - 1].due_date} {rest[size - 1].matter}" if len(rest) > size else ""
        return service_pb2.ListOverdueResponse(
            cases=[wire.overdue(case, today, _working_days(case.agency)) for case in rest[:size]],
            next_page_token=desk_requests.page_token(last) if last else "",
            as_of=as_of,
            total=len(found),
        )

    async def GetLadder(self, request: service_pb2.GetLadderRequest, context: Context) -> service_pb2.Ladder:
        wanted, today = self._asked(request)
        async with self._desk.database.read() as connection:
            as_of = await _as_of(connection, wanted.party, today)
            found = escalation.rungs(await reads.steps(connection, wanted), today)
        return service_pb2.Ladder(
            as_of=as_of, rungs=[wire.rung(step, count) for step, count in found.items()]
        )

    async def ListRegions(
        self, request: service_pb2.ListRegionsRequest, context: Context
    ) -> service_pb2.ListRegionsResponse:
        wanted, today = self._asked(request)
        definition = _definition(request.figure or _USUAL_FIGURE)
        dimension = _word(request, "dimension") or "PROVINCE"
        if dimension == "POST" and (field := _one_unit(wanted)):
            raise Malformed(
                "in one agency, regency or city a post would tell who it is; ask for a province or the whole",
                field=field,
                reason="TELLS_WHO_IT_IS",
            )
        async with self._desk.database.read() as connection:
            as_of = await _as_of(connection, wanted.party, today)
            found, tiers = await _apart(connection, wanted, definition, dimension, today)
        places = definitions.ranked(found, tiers, request.minimum or definitions.MINIMUM)
        return service_pb2.ListRegionsResponse(
            as_of=as_of, places=[_place(place, dimension) for place in places]
        )

    async def GetCohorts(
        self, request: service_pb2.GetCohortsRequest, context: Context
    ) -> service_pb2.Cohorts:
        wanted, today = self._asked(request)
        async with self._desk.database.read() as connection:
            as_of = await _as_of(connection, wanted.party, today)
            found = cohorts.cohorts(await reads.followed(connection, wanted), today, _working_days())
        return service_pb2.Cohorts(
            as_of=as_of,
            cohorts=[wire.cohort(cohort) for cohort in found],
            definition_id=cohorts.INDONESIAN,
            definition_en=cohorts.ENGLISH,
        )

    async def ListWarnings(
        self, request: service_pb2.ListWarningsRequest, context: Context
    ) -> service_pb2.ListWarningsResponse:
        wanted, today = self._asked(request)
        if wanted.start or wanted.end:
            raise Malformed("the weeks are the period", field="filter.start_date")
        dimension = _word(request, "dimension") or "REGION"
        if dimension not in _WARNED_OF:
            raise Malformed("not one of: {choices}", choices=", ".join(_WARNED_OF), field="dimension")
        windows = Windows(
            today, request.weeks or early_warning.WEEKS, request.periods or early_warning.PERIODS
        )
        minimum = request.minimum or early_warning.MINIMUM
        async with self._desk.database.read() as connection:
            as_of = await _as_of(connection, wanted.party, today)
            known = await reads.known(connection, wanted, dimension, windows.past, today)
            first = await reads.first_known(connection, wanted.party)
        found = early_warning.warnings(early_warning.counts(known, windows), windows, first, minimum)
        return service_pb2.ListWarningsResponse(
            as_of=as_of,
            recent_start=wire.date_message(windows.recent),
            past_start=wire.date_message(windows.past),
            judged=sum(one.interval is not None for one in found),
            warnings=[
                wire.warning(one, as_of, windows, minimum, _name(dimension, one.key))
                for one in found
                if one.state == early_warning.RISES or not request.rising_only
            ],
        )

    async def ListFeeds(
        self, request: service_pb2.ListFeedsRequest, context: Context
    ) -> service_pb2.ListFeedsResponse:
        party = desk_requests.parse_institution_name(request.parent)
        today = self._today(request, party)
        async with self._desk.database.read() as connection:
            as_of = await _as_of(connection, party, today)
            known = await store.feeds(connection, party)
            holds = await reads.holders(connection, party)
        peers = sorted((known.keys() | holds.keys()) - {party})
        found = [
            wire.feed(known.get(peer) or peer_activity.PeerActivity(peer), today, holds.get(peer, 0))
            for peer in peers
        ]
        return service_pb2.ListFeedsResponse(as_of=as_of, feeds=found, rule=peer_activity.RULE)

    async def ExportFigures(
        self, request: service_pb2.ExportFiguresRequest, context: Context
    ) -> AsyncIterator[service_pb2.FigureRow]:
        wanted, today = self._asked(request)
        async with self._desk.database.read() as connection:
            as_of = await _as_of(connection, wanted.party, today)
            whole = await reads.cells(connection, wanted, today)
            rows = [
                ("", "", found) for found in definitions.figures(whole, today, heard=as_of.log_index >= 0)
            ]
            for dimension in reads.DIMENSIONS:
                if dimension == "POST" and _one_unit(wanted):
                    continue
                apart = definitions.together(await reads.cells(connection, wanted, today, dimension))
                for key, mine in sorted(apart.items()):
                    rows += [(dimension, key, found) for found in definitions.figures(mine, today)]
        for dimension, key, found in rows:
            yield service_pb2.FigureRow(
                as_of=as_of,
                dimension=service_pb2.Dimension.Value(f"DIMENSION_{dimension or 'UNSPECIFIED'}"),
                key=key,
                name=_name(dimension, key),
                figure=wire.figure(found),
            )

    async def ListStatedFigures(
        self, request: service_pb2.ListStatedFiguresRequest, context: Context
    ) -> service_pb2.ListStatedFiguresResponse:
        party = desk_requests.parse_institution_name(request.parent)
        before, size = desk_requests.page_of(request)
        async with self._desk.database.read() as connection:
            found = await reads.all_said(connection, party, before=before, size=size + 1)
        return service_pb2.ListStatedFiguresResponse(
            figures=[wire.said(one) for one in found[:size]],
            next_page_token=desk_requests.page_token(found[size - 1].id) if len(found) > size else "",
        )

    async def ReconcileFigures(
        self, request: service_pb2.ReconcileFiguresRequest, context: Context
    ) -> service_pb2.Reconciliation:
        party, id = desk_requests.parse_resource_name(request.name)
        async with self._desk.database.read() as connection:
            said, stated, own, compared = await _compared(connection, party, id)
            today = protobuf_mapping.to_date(stated.today, "today")
            as_of = await _as_of(connection, party, today)
            answer = await reads.answer_to(connection, party, id)
        return wire.reconciliation(as_of, stated, said.sender, own, compared, answer)

    def _asked(self, request: wire.Filtered) -> tuple[Wanted, date]:
        """Cases that are asked for, and as of which legal date.

        Raises:
            Malformed: a date, region or agency that there is not.
        """
        party, asked = desk_requests.parse_institution_name(request.parent), request.filter
        days = {
            name: protobuf_mapping.to_date(getattr(asked, name), f"filter.{name}")
            if asked.HasField(name)
            else None
            for name in ("start_date", "end_date")
        }
        if asked.region:
            regions.region(asked.region, field="filter.region")
        if asked.agency:
            institutions.institution(asked.agency, field="filter.agency")
        wanted = Wanted(
            party,
            days["start_date"],
            days["end_date"],
            asked.region,
            _word(asked, "tier"),
            asked.act,
            asked.agency,
            asked.employment,
        )
        return wanted, self._today(request, party)

    def _today(self, request: wire.Filtered | service_pb2.ListFeedsRequest, party: str) -> date:
        if request.HasField("today"):
            return protobuf_mapping.to_date(request.today, "today")
        return self._desk.now().astimezone(self._desk.law.zone(party)).date()


class Reconciliation(service_pb2_grpc.ReconciliationServiceServicer):
    """Writing calls; each is committed when it returns. `role` is what this desk's parties hold."""

    def __init__(self, desk: HostContext, queue: Commands, role: str) -> None:
        self._desk, self._queue, self._role = desk, queue, role

    async def StateFigures(self, request: service_pb2.StateFiguresRequest, context: Context) -> Act:
        party = desk_requests.parse_institution_name(request.parent)
        period = Period(
            protobuf_mapping.to_date(request.start_date, "start_date"),
            protobuf_mapping.to_date(request.end_date, "end_date"),
        )
        if period.start >= period.end:
            raise Malformed("the period has no days", field="end_date")
        definition = _definition(request.figure)
        today = self._desk.now().astimezone(self._desk.law.zone(party)).date()
        async with self._desk.database.read() as connection:
            index, _ = await reads.position(connection, party)
            cases = await reads.everything(connection, party, period)
        counted = agreed_figures.counted(definition, cases.values(), period, today)
        facts = wire.stated(definition.id, period, today, index, counted)

        def state(tx: Transaction) -> wire.Record:
            return commands.state(tx, self._role, request.recipient, facts, counted.of)

        return await desk_requests.run_command(self._queue, request, party, [], state)

    async def AgreeFigures(self, request: service_pb2.AgreeFiguresRequest, context: Context) -> Act:
        party, id = desk_requests.parse_resource_name(request.name)
        # An unknown name is refused by the handler: a request id that was used before comes first.
        facts = events_pb2.FiguresAgreed()
        with suppress(NotFound):
            async with self._desk.database.read() as connection:
                index, _ = await reads.position(connection, party)
                _, _, own, compared = await _compared(connection, party, id)
            facts = wire.agreed(id, own, index, compared)

        def agree(tx: Transaction) -> wire.Record:
            return commands.agree(tx, self._role, id, facts)

        return await desk_requests.run_command(self._queue, request, party, [said_key(party, id)], agree)


def register(server: grpc.aio.Server, desk: HostContext, queue: Commands, role: str) -> Sequence[str]:
    """Add monitoring to a desk's server; `role` is what its parties hold: `supervisor` or `examiner`."""
    service_pb2_grpc.add_ReconciliationServiceServicer_to_server(Reconciliation(desk, queue, role), server)
    return *register_reading(server, desk), WRITE


def register_reading(server: grpc.aio.Server, desk: HostContext) -> Sequence[str]:
    """Add what reads only, for authorities and those who oversee: each sees what its own trail tells, and no more."""
    service_pb2_grpc.add_MonitoringServiceServicer_to_server(Monitoring(desk), server)
    return (READ,)


# --- what several calls ask -----------------------------------------------------------------------------------------


async def _as_of(connection: Connection, party: str, today: date) -> service_pb2.AsOf:
    index, at = await reads.position(connection, party)
    return service_pb2.AsOf(
        log_index=index, time=timestamp(at) if at else None, today=wire.date_message(today)
    )


async def summary(connection: Connection, wanted: Wanted, today: date) -> service_pb2.Summary:
    """The figures, the flow, the ageing and the sentence of these cases."""
    as_of = await _as_of(connection, wanted.party, today)
    cells = await reads.cells(connection, wanted, today)
    open_cases = await reads.open_since(connection, wanted, counters.aged_before(today, _working_days()))
    oldest = await reads.overdue(connection, wanted, today, limit=1)
    aged = definitions.ageing(open_cases, today, _working_days())
    return service_pb2.Summary(
        as_of=as_of,
        figures=[
            wire.figure(found) for found in definitions.figures(cells, today, heard=as_of.log_index >= 0)
        ],
        flow=[service_pb2.Count(key=stage, count=count) for stage, count in definitions.flow(cells).items()],
        ageing=[
            service_pb2.Count(key=f"{role} {bucket}", count=count) for (role, bucket), count in aged.items()
        ],
        sentence=wire.sentence(cells, oldest, today, _working_days(oldest[0].agency if oldest else "")),
    )


async def _apart(
    connection: Connection, wanted: Wanted, definition: Definition, dimension: str, today: date
) -> tuple[dict[str, Figure], dict[str, str]]:
    """The figure by key, and the tier of each key where there is one."""
    index, _ = await reads.position(connection, wanted.party)
    cells = await reads.cells(connection, wanted, today, dimension)
    every = [code for code in regions.regions() if len(code) == 2] if dimension == "PROVINCE" else []
    found = definitions.by_key(definition, cells, every, today, heard=index >= 0)
    return found, {cell.key: cell.tier for cell in cells if cell.tier}


async def _compared(
    connection: Connection, party: str, id: str
) -> tuple[agreed_figures.Said, events_pb2.FiguresStated, agreed_figures.Counted, agreed_figures.Compared]:
    """A stated figure beside the party's own of the same period and day.

    Raises:
        NotFound: nothing was stated under this id.
    """
    said = await reads.said(connection, party, id)
    if said is None or said.answers:
        raise NotFound("no such figure was stated to or by this party", field="name")
    stated = events_pb2.FiguresStated.FromString(said.facts)
    period, today = wire.period_of(stated), protobuf_mapping.to_date(stated.today, "today")
    known = await reads.everything(connection, party)
    own = agreed_figures.counted(_definition(stated.figure), known.values(), period, today)
    return said, stated, own, agreed_figures.compare(wire.counted_of(stated), own, known, period)


def _definition(figure: str) -> Definition:
    if figure not in definitions.BY_ID:
        raise Malformed("not one of: {choices}", choices=", ".join(definitions.BY_ID), field="figure")
    return definitions.BY_ID[figure]


def _one_unit(wanted: Wanted) -> str:
    """The filter that leaves one agency, regency or city; empty if none does."""
    if wanted.agency:
        return "filter.agency"
    return "filter.region" if len(wanted.region) > 2 else ""


def _word(message: Message, field: str) -> str:
    return protobuf_mapping.enum_word(message.DESCRIPTOR.fields_by_name[field], getattr(message, field))


def _place(place: definitions.Place, dimension: str) -> service_pb2.Place:
    return service_pb2.Place(
        key=place.key,
        name=_name(dimension, place.key),
        tier=service_pb2.Tier.Value(f"TIER_{place.tier or 'UNSPECIFIED'}"),
        figure=wire.figure(place.figure),
        rank=place.rank,
        unranked=place.unranked,
    )


def _name(dimension: str, key: str) -> str:
    """The name of a place or agency for people; empty for what has none."""
    try:
        if dimension in ("PROVINCE", "REGION"):
            return regions.region(key).name
        if dimension == reads.ELECTION and key:
            return f"{elections.election(key).title} (diturunkan dari wilayah dan tanggal)"
        if dimension == "POST" and key:
            return posts.posts()[key].title_id
        return institutions.institution(key).name if dimension == "AGENCY" else ""
    except Unknown:
        return ""


def _working_days(agency: str = "") -> working_days.WorkingDays:
    """Working days on the latest calendar; of an agency that of its region, where its own voting days are off."""
    return working_days.on(calendar.latest(institutions.region_of(agency)))

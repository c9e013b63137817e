"""Reading calls of those who monitor and audit: they ask the projection and let the pure modules count."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date

from google.protobuf.message import Message

from agreement.clocks import calendar, working_days
from agreement.elections import known
from agreement.parties import institutions, offices, regions
from audit.log import reads as log
from cooperation.monitoring import names, wire
from cooperation.monitoring.figures import (
    agreed_figures,
    cohorts,
    counters,
    definitions,
    early_warning,
    escalation,
    fold_facts,
    peer_activity,
)
from cooperation.monitoring.figures.case_status import CaseStatus
from cooperation.monitoring.figures.definitions import Definition, Figure
from cooperation.monitoring.figures.early_warning import Windows
from cooperation.monitoring.figures.next_step import next_step
from cooperation.monitoring.projection import reads as projection
from cooperation.monitoring.projection import store
from cooperation.monitoring.projection.reads import Wanted
from exchange.context import HostContext
from exchange.statements import protobuf_mapping
from exchange.statements.protobuf_time import timestamp
from host import desk_requests, front_door
from host.command_rows import CallContext, Function
from host.front_door import Context
from host.streams import GivesStream
from netral.monitoring.v1 import events_pb2
from netral.monitoring.v1 import service_pb2 as pb
from refusals import Malformed, NotFound
from storage.protocols import Connection

_WARNED_OF = ("PROVINCE", "REGION", "ACT")
_USUAL_FIGURE = "follow-up-rate"
_LOOK_AGAIN_SECONDS = 0.5
_LEAVE_BEFORE_SECONDS = 0.2
_USUAL_WATCH_SECONDS = 30.0
_MOST_LEAVES = 10_000


async def get_summary(context: CallContext, request: pb.GetSummaryRequest) -> pb.Summary:
    """Show the figures, the flow and the ageing of the cases that are asked for."""
    wanted, today = await asked_for(context.desk, request)
    async with context.desk.database.read() as connection:
        return await summary(connection, wanted, today)


async def watch_figures(
    context: CallContext, request: pb.WatchFiguresRequest, caller: Context
) -> AsyncIterator[pb.Summary]:
    """Give the figures now, and again whenever the log has grown, as long as the caller waits."""
    left = caller.time_remaining()
    ends = asyncio.get_running_loop().time() + (_USUAL_WATCH_SECONDS if left is None else left)
    sent = None
    while asyncio.get_running_loop().time() < ends - _LEAVE_BEFORE_SECONDS:
        wanted, today = await asked_for(
            context.desk, request
        )  # which cases an election has grows with the log
        async with context.desk.database.read() as connection:
            index, _ = await projection.position(connection, wanted.party)
            found = None if index == sent else await summary(connection, wanted, today)
        if found is not None:
            sent = found.as_of.log_index
            yield found
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)


async def list_cases(context: CallContext, request: pb.ListCasesRequest) -> pb.ListCasesResponse:
    """List cases, oldest first."""
    wanted, today = await asked_for(context.desk, request)
    after, size = desk_requests.page_of(request)
    async with context.desk.database.read() as connection:
        as_of = await read_as_of(connection, wanted.party, today)
        found = await projection.page(
            connection, wanted, after=after, size=size + 1, stage=request.stage, holder=request.holder
        )
    return pb.ListCasesResponse(
        cases=[_progress(case) for case in found[:size]],
        next_page_token=desk_requests.page_token(found[size - 1].matter) if len(found) > size else "",
        as_of=as_of,
    )


async def get_case(context: CallContext, request: pb.GetCaseRequest) -> pb.CaseProgress:
    """Show one case, folded from all that is kept on it: an officer sees what an act led to before the projection does.

    Raises:
        NotFound: nothing that this party keeps begins a case of this matter.
    """
    party, matter = desk_requests.parse_resource_name(request.name)
    async with context.desk.database.read() as connection:
        kept = await log.leaves(connection, party, log.Filter(matter=matter), limit=_MOST_LEAVES)
    said, _ = wire.read(party, kept, {})
    found = fold_facts.fold(party, said).get(matter)
    if found is None:
        raise desk_requests.missing("matter")
    return _progress(found)


async def list_overdue(context: CallContext, request: pb.ListOverdueRequest) -> pb.ListOverdueResponse:
    """List recommendations past their due date, latest first."""
    wanted, today = await asked_for(context.desk, request)
    after, size = desk_requests.page_of(request)
    async with context.desk.database.read() as connection:
        as_of = await read_as_of(connection, wanted.party, today)
        found = await projection.overdue(connection, wanted, today)
    rest = [case for case in found if f"{case.due_date} {case.matter}" > after]
    last = f"{rest[size - 1].due_date} {rest[size - 1].matter}" if len(rest) > size else ""
    return pb.ListOverdueResponse(
        cases=[
            wire.overdue(case, _progress(case), today, _working_days(case.agency)) for case in rest[:size]
        ],
        next_page_token=desk_requests.page_token(last) if last else "",
        as_of=as_of,
        total=len(found),
    )


async def get_ladder(context: CallContext, request: pb.GetLadderRequest) -> pb.Ladder:
    """Count the cases on each step of escalation."""
    wanted, today = await asked_for(context.desk, request)
    async with context.desk.database.read() as connection:
        as_of = await read_as_of(connection, wanted.party, today)
        found = escalation.rungs(await projection.steps(connection, wanted), today)
    return pb.Ladder(as_of=as_of, rungs=[wire.rung(step, count, today) for step, count in found.items()])


async def list_regions(context: CallContext, request: pb.ListRegionsRequest) -> pb.ListRegionsResponse:
    """Rank places by a figure."""
    wanted, today = await asked_for(context.desk, request)
    definition = definition_of(request.figure or _USUAL_FIGURE)
    dimension = word_of(request, "dimension") or "PROVINCE"
    check_tells_nobody(dimension, wanted)
    async with context.desk.database.read() as connection:
        as_of = await read_as_of(connection, wanted.party, today)
        found, tiers = await _apart(connection, wanted, definition, dimension, today)
    places = definitions.ranked(found, tiers, request.minimum or definitions.MINIMUM)
    return pb.ListRegionsResponse(as_of=as_of, places=[_place(place, dimension) for place in places])


async def get_cohorts(context: CallContext, request: pb.GetCohortsRequest) -> pb.Cohorts:
    """Follow the cases of each quarter."""
    wanted, today = await asked_for(context.desk, request)
    async with context.desk.database.read() as connection:
        as_of = await read_as_of(connection, wanted.party, today)
        found = cohorts.cohorts(await projection.followed(connection, wanted), today, _working_days())
    return pb.Cohorts(
        as_of=as_of,
        cohorts=[wire.cohort(cohort) for cohort in found],
        definition_id=cohorts.INDONESIAN,
        definition_en=cohorts.ENGLISH,
    )


async def list_warnings(context: CallContext, request: pb.ListWarningsRequest) -> pb.ListWarningsResponse:
    """List places or acts that rise, against their own past."""
    wanted, today = await asked_for(context.desk, request)
    if wanted.start or wanted.end:
        raise Malformed("the weeks are the period", field="filter.start_date")
    dimension = word_of(request, "dimension") or "REGION"
    if dimension not in _WARNED_OF:
        raise Malformed("not one of: {choices}", choices=", ".join(_WARNED_OF), field="dimension")
    windows = Windows(today, request.weeks or early_warning.WEEKS, request.periods or early_warning.PERIODS)
    minimum = request.minimum or early_warning.MINIMUM
    async with context.desk.database.read() as connection:
        as_of = await read_as_of(connection, wanted.party, today)
        known = await projection.known(connection, wanted, dimension, windows.past, today)
        first = await projection.first_known(connection, wanted.party)
    found = early_warning.warnings(early_warning.counts(known, windows), windows, first, minimum)
    return pb.ListWarningsResponse(
        as_of=as_of,
        recent_start=wire.date_message(windows.recent),
        past_start=wire.date_message(windows.past),
        judged=sum(one.interval is not None for one in found),
        warnings=[
            wire.warning(one, as_of, windows, minimum, names.name_of(dimension, one.key))
            for one in found
            if one.state == early_warning.RISES or not request.rising_only
        ],
    )


async def list_feeds(context: CallContext, request: pb.ListFeedsRequest) -> pb.ListFeedsResponse:
    """List the peers, with those that are quiet longer than usual."""
    party = desk_requests.parse_institution_name(request.parent)
    today = _today(context.desk, request, party)
    async with context.desk.database.read() as connection:
        as_of = await read_as_of(connection, party, today)
        known = await store.feeds(connection, party)
        holds = await projection.holders(connection, party)
    peers = sorted((known.keys() | holds.keys()) - {party})
    found = [
        wire.feed(known.get(peer) or peer_activity.PeerActivity(peer), today, holds.get(peer, 0))
        for peer in peers
    ]
    return pb.ListFeedsResponse(
        as_of=as_of, feeds=found, rule=peer_activity.RULE, rule_en=peer_activity.RULE_EN
    )


async def export_figures(
    context: CallContext, request: pb.ExportFiguresRequest, caller: Context
) -> AsyncIterator[pb.FigureRow]:
    """Give all figures, whole and by each dimension."""
    wanted, today = await asked_for(context.desk, request)
    async with context.desk.database.read() as connection:
        as_of = await read_as_of(connection, wanted.party, today)
        whole = await projection.cells(connection, wanted, today)
        rows = [("", "", found) for found in definitions.figures(whole, today, heard=as_of.log_index >= 0)]
        for dimension in projection.DIMENSIONS:
            if dimension == "POST" and _one_unit(wanted):
                continue
            apart = definitions.together(await projection.cells(connection, wanted, today, dimension))
            for key, mine in sorted(apart.items()):
                rows += [(dimension, key, found) for found in definitions.figures(mine, today)]
    for dimension, key, found in rows:
        yield pb.FigureRow(
            as_of=as_of,
            dimension=pb.Dimension.Value(f"DIMENSION_{dimension or 'UNSPECIFIED'}"),
            key=key,
            name=names.name_of(dimension, key),
            figure=wire.figure(found),
        )


async def list_stated_figures(
    context: CallContext, request: pb.ListStatedFiguresRequest
) -> pb.ListStatedFiguresResponse:
    """List what was stated and answered, newest first."""
    party = desk_requests.parse_institution_name(request.parent)
    before, size = desk_requests.page_of(request)
    async with context.desk.database.read() as connection:
        found = await projection.stated_figures(connection, party, before=before, size=size + 1)
    return pb.ListStatedFiguresResponse(
        figures=[wire.stated_figure(one) for one in found[:size]],
        next_page_token=desk_requests.page_token(found[size - 1].id) if len(found) > size else "",
    )


async def reconcile_figures(context: CallContext, request: pb.ReconcileFiguresRequest) -> pb.Reconciliation:
    """Compare a stated figure with the party's own, case by case."""
    party, id = desk_requests.parse_resource_name(request.name)
    async with context.desk.database.read() as connection:
        figure, stated, own, compared = await compared_with_own(connection, party, id)
        today = protobuf_mapping.to_date(stated.today, "today")
        as_of = await read_as_of(connection, party, today)
        answer = await projection.answer_to(connection, party, id)
    return wire.reconciliation(as_of, stated, figure.sender, own, compared, answer)


# --- what several calls ask -----------------------------------------------------------------------------------------


async def asked_for(desk: HostContext, request: wire.Filtered) -> tuple[Wanted, date]:
    """Cases that are asked for, and as of which legal date.

    Raises:
        Malformed: a date, region, agency or election that there is not.
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
    if asked.office:
        offices.check_code(asked.office, field="filter.office")
    wanted = Wanted(
        party,
        days["start_date"],
        days["end_date"],
        asked.region,
        word_of(asked, "tier"),
        asked.act,
        asked.agency,
        asked.employment,
        office=asked.office,
    )
    if asked.election:
        known.election(asked.election, field="filter.election")
        async with desk.database.read() as connection:
            wanted = await projection.of_election(connection, wanted, asked.election)
    return wanted, _today(desk, request, party)


def _today(desk: HostContext, request: wire.Filtered | pb.ListFeedsRequest, party: str) -> date:
    if request.HasField("today"):
        return protobuf_mapping.to_date(request.today, "today")
    return desk.now().astimezone(desk.law.zone(party)).date()


async def read_as_of(connection: Connection, party: str, today: date) -> pb.AsOf:
    index, at = await projection.position(connection, party)
    return pb.AsOf(log_index=index, time=timestamp(at) if at else None, today=wire.date_message(today))


async def summary(connection: Connection, wanted: Wanted, today: date) -> pb.Summary:
    """The figures, the flow, the ageing and the sentence of these cases."""
    as_of = await read_as_of(connection, wanted.party, today)
    cells = await projection.cells(connection, wanted, today)
    open_cases = await projection.open_since(connection, wanted, counters.aged_before(today, _working_days()))
    oldest = await projection.overdue(connection, wanted, today, limit=1)
    aged = definitions.ageing(open_cases, today, _working_days())
    told = wire.sentences(cells, oldest, today, _working_days(oldest[0].agency if oldest else ""))
    return pb.Summary(
        as_of=as_of,
        figures=[
            wire.figure(found) for found in definitions.figures(cells, today, heard=as_of.log_index >= 0)
        ],
        flow=[pb.Count(key=stage, count=count) for stage, count in definitions.flow(cells).items()],
        ageing=[pb.Count(key=f"{role} {bucket}", count=count) for (role, bucket), count in aged.items()],
        sentence=told[0],
        sentence_en=told[1],
    )


async def _apart(
    connection: Connection, wanted: Wanted, definition: Definition, dimension: str, today: date
) -> tuple[dict[str, Figure], dict[str, str]]:
    """The figure by key, and the tier of each key where there is one."""
    index, _ = await projection.position(connection, wanted.party)
    cells = await projection.cells(connection, wanted, today, dimension)
    every = [code for code in regions.regions() if len(code) == 2] if dimension == "PROVINCE" else []
    found = definitions.by_key(definition, cells, every, today, heard=index >= 0)
    return found, {cell.key: cell.tier for cell in cells if cell.tier}


async def compared_with_own(
    connection: Connection, party: str, id: str
) -> tuple[
    agreed_figures.StatedFigure, events_pb2.FiguresStated, agreed_figures.Counted, agreed_figures.Compared
]:
    """A stated figure beside the party's own of the same period and day.

    Raises:
        NotFound: nothing was stated under this id.
    """
    figure = await projection.stated_figure(connection, party, id)
    if figure is None or figure.answers:
        raise NotFound("no such figure was stated to or by this party", field="name")
    stated = events_pb2.FiguresStated.FromString(figure.facts)
    period, today = wire.period_of(stated), protobuf_mapping.to_date(stated.today, "today")
    known = await projection.everything(connection, party)
    own = agreed_figures.counted(definition_of(stated.figure), known.values(), period, today)
    return figure, stated, own, agreed_figures.compare(wire.counted_of(stated), own, known, period)


def definition_of(figure: str) -> Definition:
    if figure not in definitions.BY_ID:
        raise Malformed("not one of: {choices}", choices=", ".join(definitions.BY_ID), field="figure")
    return definitions.BY_ID[figure]


def check_tells_nobody(dimension: str, wanted: Wanted) -> None:
    """Refuse what could tell who a person is.

    Raises:
        Malformed: posts of one agency, regency or city, or of an election of a few of them (TELLS_WHO_IT_IS).
    """
    if dimension == "POST" and (field := _one_unit(wanted)):
        raise Malformed(
            "in one agency, regency or city a post would tell who it is; ask for a province or the whole",
            field=field,
            reason="TELLS_WHO_IT_IS",
        )


def _one_unit(wanted: Wanted) -> str:
    """The filter that leaves one agency, regency or city, or a few (re-votes, repeated elections); empty if none does."""
    if wanted.agency:
        return "filter.agency"
    if wanted.election and known.election(wanted.election).local_day_off:
        return "filter.election"
    if offices.is_of_one_unit(wanted.office):
        return "filter.office"
    return "filter.region" if len(wanted.region) > 2 else ""


def word_of(message: Message, field: str) -> str:
    return protobuf_mapping.enum_word(message.DESCRIPTOR.fields_by_name[field], getattr(message, field))


def _place(place: definitions.Place, dimension: str) -> pb.Place:
    return pb.Place(
        key=place.key,
        name=names.name_of(dimension, place.key),
        tier=pb.Tier.Value(f"TIER_{place.tier or 'UNSPECIFIED'}"),
        figure=wire.figure(place.figure),
        rank=place.rank,
        unranked=place.unranked,
    )


def _progress(found: CaseStatus) -> pb.CaseProgress:
    """Tell where a case is, and its next step in the caller's language."""
    following = next_step(found)
    due = following.due_date if following else None
    return protobuf_mapping.to_message(
        found,
        pb.CaseProgress,
        derived_election=found.election,
        derived_office=found.derived_office,
        next_step=following.words[front_door.caller().language] if following else "",
        next_due_date=wire.date_message(due) if due else None,
        since_time=timestamp(found.since),
        step_time=timestamp(found.step_time) if found.step_time else None,
    )


def _working_days(agency: str = "") -> working_days.WorkingDays:
    """Working days on the latest calendar; of an agency that of its region, where its own voting days are off."""
    return working_days.on(calendar.latest(institutions.region_of(agency)))


METHODS = (
    Function(pb.GetSummaryRequest, get_summary),
    Function(pb.ListCasesRequest, list_cases),
    Function(pb.GetCaseRequest, get_case),
    Function(pb.ListOverdueRequest, list_overdue),
    Function(pb.GetLadderRequest, get_ladder),
    Function(pb.ListRegionsRequest, list_regions),
    Function(pb.GetCohortsRequest, get_cohorts),
    Function(pb.ListWarningsRequest, list_warnings),
    Function(pb.ListFeedsRequest, list_feeds),
    Function(pb.ListStatedFiguresRequest, list_stated_figures),
    Function(pb.ReconcileFiguresRequest, reconcile_figures),
)
STREAMS = (
    GivesStream(pb.WatchFiguresRequest, watch_figures),
    GivesStream(pb.ExportFiguresRequest, export_figures),
)

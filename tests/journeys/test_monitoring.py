"""Dozens of matters of different fates: every figure is the one counted by hand, and the one recomputed from the log."""

import uuid
from collections import Counter
from itertools import product
from typing import Any

import pytest

from agreement.clocks import calendar, working_days
from audit.log import reads
from cooperation.monitoring import reads as calls
from cooperation.monitoring import recompute
from cooperation.monitoring.figures import (
    case_status,
    cohorts,
    definitions,
    early_warning,
    escalation,
    published_tables,
)
from cooperation.monitoring.projection import projector
from cooperation.monitoring.projection.reads import DIMENSIONS
from cooperation.monitoring.published import reads as published
from cooperation.monitoring.recompute import Recomputed
from exchange.context import HostContext
from host.command_rows import CallContext
from netral.monitoring.v1 import service_pb2 as pb
from refusals import Malformed, NotAllowed
from support.fates import FOLLOWED_UP, POSTS, RECOMMENDED, TODAY, Played, new_id
from support.invariants import check_all, read_host_tables
from support.steps import Place, World
from support.story import day

WORKING = working_days.on(calendar.latest())
_SEES = {"bawaslu": {"supervisor"}, "kasn": {"examiner", "former_examiner"}}
# What each party must count, as (n, N) of fates; the supervisor hears of a follow-up when it is verified.
BY_HAND: dict[str, dict[str, tuple[set[str], set[str]]]] = {
    "kasn": {
        "proven-rate": (RECOMMENDED, RECOMMENDED | {"not proven"}),
        "follow-up-rate": (FOLLOWED_UP, RECOMMENDED),
        "on-time-rate": ({"reported on time", "conforms on time"}, RECOMMENDED - {"impossible"}),
        "conforming-rate": ({"conforms late", "conforms on time"}, RECOMMENDED),
        "cannot-rate": ({"impossible"}, RECOMMENDED),
        "overdue-rate": (RECOMMENDED - FOLLOWED_UP - {"impossible"}, RECOMMENDED),
        "blocked-rate": (set(), RECOMMENDED),
    },
    "bawaslu": {
        "proven-rate": (RECOMMENDED, RECOMMENDED | {"not proven"}),
        "follow-up-rate": ({"conforms late", "conforms on time"}, RECOMMENDED),
        "conforming-rate": ({"conforms late", "conforms on time"}, RECOMMENDED),
        "cannot-rate": ({"impossible"}, RECOMMENDED),
        "blocked-rate": (set(), RECOMMENDED),
    },
}


async def recomputed(desk: HostContext, party: str) -> Recomputed:
    """From the exported log alone."""
    leaves = [item async for item in reads.export(desk.database, party) if isinstance(item, reads.PlacedLeaf)]
    return recompute.from_log(party, leaves)


async def test_every_figure_is_the_one_counted_by_hand_and_the_one_recomputed_from_the_log(place: Place):
    async with World(place) as world:
        played = Played(world)
        await played.play(times=2)
        await played.follow()

        for desk, by_hand in BY_HAND.items():
            monitoring, ask = played.ask(desk)
            summary = await calls.get_summary(monitoring, pb.GetSummaryRequest(**ask))
            again = await recomputed(world.desks[desk], desk)

            found = {figure.id: (figure.n, figure.of) for figure in summary.figures}
            for id, (n, of) in by_hand.items():
                assert found[id] == (played.count(n), played.count(of)), (desk, id)
            assert found == {f.id: (f.n, f.of) for f in definitions.figures(again.cells(), TODAY)}
            flow = {count.key: count.count for count in summary.flow}
            assert flow == definitions.flow(again.cells())
            known = [case for case in again.cases.values() if case.stage not in case_status.CLOSED]
            aged = definitions.ageing(
                [(c.stage, definitions.since_date(c), 1) for c in known], TODAY, WORKING
            )
            assert {count.key: count.count for count in summary.ageing} == {
                f"{role} {bucket}": count for (role, bucket), count in aged.items()
            }
            await _breakdowns_are_recomputed(monitoring, ask, again)
            await _lists_are_recomputed(monitoring, ask, again)
            await _warnings_are_recomputed(monitoring, ask, again)
            await _tables_are_recomputed(monitoring, ask, again, desk)

        kasn_flow = Counter(
            case.stage for case in (await recomputed(world.desks["kasn"], "kasn")).cases.values()
        )
        assert (kasn_flow["REJECTED"], kasn_flow["OBJECTED"], kasn_flow["DECIDED"]) == (2, 2, 2)


async def _breakdowns_are_recomputed(monitoring: CallContext, ask: dict[str, Any], again: Recomputed) -> None:
    for dimension, definition in product(DIMENSIONS, definitions.DEFINITIONS):
        request = pb.ListRegionsRequest(
            **ask, figure=definition.id, dimension=pb.Dimension.Value(f"DIMENSION_{dimension}")
        )
        listed = await calls.list_regions(monitoring, request)
        found = {place.key: (place.figure.n, place.figure.of) for place in listed.places if place.figure.of}
        counted = definitions.by_key(definition, again.cells(dimension.lower()), [], TODAY)
        assert found == {key: (figure.n, figure.of) for key, figure in counted.items() if figure.of}
        if dimension == "POST" and definition.id == "follow-up-rate":
            assert set(found) == set(POSTS)
    rows = [row async for row in calls.export_figures(monitoring, pb.ExportFiguresRequest(**ask), None)]
    assert {row.figure.id for row in rows} == set(definitions.BY_ID)
    assert all(row.figure.definition_id and row.figure.definition_en for row in rows)


async def _tables_are_recomputed(
    monitoring: CallContext, ask: dict[str, Any], again: Recomputed, party: str
) -> None:
    """Every cell of every table by every dimension and crossed; a table of what the party is not told is refused."""
    for table in published_tables.TABLES.values():
        if _SEES[party].isdisjoint(table.seen_by):
            with pytest.raises(NotAllowed, match="is not told"):
                await published.get_table(monitoring, pb.GetTableRequest(**ask, table=table.id))
            continue
        crossed = [row for row in table.rows if row not in ("AGENCY", "REGION", "OFFICE", "ELECTION")][:5]
        for dimensions in [[dimension] for dimension in table.rows] + [crossed]:
            first, *rest = [pb.Dimension.Value(f"DIMENSION_{dimension}") for dimension in dimensions]
            request = pb.GetTableRequest(**ask, table=table.id, dimension=first, then_by=rest)
            found = await published.get_table(monitoring, request)
            assert {
                recompute.cell_name(table.id, dimensions, [key.key for key in row.keys], column.id): (
                    cell.n,
                    cell.of,
                )
                for row in found.rows
                for column, cell in zip(found.columns, row.cells, strict=True)
            } == recompute.counted_table(again, table, TODAY, dimensions)


async def _warnings_are_recomputed(monitoring: CallContext, ask: dict[str, Any], again: Recomputed) -> None:
    for dimension in ("PROVINCE", "REGION", "ACT"):
        request = pb.ListWarningsRequest(
            **ask, dimension=pb.Dimension.Value(f"DIMENSION_{dimension}"), weeks=52, periods=1
        )
        listed = await calls.list_warnings(monitoring, request)
        found = {one.key: (one.recent, one.past) for one in listed.warnings}
        windows = early_warning.Windows(TODAY, weeks=52, periods=1)
        assert found == recompute.warned(again, windows, dimension.lower())
        assert sum(recent for recent, _ in found.values()) == len(again.cases)
        assert all(one.definition_id and one.as_of == listed.as_of for one in listed.warnings)
        assert {one.state for one in listed.warnings} == {pb.WARNING_STATE_NO_PAST}
        later = await calls.list_warnings(
            monitoring, pb.ListWarningsRequest(**ask, dimension=request.dimension, rising_only=True)
        )
        assert not later.warnings


async def _lists_are_recomputed(monitoring: CallContext, ask: dict[str, Any], again: Recomputed) -> None:
    cases = again.cases.values()
    curve = await calls.get_cohorts(monitoring, pb.GetCohortsRequest(**ask))
    standing = [c for c in cases if c.recommended_date and c.stage != "WITHDRAWN"]
    naive = cohorts.cohorts([(c.recommended_date, c.followed_up_date, 1) for c in standing], TODAY, WORKING)
    assert [(c.month, c.recommended, [(p.n, p.of) for p in c.points]) for c in curve.cohorts] == [
        (c.month, c.recommended, [(p.n, p.of) for p in c.points]) for c in naive
    ]
    late = [case.matter for case in cases if definitions.is_overdue(definitions.measure(case), TODAY)]
    first = await calls.list_overdue(monitoring, pb.ListOverdueRequest(**ask, page_size=5))
    listed = list(first.cases)
    while first.next_page_token:
        request = pb.ListOverdueRequest(**ask, page_size=5, page_token=first.next_page_token)
        first = await calls.list_overdue(monitoring, request)
        listed += first.cases
    assert sorted(one.case.matter for one in listed) == sorted(late)
    assert {(one.days_late, one.working_days_late, one.next_step) for one in listed} == {
        (42, 27, "REMINDED")  # Christmas, the day after and New Year are off
    }
    rungs = (await calls.get_ladder(monitoring, pb.GetLadderRequest(**ask))).rungs
    assert {rung.step: rung.count for rung in rungs} == escalation.rungs(
        [(definitions.measure(case), case.step, case.agency) for case in cases], TODAY
    )
    page = await calls.list_cases(monitoring, pb.ListCasesRequest(**ask, page_size=1000))
    assert {(c.matter, c.stage, c.holder) for c in page.cases} == {
        (c.matter, c.stage, c.holder) for c in cases
    }
    heard = await calls.list_feeds(monitoring, pb.ListFeedsRequest(**ask))
    counted = {feed.peer: feed.statements for feed in heard.feeds if feed.statements}
    assert counted == {peer: feed.statements for peer, feed in again.peers.items()}


async def test_the_cells_of_a_published_table_are_those_counted_by_hand(place: Place):
    decided = {"decided", "impossible", "not yet conforms"} | FOLLOWED_UP
    async with World(place) as world:
        played = Played(world)
        await played.play(times=1)
        await played.follow()
        monitoring, ask = played.ask("kasn")

        async def cells(table: str, **more: Any) -> dict[str, int]:
            found = await published.get_table(monitoring, pb.GetTableRequest(**ask, table=table, **more))
            return {
                column.id: cell.n for column, cell in zip(found.columns, found.rows[-1].cells, strict=True)
            }

        handled = await cells("handling", filter=pb.CaseFilter(region="62"))
        sanctions = await cells("sanctions", dimension=pb.DIMENSION_QUARTER)
        with pytest.raises(Malformed) as refused:
            await cells("sanctions", dimension=pb.DIMENSION_POST, filter=pb.CaseFilter(agency="ppk-6202"))
        with pytest.raises(Malformed) as together:
            await cells(
                "sanctions", dimension=pb.DIMENSION_ACT, then_by=[pb.DIMENSION_POST, pb.DIMENSION_REGION]
            )

    assert handled["recommended"] == handled["referred"] - 3 == len(RECOMMENDED)
    assert (handled["not-proven"], handled["followed-up"], handled["conforms"]) == (1, 4, 2)
    assert handled["reports"] == handled["cases"] and handled["findings"] == 0
    assert sanctions["discipline_severe"] == len(decided)
    assert sanctions["no-decree"] == len(RECOMMENDED - decided)
    assert refused.value.reason == together.value.reason == "TELLS_WHO_IT_IS"


async def test_a_projection_that_was_dropped_comes_back_the_same_and_a_second_run_changes_nothing(
    place: Place,
):
    async with World(place) as world:
        played = Played(world)
        await played.play(times=1)
        await played.follow()
        monitoring, ask = played.ask("kasn")
        before = await calls.get_summary(monitoring, pb.GetSummaryRequest(**ask))

        await projector.rebuild(world.desks["kasn"], "kasn")
        nothing = await calls.get_summary(monitoring, pb.GetSummaryRequest(**ask))
        await played.follow()
        await played.follow()

        assert {figure.answer for figure in nothing.figures} == {pb.ANSWER_NO_DATA}
        assert await calls.get_summary(monitoring, pb.GetSummaryRequest(**ask)) == before


async def test_filters_and_the_three_answers(place: Place):
    async with World(place) as world:
        played = Played(world)
        await played.play(times=1)
        await played.follow()
        monitoring, ask = played.ask("kasn")

        async def rate(**filter: Any) -> tuple[int, int, int]:
            request = pb.GetSummaryRequest(**ask, filter=pb.CaseFilter(**filter))
            summary = await calls.get_summary(monitoring, request)
            (found,) = [figure for figure in summary.figures if figure.id == "follow-up-rate"]
            return found.n, found.of, found.answer

        everything = (4, 12, pb.ANSWER_VALUE)
        assert await rate() == await rate(region="62") == await rate(region="62.02") == everything
        assert await rate(agency="ppk-6202", tier=pb.TIER_REGENCY, act="2022-DSB7") == everything
        november = {"start_date": day("2023-11-01"), "end_date": day("2023-12-01")}
        assert await rate(**november) == everything
        assert await rate(region="73") == (0, 0, pb.ANSWER_NO_CASES)
        assert await rate(end_date=day("2023-11-20")) == (0, 0, pb.ANSWER_NO_CASES)
        places = (await calls.list_regions(monitoring, pb.ListRegionsRequest(**ask))).places
        assert len(places) == 38
        assert [(place.key, place.rank) for place in places if place.rank] == [("62", 1)]
        assert {place.unranked for place in places if not place.rank} == {"NO_CASES"}


async def test_an_authority_sees_its_own_cases_and_a_governor_those_of_its_province(place: Place):
    async with World(place) as world:
        played = Played(world)
        await played.play(times=2)  # of each fate one at a regency in province 62, one at a regency in 32
        await played.follow()
        sees, counts = {}, {}
        for party in ("kasn", "ppk-6202", "ppk-3204", "prov-62", "kemendagri"):
            monitoring, ask = played.ask(party)
            listed = await calls.list_cases(monitoring, pb.ListCasesRequest(**ask, page_size=1000))
            sees[party] = {(case.matter, case.agency) for case in listed.cases}
            summary = await calls.get_summary(monitoring, pb.GetSummaryRequest(**ask))
            counts[party] = {figure.id: (figure.n, figure.of) for figure in summary.figures}
            again = await recomputed(monitoring.desk, party)
            assert counts[party] == {f.id: (f.n, f.of) for f in definitions.figures(again.cells(), TODAY)}, (
                party
            )

        recommended = {one for one in sees["kasn"] if played.fates[one[0]] in RECOMMENDED}
        for party in ("ppk-6202", "ppk-3204"):
            assert sees[party] == {one for one in recommended if one[1] == party}
            assert counts[party]["follow-up-rate"] == (len(FOLLOWED_UP), len(RECOMMENDED))
        assert sees["prov-62"] == sees["ppk-6202"]
        assert sees["kemendagri"] == recommended
        # A copy of the verification is all that those who oversee hear of a follow-up.
        assert counts["prov-62"]["follow-up-rate"] == (2, len(RECOMMENDED))
        for party in ("ppk-6202", "prov-62", "kemendagri"):
            # Of what a governor or Kemendagri only has copies, it would publish that no decree was made.
            monitoring, ask = played.ask(party)
            imposed = await published.get_table(monitoring, pb.GetTableRequest(**ask, table="sanctions"))
            assert imposed.only_agency == party
            own = len(RECOMMENDED) if party == "ppk-6202" else 0
            assert imposed.rows[-1].cells[0].n == own
        monitoring, ask = played.ask("prov-62")
        of_another = pb.CaseFilter(agency="ppk-6202")
        with pytest.raises(NotAllowed, match="is not told"):
            await published.get_table(monitoring, pb.GetTableRequest(**ask, table="siptl", filter=of_another))
        monitoring, _ = played.ask("ppk-6202")
        with pytest.raises(NotAllowed) as refused:
            await calls.list_cases(monitoring, pb.ListCasesRequest(parent="institutions/ppk-3204"))
        assert refused.value.reason == "OTHER_PARTY"


async def test_two_agencies_agree_on_a_figure_except_what_one_has_not_heard_yet(place: Place):
    async with World(place) as world:
        played = Played(world)
        await played.play(times=1)
        await played.follow()
        year = {"start_date": day("2023-01-01"), "end_date": day("2024-01-01")}

        stated = await world.call(
            "bawaslu",
            "StateFigures",
            pb.StateFiguresRequest(
                parent="institutions/bawaslu",
                recipient="kasn",
                figure="follow-up-rate",
                request_id=new_id(),
                **year,
            ),
        )
        await world.settle()
        monitoring, _ = played.ask("kasn")
        name = f"institutions/kasn/figures/{stated.statements[0]}"
        seen = await calls.reconcile_figures(monitoring, pb.ReconcileFiguresRequest(name=name))
        await world.call("kasn", "AgreeFigures", pb.AgreeFiguresRequest(name=name, request_id=new_id()))
        await world.settle()
        monitoring, _ = played.ask("bawaslu")
        request = pb.ListStatedFiguresRequest(parent="institutions/bawaslu")
        answer, own = (await calls.list_stated_figures(monitoring, request)).figures

        assert (seen.stated.ratio.n, seen.stated.ratio.of) == (2, 12)
        assert (seen.own.n, seen.own.of, seen.alike) == (4, 12, 10)
        differing = {str(uuid.UUID(bytes=one.matter)) for one in answer.agreed.differences}
        assert {played.fates[matter] for matter in differing} == {"reported late", "reported on time"}
        assert {(one.reason, one.stage) for one in answer.agreed.differences} == {(7, "REPORTED")}
        assert own.name.endswith(answer.agreed.stated)
        check_all([await read_host_tables(name, desk.database) for name, desk in world.desks.items()])

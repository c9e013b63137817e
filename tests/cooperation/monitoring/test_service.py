"""Monitoring at a running desk: it follows the log by itself, watches, and refuses what it cannot answer."""

from pathlib import Path

import grpc
from google.type.date_pb2 import Date

from netral.monitoring.v1 import service_pb2 as pb
from netral.monitoring.v1.service_pb2_grpc import MonitoringServiceStub
from netral.ppk.v1 import service_pb2 as ppk
from support import acts, desks
from support.desks import Caller, Refused
from support.waiting import HANGS, until

SERVICE = "/netral.monitoring.v1.MonitoringService/"
RECONCILE = "/netral.monitoring.v1.ReconciliationService/"
PARENT = "institutions/bkn"


async def test_a_watch_says_more_whenever_the_trail_has_moved(tmp_path: Path) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve("kasn", desks.settings(tmp_path, "kasn")) as served:
        watch = MonitoringServiceStub(served.channel).WatchFigures(
            pb.WatchFiguresRequest(parent=PARENT), metadata=Caller("bkn").metadata, timeout=HANGS
        )
        seen = [await watch.read()]
        await acts.is_followed_up(served)
        while sum(count.count for count in seen[-1].flow if count.key == "REPORTED") < 1:
            seen.append(await watch.read())
        watch.cancel()

    sizes = [summary.as_of.log_index for summary in seen]
    assert sizes == sorted(set(sizes))
    assert {figure.answer for figure in seen[0].figures} == {pb.ANSWER_NO_DATA}
    assert [f.n for f in seen[-1].figures if f.id == "follow-up-rate"] == [1]


async def test_an_authority_monitors_its_own_cases_and_states_no_figures(tmp_path: Path) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve("ppk", desks.settings(tmp_path, "ppk")) as served:
        await acts.is_recommended(served, "ppk-6202")
        stub = MonitoringServiceStub(served.channel)

        async def recommended(party: str) -> int:
            request = pb.GetSummaryRequest(parent=f"institutions/{party}")
            summary = await stub.GetSummary(request, metadata=Caller(party).metadata, timeout=HANGS)
            return sum(count.count for count in summary.flow if count.key == "RECOMMENDED")

        await until(lambda: recommended("ppk-6202"))
        others = await recommended("ppk-3204")
        refused = await served.call(
            SERVICE + "GetSummary",
            pb.GetSummaryRequest(parent="institutions/ppk-6202"),
            Caller("ppk-3204"),
        )
        stated = pb.StateFiguresRequest(parent="institutions/ppk-6202")
        unknown = await served.call(RECONCILE + "StateFigures", stated, Caller("ppk-6202"))

    assert others == 0
    assert isinstance(refused, Refused) and refused.reason == "OTHER_PARTY"
    assert isinstance(unknown, Refused) and unknown.code == grpc.StatusCode.UNIMPLEMENTED


async def test_a_watch_ends_with_its_deadline(tmp_path: Path) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve("kasn", desks.settings(tmp_path, "kasn")) as served:
        watch = MonitoringServiceStub(served.channel).WatchFigures(
            pb.WatchFiguresRequest(parent=PARENT), metadata=Caller("bkn").metadata, timeout=3
        )
        seen, code = [], grpc.StatusCode.OK
        try:
            async for summary in watch:
                seen.append(summary)
        except grpc.aio.AioRpcError as error:
            code = error.code()

    # A busy machine is late by itself.
    assert code in (grpc.StatusCode.OK, grpc.StatusCode.DEADLINE_EXCEEDED)
    assert len(seen) <= 1


async def test_what_there_is_not_is_refused_with_its_field(tmp_path: Path) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve("kasn", desks.settings(tmp_path, "kasn")) as served:

        async def refused(path: str, request: object) -> tuple[str, ...]:
            answer = await served.call(path, request, Caller("bkn"))  # type: ignore[arg-type]
            assert isinstance(answer, Refused)
            assert answer.code == grpc.StatusCode.INVALID_ARGUMENT
            return answer.fields

        def asked(**filter: object) -> pb.GetSummaryRequest:
            return pb.GetSummaryRequest(parent=PARENT, filter=pb.CaseFilter(**filter))  # type: ignore[arg-type]

        def stated(**other: object) -> pb.StateFiguresRequest:
            usual = {"recipient": "bawaslu", "figure": "follow-up-rate", "start_date": acts.day(9)}
            usual |= {"end_date": acts.day(), "parent": PARENT, "request_id": acts.new_id()}
            return pb.StateFiguresRequest(**(usual | other))  # type: ignore[arg-type]

        assert await refused(SERVICE + "GetSummary", asked(region="62.99")) == ("filter.region",)
        assert await refused(SERVICE + "GetSummary", asked(agency="ppk-9999")) == ("filter.agency",)
        assert await refused(SERVICE + "GetSummary", asked(election="PILKADA-1999")) == ("filter.election",)
        assert await refused(SERVICE + "GetSummary", asked(start_date=Date(year=2025, month=2, day=30))) == (
            "filter.start_date",
        )
        assert await refused(SERVICE + "GetSummary", asked(office="KANREG-XX")) == ("filter.office",)
        for filter, field in (
            ({"agency": "ppk-6202"}, "filter.agency"),
            ({"office": "Kab/27.09"}, "filter.office"),
            ({"region": "62.02"}, "filter.region"),
            ({"election": "PSU-2025-62.05"}, "filter.election"),  # of one regency
        ):
            by_post = pb.ListRegionsRequest(
                parent=PARENT, dimension=pb.DIMENSION_POST, filter=pb.CaseFilter(**filter)
            )
            assert await refused(SERVICE + "ListRegions", by_post) == (field,)
        of_reports = pb.GetTableRequest(parent=PARENT, table="intake")
        of_reports.filter.election = "PILKADA-2024"
        assert await refused(SERVICE + "GetTable", of_reports) == ("filter",)
        unknown = pb.ListRegionsRequest(parent=PARENT, figure="happiness")
        assert await refused(SERVICE + "ListRegions", unknown) == ("figure",)
        for recipient in ("bkn", "ppk-6202", "nobody"):
            fields = await refused(RECONCILE + "StateFigures", stated(recipient=recipient))
            assert fields == ("recipient",)
        assert await refused(RECONCILE + "StateFigures", stated(end_date=acts.day(9))) == ("end_date",)
        assert await refused(RECONCILE + "StateFigures", stated(figure="happiness")) == ("figure",)


async def test_warnings_are_of_places_and_acts_over_weeks_and_never_of_agencies_or_periods(
    tmp_path: Path,
) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve("kasn", desks.settings(tmp_path, "kasn")) as served:
        request = pb.ListWarningsRequest(parent=PARENT, dimension=pb.DIMENSION_AGENCY)
        agencies = await served.call(SERVICE + "ListWarnings", request, Caller("bkn"))
        period = pb.CaseFilter(start_date=Date(year=2025, month=1, day=1))
        request = pb.ListWarningsRequest(parent=PARENT, filter=period)
        periods = await served.call(SERVICE + "ListWarnings", request, Caller("bkn"))

    assert isinstance(agencies, Refused) and agencies.fields == ("dimension",)
    assert isinstance(periods, Refused) and periods.fields == ("filter.start_date",)


async def test_a_case_is_told_as_it_is_now_though_nothing_has_a_place_in_the_log_yet(tmp_path: Path) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve("ppk", desks.settings(tmp_path, "ppk")) as served:
        name = await acts.is_recommended(served, "ppk-6202")
        await served.running.end_loop("sequencer")
        opened = ppk.OpenRecommendationRequest(name=name, request_id=acts.new_id())
        caller = Caller("ppk-6202", language="id")
        assert not isinstance(
            await served.call("/netral.ppk.v1.PpkService/OpenRecommendation", opened, caller), Refused
        )

        answer = await served.call(SERVICE + "GetCase", pb.GetCaseRequest(name=name), caller)

    assert not isinstance(answer, Refused)
    case = pb.CaseProgress.FromString(answer)
    assert (case.stage, case.holder) == ("OPENED", "ppk-6202")
    assert case.next_step == "mencatat rekomendasi sebagai diterima dan menindaklanjutinya"
    assert case.next_due_date == case.due_date and case.due_date.year


async def test_a_case_that_the_party_knows_nothing_of_is_not_found(tmp_path: Path) -> None:
    desks.write_trust(tmp_path)
    async with desks.serve("ppk", desks.settings(tmp_path, "ppk")) as served:
        await acts.is_recommended(served, "ppk-6202")
        name = f"institutions/ppk-6202/matters/{acts.new_id()}"
        refused = await served.call(
            SERVICE + "GetCase", pb.GetCaseRequest(name=name), Caller("ppk-6202", role="auditor")
        )

    assert isinstance(refused, Refused)
    assert (refused.code, refused.fields) == (grpc.StatusCode.NOT_FOUND, ("name",))

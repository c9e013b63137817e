"""The circular of the demo: addressed to two authorities, opened and acted on by one."""

from uuid import uuid4

from netral.prevention.v1 import service_pb2 as prevention
from netral.prevention.v1.service_pb2_grpc import (
    CampaignReadServiceStub,
    CampaignServiceStub,
    PreventionReadServiceStub,
    PreventionServiceStub,
)
from operations.demo.cases import BANDUNG, KOTAWARINGIN_TIMUR
from operations.demo.teller import Teller
from operations.demo.waiting import day, once
from operations.local.client import Caller, Desks


def circular(desks: Desks, teller: Teller) -> prevention.Coverage:
    """KASN asks for a roll call (apel); one of two authorities opens it and holds one. Gives the coverage once KASN knows."""
    examiner, regent = Caller("kasn", "kasn-21"), Caller(KOTAWARINGIN_TIMUR, "bkpsdm-6202-03")
    issue = prevention.IssueCampaignRequest(
        parent="institutions/kasn",
        kind="CIRCULAR",
        number="B-2708/KASN/11/2023",
        letter_date=day(2023, 11, 13),
        asks=["ROLL_CALL"],
        addressees=[KOTAWARINGIN_TIMUR, BANDUNG],
        request_id=str(uuid4()),
    )
    act = desks.call(CampaignServiceStub, "IssueCampaign", issue, examiner)
    campaign = act.matter.rpartition("/")[2]
    received = f"institutions/{KOTAWARINGIN_TIMUR}/campaigns/{campaign}"
    reading = prevention.GetReceivedCampaignRequest(name=received)
    once(lambda: desks.call(PreventionReadServiceStub, "GetReceivedCampaign", reading, regent).state)
    opening = prevention.OpenCampaignRequest(name=received, request_id=str(uuid4()))
    desks.call(PreventionServiceStub, "OpenCampaign", opening, regent)
    report = prevention.ReportActRequest(
        parent=f"institutions/{KOTAWARINGIN_TIMUR}",
        act="ROLL_CALL",
        campaign=received,
        act_date=day(2023, 11, 20),
        people=480,
        read_by="REGIONAL_HEAD",
        request_id=str(uuid4()),
    )
    desks.call(PreventionServiceStub, "ReportAct", report, regent)
    teller.say(
        f"KASN addresses circular {issue.number} to {KOTAWARINGIN_TIMUR} and {BANDUNG}; {KOTAWARINGIN_TIMUR} opens it and"
        " reports a roll call of 480."
    )
    asked = prevention.GetCoverageRequest(name=f"institutions/kasn/campaigns/{campaign}")

    def known() -> prevention.Coverage | None:
        found: prevention.Coverage = desks.call(CampaignReadServiceStub, "GetCoverage", asked, examiner)
        figures = {figure.id: figure.n for figure in found.figures}
        return found if figures["TOLD"] == 2 and figures["ACTED"] == 1 else None

    return once(known)

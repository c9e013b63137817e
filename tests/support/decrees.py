"""A matter from the report to a decree and its verification, by the desks of Kotawaringin Timur (2023) or Sarolangun (2020)."""

from dataclasses import dataclass
from itertools import islice
from typing import Any

from google.protobuf.message import Message

from kasn import feature as kasn_desk
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.exchange.v1 import acts_pb2, person_pb2
from netral.kasn.v1 import events_pb2 as kasn_events
from netral.kasn.v1 import service_pb2 as kasn
from netral.ppk.v1 import discipline_events_pb2 as steps
from netral.ppk.v1 import discipline_service_pb2 as discipline
from netral.ppk.v1 import events_pb2 as ppk_events
from netral.ppk.v1 import service_pb2 as ppk
from ppk import feature as ppk_desk
from support.acts import new_id
from support.possible_acts import asking
from support.steps import World
from support.story import Story, a_person, day

PARTIES = {
    "bawaslu": [("bawaslu", "supervisor")],
    "kasn": [("kasn", "examiner")],
    "ppk": [
        *((party, "personnel_authority") for party in ("ppk-6202", "ppk-1503", "prov-62", "kemendagri")),
        ("bkn", "data_holder"),
    ],
}


@dataclass(frozen=True)
class Setting:
    """Place and time of a case, and which of the examiner's letters; days are legal dates in ISO form."""

    authority: str = "ppk-6202"
    region: str = "62.02"
    report: str = "002/LP/PL/Kab/62.00/XI/2023"
    act: str = "2022-DSB7"
    letter: str = "R-1/KASN/11/2023"
    happened: str = "2023-11-10"
    studied: str = "2023-11-14"
    referred: str = "2023-11-15"
    recommended: str = "2023-11-20"
    summoned: str = "2023-11-22"
    examined: str = "2023-11-27"
    decided: str = "2023-12-01"
    reported: str = "2023-12-02"
    verified: str = "2023-12-05"


KOTAWARINGIN_TIMUR = Setting()


class Decided:
    """A case that goes to a decree step by step; each step settles before the next."""

    def __init__(self, world: World, setting: Setting = KOTAWARINGIN_TIMUR) -> None:
        self.world, self.setting = world, setting
        self.story = Story(addressee=setting.authority)

    def at(self, party: str = "") -> dict[str, str]:
        party = party or self.setting.authority
        return {"name": f"institutions/{party}/matters/{self.story.matter}", "request_id": new_id()}

    async def told(self, party: str, method: str, request: Message) -> None:
        await self.world.call(party, method, request)
        await self.world.settle()

    async def recommended(
        self, sanction_class: str, family: str = "DISCIPLINE", person: person_pb2.Person | None = None
    ) -> None:
        """Reported, studied, referred, accepted, recommended; opened and acknowledged by the authority."""
        when, ppk_id = self.setting, self.setting.authority
        self.story.person = person or a_person()
        for party, method, request in islice(self.story.steps(), 4):
            self._place(request)
            answer = await self.world.call(party, method, request)
            self.story.matter = self.story.matter or answer.matter.rpartition("/")[2]
            await self.world.settle()
        letter = kasn.RecommendRequest(
            **self.at("kasn"),
            letter_number=when.letter,
            letter_date=day(when.recommended),
            addressee=ppk_id,
            act=when.act,
            family=family,
            sanction_class=sanction_class,
            reasons="Terbukti.",
        )
        await self.told("kasn", "Recommend", letter)
        await self.told(ppk_id, "OpenRecommendation", ppk.OpenRecommendationRequest(**self.at()))
        register = ppk.AcknowledgeRecommendationRequest(**self.at(), register_number="AG-1")
        await self.told(ppk_id, "AcknowledgeRecommendation", register)

    def _place(self, request: Message) -> None:
        when = self.setting
        match request:
            case bawaslu.RegisterMatterRequest():
                request.region, request.number = when.region, when.report
                request.event_date.CopyFrom(day(when.happened))
                request.known_date.CopyFrom(day(when.happened))
            case bawaslu.ConcludeStudyRequest():
                request.suspected_acts[:] = [when.act]
                request.study_date.CopyFrom(day(when.studied))
            case bawaslu.ReferMatterRequest():
                request.letter_date.CopyFrom(day(when.referred))

    async def examined(self) -> None:
        """Summoned and examined, with minutes; there is no team."""
        when, ppk_id = self.setting, self.setting.authority
        summons = discipline.SummonRequest(
            **self.at(),
            letter_number="800/1/PGL",
            letter_date=day(when.summoned),
            examination_date=day(when.examined),
        )
        await self.told(ppk_id, "Summon", summons)
        minutes = discipline.RecordExaminationRequest(
            **self.at(),
            examination_date=day(when.examined),
            minutes_digest=b"m" * 32,
            signature=steps.MINUTES_SIGNATURE_SIGNED,
            mode=steps.EXAMINATION_MODE_IN_PERSON,
        )
        await self.told(ppk_id, "RecordExamination", minutes)

    def decree(self, sanction: str, **more: Any) -> ppk.ImposeSanctionRequest:
        return ppk.ImposeSanctionRequest(
            **self.at(),
            decree_number="800/1/SK",
            decree_date=day(self.setting.decided),
            sanction=sanction,
            **more,
        )

    async def imposed(self, sanction: str, **more: Any) -> None:
        await self.told(self.setting.authority, "ImposeSanction", self.decree(sanction, **more))

    async def reported(self) -> None:
        report = ppk.ReportFollowUpRequest(
            **self.at(),
            kind=ppk_events.FOLLOW_UP_KIND_SANCTION_IMPOSED,
            letter_number="800/1/TL",
            letter_date=day(self.setting.reported),
            decree_digest=b"d" * 32,
        )
        await self.told(self.setting.authority, "ReportFollowUp", report)

    def conforming(self, **more: Any) -> kasn.VerifyFollowUpRequest:
        return kasn.VerifyFollowUpRequest(
            **self.at("kasn"),
            status=kasn_events.VERIFICATION_STATUS_CONFORMS,
            verified_date=day(self.setting.verified),
            **more,
        )

    async def conforms(self, **more: Any) -> None:
        await self.told("kasn", "VerifyFollowUp", self.conforming(**more))

    async def at_examiner(self) -> kasn.Matter:
        """The matter as the examiner sees it now."""
        request = kasn.GetMatterRequest(name=f"institutions/kasn/matters/{self.story.matter}")
        shown: kasn.Matter = await self.world.ask("kasn", kasn_desk.READ, "GetMatter", request)
        return shown

    async def procedure(self) -> discipline.Proceeding:
        """The discipline procedure as the authority sees it now."""
        request = discipline.GetProceedingRequest(name=self.at()["name"])
        shown: discipline.Proceeding = await self.world.ask(
            self.setting.authority, ppk_desk.DISCIPLINE_READ, "GetProceeding", request
        )
        return shown

    async def checked(self, party: str, request: Message) -> acts_pb2.CheckResponse:
        """The answer of a desk on what a call would do, without doing it."""
        tried: acts_pb2.CheckResponse = await self.world.call(party, "Check", asking(request))
        return tried

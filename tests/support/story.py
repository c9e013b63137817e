"""The story of one matter, call by call: what the officers of three desks enter, with request ids fixed in advance.

The person is invented; the NIP is built from the rules. `play` gives the calls one by one; a caller that crashed in
between repeats the call with the same request id and goes on.
"""

import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from google.type.date_pb2 import Date

from netral.bawaslu.v1 import events_pb2 as bawaslu_events
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.exchange.v1 import person_pb2
from netral.kasn.v1 import events_pb2 as kasn_events
from netral.kasn.v1 import service_pb2 as kasn
from netral.ppk.v1 import discipline_events_pb2 as steps
from netral.ppk.v1 import discipline_service_pb2 as discipline
from netral.ppk.v1 import events_pb2 as ppk_events
from netral.ppk.v1 import service_pb2 as ppk

Call = Callable[[str, str, Any], Awaitable[Any]]
"""Party, method, request → answer."""

NAME = "Tokoh Rekaan Penanda"
NIP = "199001012015041007"


def day(text: str) -> Date:
    """A date from its ISO form."""
    it = date.fromisoformat(text)
    return Date(year=it.year, month=it.month, day=it.day)


def a_person(name: str = NAME, nip: str = NIP) -> person_pb2.Person:
    """An invented civil servant."""
    return person_pb2.Person(
        full_name=name,
        employment=person_pb2.EMPLOYMENT_PNS,
        nip=nip,
        position="Pengelola Data",
        grade="III/a",
        unit="Dinas Rekaan",
    )


@dataclass
class Story:
    """One matter from report to outcome. `number` makes its registered numbers its own."""

    number: int = 1
    wrong_addressee: str = ""
    addressee: str = "ppk-6202"
    person: person_pb2.Person = field(default_factory=a_person)
    matter: str = ""
    calls: int = 0

    def __post_init__(self) -> None:
        self._space = uuid.uuid5(uuid.NAMESPACE_URL, f"netral-story-{self.number}")

    def steps(self) -> Iterator[tuple[str, str, Any]]:
        """(party, method, request) of each call, in order. `matter` must be set after the first."""
        n, b, k = self.number, "institutions/bawaslu", "institutions/kasn"
        yield (
            "bawaslu",
            "RegisterMatter",
            bawaslu.RegisterMatterRequest(
                parent=b,
                origin=bawaslu_events.ORIGIN_REPORT,
                number=f"{n % 999 + 1:03d}/LP/PL/Kab/62.{n // 999:02d}/XI/2023",
                region="62.02",
                event_date=day("2023-11-10"),
                known_date=day("2023-11-11"),
                employer=self.addressee,
                person=self.person,
                reporter="Pelapor Rekaan",
                description="Foto dengan isyarat jari.",
                request_id=self._id("register"),
            ),
        )
        yield (
            "bawaslu",
            "ConcludeStudy",
            bawaslu.ConcludeStudyRequest(
                name=f"{b}/matters/{self.matter}",
                study_number=f"{n}/KAJIAN/2023",
                study_date=day("2023-11-14"),
                conclusion=bawaslu_events.CONCLUSION_OTHER_LAW_VIOLATION,
                suspected_acts=["2022-DSB7"],
                study_digest=b"s" * 32,
                request_id=self._id("study"),
            ),
        )
        yield (
            "bawaslu",
            "ReferMatter",
            bawaslu.ReferMatterRequest(
                name=f"{b}/matters/{self.matter}",
                letter_number=f"{n}/PP.00.02/2023",
                letter_date=day("2023-11-15"),
                evidence_digests=[b"e" * 32],
                request_id=self._id("refer"),
            ),
        )
        yield (
            "kasn",
            "AcceptReferral",
            kasn.AcceptReferralRequest(
                name=f"{k}/matters/{self.matter}", register_number=f"REG-{n}", request_id=self._id("accept")
            ),
        )
        if self.wrong_addressee:
            yield self._recommend(self.wrong_addressee, 50_000 + n, "wrong")
            wrong = f"institutions/{self.wrong_addressee}/matters/{self.matter}"
            yield (
                self.wrong_addressee,
                "OpenRecommendation",
                ppk.OpenRecommendationRequest(name=wrong, request_id=self._id("wrong-open")),
            )
            yield (
                self.wrong_addressee,
                "RejectRecommendation",
                ppk.RejectRecommendationRequest(
                    name=wrong,
                    reason=ppk_events.REJECTION_REASON_NOT_OUR_EMPLOYEE,
                    remarks="Bukan pegawai kami.",
                    request_id=self._id("wrong-reject"),
                ),
            )
        yield self._recommend(self.addressee, n, "recommend")
        p = f"institutions/{self.addressee}/matters/{self.matter}"
        yield (
            self.addressee,
            "OpenRecommendation",
            ppk.OpenRecommendationRequest(name=p, request_id=self._id("open")),
        )
        yield (
            self.addressee,
            "AcknowledgeRecommendation",
            ppk.AcknowledgeRecommendationRequest(
                name=p, register_number=f"AG-{n}", request_id=self._id("acknowledge")
            ),
        )
        yield from self._examine(p)
        yield (
            self.addressee,
            "ImposeSanction",
            ppk.ImposeSanctionRequest(
                name=p,
                decree_number=f"800/{n}/BKPSDM",
                decree_date=day("2023-12-11"),
                sanction="PP94-8-4-A",
                request_id=self._id("decide"),
            ),
        )
        yield (
            self.addressee,
            "ReportFollowUp",
            ppk.ReportFollowUpRequest(
                name=p,
                kind=ppk_events.FOLLOW_UP_KIND_SANCTION_IMPOSED,
                letter_number=f"800/{n}/TL",
                letter_date=day("2023-12-12"),
                decree_digest=b"d" * 32,
                request_id=self._id("follow-up"),
            ),
        )
        yield (
            "kasn",
            "VerifyFollowUp",
            kasn.VerifyFollowUpRequest(
                name=f"{k}/matters/{self.matter}",
                status=kasn_events.VERIFICATION_STATUS_CONFORMS,
                verified_date=day("2023-12-15"),
                request_id=self._id("verify"),
            ),
        )

    def _examine(self, name: str) -> Iterator[tuple[str, str, Any]]:
        """Make what a severe sanction needs: a team, a summons, minutes."""
        n = self.number
        yield (
            self.addressee,
            "FormTeam",
            discipline.FormTeamRequest(
                name=name,
                decree_number=f"800/{n}/TIM",
                decree_date=day("2023-11-27"),
                decree_digest=b"t" * 32,
                units=[steps.TEAM_UNIT_SUPERIOR, steps.TEAM_UNIT_OVERSIGHT, steps.TEAM_UNIT_PERSONNEL],
                remarks="Anggota Tim Rekaan.",
                request_id=self._id("team"),
            ),
        )
        yield (
            self.addressee,
            "Summon",
            discipline.SummonRequest(
                name=name,
                letter_number=f"800/{n}/PGL",
                letter_date=day("2023-11-28"),
                examination_date=day("2023-12-06"),
                request_id=self._id("summon"),
            ),
        )
        yield (
            self.addressee,
            "RecordExamination",
            discipline.RecordExaminationRequest(
                name=name,
                examination_date=day("2023-12-06"),
                minutes_digest=b"m" * 32,
                signature=steps.MINUTES_SIGNATURE_SIGNED,
                mode=steps.EXAMINATION_MODE_IN_PERSON,
                remarks="Keterangan Rekaan.",
                request_id=self._id("examine"),
            ),
        )

    async def play(self, call: Call, settle: Callable[[], Awaitable[None]], start: int = 0) -> None:
        """Make every call from number `start`, letting the statements arrive after each."""
        self.calls = 0
        for party, method, request in self.steps():
            if self.calls >= start:
                answer = await call(party, method, request)
                self.matter = self.matter or answer.matter.rpartition("/")[2]
                await settle()
            self.calls += 1

    def _recommend(self, addressee: str, n: int, step: str) -> tuple[str, str, Any]:
        return (
            "kasn",
            "Recommend",
            kasn.RecommendRequest(
                name=f"institutions/kasn/matters/{self.matter}",
                letter_number=f"R-{n}/KASN/11/2023",
                letter_date=day("2023-11-20"),
                addressee=addressee,
                act="2022-DSB7",
                family="DISCIPLINE",
                sanction_class="DISCIPLINE_SEVERE",
                reasons="Terbukti.",
                due_date=day("2023-12-04"),
                request_id=self._id(step),
            ),
        )

    def _id(self, step: str) -> str:
        return str(uuid.uuid5(self._space, step))

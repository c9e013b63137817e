"""Plays a season of invented cases through the real services, as the systems of their officers would call them.

`operations.season.plan` says beforehand what happens. Each case is played call by call, many at a time. A call that comes before
what it answers has arrived is repeated with the same request id until it is taken.
"""

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256

import grpc
from google.type.date_pb2 import Date

from agreement.clocks import calendar
from agreement.enforcement import procedures, sanctions
from agreement.parties import institutions
from exchange import channels
from netral.bawaslu.v1 import events_pb2 as bawaslu_events
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.bawaslu.v1.service_pb2_grpc import BawasluServiceStub
from netral.exchange.v1 import person_pb2
from netral.exchange.v1.service_pb2 import Act
from netral.kasn.v1 import events_pb2 as kasn_events
from netral.kasn.v1 import service_pb2 as kasn
from netral.kasn.v1.service_pb2_grpc import KasnServiceStub
from netral.ppk.v1 import discipline_events_pb2 as steps
from netral.ppk.v1 import discipline_service_pb2 as discipline
from netral.ppk.v1 import events_pb2 as ppk_events
from netral.ppk.v1 import service_pb2 as ppk
from netral.ppk.v1.discipline_service_pb2_grpc import DisciplineServiceStub
from netral.ppk.v1.service_pb2_grpc import PpkServiceStub
from operations.local.client import SUPERVISOR, Caller, Desks, Refused, refused_by
from operations.local.patience import patience
from operations.local.stubs import WritingRequest, WritingStub
from operations.season import plan

_AT_ONCE = 48
_DEADLINE = 30.0
_NOT_YET = {"NOT_FOUND", "FAILED_PRECONDITION", "UNAVAILABLE", "DEADLINE_EXCEEDED"}
_PATIENCE = 120.0
_STUBS: Mapping[str, Sequence[WritingStub]] = {
    "bawaslu": (BawasluServiceStub,),
    "kasn": (KasnServiceStub,),
    "ppk": (PpkServiceStub, DisciplineServiceStub),
}


def players(cases: Sequence[plan.Case], seed: int, examiner: str) -> "list[Player]":
    """A player for each case."""
    return [Player(case, examiner, uuid.uuid5(uuid.NAMESPACE_URL, f"{seed}/{case.number}")) for case in cases]


def count_calls(players: "Sequence[Player]") -> int:
    """The number of calls that all cases take."""
    return sum(1 for player in players for _ in player.steps())


def summary(cases: Sequence[plan.Case], calls: int, seconds: float) -> dict[str, float]:
    """The season in numbers. Its figures are monitoring's to give."""
    outcomes = Counter(case.outcome for case in cases)
    return {
        "cases": len(cases),
        "calls": calls,
        "seconds": round(seconds, 1),
        "authorities": len({case.employer for case in cases}),
        "recommended": outcomes[plan.RECOMMENDED],
        "not_proven": outcomes[plan.NOT_PROVEN],
        "followed_up": sum(1 for case in cases if case.follow_up is not None),
    }


async def play(players: "list[Player]", desks: Desks, speed: float, advance: Callable[[], None]) -> None:
    """Play all cases, at most `_AT_ONCE` at a time; with a speed (days per second), each step waits for its day."""
    first = min(player.case.event for player in players)
    started, free = time.monotonic(), asyncio.Semaphore(_AT_ONCE)
    async with Channels(desks) as channels:

        async def one(player: Player) -> None:
            for step in player.steps():
                if speed:
                    await asyncio.sleep(started + (step.day - first).days / speed - time.monotonic())
                async with free:
                    await player.take(step, channels)
                advance()

        if speed:
            await asyncio.gather(*map(one, players))
            return
        waiting = iter(players)

        async def worker() -> None:
            for player in waiting:
                await one(player)

        async with asyncio.TaskGroup() as workers:
            for _ in range(min(_AT_ONCE, len(players))):
                workers.create_task(worker())


class Channels:
    """One asynchronous channel to each desk."""

    def __init__(self, desks: Desks) -> None:
        self._desks = desks
        self._channels: dict[str, grpc.aio.Channel] = {}

    async def __aenter__(self) -> "Channels":
        addresses = {name: self._desks.addresses[name] for name in _STUBS}
        self._channels = {
            name: grpc.aio.insecure_channel(address, channels.options(address))
            for name, address in addresses.items()
        }
        return self

    async def __aexit__(self, *_error: object) -> None:
        for channel in self._channels.values():
            await channel.close()

    async def call(self, party: str, method: str, request: WritingRequest, caller: Caller) -> Act:
        desk = self._desks.desk_of(party)
        kind = next(kind for kind in _STUBS[desk] if hasattr(kind(self._channels[desk]), method))
        stub = kind(self._channels[desk])
        try:
            act: Act = await getattr(stub, method)(request, metadata=caller.metadata(), timeout=_DEADLINE)
        except grpc.aio.AioRpcError as error:
            raise refused_by(error) from None
        return act


@dataclass(frozen=True)
class Step:
    """One call: on which day, at whose desk."""

    day: date
    party: str
    method: str
    request: WritingRequest


@dataclass
class Player:
    """One case, played call by call.

    `space` makes the request ids, so that a season that is played again changes nothing twice.
    """

    case: plan.Case
    examiner: str
    space: uuid.UUID
    matter: str = field(default="")

    async def take(self, step: Step, channels: Channels) -> None:
        """Make the call, again until what it answers has arrived."""
        if hasattr(step.request, "name"):
            step.request.name = f"institutions/{step.party}/matters/{self.matter}"
        # The day is part of it: a method may come twice.
        step.request.request_id = str(uuid.uuid5(self.space, f"{step.party}/{step.method}/{step.day}"))
        caller = Caller(step.party, f"{step.party}-season")
        started, pause = time.monotonic(), 0.05
        while True:
            try:
                act = await channels.call(step.party, step.method, step.request, caller)
            except Refused as refused:
                if refused.code not in _NOT_YET or time.monotonic() - started > patience(_PATIENCE):
                    refused.add_note(f"case {self.case.number}, {step.method} at {step.party}")
                    raise
                await asyncio.sleep(pause)
                pause = min(pause * 1.5, 1.0)
            else:
                self.matter = self.matter or act.matter.rpartition("/")[2]
                return

    def steps(self) -> Iterator[Step]:
        """The calls of the case, in order."""
        case = self.case
        yield Step(case.known, SUPERVISOR, "RegisterMatter", self._register())
        yield Step(case.study, SUPERVISOR, "ConcludeStudy", self._study())
        yield Step(case.referral, SUPERVISOR, "ReferMatter", self._refer())
        accept = kasn.AcceptReferralRequest(register_number=f"P-{case.referral.year}-{case.number}")
        yield Step(case.referral, self.examiner, "AcceptReferral", accept)
        if case.outcome == plan.NOT_PROVEN:
            yield self._not_proven()
        if case.outcome == plan.RECOMMENDED:
            yield from self._recommendation()

    def _register(self) -> bawaslu.RegisterMatterRequest:
        case, person = self.case, self.case.person
        return bawaslu.RegisterMatterRequest(
            parent=f"institutions/{SUPERVISOR}",
            origin=bawaslu_events.ORIGIN_REPORT,
            number=_report_number(case),
            region=case.region,
            event_date=_day(case.event),
            known_date=_day(case.known),
            employer=case.employer,
            person=person_pb2.Person(
                full_name=person.full_name,
                employment=person_pb2.EMPLOYMENT_PNS,
                nip=person.nip,
                position=person.position,
                grade=person.grade,
                unit="Dinas Rekaan",
            ),
            reporter="Pelapor Rekaan",
            description="Perkara rekaan untuk peragaan.",
        )

    def _study(self) -> bawaslu.ConcludeStudyRequest:
        case = self.case
        return bawaslu.ConcludeStudyRequest(
            study_number=f"{case.number}/KAJIAN/{case.study.year}",
            study_date=_day(case.study),
            conclusion=bawaslu_events.CONCLUSION_OTHER_LAW_VIOLATION,
            suspected_acts=[case.act],
            study_digest=_digest(f"kajian {case.number}"),
        )

    def _refer(self) -> bawaslu.ReferMatterRequest:
        case = self.case
        return bawaslu.ReferMatterRequest(
            letter_number=f"{case.number}/PP.00.02/K1/{case.referral:%m/%Y}",
            letter_date=_day(case.referral),
            evidence_digests=[_digest(f"bukti {case.number}")],
            post_category=case.person.post_category,
        )

    def _not_proven(self) -> Step:
        case, day = self.case, self.case.referral + timedelta(20)
        request = kasn.DecideNotProvenRequest(
            decision_number=f"B-{case.number}/KASN/{day.month}/{day.year}",
            decision_date=_day(day),
            reasons="Tidak terbukti (rekaan).",
        )
        return Step(day, self.examiner, "DecideNotProven", request)

    def _recommendation(self) -> Iterator[Step]:
        """From the letter to its verification, as far as it comes."""
        case = self.case
        assert case.letter is not None
        if case.mishap == plan.WRONG_ADDRESSEE:
            yield self._recommend(case.wrong_addressee, again=False)
            yield self._open(case.wrong_addressee)
            reason = ppk_events.REJECTION_REASON_NOT_OUR_EMPLOYEE
            reject = ppk.RejectRecommendationRequest(reason=reason)
            yield Step(case.letter, case.wrong_addressee, "RejectRecommendation", reject)
        yield self._recommend(case.employer, again=case.mishap == plan.WRONG_ADDRESSEE)
        if case.follow_up is None and case.number % 3 == 0:
            return  # lies there, not opened
        yield self._open(case.employer)
        acknowledge = ppk.AcknowledgeRecommendationRequest(register_number=f"800/{case.number}/AGENDA")
        yield Step(case.letter, case.employer, "AcknowledgeRecommendation", acknowledge)
        if case.mishap == plan.OBJECTION:
            yield from self._objection()
        if case.follow_up is not None and case.verified is not None:
            yield from self._follow_up(case.follow_up, case.verified)

    def _recommend(self, to: str, *, again: bool) -> Step:
        case = self.case
        assert case.letter is not None and case.due is not None
        day = case.letter + timedelta(1 if again else 0)
        request = kasn.RecommendRequest(
            letter_number=f"R-{case.number + (50_000 if again else 0)}/KASN/{day.month}/{day.year}",
            letter_date=_day(day),
            addressee=to,
            act=case.act,
            family="ETHICS" if case.sanction_class.startswith("MORAL") else "DISCIPLINE",
            sanction_class=case.sanction_class,
            reasons="Terbukti (rekaan).",
            due_date=_day(case.due),
        )
        return Step(day, self.examiner, "Recommend", request)

    def _open(self, party: str) -> Step:
        assert self.case.letter is not None
        return Step(self.case.letter, party, "OpenRecommendation", ppk.OpenRecommendationRequest())

    def _objection(self) -> Iterator[Step]:
        case = self.case
        assert case.letter is not None
        day = case.letter + timedelta(2)
        objection = ppk.ObjectToRecommendationRequest(
            letter_number=f"800/{case.number}/SET",
            letter_date=_day(day),
            reasons="Klarifikasi dan tanggapan (rekaan).",
        )
        yield Step(day, case.employer, "ObjectToRecommendation", objection)
        answer = kasn.AnswerObjectionRequest(
            letter_number=f"B-{case.number}/JP.01/{day:%m/%Y}",
            letter_date=_day(day),
            answer=kasn.OBJECTION_ANSWER_MAINTAIN,
            reasons="Rekomendasi tetap (rekaan).",
        )
        yield Step(day, self.examiner, "AnswerObjection", answer)

    def _procedure(self, day: date) -> Iterator[Step]:
        """The steps that the sanction's class needs before a decree of that day."""
        case = self.case
        sanction_class = sanctions.sanction(case.sanction).sanction_class
        needed = procedures.procedure(sanction_class, day)
        if needed is None or not needed.requires("hearing"):
            return
        assert case.letter is not None
        start = case.letter + timedelta(1 if case.mishap == plan.WRONG_ADDRESSEE else 0)
        examined = start + (day - start) / 2
        team = discipline.FormTeamRequest(
            decree_number=f"800/{case.number}/TIM/{day.year}",
            decree_date=_day(start),
            decree_digest=_digest(f"tim {case.number}"),
            units=[steps.TEAM_UNIT_SUPERIOR, steps.TEAM_UNIT_OVERSIGHT, steps.TEAM_UNIT_PERSONNEL],
        )
        yield Step(start, case.employer, "FormTeam", team)
        summoned_for = max(examined, start + timedelta(1))
        summon = discipline.SummonRequest(
            letter_number=f"800/{case.number}/PGL/{day.year}",
            letter_date=_day(start),
            examination_date=_day(summoned_for),
            stated_reason="Hari libur." if _is_off(summoned_for, case.employer) else "",
        )
        yield Step(start, case.employer, "Summon", summon)
        examine = discipline.RecordExaminationRequest(
            examination_date=_day(examined),
            minutes_digest=_digest(f"bap {case.number}"),
            signature=steps.MINUTES_SIGNATURE_SIGNED,
            mode=steps.EXAMINATION_MODE_IN_PERSON,
        )
        yield Step(examined, case.employer, "RecordExamination", examine)

    def _follow_up(self, day: date, verified: date) -> Iterator[Step]:
        case = self.case
        decree = f"800/{case.number}/BKPSDM/{day.year}"
        cannot = case.mishap == plan.CANNOT
        if not cannot:
            yield from self._procedure(day)
            impose = ppk.ImposeSanctionRequest(
                decree_number=decree, decree_date=_day(day), sanction=case.sanction
            )
            if case.sanction_class.startswith("MORAL"):
                impose.council_number = f"800/{case.number}/MKE/{day.year}"
                impose.council_date.CopyFrom(_day(day))
            yield Step(day, case.employer, "ImposeSanction", impose)
        report = ppk.ReportFollowUpRequest(
            kind=ppk_events.FOLLOW_UP_KIND_SANCTION_IMPOSED,
            letter_number=f"800/{case.number}/BKPSDM-TL/{day.year}",
            letter_date=_day(day),
            decree_digest=_digest(decree),
        )
        verify = kasn.VerifyFollowUpRequest(
            status=kasn_events.VERIFICATION_STATUS_CONFORMS, verified_date=_day(verified)
        )
        if cannot:
            report.kind = ppk_events.FOLLOW_UP_KIND_CANNOT_BE_FOLLOWED_UP
            report.decree_digest = b""
            report.reason = kasn_events.IMPOSSIBILITY_REASON_RETIRED
            verify.status = kasn_events.VERIFICATION_STATUS_CANNOT_BE_FOLLOWED_UP
            verify.reason = kasn_events.IMPOSSIBILITY_REASON_RETIRED
        yield Step(day, case.employer, "ReportFollowUp", report)
        yield Step(verified, self.examiner, "VerifyFollowUp", verify)


_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


def _report_number(case: plan.Case) -> str:
    """Numbers of the head office, whose area code is known; 999 a month and kind of election."""
    kind = ("PB", "PG", "PW")[case.number // 999 % 3]
    return f"{case.number % 999 + 1:03d}/LP/{kind}/RI/00.00/{_ROMAN[case.known.month - 1]}/{case.known.year}"


def _digest(text: str) -> bytes:
    return sha256(text.encode()).digest()


def _is_off(day: date, authority: str) -> bool:
    """True of a weekend or holiday at an authority."""
    return calendar.latest(institutions.region_of(authority)).off(day) is not None


def _day(day: date) -> Date:
    return Date(year=day.year, month=day.month, day=day.day)

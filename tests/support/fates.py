"""Matters of every fate in a world of three desks: each goes its way as far as its fate says, all together step by step."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from typing import Any

from google.type.date_pb2 import Date

from cooperation.monitoring.projection import projector
from host import front_door
from host.command_rows import CallContext
from netral.bawaslu.v1 import events_pb2 as bawaslu_events
from netral.kasn.v1 import events_pb2 as kasn_events
from netral.kasn.v1 import service_pb2 as kasn
from netral.ppk.v1 import events_pb2 as ppk_events
from netral.ppk.v1 import service_pb2 as ppk
from support.steps import Alone, World
from support.story import Story, day

TODAY = date(2024, 1, 15)
PARTIES = {"bawaslu": "bawaslu", "kasn": "kasn"}
POSTS = ("HIGH_LEADERSHIP", "FUNCTIONAL", "")
Step = tuple[str, str, Any]


@dataclass(frozen=True)
class Fate:
    """Fate of a matter: its usual steps up to and with `last`, each changed by `change`; then `then`."""

    last: str
    change: Callable[[str, Any], None] = lambda method, request: None
    then: Callable[[Story], Sequence[Step]] = lambda story: ()


def new_id() -> str:
    return str(uuid.uuid4())


def _on_time(method: str, request: Any) -> None:
    if method in ("Summon", "RecordExamination"):
        request.examination_date.CopyFrom(day("2023-11-29"))
    if method == "ImposeSanction":
        request.decree_date.CopyFrom(day("2023-11-30"))
    if method == "ReportFollowUp":
        request.letter_date.CopyFrom(day("2023-12-04"))


def _verified(status: Any, reason: Any = 0) -> Callable[[str, Any], None]:
    def change(method: str, request: Any) -> None:
        if method == "VerifyFollowUp":
            request.status, request.reason = status, reason

    return change


def _impossible(method: str, request: Any) -> None:
    if method == "ReportFollowUp":
        request.kind = ppk_events.FOLLOW_UP_KIND_CANNOT_BE_FOLLOWED_UP
        request.reason = kasn_events.IMPOSSIBILITY_REASON_DIED
        request.decree_digest = b""
        request.letter_date.CopyFrom(day("2023-12-01"))
    _verified(kasn_events.VERIFICATION_STATUS_CANNOT_BE_FOLLOWED_UP, kasn_events.IMPOSSIBILITY_REASON_DIED)(
        method, request
    )


def _no_violation(method: str, request: Any) -> None:
    if method == "ConcludeStudy":
        request.conclusion = bawaslu_events.CONCLUSION_NOT_A_VIOLATION
        del request.suspected_acts[:]


def _steps(fate: Fate, story: Story) -> Iterator[Step]:
    """The steps of a story, as far as its fate goes."""
    for party, method, request in story.steps():
        if method == "ReferMatter":
            request.post_category = POSTS[story.number % len(POSTS)]
        fate.change(method, request)
        yield party, method, request
        if method == fate.last:
            break
    yield from fate.then(story)


def _at_kasn(method: str, request: Any) -> Callable[[Story], Sequence[Step]]:
    def then(story: Story) -> Sequence[Step]:
        made = type(request)()
        made.CopyFrom(request)
        made.name, made.request_id = f"institutions/kasn/matters/{story.matter}", new_id()
        for name in ("decision_number",):
            if name in made.DESCRIPTOR.fields_by_name:
                setattr(made, name, f"TT-{story.number}")
        return [("kasn", method, made)]

    return then


def _at_ppk(method: str, request: Any) -> Callable[[Story], Sequence[Step]]:
    def then(story: Story) -> Sequence[Step]:
        made = type(request)()
        made.CopyFrom(request)
        made.name, made.request_id = f"institutions/{story.addressee}/matters/{story.matter}", new_id()
        if "letter_number" in made.DESCRIPTOR.fields_by_name:
            made.letter_number = f"800/{story.number}/KLAR"
        return [(story.addressee, method, made)]

    return then


FATES = {
    "registered": Fate("RegisterMatter"),
    "no violation": Fate("ConcludeStudy", _no_violation),
    "studied": Fate("ConcludeStudy"),
    "returned": Fate(
        "ReferMatter",
        then=_at_kasn(
            "ReturnReferral", kasn.ReturnReferralRequest(reason=kasn_events.RETURN_REASON_NO_STUDY)
        ),
    ),
    "examined": Fate("AcceptReferral"),
    "not proven": Fate(
        "AcceptReferral",
        then=_at_kasn(
            "DecideNotProven",
            kasn.DecideNotProvenRequest(decision_date=day("2023-11-21"), reasons="Tidak terbukti"),
        ),
    ),
    "recommended": Fate("Recommend"),
    "opened": Fate("OpenRecommendation"),
    "rejected": Fate(
        "OpenRecommendation",
        then=_at_ppk(
            "RejectRecommendation",
            ppk.RejectRecommendationRequest(reason=ppk_events.REJECTION_REASON_NOT_OUR_EMPLOYEE),
        ),
    ),
    "objected": Fate(
        "OpenRecommendation",
        then=_at_ppk(
            "ObjectToRecommendation",
            ppk.ObjectToRecommendationRequest(letter_date=day("2023-11-24"), reasons="Cuti"),
        ),
    ),
    "acknowledged": Fate("AcknowledgeRecommendation"),
    "decided": Fate("ImposeSanction"),
    "reported late": Fate("ReportFollowUp"),
    "reported on time": Fate("ReportFollowUp", _on_time),
    "conforms late": Fate("VerifyFollowUp"),
    "conforms on time": Fate("VerifyFollowUp", _on_time),
    "not yet conforms": Fate("VerifyFollowUp", _verified(kasn_events.VERIFICATION_STATUS_NOT_YET_CONFORMS)),
    "impossible": Fate("VerifyFollowUp", _impossible),
}
RECOMMENDED = set(FATES) - {"registered", "no violation", "studied", "returned", "examined", "not proven"}
FOLLOWED_UP = {"reported late", "reported on time", "conforms late", "conforms on time"}


@dataclass
class Played:
    """A world in which matters of every fate were played, and what fate each had."""

    world: World
    fates: dict[str, str] = field(default_factory=dict)

    async def play(self, times: int) -> None:
        """Every fate so many times, at two authorities; all matters move together, a step at a time."""
        going = []
        for number, (name, turn) in enumerate(product(FATES, range(times)), start=1):
            story = Story(number, addressee=["ppk-6202", "ppk-3204"][turn % 2])
            going.append((name, story, _steps(FATES[name], story)))
        while going:
            left = []
            for name, story, steps in going:
                step = next(steps, None)
                if step is not None:
                    answer = await self.world.call(*step)
                    story.matter = story.matter or answer.matter.rpartition("/")[2]
                    self.fates[story.matter] = name
                    left.append((name, story, steps))
            await self.world.settle()
            going = left

    def count(self, fates: set[str]) -> int:
        return sum(fate in fates for fate in self.fates.values())

    async def follow(self) -> None:
        for desk in self.world.desks.values():
            while await projector.follow(desk):
                pass

    def ask(self, party: str) -> tuple[CallContext, dict[str, Any]]:
        """Monitoring at a party's desk, and the fields that every question has."""
        front_door.set_caller(front_door.Caller(party, "officer-1", "auditor"))
        today = Date(year=TODAY.year, month=TODAY.month, day=TODAY.day)
        desk = self.world.desks[PARTIES.get(party, "ppk")]
        return CallContext(desk, Alone(desk)), {
            "parent": f"institutions/{party}",
            "today": today,
        }

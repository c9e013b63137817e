"""Three agencies under random commands, repeats, losses and any order of arrival: no illegal state, no lost case, and every trail
replays to the state in the tables.
"""

import asyncio
import random
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest
from google.type.date_pb2 import Date
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from netral.bawaslu.v1 import events_pb2 as bawaslu_events
from netral.bawaslu.v1 import service_pb2 as bawaslu
from netral.kasn.v1 import events_pb2 as kasn_events
from netral.kasn.v1 import service_pb2 as kasn
from netral.ppk.v1 import events_pb2 as ppk_events
from netral.ppk.v1 import service_pb2 as ppk
from refusals import Refusal
from support.invariants import check_all
from support.keys import make_keys
from support.post import Post
from support.steps import Place
from support.story import a_person

FIRST = date(2023, 11, 1)
AUTHORITIES = ("ppk-6202", "ppk-3204")

# What two desks say of one matter when nothing is on its way. The supervisor does not hear of every step at the authority.
WITH_THE_AUTHORITY = {
    "RECOMMENDED": "RECEIVED",
    "OPENED": "OPENED",
    "ACKNOWLEDGED": "ACKNOWLEDGED",
    "REJECTED": "REJECTED",
    "OBJECTED": "OBJECTED",
    "DECIDED": "DECIDED",
    "FOLLOWED_UP": "REPORTED",
    "WITHDRAWN": "WITHDRAWN",
    "COMPLETED": "COMPLETED",
    "CANNOT_BE_FOLLOWED_UP": "CANNOT_BE_FOLLOWED_UP",
}
AT_THE_SUPERVISOR = {
    "REFERRED": {"REFERRED"},
    "INCOMPLETE": {"INCOMPLETE"},
    "EXAMINING": {"UNDER_EXAMINATION"},
    "RETURNED": {"RETURNED", "STUDIED", "NOT_A_VIOLATION"},
    "NOT_PROVEN": {"NOT_PROVEN"},
    "WITHDRAWN": {"WITHDRAWN"},
    "COMPLETED": {"COMPLETED"},
    "CANNOT_BE_FOLLOWED_UP": {"CANNOT_BE_FOLLOWED_UP"},
}
ABOUT_THE_AUTHORITY = (
    "RECOMMENDED",
    "OPENED",
    "ACKNOWLEDGED",
    "REJECTED",
    "OBJECTED",
    "DECIDED",
    "FOLLOWED_UP",
)


class Agencies(RuleBasedStateMachine):
    """One example: a few matters, commands at random, a post that does what it wants."""

    post: Post
    runner: asyncio.Runner
    numbers = iter(range(1, 1_000_000))

    def __init__(self) -> None:
        super().__init__()
        self.matters: list[str] = []
        self.days: dict[str, int] = {}
        self.last: tuple[str, str, Any] | None = None

    def run(self, coroutine: Any) -> Any:
        return self.runner.run(coroutine)

    def call(self, party: str, method: str, request: Any) -> Any:
        """Make a call; a refusal is an answer."""
        request.request_id = str(uuid.uuid4())
        self.last = (party, method, request)
        try:
            return self.run(self.post.call(party, method, request))
        except Refusal:
            return None

    def day(self, matter: str) -> Date:
        """Days go on with each step of a matter."""
        self.days[matter] = self.days.get(matter, 0) + 1
        day = FIRST + timedelta(self.days[matter])
        return Date(year=day.year, month=day.month, day=day.day)

    @initialize(from_memory=st.booleans())
    def the_first_report(self, from_memory: bool) -> None:
        self.post.from_memory = from_memory
        self.a_report()

    @rule()
    def a_report(self) -> None:
        if len(self.matters) == 3:
            return
        n = next(self.numbers)
        act = self.call(
            "bawaslu",
            "RegisterMatter",
            bawaslu.RegisterMatterRequest(
                parent="institutions/bawaslu",
                origin=bawaslu_events.ORIGIN_REPORT,
                number=f"{n % 999 + 1:03d}/LP/PL/Kab/62.{n // 999:02d}/XI/2023",
                region="62.02",
                event_date=self.day(""),
                known_date=Date(year=2024, month=1, day=2),
                employer="ppk-6202",
                person=a_person(),
                description="Rekaan.",
            ),
        )
        assert act is not None, "a report is always taken"
        self.matters.append(act.matter.rpartition("/")[2])
        self.days[self.matters[-1]] = 70

    @rule(which=st.integers(0, 2), what=st.integers(0, 40), choice=st.integers(0, 5))
    def a_command(self, which: int, what: int, choice: int) -> None:
        matter = self.matters[which % len(self.matters)]
        makers = list(COMMANDS)
        party, method, request = makers[what % len(makers)](self, matter, choice)
        request.name = f"institutions/{party}/matters/{matter}"
        self.call(party, method, request)

    @rule(seed=st.integers(0, 2**32), steps=st.integers(1, 20))
    def matters_go_on(self, seed: int, steps: int) -> None:
        """Commands that fit what the desk knows; what others did meanwhile may be on its way, or has arrived."""
        draw = random.Random(seed)
        for _ in range(steps):
            matter = draw.choice(self.matters)
            fitting = fit(self.run(self.post.matter(matter)))
            if fitting:
                maker, choice = draw.choice(fitting)
                party, method, request = maker(self, matter, choice)
                request.name = f"institutions/{party}/matters/{matter}"
                self.call(party, method, request)
            self.run(self.post.collect())
            self.run(self.post.deliver(draw, draw.choice([0.0, 0.5, 1.0, 1.0]), draw.choice([0.0, 0.3])))

    @rule()
    def the_last_call_again(self) -> None:
        if self.last is not None:
            with suppress(Refusal):
                self.run(self.post.call(*self.last))

    @rule(
        seed=st.integers(0, 2**32), share=st.sampled_from([0.3, 0.7, 1.0]), repeat=st.sampled_from([0.0, 0.5])
    )
    def mail_is_carried(self, seed: int, share: float, repeat: float) -> None:
        self.run(self.post.collect())
        self.run(self.post.deliver(random.Random(seed), share, repeat))

    @rule()
    def mail_is_lost(self) -> None:
        self.post.mail.clear()

    def teardown(self) -> None:
        self.run(self.post.settle())
        books = self.run(self.post.books())
        check_all(books)
        states = {(row.party, row.id): row for book in books for row in book.matters}
        for matter in self.matters:
            self.check(matter, states)

    def check(self, matter: str, states: dict[tuple[str, str], Any]) -> None:
        assert ("bawaslu", matter) in states, "a case was lost"
        here, there = states["bawaslu", matter], states.get(("kasn", matter))
        if there is None:
            assert here.state in ("REGISTERED", "STUDIED", "NOT_A_VIOLATION")
            return
        with_authority = there.state in ABOUT_THE_AUTHORITY
        expected = {"RECOMMENDED"} if with_authority else AT_THE_SUPERVISOR[there.state]
        assert here.state in expected, (here.state, there.state)
        if there.addressee:
            recipient = states[there.addressee, matter]
            assert recipient.state == WITH_THE_AUTHORITY[there.state]
            assert recipient.due_date == there.due_date, "a correction was lost"
        for former in there.former_addressees:
            assert states[former, matter].state == "WITHDRAWN"


def _study(it: Agencies, matter: str, choice: int) -> tuple[str, str, Any]:
    violation = choice != 0
    conclusion = (
        bawaslu_events.CONCLUSION_OTHER_LAW_VIOLATION
        if violation
        else bawaslu_events.CONCLUSION_NOT_A_VIOLATION
    )
    request = bawaslu.ConcludeStudyRequest(
        study_number=f"{next(it.numbers)}/KAJIAN",
        study_date=it.day(matter),
        conclusion=conclusion,
        suspected_acts=["2022-DSB7"] if violation else [],
        study_digest=b"s" * 32,
    )
    return "bawaslu", "ConcludeStudy", request


def _refer(it: Agencies, matter: str, choice: int) -> tuple[str, str, Any]:
    request = bawaslu.ReferMatterRequest(letter_number=f"{next(it.numbers)}/PP", letter_date=it.day(matter))
    return "bawaslu", "ReferMatter", request


def _accept(it: Agencies, matter: str, choice: int) -> tuple[str, str, Any]:
    if choice == 0:
        return "kasn", "ReturnReferral", kasn.ReturnReferralRequest(reason=kasn_events.RETURN_REASON_NO_STUDY)
    return "kasn", "AcceptReferral", kasn.AcceptReferralRequest(register_number=f"P-{next(it.numbers)}")


def _complete(it: Agencies, matter: str, choice: int) -> tuple[str, str, Any]:
    number, day = f"B-{next(it.numbers)}", it.day(matter)
    if choice < 3:
        request = kasn.RequestCompletionRequest(
            letter_number=number, letter_date=day, missing=[kasn_events.COMPLETION_ITEM_EVIDENCE]
        )
        return "kasn", "RequestCompletion", request
    given = bawaslu.CompleteReferralRequest(
        letter_number=number, letter_date=day, evidence_digests=[b"e" * 32]
    )
    return "bawaslu", "CompleteReferral", given


def _change(it: Agencies, matter: str, choice: int) -> tuple[str, str, Any]:
    number, day = f"R-{next(it.numbers) % 99_999 + 1}/KASN/11/2023", it.day(matter)
    if choice < 3:
        request = kasn.CorrectRecommendationRequest(
            letter_number=number,
            letter_date=day,
            act="2022-KEA1",
            family="ETHICS",
            sanction_class="MORAL_OPEN",
            due_date=it.day(matter),
            reasons="Ralat.",
        )
        return "kasn", "CorrectRecommendation", request
    withdrawal = kasn.WithdrawRecommendationRequest(
        letter_number=number,
        letter_date=day,
        reason=kasn_events.WITHDRAWAL_REASON_ISSUED_IN_ERROR,
        reasons="Keliru.",
    )
    return "kasn", "WithdrawRecommendation", withdrawal


def _decide(it: Agencies, matter: str, choice: int) -> tuple[str, str, Any]:
    if choice == 0:
        request = kasn.DecideNotProvenRequest(
            decision_number=f"B-{next(it.numbers)}", decision_date=it.day(matter), reasons="Tidak terbukti."
        )
        return "kasn", "DecideNotProven", request
    day = it.day(matter)
    recommend = kasn.RecommendRequest(
        letter_number=f"R-{next(it.numbers) % 99_999 + 1}/KASN/11/2023",
        letter_date=day,
        addressee=AUTHORITIES[choice % 2],
        act="2022-KEA1",
        family="ETHICS",
        sanction_class="MORAL_OPEN",
        reasons="Terbukti.",
        due_date=it.day(matter),
    )
    return "kasn", "Recommend", recommend


def _answer(it: Agencies, matter: str, choice: int) -> tuple[str, str, Any]:
    answer = kasn.OBJECTION_ANSWER_WITHDRAW if choice == 0 else kasn.OBJECTION_ANSWER_MAINTAIN
    request = kasn.AnswerObjectionRequest(
        letter_number=f"B-{next(it.numbers)}", letter_date=it.day(matter), answer=answer, reasons="Jawaban."
    )
    return "kasn", "AnswerObjection", request


def _verify(it: Agencies, matter: str, choice: int) -> tuple[str, str, Any]:
    statuses = (
        kasn_events.VERIFICATION_STATUS_CONFORMS,
        kasn_events.VERIFICATION_STATUS_NOT_YET_CONFORMS,
        kasn_events.VERIFICATION_STATUS_NOT_YET_FOLLOWED_UP,
        kasn_events.VERIFICATION_STATUS_CANNOT_BE_FOLLOWED_UP,
    )
    request = kasn.VerifyFollowUpRequest(status=statuses[choice % 4], verified_date=it.day(matter))
    if choice % 4 == 3:
        request.reason = kasn_events.IMPOSSIBILITY_REASON_RETIRED
    return "kasn", "VerifyFollowUp", request


def _receive(it: Agencies, matter: str, choice: int) -> tuple[str, str, Any]:
    party = AUTHORITIES[choice % 2]
    if choice < 3:
        return party, "OpenRecommendation", ppk.OpenRecommendationRequest()
    number = f"AG-{next(it.numbers)}"
    return party, "AcknowledgeRecommendation", ppk.AcknowledgeRecommendationRequest(register_number=number)


def _turn_down(it: Agencies, matter: str, choice: int) -> tuple[str, str, Any]:
    party = AUTHORITIES[choice % 2]
    if choice < 3:
        reason = ppk_events.REJECTION_REASON_NOT_OUR_EMPLOYEE
        return party, "RejectRecommendation", ppk.RejectRecommendationRequest(reason=reason)
    request = ppk.ObjectToRecommendationRequest(
        letter_number=f"800/{next(it.numbers)}", letter_date=it.day(matter), reasons="Klarifikasi."
    )
    return party, "ObjectToRecommendation", request


def _impose(it: Agencies, matter: str, choice: int) -> tuple[str, str, Any]:
    # The one sanction for which no step of a procedure is confirmed, so that any order reaches it.
    request = ppk.ImposeSanctionRequest(
        decree_number=f"800/{next(it.numbers)}",
        decree_date=it.day(matter),
        sanction="PTDH",
        stated_reason="Anggota partai politik (rekaan).",
    )
    return AUTHORITIES[choice % 2], "ImposeSanction", request


def _report(it: Agencies, matter: str, choice: int) -> tuple[str, str, Any]:
    request = ppk.ReportFollowUpRequest(
        kind=ppk_events.FOLLOW_UP_KIND_SANCTION_IMPOSED,
        letter_number=f"800/{next(it.numbers)}",
        letter_date=it.day(matter),
        decree_digest=b"d" * 32,
    )
    if choice > 3:
        request.kind = ppk_events.FOLLOW_UP_KIND_CANNOT_BE_FOLLOWED_UP
        request.decree_digest = b""
        request.reason = kasn_events.IMPOSSIBILITY_REASON_RETIRED
    return AUTHORITIES[choice % 2], "ReportFollowUp", request


Maker = Callable[[Agencies, str, int], tuple[str, str, Any]]


def fit(rows: dict[str, Any]) -> list[tuple[Maker, int]]:
    """Commands that are possible at some desk, with the choice that makes them so."""
    found: list[tuple[Maker, int]] = []
    if "bawaslu" in rows:
        found += {
            "REGISTERED": [(_study, 1), (_study, 1), (_study, 0)],
            "RETURNED": [(_study, 1)],
            "STUDIED": [(_refer, 0)],
            "INCOMPLETE": [(_complete, 3)],
        }.get(rows["bawaslu"].state, [])
    if "kasn" in rows:
        kasn_row = rows["kasn"]
        fresh = [place for place, party in enumerate(AUTHORITIES) if party not in kasn_row.former_addressees]
        fresh = [place for place in fresh if AUTHORITIES[place] != kasn_row.addressee]
        recommend = [(_decide, 2 + place) for place in fresh]
        found += {
            "REFERRED": [(_accept, 1), (_accept, 2), (_accept, 0), (_complete, 0)],
            "INCOMPLETE": [(_accept, 0)],
            "RECOMMENDED": [(_change, 0)],
            "OPENED": [(_change, 0)],
            "DECIDED": [(_change, 3)],
            "EXAMINING": [*recommend, *recommend, (_decide, 0)],
            "REJECTED": recommend,
            "OBJECTED": [(_answer, 0), (_answer, 1), (_answer, 2)],
            "FOLLOWED_UP": [(_verify, 0), (_verify, 1), (_verify, 3)],
        }.get(kasn_row.state, [])
    for place, party in enumerate(AUTHORITIES):
        if party in rows:
            found += {
                "RECEIVED": [(_receive, place)],
                "OPENED": [
                    (_receive, 4 + place),
                    (_receive, 4 + place),
                    (_turn_down, place),
                    (_turn_down, 4 + place),
                ],
                "ACKNOWLEDGED": [
                    (_impose, place),
                    (_impose, place),
                    (_report, 4 + place),
                    (_turn_down, place),
                ],
                "DECIDED": [(_report, place)],
            }.get(rows[party].state, [])
    # Rarely: it is possible again and again.
    return [*found * 4, (_verify, 2)]


COMMANDS: tuple[Maker, ...] = (
    _study,
    _refer,
    _accept,
    _complete,
    _decide,
    _change,
    _answer,
    _verify,
    _receive,
    _turn_down,
    _impose,
    _report,
)


@pytest.fixture
def still_place(tmp_path: Any, databases: Callable[[str], str]) -> Place:
    """A place for three desks that need no bus."""
    make_keys(
        tmp_path,
        {
            "bawaslu": [("bawaslu", "supervisor")],
            "kasn": [("kasn", "examiner")],
            "ppk": [(party, "personnel_authority") for party in AUTHORITIES],
        },
    )
    return Place(tmp_path, "", databases)


def run(place: Place, examples: int, steps: int) -> None:
    with asyncio.Runner() as runner:
        post = runner.run(Post.open(place))
        machine = type("Agencies", (Agencies,), {"post": post, "runner": runner})
        try:
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=examples,
                    stateful_step_count=steps,
                    deadline=None,
                    derandomize=examples < 100,
                    suppress_health_check=list(HealthCheck),
                    print_blob=True,
                ),
            )
        finally:
            runner.run(post.close())


def test_in_any_order_no_state_is_illegal_and_no_case_is_lost(still_place: Place):
    run(still_place, examples=10, steps=30)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_in_any_order_for_long_no_state_is_illegal_and_no_case_is_lost(still_place: Place):
    run(still_place, examples=400, steps=60)

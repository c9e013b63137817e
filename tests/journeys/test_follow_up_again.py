"""A follow-up that does not yet conform (belum sesuai), between the rules of two desks: no database, no bus."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from google.protobuf.any_pb2 import Any as AnyMessage

from kasn.matters.domain import changes as examiner_changes
from kasn.matters.domain import rules as examiner
from kasn.matters.domain.commands import Recommend, VerifyFollowUp
from kasn.matters.domain.matter import State
from kasn.matters.domain.matter import blank as examiner_blank
from kasn.matters.wire import EVENTS as EXAMINER
from ppk.recommendations.domain import changes, commands
from ppk.recommendations.domain import rules as authority
from ppk.recommendations.domain.matter import blank
from ppk.recommendations.wire import EVENTS as AUTHORITY

KASN, PPK, TODAY = "kasn", "ppk-6202", date(2023, 12, 20)
DIGEST = "ab" * 32


class Desks:
    """One matter at both desks. What one does, the other hears, as the contract's message."""

    def __init__(self) -> None:
        now = datetime(2023, 11, 20, tzinfo=UTC)
        examining = examiner_blank(KASN, "matter", "case", now)
        self.examiner = replace(examining, state=State.EXAMINING, supervisor="bawaslu")
        self.authority = blank(PPK, "matter", "case", now)

    def examiner_does(self, rule: Any, *arguments: Any) -> None:
        event = rule(self.examiner, *arguments)
        self.examiner = examiner_changes.apply(self.examiner, event)
        heard: Any = AUTHORITY.from_any(_packed(EXAMINER.to_message(event)))
        self.authority = changes.hear(self.authority, heard, KASN)

    def authority_does(self, rule: Any, *arguments: Any) -> None:
        event = rule(self.authority, *arguments)
        self.authority = changes.apply(self.authority, event)
        heard: Any = EXAMINER.from_any(_packed(AUTHORITY.to_message(event)))
        self.examiner = examiner_changes.hear(self.examiner, heard, PPK)

    def sanction(self, decree: str) -> None:
        command = commands.ImposeSanction(decree, date(2023, 12, 11), "PP94-8-4-A")
        self.authority_does(authority.impose_sanction, command, TODAY)

    def report(self, letter: str) -> None:
        command = commands.ReportFollowUp("SANCTION_IMPOSED", letter, date(2023, 12, 12), DIGEST, "")
        self.authority_does(authority.report_follow_up, command, TODAY)

    def verify(self, status: str) -> None:
        self.examiner_does(examiner.verify, VerifyFollowUp(status, "", TODAY), TODAY)

    @property
    def states(self) -> tuple[str, str]:
        return self.examiner.state, self.authority.state

    @property
    def decrees(self) -> tuple[str, str]:
        return self.examiner.decree_number, self.authority.decree_number


def _packed(facts: Any) -> AnyMessage:
    packed = AnyMessage()
    packed.Pack(facts)
    return packed


def reported_and_not_yet_conforming() -> Desks:
    desks = Desks()
    recommend = Recommend(
        letter_number="R-1/KASN/11/2023",
        letter_date=date(2023, 11, 20),
        addressee=PPK,
        act="2022-DSB7",
        family="DISCIPLINE",
        sanction_class="DISCIPLINE_SEVERE",
        due_date=date(2023, 12, 4),
    )
    desks.examiner_does(examiner.recommend, recommend, TODAY)
    desks.authority_does(authority.open_recommendation, commands.OpenRecommendation())
    desks.authority_does(authority.acknowledge, commands.AcknowledgeRecommendation("AG-1"))
    desks.sanction("800/1/SK")
    desks.report("800/1/TL")
    desks.verify("NOT_YET_CONFORMS")
    return desks


def test_the_same_decree_is_reported_again_until_it_conforms() -> None:
    desks = reported_and_not_yet_conforming()

    desks.report("800/2/TL")
    assert desks.states == ("FOLLOWED_UP", "REPORTED")
    desks.verify("NOT_YET_CONFORMS")
    desks.report("800/3/TL")
    desks.verify("CONFORMS")

    assert desks.states == ("COMPLETED", "COMPLETED")
    assert desks.decrees == ("800/1/SK", "800/1/SK")
    assert (desks.examiner.follow_up_number, desks.authority.follow_up_number) == ("800/3/TL", "800/3/TL")


def test_another_sanction_is_imposed_reported_and_conforms() -> None:
    desks = reported_and_not_yet_conforming()

    desks.sanction("800/9/SK")
    assert desks.states == ("DECIDED", "DECIDED")
    desks.report("800/2/TL")
    desks.verify("CONFORMS")

    assert desks.states == ("COMPLETED", "COMPLETED")
    assert desks.decrees == ("800/9/SK", "800/9/SK")

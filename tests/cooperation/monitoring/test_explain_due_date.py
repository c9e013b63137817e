"""Reasons of a due date: what changed it since the recommendation was made."""

from datetime import date

from google.protobuf.message import Message

from cooperation.monitoring import explain_due_date
from netral.exchange.v1 import statement_pb2
from netral.kasn.v1.events_pb2 import Recommended
from netral.oversight.v1.events_pb2 import DecreeAnnulled
from support.story import day


def said(second: int, type: str, sender: str, facts: Message) -> statement_pb2.Statement:
    statement = statement_pb2.Statement(
        id=f"statement-{second}", type=type, sender=sender, recipient="ppk-6202", sequence=second
    )
    statement.time.FromSeconds(1_700_000_000 + second)
    statement.facts.Pack(facts)
    return statement


def annulled(second: int, letter: str) -> statement_pb2.Statement:
    facts = DecreeAnnulled(
        act_number=f"{second}/BATAL", recommendation=letter, due_date=day(f"2024-03-{second:02}")
    )
    return said(second, explain_due_date.ANNULLED, "bkn", facts)


def test_only_the_annulment_of_a_decree_upon_this_recommendation_moved_its_due_date() -> None:
    letter = Recommended(letter_number="R-2", addressee="ppk-6202", due_date=day("2024-02-22"))
    anew = said(5, explain_due_date.RECOMMENDED, "kasn", letter)
    former, since = annulled(3, "R-1"), annulled(9, "R-2")

    changes = tuple(explain_due_date._since(anew, [former, anew, since]))
    reason = explain_due_date.reason_of(explain_due_date.Sent(anew, letter, None, "", changes))

    assert reason.stated == date(2024, 3, 9)
    assert reason.history == ("set to 2024-03-09 by annulment 9/BATAL; it was 2024-02-22",)

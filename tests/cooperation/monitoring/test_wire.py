"""Leaves of a log that count: what was sent, taken up or only recorded; nothing that was refused or waits."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.type.date_pb2 import Date

from audit.completeness import sparse_map
from audit.formats.leaf import Kind
from cooperation.monitoring import recompute, wire
from exchange.statements import envelope, private_keys, receipts
from exchange.statements.protobuf_time import timestamp
from netral.bawaslu.v1 import events_pb2 as bawaslu_events
from netral.exchange.v1 import record_pb2, statement_pb2
from netral.kasn.v1 import events_pb2 as kasn_events
from netral.kasn.v1 import service_pb2, succession_pb2
from netral.monitoring.v1 import events_pb2
from netral.ppk.v1 import events_pb2 as ppk_events

NOW = datetime(2023, 11, 20, 3, tzinfo=UTC)
KEYS = private_keys.new_keys()
REFERRED = bawaslu_events.Referred(region="62.02", employer="ppk-6202")
RECOMMENDED = kasn_events.Recommended(addressee="ppk-6202", act="2022-DSB7")


@dataclass(frozen=True)
class Placed:
    index: int
    body: bytes


def packed(facts: Message) -> AnyMessage:
    message = AnyMessage()
    message.Pack(facts)
    return message


def said(sender: str, recipient: str, type: str, facts: Message, copy_of: str = "") -> bytes:
    statement = statement_pb2.Statement(
        id=type,
        type=type,
        subject="m",
        time=timestamp(NOW),
        sender=sender,
        recipient=recipient,
        copy_of=copy_of,
        facts=packed(facts),
    )
    signed = envelope.sign(statement.SerializeToString(), envelope.STATEMENT, KEYS.signing, KEYS.keyid)
    return bytes([Kind.STATEMENT]) + signed


def receipt(statement: bytes, recipient: str, state: str) -> bytes:
    digest, of = wire.statement_of(statement)
    about = receipts.Subject(of.id, digest, of.sender, recipient, 1, "m", NOW)
    return bytes([Kind.RECEIPT]) + receipts.make(about, state, "", NOW, KEYS)[1]


def record(facts: Message, *statements: str) -> bytes:
    made = record_pb2.Record(
        party="bawaslu", time=timestamp(NOW), matter="m", statements=statements, facts=packed(facts)
    )
    return bytes([Kind.RECORD]) + made.SerializeToString()


def stage(party: str, *bodies: bytes) -> str:
    """The stage of the one case after these leaves, - if there is none."""
    cases = recompute.from_log(party, [Placed(index, body) for index, body in enumerate(bodies)]).cases
    return cases["m"].stage if cases else "-"


REFERRAL = said("bawaslu", "kasn", "netral.supervisor.referred.v1", REFERRED)
OPENED = said("ppk-6202", "kasn", "netral.personnel_authority.opened.v1", ppk_events.Opened())
SENT = said("kasn", "ppk-6202", "netral.examiner.recommended.v1", RECOMMENDED)


def test_what_a_party_sent_counts_at_once():
    assert stage("bawaslu", REFERRAL) == "REFERRED"


def test_what_a_party_received_counts_from_its_own_receipt_on():
    assert stage("kasn", REFERRAL) == "-"
    assert stage("kasn", REFERRAL, receipt(REFERRAL, "kasn", receipts.TAKEN_UP)) == "REFERRED"


def test_what_was_refused_or_waits_counts_nowhere():
    for state in (receipts.REFUSED, receipts.WAITING, receipts.PARKED):
        assert stage("kasn", SENT, OPENED, receipt(OPENED, "kasn", state)) == "RECOMMENDED"


def test_anothers_receipt_decides_nothing_here():
    assert stage("kasn", REFERRAL, receipt(REFERRAL, "ppk-6202", receipts.TAKEN_UP)) == "-"


def test_what_waited_counts_where_it_was_taken_up():
    waits, done = receipt(OPENED, "kasn", receipts.WAITING), receipt(OPENED, "kasn", receipts.TAKEN_UP)

    assert stage("kasn", OPENED, waits, SENT, done) == "OPENED"


def test_a_record_counts_unless_it_sent_something_that_says_it_itself():
    registered = bawaslu_events.Registered(region="62.02")

    assert stage("bawaslu", record(registered)) == "REGISTERED"
    assert stage("bawaslu", record(registered, "statement")) == "-"


def test_a_chain_leaf_says_nothing_of_cases():
    chained = sparse_map.leaf_body(bytes(32))

    assert (
        stage("kasn", REFERRAL, chained, receipt(REFERRAL, "kasn", receipts.TAKEN_UP), chained) == "REFERRED"
    )


def test_ones_own_copy_is_not_a_second_recommendation():
    copy = said("kasn", "bawaslu", "netral.examiner.recommended.v1", RECOMMENDED, copy_of="x")
    leaves = [Placed(0, SENT), Placed(1, copy)]

    assert len(wire.read("kasn", leaves, {})[0]) == 1
    assert stage("bawaslu", copy, receipt(copy, "bawaslu", receipts.TAKEN_UP)) == "RECOMMENDED"


def test_a_case_that_passed_on_stands_at_the_successor_as_it_stood_and_not_by_its_handover_letter():
    matter = service_pb2.Matter(
        state="OBJECTED",
        letter_number="R-1",
        addressee="ppk-6202",
        letter_date=Date(year=2023, month=11, day=20),
    )
    passed = succession_pb2.Transferred(
        letter_number="1/BA", letter_date=Date(year=2024, month=9, day=4), matter=matter
    )
    statement = said("kasn", "bkn", "netral.examiner.transferred.v1", passed)
    leaves = [statement, receipt(statement, "bkn", receipts.TAKEN_UP)]

    case = recompute.from_log("bkn", [Placed(index, body) for index, body in enumerate(leaves)]).cases["m"]

    assert (case.stage, case.examiner, case.holder) == ("OBJECTED", "bkn", "bkn")
    assert (case.agency, case.recommended_date) == ("ppk-6202", date(2023, 11, 20))


def test_what_is_forwarded_counts_as_what_its_sender_said_and_takes_nothing_back():
    passed_on = succession_pb2.Forwarded(sender="ppk-6202", facts=packed(ppk_events.Opened()))
    forwarded = said("kasn", "bkn", "netral.examiner.forwarded.v1", passed_on)
    decided = said("ppk-6202", "bkn", "netral.personnel_authority.decided.v1", ppk_events.Decided())
    known = said("kasn", "bkn", "netral.examiner.recommended.v1", RECOMMENDED, copy_of="x")
    before = [known, receipt(known, "bkn", receipts.TAKEN_UP)]
    late = [forwarded, receipt(forwarded, "bkn", receipts.TAKEN_UP)]

    assert stage("bkn", *before, *late) == "OPENED"
    assert stage("bkn", *before, decided, receipt(decided, "bkn", receipts.TAKEN_UP), *late) == "DECIDED"


def test_a_log_is_counted_up_to_the_entry_that_a_figure_names():
    leaves = [Placed(0, SENT), Placed(1, OPENED), Placed(2, receipt(OPENED, "kasn", receipts.TAKEN_UP))]

    assert recompute.from_log("kasn", leaves, last=1).cases["m"].stage == "RECOMMENDED"
    assert recompute.from_log("kasn", leaves, last=2).cases["m"].stage == "OPENED"


def test_a_fact_that_is_not_known_here_and_a_day_that_is_none_do_no_harm():
    strange = statement_pb2.Statement.FromString(envelope.read(SENT[1:]).payload)
    strange.facts.type_url = "type.googleapis.com/netral.later.v1.Unknown"
    signed = envelope.sign(strange.SerializeToString(), envelope.STATEMENT, KEYS.signing, KEYS.keyid)
    wrong = kasn_events.Recommended(addressee="ppk-6202")
    wrong.due_date.year = 2023

    assert stage("kasn", bytes([Kind.STATEMENT]) + signed) == "RECOMMENDED"
    assert stage("kasn", said("kasn", "ppk-6202", "netral.examiner.recommended.v1", wrong)) == "RECOMMENDED"
    assert (
        stage(
            "kasn", said("bawaslu", "kasn", "netral.supervisor.figures_stated.v1", events_pb2.FiguresStated())
        )
        == "-"
    )

"""Custody passes from one examiner to the next: the rules, case by case."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime
from typing import Any, get_type_hints

import pytest
from google.protobuf.any_pb2 import Any as AnyMessage

from agreement.parties import succession as agreed
from kasn.matters.domain import commands, events, states
from kasn.matters.domain.matter import Matter, State, blank
from kasn.succession import wire
from kasn.succession.domain import transfer
from netral.kasn.v1 import succession_pb2
from refusals import Malformed, NotAllowed, WrongState

OLD, NEXT, SUPERVISOR, ADDRESSEE = "kasn", "bkn", "bawaslu", "ppk-6202"
PASSED, TODAY = date(2024, 9, 4), date(2024, 9, 10)
NOW = datetime(2024, 9, 10, 3, tzinfo=UTC)
ID = "01958000-0000-7000-8000-000000000001"
SAID = "01958000-0000-7000-8000-000000000002"


def a_matter(state: State = State.OPENED, **more: Any) -> Matter:
    matter = replace(
        blank(OLD, ID, "case", NOW),
        state=state,
        supervisor=SUPERVISOR,
        addressee=ADDRESSEE,
        letter_number="R-7/KASN/8/2024",
        register_number="REG-7",
        evidence_digests=("ab" * 32,),
        event_date=date(2024, 8, 1),
        employment="PNS",
    )
    return replace(matter, **more)


def a_command(**more: Any) -> transfer.TransferMatters:
    return replace(transfer.TransferMatters(NEXT, "1/BA/KASN/9/2024", PASSED), **more)


def with_every_field() -> Matter:
    """A matter with something in every field, so that what does not travel is missed."""
    hints = get_type_hints(Matter)
    some = {str: "ab" * 32, date | None: PASSED, tuple[str, ...]: ("ab" * 32,), bool: True}
    values = {name: some[hint] for name, hint in hints.items() if hint in some}
    return a_matter(**(values | {"party": OLD, "id": ID, "heard": "", "employment": "PNS"}))


def come_over(matter: Matter) -> Matter:
    """The matter at the next examiner."""
    event = transfer.transfer(matter, a_command(), {})
    return transfer.hear(blank(NEXT, ID, "case", NOW), event, OLD, SAID)


def test_every_open_state_has_a_rule_and_no_other():
    assert set(agreed.rules()) == transfer.OPEN


@pytest.mark.parametrize("state", sorted(transfer.OPEN))
def test_a_matter_goes_on_where_it_stood_under_the_same_id_and_numbers(state: State):
    before = a_matter(state)

    there = come_over(before)

    passed = {"party", "heard", "predecessor", "passed_in", "succession_rule", "handover_number"}
    passed |= {"handover_date", "reports_to"}
    kept = [field.name for field in fields(Matter) if field.name not in passed]
    assert [getattr(there, name) for name in kept] == [getattr(before, name) for name in kept]
    assert (there.party, there.predecessor, there.passed_in) == (NEXT, OLD, state)


@pytest.mark.parametrize(
    ("state", "reports_to"),
    [(State.REFERRED, "bkn"), (State.EXAMINING, "kemenpanrb"), (State.DECIDED, "kemenpanrb")],
)
def test_whom_the_authority_reports_to_depends_on_whether_it_was_processed(state: State, reports_to: str):
    assert transfer.transfer(a_matter(state), a_command(), {}).reports_to == reports_to


@pytest.mark.parametrize("state", sorted(set(State) - transfer.OPEN))
def test_what_has_ended_or_passed_does_not_pass(state: State):
    with pytest.raises(WrongState):
        transfer.transfer(a_matter(state), a_command(), {})


@pytest.mark.parametrize("state", sorted(transfer.OPEN))
def test_at_the_old_examiner_nothing_more_is_possible_and_the_successor_is_named(state: State):
    matter = a_matter(state)
    passed = transfer.apply(matter, transfer.transfer(matter, a_command(), {}))

    assert (passed.state, passed.passed_in) == (State.TRANSFERRED, state)
    for command in (commands.AcceptReferral("17"), commands.VerifyFollowUp("CONFORMS", "", TODAY)):
        with pytest.raises(WrongState, match="bkn") as refused:
            states.require(passed, command)
        assert refused.value.reason == "PASSED_TO_SUCCESSOR"


def test_the_old_examiner_is_done_when_the_successor_says_that_it_has_it():
    matter = a_matter()
    passed = transfer.apply(matter, transfer.transfer(matter, a_command(), {}))
    said = transfer.took_over(come_over(matter))

    done = transfer.hear(passed, said, NEXT, SAID)

    assert done.state == State.HANDED_OVER
    with pytest.raises(WrongState):
        transfer.hear(done, said, NEXT, SAID)
    with pytest.raises(NotAllowed):
        transfer.hear(passed, said, SUPERVISOR, SAID)


def test_a_matter_does_not_come_over_twice():
    with pytest.raises(WrongState) as refused:
        transfer.hear(come_over(a_matter()), transfer.transfer(a_matter(), a_command(), {}), OLD, SAID)

    assert refused.value.reason == "HERE_ALREADY"


def test_what_was_returned_and_referred_anew_keeps_its_new_state():
    anew = replace(blank(NEXT, ID, "case", NOW), state=State.EXAMINING, supervisor=SUPERVISOR)

    joined = transfer.hear(anew, transfer.transfer(a_matter(State.RETURNED), a_command(), {}), OLD, SAID)

    assert (joined.state, joined.predecessor) == (State.EXAMINING, OLD)


@pytest.mark.parametrize(
    ("party", "successor", "today", "reason"),
    [
        (OLD, NEXT, date(2024, 9, 3), "NOT_YET_PASSED"),
        (OLD, "kemenpanrb", TODAY, "NO_SUCCESSION"),
        (NEXT, OLD, TODAY, "NO_SUCCESSION"),
    ],
)
def test_the_role_passes_as_agreed_and_not_before_its_day(
    party: str, successor: str, today: date, reason: str
):
    with pytest.raises(NotAllowed) as refused:
        transfer.check(a_command(successor=successor), party, today)

    assert refused.value.reason == reason


@pytest.mark.parametrize("day", [date(2024, 9, 3), date(2024, 9, 11)])
def test_the_handover_letter_is_of_the_succession_and_not_of_the_future(day: date):
    with pytest.raises(Malformed) as refused:
        transfer.check(a_command(letter_date=day), OLD, TODAY)

    assert refused.value.field == "letter_date"


def forwarded(said: events.HeardEvent) -> transfer.Forwarded:
    return transfer.Forwarded("statement", ADDRESSEE, said)


DECIDED = events.Decided("800/1/SK", date(2024, 9, 2), "PP94-8-4-A")


def test_without_a_succession_no_step_is_left_out():
    with pytest.raises(WrongState):
        transfer.hear(a_matter(), DECIDED, ADDRESSEE, SAID)


def test_only_the_predecessor_forwards():
    with pytest.raises(NotAllowed) as refused:
        transfer.hear(come_over(a_matter()), forwarded(events.Acknowledged()), SUPERVISOR, SAID)

    assert refused.value.reason == "NOT_THE_PREDECESSOR"


def test_what_comes_late_for_a_matter_that_has_ended_changes_nothing():
    ended = replace(come_over(a_matter()), state=State.COMPLETED)

    assert transfer.hear(ended, forwarded(events.Acknowledged()), OLD, SAID) == ended


@pytest.mark.parametrize("sender", [ADDRESSEE, SUPERVISOR])
def test_what_still_reaches_the_old_examiner_changes_nothing_there(sender: str):
    matter = a_matter()
    passed = transfer.apply(matter, transfer.transfer(matter, a_command(), {}))

    assert transfer.hear(passed, events.Acknowledged(), sender, SAID) == passed
    with pytest.raises(NotAllowed):
        transfer.hear(passed, events.Acknowledged(), "ppk-3204", SAID)


@pytest.mark.parametrize(
    "event",
    [
        replace(
            transfer.transfer(a_matter(), a_command(), {"bawaslu": "one", "ppk-6202": "two"}),
            reached=("REMINDED 2024-08-30",),
            escalation_number="B-1/KASN/9/2024",
        ),
        transfer.transfer(
            a_matter(
                State.CONFLICTED,
                missing=("STUDY",),
                completion_number="C-1",
                clarification_number="K-1",
                clarification_date=PASSED,
                clarification_addressee="ppk-3204",
                clarification_answer="K-2",
                held_date=PASSED,
                attendance="ATTENDED",
                minutes_digest="cd" * 32,
                conflicted=ADDRESSEE,
                conflict_ground="INTEREST",
                reason_codes=("REPETITION",),
                correction_number="R-8",
                objection_date=PASSED,
                due_rule="follow-up",
            ),
            a_command(),
            {},
        ),
        transfer.transfer(with_every_field(), a_command(), {}),
        transfer.took_over(come_over(a_matter())),
        forwarded(DECIDED),
    ],
    ids=lambda event: type(event).__name__,
)
def test_an_event_of_a_succession_is_the_same_after_it_travelled(event: transfer.Event):
    packed = AnyMessage()
    packed.Pack(wire.facts(event))

    assert wire.event_of(packed) == event


def test_an_answer_of_the_authority_that_was_asked_is_taken_by_the_old_examiner_and_at_the_successor():
    matter = a_matter(State.EXAMINING, addressee="", clarification_addressee="ppk-3204")
    passed = transfer.apply(matter, transfer.transfer(matter, a_command(), {}))
    said = events.Clarified("800/9/SET", PASSED)

    assert transfer.hear(passed, said, "ppk-3204", SAID) == passed
    there = transfer.hear(come_over(matter), transfer.Forwarded("statement", "ppk-3204", said), OLD, SAID)
    assert there.clarification_answer == "800/9/SET"


def test_what_the_supervisor_completed_at_the_old_examiner_completes_it_at_the_successor():
    matter = a_matter(State.INCOMPLETE, addressee="", missing=("STUDY",))
    said = events.Completed("800/4/BWS", PASSED, "K-4", "ef" * 32, ())

    there = transfer.hear(come_over(matter), transfer.Forwarded("statement", SUPERVISOR, said), OLD, SAID)

    assert (there.state, there.missing, there.study_number) == (State.REFERRED, (), "K-4")


def test_a_matter_that_is_none_is_refused():
    with pytest.raises(Malformed):
        wire.read_transferred(succession_pb2.Transferred(successor=NEXT))

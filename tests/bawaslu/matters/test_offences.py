"""The criminal track beside discipline: what may follow what, and which limit runs."""

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreement.enforcement import offences as law
from bawaslu.matters.domain import changes, commands, events, offences
from bawaslu.matters.domain.matter import Matter, State, blank
from refusals import Malformed, WrongState

# A local election in Kalimantan Tengah; 27 November 2024 was its voting day, and a day off.
NUMBER = "002/Reg/LP/PB/Kab/27.09/XI/2024"
KNOWN, FORWARDED, TODAY = date(2024, 11, 1), date(2024, 11, 18), date(2025, 1, 31)


def a_matter(**fields: Any) -> Matter:
    matter = blank(
        "bawaslu", "01958000-0000-7000-8000-000000000001", "case", datetime(2024, 11, 1, tzinfo=UTC)
    )
    known = replace(matter, state=State.REGISTERED, number=NUMBER, region="62.02", known_date=KNOWN)
    return replace(known, **fields)


def an_offence(**fields: Any) -> commands.ForwardOffence:
    offence = commands.ForwardOffence(
        letter_number="77/PP.00.02/K.KT-10/11/2024",
        letter_date=FORWARDED,
        police_number="LP/B/12/XI/2024",
        received_date=FORWARDED,
        offences=("UU10-2016-188",),
        minutes_digest="",
    )
    return replace(offence, **fields)


def forwarded(matter: Matter | None = None, **fields: Any) -> Matter:
    known = matter or a_matter()
    return changes.apply(known, offences.forward(known, an_offence(**fields), TODAY))


def after(matter: Matter, step: str, day: date) -> Matter:
    command = commands.RecordOffenceStep(step, f"1/{step.replace('_', '/')}", day)
    return changes.apply(matter, offences.record_step(matter, command, TODAY))


def test_the_police_have_fourteen_working_days_in_a_local_election() -> None:
    matter = forwarded()

    # 18 November is not counted, nor are the voting day (27) and the weekends.
    assert (matter.offence_step, matter.offence_due_date) == ("FORWARDED", date(2024, 12, 9))
    assert matter.offence_due_rule == "offence-investigation-pilkada"


def test_a_general_election_counts_the_fourteen_days_as_days_of_the_calendar_and_says_that_it_is_not_confirmed() -> (
    None
):
    matter = forwarded(a_matter(number="002/LP/PL/Kab/27.09/XI/2024"), offences=("UU7-2017-494",))

    assert matter.offence_due_date == date(2024, 12, 2)
    assert matter.offence_due_rule == "offence-investigation-pemilu"


def test_each_step_starts_the_limit_of_the_next_and_an_end_has_none() -> None:
    submitted = after(forwarded(), "FILE_SUBMITTED", date(2024, 12, 6))
    returned = after(submitted, "FILE_RETURNED", date(2024, 12, 9))
    again = after(returned, "FILE_SUBMITTED", date(2024, 12, 11))
    prosecuted = after(again, "PROSECUTED", date(2024, 12, 13))
    convicted = after(prosecuted, "CONVICTED", date(2024, 12, 20))
    appealed = after(convicted, "APPEALED", date(2024, 12, 23))
    ended = after(appealed, "ACQUITTED", date(2024, 12, 30))

    assert submitted.offence_due_date == date(2024, 12, 13)  # five working days, prosecutor
    assert returned.offence_due_date == date(2024, 12, 12)  # three working days, police
    assert prosecuted.offence_due_date == date(2024, 12, 20)  # seven days, district court
    assert convicted.offence_due_date is None
    assert appealed.offence_due_date == date(2024, 12, 30)  # seven days, high court
    assert (ended.offence_step, ended.offence_due_date, ended.offence_due_rule) == ("ACQUITTED", None, "")


@pytest.mark.parametrize("state", [state for state in State if state != State.NEW])
def test_the_track_changes_no_state_of_the_matter(state: State) -> None:
    stopped = after(forwarded(a_matter(state=state)), "STOPPED", date(2024, 11, 25))

    assert (stopped.state, stopped.offence_step) == (state, "STOPPED")


def test_what_the_police_have_is_not_forwarded_again_and_what_was_stopped_may_be() -> None:
    with pytest.raises(WrongState) as refused:
        forwarded(forwarded())
    stopped = after(forwarded(), "STOPPED", date(2024, 11, 25))

    again = forwarded(stopped, letter_number="80/PP.00.02", offences=("UU10-2016-188", "OTHER"))

    assert refused.value.reason == "OFFENCE_PENDING"
    assert (again.offence_number, again.offence_step) == ("80/PP.00.02", "FORWARDED")


def test_a_stopped_investigation_may_go_on() -> None:
    assert after(after(forwarded(), "STOPPED", FORWARDED), "FILE_SUBMITTED", TODAY).offence_due_date


def test_a_judgment_comes_of_a_court_and_a_step_of_an_offence_that_was_forwarded() -> None:
    with pytest.raises(WrongState) as jumped:
        after(forwarded(), "CONVICTED", date(2024, 12, 20))
    with pytest.raises(WrongState) as nothing:
        after(a_matter(), "STOPPED", date(2024, 12, 20))

    assert (jumped.value.reason, nothing.value.reason) == ("NOT_THE_NEXT_STEP", "NO_OFFENCE")


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"letter_date": date(2024, 10, 31)}, "letter_date"),
        ({"received_date": date(2024, 11, 17)}, "received_date"),
        ({"received_date": date(2025, 2, 1)}, "received_date"),
        ({"offences": ("UU10-2016-188", "UU7-2017-494")}, "offences[1]"),
        ({"police_number": "199001012015031001"}, "police_number"),
    ],
)
def test_what_can_never_be_right_is_refused_and_its_field_named(fields: dict[str, Any], at: str) -> None:
    with pytest.raises(Malformed) as refused:
        forwarded(**fields)

    assert refused.value.field == at


def test_a_step_is_not_before_the_last_one_nor_in_the_future() -> None:
    for day in (date(2024, 11, 17), date(2025, 2, 1)):
        with pytest.raises(Malformed) as refused:
            after(forwarded(), "STOPPED", day)
        assert refused.value.field == "step_date"


@given(st.lists(st.sampled_from(sorted(law.steps())), max_size=8))
def test_the_same_trail_gives_the_same_track_again_and_a_later_examiner_hears_where_it_stands(
    tried: list[str],
) -> None:
    matter, trail = a_matter(), list[events.Event]()
    for step in [law.FORWARDED, *tried]:
        try:
            event = (
                offences.forward(matter, an_offence(), TODAY)
                if step == law.FORWARDED
                else offences.record_step(matter, commands.RecordOffenceStep(step, "1/X", TODAY), TODAY)
            )
        except WrongState:
            continue
        trail.append(event)
        matter = changes.apply(matter, event)

    told = [event for event in (offences.forwarded(matter), offences.progressed(matter)) if event is not None]
    assert reduce(changes.apply, trail, a_matter()) == matter
    assert reduce(changes.apply, told, a_matter()) == matter

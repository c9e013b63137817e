"""An indication at an authority: every state and command, and what of Bawaslu's answers is taken."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from cooperation.supervision.indications import domain
from cooperation.supervision.indications.domain import State
from refusals import Malformed, NotAllowed, WrongState

TODAY, NOW = date(2023, 11, 20), datetime(2023, 11, 20, 3, tzinfo=UTC)
SEEN = date(2023, 11, 10)
TEAM, DIGEST = "188.45/77/HUK/2023", "ab" * 32


def a_record(**other: Any) -> domain.RecordIndication:
    values: dict[str, Any] = {
        "team_number": TEAM,
        "act": "2022-DSB7",
        "channel": "SOCIAL_MEDIA",
        "region": "62.02",
        "seen_date": SEEN,
        "material_digests": (DIGEST,),
    }
    return domain.RecordIndication(**(values | other))


def an_indication(state: State = State.RECORDED, **other: Any) -> domain.Indication:
    event = domain.record(a_record(), [TEAM], TODAY)
    indication = domain.begin("ppk-6202", "i", event, NOW)
    return replace(indication, state=state, supervisor="bawaslu", **other)


def a_guidance(**other: Any) -> domain.SettleIndication:
    values: dict[str, Any] = {
        "guidance": "REMINDED",
        "settled_date": date(2023, 11, 12),
        "minutes_digest": DIGEST,
    }
    return domain.SettleIndication(**(values | other))


def a_passing(**other: Any) -> domain.PassIndication:
    values: dict[str, Any] = {
        "letter_number": "700/12/REGU/2023",
        "letter_date": date(2023, 11, 12),
        "election": "PEMILU",
        "office": "Kab/27.09",
    }
    return domain.PassIndication(**(values | other))


def an_answer(**other: Any) -> domain.Answered:
    values: dict[str, Any] = {
        "stage": "TRACING",
        "stage_date": date(2023, 11, 13),
        "number": "5/ST",
        "reason": "",
        "place": 0,
        "matter": "",
    }
    return domain.Answered(**(values | other))


def heard(indication: domain.Indication, sender: str = "bawaslu", **answer: Any) -> domain.Indication:
    return domain.hear(indication, an_answer(**answer), sender, "c", "s")


@pytest.mark.parametrize("state", State)
def test_only_what_is_recorded_can_be_settled_or_passed_on(state: State) -> None:
    possible = state == State.RECORDED
    for act, command in ((domain.settle, a_guidance()), (domain.pass_on, a_passing())):
        if possible:
            event = act(an_indication(state), command, TODAY)
            assert domain.apply(an_indication(state), event).state in (State.SETTLED, State.PASSED)
        else:
            with pytest.raises(WrongState, match=state):
                act(an_indication(state), command, TODAY)


@pytest.mark.parametrize("state", State)
def test_only_of_what_was_passed_on_something_is_told(state: State) -> None:
    if state == State.PASSED:
        assert heard(an_indication(state)).stage == "TRACING"
        return
    with pytest.raises(NotAllowed):
        heard(an_indication(state))


def test_only_a_registered_team_records() -> None:
    with pytest.raises(Malformed) as refused:
        domain.record(a_record(), ["188.45/78/HUK/2023"], TODAY)

    assert (refused.value.field, refused.value.reason) == ("team_number", "TEAM_NOT_REGISTERED")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("seen_date", date(2023, 11, 21)),
        ("act", "2020-03"),  # of the catalogue before
        ("act", "SOMETHING"),
        ("channel", "SOMETHING"),
        ("region", "62.99"),
    ],
)
def test_what_cannot_be_right_is_not_recorded(field: str, value: Any) -> None:
    with pytest.raises(Malformed) as refused:
        domain.record(a_record(**{field: value}), [TEAM], TODAY)

    assert refused.value.field == field


def test_one_material_is_named_once() -> None:
    with pytest.raises(Malformed) as refused:
        domain.record(a_record(material_digests=(DIGEST, DIGEST)), [TEAM], TODAY)

    assert refused.value.field == "material"


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (a_guidance(guidance="SOMETHING"), "guidance"),
        (a_guidance(settled_date=date(2023, 11, 21)), "settled_date"),
        (a_guidance(settled_date=date(2023, 11, 9)), "settled_date"),
    ],
)
def test_guidance_of_no_list_or_at_a_wrong_time_is_refused(
    command: domain.SettleIndication, field: str
) -> None:
    with pytest.raises(Malformed) as refused:
        domain.settle(an_indication(), command, TODAY)

    assert refused.value.field == field


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (a_passing(letter_number=" "), "letter_number"),
        (a_passing(letter_date=date(2023, 11, 21)), "letter_date"),
        (a_passing(letter_date=date(2023, 11, 9)), "letter_date"),
        (a_passing(office="Kab/27"), "office"),
    ],
)
def test_a_letter_that_cannot_be_right_passes_nothing_on(command: domain.PassIndication, field: str) -> None:
    with pytest.raises(Malformed) as refused:
        domain.pass_on(an_indication(), command, TODAY)

    assert refused.value.field == field


def test_without_material_there_is_nothing_to_pass_on() -> None:
    with pytest.raises(WrongState) as refused:
        domain.pass_on(an_indication(material_digests=()), a_passing(), TODAY)

    assert refused.value.reason == "NO_EVIDENCE"


def test_the_digests_of_the_material_are_the_evidence() -> None:
    assert domain.pass_on(an_indication(), a_passing(), TODAY).evidence_digests == (DIGEST,)


def test_each_stage_that_was_told_stays_with_its_statement() -> None:
    after = heard(an_indication(State.PASSED))
    after = domain.hear(after, an_answer(stage="CLOSED", reason="NO_INDICATION"), "bawaslu", "c", "t")

    assert [(each.stage, each.statement) for each in after.answers] == [("TRACING", "s"), ("CLOSED", "t")]
    assert after.stage == "CLOSED"


def test_nobody_else_tells_of_it() -> None:
    with pytest.raises(NotAllowed):
        heard(an_indication(State.PASSED), sender="bkn")


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        ({"stage": "SOMETHING"}, "stage"),
        ({"stage": "REFERRED"}, "place"),  # of a person, and of nobody
        ({"place": 1}, "place"),  # tracing is of the whole
        ({"matter": "m"}, "matter"),
    ],
)
def test_an_answer_that_contradicts_itself_is_refused(answer: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed) as refused:
        heard(an_indication(State.PASSED), **answer)

    assert refused.value.field == field


@pytest.mark.parametrize(
    ("employment", "nip", "nik", "field"),
    [
        ("PNS", "123", "", "person.nip"),
        ("PNS", "199001012015031001", "12", "person.nik"),
        ("PPNPN", "199001012015031001", "", "person.nip"),
        ("PPNPN", "", "", "person.nik"),
    ],
)
def test_a_person_who_is_named_has_identifiers_that_can_be_right(
    employment: str, nip: str, nik: str, field: str
) -> None:
    with pytest.raises(Malformed) as refused:
        domain.check_person(employment, nip, nik)

    assert refused.value.field == field
    assert "1990" not in refused.value.message

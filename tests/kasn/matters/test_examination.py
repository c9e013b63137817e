"""The rules of an examination beside its decision, and letters on many matters."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from agreement.clocks import objections
from kasn.matters.domain import changes, commands, events, examination, letters
from kasn.matters.domain import rules as domain
from kasn.matters.domain.matter import Matter, State, blank
from refusals import Malformed, NotAllowed, Refusal

PPK, PROVINCE, SUPERVISOR = "ppk-6202", "prov-62", "bawaslu"
LETTER, LETTER_DATE, DUE = "R-1943/KASN/3/2025", date(2025, 3, 3), date(2025, 3, 17)
TODAY, TOMORROW, DIGEST = date(2025, 3, 24), date(2025, 3, 25), "ab" * 32


def a_matter(state: State = State.EXAMINING, id: str = "matter-1", **fields: Any) -> Matter:
    matter = blank("kasn", id, "case", datetime(2025, 3, 3, tzinfo=UTC))
    return replace(matter, state=state, supervisor=SUPERVISOR, **fields)


def recommended(state: State = State.OPENED, **fields: Any) -> Matter:
    return replace(
        a_matter(state),
        **{
            "addressee": PPK,
            "letter_number": LETTER,
            "letter_date": LETTER_DATE,
            "act": "2022-DSA7",
            "family": "DISCIPLINE",
            "sanction_class": "DISCIPLINE_SEVERE",
            "due_date": DUE,
        }
        | fields,
    )


def a_recommendation(**fields: Any) -> commands.Recommend:
    recommend = commands.Recommend(
        LETTER, LETTER_DATE, PPK, "2022-DSA7", "DISCIPLINE", "DISCIPLINE_SEVERE", DUE
    )
    return replace(recommend, **fields)


def a_correction(**fields: Any) -> commands.CorrectRecommendation:
    correct = commands.CorrectRecommendation(
        "R-1950/KASN/3/2025", TODAY, "2022-DSA7", "DISCIPLINE", "DISCIPLINE_MEDIUM", DUE
    )
    return replace(correct, **fields)


def a_withdrawal(**fields: Any) -> commands.WithdrawRecommendation:
    return replace(commands.WithdrawRecommendation("R-1951/KASN/3/2025", TODAY, "NEW_EVIDENCE"), **fields)


# --- completion and clarification ----------------------------------------------------------------------------------


def test_a_completed_referral_waits_for_its_acceptance_with_all_its_evidence() -> None:
    asked = events.CompletionRequested("R-1900/KASN/3/2025", TODAY, ("STUDY", "EVIDENCE"))
    incomplete = changes.apply(a_matter(State.REFERRED, evidence_digests=(DIGEST,)), asked)

    completed = events.Completed("13/PM", TODAY, "2/KAJIAN", "cd" * 32, ("ef" * 32,))
    after = changes.hear(incomplete, completed, SUPERVISOR)

    assert incomplete.missing == ("STUDY", "EVIDENCE")
    assert (after.state, after.missing, after.study_number) == (State.REFERRED, (), "2/KAJIAN")
    assert after.evidence_digests == (DIGEST, "ef" * 32)


def test_only_the_authority_that_was_asked_clarifies_and_late_is_not_too_late() -> None:
    request = commands.RequestClarification("R-1901/KASN/3/2025", TODAY, PPK)
    asked = changes.apply(a_matter(), examination.request_clarification(a_matter(), request, TODAY))
    answer = events.Clarified("800/9/SET", TODAY)

    with pytest.raises(NotAllowed) as refused:
        changes.hear(asked, answer, PROVINCE)

    assert refused.value.reason == "NOT_ASKED"
    assert changes.hear(asked, answer, PPK).clarification_answer == "800/9/SET"
    decided = replace(asked, state=State.NOT_PROVEN)
    assert changes.hear(decided, answer, PPK).clarification_answer == "800/9/SET"


@pytest.mark.parametrize(("attendance", "digest"), [("ATTENDED", ""), ("ABSENT", DIGEST)])
def test_there_are_minutes_if_and_only_if_the_person_came(attendance: str, digest: str) -> None:
    with pytest.raises(Malformed) as refused:
        examination.record_clarification(
            a_matter(), commands.RecordClarification(TODAY, attendance, digest), TODAY
        )

    assert refused.value.field == "minutes_digest"


# --- conflict of interest ------------------------------------------------------------------------------------------


def declared(matter: Matter, institution: str = PPK) -> Matter:
    command = commands.DeclareConflict(institution, "REPORTED_PERSON")
    return changes.apply(matter, examination.declare_conflict(matter, command))


def test_a_case_whose_reported_person_is_the_ppk_goes_to_the_governor_and_to_nobody_else() -> None:
    matter = declared(a_matter())

    for addressee, reason in ((PPK, "CONFLICT_OF_INTEREST"), ("ppk-3204", "NOT_THE_SUPERIOR")):
        with pytest.raises(Malformed) as refused:
            domain.recommend(matter, a_recommendation(addressee=addressee), TODAY)
        assert (refused.value.field, refused.value.reason) == ("addressee", reason)

    event = domain.recommend(matter, a_recommendation(addressee=PROVINCE), TODAY)
    assert (event.addressee, event.reason_codes) == (PROVINCE, ("CONFLICT_OF_INTEREST",))


def test_a_governors_own_case_goes_to_the_minister_of_home_affairs() -> None:
    event = domain.recommend(declared(a_matter(), PROVINCE), a_recommendation(addressee="kemendagri"), TODAY)

    assert event.addressee == "kemendagri"


def test_the_case_of_a_secretary_general_who_is_ppk_himself_goes_to_the_president_and_to_nobody_else() -> (
    None
):
    matter = declared(a_matter(), "setjen-dpr")

    for addressee, reason in (("setjen-dpr", "CONFLICT_OF_INTEREST"), ("kemenpanrb", "NOT_THE_SUPERIOR")):
        with pytest.raises(Malformed) as refused:
            domain.recommend(matter, a_recommendation(addressee=addressee), TODAY)
        assert refused.value.reason == reason
    event = domain.recommend(matter, a_recommendation(addressee="presiden"), TODAY)

    assert (event.addressee, event.reason_codes) == ("presiden", ("CONFLICT_OF_INTEREST",))
    with pytest.raises(Malformed, match="not a personnel authority"):
        domain.recommend(a_matter(), a_recommendation(addressee="presiden"), TODAY)


def test_a_letter_goes_to_the_ministry_that_there_was_on_its_day() -> None:
    of_2023 = a_recommendation(addressee="klhk", letter_date=date(2023, 11, 20), act="2022-DSB7")

    assert domain.recommend(a_matter(), of_2023, TODAY).addressee == "klhk"
    with pytest.raises(Malformed, match="kemenhut, kemenlh") as refused:
        domain.recommend(a_matter(), a_recommendation(addressee="klhk"), TODAY)
    assert refused.value.field == "addressee"


def test_a_conflict_that_shows_later_takes_the_recommendation_from_the_addressee() -> None:
    matter = declared(recommended(State.ACKNOWLEDGED))

    event = domain.recommend(
        matter, a_recommendation(letter_number="R-2000/KASN/3/2025", addressee=PROVINCE), TODAY
    )
    after = changes.apply(matter, event)

    assert (matter.state, event.readdressed_from) == (State.CONFLICTED, PPK)
    assert (after.state, after.addressee, after.former_addressees) == (State.RECOMMENDED, PROVINCE, (PPK,))


@pytest.mark.parametrize(
    ("matter", "institution", "reason"),
    [
        (a_matter(), "presiden", "MALFORMED"),
        (a_matter(), "bawaslu", "MALFORMED"),
        (recommended(), "ppk-3204", "MALFORMED"),
    ],
)
def test_a_conflict_is_of_a_personnel_authority_and_of_the_addressee(
    matter: Matter, institution: str, reason: str
) -> None:
    with pytest.raises(Malformed) as refused:
        declared(matter, institution)

    assert (refused.value.field, refused.value.reason) == ("institution", reason)


# --- correction and withdrawal -------------------------------------------------------------------------------------


def test_a_correction_keeps_the_letter_and_changes_what_is_recommended() -> None:
    matter = recommended()

    after = changes.apply(matter, examination.correct(matter, a_correction(), TODAY))

    assert (after.letter_number, after.correction_number) == (LETTER, "R-1950/KASN/3/2025")
    assert (after.state, after.sanction_class) == (State.OPENED, "DISCIPLINE_MEDIUM")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"sanction_class": "DISCIPLINE_SEVERE"}, "act"),
        ({"sanction_class": "MORAL_OPEN"}, "sanction_class"),
        ({"due_date": LETTER_DATE}, "due_date"),
        ({"letter_date": date(2025, 3, 2)}, "letter_date"),
        ({"letter_date": TOMORROW}, "letter_date"),
        ({"letter_number": "800/1"}, "letter_number"),
    ],
)
def test_a_correction_that_cannot_be_right_is_refused(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed) as refused:
        examination.correct(recommended(), a_correction(**fields), TODAY)

    assert refused.value.field == field


@pytest.mark.parametrize("reason", ["OBJECTION_UPHELD", "CONFLICT_OF_INTEREST", ""])
def test_a_reason_that_another_act_gives_withdraws_nothing(reason: str) -> None:
    with pytest.raises(Malformed) as refused:
        examination.withdraw(recommended(), a_withdrawal(reason=reason), TODAY)

    assert refused.value.field == "reason"


def test_a_withdrawn_recommendation_ends_the_matter_and_says_why() -> None:
    matter = recommended(State.DECIDED)

    event = examination.withdraw(matter, a_withdrawal(), TODAY)
    after = changes.apply(matter, event)

    assert (event.letter_number, event.withdrawal_number) == (LETTER, "R-1951/KASN/3/2025")
    assert (after.state, after.withdrawal_reason) == (State.WITHDRAWN, "NEW_EVIDENCE")


# --- objection and clock -------------------------------------------------------------------------------------------


def test_whether_an_objection_stops_the_clock_is_configuration_and_unconfirmed() -> None:
    rule = objections.rule(TODAY)

    assert not rule.stops_clock
    assert "stops_clock" in rule.unconfirmed


def test_a_maintained_recommendation_is_due_when_the_rule_says() -> None:
    matter = recommended(State.OBJECTED, objection_date=date(2025, 3, 10))
    answer = commands.AnswerObjection("B-1445/JP.01/04/2025", TODAY, "MAINTAIN")

    event = domain.answer_objection(matter, answer, TODAY)

    assert isinstance(event, events.ObjectionAnswered)
    assert event.due_date == changes.apply(matter, event).due_date == DUE


# --- repetition ----------------------------------------------------------------------------------------------------


def test_repetition_is_a_reason_only_if_there_is_an_earlier_recommendation() -> None:
    again = a_recommendation(reason_codes=("REPETITION",))

    with pytest.raises(Malformed) as refused:
        domain.recommend(a_matter(), again, TODAY)

    assert (refused.value.field, refused.value.reason) == ("reason_codes", "NOTHING_EARLIER")
    event = domain.recommend(a_matter(), again, TODAY, repeated=True)
    assert changes.apply(a_matter(), event).reason_codes == ("REPETITION",)


def test_a_conflict_cannot_be_given_as_a_reason_without_being_declared() -> None:
    with pytest.raises(Malformed) as refused:
        domain.recommend(a_matter(), a_recommendation(reason_codes=("CONFLICT_OF_INTEREST",)), TODAY)

    assert refused.value.field == "reason_codes"


# --- letters -------------------------------------------------------------------------------------------------------


def test_a_letter_gives_each_person_a_sanction_of_its_own() -> None:
    light = a_recommendation(act="2022-KEA6", family="ETHICS", sanction_class="MORAL_OPEN")
    items = [(a_matter(id="m-1"), a_recommendation()), (a_matter(id="m-2"), light)]

    letter, events = letters.recommend(items, TODAY, repeated=())

    assert (letter.letter_number, letter.matters) == (LETTER, ("m-1", "m-2"))
    assert [event.sanction_class for event in events] == ["DISCIPLINE_SEVERE", "MORAL_OPEN"]


@pytest.mark.parametrize(
    ("second", "command", "field"),
    [
        (a_matter(id="m-1"), a_recommendation(), "items[1].name"),
        (a_matter(State.RETURNED, id="m-2"), a_recommendation(), "items[1].name"),
        (a_matter(id="m-2"), a_recommendation(act="2022-DSA99"), "items[1].act"),
        (a_matter(id="m-2"), a_recommendation(reason_codes=("REPETITION",)), "items[1].reason_codes"),
    ],
)
def test_what_is_wrong_with_a_person_of_a_letter_is_named_by_its_place(
    second: Matter, command: commands.Recommend, field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        letters.recommend([(a_matter(id="m-1"), a_recommendation()), (second, command)], TODAY, repeated=())

    assert refused.value.field == field


def test_what_is_wrong_with_the_letter_is_named_without_a_place() -> None:
    with pytest.raises(Malformed) as refused:
        letters.recommend([(a_matter(), a_recommendation(letter_date=TOMORROW))], TODAY, repeated=())

    assert refused.value.field == "letter_date"

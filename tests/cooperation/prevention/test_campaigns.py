"""The rules of campaigns: who may be addressed, what is asked and reported; and how coverage is counted."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from agreement.elections import known
from agreement.parties import institutions
from agreement.prevention import campaigns as prevention
from cooperation.prevention.campaigns import coverage, domain, wire
from cooperation.prevention.campaigns.coverage import HasActed, HasOpened, InCustody, SentCircular
from cooperation.prevention.campaigns.domain import IssueCampaign, Received, ReportAct, State
from refusals import Malformed, NotAllowed, Refusal, WrongState

TODAY = date(2026, 1, 12)
NOW = datetime(2026, 1, 12, 3, tzinfo=UTC)
EVERYBODY = frozenset(institutions.personnel_authorities())


def a_campaign(**other: Any) -> IssueCampaign:
    values: dict[str, Any] = {
        "kind": "CIRCULAR",
        "number": "B-2708/KASN/9/2020",
        "letter_date": TODAY,
        "due_date": date(2026, 2, 1),
        "asks": ("PLEDGE", "TASK_FORCE"),
        "document_digest": "ab" * 32,
        "addressees": (),
        "all_regional": True,
        "province": "",
    }
    return IssueCampaign(**(values | other))


def received(**other: Any) -> Received:
    event, _ = domain.issue(a_campaign(**other), TODAY, EVERYBODY)
    return domain.receive("ppk-6202", "c", "kasn", event, "s", NOW)


def an_act(**other: Any) -> ReportAct:
    values: dict[str, Any] = {
        "act": "TASK_FORCE",
        "number": "188.45/12/HUK/2026",
        "act_date": TODAY,
        "document_digest": "ab" * 32,
        "people": 9,
        "units": (),
    }
    return ReportAct(**(values | other))


def test_all_regional_authorities_are_546() -> None:
    event, addressees = domain.issue(a_campaign(), TODAY, EVERYBODY)

    assert len(addressees) == len(set(addressees)) == 546
    assert not {"kemendagri", "kemenag"} & set(addressees)
    assert event.pledge == "ikrar-2020"


def test_a_letter_that_is_entered_later_asks_for_the_text_of_its_own_date() -> None:
    event, _ = domain.issue(a_campaign(letter_date=date(2023, 11, 1)), TODAY, EVERYBODY)
    before, _ = domain.issue(a_campaign(letter_date=date(2019, 1, 7)), TODAY, EVERYBODY)

    assert (event.pledge, before.pledge) == ("ikrar-2024", "ikrar-2020")


def test_a_province_is_its_own_government_and_those_of_its_regions() -> None:
    _, addressees = domain.issue(a_campaign(province="62"), TODAY, EVERYBODY)

    assert "prov-62" in addressees and "ppk-6202" in addressees
    assert {coverage.province(each) for each in addressees} == {"62"}


def test_those_who_are_no_parties_are_not_addressed() -> None:
    _, addressees = domain.issue(a_campaign(), TODAY, {"ppk-6202", "prov-62", "kemenag"})

    assert set(addressees) == {"ppk-6202", "prov-62"}


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"kind": "POSTER"}, "kind"),
        ({"number": "199001012015031001"}, "number"),
        ({"letter_date": date(2026, 1, 13)}, "letter_date"),
        ({"due_date": date(2026, 1, 11)}, "due_date"),
        ({"asks": ("PLEDGE", "DANCE")}, "asks[1]"),
        ({"addressees": ("ppk-6202",)}, "addressees"),
        ({"all_regional": False}, "addressees"),
        ({"all_regional": False, "addressees": ("ppk-6202", "bawaslu")}, "addressees[1]"),
        ({"all_regional": False, "addressees": ("nobody",)}, "addressees[0]"),
        ({"election": "PILKADA-2020"}, "addressees"),
        ({"all_regional": False, "election": "PILKADA-1999"}, "election"),
        ({"all_regional": False, "election": "PILKADA-ULANG-2025", "province": "62"}, "province"),
        ({"province": "62.02"}, "province"),
        ({"province": "99"}, "province"),
        ({"province": "62", "all_regional": False, "addressees": ("ppk-6202",)}, "province"),
    ],
)
def test_what_cannot_be_issued_is_refused_by_field(other: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed) as refused:
        domain.issue(a_campaign(**other), TODAY, EVERYBODY)
    assert refused.value.field == field


STATES = list(State)


def in_state(state: State) -> Received:
    return replace(received(), state=state)


@pytest.mark.parametrize("state", STATES)
def test_a_campaign_is_opened_once(state: State) -> None:
    if state == State.RECEIVED:
        assert domain.open_campaign(in_state(state)).number == "B-2708/KASN/9/2020"
        return
    with pytest.raises(WrongState):
        domain.open_campaign(in_state(state))


@pytest.mark.parametrize("state", STATES)
def test_an_act_answers_what_was_opened(state: State) -> None:
    if state != State.RECEIVED:
        assert domain.report(an_act(), in_state(state), TODAY).act == "TASK_FORCE"
        return
    with pytest.raises(WrongState) as refused:
        domain.report(an_act(), in_state(state), TODAY)
    assert (refused.value.field, refused.value.reason) == ("campaign", "NOT_OPENED")


def test_an_act_on_ones_own_needs_no_campaign() -> None:
    assert domain.report(an_act(), None, TODAY).people == 9


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"act": "PLEDGE"}, "act"),
        ({"act": "DANCE"}, "act"),
        ({"number": ""}, "number"),
        ({"number": "199001012015031001"}, "number"),
        ({"document_digest": ""}, "document_digest"),
        ({"people": 0}, "people"),
        ({"people": 6_000_000}, "people"),
        ({"act_date": date(2026, 1, 13)}, "act_date"),
        ({"units": ("OPD-1", "Dinas Rekaan")}, "units[1]"),
    ],
)
def test_an_act_without_what_its_kind_needs_is_refused_by_field(other: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed) as refused:
        domain.report(an_act(**other), None, TODAY)
    assert refused.value.field == field


def test_a_campaign_is_done_when_all_that_was_asked_for_is_reported() -> None:
    once = domain.acted(received(), "TASK_FORCE")
    twice = domain.acted(once, "TASK_FORCE")
    done = domain.acted(twice, "PLEDGE")

    assert [each.state for each in (once, twice, done)] == [State.ACTED, State.ACTED, State.DONE]
    assert twice.done == ("TASK_FORCE",)


def test_who_was_not_addressed_does_not_answer() -> None:
    campaign = domain.Campaign("kasn", "c", "CIRCULAR", "1", TODAY, None, (), "", "", ("ppk-6202",), NOW, NOW)
    assert domain.require_addressee(campaign, "ppk-6202") is campaign
    for found, sender in ((campaign, "ppk-3204"), (None, "ppk-6202")):
        with pytest.raises(NotAllowed):
            domain.require_addressee(found, sender)


def test_every_kind_and_act_has_a_source() -> None:
    assert all(each.source for each in (*prevention.kinds().values(), *prevention.acts().values()))
    assert prevention.recipients() == ("supervisor", "examiner")


@pytest.mark.parametrize("ask", [prevention.kind, prevention.act])
def test_a_code_that_is_not_listed_is_refused(ask: Any) -> None:
    with pytest.raises(Refusal):
        ask("X")


# --- coverage ------------------------------------------------------------------------------------------------------------

ASKS = ("PLEDGE", "TASK_FORCE")
A, B, C = "ppk-6202", "prov-62", "ppk-3204"


def acts(who: str, act: str, *, units: tuple[str, ...] = (), counts: tuple[int, ...] = ()) -> HasActed:
    return HasActed(who, f"{act}-{who}", NOW, act, sum(counts), units, counts, 3 if counts else 0)


def test_coverage_counts_what_there_is_evidence_of() -> None:
    found = coverage.fold(
        [
            *(SentCircular(who, f"s-{who}", ASKS) for who in (A, B, C)),
            *(InCustody(who, f"s-{who}", NOW) for who in (A, B)),
            InCustody(C, "another statement", NOW),
            HasOpened(A, "o-a", NOW),
            acts(A, "TASK_FORCE"),
            acts(A, "PLEDGE", units=("X", "Y"), counts=(4, 5)),
            acts(A, "PLEDGE", units=("Y",), counts=(1,)),
            acts("ppk-9999", "PLEDGE"),
        ]
    )
    whole = coverage.count(found)

    assert {id: (figure.n, figure.of) for id, figure in whole.figures.items()} == {
        "TOLD": (2, 3),
        "OPENED": (1, 3),
        "ACTED": (1, 3),
        "DONE": (1, 3),
        "PLEDGE": (1, 3),
        "TASK_FORCE": (1, 3),
    }
    assert whole.pledges == 10
    assert found.addressees[A].units == {"X": 4, "Y": 6}
    assert found.addressees[A].units_in_total == 3
    assert found.addressees[A].opened == "o-a"


def test_provinces_add_up_to_the_whole() -> None:
    found = coverage.fold(
        [
            *(SentCircular(who, f"s-{who}", ()) for who in (A, B, C)),
            HasOpened(C, "o", NOW),
            HasOpened(A, "o", NOW),
        ]
    )
    places = coverage.by_province(found)

    assert list(places) == ["32", "62"]
    assert (places["62"].figures["OPENED"].n, places["62"].figures["OPENED"].of) == (1, 2)
    # Nothing was asked for: to have opened it is all that there is to do.
    assert (places["32"].figures["DONE"].n, places["32"].figures["DONE"].of) == (1, 1)
    for id, figure in coverage.count(found).figures.items():
        assert figure.n == sum(place.figures[id].n for place in places.values())


def test_every_figure_says_what_it_counts_in_two_languages() -> None:
    for id in (*coverage.DEFINITIONS, *prevention.acts()):
        assert coverage.defined(id).indonesian and coverage.defined(id).english


def test_the_270_regions_of_pilkada_2020_are_addressed_by_one_word() -> None:
    event, addressees = domain.issue(
        a_campaign(all_regional=False, election="PILKADA-2020"), TODAY, EVERYBODY
    )

    assert len(addressees) == len(set(addressees)) == 270
    assert {"prov-62", "ppk-6202", "ppk-9301"} <= set(addressees)
    assert not {"ppk-1901", "kemenag"} & set(addressees)
    assert event.election == "PILKADA-2020"


def test_an_elections_regions_of_one_province_are_addressed() -> None:
    command = a_campaign(all_regional=False, election="PILKADA-ULANG-2025", province="19")
    _, addressees = domain.issue(command, TODAY, EVERYBODY)

    assert addressees == ("ppk-1901", "ppk-1971")


def test_an_election_in_which_all_vote_addresses_all_regional_authorities() -> None:
    _, addressees = domain.issue(a_campaign(all_regional=False, election="PEMILU-2024"), TODAY, EVERYBODY)

    assert len(addressees) == 546


def test_the_record_of_a_campaign_by_election_names_the_data_that_gave_its_addressees() -> None:
    event, addressees = domain.issue(
        a_campaign(all_regional=False, election="PILKADA-2020"), TODAY, EVERYBODY
    )
    by_election = wire.made(event, addressees)
    by_name = wire.made(replace(event, election=""), addressees)

    assert by_election.election_version == 1
    assert by_election.elections_digest.hex() == known.all_known().digest
    assert (by_name.election_version, by_name.elections_digest) == (0, b"")


def a_roll_call(**other: Any) -> ReportAct:
    values: dict[str, Any] = {"act": "ROLL_CALL", "number": "", "document_digest": "", "read_by": "UNIT_HEAD"}
    return an_act(**(values | other))


def test_a_roll_call_names_the_text_that_was_read_and_the_post_of_who_read_it() -> None:
    event = domain.report(a_roll_call(pledge="ikrar-2020"), None, TODAY)

    assert (event.pledge, event.read_by) == ("ikrar-2020", "UNIT_HEAD")
    assert event.pledge_digest == prevention.pledge("ikrar-2020").sha256


def test_a_roll_call_that_names_no_text_read_the_one_of_its_day() -> None:
    event = domain.report(a_roll_call(act_date=date(2023, 11, 20)), None, TODAY)

    assert event.pledge == "ikrar-2024"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"read_by": ""}, "read_by"),
        ({"read_by": "Tokoh Rekaan"}, "read_by"),
        ({"pledge": "ikrar-1999"}, "pledge"),
        ({"act": "SOCIALISATION"}, "read_by"),
        ({"act": "SOCIALISATION", "read_by": "", "pledge": "ikrar-2020"}, "pledge"),
    ],
)
def test_a_reader_is_a_listed_post_and_a_text_one_of_the_agreement(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed) as refused:
        domain.report(a_roll_call(**wrong), None, TODAY)
    assert refused.value.field == field

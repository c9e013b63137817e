"""The overseers' rules, case by case."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import pytest

from agreement.enforcement import oversight
from cooperation.oversight.domain import matters, rules
from cooperation.oversight.domain.matters import State, Watched
from refusals import Malformed, NotAllowed, Refusal, WrongState

PARTY, EXAMINER, ADDRESSEE, ORIGINAL = "kemendagri", "kasn", "ppk-6202", "original"
LETTER, LETTER_DATE, DUE = "R-12/KASN/11/2023", date(2023, 11, 20), date(2023, 12, 4)
TODAY = date(2023, 12, 20)
NOW = datetime(2023, 12, 20, 3, tzinfo=UTC)


def a_watched(state: State = State.OPENED, **fields: Any) -> Watched:
    blank = rules.blank(PARTY, "01958000-0000-7000-8000-000000000001", "case", NOW)
    if state == State.NEW:
        return blank
    known = replace(
        blank,
        state=state,
        examiner=EXAMINER,
        letter_number=LETTER,
        letter_date=LETTER_DATE,
        addressee=ADDRESSEE,
        due_date=DUE,
    )
    return replace(known, **fields)


def blocked(state: State = State.OPENED, **fields: Any) -> Watched:
    block = {"data_blocked": True, "block_number": "26/BLK", "block_date": date(2023, 12, 15)}
    return a_watched(state, **(block | fields))


def a_recommendation(**fields: Any) -> matters.Recommended:
    recommended = matters.Recommended(
        letter_number=LETTER,
        letter_date=LETTER_DATE,
        addressee=ADDRESSEE,
        act="2022-DSB7",
        family="DISCIPLINE",
        sanction_class="DISCIPLINE_SEVERE",
        due_date=DUE,
        report_number="002/LP/PL/Kab/27.09/III/2024",
        region="62.02",
    )
    return replace(recommended, **fields)


def a_correction(**fields: Any) -> matters.Corrected:
    corrected = matters.Corrected(
        letter_number="R-13/KASN/12/2023",
        corrects=LETTER,
        act="2022-DSR1",
        family="ETHICS",
        sanction_class="MORAL_OPEN",
        due_date=date(2023, 12, 6),
    )
    return replace(corrected, **fields)


def a_block(**fields: Any) -> matters.BlockData:
    return replace(matters.BlockData("27/BLK", TODAY, "KANREG-VIII", "RECOMMENDATION_RECEIVED"), **fields)


def an_unblocking(**fields: Any) -> matters.UnblockData:
    return replace(matters.UnblockData("8/BKA", TODAY, "KANREG-VIII", "COURT_DECISION"), **fields)


def an_annulment(**fields: Any) -> matters.AnnulDecree:
    annulment = matters.AnnulDecree(
        "9/BATAL", TODAY, "800/1/SK", "AUDIT_UNHEEDED", coordination_number="B/12/M"
    )
    return replace(annulment, **fields)


def an_annulled(**fields: Any) -> matters.DecreeAnnulled:
    annulled = matters.DecreeAnnulled("9/BATAL", TODAY, "AUDIT_UNHEEDED", LETTER, "800/1/SK")
    return replace(annulled, **fields)


def a_warning(**fields: Any) -> matters.WarnAuthority:
    return replace(matters.WarnAuthority("800/2344/IJ", date(2023, 12, 18)), **fields)


def a_warned(**fields: Any) -> matters.Warned:
    warned = matters.Warned("800/1/IJ", date(2023, 12, 6), date(2023, 12, 9), LETTER, ADDRESSEE)
    return replace(warned, **fields)


# --- every state × every command and copy --------------------------------------------------------------------------

Attempt = Callable[[Watched], Watched]


def _do(rule: Callable[..., matters.OwnEvent], *arguments: Any) -> Attempt:
    return lambda watched: rules.apply(watched, rule(watched, *arguments))


def _hear(event: matters.HeardEvent, sender: str = EXAMINER) -> Attempt:
    return lambda watched: rules.hear(watched, event, sender, ORIGINAL)


ATTEMPTS: dict[str, Attempt] = {
    "open": _do(rules.open_copy, matters.OpenCopy()),
    "block": _do(rules.block, a_block(), TODAY, NOW),
    "unblock": _do(rules.unblock, an_unblocking(), TODAY, NOW),
    "annul": _do(rules.annul, an_annulment(), TODAY, NOW),
    "warn": _do(rules.warn, a_warning(), TODAY, NOW),
    "recommended": _hear(a_recommendation()),
    "corrected": _hear(a_correction()),
    "moved": _hear(matters.DueDateMoved(LETTER, date(2023, 12, 6))),
    "withdrawn": _hear(matters.Withdrawn(LETTER, "OBJECTION_UPHELD")),
    "conforms": _hear(matters.Verified("CONFORMS", "", TODAY)),
    "not yet conforms": _hear(matters.Verified("NOT_YET_CONFORMS", "", TODAY)),
    "not yet followed up": _hear(matters.Verified("NOT_YET_FOLLOWED_UP", "", TODAY)),
    "cannot be": _hear(matters.Verified("CANNOT_BE_FOLLOWED_UP", "RETIRED", TODAY)),
    "annulled": _hear(an_annulled(), "bkn"),
    "warned": _hear(a_warned(), "kemenpanrb"),
    "took over": _hear(matters.TookOver(EXAMINER, "next"), "next"),
}
PENDING = {
    "recommended": "RECEIVED",
    "withdrawn": "WITHDRAWN",
    "conforms": "COMPLETED",
    "cannot be": "CANNOT_BE_FOLLOWED_UP",
}

# What each state becomes with data that are not blocked; whatever is not written here is refused.
BECOMES: dict[str, dict[str, str]] = {
    "NEW": {"recommended": "RECEIVED"},
    "RECEIVED": PENDING
    | {"open": "OPENED"}
    | dict.fromkeys(
        ("corrected", "moved", "not yet conforms", "not yet followed up", "annulled", "warned", "took over"),
        "RECEIVED",
    ),
    "OPENED": PENDING
    | dict.fromkeys(
        (
            "block",
            "annul",
            "warn",
            "corrected",
            "moved",
            "not yet conforms",
            "not yet followed up",
            "annulled",
            "warned",
            "took over",
        ),
        "OPENED",
    ),
    "WITHDRAWN": {"recommended": "RECEIVED", "warned": "WITHDRAWN", "took over": "WITHDRAWN"},
    # An appeal may take a completed matter back, which is then verified again.
    "COMPLETED": dict.fromkeys(
        ("conforms", "not yet conforms", "not yet followed up", "warned", "took over"), "COMPLETED"
    )
    | {"cannot be": "CANNOT_BE_FOLLOWED_UP", "annul": "OPENED", "annulled": "OPENED"},
    "CANNOT_BE_FOLLOWED_UP": {"warned": "CANNOT_BE_FOLLOWED_UP", "took over": "CANNOT_BE_FOLLOWED_UP"},
}


def test_the_table_names_every_state_command_and_copy() -> None:
    assert set(BECOMES) == set(State)
    assert set(rules.POSSIBLE) == {*get_args(matters.Command), *get_args(matters.HeardEvent)}
    assert {attempt for row in BECOMES.values() for attempt in row} | {"unblock"} == set(ATTEMPTS)


@pytest.mark.parametrize("attempt", ATTEMPTS)
@pytest.mark.parametrize("state", State)
def test_a_state_becomes_what_the_table_says_or_refuses(state: State, attempt: str) -> None:
    watched = a_watched(state)
    after = BECOMES[state].get(attempt)

    if after is None:
        with pytest.raises(WrongState):
            ATTEMPTS[attempt](watched)
    else:
        assert ATTEMPTS[attempt](watched).state == after


@pytest.mark.parametrize("state", [state for state in State if state != State.NEW])
def test_with_blocked_data_only_blocking_is_impossible_and_unblocking_is_possible(state: State) -> None:
    watched = blocked(state)

    with pytest.raises(WrongState):
        ATTEMPTS["block"](watched)
    opened = ATTEMPTS["unblock"](watched)
    assert (opened.state, opened.data_blocked, opened.unblock_number) == (state, False, "8/BKA")


# --- corrections ---------------------------------------------------------------------------------------------------


def test_a_correction_sets_what_is_recommended_and_when_it_is_due() -> None:
    watched = a_watched(act="2022-DSB7", family="DISCIPLINE", sanction_class="DISCIPLINE_SEVERE")

    after = rules.hear(watched, a_correction(), EXAMINER, ORIGINAL)

    assert (after.act, after.family, after.sanction_class, after.due_date, after.letter_number) == (
        "2022-DSR1",
        "ETHICS",
        "MORAL_OPEN",
        date(2023, 12, 6),
        LETTER,
    )


@pytest.mark.parametrize(("field", "value"), [("corrects", "R-11/KASN/11/2023"), ("due_date", None)])
def test_a_correction_of_another_letter_or_without_a_due_date_is_refused(field: str, value: Any) -> None:
    with pytest.raises(Malformed) as refused:
        rules.hear(a_watched(), a_correction(**{field: value}), EXAMINER, ORIGINAL)

    assert refused.value.field == field


# --- blocking ------------------------------------------------------------------------------------------------------


def test_a_block_is_a_flag_beside_the_state_and_can_be_set_again() -> None:
    first = ATTEMPTS["block"](a_watched())
    again = rules.apply(
        ATTEMPTS["unblock"](first), rules.block(a_watched(), a_block(act_number="30/BLK"), TODAY, NOW)
    )

    assert (first.state, first.data_blocked, first.block_office) == (State.OPENED, True, "KANREG-VIII")
    assert (again.data_blocked, again.block_number, again.unblock_number) == (True, "30/BLK", "")


# Reason, what the copies say, and whether it may be given.
BLOCKS: list[tuple[str, dict[str, Any], bool]] = [
    ("RECOMMENDATION_RECEIVED", {"due_date": TODAY}, True),
    ("OVERDUE", {"due_date": TODAY}, False),
    ("OVERDUE", {"due_date": TODAY - timedelta(days=1)}, True),
    ("WARNING_UNHEEDED", {}, False),
    ("WARNING_UNHEEDED", {"warning_due_date": TODAY}, False),
    ("WARNING_UNHEEDED", {"warning_due_date": TODAY - timedelta(days=1)}, True),
]


@pytest.mark.parametrize(("reason", "known", "possible"), BLOCKS)
def test_a_reason_to_block_is_given_when_the_copies_show_it(
    reason: str, known: dict[str, Any], possible: bool
) -> None:
    watched = a_watched(**known)
    if possible:
        assert rules.block(watched, a_block(reason=reason), TODAY, NOW).reason == reason
        return
    with pytest.raises(WrongState) as refused:
        rules.block(watched, a_block(reason=reason), TODAY, NOW)
    assert (refused.value.reason, refused.value.field) == ("NOT_SHOWN", "reason")


UNBLOCKS = {
    "FOLLOWED_UP": {State.COMPLETED},
    "CANNOT_BE_FOLLOWED_UP": {State.CANNOT_BE_FOLLOWED_UP},
    "WITHDRAWN": {State.WITHDRAWN},
    "COURT_DECISION": set(State) - {State.NEW},
    "BLOCKED_IN_ERROR": set(State) - {State.NEW},
}


def test_every_listed_reason_to_unblock_is_tried() -> None:
    assert set(UNBLOCKS) == set(oversight.unblock_reasons())
    assert {reason for reason, _, _ in BLOCKS} == set(oversight.block_reasons())


@pytest.mark.parametrize("state", [state for state in State if state != State.NEW])
@pytest.mark.parametrize("reason", UNBLOCKS)
def test_unblocking_needs_the_follow_up_or_another_listed_reason(reason: str, state: State) -> None:
    watched, command = blocked(state), an_unblocking(reason=reason)
    if state in UNBLOCKS[reason]:
        assert rules.unblock(watched, command, TODAY, NOW).block_number == "26/BLK"
        return
    with pytest.raises(WrongState) as refused:
        rules.unblock(watched, command, TODAY, NOW)
    assert (refused.value.reason, refused.value.field) == ("NOT_SHOWN", "reason")


# --- annulment -----------------------------------------------------------------------------------------------------


def test_an_annulled_decree_opens_a_completed_matter_and_its_verification_counts_no_more() -> None:
    watched = a_watched(State.COMPLETED, verification="CONFORMS", verified_date=date(2023, 12, 15))

    annulled = ATTEMPTS["annul"](watched)

    assert (annulled.state, annulled.verification, annulled.verified_date) == (State.OPENED, "", None)
    assert (annulled.annulment_number, annulled.annulment_date) == ("9/BATAL", TODAY)


def test_a_warning_of_before_an_annulment_is_no_reason_to_block_after_it() -> None:
    warned = a_watched(warning_number="1/IJ", warning_date=DUE, warning_due_date=date(2023, 12, 9))
    unheeded = a_block(reason="WARNING_UNHEEDED")
    assert rules.block(warned, unheeded, TODAY, NOW)

    annulled = rules.apply(warned, an_annulled())

    with pytest.raises(WrongState, match="which the copies here do not show"):
        rules.block(annulled, unheeded, TODAY, NOW)


def test_an_annulment_sets_until_when_another_decree_is_made_or_leaves_the_due_date() -> None:
    until = date(2024, 1, 20)

    set_by_act = rules.annul(a_watched(), an_annulment(due_date=until), TODAY, NOW)
    silent = rules.annul(a_watched(), an_annulment(), TODAY, NOW)

    assert rules.apply(a_watched(), set_by_act).due_date == until
    assert rules.apply(a_watched(), silent).due_date == DUE


def test_an_annulment_that_was_not_coordinated_with_the_ministries_is_warned_of() -> None:
    watched = a_watched()

    alone = rules.annul(watched, an_annulment(coordination_number=""), TODAY, NOW)
    together = rules.annul(watched, an_annulment(), TODAY, NOW)

    assert [each.reason for each in rules.unusual_annulment(watched, alone)] == ["NOT_COORDINATED"]
    assert not rules.unusual_annulment(watched, together)


def test_the_annulment_of_another_decree_than_the_verified_one_is_warned_of() -> None:
    verified = rules.hear(
        a_watched(), matters.Verified("CONFORMS", "", TODAY, "800/2/SK"), EXAMINER, ORIGINAL
    )

    annulled = rules.annul(verified, an_annulment(), TODAY, NOW)

    assert [each.reason for each in rules.unusual_annulment(verified, annulled)] == ["OTHER_DECREE"]
    assert rules.apply(verified, annulled).decree_number == ""


def test_nothing_is_annulled_by_a_regulation_that_is_not_in_force() -> None:
    watched = a_watched(letter_date=date(2022, 9, 1))

    with pytest.raises(Malformed, match="before the regulation"):
        rules.annul(watched, an_annulment(act_date=date(2022, 9, 13)), TODAY, NOW)
    assert rules.annul(watched, an_annulment(act_date=date(2022, 9, 14)), TODAY, NOW)


def test_an_annulment_by_another_is_kept_as_its_copy_says() -> None:
    watched = ATTEMPTS["annulled"](a_watched(State.COMPLETED))

    assert (watched.annulment_number, watched.examiner) == ("9/BATAL", EXAMINER)


# --- warning -------------------------------------------------------------------------------------------------------


def test_a_warned_authority_has_three_days_from_the_letter() -> None:
    warned = rules.warn(a_watched(), a_warning(), TODAY, NOW)

    assert oversight.warning().days == 3
    assert (warned.comply_by, warned.addressee, warned.recommendation) == (
        date(2023, 12, 21),
        ADDRESSEE,
        LETTER,
    )


@pytest.mark.parametrize(
    ("addressee", "overdue_at", "not_yet_at"),
    [
        ("ppk-6202", datetime(2023, 12, 4, 17, tzinfo=UTC), datetime(2023, 12, 4, 16, 59, tzinfo=UTC)),  # WIB
        ("prov-64", datetime(2023, 12, 4, 16, tzinfo=UTC), datetime(2023, 12, 4, 15, 59, tzinfo=UTC)),  # WITA
        ("prov-91", datetime(2023, 12, 4, 15, tzinfo=UTC), datetime(2023, 12, 4, 14, 59, tzinfo=UTC)),  # WIT
    ],
)
def test_overdue_begins_when_the_due_day_ends_at_the_addressee(
    addressee: str, overdue_at: datetime, not_yet_at: datetime
) -> None:
    watched = a_watched(addressee=addressee)

    assert rules.is_overdue(watched.state, watched.due_date, watched.addressee, overdue_at)
    assert not rules.is_overdue(watched.state, watched.due_date, watched.addressee, not_yet_at)


def test_who_is_not_overdue_is_not_warned() -> None:
    with pytest.raises(WrongState) as refused:
        rules.warn(a_watched(due_date=TODAY), a_warning(), TODAY, NOW)

    assert refused.value.reason == "NOT_OVERDUE"


def test_nobody_warns_itself() -> None:
    with pytest.raises(NotAllowed) as refused:
        rules.warn(a_watched(addressee=PARTY), a_warning(), TODAY, NOW)

    assert refused.value.reason == "OWN_MATTER"


def test_kemendagri_warns_no_central_authority_and_kemenpanrb_no_regional_one() -> None:
    for party, addressee in ((PARTY, "kemenag"), ("kemenpanrb", ADDRESSEE)):
        with pytest.raises(NotAllowed) as refused:
            rules.warn(a_watched(party=party, addressee=addressee), a_warning(), TODAY, NOW)
        assert refused.value.reason == "NOT_ITS_AUTHORITY"

    warned = rules.warn(a_watched(party="kemenpanrb", addressee="kemenag"), a_warning(), TODAY, NOW)
    assert warned.addressee == "kemenag"


def test_a_warning_by_another_is_kept_as_its_copy_says() -> None:
    watched = ATTEMPTS["warned"](a_watched())

    assert (watched.warning_number, watched.warning_due_date) == ("800/1/IJ", date(2023, 12, 9))
    assert watched.examiner == EXAMINER


RULES: dict[str, tuple[str, str, Any]] = {
    "a block whose number is a NIP": ("block", "act_number", "199001012015031001"),
    "a block in the future": ("block", "act_date", date(2023, 12, 21)),
    "a block before the recommendation": ("block", "act_date", date(2023, 11, 19)),
    "a block by no office": ("block", "office", "KANREG-XV"),
    "a block for no listed reason": ("block", "reason", "BECAUSE"),
    "an unblocking that has no number": ("unblock", "act_number", " "),
    "an unblocking in the future": ("unblock", "act_date", date(2023, 12, 21)),
    "an unblocking before the block": ("unblock", "act_date", date(2023, 12, 14)),
    "an unblocking by no office": ("unblock", "office", ""),
    "an unblocking for no listed reason": ("unblock", "reason", "RECOMMENDATION_RECEIVED"),
    "an annulment whose number is a NIP": ("annul", "act_number", "199001012015031001"),
    "an annulment in the future": ("annul", "act_date", date(2023, 12, 21)),
    "an annulment before the recommendation": ("annul", "act_date", date(2023, 11, 19)),
    "an annulment of a decree that is a NIP": ("annul", "decree_number", "199001012015031001"),
    "an annulment for no listed reason": ("annul", "reason", "BECAUSE"),
    "an annulment due on its own day": ("annul", "due_date", TODAY),
    "an annulment coordinated by a NIP": ("annul", "coordination_number", "199001012015031001"),
    "a warning whose number is a NIK": ("warn", "letter_number", "6202014107900001"),
    "a warning in the future": ("warn", "letter_date", date(2023, 12, 21)),
    "a warning on the due date": ("warn", "letter_date", DUE),
    "a warning before the due date": ("warn", "letter_date", date(2023, 12, 1)),
}


@pytest.mark.parametrize("rule", RULES)
def test_what_can_never_be_right_is_refused_and_its_field_named(rule: str) -> None:
    what, field, value = RULES[rule]
    tries: dict[str, Callable[[], Any]] = {
        "block": lambda: rules.block(a_watched(), a_block(**{field: value}), TODAY, NOW),
        "unblock": lambda: rules.unblock(blocked(), an_unblocking(**{field: value}), TODAY, NOW),
        "annul": lambda: rules.annul(a_watched(), an_annulment(**{field: value}), TODAY, NOW),
        "warn": lambda: rules.warn(a_watched(), a_warning(**{field: value}), TODAY, NOW),
    }

    with pytest.raises(Malformed) as refused:
        tries[what]()

    assert refused.value.field == field
    assert len(str(value)) < 2 or str(value) not in refused.value.message


# --- copies --------------------------------------------------------------------------------------------------------


def test_a_copy_keeps_what_was_copied_from_whom_and_when_it_is_due() -> None:
    watched = rules.hear(a_watched(State.NEW), a_recommendation(), EXAMINER, ORIGINAL)

    assert (watched.original, watched.examiner, watched.addressee) == (ORIGINAL, EXAMINER, ADDRESSEE)
    assert (watched.letter_number, watched.due_date, watched.act) == (LETTER, DUE, "2022-DSB7")


def test_addressed_anew_it_is_watched_at_the_new_addressee_and_the_block_stands() -> None:
    before = blocked(State.WITHDRAWN, warning_number="800/1/IJ", withdrawal_reason="NOT_ADDRESSEES_EMPLOYEE")
    letter = a_recommendation(letter_number="R-13/KASN/12/2023", addressee="ppk-3204")

    watched = rules.hear(before, letter, EXAMINER, "another")

    assert (watched.state, watched.addressee, watched.original) == (State.RECEIVED, "ppk-3204", "another")
    assert (watched.data_blocked, watched.warning_number, watched.withdrawal_reason) == (True, "", "")


def test_after_a_succession_the_examiner_is_whoever_speaks_in_that_role() -> None:
    watched = rules.hear(a_watched(), matters.Verified("CONFORMS", "", TODAY), "bkn", ORIGINAL)

    assert (watched.examiner, watched.verification) == ("bkn", "CONFORMS")


WRONG: dict[str, tuple[matters.HeardEvent, str]] = {
    "a recommendation without a date": (a_recommendation(letter_date=None), "letter_date"),
    "a recommendation without a due date": (a_recommendation(due_date=None), "due_date"),
    "a withdrawal of another letter": (matters.Withdrawn("R-99/KASN/11/2023", ""), "letter_number"),
    "a verification of no status": (matters.Verified("", "", TODAY), "status"),
    "an annulment on another letter": (an_annulled(recommendation="R-99/KASN/11/2023"), "recommendation"),
    "an annulment without a date": (an_annulled(act_date=None), "act_date"),
    "a warning on another letter": (a_warned(recommendation="R-99/KASN/11/2023"), "recommendation"),
    "a warning without a date": (a_warned(letter_date=None), "letter_date"),
    "a warning without a day to comply by": (a_warned(comply_by=None), "comply_by"),
}


@pytest.mark.parametrize("copy", WRONG)
def test_a_copy_that_cannot_be_right_is_refused_and_its_field_named(copy: str) -> None:
    event, field = WRONG[copy]

    with pytest.raises(Refusal) as refused:
        rules.hear(a_watched(), event, EXAMINER, ORIGINAL)

    assert refused.value.field == field


@pytest.mark.parametrize(
    ("party", "superior"),
    [
        ("kemendagri", True),
        ("bkn", True),
        ("prov-62", True),
        ("ppk-6202", False),
        ("ppk-3578", False),
        ("x", False),
    ],
)
def test_a_superior_is_a_central_institution_or_a_province(party: str, superior: bool) -> None:
    assert rules.is_superior(party) == superior


# --- the examiner's role passes on ---------------------------------------------------------------------------------


def test_what_the_overseer_does_next_is_told_to_the_next_examiner() -> None:
    after = rules.hear(a_watched(), matters.TookOver(EXAMINER, "next"), "next", "")

    assert (after.examiner, after.original) == ("next", a_watched().original)


@pytest.mark.parametrize(("predecessor", "successor"), [("other", "next"), (EXAMINER, "other")])
def test_nobody_takes_over_from_another_than_the_matters_examiner_or_for_another(
    predecessor: str, successor: str
) -> None:
    with pytest.raises(NotAllowed) as refused:
        rules.hear(a_watched(), matters.TookOver(predecessor, successor), "next", "")

    assert refused.value.reason == "NOT_THE_EXAMINER"

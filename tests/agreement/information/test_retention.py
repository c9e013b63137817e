"""Grounds, reasons of holds and retention periods: every code has its words, and a day is due when its years have passed."""

from datetime import date

import pytest

from agreement.information import legal_bases, retention
from refusals import NotAllowed, Refusal


def test_every_ground_names_bases_that_permit_an_order():
    for ground in retention.grounds().values():
        for basis in ground.bases:
            on = legal_bases.basis(basis).since
            assert legal_bases.permits(
                basis, "netral.supervisor.erasure_ordered.v1", "supervisor", "bawaslu", on
            )


def test_a_period_that_no_schedule_confirms_says_so():
    assert not [each.code for each in retention.classes().values() if each.confirmed]


@pytest.mark.parametrize(
    ("last", "due"),
    [(date(2024, 2, 29), date(2026, 3, 1)), (date(2024, 3, 1), date(2026, 3, 1))],
)
def test_what_is_kept_for_two_years_is_due_two_years_later(last: date, due: date):
    (withdrawn,) = [each for each in retention.classes().values() if each.code == "WITHDRAWN"]
    assert withdrawn.due(last) == due


def test_what_goes_on_is_in_no_class():
    assert retention.class_of("RECOMMENDED") is None
    assert retention.class_of("COMPLETED") is not None


def test_a_ground_on_a_day_before_its_law_is_refused():
    retention.check_ground("SUBJECT_REQUEST", "uu-27-2022", date(2022, 10, 17))
    with pytest.raises(NotAllowed):
        retention.check_ground("SUBJECT_REQUEST", "uu-27-2022", date(2022, 10, 16))
    with pytest.raises(Refusal):
        retention.check_reason("WHIM")

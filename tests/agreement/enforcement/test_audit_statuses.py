"""The four statuses of auditors: each verdict and stage of a recommendation is one of them, and each age has its class."""

import pytest

from agreement import data_files
from agreement.data_files import BrokenData
from agreement.enforcement import audit_statuses
from cooperation.monitoring.figures import case_status

# Stages of a recommendation that stands; before and beside them there is none to count.
_OTHERS = {
    "REGISTERED",
    "STUDIED",
    "REFERRED",
    "RETURNED",
    "EXAMINED",
    "NOT_A_VIOLATION",
    "NOT_PROVEN",
    "WITHDRAWN",
}
_VERDICTS = {"CONFORMS", "NOT_YET_CONFORMS", "NOT_YET_FOLLOWED_UP", "CANNOT_BE_FOLLOWED_UP"}


def test_every_verdict_and_every_stage_of_a_recommendation_has_a_status():
    assert [status.code for status in audit_statuses.statuses()] == ["1", "2", "3", "4"]
    for verdict in _VERDICTS:
        assert audit_statuses.status_of(verdict, "DECIDED").verdicts == (verdict,)
    for stage in set(case_status.FLOW) - _OTHERS - _VERDICTS:
        assert audit_statuses.status_of("", stage).stages


@pytest.mark.parametrize(
    ("days", "code"), [(0, "60"), (60, "60"), (61, "365"), (365, "365"), (366, "more"), (9999, "more")]
)
def test_an_age_is_of_the_class_that_it_reaches(days: int, code: str):
    assert audit_statuses.age_of(days).code == code


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('verdicts = ["NOT_YET_CONFORMS"]', 'verdicts = ["CONFORMS"]', "of another status too"),
        ("days = 365", "days = 30", "not rising"),
        ('code = "2"', 'code = "1"', "1"),
    ],
)
def test_a_broken_file_is_found(old: str, new: str, where: str):
    text = data_files.read("siptl.toml")

    with pytest.raises(BrokenData, match=where):
        audit_statuses._parse(text.replace(old, new))

from datetime import date

import pytest

from agreement import data_files
from agreement.data_files import BrokenData, Unknown
from agreement.enforcement import oversight

TEXT = data_files.read("oversight.toml")


def test_what_no_page_showed_is_marked() -> None:
    assert oversight.warning().unconfirmed == ("unit", "start")


def test_a_warned_authority_has_three_days_across_a_month() -> None:
    assert oversight.comply_by(date(2020, 10, 30)) == date(2020, 11, 2)


@pytest.mark.parametrize("reason", [oversight.block_reason, oversight.unblock_reason])
def test_an_unlisted_reason_is_refused(reason) -> None:
    with pytest.raises(Unknown) as refused:
        reason("ANGER")

    assert refused.value.field == "reason"


@pytest.mark.parametrize(
    ("right", "wrong", "problem"),
    [
        ('needs = "CONFORMS"', 'needs = "PATIENCE"', "needs: not of"),
        ("days = 3", "days = 0", "days: not above zero"),
        ("days = 3", "days = 3\nextra = 1", "unknown: extra"),
        ('code = "OVERDUE"', 'code = "WARNING_UNHEEDED"', "stands twice"),
        ('code = "FOLLOWED_UP"', 'kode = "FOLLOWED_UP"', "code: missing"),
        ("[[block_reason]]", "[[block_reasons]]", "unknown: block_reasons"),
        (
            "[[block_reason]]",
            '[[warning]]\nid = "x"\ndays = 1\nsource = "x"\nnote = "x"\n\n[[block_reason]]',
            "warning: over 1",
        ),
    ],
)
def test_broken_data_is_found_when_it_is_read(right: str, wrong: str, problem: str) -> None:
    with pytest.raises(BrokenData, match=problem):
        oversight._parse(TEXT.replace(right, wrong, 1))

"""Successions of roles, and the rule for each state, read strictly."""

from datetime import date

import pytest

from agreement.data_files import BrokenData
from agreement.parties import succession
from refusals import NotAllowed

TEXT = """
[[succession]]
role = "examiner"
from = "kasn"
to = "{to}"
since = 2024-09-04
former = "{former}"
statement_types = ["netral.examiner.transferred.v1"]
source = "SE MenPANRB 4/2024"

[[rule]]
code = "ONE"
title_id = "satu"
states = ["REFERRED"]
continues = "bkn"
reports_to = "{reports_to}"
confirmed = true
source = "SE MenPANRB 4/2024"

[[rule]]
code = "TWO"
title_id = "dua"
states = ["{state}"]
continues = "bkn"
reports_to = "bkn"
confirmed = false
source = "SE MenPANRB 4/2024"
"""
RIGHT = {"to": "bkn", "former": "former_examiner", "reports_to": "kemenpanrb", "state": "OPENED"}


def test_the_examiners_role_passed_from_kasn_to_bkn_on_4_september_2024():
    found = succession.succession("examiner", "kasn", "bkn", date(2024, 9, 4))

    assert found.since == date(2024, 9, 4)
    with pytest.raises(NotAllowed):
        succession.succession("examiner", "kasn", "bkn", date(2024, 9, 3))


def test_under_the_former_role_matters_are_handed_over_and_nothing_is_recommended():
    assert succession.former_role("netral.examiner.transferred.v1") == "former_examiner"
    assert succession.former_role("netral.examiner.forwarded.v1") == "former_examiner"
    assert succession.former_role("netral.examiner.recommended.v1") == ""


def test_a_rule_says_whether_its_source_was_read():
    assert not succession.rules()["REFERRED"].confirmed  # the circular is known from the press
    assert not succession.rules()["RETURNED"].confirmed


def test_what_is_right_is_read():
    (found,), rules = succession._parse(TEXT.format(**RIGHT))

    assert (found.successor, sorted(rules)) == ("bkn", ["OPENED", "REFERRED"])


@pytest.mark.parametrize(
    "wrong",
    [{"to": "kasn"}, {"former": "examiner_once"}, {"reports_to": "nobody"}, {"state": "REFERRED"}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_is_wrong_stops_the_start(wrong: dict[str, str]):
    with pytest.raises(BrokenData):
        succession._parse(TEXT.format(**(RIGHT | wrong)))

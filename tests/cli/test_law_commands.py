"""`netral law …`: nothing has to run."""

from pathlib import Path

from support.netral import Netral


def test_a_rule_is_shown_with_clause_reading_certainty_and_use(tmp_path: Path) -> None:
    shown = Netral(tmp_path).here("law", "show", "pp53-7-3-a").out

    assert "Penundaan kenaikan gaji berkala" in shown
    assert "reading: art. 42: the medium sanctions of PP 53/2010 (chosen)" in shown
    assert "also read: BKN's list: the cut of allowances by 25 %" in shown
    assert "certainty: read" in shown and "used: ppk decide" in shown


def test_what_is_open_can_be_listed(tmp_path: Path) -> None:
    listed = Netral(tmp_path).here("law", "ls", "--kind", "limit", "--open", "--json").json

    names = {each["id"]: each["certainty"] for each in listed}
    assert names["study-pemilu"] == names["follow-up"] == "not read in full"
    assert "report-pemilu" not in names


def test_a_kind_that_there_is_not_is_answered_with_those_that_there_are(tmp_path: Path) -> None:
    ran = Netral(tmp_path).here("law", "ls", "--kind", "limits")

    assert ran.code == 2
    assert "limits is none of: legal basis, limit, sanction" in " ".join(ran.err.split())


def test_an_unknown_rule_is_refused(tmp_path: Path) -> None:
    ran = Netral(tmp_path).here("law", "show", "nothing")

    assert ran.code != 0
    assert "not a rule" in ran.out + ran.err

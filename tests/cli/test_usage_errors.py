"""Usage errors are a sentence that names the option and what may be meant; words that have another name now are still taken."""

from pathlib import Path

import pytest

from cli.groups import commands_of
from cli.words import old_words
from support.netral import Netral


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            "examiner verify-follow-up 0199 --status sesuai --date 2023-12-11",
            "--status: sesuai is none of: conforms, not-yet-conforms, not-yet-followed-up, cannot-be-followed-up; "
            "did you mean conforms?",
        ),
        (
            "--lang id examiner recommend 0199 --sanction-class berat",
            "--sanction-class: berat bukan salah satu dari: moral-closed, moral-open, discipline-light, discipline-medium, "
            "discipline-severe, dismissal; apakah maksudnya discipline-severe?",
        ),
        ("examiner recomend", "there is no command recomend; did you mean recommend or recommend-letter?"),
        (
            "examiner accept 0199 --register-numbr 1",
            "there is no option --register-numbr; did you mean --register-number?",
        ),
        ("examiner accept", "MATTER: is missing"),
        ("--lang id deadline calc follow-up", "--start: belum diisi"),
        ("matter ls these", "too much is given: these"),
        ("deadline calc follow-up --start 15-13-2023", "--start: there is no such day in the calendar"),
    ],
)
def test_a_usage_error_is_one_sentence_and_where_the_options_are(
    words: str, said: str, tmp_path: Path
) -> None:
    ran = Netral(tmp_path).here(*words.split())

    assert ran.code == 2
    first, second = ran.err.splitlines()
    assert first == said
    assert second.split(": ")[1].startswith("netral ") and second.endswith(" --help")


def test_a_rule_that_is_not_in_force_on_a_day_gives_no_date(tmp_path: Path) -> None:
    ran = Netral(tmp_path).here("deadline", "calc", "summons-gap", "--start", "2020-11-30")

    assert ran.code == 1
    assert "the rule summons-gap is in force since 2021-08-31" in ran.err


def test_old_words_lead_to_commands_that_there_are() -> None:
    for new in [*old_words.COMMANDS.values(), *(command for command, _, _ in old_words.VALUES)]:
        group, _, name = new.rpartition(" ")
        assert name in commands_of(group)
    assert old_words.renewed(["pledge", "verify", "p.json"]) == ["pledge", "check-proof", "p.json"]
    assert (
        old_words.renewed(["bawaslu", "intake", "assess", "01", "--category", "complete"])[-1]
        == "to-be-completed"
    )
    assert (
        old_words.renewed(["bawaslu", "intake", "assess", "--category=complete"])[-1]
        == "--category=to-be-completed"
    )
    assert old_words.renewed(["monitor", "summary"]) == ["monitor", "summary"]

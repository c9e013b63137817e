"""The language of a session, taken out of the words of a command line."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli import language
from support.netral import Netral


@pytest.fixture(autouse=True)
def _none_chosen_afterwards() -> Iterator[None]:
    yield
    language.take([])


@pytest.mark.parametrize(
    "words", [["--lang", "id", "status"], ["status", "--lang=id"], ["--lang=id", "status"]]
)
def test_a_language_is_taken_wherever_it_stands_and_however_it_is_joined(words: list[str]) -> None:
    assert language.take(words) == ["status"]
    assert language.chosen() == "id"


@pytest.mark.parametrize("words", [["status", "--lang"], ["--lang=", "status"], ["--lang", "fr"]])
def test_no_language_and_a_strange_one_are_answered_with_those_that_there_are(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        language.take(words)

    assert end.value.code == 2
    assert "is none of: id, en" in capsys.readouterr().err


def test_a_command_that_runs_in_a_test_leaves_its_language_to_no_other(tmp_path: Path):
    said = Netral(tmp_path).here("--lang", "id", "status").err

    assert "tidak berjalan" in said
    assert language.chosen() is None

"""Refusals in the language of their reader: every template stands in the catalogue, with the same parameters."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from refusals import Malformed, WrongState, catalogue, extract
from support import desks
from support.desks import Caller, Refused

SERVICES = Path(extract.__file__).parents[1]
OTHER_TEXTS = {
    "agreement/data_files.py": "the words that `look_up` is given",
    "bawaslu/intake/domain/checks.py": "the words that `_between` is given",
    "cooperation/disclosure/domain/requests.py": "an objection of the agreement",
    "exchange/delivery/inbox/decide.py": "an objection of the agreement",
    "host/calls/contract_words.py": "a rule that a contract states in its own words",
    "host/services/exchange_api.py": "an error of the exchange's operators' actions",
}


@cache
def raised() -> tuple[extract.Raised, ...]:
    """Every refusal in the code. Reading it takes seconds: not while tests are collected, by each worker."""
    return tuple(extract.raised(SERVICES))


def templates() -> set[str]:
    return {each.template for each in raised() if each.template is not None}


def translated() -> list[str]:
    """The templates that have a translation."""
    messages = catalogue.messages(catalogue.INDONESIAN)
    return sorted(message.id for message in messages if message.id and message.string)


def parameters(template: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", template))


def test_a_refusal_is_raised_with_a_literal_or_stands_in_the_list_of_other_texts():
    assert {each.file for each in raised() if each.template is None} == set(OTHER_TEXTS)


def test_every_template_is_in_both_catalogues_and_nothing_else_is():
    with (SERVICES / "refusals" / "refusals.pot").open("rb") as file:
        english = read_po(file)

    assert {message.id for message in english if message.id} == templates(), "run `make catalogue`"
    indonesian = catalogue.messages(catalogue.INDONESIAN)
    assert {message.id for message in indonesian if message.id} == templates(), "run `make catalogue`"


@pytest.mark.parametrize("template", translated())
def test_a_translation_has_the_parameters_of_its_template(template: str):
    assert parameters(catalogue.messages("id").get(template).string) == parameters(template)


def test_every_refusal_is_written_in_both_languages():
    left = {each for each in templates() if not catalogue.messages("id").get(each).string}

    assert left == set()


def test_every_place_gives_the_parameters_that_its_template_names():
    for each in raised():
        if each.template and parameters(each.template):
            tree = ast.parse((SERVICES / each.file).read_text(encoding="utf-8"))
            (call,) = (
                node
                for node in ast.walk(tree)
                if isinstance(node, ast.Call)
                and node.lineno == each.line
                and node.args
                and isinstance(node.args[0], ast.Constant)
                and node.args[0].value == each.template
            )
            given = {str(keyword.arg) for keyword in call.keywords} - {"field", "reason", "meant"}
            assert given == parameters(each.template), each


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("id", "id"),
        ("id-ID, en;q=0.5", "id"),
        ("en;q=0.5, id;q=0.9", "id"),
        ("nl, fr", "en"),
        ("id;q=0", "en"),
        ("id;q=much", "en"),
        ("*", "en"),
        (";;,,=", "en"),
    ],
)
def test_the_language_is_the_first_that_the_caller_asked_for_and_that_there_is(header: str, language: str):
    assert catalogue.language_of(header) == language


def test_a_refusal_is_written_in_either_language():
    refusal = WrongState("the list stands at: {state}", state="ERASED")

    assert (refusal.message, str(refusal)) == ("the list stands at: ERASED", "the list stands at: ERASED")
    assert catalogue.render(refusal, "en") == "the list stands at: ERASED"
    assert catalogue.render(refusal, "id") == "daftar berstatus ERASED"


def test_a_text_that_is_in_no_catalogue_is_taken_as_it_is():
    assert catalogue.render(Malformed("braces {of} another"), "id") == "braces {of} another"


async def test_the_front_door_answers_in_the_language_of_the_caller(tmp_path: Path):
    desks.write_trust(tmp_path)
    async with desks.serve("ppk", desks.settings(tmp_path, "ppk")) as served:
        english, indonesian = [
            await served.call(
                "/netral.ppk.v1.PpkReadService/GetMatter",
                b"",
                Caller(served.parties[0], role="king", language=language),
            )
            for language in ("", "id-ID")
        ]

    assert isinstance(english, Refused) and isinstance(indonesian, Refused)
    assert english.message.startswith("metadata netral-role is not one of officer")
    assert indonesian.message.startswith("metadata netral-role harus salah satu dari officer")
    assert (english.code, english.reason) == (indonesian.code, indonesian.reason)

"""Words for one act or statement, by its type and facts, for a state and a day: those of the newest pack format. Pure.

Whoever shows an act outside of a pack, such as `netral matter timeline`, takes its words from here, so that there is one list.
"""

from collections.abc import Sequence
from datetime import date

from google.protobuf.any_pb2 import Any as AnyMessage

from audit.packs.formats import LANGUAGES, word_table
from audit.packs.timeline.entries import facts_of
from audit.packs.timeline.officers_words import OfficersWords


def act_words(type: str, facts: AnyMessage) -> dict[str, str]:
    """Words for an act or statement by language (`id`, `en`); its type where nobody gave it words yet."""
    known = facts_of(facts) if facts.type_url else []
    facts_type = facts.type_url.rpartition("/")[2]
    return {language: OfficersWords(language).act(type, facts_type, known) for language in LANGUAGES}


def field_words(name: str) -> dict[str, str]:
    """Labels of a field of facts by language; empty where no pack shows it."""
    return dict(zip(LANGUAGES, word_table().words["field"].get(name, ()), strict=False))


def warning_words(reasons: Sequence[str]) -> dict[str, str]:
    """Words by language for the warnings that rules gave of an act, by their reasons."""
    return {language: OfficersWords(language).warned(reasons) for language in LANGUAGES}


def state_words(state: str) -> dict[str, str]:
    """Words by language for the state of a matter, or of what else has one; the state itself where nobody gave it words yet."""
    return {language: OfficersWords(language).code(state, "state") for language in LANGUAGES}


def day_words(day: date) -> dict[str, str]:
    """A day as it is written in each language, such as 12 Desember 2023."""
    return {language: OfficersWords(language).day(day.isoformat()) for language in LANGUAGES}

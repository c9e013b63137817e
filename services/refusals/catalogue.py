"""Texts of refusals in the languages of their readers, out of one catalogue (gettext).

English is the language of the templates, and of everything that is kept: receipts and records never depend on a caller's
language. `refusals.pot` lists every template, `id.po` has the Indonesian ones.
`make catalogue` writes both again from the code.
"""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from refusals import ActWarning, Parameter, ReasonNeeded, Refusal, fill

# A host that is asked in English only never imports babel.
if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

ENGLISH, INDONESIAN = "en", "id"
LANGUAGES = (ENGLISH, INDONESIAN)
_THINGS: Mapping[str, Mapping[str, str]] = {
    INDONESIAN: {
        "campaign": "kampanye",
        "disclosure": "pengungkapan",
        "document": "dokumen",
        "erasure": "penghapusan",
        "indication": "indikasi",
        "intake": "berkas masuk",
        "list": "daftar",
        "matter": "perkara",
        "notice": "pemberitahuan",
        "plan": "rencana",
        "watched matter": "perkara yang diawasi",
    }
}
"""Words for what a party may not have, which `{thing}` of a template names."""
_DID_YOU_MEAN = {ENGLISH: ("did you mean", "or"), INDONESIAN: ("apakah maksudnya", "atau")}
Word = Callable[[str, Parameter, str], Parameter]
"""Name of a parameter, its value, a language → words for the value."""


def _as_it_is(name: str, value: Parameter, language: str) -> Parameter:
    return value


def language_of(accept_language: str) -> str:
    """The language to answer in, of an `Accept-Language` (RFC 9110 §12.5.4) such as `id-ID, en;q=0.5`; English if in doubt."""
    if not accept_language:
        return ENGLISH
    from babel import negotiate_locale

    wanted = [_weighed(part) for part in accept_language.split(",")]
    wanted.sort(key=lambda each: -each[0])  # sorting is stable: of equal weight, the first stands first
    named = [tag for weight, tag in wanted if weight > 0]
    return negotiate_locale(named, LANGUAGES, sep="-") or ENGLISH


def _weighed(part: str) -> tuple[float, str]:
    tag, _, weight = part.partition(";q=")
    try:
        return float(weight or 1), tag.strip()
    except ValueError:
        return 0.0, tag.strip()


def render(text: Refusal | ActWarning, language: str, word: Word = _as_it_is) -> str:
    """The text of a refusal or warning in a language; English where there is no translation.

    `word` gives the words for a parameter's value, by the parameter's name and the language, where it is a code.
    """
    parameters = {name: word(name, value, language) for name, value in text.parameters.items()}
    if isinstance(text, ReasonNeeded):
        parameters["warnings"] = "; ".join(render(each, language, word) for each in text.warnings)
    if "thing" in parameters:
        thing = str(parameters["thing"])
        parameters["thing"] = _THINGS.get(language, {}).get(thing, thing)
    told = fill(_translated(language, text.template), parameters)
    if isinstance(text, Refusal) and text.meant:
        ask, either = _DID_YOU_MEAN[language]
        told += f"; {ask} {f' {either} '.join(text.meant)}?"
    return told


def _translated(language: str, template: str) -> str:
    if language == ENGLISH:
        return template
    message = messages(language).get(template)
    return str(message.string) if message is not None and message.string else template


@cache
def messages(language: str) -> "Catalog":
    """The catalogue of a language: `message.id` is the English template."""
    from babel.messages.pofile import read_po

    with resources.files("refusals").joinpath(f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)
